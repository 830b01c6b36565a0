package generic

import (
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// bodyReader reads the bodies of one cluster.
type bodyReader struct {
	r    *reader
	c    *cluster
	body *html.Node
	drop map[*html.Node]bool
	from map[*html.Node]source // of quotes, by the lines that head them

	labelled map[*html.Node]bool // boxes that a line before them calls quotes
}

// body reads an entry's words: the element that the cluster's records hold
// their words in, or the record without what plays another role.
func (r *reader) body(c *cluster, e *entry, skip map[*html.Node]bool) dom.Content {
	b := &bodyReader{r: r, c: c, body: e.body, drop: skip, from: map[*html.Node]source{}, labelled: map[*html.Node]bool{}}
	if e.signature != nil {
		b.drop[e.signature] = true
	}
	for k, ce := range e.cells {
		if b.chrome(e, ce) || e.body == nil && k > 0 && c.metaLine(e, k) {
			b.drop[c.out.items[ce.item].n] = true
		}
	}
	if e.body != nil {
		b.heads(e.body, e.body)
		return r.doc.ReadBody(b.rules, e.body)
	}
	roots := r.roots(c, e)
	for _, n := range roots {
		b.heads(n, n)
	}
	return r.doc.ReadBody(b.rules, roots...)
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

// chrome tells cells that are no words of the author: parts that are named for
// something else, labels that stand in most records, edit notes, and outside
// of a known body names and times.
func (b *bodyReader) chrome(e *entry, ce cell) bool {
	o := b.c.out
	n := o.items[ce.item].n
	if n == e.body || n.DataAtom == atom.Blockquote {
		return false
	}
	if ce.part != partNone && ce.part != partBody || n == e.edit || n == e.signature {
		return true
	}
	if o.items[ce.item].class.signature || isSignature(dom.Attr(n, "id")) {
		return true
	}
	whole := o.letters[o.items[ce.item].end]-o.letters[ce.item] == o.letters[ce.item+1]-o.letters[ce.item]
	if whole && ce.hash != 0 && ownLetters(n.Parent) == 0 && b.c.constant(ce) && b.c.common[textAt{ce.path, ce.hash}].records >= 3 {
		return true
	}
	if e.body != nil || ce.item == e.from {
		return false
	}
	if o.hints[ce.item] > 0 || b.c.boxed(e, ce.item) {
		return true
	}
	if o.dated[ce.item] >= 0 && whole || whole && countsViewsAlone(o.items[ce.item].own) {
		return true
	}
	return n.DataAtom == atom.Ul && sum(o.linked, ce.item, o.items[ce.item].end) == sum(o.letters, ce.item, o.items[ce.item].end)
}

// countsViewsAlone tells a line that says how often a thread was read, and nothing else.
func countsViewsAlone(own string) bool {
	value, label := labelled(own)
	return value != "" && len(label) < 20 && countOf(label) == countsViews
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
		dated := o.dated[ce.item] >= 0
		if o.letters[ce.item+1] > o.letters[ce.item] && !dated && !strings.HasSuffix(o.items[ce.item].own, ":") && o.hints[ce.item] == 0 && !c.constant(ce) && o.linked[ce.item+1] == o.linked[ce.item] {
			return false
		}
	}
	return true
}

// rules are the shared habits of quoting and hiding in forums.
func (b *bodyReader) rules(n *html.Node) dom.Part {
	switch {
	case b.drop[n] || n.DataAtom == atom.Time:
		return dom.Part{Role: dom.Drop}
	case n.DataAtom == atom.Blockquote || b.quoteBox(n):
		return dom.Part{Role: dom.Quote, Quote: b.quote(n)}
	case codeBox(n):
		return dom.Part{Role: dom.Code}
	case spoilerBox(n):
		return dom.Part{Role: dom.Spoiler}
	}
	return dom.Part{}
}
