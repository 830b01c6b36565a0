package mybb

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selPosts      = dom.Sel("#posts")
	selTable      = dom.Sel("table, .tborder")
	selThead      = dom.Sel(".thead")
	selHeadStrong = dom.Sel("strong, h1, h2, .thread_title")
	selTitleTag   = dom.Sel("title")
	selHeadline   = dom.Sel("h1.thread-title, .thread-title, .thread_title, .showthread_title")
	selNav        = dom.Sel(".navigation, .breadcrumb, .breadcrumbs, #breadcrumbs, .navigation_bar")
	selNavLink    = dom.Sel("a[href]")
	selActive     = dom.Sel(".navigation .active, .breadcrumb .active, .breadcrumbs .active")
	selPopup      = dom.Sel(".pagination, .pagination_breadcrumb, #breadcrumb_multipage_popup, .popup_menu")
	selPagination = dom.Sel(".pagination")
	selCurrent    = dom.Sel(".pagination_current, .active, .current")
	selPageNext   = dom.Sel("a.pagination_next[href]")
	selTidPrint   = dom.Sel("a[href*='printthread.php?tid='], a[href*='newreply.php?tid=']")
	selTidMode    = dom.Sel("a[href*='mode=threaded'][href*='tid='], a[href*='mode=linear'][href*='tid='], a[href*='ratethread.php?tid=']")
	selTidForm    = dom.Sel("form[action*='newreply.php?tid='], form[action*='showthread.php?tid=']")
	selTidInput   = dom.Sel("input[name='tid'][value]")
	selClosed     = dom.Sel("a.closed_button, .closed_button, img[src*='closed.gif'], a[title][href*='newreply.php'] img[src*='closed']")
	selRatingText = dom.Sel("[id^='current_rating_']")
	selReplyLink  = dom.Sel("a.new_reply_button, a[href*='newreply.php'] img[src*='newreply']")
	selPollBar    = dom.Sel("img[src*='pollbar'], .pollbar, .progress_bar, .poll_bar, .progress")
	selPollHead   = dom.Sel(".panel-heading, .card-header, .panel-title, h1, h2, h3")
	selPollRadio  = dom.Sel("form[action*='polls.php'] input[name='option'], form[action*='polls.php'] input[name^='option[']")
	selRow        = dom.Sel("tr")
	selCell       = dom.Sel("td")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1}
	r.page.Thread = t
	r.threadID(t)
	r.page.Path = r.path()
	r.title(t)
	r.state(t)
	r.pages(t)
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t)
	r.starter(t)
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// threadID takes the id from the address or, where addresses carry a slug, from
// the links of the thread's tools, which always have it.
func (r *reader) threadID(t *forum.Thread) {
	own := ""
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if tg, ok := r.read(href); ok && tg.kind == forum.KindThread && tg.id != "" {
			own = href
			if !tg.slug {
				t.ID = tg.id
			}
			break
		}
	}
	if t.ID == "" {
		t.ID = r.doc.FirstOf(selTidInput).AttrOr("value", "")
	}
	for _, m := range []goquery.Matcher{selTidPrint, selTidMode, selTidForm} {
		tool := r.doc.FirstOf(m)
		if t.ID == "" {
			t.ID = dom.Digits(dom.Param(tool.AttrOr("href", tool.AttrOr("action", "")), "tid"))
		}
	}
	if t.ID == "" {
		t.ID = r.idOfPosts()
	}
	switch {
	case own != "":
		t.URL = r.firstPage(own)
	case t.ID != "" && r.page.Root != "":
		t.URL = r.page.Root + "showthread.php?tid=" + t.ID
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor a link names a thread")
	}
}

func (r *reader) idOfPosts() string {
	for _, n := range r.postNodes() {
		for _, a := range r.doc.FindNodes(n).FindMatcher(selNavLink).EachIter() {
			if t, ok := r.read(a.AttrOr("href", "")); ok && t.kind == forum.KindThread && t.post != "" && t.id != "" && !t.slug {
				return t.id
			}
		}
	}
	return ""
}

// path is the breadcrumb without the forum itself. Its last board carries a
// popup with the board's pages, which is no part of it.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	r.breadcrumb().FindMatcher(selNavLink).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		id, name := r.linked(href, forum.KindBoard), dom.Text(a)
		if id == "" || name == "" || dom.Closest(a.Nodes[0], selPopup) != nil {
			return
		}
		out = append(out, forum.Crumb{Name: name, URL: r.firstPage(href), ID: id})
	})
	return out
}

