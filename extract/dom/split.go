package dom

import (
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SplitLines gives the text of an element line by line, as br elements and
// blocks divide it, without the descendants that match drop (nil: none). Empty
// lines are left out.
func SplitLines(n *html.Node, drop goquery.Matcher) []string {
	var out []string
	for _, line := range SplitNodes(n, drop) {
		b := make([]byte, 0, 256)
		for _, e := range line {
			b = appendText(b, e)
		}
		if text := foldBytes(b); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// SplitNodes is SplitLines with each line as the inline nodes that it is made
// of, for lines that hold links or titles.
func SplitNodes(n *html.Node, drop goquery.Matcher) [][]*html.Node {
	if n == nil {
		return nil
	}
	s := &splitter{drop: drop}
	s.children(n)
	s.cut()
	return s.lines
}

type splitter struct {
	drop  goquery.Matcher
	lines [][]*html.Node
	line  []*html.Node
}

func (s *splitter) cut() {
	if len(s.line) > 0 {
		s.lines = append(s.lines, s.line)
	}
	s.line = nil
}

func (s *splitter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			s.line = append(s.line, c)
		case c.Type != html.ElementNode || isRaw(c):
		case s.drop != nil && s.drop.Match(c):
		case c.DataAtom == atom.Br:
			s.cut()
		case gap(c) > 0 || c.DataAtom == atom.Td || c.DataAtom == atom.Th || c.DataAtom == atom.Tbody:
			s.cut()
			s.children(c)
			s.cut()
		case hasBreak(c):
			s.children(c)
		default:
			s.line = append(s.line, c)
		}
	}
}

// hasBreak tells an inline element that holds lines of its own, or something to
// drop is left to the text readers: only breaks count here.
func hasBreak(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if c.DataAtom == atom.Br || gap(c) > 0 || hasBreak(c) {
			return true
		}
	}
	return false
}
