package vanilla

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssAHref = dom.Sel("a[href]")
	cssBody  = dom.Sel("body")
)
