package smf

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTopSubject  = dom.Sel("#top_subject")
	selDisplayHead = dom.Sel("#display_head, .information:has(#top_subject)")
	selTree        = dom.Sel(".navigate_section ul, .navigate_section ol, .linktree")
	selTreeLink    = dom.Sel("li a[href], a.nav[href]")
	selOldTree     = dom.Sel(".nav b a.nav, div.nav > b > a, .nav .nav")
	selOldHead     = dom.Sel("#forumposts h3.catbg, td#top_subject, tr.catbg3 #top_subject")
	selHeadImage   = dom.Sel("#forumposts h3.catbg img[src*='/topic/'], tr.catbg3 img[src*='/topic/']")
	selHeadIcons   = dom.Sel("#display_head .main_icons, #display_head .generic_icons, .information:has(#top_subject) .main_icons")
	selHeadLine    = dom.Sel("p")
	selStrong      = dom.Sel("strong, b")
	selPageLinks   = dom.Sel(".pagelinks, .pagesection .floatleft, td.middletext, .pagination")
	selNavLink     = dom.Sel("a[href]")
	selCurrent     = dom.Sel(".current_page, strong, b")
	selPoll        = dom.Sel("#poll")
	selQuestion    = dom.Sel("#pollquestion, h3.catbg, h3, h4")
	selOption      = dom.Sel("dl.options dt")
	selVoteOption  = dom.Sel("ul.options li label, ul.options li")
	selPercentage  = dom.Sel(".percentage")
	selPollLine    = dom.Sel("#poll_options > p, .windowbg > p")
	selPollLock    = dom.Sel(".main_icons.lock, .generic_icons.lock, img[src*='poll_locked']")
	selTitleTag    = dom.Sel("title")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1}
	r.page.Thread = t
	r.page.Path = r.path()
	r.threadID(t)
	t.Title = r.title(t.ID)
	r.state(t)
	start := r.pages(t)
	t.Poll = r.poll()
	if t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t, start)
	r.starter(t)
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

// tree are the links of the first breadcrumb.
func (r *reader) tree() []*goquery.Selection {
	var out []*goquery.Selection
	add := func(_ int, s *goquery.Selection) { out = append(out, s) }
	r.doc.FirstOf(selTree).FindMatcher(selTreeLink).Each(add)
	if len(out) == 0 {
		r.doc.FindMatcher(selOldTree).EachWithBreak(func(i int, s *goquery.Selection) bool {
			href := s.AttrOr("href", "")
			if i > 0 && !strings.Contains(href, "#") && parseHref(href).isHome() { // the tree is repeated below
				return false
			}
			add(i, s)
			return true
		})
	}
	if len(out) == 0 {
		return r.looseTree()
	}
	return out
}

// looseTree are the links of the first short list that begins with the forum
// and leads to a category or a board: the breadcrumb of themes that name it in
// their own way.
func (r *reader) looseTree() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selNavLink).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		href := s.AttrOr("href", "")
		if boardID(href) == "" && reCategory.FindStringSubmatch(href) == nil {
			return true
		}
		for n, up := s.Nodes[0].Parent, 0; n != nil && up < 3 && len(out) == 0; n, up = n.Parent, up+1 {
			links := goquery.NewDocumentFromNode(n).FindMatcher(selNavLink)
			if first := links.AttrOr("href", ""); links.Length() < 9 && !strings.Contains(first, "#") && parseHref(first).isHome() && r.doc.SameHost(r.doc.Resolve(first)) {
				links.Each(func(_ int, e *goquery.Selection) { out = append(out, e) })
			}
		}
		return len(out) == 0
	})
	return out
}

func (a address) isHome() bool { return len(a.params) == 0 }

var reCategory = regexp.MustCompile(`#(c?\d+)$`)

// path is the breadcrumb without the forum itself and the thread. A category
// is an anchor of the board index.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	for i, s := range r.tree() {
		href := s.AttrOr("href", "")
		name := dom.Text(s)
		id := boardID(href)
		if m := reCategory.FindStringSubmatch(href); m != nil && id == "" {
			id = "c" + strings.TrimPrefix(m[1], "c")
		}
		if i == 0 && boardID(href) == "" || topicID(href) != "" || name == "" || id == "" {
			continue
		}
		out = append(out, forum.Crumb{Name: name, URL: r.firstPage(href), ID: id})
	}
	return out
}

// firstPage is a link's canonical address where it has one.
func (r *reader) firstPage(href string) string {
	abs := r.clean(href)
	if l, ok := r.link(abs); ok && !strings.Contains(abs, "#c") {
		return l.URL
	}
	return abs
}

// title prefers the breadcrumb's last link in SMF 1.1 and 2.0, whose heading
// wraps the subject in words and counters.
func (r *reader) title(id string) string {
	if s := r.doc.FirstOf(selTopSubject); s.Length() > 0 && !s.IsMatcher(cssTd) {
		if text := dom.Text(s); text != "" {
			return r.bareTitle(text, id)
		}
	}
	if text := r.crumbTitle(id); text != "" {
		return text
	}
	if og := r.doc.Meta("og:title"); og != "" {
		return dom.Fold(og)
	}
	if text := dom.Text(r.doc.FirstOf(selTitleTag)); text != "" {
		return text
	}
	r.gaps.Add("thread.title", "no heading, no breadcrumb and no title")
	return ""
}

