package phpbb3

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA                          = dom.Sel("a")
	cssAHref                      = dom.Sel("a[href]")
	cssAHrefP                     = dom.Sel("a[href^='#p']")
	cssAUsernameAUsernameColoured = dom.Sel("a.username, a.username-coloured")
	cssDd                         = dom.Sel("dd")
	cssDiv                        = dom.Sel("div")
	cssDt                         = dom.Sel("dt")
	cssH4                         = dom.Sel("h4")
	cssH4A                        = dom.Sel("h4 a")
	cssSpanGen                    = dom.Sel("span.gen")
	cssSpanGenmed                 = dom.Sel("span.genmed")
	cssSpanGensmall               = dom.Sel("span.gensmall")
	cssTable                      = dom.Sel("table")
	cssTableTableTr               = dom.Sel("table table tr")
	cssTd                         = dom.Sel("td")
	cssTdGen                      = dom.Sel("td.gen")
	cssTdGenB                     = dom.Sel("td.gen b")
	cssTr                         = dom.Sel("tr")
	cssUl                         = dom.Sel("ul")
)
