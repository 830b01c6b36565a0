package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cell is one element of a record, with the path that leads to it from the
// record's root. Elements of different records with one path play one role.
type cell struct {
	item int32
	path int32
	hash uint32 // of its own text, 0 for none
	lead bool   // the first at its path
	part part   // what it lies in, or is, by the names of the page
	deep uint8  // of partBody: in how many elements that are named so
}

// shift weighs words that stand in elements which are named as bodies.
func (c cell) shift() uint8 {
	return 2 * c.deep
}

// entry is one record with its cells in document order.
type entry struct {
	rec   int // place in the set's records; -1 for a post outside of the set
	from  int32
	cells []cell
	body  *html.Node
	name  *html.Node // the element that the author was read from

	author    *forum.Author
	sign      int   // the number that it shows with a sign, counted from one
	nameAt    int32 // place of the name among the items; -1 for none
	stampAt   int32 // place of the time
	edit      *html.Node
	signature *html.Node
}

// path is one role within the records of a cluster.
type path struct {
	parent  int32
	records int // in how many records it occurs
	letters int // words of the authors' own: no links, labels, names, dates
	leading int // those in the first occurrence of each record
	plain   int // the same without regard to names
	lead    int
	last    int // record that was counted last
}

// cluster is a kind of record (question, answer, comment; post, first post):
// records whose root elements look alike. Roles are learned for each kind.
type cluster struct {
	out     *outline
	entries []*entry
	paths   []path
	common  map[textAt]count // own text at a path
	called  map[string]int   // how many elements are called a body by this name
}

type textAt struct {
	path int32
	hash uint32
}

// count is in how many records something is, and the one that was counted last.
type count struct{ records, last int32 }

type step struct {
	look
	parent int32
	nth    int32
}

// clusters sorts a set's posts by kind and lists their cells.
func (o *outline) clusters(s *set) []*cluster {
	if s.kinds != nil {
		return s.kinds
	}
	var list []*cluster
	by := map[string]*cluster{}
	for i := range s.records {
		if !s.good[i] {
			continue
		}
		root := o.items[s.records[i].from]
		kind := root.n.Data
		switch s.key.kind {
		case 'c', 's':
		case 'm':
			kind += " " + dom.Attr(root.n, "itemtype") + "." + root.name
		default:
			kind += "." + root.name
		}
		c := by[kind]
		if c == nil {
			c = &cluster{out: o}
			by[kind] = c
			list = append(list, c)
		}
		var holes []record
		for _, k := range s.records[i].inner {
			holes = append(holes, s.records[k])
		}
		c.add(i, s.records[i].from, s.records[i].to, holes)
	}
	for _, c := range list {
		c.learn()
	}
	s.kinds = list
	return list
}

// add lists the cells of one record; holes are the records within it.
func (c *cluster) add(rec int, from, to int32, holes []record) {
	if len(holes) == 0 && to == c.out.items[from].end {
		from = c.out.peeled(from)
	}
	e := &entry{rec: rec, from: from, nameAt: -1, stampAt: -1, cells: make([]cell, 0, to-from)}
	for i := from; i < to; {
		if len(holes) > 0 && holes[0].from == i {
			i = holes[0].to
			holes = holes[1:]
			continue
		}
		if len(holes) > 0 && holes[0].from == i+1 && c.out.isAnchor(i) {
			i++ // it names the record behind it
			continue
		}
		e.cells = append(e.cells, cell{item: i})
		i++
	}
	c.entries = append(c.entries, e)
}

// peeled is what an element holds that only wraps one other and is not numbered
// itself: wrappers differ between posts where posts do not.
func (o *outline) peeled(i int32) int32 {
	for {
		n := o.items[i].n
		inner := i + 1
		if inner >= o.items[i].end || o.items[inner].end != o.items[i].end || dom.HasAttr(n, "id") || dom.HasAttr(n, "itemtype") || dom.HasAttr(n, "data-id") || ownLetters(n) > 0 {
			return i
		}
		if o.dated[i] >= 0 || o.hints[i] > 0 {
			return i
		}
		i = inner
	}
}

