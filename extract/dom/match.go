package dom

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Match tells whether a node matches.
func (s *selector) Match(n *html.Node) bool { return s.mayMatch(n) && s.matchChoices(n) }

// mayMatch tells most elements that do not match.
func (s *selector) mayMatch(n *html.Node) bool {
	return s.tags&tagBit(n.DataAtom) != 0 && (len(n.Attr) > 0 || !s.asks)
}

func (s *selector) matchChoices(n *html.Node) bool {
	class, read := "", false
	for i := range s.heads {
		h := &s.heads[i]
		if h.atom != 0 && h.atom != n.DataAtom || h.asks && len(n.Attr) == 0 {
			continue
		}
		if h.class != "" {
			if !read {
				class, read = classOf(n.Attr), true
			}
			if len(class) < len(h.class) || !hasToken(class, h.class) {
				continue
			}
		}
		c := &s.choices[i]
		if p := &c.parts[0]; p.match(n) && (len(c.parts) == 1 || c.around(n, 1, p.left)) {
			return true
		}
	}
	return false
}

func classOf(attrs []html.Attribute) string {
	for i := range attrs {
		if key := attrs[i].Key; len(key) == len("class") && key[0] == 'c' && key == "class" {
			return attrs[i].Val
		}
	}
	return ""
}

// firstBelow is the first descendant that matches, or nil.
func (s *selector) firstBelow(top *html.Node) *html.Node {
	for n := top; ; {
		if n = after(n, top); n == nil || n.Type == html.ElementNode && s.mayMatch(n) && s.matchChoices(n) {
			return n
		}
	}
}

// after is the node behind another in document order, below the top; nil is the end.
func after(n, top *html.Node) *html.Node {
	if n.FirstChild != nil {
		return n.FirstChild
	}
	for n != top {
		if n.NextSibling != nil {
			return n.NextSibling
		}
		n = n.Parent
	}
	return nil
}

// MatchAll gives the node itself, if it matches, and its descendants that do:
// goquery asks the children of a selection one by one.
func (s *selector) MatchAll(n *html.Node) []*html.Node {
	var found []*html.Node
	if n.Type == html.ElementNode && s.Match(n) {
		found = append(found, n)
	}
	for c := after(n, n); c != nil; c = after(c, n) {
		if c.Type == html.ElementNode && s.mayMatch(c) && s.matchChoices(c) {
			found = append(found, c)
		}
	}
	return found
}

// Filter keeps the nodes that match.
func (s *selector) Filter(nodes []*html.Node) []*html.Node {
	var out []*html.Node
	for _, n := range nodes {
		if s.Match(n) {
			out = append(out, n)
		}
	}
	return out
}

func (c *choice) match(n *html.Node) bool {
	p := &c.parts[0]
	return p.matchClass(n.Attr) && p.match(n) && (len(c.parts) == 1 || c.around(n, 1, p.left))
}

// around tells whether the parts from i on stand around an element that the
// ones before have matched.
func (c *choice) around(n *html.Node, i int, where byte) bool {
	switch where {
	case '>':
		return n.Parent != nil && c.fits(n.Parent, i)
	case '+':
		for n = n.PrevSibling; n != nil; n = n.PrevSibling {
			if n.Type != html.TextNode && n.Type != html.CommentNode {
				return c.fits(n, i)
			}
		}
		return false
	case '~':
		for n = n.PrevSibling; n != nil; n = n.PrevSibling {
			if c.fits(n, i) {
				return true
			}
		}
		return false
	}
	for n = n.Parent; n != nil; n = n.Parent {
		if c.fits(n, i) {
			return true
		}
	}
	return false
}

// fits tells whether an element is what part i asks for, with those around it.
func (c *choice) fits(n *html.Node, i int) bool {
	p := &c.parts[i]
	if p.atom != 0 && p.atom != n.DataAtom || p.asks && len(n.Attr) == 0 {
		return false
	}
	return p.matchClass(n.Attr) && p.match(n) && (i+1 == len(c.parts) || c.around(n, i+1, p.left))
}

