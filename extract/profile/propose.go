package profile

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// Example is one post of a page as something else has read it, with the
// elements that it was read from; nil for those that are not known.
type Example struct {
	Post                       forum.Post
	Root, Body, Name, Date, ID *html.Node
	IDAttr                     string
}

// Propose writes a profile that reads a page's posts from where the examples
// stand. Fields for which no selector is found are left out; ok is false where
// there is none for the containers, or neither for names nor for bodies. In
// tells what the page is of; its Page is not looked at.
func Propose(in Input, site, engine string, examples []Example) (p *Profile, ok bool) {
	if len(examples) < 2 || Site(site) == "" {
		return nil, false
	}
	g := &proposer{reader: reader{Input: in, clock: dom.NewClock(in.Capture, in.Facts, in.Doc)}, examples: examples}
	for _, e := range examples {
		g.roots = append(g.roots, e.Root)
	}
	if g.each = induceEach(in.Doc, g.roots); g.each == "" {
		return nil, false
	}
	g.out = &Profile{Sites: []string{Site(site)}, Engine: engine}
	g.out.Post.Each = Field{Select: g.each, set: true}
	g.post()
	g.author()
	if !g.out.Author.Name.set && !g.out.Post.Body.set {
		return nil, false
	}
	p, err := Parse(g.out.YAML())
	return p, err == nil
}

type proposer struct {
	reader
	examples []Example
	roots    []*html.Node
	each     string
	out      *Profile
}

// nodesOf picks one element of each example.
func (g *proposer) nodesOf(of func(e *Example) *html.Node) []*html.Node {
	out := make([]*html.Node, len(g.examples))
	for i := range g.examples {
		out[i] = of(&g.examples[i])
	}
	return out
}

// try sets a field where a selector for the elements is found and every value
// that it gives is the one that the example has.
func (g *proposer) try(f *Field, list []*html.Node, attr string, takes []string, same func(i int, f *Field, n *html.Node) bool) bool {
	css, ok := induceIn(g.each, g.roots, list)
	if !ok {
		return false
	}
	for _, how := range takes {
		candidate := Field{Select: css, Attr: attr, Take: how, set: true}
		wrong := false
		for i, n := range list {
			wrong = wrong || n != nil && !same(i, &candidate, n)
		}
		if !wrong {
			*f = candidate
			return true
		}
	}
	return false
}

// wholeValue is for fields of which nothing is cut.
func wholeValue() []string { return []string{""} }

// numbers are the parts of a value that ids are, for a parameter's sake last.
func numbers(list []*html.Node, attr string) []string {
	out := []string{"", takeLastNumber, takeFirstNumber, takeLastPart}
	for _, n := range list {
		for _, part := range addressParts(dom.Attr(n, attr)) {
			if key, ok := strings.CutSuffix(part, "="); ok && !slices.Contains(out, takeParam+key) {
				out = append(out, takeParam+key)
			}
		}
	}
	return out
}

func (g *proposer) post() {
	p := &g.out.Post
	ids := g.nodesOf(func(e *Example) *html.Node { return e.ID })
	g.try(&p.ID, ids, g.examples[0].IDAttr, numbers(ids, g.examples[0].IDAttr), func(i int, f *Field, n *html.Node) bool {
		return f.of(n) == g.examples[i].Post.ID
	})
	links := g.nodesOf(g.permalinkOf)
	g.try(&p.Link, links, "href", wholeValue(), func(i int, f *Field, n *html.Node) bool {
		return g.resolve(f.of(n)) == g.examples[i].Post.URL
	})
	g.published()
	bodies := g.nodesOf(func(e *Example) *html.Node { return e.Body })
	if css, ok := induceIn(g.each, g.roots, bodies); ok && css != "" {
		p.Body = Field{Select: css, set: true}
	} else if ok || len(compact(bodies)) == 0 {
		p.Body = Field{Select: g.each, set: true} // the container as a whole
	}
	if css := g.signature(); css != "" && p.Body.set {
		p.Signature = Field{Select: css, set: true}
	}
}

func (g *proposer) permalinkOf(e *Example) *html.Node {
	if e.Post.URL == "" {
		return nil
	}
	for _, a := range within(e.Root, selLink, setOf(g.roots)) {
		if a != e.Root && g.resolve(dom.Attr(a, "href")) == e.Post.URL {
			return a
		}
	}
	return nil
}

