package woltlab

import (
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle     = dom.Sel("h1.contentTitle, .contentHeader h1, .boxHeadline h1, #pageTitle, h1")
	selTitleLink = dom.Sel("h1.contentTitle a, .boxHeadline h1 a")
	selNotTitle  = dom.Sel(".badge, .label, .icon, .invisible, fa-icon")
	selLabel     = dom.Sel(".contentHeader .labelList .label, .contentHeaderMetaData .labelList .label, .boxHeadline .labelList .label, .contentHeaderTitle .label")
	selMeta      = dom.Sel(".contentHeaderMetaData")
	selCrumb     = dom.Sel(".breadcrumbs a[href], nav.breadcrumbs a[href], .breadCrumbs a[href], .pageNavigation .breadcrumbs a[href]")
	selTag       = dom.Sel(".tagList a.tag, .tagList .tag, .wbbThreadTagList a")
	selClosed    = dom.Sel(".contentHeaderMetaData .fa-lock, .contentHeaderMetaData fa-icon[name='lock'], .contentHeader .jsIconClosed, .contentHeader .icon-lock")
	selSticky    = dom.Sel(".contentHeaderMetaData .fa-thumb-tack, .contentHeaderMetaData fa-icon[name='thumbtack'], .contentHeader .jsIconSticky")
	selSolved    = dom.Sel(".contentHeaderMetaData .fa-check, .contentHeaderMetaData .fa-check-square-o, .contentHeaderMetaData fa-icon[name='square-check'], .contentHeader .jsIconDone, .messageStatus .jsIconDone")
	selComments  = dom.Sel("meta[itemprop='commentCount'][content]")
	selPager     = dom.Sel("woltlab-core-pagination[count]")
	selPagerOld  = dom.Sel(".pageNavigation[data-pages], .pagination[data-pages], nav.pagination")
	selPageLink  = dom.Sel(".pagination a[href], .pageNavigation a[href*='pageNo=']")
	selPageHere  = dom.Sel(".pagination .active, .pagination [aria-current], .pageNavigation li.active")
	selLink      = dom.Sel("a[href]")
	selTime      = dom.Sel("woltlab-core-date-time, time, .datetime")
)

// stamp reads a time element; version 6 has one of its own.
func (r *reader) stamp(s *goquery.Selection) forum.Stamp {
	if s.Length() == 0 {
		return forum.Stamp{}
	}
	if date := s.AttrOr("date", ""); date != "" {
		raw := dom.Text(s)
		if st := r.clock.Machine(date, raw); st.Known() {
			return st
		}
	}
	return r.clock.Element(s)
}

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.crumbs()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb that names a board")
	}
	if t.Title = dom.TextWithout(r.doc.FirstOf(selTitleLink, selTitle), selNotTitle); t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	r.doc.FindMatcher(selLabel).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
	r.doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Tags = append(t.Tags, text)
		}
	})
	r.threadID(t)
	r.pages(&t.Page, &t.PageCount)
	r.header(t)
	r.posts()
	dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
	dom.StartFromFirst(r.page, &r.gaps)
}

// header reads starter, start and marks from the line below the heading.
func (r *reader) header(t *forum.Thread) {
	meta := r.doc.FirstOf(selMeta)
	if a := dom.First(meta, selUser); a.Length() > 0 {
		t.Author = r.user(a)
	}
	t.Started = r.stamp(dom.First(meta, selTime))
	t.IsLocked = r.state("data-is-closed", selClosed)
	t.IsSticky = r.state("data-is-sticky", selSticky)
	t.IsSolved = r.state("data-is-done", selSolved)
	t.ReplyCount = dom.Count(r.doc.FirstOf(selComments).AttrOr("content", ""))
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
}

// state is what the heading's attribute says, else the icon in the line below
// it; nil where neither says anything.
func (r *reader) state(attr string, icon goquery.Matcher) *bool {
	if v := r.doc.FirstOf(selState).AttrOr(attr, ""); v != "" {
		return new(v == "1")
	}
	if r.doc.Has(icon) {
		return new(true)
	}
	return nil
}

var selState = dom.Sel(".contentHeader[data-thread-id], .boxHeadline[data-thread-id], .wbbThread[data-thread-id]")

func (r *reader) crumbs() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		id, name := idOf(forum.KindBoard, href), dom.Text(a)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		out = append(out, forum.Crumb{Name: name, URL: firstPage(href), ID: id})
	})
	return out
}

func (r *reader) threadID(t *forum.Thread) {
	hrefs := []string{r.doc.Canonical(), r.doc.URL.String(), r.doc.Meta("og:url"), r.doc.Resolve(r.doc.FirstOf(selTitleLink).AttrOr("href", ""))}
	for _, href := range hrefs {
		if id := idOf(forum.KindThread, href); id != "" {
			t.ID = id
			if t.URL = firstPage(href); t.URL != "" {
				return
			}
		}
	}
	if t.ID == "" {
		if t.ID = dom.Digits(r.doc.FirstOf(cssDataThreadID).AttrOr("data-thread-id", "")); t.ID == "" {
			r.gaps.Add("thread.id", "neither an address nor an attribute names the thread")
		}
	}
}

// pages reads the page navigation: its own element, its attributes, or links.
func (r *reader) pages(current, last *int) {
	*current, *last = 1, 1
	if l, ok := linkOf(r.doc.URL.String()); ok && l.Page > 0 {
		*current = l.Page
	}
	pager := r.doc.FirstOf(selPager)
	if pager.Length() > 0 {
		number(pager.AttrOr("page", ""), current)
		number(pager.AttrOr("count", ""), last)
	}
	old := r.doc.FirstOf(selPagerOld)
	number(old.AttrOr("data-active", ""), current)
	number(old.AttrOr("data-pages", ""), last)
	if n := dom.Count(dom.Text(r.doc.FirstOf(selPageHere))); n != nil && *n > 0 {
		*current = int(*n)
	}
	*last = max(*last, *current)
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		l, _ := linkOf(href)
		*last = max(*last, l.Page)
		if l.Page == *current+1 && r.page.Next == "" {
			r.page.Next = href
		}
	})
	if next := r.doc.NextLink(); next != "" {
		r.page.Next = next
	}
	if base := r.doc.Resolve(pager.AttrOr("url", "")); base != "" && r.page.Next == "" && *current < *last {
		mark := "?"
		if strings.Contains(base, "?") {
			mark = "&"
		}
		r.page.Next = base + mark + "pageNo=" + strconv.Itoa(*current+1)
	}
}

func number(s string, to *int) {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		*to = n
	}
}
