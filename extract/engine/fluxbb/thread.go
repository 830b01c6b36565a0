package fluxbb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selCrumb     = dom.Sel(".crumbs li, .linkst .inbox > ul > li")
	selCrumbList = dom.Sel(".crumbs, .linkst .inbox > ul")
	selLink      = dom.Sel("a[href]")
	selCrumbMark = dom.Sel("li > span, .arrow")
	selPageLink  = dom.Sel(".pagelink a[href]")
	selPageHere  = dom.Sel(".pagelink strong")
	selPageNext  = dom.Sel(".pagelink a[rel=next][href]")
	selPostLink  = dom.Sel(".postlink")
	selFeed      = dom.Sel("link[rel=alternate][href*='tid=']")
	selHeadTitle = dom.Sel("title")
	selSubject   = dom.Sel(".firstpost .postright h3")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.path()
	r.title(t)
	r.threadID(t)
	r.pages(&t.Page, &t.PageCount)
	r.locked(t)
	r.posts()
	dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
	dom.StartFromFirst(r.page, &r.gaps)
}

// crumbs are the steps of the first breadcrumb; the first leads to the index.
func (r *reader) crumbs() []forum.Crumb {
	var out []forum.Crumb
	list := r.doc.FirstOf(selCrumbList)
	list.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		link := dom.First(s, selLink)
		name, href := dom.Text(link), r.doc.Resolve(link.AttrOr("href", ""))
		if name == "" {
			name = strings.TrimLeft(dom.TextWithout(s, selCrumbMark), " »›>/:")
		}
		if name != "" {
			out = append(out, forum.Crumb{Name: name, URL: href, ID: punurl.ID(forum.KindBoard, href)})
		}
	})
	return out
}

// path keeps the boards of the breadcrumb.
func (r *reader) path() {
	for _, c := range r.crumbs() {
		if c.ID != "" {
			c.URL = punurl.First(c.URL)
			r.page.Path = append(r.page.Path, c)
		}
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "the breadcrumb names no board")
	}
}

func (r *reader) title(t *forum.Thread) {
	crumbs := r.crumbs()
	if n := len(crumbs); n > 1 && crumbs[n-1].ID == "" {
		t.Title = crumbs[n-1].Name
		return
	}
	if t.Title = dom.Text(r.doc.FirstOf(selSubject)); t.Title != "" {
		return
	}
	if t.Title, _, _ = strings.Cut(dom.Text(r.doc.FirstOf(selHeadTitle)), " / "); t.Title == "" {
		r.gaps.Add("thread.title", "neither the breadcrumb nor the first post names it")
	}
}

// threadID looks at whatever names the thread: its own addresses, the
// breadcrumb, the page links, the feed.
func (r *reader) threadID(t *forum.Thread) {
	hrefs := []string{r.doc.Canonical(), r.doc.URL.String()}
	for _, c := range r.crumbs() {
		hrefs = append(hrefs, c.URL)
	}
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		hrefs = append(hrefs, r.doc.Resolve(a.AttrOr("href", "")))
	})
	for _, href := range hrefs {
		if t.ID = punurl.ID(forum.KindThread, href); t.ID != "" {
			t.URL = punurl.First(href)
			return
		}
	}
	if t.ID = dom.Param(r.doc.FirstOf(selFeed).AttrOr("href", ""), "tid"); t.ID == "" {
		r.gaps.Add("thread.id", "neither an address nor a link names the thread")
	}
}

// pages reads the page links: the current page is no link, the last is always
// among them.
func (r *reader) pages(current, last *int) {
	*current, *last = 1, 1
	if n := dom.Count(dom.Text(r.doc.FirstOf(selPageHere))); n != nil && *n > 0 {
		*current = int(*n)
	} else if p := punurl.Page(r.doc.URL.String()); p > 0 {
		*current = p
	}
	*last = *current
	next := ""
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		n := punurl.Page(href)
		*last = max(*last, n)
		if n == *current+1 && next == "" {
			next = href
		}
	})
	if r.page.Next = r.doc.NextLink(); r.page.Next == "" {
		r.page.Next = r.doc.Resolve(r.doc.FirstOf(selPageNext).AttrOr("href", ""))
	}
	if r.page.Next == "" {
		r.page.Next = next
	}
}

// locked: where a reply would be offered, a closed thread has words without a
// link; to those who may not reply the place is empty and says nothing.
func (r *reader) locked(t *forum.Thread) {
	s := r.doc.FirstOf(selPostLink)
	switch {
	case s.Length() == 0 || dom.Text(s) == "":
	case dom.Has(s, selLink):
		t.IsLocked = new(false)
	default:
		t.IsLocked = new(true)
	}
}
