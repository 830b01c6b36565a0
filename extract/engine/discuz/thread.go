package discuz

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selTitle     = dom.Sel("#thread_subject")
	selHeading   = dom.Sel("h1.ts, #postlist h1, #threadtitle h1, .view_tit, .postlist > h2")
	selCrumb     = dom.Sel("#pt a[href], #nav a[href], .header h2 a[href]")
	selTag       = dom.Sel(".ptg > a[href*='mod=tag'], .ptg > a[title], .threadtags a[href*='tag.php']")
	selClosed    = dom.Sel("#postlist .vwthd img[src*='locked'], #postlist .vwthd .fico-lock, #postlist h1 ~ span img[src*='locked']")
	selReply     = dom.Sel("#post_reply, #post_replytmp")
	selCounts    = dom.Sel("#postlist td.pls .hm .xi1")
	selCountLine = dom.Sel("#postlist td.pls > .hm")
	selTouchSeen = dom.Sel(".authi .mtime .y em")
	selStarter   = dom.Sel("#tath a[title]")
	selPrint     = dom.Sel("a[href*='action=printable'], a[href*='ptid='], #fj_btn, a[href*='goto=next']")
	selReward    = dom.Sel(".rwd, .rusld, .rsld")
	selBest      = dom.Sel(".rwdbst a[onclick], .rwdbst a[href*='findpost']")
	selBrackets  = dom.Sel("h1.ts a[href], .view_tit > em")
)

func (r *reader) thread(posts []box) {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	r.title(t)
	r.page.Path = r.path(forum.KindThread)
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "the breadcrumb names no board")
	}
	r.threadID(t)
	r.pages(&t.Page, &t.PageCount)
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
	r.counts(t)
	r.poll(t)
	r.posts(posts)
	r.reward(t)
	r.starter(t)
	dom.StartFromFirst(r.page, &r.gaps)
}

// title reads the subject, which has an id of its own; the kind of thread that
// a board asks for stands before it in brackets.
func (r *reader) title(t *forum.Thread) {
	heading := r.doc.FirstOf(selHeading)
	t.Title = dom.Text(r.doc.FirstOf(selTitle))
	if t.Title == "" {
		t.Title = dom.OwnText(heading)
	}
	if t.Title == "" {
		t.Title, _, _ = strings.Cut(dom.Text(r.doc.FirstOf(selTitleTag)), " - ")
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	t.Prefix = brackets(dom.TextWithout(heading, selTitle))
	if lead := reKindLine.FindString(rawText(heading)); lead != "" && !r.doc.Has(selTitle) {
		t.Prefix = brackets(lead)
		t.Title = strings.TrimSpace(strings.TrimPrefix(t.Title, dom.Fold(lead)))
		return
	}
	if len(t.Prefix) > 0 && strings.Contains(t.Title, "["+t.Prefix[0]+"]") { // a bracket of the title's own
		t.Prefix = nil
		r.doc.FindMatcher(selBrackets).Each(func(_ int, s *goquery.Selection) {
			t.Prefix = append(t.Prefix, brackets(dom.Text(s))...)
		})
	}
}

// reKindLine is the kind of a thread as the touch templates write it into the
// heading: on a line of its own, which a bracket of the title is not.
var reKindLine = regexp.MustCompile(`^(?:\s*\[[^\[\]\n]+\][ \t\r]*\n)+`)

// rawText are an element's own words with their line ends.
func rawText(s *goquery.Selection) string {
	var b strings.Builder
	for _, n := range s.Nodes {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			}
		}
	}
	return b.String()
}

var reBracket = regexp.MustCompile(`\[([^\[\]]+)\]`)

func brackets(text string) []string {
	var out []string
	for _, m := range reBracket.FindAllStringSubmatch(text, -1) {
		if word := strings.TrimSpace(m[1]); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// path is the breadcrumb's categories and boards, each once. The program
// numbers both from one row.
func (r *reader) path(of forum.Kind) []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := s.AttrOr("href", "")
		t, ok := r.read(href)
		name := dom.Text(s)
		category := ok && t.kind == forum.KindOther
		if !category && !(ok && t.kind == forum.KindBoard) || name == "" || seen[t.id] {
			return
		}
		seen[t.id] = true
		c := forum.Crumb{Name: name, ID: t.id, URL: r.pageAddress(href, 1)}
		if category {
			c.URL = r.doc.Resolve(href)
		}
		out = append(out, c)
	})
	if of == forum.KindIndex {
		return nil
	}
	if len(out) == 0 {
		return r.backTo()
	}
	return out
}

// backTo is the board that the head of the touch templates before X3.5 leads
// back to: a picture, with the name beside it.
func (r *reader) backTo() []forum.Crumb {
	href := r.doc.FirstOf(selBackLink).AttrOr("href", "")
	id, name := r.linked(href, forum.KindBoard), dom.Text(r.doc.FirstOf(selBackName))
	if id == "" || name == "" {
		return nil
	}
	return []forum.Crumb{{Name: name, ID: id, URL: r.pageAddress(href, 1)}}
}

var (
	selBackLink = dom.Sel("header.header .nav > a[href]")
	selBackName = dom.Sel("header.header .nav > .name")
)

