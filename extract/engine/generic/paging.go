package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selNextA = dom.Sel("a[rel~=next][href], link[rel~=next][href]")
	selPrevA = dom.Sel("a[rel~=prev][href], link[rel~=prev][href]")
	selPager = dom.Sel("[class*=pagina], [class*=pagenav], [class*=PageNav], [class*=pageNav], [class*=pager], [class*=Pager], [class*=pagelink], [class*=pages], [class*=Pages], [class*=page-nav], [class*=page-numbers], [class*=paging], nav[aria-label*=age]")
)

// paging reads the page's number and how many there are from the links between
// them, and which page comes next: by what the page states, by the number after
// its own, by a link that is named for it.
func (r *reader) paging(t *forum.Thread) {
	for _, n := range r.doc.FindMatcher(selNextA).Nodes {
		if r.page.Next == "" && !isInactive(n) {
			r.setNext(n)
		}
	}
	bar := r.bars()
	r.pageNumber(t, bar)
	if r.page.Next == "" {
		r.setNext(bar.next(t.Page + 1))
	}
	if r.page.Next == "" && (bar.current == 0 || bar.current < bar.most) {
		r.setNext(r.forward(t.Page))
	}
	if r.page.Next != "" {
		r.pageBefore(t, bar)
		t.PageCount = t.Page + 1
	}
	t.PageCount = max(t.PageCount, bar.most, bar.total)
}

// bars reads all bars of page links: those that are named so, else those that
// their numbers give away.
func (r *reader) bars() *pageBar {
	bar := &pageBar{}
	for _, n := range r.doc.FindMatcher(selPager).Nodes {
		if !strings.Contains(dom.Attr(n, "class"), "crumb") { // of the board
			bar.read(r, n)
		}
	}
	if bar.links == 0 {
		r.unnamedBars(bar)
	}
	if bar.current > 50 && bar.current > 10*bar.most && bar.current != pageOf(r.doc.URL) {
		bar.current = 0 // a number of something else
	}
	bar.most = max(bar.most, bar.current)
	return bar
}

// pageNumber is the number that the bar marks, else the one in the page's own
// address, where the bar's addresses may count from nought.
func (r *reader) pageNumber(t *forum.Thread, bar *pageBar) {
	n := pageOf(r.doc.URL)
	if n > 0 {
		n += bar.nought
	}
	switch {
	case bar.current > 0 && bar.links > 0:
		t.Page = bar.current
	case bar.shown > 0 && (n < 2 || n == bar.shown):
		t.Page = bar.shown
	case n > 1:
		t.Page = n
	default:
		t.Page = max(t.Page, r.pageAt(r.doc.URL, bar))
	}
}

// pageBefore takes the page's number from that of the next one, where nothing
// else tells it.
func (r *reader) pageBefore(t *forum.Thread, bar *pageBar) {
	u, err := url.Parse(r.page.Next)
	if err != nil || bar.current > 0 || bar.shown > 0 {
		return
	}
	if n := pageOf(u) + bar.nought; n == t.Page+1 || n > 1 && t.Page == 1 && r.doc.Has(selPrevA) {
		t.Page = n - 1
	}
}

// isInactive tells arrows that lead nowhere: the last page has them too.
func isInactive(n *html.Node) bool {
	class := strings.ToLower(dom.Attr(n, "class") + " " + dom.Attr(n.Parent, "class"))
	return strings.Contains(class, "inactive") || strings.Contains(class, "disabled")
}

// unnamedBars reads bars of page links without a name of their own: what stands
// around a link that is a number and leads to that page of this list.
func (r *reader) unnamedBars(bar *pageBar) {
	for _, a := range r.doc.FindMatcher(selLink).Nodes {
		href := dom.Attr(a, "href")
		p, ok := pageText(dom.NodeText(a))
		if !ok || p > 9999 || a.Parent == nil || strings.HasPrefix(href, "#") || bar.byPage[p] != nil || !strings.ContainsAny(href, "0123456789") {
			continue
		}
		if u, err := r.doc.Base.Parse(href); err == nil && !(u.Fragment != "" && u.Path == r.doc.URL.Path) && r.sibling(u) && counts(u, p) {
			bar.read(r, a.Parent)
		}
	}
}

