package vbulletin4

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle     = dom.Sel("#pagetitle .threadtitle, .pagetitle .threadtitle, h1 .threadtitle, .threadtitle")
	selTitleText = dom.Sel("a, span.title")
	selPrefix    = dom.Sel("#pagetitle .prefix, .pagetitle h1 > .prefix, .threadtitle > .prefix, h1 .prefix")
	selCrumb     = dom.Sel("#breadcrumb .navbit a, .breadcrumb .navbit a, .breadcrumb li a, [class*='breadcrumb'] li a")
	selLastCrumb = dom.Sel("#breadcrumb .lastnavbit, .breadcrumb .lastnavbit")
	selTag       = dom.Sel("#tag_list_cell a, #tagcontainer a, .tagcontainer a")
	selClosed    = dom.Sel("#newreplylink_top[href*='closed'], img[src*='threadclosed'], .threadclosed")
	selReplyLink = dom.Sel("#newreplylink_top[href*='newreply']")
	selReplyMark = dom.Sel("span, img")
	selRating    = dom.Sel("#threadrating_current[title]")
	selPageNav   = dom.Sel(".pagination_top, #pagination_top, .threadpagenav, .pagination, .above_threadlist, #below_threadlist")
	selPageOf    = dom.Sel(".popupctrl")
	selNavLink   = dom.Sel("a[href]")
	selNextLink  = dom.Sel(".prev_next a[rel~=next][href], a[rel~=next][href]")
	selStats     = dom.Sel("#postpagestats_above, .postpagestats, #postpagestats, #threadpagestats, .threadpagestats")
	selList      = dom.Sel("#posts[start]")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.title(t)
	r.page.Path = r.path()
	r.threadID(t)
	r.doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if tag := dom.Text(s); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	t.IsLocked = r.locked()
	t.Rating = vbmarkup.Rating(r.doc.FirstOf(selRating))
	perPage := r.pages(&t.Page, &t.PageCount, &t.ReplyCount)
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t, perPage)
	if len(r.page.Posts) > 0 && r.page.Posts[0].Position == 1 {
		first := r.page.Posts[0]
		t.Started = first.Published
		if a := first.Author; a != nil {
			t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
		}
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading .threadtitle")
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor a permalink names the thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "only the first page shows who started the thread")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// locked reads the link to reply: the engine marks it with a plus where the
// thread is open, and leaves the mark out where it is not. Nil where there is no
// such link.
func (r *reader) locked() *bool {
	if r.doc.Has(selClosed) {
		return new(true)
	}
	link := r.doc.FirstOf(selReplyLink)
	if link.Length() == 0 {
		return nil
	}
	return new(!dom.Has(link, selReplyMark))
}

func (r *reader) title(t *forum.Thread) {
	s := r.doc.FirstOf(selTitle)
	if inner := dom.First(s, selTitleText); inner.Length() > 0 {
		t.Title = dom.Text(inner)
	}
	if t.Title == "" {
		t.Title = dom.TextWithout(s, selPrefix)
	}
	r.doc.FindMatcher(selPrefix).Each(func(_ int, p *goquery.Selection) {
		if text := dom.Text(p); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
	if t.Title == "" {
		t.Title = dom.Text(r.doc.FirstOf(selLastCrumb))
	}
}

func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		name := dom.Text(s)
		if name == "" || seen[href] || !vburl.IsBoard(href) || vburl.WithoutSession(href) == r.page.Root {
			return
		}
		seen[href] = true
		out = append(out, forum.Crumb{Name: name, URL: boardURL(href), ID: vburl.BoardID(href)})
	})
	return out
}

func boardURL(href string) string {
	if first := vburl.FirstPage(href); first != "" {
		return first
	}
	return href
}

