package generic

import (
	"hash/fnv"
	"slices"
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cell is one element of a record, with the path that leads to it from the
// record's root. Elements of different records with one path play one role.
type cell struct {
	item int32
	path int32
	hash uint32 // of its own text, 0 for none
	lead bool   // the first at its path, as are all that it lies in
}

// entry is one record with its cells in document order.
type entry struct {
	rec   int // place in the set's records; -1 for a post outside of the set
	from  int32
	cells []cell
	body  *html.Node
	name  *html.Node // the element that the author was read from
}

// path is one role within the records of a cluster.
type path struct {
	parent  int32
	records int // in how many records it occurs
	letters int // words of the authors' own: no links, labels, names, dates
	leading int // those in the first occurrence of each record
	last    int // record that was counted last
}

// cluster is a kind of record (question, answer, comment; post, first post):
// records whose root elements look alike. Roles are learned for each kind.
type cluster struct {
	out     *outline
	entries []*entry
	paths   []path
	common  map[textAt]int // own text at a path: in how many records
}

type textAt struct {
	path int32
	hash uint32
}

type step struct {
	parent int32
	tag    string
	name   string
	nth    int16
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
		kind := dom.Attr(root.n, "itemtype") + " " + root.n.Data
		if s.key.kind != 'c' && s.key.kind != 's' {
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
	e := &entry{rec: rec, from: from}
	for i := from; i < to; {
		if len(holes) > 0 && holes[0].from == i {
			i = holes[0].to
			holes = holes[1:]
			continue
		}
		e.cells = append(e.cells, cell{item: i})
		i++
	}
	c.entries = append(c.entries, e)
}

// learn gives the cells their paths and counts what stands where.
func (c *cluster) learn() {
	steps := map[step]int32{}
	c.common = map[textAt]int{}
	at := map[int32]*cell{} // by item
	for k, e := range c.entries {
		clear(at)
		roots := int16(0)
		seen := map[textAt]bool{}
		for i := range e.cells {
			ce := &e.cells[i]
			it := &c.out.items[ce.item]
			parent, inside := at[it.parent]
			st := step{parent: -1, tag: it.n.Data, name: it.name, nth: ordinal(it)}
			if inside {
				st.parent = parent.path
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
			at[ce.item], ce.path = ce, id
			p := &c.paths[id]
			if p.last != k {
				p.records, p.last = p.records+1, k
				ce.lead = !inside || parent.lead
			}
			c.note(ce, it, seen)
		}
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

func (c *cluster) note(ce *cell, it *item, seen map[textAt]bool) {
	if s := it.own; s != "" {
		h := fnv.New32a()
		_, _ = h.Write([]byte(s)) // a hash takes everything
		ce.hash = h.Sum32() | 1
		if key := (textAt{ce.path, ce.hash}); !seen[key] {
			seen[key] = true
			c.common[key]++
		}
	}
}

// constant tells text that stands at one place in many records: labels,
// buttons, the thread's title.
func (c *cluster) constant(ce cell) bool {
	n := c.common[textAt{ce.path, ce.hash}]
	return ce.hash != 0 && n >= 2 && n*10 >= 3*len(c.entries)
}

// weighPaths adds up the words that the authors may have written, path by path,
// each path with what lies below it.
func (c *cluster) weighPaths() {
	o := c.out
	for _, e := range c.entries {
		card := int32(-1)
		for k, ce := range e.cells {
			if end := o.items[ce.item].end; k > 0 && ce.item >= card && c.boxed(e, ce.item) {
				card = end
			}
			if ce.item < card {
				continue
			}
			if _, dated := o.dated[ce.item]; dated || o.authors[ce.item+1] > o.authors[ce.item] || c.constant(ce) {
				continue
			}
			own := o.letters[ce.item+1] - o.letters[ce.item]
			linked := o.linked[ce.item+1] - o.linked[ce.item]
			c.paths[ce.path].letters += int(own - linked)
			if ce.lead {
				c.paths[ce.path].leading += int(own - linked)
			}
		}
	}
	for _, v := range slices.Backward(c.paths) {
		if p := v.parent; p >= 0 {
			c.paths[p].letters += v.letters
			c.paths[p].leading += v.leading
		}
	}
}

// boxed tells the card of a record's author; a record that is named for its
// author as a whole is none.
func (c *cluster) boxed(e *entry, i int32) bool {
	o := c.out
	return i != e.from && o.meaning(dom.Attr(o.items[i].n, "class")).card && 2*sum(o.letters, i, o.items[i].end) < sum(o.letters, e.from, o.items[e.from].end)+60
}

// isCard tells the box about a post's author by its name.
func isCard(class string) bool {
	if classHint(class) > 0 {
		return true
	}
	for _, w := range words(class) {
		if strings.HasPrefix(w, "userinfo") || strings.HasPrefix(w, "usercard") || strings.HasPrefix(w, "userdetail") || strings.HasSuffix(w, "profile") || strings.HasSuffix(w, "author") {
			return true
		}
	}
	return false
}

// bodyPath descends from the root to the element that holds nearly all of the
// authors' words and occurs once a record. -1 means the record as a whole.
func (c *cluster) bodyPath() int32 {
	children := make([][]int32, len(c.paths))
	var roots []int32
	for i := range c.paths {
		if p := c.paths[i].parent; p >= 0 {
			children[p] = append(children[p], int32(i))
		} else {
			roots = append(roots, int32(i))
		}
	}
	total := 0
	for _, p := range roots {
		total += c.paths[p].letters
	}
	at, next := int32(-1), roots
	for {
		best := int32(-1)
		for _, p := range next {
			if best < 0 || c.paths[p].letters > c.paths[best].letters {
				best = p
			}
		}
		if best < 0 || c.paths[best].letters*100 < 72*total {
			return at
		}
		p := &c.paths[best]
		if p.leading*100 < 95*p.letters || p.records*100 < 80*len(c.entries) || at >= 0 && !c.holdsText(best) {
			return at
		}
		at, next, total = best, children[best], p.letters
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
