// Package tree builds a page's tree: the one that golang.org/x/net/html builds
// of the same text, from fewer and larger allocations.
//
// It follows the HTML standard (§13.2, parsing HTML documents) for the markup
// that pages are made of: strings are cut out of the text rather than copied,
// nodes and attributes come in slabs, and text is searched rather than read
// byte by byte. Markup that the standard repairs by moving nodes about
// (misnested formatting around blocks, content between a table's rows) or that
// forums do not write (framesets, templates, mathematics) is left to x/net: the
// builder stops at it, and the whole text is parsed again there. So a tree
// never depends on which of the two has built it, and the tests hold the
// builder to that.
package tree

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Parse parses a page, with scripting off. The text is UTF-8. Nodes share the
// text's memory. The error is x/net's: elements nested deeper than it takes.
func Parse(text string) (*html.Node, error) {
	if doc := Build(text); doc != nil {
		return doc, nil
	}
	return html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
}

// Fragment parses a text as the content of a div, likewise.
func Fragment(text string) ([]*html.Node, error) {
	if nodes, ok := BuildFragment(text); ok {
		return nodes, nil
	}
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	return html.ParseFragmentWithOptions(strings.NewReader(text), context, html.ParseOptionEnableScripting(false))
}

// Build is Parse without x/net: nil where the text holds what the builder
// leaves to it.
func Build(text string) *html.Node {
	b := newBuilder(text)
	b.mode = initial
	if !b.run() {
		return nil
	}
	return b.doc
}

// BuildFragment is Fragment without x/net; false where the text holds what the
// builder leaves to it.
func BuildFragment(text string) ([]*html.Node, bool) {
	b := newBuilder(text)
	b.mode = inBody
	root := b.element("html", atom.Html, nil)
	link(b.doc, root)
	b.push(root)
	if !b.run() {
		return nil, false
	}
	var out []*html.Node
	for c := root.FirstChild; c != nil; c = root.FirstChild {
		root.RemoveChild(c)
		out = append(out, c)
	}
	return out, true
}

func newBuilder(text string) *builder {
	b := &builder{scanner: scanner{src: unixLines(text)}}
	b.slab.expect(strings.Count(b.src, "<"))
	b.doc = b.node(html.DocumentNode)
	return b
}

// unixLines makes every line end a line feed, as a tokenizer does (§13.2.3.5).
func unixLines(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		b.WriteByte('\n')
		text = text[i+1:]
		if text != "" && text[0] == '\n' {
			text = text[1:]
		}
	}
}

// slab hands out nodes and attributes from larger blocks.
type slab struct {
	nodes []html.Node
	attrs []html.Attribute
	block int // nodes in a block
	left  int // about how many nodes are still to come
}

// The largest blocks fit into the runtime's own size classes.
const (
	nodeBlock = 256
	attrBlock = 512
	minBlock  = 32
)

// expect sizes the blocks for a page with so many tags: it has about as many
// nodes, a start tag's element and the text that ends at an end tag.
func (s *slab) expect(tags int) { s.block, s.left = min(tags+8, nodeBlock), tags+8 }

func (s *slab) node(kind html.NodeType) *html.Node {
	if len(s.nodes) == 0 {
		s.nodes = make([]html.Node, max(min(s.left, s.block), minBlock))
		s.left -= len(s.nodes)
	}
	n := &s.nodes[0]
	s.nodes = s.nodes[1:]
	n.Type = kind
	return n
}

// keep copies attributes into the slab.
func (s *slab) keep(attrs []html.Attribute) []html.Attribute {
	n := len(attrs)
	if n == 0 {
		return nil
	}
	if n > len(s.attrs) {
		s.attrs = make([]html.Attribute, max(n, min(2*max(min(s.left, s.block), minBlock), attrBlock)))
	}
	out := s.attrs[:n:n]
	s.attrs = s.attrs[n:]
	copy(out, attrs)
	return out
}

// link appends a node, which has no place yet, to a parent's children.
func link(parent, n *html.Node) {
	n.Parent, n.PrevSibling = parent, parent.LastChild
	if parent.LastChild != nil {
		parent.LastChild.NextSibling = n
	} else {
		parent.FirstChild = n
	}
	parent.LastChild = n
}
