package dom

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// key is what an inventory is asked by.
type key struct {
	kind byte
	hash uint32
	name string
}

const (
	keyTag   = 't'
	keyClass = '.'
	keyID    = '#'
	keyAttr  = '['
	keyList  = 'c' // a whole class attribute, which elements share
)

func newKey(kind byte, name string) key { return key{kind, hashOf(kind, name), name} }

// isCommon tells attributes that stand on so many elements that nothing is
// looked for by them.
func isCommon(attr string) bool {
	switch attr {
	case "href", "src", "style", "title", "alt", "type", "value", "width", "height", "target", "name", "content", "rel", "onclick", "border":
		return true
	}
	return false
}

// isCommonTag tells likewise elements that pages are full of.
func isCommonTag(a atom.Atom) bool {
	switch a {
	case atom.Div, atom.Span, atom.P, atom.Br, atom.Td, atom.Tr, atom.Li, atom.B, atom.I, atom.Strong, atom.Em, atom.Option:
		return true
	}
	return false
}

// hashOf mixes a name eight bytes at a time.
func hashOf(kind byte, s string) uint32 {
	const prime = 0x9E3779B97F4A7C15
	h := uint64(kind) + uint64(len(s))<<8
	for len(s) >= 8 {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ word) * prime
		h ^= h >> 29
		s = s[8:]
	}
	for i := range len(s) {
		h = h<<8 ^ h>>56 ^ uint64(s[i])
	}
	h *= prime
	return uint32(h >> 32)
}

// inventory lists a document's elements by what selectors ask for: class, id,
// attribute and tag, in document order.
type inventory struct {
	nodes   []*html.Node
	entries []entry
	slots   []int32 // a hash table of entries: 0 is free, else their number plus one
	puts    []put   // the elements of all entries, one chain an entry
	tokens  []int32 // the entries of each class attribute's classes
}

// entry is a key that a document has.
type entry struct {
	name        string
	count       int32 // of elements; for a class attribute of classes
	first, last int32 // put of its chain; of a class attribute the first class in tokens
	kind, sum   byte  // sum is of the hash
}

// put is an element on an entry's chain.
type put struct{ node, next int32 }

// takeInventory takes the inventory of a page, of about so many elements.
func takeInventory(roots []*html.Node, about int) *inventory {
	inv := &inventory{
		slots: make([]int32, 128), entries: make([]entry, 0, min(48+about, 256+about/8)), tokens: make([]int32, 0, min(32+about/2, 512)),
		nodes: make([]*html.Node, 0, about), puts: make([]put, 0, 3*about),
	}
	for 3*len(inv.slots) < 4*cap(inv.entries) {
		inv.slots = make([]int32, 2*len(inv.slots))
	}
	for _, n := range roots {
		inv.walk(n)
	}
	return inv
}

func (inv *inventory) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		inv.add(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			inv.walk(c)
		}
	}
}

func (inv *inventory) add(n *html.Node) {
	at := int32(len(inv.nodes))
	inv.nodes = append(inv.nodes, n)
	if !isCommonTag(n.DataAtom) {
		inv.put(inv.entry(keyTag, n.Data), at)
	}
	for i := range n.Attr {
		a := &n.Attr[i]
		if !isCommon(a.Key) {
			inv.put(inv.entry(keyAttr, a.Key), at)
		}
		switch a.Key {
		case "class":
			from, to := inv.classes(a.Val)
			for _, e := range inv.tokens[from:to] {
				inv.put(e, at)
			}
		case "id":
			inv.put(inv.entry(keyID, a.Val), at)
		}
	}
}

func (inv *inventory) put(e, at int32) {
	x, p := &inv.entries[e], int32(len(inv.puts))
	switch {
	case x.count == 0:
		x.first = p
	case inv.puts[x.last].node == at:
		return
	default:
		inv.puts[x.last].next = p
	}
	x.last = p
	x.count++
	inv.puts = append(inv.puts, put{at, -1})
}

// classes is where the entries of a class attribute's classes stand in tokens.
func (inv *inventory) classes(value string) (from, to int32) {
	known := len(inv.entries)
	e := inv.entry(keyList, value)
	if int(e) < known {
		x := &inv.entries[e]
		return x.first, x.first + x.count
	}
	from = int32(len(inv.tokens))
	for class := range strings.FieldsSeq(value) {
		inv.tokens = append(inv.tokens, inv.entry(keyClass, class))
	}
	to = int32(len(inv.tokens))
	inv.entries[e].first, inv.entries[e].count = from, to-from
	return from, to
}

// entry is the number of a key's entry, which is made where there is none.
func (inv *inventory) entry(kind byte, name string) int32 {
	hash := hashOf(kind, name)
	at, ok := inv.slot(kind, hash, name)
	if ok {
		return inv.slots[at] - 1
	}
	inv.entries = append(inv.entries, entry{name: name, kind: kind, sum: byte(hash >> 24)})
	e := int32(len(inv.entries))
	inv.slots[at] = e
	if 4*len(inv.entries) > 3*len(inv.slots) {
		inv.grow()
	}
	return e - 1
}