// crumbTitle is the breadcrumb's link to the thread.
func (r *reader) crumbTitle(id string) string {
	for _, s := range r.tree() {
		if href := s.AttrOr("href", ""); topicID(href) != "" && topicID(href) == id {
			if text := dom.Text(s); text != "" {
				return text
			}
		}
	}
	return ""
}

// bareTitle frees a heading of the words and counters that the theme "core" of
// SMF 2.0 wraps the subject in: by the breadcrumb, else by the page's title.
func (r *reader) bareTitle(heading, id string) string {
	for _, text := range []string{r.crumbTitle(id), dom.Text(r.doc.FirstOf(selTitleTag))} {
		if text != "" && strings.Contains(heading, text) {
			return text
		}
	}
	return heading
}

func (r *reader) threadID(t *forum.Thread) {
	sources := []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String()}
	for _, s := range r.tree() {
		sources = append(sources, s.AttrOr("href", ""))
	}
	for _, s := range r.messages() {
		sources = append(sources, dom.First(s, selSubjectLink, selMessageLink).AttrOr("href", ""))
	}
	sources = append(sources, r.doc.FirstOf(selFormAction).AttrOr("action", ""))
	for _, href := range sources {
		if t.ID = topicID(href); t.ID != "" {
			break
		}
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the canonical link, the address nor the breadcrumb names a thread")
		return
	}
	if r.page.Root != "" {
		t.URL = r.page.Root + "index.php?topic=" + t.ID + ".0"
	}
}

var selFormAction = dom.Sel("#quickModForm[action], form[name='quickModForm'][action]")

var reViews = regexp.MustCompile(`\(([^()]*\d[^()]*)\)\s*$`)

// state reads what the heading shows: SMF 2.1 has icons beside the subject,
// older ones name locked and sticky in one picture's file name and count views.
func (r *reader) state(t *forum.Thread) {
	if r.doc.Has(selDisplayHead) {
		icons := r.doc.FindMatcher(selHeadIcons)
		t.IsLocked = new(icons.FilterMatcher(cssLock).Length() > 0)
		t.IsSticky = new(icons.FilterMatcher(cssSticky).Length() > 0)
	}
	if s := r.doc.FirstOf(selHeadImage); s.Length() > 0 {
		src := s.AttrOr("src", "")
		t.IsLocked = new(strings.Contains(src, "locked"))
		t.IsSticky = new(strings.Contains(src, "sticky"))
	}
	if m := reViews.FindStringSubmatch(dom.Text(r.doc.FirstOf(selOldHead))); m != nil {
		n, rounded, ok := dom.Number(m[1])
		if ok {
			t.ViewCount, t.CountsRounded = &n, rounded
		}
	}
}

// starter reads who began the thread: the first post on page one, else the
// line below the heading, whose names are known from the posts.
func (r *reader) starter(t *forum.Thread) {
	for i := range r.page.Posts {
		if p := &r.page.Posts[i]; p.Position == 1 && p.Author != nil {
			t.Author = &forum.Author{ID: p.Author.ID, Name: p.Author.Name, URL: p.Author.URL, IsGuest: p.Author.IsGuest}
			t.Started = p.Published
			return
		}
	}
	line := r.doc.FirstOf(selDisplayHead).FindMatcher(selHeadLine).First()
	st, before, _ := r.clock.Within(dom.Text(line))
	if !st.Known() {
		r.gaps.Add("thread.author", "a later page names no starter")
		r.gaps.Add("thread.started_at", "a later page shows no start")
		return
	}
	t.Started = st
	before = strings.TrimRight(before, ", ")
	name := dom.Text(dom.First(line, selStrong))
	if name == "" {
		name = dom.KnownName(before, r.names, true)
	}
	if name == "" {
		name = strings.TrimPrefix(before, "Started by ")
	}
	if name == "" || name == before && strings.Contains(name, " ") {
		r.gaps.Add("thread.author", "the line below the heading could not be taken apart")
		return
	}
	t.Author = r.known(name)
}

// known is the author of that name among the posts, or the name alone.
func (r *reader) known(name string) *forum.Author {
	for i := range r.page.Posts {
		if a := r.page.Posts[i].Author; a != nil && a.Name == name {
			return &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
		}
	}
	return &forum.Author{Name: name}
}

// nav is what the page links say.
type nav struct {
	current, last, perPage int
}

// navigation reads the page links of a list: name is "topic" or "board". Every
// link carries an offset and a number, which give the page size; the current
// page is a number without a link.
func (r *reader) navigation(name, id string) nav {
	n := nav{}
	r.doc.FindMatcher(selPageLinks).EachWithBreak(func(_ int, box *goquery.Selection) bool {
		box.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) { r.navLink(&n, s, name, id) })
		if n.current == 0 {
			n.current = currentPage(box)
		}
		return n.current == 0
	})
	if n.current == 0 && n.last == 0 {
		r.loosePages(&n, name, id)
	}
	if n.current == 0 {
		r.unmarked(&n, name, id)
	}
	n.current = max(n.current, 1)
	n.last = max(n.last, n.current)
	return n
}