// learn gives the cells their paths and counts what stands where.
func (c *cluster) learn() {
	steps := map[step]int32{}
	c.common = map[textAt]count{}
	for k, e := range c.entries {
		at := c.out.cellPlaces(e)
		roots := int32(0)
		for i := range e.cells {
			ce := &e.cells[i]
			it := &c.out.items[ce.item]
			st := step{parent: -1, look: it.look, nth: int32(ordinal(it))}
			if up := it.parent; up >= 0 && at[up] > 0 {
				st.parent = e.cells[at[up]-1].path
			} else {
				st.nth = roots
				roots++
			}
			id, known := steps[st]
			if !known {
				id = int32(len(c.paths))
				steps[st] = id
				c.paths = append(c.paths, path{parent: st.parent, last: -1})
			}
			ce.path = id
			p := &c.paths[id]
			if p.last != k {
				p.records, p.last = p.records+1, k
				ce.lead = true
			}
			c.note(ce, it, k)
		}
		c.out.clearPlaces(e)
	}
	c.countNames()
	for _, e := range c.entries {
		c.name(e)
	}
	c.weighPaths()
}

// ordinal tells apart unnamed elements whose place says what they are; in
// running text the place says nothing.
func ordinal(it *item) int16 {
	switch it.n.DataAtom {
	case atom.P, atom.Li, atom.Br, atom.Blockquote, atom.Pre, atom.Img, atom.I, atom.Em, atom.Code, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return 0
	}
	return it.nth
}

// cellPlaces gives the place of each item's cell in an entry, plus one; 0 for
// items without one. The list is to be cleared before it is asked for again.
func (o *outline) cellPlaces(e *entry) []int32 {
	if o.places == nil {
		o.places = make([]int32, len(o.items))
	}
	for i := range e.cells {
		o.places[e.cells[i].item] = int32(i + 1)
	}
	return o.places
}

func (o *outline) clearPlaces(e *entry) {
	for i := range e.cells {
		o.places[e.cells[i].item] = 0
	}
}

// note counts a cell's own text in the entry with this number.
func (c *cluster) note(ce *cell, it *item, k int) {
	if it.own == "" {
		return
	}
	ce.hash = textHash(it.own) | 1
	key := textAt{ce.path, ce.hash}
	if n := c.common[key]; n.records == 0 || n.last != int32(k) {
		c.common[key] = count{n.records + 1, int32(k)}
	}
}

// textHash is FNV-1a.
func textHash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// constant tells text that stands at one place in many records: labels,
// buttons, the thread's title.
func (c *cluster) constant(ce cell) bool {
	if ce.hash == 0 {
		return false
	}
	n := int(c.common[textAt{ce.path, ce.hash}].records)
	return n >= 2 && n*10 >= 3*len(c.entries) && !dom.IsNobody(c.out.items[ce.item].own)
}

// weighPaths adds up the words that the authors may have written, path by path,
// each path with what lies below it.
func (c *cluster) weighPaths() {
	o := c.out
	for _, e := range c.entries {
		plain, weighed := make([]int, len(e.cells)), make([]int, len(e.cells))
		at := o.cellPlaces(e)
		card := int32(-1)
		for k, ce := range e.cells {
			if end := o.items[ce.item].end; k > 0 && ce.item >= card && c.boxed(e, ce.item) {
				card = end
			}
			if ce.item < card || ce.part != partNone && ce.part != partBody {
				continue
			}
			if o.dated[ce.item] >= 0 || o.authors[ce.item+1] > o.authors[ce.item] || c.constant(ce) {
				continue
			}
			own := o.letters[ce.item+1] - o.letters[ce.item]
			plain[k] = int(own - (o.linked[ce.item+1] - o.linked[ce.item]))
			weighed[k] = plain[k] << ce.shift()
		}
		for k, ce := range slices.Backward(e.cells) {
			p := &c.paths[ce.path]
			p.plain, p.letters = p.plain+plain[k], p.letters+weighed[k]
			if ce.lead {
				p.lead, p.leading = p.lead+plain[k], p.leading+weighed[k]
			}
			parent := o.items[ce.item].parent
			if parent < 0 || at[parent] == 0 {
				continue
			}
			if up := int(at[parent]) - 1; up < k {
				plain[up], weighed[up] = plain[up]+plain[k], weighed[up]+weighed[k]
			}
		}
		o.clearPlaces(e)
	}
}

