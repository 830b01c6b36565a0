package generic

import (
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
	if p < 0 {
		return nil
	}
	if ce, ok := e.find(p); ok {
		return c.out.items[ce.item].n
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
	if p := c.datePathWhere(c.inBody); p >= 0 {
		return p
	}
	return c.datePathWhere(func(*entry, int32) bool { return false })
}

func (c *cluster) datePathWhere(inBody func(*entry, int32) bool) int32 {
	var b ballot
	o := c.out
	for k, e := range c.entries {
		for i, ce := range e.cells {
			m, ok := o.dated[ce.item]
			if !ok || inBody(e, ce.item) || dom.Attr(o.items[ce.item].n, "itemprop") == "dateModified" {
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
			if _, dated := o.dated[ce.item]; dated {
				continue
			}
			name := nameText(n)
			if sum(o.dates, ce.item, o.items[ce.item].end) > 0 {
				name = ownName(n)
			}
			if name == "" || letters(name) == 0 || len(name) > 60 {
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
		if float64(v.records) < 0.5*n || len(v.names) == 1 && v.records > 3 && len(c.entries) > 3 {
			continue
		}
		variety := min(1, 0.4+1.5*float64(len(v.names))/float64(v.records))
		early := 1 / (1 + 0.005*float64(v.first)/float64(v.records))
		if s := v.weight / n * variety * early; s > top*1.02 {
			best, top = p, s
		}
	}
	return best, best >= 0
}

// author reads the author of one entry.
func (r *reader) author(c *cluster, e *entry, paths ...int32) *forum.Author {
	if a := r.propAuthor(c, e); a != nil {
		return a
	}
	i := int32(-1)
	if _, ok := e.find(paths[0]); !ok && paths[0] >= 0 {
		i = c.inPlaceOf(e, paths[0])
	}
	for _, p := range paths {
		if ce, ok := e.find(p); ok && i < 0 && p >= 0 && nameLine(c.out.items[ce.item].n) != "" {
			i = ce.item
		}
	}
	if i < 0 {
		i = c.strongestHint(e)
	}
	if i < 0 {
		return nil
	}
	n := c.out.items[i].n
	a := &forum.Author{Name: nameLine(n)}
	if sum(c.out.dates, i, c.out.items[i].end) > 0 {
		a.Name = ownName(n)
	}
	if a.Name == "" {
		return nil
	}
	e.name = n
	r.accountOf(a, n)
	return a
}

// inPlaceOf is what stands where other records have their author's link: an
// element of the same class, or the text that the link would stand in.
func (c *cluster) inPlaceOf(e *entry, p int32) int32 {
	parent, name := c.paths[p].parent, c.nameOf(p)
	for _, ce := range e.cells {
		it := &c.out.items[ce.item]
		if name != "" && it.name == name && c.paths[ce.path].parent == parent && nameText(it.n) != "" {
			return ce.item
		}
	}
	if ce, ok := e.find(parent); ok && parent >= 0 && nameText(c.out.items[ce.item].n) != "" {
		return ce.item
	}
	return -1
}

// nameOf is the class of the elements at a path.
func (c *cluster) nameOf(p int32) string {
	for _, e := range c.entries {
		if ce, ok := e.find(p); ok {
			return c.out.items[ce.item].name
		}
	}
	return ""
}

// nameLine is the first line of an element that holds a name: a rank or a role
// may stand below it.
func nameLine(n *html.Node) string {
	if nameText(n) == "" {
		return ownName(n)
	}
	for _, line := range dom.SplitLines(n, nil) {
		if line = strings.TrimPrefix(line, "@"); letters(line) > 0 || dom.Digits(line) != "" {
			return line
		}
	}
	return nameText(n)
}

func (c *cluster) strongestHint(e *entry) int32 {
	best, top := int32(-1), 1
	for _, ce := range e.cells {
		if h := c.out.hints[ce.item]; h > top && !c.constant(ce) && !c.inBody(e, ce.item) && sum(c.out.dates, ce.item, c.out.items[ce.item].end) == 0 {
			best, top = ce.item, h
		}
	}
	return best
}

// propAuthor reads microdata: itemprop=author with a name in it.
func (r *reader) propAuthor(c *cluster, e *entry) *forum.Author {
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		switch dom.Attr(n, "itemprop") {
		case "author", "creator":
		default:
			continue
		}
		name := n
		if f := dom.Find(n, selPropName); f != nil {
			name = f
		} else if dom.HasAttr(n, "itemscope") && nameText(n) == "" {
			continue
		}
		a := &forum.Author{Name: dom.Attr(name, "content")}
		if a.Name == "" {
			a.Name = nameText(name)
		}
		if a.Name == "" {
			continue
		}
		r.accountOf(a, name)
		if a.URL == "" {
			if l := dom.Find(n, selLink); l != nil && profileHint(dom.Attr(l, "href")) > 0 {
				r.profileLink(a, l)
			}
		}
		return a
	}
	return nil
}

var (
	selPropName = dom.Sel("[itemprop=name]")
	selLink     = dom.Sel("a[href]")
)

// accountOf takes the profile's address from the link that the name stands in
// or holds.
func (r *reader) accountOf(a *forum.Author, name *html.Node) {
	link := dom.Closest(name, selLink)
	if link == nil {
		link = dom.Find(name, selLink)
	}
	if link != nil {
		r.profileLink(a, link)
	}
}

func (r *reader) profileLink(a *forum.Author, link *html.Node) {
	href := r.doc.Resolve(dom.Attr(link, "href"))
	if href == "" || !r.doc.SameHost(href) {
		return
	}
	a.URL, a.ID = href, accountID(href)
}

// accountID is the number that a profile's address carries: the value of a
// query key, a path segment of digits, or what follows a point at its end.
func accountID(href string) string {
	for _, key := range [...]string{"u", "uid", "user", "userid", "user_id", "id", "mid", "showuser", "member"} {
		if v := dom.Param(href, key); isNumber(v) {
			return v
		}
	}
	if _, rest, ok := strings.Cut(href, ";u="); ok {
		return dom.IDAfter(rest, "")
	}
	href, _, _ = strings.Cut(href, "?")
	href, _, _ = strings.Cut(href, "#")
	for _, s := range strings.Split(href, "/")[min(3, strings.Count(href, "/")):] {
		if isNumber(s) {
			return s
		}
		if i := strings.LastIndexByte(s, '.'); i > 0 && isNumber(s[i+1:]) {
			return s[i+1:]
		}
	}
	return ""
}

func isNumber(s string) bool {
	if s == "" || len(s) > 19 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// stamp reads an entry's time of posting: at the path, else the first that
// stands outside of the body.
func (r *reader) stamp(c *cluster, e *entry, p int32) (forum.Stamp, int32) {
	if p >= 0 {
		if ce, ok := e.find(p); ok {
			if m, ok := c.out.dated[ce.item]; ok {
				return r.stampOf(&c.out.marks[m]), ce.item
			}
		}
	}
	for _, ce := range e.cells {
		if m, ok := c.out.dated[ce.item]; ok && !c.inBody(e, ce.item) {
			return r.stampOf(&c.out.marks[m]), ce.item
		}
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
