package xenforo2vs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/dom/xf2"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPost       = dom.Sel("article[id^='js-post-'], .MessageCard[id^='js-post-'], .js-post[id^='js-post-'], article[data-content^='post-']")
	selCard       = dom.Sel(".MessageCard")
	selLookalike  = dom.Sel(".message--quickReply, [data-widget-id], [data-widget-key], .california-recommended-reading-container")
	selUser       = dom.Sel(".MessageCard__user-info__name, .MessageCard__user-info .username, .message-name .username, .username")
	selUserTitle  = dom.Sel(".MessageCard__user-title, .userTitle, .message-userTitle")
	selAvatarBox  = dom.Sel(".MessageCard__avatar, .message-avatar")
	selPostCount  = dom.Sel(".MessageCard__post-count")
	selJoined     = dom.Sel(".MessageCard__join-date")
	selExtras     = dom.Sel(".MessageCard__user-details dl, .message-userExtras dl")
	selDate       = dom.Sel(".MessageCard__date-created time")
	selDateOther  = dom.Sel(".MessageCard__nested-postbit time, .message-attribution time")
	selMicroDate  = dom.Sel("meta[itemprop='datePublished']")
	selNumber     = dom.Sel(".MessageCard__post-position, [data-post-number]")
	selMicroPlace = dom.Sel("meta[itemprop='position']")
	selPermalink  = dom.Sel("meta[itemprop='url'][content*='post-']")
	selText       = dom.Sel(".message-body .bbWrapper, .message-userContent .bbWrapper, [itemprop='text'] .bbWrapper")
	selTextOther  = dom.Sel(".message-body, .message-userContent")
	selDeleted    = dom.Sel(".nested-message-deleted")
	selChildren   = dom.Sel(".js-nested-children-container, .california-nested-message-children-container")
	selParent     = dom.Sel("[id^='js-new-reply-container-']")
	selFolded     = dom.Sel("[parent-post][posts-loaded][total-reply-count]")
)