// published tries the time element as it is, then each of its attributes.
func (g *proposer) published() {
	dates := g.nodesOf(func(e *Example) *html.Node { return e.Date })
	some := compact(dates)
	if len(some) == 0 {
		return
	}
	attrs := []string{""}
	for _, a := range some[0].Attr {
		attrs = append(attrs, a.Key)
	}
	for _, attr := range attrs {
		if g.try(&g.out.Post.Published, dates, attr, wholeValue(), func(i int, f *Field, n *html.Node) bool {
			return g.stamp(n, f).At.Equal(g.examples[i].Post.Published.At)
		}) {
			return
		}
	}
}

// signature is the class of elements that are named as signatures, "" for none.
func (g *proposer) signature() string {
	for _, root := range g.roots {
		if class := signatureClass(root); class != "" {
			return "." + class
		}
	}
	return ""
}

func signatureClass(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		for class := range strings.FieldsSeq(dom.Attr(c, "class")) {
			words := strings.FieldsFunc(strings.ToLower(class), func(r rune) bool { return r == '-' || r == '_' })
			named := slices.ContainsFunc(words, func(w string) bool { return w == "sig" || strings.HasSuffix(w, "signature") })
			if named && plainName(class) {
				return class
			}
		}
		if class := signatureClass(c); class != "" {
			return class
		}
	}
	return ""
}

func (g *proposer) author() {
	a := &g.out.Author
	isName := func(i int, f *Field, n *html.Node) bool {
		who := g.examples[i].Post.Author
		return who != nil && f.of(n) == who.Name
	}
	if !slices.ContainsFunc(g.namings(), func(names []*html.Node) bool { return g.try(&a.Name, names, "", wholeValue(), isName) }) {
		return
	}
	links := g.nodesOf(g.accountLink)
	hasURL := func(i int, f *Field, n *html.Node) bool { return g.resolve(f.of(n)) == g.examples[i].Post.Author.URL }
	if !g.try(&a.Link, links, "href", wholeValue(), hasURL) || g.canonicalIDs(links) {
		return
	}
	g.try(&a.ID, links, "href", numbers(links, "href")[1:], func(i int, f *Field, n *html.Node) bool {
		return f.of(n) == g.examples[i].Post.Author.ID
	})
}

// namings are the ways to tell which elements the names are: as they were read,
// as the first on the post that show the name, and each of these with the
// elements around them that show nothing else.
func (g *proposer) namings() [][]*html.Node {
	read, first := g.nodesOf(g.nameOf), g.nodesOf(g.firstName)
	return [][]*html.Node{read, g.climbed(read), first, g.climbed(first)}
}

func (g *proposer) climbed(list []*html.Node) []*html.Node {
	out := slices.Clone(list)
	for i, n := range out {
		if n == nil {
			continue
		}
		for n.Parent != nil && n.Parent != g.roots[i] && dom.NodeText(n.Parent) == dom.NodeText(n) {
			n = n.Parent
		}
		out[i] = n
	}
	return out
}

func (g *proposer) firstName(e *Example) *html.Node {
	if e.Post.Author == nil {
		return nil
	}
	return shows(e.Root, e.Post.Author.Name, e.Body, setOf(g.roots))
}

// nameOf is the element that shows an author's name and nothing else.
func (g *proposer) nameOf(e *Example) *html.Node {
	if e.Post.Author != nil && e.Name != nil && dom.NodeText(e.Name) == e.Post.Author.Name {
		return e.Name
	}
	return g.firstName(e)
}

// shows is the innermost first element whose text is this.
func shows(top *html.Node, text string, but *html.Node, apart nodes) *html.Node {
	for c := top.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || c == but || apart[c] {
			continue
		}
		if in := shows(c, text, but, apart); in != nil {
			return in
		}
		if dom.NodeText(c) == text {
			return c
		}
	}
	return nil
}

// accountLink is the link that an author's name stands in or holds.
func (g *proposer) accountLink(e *Example) *html.Node {
	if e.Post.Author == nil || e.Post.Author.URL == "" {
		return nil
	}
	for _, a := range within(e.Root, selLink, setOf(g.roots)) {
		if a != e.Root && g.resolve(dom.Attr(a, "href")) == e.Post.Author.URL {
			return a
		}
	}
	return nil
}

// canonicalIDs tells whether the engine's grammar names the accounts already.
func (g *proposer) canonicalIDs(links []*html.Node) bool {
	for _, n := range compact(links) {
		if l, ok := g.leads(g.resolve(dom.Attr(n, "href"))); !ok || l.Kind != forum.KindProfile {
			return false
		}
	}
	return true
}
