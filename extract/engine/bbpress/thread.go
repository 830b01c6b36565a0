package bbpress

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selCrumbLink   = dom.Sel("a[href]")
	selHere        = dom.Sel(".bbp-breadcrumb-current")
	selHeadline    = dom.Sel("[itemprop=headline]")
	selHeading     = dom.Sel("h1.entry-title, .entry-header h1, h1.page-title, main h1, article h1, h1")
	selTag         = dom.Sel(".bbp-topic-tags a")
	selReplyList   = dom.Sel("[id^='topic-'].bbp-replies, ul[id^='topic-'][id$='-replies']")
	selShortLink   = dom.Sel("link[rel=shortlink][href]")
	selDescription = dom.Sel(".bbp-topic-description")
	selAuthorLink  = dom.Sel(".bbp-author-link, .bbp-author-name")
	selPageLink    = dom.Sel(".bbp-pagination-links a[href]")
	selPageHere    = dom.Sel(".bbp-pagination-links .current")
	selPageNext    = dom.Sel(".bbp-pagination-links a.next[href]")
)

func (r *reader) thread(all []*message) {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.page.Path = r.crumbs()
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb that names a board")
	}
	r.boardOf(all)
	t.Title = r.title()
	r.threadID(t, all)
	if r.page.Kind == forum.KindThread {
		r.pages(&t.Page, &t.PageCount)
	}
	r.doc.FindMatcher(selTag).Each(func(_ int, a *goquery.Selection) {
		if tag := dom.Text(a); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	r.description(t)
	r.calibrate(t, all)
	r.posts(t, all)
	if r.page.Kind != forum.KindThread {
		return
	}
	dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
	if r.lead && t.Page == 1 && r.page.Learned.PostsPerPage > 1 {
		r.page.Learned.PostsPerPage-- // the topic's own post is none of the page's replies
	}
	dom.StartFromFirst(r.page, &r.gaps)
}

// crumbs are the boards of the breadcrumb: links by their class, else by their
// address, without the home page, the index and the thread.
func (r *reader) crumbs() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FirstOf(selBreadcrumb).FindMatcher(selCrumbLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		l, ok := linkOf(href)
		named := dom.Is(a, "bbp-breadcrumb-forum")
		if !named && (!ok || l.Kind != forum.KindBoard || dom.Is(a, "bbp-breadcrumb-root") || dom.Is(a, "bbp-breadcrumb-home")) || seen[href] {
			return
		}
		seen[href] = true
		if name := dom.Text(a); name != "" {
			out = append(out, forum.Crumb{Name: name, URL: href})
		}
	})
	return out
}

// boardOf gives the last step of the path its id, which each post's classes
// name.
func (r *reader) boardOf(all []*message) {
	n := len(r.page.Path)
	for _, m := range all {
		id := dom.ClassNumber(m.class, "bbp-parent-forum-")
		if parent := dom.ClassNumber(m.class, "bbp-parent-topic-"); parent != "" && m.isTopic() {
			id = parent // among replies, a topic's own post counts the board as its parent topic
		}
		if id != "" && id != "0" && n > 0 {
			r.page.Path[n-1].ID = id
			return
		}
	}
}

func (r *reader) title() string {
	if here := dom.Text(r.doc.FirstOf(selBreadcrumb).FindMatcher(selHere).First()); here != "" && r.page.Kind == forum.KindThread {
		return here
	}
	for _, n := range r.doc.FindMatcher(selHeading).Nodes {
		if h := dom.NodeText(n); h != "" && !r.isLogo(n) {
			return h
		}
	}
	if h := dom.Text(r.doc.FirstOf(selHeadline)); h != "" {
		return h
	}
	if og := r.doc.Meta("og:title"); og != "" {
		return dom.Fold(og)
	}
	r.gaps.Add("thread.title", "neither breadcrumb nor heading")
	return ""
}

