package ips

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRecommended = dom.Sel("[data-role='recommendedComments'], .ipsRecommendedComments, [data-controller*='recommendedComments']")
	selContent     = dom.Sel("[data-role='commentContent']")
	selContentWrap = dom.Sel(".cPost_contentWrap .ipsType_richText, .ipsEntry__content .ipsRichText")
	selContentAny  = dom.Sel(".cPost_contentWrap, .ipsComment_content .ipsType_richText")
	selTime        = dom.Sel(".ipsEntry__date time[datetime], .ipsComment_meta time[datetime]")
	selTimeOther   = dom.Sel("time[datetime]")
	selPermalink   = dom.Sel("a[href*='do=findComment']")
	selEdited      = dom.Sel("[data-el='edited'], [data-excludequote]")
	selStrong      = dom.Sel("strong")
	selRichText    = dom.Sel(".ipsType_richText, .ipsRichText")
	selSignature   = dom.Sel("[data-role='memberSignature']")
	selFirstPost   = dom.Sel("[data-ips-first-post], :has([data-first-post='true'])")
	selSolved      = dom.Sel(".ipsBadge--solution, .ipsBadge_solution, [data-role='solvedBadge'], .ipsEntry__solved, .cPostSolved, .ipsComment_badges .ipsBadge_positive .fa-check, .ipsBadges .ipsBadge--positive .fa-check, .ipsBadges .fa-circle-check")
	selHiddenBadge = dom.Sel(".ipsComment_content .fa-eye-slash, .ipsBadges .fa-eye-slash, .ipsComment_badges .fa-eye-slash")
	selReactCount  = dom.Sel(".ipsReact_reactCount")
	selReactTotal  = dom.Sel(".ipsReact_reactCountOnly:not(.ipsHide)")
	selReactNames  = dom.Sel(".ipsReact_overview")
	selReactImage  = dom.Sel("img")
	selVotes       = dom.Sel(".cAnswerRating_count, .ipsVoting__score, [data-role='voteCount']")
)

// articles are the posts of the page, once each. Recommended replies stand
// above the list as copies.
func (r *reader) articles() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selArticle).Each(func(_ int, s *goquery.Selection) {
		id := dom.IDAfter(s.AttrOr("id", ""), "elComment_")
		if id == "" || seen[id] || dom.Closest(s.Nodes[0], selRecommended) != nil || dom.Closest(s.Nodes[0].Parent, selArticle) != nil {
			return
		}
		seen[id] = true
		out = append(out, s)
	})
	return out
}

func (r *reader) posts(t *forum.Thread) {
	first := -1
	for i, s := range r.articles() {
		if s.IsMatcher(selFirstPost) {
			first = i
		}
		p := forum.Post{ID: dom.IDAfter(s.AttrOr("id", ""), "elComment_"), State: forum.PostVisible, Page: t.Page}
		r.post(&p, s, i)
		r.crossCheck(&p, i, t)
		if p.IsSolution {
			t.SolutionPostID = p.ID
		}
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t, first)
}

func (r *reader) post(p *forum.Post, s *goquery.Selection, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	q := quoteDataOf(s)
	if p.Author = r.author(s, q); p.Author == nil {
		gap("author", "the post names nobody")
	}
	if p.Published = r.published(s, q); !p.Published.Known() {
		gap("published_at", "neither a time element nor the post's own data carries a time")
	}
	p.URL = r.permalink(s, p.ID)
	content := dom.First(s, selContent, selContentWrap, selContentAny)
	if content.Length() > 0 {
		r.edited(p, content)
		r.doc.ReadBody(r.rules, content.Nodes[0]).Into(p)
	} else {
		p.State = forum.PostDeleted
		gap("body", "the post's text is not on the page")
	}
	if sig := dom.First(s, selSignature); sig.Length() > 0 {
		if text := dom.First(sig, selRichText); text.Length() > 0 {
			sig = text // beside it may stand what hides it
		}
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = r.reactions(s)
	if n := dom.Count(dom.Text(dom.First(s, selVotes))); n != nil {
		p.Votes = &forum.Votes{Score: n}
	}
	class := s.AttrOr("class", "")
	p.IsSolution = dom.Has(s, selSolved) || strings.Contains(strings.ToLower(class), "solved") || p.ID == r.embedded.solution
	if strings.Contains(class, "ipsModerated") || dom.Has(s, selHiddenBadge) {
		p.State = forum.PostModerated
	}
}

func (r *reader) permalink(s *goquery.Selection, id string) string {
	var found string
	s.FindMatcher(selPermalink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if href := a.AttrOr("href", ""); ipsurl.PostID(href) == id && dom.Closest(a.Nodes[0], selContent) == nil {
			found = r.doc.Resolve(href)
		}
		return found == ""
	})
	if found != "" || r.page.Thread == nil || r.page.Thread.URL == "" {
		return found
	}
	sep := "?"
	if strings.Contains(r.page.Thread.URL, "?") {
		sep = "&"
	}
	return r.page.Thread.URL + sep + "do=findComment&comment=" + id
}

func (r *reader) published(s *goquery.Selection, q quoteData) forum.Stamp {
	var found forum.Stamp
	for _, sel := range []goquery.Matcher{selTime, selTimeOther} {
		s.FindMatcher(sel).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if dom.Closest(e.Nodes[0], selContent) == nil && dom.Closest(e.Nodes[0], selCard) == nil {
				found = r.time(e)
			}
			return !found.Known()
		})
		if found.Known() {
			return found
		}
	}
	if q.Timestamp != "" {
		return r.clock.Machine(q.Timestamp.String(), "")
	}
	return found
}

