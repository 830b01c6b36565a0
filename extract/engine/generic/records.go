package generic

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// record is what may be one post: a run of items, with the records that lie in
// it cut out. Most are one element; in boards that put a post's head and body
// into neighbouring rows it is several siblings.
type record struct {
	from, to int32 // items from..to-1
	parent   int   // place of the record that it lies in, -1: none
	inner    []int // records that lie directly in it
}

// groupKey names what elements have in common that may be posts.
type groupKey struct {
	kind byte // 'c' class, 'i' id pattern, 'd' data attribute, 't' tag, 's' siblings, 'm' microdata
	tag  string
	val  string
	of   int32 // parent of siblings
}

// set is a candidate for the page's posts.
type set struct {
	key     groupKey
	records []record
	good    []bool // has a time and words
	score   float64
	cover   float64 // share of records with a time
	signed  float64 // share of the good records with an author's mark
	share   float64 // share of the page's words that they hold
	n       int     // good records

	kinds []*cluster // made once, by clusters
}

// candidates groups the elements that hold a time by what they have in common:
// posts of one page share a tag with a class, an id pattern, a data attribute,
// or just their parent. An element belongs to every group that it fits, and
// the best group is chosen later, so that classes that differ between posts
// ("odd", "depth-2", a name) do no harm.
func (o *outline) candidates() map[groupKey][]int32 {
	groups := map[groupKey][]int32{}
	seen := make([]bool, len(o.items))
	for _, m := range o.marks {
		for i := m.item; i >= 0 && !seen[i]; i = o.items[i].parent {
			seen[i] = true
			o.join(groups, i)
		}
	}
	for i := range o.items {
		if !seen[i] && microdataPost(o.items[i].n) {
			k := groupKey{kind: 'm'}
			groups[k] = append(groups[k], int32(i))
		}
		if o.items[i].n.DataAtom == atom.Tr && rowSpan(o.items[i].n) > 1 {
			k := groupKey{kind: 's', tag: "tr", val: spanned, of: o.items[i].parent}
			groups[k] = append(groups[k], int32(i))
		}
	}
	return groups
}

func (o *outline) join(groups map[groupKey][]int32, i int32) {
	n := o.items[i].n
	add := func(k groupKey) { groups[k] = append(groups[k], i) }
	plain := true
	for _, a := range n.Attr {
		switch {
		case a.Key == "class":
			for k, w := range strings.Fields(a.Val) {
				if k < 12 && len(w) > 1 {
					add(groupKey{kind: 'c', tag: n.Data, val: w})
					plain = false
				}
			}
		case a.Key == "id":
			if p := pattern(a.Val); p != a.Val {
				add(groupKey{kind: 'i', tag: n.Data, val: p})
				plain = false
			}
		case strings.HasPrefix(a.Key, "data-") && strings.HasSuffix(a.Key, "id") && a.Val != "":
			add(groupKey{kind: 'd', tag: n.Data, val: a.Key})
		}
	}
	if strings.Contains(n.Data, "-") || n.Data == "article" {
		add(groupKey{kind: 't', tag: n.Data})
	}
	if microdataPost(n) {
		add(groupKey{kind: 'm'})
	}
	if plain || n.Data == "tr" || n.Data == "li" {
		add(groupKey{kind: 's', tag: n.Data, of: o.items[i].parent})
		if p := o.items[i].parent; p >= 0 && n.Data != "tr" {
			add(groupKey{kind: 's', tag: n.Data, val: o.items[p].n.Data + "." + o.items[p].name, of: -1})
		}
	}
}

// spanned names the rows one of whose cells reaches into the rows below: the
// author's card beside the head and the words of a post.
const spanned = "rowspan"

// rowSpan is how many rows the tallest cell of a row takes.
func rowSpan(tr *html.Node) int {
	most := 1
	for c := tr.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
			continue
		}
		if n, err := strconv.Atoi(dom.Attr(c, "rowspan")); err == nil && n > most && n <= 8 {
			most = n
		}
	}
	return most
}

// reach is where a record ends that begins with an element: behind it, or
// behind the rows that a cell of it reaches into.
func (o *outline) reach(k groupKey, i int32) int32 {
	end := o.items[i].end
	if k.val != spanned || k.kind != 's' {
		return end
	}
	stop := int32(len(o.items))
	if p := o.items[i].parent; p >= 0 {
		stop = o.items[p].end
	}
	for rows := rowSpan(o.items[i].n); rows > 1 && end < stop; rows-- {
		end = o.items[end].end
	}
	return end
}

// pattern is a name with its runs of digits, or of hex digits as long as
// hashes are, folded.
func pattern(s string) string {
	if !strings.ContainsAny(s, "0123456789") || len(s) > 80 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < '0' || c > '9' {
			b.WriteByte(c)
		} else if i == 0 || s[i-1] < '0' || s[i-1] > '9' {
			b.WriteByte('#')
		}
	}
	return b.String()
}

