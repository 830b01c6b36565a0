package mybb

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selPostID    = dom.Sel("[id^='post_']")
	selPid       = dom.Sel("[id^='pid_']")
	selPostBody  = dom.Sel(".post_body, .post-body, .post_content .scaleimages")
	selDate      = dom.Sel(".post_date, .post-date, .postdate, .post_head .smalltext, td.tcat .float_left, td.tcat .smalltext, time")
	selAnyDate   = dom.Sel(".smalltext, td, .post_head, .posturl")
	selEditBox   = dom.Sel("[id^='edited_by_']")
	selEditNote  = dom.Sel(".edited_post")
	selNotDate   = dom.Sel("[id^='edited_by_'], [id^='post_meta_']")
	selInDate    = dom.Sel("[id^='edited_by_'], .post_edit, .edited_post, .float_right, strong")
	selReason    = dom.Sel("em")
	selDatedSpan = dom.Sel("span[title]")
	selAnchors   = dom.Sel("a[href]")
	selSignature = dom.Sel(".signature, .post_signature, .post-signature")
	selFoots     = dom.Sel("[id^='post_meta_'], [id^='edited_by_']")
	selPostURL   = dom.Sel(".post_head a[href], .posturl a[href], .post_number a[href], td.tcat a[href], strong a[href]")
)

// postNodes are the posts: elements post_N of digits, in page order.
func (r *reader) postNodes() []*html.Node {
	var out []*html.Node
	r.doc.FindMatcher(selPostID).Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		id := dom.Attr(n, "id")
		if pid := dom.IDAfter(id, "post_"); pid == "" || "post_"+pid != id {
			return
		}
		if dom.Find(n, selPid) != nil || dom.Find(n, selPostBody) != nil || dom.Find(n, selCard) != nil || dom.Find(n, selNameBox) != nil || dom.HasClass(n, "deleted_post_hidden") {
			out = append(out, n)
		}
	})
	return out
}

func (r *reader) posts(t *forum.Thread) {
	nodes := r.postNodes()
	for _, n := range nodes {
		if a := r.author(r.doc.FindNodes(n)); a != nil {
			r.names.Add(a.Name)
		}
	}
	var cites []string
	for _, cite := range r.doc.FindMatcher(selCite).EachIter() {
		cites = append(cites, r.cited(cite.Nodes[0]))
	}
	r.wrote = dom.WroteTail(cites, r.names)
	seen := map[string]bool{}
	for _, n := range nodes {
		p := forum.Post{State: forum.PostVisible, Page: t.Page, ID: dom.IDAfter(dom.Attr(n, "id"), "post_")}
		if seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		r.post(&p, r.doc.FindNodes(append([]*html.Node{n}, heads(n)...)...), len(r.page.Posts))
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t)
}

// heads are the elements before a post that carry its id too: themes that split
// a post in two tables have its time and number in the first.
func heads(n *html.Node) []*html.Node {
	id := dom.Attr(n, "id")
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.ElementNode {
			if dom.Attr(c, "id") == id {
				return []*html.Node{c}
			}
			break
		}
	}
	return nil
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	r.permalink(p, s)
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	}
	body := bodyOf(s)
	if body == nil && dom.Is(s, "deleted_post_hidden") {
		p.State = forum.PostDeleted
		gap("published_at", "a deleted post shows no time")
		return
	}
	if p.Author != nil && p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "no link to the account")
	}
	if p.Published = r.published(s, body); !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	r.edited(p, s)
	if body != nil {
		r.doc.ReadBody(r.rules, body).Into(p)
	} else {
		gap("body", "the post shows no text")
	}
	if sig := signature(s, body); sig != nil {
		if text := r.doc.ReadBody(r.rules, sig).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	r.files(p, s)
	p.Reactions = r.reactions(s)
	switch {
	case dom.Is(s, "deleted_post") || dom.Is(s, "deleted_post_hidden"):
		p.State = forum.PostDeleted
	case dom.Is(s, "unapproved_post") || strings.Contains(s.AttrOr("class", ""), "unapproved"):
		p.State = forum.PostModerated
	}
}

// signature is the element that themes since 1.8 have, else what stands between
// the rule below the body and the post's foot, as the templates before have it.
func signature(s *goquery.Selection, body *html.Node) *html.Node {
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		return sig.Nodes[0]
	}
	var box *html.Node
	for c := following(body); c != nil && !isFoot(c); c = c.NextSibling {
		if c.DataAtom == atom.Hr {
			box = &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
			continue
		}
		if box != nil {
			box.AppendChild(dom.Clone(c))
		}
	}
	return box
}

func following(n *html.Node) *html.Node {
	if n == nil {
		return nil
	}
	return n.NextSibling
}

func isFoot(n *html.Node) bool {
	return n.Type == html.ElementNode && (selFoots.Match(n) || dom.Find(n, selFoots) != nil)
}

func bodyOf(s *goquery.Selection) *html.Node {
	return nodeOf(dom.First(s, selPid, selPostBody))
}

// permalink reads the post's own link, whose text is its number in the thread
// and whose title is its subject.
func (r *reader) permalink(p *forum.Post, s *goquery.Selection) {
	for _, m := range []goquery.Matcher{selPostURL, selAnchors} {
		s.FindMatcher(m).EachWithBreak(func(_ int, a *goquery.Selection) bool {
			text := dom.Text(a)
			t, ok := r.read(a.AttrOr("href", ""))
			if !ok || t.post != p.ID || !strings.HasPrefix(text, "#") {
				return true
			}
			p.URL = r.doc.Resolve(a.AttrOr("href", ""))
			p.Title = dom.Fold(a.AttrOr("title", ""))
			if n := dom.Count(text); n != nil && *n > 0 {
				p.Position, p.PositionSource = *n, forum.PositionShown
			}
			return false
		})
		if p.URL != "" {
			return
		}
	}
	if r.page.Root != "" && r.page.Thread.ID != "" {
		p.URL = r.page.Root + "showthread.php?tid=" + r.page.Thread.ID + "&pid=" + p.ID + "#pid" + p.ID
	}
}