// loosePages reads page links by the engine's class of them, where a theme has
// put them into an element of its own.
func (r *reader) loosePages(n *nav, name, id string) {
	r.doc.FindMatcher(selLooseLink).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if linked, _, ok := idStart(parseHref(s.AttrOr("href", "")), name); !ok || linked != id {
			return true
		}
		box := s.Parent()
		box.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) { r.navLink(n, s, name, id) })
		n.current = currentPage(box)
		return n.current == 0
	})
	if n.current == 0 {
		n.current, _ = strconv.Atoi(dom.Text(r.doc.FirstOf(selMarkedPage)))
	}
}

var selMarkedPage = dom.Sel(".current_page")

var selLooseLink = dom.Sel("a.navPages, a.nav_page")

// unmarked finds the page by the offset in its address where nothing on the
// page marks the current one. Links to later pages would have given the page
// size: without it this page is behind all that are linked.
func (r *reader) unmarked(n *nav, name, id string) {
	linked, start, ok := idStart(parseHref(r.doc.URL.String()), name)
	if !ok || linked != id || start <= 0 {
		return
	}
	if n.last == 0 {
		r.doc.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) { r.navLink(n, s, name, id) })
	}
	if n.perPage > 0 {
		n.current = start/n.perPage + 1
		return
	}
	n.current = n.last + 1
}

func currentPage(box *goquery.Selection) int {
	current := 0
	box.FindMatcher(selCurrent).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		n, err := strconv.Atoi(strings.Trim(dom.Text(s), "[] "))
		if err == nil && s.ParentFiltered("a").Length() == 0 {
			current = n
		}
		return current == 0
	})
	return current
}

func (r *reader) navLink(n *nav, s *goquery.Selection, name, id string) {
	a := parseHref(s.AttrOr("href", ""))
	linked, start, ok := idStart(a, name)
	page, err := strconv.Atoi(dom.Text(s))
	if !ok || err != nil || linked != id {
		return
	}
	n.last = max(n.last, page)
	if page > 1 && start > 0 && start%(page-1) == 0 {
		n.perPage = start / (page - 1)
	}
}

// pages fills the thread's page numbers and gives the offset of its first post,
// -1 when nothing tells it.
func (r *reader) pages(t *forum.Thread) int {
	n := r.navigation("topic", t.ID)
	t.Page, t.PageCount = n.current, n.last
	if n.perPage > 0 {
		r.page.Learned.PostsPerPage = n.perPage
	}
	if t.Page < t.PageCount {
		r.page.Next = r.nextLink("topic", t.ID, n)
	}
	size := n.perPage
	if size == 0 {
		size = r.facts.PostsPerPage
	}
	switch {
	case t.Page == 1:
		return 0
	case size > 0:
		return (t.Page - 1) * size
	}
	return -1
}

// nextLink is the page after this one. link[rel=next] is the next page in SMF
// 2.1 and the next thread in 2.0: only an offset within the same list counts.
func (r *reader) nextLink(name, id string, n nav) string {
	if href := r.doc.NextLink(); href != "" {
		a := parseHref(href)
		linked, start, ok := idStart(a, name)
		if ok && !a.params.has("prev_next") && linked == id && start > 0 {
			return r.clean(href)
		}
	}
	if n.perPage > 0 && r.page.Root != "" {
		return r.page.Root + "index.php?" + name + "=" + id + "." + strconv.Itoa(n.current*n.perPage)
	}
	return ""
}

func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, dom.Sel("#pollquestion"), selQuestion))}
	box.FindMatcher(selOption).Each(func(_ int, s *goquery.Selection) {
		p.Options = append(p.Options, pollOption(dom.Text(s), dom.Text(s.NextMatcher(cssDd).FindMatcher(selPercentage).First())))
	})
	if len(p.Options) == 0 {
		box.FindMatcher(selVoteOption).Each(func(_ int, s *goquery.Selection) {
			if s.IsMatcher(cssLabel) {
				p.Options = append(p.Options, forum.PollOption{Text: dom.Text(s)})
			}
		})
	}
	p.Closed = new(dom.Has(box, selPollLock))
	box.FindMatcher(selPollLine).Each(func(_ int, s *goquery.Selection) { r.pollLine(p, s) })
	return p
}

func pollOption(text, result string) forum.PollOption {
	o := forum.PollOption{Text: text}
	if o.Percent = dom.Percent(result); o.Percent != nil {
		o.Votes = dom.Count(result)
	}
	return o
}

// pollLine reads the number of voters or the time of closing: the one is a
// bare number, the other a date.
func (r *reader) pollLine(p *forum.Poll, s *goquery.Selection) {
	_, value, ok := dom.CutLabel(dom.Text(s))
	if !ok {
		return
	}
	if strings.Trim(value, "0123456789., ") == "" {
		p.Voters = dom.Count(value)
		return
	}
	if st := r.clock.Text(value); st.Known() {
		p.Closes = st
	}
}