// microdataPost tells elements that schema.org's vocabulary marks as posts.
func microdataPost(n *html.Node) bool {
	t := dom.Attr(n, "itemtype")
	if t == "" {
		return false
	}
	switch t[strings.LastIndexByte(t, '/')+1:] {
	case "Comment", "UserComments", "Answer", "Question", "DiscussionForumPosting":
		return true
	}
	return false
}

// build makes records of a group's members and weighs them.
func (o *outline) build(k groupKey, members []int32) *set {
	slices.Sort(members)
	members = slices.Compact(members)
	s := &set{key: k, records: make([]record, len(members))}
	var open []int
	for i, m := range members {
		for len(open) > 0 && s.records[open[len(open)-1]].to <= m {
			open = open[:len(open)-1]
		}
		s.records[i] = record{from: m, to: o.reach(k, m), parent: -1}
		if len(open) > 0 {
			p := open[len(open)-1]
			s.records[i].parent = p
			s.records[p].inner = append(s.records[p].inner, i)
		}
		open = append(open, i)
	}
	o.joinWords(s)
	o.weigh(s)
	return s
}

// joinWords gives a first record that is all head what stands right behind it
// and holds words alone: the opening post in an element of its own beside the
// line that says who wrote it.
func (o *outline) joinWords(s *set) {
	if len(s.records) < 2 || s.key.kind == 's' || s.key.kind == 'm' || len(s.records[0].inner) > 0 {
		return
	}
	r := &s.records[0]
	plain := func(from, to int32) int { return sum(o.letters, from, to) - sum(o.linked, from, to) }
	if int(r.to) >= len(o.items) || plain(r.from, r.to) > 40 || sum(o.dates, r.from, r.to) == 0 || sum(o.authors, r.from, r.to) == 0 {
		return
	}
	next := o.items[r.to]
	if next.parent == o.items[r.from].parent && next.end <= s.records[1].from && sum(o.dates, r.to, next.end) == 0 && plain(r.to, next.end) >= 20 {
		r.to = next.end
	}
}

// spread gives the records of siblings what stands between them: rows that
// follow a post's head row. The last record takes no more siblings than the
// others do.
func (o *outline) spread(s *set) *set {
	n := len(s.records)
	parent := o.items[s.records[0].from].parent
	t := &set{key: s.key, records: slices.Clone(s.records)}
	most := 0
	for i := range t.records {
		rec := &t.records[i]
		if o.items[rec.from].parent != parent || rec.parent >= 0 {
			return nil
		}
		if i+1 < n {
			rec.to = s.records[i+1].from
			most = max(most, o.siblings(rec.from, rec.to))
			continue
		}
		end := o.items[parent].end
		for k := 1; k < most && rec.to < end; k++ {
			rec.to = o.items[rec.to].end
		}
	}
	if most < 2 || most > 8 {
		return nil
	}
	o.weigh(t)
	return t
}

func (o *outline) siblings(from, to int32) int {
	n := 0
	for i := from; i < to; i = o.items[i].end {
		n++
	}
	return n
}

// own is what a record holds of a running sum without its inner records.
func (s *set) own(sums []int32, i int) int {
	rec := &s.records[i]
	total := sum(sums, rec.from, rec.to)
	for _, k := range rec.inner {
		total -= sum(sums, s.records[k].from, s.records[k].to)
	}
	return total
}

// weigh scores a set: how much of the page's words its records hold, how many
// of them show a time and an author, and how many there are. Records that hold
// many times each are lists of something rather than posts.
func (o *outline) weigh(s *set) {
	total := sum(o.letters, 0, int32(len(o.items))) - sum(o.linked, 0, int32(len(o.items)))
	s.good = make([]bool, len(s.records))
	filled, words, signed, times := 0, 0, 0, 0
	for i := range s.records {
		plain := s.own(o.letters, i) - s.own(o.linked, i)
		dates := s.own(o.dates, i)
		if plain == 0 || o.aside[s.records[i].from] {
			continue
		}
		filled++
		if dates == 0 {
			continue
		}
		s.good[i] = true
		s.n++
		words += plain
		times += min(dates, 20)
		if s.own(o.authors, i) > 0 {
			signed++
		}
	}
	if s.n == 0 || total == 0 {
		return
	}
	n := float64(s.n)
	s.cover, s.signed, s.share = n/float64(filled), float64(signed)/n, float64(words)/float64(total)
	crowd := min(1, 5*n/float64(times))
	weight := 1.0
	if s.key.kind == 's' && s.key.val != spanned {
		weight = 0.8 // what shares a parent alone is more often a layout than a list
	}
	s.score = weight * s.share * s.cover * (0.25 + 0.75*math.Min(1, s.signed/0.6)) * crowd * math.Log2(1+n)
}

