package vbulletin5

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selHead      = dom.Sel(".b-post__timestamp time[datetime], time[itemprop=dateCreated], .b-post__timestamp time, .post-date time")
	selHeadText  = dom.Sel(".b-post__timestamp, .post-date")
	selCount     = dom.Sel("a.b-post__count, .b-post__count")
	selLink      = dom.Sel("a.b-post__count[href], meta[itemprop=url]")
	selAuthor    = dom.Sel(".author [itemprop=name]")
	selAuthorAny = dom.Sel(".author a, a.author, a.b-comment__author, .b-comment__author, .b-userinfo__details a[href*='/member/']")
	selAuthorBox = dom.Sel(".author")
	selAuthorURL = dom.Sel(".author a[href], a.author[href], a.b-comment__author[href], .b-userinfo a[href*='/member/']")
	selUserTitle = dom.Sel(".usertitle, .b-userinfo__title")
	selRank      = dom.Sel(".b-userinfo__rank, .userrank")
	selAvatar    = dom.Sel(".b-userinfo__avatar img, .b-avatar img, a.avatar img")
	selInfo      = dom.Sel(".b-userinfo__additional-info")
	selLabel     = dom.Sel("label, .b-userinfo__additional-info-label")
	selSubject   = dom.Sel("h2.b-post__title, .b-post__title")
	selEdit      = dom.Sel(".b-post__edit, .post-edit-info, .js-post__edit-info")
	selModified  = dom.Sel("meta[itemprop=dateModified]")
	selFile      = dom.Sel(".b-post-attachments__item, li.js-attachment")
	selFileLink  = dom.Sel("a[href*='filedata/fetch'], a[href*='attachment']")
	selSignature = dom.Sel(".post-signature, .b-post__signature")
	selReaction  = dom.Sel(".reactions__topic-reaction, .js-reactions__reaction")
	selLikes     = dom.Sel(".js-post-control__vote-count, .b-post-control__vote-count, .votecount")
	selReactedN  = dom.Sel(".reactions__count, .js-reactions__count, .count")
	selUserID    = dom.Sel("a[data-userid], a[data-vbnamecard]")
	selRemark    = dom.Sel(".js-comment__content-text, .b-comment__text, .js-post__content-text, .b-comment__content, [itemprop=commentText], .js-post__content")
	selMention   = dom.Sel("a.b-bbcode-user, .b-bbcode-user")
	selComment   = dom.Sel("li.b-comment, .b-comment[data-node-id]")
	selAnchor    = dom.Sel("a.anchor[id^=post]")
	selNested    = dom.Sel(".b-comment, .b-post-attachments, .b-post__timestamp, .b-post__count, .b-post__title")
	selTimeAny   = dom.Sel("time[datetime]")
)

// nodeID is the number of a post or comment. Copies that were saved without the
// attributes of scripts tell it by the anchor that permanent links end with, or
// by that link.
func nodeID(s *goquery.Selection) string {
	if id := s.AttrOr("data-node-id", ""); id != "" {
		return id
	}
	if id := strings.TrimPrefix(dom.First(s, selAnchor).AttrOr("id", ""), "post"); dom.Count(id) != nil {
		return id
	}
	var id string
	s.FindMatcher(selLink).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		id = postID(e.AttrOr("href", e.AttrOr("content", "")))
		return id == ""
	})
	return id
}

// messages are the posts of the page, not those of a stream of what is new or
// was found, nor those of a comment within another.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		id := nodeID(s)
		if id == "" || seen[id] || dom.Is(s, "b-comment") || dom.Closest(s.Nodes[0], selStream) != nil || s.ParentsMatcher(selPost).Length() > 0 || dom.First(s, selText, selTextOther, selTextOuter).Length() == 0 {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

func (r *reader) posts(t *forum.Thread) {
	for i, s := range r.messages() {
		p := forum.Post{ID: nodeID(s), State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		starts := dom.Is(s, "js-conversation-start") || strings.Contains(s.AttrOr("itemtype", ""), "DiscussionForumPosting")
		if starts && t.Page == 1 || p.Position == 1 {
			t.Started = p.Published
			if a := p.Author; a != nil {
				t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
			}
		}
		r.page.Posts = append(r.page.Posts, p)
		r.comments(s, p)
	}
	r.positions(t)
}

// comments are replies to one post, below it: posts of their own with a parent.
func (r *reader) comments(s *goquery.Selection, parent forum.Post) {
	s.FindMatcher(selComment).Each(func(_ int, c *goquery.Selection) {
		id := nodeID(c)
		text := dom.First(c, selRemark)
		if id == "" {
			return
		}
		p := forum.Post{ID: id, ParentID: parent.ID, State: forum.PostVisible, Page: parent.Page, URL: r.permalink(c, id)}
		gap := func(field, reason string) {
			r.gaps.Add(fmt.Sprintf("posts[%d].%s", len(r.page.Posts), field), reason)
		}
		if p.Author = r.author(c); p.Author == nil {
			gap("author", "the comment names nobody")
		} else if p.Author.ID == "" && !p.Author.IsGuest {
			gap("author.id", "no link to the account")
		}
		if p.Published = r.published(c); !p.Published.Known() {
			gap("published_at", "no machine-readable time in the comment's head")
		}
		if text.Length() > 0 {
			r.doc.ReadBody(r.rules, text.Nodes[0]).Into(&p)
		} else {
			gap("body", "the comment shows no text")
		}
		r.edited(&p, c)
		r.page.Posts = append(r.page.Posts, p)
	})
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.URL = r.permalink(s, p.ID)
	if n := dom.Count(strings.TrimPrefix(dom.Text(dom.First(s, selCount)), "#")); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "no link to the account")
	}
	if p.Published = r.published(s); !p.Published.Known() {
		gap("published_at", "no machine-readable time in the post's head")
	}
	if subject := dom.First(s, selSubject); subject.Length() > 0 && !dom.Is(subject, "h-hide") {
		p.Title = dom.Text(subject)
	}
	r.doc.ReadBody(r.rules, dom.First(s, selText, selTextOther, selTextOuter).Nodes[0]).Into(p)
	r.edited(p, s)
	r.files(p, s)
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = reactions(s)
	if dom.Is(s, "b-post--deleted") || dom.Is(s, "b-post--soft-deleted") {
		p.State = forum.PostDeleted
	} else if dom.Is(s, "b-post--unapproved") {
		p.State = forum.PostModerated
	}
}