func (r *reader) threadID(t *forum.Thread) {
	links := []string{r.doc.URL.String(), r.doc.Canonical(), r.doc.Meta("og:url")}
	for _, sel := range []goquery.Matcher{selTitle, selPost} {
		r.doc.FirstOf(sel).FindMatcher(selNavLink).Each(func(_ int, a *goquery.Selection) {
			links = append(links, r.doc.Resolve(a.AttrOr("href", "")))
		})
	}
	for _, href := range links {
		if t.ID == "" {
			t.ID = vburl.ThreadID(href)
		}
		if t.URL == "" && t.ID != "" && vburl.ThreadID(href) == t.ID && vburl.PostID(strings.SplitN(href, "#", 2)[0]) == "" {
			t.URL = vburl.FirstPage(href)
		}
	}
	if t.URL == "" && t.ID != "" && r.page.Root != "" {
		t.URL = r.page.Root + "showthread.php?t=" + t.ID
	}
}

var (
	reNumbers = regexp.MustCompile(`\d[\d.,\x{a0}]*`)
	reOf      = regexp.MustCompile(`(\d+)\D+(\d+)`)
)

// pages reads the page navigation, "Page 2 of 9", and the line "Results 16 to
// 30 of 120" above the list, by their numbers.
func (r *reader) pages(current, last *int, replies **int64) (perPage int) {
	*current, *last = vburl.PageNumber(r.doc.URL.String()), 1
	nav := r.doc.FindMatcher(selPageNav)
	if m := reOf.FindStringSubmatch(dom.Text(dom.First(nav, selPageOf))); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		if a > 0 && a <= b {
			*current, *last = a, b
		}
	}
	links := nav.FindMatcher(selNavLink)
	links.Each(func(_ int, s *goquery.Selection) {
		*last = max(*last, vburl.PageNumber(r.doc.Resolve(s.AttrOr("href", ""))))
	})
	*last = max(*last, *current)
	if from, to, total := results(dom.Text(r.doc.FirstOf(selStats))); total > 0 {
		if to < total {
			perPage = int(to - from + 1)
		}
		if replies != nil {
			n := total - 1
			*replies = &n
		}
	}
	r.next(nav, links, *current, *last)
	return perPage
}

// results reads the three numbers of "Results 16 to 30 of 1,200".
func results(s string) (from, to, total int64) {
	m := reNumbers.FindAllString(s, -1)
	if len(m) < 3 {
		return 0, 0, 0
	}
	n := [3]int64{}
	for i, s := range m[:3] {
		if c := dom.Count(s); c != nil {
			n[i] = *c
		}
	}
	if n[0] < 1 || n[1] < n[0] || n[2] < n[1] {
		return 0, 0, 0
	}
	return n[0], n[1], n[2]
}

func (r *reader) next(nav, links *goquery.Selection, current, last int) {
	if current >= last {
		return
	}
	if r.page.Next = vburl.Page(r.doc.NextLink()); r.page.Next != "" {
		return
	}
	if s := dom.First(nav, selNextLink); s.Length() > 0 {
		r.page.Next = vburl.Page(r.doc.Resolve(s.AttrOr("href", "")))
		return
	}
	links.EachWithBreak(func(_ int, s *goquery.Selection) bool {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		if vburl.PageNumber(href) != current+1 {
			return true
		}
		r.page.Next = vburl.Page(href)
		return false
	})
}

var (
	selPollBox   = dom.Sel("#pollinfo, .pollinfo, form[action*='poll.php'], .poll, #poll")
	selPollTitle = dom.Sel("h2 .question, .blockhead, h2, h3, legend")
)

// poll reads the table of results, else the form to vote with.
func (r *reader) poll() *forum.Poll {
	if p := vbmarkup.Poll(r.doc); p != nil {
		return p
	}
	box := r.doc.FirstOf(selPollBox)
	p := &forum.Poll{Question: dom.Text(dom.First(box, selPollTitle))}
	box.FindMatcher(cssLabel).Each(func(_ int, l *goquery.Selection) {
		if text := dom.Text(l); text != "" {
			p.Options = append(p.Options, forum.PollOption{Text: text})
		}
	})
	if len(p.Options) < 2 {
		return nil
	}
	return p
}
