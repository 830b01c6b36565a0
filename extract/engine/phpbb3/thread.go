package phpbb3

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
	selTitleText  = dom.Sel(".topic-title a, #page-body > h2 a, h2 a.titles, .topic-title, h2 a[href*='viewtopic'], h1 a[href*='viewtopic']")
	selTitleOther = dom.Sel("#page-body h2 a, #page-body h2, #page-body h1")
	selNoTitle    = dom.Sel("i, .icon, img, .sr-only, .badge, .topic-prefix, .unread")
	selCrumbs     = dom.Sel("#nav-breadcrumbs .breadcrumbs, .nav-breadcrumbs .breadcrumbs, li.breadcrumbs, p.breadcrumbs, .navlinks li.icon-home, .navlinks, .breadcrumbs, .nav-breadcrumbs")
	selCrumb      = dom.Sel("[data-forum-id]")
	selIndexCrumb = dom.Sel("[data-navbar-reference], [accesskey='h']")
	selLockIcon   = dom.Sel(".action-bar .fa-lock, .topic-actions .locked-icon, .buttons .locked-icon, a.locked-icon, .action-bar .locked-icon, img[src*='button_topic_locked'], .imageset.button_topic_locked, .imageset.icon_topic_locked, a[href*='mode=reply'] .fa-lock")
	selReplyIcon  = dom.Sel("a[href*='mode=reply'], .reply-icon")
	selTopicPill  = dom.Sel(".topic-title .topic-prefix, .topic-title .badge, .topic-tags a, .topic_tags a, .tags a")
	selSolvedMark = dom.Sel("h2 [class*='solved'], h2 img[src*='solved'], .topic-title [class*='solved']")
)

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, ID: r.own.ID}
	r.page.Thread = t
	if r.own.Kind != forum.KindThread {
		t.ID = ""
	}
	messages := r.messages()
	t.Title = r.title(messages)
	r.page.Path = r.path()
	r.threadURL(t)
	r.threadState(t)
	r.pages(&t.Page, &t.PageCount)
	if n := r.total(); n != nil && *n > 0 {
		replies := *n - 1
		t.ReplyCount = &replies
	}
	t.Poll = r.poll()
	if t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t, messages)
	r.starter(t)
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb leads to a board")
	}
}

func (r *reader) title(messages []*goquery.Selection) string {
	for _, m := range []goquery.Matcher{selTitleText, selTitleOther} {
		if text := dom.TextWithout(r.doc.FirstOf(m), selNoTitle); text != "" {
			return text
		}
	}
	if og := r.doc.Meta("og:title"); og != "" {
		return dom.Fold(og)
	}
	if title := r.looseTitle(messages); title != "" {
		return title
	}
	r.gaps.Add("thread.title", "no heading links to the thread")
	return ""
}

// threadURL is the thread's first page, by the page's own address where that
// is a form of the site's, else built from the id.
func (r *reader) threadURL(t *forum.Thread) {
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor the heading names a thread")
		return
	}
	heading := r.doc.FirstOf(selTopicTitle, selHeadingLink).AttrOr("href", "")
	for _, href := range []string{r.doc.Canonical(), heading, r.doc.URL.String()} {
		if l, ok := r.link(href); ok && l.Kind == forum.KindThread && l.ID == t.ID {
			t.URL = firstPage(l)
			return
		}
	}
	if r.page.Root != "" {
		t.URL = r.page.Root + "viewtopic.php?t=" + t.ID
	}
}

// firstPage is a canonical link without its offset.
func firstPage(l forum.Link) string {
	s := startIn(l.Key)
	if s == 0 {
		return l.URL
	}
	n := strconv.Itoa(s)
	for _, mark := range [...]string{"&start=" + n, "?start=" + n, "/page" + n + ".html", "/page-" + n + ".html", "/index-s" + n + ".html", "-s" + n, "-" + n} {
		if i := strings.LastIndex(l.URL, mark); i >= 0 {
			rest := l.URL[i+len(mark):]
			if strings.HasPrefix(mark, "/") {
				rest = "/"
			}
			return l.URL[:i] + rest
		}
	}
	return l.URL
}

// path is the first breadcrumb that leads to a board, without the home page and
// the index. A board's id stands in its own attribute, else in the link.
func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selCrumbs).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		s.FindMatcher(selAnchor).Each(func(_ int, a *goquery.Selection) {
			if c, ok := r.crumb(a); ok {
				out = append(out, c)
			}
		})
		return len(out) == 0
	})
	if len(out) == 0 {
		return r.looseCrumbs()
	}
	return out
}

func (r *reader) crumb(a *goquery.Selection) (forum.Crumb, bool) {
	n := a.Nodes[0]
	if selIndexCrumb.Match(n) {
		return forum.Crumb{}, false
	}
	href := a.AttrOr("href", "")
	c := forum.Crumb{Name: dom.TextWithout(a, selNoTitle), ID: r.named(forum.KindBoard, href)}
	if e := dom.Closest(n, selCrumb); e != nil && c.ID == "" {
		c.ID = dom.Attr(e, "data-forum-id")
	}
	if c.ID == "" || c.Name == "" {
		return c, false
	}
	c.URL = r.boardURL(href)
	return c, true
}

