package invision3

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssA                      = dom.Sel("a")
	cssAHref                  = dom.Sel("a[href]")
	cssAHrefAbbrSpanLi        = dom.Sel("a[href], abbr, span, li")
	cssColFContent            = dom.Sel(".col_f_content")
	cssLi                     = dom.Sel("li")
	cssPagejumpPagejumpA      = dom.Sel(".pagejump, .pagejump a")
	cssScript                 = dom.Sel("script")
	cssSpanReasonEmEditReason = dom.Sel("span.reason, em, .edit_reason")
	cssStrong                 = dom.Sel("strong")
	cssTr                     = dom.Sel("tr")
)
