package fluxbb

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
	selPost      = dom.Sel(".blockpost[id^='p']")
	selHead      = dom.Sel("h2")
	selHeadLink  = dom.Sel("h2 a[href]")
	selNumber    = dom.Sel("h2 .conr")
	selNumberIn  = dom.Sel(".conr")
	selName      = dom.Sel(".postleft dt, .postleft .username")
	selUserTitle = dom.Sel(".postleft .usertitle")
	selAvatar    = dom.Sel(".postavatar img, .postleft img[src*='avatars/']")
	selPair      = dom.Sel(".postleft dd")
	selWebsite   = dom.Sel(".usercontacts .website a[href]")
	selContact   = dom.Sel(".usercontacts a[href]")
	selFoot      = dom.Sel(".postfootleft")
	selText      = dom.Sel(".postmsg:not(.postsignature)")
	selTextOther = dom.Sel(".postright > div:not(.postsignature):not(.clearer)")
	selColumns   = dom.Sel(".postright, .postleft, .postmsg")
	selEdit      = dom.Sel(".postedit")
	selSignature = dom.Sel(".postsignature")
	selFile      = dom.Sel("a[href*='attachment.php?item=']")
)

// messages are the posts: blocks with a post's id. Previews, forms and search
// results that look alike have none or are marked.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		if dom.IDAfter(s.AttrOr("id", ""), "p") != "" && !dom.Is(s, "searchposts") && dom.Has(s, selColumns) {
			out = append(out, s)
		}
	})
	return out
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
		r.names.Add(dom.Text(dom.First(s, selName)))
		s.FindMatcher(selCite).Each(func(_ int, c *goquery.Selection) { quotes = append(quotes, dom.Text(c)) })
		if note, _ := r.editNote(s); note != "" {
			notes = append(notes, note)
		}
	}
	r.wrote, r.edited = dom.WroteTail(quotes, r.names), dom.ByLead(notes, r.names)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.ID = dom.IDAfter(s.AttrOr("id", ""), "p")
	link := s.FindMatcher(selHeadLink).Last()
	if href := r.doc.Resolve(link.AttrOr("href", "")); punurl.PostID(href) == p.ID {
		p.URL = href
	} else if r.page.Root != "" {
		p.URL = r.page.Root + "viewtopic.php?pid=" + p.ID + "#p" + p.ID
	}
	p.Published = r.published(s, link)
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
	s.FindMatcher(selFile).Each(func(_ int, a *goquery.Selection) { dom.AddFile(p, r.file(a)) })
	dom.CountContent(p)
	if n := dom.Count(dom.Text(dom.First(s, selNumber))); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
}

func (r *reader) published(s, link *goquery.Selection) forum.Stamp {
	if st := r.clock.Text(dom.Text(link)); st.Known() {
		return st
	}
	return r.clock.Text(dom.TextWithout(dom.First(s, selHead), selNumberIn))
}

// editNote is the note on the last edit without its time, which stands in
// parentheses at its end.
func (r *reader) editNote(s *goquery.Selection) (string, forum.Stamp) {
	e := dom.First(s, selEdit)
	text := dom.Text(e)
	open := strings.LastIndex(text, "(")
	if open < 0 {
		st, before, _ := r.clock.Within(text)
		return strings.TrimRight(before, " ,"), st
	}
	return strings.TrimSpace(text[:open]), r.clock.Text(strings.Trim(text[open:], "()。. "))
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	box := dom.First(s, selName)
	name := dom.Text(box)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, Title: dom.Text(dom.First(s, selUserTitle))}
	href := r.doc.Resolve(dom.First(box, selLink).AttrOr("href", ""))
	if a.ID = punurl.ID(forum.KindProfile, href); a.ID != "" {
		a.URL = href
	}
	if src := dom.First(s, selAvatar).AttrOr("src", ""); src != "" {
		a.AvatarURL = r.doc.Resolve(src)
		if m := reAvatar.FindStringSubmatch(src); m != nil && a.ID == "" {
			a.ID = m[1]
		}
	}
	r.card(a, s)
	// Names are links only to those who may see members: an account that is
	// none is told from a guest by what the card and the footer say of it.
	a.IsGuest = a.ID == "" && a.Joined.IsZero() && a.PostCount == nil && dom.Text(dom.First(s, selFoot)) == ""
	return a
}

var reAvatar = regexp.MustCompile(`avatars/(\d+)\.`)

// card reads the lines beside a post: "Label: value".
func (r *reader) card(a *forum.Author, s *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	var lines []string
	s.FindMatcher(selPair).Each(func(_ int, dd *goquery.Selection) {
		if text := dom.Text(dd); text != "" && !dom.Is(dd, "usertitle") && !dom.Is(dd, "postavatar") && !dom.Is(dd, "usercontacts") {
			lines = append(lines, text)
		}
	})
	card.AddInOrder(lines)
	sites := s.FindMatcher(selWebsite)
	if sites.Length() == 0 {
		sites = s.FindMatcher(selContact)
	}
	sites.Each(func(_ int, e *goquery.Selection) {
		if href := r.doc.Resolve(e.AttrOr("href", "")); href != "" && !strings.Contains(href, "misc.php?") {
			a.Websites = append(a.Websites, href)
		}
	})
}

// file is a file of the attachment add-on.
func (r *reader) file(a *goquery.Selection) forum.Attachment {
	href := r.doc.Resolve(a.AttrOr("href", ""))
	f := dom.File(dom.Param(href, "item"), dom.Text(a), href)
	if next := a.Nodes[0].NextSibling; next != nil {
		f.SizeBytes = dom.Size(dom.NodeText(next))
	}
	return f
}