// rules adds mentions and what stands in a text by accident to the rules that
// the family shares.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case selNested.Match(n), selEdit.Match(n):
		return dom.Part{Role: dom.Drop}
	case selMention.Match(n):
		m := forum.Mention{Name: strings.TrimPrefix(dom.NodeText(n), "@"), ID: dom.Attr(n, "data-userid")}
		if n.DataAtom == atom.A && m.ID == "" {
			m.ID = idOf(r.doc.Resolve(dom.Attr(n, "href")), forum.KindProfile)
		}
		return dom.Part{Role: dom.Mention, Mention: m}
	case dom.HasClass(n, "bbcode_spoiler"), dom.HasClass(n, "b-bbcode__spoiler"):
		return dom.Part{Role: dom.Spoiler}
	}
	return vbmarkup.Rules(r.doc)(n)
}

func (r *reader) permalink(s *goquery.Selection, id string) string {
	var found string
	s.FindMatcher(selLink).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		for _, attr := range []string{"href", "content"} {
			if href := e.AttrOr(attr, ""); postID(href) == id {
				found = r.doc.Resolve(href)
			}
		}
		return found == ""
	})
	if found == "" && r.page.Thread != nil && r.page.Thread.URL != "" {
		return r.page.Thread.URL + "?p=" + id + "#post" + id
	}
	return found
}

// published is the epoch on the element, else the machine-readable time, which
// may lack its zone, else the time as shown.
func (r *reader) published(s *goquery.Selection) forum.Stamp {
	if st := r.clock.Machine(s.AttrOr("data-node-publishdate", ""), dom.Text(own(s, selHeadText))); st.Known() {
		return st
	}
	for _, m := range []goquery.Matcher{selHead, selTimeAny} {
		if st := r.clock.Element(own(s, m)); st.Known() {
			return st
		}
	}
	return r.clock.Text(dom.Text(own(s, selHeadText)))
}

// own is the first match that stands in the post or comment itself, in none of
// the comments below it; and in no text or note of an edit.
func own(s *goquery.Selection, ms ...goquery.Matcher) *goquery.Selection {
	for _, m := range ms {
		found := s.FindMatcher(m).FilterFunction(func(_ int, e *goquery.Selection) bool {
			box := dom.Closest(e.Nodes[0], selComment)
			return (box == nil || box == s.Nodes[0]) && dom.Closest(e.Nodes[0], selNotHead) == nil
		})
		if found.Length() > 0 {
			return found.First()
		}
	}
	return &goquery.Selection{}
}

var selNotHead = dom.Sel(".b-post__edit, .post-edit-info, .js-post__edit-info, .js-post__content-text, .b-comment__text, .js-comment__content-text")

func (r *reader) author(s *goquery.Selection) *forum.Author {
	link := own(s, selAuthor, selAuthorAny, selAuthorBox)
	a := &forum.Author{Name: dom.Text(link)}
	if a.Name == "" {
		if link = own(s, selUserID); dom.Text(link) == "" {
			return nil
		}
		a.Name = dom.Text(link)
	}
	href := r.doc.Resolve(own(s, selAuthorURL).AttrOr("href", ""))
	if a.ID = idOf(href, forum.KindProfile); a.ID != "" {
		l, _ := linkOf(href)
		a.URL = l.URL
	} else if a.ID = accountID(own(s, selUserID)); a.ID == "" || a.ID == "0" {
		a.ID, a.IsGuest = "", link.ClosestMatcher(cssA).Length()+link.FindMatcher(cssA).Length() == 0
	}
	a.Title = dom.Text(dom.First(s, selUserTitle))
	if rank := dom.Text(dom.First(s, selRank)); rank != "" {
		a.Banners = append(a.Banners, rank)
	}
	a.AvatarURL = r.doc.Resolve(dom.First(s, selAvatar).AttrOr("src", ""))
	if a.IsGuest || strings.Contains(a.AvatarURL, "default_avatar") || strings.Contains(a.AvatarURL, "/default/") {
		a.AvatarURL = ""
	}
	r.card(a, s.FindMatcher(selInfo))
	return a
}

