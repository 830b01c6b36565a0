package fluxbb

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selCite      = dom.Sel(".quotebox > cite, blockquote > .incqbox > h4")
	selOwnCite   = dom.Sel("cite")
	selOldQuote  = dom.Sel(".incqbox")
	selOldCite   = dom.Sel("h4")
	selQuoteText = dom.Sel("blockquote")
	selPre       = dom.Sel("pre")
)

// rules tells what an element of a body stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case dom.HasClass(n, "postedit"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotebox"):
		return r.quotePart(n, selOwnCite, selQuoteText)
	case n.DataAtom == atom.Blockquote:
		return r.quotePart(n, selOldCite, selOldQuote)
	case dom.HasClass(n, "codebox"):
		if pre := dom.Find(n, selPre); pre != nil {
			return dom.Part{Role: dom.Code, Content: pre}
		}
	case n.DataAtom == atom.H4 && n.Parent != nil && dom.HasClass(n.Parent, "incqbox"):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.A && selFile.Match(n):
		return dom.Part{Role: dom.Drop} // read with the post's files
	}
	return dom.Part{}
}

// quotePart reads a quote; its attribution is text, and names no post.
func (r *reader) quotePart(n *html.Node, cite, content interface{ Match(*html.Node) bool }) dom.Part {
	q := forum.Quote{}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && cite.Match(c) {
			q.Author = dom.WroteBy(dom.NodeText(c), r.wrote)
		}
	}
	inner := child(n, content)
	if inner != nil && q.Author == "" && n.DataAtom == atom.Blockquote {
		if h := child(inner, cite); h != nil {
			q.Author = dom.WroteBy(dom.NodeText(h), r.wrote)
		}
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: inner}
}

func child(n *html.Node, m interface{ Match(*html.Node) bool }) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && m.Match(c) {
			return c
		}
	}
	return nil
}
