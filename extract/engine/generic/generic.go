// Package generic reads threads of forums whose program is not known, by their
// structure alone.
//
// Its steps: survey lists the page's elements once, with running sums of words,
// times and author marks (outline.go, marks.go); ranked weighs the elements
// that recur as posts (records.go); learn and assign find which path within a
// record plays which role (cells.go, fields.go, ids.go, indent.go); the bodies
// are read without labels and signatures (body.go); JSON-LD completes what is
// read, or stands in for it (structured.go); posts.go puts it together. Pages
// whose records look like a listing, an article or nothing in particular give
// no posts (verdict.go): the reading never guesses that a page is a thread
// where its structure does not say so.
package generic

import (
	"net/url"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Engine reads pages by their structure alone.
type Engine struct {
	// Guess says that nobody named the engine: nothing tells that the site is a forum.
	Guess bool
}

// Name is "generic".
func (Engine) Name() string { return "generic" }

// Detect lists nothing: the engine is used where no other is certain, and
// never competes with one.
func (Engine) Detect(*dom.Document) []dom.Signal { return nil }

// Canonical maps links by the words that forums put into their addresses.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return canonical(u) }

// reader reads one page.
type reader struct {
	doc     *dom.Document
	clock   *dom.Clock
	probe   *dom.Clock // tells what is a time at all, also where nothing says when the page was captured
	memo    map[string]dateMark
	facts   forum.Facts
	page    *forum.Page
	gaps    dom.Gaps
	out     *outline
	names   dom.Names // of those who post on the page
	foreign bool      // nothing says that the page is a forum's
	lead    bool      // the first post was found outside of the recurring ones

	guess   bool     // nobody says that the site is a forum
	routes  []route  // the forms of this forum's addresses, as far as they were learned
	learned []string // those that the page shows

	own        *forum.Link           // what the page's own address means; nil: not asked for yet
	links      map[string]forum.Link // what the page's links mean, as far as they were asked for
	anchors    map[string]bool       // names of places on the page; nil: not asked for yet
	scope      string                // the board that the page's thread counts within
	scopeKnown bool
	empty      map[span]bool // lines without counts
}

func newReader(c forum.Capture, f forum.Facts, d *dom.Document) *reader {
	r := &reader{doc: d, clock: pageClock(c, f, d), facts: f, page: &forum.Page{Kind: forum.KindOther}, memo: map[string]dateMark{}, routes: routesOf(f.Routes)}
	r.probe = r.clock
	if r.clock.Now().IsZero() {
		c.FetchedAt = time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)
		r.probe = dom.NewClock(c, f, d)
	}
	return r
}

// here is what the page's own address means, and whether it means anything.
func (r *reader) here() (forum.Link, bool) {
	if r.own == nil {
		link, _ := r.meaning(r.doc.URL)
		r.own = &link
	}
	return *r.own, r.own.Kind != ""
}

// Read reads a thread page, else a listing of threads or boards; anything else
// is a page of kind other without posts.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := newReader(c, f, d)
	r.guess = e.Guess
	r.read()
	r.page.Gaps = r.gaps
	learned := r.clock.Learned()
	learned.PostsPerPage, learned.Lang = r.page.Learned.PostsPerPage, d.Lang
	learned.Routes = strings.Join(r.learned, " ")
	r.page.Learned = learned
	return r.page, nil
}

func (r *reader) read() {
	if secondView(r.doc.URL) || r.doc.Has(selFeed) {
		r.gaps.Add("posts", "a print view, a search or a feed: the thread's own page says the same and more")
		return
	}
	r.survey()
	l := r.structured()
	posts, conf, strategy := r.posts(&l)
	if len(posts) == 0 {
		if r.listing(); len(r.page.Listing)+len(r.page.Boards) > 0 {
			return
		}
		r.page.Extract.Confidence = 0.1
		r.gaps.Add("posts", "no known forum engine left its signals on this page, and nothing on it recurs as posts do")
		return
	}
	r.page.Kind = forum.KindThread
	r.page.Posts = posts
	r.page.Extract.Strategy, r.page.Extract.Confidence = strategy, conf
	r.page.Extract.Warnings = append(r.page.Extract.Warnings, "guessed")
	if r.foreign {
		r.page.Extract.Warnings = append(r.page.Extract.Warnings, "maybe_comments")
		r.gaps.Add("thread", "neither the address nor the page says that this is a forum: comments below an article, and reviews, recur as posts do")
	}
	r.thread(&l)
	r.orderPositions()
	if repliesAlone(posts, r.lead || posts[0].ID != "" && posts[0].ID == r.page.Thread.ID) {
		r.gaps.Add("thread.author", "the page shows the replies as a tree, and what they reply to has no words of its own")
	} else {
		r.offsetPositions()
		dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
		dom.StartFromFirst(r.page, &r.gaps)
	}
	r.fieldGaps()
}
