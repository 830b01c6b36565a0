// Package xenforo2 reads XenForo 2.0 to 2.3 and its common themes.
//
// Its steps: Read tells the page's kind from the template that the engine names
// on the root element and from what stands on the page, then reads the thread
// (thread.go) and its posts (post.go); what the forks of XenForo 2 share,
// listings and member pages among it, is read by package xf2.
package xenforo2

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"
)

// Engine reads XenForo 2.
type Engine struct{ xfurl.Routes }

// Name is "xenforo2".
func (Engine) Name() string { return "xenforo2" }

// marks are the root's id and attributes, which themes keep, then the names of
// attributes and blocks that the engine's scripts need.
var marks = []dom.Mark{
	{Name: "html#XF", Weight: 70, Match: dom.Sel("html#XF:not([data-project])")},
	{Name: "html[data-app=public][data-template]", Weight: 60, Match: dom.Sel("html[data-app='public'][data-template]:not([data-project])")},
	{Name: "[data-xf-init]", Weight: 30, Match: dom.Sel("[data-xf-init]")},
	{Name: "article.message--post", Weight: 30, Match: dom.Sel("article.message--post, .structItem--thread, .node--forum")},
	{Name: "footer names XenForo", Weight: 20, Match: dom.Sel(".p-footer-copyright"), Text: "XenForo"},
}

var selFork = dom.Sel("html[data-project], .MessageCard, [qid]")

// Detect lists the marks that are on the page; a fork's page is the fork's.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if d.Has(selFork) {
		return nil
	}
	return d.Signals(marks)
}

// Canonical maps links by the grammar that all XenForos share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return xfurl.Canonical(u) }

// reader reads one page.
type reader struct{ *xf2.Reader }

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{xf2.New(c, f, d)}
	posts := r.messages()
	r.Page.Kind = r.Kind(len(posts) > 0)
	switch r.Page.Kind {
	case forum.KindThread:
		r.thread(posts)
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		r.Listings()
	case forum.KindProfile:
		r.Profile()
	}
	return r.Finish(), nil
}
