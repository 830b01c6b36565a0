package smf

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selWrapper     = dom.Sel(".post_wrapper")
	selMessage     = dom.Sel(".post_wrapper, [id^='subject_'], div[id^='msg_'], section[id^='msg_'], article[id^='msg_']")
	selSubject     = dom.Sel("[id^='subject_']")
	selInner       = dom.Sel(".inner[id^='msg_'], .inner[data-msgid], .post > .inner, div[id^='msg_'].post, .messageContent[id^='msg_'], .post_body[id^='msg_']")
	selOldBody     = dom.Sel("div.post")
	selBody        = dom.Sel(".inner[id^='msg_'], .inner[data-msgid], .post > .inner, div.post, .messageContent[id^='msg_'], .post_body[id^='msg_']")
	selPoster      = dom.Sel(".poster, td[rowspan], td[width='16%']")
	selPostList    = dom.Sel("form, #forumposts, table.bordercolor, body")
	selSubjectLink = dom.Sel("[id^='subject_'] a[href]")
	selMessageLink = dom.Sel(".postinfo a[href*='msg'], .keyinfo a[href*='msg'], a[href*='#msg']")
	selDate        = dom.Sel(".postinfo > a.smalltext, .postinfo > a[href*='msg'], .postinfo time, .keyinfo a.smalltext, .keyinfo time, .keyinfo .smalltext")
	selModified    = dom.Sel("[id^='modified_']")
	selNumber      = dom.Sel(".page_number")
	selEditLabel   = dom.Sel(".lastedit")
	selSignature   = dom.Sel(".signature")
	selLikes       = dom.Sel(".like_count, [id^='likes_count_']")
	selUnapproved  = dom.Sel(".approvebg, .approvebg2, .approvetbg")
	selInHeader    = dom.Sel(".keyinfo, .postinfo, .smalltext")
)

// messages are the posts on the page, each as the element that holds its
// author and its body. Themes that keep neither the class of a post nor the id
// of its subject keep the id of the body, which the scripts need.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	taken := map[*html.Node]bool{}
	named := false // by a class or a subject
	add := func(n *html.Node) {
		if n != nil && !inside(n, taken) {
			out, taken[n] = append(out, r.doc.FindNodes(n)), true
		}
	}
	r.doc.FindMatcher(selMessage).Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		switch {
		case selWrapper.Match(n):
			if messageOf(s) != "" && dom.First(s, selBody).Length() > 0 && !taken[n] {
				out, taken[n], named = append(out, s), true, true
			}
		case inside(n, taken):
		case selSubject.Match(n):
			named = true
			add(around(n))
		default:
			add(aroundBody(n))
		}
	})
	if !named && len(out) > 0 && !dom.Has(out[0], selMember) && !dom.Has(out[0], selPoster) {
		return nil // a body alone may be a preview
	}
	return out
}

// inside tells an element that is one of a set, or within one.
func inside(n *html.Node, set map[*html.Node]bool) bool {
	for ; n != nil; n = n.Parent {
		if set[n] {
			return true
		}
	}
	return false
}

// around climbs from a post's subject to the largest element that holds its
// poster and no other post.
func around(subject *html.Node) *html.Node {
	if dom.IDAfter(dom.Attr(subject, "id"), "subject_") == "" {
		return nil
	}
	var found *html.Node
	for n := subject.Parent; n != nil && !selPostList.Match(n); n = n.Parent {
		if holdsOther(n, selSubject, dom.Attr(subject, "id")) {
			return found
		}
		if dom.Find(n, selPoster) != nil {
			found = n
		}
	}
	return found
}

// holdsOther tells an element with more of a kind than the one with that id;
// themes for small screens write some twice.
func holdsOther(n *html.Node, m goquery.Matcher, id string) bool {
	found := false
	goquery.NewDocumentFromNode(n).FindMatcher(m).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		found = e.AttrOr("id", "") != id
		return !found
	})
	return found
}

// aroundBody is the greatest element around a body that holds no other.
func aroundBody(body *html.Node) *html.Node {
	id := dom.Attr(body, "id")
	if id != "msg_"+dom.IDAfter(id, "msg_") || id == "msg_" {
		return nil
	}
	found := body
	for n := body.Parent; n != nil && !selPostList.Match(n) && !holdsOtherBody(n, id); n = n.Parent {
		found = n
	}
	return found
}

func holdsOtherBody(n *html.Node, id string) bool {
	found := false
	goquery.NewDocumentFromNode(n).FindMatcher(selBodyID).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		other := e.AttrOr("id", "")
		found = other != id && other == "msg_"+dom.IDAfter(other, "msg_")
		return !found
	})
	return found
}

var selBodyID = dom.Sel("div[id^='msg_'], section[id^='msg_'], article[id^='msg_']")

