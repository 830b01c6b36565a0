package invision3

import (
	"slices"
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
	selSubBoard   = dom.Sel("[class*='subforums'] a[href]")
	selCategory   = dom.Sel(".category_block, .ipsBox")
	selCategoryH  = dom.Sel("h3.maintitle a[href], h3 a[href]")
	selPageTitle  = dom.Sel("head title")
	selStateIcon  = dom.Sel(".col_f_icon img, .col_f_icon a")
)

// listings reads the index or a board.
func (r *reader) listings() {
	r.page.Path = r.path()
	if id := ipsurl.ForumID(r.doc.URL.String()); r.page.Kind == forum.KindBoard && id != "" {
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: r.boardName(), URL: ipsurl.FirstPage(r.doc.URL.String()), ID: id})
		}
	}
	r.boards()
	r.lead = r.startedLead()
	r.doc.FindMatcher(selTopicRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

// boardName is the heading's, else what the page's title says first.
func (r *reader) boardName() string {
	if name := r.heading(); name != "" {
		return name
	}
	name, _, _ := strings.Cut(dom.Text(r.doc.FirstOf(selPageTitle)), " - ")
	return name
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
		if selRowPrefix.Match(b.Nodes[0]) {
			return
		}
		if dom.Is(b, "ipsBadge_green") && b.ParentMatcher(cssA).Length() == 0 { // that of an answer is a link
			poll := saysPoll(dom.Text(b))
			row.IsSticky = row.IsSticky || !poll
			if poll {
				row.Type = "poll"
			}
		}
		row.IsLocked = row.IsLocked || dom.Is(b, "ipsBadge_lightgrey") || dom.Is(b, "ipsBadge_grey")
	})
	icons, _ := s.FindMatcher(selStateIcon).Parent().Html()
	row.IsLocked = row.IsLocked || strings.Contains(icons, "t_closed") || strings.Contains(icons, "lock")
	if strings.Contains(icons, "t_moved") {
		row.IsMoved, row.IsSticky, row.IsLocked = true, false, false // its badge says so
		row.Type, row.RedirectTo = "redirect", href
	}
	if strings.Contains(icons, "t_poll") {
		row.Type = "poll"
	}
}

// pollWords are what the badge of a poll says in the program's translations; it
// looks like that of a pinned topic.
var pollWords = []string{"poll", "umfrage", "sondage", "encuesta", "sondaggio", "enquete", "опрос", "опитування", "ankieta", "anketa", "anket", "omröstning", "afstemning", "avstemning", "äänestys", "szavazás", "投票"}

func saysPoll(badge string) bool {
	badge = strings.ToLower(badge)
	return slices.ContainsFunc(pollWords, func(w string) bool { return strings.Contains(badge, w) })
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
	if first := dom.First(cell, cssLi); by == nil && at.Known() && !dom.Has(first, cssA) {
		if name := dom.Text(first); name != "" && !r.clock.Text(name).Known() {
			by = &forum.Author{Name: name, IsGuest: true}
		}
	}
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

// started reads the line below a title, "Started by X, 12 Mar 2014"; the tip of
// the title has the time too.
func (r *reader) started(s *goquery.Selection) (*forum.Author, forum.Stamp) {
	line := dom.First(s, selStarted)
	var by *forum.Author
	s.FindMatcher(cssColFContent).FindMatcher(selMember).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		by = r.member(a)
		return by == nil
	})
	at, before, _ := r.clock.Within(dom.Text(line))
	before = strings.TrimRight(before, " ,")
	if name, ok := strings.CutPrefix(before, r.lead); ok && by == nil && at.Known() && r.lead != "" {
		by = &forum.Author{Name: strings.TrimSpace(name), IsGuest: true}
	}
	link := dom.First(s, selTopicLink)
	tip := strings.TrimPrefix(link.AttrOr("title", ""), dom.Text(link))
	if st, _, _ := r.clock.Within(tip); st.Known() && st.Precision != forum.PrecisionDay {
		at = st
	}
	return by, at
}

// startedLead is what stands before the starters' names, read off the lines
// that name an account.
func (r *reader) startedLead() string {
	var texts []string
	var known dom.Names
	r.doc.FindMatcher(selTopicRow).Each(func(_ int, s *goquery.Selection) {
		line := dom.First(s, selStarted)
		if st, before, _ := r.clock.Within(dom.Text(line)); st.Known() {
			texts = append(texts, strings.TrimRight(before, " ,"))
			known.Add(dom.Text(dom.First(line, selMember)))
		}
	})
	return dom.ByLead(texts, known)
}

// category is the name in a box's heading: of its links the one to a board,
// for a button stands before it.
func (r *reader) category(box *goquery.Selection) string {
	name := ""
	box.FindMatcher(selCategoryH).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if ipsurl.ForumID(r.doc.Resolve(a.AttrOr("href", ""))) != "" {
			name = dom.Text(a)
		}
		return name == ""
	})
	if name == "" {
		name = dom.Text(dom.First(box, selCategoryH))
	}
	return name
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
		cell.ParentsMatcher(selCategory).EachWithBreak(func(_ int, up *goquery.Selection) bool {
			b.Category = r.category(up)
			return b.Category == "" // a box within the category's
		})
		row := cell.ClosestMatcher(cssTr)
		counts := numbersOf(row.FindMatcher(selBoardStats).FindMatcher(cssLi))
		if len(counts) >= 2 {
			b.ThreadCount, b.PostCount = counts[0], new(*counts[0]+*counts[1]) // it counts replies
		}
		b.LastPost, _ = r.lastPost(dom.First(row, selBoardLast))
		r.page.Boards = append(r.page.Boards, b)
		seen := map[string]bool{}
		cell.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
			href := r.doc.Resolve(a.AttrOr("href", ""))
			if id, name := ipsurl.ForumID(href), dom.Text(a); id != "" && name != "" && id != b.ID && !seen[id] {
				seen[id] = true
				r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: ipsurl.FirstPage(href), ParentID: b.ID, Category: b.Category})
			}
		})
	})
}