// accountID is the account's number beside a link to it.
func accountID(link *goquery.Selection) string {
	if id := link.AttrOr("data-userid", ""); id != "" {
		return id
	}
	return dom.Digits(link.AttrOr("data-vbnamecard", ""))
}

// card reads lines of a label and a value; join date and posts are in lists of
// the same shape.
func (r *reader) card(a *forum.Author, info *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	info.FindMatcher(selLabel).Each(func(_ int, l *goquery.Selection) {
		value := dom.Text(l.Next())
		if value == "" {
			value = dom.OwnText(l.Parent())
		}
		card.Add("", dom.Text(l), value)
	})
}

// ownNote is the note of an edit of a post or a comment, not of a comment below
// it.
func ownNote(s *goquery.Selection) *goquery.Selection {
	return s.FindMatcher(selEdit).FilterFunction(func(_ int, e *goquery.Selection) bool {
		box := dom.Closest(e.Nodes[0], selComment)
		return box == nil || box == s.Nodes[0]
	}).First()
}

// edited reads the note: name, time and reason stand in it as in older
// versions; the time is machine-readable beside it.
func (r *reader) edited(p *forum.Post, s *goquery.Selection) {
	note := ownNote(s)
	if note.Length() == 0 || dom.Text(note) == "" {
		return
	}
	name := ""
	if p.Author != nil {
		name = p.Author.Name
	}
	vbmarkup.ReadEdit(note.Nodes[0], name, r.clock).Into(p)
	if by := dom.Text(dom.First(note, cssAHrefMember)); by != "" {
		p.EditedBy = by
	}
	for _, e := range []*goquery.Selection{dom.First(note, selTimeAny), dom.First(s, selModified)} {
		if st := r.clock.Element(e); st.Known() {
			if p.Edited.Raw != "" {
				st.Raw = p.Edited.Raw
			}
			p.Edited = st
			return
		}
	}
}

func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFile).Each(func(_ int, f *goquery.Selection) {
		link := f.FindMatcher(selFileLink).Last()
		href := link.AttrOr("href", "")
		name := dom.Text(dom.First(f, cssBPostAttachmentsFilenameJsAttachment))
		if name == "" {
			name = dom.Text(link)
		}
		if name == "" {
			name = link.AttrOr("title", link.FindMatcher(cssImg).AttrOr("alt", ""))
		}
		a := dom.File(vbmarkup.AttachmentID(href), name, r.doc.Resolve(href))
		text := dom.TextWithout(f, cssA)
		a.SizeBytes = dom.Size(text)
		if _, views, ok := strings.Cut(text, ","); ok {
			a.ViewCount = dom.Count(views)
		}
		if name != "" || href != "" {
			dom.AddFile(p, a)
		}
	})
	dom.CountContent(p)
}

// reactions reads the emoji and their counters of 6, or the likes of 5.
func reactions(s *goquery.Selection) *forum.Reactions {
	out := &forum.Reactions{ByType: map[string]int64{}}
	s.FindMatcher(selReaction).Each(func(_ int, e *goquery.Selection) {
		n := dom.Count(dom.Text(dom.First(e, selReactedN)))
		if n == nil {
			n = dom.Count(dom.Text(e))
		}
		kind := dom.Slug(e.AttrOr("title", e.AttrOr("data-reaction", "")))
		if kind == "" {
			kind = "other"
		}
		if n == nil || *n == 0 {
			return
		}
		if out.ByType[kind] == 0 {
			out.Types = append(out.Types, kind)
		}
		out.ByType[kind] += *n
		out.Total += *n
	})
	if out.Total == 0 {
		n := dom.Count(dom.Text(dom.First(s, selLikes)))
		if n == nil || *n == 0 {
			return nil
		}
		return &forum.Reactions{Total: *n, Like: n, Types: []string{"like"}, ByType: map[string]int64{"like": *n}}
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out
}

func (r *reader) positions(t *forum.Thread) {
	top := 0
	for _, p := range r.page.Posts {
		if p.ParentID == "" {
			top++
		}
	}
	perPage := r.facts.PostsPerPage
	if t.Page < t.PageCount && top > 0 {
		perPage = top
		r.page.Learned.PostsPerPage = top
	}
	i := 0
	for k := range r.page.Posts {
		p := &r.page.Posts[k]
		if p.ParentID != "" {
			continue
		}
		i++
		switch {
		case p.Position > 0:
		case t.Page == 1 || perPage > 0:
			p.Position, p.PositionSource = int64((t.Page-1)*perPage+i), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", k), "not shown, and the posts per page are not known")
		}
	}
}
