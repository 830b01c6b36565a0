package nodebb

import "forumine/extract/dom"

// Selectors that are asked for in passing, named after what they say.
var (
	cssAHrefCategory    = dom.Sel("a[href*='/category/']")
	cssAccountBioValue  = dom.Sel(".account-bio-value")
	cssAccountDataUID   = dom.Sel(".account [data-uid]")
	cssAjaxifyData      = dom.Sel("#ajaxify-data")
	cssDataUID          = dom.Sel("[data-uid]")
	cssItempropAuthor   = dom.Sel("[itemprop='author']")
	cssMetaItempropName = dom.Sel("meta[itemprop='name']")
	cssMetaItempropURL  = dom.Sel("meta[itemprop='url']")
	cssTitle            = dom.Sel("[title]")
)
