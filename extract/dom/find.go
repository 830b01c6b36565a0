package dom

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Sel compiles a CSS selector. It panics on an invalid one, so it is for
// selectors that are written in the source, compiled once.
//
// Document.FindMatcher finds what such a selector matches through the
// document's inventory rather than by asking every element: pages are asked
// for the marks of every engine, and have those of one.
func Sel(css string) goquery.Matcher {
	group, err := cascadia.ParseGroup(css)
	if err != nil {
		panic("selector " + css + ": " + err.Error())
	}
	s := &selector{SelectorGroup: group}
	for _, one := range group {
		s.choices = append(s.choices, choiceOf(one))
	}
	return s
}

// selector is a compiled selector with what its choices need.
type selector struct {
	cascadia.SelectorGroup
	choices []choice
}

// MatchAll gives the node itself, if it matches, and its descendants that do:
// goquery asks the children of a selection one by one.
func (s *selector) MatchAll(n *html.Node) []*html.Node { return s.collect(n, nil) }

func (s *selector) collect(n *html.Node, found []*html.Node) []*html.Node {
	if n.Type == html.ElementNode && s.matches(n) {
		found = append(found, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			found = s.collect(c, found)
		}
	}
	return found
}

// matches asks a choice only about elements that have its first key: most have
// not, and that is cheap to see.
func (s *selector) matches(n *html.Node) bool {
	class, id := "", ""
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "class":
			class = n.Attr[i].Val
		case "id":
			id = n.Attr[i].Val
		}
	}
	for i := range s.choices {
		c := &s.choices[i]
		if len(c.own) > 0 && !c.own[0].isOn(n, class, id) {
			continue
		}
		if c.sel.Match(n) {
			return true
		}
	}
	return false
}

// isOn tells whether an element, with this class and id, has the mark.
func (k key) isOn(n *html.Node, class, id string) bool {
	switch k.kind {
	case keyClass:
		return len(class) >= len(k.name) && hasToken(class, k.name)
	case keyID:
		return strings.TrimSpace(id) == k.name
	case keyAttr:
		return HasAttr(n, k.name)
	}
	return n.Data == k.name
}

// Filter keeps the nodes that match.
func (s *selector) Filter(nodes []*html.Node) []*html.Node {
	return cascadia.Filter(nodes, s.SelectorGroup)
}

// choice is one alternative of a selector: what must be somewhere on the page
// for it to match at all, and what the matching element itself must have.
type choice struct {
	sel   cascadia.Sel
	needs []key // of ancestors and siblings too
	own   []key // of the element itself, the rarest kind first
}

// key is what an inventory is asked by.
type key struct {
	kind byte
	name string
}

const (
	keyTag   = 't'
	keyClass = '.'
	keyID    = '#'
	keyAttr  = '['
)

// choiceOf reads the keys off the selector's canonical text: ".class", "#id",
// "[attr" and tag names, each outside of brackets and of pseudo-classes.
func choiceOf(sel cascadia.Sel) choice {
	c := choice{sel: sel}
	var tags, own []key
	text := sel.String()
	for i := 0; i < len(text); {
		switch ch := text[i]; ch {
		case ' ', '>', '+', '~':
			tags, own = nil, nil // another element follows
			i++
		case '.', '#':
			name, n := cutName(text[i+1:])
			if name != "" {
				own, c.needs = append(own, key{ch, name}), append(c.needs, key{ch, name})
			}
			i += 1 + n
		case '[':
			end := i + bracketLen(text[i:])
			name := text[i+1 : i+1+nameLen(text[i+1:])]
			if name != "" && name != "class" && name != "id" {
				own, c.needs = append(own, key{keyAttr, name}), append(c.needs, key{keyAttr, name})
			}
			i = end
		case ':':
			i = pseudoEnd(text, i)
		default:
			name, n := cutName(text[i:])
			if name != "" {
				tags = append(tags, key{keyTag, name})
			}
			i += max(n, 1)
		}
	}
	c.own = slices.Concat(own, tags)
	return c
}

