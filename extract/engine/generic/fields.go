package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// roles are the paths of a cluster's fields.
type roles struct {
	body   int32
	date   int32
	author int32
	signed int32 // of names where the author's path is missing: guests have no link
	id     idRole
	number int32 // of the post in its thread, as shown
}

// assign learns which path plays which role.
func (c *cluster) assign() roles {
	r := roles{body: c.bodyPath(), date: -1, author: -1, number: -1}
	for _, e := range c.entries {
		e.body = c.bodyOf(e, r.body)
	}
	r.date = c.datePath()
	r.author = c.authorPath(r.date)
	r.signed = c.unmarkedAuthor(r.date, c.inBody)
	r.id = c.idRole()
	r.number = c.numberPath()
	c.signs(r.id)
	return r
}

// bodyProps are what schema.org calls a post's words; e-content and
// entry-content are the microformats' names.
func isBodyProp(n *html.Node) bool {
	switch dom.Attr(n, "itemprop") {
	case "text", "commentText", "articleBody", "reviewBody":
		return n.DataAtom != atom.Meta
	}
	return dom.HasClass(n, "e-content") || dom.HasClass(n, "entry-content")
}

func (c *cluster) bodyOf(e *entry, p int32) *html.Node {
	for _, ce := range e.cells {
		if isBodyProp(c.out.items[ce.item].n) && sum(c.out.letters, ce.item, c.out.items[ce.item].end) > 0 {
			return c.out.items[ce.item].n
		}
	}
	if p >= 0 {
		if ce, ok := e.find(p); ok {
			if n := c.namedBody(e); n != nil && ce.item == e.from {
				return n
			}
			return c.out.items[ce.item].n
		}
	}
	return c.namedBody(e)
}

// namedBody is the element of an entry that is named as a body: the outermost
// one, or one within it that holds most of its words.
func (c *cluster) namedBody(e *entry) *html.Node {
	o := c.out
	best, until := int32(-1), int32(0)
	for _, ce := range e.cells {
		n := o.items[ce.item].n
		if ce.item == e.from || ce.part != partBody || !c.isBody(n) {
			continue
		}
		size := sum(o.letters, ce.item, o.items[ce.item].end)
		switch {
		case best < 0 && size > 0, best >= 0 && ce.item < until && 10*size >= 6*sum(o.letters, best, until):
			best, until = ce.item, o.items[ce.item].end
		}
	}
	if best < 0 {
		return nil
	}
	plain := func(from, to int32) int { return sum(o.letters, from, to) - sum(o.linked, from, to) }
	if n := o.items[best].n; threadBody(n) || 3*plain(best, until) > plain(e.from, o.items[e.from].end) {
		return n
	}
	return nil
}

// inBody tells whether an item lies in an entry's body.
func (c *cluster) inBody(e *entry, i int32) bool {
	if e.body == nil || e.body == c.out.items[e.from].n {
		return false
	}
	for ; i > e.from; i = c.out.items[i].parent {
		if c.out.items[i].n == e.body {
			return true
		}
	}
	return false
}

// vote is what speaks for one path.
type vote struct {
	path    int32
	records int
	last    int
	weight  float64
	first   int // cells before its first occurrence, summed
	names   map[string]bool
	stamps  []int64
}

type ballot struct {
	votes map[int32]*vote
	order []int32
}

func (b *ballot) at(p int32) *vote {
	v := b.votes[p]
	if v == nil {
		if b.votes == nil {
			b.votes = map[int32]*vote{}
		}
		v = &vote{path: p, last: -1, names: map[string]bool{}}
		b.votes[p] = v
		b.order = append(b.order, p)
	}
	return v
}

func precisionWeight(p forum.Precision) float64 {
	switch p {
	case forum.PrecisionSecond, forum.PrecisionMinute:
		return 1
	case forum.PrecisionHour:
		return 0.9
	case forum.PrecisionDay:
		return 0.75
	case forum.PrecisionMonth:
		return 0.4
	}
	return 0.3
}

// datePath is the path of the times of posting: there is one in every record,
// they are the finest, and they run in one direction down the page, which the
// days on which people joined and the times of edits do not.
func (c *cluster) datePath() int32 {
	for _, out := range [...]func(*entry, int32) bool{c.aside, c.labelled, c.inBody} {
		if p := c.datePathWhere(func(e *entry, i int32) bool { return c.inBody(e, i) || out(e, i) }); p >= 0 && 10*c.paths[p].records >= 6*len(c.entries) {
			return p
		}
	}
	if p := c.datePathWhere(c.inBody); p >= 0 {
		return p
	}
	return c.datePathWhere(func(*entry, int32) bool { return false })
}

