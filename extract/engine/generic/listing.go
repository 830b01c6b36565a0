package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// target is a link to a thread or a board that stands as a title somewhere.
type target struct {
	item int32
	link forum.Link
	name string
}

// line is one row of a listing: the widest element around a title that holds no
// other title.
type line struct {
	target
	from, end int32
}

// listing reads the rows of a page that is no thread: lines that each lead to a
// thread or to a board, and show times or counts.
func (r *reader) listing() {
	boards, threads := r.lines()
	threads = slices.DeleteFunc(threads, func(l line) bool { return r.isLastPost(l, boards) })
	boards = slices.DeleteFunc(boards, func(l line) bool { return r.isWhere(l, threads) })
	showing := r.showing(boards)
	boards = slices.DeleteFunc(boards, func(l line) bool { return r.bare(l) && !showing[r.place(l)] })
	if !r.tabled(threads) {
		threads = nil
	}
	if !r.tabled(boards) || len(threads) == 0 && !r.ofForum() && !slices.ContainsFunc(boards, ofForum) && !r.twoCounts(boards) {
		boards = nil
	}
	if len(threads) == 0 && len(boards) > 1 {
		boards, threads = r.threadsBelow(boards)
	}
	if len(boards) == 0 {
		if boards = r.boardsOf(threads); len(boards) > 0 {
			threads = nil
		}
	}
	if len(threads) == 0 && len(boards) == 0 && (!r.guess || r.ofForum()) {
		boards, threads = r.unknownLines()
	}
	if len(threads) == 0 && len(boards) == 0 {
		return
	}
	heads := r.heads()
	for _, l := range threads {
		r.page.Listing = append(r.page.Listing, r.row(l, heads))
	}
	r.boards(boards, heads)
	r.page.Kind = forum.KindBoard
	if len(threads) == 0 {
		r.page.Kind = forum.KindIndex
	}
	r.page.Extract.Strategy, r.page.Extract.Confidence = "repeated", 0.4
	r.page.Extract.Warnings = append(r.page.Extract.Warnings, "guessed")
	r.listingPages()
	r.unknownBoard()
}

// ofForum tells boards whose address says so: shops and blogs have categories
// too.
func ofForum(l line) bool {
	u, err := url.Parse(l.link.URL)
	if err != nil {
		return false
	}
	if segs := strings.Split(strings.Trim(u.Path, "/"), "/"); len(segs) > 2 && segs[0] == "c" && isNumber(segs[len(segs)-1]) {
		return true
	}
	return forumLike(u) || numberAfter(u, []string{"f", "fid", "viewforum", "forumdisplay", "showforum", "forumid"}) != ""
}

// twoCounts tells lines most of which show two counts, threads and posts: a
// blog's category shows one.
func (r *reader) twoCounts(list []line) bool {
	n := 0
	for _, l := range list {
		if len(r.numbers(l)) > 1 {
			n++
		}
	}
	return 2*n > len(list)
}

// links are the page's links to threads and boards outside of its frame.
type links struct {
	at  []int32
	ids []string
}

func (l *links) add(i int32, id string) { l.at, l.ids = append(l.at, i), append(l.ids, id) }

// within gives the ids of the links from one item up to another.
func (l *links) within(from, end int32, do func(id string) bool) {
	lo, _ := slices.BinarySearch(l.at, from)
	for k := lo; k < len(l.at) && l.at[k] < end; k++ {
		if !do(l.ids[k]) {
			return
		}
	}
}

