package invision3

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTitle      = dom.Sel("h1.ipsType_pagetitle, h1[itemprop=name], h2.topic_title, .topic_title:not(a)")
	selAnyTitle   = dom.Sel("h1")
	selPrefix     = dom.Sel(".ipsType_pagetitle .topic_prefix, .topic_prefix, h1 .ipsBadge")
	selCrumb      = dom.Sel("#secondary_navigation li a[href], .breadcrumb li a[href], #breadcrumb a[href]")
	selTag        = dom.Sel(".topic_tags a, .ipsTag, a[rel=tag]")
	selLocked     = dom.Sel(".topic_buttons .closed, li.closed, .ipsButton.closed")
	selNav        = dom.Sel(".pagination")
	selActive     = dom.Sel("li.active, .page.active")
	selNavLink    = dom.Sel("a[href]")
	selNext       = dom.Sel("li.next a[href], a[rel=next][href]")
	selTime       = dom.Sel("abbr.published[title], abbr.published, .published[title], [itemprop=commentTime]")
	selAuthor     = dom.Sel(".post_username [itemprop=name], .author.vcard [itemprop=name], .post_username .author, .author.vcard, .author, .user_details > .hide[itemprop=name], h3.guest .post_username")
	selAuthorRef  = dom.Sel(".author a[href*='user/'], .author a[href*='showuser='], .post_username a[href*='user/'], .post_username a[href*='showuser='], .author_info a[href*='user/'], .author_info a[href*='showuser=']")
	selMemberName = dom.Sel(".member_title")
	selGroup      = dom.Sel(".group_title")
	selPostCount  = dom.Sel(".post_count")
	selAvatar     = dom.Sel(".author_info .avatar img, .avatar img, img.photo, img.ipsUserPhoto")
	selFieldName  = dom.Sel(".ft")
	selFieldValue = dom.Sel(".fc")
	selBody       = dom.Sel("[itemprop=commentText]")
	selFrame      = dom.Sel(".author_info, .post_body")
	selGuest      = dom.Sel("h3.guest")
	selBodyOther  = dom.Sel(".post.entry-content, .entry-content, .post")
	selEdit       = dom.Sel("p.edit, .edit")
	selSignature  = dom.Sel(".signature")
	selNumber     = dom.Sel(".post_id a, a[itemprop=replyToUrl]")
	selPermalink  = dom.Sel("a[itemprop=replyToUrl][href], a[data-entry-pid][href], .post_id a[href], a[rel=bookmark][href]")
	selLikes      = dom.Sel("[id^='like_post_'] , .ipsLikeBar_info")
	selRep        = dom.Sel(".rep_bar .number, .rep_bar .rep_up strong, .reputation .number")
	selFile       = dom.Sel("li.attachment, #attach_wrap li, .attachments li")
	selAnchor     = dom.Sel("a")
	selNameLink   = dom.Sel(".author a, .post_username a")
	selPicture    = dom.Sel("a[id^='ipb-attach-url-']")
	selDeleted    = dom.Sel("[id^='postsDelete_']")
	selCard       = dom.Sel(".author_info")
	selGuestHead  = dom.Sel("h3.guest")
	selHeadOther  = dom.Sel(".post_id, .ip, .posted_info, .right, label")
	selDownloads  = dom.Sel(".desc.lighter")
	selFileLink   = dom.Sel("a[href*='attach_id='], a[href*='section=attach']")
)

// heading is the page's first heading with words; the program's own comes
// before a skin's.
func (r *reader) heading() string {
	title := ""
	for _, m := range [...]goquery.Matcher{selTitle, selAnyTitle} {
		r.doc.FindMatcher(m).EachWithBreak(func(_ int, h *goquery.Selection) bool {
			title = dom.TextWithout(h, selPrefix)
			return title == ""
		})
		if title != "" {
			return title
		}
	}
	return ""
}

