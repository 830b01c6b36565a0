package profile

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// thread reads the page as a thread.
func (r *reader) thread() {
	r.page.Kind = forum.KindThread
	r.page.Listing, r.page.Boards, r.page.Profile = nil, nil, nil
	if r.page.Thread == nil {
		r.page.Thread = &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	}
	t := r.page.Thread
	r.titleAndID(t)
	r.path()
	r.pages(&t.Page, &t.PageCount)
	if len(r.posts) > 0 {
		r.readPosts()
	}
	r.page.Gaps = nil
	r.stillMissing()
	if len(r.posts) > 0 && !r.sameOrder {
		dom.FillPositions(r.page, r.facts().PostsPerPage, &r.gaps)
	}
	dom.StartFromFirst(r.page, &r.gaps)
	if len(r.posts) == 0 && r.p.Post.Each.set && len(r.page.Posts) == 0 {
		r.gaps.Add("posts", "the profile's selector for post.each finds nothing")
	}
}

func (r *reader) titleAndID(t *forum.Thread) {
	if s := r.onPage(&r.p.Thread.Title); s != "" {
		t.Title = s
	}
	if s := r.onPage(&r.p.Thread.ID); s != "" {
		t.ID = s
	}
	for _, href := range []string{r.Doc.URL.String(), r.Doc.Canonical()} {
		l, ok := r.leads(href)
		if !ok || l.Kind != forum.KindThread || t.ID != "" && t.ID != l.ID {
			continue
		}
		t.ID = l.ID
		if l.Skips == 0 {
			t.Page = max(t.Page, l.Page)
		}
		if t.URL == "" && l.Page <= 1 {
			t.URL = l.URL
		}
	}
}

// onPage is the value of a field that stands on the page once.
func (r *reader) onPage(f *Field) string {
	for _, n := range r.all(f) {
		if s := f.of(n); s != "" {
			return s
		}
	}
	return ""
}

// path reads the boards above.
func (r *reader) path() {
	f := &r.p.Path
	if !f.set {
		return
	}
	var out []forum.Crumb
	for _, n := range r.all(f) {
		if c := r.crumb(n); c.Name != "" {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		r.page.Path = out
	}
}

func (r *reader) crumb(n *html.Node) forum.Crumb {
	a := n
	if n.Data != "a" {
		a = dom.Find(n, selLink)
	}
	c := forum.Crumb{Name: dom.NodeText(n)}
	if a != nil {
		c.URL = r.Doc.Resolve(dom.Attr(a, "href"))
		if l, ok := r.leads(c.URL); ok && l.Kind == forum.KindBoard {
			c.ID = l.ID
		}
	}
	return c
}

// pages reads the number of the page, how many there are, and the next one.
func (r *reader) pages(current, last *int) {
	f := &r.p.Pages
	if n := dom.Count(r.onPage(&f.Current)); n != nil && *n > 0 && *n < 1e6 {
		*current = int(*n)
	}
	for _, n := range r.all(&f.Last) {
		*last = max(*last, r.pageNumber(n))
	}
	if next := r.Doc.Resolve(r.onPage(&f.Next)); next != "" && r.Doc.SameHost(next) {
		r.page.Next = next
	}
	if r.page.Next != "" {
		*last = max(*last, *current+1)
	}
	*current = max(*current, 1)
	*last = max(*last, *current)
}

// pageNumber is the page that a page link leads to, else the number that it
// shows.
func (r *reader) pageNumber(n *html.Node) int {
	if l, ok := r.leads(r.Doc.Resolve(dom.Attr(n, "href"))); ok && l.Page > 1 && l.Skips == 0 {
		return l.Page
	}
	if k := dom.Count(dom.NodeText(n)); k != nil && *k > 0 && *k < 1e6 {
		return int(*k)
	}
	return 0
}

// stillMissing keeps those gaps of the engine that the profile has not filled.
// Starter and start are told again.
func (r *reader) stillMissing() {
	t := r.page.Thread
	filled := map[string]bool{
		"posts": len(r.page.Posts) > 0, "path": len(r.page.Path) > 0, "listing": true, "boards": true,
		"thread": true, "thread.author": true, "thread.author.id": true, "thread.started_at": true, "thread.title": t.Title != "", "thread.id": t.ID != "",
		"engine": true,
	}
	for _, g := range r.base {
		if !filled[g.Path] && !strings.HasPrefix(g.Path, "profile.") {
			r.page.Gaps = append(r.page.Gaps, g)
		}
	}
	for _, f := range []struct {
		have, path, key string
		field           *Field
	}{{t.Title, "thread.title", "thread.title", &r.p.Thread.Title}, {t.ID, "thread.id", "thread.id", &r.p.Thread.ID}} {
		told := hasGap(r.page.Gaps, f.path)
		if f.have == "" && !told {
			r.gaps.Add(f.path, "neither the engine nor the profile finds it")
		}
	}
	if t.URL == "" && t.Page <= 1 && r.Doc.URL.Host != "" {
		t.URL = withoutFragment(r.Doc.URL)
	}
}

func hasGap(gaps []forum.Gap, path string) bool {
	for _, g := range gaps {
		if g.Path == path {
			return true
		}
	}
	return false
}

func withoutFragment(u *url.URL) string {
	v := *u
	v.Fragment, v.RawFragment = "", ""
	return v.String()
}
