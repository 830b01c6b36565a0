package xenforo2vs

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle     = dom.Sel(".MessageCard__thread-title, h1.p-title-value, h1[qid='page-header'], .p-body h1")
	selNoTitle   = dom.Sel(".label, .label-append, button, .button, svg, i")
	selPrefix    = dom.Sel(".MessageCard__thread-prefix .label, .MessageCard__thread-prefix a, .p-title-value .label")
	selInfo      = dom.Sel(".MessageCard__thread-info .icon-with-text")
	selInfoTime  = dom.Sel("time")
	selInfoUser  = dom.Sel("a[href*='members/'], .username")
	selDiscuss   = dom.Sel("[itemtype$='DiscussionForumPosting'], [itemtype$='QAPage'], [itemtype$='Question']")
	selHeadline  = dom.Sel("meta[itemprop='headline']")
	selStarted   = dom.Sel("meta[itemprop='datePublished']")
	selStarter   = dom.Sel("[itemprop='author']")
	selName      = dom.Sel("[itemprop='name']")
	selMemberURL = dom.Sel("meta[itemprop='url']")
)

func (r *reader) thread(posts []*goquery.Selection) {
	t := &forum.Thread{Page: 1, PageCount: 1}
	r.Page.Thread = t
	if t.ID = r.ThreadID(); t.ID == "" {
		r.Gaps.Add("thread.id", "neither the canonical link nor the address names a thread")
	}
	t.URL = r.ThreadURL()
	t.Title = dom.TextWithout(r.Doc.FirstOf(selTitle), selNoTitle)
	r.Doc.FindMatcher(selPrefix).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
	if r.Page.Path = r.Path(); len(r.Page.Path) == 0 {
		r.Gaps.Add("path", "no breadcrumb")
	}
	r.microdata(t)
	r.ThreadState(t)
	r.Counters(t)
	r.info(t)
	r.Pages(&t.Page, &t.PageCount)
	r.posts(t, posts)
	if t.Title == "" {
		r.Gaps.Add("thread.title", "no heading and no microdata")
	}
	if len(r.Page.Posts) > 0 && r.Page.Posts[0].Position == 1 {
		first := r.Page.Posts[0]
		if t.Author == nil && first.Author != nil {
			t.Author = &forum.Author{Name: first.Author.Name, ID: first.Author.ID, URL: first.Author.URL, IsGuest: first.Author.IsGuest}
		}
		if t.Started.IsZero() {
			t.Started = first.Published
		}
	}
	if t.Author == nil {
		r.Gaps.Add("thread.author", "no microdata of the thread names a starter")
	}
}

// microdata reads starter and start, which stand hidden before the first post.
func (r *reader) microdata(t *forum.Thread) {
	box := r.Doc.FirstOf(selDiscuss)
	if t.Title == "" {
		t.Title = dom.Fold(dom.First(box, selHeadline).AttrOr("content", ""))
	}
	starter := dom.First(box, selStarter)
	if name := dom.First(starter, selName); name.Length() > 0 && dom.Closest(starter.Nodes[0], selCard) == nil {
		text := dom.Text(name)
		if text == "" {
			text = dom.Fold(name.AttrOr("content", ""))
		}
		href := dom.First(starter, selMemberURL).AttrOr("content", "")
		t.Author = &forum.Author{Name: text, ID: xfurl.MemberID(href)}
		if t.Author.ID != "" {
			t.Author.URL = r.Doc.Resolve(href)
		}
		t.Author.IsGuest = t.Author.ID == ""
	}
	start := box.FindMatcher(selStarted).FilterFunction(func(_ int, s *goquery.Selection) bool { return dom.Closest(s.Nodes[0], selCard) == nil }).First()
	t.Started = r.Clock.Machine(start.AttrOr("content", ""), "")
}

// info reads the line of counters below the title: views, replies, participants
// in this order, the last post behind them. Its words are the forum's language.
func (r *reader) info(t *forum.Thread) {
	var counts []*int64
	r.Doc.FirstOf(selInfo).Parent().Children().Each(func(_ int, s *goquery.Selection) {
		if at := dom.First(s, selInfoTime); at.Length() > 0 {
			t.LastPost = r.Clock.Element(at)
			t.LastAuthor = r.User(dom.First(s, selInfoUser))
			return
		}
		text := dom.Text(s)
		n, rounded, ok := dom.Number(text)
		if !ok || strings.Contains(text, ":") {
			return
		}
		t.CountsRounded = t.CountsRounded || rounded
		counts = append(counts, &n)
	})
	for i, to := range []**int64{&t.ViewCount, &t.ReplyCount, &t.ParticipantCount} {
		if i < len(counts) && *to == nil && len(counts) > 2 { // of two, which is missing?
			*to = counts[i]
		}
	}
}
