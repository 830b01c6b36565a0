package xenforo2

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle       = dom.Sel("h1.p-title-value, .p-title-value")
	selTitleOther  = dom.Sel(".p-body-header h1, .p-title h1, .articleTitle, .p-body h1")
	selNoTitle     = dom.Sel(".label, .label-append, .labelLink, .p-title-pageAction, button, .button, svg")
	selPrefix      = dom.Sel(".p-title-value .label, .p-body-header h1 .label")
	selDescription = dom.Sel(".p-description")
	selStarter     = dom.Sel(".username")
	selStart       = dom.Sel("time")
)

func (r *reader) thread(posts []*goquery.Selection) {
	t := &forum.Thread{Page: 1, PageCount: 1}
	r.Page.Thread = t
	if t.ID = r.ThreadID(); t.ID == "" {
		r.Gaps.Add("thread.id", "neither the page's content key nor the canonical link names a thread")
	}
	t.URL = r.ThreadURL()
	t.Title = r.title()
	r.Doc.FindMatcher(selPrefix).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); text != "" {
			t.Prefix = append(t.Prefix, text)
		}
	})
	if r.Page.Path = r.Path(); len(r.Page.Path) == 0 {
		r.Gaps.Add("path", "no breadcrumb")
	}
	line := r.Doc.FirstOf(selDescription)
	t.Author = r.User(dom.First(line, selStarter))
	t.Started = r.Clock.Element(dom.First(line, selStart))
	r.ThreadState(t)
	r.Counters(t)
	r.Pages(&t.Page, &t.PageCount)
	r.posts(t, posts)
	r.fromFirst(t)
	if t.Title == "" {
		r.Gaps.Add("thread.title", "no heading and no structured data")
	}
}

func (r *reader) title() string {
	for _, m := range []goquery.Matcher{selTitle, selTitleOther} {
		if text := dom.TextWithout(r.Doc.FirstOf(m), selNoTitle); text != "" {
			return text
		}
	}
	return dom.Fold(r.Doc.Meta("og:title"))
}

// fromFirst lets the thread's first post say who started it and when, where a
// theme drops the line below the title.
func (r *reader) fromFirst(t *forum.Thread) {
	if len(r.Page.Posts) > 0 && r.Page.Posts[0].Position == 1 {
		first := r.Page.Posts[0]
		if t.Author == nil && first.Author != nil {
			t.Author = &forum.Author{Name: first.Author.Name, ID: first.Author.ID, URL: first.Author.URL, IsGuest: first.Author.IsGuest}
		}
		if t.Started.IsZero() {
			t.Started = first.Published
		}
	}
	for _, p := range r.Page.Posts {
		if p.IsSolution {
			t.SolutionPostID = p.ID
		}
	}
	if t.Type == "question" && (t.SolutionPostID != "" || t.PageCount == 1) {
		t.IsSolved = new(t.SolutionPostID != "")
	}
	if t.Author == nil {
		r.Gaps.Add("thread.author", "neither the line below the title nor structured data names a starter")
	}
	if t.Started.IsZero() {
		r.Gaps.Add("thread.started_at", "neither the line below the title nor structured data shows a date")
	}
}
