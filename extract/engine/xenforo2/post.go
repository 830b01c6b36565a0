package xenforo2

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selPost       = dom.Sel(".message--post, article.message[data-content^='post-'], article[id^='js-post-'], .message[id^='js-post-']")
	selList       = dom.Sel(".js-replyNewMessageContainer")
	selLookalike  = dom.Sel(".message--quickReply, .message--articlePreview, [data-widget-id], [data-widget-key], .block--similarContents")
	selName       = dom.Sel(".message-name .username, .message-userDetails .username, .message-user .username, .message-articleUserName .username")
	selNameOther  = dom.Sel(".message-attribution-user .username, .message-attribution .username")
	selNameBox    = dom.Sel(".message-name")
	selMicroName  = dom.Sel("[itemprop='author'] [itemprop='name']")
	selMicroUser  = dom.Sel("[itemprop='author'][itemid], [itemprop='author'] meta[itemprop='url']")
	selUserBox    = dom.Sel(".message-user, .message-cell--user, .message-articleUserInfo, aside[class*='UserInfo']")
	selUserTitle  = dom.Sel(".message-userTitle, .userTitle")
	selExtras     = dom.Sel(".message-userExtras dl, .message-user dl.pairs, .message-articleUserStats dl")
	selPublished  = dom.Sel(".message-attribution-main time, .message-attribution time, .message-header time, .message-date time, .message-main > header time")
	selMicroDate  = dom.Sel("meta[itemprop='datePublished'], meta[itemprop='dateCreated']")
	selAnyTime    = dom.Sel("time[itemprop='datePublished'], .message-cell--main time")
	selNotDate    = dom.Sel(".message-lastEdit, .message-body, .message-signature, .message-user, .bbWrapper, .message-cell--user")
	selNumber     = dom.Sel(".message-attribution-opposite a, .message-attribution-opposite, .message-attribution a")
	selHeaderLink = dom.Sel("header a[href*='post-'], a[href*='post-'][rel='nofollow'], a[href*='posts/'][rel='nofollow']")
	selMicroTitle = dom.Sel("meta[itemprop='name'][content*='#'], meta[itemprop='position']")
	selText       = dom.Sel(".message-body .bbWrapper, .message-content .bbWrapper, .message-userContent .bbWrapper, [itemprop='text'] .bbWrapper")
	selTextBox    = dom.Sel(".message-body, [itemprop='text']")
	selTextOther  = dom.Sel(".message-userContent, .message-content")
	selNotText    = dom.Sel(".message-signature")
	selListed     = dom.Sel(".article-title")
	selSolution   = dom.Sel(".solutionIcon.is-solution, .message-attribution-opposite .is-solution, .message-solution, .contentVote .is-solution, [data-xf-init~='solution-edit-click'].is-solution")
	selModerated  = dom.Sel(".messageNotice--moderated")
	selDeleted    = dom.Sel(".messageNotice--deleted")
)

// messages are the posts on the page, each once: questions and articles repeat
// their first post above every page, and a solution above the replies. A board
// of articles may show them whole, with a title each: they are its rows.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	at := map[string]int{}
	r.Doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		id := xf2.PostID(s)
		if dom.Closest(n, selLookalike) != nil || dom.Closest(n.Parent, selPost) != nil {
			return
		}
		if id == "" && (dom.First(s, selText).Length() == 0 || r.isNobodys(s)) || dom.Has(s, selListed) {
			return
		}
		if i, ok := at[id]; ok && id != "" {
			if dom.Closest(out[i].Nodes[0], selList) != nil {
				return
			}
			out = append(out[:i], out[i+1:]...) // the copy goes, the post in the list stays
			for other, j := range at {
				if j > i {
					at[other] = j - 1
				}
			}
		}
		at[id] = len(out)
		out = append(out, s)
	})
	return r.pageOnly(out)
}

// isNobodys tells what looks like a post, but is by nobody and of no time: an
// advertisement between posts.
func (r *reader) isNobodys(s *goquery.Selection) bool {
	return r.author(s) == nil && r.published(s).IsZero()
}

// pageOnly drops what a later page repeats of the first: posts above its list.
func (r *reader) pageOnly(posts []*goquery.Selection) []*goquery.Selection {
	if xfurl.PageNumber(r.Doc.URL.String()) < 2 {
		return posts
	}
	var listed []*goquery.Selection
	for _, s := range posts {
		if dom.Closest(s.Nodes[0], selList) != nil {
			listed = append(listed, s)
		}
	}
	if len(listed) == 0 {
		return withoutLead(posts)
	}
	return listed
}

// withoutLead drops the first post where it alone stands apart from the others,
// which stand side by side.
func withoutLead(posts []*goquery.Selection) []*goquery.Selection {
	if len(posts) < 3 {
		return posts
	}
	list := posts[1].Nodes[0].Parent
	for _, s := range posts[2:] {
		if s.Nodes[0].Parent != list {
			return posts
		}
	}
	if posts[0].Nodes[0].Parent == list {
		return posts
	}
	return posts[1:]
}

