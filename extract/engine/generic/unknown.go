package generic

import (
	"net/url"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html/atom"
)

// titleGroup holds titles that stand at the same place of elements that recur, and
// lead to addresses of one form.
type titleGroup struct {
	targets []target
	urls    []*url.URL
	links   links
	letters int
}

// unknownLines finds the rows of a listing whose addresses carry no word that forums
// have in common: titles that recur at the same place and lead to addresses of one
// form, in elements that show times or counts. It learns the form.
func (r *reader) unknownLines() (boards, threads []line) {
	var best []line
	var group *titleGroup
	score, all := 0, r.titleGroups()
	for _, g := range all {
		if len(g.targets) < 2 || g.letters < 6*len(g.targets) {
			continue
		}
		list := r.linesOf(g)
		if n := r.worth(list); n*min(g.letters/len(g.targets), 30) > score {
			best, group, score = list, g, n*min(g.letters/len(g.targets), 30)
		}
	}
	if group == nil {
		return nil, nil
	}
	kind := r.kindOf(best)
	if kind == forum.KindBoard {
		best, group = r.leadingTitles(best, group, all)
	}
	route := r.learnRoute(kind, group, false)
	for k := range best {
		best[k].link.Kind, best[k].link.ID = kind, route.id(group.urls[k])
	}
	if kind == forum.KindBoard {
		return best, nil
	}
	return nil, best
}

// linesOf are the widest elements around the titles of a group.
func (r *reader) linesOf(g *titleGroup) []line {
	list := make([]line, 0, len(g.targets))
	for _, t := range g.targets {
		from, end := r.around(t, &g.links, &links{})
		list = append(list, line{t, from, end})
	}
	return list
}

// leadingTitles are the first of several titles in rows of boards: those behind them
// are of what was written there last.
func (r *reader) leadingTitles(best []line, group *titleGroup, all []*titleGroup) ([]line, *titleGroup) {
	for _, g := range all {
		if g == group || len(g.targets) != len(best) || g.targets[0].item >= best[0].item {
			continue
		}
		list, same := r.linesOf(g), true
		for k, l := range list {
			same = same && l.from <= best[k].item && best[k].item < l.end && l.item < best[k].item
		}
		if same {
			best, group = list, g
		}
	}
	return best, group
}

// boardsOf finds the boards of a page whose lines name threads but count many: those
// are the newest of each.
func (r *reader) boardsOf(threads []line) []line {
	if len(threads) == 0 || r.kindOf(threads) != forum.KindBoard {
		return nil
	}
	boards, _ := r.unknownLines()
	if len(boards) == 0 || !slices.ContainsFunc(threads, func(l line) bool { return r.isLastPost(l, boards) }) {
		return nil
	}
	return boards
}

// unknownBoard gives a board whose own address means nothing that is known what a crawl
// needs to begin there: an id, which is its address without what counts pages. The
// site's front page is its index.
func (r *reader) unknownBoard() {
	if own, known := r.here(); known && (own.Kind != forum.KindThread || isNumber(own.ID)) || r.page.Kind != forum.KindBoard || r.doc.URL.Host == "" {
		return
	}
	w := route{kind: forum.KindBoard, parts: partsOf(r.doc.URL), first: true}
	if len(w.parts) == 0 || frontPage(r.doc.URL) {
		r.page.Kind = forum.KindIndex
		return
	}
	r.learned = append(r.learned, w.String())
	v := *r.doc.URL
	v.Fragment, v.RawFragment = "", ""
	r.page.Path = append(r.page.Path, forum.Crumb{Name: withoutSite(dom.Text(r.doc.FirstOf(selTitle)), ""), URL: v.String(), ID: w.id(r.doc.URL)})
}

// titleGroups are the links that may be titles of rows, by place and form.
func (r *reader) titleGroups() []*titleGroup {
	o := r.out
	groups := map[string]*titleGroup{}
	seen := map[string]bool{}
	var out []*titleGroup
	for i := range o.items {
		n, name := o.items[i].n, ""
		if n.DataAtom != atom.A || o.aside[i] || o.hints[i] > 0 || inCrumbs(n) {
			continue
		}
		at := int32(i)
		if at, name = r.titleIn(at); letters(name) < 3 {
			continue
		}
		u := r.unknownPage(dom.Attr(n, "href"))
		if u == nil {
			continue
		}
		key := o.stand(int32(i)) + " " + formOf(u)
		g := groups[key]
		if g == nil {
			g = &titleGroup{}
			groups[key] = g
			out = append(out, g)
		}
		address := u.String()
		g.links.add(int32(i), address)
		if seen[key+address] {
			continue
		}
		seen[key+address] = true
		g.letters += int(letters(name))
		g.urls = append(g.urls, u)
		g.targets = append(g.targets, target{at, forum.Link{URL: address, ID: address}, name})
	}
	return out
}