// lines finds the rows that lead to threads and those that lead to boards.
func (r *reader) lines() (boards, threads []line) {
	o := r.out
	own, _ := r.here()
	all := map[forum.Kind]*links{forum.KindBoard: {}, forum.KindThread: {}}
	titles := map[forum.Kind][]target{}
	first := map[string]int{}
	for i := range o.items {
		n := o.items[i].n
		if n.DataAtom != atom.A || o.aside[i] || inCrumbs(n) {
			continue
		}
		link, ok := r.linkOf(n)
		if !ok || all[link.Kind] == nil || link.ID == own.ID && link.Kind == own.Kind || link.Kind == forum.KindBoard && toPost(n) {
			continue
		}
		all[link.Kind].add(int32(i), link.ID)
		at, name := r.titleIn(int32(i))
		if name == "" {
			continue
		}
		key := string(link.Kind) + link.ID
		if k, seen := first[key]; !seen {
			first[key] = len(titles[link.Kind])
			titles[link.Kind] = append(titles[link.Kind], target{at, link, name})
		} else if t := &titles[link.Kind][k]; letters(t.name) < 3 {
			t.name = name
		}
	}
	for _, t := range titles[forum.KindBoard] {
		from, end := r.around(t, all[forum.KindBoard], all[forum.KindThread])
		boards = append(boards, line{t, from, end})
	}
	for _, t := range titles[forum.KindThread] {
		from, end := r.around(t, all[forum.KindThread], all[forum.KindBoard])
		threads = append(threads, line{t, from, end})
	}
	return r.grown(boards), threads
}

// titleIn is the title that a link has, and where: its text, else the heading in a link
// around a whole row. There is none in links to pages, to times, to nothing but signs.
func (r *reader) titleIn(i int32) (at int32, title string) {
	o := r.out
	timed := sum(o.dates, i, o.items[i].end) > 0
	if text := withoutCount(o.items[i].n, o.text(i)); titled(text) && (!timed || r.saysBegan(o.items[i].n, text)) {
		return i, text
	}
	for k := i + 1; k < o.items[i].end; k++ {
		switch o.items[k].n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			if text := o.text(k); titled(text) && sum(o.dates, k, o.items[k].end) == 0 {
				return k, text
			}
		}
	}
	return i, ""
}

// saysBegan tells a link whose tooltip says, behind the title again or words of its own,
// when the thread began.
func (r *reader) saysBegan(a *html.Node, text string) bool {
	tip := dom.Attr(a, "title")
	if letters(text) < 4 || looksTimed(text) || len(tip) > 300 {
		return false
	}
	st, before, _ := r.clock.Within(tip)
	return strings.HasPrefix(tip, text) || st.Known() && strings.Count(strings.TrimSpace(before), " ") > 1
}

// toPost tells links to a place on a page that is named for a post: boards have none.
func toPost(a *html.Node) bool {
	_, place, ok := strings.Cut(dom.Attr(a, "href"), "#")
	return ok && reToPost.MatchString(place)
}

var reToPost = regexp.MustCompile(`^(?:p|pid|msg|post|message|comment|reply)?[-_]?\d{1,12}$`)

// grown settles the rows of boards that list boards below them. Around their
// own link is nothing but the link: the row is the element that holds counts or
// times too, and the first board in it is the row's own. Headings of groups,
// whose element holds whole rows, are none.
func (r *reader) grown(list []line) []line {
	wide := make([]line, len(list))
	for k, l := range list {
		wide[k] = l
		if !r.bare(l) {
			continue
		}
		for i, depth := r.out.items[l.from].parent, 0; i >= 0 && depth < 5; i, depth = r.out.items[i].parent, depth+1 {
			if stop := r.out.items[i].n.DataAtom; stop == atom.Body || stop == atom.Tbody || stop == atom.Table || stop == atom.Main {
				break
			}
			if w := (line{l.target, i, r.out.items[i].end}); !r.bare(w) {
				wide[k] = w
				break
			}
		}
	}
	return r.apart(list, wide)
}

// apart leaves out the lines whose own link shows nothing and that lie in
// another line which shows something, or around one.
func (r *reader) apart(list, wide []line) []line {
	var full []int
	for k, l := range wide {
		if !r.bare(l) {
			full = append(full, k)
		}
	}
	var out []line
	for k, l := range wide {
		covered := r.bare(list[k]) && slices.ContainsFunc(full, func(j int) bool {
			o := wide[j]
			inner := o.from <= l.from && l.end <= o.end && j < k
			outer := l.from < o.from && o.end <= l.end || l.from == o.from && j < k
			return j != k && (inner || outer)
		})
		if !covered {
			out = append(out, l)
		}
	}
	return out
}

