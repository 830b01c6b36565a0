// Package xenforo2vs reads VerticalScope's fork of XenForo 2, which its sites
// mark with html[data-project="cali"].
//
// Its steps are those of XenForo 2; threads and posts have markup of their own
// (MessageCard), replies are nested below the posts that they answer, so that
// the order on the page is not the order of time. The rest is read by package
// xf2.
package xenforo2vs

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"
)

// Engine reads the fork.
type Engine struct{ xfurl.Routes }

// Name is "xenforo2vs".
func (Engine) Name() string { return "xenforo2vs" }

// marks are the project's name on the root, then the fork's own blocks and test
// ids (qid).
var marks = []dom.Mark{
	{Name: "html#XF[data-project=cali]", Weight: 95, Match: dom.Sel("html#XF[data-project='cali']")},
	{Name: "html[data-project=cali]", Weight: 60, Match: dom.Sel("html[data-project='cali']")},
	{Name: "html[data-project] of an html#XF", Weight: 50, Match: dom.Sel("html#XF[data-project]")},
	{Name: ".MessageCard", Weight: 60, Match: dom.Sel(".MessageCard, .MessageCard__container")},
	{Name: "[qid]", Weight: 20, Match: dom.Sel("[qid]")},
	{Name: "[qid] in an html#XF", Weight: 40, Match: dom.Sel("html#XF [qid]")},
	{Name: "[class*=california-]", Weight: 20, Match: dom.Sel("[class*='california-']")},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

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