// counts tells an address that carries a page's number, from nought or from
// one, or how many posts stand before the page.
func counts(u *url.URL, p int) bool {
	if n := pageOf(u); n == p || n == p-1 && n > 0 || offsetOf(u) > 0 {
		return true
	}
	return slices.Contains(reNumbers.FindAllString(u.Path, -1), strconv.Itoa(p))
}

// sibling tells addresses of pages of the list that this page is one of.
func (r *reader) sibling(u *url.URL) bool {
	own := r.doc.URL
	if own.Host == "" || frontPage(own) {
		return true
	}
	here, known := r.here()
	if link, ok := r.meaning(u); ok && known {
		return link.Kind == here.Kind && link.ID == here.ID
	}
	if !related(pageStem(own.Path), pageStem(u.Path)) {
		return false
	}
	mine := own.Query()
	for key, values := range u.Query() {
		if old, both := mine[key]; both && !pageKey(key) && old[0] != values[0] {
			return false
		}
	}
	return true
}

// related tells the stems of addresses that are one, or that differ in one
// number that only one of them may have: "wool-t77" and "wool-t77-s30",
// "t88_wash" and "t88p2_wash". What both begin with has to name something.
func related(a, b string) bool {
	k := 0
	for k < len(a) && k < len(b) && a[k] == b[k] {
		k++
	}
	if k == len(a) && k == len(b) {
		return true
	}
	for k > 0 && isDigit(a[k-1]) && (k < len(a) && isDigit(a[k]) || k < len(b) && isDigit(b[k])) {
		k-- // not into a number
	}
	if letters(a[:k]) < 12 && !strings.ContainsAny(a[:k], "0123456789") {
		return false
	}
	x, y := strings.TrimLeft(a[k:], "-_"), strings.TrimLeft(b[k:], "-_")
	cut := func(s string) string { return strings.TrimLeft(s[len(reCount.FindString(s)):], "-_") }
	return cut(x) == cut(y) || cut(x) == y || x == cut(y)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

var reCount = regexp.MustCompile(`^[-_,./?]?(?:[a-z]{1,3}|page)?=?\d{1,6}`) // mirrors keep a query in a file's name

// pageStem is a path without what counts its pages: "/a/page/2", "/a/page-2.html".
func pageStem(path string) string {
	segs := strings.Split(strings.Trim(strings.ToLower(path), "/"), "/")
	for n := len(segs) - 1; n >= 0; n = len(segs) - 1 {
		switch last := withoutExtension(segs[n]); {
		case pageSegment(last) > 0, pageWord(last):
		case n > 0 && isNumber(last) && pageWord(segs[n-1]):
		default:
			return strings.Join(append(segs[:n:n], last), "/")
		}
		segs = segs[:n]
	}
	return ""
}

// sessions are the keys of a visit's number in an address.
var sessions = []string{"sid", "PHPSESSID", "phpsessid", "sessionid", "SID"}

// withoutSession is an address without what differs from visit to visit.
func withoutSession(u *url.URL) string {
	pairs := strings.Split(u.RawQuery, "&")
	kept := pairs[:0]
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		if slices.Contains(sessions, key) || key == "s" && len(value) >= 16 {
			continue
		}
		kept = append(kept, pair)
	}
	u.RawQuery, u.Fragment, u.RawFragment = strings.Join(kept, "&"), "", ""
	return u.String()
}

func (r *reader) setNext(n *html.Node) {
	if n == nil {
		return
	}
	next := r.doc.Resolve(dom.Attr(n, "href"))
	u, err := url.Parse(next)
	if next == "" || err != nil || !r.doc.SameHost(next) || next == r.doc.URL.String() || !r.sibling(u) {
		return
	}
	if u.Path == r.doc.URL.Path && pageOf(u) == pageOf(r.doc.URL) && offsetOf(u) == offsetOf(r.doc.URL) {
		return // this page in other words
	}
	r.page.Next = withoutSession(u)
}

