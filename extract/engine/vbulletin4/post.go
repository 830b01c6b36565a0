package vbulletin4

import (
	"fmt"
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selText       = dom.Sel("[id^='post_message_'] .postcontent")
	selTextOther  = dom.Sel("[id^='post_message_'], .postbody .postcontent, .content .postcontent")
	selDate       = dom.Sel(".posthead .date, .postdate .date")
	selDateLine   = dom.Sel(".postdate, .posthead")
	selCounter    = dom.Sel("a.postcounter, .postcounter")
	selPermalink  = dom.Sel("a.postcounter[href], .nodecontrols a[href*='#post'], a[name^='post'][href]")
	selUser       = dom.Sel(".username_container a.username, .username_container .username, .userinfo a.username, .userinfo .username, a.username, .username")
	selUserTitle  = dom.Sel(".userinfo .usertitle, .username_container .usertitle, .usertitle")
	selRank       = dom.Sel(".userinfo .rank, .rank")
	selPairs      = dom.Sel(".userinfo_extra dt, dl.userinfo_extra dt, .userinfo dl dt, .userstats dt, .user_attr dt")
	selAvatar     = dom.Sel("a.postuseravatar img, .postuseravatar img, .userinfo img[src*='avatar'], .userinfo img[src*='image.php?u=']")
	selSubject    = dom.Sel("h2.title, h2.posttitle, .posttitle")
	selEdited     = dom.Sel(".lastedited")
	selEditReason = dom.Sel(".reason")
	selFiles      = dom.Sel(".attachments")
	selSignature  = dom.Sel(".signaturecontainer, .signature")
	selThumbs     = dom.Sel("[id^='sc_thumbs_box_'] .tool")
	selThanks     = dom.Sel("[id^='post_thanks_box_'], .postlike_container, .vbseo_liked, .likes_list, [id^='dbtech_thanks_entries_'] .dbtech_thanks_users")
	selInBody     = dom.Sel("[id^='post_message_'], .signature, .signaturecontainer")
)

// messages are the posts of the page: list items whose id names one. The list
// holds advertisements too, without an id.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	text := false
	seen := map[string]bool{}
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		id := dom.IDAfter(s.AttrOr("id", ""), "post_")
		if id == "" || "post_"+id != s.AttrOr("id", "") || seen[id] {
			return
		}
		seen[id] = true
		text = text || dom.First(s, selText, selTextOther).Length() > 0
		out = append(out, s)
	})
	if !text {
		return nil
	}
	return out
}

func (r *reader) posts(t *forum.Thread, perPage int) {
	for i, s := range r.messages() {
		p := forum.Post{ID: dom.IDAfter(s.AttrOr("id", ""), "post_"), State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t, perPage)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	r.position(p, s)
	p.Author = r.author(s)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest:
		gap("author.id", "the link to the account carries no number")
	}
	if p.Published = r.published(s); !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	text := dom.First(s, selText, selTextOther)
	if dom.Is(s, "postbitdeleted") || dom.Is(s, "postbitignored") || text.Length() == 0 {
		p.State = forum.PostDeleted
		if dom.Is(s, "postbitignored") {
			p.State = forum.PostModerated
		}
	}
	if text.Length() > 0 {
		r.doc.ReadBody(vbmarkup.Rules(r.doc), text.Nodes[0]).Into(p)
	}
	p.Title = dom.Text(dom.First(s, selSubject))
	r.edited(p, s)
	s.FindMatcher(selFiles).Each(func(_ int, f *goquery.Selection) { vbmarkup.Files(r.doc, p, f) })
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(vbmarkup.Rules(r.doc), sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = reactions(s)
}

// edited reads the note under the text; its reason has an element of its own.
func (r *reader) edited(p *forum.Post, s *goquery.Selection) {
	note := dom.First(s, selEdited)
	if note.Length() == 0 {
		return
	}
	name := ""
	if p.Author != nil {
		name = p.Author.Name
	}
	vbmarkup.ReadEdit(note.Nodes[0], name, r.clock).Into(p)
	if label := dom.Text(dom.First(note, selEditReason)); label != "" && p.EditReason == "" {
		if _, after, ok := strings.Cut(dom.Text(note), label); ok {
			p.EditReason = strings.TrimSpace(after)
		}
	}
}

func (r *reader) position(p *forum.Post, s *goquery.Selection) {
	n := dom.Count(dom.ByID(s, "postcount"+p.ID).AttrOr("name", ""))
	if n == nil {
		n = dom.Count(dom.Text(dom.First(s, selCounter)))
	}
	if n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
	href := r.doc.Resolve(dom.First(s, selPermalink).AttrOr("href", ""))
	if vburl.PostID(href) == p.ID {
		p.URL = vburl.WithoutSession(href)
	} else if r.page.Root != "" {
		p.URL = r.page.Root + "showthread.php?p=" + p.ID + "#post" + p.ID
	}
}

func (r *reader) published(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	for _, m := range [...]goquery.Matcher{selDate, selDateLine} { // themes put more than the date into the line
		s.FindMatcher(m).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if dom.Closest(e.Nodes[0], selInBody) != nil {
				return true
			}
			found = r.clock.Text(dom.TextWithout(e, selControls))
			return !found.Known()
		})
		if found.Known() {
			break
		}
	}
	return found
}

