package profile

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// listing reads the page as a board's listing, or as what the engine called it.
func (r *reader) listing() {
	if r.page.Kind != forum.KindSearch {
		r.page.Kind = forum.KindBoard
	}
	r.path()
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	r.page.Gaps = r.base
	if len(r.rows) == 0 {
		return
	}
	old := map[string]forum.Row{}
	for _, row := range r.page.Listing {
		old[row.ID] = row
	}
	r.page.Gaps = nil
	for _, g := range r.base {
		if !strings.HasPrefix(g.Path, "listing") && g.Path != "path" {
			r.page.Gaps = append(r.page.Gaps, g)
		}
	}
	r.page.Listing = nil
	for i, n := range r.rows {
		r.page.Listing = append(r.page.Listing, r.row(n, i, old))
	}
}

func (r *reader) row(n *html.Node, i int, old map[string]forum.Row) forum.Row {
	f := &r.p.Listing
	href := r.address(n, &f.Link, r.inRows)
	link, leads := r.leads(href)
	id := r.value(n, &f.ID, r.inRows)
	if id == "" && leads && link.Kind == forum.KindThread {
		id = link.ID
	}
	row, known := old[id]
	if id == "" || !known {
		row = forum.Row{Type: "discussion", PageCount: 1}
	}
	row.ID = id
	if href != "" {
		row.URL = href
	}
	if s := r.value(n, &f.Title, r.inRows); s != "" {
		row.Title = s
	}
	r.rowCounts(&row, n)
	r.rowPeople(&row, n)
	path := func(field string) string { return fmt.Sprintf("listing[%d].%s", i, field) }
	r.count(&f.Title, row.Title != "", false, path("title"), "listing.title")
	if row.ID == "" {
		r.gaps.Add(path("id"), "neither listing.id nor the row's link names the thread")
	}
	return row
}

func (r *reader) rowCounts(row *forum.Row, n *html.Node) {
	f := &r.p.Listing
	for _, c := range []struct {
		field *Field
		to    **int64
	}{{&f.Replies, &row.ReplyCount}, {&f.Views, &row.ViewCount}} {
		k, rounded, ok := dom.Number(r.value(n, c.field, r.inRows))
		if ok && k >= 0 {
			*c.to = &k
			row.CountsRounded = row.CountsRounded || rounded
		}
	}
	if f.Sticky.set {
		row.IsSticky = len(within(n, f.Sticky.match, r.inRows)) > 0
	}
	if f.Locked.set {
		row.IsLocked = len(within(n, f.Locked.match, r.inRows)) > 0
	}
}

func (r *reader) rowPeople(row *forum.Row, n *html.Node) {
	f := &r.p.Listing
	for _, c := range []struct {
		field *Field
		to    **forum.Author
	}{{&f.Author, &row.Author}, {&f.LastAuthor, &row.LastAuthor}} {
		if e := r.first(n, c.field, r.inRows); e != nil {
			r.person(c.to, e, c.field.of(e))
		}
	}
	if st := r.stamp(r.first(n, &f.Started, r.inRows), &f.Started); !st.IsZero() {
		row.Started = st
	}
	if st := r.stamp(r.first(n, &f.LastPost, r.inRows), &f.LastPost); !st.IsZero() {
		row.LastPost = st
	}
}

// person names who is shown, with the account that the name's own link leads to.
func (r *reader) person(to **forum.Author, n *html.Node, name string) {
	if name == "" || *to != nil && (*to).Name == name {
		return
	}
	a := &forum.Author{Name: name}
	link := dom.Closest(n, selLink)
	if link == nil {
		link = dom.Find(n, selLink)
	}
	href := r.Doc.Resolve(dom.Attr(link, "href"))
	if l, ok := r.leads(href); ok && l.Kind == forum.KindProfile {
		a.ID, a.URL = l.ID, href
	}
	*to = a
}
