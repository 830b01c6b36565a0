package vbulletin5

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA                                    = dom.Sel("a")
	cssAHrefMember                          = dom.Sel("a[href*='/member/']")
	cssBPostAttachmentsFilenameJsAttachment = dom.Sel(".b-post-attachments__filename, .js-attachment__filename")
	cssDd                                   = dom.Sel("dd")
	cssIconPollBIconPoll                    = dom.Sel(".icon-poll, .b-icon__poll")
	cssImg                                  = dom.Sel("img")
	cssTime                                 = dom.Sel("time")
)
