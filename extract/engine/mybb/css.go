package mybb

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA    = dom.Sel("a")
	cssBody = dom.Sel("body")
	cssDtDt = dom.Sel("dt, dt *")
	cssForm = dom.Sel("form")
	cssTime = dom.Sel("time")
)