// pageBar is what the bars of page links on a page say.
type pageBar struct {
	links   int
	most    int // the greatest number
	current int // the number that is no link, or that is marked
	shown   int // as "page 2 of 7" says it
	total   int // likewise
	per     int // posts a page, where addresses count posts
	nought  int // 1 where addresses count pages from nought
	byPage  map[int]*html.Node
	named   *html.Node // the link that is named for the next page
}

// rePages reads "Page 2 of 7" in the usual languages.
var rePages = regexp.MustCompile(`(?i)(?:^|\D)(\d{1,5})\s*(?:of|von|sur|de|di|da|van|av|af|ud af|z|ze|od|из|з|από|dari|/|共)\s*(\d{1,5})(?:\D|$)`)

// read takes one bar. A number among the links that is none itself is the
// page's own.
func (b *pageBar) read(r *reader, n *html.Node) {
	size := 0
	if !textWithin(n, &size, 400) {
		return
	}
	links, current := 0, 0
	for c := range dom.Below(n) {
		switch {
		case c.DataAtom == atom.A:
			links += b.link(r, c, &current)
		case c.Type == html.TextNode && dom.Closest(c, selCrumb) == nil:
			text := strings.TrimSpace(c.Data)
			b.sentence(text)
			if p, ok := pageText(text); ok && current == 0 {
				current = p
			}
		}
	}
	if links == 0 {
		return
	}
	b.links += links
	if current > 0 && current < 100000 && b.current == 0 {
		b.current = current
	}
}

// sentence reads which page this is and how many there are.
func (b *pageBar) sentence(text string) {
	if len(text) > 60 || b.total > 0 || len(reNumbers.FindAllString(text, 3)) != 2 {
		return
	}
	if m := rePages.FindStringSubmatch(text); m != nil {
		page, _ := strconv.Atoi(m[1])
		total, _ := strconv.Atoi(m[2])
		if page > 0 && page <= total {
			b.shown, b.total = page, total
		}
	}
}

// pageText is the number that the text of a bar's link is: "2", "[2]".
func pageText(s string) (int, bool) {
	if strings.HasPrefix(s, "#") || len(s) > 20 {
		return 0, false
	}
	return ordinalText(strings.Trim(s, "[]()., \u00a0"))
}

// link takes one link of a bar, and tells whether it is a page's.
func (b *pageBar) link(r *reader, a *html.Node, current *int) int {
	u, err := r.doc.Base.Parse(dom.Attr(a, "href"))
	if err != nil || u.Path == "" || strings.HasPrefix(dom.Attr(a, "href"), "#") {
		return 0
	}
	own, known := r.here()
	if link, ok := r.meaning(u); ok && known && (link.Kind != own.Kind || link.ID != own.ID) {
		return 0 // of another list
	}
	p, ok := pageText(dom.NodeText(a))
	if !ok {
		if b.named == nil && (pageOf(u) > 0 || offsetOf(u) > 0) && forwardRank(a) > 2 {
			b.named = a
		}
		return 0
	}
	n := pageOf(u)
	if p >= 100000 || n != p && p != 1 && !strings.ContainsAny(u.RawQuery, "=/") && !strings.Contains(u.Path, strconv.Itoa(p)) {
		return 0
	}
	if n > 0 && n == p-1 {
		b.nought = 1
	}
	if offset := offsetOf(u); offset > 0 && p > 1 && offset%(p-1) == 0 {
		b.per = offset / (p - 1)
	}
	b.most = max(b.most, p)
	if b.byPage == nil {
		b.byPage = map[int]*html.Node{}
	}
	if b.byPage[p] == nil {
		b.byPage[p] = a
	}
	class := strings.ToLower(dom.Attr(a, "class") + " " + dom.Attr(a.Parent, "class"))
	if dom.Attr(a, "aria-current") != "" || strings.Contains(class, "current") || strings.Contains(class, "active") && !strings.Contains(class, "inactive") || strings.Contains(class, "highlight") || strings.Contains(class, "selected") {
		*current = p
	}
	return 1
}

// next is the link to a page, by its number, else by its name.
func (b *pageBar) next(page int) *html.Node {
	if n := b.byPage[page]; n != nil && page > 1 {
		return n
	}
	return b.named
}

func eachLink(n *html.Node, do func(*html.Node)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if c.Data == "a" {
			do(c)
		}
		eachLink(c, do)
	}
}
