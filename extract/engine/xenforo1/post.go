package xenforo1

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selPost          = dom.Sel("li.message")
	selMessageList   = dom.Sel("#messageList, ol.messageList")
	selUserText      = dom.Sel(".messageUserInfo .username, .userText .username, .messageUserBlock .username, .uix_userTextInner .username")
	selAuthorEnd     = dom.Sel(".messageMeta .author, .messageDetails .username, .authorEnd .username")
	selUserTitle     = dom.Sel(".userTitle")
	selBanner        = dom.Sel(".userBanner")
	selAvatar        = dom.Sel("a.avatar, span.avatar")
	selAvatarOther   = dom.Sel(".avatarHolder a[href], [data-avatarhtml], .placeholderContent a[href*='members/']")
	selAvatarImg     = dom.Sel("img")
	selPairs         = dom.Sel(".extraUserInfo dl, .userInfoExtra dl, .messageUserInfo dl.pairsJustified, .messageUserInfo dl.pairsInline")
	selNumber        = dom.Sel(".postNumber")
	selDatePermalink = dom.Sel("a.datePermalink[href]")
	selPublished     = dom.Sel(".messageMeta .privateControls .DateTime, .messageDetails .DateTime, .messageMeta .DateTime, .datePermalink .DateTime")
	selEdit          = dom.Sel(".editDate")
	selText          = dom.Sel(".messageText:not(.signature)")
	selTextOther     = dom.Sel(".messageContent article > blockquote, .messageContent > blockquote, .messageContent > article")
	selSignature     = dom.Sel(".signature")
	selLikes         = dom.Sel(".likesSummary, [id^='likes-post-']")
	selLikeText      = dom.Sel(".LikeText, .likesSummary")
	selLikers        = dom.Sel("a.username")
	selLikeRest      = dom.Sel("a[href$='/likes'], a[href*='/likes']")
	selRatings       = dom.Sel(".dark_postrating_outputlist li")
	selAttachment    = dom.Sel(".attachedFiles .attachment, li.attachment")
	selFileName      = dom.Sel(".filename a, h6 a")
	selFileNames     = dom.Sel(".filename, h6")
	selPairRow       = dom.Sel("dl")
)

// messages are the posts on the page: list items of the message list that name
// an author or a post. Advertisements between posts name neither.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		if dom.Closest(n.Parent, selPost) != nil || dom.HasClass(n, "messageSimple") || dom.HasClass(n, "quickReply") || n.Parent != nil && dom.Closest(n.Parent, selWidget) != nil {
			return
		}
		named := dom.IDAfter(dom.Attr(n, "id"), "post-") != "" || dom.Attr(n, "data-author") != ""
		if !named && (n.Parent == nil || !selMessageList.Match(n.Parent)) {
			return
		}
		if dom.First(s, selText, selTextOther).Length() > 0 || (named && dom.HasClass(n, "placeholder")) {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) posts(t *forum.Thread) {
	for i, s := range r.messages() {
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.ID = postID(s)
	if p.ID == "" {
		gap("id", "neither the element nor a link names the post")
	}
	p.URL = r.permalink(s, p.ID)
	p.Author = r.author(s)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest:
		gap("author.id", "no link to the account")
	}
	if dom.Is(s, "placeholder") {
		p.State = forum.PostDeleted
		gap("body", "the post is deleted: its place and author alone are shown")
		return
	}
	p.Published = r.published(s)
	if !p.Published.Known() {
		gap("published_at", "no readable time in the post's own line")
	}
	if e := dom.First(s, selEdit); e.Length() > 0 {
		p.Edited = r.clock.Element(dom.First(e, selDateTime))
		if p.Edited.IsZero() {
			p.Edited = r.clock.Text(dom.Text(e))
		}
		if reModerator.MatchString(dom.TextWithout(e, selDateTime)) {
			p.EditedBy = "moderator"
		}
	}
	text := dom.First(s, selText, selTextOther)
	if text.Length() > 0 {
		r.doc.ReadBody(r.rules, text.Nodes[0]).Into(p)
	}
	r.signature(p, s)
	r.files(p, s)
	p.Reactions = r.reactions(s)
	if n := dom.Count(dom.Text(dom.First(s, selNumber))); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
	switch {
	case dom.Is(s, "deleted"):
		p.State = forum.PostDeleted
	case dom.Is(s, "moderated"), dom.Has(s, selModerated):
		p.State = forum.PostModerated
	}
}

var (
	selModerated = dom.Sel(".messageNotices .moderatedNotice")
	selWidget    = dom.Sel(".sidebar, .similarThreads, #QuickReply, .quickReply")
	reModerator  = regexp.MustCompile(`(?i)moder|модер|版主|モデ|مشرف`)
)

func postID(s *goquery.Selection) string {
	if id := dom.IDAfter(s.AttrOr("id", ""), "post-"); id != "" {
		return id
	}
	for _, m := range []goquery.Matcher{selDatePermalink, selNumber} {
		e := dom.First(s, m)
		for _, attr := range [...]string{"href", "data-href"} {
			if id := xfurl.PostID(e.AttrOr(attr, "")); id != "" {
				return id
			}
		}
	}
	if likes := dom.First(s, selLikes); likes.Length() > 0 {
		return dom.IDAfter(likes.AttrOr("id", ""), "likes-post-")
	}
	return ""
}

