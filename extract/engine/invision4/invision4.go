// Package invision4 reads Invision Community 4 (IPS 4.0 to 4.7).
//
// Its steps: Detect tells this generation from the next by the class names of
// posts, rows and navigation; Read hands over to the reader that both share.
package invision4

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/dom/ips"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"
)

// Engine reads Invision Community 4.
type Engine struct{}

// Name is "invision4".
func (Engine) Name() string { return "invision4" }

var selNext = dom.Sel("body[data-ips-hook='body'], article.ipsEntry, .ipsData__item, .ipsLayout__columns")

// marks are the body's class with the controller, then list markup and scripts.
var marks = []dom.Mark{
	{Name: "body.ipsApp with a controller", Weight: 60, Match: dom.Sel("body.ipsApp[data-pagecontroller], body.ipsApp[data-controller*='core.front.core.app']")},
	{Name: "article#elComment_N.ipsComment", Weight: 50, Match: dom.Sel("article.ipsComment[id^='elComment_'], article.cPost[id^='elComment_']")},
	{Name: "li.ipsDataItem with data-rowid or data-forumid", Weight: 40, Match: dom.Sel(".ipsDataItem[data-rowid], .cForumRow[data-forumid]")},
	{Name: "#ipsLayout_body", Weight: 30, Match: dom.Sel("#ipsLayout_body, #ipsLayout_mainArea")},
	{Name: "data-quotedata", Weight: 20, Match: dom.Sel("[data-quotedata]")},
}

// Detect lists the marks that are on the page; a mark of the next generation
// silences them.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if d.Has(selNext) {
		return nil
	}
	return d.Signals(marks)
}

// Canonical maps links by the grammar that all generations share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return ipsurl.Canonical(u) }

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	return ips.Read(c, f, d, "4"), nil
}
