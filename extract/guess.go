package extract

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/engine/generic"
	"forumine/extract/forum"
)

// guess reads a page of no known engine by its structure alone. Where nothing
// on it recurs as posts do, the page stays unknown; error pages are not
// guessed at.
func guess(c forum.Capture, f forum.Facts, d *dom.Document) *forum.Page {
	if c.Status < 400 {
		e := generic.Engine{Guess: true}
		if p, err := e.Read(c, f, d); err == nil && len(p.Posts)+len(p.Listing)+len(p.Boards) > 0 {
			return finish(p, e, c, d)
		}
	}
	return finish(unknown(c, d), nil, c, d)
}

// rescue takes what an engine could not read of a thread page, because its
// selectors have drifted from the page, from the reading by structure: fields
// that none of its posts has, where both readings are of the same posts; else
// the posts themselves, where none has an author and that reading finds posts
// with authors and times.
func rescue(p *forum.Page, c forum.Capture, f forum.Facts, d *dom.Document) {
	if p.Kind != forum.KindThread || c.Status >= 400 {
		return
	}
	lacks := missing(p.Posts)
	if len(lacks) == 0 && anyAuthor(p.Posts) {
		return
	}
	g, err := generic.Engine{Guess: true}.Read(c, f, d)
	if err != nil {
		return
	}
	named := anyAuthor(p.Posts)
	if r := remedyFor(p.Posts, lacks, g.Posts, f); named || len(r.fields) == len(lacks) && len(lacks) > 0 && len(g.Posts) == len(p.Posts) {
		for _, field := range r.fields {
			fill(p, field, r.with)
		}
		return
	}
	if signed(g.Posts) < 2 || len(g.Posts) < len(p.Posts) || len(p.Posts) > 1 && !sureNames(pointers(g.Posts), f) {
		return // what the engine read is worth more than that
	}
	gaps := p.Gaps[:0:0]
	for _, gap := range p.Gaps {
		if !strings.HasPrefix(gap.Path, "posts") {
			gaps = append(gaps, gap)
		}
	}
	for _, gap := range g.Gaps {
		if strings.HasPrefix(gap.Path, "posts") {
			gaps = append(gaps, gap)
		}
	}
	p.Gaps, p.Posts = gaps, g.Posts
	if p.Thread == nil {
		p.Thread = g.Thread
	}
	p.Extract.Strategy, p.Extract.Confidence = g.Extract.Strategy, g.Extract.Confidence
	p.Extract.Warnings = []string{"selector_fallback"}
}

func pointers(posts []forum.Post) []*forum.Post {
	out := make([]*forum.Post, len(posts))
	for i := range posts {
		out[i] = &posts[i]
	}
	return out
}

func anyAuthor(posts []forum.Post) bool {
	for i := range posts {
		if a := posts[i].Author; a != nil && a.Name != "" {
			return true
		}
	}
	return false
}

// signed counts the posts with an author and a time.
func signed(posts []forum.Post) int {
	n := 0
	for i := range posts {
		if a := posts[i].Author; a != nil && a.Name != "" && posts[i].Published.Known() {
			n++
		}
	}
	return n
}

// leading makes a site's or a board's first page of which nothing could be read, and
// that leads to boards, a listing without rows: whoever names the generic reader says
// that it is a forum, and a crawl goes by the links then.
func leading(p *forum.Page, e Engine, d *dom.Document) {
	if p.Kind != forum.KindOther || d.URL.Host == "" {
		return
	}
	own, known := e.Canonical(d.URL)
	if known && own.Kind == forum.KindThread || !known && strings.Contains(strings.Trim(d.URL.Path, "/"), "/") {
		return
	}
	for _, l := range p.Links {
		if l.Kind == forum.KindBoard && l.Key != own.Key {
			p.Kind = forum.KindIndex
			p.Extract.Warnings = append(p.Extract.Warnings, "guessed")
			break
		}
	}
	if known && own.Kind == forum.KindBoard && p.Kind == forum.KindIndex {
		p.Kind = forum.KindBoard
	}
}
