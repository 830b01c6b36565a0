package nodebb

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selContent    = dom.Sel("[component='post/content'], .content[itemprop='text']")
	selReplies    = dom.Sel("[component='post/replies/container'], [component='post/parent'], [component='post/parent/content'], [component='post/content']")
	selUserName   = dom.Sel("a[data-username][data-uid], [data-username]")
	selPicture    = dom.Sel("img[component='user/picture'], .icon img.avatar, .icon img[itemprop='image']")
	selBadge      = dom.Sel("a[href*='/groups/']")
	selBadgeText  = dom.Sel(".badge-text")
	selBanned     = dom.Sel(".post-header .badge.bg-danger")
	selTime       = dom.Sel("meta[itemprop='datePublished']")
	selModified   = dom.Sel("meta[itemprop='dateModified']")
	selPermalink  = dom.Sel("a.permalink .timeago, a.timeago[href*='/post/'], .timeago[title]")
	selEditor     = dom.Sel("[component='post/editor']")
	selEditTime   = dom.Sel(".timeago[title]")
	selIndicator  = dom.Sel("[component='post/edit-indicator']")
	selParent     = dom.Sel("[component='post/parent']")
	selVotes      = dom.Sel("[component='post/vote-count']")
	selUp         = dom.Sel("meta[itemprop='upvoteCount']")
	selDown       = dom.Sel("meta[itemprop='downvoteCount']")
	selSignature  = dom.Sel("[component='post/signature'], .post-signature")
	selAnswer     = dom.Sel("[component='post/answer'], .accepted-answer")
	selPostNumber = dom.Sel(".post-index")
)

// posts reads the page's posts: from the elements, each with its part of the
// data, or from the data alone where a theme has none of the elements.
func (r *reader) posts(t *forum.Thread) {
	data := map[string]dom.JSON{}
	list := r.data.At("posts").List()
	for _, p := range list {
		data[p.At("pid").Text()] = p
		if slug := p.At("user", "userslug").Text(); slug != "" {
			r.uids[strings.ToLower(slug)] = p.At("uid").Text()
		}
	}
	elements := r.elements()
	for _, s := range elements {
		if slug := s.AttrOr("data-userslug", ""); slug != "" {
			r.uids[strings.ToLower(slug)] = s.AttrOr("data-uid", "")
			r.uids["@"+s.AttrOr("data-username", "")] = s.AttrOr("data-uid", "")
		}
	}
	for i, s := range elements {
		r.page.Posts = append(r.page.Posts, r.post(s, data[s.AttrOr("data-pid", "")], i))
	}
	if len(elements) == 0 {
		if r.page.Extract.Strategy == "" {
			r.page.Extract.Strategy = "json_embedded"
		}
		for i, p := range list {
			r.page.Posts = append(r.page.Posts, r.post(&goquery.Selection{}, p, i))
		}
	}
	if len(r.page.Posts) == 0 {
		r.gaps.Add("posts", "neither elements nor data of posts")
	}
	if r.perPage == 0 && t.Page < t.PageCount {
		r.perPage = len(r.page.Posts)
	}
	r.positions(t)
}

// elements are the posts, those left out that stand within another: loaded
// replies repeat posts of the page.
func (r *reader) elements() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		if dom.Closest(s.Nodes[0].Parent, selPost) == nil {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) post(s *goquery.Selection, j dom.JSON, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p := forum.Post{State: forum.PostVisible, Page: r.page.Thread.Page}
	p.ID = cmp.Or(s.AttrOr("data-pid", ""), j.At("pid").Text())
	if p.ID != "" && !strings.Contains(p.ID, "/") {
		p.URL = r.page.Root + "post/" + p.ID
	} else if p.ID != "" {
		p.URL = p.ID // posts from elsewhere have their address for an id
	}
	r.position(&p, s, j)
	if p.Author = r.author(s, j); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest && !p.Author.IsDeleted {
		gap("author.id", "the post carries no number of the account")
	}
	if p.Published = r.published(s, j); !p.Published.Known() {
		gap("published_at", "no readable time on the post")
	}
	r.edited(&p, s, j)
	p.ParentID = parent(s, j)
	p.IsSolution = j.At("isAnswer").True() || (p.ID != "" && p.ID == r.page.Thread.SolutionPostID) || dom.Has(s, selAnswer)
	p.Votes, p.Reactions = votes(s, j), reactions(j)
	if dom.Is(s, "deleted") || j.At("deleted").True() {
		p.State = forum.PostDeleted
		return p
	}
	r.body(&p, s, j)
	if p.Signature = r.signature(s, j); p.Body.HTML == "" && !dom.Has(s, selContent) && !j.At("content").Exists() {
		gap("body", "the post has no content element")
	}
	return p
}

