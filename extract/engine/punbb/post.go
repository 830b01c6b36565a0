package punbb

import (
	"fmt"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selHead      = dom.Sel(".posthead, [id^='p']:haschild(.post-ident)")
	selPostBox   = dom.Sel(".post, .replypost, .topicpost")
	selNumber    = dom.Sel(".post-num")
	selPermalink = dom.Sel(".post-link a[href], a.permalink[href]")
	selPostLink  = dom.Sel(".post-link")
	selName      = dom.Sel(".author-ident .username")
	selByline    = dom.Sel(".post-byline a, .post-byline strong, .post-byline em")
	selUserTitle = dom.Sel(".author-ident .usertitle")
	selStatus    = dom.Sel(".author-ident .userstatus")
	selAvatar    = dom.Sel(".useravatar img")
	selInfo      = dom.Sel(".author-info li")
	selSite      = dom.Sel(".post-contacts .user-url a[href], .contacts .user-url a[href]")
	selEdit      = dom.Sel(".post-edit, .lastedit")
	selText      = dom.Sel(".entry-content")
	selTextOther = dom.Sel(".post-entry > div:not(.sig-content):not(.attachments)")
	selColumns   = dom.Sel(".postbody, .post-entry, .entry-content")
	selSignature = dom.Sel(".sig-content")
	selFile      = dom.Sel("a[href*='misc.php?action=pun_attachment'], a[href*='/attachment/'], .attachments a[href*='item=']")
	selCite      = dom.Sel(".quotebox > cite")
)

// messages are the posts: the boxes around a head that has a post's id.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selHead).Each(func(_ int, head *goquery.Selection) {
		box := dom.Closest(head.Nodes[0], selPostBox)
		if box == nil {
			box = head.Nodes[0].Parent
		}
		if postID(head) == "" {
			return
		}
		if s := r.doc.FindNodes(box); s.FindMatcher(selHead).Length() == 1 && dom.Has(s, selColumns) {
			out = append(out, s)
		}
	})
	return out
}

// postID is the id of a post's head, else of its box or its own link.
func postID(head *goquery.Selection) string {
	if id := dom.IDAfter(head.AttrOr("id", ""), "p"); id != "" {
		return id
	}
	if id := dom.IDAfter(head.Parent().AttrOr("id", ""), "p"); id != "" {
		return id
	}
	return punurl.PostID(dom.First(head, selPermalink).AttrOr("href", ""))
}

func (r *reader) posts() {
	all := r.messages()
	r.frames(all)
	for i, s := range all {
		p := forum.Post{State: forum.PostVisible, Page: r.page.Thread.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
}

// frames learns the words of the page's language around names.
func (r *reader) frames(all []*goquery.Selection) {
	var quotes, notes []string
	for _, s := range all {
		r.names.Add(dom.Text(dom.First(s, selName, selByline)))
		s.FindMatcher(selCite).Each(func(_ int, c *goquery.Selection) { quotes = append(quotes, dom.Text(c)) })
		if note, _ := r.editNote(s); note != "" {
			notes = append(notes, note)
		}
	}
	r.wrote, r.edited = dom.WroteTail(quotes, r.names), dom.ByLead(notes, r.names)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	head := dom.First(s, selHead)
	p.ID = postID(head)
	link := dom.First(head, selPermalink)
	if p.URL = r.doc.Resolve(link.AttrOr("href", "")); p.URL == "" && r.page.Root != "" {
		p.URL = r.page.Root + "viewtopic.php?pid=" + p.ID + "#p" + p.ID
	}
	if p.Published = r.clock.Text(dom.Text(link)); !p.Published.Known() {
		p.Published = r.clock.Text(dom.Text(dom.First(head, selPostLink)))
	}
	if !p.Published.Known() {
		gap("published_at", "no readable time in the post's heading")
	}
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "no link to the account")
	}
	if note, at := r.editNote(s); note != "" {
		p.Edited, p.EditedBy = at, dom.EditorIn(note, r.edited, r.names)
	}
	if text := dom.First(s, selText, selTextOther); text.Length() > 0 {
		r.doc.ReadBody(r.rules, text.Nodes[0]).Into(p)
	} else {
		gap("body", "the post shows no text")
	}
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	s.FindMatcher(selFile).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		f := dom.File(dom.Param(href, "item"), dom.Text(a), href)
		f.SizeBytes = dom.Size(dom.Text(a.Parent()))
		dom.AddFile(p, f)
	})
	dom.CountContent(p)
	if n := dom.Count(dom.Text(dom.First(head, selNumber))); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
}

// editNote is the note on the last edit without its time, which stands in
// parentheses at its end.
func (r *reader) editNote(s *goquery.Selection) (string, forum.Stamp) {
	text := strings.Trim(dom.Text(dom.First(s, selEdit)), "() ")
	open := strings.LastIndex(text, "(")
	if open < 0 {
		st, before, _ := r.clock.Within(text)
		return strings.TrimRight(before, " ,"), st
	}
	return strings.TrimSpace(text[:open]), r.clock.Text(strings.Trim(text[open:], "() "))
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	box := dom.First(s, selName, selByline)
	name := dom.Text(box)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, Title: dom.Text(dom.First(s, selUserTitle))}
	for _, link := range []*goquery.Selection{box, dom.First(box, selLink), dom.First(s, selByline)} {
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if a.ID = punurl.ID(forum.KindProfile, href); a.ID != "" {
			a.URL = href
			break
		}
	}
	if src := dom.First(s, selAvatar).AttrOr("src", ""); src != "" {
		a.AvatarURL = r.doc.Resolve(src)
		if m := reAvatar.FindStringSubmatch(src); m != nil && a.ID == "" {
			a.ID = m[1]
		}
	}
	card := dom.Card{Author: a, Clock: r.clock}
	var lines []string
	s.FindMatcher(selInfo).Each(func(_ int, li *goquery.Selection) {
		if text := dom.Text(li); text != "" {
			lines = append(lines, text)
		}
	})
	card.AddInOrder(lines)
	s.FindMatcher(selSite).Each(func(_ int, e *goquery.Selection) {
		if href := r.doc.Resolve(e.AttrOr("href", "")); href != "" {
			a.Websites = append(a.Websites, href)
		}
	})
	// Names are links only to those who may see members: an account that is
	// none is told from a guest by what else the card says.
	a.IsGuest = a.ID == "" && a.Joined.IsZero() && a.PostCount == nil && dom.Text(dom.First(s, selStatus)) == ""
	return a
}

var reAvatar = regexp.MustCompile(`avatars/(\d+)\.`)
