package xf2

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssAHref = dom.Sel("a[href]")
	cssDd    = dom.Sel("dd")
	cssImg   = dom.Sel("img")
)