// threadID takes the thread's number from the page's address, else from a link
// of its tools.
func (r *reader) threadID(t *forum.Thread) {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		id := r.linked(href, forum.KindThread)
		if t.ID == "" {
			t.ID = id
		}
		if id != "" && t.URL == "" {
			t.URL = r.pageAddress(href, 1)
		}
	}
	if t.ID == "" {
		r.doc.FindMatcher(selPrint).EachWithBreak(func(_ int, s *goquery.Selection) bool {
			href := s.AttrOr("href", "")
			if t.ID = dom.Param(href, "ptid"); t.ID == "" {
				t.ID = dom.Param(href, "tid")
			}
			return t.ID == ""
		})
	}
	if t.URL == "" && t.ID != "" && r.page.Root != "" {
		t.URL = r.page.Root + "forum.php?mod=viewthread&tid=" + t.ID
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the address nor a link of the tools names the thread")
	}
}

// counts reads the two numbers over the first page: views, then replies.
func (r *reader) counts(t *forum.Thread) {
	s := r.doc.FindMatcher(selCounts)
	if s.Length() == 0 {
		s = r.doc.FindMatcher(selTouchSeen)
	}
	if s.Length() == 2 {
		t.ViewCount, t.ReplyCount = exact(s.Eq(0)), exact(s.Eq(1))
		return
	}
	if n := reNumber.FindAllString(dom.Text(r.doc.FirstOf(selCountLine)), -1); len(n) == 2 { // X1.5
		t.ViewCount, t.ReplyCount = dom.Count(n[0]), dom.Count(n[1])
	}
}

// exact is a counter that the page may abbreviate: then its title is the number.
func exact(s *goquery.Selection) *int64 {
	if s.Length() == 0 {
		return nil
	}
	if n := dom.Count(dom.Attr(s.Nodes[0], "title")); n != nil {
		return n
	}
	if inner := dom.First(s, selTitled); inner.Length() > 0 {
		if n := dom.Count(inner.AttrOr("title", "")); n != nil {
			return n
		}
	}
	return dom.Count(dom.Text(s))
}

var selTitled = dom.Sel("[title]")

// reward reads a question with a prize: which post was found the best.
func (r *reader) reward(t *forum.Thread) {
	box := r.doc.FindMatcher(selReward)
	if box.Length() == 0 {
		return
	}
	t.Type = "question"
	best := r.doc.FirstOf(selBest)
	t.SolutionPostID = dom.Digits(after(best.AttrOr("onclick", "")+best.AttrOr("href", ""), "pid="))
	solved := t.SolutionPostID != "" || box.FilterMatcher(cssRsld).Length() > 0
	t.IsSolved = &solved
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		p.IsSolution = p.ID != "" && p.ID == t.SolutionPostID
	}
}

// after is what follows the last mark that stands on its own in a text.
func after(text, mark string) string {
	for i := strings.LastIndex(text, mark); i >= 0; i = strings.LastIndex(text[:i], mark) {
		if i == 0 || strings.ContainsAny(text[i-1:i], "&;?") {
			return text[i+len(mark):]
		}
	}
	return ""
}

// starter reads who began the thread: later pages name the account on top.
func (r *reader) starter(t *forum.Thread) {
	link := r.doc.FindMatcher(selStarter).Last()
	if t.Page <= 1 || link.Length() == 0 {
		return
	}
	href := link.AttrOr("href", "")
	if name := dom.Fold(link.AttrOr("title", "")); name != "" {
		t.Author = &forum.Author{ID: r.linked(href, forum.KindProfile), Name: name, URL: r.pageAddress(href, 0)}
	}
}

var (
	selPager = dom.Sel(".pg, .pages")
	selHere  = dom.Sel("strong")
	selTotal = dom.Sel("label span[title]")
	selNext  = dom.Sel("a.nxt[href], a.next[href], .pgbtn a[href]")
	selLink  = dom.Sel("a[href]")
)

// pages reads the page navigation: the current page is no link, the total
// stands beside the field to jump, else the last page is among the links.
func (r *reader) pages(current, last *int) {
	address, _ := parse(r.doc.URL)
	*current, *last = max(address.page, 1), 1
	r.doc.FindMatcher(selPager).Each(func(_ int, pager *goquery.Selection) {
		if dom.Closest(pager.Nodes[0], selComments) != nil {
			return
		}
		if n := dom.Count(dom.Text(dom.First(pager, selHere))); n != nil && *n > 0 {
			*current = int(*n)
		}
		if n := dom.Count(dom.First(pager, selTotal).AttrOr("title", "")); n != nil && *n < 1e6 {
			*last = max(*last, int(*n))
		}
		pager.FindMatcher(selLink).Each(func(_ int, a *goquery.Selection) {
			if t, ok := r.read(a.AttrOr("href", "")); ok && t.kind != forum.KindPost {
				*last = max(*last, t.page)
			}
		})
	})
	*last = max(*last, *current)
	if *current < *last {
		r.next(*current)
	}
}

// selComments are the remarks below a post, which have pages of their own.
var selComments = dom.Sel("[id^='comment_']")

func (r *reader) next(current int) {
	take := func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		if t, ok := r.read(href); ok && t.page == current+1 && (t.kind == forum.KindThread || t.kind == forum.KindBoard) {
			r.page.Next = r.pageAddress(href, 0)
		}
		return r.page.Next == ""
	}
	r.doc.FindMatcher(selNext).EachWithBreak(take)
	r.doc.FindMatcher(selPager).FindMatcher(selLink).EachWithBreak(take)
}

// hasText tells an element that shows a reader something.
func hasText(n *html.Node) bool { return dom.NodeText(n) != "" }
