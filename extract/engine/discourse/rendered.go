package discourse

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Some browsers and their add-ons save a page as its scripts have drawn it, and
// leave out the data and the plain HTML. What is drawn shows the posts around
// the reader's place, each with its number and its native id.

var (
	selDrawnPost     = dom.Sel("article[id^='post_'][data-post-id]")
	selDrawnTitle    = dom.Sel("#topic-title .fancy-title, #topic-title h1, .extra-info-wrapper .topic-link")
	selDrawnCategory = dom.Sel("#topic-title .badge-category__wrapper, #topic-title .badge-wrapper, #topic-title a.badge-category, .topic-category .badge-category__wrapper")
	selDrawnTag      = dom.Sel("#topic-title .discourse-tag, .topic-header-extra .discourse-tag")
	selDrawnTopic    = dom.Sel("[data-topic-id]")
	selDrawnName     = dom.Sel(".names a[data-user-card], .names a[href], .topic-meta-data .username a[href]")
	selDrawnBare     = dom.Sel(".names .username, .username")
	selDrawnFull     = dom.Sel(".names .full-name")
	selDrawnRank     = dom.Sel(".names .user-title")
	selDrawnAvatar   = dom.Sel(".topic-avatar img.avatar")
	selDrawnDate     = dom.Sel(".post-date .relative-date, a.post-date .relative-date, .post-infos .relative-date")
	selDrawnEdits    = dom.Sel(".post-info.edits button[title], .post-info.edits [title], .post-info.edits button")
	selDrawnText     = dom.Sel(".cooked")
	selDrawnLikes    = dom.Sel(".like-count, .discourse-reactions-counter .reactions-counter, .post-controls .like-button .button-count")
)

// drawnTopic reads a topic as the engine's scripts draw it.
func (r *reader) drawnTopic() {
	r.page.Kind = forum.KindThread
	t := &forum.Thread{Type: "discussion"}
	r.page.Thread = t
	if t.Title = dom.Text(r.doc.FirstOf(selDrawnTitle)); t.Title == "" {
		t.Title = dom.Fold(r.doc.Meta("og:title"))
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "no heading")
	}
	r.drawnTopicID(t)
	t.Tags = texts(r.doc.Selection, selDrawnTag)
	if r.page.Path = r.drawnPath(); len(r.page.Path) == 0 {
		r.gaps.Add("path", "no board above the title")
	}
	posts := r.doc.FindMatcher(selDrawnPost)
	posts.Each(func(_ int, s *goquery.Selection) {
		if n := drawnNumber(s); n > 0 {
			r.posts[n] = s.AttrOr("data-post-id", "")
		}
		r.know(accountIn(r.doc.Resolve(dom.First(s, selDrawnName).AttrOr("href", ""))))
	})
	posts.Each(func(i int, s *goquery.Selection) { r.page.Posts = append(r.page.Posts, r.drawnPost(s, i)) })
	if first := r.page.Posts[0]; first.Position == 1 {
		t.Author, t.Started, t.Page = first.Author, first.Published, 1
	}
}

func (r *reader) drawnTopicID(t *forum.Thread) {
	if r.plainTopicID(t); t.ID != "" {
		return
	}
	if id := r.doc.FirstOf(selDrawnTopic).AttrOr("data-topic-id", ""); isNumber(id) {
		r.topic, t.ID, t.URL = id, id, r.topicURL("", id)
	}
}

func (r *reader) drawnPath() []forum.Crumb {
	var out []forum.Crumb
	r.doc.FindMatcher(selDrawnCategory).Each(func(_ int, s *goquery.Selection) {
		href := r.doc.Resolve(s.AttrOr("href", ""))
		id, name := categoryID(href), dom.Text(dom.First(s, selCrumbName))
		if n := len(out); id == "" || name == "" || n > 0 && out[n-1].ID == id {
			return
		}
		out = append(out, forum.Crumb{Name: name, URL: href, ID: id})
	})
	return out
}

// drawnNumber is the number in a post's own id, "post_12".
func drawnNumber(s *goquery.Selection) int64 {
	n, err := strconv.ParseInt(dom.IDAfter(s.AttrOr("id", ""), "post_"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r *reader) drawnPost(s *goquery.Selection, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p := forum.Post{ID: s.AttrOr("data-post-id", ""), State: forum.PostVisible}
	if p.Position = drawnNumber(s); p.Position > 0 {
		p.PositionSource = forum.PositionPostNumber
		p.URL = r.page.Thread.URL + "/" + strconv.FormatInt(p.Position, 10)
	}
	if p.Author = r.drawnAuthor(s); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" {
		gap("author.id", "the name leads to no account")
	}
	if p.Published = r.clock.Element(dom.First(s, selDrawnDate)); !p.Published.Known() {
		gap("published_at", "no readable time above the text")
	}
	r.drawnEdits(&p, s)
	if text := dom.First(s, selDrawnText); text.Length() > 0 {
		r.body(&p, dom.Clone(text.Nodes[0]))
	} else {
		gap("body", "no text")
	}
	if n := dom.Count(dom.Text(dom.First(s, selDrawnLikes))); n != nil && *n > 0 {
		p.Reactions = &forum.Reactions{Total: *n, Like: n, Types: []string{"like"}, ByType: map[string]int64{"like": *n}}
	}
	return p
}

func (r *reader) drawnAuthor(s *goquery.Selection) *forum.Author {
	link := dom.First(s, selDrawnName, selDrawnBare)
	name := dom.Text(link)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, ID: link.AttrOr("data-user-card", "")}
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if id := accountIn(href); id != "" {
		a.ID, a.URL = id, r.userURL(id)
	}
	if a.ID != "" { // sites may show the full name in the account's place
		a.Name = a.ID
	}
	if full := dom.Text(dom.First(s, selDrawnFull)); full != "" && full != a.Name {
		a.Fields = map[string]string{"name": full}
	}
	a.Title = dom.Text(dom.First(s, selDrawnRank))
	if src := dom.First(s, selDrawnAvatar).AttrOr("src", ""); !strings.HasPrefix(src, "data:") {
		a.AvatarURL = r.avatar(src)
	}
	return a
}

// accountIn is the account in a link to a member page, or "".
func accountIn(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	if l, ok := (Engine{}).Canonical(u); ok && l.Kind == forum.KindProfile {
		return l.ID
	}
	return ""
}

// drawnEdits reads the pencil beside a post's time: the number of edits, and in
// its title the time of the last one, behind words of the language.
func (r *reader) drawnEdits(p *forum.Post, s *goquery.Selection) {
	e := dom.First(s, selDrawnEdits)
	if e.Length() == 0 {
		return
	}
	if n := dom.Count(dom.Text(e)); n != nil {
		p.EditCount = int(*n)
	}
	p.Edited, _, _ = r.clock.Within(e.AttrOr("title", ""))
}
