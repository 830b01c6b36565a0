package profile

import (
	"fmt"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// readPosts reads the containers. A post that the engine has read too keeps
// what the profile does not name: they are told to be one by their ids, or by
// their order where the profile names no id and finds as many.
func (r *reader) readPosts() {
	old := r.page.Posts
	r.sameOrder = len(old) == len(r.posts) && !r.p.Post.Position.set
	for i, n := range r.posts {
		r.sameOrder = r.sameOrder && r.counterpart(n, i, old) == i
	}
	names := r.names()
	out := make([]forum.Post, 0, len(r.posts))
	from := map[int]int{} // of an engine's post: its place now
	for i, n := range r.posts {
		p := forum.Post{State: forum.PostVisible}
		if j := r.counterpart(n, i, old); j >= 0 {
			from[j] = i
			p = old[j]
			if !r.sameOrder && p.PositionSource == forum.PositionComputed {
				p.Position, p.PositionSource = 0, ""
			}
		}
		r.post(&p, n, i, names)
		out = append(out, p)
	}
	r.page.Posts = out
	r.keepGaps(from)
}

// counterpart is the engine's reading of a container, -1 for none.
func (r *reader) counterpart(n *html.Node, i int, old []forum.Post) int {
	id := r.idOf(n)
	if id == "" {
		if len(old) == len(r.posts) && !r.p.Post.ID.set && !r.p.Post.Link.set {
			return i
		}
		return -1
	}
	for j := range old {
		if old[j].ID == id {
			return j
		}
	}
	return -1
}

// idOf is the id of a container's post: the field, else what its permalink
// names.
func (r *reader) idOf(n *html.Node) string {
	if id := r.value(n, &r.p.Post.ID, r.inPosts); id != "" {
		return id
	}
	if l, ok := r.leads(r.address(n, &r.p.Post.Link, r.inPosts)); ok && l.Kind == forum.KindPost {
		return l.ID
	}
	return ""
}

// names are the authors on the page.
func (r *reader) names() dom.Names {
	var out dom.Names
	for _, n := range r.posts {
		if name := r.value(n, &r.p.Author.Name, r.inPosts); name != "" {
			out.Add(name)
		}
	}
	for i := range r.page.Posts {
		if a := r.page.Posts[i].Author; a != nil {
			out.Add(a.Name)
		}
	}
	return out
}

func (r *reader) post(p *forum.Post, n *html.Node, i int, names dom.Names) {
	path := func(field string) string { return fmt.Sprintf("posts[%d].%s", i, field) }
	if id := r.idOf(n); id != "" {
		p.ID = id
	}
	r.count(&r.p.Post.ID, r.value(n, &r.p.Post.ID, r.inPosts) != "", p.ID != "", path("id"), "post.id")
	r.permalink(p, n)
	r.shortFields(p, n)
	published := r.first(n, &r.p.Post.Published, r.inPosts)
	if st := r.stamp(published, &r.p.Post.Published); !st.IsZero() {
		p.Published = st
	}
	r.count(&r.p.Post.Published, p.Published.Known(), false, path("published_at"), "post.published")
	r.author(p, n, i)
	note := r.edited(p, n, names)
	r.body(p, n, i, []*html.Node{published, note})
	r.signature(p, n)
	r.attachments(p, n)
	dom.CountContent(p)
}

// permalink is the named link, else the anchor on which the post's id stands.
func (r *reader) permalink(p *forum.Post, n *html.Node) {
	if href := r.address(n, &r.p.Post.Link, r.inPosts); href != "" {
		p.URL = href
		return
	}
	f := &r.p.Post.ID
	if p.URL != "" || f.Attr != "id" && f.Attr != "name" {
		return
	}
	if e := r.first(n, f, r.inPosts); e != nil {
		p.URL = r.resolve("#" + dom.Attr(e, f.Attr))
	}
}

func (r *reader) shortFields(p *forum.Post, n *html.Node) {
	if s := r.value(n, &r.p.Post.Title, r.inPosts); s != "" {
		p.Title = s
	}
	if s := r.value(n, &r.p.Post.Parent, r.inPosts); s != "" {
		p.ParentID = s
	}
	if k := dom.Count(r.value(n, &r.p.Post.Position, r.inPosts)); k != nil && *k > 0 {
		p.Position, p.PositionSource = *k, forum.PositionShown
	}
}

// edited reads a note on the last edit. Who edited is told only where the note
// names somebody who posts on the page.
func (r *reader) edited(p *forum.Post, n *html.Node, names dom.Names) *html.Node {
	note := r.first(n, &r.p.Post.Edited, r.inPosts)
	if note == nil {
		return nil
	}
	if st := r.stamp(note, &r.p.Post.Edited); !st.IsZero() {
		p.Edited = st
	}
	_, before, after := r.clock.Within(dom.NodeText(note))
	if name := editor(before, after, names); name != "" {
		p.EditedBy = name
	}
	return note
}

func editor(before, after string, names dom.Names) string {
	best := ""
	for _, text := range []string{before, after} {
		for i := range text {
			if i > 0 && text[i-1] != ' ' {
				continue
			}
			if name := dom.KnownName(text[i:], names, false); len(name) > len(best) {
				best = name
			}
		}
	}
	return best
}

func (r *reader) author(p *forum.Post, n *html.Node, i int) {
	f := &r.p.Author
	if !f.Name.set && !f.ID.set && !f.Link.set && !f.Avatar.set && !f.Title.set && !f.Fields.set {
		return
	}
	a := forum.Author{}
	if p.Author != nil {
		a = *p.Author
	}
	r.account(&a, n)
	if s := r.address(n, &f.Avatar, r.inPosts); s != "" {
		a.AvatarURL = s
	}
	if s := r.value(n, &f.Title, r.inPosts); s != "" {
		a.Title = s
	}
	r.card(&a, n)
	p.Author = nil
	if a.Name != "" || a.ID != "" {
		p.Author = &a
	}
	r.count(&f.Name, r.value(n, &f.Name, r.inPosts) != "", a.Name != "", fmt.Sprintf("posts[%d].author", i), "author.name")
	if p.Author != nil && a.ID == "" && !a.IsGuest {
		r.gaps.Add(fmt.Sprintf("posts[%d].author.id", i), "no link to the account carries an id")
	}
}

// account reads who the author is. Who has no link to an account where the
// others have one is a guest.
func (r *reader) account(a *forum.Author, n *html.Node) {
	f := &r.p.Author
	if s := r.value(n, &f.Name, r.inPosts); s != "" {
		a.Name = s
	}
	if s := r.address(n, &f.Link, r.inPosts); s != "" {
		a.URL = s
		if l, ok := r.leads(s); ok && l.Kind == forum.KindProfile && a.ID == "" {
			a.ID = l.ID
		}
	}
	if s := r.value(n, &f.ID, r.inPosts); s != "" {
		a.ID = s
	}
	if f.ID.set || f.Link.set {
		a.IsGuest = a.ID == "" && a.URL == ""
	}
}

// card reads the fields beside a post: each match holds a label and a value, in
// two elements or around a colon; a dt goes with its dd.
func (r *reader) card(a *forum.Author, n *html.Node) {
	if !r.p.Author.Fields.set {
		return
	}
	card := dom.Card{Author: a, Clock: r.clock}
	for _, e := range within(n, r.p.Author.Fields.match, r.inPosts) {
		if label, text, ok := labelled(e); ok {
			card.Add("", label, text)
		}
	}
}

func labelled(n *html.Node) (label, text string, ok bool) {
	if n.Data == "dt" {
		for s := n.NextSibling; s != nil; s = s.NextSibling {
			if s.Type == html.ElementNode {
				return dom.NodeText(n), dom.NodeText(s), s.Data == "dd"
			}
		}
		return "", "", false
	}
	if label, text, ok = dom.CutLabel(dom.NodeText(n)); ok && len(label) < 60 {
		return label, text, true
	}
	var parts []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			parts = append(parts, c)
		}
	}
	if len(parts) != 2 {
		return "", "", false
	}
	return dom.NodeText(parts[0]), dom.NodeText(parts[1]), true
}