// position: the engine counts posts from 0.
func (r *reader) position(p *forum.Post, s *goquery.Selection, j dom.JSON) {
	if n, err := strconv.ParseInt(s.AttrOr("data-index", j.At("index").Text()), 10, 64); err == nil && n >= 0 {
		p.Position, p.PositionSource = n+1, forum.PositionShown
		return
	}
	if n := dom.Count(dom.Text(dom.First(s, selPostNumber))); n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
}

// positions computes what no post says.
func (r *reader) positions(t *forum.Thread) {
	size := r.perPage
	if size == 0 {
		size = r.facts.PostsPerPage
	}
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case p.Position > 0:
		case t.Page > 1 && size == 0:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		default:
			p.Position, p.PositionSource = int64((t.Page-1)*size+i+1), forum.PositionComputed
		}
	}
}

// author reads the account. An account number without an address is one that
// has been deleted; number 0 is a guest.
func (r *reader) author(s *goquery.Selection, j dom.JSON) *forum.Author {
	user := j.At("user")
	username := cmp.Or(s.AttrOr("data-username", ""), text(user.At("username")))
	a := &forum.Author{ID: cmp.Or(s.AttrOr("data-uid", ""), j.At("uid").Text())}
	a.Name = cmp.Or(r.shownName(s), text(user.At("displayname")), username)
	if a.Name == "" && a.ID == "" {
		return nil
	}
	if username != "" && username != a.Name {
		a.Fields = map[string]string{"username": username}
	}
	slug, told := s.Attr("data-userslug")
	if !told {
		slug, told = user.At("userslug").Text(), user.Has("userslug")
	}
	a.URL = r.userURL(slug)
	switch {
	case a.ID == "0" || a.ID == "" && slug == "":
		a.ID, a.IsGuest = "", true
	case told && slug == "", a.Name == "": // the data has a key of a translation for a name
		a.IsDeleted = true
	}
	a.AvatarURL = r.doc.Resolve(cmp.Or(dom.First(s, selPicture).AttrOr("src", ""), user.At("picture").Text()))
	r.badges(a, s, user)
	if !a.IsGuest && !a.IsDeleted {
		a.PostCount, a.ReactionScore = user.At("postcount").Number(), user.At("reputation").Number()
		a.Joined = r.clock.Machine(user.At("joindateISO").Text(), "")
	}
	return a
}

// shownName is the name above the post; those in the body and in the preview
// of the parent are others'.
func (r *reader) shownName(s *goquery.Selection) string {
	name := ""
	s.FindMatcher(selUserName).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0], selReplies) != nil {
			return true
		}
		name = dom.Text(e)
		return name == ""
	})
	return name
}

func (r *reader) badges(a *forum.Author, s *goquery.Selection, user dom.JSON) {
	s.FindMatcher(selBadge).Each(func(_ int, e *goquery.Selection) {
		if dom.Closest(e.Nodes[0], selReplies) != nil {
			return
		}
		badge(a, e.AttrOr("href", ""), cmp.Or(dom.Text(dom.First(e, selBadgeText)), dom.Text(e)))
	})
	if len(a.Banners) == 0 {
		for _, g := range user.At("selectedGroups").List() {
			badge(a, "/groups/"+g.At("slug").Text(), cmp.Or(text(g.At("userTitle")), text(g.At("name"))))
		}
	}
	for _, info := range user.At("custom_profile_info").List() {
		if line := text(info.At("content")); line != "" {
			a.Banners = append(a.Banners, line)
		}
	}
	if user.At("banned").True() || !user.Exists() && dom.Has(s, selBanned) {
		a.Roles = append(a.Roles, "banned")
	}
}

// badge adds a group's badge, and the role that the engine's own groups carry.
func badge(a *forum.Author, href, label string) {
	if label == "" {
		return
	}
	a.Banners = append(a.Banners, label)
	switch href[strings.LastIndex(href, "/")+1:] {
	case "administrators":
		a.Roles = append(a.Roles, "admin")
	case "global-moderators", "moderators":
		a.Roles = append(a.Roles, "moderator")
	}
}

