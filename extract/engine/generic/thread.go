package generic

import (
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selTitles = dom.Sel("h1, h2, h3, [itemprop=headline], [itemprop=name]")
	selTitle  = dom.Sel("title")
	selNextA  = dom.Sel("a[rel~=next][href], link[rel~=next][href]")
	selPrevA  = dom.Sel("a[rel~=prev][href], link[rel~=prev][href]")
	selPager  = dom.Sel("[class*=pagina], [class*=pagenav], [class*=PageNav], [class*=pageNav], [class*=pager], [class*=pagelink], [class*=pages], [class*=page-nav], nav[aria-label*=age]")
	selCrumbs = dom.Sel("[class*=readcrumb], [id*=readcrumb], [class*=crumbs], nav[aria-label*=readcrumb]")
	selCrumb  = dom.Sel("a[href]")
	selListed = dom.Sel("[itemtype$='/BreadcrumbList'] [itemprop=itemListElement]")
)

// thread reads what the page says of the thread as a whole.
func (r *reader) thread(l *linkedData) {
	t := &forum.Thread{Title: r.title(l), Page: 1, PageCount: 1}
	r.page.Thread = t
	r.paging(t)
	address := r.doc.Canonical()
	u, err := url.Parse(address)
	if address == "" || err != nil || !r.doc.SameHost(address) {
		u = r.doc.URL
	}
	if link, ok := canonical(u); ok && link.Kind == forum.KindThread {
		t.ID = link.ID
		if t.Page == 1 && link.Page > 1 {
			t.Page = link.Page
		}
	}
	if t.PageCount < t.Page {
		t.PageCount = t.Page
	}
	if t.Page == 1 && u.Host != "" {
		v := *u
		v.Fragment = ""
		t.URL = v.String()
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "the address carries no number that is known to be the thread's")
	}
	r.page.Path = r.path(l, t.Title)
	for i := range r.page.Posts {
		if p := &r.page.Posts[i]; p.IsSolution {
			t.SolutionPostID, t.IsSolved = p.ID, new(true)
		}
	}
}

// title is the longest heading that the page's title repeats, else the title
// that the page states for others, without the site's name.
func (r *reader) title(l *linkedData) string {
	whole := dom.Text(r.doc.FindMatcher(selTitle).First())
	key := fingerprint(whole, 400)
	site := fingerprint(r.doc.Meta("og:site_name"), 60)
	best, top := "", 3
	for _, n := range r.doc.FindMatcher(selTitles).Nodes {
		s := dom.NodeText(n)
		k := fingerprint(s, 200)
		size := len(k)
		if n.DataAtom == atom.H1 {
			size += 4
		}
		if len(k) > 3 && size > top && strings.Contains(key, k) && k != site {
			best, top = s, size
		}
	}
	if best != "" {
		return best
	}
	if l.title != "" {
		return l.title
	}
	s := dom.Fold(r.doc.Meta("og:title"))
	if s == "" {
		s = whole
	}
	return withoutSite(s, r.doc.Meta("og:site_name"))
}

// withoutSite cuts the last part off a title, where it is the site's name or
// shorter than the rest.
func withoutSite(s, site string) string {
	for _, sep := range [...]string{" | ", " • ", " :: ", " — ", " – ", " - ", " » ", " / "} {
		i := strings.LastIndex(s, sep)
		if i <= 0 {
			continue
		}
		if tail := s[i+len(sep):]; strings.EqualFold(tail, site) || len(tail) < i {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

// paging reads the page's number and how many there are from the links between
// them.
func (r *reader) paging(t *forum.Thread) {
	if n := r.doc.FindMatcher(selNextA).First(); n.Length() > 0 {
		if next := r.doc.Resolve(n.AttrOr("href", "")); next != "" && r.doc.SameHost(next) && next != r.doc.URL.String() {
			r.page.Next = next
		}
	}
	if n := pageOf(r.doc.URL); n > 1 {
		t.Page = n
	}
	if r.page.Next != "" {
		if u, err := url.Parse(r.page.Next); err == nil {
			if n := pageOf(u); n == t.Page+1 || n > 1 && t.Page == 1 && r.doc.FindMatcher(selPrevA).Length() > 0 {
				t.Page = n - 1
			}
		}
		t.PageCount = t.Page + 1
	}
	for _, n := range r.doc.FindMatcher(selPager).Nodes {
		r.pager(n, t)
	}
}

// pager takes the greatest page number that a bar of page links names.
func (r *reader) pager(n *html.Node, t *forum.Thread) {
	size := 0
	if !textWithin(n, &size, 400) {
		return
	}
	most, links := 0, 0
	eachLink(n, func(a *html.Node) {
		u, err := r.doc.Base.Parse(dom.Attr(a, "href"))
		if err != nil || u.Path == "" {
			return
		}
		links++
		if p, ok := ordinalText(dom.NodeText(a)); ok && p < 100000 && (pageOf(u) == p || p == 1 || strings.Contains(u.RawQuery, "=")) {
			most = max(most, p)
		}
	})
	if links > 0 && most > t.PageCount {
		t.PageCount = most
	}
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

// pageOf is the page number that an address carries, 0 for none.
func pageOf(u *url.URL) int {
	q := u.Query()
	for _, key := range [...]string{"page", "p", "pg", "pagina", "seite"} {
		if n, err := strconv.Atoi(q.Get(key)); err == nil && n > 0 && n < 100000 {
			return n
		}
	}
	segs := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, s := range segs {
		s = strings.TrimSuffix(strings.ToLower(s), ".html")
		if s == "page" && i+1 < len(segs) {
			s += "-" + segs[i+1]
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(s, "page-")); err == nil && strings.HasPrefix(s, "page-") && n > 0 && n < 100000 {
			return n
		}
	}
	return 0
}

// path reads the breadcrumb: stated, in microdata, or the links of the element
// that is named for it. The thread itself and the site's front page are no
// boards.
func (r *reader) path(l *linkedData, title string) []forum.Crumb {
	crumbs := l.crumbs
	if len(crumbs) == 0 {
		for _, n := range r.doc.FindMatcher(selListed).Nodes {
			crumbs = append(crumbs, r.crumb(n))
		}
	}
	if len(crumbs) == 0 {
		for _, n := range r.doc.FindMatcher(selCrumbs).Nodes {
			eachLink(n, func(a *html.Node) { crumbs = append(crumbs, r.crumb(a)) })
			if len(crumbs) > 0 {
				break
			}
		}
	}
	var out []forum.Crumb
	for i, c := range crumbs {
		front := false
		if u, err := url.Parse(c.URL); err == nil && c.URL != "" && i == 0 {
			front = strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
		}
		if c.Name == "" || front || fingerprint(c.Name, 60) == fingerprint(title, 60) || len(out) > 0 && out[len(out)-1].Name == c.Name {
			continue
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) crumb(n *html.Node) forum.Crumb {
	a := n
	if n.Data != "a" {
		if a = dom.Find(n, selCrumb); a == nil {
			return forum.Crumb{Name: dom.NodeText(n)}
		}
	}
	return forum.Crumb{Name: dom.NodeText(a), URL: r.doc.Resolve(dom.Attr(a, "href"))}
}
