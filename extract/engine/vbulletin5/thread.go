package vbulletin5

import (
	"strconv"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle      = dom.Sel(".page-title-widget h1, .page-title-widget .main-title")
	selTitleH1    = dom.Sel("h1")
	selSubjOne    = dom.Sel(".js-conversation-starter .b-post__title, .b-post--first .b-post__title, .b-post__title[itemprop='headline name']")
	selOther      = dom.Sel(".canvas-widget:not(.page-title-widget), .notices, #notices")
	selPrefix     = dom.Sel(".main-title .js-topic-prefix, .main-title .js-prefix, .main-title .prefix, .js-topic-prefix")
	selCrumb      = dom.Sel("#breadcrumbs a[href], .breadcrumbs a[href], .b-breadcrumbs a[href], .crumb[href]")
	selTag        = dom.Sel(".js-content-tag a, .b-post-control__tags a, .js-tag-list a, .tag-list a, .post-tags a")
	selClosed     = dom.Sel(".topic-closed, .b-topic-closed, .js-topic-closed, .conversation-closed")
	selPages      = dom.Sel(".pagenav-container, .pagenav, .pagenav-form, .toolbar-pagenav-wrapper, .js-pagenav")
	selTotal      = dom.Sel(".pagetotal, .js-pagenav-total-count, .js-pagetotal")
	selCurrent    = dom.Sel("input.js-pagenum, .js-pagenav-current-button, .js-pagenav-button.h-active, .js-pagenav-button.is-active, .pagenav-current")
	selNavLink    = dom.Sel("a[href]")
	selNext       = dom.Sel("a.js-pagenav-next-button[href], a.right-arrow[href]:not(.h-disabled)")
	selQuestion   = dom.Sel(".b-poll__question, .poll-question, h2, h3, legend")
	selOptionText = dom.Sel(".b-poll__option-text, .option-text, label, .poll-option-text")
	selVotes      = dom.Sel(".b-poll__votes, .votes, .poll-votes")
	selPoll       = dom.Sel(".b-poll, .js-poll, .poll-container")
	selOption     = dom.Sel(".b-poll__option, .poll-option, li, .js-poll-option")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	t.Title = r.title()
	if p := dom.Text(r.doc.FirstOf(selPrefix)); p != "" {
		t.Prefix = []string{p}
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading .main-title")
	}
	r.page.Path = r.path()
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String(), r.doc.Meta("og:url")} {
		if id := idOf(href, forum.KindThread); id != "" && t.ID == "" {
			t.ID, t.URL = id, firstPage(href)
		}
	}
	r.doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if tag := dom.Text(s); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	if r.doc.Has(selClosed) {
		t.IsLocked = new(true)
	}
	r.pages(&t.Page, &t.PageCount)
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t)
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the canonical link nor the address names a thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "only the first page shows who started the thread")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// title is the heading of the widget that names the page, else the first heading
// outside of widgets, which each have one of their own, else the subject of the
// first post.
func (r *reader) title() string {
	if text := dom.TextWithout(r.doc.FirstOf(selTitle), selPrefix); text != "" {
		return text
	}
	h1 := r.doc.FindMatcher(selTitleH1).FilterFunction(func(_ int, s *goquery.Selection) bool { return dom.Closest(s.Nodes[0], selOther) == nil })
	if text := dom.TextWithout(h1.First(), selPrefix); text != "" {
		return text
	}
	return dom.Text(r.doc.FirstOf(selSubjOne))
}

func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		l, ok := linkOf(href)
		name := dom.Text(s)
		if !ok || l.Kind != forum.KindBoard || name == "" || seen[l.ID] {
			return
		}
		seen[l.ID] = true
		out = append(out, forum.Crumb{Name: name, URL: l.URL, ID: l.ID})
	})
	return out
}

// pages reads the navigation: the current page is in the address, in an input or
// marked, the last in an element of its own.
func (r *reader) pages(current, last *int) {
	*current, *last = pageNumber(r.doc.URL.String()), 1
	nav := r.doc.FindMatcher(selPages)
	if cur := dom.First(nav, selCurrent); *current == 1 {
		for _, v := range []string{cur.AttrOr("value", ""), cur.AttrOr("data-page", "")} {
			if n, err := strconv.Atoi(v); err == nil && n > 0 {
				*current = n
			}
		}
	}
	if n := dom.Count(dom.Text(dom.First(nav, selTotal))); n != nil && *n > 0 && *n < 1e6 {
		*last = int(*n)
	}
	nav.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) {
		*last = max(*last, pageNumber(s.AttrOr("href", "")))
	})
	*last = max(*last, *current)
	if *current >= *last {
		return
	}
	if r.page.Next = r.doc.NextLink(); r.page.Next != "" {
		return
	}
	next := r.doc.Resolve(dom.First(nav, selNext).AttrOr("href", ""))
	if next != "" && pageNumber(next) == *current+1 {
		r.page.Next = next
		return
	}
	if first := firstPage(r.doc.URL.String()); first != "" {
		r.page.Next = first + "/page" + strconv.Itoa(*current+1)
	}
}

func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, selQuestion))}
	box.FindMatcher(selOption).Each(func(_ int, o *goquery.Selection) {
		text := dom.Text(dom.First(o, selOptionText))
		if text == "" {
			return
		}
		p.Options = append(p.Options, forum.PollOption{Text: text, Votes: dom.Count(dom.Text(dom.First(o, selVotes)))})
	})
	if len(p.Options) == 0 {
		return nil
	}
	return p
}
