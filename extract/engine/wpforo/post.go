package wpforo

import (
	"fmt"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selCandidate   = dom.Sel("div[data-postid][data-userid], div[data-postid][id^='post-'], div[data-userid][id^='post-'], div.post-wrap[id^='post-'], div.reply-wrap[id^='post-'], div.comment-wrap[id^='post-']")
	selPart        = dom.Sel(".wpforo-post, .wpforo-comment, .wpforo-post-content, .wpforo-comment-text, .wpf-left, .wpf-right, .wpf-reply-head")
	selContent     = dom.Sel(".wpforo-post-content, .wpforo-comment-text")
	selDate        = dom.Sel(".wpf-post-date, .wpforo-post-date, .wpforo-post-content-bottom .cbleft")
	selCommentTop  = dom.Sel(".wpforo-comment-top")
	selCommentLine = dom.Sel(".wpforo-comment-top > span:has(a)")
	selNameBoxes   = dom.Sel(".author-data, .wpf-author, .wpf-author-head, .wpforo-post-author-details")
	selReacted     = dom.Sel(".reacted-users")
	selNameBox     = dom.Sel(".author-name, .wpf-author-name, .wpforo-post-author-name")
	selNameLink    = dom.Sel("a[title], a.is_guest, a.wpf-pa-name, a[href*='/participant/'], a[href*='/profile/']")
	selAvatar      = dom.Sel(".author-avatar img, .wpf-author-avatar img, .wpforo-post-avatar img, .wpforo-comment-avatar img, img.avatar")
	selAnyTitle    = dom.Sel(".wpf-member-title")
	selJoined      = dom.Sel(".author-joined, .wpf-author-joined")
	selPosts       = dom.Sel(".author-posts, .wpf-author-posts")
	selNicename    = dom.Sel(".wpf-author-nicename")
	selVoting      = dom.Sel(".wpforo-post-voting, .wpfvote-num")
	selScore       = dom.Sel(".wpfvote-num")
	selAnswer      = dom.Sel(".wpf-toggle-answer")
	selAwaits      = dom.Sel(".wpf-mod-message")
	selReplyTo     = dom.Sel(".wpf-reply-to a[href], .wpf-reply-tree a[href]")
	selItem        = dom.Sel(".wpforo-qa-item-wrap")
	selEdited      = dom.Sel(".wpf-post-edited")
	selEditor      = dom.Sel("a")
	selSignature   = dom.Sel(".wpforo-post-signature")
	selMeta        = dom.Sel(".wpforo-topic-meta")
)

// message is one post, with what tells that it is the thread's first.
type message struct {
	s     *goquery.Selection
	id    string
	first bool
}

// own looks outside of the post's text.
func (m *message) own(s goquery.Matcher) *goquery.Selection {
	return m.s.FindMatcher(s).FilterFunction(func(_ int, e *goquery.Selection) bool {
		at := dom.Closest(e.Nodes[0].Parent, selContent)
		return at == nil
	})
}

// date is the post's time as shown. A comment has it among other things, a post
// of the simplified layout behind a label.
func (m *message) date() string {
	text := dom.Text(m.own(selDate).First())
	if text == "" {
		text = dom.OwnText(dom.First(m.s, selCommentLine, selCommentTop))
	}
	if _, value, ok := dom.CutLabel(text); ok && value != "" && !startsWithDigit(text) {
		return value
	}
	return text
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// messages are the posts of the page: replies and comments are posts too. Lists
// of a thread's posts and quotations carry the same data and no parts.
func (r *reader) messages() []*message {
	var out []*message
	seen := map[string]bool{}
	r.doc.FindMatcher(selCandidate).Each(func(_ int, s *goquery.Selection) {
		if s.FindMatcher(selPart).Length() == 0 || s.FindMatcher(selCandidate).Length() > 0 || dom.Closest(s.Nodes[0].Parent, selContent) != nil {
			return
		}
		m := &message{s: s, id: s.AttrOr("data-postid", "")}
		if !isNumber(m.id) {
			m.id = dom.IDAfter(s.AttrOr("id", ""), "post-")
		}
		if m.id != "" && seen[m.id] {
			return
		}
		seen[m.id] = true
		m.first = dom.Is(s, "wpfp-first") || isMeta(s)
		out = append(out, m)
	})
	return out
}

// isMeta tells that the thread's tags stand below a post: the first one.
func isMeta(s *goquery.Selection) bool {
	for n := s.Nodes[0].NextSibling; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode {
			return selMeta.Match(n)
		}
	}
	return false
}