// positions fills what is not shown. Page one counts from 1; later pages need
// the posts per page, which a page that is not the last teaches.
func (r *reader) positions(t *forum.Thread) {
	size := r.facts.PostsPerPage
	if n := len(r.page.Posts); t.Page < t.PageCount && n > 0 {
		size = n
		r.page.Learned.PostsPerPage = n
	}
	shown := int64(0) // the first post's, by a later one's
	for i := range r.page.Posts {
		if n := r.page.Posts[i].Position; n > int64(i) && shown == 0 {
			shown = n - int64(i)
		}
	}
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case shown > 0:
			p.Position, p.PositionSource = shown+int64(i), forum.PositionComputed
		case t.Page == 1 || size > 0:
			p.Position, p.PositionSource = int64((t.Page-1)*size+i+1), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}

// published reads the post's time: its own element, else what stands in front
// of the edit note, else the first text outside the body that reads as a time.
func (r *reader) published(s *goquery.Selection, body *html.Node) forum.Stamp {
	var found forum.Stamp
	try := func(_ int, e *goquery.Selection) bool {
		if inside(e.Nodes[0], body) || dom.Closest(e.Nodes[0], selNotDate) != nil || dom.Closest(e.Nodes[0], selCard) != nil {
			return true
		}
		if e.IsMatcher(cssTime) {
			found = r.clock.Element(e)
		} else {
			found = r.stamp(dateText(e.Nodes[0], selInDate))
		}
		return !found.Known()
	}
	s.FindMatcher(selDate).EachWithBreak(try)
	if edit := dom.First(s, selEditBox); !found.Known() && edit.Length() > 0 {
		edit.Parent().EachWithBreak(try)
	}
	if !found.Known() {
		s.FindMatcher(selAnyDate).EachWithBreak(func(i int, e *goquery.Selection) bool {
			if dom.Find(e.Nodes[0], selPid) != nil || len(dom.Text(e)) > 80 {
				return true
			}
			return try(i, e)
		})
	}
	return found
}

// stamp reads a time; counts and dates of birth have no hour and are none.
func (r *reader) stamp(text string) forum.Stamp {
	st := r.clock.Text(text)
	if st.Known() && st.Precision != forum.PrecisionMinute && st.Precision != forum.PrecisionSecond && st.Precision != forum.PrecisionDay && st.Precision != forum.PrecisionHour {
		return forum.Stamp{}
	}
	return st
}

func inside(n, box *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == box {
			return true
		}
	}
	return false
}

// dateText is the text of a date with relative words replaced by the absolute
// form in their title: "Yesterday" with the title "11-22-2026" before ", 10:00
// AM", or "3 hours ago" with the whole date and time as its title.
func dateText(n *html.Node, drop goquery.Matcher) string {
	var b strings.Builder
	appendDate(&b, n, drop)
	return strings.Trim(dom.Fold(b.String()), " ,;|·•—-")
}

func appendDate(b *strings.Builder, n *html.Node, drop goquery.Matcher) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.ElementNode && drop != nil && drop.Match(c):
		case c.Type == html.ElementNode && strings.ContainsAny(dom.Attr(c, "title"), "0123456789") && selDatedSpan.Match(c):
			b.WriteString(dom.Attr(c, "title"))
		case c.Type == html.ElementNode && c.FirstChild != nil:
			appendDate(b, c, drop)
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode && c.Data == "br":
			b.WriteByte(' ')
		}
	}
}

// edited reads "(This post was last modified: DATE by NAME. Edit Reason: TEXT)":
// name and reason are elements of their own, the date stands behind a colon.
func (r *reader) edited(p *forum.Post, s *goquery.Selection) {
	box := dom.First(s, selEditNote)
	if box.Length() == 0 {
		box = dom.First(s, selEditBox)
	}
	if dom.Text(box) == "" {
		return
	}
	if reason := box.FindMatcher(selReason).Last(); reason.Length() > 0 {
		_, p.EditReason, _ = dom.CutLabel(dom.Text(reason))
	}
	text := dateText(box.Nodes[0], selReason)
	_, value, _ := dom.CutLabel(text)
	st, _, after := r.clock.Within(value)
	if !st.Known() { // translations have the colon behind the time, or none
		st, _, after = r.clock.Within(text)
	}
	if !st.Known() {
		p.Edited = forum.Stamp{Raw: text, Precision: forum.PrecisionUnknown}
		return
	}
	p.Edited = st
	box.FindMatcher(selAnchors).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if r.linked(a.AttrOr("href", ""), forum.KindProfile) != "" {
			p.EditedBy = dom.Text(a)
		}
		return p.EditedBy == ""
	})
	if p.EditedBy == "" {
		p.EditedBy = r.editor(strings.TrimRight(after, ".) "))
	}
}

// editor is the name in "by NAME" of an account that is gone.
func (r *reader) editor(after string) string {
	if name := dom.KnownName(after, r.names, true); name != "" {
		return name
	}
	if _, name, ok := strings.Cut(after, " "); ok {
		return name
	}
	return ""
}