// blocks are the posts of the page.
func (r *reader) blocks() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		id := dom.IDAfter(s.AttrOr("id", ""), "post_id_")
		if id == "" || seen[id] || dom.First(s, selBody, selBodyOther, selFrame).Length() == 0 {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

func (r *reader) thread() {
	t := &forum.Thread{Page: 1, PageCount: 1, Type: "discussion"}
	r.page.Thread = t
	t.Title = r.heading()
	if p := dom.Text(r.doc.FirstOf(selPrefix)); p != "" {
		t.Prefix = []string{p}
	}
	r.page.Path = r.path()
	for _, href := range []string{r.doc.Canonical(), r.doc.Meta("og:url"), r.doc.URL.String()} {
		if id := ipsurl.TopicID(href); id != "" && t.ID == "" {
			t.ID, t.URL = id, ipsurl.FirstPage(href)
		}
	}
	if t.ID == "" { // the addresses are rewritten
		if t.ID = r.setting("topic_id"); t.ID != "" {
			t.URL = r.doc.Canonical()
		}
	}
	r.doc.FindMatcher(selTag).Each(func(_ int, s *goquery.Selection) {
		if tag := dom.Text(s); tag != "" && dom.Closest(s.Nodes[0], selPost) == nil {
			t.Tags = append(t.Tags, tag)
		}
	})
	if r.doc.Has(selLocked) {
		t.IsLocked = new(true)
	}
	r.pages(&t.Page, &t.PageCount)
	t.Rating = r.rating()
	if t.Poll = r.poll(); t.Poll != nil {
		t.Type = "poll"
	}
	r.posts(t)
	if t.Page == 1 && len(r.page.Posts) > 0 {
		first := r.page.Posts[0]
		t.Started = first.Published
		if a := first.Author; a != nil {
			t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest}
		}
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "neither the canonical link nor the address names a thread")
	}
	if t.Author == nil {
		r.gaps.Add("thread.author", "only the first page shows who started the thread")
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "no breadcrumb")
	}
}

func (r *reader) path() []forum.Crumb {
	var out []forum.Crumb
	seen := map[string]bool{}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		id, name := ipsurl.ForumID(href), dom.Text(s)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		out = append(out, forum.Crumb{Name: name, URL: ipsurl.FirstPage(href), ID: id})
	})
	if len(out) == 0 {
		out = r.rewrittenPath()
	}
	return out
}

// rewrittenPath is the breadcrumb of a board whose addresses carry no numbers:
// all but the index. The script's settings number the last.
func (r *reader) rewrittenPath() []forum.Crumb {
	id := r.setting("forum_id")
	if id == "" {
		return nil
	}
	var out []forum.Crumb
	seen := map[string]bool{r.page.Root: true}
	r.doc.FindMatcher(selCrumb).Each(func(_ int, s *goquery.Selection) {
		href, name := r.doc.Resolve(s.AttrOr("href", "")), dom.Text(s)
		if name != "" && !seen[href] {
			seen[href] = true
			out = append(out, forum.Crumb{Name: name, URL: href})
		}
	})
	if len(out) > 0 {
		out[len(out)-1].ID = id
	}
	return out
}

var reSetting = regexp.MustCompile(`ipb\.topic\.(topic_id|forum_id)\s*=\s*(\d+)`)

// setting is a number in the script's settings of a thread, or "".
func (r *reader) setting(name string) string {
	for _, m := range reSetting.FindAllStringSubmatch(r.doc.FindMatcher(cssScript).Text(), -1) {
		if m[1] == name && m[2] != "0" {
			return m[2]
		}
	}
	return ""
}

var reOf = regexp.MustCompile(`(\d+)\D+(\d+)`)

// pages reads the navigation: the active page, the link that jumps to a page
// ("Page 2 of 9") and the links themselves, some of which count posts.
func (r *reader) pages(current, last *int) {
	*current, *last = ipsurl.PageNumber(r.doc.URL.String()), 1
	nav := r.doc.FirstOf(selNav)
	if n, err := strconv.Atoi(dom.Text(dom.First(nav, selActive))); err == nil && n > 0 {
		*current = n
	} else if n := r.byOffset(nav); n > 0 {
		*current = n
	}
	if m := reOf.FindStringSubmatch(dom.Text(dom.First(nav, cssPagejumpPagejumpA))); m != nil {
		*last, _ = strconv.Atoi(m[2])
	}
	nav.FindMatcher(selNavLink).Each(func(_ int, a *goquery.Selection) {
		if n, err := strconv.Atoi(dom.Text(a)); err == nil {
			*last = max(*last, n)
		}
		*last = max(*last, ipsurl.PageNumber(r.doc.Resolve(a.AttrOr("href", ""))))
	})
	*last = max(*last, *current)
	if *current < *last {
		if r.page.Next = r.doc.NextLink(); r.page.Next == "" {
			r.page.Next = r.doc.Resolve(dom.First(nav, selNext).AttrOr("href", ""))
		}
	}
}

var reOffset = regexp.MustCompile(`(?:page__st__|[?&]st=)(\d+)`)

