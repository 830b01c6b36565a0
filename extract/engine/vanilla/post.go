package vanilla

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html/atom"
)

var (
	selMessage   = dom.Sel(".Message")
	selMessageIn = dom.Sel(".userContent, .Item-Body > div")
	selItem      = dom.Sel("[id^='Comment_'], [id^='Discussion_'], .ItemComment, .ItemDiscussion")
	selPermalink = dom.Sel("a.Permalink[href], .DateCreated a[href]")
	selItemName  = dom.Sel("a[name^='Item_']")
	selDate      = dom.Sel(".DateCreated time, .CommentInfo time, .DiscussionMeta time")
	selDateText  = dom.Sel(".DateCreated")
	selEdited    = dom.Sel(".DateUpdated")
	selUser      = dom.Sel(".Author .Username, a.Username, .Username")
	selUserOther = dom.Sel(".Author a[href*='/profile/']:not(.PhotoWrap), .AuthorWrap a[href*='/profile/']:not(.PhotoWrap)")
	selPhoto     = dom.Sel(".Author img.ProfilePhoto, img.ProfilePhoto, .PhotoWrap img")
	selRank      = dom.Sel(".AuthorInfo .Rank, .AuthorInfo .UserTitle, .MItem.UserTitle")
	selRoles     = dom.Sel(".AuthorInfo .RoleTitle, .AuthorInfo .Roles")
	selInfo      = dom.Sel(".AuthorInfo .MItem")
	selSignature = dom.Sel(".UserSignature, .Signature")
	selReaction  = dom.Sel(".ReactButton")
	selLabel     = dom.Sel(".ReactLabel")
	selCount     = dom.Sel(".Count")
	selFile      = dom.Sel(".Attachments .Attachment, .AttachFileContainer .Attachment, .FilesUploaded .Attachment")
	selFileName  = dom.Sel(".FileName a, .FileName, a[href]")
	selFileSize  = dom.Sel(".FileSize")
	selScore     = dom.Sel(".Voter .Score, .Votes .Score, .StatBox .Number")
)

// messages are the discussion's own post and its comments. Rows of listings
// have the same ids; only posts hold a message.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selItem).Each(func(_ int, s *goquery.Selection) {
		id := postID(s)
		if id == "" || seen[id] || dom.First(s, selMessage, selMessageIn).Length() == 0 {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

// postID is the number of a comment, or that of a discussion after a "d".
func postID(s *goquery.Selection) string {
	id := s.AttrOr("id", "")
	if n := dom.IDAfter(id, "Comment_"); n != "" {
		return n
	}
	if n := dom.IDAfter(id, "Discussion_"); n != "" {
		return "d" + n
	}
	return linkedComment(dom.First(s, selPermalink).AttrOr("href", ""))
}

func (r *reader) posts(t *forum.Thread) {
	all := r.messages()
	for _, s := range all {
		r.names.Add(dom.Text(dom.First(s, selUser, selUserOther)))
	}
	for _, s := range all {
		if t.Page > 1 && strings.HasPrefix(postID(s), "d") {
			continue // themes repeat the discussion above later pages
		}
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, len(r.page.Posts))
		r.page.Posts = append(r.page.Posts, p)
	}
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.ID = postID(s)
	p.URL = r.doc.Resolve(dom.First(s, selPermalink).AttrOr("href", ""))
	if p.URL == "" && !strings.HasPrefix(p.ID, "d") {
		p.URL = r.page.Root + "discussion/comment/" + p.ID + "/#Comment_" + p.ID
	}
	if p.Published = r.clock.Element(dom.First(s, selDate, selDateText)); !p.Published.Known() {
		gap("published_at", "no readable time in the post's heading")
	}
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsDeleted && !p.Author.IsGuest {
		gap("author.id", "no attribute names the account")
	}
	if strings.HasPrefix(p.ID, "d") {
		p.Position, p.PositionSource = 1, forum.PositionComputed
	} else if n := dom.Count(strings.TrimPrefix(dom.First(s, selItemName).AttrOr("name", ""), "Item_")); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n+1, forum.PositionPostNumber
	}
	r.edit(p, dom.First(s, selEdited))
	r.doc.ReadBody(r.rules, dom.First(s, selMessage, selMessageIn).Nodes[0]).Into(p)
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(nil, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = reactions(s)
	if n := dom.Count(dom.Text(dom.First(s, selScore))); n != nil {
		p.Votes = &forum.Votes{Score: n}
	}
	p.IsSolution = strings.Contains(s.AttrOr("class", ""), "Accepted")
	r.files(p, s)
}