// aside tells times in parts of an entry that are named for something else.
func (c *cluster) aside(e *entry, i int32) bool {
	k := slices.IndexFunc(e.cells, func(ce cell) bool { return ce.item == i })
	if k < 0 {
		return false
	}
	switch e.cells[k].part {
	case partNone, partBody, partSubject, partTools:
		return false
	}
	return true
}

// labelled tells times that a label makes something of the author's: the day
// of joining.
func (c *cluster) labelled(_ *entry, i int32) bool {
	o := c.out
	if label, _, ok := dom.CutLabel(o.items[i].own); ok && dom.KnownLabel(label) {
		return true
	}
	n := o.items[i].n
	p := n.PrevSibling
	for p != nil && p.Type == html.TextNode && strings.TrimSpace(p.Data) == "" {
		p = p.PrevSibling
	}
	if p != nil && p.Type == html.ElementNode && dom.KnownLabel(dom.NodeText(p)) {
		return true
	}
	return n.FirstChild != nil && n.FirstChild.Type == html.ElementNode && dom.KnownLabel(dom.NodeText(n.FirstChild))
}

func (c *cluster) datePathWhere(inBody func(*entry, int32) bool) int32 {
	var b ballot
	o := c.out
	for k, e := range c.entries {
		for i, ce := range e.cells {
			m := o.dated[ce.item]
			if m < 0 || inBody(e, ce.item) || dom.Attr(o.items[ce.item].n, "itemprop") == "dateModified" {
				continue
			}
			v := b.at(ce.path)
			if v.last == k {
				continue
			}
			mark := &o.marks[m]
			v.last, v.records, v.first = k, v.records+1, v.first+i
			v.weight += precisionWeight(mark.prec)
			if p := dom.Attr(o.items[ce.item].n, "itemprop"); mark.machine || strings.HasPrefix(p, "date") || p == "commentTime" {
				v.weight += 0.2
			}
			v.stamps = append(v.stamps, mark.at.Unix())
		}
	}
	best, top := int32(-1), 0.0
	for _, p := range b.order {
		v := b.votes[p]
		s := v.weight / float64(len(c.entries)) * (0.6 + 0.4*steady(v.stamps))
		if s > top*1.02 {
			best, top = p, s
		}
	}
	return best
}

// steady is the share of neighbours that run in the commoner direction, 0 where
// all are the same.
func steady(at []int64) float64 {
	if len(at) < 3 {
		return 1
	}
	up, down := 0, 0
	for i := 1; i < len(at); i++ {
		switch {
		case at[i] > at[i-1]:
			up++
		case at[i] < at[i-1]:
			down++
		}
	}
	if up+down == 0 {
		return 0.5
	}
	return float64(max(up, down)) / float64(up+down)
}

// authorPath is the path of the names: marked as such by the page where
// possible, else short texts that stand before the body, vary from record to
// record and are no numbers.
func (c *cluster) authorPath(date int32) int32 {
	if p, ok := c.markedAuthor(); ok {
		return p
	}
	if p := c.unmarkedAuthor(date, c.inBody); p >= 0 {
		return p
	}
	return c.unmarkedAuthor(date, func(*entry, int32) bool { return false })
}

func (c *cluster) unmarkedAuthor(date int32, inBody func(*entry, int32) bool) int32 {
	var b ballot
	o := c.out
	for k, e := range c.entries {
		for i, ce := range e.cells {
			n := o.items[ce.item].n
			w := nameTag(n)
			if w == 0 || ce.path == date || inBody(e, ce.item) || c.constant(ce) && len(c.entries) > 2 {
				continue
			}
			if o.dated[ce.item] >= 0 {
				continue
			}
			name := nameText(n)
			if sum(o.dates, ce.item, o.items[ce.item].end) > 0 {
				name = ownName(n)
			}
			if name == "" || letters(name) == 0 || len(name) > 60 || dom.KnownLabel(name) || ce.part > partCard {
				continue
			}
			if _, ok := signedNumber(name); ok { // the floor: the first one's is a word
				continue
			}
			v := b.at(ce.path)
			if v.last == k {
				continue
			}
			v.last, v.records, v.first = k, v.records+1, v.first+i
			v.weight += w
			v.names[name] = true
		}
	}
	best, top := int32(-1), 0.3
	for _, p := range b.order {
		v := b.votes[p]
		n := float64(len(c.entries))
		variety := min(1, 2.5*float64(len(v.names))/float64(v.records))
		if nobodies(v.names) {
			variety = 1
		}
		early := 1 / (1 + 0.02*float64(v.first)/float64(v.records))
		if s := v.weight / n * variety * early; s > top*1.02 {
			best, top = p, s
		}
	}
	return best
}

