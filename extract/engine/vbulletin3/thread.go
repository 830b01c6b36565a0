package vbulletin3

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selTitle      = dom.Sel("td.navbar strong, .navbar h1, h1 strong[itemprop=name], .navbar strong, h1.threadtitle")
	selCrumbs     = dom.Sel("[itemtype*='BreadcrumbList'] a[itemprop=item], span.navbar > a, .navbar > a, .breadcrumb a, .navbar [class*='crumb'] a")
	selWhole      = dom.Sel(".tcat .smallfont > a[href*='#post']") // on the page of one post
	selTitleTag   = dom.Sel("title")
	selTag        = dom.Sel("#tag_list_cell a[href*='tag'], #tag_list_cell a")
	selClosed     = dom.Sel("img[src*='threadclosed'], img[src*='thread_closed']")
	selReply      = dom.Sel("a[href*='newreply.php'][href*='noquote'], a[href*='newreply.php'] img")
	selPageNav    = dom.Sel(".pagenav")
	selPageText   = dom.Sel(".vbmenu_control, .pagenav_of, td:first-child")
	selNavLink    = dom.Sel("a[href]")
	selNextLink   = dom.Sel("a[rel~=next][href]")
	selRating     = dom.Sel("#threadrating_current img, #threadrating img[src*='rating'], img[src*='/rating_'][alt]")
	selThreadLink = dom.Sel("a[href*='printthread.php'][href*='t='], a[href*='subscription.php'][href*='t='], a[href*='showthread.php'][href*='goto=next']")
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
	switch {
	case r.doc.Has(selClosed):
		t.IsLocked = new(true)
	case r.doc.Has(selReply):
		t.IsLocked = new(false)
	}
	perPage := r.pages(&t.Page, &t.PageCount, &t.ReplyCount)
	t.Rating = vbmarkup.Rating(r.doc.FirstOf(selRating))
	if t.Poll = vbmarkup.Poll(r.doc); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t, perPage)
	if t.Page == 1 && len(r.page.Posts) > 0 && r.page.Posts[0].Position == 1 {
		first := r.page.Posts[0]
		t.Started = first.Published
		if first.Author != nil {
			t.Author = &forum.Author{ID: first.Author.ID, Name: first.Author.Name, URL: first.Author.URL, IsGuest: first.Author.IsGuest}
		}
	}
	r.threadGaps(t)
}

func (r *reader) threadGaps(t *forum.Thread) {
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading in the line of the breadcrumb")
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor a link of the tools names the thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "only the first page shows who started the thread")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// title reads the last step of the breadcrumb. A prefix stands before it as an
// element of its own.
func (r *reader) title(t *forum.Thread) {
	s := r.doc.FirstOf(selTitle)
	if s.Length() > 0 {
		t.Prefix, t.Title = splitPrefix(s.Nodes[0])
	}
	if t.Title == "" {
		t.Title = dom.Text(r.doc.FirstOf(selWhole))
	}
	if t.Title == "" {
		title := dom.Text(r.doc.FirstOf(selTitleTag))
		if i := strings.LastIndex(title, " - "); i > 0 {
			title = title[:i]
		}
		t.Title = title
	}
}

// splitPrefix tells the words of elements that stand before the text of a
// title from the title itself.
func splitPrefix(n *html.Node) (prefix []string, title string) {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		element := c.Type == html.ElementNode && (c.DataAtom == atom.Span || c.DataAtom == atom.B || c.DataAtom == atom.Font || c.DataAtom == atom.Strong)
		if element && strings.TrimSpace(b.String()) == "" && c.NextSibling != nil {
			if text := dom.NodeText(c); text != "" {
				prefix = append(prefix, text)
			}
			continue
		}
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
			continue
		}
		b.WriteString(" " + dom.NodeText(c) + " ")
	}
	if title = dom.Fold(b.String()); title == "" {
		return nil, dom.NodeText(n)
	}
	return prefix, title
}

// path is the breadcrumb's boards, each link once.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumbs).Each(func(_ int, s *goquery.Selection) {
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
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical(), r.doc.Meta("og:url")} {
		if t.ID == "" {
			t.ID = vburl.ThreadID(href)
		}
		if t.URL == "" && vburl.ThreadID(href) != "" {
			t.URL = vburl.FirstPage(href)
		}
	}
	if t.ID == "" {
		t.ID = dom.Param(r.doc.FirstOf(selThreadLink).AttrOr("href", ""), "t")
	}
	if t.URL == "" && t.ID != "" && r.page.Root != "" {
		t.URL = r.page.Root + "showthread.php?t=" + t.ID
	}
}

var (
	reNumbers = regexp.MustCompile(`\d[\d.,\x{a0}]*`)
	reOf      = regexp.MustCompile(`(\d+)\D+(\d+)`)
)

// pages reads the page navigation: "Page 2 of 9" by its two numbers, links by
// their pages, and the titles "Show results 16 to 30 of 120", which give the
// page size and the number of posts.
func (r *reader) pages(current, last *int, replies **int64) (perPage int) {
	*current, *last = vburl.PageNumber(r.doc.URL.String()), 1
	nav := r.doc.FirstOf(selPageNav)
	if m := reOf.FindStringSubmatch(dom.Text(dom.First(nav, selPageText))); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		if a > 0 && a <= b {
			*current, *last = a, b
		}
	}
	nav.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) {
		*last = max(*last, vburl.PageNumber(r.doc.Resolve(s.AttrOr("href", ""))))
		from, to, total := results(s.AttrOr("title", ""))
		if total == 0 {
			return
		}
		if to < total && to > from {
			perPage = int(to - from + 1)
		}
		if replies != nil && *replies == nil {
			n := total - 1
			*replies = &n
		}
	})
	*last = max(*last, *current)
	r.next(nav, *current, *last)
	return perPage
}

// results reads the three numbers of "Show results 16 to 30 of 1,200".
func results(title string) (from, to, total int64) {
	m := reNumbers.FindAllString(title, -1)
	if len(m) != 3 {
		return 0, 0, 0
	}
	n := [3]int64{}
	for i, s := range m {
		if c := dom.Count(s); c != nil {
			n[i] = *c
		}
	}
	if n[0] < 1 || n[1] < n[0] || n[2] < n[1] {
		return 0, 0, 0
	}
	return n[0], n[1], n[2]
}

func (r *reader) next(nav *goquery.Selection, current, last int) {
	if current >= last {
		return
	}
	if next := r.doc.NextLink(); next != "" {
		r.page.Next = vburl.Page(next)
		return
	}
	if s := dom.First(nav, selNextLink); s.Length() > 0 {
		r.page.Next = vburl.Page(r.doc.Resolve(s.AttrOr("href", "")))
		return
	}
	nav.FindMatcher(selNavLink).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		if vburl.PageNumber(href) != current+1 {
			return true
		}
		r.page.Next = vburl.Page(href)
		return false
	})
}