// breadcrumb is the element of that class; in themes without one, the first box
// whose links are the index and then boards, down to one.
func (r *reader) breadcrumb() *goquery.Selection {
	if nav := r.doc.FirstOf(selNav); nav.Length() > 0 && dom.Has(nav, selNavLink) {
		return nav
	}
	for _, a := range r.doc.FindMatcher(selNavLink).EachIter() {
		if r.linked(a.AttrOr("href", ""), forum.KindBoard) == "" || dom.Closest(a.Nodes[0], selRow) != nil {
			continue
		}
		box := a.Parent()
		for i := 0; i < 3 && box.Length() > 0; i, box = i+1, box.Parent() {
			if r.leadsDown(box) {
				return box
			}
		}
	}
	return &goquery.Selection{}
}

// leadsDown tells a box of at least two links, the first to the index, all
// others to boards.
func (r *reader) leadsDown(box *goquery.Selection) bool {
	links := 0
	for _, a := range box.FindMatcher(selNavLink).EachIter() {
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || links == 0 && t.kind != forum.KindIndex || links > 0 && t.kind != forum.KindBoard {
			return false
		}
		links++
	}
	return links > 1
}

// heading is the thread's title bar: in 1.8 the table around the posts has it,
// in 1.6 the table before them; a poll's title bar stands further up.
func (r *reader) heading() *goquery.Selection {
	posts := r.doc.FirstOf(selPosts)
	for box := posts; box.Length() > 0; box = box.Parent() {
		if head := dom.First(box, selThead); head.Length() > 0 && box.Length() > 0 && dom.Closest(box.Nodes[0], selTable) == box.Nodes[0] {
			return head
		}
		prev := box.PrevAll().FilterMatcher(selTable).First()
		if head := dom.First(prev, selThead); head.Length() > 0 {
			return head
		}
		if box.IsMatcher(cssBody) {
			break
		}
	}
	return &goquery.Selection{}
}

// title reads the title bar, which has the prefix in front of the subject; the
// document's title is the subject alone.
func (r *reader) title(t *forum.Thread) {
	full := ""
	var parts *goquery.Selection
	r.heading().FindMatcher(selHeadStrong).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" && !dom.Has(s, selNavLink) && full == "" {
			full, parts = text, s
		}
	})
	if full == "" {
		parts = r.doc.FirstOf(selHeadline, selActive)
		full = dom.Text(parts)
	}
	subject := dom.Text(r.doc.FirstOf(selTitleTag))
	switch {
	case full == "":
		t.Title = subject
	case subject != "" && strings.HasSuffix(full, subject) && full != subject:
		t.Title = subject
		if prefix := strings.TrimSpace(strings.TrimSuffix(full, subject)); prefix != "" {
			t.Prefix = []string{prefix}
		}
	case full != subject && dom.OwnText(parts) != "" && strings.HasSuffix(full, dom.OwnText(parts)):
		t.Title = dom.OwnText(parts)
		if prefix := strings.TrimSpace(strings.TrimSuffix(full, t.Title)); prefix != "" {
			t.Prefix = []string{prefix}
		}
	default:
		t.Title = full
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no title bar, no breadcrumb and no title")
	}
}

var reRating = regexp.MustCompile(`(\d+)\D+(\d+(?:[.,]\d+)?)`)

// state reads what a thread page tells a guest: a closed thread by its button,
// the rating by its line "3 Vote(s) - 4.33 Average".
func (r *reader) state(t *forum.Thread) {
	if r.doc.Has(selClosed) {
		t.IsLocked = new(true)
	} else if r.doc.Has(selReplyLink) {
		t.IsLocked = new(false)
	}
	m := reRating.FindStringSubmatch(dom.Text(r.doc.FirstOf(selRatingText)))
	if m == nil {
		return
	}
	votes, _ := strconv.ParseInt(m[1], 10, 64)
	avg, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", "."), 64)
	if err == nil && votes > 0 {
		t.Rating = &forum.Rating{Avg: avg, Count: votes}
	}
}

