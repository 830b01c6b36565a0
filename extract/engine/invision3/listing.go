package invision3

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTopicLink  = dom.Sel("a.topic_title, a[id^='tid-link-'], h4 a[href]")
	selRowPrefix  = dom.Sel(".topic_prefix")
	selRowBadge   = dom.Sel(".ipsBadge")
	selViews      = dom.Sel(".col_f_views li, .col_f_views")
	selRowLast    = dom.Sel(".col_f_post .last_post, .last_post")
	selMember     = dom.Sel("a[href*='user/'], a[href*='showuser=']")
	selMini       = dom.Sel(".mini_pagination a[href], .pagination_mini a[href]")
	selStarted    = dom.Sel(".col_f_content .desc, .col_f_content .lighter, .topic_preview + .desc")
	selBoardLink  = dom.Sel("h4 a[href], a[href*='/forum/'], a[href*='showforum=']")
	selBoardDesc  = dom.Sel(".forum_desc, .desc.__forum_desc, .desc")
	selBoardStats = dom.Sel(".col_c_stats")
	selBoardLast  = dom.Sel(".col_c_post")
	selSubBoard   = dom.Sel(".subforums a[href], ol.subforums a[href]")
	selCategory   = dom.Sel(".category_block, .ipsBox")
	selCategoryH  = dom.Sel("h3.maintitle a[href], h3 a[href]")
	selStateIcon  = dom.Sel(".col_f_icon img, .col_f_icon a")
)

// listings reads the index or a board.
func (r *reader) listings() {
	r.page.Path = r.path()
	if id := ipsurl.ForumID(r.doc.URL.String()); r.page.Kind == forum.KindBoard && id != "" {
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: dom.Text(r.doc.FirstOf(selTitle)), URL: ipsurl.FirstPage(r.doc.URL.String()), ID: id})
		}
	}
	r.boards()
	r.doc.FindMatcher(selTopicRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	link := dom.First(s, selTopicLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row := forum.Row{ID: dom.IDAfter(s.AttrOr("id", ""), "trow_"), Title: dom.Text(link), URL: ipsurl.FirstPage(href), Type: "discussion", PageCount: 1}
	if row.ID == "" {
		row.ID = ipsurl.TopicID(href)
	}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	if p := dom.Text(dom.First(s, selRowPrefix)); p != "" {
		row.Prefix = []string{p}
	}
	r.rowFlags(&row, s, href)
	counts := numbersOf(s.FindMatcher(selViews))
	if len(counts) >= 2 {
		row.ReplyCount, row.ViewCount = counts[0], counts[1]
	}
	last := dom.First(s, selRowLast)
	row.LastPost, row.LastAuthor = r.lastPost(last)
	row.Author, row.Started = r.started(s)
	s.FindMatcher(selMini).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, ipsurl.PageNumber(r.doc.Resolve(a.AttrOr("href", ""))))
		if n := dom.Count(dom.Text(a)); n != nil && *n < 1e5 {
			row.PageCount = max(row.PageCount, int(*n))
		}
	})
	return row, true
}

// rowFlags reads badges by class: green for pinned, grey for locked; older
// versions show pictures.
func (r *reader) rowFlags(row *forum.Row, s *goquery.Selection, href string) {
	s.FindMatcher(selRowBadge).Each(func(_ int, b *goquery.Selection) {
		row.IsSticky = row.IsSticky || dom.Is(b, "ipsBadge_green")
		row.IsLocked = row.IsLocked || dom.Is(b, "ipsBadge_lightgrey") || dom.Is(b, "ipsBadge_grey")
	})
	icons, _ := s.FindMatcher(selStateIcon).Parent().Html()
	row.IsLocked = row.IsLocked || strings.Contains(icons, "t_closed") || strings.Contains(icons, "lock")
	if strings.Contains(icons, "t_moved") {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", href
	}
	if strings.Contains(icons, "t_poll") {
		row.Type = "poll"
	}
}

// numbersOf are the counters of the items of a list, in order.
func numbersOf(items *goquery.Selection) []*int64 {
	var out []*int64
	items.Each(func(_ int, li *goquery.Selection) {
		if !li.IsMatcher(cssLi) {
			return
		}
		if n := dom.Count(dom.Text(li)); n != nil {
			out = append(out, n)
		}
	})
	return out
}

// lastPost reads a cell: who, and when in the link to the last page.
func (r *reader) lastPost(cell *goquery.Selection) (forum.Stamp, *forum.Author) {
	var at forum.Stamp
	cell.FindMatcher(cssAHrefAbbrSpanLi).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if ipsurl.MemberID(e.AttrOr("href", "")) != "" || e.IsMatcher(cssLi) && dom.Has(e, cssA) {
			return true
		}
		if st := r.clock.Text(dom.Text(e)); st.Known() {
			at = st
		}
		return !at.Known()
	})
	var by *forum.Author
	cell.FindMatcher(selMember).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		by = r.member(a)
		return by == nil
	})
	return at, by
}

func (r *reader) member(a *goquery.Selection) *forum.Author {
	name, href := dom.Text(a), r.doc.Resolve(a.AttrOr("href", ""))
	id := ipsurl.MemberID(href)
	if name == "" || id == "" {
		return nil
	}
	out := &forum.Author{Name: name, ID: id, URL: href}
	if strings.Contains(href, "/user/") {
		out.URL = ipsurl.MemberURL(href)
	}
	return out
}

var reBy = regexp.MustCompile(`,\s*(.+)$`)

// started reads the line below a title, "Started by X, 12 Mar 2014".
func (r *reader) started(s *goquery.Selection) (*forum.Author, forum.Stamp) {
	line := dom.First(s, selStarted)
	var by *forum.Author
	line.FindMatcher(selMember).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		by = r.member(a)
		return by == nil
	})
	if by == nil {
		s.FindMatcher(cssColFContent).FindMatcher(selMember).EachWithBreak(func(_ int, a *goquery.Selection) bool {
			by = r.member(a)
			return by == nil
		})
	}
	if m := reBy.FindStringSubmatch(dom.Text(line)); m != nil {
		if st := r.clock.Text(m[1]); st.Known() {
			return by, st
		}
	}
	return by, forum.Stamp{}
}

func (r *reader) boards() {
	r.doc.FindMatcher(selBoardRow).Each(func(_ int, cell *goquery.Selection) {
		link := dom.First(cell, selBoardLink)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		b := forum.Board{Name: dom.Text(link), URL: ipsurl.FirstPage(href), ID: ipsurl.ForumID(href)}
		if b.Name == "" {
			return
		}
		if b.ID == "" {
			b.URL, b.IsLink = href, true
		}
		b.Description = dom.Text(dom.First(cell, selBoardDesc))
		if up := cell.ParentsMatcher(selCategory).First(); up.Length() > 0 {
			b.Category = dom.Text(dom.First(up, selCategoryH))
		}
		row := cell.ClosestMatcher(cssTr)
		counts := numbersOf(row.FindMatcher(selBoardStats).FindMatcher(cssLi))
		if len(counts) >= 2 {
			b.ThreadCount, b.PostCount = counts[0], counts[1]
		}
		b.LastPost, _ = r.lastPost(dom.First(row, selBoardLast))
		r.page.Boards = append(r.page.Boards, b)
		cell.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
			href := r.doc.Resolve(a.AttrOr("href", ""))
			if id, name := ipsurl.ForumID(href), dom.Text(a); id != "" && name != "" && id != b.ID {
				r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: ipsurl.FirstPage(href), ParentID: b.ID, Category: b.Category})
			}
		})
	})
}
