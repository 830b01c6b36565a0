package woltlab

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selText      = dom.Sel(".messageText, [id^='postText']")
	selTextBox   = dom.Sel(".messageBody")
	selPermalink = dom.Sel("a.permalink[href], .messagePublicationTime a[href], a.messagePublicationTime[href], .messageQuickOptions a[href*='#post'], .messageNumber[href], .messageHeader a[href*='#post']")
	selNumber    = dom.Sel(".messageQuickOptions a, .messageNumber, .messageHeader .messageNumber a")
	selPublished = dom.Sel(".messageHeader woltlab-core-date-time, .messagePublicationTime woltlab-core-date-time, .permalink woltlab-core-date-time, .messageHeader time, .messagePublicationTime time, a.permalink time, .messageHeadline time")
	selMachine   = dom.Sel("meta[itemprop='datePublished'][content]")
	selHeadText  = dom.Sel(".messageHeader .light, .messageHeader .smallFont, .messagePublicationTime, a.permalink")
	selUser      = dom.Sel("a.userLink, a.username, .username a[href], .userName a[href], a[itemprop='author']")
	selName      = dom.Sel(".messageAuthor .username, .messageSidebar .username, .messageAuthor .userName, .messageAuthorContainer .username")
	selUserTitle = dom.Sel(".messageAuthor .userTitleBadge, .messageAuthor .userTitle .badge, .messageAuthor .userTitle, .messageSidebar .userTitle")
	selRank      = dom.Sel(".messageAuthor .userRank img[alt]")
	selAvatar    = dom.Sel(".messageSidebar .userAvatar img, .messageAuthor .userAvatar img, .userAvatarImage")
	selBanned    = dom.Sel(".messageAuthorContainer .jsUserBanned, .messageAuthor .jsUserBanned")
	selCredits   = dom.Sel(".userCredits dl, .messageSidebar dl.dataList, .messageSidebar .userCredits")
	selTerm      = dom.Sel("dt")
	selNote      = dom.Sel(".messageFooterNote, .editNote")
	selSignature = dom.Sel(".messageSignature")
	selFiles     = dom.Sel("li.attachmentThumbnail, .attachmentThumbnailList li[data-attachment-id], .attachmentFileList li, a.messageAttachment, .attachmentList > li, .messageAttachmentList > li, .attachmentList figure")
	selFileName  = dom.Sel(".attachmentFilename, .attachmentThumbnailFilename, .messageAttachmentFilename, h3, figcaption, .containerHeadline a, a[href*='attachment/']")
	selFileMeta  = dom.Sel(".attachmentMetaData, .messageAttachmentMeta, .attachmentMeta, .attachmentThumbnailMeta, small")
	selFileFacts = dom.Sel(".attachmentMetaData li")
	selFileLink  = dom.Sel("a[href*='attachment/'], a[href*='file-download'], a[href]")
	selBest      = dom.Sel(".wbbPostIsBestAnswer, .bestAnswer, .jsBestAnswer")
	selDeletedBy = dom.Sel(".messageDeleted, .wbbPostDeleted")
)

// messages are the posts: elements of the post's class with a text. Previews
// and the reply form have the form's class instead.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selPostAny).Each(func(_ int, s *goquery.Selection) {
		if dom.Has(s, selPostAny) || dom.Is(s, "messageQuickReply") {
			return
		}
		id := r.postID(s)
		if dom.First(s, selText, selTextBox).Length() == 0 || id != "" && seen[id] {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

// postID: an attribute, the anchor, or the post's own link.
func (r *reader) postID(s *goquery.Selection) string {
	for _, attr := range [...]string{"data-post-id", "data-object-id"} {
		if id := dom.Digits(s.AttrOr(attr, "")); id != "" {
			return id
		}
	}
	for _, n := range []*goquery.Selection{s, s.Parent(), s.Prev()} {
		for _, prefix := range [...]string{"post", "postRow"} {
			if id := dom.IDAfter(n.AttrOr("id", ""), prefix); id != "" {
				return id
			}
		}
	}
	return linkedPost(dom.First(s, selPermalink).AttrOr("href", ""))
}

func (r *reader) posts() {
	for i, s := range r.messages() {
		p := forum.Post{State: forum.PostVisible, Page: r.page.Thread.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.ID = r.postID(s); p.ID == "" {
		gap("id", "neither an attribute nor a link names the post")
	}
	if p.URL = r.doc.Resolve(dom.First(s, selPermalink).AttrOr("href", "")); p.URL == "" && r.page.Thread.URL != "" && p.ID != "" {
		p.URL = r.page.Thread.URL + "#post" + p.ID
	}
	if p.Published = r.published(s); !p.Published.Known() {
		gap("published_at", "no readable time in the post's heading")
	}
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "no link to the account")
	}
	r.doc.ReadBody(r.rules, dom.First(s, selText, selTextBox).Nodes[0]).Into(p)
	r.edit(p, dom.First(s, selNote))
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = r.reactions(s)
	r.files(p, s)
	s.FindMatcher(selNumber).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		text := strings.TrimPrefix(dom.Text(a), "#")
		n := dom.Count(text)
		if n == nil || *n <= 0 || strings.ContainsFunc(text, func(c rune) bool { return c > '9' }) {
			return true
		}
		p.Position, p.PositionSource = *n, forum.PositionShown
		return false
	})
	p.IsSolution = dom.Has(s, selBest) || dom.Is(s, "wbbPostIsBestAnswer")
	if s.AttrOr("data-is-deleted", "") == "1" || dom.Has(s, selDeletedBy) || dom.Is(s, "messageDeleted") {
		p.State = forum.PostDeleted
	}
}