// boardURL is a board's first page as the site writes it.
func (r *reader) boardURL(href string) string {
	if l, ok := r.link(href); ok && l.Kind == forum.KindBoard {
		return firstPage(l)
	}
	return r.resolve(href)
}

func (r *reader) threadState(t *forum.Thread) {
	r.doc.FindMatcher(selTopicPill).Each(func(_ int, s *goquery.Selection) {
		text := dom.Text(s)
		if text == "" || r.inPost(s.Nodes[0]) {
			return
		}
		if s.Nodes[0].Data == "a" {
			t.Tags = append(t.Tags, text)
			return
		}
		t.Prefix = append(t.Prefix, text)
	})
	if r.doc.Has(selSolvedMark) {
		t.IsSolved = new(true)
	}
	switch {
	case r.doc.Has(selLockIcon):
		t.IsLocked = new(true)
	case r.doc.Has(selReplyIcon):
		t.IsLocked = new(false) // the button to reply turns into a lock
	}
}

func (r *reader) inPost(n *html.Node) bool { return dom.Closest(n, selNotNav) != nil }

// starter takes the starter and the start from the first post: the engine
// shows them nowhere else on a thread's pages.
func (r *reader) starter(t *forum.Thread) {
	if len(r.page.Posts) > 0 && r.page.Posts[0].Position == 1 && t.Page == 1 {
		first := r.page.Posts[0]
		t.Started = first.Published
		if a := first.Author; a != nil {
			t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
		}
		return
	}
	r.gaps.Add("thread.author", "only the first page shows who started the thread")
	r.gaps.Add("thread.started_at", "only the first page shows when the thread was started")
}

var (
	selPoll       = dom.Sel("form.topic_poll, form:has(fieldset.polls)")
	selPollCell   = dom.Sel("form:has(input[name='vote_id[]']), form:has(.poll_center), form:has(img[src*='poll_center'])")
	selQuestion   = dom.Sel(".poll-title, h2, h3, span.gen b")
	selCellQuest  = dom.Sel("span.gen b")
	selPollOption = dom.Sel("dl[data-poll-option-id], fieldset.polls dl, .polls dl")
	selOptionText = dom.Sel("dt")
	selNotOption  = dom.Sel(".poll_total_votes, .poll_vote, .poll_view_results")
	selOptionBar  = dom.Sel("dd.resultbar div, .resultbar div")
	selPercent    = dom.Sel(".poll_option_percent, dd:last-child")
	selPollEnd    = dom.Sel("p.author")
	selHiddenDD   = dom.Sel("dd.hidden")
)

// poll reads the question, the answers and what a guest sees of the results.
func (r *reader) poll() *forum.Poll {
	box := r.doc.FirstOf(selPoll)
	if box.Length() == 0 {
		return r.tablePoll()
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, selQuestion))}
	box.FindMatcher(selPollOption).Each(func(_ int, s *goquery.Selection) {
		text := dom.Text(dom.First(s, selOptionText))
		if text == "" || selNotOption.Match(s.Nodes[0]) {
			return
		}
		o := forum.PollOption{Text: text}
		if !dom.Has(s, selHiddenDD) {
			o.Votes = dom.Count(dom.Text(dom.First(s, selOptionBar)))
			o.Percent = dom.Percent(dom.Text(dom.First(s, selPercent)))
		}
		p.Options = append(p.Options, o)
	})
	r.pollEnd(p, dom.Text(dom.First(box, selPollEnd)))
	if p.Question == "" && len(p.Options) == 0 {
		return nil
	}
	return p
}

// tablePoll reads the poll of subsilver2, whose rows have no names: an answer
// stands in a cell of class gen, its votes in brackets.
func (r *reader) tablePoll() *forum.Poll {
	box := r.doc.FirstOf(selPollCell)
	if box.Length() == 0 {
		return nil
	}
	p := &forum.Poll{Question: dom.Text(dom.First(box, selCellQuest))}
	box.FindMatcher(cssTableTableTr).Each(func(_ int, tr *goquery.Selection) {
		text := dom.Text(tr.Children().ChildrenMatcher(cssSpanGen).First())
		if text == "" || text == p.Question {
			return
		}
		o := forum.PollOption{Text: text, Percent: dom.Percent(dom.Text(dom.First(tr, cssTdGenB)))}
		if m := reBracket.FindStringSubmatch(dom.Text(tr.FindMatcher(cssTdGen).Last())); m != nil {
			o.Votes = dom.Count(m[1])
		}
		p.Options = append(p.Options, o)
	})
	r.pollEnd(p, dom.Text(dom.First(box, cssSpanGensmall)))
	if len(p.Options) == 0 {
		return nil
	}
	return p
}

var reBracket = regexp.MustCompile(`^\[\s*([\d.,\x{a0}\x{202f} ]+)\s*\]$`)

func (r *reader) pollEnd(p *forum.Poll, text string) {
	if !strings.ContainsAny(text, "0123456789") {
		return
	}
	if at := r.sentenceTime(text); at.Known() {
		dom.ClosePoll(p, at, r.clock.Now())
	}
}
