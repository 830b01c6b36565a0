package generic

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html/atom"
)

// boards reads the lines of boards, each with the boards below it that it names.
func (r *reader) boards(list []line, heads *heads) {
	listed, own := map[string]int{}, ""
	for _, l := range list {
		listed[l.link.ID] = 2
	}
	if here, ok := r.here(); ok && here.Kind == forum.KindBoard {
		own = here.ID
	}
	listed[own] = 2
	below := make([][]forum.Board, len(list))
	for k, l := range list {
		below[k] = r.below(l, listed)
	}
	for k, l := range list {
		r.page.Boards = append(r.page.Boards, r.board(l, heads))
		for _, b := range below[k] {
			if listed[b.ID] == 1 {
				r.page.Boards = append(r.page.Boards, b)
			}
		}
	}
}

// below are the boards that a board's line names behind its own name. It counts in how
// many lines each is named: what several name lies below none of them.
func (r *reader) below(l line, listed map[string]int) []forum.Board {
	o, seen := r.out, map[string]bool{}
	var out []forum.Board
	for i := o.items[l.item].end; i < l.end; i++ {
		n := o.items[i].n
		if n.DataAtom != atom.A || o.dated[i] >= 0 {
			continue
		}
		link, ok := r.linkOf(n)
		if !ok || link.Kind != forum.KindBoard || toPost(n) || link.Page > 1 || seen[link.ID] || !titled(o.text(i)) || r.inLastPost(l, i) {
			continue
		}
		seen[link.ID] = true
		listed[link.ID]++
		out = append(out, lower(o.text(i), dom.Attr(n, "title"), forum.Board{ID: link.ID, URL: link.URL, ParentID: l.link.ID}))
	}
	return out
}

// inLastPost tells a link that shares a part of the line without its title with a time:
// boards have none, what was written there last has.
func (r *reader) inLastPost(l line, i int32) bool {
	o := r.out
	for p := o.items[i].parent; p > l.from && !o.within(l.item, p); p = o.items[p].parent {
		i = p
	}
	return sum(o.dates, i, o.items[i].end) > 0
}

// reBehind is what some boards write behind a name: how many threads and posts it has.
var reBehind = regexp.MustCompile(`^(.*\S)\s*\(\s*(\d[\d.,]*)(?:\s*[,/]\s+(\d[\d.,]*))?\s*\)$`)

// lower is a board below another by the text and the title of its link.
func lower(name, title string, b forum.Board) forum.Board {
	b.Name = name
	if m := reBehind.FindStringSubmatch(name); m != nil {
		b.Name = m[1]
		if m[3] != "" {
			b.ThreadCount, b.PostCount = dom.Count(m[2]), dom.Count(m[3])
		}
	}
	if i, j := strings.LastIndexByte(title, '('), strings.LastIndexByte(title, ')'); i >= 0 && i < j {
		title = title[i+1 : j]
	}
	for _, n := range labelledAll(title) {
		switch countOf(n.label) {
		case countsThreads:
			b.ThreadCount = dom.Count(n.value)
		case countsPosts:
			b.PostCount = dom.Count(n.value)
		}
	}
	return b
}

// board reads one board's line.
func (r *reader) board(l line, heads *heads) forum.Board {
	b := forum.Board{ID: l.link.ID, Name: l.name, URL: l.link.URL}
	c := r.counters(l, heads)
	b.ThreadCount, b.PostCount = dom.Count(c[countsThreads]), dom.Count(c[countsPosts])
	if b.PostCount == nil {
		b.PostCount = dom.Count(c[countsReplies])
	}
	_, rounded, _ := dom.Number(c[countsThreads])
	_, also, _ := dom.Number(c[countsPosts])
	b.CountsRounded = rounded || also
	var row forum.Row
	r.moments(l, &row)
	b.LastPost = row.LastPost
	b.Description = r.about(l)
	return b
}

// about is the line below a board's name: the longest text of its own that is
// neither link nor counter nor time.
func (r *reader) about(l line) string {
	o := r.out
	best := ""
	for i := l.item; i < l.end; i++ {
		it := &o.items[i]
		if o.dated[i] >= 0 || it.own == "" || it.n.DataAtom == atom.A || o.linked[i+1] > o.linked[i] || o.within(i, l.item) || o.hints[i] > 0 {
			continue
		}
		if value, _ := labelled(it.own); value == "" && letters(it.own) > letters(best) && letters(it.own) > 7 && sum(o.dates, i, it.end) == 0 {
			best = it.own
		}
	}
	return best
}
