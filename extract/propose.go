package extract

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/engine/generic"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// Proposal is a profile that reads the posts of a page which its engine does
// not.
type Proposal struct {
	Profile *profile.Profile
	Posts   int // that it reads on the page
	Others  int // that the reading by structure finds besides, elsewhere on the page
}

// Propose looks for a profile where an engine claims a page and finds no author
// on it, while the reading by structure finds posts. The proposal has been tried
// on the page: it reads the same posts, names and times. ok is false where none
// is needed or none is found.
func Propose(c forum.Capture, f forum.Facts, d *dom.Document, o Options) (p Proposal, ok bool) {
	e, score, err := choose(d, o)
	if err != nil || e == nil || c.Status >= 400 || challenge(c, d, true) != "" {
		return p, false
	}
	page, err := readAs(e, score, c, f, d)
	if err != nil || anyAuthor(page.Posts) || len(page.Listing) > 0 || len(page.Boards) > 0 || page.Profile != nil {
		return p, false
	}
	byStructure, err := generic.Engine{}.Read(c, f, d)
	if err != nil || signed(byStructure.Posts) < 2 {
		return p, false
	}
	samples := generic.Samples(c, f, d)
	in := profile.Input{Capture: c, Facts: f, Doc: d, Canonical: e.Canonical}
	own, ok := profile.Propose(in, siteOf(page, d), o.Engine, examples(samples))
	if !ok {
		return p, false
	}
	read, err := ReadDocument(c, f, d, Options{Engine: o.Engine, Profiles: profile.Set{own}})
	if err != nil || !agrees(read.Posts, samples) {
		return p, false
	}
	return Proposal{own, len(read.Posts), max(0, len(byStructure.Posts)-len(read.Posts))}, true
}

// siteOf is the site that a profile for a page is for: the forum's root.
func siteOf(p *forum.Page, d *dom.Document) string {
	if strings.HasPrefix(d.URL.String(), p.Root) && p.Root != "" {
		return p.Root
	}
	return d.URL.Host
}

func examples(samples []generic.Sample) []profile.Example {
	out := make([]profile.Example, 0, len(samples))
	for _, s := range samples {
		out = append(out, profile.Example{Post: s.Post, Root: s.Root, Body: s.Body, Name: s.Name, Date: s.Date, ID: s.ID, IDAttr: s.IDAttr})
	}
	return out
}

// agrees tells whether a reading has found the samples, with the names and
// times that they are known by, in all that it found of them.
func agrees(posts []forum.Post, samples []generic.Sample) bool {
	if len(posts) != len(samples) {
		return false
	}
	for i := range posts {
		p, s := &posts[i], &samples[i].Post
		switch {
		case p.ID != "" && s.ID != "" && p.ID != s.ID,
			p.Author != nil && s.Author != nil && p.Author.Name != s.Author.Name,
			p.Published.Known() && !p.Published.At.Equal(s.Published.At),
			s.Body.Text != "" && p.Body.Text == "" && len(p.Media) == 0:
			return false
		}
	}
	return signed(posts) >= 2
}
