package invision2

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA           = dom.Sel("a")
	cssAHrefMid    = dom.Sel("a[href*='mid=']")
	cssB           = dom.Sel("b")
	cssBody        = dom.Sel("body")
	cssDataTopicID = dom.Sel("[data-topic-id]")
	cssStrong      = dom.Sel("strong")
	cssTable       = dom.Sel("table")
	cssTd          = dom.Sel("td")
	cssTitle       = dom.Sel("title")
	cssTr          = dom.Sel("tr")
)
