package smf

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA      = dom.Sel("a")
	cssDd     = dom.Sel("dd")
	cssH3     = dom.Sel("h3")
	cssLabel  = dom.Sel("label")
	cssLock   = dom.Sel(".lock")
	cssMove   = dom.Sel(".move")
	cssPoll   = dom.Sel(".poll")
	cssSticky = dom.Sel(".sticky")
	cssTd     = dom.Sel("td")
	cssTime   = dom.Sel("time")
)