func (r *reader) attachments(p *forum.Post, n *html.Node) {
	f := &r.p.Post.Attachments
	if !f.set {
		return
	}
	p.Attachments = nil
	for _, e := range within(n, f.match, r.inPosts) {
		a := e
		if a.Data != "a" {
			if a = dom.Find(e, selLink); a == nil {
				continue
			}
		}
		href := r.Doc.Resolve(dom.Attr(a, "href"))
		if href == "" {
			continue
		}
		name := dom.NodeText(a)
		if name == "" {
			name = lastPart(href)
		}
		file := dom.File("", name, href)
		file.SizeBytes = dom.Size(textBehind(e))
		dom.AddFile(p, file)
	}
}

// textBehind is an element's text with what follows it up to the next element.
func textBehind(n *html.Node) string {
	if b := n.NextSibling; b != nil && b.Type == html.TextNode {
		return dom.NodeText(n) + " " + b.Data
	}
	return dom.NodeText(n)
}

// keepGaps keeps those gaps of the engine that are still true: of posts that it
// has read and of fields that the profile does not name.
func (r *reader) keepGaps(from map[int]int) {
	var out []forum.Gap
	for _, g := range r.base {
		i, field, ok := postGap(g.Path)
		if !ok {
			out = append(out, g)
			continue
		}
		if now, kept := from[i]; kept && !r.rereads(field) {
			out = append(out, forum.Gap{Path: fmt.Sprintf("posts[%d].%s", now, field), Reason: g.Reason})
		}
	}
	r.base = out
}

// postGap splits "posts[3].author.id".
func postGap(path string) (i int, field string, ok bool) {
	n, err := fmt.Sscanf(path, "posts[%d].%s", &i, &field)
	return i, field, err == nil && n == 2
}

// rereads tells whether the profile names a field of a post, or reads it anew in
// any case.
func (r *reader) rereads(field string) bool {
	p := r.p
	switch field {
	case "position":
		return !r.sameOrder
	case "id":
		return p.Post.ID.set || p.Post.Link.set
	case "published_at":
		return p.Post.Published.set
	case "body", "body.text":
		return p.Post.Body.set
	case "author", "author.name":
		return p.Author.Name.set
	case "author.id":
		return p.Author.ID.set || p.Author.Link.set || p.Author.Name.set
	case "edited_at":
		return p.Post.Edited.set
	}
	return false
}
