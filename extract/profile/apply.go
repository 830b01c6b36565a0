package profile

import (
	"net/url"
	"slices"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Input is what a profile reads from: a capture, what is known of its site, and
// the page as the engine read it, which Apply changes in place. Canonical is
// the engine's map of links.
type Input struct {
	Capture   forum.Capture
	Facts     forum.Facts
	Doc       *dom.Document
	Page      *forum.Page
	Canonical func(*url.URL) (forum.Link, bool)
}

// Apply puts what the profile's selectors find in place of what the engine
// read, and tells whether it found posts or rows. A wall stays a wall unless a
// post of the profile's shows words.
func (p *Profile) Apply(in Input) bool {
	r := &reader{Input: in, p: p, page: in.Page, base: in.Page.Gaps}
	r.clock = dom.NewClock(in.Capture, r.facts(), in.Doc)
	r.posts, r.rows = r.all(&p.Post.Each), r.all(&p.Listing.Each)
	r.inPosts, r.inRows = setOf(r.posts), setOf(r.rows)
	read := false
	switch {
	case r.isThread():
		read = len(r.posts) > 0
		r.thread()
	case r.isListing():
		read = len(r.rows) > 0
		r.listing()
	default:
		return false
	}
	if r.page.Root == "" {
		r.page.Root = p.root(in.Doc.URL)
	}
	if read {
		r.page.Extract.Strategy, r.page.Extract.Confidence = "profile", r.confidence()
	}
	r.page.Gaps = slices.Concat(r.page.Gaps, r.gaps)
	r.teach()
	return read
}

// nodes is a set of elements.
type nodes map[*html.Node]bool

func setOf(list []*html.Node) nodes {
	s := make(nodes, len(list))
	for _, n := range list {
		s[n] = true
	}
	return s
}

// reader applies a profile to one page.
type reader struct {
	Input
	p     *Profile
	clock *dom.Clock
	page  *forum.Page
	base  []forum.Gap // the engine's gaps
	gaps  dom.Gaps    // the profile's own

	posts, rows     []*html.Node // containers
	inPosts, inRows nodes        // the same as sets
	sameOrder       bool         // the engine has read the same posts: their places are its to tell
	asked, found    int          // fields that the profile names, over all containers
}

// facts are what is known of the site, with what the engine has just learned
// from the page.
func (r *reader) facts() forum.Facts {
	f := r.Facts
	if l := r.page.Learned; l.Zone != "" && f.ZoneSource != forum.ZoneConfigured {
		f.Zone, f.ZoneSource = l.Zone, l.ZoneSource
	}
	if f.DateOrder == "" {
		f.DateOrder = r.page.Learned.DateOrder
	}
	return f
}

// teach adds what the profile's own clock has learned.
func (r *reader) teach() {
	l, learned := &r.page.Learned, r.clock.Learned()
	if l.DateOrder == "" {
		l.DateOrder = learned.DateOrder
	}
	if l.Lang == "" {
		l.Lang = r.Doc.Lang
	}
}

func (r *reader) confidence() float64 {
	if r.asked == 0 {
		return r.page.Extract.Confidence
	}
	return float64(100*r.found/r.asked) / 100
}

// all are the elements of the page that a field matches.
func (r *reader) all(f *Field) []*html.Node {
	if f.match == nil {
		return nil
	}
	return r.Doc.FindMatcher(f.match).Nodes
}

func (r *reader) matches(f *Field) bool { return len(r.all(f)) > 0 }

// isThread tells whether the profile's posts make the page a thread. What the
// engine read as something else, with content, stays that.
func (r *reader) isThread() bool {
	if w := &r.p.Thread.When; w.set && !r.matches(w) {
		return false
	}
	p := r.page
	switch p.Kind {
	case forum.KindThread:
		return true
	case forum.KindChallenge:
		return false
	}
	if len(r.posts) == 0 {
		return false
	}
	switch {
	case r.p.Thread.When.set && !p.Kind.IsWall():
		return true
	case p.Kind.IsWall():
		return r.hasWords()
	}
	return len(p.Listing) == 0 && len(p.Boards) == 0 && (p.Profile == nil || p.Profile.Name == "")
}

// hasWords tells whether a post of the profile's shows words and who wrote them.
func (r *reader) hasWords() bool {
	if !r.p.Post.Body.set {
		return false
	}
	for _, n := range r.posts {
		body := r.first(n, &r.p.Post.Body, r.inPosts)
		if body != nil && dom.NodeText(body) != "" && r.value(n, &r.p.Author.Name, r.inPosts) != "" {
			return true
		}
	}
	return false
}

func (r *reader) isListing() bool {
	if w := &r.p.Listing.When; w.set && !r.matches(w) {
		return false
	}
	switch r.page.Kind {
	case forum.KindBoard, forum.KindSearch:
		return true
	case forum.KindThread, forum.KindPost, forum.KindProfile:
		return false
	}
	return len(r.rows) > 0 && !r.page.Kind.IsWall() && (r.p.Listing.When.set || len(r.page.Boards) == 0)
}

// within lists the elements of a container that a field matches, the container
// itself included, in document order. Containers that lie in it, and what lies
// in a match, are left out.
func within(top *html.Node, m goquery.Matcher, apart nodes) []*html.Node {
	if m == nil || m.Match(top) {
		return []*html.Node{top}
	}
	var out []*html.Node
	for c := top.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !apart[c] {
			out = append(out, within(c, m, apart)...)
		}
	}
	return out
}