// slot finds a key's place in the hash table, and whether the key is there.
func (inv *inventory) slot(kind byte, hash uint32, name string) (at int, ok bool) {
	mask := len(inv.slots) - 1
	for at = int(hash) & mask; ; at = (at + 1) & mask {
		e := inv.slots[at]
		if e == 0 {
			return at, false
		}
		if x := &inv.entries[e-1]; x.sum == byte(hash>>24) && x.kind == kind && x.name == name {
			return at, true
		}
	}
}

func (inv *inventory) grow() {
	inv.slots = make([]int32, 2*len(inv.slots))
	mask := len(inv.slots) - 1
	for i := range inv.entries {
		at := int(hashOf(inv.entries[i].kind, inv.entries[i].name)) & mask
		for inv.slots[at] != 0 {
			at = (at + 1) & mask
		}
		inv.slots[at] = int32(i + 1)
	}
}

// lookUp is a key's entry, nil for one that no element has.
func (inv *inventory) lookUp(k *key) *entry {
	at, ok := inv.slot(k.kind, k.hash, k.name)
	if !ok {
		return nil
	}
	return &inv.entries[inv.slots[at]-1]
}

// find gives the elements that match, in document order.
func (inv *inventory) find(s *selector) []*html.Node {
	if len(s.choices) == 1 {
		return inv.choose(&s.choices[0])
	}
	var hits []int32
	choices := 0
	for i := range s.choices {
		had := len(hits)
		hits = inv.hits(&s.choices[i], hits)
		if len(hits) > had {
			choices++
		}
	}
	if choices > 1 {
		slices.Sort(hits)
		hits = slices.Compact(hits)
	}
	if len(hits) == 0 {
		return nil
	}
	out := make([]*html.Node, len(hits))
	for i, at := range hits {
		out[i] = inv.nodes[at]
	}
	return out
}

// choose gives the elements that match one choice.
func (inv *inventory) choose(c *choice) []*html.Node {
	var out []*html.Node
	if len(c.own) == 0 {
		if inv.hasAll(c.needs) {
			for _, n := range inv.nodes {
				if c.match(n) {
					out = append(out, n)
				}
			}
		}
		return out
	}
	for p := inv.candidates(c); p >= 0; p = inv.puts[p].next {
		if n := inv.nodes[inv.puts[p].node]; c.match(n) {
			out = append(out, n)
		}
	}
	return out
}

// hits appends the places of the elements that match a choice.
func (inv *inventory) hits(c *choice, hits []int32) []int32 {
	if len(c.own) == 0 && !inv.hasAll(c.needs) {
		return hits
	}
	if len(c.own) == 0 {
		for at, n := range inv.nodes {
			if c.match(n) {
				hits = append(hits, int32(at))
			}
		}
		return hits
	}
	for p := inv.candidates(c); p >= 0; p = inv.puts[p].next {
		if at := inv.puts[p].node; c.match(inv.nodes[at]) {
			hits = append(hits, at)
		}
	}
	return hits
}

// first is the first element that matches, or nil.
func (inv *inventory) first(s *selector) *html.Node {
	best := int32(-1)
	for i := range s.choices {
		c := &s.choices[i]
		if len(c.own) == 0 {
			best = inv.firstBefore(c, best)
			continue
		}
		for p := inv.candidates(c); p >= 0; p = inv.puts[p].next {
			at := inv.puts[p].node
			if best >= 0 && at >= best {
				break
			}
			if c.match(inv.nodes[at]) {
				best = at
				break
			}
		}
	}
	if best < 0 {
		return nil
	}
	return inv.nodes[best]
}

// firstBefore is where the first element stands that matches a choice without
// keys, where that is before best or there is no best.
func (inv *inventory) firstBefore(c *choice, best int32) int32 {
	if !inv.hasAll(c.needs) {
		return best
	}
	nodes := inv.nodes
	if best >= 0 {
		nodes = nodes[:best]
	}
	for at, n := range nodes {
		if c.match(n) {
			return int32(at)
		}
	}
	return best
}

func firstOf(nodes []*html.Node) *html.Node {
	if len(nodes) == 0 {
		return nil
	}
	return nodes[0]
}

// candidates is the chain of the elements that have the rarest of the choice's
// own keys; -1 where the page lacks something that the choice needs.
func (inv *inventory) candidates(c *choice) int32 {
	best := inv.lookUp(&c.own[0])
	if best == nil || len(c.needs) > 1 && !inv.hasAll(c.needs) {
		return -1
	}
	for i := 1; i < len(c.own); i++ {
		if e := inv.lookUp(&c.own[i]); e.count < best.count {
			best = e
		}
	}
	return best.first
}

func (inv *inventory) hasAll(keys []key) bool {
	for i := range keys {
		if _, ok := inv.slot(keys[i].kind, keys[i].hash, keys[i].name); !ok {
			return false
		}
	}
	return true
}