// messageOf is the post's id, by the ids that scripts need, then by its links.
func messageOf(s *goquery.Selection) string {
	if id := dom.IDAfter(dom.First(s, selSubject).AttrOr("id", ""), "subject_"); id != "" {
		return id
	}
	body := bodyOf(s)
	for _, id := range []string{body.AttrOr("data-msgid", ""), dom.IDAfter(body.AttrOr("id", ""), "msg_"),
		dom.IDAfter(s.AttrOr("id", ""), "msg"), dom.IDAfter(s.Parent().AttrOr("id", ""), "msg"),
		messageID(dom.First(s, selSubjectLink, selMessageLink).AttrOr("href", ""))} {
		if id != "" && dom.Digits(id) == id {
			return id
		}
	}
	return ""
}

func (r *reader) posts(t *forum.Thread, start int) {
	messages := r.messages()
	for _, s := range messages {
		if a := r.author(s); a != nil {
			r.names.Add(a.Name)
		}
	}
	seen := map[string]bool{}
	for _, s := range messages {
		p := forum.Post{State: forum.PostVisible, Page: t.Page, ID: messageOf(s)}
		if seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		r.post(&p, s, len(r.page.Posts))
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(start)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.URL = r.permalink(s, p.ID)
	p.Author = r.author(s)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest:
		gap("author.id", "no link to the account")
	}
	p.Published = r.published(s)
	if !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	p.Title = dom.Text(dom.First(s, selSubjectLink, selSubject))
	r.edited(p, s)
	if body := bodyOf(s); body.Length() > 0 {
		r.doc.ReadBody(r.rules, body.Nodes[0]).Into(p)
	} else {
		gap("body", "no element of a post's body")
	}
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	r.files(p, s)
	p.Reactions = likes(s)
	if n := replyNumber(s); n > 0 {
		p.Position, p.PositionSource = n+1, forum.PositionShown
	}
	if dom.Closest(s.Nodes[0], selUnapproved) != nil {
		p.State = forum.PostModerated
	}
}

func bodyOf(s *goquery.Selection) *goquery.Selection {
	if body := dom.First(s, selInner, selOldBody); body.Length() > 0 {
		return body
	}
	return s.FindMatcher(selBodyID).FilterFunction(func(_ int, e *goquery.Selection) bool {
		id := e.AttrOr("id", "")
		return id == "msg_"+dom.IDAfter(id, "msg_")
	}).First()
}

// permalink is the post's own link without a session.
func (r *reader) permalink(s *goquery.Selection, id string) string {
	for _, m := range []goquery.Matcher{selSubjectLink, selMessageLink} {
		if href := dom.First(s, m).AttrOr("href", ""); id != "" && messageID(href) == id {
			return r.clean(href)
		}
	}
	if id == "" || r.page.Root == "" || r.page.Thread.ID == "" {
		return ""
	}
	return r.page.Root + "index.php?topic=" + r.page.Thread.ID + ".msg" + id + "#msg" + id
}

var reReply = regexp.MustCompile(`#\s*([\d.,\s]*\d)`)

// replyNumber is the number that a reply shows ("#3", "Reply #3 on:"); the
// first post shows none. 0 means none.
func replyNumber(s *goquery.Selection) int64 {
	texts := []string{dom.Text(dom.First(s, selNumber))}
	dom.First(s, selKeyInfo).FindMatcher(selStrong).Each(func(_ int, e *goquery.Selection) { texts = append(texts, dom.Text(e)) })
	dom.First(s, selSubject).NextAll().FindMatcher(selStrong).Each(func(_ int, e *goquery.Selection) { texts = append(texts, dom.Text(e)) })
	texts = append(texts, dom.TextWithout(dom.First(s, selKeyInfo), selSubject))
	texts = append(texts, dom.First(s, selDateLink).AttrOr("title", ""))
	for i, text := range texts {
		m := reReply.FindStringSubmatch(text)
		if m == nil || i == len(texts)-1 && strings.Index(text, "#") > 40 {
			continue
		}
		if n, _, ok := dom.Number(m[1]); ok && n > 0 {
			return n
		}
	}
	return 0
}

var (
	selKeyInfo  = dom.Sel(".keyinfo")
	selDateLink = dom.Sel(".postinfo > a.smalltext[title]")
)

// positions fills what is not shown: the first post of all has no number, and
// some themes drop them.
func (r *reader) positions(start int) {
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case start >= 0:
			p.Position, p.PositionSource = int64(start+i+1), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}

// published reads the post's time: in the head's own line, without the bold
// label in front of it ("Reply #3 on:").
func (r *reader) published(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	try := func(_ int, e *goquery.Selection) bool {
		if id := e.AttrOr("id", ""); strings.HasPrefix(id, "modified_") || dom.Is(e, "modified") {
			return true
		}
		if e.IsMatcher(cssTime) {
			found = r.clock.Element(e)
			return !found.Known()
		}
		if dom.Has(e, selModified) {
			found = r.clock.Text(dom.TextWithout(e, selModified))
		} else if dom.Closest(e.Nodes[0], selModified) == nil {
			found = r.clock.Text(dateText(e.Nodes[0]))
		}
		return !found.Known()
	}
	s.FindMatcher(selDate).EachWithBreak(try)
	if found.Known() {
		return found
	}
	head := dom.First(s, selSubject)
	head.NextAll().EachWithBreak(try)
	if !found.Known() {
		head.Parent().NextAll().FindMatcher(selInHeader).FilterFunction(func(_ int, e *goquery.Selection) bool {
			return inside(e.Nodes[0], map[*html.Node]bool{s.Nodes[0]: true})
		}).EachWithBreak(try)
	}
	return found
}

