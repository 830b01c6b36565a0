package flarum

import (
	"fmt"
	"net/url"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPlainOther = dom.Sel("noscript:has(article)")
	selArticle    = dom.Sel("article")
	selPlainTitle = dom.Sel("h1")
	selPlainUser  = dom.Sel(".PostUser-name, .PostUser h3, h3")
	selPlainBody  = dom.Sel(".Post-body")
	selPlainLink  = dom.Sel("a[href]")
)

// plain reads the HTML for readers without scripts: titles, names and words.
func (r *reader) plain() {
	r.page.Extract.Strategy = "dom"
	box := r.doc.FirstOf(selPlain, selPlainOther)
	switch {
	case dom.Has(box, selArticle):
		r.plainDiscussion(box)
	case box.Length() > 0 && dom.Has(box, selPlainLink):
		r.plainList(box)
	case r.forum().At("attributes").Has("canViewForum") && !r.forum().At("attributes", "canViewForum").True():
		r.page.Kind = forum.KindLogin
	default:
		r.page.Kind = forum.KindOther
	}
}

func (r *reader) plainDiscussion(box *goquery.Selection) {
	r.page.Kind = forum.KindThread
	t := &forum.Thread{Title: dom.Text(dom.First(box, selPlainTitle)), Type: "discussion"}
	r.page.Thread = t
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		u, err := url.Parse(href)
		if err != nil {
			continue
		}
		if l, ok := (Engine{}).Canonical(u); ok && l.Kind == forum.KindThread {
			t.ID, t.Page = l.ID, l.Page
			u.RawQuery = ""
			t.URL = u.String()
			break
		}
	}
	if n, ok := pageOf(r.doc.URL.Query()); ok {
		t.Page = n
	}
	t.Page = max(1, t.Page)
	if r.page.Next = r.doc.NextLink(); r.page.Next == "" {
		t.PageCount = t.Page
	}
	box.FindMatcher(selArticle).Each(func(i int, s *goquery.Selection) { r.plainPost(s, i) })
	r.gaps.Add("path", "the plain HTML names no tag")
}

// plainPost reads what there is. Positions are computed: the engine's own lines
// take places in the discussion that the plain HTML does not show.
func (r *reader) plainPost(s *goquery.Selection, i int) {
	p := forum.Post{State: forum.PostVisible, Page: r.page.Thread.Page}
	if name := dom.Text(dom.First(s, selPlainUser)); name != "" {
		p.Author = &forum.Author{Name: name}
	} else {
		r.gaps.Add(fmt.Sprintf("posts[%d].author", i), "the post names nobody")
	}
	if body := dom.First(s, selPlainBody); body.Length() > 0 {
		p.ParentID = replyTo(body.Nodes[0])
		r.doc.ReadBody(r.rules, body.Nodes[0]).Into(&p)
	}
	p.Position, p.PositionSource = int64((r.page.Thread.Page-1)*perPage+i+1), forum.PositionComputed
	for _, field := range [...]string{"id", "author.id", "published_at"} {
		r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), "the plain HTML has names and words only")
	}
	r.page.Posts = append(r.page.Posts, p)
}

func (r *reader) plainList(box *goquery.Selection) {
	r.listKind()
	box.FindMatcher(selPlainLink).Each(func(_ int, a *goquery.Selection) {
		u, err := url.Parse(r.doc.Resolve(a.AttrOr("href", "")))
		if err != nil {
			return
		}
		l, ok := (Engine{}).Canonical(u)
		switch name := dom.Text(a); {
		case !ok || name == "" || l.Page > 1:
		case l.Kind == forum.KindThread:
			r.page.Listing = append(r.page.Listing, forum.Row{ID: l.ID, URL: l.URL, Title: name, Type: "discussion"})
		case l.Kind == forum.KindBoard:
			r.page.Boards = append(r.page.Boards, forum.Board{ID: l.ID, Name: name, URL: l.URL})
		}
	})
	r.listPages()
}