func (r *reader) post(p *forum.Post, m *message, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.ID = m.id; p.ID == "" {
		gap("id", "neither the post's data nor its id has a number")
	}
	r.permalink(p, m)
	if shown := m.date(); shown != "" {
		p.Published = r.clock.Text(shown)
	}
	if !p.Published.Known() {
		gap("published_at", "no readable time at the post")
	}
	if p.Author = r.author(m); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "the post's data does not name the account")
	}
	if p.Author != nil && p.Author.Name == "" {
		gap("author.name", "cut short, and nowhere in full")
	}
	if m.own(selAwaits).Length() > 0 {
		p.State = forum.PostModerated
	}
	p.IsSolution = m.own(selAnswer).Length() > 0
	if n := dom.Count(dom.Text(m.own(selScore).First())); n != nil {
		p.Votes = &forum.Votes{Score: n}
		if strings.HasPrefix(dom.Text(m.own(selScore).First()), "-") && *n > 0 {
			*n = -*n
		}
	}
	p.ParentID = r.parent(m)
	if content := m.s.FindMatcher(selContent).First(); content.Length() > 0 {
		r.doc.ReadBody(r.rules, content.Nodes[0]).Into(p)
	} else {
		gap("body", "no element that holds the post's text")
	}
	r.edit(p, m)
	if sig := m.s.FindMatcher(selSignature).First(); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.partRules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = r.reactions(m)
}

// permalink is what the button to copy it has, else the page's address.
func (r *reader) permalink(p *forum.Post, m *message) {
	p.URL = r.doc.Resolve(m.own(selCopy).First().AttrOr("data-copy-wpf-furl", ""))
	if p.URL != "" && linkedPost(p.URL) == p.ID {
		return
	}
	p.URL = ""
	if t := r.page.Thread; t.URL != "" && p.ID != "" {
		if l, ok := linkOf(r.doc.URL.String()); ok && l.Kind == forum.KindThread && l.Page == t.Page {
			p.URL = l.URL + "#post-" + p.ID
		} else if t.Page == 1 {
			p.URL = t.URL + "#post-" + p.ID
		}
	}
}

var selCopy = dom.Sel("[data-copy-wpf-furl]")

// author: the post's data has the account's number, and 0 for a guest, whose
// name is no link.
func (r *reader) author(m *message) *forum.Author {
	a := r.member(m.nameLink())
	if a == nil {
		return nil
	}
	switch id := m.s.AttrOr("data-userid", ""); {
	case id == "0", a.IsGuest:
		a.IsGuest, a.URL = true, ""
	case isNumber(id):
		a.ID = id
	}
	if pic := m.own(selAvatar).First(); pic.Length() > 0 {
		a.AvatarURL = r.doc.Resolve(pic.AttrOr("src", ""))
	}
	r.titles(a, m)
	card := dom.Card{Author: a, Clock: r.clock}
	for _, s := range []goquery.Matcher{selJoined, selPosts} {
		if label, value, ok := dom.CutLabel(dom.Text(m.own(s).First())); ok {
			card.Add("", label, value)
		}
	}
	if n := dom.Count(dom.Text(m.own(selPosts).First())); a.PostCount == nil && n != nil {
		a.PostCount = n
	}
	return a
}

