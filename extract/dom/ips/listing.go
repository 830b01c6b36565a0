package ips

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTopicLink   = dom.Sel(".ipsDataItem_title a[href], .ipsData__title a[href], h4 a[href], a.ipsLinkPanel[href]")
	selRowPrefix   = dom.Sel(".ipsTag_prefix, .ipsBadge--prefix")
	selRowTag      = dom.Sel(".ipsTags a[rel=tag]:not(.ipsTag_prefix), .ipsTags__tag")
	selRowMeta     = dom.Sel(".ipsDataItem_meta, .ipsData__meta, .ipsDataItem_main, .ipsData__main")
	selRowLast     = dom.Sel(".ipsDataItem_lastPoster, .ipsData__last, .cForumGrid__last")
	selMember      = dom.Sel("a[href*='profile/']")
	selReplies     = dom.Sel("[data-stattype='forums_comments'], [data-stattype='comments'], [data-stattype='num_comments']")
	selViews       = dom.Sel("[data-stattype='num_views'], [data-stattype='views']")
	selStatNumber  = dom.Sel(".ipsDataItem_stats_number, .ipsData__stats-label")
	selStatIcon    = dom.Sel("[data-stat-value], .ipsData__stats-icon[title]")
	selMiniPages   = dom.Sel(".ipsPagination_mini a[href], .ipsPagination--mini a[href]")
	selMovedIcon   = dom.Sel(".fa-arrow-left, .fa-arrow-right, .fa-mail-forward, .fa-share")
	selSolvedIcon  = dom.Sel(".fa-check, .fa-check-circle, .fa-circle-check, .ipsBadge--solved")
	selPollIcon    = dom.Sel(".fa-question, .fa-bar-chart, .fa-square-poll-vertical, .fa-poll")
	selBoardLink   = dom.Sel(".ipsDataItem_title a[href], .ipsData__title a[href], .cForumGrid__title a[href], .cForumGrid__title-text a[href], h3 a[href], h4 a[href]")
	selBoardAbout  = dom.Sel(".ipsDataItem_meta, .ipsData__desc, .cForumGrid__description, .ipsData__meta")
	selBoardPosts  = dom.Sel(".ipsDataItem_stats_number, .ipsData__stats [data-stat-value], .ipsData__stats li, .cForumGrid__title-stats li")
	selSubBoard    = dom.Sel(".ipsDataItem_subList a[href], .ipsSubList a[href], .ipsData__subs a[href], .cForumGrid__subforums a[href]")
	selCategoryH   = dom.Sel(".cForumTitle a[href], h2 a[href], .ipsBox__header a[href], .ipsType_sectionTitle")
	selHeaderTitle = dom.Sel(".ipsPageHeader h1, h1.ipsType_pageTitle, h1")
)

// rows are the lines of threads; other lists of a page carry row numbers too,
// without a link to a thread.
func (r *reader) rows() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if link := r.topicLink(s); link != nil {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) topicLink(s *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	s.FindMatcher(selTopicLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if ipsurl.TopicID(href) != "" && dom.Text(a) != "" && !strings.Contains(href, "do=getNewComment") && dom.Closest(a.Nodes[0], selMiniNav) == nil {
			found = a
		}
		return found == nil
	})
	return found
}

var selMiniNav = dom.Sel(".ipsPagination_mini, .ipsPagination--mini, .ipsPagination")

// listings reads the index, a board, or a list of search results.
func (r *reader) listings() {
	r.page.Path = r.path()
	if r.page.Kind == forum.KindBoard {
		r.ownCrumb()
	}
	r.boards()
	for _, s := range r.rows() {
		r.page.Listing = append(r.page.Listing, r.row(s))
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

// ownCrumb ends the path with the board itself, which the breadcrumb names
// without a link.
func (r *reader) ownCrumb() {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		id := ipsurl.ForumID(href)
		if id == "" {
			continue
		}
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			name := dom.TextWithout(r.doc.FirstOf(selHeaderTitle), selNoTitle)
			r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: ipsurl.FirstPage(href), ID: id})
		}
		return
	}
}

func (r *reader) row(s *goquery.Selection) forum.Row {
	link := r.topicLink(s)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row := forum.Row{ID: s.AttrOr("data-rowid", ""), URL: ipsurl.FirstPage(href), Title: dom.TextWithout(link, selNoTitle), Type: "discussion", PageCount: 1}
	if row.ID == "" || dom.Digits(row.ID) != row.ID {
		row.ID = ipsurl.TopicID(href)
	}
	s.FindMatcher(selRowPrefix).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" {
			row.Prefix = append(row.Prefix, text)
		}
	})
	s.FindMatcher(selRowTag).Each(func(_ int, e *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(e)) })
	r.rowFlags(&row, s, href)
	r.rowPeople(&row, s)
	row.ReplyCount = r.stat(&row, s, selReplies)
	row.ViewCount = r.stat(&row, s, selViews)
	s.FindMatcher(selMiniPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, ipsurl.PageNumber(r.doc.Resolve(a.AttrOr("href", ""))))
	})
	return row
}

