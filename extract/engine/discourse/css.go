package discourse

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA                   = dom.Sel("a")
	cssItempropDescription = dom.Sel("[itemprop='description']")
	cssTd                  = dom.Sel("td")
)