func (m *message) nameLink() *goquery.Selection {
	if box := m.own(selNameBox).First(); box.Length() > 0 {
		if link := box.FindMatcher(selNameLink); link.Length() > 0 {
			return link.First()
		}
		return box.FindMatcher(selEditor).First()
	}
	for _, s := range []goquery.Matcher{selCommentTop, selNameBoxes} {
		if link := m.own(s).First().FindMatcher(selNameLink); link.Length() > 0 {
			return link.First()
		}
	}
	return &goquery.Selection{}
}

// member reads a name: a link, or for guests one that leads nowhere. Half a name
// is none.
func (r *reader) member(a *goquery.Selection) *forum.Author {
	name := full(a)
	if a.Length() == 0 || name == "" {
		return nil
	}
	if a.AttrOr("title", "") == "" && strings.HasSuffix(name, "...") {
		name = ""
	}
	href := r.doc.Resolve(a.AttrOr("href", ""))
	return &forum.Author{Name: name, URL: href, IsGuest: dom.Is(a, "is_guest") && href == ""}
}

// titles: a title that the member has or has earned, groups, and custom fields
// with their labels.
func (r *reader) titles(a *forum.Author, m *message) {
	card := dom.Card{Author: a, Clock: r.clock}
	m.own(selAnyTitle).Each(func(_ int, s *goquery.Selection) {
		text := strings.TrimRight(dom.Text(s), ", ")
		switch {
		case text == "":
		case dom.Is(s, "wpf-member-cf"):
			card.Add("", s.AttrOr("title", ""), text)
		case dom.Is(s, "wpfut"):
			a.Banners = appendNew(a.Banners, text)
			switch {
			case dom.Is(s, "wpfut") && dom.Is(s, "wpfbr-b"): // the colour of group 1 alone
				a.Roles = appendNew(a.Roles, "admin")
			case dom.Is(s, "wpfug-2") && dom.Is(s, "wpfbr-5"):
				a.Roles = appendNew(a.Roles, "moderator")
			}
		case dom.Is(s, "wpfct"), a.Title == "" && dom.Is(s, "wpfrt"):
			a.Title = text
		}
	})
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// parent: a reply names the post that it answers; a comment stands in one box
// with its answer.
func (r *reader) parent(m *message) string {
	if to := m.own(selReplyTo).First(); to.Length() > 0 {
		return linkedPost(r.doc.Resolve(to.AttrOr("href", "")))
	}
	box := dom.Closest(m.s.Nodes[0].Parent, selItem)
	if box == nil {
		return ""
	}
	for c := box.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || !selCandidate.Match(c) {
			continue
		}
		if c == m.s.Nodes[0] {
			return ""
		}
		if id := dom.Attr(c, "data-postid"); isNumber(id) {
			return id
		}
		return dom.IDAfter(dom.Attr(c, "id"), "post-")
	}
	return ""
}

// edit reads "This post was modified DATE by NAME", once for each editor: the
// last is the newest.
func (r *reader) edit(p *forum.Post, m *message) {
	notes := m.s.FindMatcher(selEdited)
	if notes.Length() == 0 {
		return
	}
	p.EditCount = notes.Length()
	note := notes.Last()
	p.EditedBy = dom.Text(note.FindMatcher(selEditor).Last())
	text := dom.Text(note)
	if p.Edited, _, _ = r.clock.Within(text); !p.Edited.Known() {
		p.Edited = forum.Stamp{Raw: text, Precision: forum.PrecisionUnknown}
	}
}

// reactions reads "A, B, C and 4 people reacted".
func (r *reader) reactions(m *message) *forum.Reactions {
	box := m.own(selReacted).First()
	var names []string
	box.FindMatcher(selEditor).Each(func(_ int, a *goquery.Selection) {
		if name := full(a); name != "" {
			names = append(names, name)
		}
	})
	if len(names) == 0 {
		return nil
	}
	out := dom.Others(names, dom.TextWithout(box, selEditor))
	return &out
}
