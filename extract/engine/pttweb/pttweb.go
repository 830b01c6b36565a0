// Package pttweb reads the pages that PTT's bulletin board system gives the web
// (pttweb): an article is the first post of a thread, the lines that readers
// pushed below it are the others.
//
// Its steps: Detect looks for the elements that the program's templates and
// renderer name; Read tells the kind by them, then reads an article with its
// pushes (thread.go, body.go), the rows of a board or the list of boards
// (listing.go). An article's name in its address holds the second in which it was
// written, which with the time that the page shows gives the board's zone.
package pttweb

import (
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Engine reads PTT's web pages.
type Engine struct{}

// Name is "pttweb".
func (Engine) Name() string { return "pttweb" }

var (
	selArticle = dom.Sel("#main-content.bbs-content, #main-container #main-content, #main-container .bbs-screen.bbs-content, .bbs-screen.bbs-content:has(.article-metaline)")
	selRow     = dom.Sel(".r-ent")
	selRows    = dom.Sel(".r-list-container")
	selBoard   = dom.Sel(".b-ent a.board[href]")
	selAge     = dom.Sel("form[action*='/ask/over18'], .over18-notice")
	selScreen  = dom.Sel(".bbs-screen.bbs-content")
)

// marks are what the templates and the renderer name.
var marks = []dom.Mark{
	{Name: "#main-content.bbs-content", Weight: 50, Match: dom.Sel("#main-content.bbs-content, .bbs-screen.bbs-content:has(.article-metaline)")},
	{Name: "#article-polling", Weight: 30, Match: dom.Sel("#article-polling[data-pollurl]")},
	{Name: ".article-metaline", Weight: 35, Match: dom.Sel(".article-metaline .article-meta-tag")},
	{Name: ".push-userid", Weight: 30, Match: selPushUser},
	{Name: ".r-list-container", Weight: 35, Match: selRows},
	{Name: ".r-ent", Weight: 30, Match: dom.Sel(".r-ent .nrec, .r-ent .title")},
	{Name: ".b-ent", Weight: 50, Match: dom.Sel(".b-ent .board-name")},
	{Name: "form to /ask/over18", Weight: 50, Match: selAge},
	{Name: "#topbar.bbs-content", Weight: 30, Match: dom.Sel("#topbar.bbs-content")},
	{Name: ".bbs-screen", Weight: 25, Match: dom.Sel(".bbs-screen")},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps a link to the page it leads to (url.go).
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return canonical(u) }

// reader reads one page.
type reader struct {
	doc    *dom.Document
	clock  *dom.Clock
	status int
	page   *forum.Page
	here   target
	gaps   dom.Gaps
}

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), status: c.Status, page: &forum.Page{}}
	r.here, _ = parse(d.URL)
	if d.URL.Host != "" {
		r.page.Root = d.URL.Scheme + "://" + d.URL.Host + "/"
	}
	r.page.Kind = r.kind()
	switch r.page.Kind {
	case forum.KindThread:
		r.thread()
	case forum.KindBoard:
		r.listing()
	case forum.KindIndex:
		r.boards()
	}
	r.page.Gaps = r.gaps
	learned := r.clock.Learned()
	learned.Lang = d.Lang
	r.page.Learned = learned
	return r.page, nil
}

func (r *reader) kind() forum.Kind {
	switch {
	case r.doc.Has(selAge):
		return forum.KindDenied
	case r.doc.Has(selArticle):
		return forum.KindThread
	case r.doc.Has(selRows), r.doc.Has(selRow):
		return forum.KindBoard
	case r.doc.Has(selBoard):
		return forum.KindIndex
	case r.status == 404, r.doc.Has(selScreen):
		return forum.KindMissing
	}
	return forum.KindOther
}