func (r *reader) published(s *goquery.Selection, j dom.JSON) forum.Stamp {
	for _, v := range []string{dom.First(s, selTime).AttrOr("content", ""), j.At("timestampISO").Text(), s.AttrOr("data-timestamp", ""), j.At("timestamp").Text()} {
		if st := r.clock.Machine(v, ""); st.Known() {
			return st
		}
	}
	return r.clock.Element(dom.First(s, selPermalink))
}

// edited: the exact time stands in the data, and in the page's head of newer
// versions; the line for readers has the viewer's format.
func (r *reader) edited(p *forum.Post, s *goquery.Selection, j dom.JSON) {
	line := dom.First(s, selEditor)
	slug := line.AttrOr("data-editor", "")
	at := cmp.Or(j.At("editedISO").Text(), dom.First(s, selModified).AttrOr("content", ""))
	if slug == "" && at == "" && !shown(dom.First(s, selIndicator)) {
		return
	}
	shownTime := dom.First(line, selEditTime).AttrOr("title", "")
	if p.Edited = r.clock.Machine(at, shownTime); p.Edited.IsZero() {
		p.Edited = r.clock.Text(shownTime)
	}
	editor := j.At("editor")
	p.EditedBy = cmp.Or(text(editor.At("displayname")), text(editor.At("username")), slug)
}

func parent(s *goquery.Selection, j dom.JSON) string {
	e := dom.First(s, selParent)
	return cmp.Or(e.AttrOr("data-parent-pid", ""), e.AttrOr("data-topid", ""), j.At("toPid").Text())
}

// votes: a score is shown with every post where voting is on.
func votes(s *goquery.Selection, j dom.JSON) *forum.Votes {
	count := func(m goquery.Matcher, attr, key string) *int64 {
		if n := dom.Count(dom.First(s, m).AttrOr(attr, "")); n != nil {
			return n
		}
		return j.At(key).Number()
	}
	v := forum.Votes{Score: count(selVotes, "data-votes", "votes"), Up: count(selUp, "content", "upvotes"), Down: count(selDown, "content", "downvotes")}
	if v == (forum.Votes{}) {
		return nil
	}
	return &v
}

// reactions reads the data of the reactions plugin.
func reactions(j dom.JSON) *forum.Reactions {
	out := &forum.Reactions{}
	for _, k := range j.At("reactions").List() {
		n := k.At("memberCount").Number()
		if n == nil {
			n = k.At("reactionCount").Number()
		}
		kind := dom.Slug(k.At("reaction").Text())
		if n == nil || *n < 1 || kind == "" {
			continue
		}
		if kind == "heart" {
			kind = "like"
		}
		if out.ByType == nil {
			out.ByType = map[string]int64{}
		}
		out.ByType[kind] += *n
		out.Types = append(out.Types, kind)
		out.Total += *n
	}
	if out.Total == 0 {
		return nil
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out
}

func (r *reader) body(p *forum.Post, s *goquery.Selection, j dom.JSON) {
	var node *html.Node
	if e := dom.First(s, selContent); e.Length() > 0 {
		node = e.Nodes[0]
	} else if content := j.At("content").Text(); content != "" {
		node = dom.Fragment(content)
	}
	r.doc.ReadBody(r.rules, node).Into(p)
	for _, f := range j.At("attachments").List() {
		href := r.doc.Resolve(f.At("url").Text())
		if href == "" {
			continue
		}
		a := dom.File(f.At("id").Text(), cmp.Or(text(f.At("name")), href[strings.LastIndex(href, "/")+1:]), href)
		a.MediaType = cmp.Or(f.At("mediaType").Text(), a.MediaType)
		dom.AddFile(p, a)
	}
	dom.CountContent(p)
}

func (r *reader) signature(s *goquery.Selection, j dom.JSON) *forum.Signature {
	var node *html.Node
	if e := dom.First(s, selSignature); e.Length() > 0 {
		node = e.Nodes[0]
	} else if source := j.At("user", "signature").Text(); source != "" && s.Length() == 0 {
		node = dom.Fragment(source)
	}
	if node == nil {
		return nil
	}
	if line := r.doc.ReadBody(r.rules, node).Body.Text; line != "" {
		return &forum.Signature{Text: line}
	}
	return nil
}
