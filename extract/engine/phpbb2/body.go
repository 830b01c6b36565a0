package phpbb2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteCell = dom.Sel("td.quote")
	selCodeCell  = dom.Sel("td.code")
	selQuoteHead = dom.Sel(".genmed")
)

// rules tells what an element of a body stands for. Quotes and code are tables:
// a row with the heading, then a cell of a class of its own.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Span && dom.HasClass(n, "gensmall"), dom.HasClass(n, "attachtable"), dom.HasClass(n, "postdetails"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotetitle"), dom.HasClass(n, "codetitle"), dom.HasClass(n, "spoiltitle"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotediv"):
		return r.quoteDiv(n)
	case dom.HasClass(n, "codediv"):
		joinBreaks(n)
		return dom.Part{Role: dom.Code}
	case dom.HasClass(n, "spoildiv"):
		return dom.Part{Role: dom.Spoiler}
	case n.DataAtom == atom.Span && dom.HasClass(n, "genmed") && strings.HasSuffix(dom.NodeText(n), ":"):
		return dom.Part{Role: dom.Drop} // the heading of a quote whose cell is gone
	case n.DataAtom == atom.Table && dom.Find(n, selFileLink) != nil:
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Table:
		if cell := ownCell(n, selCodeCell); cell != nil {
			joinBreaks(cell)
			return dom.Part{Role: dom.Code, Content: cell}
		}
		if cell := ownCell(n, selQuoteCell); cell != nil {
			q := forum.Quote{}
			if text := attribution(cell); text != "" && strings.Contains(text, " ") {
				q.Author = dom.WroteBy(text, r.wrote)
			}
			return dom.Part{Role: dom.Quote, Quote: q, Content: cell}
		}
	}
	return dom.Part{}
}

// quoteDiv is a quote of the boards that wrote their own: a heading "« NAME »
// wrote:", then the words.
func (r *reader) quoteDiv(n *html.Node) dom.Part {
	q := forum.Quote{}
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if text := dom.NodeText(c); dom.HasClass(c, "quotetitle") && strings.Contains(text, " ") {
			q.Author = strings.Trim(dom.WroteBy(text, r.wrote), "«»“”\" ")
		}
		break
	}
	return dom.Part{Role: dom.Quote, Quote: q}
}

// joinBreaks drops the line ends that the engine writes behind its breaks: in
// code both would count.
func joinBreaks(cell *html.Node) {
	for c := cell.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && c.PrevSibling != nil && c.PrevSibling.DataAtom == atom.Br {
			c.Data = strings.TrimLeft(c.Data, "\r\n")
		}
		if c.Type == html.ElementNode {
			joinBreaks(c)
		}
	}
}

// ownCell is the cell of a class in a table, unless it is that of a table
// within.
func ownCell(table *html.Node, m interface{ Match(*html.Node) bool }) *html.Node {
	var found *html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil && found == nil; c = c.NextSibling {
			if c.Type != html.ElementNode || c.DataAtom == atom.Table {
				continue
			}
			if m.Match(c) {
				found = c
				return
			}
			walk(c)
		}
	}
	walk(table)
	return found
}

// attribution is the heading of the table that a quote's cell stands in.
func attribution(cell *html.Node) string {
	table := dom.Closest(cell, selTable)
	if table == nil {
		return ""
	}
	if head := ownCell(table, selQuoteHead); head != nil {
		return dom.NodeText(head)
	}
	return ""
}

// line is what the engine draws between a text and its signature.
const line = "_________________"

// cutSignature takes the signature out of a body's cell: the line of
// underscores and what follows, up to the note on an edit.
func cutSignature(cell *html.Node) *html.Node {
	mark := lineNode(cell)
	if mark == nil {
		return nil
	}
	sig := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	mark.Data = strings.TrimPrefix(strings.TrimSpace(mark.Data), line)
	for n := mark; n != nil && n != cell; {
		parent := n.Parent
		for c := n; c != nil; {
			next := c.NextSibling
			if c != n || c == mark { // an ancestor stays, what follows it moves
				parent.RemoveChild(c)
				sig.AppendChild(c)
			}
			c = next
		}
		n = parent
	}
	for c := sig.FirstChild; c != nil; {
		next := c.NextSibling
		if dom.HasClass(c, "gensmall") { // the note belongs to the post
			sig.RemoveChild(c)
			cell.AppendChild(c)
		}
		c = next
	}
	return sig
}

// lineNode is the last text that begins with the line, outside of quotes.
func lineNode(n *html.Node) *html.Node {
	var found *html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && strings.HasPrefix(strings.TrimSpace(c.Data), line) {
			found = c
		}
		if c.Type == html.ElementNode && c.DataAtom != atom.Table {
			if f := lineNode(c); f != nil {
				found = f
			}
		}
	}
	return found
}
