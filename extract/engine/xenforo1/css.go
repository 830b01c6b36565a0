package xenforo1

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssBreadcrumb = dom.Sel(".breadcrumb")
	cssDd         = dom.Sel("dd")
	cssDt         = dom.Sel("dt")
	cssImg        = dom.Sel("img")
	cssStrong     = dom.Sel("strong")
)