// numbers reads the page links of a list: never the popup in the breadcrumb,
// which leads through the board's pages.
func (r *reader) numbers(kind forum.Kind, id string) (current, last int, next string) {
	r.doc.FindMatcher(selPagination).EachWithBreak(func(_ int, box *goquery.Selection) bool {
		if dom.Closest(box.Nodes[0], selNav) != nil || dom.Is(box, "pagination_breadcrumb") {
			return true
		}
		if n := dom.Count(dom.Text(dom.First(box, selCurrent))); n != nil {
			current = int(*n)
		}
		follow := ""
		box.FindMatcher(selNavLink).Each(func(_ int, a *goquery.Selection) {
			if t, ok := r.read(a.AttrOr("href", "")); ok && t.kind == kind && (t.id == id || t.slug) {
				last = max(last, t.page)
				if current > 0 && t.page == current+1 {
					follow = r.doc.Resolve(a.AttrOr("href", ""))
				}
			}
		})
		if next = r.doc.Resolve(dom.First(box, selPageNext).AttrOr("href", "")); next == "" {
			next = follow
		}
		return current == 0
	})
	if current == 0 {
		current = 1
		if t, ok := r.read(r.doc.URL.String()); ok && t.page > 0 {
			current = t.page
		}
	}
	return current, max(last, current), next
}

func (r *reader) pages(t *forum.Thread) {
	t.Page, t.PageCount, r.page.Next = r.numbers(forum.KindThread, t.ID)
}

// starter is the author of the first post; later pages do not name it.
func (r *reader) starter(t *forum.Thread) {
	for i := range r.page.Posts {
		if p := &r.page.Posts[i]; p.Position == 1 && p.Author != nil {
			t.Author = &forum.Author{ID: p.Author.ID, Name: p.Author.Name, URL: p.Author.URL, IsGuest: p.Author.IsGuest}
			t.Started = p.Published
			return
		}
	}
	r.gaps.Add("thread.author", "a later page names no starter")
	r.gaps.Add("thread.started_at", "a later page shows no start")
}

// poll reads the results' table, whose rows have an option, a bar, a counter and
// a share, or the form to vote. Themes build the rows of other elements, and the
// bar of a picture or of a box.
func (r *reader) poll() *forum.Poll {
	mark := r.doc.FirstOf(selPollBar)
	if mark.Length() == 0 {
		mark = r.doc.FirstOf(selPollRadio)
	}
	row := pollRow(nodeOf(mark))
	if row == nil {
		return nil
	}
	rows := r.doc.FindNodes(row.Parent)
	p := &forum.Poll{Question: question(rows)}
	rows.Children().Each(func(_ int, s *goquery.Selection) {
		cells := s.Children()
		switch {
		case cells.Length() >= 4 && dom.Has(s, selPollBar):
			o := forum.PollOption{Text: strings.TrimRight(dom.Text(cells.Eq(0)), "* "), Votes: dom.Count(dom.Text(cells.Eq(2)))}
			o.Percent = dom.Percent(dom.Text(cells.Eq(3)))
			p.Options = append(p.Options, o)
		case cells.Length() >= 2 && dom.Has(s, selPollRadio):
			p.Options = append(p.Options, forum.PollOption{Text: dom.Text(cells.Eq(1))})
		}
	})
	if p.Question == "" && len(p.Options) == 0 {
		return nil
	}
	return p
}

// pollRow is the row that a bar or a choice stands in: the table's, else the
// first box around it with cells beside it.
func pollRow(n *html.Node) *html.Node {
	if n == nil {
		return nil
	}
	if tr := dom.Closest(n, selRow); tr != nil {
		return tr
	}
	for ; n.Parent != nil; n = n.Parent {
		beside := 0
		for c := n.Parent.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode {
				beside++
			}
		}
		if beside >= 4 {
			return n.Parent
		}
	}
	return nil
}

// question is the heading of the options, without its label and the line below
// it: the nearest one at or above them.
func question(rows *goquery.Selection) string {
	for box := rows; box.Length() > 0 && !box.IsMatcher(cssBody); box = box.Parent() {
		head := dom.First(box, selThead, selPollHead)
		text := dom.Text(dom.First(head, selHeadStrong))
		if _, value, ok := dom.CutLabel(text); ok && value != "" {
			return value
		}
		if first, rest, ok := strings.Cut(text, " "); ok && isWord(first, pollWords) {
			return rest
		}
		if text != "" {
			return text
		}
	}
	return ""
}

func nodeOf(s *goquery.Selection) *html.Node {
	if s.Length() == 0 {
		return nil
	}
	return s.Nodes[0]
}
