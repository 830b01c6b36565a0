package xenforo1

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitleOwn    = dom.Sel(".titleBar h1 .title")
	selTitle       = dom.Sel(".titleBar h1")
	selTitleOther  = dom.Sel("#header h1, .titleBar h2, #content h1")
	selNoTitle     = dom.Sel(".prefix, .PageNav, .iconKey, .Popup, .pageNavLinkGroup, a.prefixLink, .icon, i, .DateTime, [class*='vote']")
	selPrefix      = dom.Sel(".titleBar h1 .prefix, .titleBar h1 a.prefixLink")
	selDescription = dom.Sel("#pageDescription")
	selUsername    = dom.Sel("a.username, span.username, .username")
	selForumLink   = dom.Sel("a[href*='forums/'], a[href*='categories/']")
	selOtherLink   = dom.Sel("a[href]:not(.username):not(:has(.DateTime))")
	selCrumb       = dom.Sel(".breadcrumb .crust")
	selCrumbLink   = dom.Sel("a.crumb, a")
	selTag         = dom.Sel(".tagBlock .tagList a.tag, .tagBlock a.tag")
	selArrow       = dom.Sel(".arrow")
	selLocked      = dom.Sel(".threadAlerts .lockedAlert, dl.threadAlerts dd.lockedAlert")
	selAlerts      = dom.Sel(".threadAlerts")
	selPageNav     = dom.Sel(".PageNav")
	selNavLink     = dom.Sel(".PageNav a[href]")
	selPoll        = dom.Sel(".PollContainer, .pollBlock")
	selQuestion    = dom.Sel(".questionText")
	selQuestionBox = dom.Sel("h2.question, .question h2, .question, h2")
	selPollOption  = dom.Sel(".pollResult, ol.pollResults > li, .pollOption")
	selPollText    = dom.Sel(".option .textWrap, .optionText, h3, label, .option")
	selPollVotes   = dom.Sel(".barHolder .count, .voteCount, .votes, .count")
	selPercent     = dom.Sel(".percentage, .percent")
	selPollCloses  = dom.Sel(".closeDate .DateTime, .pollNotes .DateTime")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	t.Title = r.title()
	r.doc.FindMatcher(selPrefix).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
	r.page.Path = r.path()
	r.description(t)
	r.threadID(t)
	r.threadState(t)
	r.pages(&t.Page, &t.PageCount)
	t.Poll = r.poll()
	if t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t)
	r.fromFirst(t)
}

// fromFirst lets the thread's first post say who started it and when, where a
// theme drops the line below the title.
func (r *reader) fromFirst(t *forum.Thread) {
	if len(r.page.Posts) > 0 && r.page.Posts[0].Position == 1 {
		first := r.page.Posts[0]
		if a := first.Author; t.Author == nil && a != nil {
			t.Author = &forum.Author{Name: a.Name, ID: a.ID, URL: a.URL, IsGuest: a.IsGuest}
		}
		if t.Started.IsZero() {
			t.Started = first.Published
		}
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "the line below the title names no starter")
	}
	if t.Started.IsZero() {
		r.gaps.Add("thread.started_at", "the line below the title shows no date")
	}
}

func (r *reader) title() string {
	for _, m := range []goquery.Matcher{selTitleOwn, selTitle, selTitleOther} {
		if text := dom.TextWithout(r.doc.FirstOf(m), selNoTitle); text != "" {
			return text
		}
	}
	if og := r.doc.Meta("og:title"); og != "" {
		return dom.Fold(og)
	}
	r.gaps.Add("thread.title", "no heading in .titleBar")
	return ""
}

// path is the first breadcrumb without the home page and the tab of the board
// index; a category stands in it as an anchor of the index.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	first := r.doc.FirstOf(selCrumb).ClosestMatcher(cssBreadcrumb)
	first.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		if dom.Is(s, "homeCrumb") || dom.Is(s, "selectedTabCrumb") {
			return
		}
		link := dom.First(s, selCrumbLink)
		href := link.AttrOr("href", "")
		if name := dom.TextWithout(link, selArrow); name != "" {
			out = append(out, forum.Crumb{Name: name, URL: r.doc.Resolve(href), ID: boardID(href)})
		}
	})
	if len(out) == 0 {
		return r.plainPath()
	}
	return out
}

// plainPath is the breadcrumb of themes that write it as a list of links: those
// that lead to boards.
func (r *reader) plainPath() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FirstOf(selPlainCrumbs).FindMatcher(selCrumbLink).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		if id, name := crumbID(href), dom.Text(a); id != "" && name != "" {
			out = append(out, forum.Crumb{Name: name, URL: r.doc.Resolve(href), ID: id})
		}
	})
	return out
}

var selPlainCrumbs = dom.Sel(".breadcrumb, .breadcrumbs")

// crumbID is the id of the board that a link leads to: its number, else the
// name that the board has in its address.
func crumbID(href string) string {
	if id := xfurl.ForumID(href); id != "" {
		return id
	}
	return xfurl.ForumName(href)
}

// boardID is the id of the board that a link of the program's own leads to, also
// where the forum has renamed the route of its boards.
func boardID(href string) string {
	if id := crumbID(href); id != "" {
		return id
	}
	return xfurl.TargetID(href)
}

