package punbb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selCrumbList = dom.Sel("#brd-crumbs-top, .crumbs")
	selCrumb     = dom.Sel(".crumb")
	selLink      = dom.Sel("a[href]")
	selArrow     = dom.Sel(".crumb > span")
	selTitle     = dom.Sel("h1.main-title")
	selTitleLink = dom.Sel("h1.main-title a[href]")
	selPaging    = dom.Sel(".paging")
	selPageLink  = dom.Sel(".paging a[href]")
	selPageHere  = dom.Sel(".paging strong")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.path()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "the breadcrumb names no board")
	}
	r.titleAndID(t)
	r.pages(&t.Page, &t.PageCount)
	r.posts()
	dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
	dom.StartFromFirst(r.page, &r.gaps)
}

// path keeps the boards of the first breadcrumb.
func (r *reader) path() {
	r.doc.FirstOf(selCrumbList).FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		link := dom.First(s, selLink)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if id := punurl.ID(forum.KindBoard, href); id != "" {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: dom.Text(link), URL: punurl.First(href), ID: id})
		}
	})
}

// titleAndID reads the heading: a link to the thread, with a word before it
// when the thread is closed.
func (r *reader) titleAndID(t *forum.Thread) {
	link := r.doc.FirstOf(selTitleLink)
	t.Title = dom.Text(link)
	if t.Title == "" {
		t.Title = dom.TextWithout(r.doc.FirstOf(selCrumbList).FindMatcher(selCrumb).Last(), selArrow)
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	if link.Length() > 0 {
		t.IsLocked = new(dom.OwnText(r.doc.FirstOf(selTitle)) != "")
	}
	hrefs := []string{r.doc.Resolve(link.AttrOr("href", "")), r.doc.URL.String(), r.doc.Canonical()}
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		hrefs = append(hrefs, r.doc.Resolve(a.AttrOr("href", "")))
	})
	for _, href := range hrefs {
		if t.ID = punurl.ID(forum.KindThread, href); t.ID != "" {
			t.URL = punurl.First(href)
			return
		}
	}
	r.gaps.Add("thread.id", "neither the heading nor an address names the thread")
}

// pages reads the page links: the current page is no link, the last is always
// among them.
func (r *reader) pages(current, last *int) {
	*current, *last = 1, 1
	if p := punurl.Page(r.doc.URL.String()); p > 0 {
		*current = p
	}
	if n := dom.Count(dom.Text(r.doc.FirstOf(selPaging).FindMatcher(selPageHere).First())); n != nil && *n > 0 {
		*current = int(*n)
	}
	*last = *current
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		n := punurl.Page(href)
		*last = max(*last, n)
		if n == *current+1 && r.page.Next == "" {
			r.page.Next = href
		}
	})
	if next := r.doc.NextLink(); next != "" {
		r.page.Next = next
	}
}

// board is the id of the board that the engine writes on the page's main part.
func (r *reader) board() string {
	id := ""
	r.doc.FindMatcher(selMainPart).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		id = dom.IDAfter(strings.TrimSpace(s.AttrOr("id", "")), "forum")
		return id == ""
	})
	return id
}

var selMainPart = dom.Sel(".main-content[id^='forum']")
