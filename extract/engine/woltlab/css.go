package woltlab

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA            = dom.Sel("a")
	cssBody         = dom.Sel("body")
	cssDataThreadID = dom.Sel("[data-thread-id]")
	cssDd           = dom.Sel("dd")
)