// isLogo tells a heading that leads to the site's front page.
func (r *reader) isLogo(n *html.Node) bool {
	link := dom.Closest(n, selLinked)
	if link == nil {
		link = dom.Find(n, selLinked)
	}
	if link == nil {
		return false
	}
	u, err := url.Parse(r.doc.Resolve(dom.Attr(link, "href")))
	return err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

var reShort = regexp.MustCompile(`[?&]p=(\d+)$`)

// threadID: the topic's id is that of its own post. WordPress names it in the
// body's class and the short link, the plugin in the list of replies and on
// each reply.
func (r *reader) threadID(t *forum.Thread, all []*message) {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindThread && t.URL == "" {
			t.URL = firstPage(href)
		}
	}
	if r.page.Kind == forum.KindThread {
		if id := dom.ClassNumber(r.doc.FirstOf(cssBody).AttrOr("class", ""), "postid-"); id != "" {
			t.ID = id
		} else if m := reShort.FindStringSubmatch(r.doc.FirstOf(selShortLink).AttrOr("href", "")); m != nil {
			t.ID = m[1]
		} else if id := dom.IDAfter(r.doc.FirstOf(selReplyList).AttrOr("id", ""), "topic-"); id != "" {
			t.ID = id
		}
	}
	for _, m := range all {
		if t.ID == "" && m.isTopic() {
			t.ID = m.id
		}
		if t.ID == "" && !m.isTopic() {
			t.ID = dom.ClassNumber(m.class, "bbp-parent-topic-")
		}
		if t.URL == "" {
			t.URL = firstPage(r.doc.Resolve(m.permalink()))
		}
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the page nor its posts name the topic")
	}
}

// description reads "This topic has 20 replies, 9 voices, and was last updated
// WHEN by WHOM": the numbers stand in this order before the first link.
func (r *reader) description(t *forum.Thread) {
	s := r.doc.FirstOf(selDescription)
	if s.Length() == 0 {
		return
	}
	numbers := reNumber.FindAllString(dom.TextWithout(s, selCrumbLink), -1)
	if len(numbers) == 2 {
		t.ReplyCount, t.ParticipantCount = dom.Count(numbers[0]), dom.Count(numbers[1])
	}
	s.FindMatcher(selCrumbLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if id := linkedPost(href); id != "" && !dom.Is(a, "bbp-author-link") {
			t.LastPostID = id
			t.LastPost = r.clock.Text(dom.Text(a))
			return false
		}
		return true
	})
	if a := dom.First(s, selAuthorLink); a.Length() > 0 {
		t.LastAuthor = r.user(a)
	}
}

var reNumber = regexp.MustCompile(`\d[\d.,\s]*\d|\d`)

// calibrate learns the site's zone where a plugin writes the topic's machine
// time into the head: the first post shows the same moment.
func (r *reader) calibrate(t *forum.Thread, all []*message) {
	if len(all) == 0 || t.Page != 1 || !all[0].isTopic() {
		return
	}
	at := r.clock.Machine(r.doc.Meta("article:published_time"), "")
	if at.Known() && at.Zone != forum.ZoneAssumed {
		r.clock.Calibrate(at.At, all[0].date())
	}
}

// pages reads the page links.
func (r *reader) pages(current, last *int) {
	*current, *last = 1, 1
	if l, ok := linkOf(r.doc.URL.String()); ok && l.Page > 1 {
		*current = l.Page
	}
	if n := dom.Count(dom.Text(r.doc.FirstOf(selPageHere))); n != nil && *n > 0 {
		*current = int(*n)
	}
	*last = *current
	r.doc.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		n := 0
		if l, ok := linkOf(href); ok {
			n = l.Page
		} else if m := rePage.FindStringSubmatch(strings.TrimSuffix(href, "/") + "/"); m != nil {
			n = int(*dom.Count(m[2]))
		}
		*last = max(*last, n)
		if n == *current+1 && r.page.Next == "" {
			r.page.Next = href
		}
	})
	if next := r.doc.Resolve(r.doc.FirstOf(selPageNext).AttrOr("href", "")); next != "" {
		r.page.Next = next
	} else if next := r.doc.NextLink(); next != "" && r.page.Next == "" && *last > *current {
		r.page.Next = next
	}
}
