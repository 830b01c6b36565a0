package dom

import (
	"strings"

	"forumine/extract/dom/tree"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Fragment parses a piece of HTML that a page carries as a string, as the
// content of a div, and gives that div. It stands outside the document; links
// in it resolve against the document when it is read by ReadBody. What the
// parser refuses (elements nested deeper than it takes) becomes plain text.
func Fragment(source string) *html.Node {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := tree.Fragment(source)
	if err != nil {
		nodes = []*html.Node{{Type: html.TextNode, Data: source}}
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}

// FragmentText is the text of a piece of HTML on one line.
func FragmentText(source string) string {
	if !strings.ContainsAny(source, "<&") {
		return Fold(source)
	}
	return NodeText(Fragment(source))
}

// Clone is a deep copy of a node, without its siblings and parent: readers that
// rewrite a body before they read it do so on a copy.
func Clone(n *html.Node) *html.Node {
	out := &html.Node{Type: n.Type, Data: n.Data, DataAtom: n.DataAtom, Namespace: n.Namespace, Attr: append([]html.Attribute(nil), n.Attr...)}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out.AppendChild(Clone(c))
	}
	return out
}

// Element makes an element with attributes given as pairs of key and value.
func Element(name string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	return n
}

// Replace puts one node in another's place; nil just takes the old one out.
func Replace(old, with *html.Node) {
	if old.Parent == nil {
		return
	}
	if with != nil {
		old.Parent.InsertBefore(with, old)
	}
	old.Parent.RemoveChild(old)
}
