package invision2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteCell = dom.Sel("td#QUOTE, td.QUOTE")
	selCodeCell  = dom.Sel("td#CODE, td.CODE, td#PHP, td#SQL, td#HTML")
	selLink      = dom.Sel("a[href]")
	selCell      = dom.Sel("td")
	selBlockHead = dom.Sel(".block-title")
	selBlockBody = dom.Sel(".block-body")
)

// rules tells what an element of a text stands for. Version 1.3 writes quotes
// and code as tables, version 2 as a heading and a box behind it.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.Span && dom.HasClass(n, "edit"), dom.HasClass(n, "signature"), dom.HasClass(n, "attach_preview"):
		return dom.Part{Role: dom.Drop}
	case anyClass(n, "quotetop", "codetop", "sqltop", "htmltop", "phptop", "block-title"):
		return dom.Part{Role: dom.Drop}
	case dom.HasClass(n, "quotemain"):
		return dom.Part{Role: dom.Quote, Quote: attribution(heading(n, "quotetop"))}
	case anyClass(n, "codemain", "sqlmain", "htmlmain", "phpmain"):
		return dom.Part{Role: dom.Code}
	case dom.HasClass(n, "post-block"):
		return block(n)
	case n.DataAtom == atom.Table:
		return table(n)
	case n.DataAtom == atom.Img && (dom.Attr(n, "emoid") != "" || strings.Contains(dom.Attr(n, "src"), "emoticons")):
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Img && (dom.HasClass(n, "attach") || strings.Contains(dom.Attr(n, "src"), "mime_types")):
		return dom.Part{Role: dom.Drop} // a file, read apart
	case selFile.Match(n):
		return dom.Part{Role: dom.Drop}
	}
	return dom.Part{}
}

func anyClass(n *html.Node, names ...string) bool {
	for _, name := range names {
		if dom.HasClass(n, name) {
			return true
		}
	}
	return false
}

// heading is the element of a class right before another.
func heading(n *html.Node, class string) *html.Node {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.ElementNode {
			if dom.HasClass(c, class) {
				return c
			}
			return nil
		}
	}
	return nil
}

// attribution reads "QUOTE(NAME @ TIME)" and the link to the post behind it.
func attribution(head *html.Node) forum.Quote {
	if head == nil {
		return forum.Quote{}
	}
	q := forum.Quote{}
	if a := dom.Find(head, selLink); a != nil {
		q.PostID = ipsurl.PostID(dom.Attr(a, "href"))
	}
	if _, inner, ok := strings.Cut(dom.NodeText(head), "("); ok {
		inner = strings.TrimSpace(inner)
		name, _, _ := cutLast(inner, " @ ")
		q.Author = strings.TrimSpace(strings.TrimSuffix(name, ")"))
	}
	return q
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// table reads a quote or code of version 1.3: a row with the heading, then the
// cell.
func table(n *html.Node) dom.Part {
	if cell := dom.Find(n, selCodeCell); cell != nil && dom.Find(n, selQuoteCell) == nil {
		return dom.Part{Role: dom.Code, Content: cell}
	}
	cell := dom.Find(n, selQuoteCell)
	if cell == nil {
		if head := dom.Find(n, selCell); head != nil && cells(n) == 1 && head.FirstChild != nil && head.FirstChild.DataAtom == atom.B {
			return dom.Part{Role: dom.Drop} // the heading of a quote whose cell is gone
		}
		return dom.Part{}
	}
	row := cell.Parent.PrevSibling
	for row != nil && row.Type != html.ElementNode {
		row = row.PrevSibling
	}
	return dom.Part{Role: dom.Quote, Quote: attribution(row), Content: cell}
}

func cells(n *html.Node) int {
	count := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Td {
			count++
		}
		count += cells(c)
	}
	return count
}

// block reads the boxes of a descendant: a title and a body.
func block(n *html.Node) dom.Part {
	content := dom.Find(n, selBlockBody)
	switch {
	case dom.HasClass(n, "quote"):
		q := forum.Quote{}
		if head := dom.Find(n, selBlockHead); head != nil {
			if a := dom.Find(head, selLink); a != nil {
				q.PostID = ipsurl.PostID(dom.Attr(a, "href"))
			}
			q.Author, _, _ = cutLast(dom.NodeText(head), " @ ")
		}
		return dom.Part{Role: dom.Quote, Quote: q, Content: content}
	case dom.HasClass(n, "spoil"):
		return dom.Part{Role: dom.Spoiler, Content: content}
	case dom.HasClass(n, "code"):
		return dom.Part{Role: dom.Code, Content: content}
	}
	return dom.Part{}
}