// messages are the posts on the page: an article holds a card of the same id,
// and the thread's first post is a card alone.
func (r *reader) messages() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.Doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		id := xf2.PostID(s)
		if id == "" || seen[id] || dom.Closest(s.Nodes[0], selLookalike) != nil {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

func (r *reader) posts(t *forum.Thread, list []*goquery.Selection) {
	for i, s := range list {
		p := forum.Post{State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.Page.Posts = append(r.Page.Posts, p)
	}
	r.folded()
	r.order()
}

// order puts the posts into the thread's order where every one shows its
// number: nested ones stand below the post that they answer. How many stand on
// a page says nothing of the next one.
func (r *reader) order() {
	r.lonePosition()
	whole := true
	for i, p := range r.Page.Posts {
		if p.Position == 0 {
			r.Gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown")
			whole = false
		}
	}
	if !whole {
		return
	}
	slices.SortStableFunc(r.Page.Posts, func(a, b forum.Post) int { return int(a.Position - b.Position) })
}

// lonePosition fills the number of the one post that shows none: the one that
// the others leave out, else, where that post comes first on page one, 1.
func (r *reader) lonePosition() {
	var lone *forum.Post
	taken := map[int64]bool{}
	low := int64(0)
	for i := range r.Page.Posts {
		p := &r.Page.Posts[i]
		switch {
		case p.Position > 0:
			taken[p.Position] = true
			if low == 0 || p.Position < low {
				low = p.Position
			}
		case lone != nil:
			return
		default:
			lone = p
		}
	}
	if lone == nil || low == 0 {
		return
	}
	place := low
	if low == 2 && lone == &r.Page.Posts[0] {
		place = 1
	}
	for taken[place] {
		place++
	}
	lone.Position, lone.PositionSource = place, forum.PositionComputed
}

// folded notes replies that the page leaves to be loaded by script.
func (r *reader) folded() {
	r.Doc.FindMatcher(selFolded).Each(func(_ int, s *goquery.Selection) {
		loaded, total := dom.Count(s.AttrOr("posts-loaded", "")), dom.Count(s.AttrOr("total-reply-count", ""))
		if loaded != nil && total != nil && *loaded < *total {
			r.Gaps.Add("posts", fmt.Sprintf("%d of %d replies to post %s are loaded by script only", *total-*loaded, *total, s.AttrOr("parent-post", "")))
		}
	})
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.Gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.ID = xf2.PostID(s)
	p.URL = r.permalink(s, p.ID)
	p.ParentID = parent(s)
	deleted := dom.Is(s, "message--deleted") || dom.Is(s, "is-deleted") || s.ChildrenMatcher(selDeleted).Length() > 0
	if p.Author = r.author(s); p.Author == nil && !deleted {
		gap("author", "the post names nobody")
	}
	if p.Published = r.published(s); !p.Published.Known() && !deleted {
		gap("published_at", "no readable time in the post's own line or its microdata")
	}
	if p.Position = position(s); p.Position > 0 {
		p.PositionSource = forum.PositionShown
	}
	r.Edited(p, s)
	if box := dom.First(s, selText, selTextOther); box.Length() > 0 {
		r.Body(p, box.Nodes[0])
	} else {
		gap("body", "the post shows no text: it is deleted, or hidden from this viewer")
	}
	r.Signature(p, s)
	r.Files(p, s)
	p.Reactions, p.Votes = r.Reactions(s), r.Votes(s)
	if deleted {
		p.State = forum.PostDeleted
	}
}

// permalink is the address in the post's microdata, else the thread's with the
// post's anchor.
func (r *reader) permalink(s *goquery.Selection, id string) string {
	if href := dom.First(s, selPermalink).AttrOr("content", ""); xfurl.PostID(href) == id {
		return r.Doc.Resolve(href)
	}
	if r.Page.Root == "" {
		return ""
	}
	return r.Page.Root + "posts/" + id + "/"
}

// parent is the post that a nested one answers: the box of replies begins with
// the place for new ones, which names it.
func parent(s *goquery.Selection) string {
	box := dom.Closest(s.Nodes[0], selChildren)
	if box == nil {
		return ""
	}
	return dom.IDAfter(dom.Attr(dom.Find(box, selParent), "id"), "js-new-reply-container-")
}

func (r *reader) author(s *goquery.Selection) *forum.Author {
	a := r.User(dom.First(s, selUser))
	if a == nil {
		name := dom.Fold(s.AttrOr("data-author", ""))
		if name == "" {
			return nil
		}
		a = &forum.Author{Name: name}
	}
	r.Avatar(a, dom.First(s, selAvatarBox))
	a.Title = dom.Text(dom.First(s, selUserTitle))
	r.Banners(a, s)
	a.PostCount = dom.Count(dom.Text(dom.First(s, selPostCount)))
	if raw := dom.Text(dom.First(s, selJoined)); raw != "" {
		if year := dom.Digits(raw); len(year) == 4 && strings.Count(raw, year) == 1 {
			raw = year // "Joined 2012": the word is the forum's language
		}
		a.Joined = r.Clock.Text(raw)
		if year, err := strconv.Atoi(raw); err == nil && !a.Joined.Known() {
			a.Joined = forum.Stamp{At: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), Raw: raw, Precision: forum.PrecisionYear, Zone: forum.ZoneAssumed}
		}
	}
	r.Card(a, s.FindMatcher(selExtras))
	return a
}

// published takes the machine time: the text beside it may be of the next day.
func (r *reader) published(s *goquery.Selection) forum.Stamp {
	if st := r.Clock.Element(dom.First(s, selDate, selDateOther)); st.Known() {
		return st
	}
	if meta := dom.First(s, selMicroDate); meta.Length() > 0 {
		return r.Clock.Machine(meta.AttrOr("content", ""), xf2.Caption(s))
	}
	return r.Clock.Text(xf2.Caption(s))
}

func position(s *goquery.Selection) int64 {
	e := dom.First(s, selNumber)
	for _, text := range []string{dom.Text(e), e.AttrOr("data-post-number", ""), dom.First(s, selMicroPlace).AttrOr("content", "")} {
		if n := dom.Count(text); n != nil && *n > 0 {
			return *n
		}
	}
	return 0
}
