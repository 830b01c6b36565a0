package phpbb2

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA     = dom.Sel("a")
	cssB     = dom.Sel("b")
	cssTable = dom.Sel("table")
	cssTd    = dom.Sel("td")
	cssTr    = dom.Sel("tr")
)
