package vbmarkup

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssTableTboxFormBlockbodyPollblock = dom.Sel("table, .tbox, form, .pollresultsblock, .blockbody:not(#pollresults), .pollblock")
	cssTrTrowLiDl                      = dom.Sel("tr, .trow, li, dl")
)
