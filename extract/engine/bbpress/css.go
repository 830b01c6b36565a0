package bbpress

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssBody = dom.Sel("body")
)