// span is a run of items and the title that it belongs to.
type span struct{ from, end, item int32 }

// bare tells lines that show neither counts nor times. Lines are compared with
// one another, so what was found is kept.
func (r *reader) bare(l line) bool {
	if sum(r.out.dates, l.from, l.end) > 0 {
		return false
	}
	key := span{l.from, l.end, l.item}
	known, ok := r.empty[key]
	if !ok {
		known = len(r.numbers(l)) == 0
		if r.empty == nil {
			r.empty = map[span]bool{}
		}
		r.empty[key] = known
	}
	return known
}

// titled tells the text of a title from those of the links beside it: page
// numbers, counts, signs. A title may hold numbers and years; what is a time is told
// by reading it.
func titled(s string) bool {
	return s != "" && len(s) < 300 && (letters(s) > 1 || len(s) > 3 && !counter(s))
}

func (r *reader) linkOf(n *html.Node) (forum.Link, bool) {
	href := dom.Attr(n, "href")
	if href == "" || href[0] == '#' {
		return forum.Link{}, false
	}
	link, known := r.links[href]
	if !known {
		if r.links == nil {
			r.links = map[string]forum.Link{}
		}
		link = r.readLink(href)
		r.links[href] = link
	}
	return link, link.Kind != ""
}

// readLink is what a link of the page's own site means; a link without a kind
// means nothing.
func (r *reader) readLink(href string) forum.Link {
	u, err := r.doc.Base.Parse(href)
	if err != nil || u.Host != "" && !r.doc.SameHost(u.String()) {
		return forum.Link{}
	}
	link, _ := r.meaning(u)
	return link
}

// inCrumbs tells the path to the page from its content.
func inCrumbs(n *html.Node) bool {
	for p, depth := n, 0; p != nil && depth < 6; p, depth = p.Parent, depth+1 {
		name := strings.ToLower(dom.Attr(p, "class") + " " + dom.Attr(p, "id"))
		for _, w := range [...]string{"crumb", "navbar", "navigation", "footer", "pagina", "sidebar", "menu"} {
			if strings.Contains(name, w) && p.DataAtom != atom.Body && (p != n || w == "crumb") {
				return true
			}
		}
		for _, w := range [...]string{"subforum", "sub-forum", "childboard", "moderat"} {
			if depth < 3 && p.DataAtom != atom.Tr && p.DataAtom != atom.Dl && p.DataAtom != atom.Li && strings.Contains(name, w) {
				return true
			}
		}
	}
	return false
}

// around is the widest element that holds a title, none of another page of its
// kind, and few of another kind.
func (r *reader) around(t target, same, other *links) (from, end int32) {
	o := r.out
	from, end = t.item, o.items[t.item].end
	for i := o.items[t.item].parent; i >= 0; i = o.items[i].parent {
		alone := true
		same.within(i, o.items[i].end, func(id string) bool { alone = id == t.link.ID; return alone })
		seen := map[string]bool{}
		other.within(i, o.items[i].end, func(id string) bool { seen[id] = true; return len(seen) < 2 })
		if !alone || len(seen) > 1 {
			return from, end
		}
		switch o.items[i].n.DataAtom {
		case atom.Table, atom.Tbody:
			if r.bare(line{t, from, end}) || oneRow(o.items[i].n) {
				continue // a table in a row's cell
			}
			return from, end
		case atom.Body, atom.Html, atom.Main, atom.Form:
			return from, end
		}
		from, end = i, o.items[i].end
	}
	return from, end
}

// oneRow tells tables of one row, and their bodies.
func oneRow(n *html.Node) bool {
	rows := 0
	for c := n.FirstChild; c != nil && rows < 2; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Tr:
			rows++
		case atom.Tbody:
			if !oneRow(c) {
				return false
			}
		case atom.Thead:
			return false
		}
	}
	return rows < 2
}

// boardsPage tells a page whose address is a board's and which lists threads:
// whatever recurs on it are their rows.
func (r *reader) boardsPage() bool {
	if own, ok := r.here(); !ok || own.Kind != forum.KindBoard {
		return false
	}
	_, threads := r.lines()
	return len(threads) > 1 && r.tabled(threads)
}