var selCard = dom.Sel(".cAuthorPane_info, .ipsEntry__author-column")

// edited reads the note that the engine puts at the end of the text: a time,
// the editor's name behind it, and a reason outside the strong words.
func (r *reader) edited(p *forum.Post, content *goquery.Selection) {
	note := content.FindMatcher(selEdited).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return dom.Has(s, selTimeOther)
	}).Last()
	if note.Length() == 0 {
		return
	}
	at := dom.First(note, selTimeOther)
	p.Edited = r.time(at)
	strong := dom.First(note, selStrong)
	_, by, _ := strings.Cut(dom.Text(strong), dom.Text(at))
	by = strings.TrimSpace(by)
	switch {
	case p.Author != nil && p.Author.Name != "" && strings.HasSuffix(by, p.Author.Name):
		p.EditedBy = p.Author.Name
	case strings.Contains(by, " "):
		_, p.EditedBy, _ = strings.Cut(by, " ")
	}
	if strong.Length() > 0 {
		p.EditReason = dom.TextWithout(note, selStrong)
	}
}

// reactions reads the counters by the pictures' names, and who reacted where
// the page shows it.
func (r *reader) reactions(s *goquery.Selection) *forum.Reactions {
	out := &forum.Reactions{ByType: map[string]int64{}}
	s.FindMatcher(selReactCount).Each(func(_ int, e *goquery.Selection) {
		n, rounded, ok := dom.Number(dom.Text(e))
		kind := dom.Slug(dom.First(e, selReactImage).AttrOr("alt", ""))
		if !ok || n <= 0 {
			return
		}
		if rounded {
			r.warn("count_rounded")
		}
		if kind == "" {
			kind = "other"
		}
		if out.ByType[kind] == 0 {
			out.Types = append(out.Types, kind)
		}
		out.ByType[kind] += n
		out.Total += n
	})
	dom.First(s, selReactNames).FindMatcher(cssAHref).Each(func(_ int, a *goquery.Selection) {
		if name := dom.Text(a); name != "" && ipsurl.MemberID(a.AttrOr("href", "")) != "" {
			out.Users = append(out.Users, name)
		}
	})
	if n := dom.Count(dom.Text(dom.First(s, selReactTotal))); out.Total == 0 && n != nil {
		out.Total = max(*n, 0) // boards may show one score in place of the kinds
	}
	if out.Total == 0 && len(out.Users) == 0 {
		return nil
	}
	out.Total = max(out.Total, int64(len(out.Users)))
	out.UsersComplete = out.Total == int64(len(out.Users))
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out
}

// crossCheck holds the embedded data against a post: it fills what the page
// lacks and warns where both speak and disagree.
func (r *reader) crossCheck(p *forum.Post, i int, t *forum.Thread) {
	e, ok := r.embedded.comments[p.ID]
	if !ok && i == 0 && t.Page == 1 && r.embedded.found {
		e, ok = ldPost{author: r.embedded.author, created: r.embedded.created}, true
	}
	if !ok {
		return
	}
	switch {
	case p.Author == nil && e.author.Name != "":
		id := ipsurl.MemberID(e.author.URL)
		p.Author = &forum.Author{Name: e.author.Name, ID: id, URL: ipsurl.MemberURL(e.author.URL), IsGuest: id == ""}
	case p.Author != nil && e.author.Name != "" && dom.Fold(e.author.Name) != p.Author.Name:
		r.warn("jsonld_author_differs")
	}
	at := r.clock.Machine(e.created, "")
	switch {
	case !p.Published.Known():
		if at.Known() {
			p.Published = at
		}
	case at.Known() && at.At.Sub(p.Published.At).Abs().Minutes() >= 1:
		r.warn("jsonld_time_differs")
	}
	if p.Reactions == nil && e.votes > 0 {
		p.Reactions = &forum.Reactions{Total: e.votes}
	}
}

// positions computes what the engine never shows, from its page size. Version 5
// can put the first post above every page of replies.
func (r *reader) positions(t *forum.Thread, first int) {
	perPage, n := r.perPage, len(r.page.Posts)
	if t.Page == 1 {
		first = -1
	}
	if first >= 0 {
		r.page.Posts[first].Page, n = 1, n-1
	}
	if perPage == 0 && t.Page < t.PageCount {
		perPage = n
	}
	if t.PageCount > 1 {
		r.page.Learned.PostsPerPage = perPage
	}
	if perPage == 0 {
		perPage = r.facts.PostsPerPage
	}
	place := (t.Page - 1) * perPage
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		switch {
		case i == first:
			p.Position, p.PositionSource = 1, forum.PositionShown
		case t.Page > 1 && perPage == 0:
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
		default:
			place++
			p.Position, p.PositionSource = int64(place), forum.PositionComputed
		}
	}
}

func withoutFragment(href string) string {
	href, _, _ = strings.Cut(href, "#")
	return href
}

// time reads a time element. Version 5 writes a long and a short form into one
// element; the long one is what a reader sees.
func (r *reader) time(s *goquery.Selection) forum.Stamp {
	st := r.clock.Element(s)
	if s == nil || s.Length() == 0 {
		return st
	}
	if long := dom.First(s, selLongTime); long.Length() > 0 {
		if st.Raw = dom.Text(long); len(s.AttrOr("title", "")) > 0 {
			st.Raw = dom.Fold(s.AttrOr("title", ""))
		}
	}
	return st
}

var selLongTime = dom.Sel(".ipsTime__long")