// permalink is the post's own link; where the number links to an overlay only,
// it is built by the engine's grammar.
func (r *reader) permalink(s *goquery.Selection, id string) string {
	for _, m := range []goquery.Matcher{selDatePermalink, selNumber} {
		href := dom.First(s, m).AttrOr("href", "")
		if xfurl.PostID(href) == id && id != "" && (xfurl.ThreadID(href) != "" || xfurl.TargetID(href) != "") {
			return r.doc.Resolve(href)
		}
	}
	if id == "" || r.page.Root == "" {
		return ""
	}
	return r.page.Root + "posts/" + id + "/"
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	link := dom.First(s, selUserText, selAuthorEnd)
	name := dom.Text(link)
	if name == "" {
		name = strings.TrimSpace(s.AttrOr("data-author", ""))
	}
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	href := link.AttrOr("href", "")
	if a.ID = accountID(href); a.ID != "" {
		a.URL = r.doc.Resolve(href)
	}
	r.avatar(a, s)
	a.IsGuest = a.ID == ""
	a.Title = dom.Text(dom.First(s, selUserTitle))
	s.FindMatcher(selBanner).Each(func(_ int, b *goquery.Selection) {
		if text := dom.Text(b); text != "" {
			a.Banners = append(a.Banners, text)
		}
		if dom.Is(b, "bannerStaff") {
			a.Roles = []string{"staff"}
		}
	})
	if dom.Is(link, "banned") || dom.Has(link, selBanned) {
		a.Roles = append(a.Roles, "banned")
	}
	r.card(a, s.FindMatcher(selPairs))
	return a
}

// avatar reads the picture, and the account's id from the class that the
// engine gives it ("Av12m"): it stays where themes drop the profile link.
func (r *reader) avatar(a *forum.Author, s *goquery.Selection) {
	e := dom.First(s, selAvatar, selAvatarOther)
	if e.Length() == 0 {
		return
	}
	for class := range strings.FieldsSeq(e.AttrOr("class", "")) {
		if id := dom.IDAfter(class, "Av"); id != "" && id != "0" && a.ID == "" {
			a.ID = id
		}
	}
	if a.ID == "" {
		a.ID = accountID(e.AttrOr("href", ""))
	}
	if a.URL == "" {
		if href := e.AttrOr("href", ""); accountID(href) != "" {
			a.URL = r.doc.Resolve(href)
		}
	}
	src := r.doc.Resolve(dom.First(e, selAvatarImg).AttrOr("src", ""))
	if src == "" {
		src = r.doc.Resolve(styleURL(dom.Find(e.Nodes[0], selStyled)))
	}
	if src != "" && !strings.Contains(src, "/avatar_") { // avatar_m.png and kin: none set
		a.AvatarURL = src
	}
}

var selBanned = dom.Sel(".banned")

var selStyled = dom.Sel("[style*='url(']")

// styleURL is the picture of a sprite avatar's background.
func styleURL(n *html.Node) string {
	_, rest, ok := strings.Cut(dom.Attr(n, "style"), "url(")
	if !ok {
		return ""
	}
	inner, _, _ := strings.Cut(rest, ")")
	return strings.Trim(inner, "'\" ")
}

// card reads the label and value pairs beside a post. A custom field carries
// its own key as the class userField_KEY.
func (r *reader) card(a *forum.Author, pairs *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	pairs.Each(func(_ int, dl *goquery.Selection) {
		key := ""
		for class := range strings.FieldsSeq(dl.AttrOr("class", "")) {
			if rest, ok := strings.CutPrefix(class, "userField_"); ok {
				key = rest
			}
		}
		dl.FindMatcher(cssDt).Each(func(_ int, dt *goquery.Selection) {
			dd := dt.NextMatcher(cssDd)
			card.Add(key, pairLabel(dom.Text(dt), dd), pairValue(dd))
		})
	})
}

// pairLabel is the label of a pair, by the page that its value links to where
// the engine always links it: the words are the forum's language.
func pairLabel(text string, dd *goquery.Selection) string {
	switch {
	case dom.Has(dd, selPostsLink):
		return "Messages"
	case dom.Has(dd, selTrophyLink):
		return "Trophy Points"
	}
	return xf2.Label(text)
}

// pairValue is what a pair says: without the button that folds it, and in the
// title of a picture where there is no more than that, as with flags.
func pairValue(dd *goquery.Selection) string {
	if text := dom.TextWithout(dd, selFold); text != "" {
		return text
	}
	img := dd.FindMatcher(cssImg).First()
	return cmp.Or(img.AttrOr("title", ""), img.AttrOr("alt", ""))
}

var selFold = dom.Sel("button, .ToggleTrigger")

var (
	selPostsLink  = dom.Sel("a[href*='search/member?user_id='], a[href*='search/member&']")
	selTrophyLink = dom.Sel("a[href$='/trophies']")
)