// description reads board, starter and start from the line below the title, by
// role: its words are the forum's language.
func (r *reader) description(t *forum.Thread) {
	line := r.doc.FirstOf(selDescription)
	if s := dom.First(line, selForumLink, selOtherLink); s.Length() > 0 && len(r.page.Path) == 0 {
		href := s.AttrOr("href", "")
		r.page.Path = []forum.Crumb{{Name: dom.Text(s), URL: r.doc.Resolve(href), ID: boardID(href)}}
	}
	if s := dom.First(line, selUsername); s.Length() > 0 {
		t.Author = r.user(s)
	}
	t.Started = r.clock.Element(dom.First(line, selDateTime))
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb and no board in the line below the title")
	}
}

// user reads a link to an account, or a name without one: a guest's.
func (r *reader) user(s *goquery.Selection) *forum.Author {
	name := dom.Text(s)
	if name == "" {
		return nil
	}
	href := s.AttrOr("href", "")
	id := accountID(href)
	if id == "" {
		return &forum.Author{Name: name, IsGuest: true}
	}
	return &forum.Author{Name: name, ID: id, URL: r.doc.Resolve(href)}
}

// accountID is the account that a name's link leads to, also where the forum has
// renamed the route of its members.
func accountID(href string) string {
	if id := xfurl.MemberID(href); id != "" {
		return id
	}
	return xfurl.TargetID(href)
}

func (r *reader) threadID(t *forum.Thread) {
	for _, href := range []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String(),
		r.doc.FirstOf(selDatePermalink).AttrOr("href", "")} {
		if id := xfurl.ThreadID(href); id != "" {
			t.ID = id
			break
		}
	}
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if u := parse(href); u != nil {
			if l, ok := xfurl.Canonical(u); ok && l.Kind == forum.KindThread {
				t.URL = firstPage(l.URL)
				return
			}
		}
	}
	r.renamedThread(t)
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the canonical link nor the address names a thread")
	}
}

// renamedThread takes the thread from the page's own address where the forum
// calls the route of its threads by a word of its own.
func (r *reader) renamedThread(t *forum.Thread) {
	for _, href := range []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String()} {
		id := xfurl.TargetID(href)
		if id == "" || t.ID != "" && t.ID != id {
			continue
		}
		t.ID, t.URL = id, r.doc.Resolve(xfurl.TargetURL(href))
		return
	}
}

var rePageSuffix = regexp.MustCompile(`page-\d+$`)

func firstPage(href string) string { return rePageSuffix.ReplaceAllString(href, "") }

func (r *reader) threadState(t *forum.Thread) {
	r.doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if tag := dom.TextWithout(s, selArrow); tag != "" {
			t.Tags = append(t.Tags, tag)
		}
	})
	if r.doc.Has(selLocked) {
		t.IsLocked = new(true)
		return
	}
	if !r.doc.Has(selAlerts) {
		t.IsLocked = new(false) // the engine always shows the alert of a locked thread
	}
}

// pages reads the page navigation, which names the last page and a pattern
// for every other; without one there is a single page.
func (r *reader) pages(current, last *int) {
	*current, *last = xfurl.PageNumber(r.doc.URL.String()), 1
	nav := r.doc.FirstOf(selPageNav)
	if n, err := strconv.Atoi(nav.AttrOr("data-page", "")); err == nil && n > 0 {
		*current = n
	}
	if n, err := strconv.Atoi(nav.AttrOr("data-last", "")); err == nil && n > 0 {
		*last = n
	}
	nav.FindMatcher(selNavLink).Each(func(_ int, s *goquery.Selection) {
		*last = max(*last, xfurl.PageNumber(s.AttrOr("href", "")))
	})
	*last = max(*last, *current)
	r.page.Next = r.nextPage(nav, *current, *last)
}

// nextPage never trusts the words of the navigation: both arrows look alike.
func (r *reader) nextPage(nav *goquery.Selection, current, last int) string {
	if next := r.doc.NextLink(); next != "" {
		return next
	}
	if current >= last {
		return ""
	}
	if pattern := nav.AttrOr("data-baseurl", ""); pattern != "" {
		n := strconv.Itoa(current + 1)
		for _, mark := range []string{nav.AttrOr("data-sentinel", "{{sentinel}}"), "{{sentinel}}", "%7B%7Bsentinel%7D%7D"} {
			pattern = strings.ReplaceAll(pattern, mark, n)
		}
		return r.doc.Resolve(pattern)
	}
	var found string
	nav.FindMatcher(selNavLink).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if href := s.AttrOr("href", ""); xfurl.PageNumber(href) == current+1 {
			found = r.doc.Resolve(href)
			return false
		}
		return true
	})
	return found
}

func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, selQuestion, selQuestionBox))}
	box.FindMatcher(selPollOption).Each(func(_ int, s *goquery.Selection) {
		option := forum.PollOption{Text: dom.Text(dom.First(s, selPollText)), Votes: dom.Count(dom.Text(dom.First(s, selPollVotes)))}
		if option.Text == "" {
			option.Text = dom.OwnText(s)
		}
		option.Percent = dom.Percent(dom.Text(dom.First(s, selPercent)))
		if option.Text != "" {
			p.Options = append(p.Options, option)
		}
	})
	if p.Question == "" && len(p.Options) == 0 {
		return nil
	}
	if closes := dom.First(box, selPollCloses); closes.Length() > 0 {
		dom.ClosePoll(p, r.clock.Element(closes), r.clock.Now())
	}
	return p
}