// name tells what the cells of an entry are, or lie in, by the page's own
// names: the outermost part that is none of the author's words, else how many
// elements that are named as a body they lie in. The entry's own name says
// nothing of its parts.
func (c *cluster) name(e *entry) {
	o := c.out
	var bodies []int32
	outer, until := partNone, int32(-1)
	for k := range e.cells {
		ce := &e.cells[k]
		n := o.items[ce.item].n
		if ce.item < until {
			ce.part = outer
			continue
		}
		for len(bodies) > 0 && bodies[len(bodies)-1] <= ce.item {
			bodies = bodies[:len(bodies)-1]
		}
		p := partNone
		if ce.item != e.from {
			if p = o.part(n); p == partNone && o.items[ce.item].class.card {
				p = partCard
			}
		}
		switch {
		case p == partBody && c.isBody(n):
			bodies = append(bodies, o.items[ce.item].end)
		case p != partNone && p != partBody && (len(bodies) == 0 || p != partCard) && !c.wraps(e, ce.item):
			ce.part, outer, until = p, p, o.items[ce.item].end
			continue
		}
		if len(bodies) > 0 {
			ce.part, ce.deep = partBody, uint8(min(len(bodies), 3))
		}
	}
}

// wraps tells an element that holds more than the part that it is named for: a
// body, or nearly all of the entry.
func (c *cluster) wraps(e *entry, i int32) bool {
	o := c.out
	for k := i + 1; k < o.items[i].end; k++ {
		if c.isBody(o.items[k].n) {
			return true
		}
	}
	return !e.named(c) && 10*sum(o.letters, i, o.items[i].end) > 8*sum(o.letters, e.from, o.items[e.from].end)
}

// countNames counts the elements that each name calls a body: a name that
// stands several times in a record is one of a layout.
func (c *cluster) countNames() {
	c.called = map[string]int{}
	for _, e := range c.entries {
		for _, ce := range e.cells[1:] {
			if w := c.out.bodyName(c.out.items[ce.item].n); w != "" {
				c.called[w]++
			}
		}
	}
}

// isBody tells an element that is named as the body of a post.
func (c *cluster) isBody(n *html.Node) bool {
	w := c.out.bodyName(n)
	return w != "" && 2*c.called[w] <= 5*len(c.entries)
}

// named tells an entry one of whose elements is named as a body.
func (e *entry) named(c *cluster) bool {
	return slices.ContainsFunc(e.cells[1:], func(ce cell) bool { return c.isBody(c.out.items[ce.item].n) })
}

// boxed tells the card of a record's author; a record that is named for its
// author as a whole is none.
func (c *cluster) boxed(e *entry, i int32) bool {
	o := c.out
	if o.items[i].n.DataAtom == atom.Td && o.cardCell(i) || i != e.from && o.joins[i+1] > o.joins[i] {
		return true
	}
	return i != e.from && o.items[i].class.card && 2*sum(o.letters, i, o.items[i].end) < sum(o.letters, e.from, o.items[e.from].end)+60
}

// cardCell tells the first cell of a row that names an author or says when one joined: it holds no time, and
// what was written stands in a later cell.
func (o *outline) cardCell(i int32) bool {
	end, row := o.items[i].end, o.items[i].parent
	if row < 0 || sum(o.authors, i, end)+sum(o.joins, i, end) == 0 || sum(o.dates, i, end) > 0 || sum(o.authors, row, i) > 0 {
		return false
	}
	for next := end; next < o.items[row].end; next = o.items[next].end {
		if o.items[next].n.DataAtom == atom.Td && sum(o.letters, next, o.items[next].end) > sum(o.linked, next, o.items[next].end) {
			return true
		}
	}
	return false
}

// isCard tells the box about a post's author by its name; what names an author
// is one in any case.
func isCard(class string) bool {
	var room someWords
	for _, w := range appendWords(room[:0], class) {
		if strings.HasPrefix(w, "userinfo") || strings.HasPrefix(w, "usercard") || strings.HasPrefix(w, "userdetail") || strings.HasSuffix(w, "profile") || strings.HasSuffix(w, "author") {
			return true
		}
	}
	return false
}

