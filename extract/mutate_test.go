package extract_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// mutation is one damage to a page: a leaf element that is gone, or one
// attribute of one element.
type mutation struct {
	at   int    // the element's number in document order
	attr string // the attribute that goes; "" for the element itself
	what string // for messages
}

// decoded is a capture's body as UTF-8, whatever charset it is in.
func decoded(t *testing.T, c forum.Capture) []byte {
	t.Helper()
	text, _, err := dom.Decoded(c)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

// parsed is the tree of a page, read as the extraction reads it.
func parsed(t *testing.T, body []byte) *html.Node {
	t.Helper()
	root, err := html.ParseWithOptions(bytes.NewReader(body), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func rendered(t *testing.T, root *html.Node) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := html.Render(&b, root); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// elements lists the elements below a node in document order.
func elements(n *html.Node) []*html.Node {
	var out []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode {
			out = append(out, c)
		}
	}
	return out
}

// mutations lists everything that may be taken from a page: every element
// without elements in it, every attribute of every element. The frame that the
// parser would put back (html, head, body) stays, and so do the id and the class
// of the elements that carry a post's or row's id, which are what a post is told by; and so does the data that
// some engines write for their scripts, which is not a part of a page but a page.
func mutations(nodes []*html.Node, containers map[*html.Node]string) []mutation {
	var out []mutation
	for i, n := range nodes {
		if isData(n) {
			continue
		}
		if isLeaf(n) && n.Data != "html" && n.Data != "head" && n.Data != "body" {
			out = append(out, mutation{i, "", "element " + shown(n)})
		}
		id, container := containers[n]
		for _, a := range n.Attr {
			if container && (a.Key == "id" || a.Key == "class" || carries(a, id)) {
				continue
			}
			out = append(out, mutation{i, a.Key, "attribute " + a.Key + " of " + shown(n)})
		}
	}
	return out
}

// isData tells an element that holds a page as JSON, in its text or in one of
// its attributes.
func isData(n *html.Node) bool {
	if n.Data == "script" {
		return strings.Contains(textOf(n), `{"`)
	}
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return len(a.Val) > 500 && strings.HasPrefix(a.Val, `{"`) })
}

func isLeaf(n *html.Node) bool {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return false
		}
	}
	return true
}

func shown(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		fmt.Fprintf(&b, " %s=%q", a.Key, clip(a.Val, 60))
	}
	b.WriteString(">" + clip(dom.Fold(textOf(n)), 40))
	return b.String()
}

func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// apply takes what the mutation names from a tree; undo puts it back.
func (m mutation) apply(nodes []*html.Node) (undo func()) {
	n := nodes[m.at]
	if m.attr == "" {
		parent, next := n.Parent, n.NextSibling
		parent.RemoveChild(n)
		return func() { parent.InsertBefore(n, next) }
	}
	before := n.Attr
	n.Attr = slices.DeleteFunc(slices.Clone(before), func(a html.Attribute) bool { return a.Key == m.attr })
	return func() { n.Attr = before }
}

func within(n, outer *html.Node) bool {
	for ; n != nil && outer != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// containersOf finds the container of each post or row: the outermost element (each of
// them, where a page shows the post twice) whose id or data attribute carries the post's id and which holds the
// beginning of the post's text, its author's name where there is no text.
// Where none holds both, it is the first element with the id.
func containersOf(nodes []*html.Node, posts []forum.Post) map[*html.Node]string {
	out := map[*html.Node]string{}
	for _, p := range posts {
		p.ID = p.ID[strings.LastIndex(p.ID, "/")+1:] // "thread/number" where a page shows no ids
		p.ID = strings.TrimLeft(p.ID, letters)       // "d77": a thread's own post
		if p.ID == "" {
			p.ID = strconv.FormatInt(p.Position, 10) // where a page numbers its posts and shows no ids
		}
		first, _, _ := strings.Cut(p.Body.Text, " ")
		first, _, _ = strings.Cut(first, "\n")
		if first == "" && p.Author != nil {
			first = p.Author.Name
		}
		var fallback, last *html.Node
		for _, n := range nodes {
			if within(n, last) || !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return carries(a, p.ID) }) {
				continue
			}
			if fallback == nil {
				fallback = n
			}
			if strings.Contains(textOf(n), first) && !holdsOther(n, posts, p.ID) {
				last = n
				out[n] = p.ID
			}
		}
		if last == nil && fallback != nil {
			out[fallback] = p.ID
		}
	}
	return out
}

// holdsOther tells whether an element holds another post too.
func holdsOther(n *html.Node, posts []forum.Post, id string) bool {
	for _, e := range elements(n) {
		for _, a := range e.Attr {
			if a.Key == "id" && slices.ContainsFunc(posts, func(p forum.Post) bool { return p.ID != "" && p.ID != id && carries(a, p.ID) }) {
				return true
			}
		}
	}
	return false
}

var wholeNumber = regexp.MustCompile(`[0-9A-Za-z]+`)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// carries tells whether an attribute names a post by its id ("p12", "msg_12",
// "elComment-12", the class "post-12").
func carries(a html.Attribute, id string) bool {
	if a.Key == "class" {
		return slices.Contains(strings.Fields(a.Val), "post-"+id)
	}
	if a.Key != "id" && !strings.HasPrefix(a.Key, "data-") {
		return false
	}
	for _, word := range wholeNumber.FindAllString(a.Val, -1) {
		if word == id || strings.TrimLeft(word, letters) == id {
			return true
		}
	}
	return false
}