// edit reads "Edited DATE by NAME." in the title of the note.
func (r *reader) edit(p *forum.Post, s *goquery.Selection) {
	if s.Length() == 0 {
		return
	}
	title := s.AttrOr("title", "")
	if title == "" {
		title = dom.Text(s)
	}
	st, before, after := r.clock.Within(title)
	p.Edited = st
	if st.IsZero() {
		p.Edited = forum.Stamp{Raw: title, Precision: forum.PrecisionUnknown}
		return
	}
	for _, text := range []string{strings.TrimRight(after, ". "), before} {
		if name := dom.KnownName(text, r.names, true); name != "" {
			p.EditedBy = name
			return
		}
	}
	if after = strings.TrimRight(after, ". "); after != "" {
		p.EditedBy = dom.NameAfter(after, "")
	}
}

// author reads the name with its number, which an attribute holds. Deleted
// accounts have number 0 or none, and their name in brackets.
func (r *reader) author(s *goquery.Selection) *forum.Author {
	link := dom.First(s, selUser, selUserOther)
	name := dom.Text(link)
	if name == "" {
		return nil
	}
	a := r.user(link)
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		a.IsDeleted, a.ID, a.URL = true, "", ""
	} else if a.ID == "" && a.URL == "" {
		a.IsGuest = link.Nodes[0].DataAtom != atom.A // guests' names are no links
	}
	if src := r.doc.Resolve(dom.First(s, selPhoto).AttrOr("src", "")); src != "" && !strings.Contains(src, "vanillicon.com") {
		a.AvatarURL = src
	}
	rank := dom.First(s, selRank)
	if a.Title = dom.Text(rank); rank.AttrOr("title", "") != "" && !strings.ContainsFunc(a.Title, isLetter) {
		a.Title = rank.AttrOr("title", "") // stars for a name
	}
	s.FindMatcher(selRoles).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" {
			a.Banners = append(a.Banners, text)
		}
	})
	card := dom.Card{Author: a, Clock: r.clock}
	s.FindMatcher(selInfo).Each(func(_ int, e *goquery.Selection) {
		if dom.Is(e, "Rank") || dom.Is(e, "UserTitle") || dom.Is(e, "Roles") || dom.Is(e, "RoleTitle") {
			return
		}
		text := dom.Text(e)
		if label, value, ok := dom.CutLabel(text); ok {
			card.Add("", label, value)
		} else if dom.Is(e, "Location") {
			a.Location = text
		} else if dom.Is(e, "Joined") {
			a.Joined = r.clock.Text(text)
		}
	})
	return a
}

func isLetter(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0xc0 && c < 0x2000
}

// user reads a link to an account.
func (r *reader) user(link *goquery.Selection) *forum.Author {
	href := r.doc.Resolve(link.AttrOr("href", ""))
	a := &forum.Author{Name: dom.Text(link), URL: href, ID: dom.Digits(link.AttrOr("data-userid", ""))}
	if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile && a.ID == "" {
		a.ID = l.ID
	}
	if a.ID == "0" {
		a.ID = ""
	}
	return a
}

// reactions reads the buttons with a count; each kind has its own class.
func reactions(s *goquery.Selection) *forum.Reactions {
	out := &forum.Reactions{ByType: map[string]int64{}}
	s.FindMatcher(selReaction).Each(func(_ int, b *goquery.Selection) {
		n := dom.Count(dom.Text(dom.First(b, selCount)))
		kind := ""
		for class := range strings.FieldsSeq(b.AttrOr("class", "")) {
			if name, ok := strings.CutPrefix(class, "ReactButton-"); ok {
				kind = dom.Slug(name)
			}
		}
		if kind == "" {
			kind = dom.Slug(dom.Text(dom.First(b, selLabel)))
		}
		if n == nil || *n <= 0 || kind == "" || kind == "flag" || kind == "spam" || kind == "quote" {
			return
		}
		out.ByType[kind] += *n
		out.Types = append(out.Types, kind)
		out.Total += *n
	})
	if out.Total == 0 {
		return nil
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out
}

// files reads the list of the file upload add-on.
func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFile).Each(func(_ int, e *goquery.Selection) {
		link := dom.First(e, selFileName)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		if href == "" {
			href = r.doc.Resolve(dom.First(e, cssAHref).AttrOr("href", ""))
		}
		f := dom.File("", dom.Text(link), href)
		f.SizeBytes = dom.Size(dom.Text(dom.First(e, selFileSize)))
		if f.Filename != "" {
			dom.AddFile(p, f)
		}
	})
	dom.CountContent(p)
}
