package ips

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssAHref                                  = dom.Sel("a[href]")
	cssDataCategoryidCForumRowSectionLiIpsBox = dom.Sel("[data-categoryid], .cForumRow, section, li.ipsBox")
	cssScript                                 = dom.Sel("script")
)