// cutName reads a name that stands at the start of a selector's text, and how
// long it is there: the canonical text writes a backslash before every
// character of it that is no letter, digit or underscore. A name with a
// character given by its number is cut, but not told.
func cutName(s string) (name string, length int) {
	var b strings.Builder
	told := true
	for length < len(s) {
		if n := nameLen(s[length:]); n > 0 {
			b.WriteString(s[length : length+n])
			length += n
			continue
		}
		if s[length] != '\\' || length+1 >= len(s) {
			break
		}
		next := s[length+1]
		if next >= '0' && next <= '9' || next >= 'a' && next <= 'f' || next >= 'A' && next <= 'F' {
			told = false
		}
		b.WriteByte(next)
		length += 2
	}
	if !told {
		return "", length
	}
	return b.String(), length
}

func nameLen(s string) int {
	n := 0
	for n < len(s) && (s[n] == '-' || s[n] == '_' || s[n] >= 0x80 || s[n] >= '0' && s[n] <= '9' || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z') {
		n++
	}
	return n
}

// bracketLen is the length of an attribute selector, quotes respected.
func bracketLen(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch {
		case quote != 0:
			if s[i] == quote && s[i-1] != '\\' {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case s[i] == ']':
			return i + 1
		}
	}
	return len(s)
}

// pseudoEnd is the end of a pseudo-class with its argument.
func pseudoEnd(s string, i int) int {
	i++
	i += nameLen(s[i:])
	if i >= len(s) || s[i] != '(' {
		return i
	}
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '[':
			i += bracketLen(s[i:]) - 1
		}
	}
	return i
}

// inventory lists a document's elements by what selectors ask for: ".class",
// "#id", "[attribute" and tag name, in document order.
type inventory struct {
	nodes []*html.Node
	by    map[key][]int32
}

func takeInventory(roots []*html.Node) *inventory {
	inv := &inventory{by: make(map[key][]int32, 256)}
	for _, n := range roots {
		inv.walk(n)
	}
	return inv
}

func (inv *inventory) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		inv.add(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		inv.walk(c)
	}
}

func (inv *inventory) add(n *html.Node) {
	at := int32(len(inv.nodes))
	inv.nodes = append(inv.nodes, n)
	inv.put(key{keyTag, n.Data}, at)
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "class":
			for class := range strings.FieldsSeq(a.Val) {
				inv.put(key{keyClass, class}, at)
			}
		case "id":
			inv.put(key{keyID, strings.TrimSpace(a.Val)}, at)
		default:
			inv.put(key{keyAttr, a.Key}, at)
		}
	}
}

func (inv *inventory) put(k key, at int32) {
	list := inv.by[k]
	if len(list) > 0 && list[len(list)-1] == at {
		return
	}
	inv.by[k] = append(list, at)
}

// find gives the elements that match, in document order.
func (inv *inventory) find(s *selector) []*html.Node {
	var hits []int32
	choices := 0
	for i := range s.choices {
		c := &s.choices[i]
		if !inv.hasAll(c.needs) {
			continue
		}
		choices++
		hits = inv.choose(c, hits)
	}
	if choices > 1 {
		slices.Sort(hits)
		hits = slices.Compact(hits)
	}
	if len(hits) == 0 {
		return nil
	}
	out := make([]*html.Node, len(hits))
	for i, at := range hits {
		out[i] = inv.nodes[at]
	}
	return out
}

func (inv *inventory) hasAll(keys []key) bool {
	for _, k := range keys {
		if len(inv.by[k]) == 0 {
			return false
		}
	}
	return true
}

// choose asks the elements that have the rarest of the choice's own keys.
func (inv *inventory) choose(c *choice, hits []int32) []int32 {
	if len(c.own) == 0 {
		for at, n := range inv.nodes {
			if c.sel.Match(n) {
				hits = append(hits, int32(at))
			}
		}
		return hits
	}
	best := inv.by[c.own[0]]
	for _, k := range c.own[1:] {
		if list := inv.by[k]; len(list) < len(best) {
			best = list
		}
	}
	for _, at := range best {
		if c.sel.Match(inv.nodes[at]) {
			hits = append(hits, at)
		}
	}
	return hits
}

// FindMatcher is goquery's, by way of the document's inventory.
func (d *Document) FindMatcher(m goquery.Matcher) *goquery.Selection {
	s, ok := m.(*selector)
	if !ok {
		return d.Document.FindMatcher(m)
	}
	if d.inventory == nil {
		d.inventory = takeInventory(d.Nodes)
	}
	return d.Document.FindNodes(d.inventory.find(s)...)
}