// isLastPost tells a thread that a board's row names as its newest.
func (r *reader) isLastPost(l line, boards []line) bool {
	return slices.ContainsFunc(boards, func(b line) bool { return b.from <= l.item && l.item < b.end && b.item < l.item })
}

// isWhere tells a board that a thread's row names as the place of the thread.
func (r *reader) isWhere(l line, threads []line) bool {
	return slices.ContainsFunc(threads, func(t line) bool { return t.from <= l.item && l.item < t.end && t.item < l.item })
}

// tabled asks whether lines are a listing: nearly all show a time or a count,
// and one alone counts only where the address is a board's.
func (r *reader) tabled(list []line) bool {
	shown, showing := 0, r.showing(list)
	for _, l := range list {
		if !r.bare(l) || showing[r.place(l)] {
			shown++
		}
	}
	own, _ := r.here()
	least := 2
	if own.Kind == forum.KindBoard {
		least = 1
	}
	return len(list) >= least && 10*shown >= 6*len(list)
}

// place is where a line stands: lines of one place stand beside one another.
type place struct {
	parent int32
	tag    string
}

func (r *reader) place(l line) place {
	it := &r.out.items[l.from]
	return place{it.parent, it.n.Data}
}

// showing are the places of lines that show something: those that stand beside
// them need not.
func (r *reader) showing(list []line) map[place]bool {
	out := map[place]bool{}
	for _, l := range list {
		if !r.bare(l) {
			out[r.place(l)] = true
		}
	}
	return out
}

// row reads one thread's line.
func (r *reader) row(l line, heads *heads) forum.Row {
	row := forum.Row{ID: l.link.ID, URL: l.link.URL, Title: l.name, PageCount: r.pagesOf(l)}
	c := r.counters(l, heads)
	row.ReplyCount, row.ViewCount = dom.Count(c[countsReplies]), dom.Count(c[countsViews])
	if row.ReplyCount == nil {
		if posts := dom.Count(c[countsPosts]); posts != nil && *posts > 0 {
			row.ReplyCount = new(*posts - 1)
		}
	}
	_, rounded, _ := dom.Number(c[countsReplies])
	_, also, _ := dom.Number(c[countsViews])
	row.CountsRounded = rounded || also
	r.moments(l, &row)
	row.IsSticky, row.IsLocked = r.flagged(l, "sticky", "pinned", "announce"), r.flagged(l, "locked", "closed")
	return row
}

// flagged tells whether the names of a row's elements, not those of the title,
// hold one of some words.
func (r *reader) flagged(l line, list ...string) bool {
	for i := l.from; i < l.end; i++ {
		n := r.out.items[i].n
		for _, key := range [...]string{"class", "alt", "src", "title"} {
			v := dom.Attr(n, key)
			if v == "" || len(v) > 200 {
				continue
			}
			for _, w := range words(v) {
				if slices.Contains(list, w) {
					return true
				}
			}
		}
	}
	return false
}

// pagesOf is the greatest page number that a row links of its thread.
func (r *reader) pagesOf(l line) int {
	most := 0
	for i := l.from; i < l.end; i++ {
		n := r.out.items[i].n
		if n.DataAtom != atom.A {
			continue
		}
		link, ok := r.linkOf(n)
		if p, isNum := ordinalText(r.out.text(i)); ok && isNum && link.ID == l.link.ID && p < 100000 {
			most = max(most, p)
		}
	}
	return most
}

// listingPages reads which page of the listing this is, and what follows it.
func (r *reader) listingPages() {
	var t forum.Thread
	t.Page, t.PageCount = 1, 1
	r.paging(&t)
	r.page.PageNumber, r.page.PageCount = t.Page, max(t.Page, t.PageCount)
	if r.page.Next != "" {
		u, err := url.Parse(r.page.Next)
		if err != nil {
			return
		}
		if link, ok := r.meaning(u); ok && link.Kind == forum.KindThread {
			r.page.Next = ""
		}
	}
}