// first is the first element that a field matches in a container and that has
// a value for it; without a value, the first that matches; nil for none.
func (r *reader) first(top *html.Node, f *Field, apart nodes) *html.Node {
	if !f.set {
		return nil
	}
	found := within(top, f.match, apart)
	for _, n := range found {
		if f.of(n) != "" {
			return n
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func (r *reader) value(top *html.Node, f *Field, apart nodes) string {
	if n := r.first(top, f, apart); n != nil {
		return f.of(n)
	}
	return ""
}

// of is a field's value on an element.
func (f *Field) of(n *html.Node) string {
	s := dom.NodeText(n)
	if f.Attr != "" {
		s = dom.Fold(dom.Attr(n, f.Attr))
	}
	return take(f.Take, s)
}

// address is a field's value as an absolute address.
func (r *reader) address(top *html.Node, f *Field, apart nodes) string {
	n := r.first(top, f, apart)
	if n == nil {
		return ""
	}
	return r.resolve(f.of(n))
}

// resolve takes addresses of a place on the page itself, too.
func (r *reader) resolve(href string) string {
	if len(href) > 1 && href[0] == '#' {
		u := *r.Doc.URL
		u.Fragment, u.RawFragment = href[1:], ""
		return u.String()
	}
	return r.Doc.Resolve(href)
}

// leads is the page that an address leads to, by the engine's grammar.
func (r *reader) leads(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || href == "" || r.Canonical == nil {
		return forum.Link{}, false
	}
	return r.Canonical(u)
}

// stamp reads a time: from the named attribute, else as any time element.
func (r *reader) stamp(n *html.Node, f *Field) forum.Stamp {
	if n == nil {
		return forum.Stamp{}
	}
	if f.Attr != "" {
		v := f.of(n)
		if st := r.clock.Machine(v, dom.NodeText(n)); st.Known() {
			return st
		}
		return r.clock.Text(v)
	}
	st := r.clock.Element(&goquery.Selection{Nodes: []*html.Node{n}})
	if !st.Known() { // a title may be of something else
		st = r.clock.Text(dom.NodeText(n))
	}
	if st.Known() && st.Raw != dom.NodeText(n) {
		return st
	}
	if in, _, _ := r.clock.Within(dom.NodeText(n)); in.Known() && in.At.Equal(st.At) {
		return in // without the words around it
	}
	return st
}

// count notes whether a field that the profile names was found, and records a
// gap where it was not and nothing else has told it.
func (r *reader) count(f *Field, ok, known bool, path, key string) {
	if !f.set {
		return
	}
	r.asked++
	if ok {
		r.found++
	} else if !known {
		r.gaps.Add(path, "the profile's selector for "+key+" finds nothing")
	}
}