// bodyPath is the path of the bodies: by the words that the authors may have
// written, those in elements that are named as bodies counting more, unless the
// names lead to where next to none are. -1 means the record as a whole.
func (c *cluster) bodyPath() int32 {
	weighed := func(p *path) (int, int) { return p.letters, p.leading }
	bare := func(p *path) (int, int) { return p.plain, p.lead }
	p, plain := c.descend(-1, weighed), c.descend(-1, bare)
	total := 0
	for i := range c.paths {
		if c.paths[i].parent < 0 {
			total += c.paths[i].plain
		}
	}
	if q := c.namedPath(total); q >= 0 && (p < 0 || c.above(p, q)) {
		p = c.descend(q, weighed)
	}
	if p != plain && p >= 0 && 10*c.paths[p].plain < 3*total {
		p = plain
	}
	if p >= 0 && c.holdsMarks(p) {
		return -1
	}
	return p
}

// namedPath is the path of elements that are named as posts' bodies and hold
// most of the words, -1 for none.
func (c *cluster) namedPath(total int) int32 {
	best := int32(-1)
	for _, e := range c.entries {
		for _, ce := range e.cells[1:] {
			p := &c.paths[ce.path]
			if ce.part != partBody || best >= 0 && p.letters <= c.paths[best].letters || 10*p.records < 8*len(c.entries) || 5*p.plain < 2*total || 10*p.lead < 9*p.plain {
				continue
			}
			if n := c.out.items[ce.item].n; c.isBody(n) && threadBody(n) {
				best = ce.path
			}
		}
	}
	return best
}

// above tells whether path p leads to path q.
func (c *cluster) above(p, q int32) bool {
	for ; q >= 0; q = c.paths[q].parent {
		if q == p {
			return true
		}
	}
	return false
}

// holdsMarks tells elements that hold the name and the time of their post too.
func (c *cluster) holdsMarks(p int32) bool {
	o := c.out
	both := 0
	for _, e := range c.entries {
		ce, ok := e.find(p)
		if !ok || ce.part == partBody {
			continue
		}
		from, end := ce.item, o.items[ce.item].end
		named := false
		for i := from; i < end && !named; i++ {
			named = o.hints[i] >= 4
		}
		if named && sum(o.dates, from, end) > 0 {
			both++
		}
	}
	return 10*both >= 8*len(c.entries)
}

// descend goes from a path, -1 for the root, to the element below it that holds
// nearly all of the authors' words and occurs once a record.
func (c *cluster) descend(at int32, weight func(*path) (all, leading int)) int32 {
	children := make([][]int32, len(c.paths))
	var roots []int32
	for i := range c.paths {
		if p := c.paths[i].parent; p >= 0 {
			children[p] = append(children[p], int32(i))
		} else {
			roots = append(roots, int32(i))
		}
	}
	next, total := roots, 0
	if at >= 0 {
		next = children[at]
		total, _ = weight(&c.paths[at])
	}
	for _, p := range roots {
		if n, _ := weight(&c.paths[p]); at < 0 {
			total += n
		}
	}
	for {
		best, most, leading := int32(-1), 0, 0
		for _, p := range next {
			if n, lead := weight(&c.paths[p]); best < 0 || n > most {
				best, most, leading = p, n, lead
			}
		}
		if best < 0 || most == 0 || most*100 < 72*total {
			return at
		}
		if leading*100 < 95*most || c.paths[best].records*100 < 80*len(c.entries) || at >= 0 && !c.holdsText(best) {
			return at
		}
		at, next, total = best, children[best], most
	}
}

// holdsText keeps the descent from entering running text: a paragraph or a
// span of it is never the whole body when posts may have more of them.
func (c *cluster) holdsText(p int32) bool {
	for _, e := range c.entries {
		for _, ce := range e.cells {
			if ce.path != p {
				continue
			}
			switch c.out.items[ce.item].n.DataAtom {
			case atom.P, atom.B, atom.I, atom.Em, atom.Strong, atom.A, atom.Li, atom.Ul, atom.Ol, atom.Pre, atom.Code, atom.Font, atom.H1, atom.H2, atom.H3:
				return false
			}
			return true
		}
	}
	return true
}

// find is the first cell of an entry at a path, false for none.
func (e *entry) find(p int32) (cell, bool) {
	i := slices.IndexFunc(e.cells, func(ce cell) bool { return ce.path == p })
	if i < 0 {
		return cell{}, false
	}
	return e.cells[i], true
}