func (r *reader) published(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	s.FindMatcher(selPublished).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0], selEdit) != nil || dom.Closest(e.Nodes[0], selUserBlock) != nil {
			return true
		}
		found = r.clock.Element(e)
		return found.IsZero()
	})
	if found.IsZero() {
		found = r.plainDate(s)
	}
	return found
}

// plainDate is the time of a theme that writes it as bare text: the first
// element outside the body whose whole text is a date with a time of day.
func (r *reader) plainDate(s *goquery.Selection) forum.Stamp {
	var found forum.Stamp
	s.FindMatcher(selPlainText).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		n := e.Nodes[0]
		if n.FirstChild == nil || n.FirstChild.NextSibling != nil || n.FirstChild.Type != html.TextNode || dom.Closest(n, selNoDate) != nil {
			return true
		}
		if st := r.clock.Text(n.FirstChild.Data); st.Known() && (st.Precision == forum.PrecisionMinute || st.Precision == forum.PrecisionSecond) {
			found = st
		}
		return !found.Known()
	})
	return found
}

var (
	selPlainText = dom.Sel("span, small, div, a, li, p, em")
	selNoDate    = dom.Sel(".extraUserInfo, .userInfoExtra, .messageContent, .messageText, .editDate, .signature, .messageNotices, .attachedFiles, .likesSummary")
)

var selUserBlock = dom.Sel(".messageUserInfo, .userText, .messageText")

func (r *reader) signature(p *forum.Post, s *goquery.Selection) {
	sig := dom.First(s, selSignature)
	if sig.Length() == 0 {
		return
	}
	if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
}

// files reads the list of attached files below a post.
func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selAttachment).Each(func(_ int, f *goquery.Selection) {
		link := dom.First(f, selFileName, selFileNames)
		href := link.AttrOr("href", "")
		name := f.AttrOr("title", "")
		if name == "" {
			name = dom.Text(link)
		}
		if name == "" && href == "" {
			return
		}
		a := dom.File(attachmentID(href), name, r.doc.Resolve(href))
		f.FindMatcher(selPairRow).Each(func(i int, dl *goquery.Selection) {
			value := dom.Text(dom.First(dl, cssDd))
			if size := dom.Size(value); size != nil && a.SizeBytes == nil {
				a.SizeBytes = size
				return
			}
			a.ViewCount = dom.Count(value)
		})
		dom.AddFile(p, a)
	})
	dom.CountContent(p)
}

// attachmentID is the id at the end of "attachments/name-ext.12/".
func attachmentID(href string) string {
	_, rest, ok := strings.Cut(href, "attachments/")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/")
	return rest[strings.LastIndex(rest, ".")+1:]
}

// reactions reads likes ("A, B and 115 others like this") and the ratings of
// the add-on that gaming boards use.
func (r *reader) reactions(s *goquery.Selection) *forum.Reactions {
	ratings := s.FindMatcher(selRatings)
	if ratings.Length() > 0 {
		return ratingCounts(ratings)
	}
	line := dom.First(s.FindMatcher(selLikes), selLikeText)
	if line.Length() == 0 {
		return nil
	}
	var names []string
	line.FindMatcher(selLikers).Each(func(_ int, e *goquery.Selection) { names = append(names, dom.Text(e)) })
	out := dom.Others(names, dom.Text(line.FindMatcher(selLikeRest).Last()))
	if out.Total == 0 {
		return nil
	}
	like := out.Total
	out.Like, out.Types, out.ByType = &like, []string{"like"}, map[string]int64{"like": like}
	return &out
}

func ratingCounts(items *goquery.Selection) *forum.Reactions {
	out := &forum.Reactions{ByType: map[string]int64{}}
	items.Each(func(_ int, li *goquery.Selection) {
		kind := dom.Slug(li.FindMatcher(cssImg).AttrOr("alt", ""))
		n := dom.Count(dom.Text(dom.First(li, cssStrong)))
		if kind == "" || n == nil {
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

// positions fills what the page does not show: filters reset the numbers, some
// themes drop them. Page one counts from 1; later pages need the site's posts
// per page, which a page that is not the last teaches.
func (r *reader) positions(t *forum.Thread) {
	perPage, shown := r.facts.PostsPerPage, 0
	for _, p := range r.page.Posts {
		if p.State != forum.PostDeleted {
			shown++
		}
	}
	if t.Page < t.PageCount && shown > 0 {
		perPage = shown
		r.page.Learned.PostsPerPage = shown
	}
	before, place := dom.NumbersBefore(r.page.Posts, func(p *forum.Post) bool { return p.State != forum.PostDeleted }), 0
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		if p.State == forum.PostDeleted { // deleted posts take no number
			continue
		}
		place++
		if p.Position > 0 {
			continue
		}
		if before >= 0 {
			p.Position, p.PositionSource = before+int64(place), forum.PositionComputed
			continue
		}
		if t.Page > 1 && perPage == 0 {
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
			continue
		}
		p.Position, p.PositionSource = int64((t.Page-1)*perPage+place), forum.PositionComputed
	}
}

func parse(href string) *url.URL {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
