package vbulletin4

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssAHrefSearchPhpHrefUserid     = dom.Sel("a[href*='search.php'][href*='userid=']")
	cssAuthorThreadmeta             = dom.Sel(".author, .threadmeta")
	cssDd                           = dom.Sel("dd")
	cssFormVbform                   = dom.Sel("form.vbform")
	cssLabel                        = dom.Sel("label")
	cssPrefix                       = dom.Sel(".prefix")
	cssStickies                     = dom.Sel("#stickies")
	cssSticky                       = dom.Sel(".sticky")
	cssUsernameContainerAHrefMember = dom.Sel(".username_container a[href*='member']")
)