// rowFlags reads badges by their icons, which no language changes.
func (r *reader) rowFlags(row *forum.Row, s *goquery.Selection, href string) {
	row.IsLocked = dom.Has(s, selLocked)
	row.IsSticky = dom.Has(s, selPinned) || dom.Is(s, "ipsDataItem_pinned")
	row.IsSolved = dom.Has(s, selSolvedIcon)
	if dom.Has(s, selPollIcon) {
		row.Type = "poll"
	}
	if dom.Has(s, selMovedIcon) && !dom.Has(s, selReplies) {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", href
	}
}

// rowPeople reads the starter in the line below the title and the last poster
// in a cell of its own.
func (r *reader) rowPeople(row *forum.Row, s *goquery.Selection) {
	last := dom.First(s, selRowLast)
	meta := s.FindMatcher(selRowMeta)
	row.Author = r.member(meta, last)
	meta.FindMatcher(selHeaderTime).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if last.Length() == 0 || dom.Closest(e.Nodes[0], selRowLast) == nil {
			row.Started = r.time(e)
		}
		return row.Started.IsZero()
	})
	row.LastPost = r.time(dom.First(last, selHeaderTime))
	row.LastAuthor = r.member(last, nil)
}

// member is the first named link to an account within a selection, outside of
// another.
func (r *reader) member(in, outside *goquery.Selection) *forum.Author {
	var a *forum.Author
	in.FindMatcher(selMember).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if outside != nil && dom.Closest(e.Nodes[0], selRowLast) != nil {
			return true
		}
		name, href := dom.Text(e), r.doc.Resolve(e.AttrOr("href", ""))
		if id := ipsurl.MemberID(href); name != "" && id != "" {
			a = &forum.Author{Name: name, ID: id, URL: ipsurl.MemberURL(href)}
		}
		return a == nil
	})
	return a
}

// stat reads a counter: an exact attribute before the text, which may be
// abbreviated.
func (r *reader) stat(row *forum.Row, s *goquery.Selection, which goquery.Matcher) *int64 {
	li := dom.First(s, which)
	if li.Length() == 0 {
		return nil
	}
	for _, v := range []string{li.AttrOr("data-v", ""), dom.First(li, selStatIcon).AttrOr("data-stat-value", ""), dom.First(li, selStatIcon).AttrOr("title", "")} {
		if n, rounded, ok := dom.Number(v); ok && !rounded {
			return &n
		}
	}
	n, rounded, ok := dom.Number(dom.Text(dom.First(li, selStatNumber)))
	if !ok {
		return nil
	}
	row.CountsRounded = row.CountsRounded || rounded
	return &n
}

func (r *reader) boards() {
	r.doc.FindMatcher(selBoard).Each(func(_ int, s *goquery.Selection) {
		link := r.boardLink(s)
		if link == nil {
			return
		}
		href := r.doc.Resolve(link.AttrOr("href", ""))
		b := forum.Board{ID: s.AttrOr("data-forumid", ""), Name: dom.Text(link), URL: ipsurl.FirstPage(href)}
		if b.IsLink = ipsurl.ForumID(href) == ""; b.IsLink {
			b.URL = href
		}
		if up := s.Parent().ClosestMatcher(cssDataCategoryidCForumRowSectionLiIpsBox); up.Length() > 0 {
			b.Category = dom.Text(dom.First(up, selCategoryH))
		}
		b.Description = dom.TextWithout(dom.First(s, selBoardAbout), selStatNumber)
		n, rounded, ok := dom.Number(dom.Text(dom.First(s, selBoardPosts)))
		if ok {
			b.PostCount, b.CountsRounded = &n, rounded
		}
		b.LastPost = r.time(dom.First(s, selRowLast).FindMatcher(selHeaderTime).First())
		r.page.Boards = append(r.page.Boards, b)
		s.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
			href := r.doc.Resolve(a.AttrOr("href", ""))
			if id, name := ipsurl.ForumID(href), dom.Text(a); id != "" && name != "" && id != b.ID {
				r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: ipsurl.FirstPage(href), ParentID: b.ID, Category: b.Category})
			}
		})
	})
}

func (r *reader) boardLink(s *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	s.FindMatcher(selBoardLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if dom.Text(a) != "" && dom.Closest(a.Nodes[0], selRowLast) == nil {
			found = a
		}
		return found == nil
	})
	return found
}