// dateText is a line's text without guillemets and without a bold label that
// ends with a colon; "Today" is bold too and stays.
func dateText(n *html.Node) string {
	label := ""
	if e := dom.Find(n, selStrong); e != nil {
		if text := dom.NodeText(e); strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") {
			label = text
		}
	}
	text := strings.Trim(dom.NodeText(n), "«» ")
	return strings.TrimSpace(strings.TrimPrefix(text, label))
}

// edited reads "Last Edit: DATE by NAME Reason: TEXT". SMF 2.1 marks the two
// labels; older ones show one line in guillemets and know no reason.
func (r *reader) edited(p *forum.Post, s *goquery.Selection) {
	box := s.FindMatcher(selModified).FilterFunction(func(_ int, e *goquery.Selection) bool {
		return dom.Text(e) != ""
	}).First()
	if box.Length() == 0 {
		return
	}
	text := dom.Text(box)
	if labels := box.FindMatcher(selEditLabel); labels.Length() > 1 {
		label := dom.Text(labels.Last())
		if i := strings.LastIndex(text, label); label != "" && i > 0 {
			p.EditReason = strings.TrimLeft(text[i+len(label):], ": ")
			text = strings.TrimSpace(text[:i])
		}
	}
	_, line, _ := dom.CutLabel(strings.Trim(text, "«» "))
	st, before, after := r.clock.Within(line)
	if !st.Known() {
		p.Edited = forum.Stamp{Raw: line, Precision: forum.PrecisionUnknown}
		return
	}
	p.Edited = st
	p.EditedBy = r.editor(strings.Trim(after, "«» "), before)
}

// editor is the name in "by NAME", or "NAME tarafından" where the verb stands
// last: a name that the page knows, else all but the first word.
func (r *reader) editor(after, before string) string {
	for _, text := range []string{after, before} {
		if name := dom.KnownName(text, r.names, true); name != "" {
			return name
		}
		if name := dom.KnownName(text, r.names, false); name != "" {
			return name
		}
	}
	if _, name, ok := strings.Cut(after, " "); ok {
		return strings.TrimSpace(name)
	}
	return after
}

// likes reads SMF 2.1's counter: "1 person likes this."
func likes(s *goquery.Selection) *forum.Reactions {
	n := dom.Count(dom.Text(dom.First(s, selLikes)))
	if n == nil || *n == 0 {
		return nil
	}
	like := *n
	return &forum.Reactions{Total: *n, Like: &like, Types: []string{"like"}, ByType: map[string]int64{"like": like}}
}

func (r *reader) link(abs string) (forum.Link, bool) {
	u, err := url.Parse(abs)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

var (
	selFileBox  = dom.Sel(".attachments, [id$='_footer']")
	selFileLink = dom.Sel("a[href*='action=dlattach'], a[href*='action,dlattach']")
	rePixels    = regexp.MustCompile(`\d+\s*[x×]\s*\d+`)
	reAnySize   = regexp.MustCompile(`(?i)[\d.,\s]+\s*[kmg]?i?(?:b|bytes?|б|o)\b`)
)

// files reads the attachments below a post: a named link, then size, pixels
// and a counter. Thumbnails are links without a text of their own.
func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFileLink).Each(func(_ int, a *goquery.Selection) {
		if dom.Closest(a.Nodes[0], selBody) != nil && dom.Closest(a.Nodes[0], selFileBox) == nil {
			return
		}
		name, id := dom.Text(a), fileID(a.AttrOr("href", ""))
		if name == "" || id == "" {
			return
		}
		f := dom.File(id, name, r.clean(a.AttrOr("href", "")))
		details := following(a.Nodes[0])
		f.SizeBytes = dom.Size(details)
		rest := reAnySize.ReplaceAllString(rePixels.ReplaceAllString(details, ""), " ")
		f.ViewCount = dom.Count(rest)
		dom.AddFile(p, f)
	})
	dom.CountContent(p)
}

func fileID(href string) string { return dom.Digits(parseNaming("attach", href).params.get("attach")) }

// following is the text behind a link, up to the next one.
func following(n *html.Node) string {
	var b strings.Builder
	for c := n.NextSibling; c != nil && c.Data != "a"; c = c.NextSibling {
		b.WriteString(dom.NodeText(c))
		b.WriteByte(' ')
	}
	return dom.Fold(b.String())
}