func (r *reader) posts(t *forum.Thread, list []*goquery.Selection) {
	for i, s := range list {
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.Page.Posts = append(r.Page.Posts, p)
	}
	r.startFromThread(t)
	r.Positions(t)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.Gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.ID = xf2.PostID(s); p.ID == "" {
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
	p.Published = r.published(s)
	p.Position = position(s)
	if p.Position > 0 {
		p.PositionSource = forum.PositionShown
	}
	r.Edited(p, s)
	r.text(p, s, gap)
	r.Signature(p, s)
	r.Files(p, s)
	r.Fields(p, s)
	p.Reactions, p.Votes = r.Reactions(s), r.Votes(s)
	p.IsSolution = dom.Is(s, "message--solution") || dom.Is(s, "is-solution") || dom.Has(s, selSolution)
	switch {
	case dom.Is(s, "message--deleted"), dom.Has(s, selDeleted):
		p.State = forum.PostDeleted
	case dom.Has(s, selModerated):
		p.State = forum.PostModerated
	}
}

func (r *reader) text(p *forum.Post, s *goquery.Selection, gap func(field, reason string)) {
	box := s.FindMatcher(selText).FilterFunction(func(_ int, e *goquery.Selection) bool { return dom.Closest(e.Nodes[0], selNotText) == nil }).First()
	if box.Length() == 0 {
		box = dom.First(s, selTextBox, selTextOther)
	}
	if box.Length() == 0 {
		gap("body", "the post shows no text: it is deleted, or hidden from this viewer")
		return
	}
	r.Body(p, box.Nodes[0])
}

// permalink is the post's own link, else it is built by the engine's grammar.
func (r *reader) permalink(s *goquery.Selection, id string) string {
	found := ""
	s.FindMatcher(selHeaderLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		if id != "" && xfurl.PostID(href) == id && !strings.Contains(href, "/share") && !strings.Contains(href, "/react") {
			found = r.Doc.Resolve(href)
		}
		return found == ""
	})
	if found != "" && xfurl.ThreadID(found) != "" || found != "" && r.Page.Root == "" {
		return found
	}
	if found == "" && id != "" && r.Page.Root != "" {
		return r.Page.Root + "posts/" + id + "/"
	}
	return found
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	a := r.User(dom.First(s, selName, selNameOther, selNameBox))
	if a == nil {
		name := dom.Text(dom.First(s, selMicroName))
		if name == "" {
			name = dom.Fold(s.AttrOr("data-author", ""))
		}
		if name == "" {
			return nil
		}
		a = &forum.Author{Name: name}
	}
	box := dom.First(s, selUserBox)
	r.Avatar(a, box)
	if micro := dom.First(s, selMicroUser); a.ID == "" {
		for _, key := range [...]string{"itemid", "content"} {
			if id := xfurl.MemberID(micro.AttrOr(key, "")); id != "" {
				a.ID, a.URL, a.IsGuest = id, micro.AttrOr(key, ""), false
			}
		}
	}
	a.Title = dom.Text(dom.First(box, selUserTitle))
	r.Banners(a, box)
	r.Card(a, s.FindMatcher(selExtras))
	return a
}

// published takes the time of the line above the body, then microdata, then
// any time outside the body.
func (r *reader) published(s *goquery.Selection) forum.Stamp {
	caption := xf2.Caption(s)
	for _, m := range []goquery.Matcher{selPublished, selAnyTime} {
		e := s.FindMatcher(m).FilterFunction(func(_ int, e *goquery.Selection) bool { return dom.Closest(e.Nodes[0], selNotDate) == nil }).First()
		if st := r.Clock.Element(e); st.Known() {
			return st
		}
		if meta := dom.First(s, selMicroDate); meta.Length() > 0 {
			if st := r.Clock.Machine(meta.AttrOr("content", ""), caption); st.Known() {
				return st
			}
		}
	}
	return r.Clock.Text(caption)
}

// near tells two readings of one time, whose zones may differ.
func near(a, b forum.Stamp) bool { return a.At.Sub(b.At).Abs() < 26*time.Hour }

// startFromThread gives the thread's first post the thread's own start, which
// carries an offset, where the post shows its time in words at most.
func (r *reader) startFromThread(t *forum.Thread) {
	for i := range r.Page.Posts {
		p := &r.Page.Posts[i]
		first := p.Position == 1 || (p.Position == 0 && i == 0 && t.Page == 1)
		if first && t.Started.Known() && (!p.Published.Known() || p.Published.Zone == forum.ZoneAssumed && near(p.Published, t.Started)) {
			raw := p.Published.Raw
			if p.Published = t.Started; raw != "" {
				p.Published.Raw = raw
			}
		}
		if !p.Published.Known() && p.State != forum.PostDeleted {
			r.Gaps.Add(fmt.Sprintf("posts[%d].published_at", i), "no readable time in the post's own line or its microdata")
		}
	}
}

var reNumber = regexp.MustCompile(`#\s?(\d[\d.,\s]*)`)

// position is the number that the post shows ("#12"), else that of its
// microdata, or 0.
func position(s *goquery.Selection) int64 {
	var found int64
	look := func(n *html.Node, text string) {
		m := reNumber.FindStringSubmatch(text)
		if m == nil || found > 0 || dom.Closest(n, selNotDate) != nil {
			return
		}
		if v := dom.Count(m[1]); v != nil && *v > 0 {
			found = *v
		}
	}
	for _, m := range []goquery.Matcher{selNumber, selHeaderLink} {
		s.FindMatcher(m).Each(func(_ int, a *goquery.Selection) { look(a.Nodes[0], dom.Text(a)) })
	}
	if found > 0 {
		return found
	}
	s.FindMatcher(selMicroTitle).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		content := e.AttrOr("content", "")
		if v, err := strconv.ParseInt(strings.TrimSpace(content), 10, 64); err == nil && v > 0 {
			found = v
			return false
		}
		look(e.Nodes[0], content)
		return found == 0
	})
	return found
}