func offset(href string) int {
	m := reOffset.FindStringSubmatch(href)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// byOffset is the page by the offset in its address and the nearest smaller
// one that the page links: a page's worth of posts stands between them. 0 when
// the address names none.
func (r *reader) byOffset(nav *goquery.Selection) int {
	own, near := offset(r.doc.URL.String()), 0
	if own == 0 {
		return 0
	}
	if nav.Length() == 0 {
		nav = r.doc.Selection
	}
	nav.FindMatcher(cssAHref).Each(func(_ int, a *goquery.Selection) {
		if n := offset(a.AttrOr("href", "")); n < own && r.sameTopic(a) {
			near = max(near, n)
		}
	})
	if own%(own-near) != 0 {
		return 0
	}
	return own/(own-near) + 1
}

func (r *reader) sameTopic(a *goquery.Selection) bool {
	page, _, _ := strings.Cut(r.doc.URL.String(), "page__st__")
	return page != "" && strings.HasPrefix(r.doc.Resolve(a.AttrOr("href", "")), strings.TrimRight(page, "/?&"))
}

func (r *reader) posts(t *forum.Thread) {
	for i, s := range r.blocks() {
		p := forum.Post{ID: dom.IDAfter(s.AttrOr("id", ""), "post_id_"), State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	perPage := r.facts.PostsPerPage
	if n := len(r.page.Posts); t.Page < t.PageCount && n > 0 {
		perPage, r.page.Learned.PostsPerPage = n, n
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
		default:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		}
	}
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.Author = r.author(s); p.Author == nil {
		gap("author", "the post names nobody")
	}
	p.IsSolution = dom.Is(s, "solved")
	hidden := r.state(p, s)
	at := dom.First(s, selTime)
	if p.Published = r.clock.Element(at); !p.Published.Known() {
		gap("published_at", "no machine-readable time in the post's head")
	}
	if shown := dom.Text(at); shown != "" && p.Published.Known() {
		p.Published.Raw = shown
	}
	s.FindMatcher(selNumber).Each(func(_ int, a *goquery.Selection) {
		if n := dom.Count(strings.TrimPrefix(dom.Text(a), "#")); n != nil && *n > 0 {
			p.Position, p.PositionSource = *n, forum.PositionShown
		}
	})
	p.URL = r.doc.Resolve(dom.First(s, selPermalink).AttrOr("href", ""))
	body := dom.First(s, selBody, selBodyOther)
	switch {
	case hidden:
	case body.Length() == 0:
		gap("body", "no text in the post")
	default:
		r.doc.ReadBody(r.rules, body.Nodes[0]).Into(p)
	}
	r.edited(p, s)
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	r.files(p, s)
	p.Reactions = r.likes(s)
	if n := dom.Count(dom.Text(dom.First(s, selRep))); n != nil && *n != 0 {
		p.Votes = &forum.Votes{Score: n}
	}
}

// state tells posts that are hidden from those that wait for approval: of the
// first the page shows a note in place of the text.
func (r *reader) state(p *forum.Post, s *goquery.Selection) (hidden bool) {
	switch {
	case dom.Has(s, selDeleted):
		p.State = forum.PostDeleted
		return true
	case dom.Is(s, "moderated"):
		p.State = forum.PostModerated
	}
	return false
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	a := &forum.Author{Name: dom.Text(dom.First(s, selAuthor))}
	if a.Name == "" { // a guest's, without an element of its own in the head
		a.Name = dom.TextWithout(dom.First(s, selGuestHead), selHeadOther)
	}
	href := r.doc.Resolve(dom.First(s, selAuthorRef).AttrOr("href", ""))
	if a.ID = ipsurl.MemberID(href); a.ID != "" {
		a.URL = href
		if strings.Contains(href, "/user/") {
			a.URL = ipsurl.MemberURL(href)
		}
	}
	if a.Name == "" {
		return nil
	}
	a.Title = dom.Text(dom.First(s, selMemberName))
	if group := dom.Text(dom.First(s, selGroup)); group != "" && group != a.Title {
		a.Banners = append(a.Banners, group)
	}
	a.PostCount = dom.Count(dom.Text(dom.First(s, selPostCount)))
	// Where the reader may not see members, no name is a link.
	a.IsGuest = a.ID == "" && !dom.Has(s, selNameLink) && (r.doc.Has(selAuthorRef) || dom.Has(s, selGuest))
	if src := r.doc.Resolve(dom.First(s, selAvatar).AttrOr("src", "")); !strings.Contains(src, "default_large") && !strings.Contains(src, "default_thumb") {
		a.AvatarURL = src
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.lines(card, s)
	s.FindMatcher(selFieldName).Each(func(_ int, label *goquery.Selection) {
		card.Add("", dom.Text(label), dom.Text(label.NextMatcher(selFieldValue)))
	})
	return a
}

// lines reads the lines "Label: value" of cards that skins write anew, without
// the program's own lists.
func (r *reader) lines(card dom.Card, s *goquery.Selection) {
	box := dom.First(s, selCard)
	if box.Length() == 0 || dom.Has(box, selPostCount) {
		return
	}
	label := ""
	for _, line := range dom.SplitLines(box.Nodes[0], nil) {
		name, value, ok := dom.CutLabel(line)
		switch {
		case ok && value == "":
			label = name
		case ok:
			card.Add("", name, value)
			label = ""
		case label != "":
			card.Add("", label, line)
			label = ""
		}
	}
}

// edited reads the note below a text, "Edited by X, 12 March 2014 - 05:14 PM",
// the time behind the last comma that gives one, and the reason as its last
// line.
func (r *reader) edited(p *forum.Post, s *goquery.Selection) {
	note := dom.First(s, selEdit)
	if note.Length() == 0 {
		return
	}
	reason := dom.Text(dom.First(note, cssSpanReasonEmEditReason))
	text := strings.TrimSpace(strings.TrimSuffix(dom.Text(note), reason))
	head, when := text, text
	for i := 0; i < len(text); i++ {
		if text[i] != ',' {
			continue
		}
		if st := r.clock.Text(strings.Trim(text[i+1:], " .:")); st.Known() {
			p.Edited, head, when = st, text[:i], ""
			break
		}
	}
	if when != "" {
		if st, before, _ := r.clock.Within(text); st.Known() {
			p.Edited, head = st, before
		}
	}
	p.EditedBy = r.editor(p, head)
	p.EditReason = reason
}

// editor is the name at the end of "Edited by NAME": the author's, or what
// stands behind the words of the program's translations.
func (r *reader) editor(p *forum.Post, head string) string {
	head = strings.TrimRight(head, " ,:")
	if p.Author != nil && p.Author.Name != "" && strings.HasSuffix(head, p.Author.Name) {
		return p.Author.Name
	}
	if !strings.Contains(head, " ") {
		return ""
	}
	return dom.NameAfter(head, "")
}

func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selFile).Each(func(_ int, f *goquery.Selection) {
		link := dom.First(f, selFileLink)
		href := link.AttrOr("href", "")
		if picture := dom.First(f, selPicture); picture.Length() > 0 {
			dom.AddFile(p, r.picture(picture.Nodes[0]))
			return
		}
		if href == "" {
			return
		}
		name := dom.Text(dom.First(f, cssStrong))
		if name == "" {
			name = dom.Text(link)
		}
		a := dom.File(dom.Param(href, "attach_id"), name, r.doc.Resolve(href))
		behind := dom.TextWithout(f, selAnchor)
		if a.SizeBytes = dom.Size(behind); a.SizeBytes != nil {
			a.ViewCount = downloads(f, behind)
		}
		dom.AddFile(p, a)
	})
	dom.CountContent(p)
}

// downloads is the count that stands behind a file's size, in an element of its
// own or as the last number of the line.
func downloads(f *goquery.Selection, behind string) *int64 {
	if n := dom.Count(dom.Text(f.FindMatcher(selDownloads).Last())); n != nil {
		return n
	}
	i := strings.LastIndexByte(behind, ' ')
	last := behind[i+1:]
	if i < 0 || dom.Digits(last) != last {
		return nil
	}
	return dom.Count(last)
}

// reLikes is the number that a script is given beside the line of likes.
var reLikes = regexp.MustCompile(`domLikeStripId:\s*'like_[^}]*\}\s*,\s*parseInt\(\s*'(\d+)'`)

func (r *reader) likes(s *goquery.Selection) *forum.Reactions {
	box := dom.First(s, selLikes)
	var names []string
	rest := ""
	box.FindMatcher(cssAHref).Each(func(_ int, a *goquery.Selection) {
		if ipsurl.MemberID(a.AttrOr("href", "")) != "" {
			names = append(names, dom.Text(a))
		} else {
			rest = dom.Text(a)
		}
	})
	out := dom.Others(names, rest)
	if m := reLikes.FindStringSubmatch(s.FindMatcher(cssScript).Text()); m != nil && len(names) == 0 {
		out.Total, _ = strconv.ParseInt(m[1], 10, 64)
		out.UsersComplete = false // the names are no links
	}
	if out.Total <= 0 {
		return nil
	}
	n := out.Total
	out.Like, out.Types, out.ByType = &n, []string{"like"}, map[string]int64{"like": n}
	return &out
}