// matchClass tells whether attributes have the class that is asked for first.
func (p *compound) matchClass(attrs []html.Attribute) bool {
	return p.class == "" || hasToken(classOf(attrs), p.class)
}

// match tells whether an element is what is asked for, its first class aside.
func (p *compound) match(n *html.Node) bool {
	if n.DataAtom != p.atom && p.tag != "" || n.Type != html.ElementNode {
		return len(p.others) > 0 && p.tag == "" && !p.asks && p.matchOthers(n)
	}
	if p.tag != "" && p.atom == 0 && n.Data != p.tag {
		return false
	}
	for i := range p.tests {
		if !p.tests[i].match(n.Attr) {
			return false
		}
	}
	return len(p.others) == 0 || p.matchOthers(n)
}

func (p *compound) matchOthers(n *html.Node) bool {
	for _, m := range p.others {
		if !m.Match(n) {
			return false
		}
	}
	return true
}

func (t *test) match(attrs []html.Attribute) bool {
	for i := range attrs {
		if attrs[i].Key == t.key && t.matchValue(attrs[i].Val) {
			return true
		}
	}
	return false
}

func (t *test) matchValue(v string) bool {
	if t.op == 0 {
		return true
	}
	if t.fold {
		return t.matchFolded(v)
	}
	switch t.op {
	case '=':
		return v == t.val
	case '~':
		return len(v) >= len(t.val) && t.val != "" && hasToken(v, t.val)
	case '^':
		return strings.HasPrefix(v, t.val) && !isBlankText(v)
	case '$':
		return strings.HasSuffix(v, t.val) && !isBlankText(v)
	}
	return strings.Contains(v, t.val) && !isBlankText(v)
}

func isBlankText(s string) bool { return strings.TrimSpace(s) == "" }

func (t *test) matchFolded(v string) bool {
	switch t.op {
	case '=':
		return strings.EqualFold(v, t.val)
	case '~':
		for token := range strings.FieldsSeq(v) {
			if strings.EqualFold(token, t.val) {
				return true
			}
		}
		return false
	}
	plain := test{key: t.key, val: strings.ToLower(t.val), op: t.op}
	return plain.matchValue(strings.ToLower(v))
}

// FindMatcher is goquery's, by way of the document's inventory.
func (d *Document) FindMatcher(m goquery.Matcher) *goquery.Selection {
	s, ok := m.(*selector)
	if !ok {
		return d.Document.FindMatcher(m)
	}
	return d.selection(d.elements().find(s))
}

// FirstOf is the first element that the first of these matchers finds which
// finds any.
func (d *Document) FirstOf(ms ...goquery.Matcher) *goquery.Selection {
	for _, m := range ms {
		if n := d.first(m); n != nil {
			return single(d.Selection, n)
		}
	}
	return &goquery.Selection{}
}

// ByID is the page's first element that has this id, or nil.
func (d *Document) ByID(id string) *html.Node {
	k := newKey(keyID, id)
	if e := d.elements().lookUp(&k); e != nil {
		return d.inventory.nodes[d.inventory.puts[e.first].node]
	}
	return nil
}

// Has tells whether anything on the page matches.
func (d *Document) Has(m goquery.Matcher) bool { return d.first(m) != nil }

// first is the page's first element that matches, or nil.
func (d *Document) first(m goquery.Matcher) *html.Node {
	s, ok := m.(*selector)
	if !ok {
		return firstOf(d.Document.FindMatcher(m).Nodes)
	}
	return d.elements().first(s)
}

// selection makes a selection of this document.
func (d *Document) selection(nodes []*html.Node) *goquery.Selection {
	s := *d.Selection
	s.Nodes = nodes
	return &s
}

func (d *Document) elements() *inventory {
	if d.inventory == nil {
		d.inventory = takeInventory(d.Nodes, d.tags)
	}
	return d.inventory
}