// ranked lists the sets that may be the page's posts, the likeliest first.
// Explicit microdata leads unless it holds far less than another set.
func (o *outline) ranked() []*set {
	groups := o.candidates()
	keys := make([]groupKey, 0, len(groups))
	for k, m := range groups {
		if len(m) > 1 || k.kind == 'm' {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compareKeys)
	var list []*set
	var micro *set
	for _, k := range keys {
		s := o.build(k, groups[k])
		if s.n < 1 || s.n < 2 && k.kind != 'm' {
			continue
		}
		if k.kind == 'm' {
			if with := o.commented(groups, s); with != nil {
				s = with
			}
			micro = s
		}
		list = append(list, s)
		if t := o.wider(s); t != nil {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(a, b *set) int { return cmp.Compare(b.score, a.score) })
	list = outermostFirst(list)
	if micro != nil && micro.share*micro.cover > 0.6*list[0].share && !o.surpassed(micro, list) {
		list = slices.Insert(list, 0, micro)
	}
	return slices.CompactFunc(list, func(a, b *set) bool { return a.n == b.n && a.score == b.score && a.key.kind != 'm' })
}

// commented is a set of questions and answers with the comments below them,
// which their vocabulary leaves out; nil where there are none.
func (o *outline) commented(groups map[groupKey][]int32, micro *set) *set {
	within := func(i int32) bool {
		return slices.ContainsFunc(micro.records, func(r record) bool { return r.from < i && i < r.to })
	}
	for _, tag := range [...]string{"li", "div", "tr", "article"} {
		members := groups[groupKey{kind: 'c', tag: tag, val: "comment"}]
		if len(members) == 0 || slices.ContainsFunc(members, func(i int32) bool { return !within(i) || microdataPost(o.items[i].n) }) {
			continue
		}
		comments := o.build(groupKey{kind: 'c', tag: tag, val: "comment"}, slices.Clone(members))
		if comments.n < len(members) || comments.signed < 0.8 {
			continue
		}
		all := slices.Clone(members)
		for _, r := range micro.records {
			all = append(all, r.from)
		}
		return o.build(micro.key, all)
	}
	return nil
}

// surpassed tells microdata that marks only some of the posts: another set has
// the same records and further ones like them.
func (o *outline) surpassed(micro *set, list []*set) bool {
	if micro.n < 2 || o.stated(micro) && nests(micro) {
		return false
	}
	at := map[int32]bool{}
	for i, r := range micro.records {
		if micro.good[i] {
			at[r.from] = true
		}
	}
	for _, s := range list[:min(len(list), 6)] {
		if s.key.kind == 'm' || s.n <= micro.n || s.cover < 0.8 || s.share < micro.share {
			continue
		}
		both := 0
		for i, r := range s.records {
			if s.good[i] && at[r.from] {
				both++
			}
		}
		if both == len(at) {
			return true
		}
	}
	return false
}

func nests(s *set) bool {
	for i := range s.records {
		if s.records[i].parent >= 0 {
			return true
		}
	}
	return false
}

// outermostFirst puts that set in front which holds about as much as the best
// one and begins before it: ids, numbers and inner replies hang on the outer
// element.
func outermostFirst(list []*set) []*set {
	if len(list) == 0 {
		return list
	}
	top := 0
	for i, s := range list {
		if s.score < 0.97*list[0].score {
			break
		}
		if s.n == list[0].n && s.records[0].from < list[top].records[0].from {
			top = i
		}
	}
	s := list[top]
	copy(list[1:top+1], list[:top])
	list[0] = s
	return numberedFirst(list)
}

// numberedFirst puts those of the best set's records in front that are numbered
// as posts, where they hold nearly all of its words: boxes between the posts
// often look like them.
func numberedFirst(list []*set) []*set {
	best := list[0]
	if best.n < 3 || best.key.kind == 'm' {
		return list
	}
	at := map[int32]bool{}
	for i, r := range best.records {
		if best.good[i] {
			at[r.from] = true
		}
	}
	for k, s := range list[:min(len(list), 10)] {
		if k == 0 || s.key.kind != 'i' || s.n < 2 || s.n >= best.n || s.share < 0.75*best.share || !postWord(s.key.val) {
			continue
		}
		inside := true
		for i, r := range s.records {
			inside = inside && (!s.good[i] || at[r.from])
		}
		if inside {
			copy(list[1:k+1], list[:k])
			list[0] = s
			return list
		}
	}
	return list
}

func postWord(name string) bool {
	for _, w := range words(name) {
		switch w {
		case "post", "message", "msg", "comment", "reply", "entry", "p", "pid":
			return true
		}
	}
	return false
}

// wider tries the wider reading of a set whose records hold few words.
func (o *outline) wider(s *set) *set {
	if s.n < 2 || s.share > 0.6 || s.cover < 0.8 || s.key.val == spanned {
		return nil
	}
	if t := o.spread(s); t != nil && t.share > 1.5*s.share && t.n >= s.n {
		return t
	}
	return nil
}

func compareKeys(a, b groupKey) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.tag, b.tag), strings.Compare(a.val, b.val))*2 + int(clampDiff(a.of, b.of))
}

func clampDiff(a, b int32) int32 {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
