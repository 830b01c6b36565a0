package generic

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// bodyReader reads the bodies of one cluster.
type bodyReader struct {
	r    *reader
	c    *cluster
	drop map[*html.Node]bool
}

// body reads an entry's words: the element that the cluster's records hold
// their words in, or the record without what plays another role.
func (r *reader) body(c *cluster, e *entry, skip map[*html.Node]bool) dom.Content {
	b := &bodyReader{r: r, c: c, drop: skip}
	for k, ce := range e.cells {
		if b.chrome(e, ce) || e.body == nil && k > 0 && c.metaLine(e, k) {
			b.drop[c.out.items[ce.item].n] = true
		}
	}
	if e.body != nil {
		return r.doc.ReadBody(b.rules, e.body)
	}
	return r.doc.ReadBody(b.rules, r.roots(c, e)...)
}

// roots are an entry's outermost elements.
func (r *reader) roots(c *cluster, e *entry) []*html.Node {
	var out []*html.Node
	end := int32(-1)
	for _, ce := range e.cells {
		if ce.item >= end {
			out = append(out, c.out.items[ce.item].n)
			end = c.out.items[ce.item].end
		}
	}
	return out
}

// chrome tells cells that are no words of the author: labels that stand in
// most records, signatures, edit notes, and outside of a known body names and
// times.
func (b *bodyReader) chrome(e *entry, ce cell) bool {
	o := b.c.out
	n := o.items[ce.item].n
	if n == e.body || n.DataAtom == atom.Blockquote {
		return false
	}
	if o.meaning(dom.Attr(n, "class")).signature || isSignature(dom.Attr(n, "id")) {
		return true
	}
	whole := o.letters[o.items[ce.item].end]-o.letters[ce.item] == o.letters[ce.item+1]-o.letters[ce.item]
	if whole && ce.hash != 0 && ownLetters(n.Parent) == 0 && b.c.constant(ce) && b.c.common[textAt{ce.path, ce.hash}] >= 3 {
		return true
	}
	if e.body != nil || ce.item == e.from {
		return false
	}
	if o.hints[ce.item] > 0 || b.c.boxed(e, ce.item) {
		return true
	}
	if _, dated := o.dated[ce.item]; dated && whole {
		return true
	}
	return n.DataAtom == atom.Ul && sum(o.linked, ce.item, o.items[ce.item].end) == sum(o.letters, ce.item, o.items[ce.item].end)
}

// metaLine tells elements that hold a name or a time and beside it nothing but
// labels: "by NAME » TIME".
func (c *cluster) metaLine(e *entry, k int) bool {
	o := c.out
	end := o.items[e.cells[k].item].end
	marks := sum(o.dates, e.cells[k].item, end) + sum(o.authors, e.cells[k].item, end)
	if marks == 0 || sum(o.letters, e.cells[k].item, end) > 150 {
		return false
	}
	if lone := sum(o.letters, e.cells[k].item, end) - sum(o.linked, e.cells[k].item, end); len(c.entries) == 1 && lone <= 25*marks && e.cells[k].item != e.from {
		return true
	}
	for _, ce := range e.cells[k:] {
		if ce.item >= end {
			break
		}
		_, dated := o.dated[ce.item]
		if o.letters[ce.item+1] > o.letters[ce.item] && !dated && o.hints[ce.item] == 0 && !c.constant(ce) && o.linked[ce.item+1] == o.linked[ce.item] {
			return false
		}
	}
	return true
}

// rules are the shared habits of quoting and hiding in forums.
func (b *bodyReader) rules(n *html.Node) dom.Part {
	if b.drop[n] || n.DataAtom == atom.Time {
		return dom.Part{Role: dom.Drop}
	}
	if n.DataAtom == atom.Blockquote || quoteBox(n) {
		return b.quote(n)
	}
	return dom.Part{}
}

// quoteBox tells elements that are named as quotes and are no blockquotes and
// hold none, which would be the quote itself.
func quoteBox(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Div, atom.Table, atom.Fieldset, atom.Section:
	default:
		return false
	}
	for _, w := range words(dom.Attr(n, "class")) {
		if strings.HasPrefix(w, "quote") || strings.HasSuffix(w, "quote") || w == "zitat" || w == "citation" {
			return dom.Find(n, selBlockquote) == nil
		}
	}
	return false
}

var (
	selBlockquote = dom.Sel("blockquote")
	selCite       = dom.Sel("cite, .quote_author, .quoteauthor, .quote-author, .quotetitle, .quoteheader, .quote-header, .bbcode_quote_head, .attribution")
)

// quote reads who is quoted: from an attribute, else from the line that heads
// the quote.
func (b *bodyReader) quote(n *html.Node) dom.Part {
	q := forum.Quote{Author: firstAttr(n, "data-author", "data-username", "data-quote", "data-user"), PostID: dom.Digits(firstAttr(n, "data-post-id", "data-post", "data-source"))}
	if head := dom.Find(n, selCite); head != nil {
		if q.Author == "" && len(dom.NodeText(head)) < 80 {
			q.Author = dom.NodeText(head)
			if strings.HasSuffix(q.Author, ":") {
				q.Author = dom.WroteBy(q.Author, "")
			}
		}
		b.drop[head] = true
	}
	return dom.Part{Role: dom.Quote, Quote: q}
}

func firstAttr(n *html.Node, keys ...string) string {
	for _, k := range keys {
		if v := dom.Attr(n, k); v != "" && len(v) < 80 {
			return v
		}
	}
	return ""
}