// nameTag is how well an element suits as the carrier of an unmarked name.
func nameTag(n *html.Node) float64 {
	switch n.DataAtom {
	case atom.A:
		return 1
	case atom.B, atom.Strong, atom.Cite, atom.Dt:
		return 0.95
	case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Td, atom.Th:
		return 0.8
	case atom.Span, atom.Div, atom.P, atom.Li, atom.Dd, atom.Font, atom.Legend:
		if leaf(n) || ownName(n) != "" {
			return 0.7
		}
	}
	return 0
}

// ownName is the name in an element that holds the time too: "NAME · TIME".
func ownName(n *html.Node) string {
	s := strings.Trim(ownText(n), " ·•|,-–—»:")
	if s == "" || len(s) > 60 || strings.Count(s, " ") > 3 || looksTimed(s) {
		return ""
	}
	return s
}

func leaf(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return false
		}
	}
	return true
}

func (c *cluster) markedAuthor() (int32, bool) {
	var b ballot
	o := c.out
	for k, e := range c.entries {
		for i, ce := range e.cells {
			h := o.hints[ce.item]
			if h == 0 || c.inBody(e, ce.item) {
				continue
			}
			if end := o.items[ce.item].end; sum(o.dates, ce.item, end) > 0 || sum(o.authors, ce.item+1, end) > 0 {
				continue // "by NAME, 3 hours ago", and boxes around a name
			}
			v := b.at(ce.path)
			if v.last == k {
				continue
			}
			v.last, v.records, v.first = k, v.records+1, v.first+i
			v.weight += float64(h)
			if o.items[ce.item].n.DataAtom == atom.A {
				v.weight += 0.6
			}
			v.names[o.text(ce.item)] = true
		}
	}
	best, top := int32(-1), 0.0
	for _, p := range b.order {
		v := b.votes[p]
		n := float64(len(c.entries))
		if float64(v.records) < 0.5*n || len(v.names) == 1 && v.records > 3 && len(c.entries) > 3 && !nobodies(v.names) {
			continue
		}
		variety := min(1, 0.4+1.5*float64(len(v.names))/float64(v.records))
		early := 1 / (1 + 0.005*float64(v.first)/float64(v.records))
		if s := v.weight / n * variety * early; s > top*1.02 {
			best, top = p, s
		}
	}
	if best >= 0 && 2*c.stronglyMarked() > len(c.entries) && b.votes[best].weight < 3*float64(b.votes[best].records) {
		return -1, true // each record has a name that is marked better, not all at one path
	}
	return best, best >= 0
}

// stronglyMarked counts the entries with an element that is named as a name.
func (c *cluster) stronglyMarked() int {
	n := 0
	for _, e := range c.entries {
		if i := c.strongestHint(e); i >= 0 && c.out.hints[i] >= 4 {
			n++
		}
	}
	return n
}

// stamp reads an entry's time of posting: at the path, else the first that
// stands outside of the body.
func (r *reader) stamp(c *cluster, e *entry, p int32) (forum.Stamp, int32) {
	if p >= 0 {
		if ce, ok := e.find(p); ok {
			if m := c.out.dated[ce.item]; m >= 0 {
				return r.stampOf(&c.out.marks[m]), ce.item
			}
		}
	}
	late := int32(-1)
	for _, ce := range e.cells {
		if c.out.dated[ce.item] < 0 || c.inBody(e, ce.item) {
			continue
		}
		if !c.aside(e, ce.item) && !c.labelled(e, ce.item) {
			return r.stampOf(&c.out.marks[c.out.dated[ce.item]]), ce.item
		}
		if late < 0 {
			late = ce.item
		}
	}
	if late >= 0 && len(c.entries) < 2 {
		return r.stampOf(&c.out.marks[c.out.dated[late]]), late
	}
	return forum.Stamp{}, -1
}

func (r *reader) stampOf(m *dateMark) forum.Stamp {
	if m.machine {
		raw := m.shown
		if raw == "" {
			raw = m.source
		}
		return r.clock.Machine(m.source, raw)
	}
	st := m.stamp
	if r.clock != r.probe {
		st = r.clock.Text(m.source)
	}
	if st.Known() && len(strings.Fields(m.source)) > 4 {
		if in, _, _ := r.clock.Within(m.source); in.Known() {
			return in
		}
	}
	return st
}
