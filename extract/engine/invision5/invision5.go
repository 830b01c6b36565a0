// Package invision5 reads Invision Community 5.
//
// Its steps: Detect looks for the hooks that this generation writes into its
// templates and for its class names; Read hands over to the reader that
// versions 4 and 5 share.
package invision5

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/dom/ips"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"
)

// Engine reads Invision Community 5.
type Engine struct{}

// Name is "invision5".
func (Engine) Name() string { return "invision5" }

// marks are the body's hook, then posts, rows and layout.
var marks = []dom.Mark{
	{Name: "body.ipsApp with data-ips-hook", Weight: 70, Match: dom.Sel("body.ipsApp[data-ips-hook='body']")},
	{Name: "article.ipsEntry#elComment_N", Weight: 50, Match: dom.Sel("article.ipsEntry[id^='elComment_']")},
	{Name: ".ipsData__item rows", Weight: 35, Match: dom.Sel(".ipsData__item[data-rowid], .ipsData__item[data-forumid]")},
	{Name: "i-dropdown and layout columns", Weight: 25, Match: dom.Sel("i-dropdown, .ipsLayout__columns")},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar that all generations share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return ipsurl.Canonical(u) }

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	return ips.Read(c, f, d, "5"), nil
}