// unknownPage is where a link leads on the page's site, if its address means nothing
// that is known; else nil.
func (r *reader) unknownPage(href string) *url.URL {
	if href == "" || href[0] == '#' || len(href) > 500 {
		return nil
	}
	u, err := r.doc.Base.Parse(href)
	if err != nil || u.Host == "" || !r.doc.SameHost(u.String()) || acts(u.Path+"?"+u.RawQuery) || profileHint(href) > 0 || frontPage(u) {
		return nil
	}
	if _, known := r.meaning(u); known || pageOf(u) > 1 || u.Path == r.doc.URL.Path && u.RawQuery == r.doc.URL.RawQuery {
		return nil
	}
	u.Fragment, u.RawFragment, u.RawQuery = "", "", withoutNoise(u.RawQuery)
	return u
}

// stand is the place of a link: the tags and names of what it stands in.
func (o *outline) stand(i int32) string {
	var b strings.Builder
	for depth := 0; i >= 0 && depth < 5; depth, i = depth+1, o.items[i].parent {
		b.WriteString(o.items[i].n.Data)
		if depth < 3 {
			b.WriteString("." + o.items[i].name)
		}
		b.WriteByte('<')
	}
	return b.String()
}

// worth is how many lines show what rows of a listing show, 0 where most show
// nothing or few show when something was written.
func (r *reader) worth(list []line) int {
	shown, dated := 0, 0
	for _, l := range list {
		if !r.bare(l) {
			shown++
		}
		if sum(r.out.dates, l.from, l.end) > 0 || len(r.people(l)) > 0 {
			dated++
		}
	}
	if 10*shown < 6*len(list) || 10*dated < 6*len(list) {
		return 0
	}
	return shown
}

// kindOf tells rows of boards, which count threads, from rows of threads.
func (r *reader) kindOf(list []line) forum.Kind {
	heads, counting := r.heads(), 0
	for _, l := range list {
		if c := r.counted(l, heads, false); c[countsThreads] != "" && c[countsViews] == "" {
			counting++
		}
	}
	if own, known := r.here(); 2*counting > len(list) && !(known && own.Kind == forum.KindBoard) {
		return forum.KindBoard
	}
	return forum.KindThread
}

// threadsBelow takes threads out of lines that were taken for boards: those whose
// addresses lie below that of the board that the page is, and that count what threads
// have. It learns their form.
func (r *reader) threadsBelow(lines []line) (boards, threads []line) {
	if own, _ := r.here(); own.Kind != forum.KindBoard {
		return lines, nil
	}
	heads, g, own := r.heads(), &titleGroup{}, partsOf(r.doc.URL)
	for _, l := range lines {
		u, err := url.Parse(l.link.URL)
		if err != nil || !goesOn(own, partsOf(u)) || !r.countsAsThread(l, heads) {
			boards = append(boards, l)
			continue
		}
		l.link.Kind = forum.KindThread
		threads, g.targets, g.urls = append(threads, l), append(g.targets, l.target), append(g.urls, u)
	}
	if len(threads) < 2 {
		return lines, nil
	}
	r.learnRoute(forum.KindThread, g, true)
	return boards, threads
}

// countsAsThread tells a line that counts what a thread has, and no threads.
func (r *reader) countsAsThread(l line, heads *heads) bool {
	said, named := r.counted(l, heads, false), r.counted(l, heads, true)
	switch {
	case said[countsThreads] != "":
		return false
	case said[countsReplies]+said[countsViews] != "":
		return true
	}
	return named[countsThreads] == "" && named[countsReplies]+named[countsViews]+named[countsPosts] != ""
}

// goesOn tells the parts of an address that goes on where another ends.
func goesOn(own, parts []string) bool {
	return len(own) > 0 && len(parts) > len(own) && slices.Equal(parts[:len(own)], own)
}

// learnRoute notes the form of the addresses of a group, where it names something.
func (r *reader) learnRoute(kind forum.Kind, g *titleGroup, first bool) route {
	names := make([]string, len(g.targets))
	for k, t := range g.targets {
		names[k] = t.name
	}
	way := routeOf(kind, g.urls, names, r.ownWildcards())
	way.first = first
	if way.certain() && !slices.Contains(r.learned, way.String()) {
		r.learned = append(r.learned, way.String())
	}
	return way
}

// ownWildcards are the places of the page's own address that differ from page to page
// by what is known of the forum.
func (r *reader) ownWildcards() map[string]bool {
	out := map[string]bool{}
	parts := partsOf(r.doc.URL)
	if own, known := r.here(); known {
		for _, p := range parts {
			if _, value, _ := cutKey(p); value == own.ID {
				out[p] = true
			}
		}
	}
	if way, ok := matchRoute(r.routes, r.doc.URL); ok {
		for i, token := range way.parts {
			if wild(token) && i < len(parts) {
				out[parts[i]] = true
			}
		}
	}
	return out
}