var selControls = dom.Sel(".nodecontrols")

func (r *reader) author(s *goquery.Selection) *forum.Author {
	link := dom.First(s, selUser)
	name := dom.Text(link)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if href == "" {
		href = r.doc.Resolve(dom.First(s, cssUsernameContainerAHrefMember).AttrOr("href", ""))
	}
	if vburl.IsMember(href) {
		a.ID, a.URL = vburl.MemberID(href), memberURL(href)
		if a.ID == "" {
			a.ID = searchID(s)
		}
	} else {
		a.IsGuest = true
	}
	a.Title = dom.Text(dom.First(s, selUserTitle))
	if rank := dom.Text(dom.First(s, selRank)); rank != "" {
		a.Banners = append(a.Banners, rank)
	}
	card := dom.Card{Author: a, Clock: r.clock}
	s.FindMatcher(selPairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	a.AvatarURL = vburl.WithoutSession(r.doc.Resolve(dom.First(s, selAvatar).AttrOr("src", "")))
	return a
}

// searchID is the account's number in the menu's link to its posts, where the
// profile's address has a name instead.
func searchID(s *goquery.Selection) string {
	href := dom.First(s, cssAHrefSearchPhpHrefUserid).AttrOr("href", "")
	return dom.Digits(dom.Param(href, "userid"))
}

func memberURL(href string) string {
	u := parse(href)
	if u == nil {
		return href
	}
	if l, ok := vburl.Canonical(u); ok {
		return l.URL
	}
	return href
}

// reactions reads the boxes of the add-ons that thank or like.
func reactions(s *goquery.Selection) *forum.Reactions {
	var out *forum.Reactions
	s.FindMatcher(selThanks).EachWithBreak(func(_ int, box *goquery.Selection) bool {
		kind := "like"
		if strings.Contains(box.AttrOr("id", "")+box.AttrOr("class", ""), "thanks") {
			kind = "thanks"
		}
		out = vbmarkup.Thanks(box, kind)
		return out == nil
	})
	if out != nil {
		return out
	}
	if n := dom.Count(dom.Text(dom.First(s, selThumbs))); n != nil && *n > 0 {
		return &forum.Reactions{Total: *n, Like: n, ByType: map[string]int64{"like": *n}, Types: []string{"like"}}
	}
	return nil
}

// positions fills what the page does not show.
func (r *reader) positions(t *forum.Thread, perPage int) {
	if n := len(r.page.Posts); perPage == 0 && t.Page < t.PageCount && n > 0 {
		perPage = n
	}
	r.page.Learned.PostsPerPage = perPage
	if perPage == 0 {
		perPage = r.facts.PostsPerPage
	}
	start := 0
	if n := dom.Count(r.doc.FirstOf(selList).AttrOr("start", "")); n != nil && *n > 0 {
		start = int(*n)
	}
	before := dom.NumbersBefore(r.page.Posts, func(*forum.Post) bool { return true })
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case before >= 0:
			p.Position, p.PositionSource = before+int64(i)+1, forum.PositionComputed
		case t.Page == 1 || perPage > 0:
			p.Position, p.PositionSource = int64((t.Page-1)*perPage+i+1), forum.PositionComputed
		case start > 1:
			p.Position, p.PositionSource = int64(start+i), forum.PositionComputed
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}

func parse(href string) *url.URL {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
