package vbulletin3

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA                     = dom.Sel("a")
	cssAHref                 = dom.Sel("a[href]")
	cssAHrefDoFinduserHrefU  = dom.Sel("a[href*='do=finduser'][href*='u='], a[href*='do=addlist'][href*='u='], a[href*='sendmessage.php'][href*='u='], a[href*='private.php'][href*='u=']")
	cssDd                    = dom.Sel("dd")
	cssDiv                   = dom.Sel("div")
	cssImgSrcPoll            = dom.Sel("img[src*='poll']")
	cssStrong                = dom.Sel("strong")
	cssTable                 = dom.Sel("table")
	cssTcell                 = dom.Sel(".tcell")
	cssTd                    = dom.Sel("td")
	cssTdAlt2TdAlt1          = dom.Sel("td.alt2, td.alt1")
	cssTdAlt2TdAlt1TcellAlt2 = dom.Sel("td.alt2, td.alt1, .tcell, .alt2, td")
	cssTdTcell               = dom.Sel("td, .tcell")
	cssTr                    = dom.Sel("tr")
	cssTrTrow                = dom.Sel("tr, .trow")
)
