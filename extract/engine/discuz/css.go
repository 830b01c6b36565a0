package discuz

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssDd      = dom.Sel("dd")
	cssListTop = dom.Sel(".list_top")
	cssP       = dom.Sel("p")
	cssRsld    = dom.Sel(".rsld")
	cssStrong  = dom.Sel("strong")
	cssTbody   = dom.Sel("tbody")
	cssTdThLi  = dom.Sel("td, th, li")
	cssThH3    = dom.Sel("th, h3")
)
