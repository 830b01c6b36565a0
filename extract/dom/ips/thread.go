package ips

import (
	"cmp"
	"strconv"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle      = dom.Sel("h1[data-ips-hook='title'], h1.ipsType_pageTitle .ipsType_break, .ipsPageHeader h1, h1.ipsType_pageTitle")
	selNoTitle    = dom.Sel(".ipsBadge, .ipsTag_prefix, .ipsBadges, .ipsTags, [rel=tag], .fa, i")
	selPrefix     = dom.Sel(".ipsPageHeader .ipsTag_prefix, h1 .ipsTag_prefix, .ipsPageHeader .ipsBadge--prefix, .ipsPageHeader [rel='tag'].ipsBadge")
	selHeader     = dom.Sel(".ipsPageHeader, [data-ips-hook='header'], .cTopicHeader, div:haschild(h1.ipsType_pageTitle)")
	selTag        = dom.Sel(".ipsTags a[rel=tag], .ipsTags__tag, .ipsTags .ipsTag")
	selPinned     = dom.Sel(".fa-thumb-tack, .fa-thumbtack")
	selLocked     = dom.Sel(".fa-lock")
	selAnswerID   = dom.Sel("[data-role='commentFeed'][data-topicanswerid]")
	selHeaderUser = dom.Sel("a[href*='profile/']")
	selHeaderTime = dom.Sel("time[datetime]")
	selCrumb      = dom.Sel("[data-role='breadcrumbList'] a[href], .ipsBreadcrumb__list a[href], .ipsBreadcrumb a[href]")
	selPagination = dom.Sel(".ipsPagination[data-pages], [data-ipspagination-pages], .ipsPagination")
	selMini       = dom.Sel(".ipsPagination_mini, .ipsPagination--mini, .ipsDataItem, .ipsData__item")
	selActive     = dom.Sel(".ipsPagination_active a, .ipsPagination__active a, .ipsPagination_active, .ipsPagination__active")
	selNextPage   = dom.Sel(".ipsPagination_next:not(.ipsPagination_inactive) a[href], .ipsPagination__next:not(.ipsPagination__inactive) a[href]")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.title(t)
	r.page.Path = r.path()
	r.threadID(t)
	r.header(t)
	r.pages(&t.Page, &t.PageCount)
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	t.ViewCount, t.ReplyCount = r.embedded.views, r.embedded.replies
	r.posts(t)
	r.starter(t)
	if t.SolutionPostID == "" {
		t.SolutionPostID = cmp.Or(r.doc.FirstOf(selAnswerID).AttrOr("data-topicanswerid", ""), r.embedded.solution)
	}
	if t.SolutionPostID != "" {
		t.IsSolved = new(true)
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the body element nor an address names the thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "the line below the title names no starter")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

func (r *reader) title(t *forum.Thread) {
	t.Title = dom.TextWithout(r.doc.FirstOf(selTitle), selNoTitle)
	if t.Title == "" {
		t.Title = dom.Fold(r.embedded.headline)
	}
	if t.Title == "" {
		t.Title = dom.Fold(r.doc.Meta("og:title"))
	}
	r.doc.FindMatcher(selPrefix).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
}

// path is the boards in the breadcrumb, each once: themes repeat it for phones.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		id, name := ipsurl.ForumID(href), dom.Text(s)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		out = append(out, forum.Crumb{Name: name, URL: ipsurl.FirstPage(href), ID: id})
	})
	return out
}

func (r *reader) threadID(t *forum.Thread) {
	for _, href := range []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String()} {
		if id := ipsurl.TopicID(href); id != "" && t.ID == "" {
			t.ID, t.URL = id, ipsurl.FirstPage(href)
		}
	}
	if t.ID != "" {
		return
	}
	body := r.doc.FirstOf(selBody)
	for _, key := range []string{"data-pageid", "data-id"} {
		if id := body.AttrOr(key, ""); id != "" && dom.Digits(id) == id {
			t.ID = id
		}
	}
	if list := r.articles(); t.ID == "" && len(list) > 0 {
		t.ID = quoteDataOf(list[0]).Topic.String()
	}
}

// header reads the head above the posts: starter, start, tags, and badges by
// their icons.
func (r *reader) header(t *forum.Thread) {
	head := r.doc.FindMatcher(selHeader)
	seen := map[string]bool{}
	head.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		tag := s.AttrOr("data-tag-label", dom.Text(s))
		if tag != "" && !seen[tag] && !dom.Is(s, "ipsTag_prefix") {
			seen[tag] = true
			t.Tags = append(t.Tags, tag)
		}
	})
	if dom.Has(head, selLocked) {
		t.IsLocked = new(true)
	}
	if dom.Has(head, selPinned) {
		t.IsSticky = new(true)
	}
	head.FindMatcher(selHeaderUser).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		name, id := dom.Text(s), ipsurl.MemberID(s.AttrOr("href", ""))
		if name == "" || id == "" {
			return true
		}
		t.Author = &forum.Author{ID: id, Name: name, URL: ipsurl.MemberURL(r.doc.Resolve(s.AttrOr("href", "")))}
		return false
	})
	if at := dom.First(head, selHeaderTime); at.Length() > 0 {
		t.Started = r.time(at)
	}
}

// starter fills who and when from the first post, else from the embedded data,
// which names the thread's starter on every page.
func (r *reader) starter(t *forum.Thread) {
	if len(r.page.Posts) > 0 && r.page.Posts[0].Position == 1 {
		first := r.page.Posts[0]
		if t.Author == nil && first.Author != nil {
			t.Author = &forum.Author{ID: first.Author.ID, Name: first.Author.Name, URL: first.Author.URL, IsGuest: first.Author.IsGuest}
		}
		if t.Started.IsZero() {
			t.Started = first.Published
		}
	}
	if t.Author == nil && r.embedded.author.Name != "" {
		a := &forum.Author{Name: r.embedded.author.Name, ID: ipsurl.MemberID(r.embedded.author.URL)}
		a.URL, a.IsGuest = ipsurl.MemberURL(r.embedded.author.URL), a.ID == ""
		t.Author = a
	}
	if t.Started.IsZero() && r.embedded.created != "" {
		t.Started = r.clock.Machine(r.embedded.created, "")
	}
}

// pages reads the navigation's own attributes: number of pages and page size.
// A listing has small ones for its threads too.
func (r *reader) pages(current, last *int) {
	*current, *last = ipsurl.PageNumber(r.doc.URL.String()), 1
	nav := &goquery.Selection{}
	r.doc.FindMatcher(selPagination).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if dom.Closest(s.Nodes[0], selMini) != nil {
			return true
		}
		nav = s
		return false
	})
	for _, key := range []string{"data-pages", "data-ipspagination-pages"} {
		if n, err := strconv.Atoi(nav.AttrOr(key, "")); err == nil && n > 0 {
			*last = n
		}
	}
	if n, err := strconv.Atoi(nav.AttrOr("data-ipspagination-perpage", "")); err == nil && n > 0 {
		r.perPage = n
	}
	active := dom.First(nav, selActive)
	for _, v := range []string{active.AttrOr("data-page", ""), dom.Text(active)} {
		if n, err := strconv.Atoi(v); err == nil && n > 0 {
			*current = n
			break
		}
	}
	*last = max(*last, *current)
	if *current >= *last {
		return
	}
	if r.page.Next = r.doc.Resolve(dom.First(nav, selNextPage).AttrOr("href", "")); r.page.Next == "" {
		r.page.Next = r.doc.NextLink()
	}
	r.page.Next = withoutFragment(r.page.Next)
}