func (r *reader) published(s *goquery.Selection) forum.Stamp {
	if st := r.stamp(dom.First(s, selPublished)); st.Known() {
		return st
	}
	if st := r.clock.Machine(dom.First(s, selMachine).AttrOr("content", ""), ""); st.Known() {
		return st
	}
	return r.clock.Text(dom.Text(dom.First(s, selHeadText)))
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	box := dom.First(s, selName)
	name := dom.Text(box)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	for _, link := range []*goquery.Selection{box, dom.First(box, selLink), box.ClosestMatcher(cssA)} {
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if id := idOf(forum.KindProfile, href); id != "" && a.ID == "" {
			a.ID, a.URL = id, href
		}
	}
	for _, id := range []string{accountID(box), accountID(dom.First(box, selLink)), dom.Digits(s.AttrOr("data-user-id", ""))} {
		if a.ID == "" && id != "0" {
			a.ID = id
		}
	}
	if dom.Has(s, selBanned) {
		a.Roles = append(a.Roles, "banned")
	}
	// A guest's name is no link; a link that leads nowhere is an account's.
	a.IsGuest = a.ID == "" && !box.IsMatcher(cssA) && !dom.Has(box, cssA)
	if a.Title = dom.Text(dom.First(s, selUserTitle)); a.Title == "" {
		a.Title = dom.First(s, selRank).AttrOr("alt", "")
	}
	if src := r.doc.Resolve(dom.First(s, selAvatar).AttrOr("src", "")); src != "" && !strings.Contains(src, "avatar-default") {
		a.AvatarURL = src
	}
	card := dom.Card{Author: a, Clock: r.clock}
	s.FindMatcher(selCredits).FindMatcher(selTerm).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	return a
}

// accountID is the number that a link to an account carries beside its address:
// data-object-id since 5.3, data-user-id before.
func accountID(link *goquery.Selection) string {
	if id := dom.Digits(link.AttrOr("data-object-id", "")); id != "" {
		return id
	}
	return dom.Digits(link.AttrOr("data-user-id", ""))
}

// user reads a link to an account, or a name.
func (r *reader) user(s *goquery.Selection) *forum.Author {
	href := r.doc.Resolve(s.AttrOr("href", ""))
	a := &forum.Author{Name: dom.Text(s), URL: href, ID: idOf(forum.KindProfile, href)}
	if a.ID == "" {
		a.ID = accountID(s)
	}
	return a
}

// edit reads "Edited 3 times, last by NAME: REASON (TIME)": name and time are
// elements, the first number counts, the words between are the reason's.
func (r *reader) edit(p *forum.Post, note *goquery.Selection) {
	if note.Length() == 0 {
		return
	}
	at := dom.First(note, selTime)
	if at.Length() == 0 {
		return // another note: moved, merged
	}
	p.Edited = r.stamp(at)
	name := dom.First(note, selUser)
	p.EditedBy = dom.Text(name)
	text := dom.Text(note)
	if i := strings.Index(text, p.EditedBy); i > 0 && p.EditedBy != "" {
		p.EditCount = 1
		if n := dom.Count(text[:i]); n != nil && *n > 0 && *n < 1000 {
			p.EditCount = int(*n)
		}
		rest := text[i+len(p.EditedBy):]
		if shown := dom.Text(at); shown != "" {
			rest = strings.Replace(rest, shown, "", 1)
		}
		p.EditReason = strings.Trim(rest, " :().,")
	}
}

func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFiles).Each(func(_ int, e *goquery.Selection) {
		link := dom.First(e, selFileLink)
		if e.IsMatcher(cssA) {
			link = e
		}
		href := r.doc.Resolve(link.AttrOr("href", ""))
		name := dom.Text(dom.First(e, selFileName))
		if name == "" {
			name = link.AttrOr("title", "")
		}
		if name == "" && href == "" {
			return
		}
		id := attachmentID(href)
		if id == "" {
			id = dom.Digits(e.AttrOr("data-attachment-id", ""))
		}
		f := dom.File(id, name, href)
		f.SizeBytes, f.ViewCount = fileFacts(e)
		dom.AddFile(p, f)
	})
	dom.CountContent(p)
}

// fileFacts reads size and downloads: items of a list, of which the last counts
// downloads, or a line "1.2 MB – 34 Downloads".
func fileFacts(e *goquery.Selection) (size, views *int64) {
	text := dom.Text(dom.First(e, selFileMeta))
	if size = dom.Size(text); size == nil {
		return nil, nil
	}
	if facts := e.FindMatcher(selFileFacts); facts.Length() > 2 {
		return size, dom.Count(dom.Text(facts.Last()))
	}
	if _, rest, ok := strings.Cut(text, "–"); ok {
		views = dom.Count(rest)
	}
	return size, views
}

// attachmentID is the id in "attachment/12-name/".
func attachmentID(href string) string {
	for _, route := range [...]string{"attachment/", "file-download/"} {
		if _, rest, ok := strings.Cut(href, route); ok {
			return dom.IDAfter(rest, "")
		}
	}
	return ""
}
