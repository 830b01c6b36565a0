package vanilla

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow        = dom.Sel("li.Item[id^='Discussion_'], tr.Item[id^='Discussion_'], .Discussions > .Item, .DiscussionsTable tbody > tr.Item")
	selRowTitle   = dom.Sel(".Title a[href], a.Title[href], .DiscussionName a[href*='/discussion/'], h3 a[href*='/discussion/']")
	selStarter    = dom.Sel(".FirstUser a.UserLink, .DiscussionAuthor a, .MItem.Author a, .FirstUser .UserLink")
	selFirstDate  = dom.Sel(".FirstUser time, .DiscussionDate time")
	selLastUser   = dom.Sel(".LastUser a.UserLink, .LastCommentBy a")
	selLastDate   = dom.Sel(".LastUser time, .LastCommentDate time")
	selLastWhen   = dom.Sel(".LastUser .CommentDate, .LastCommentDate")
	selLastLink   = dom.Sel(".LastUser a.CommentDate[href], .LastCommentDate a[href], .LatestPost a[href]")
	selReplies    = dom.Sel(".CommentCount, .CountComments, .CountReplies")
	selViews      = dom.Sel(".ViewCount, .CountViews")
	selNumber     = dom.Sel(".Number, [title]")
	selPinned     = dom.Sel(".Tag-Announcement, .HasNew.Announcement")
	selShut       = dom.Sel(".Tag-Closed")
	selRowPages   = dom.Sel(".MiniPager a[href]")
	selRowTags    = dom.Sel(".Tags a.Tag, .DiscussionTags a")
	selCategory   = dom.Sel("li[id^='Category_'], tr[id^='Category_'], .CategoryTable tbody > tr, .DataTable.CategoryTable tr.Item")
	selBoardLink  = dom.Sel("a.Title[href], .CategoryName h2 a[href], .CategoryName h3 a[href], .CategoryName h4 a[href], .CategoryNameHeading a[href], h2 a[href], .ItemContent a[href*='/categories/']")
	selBoardAbout = dom.Sel(".CategoryDescription")
	selBoardSize  = dom.Sel(".DiscussionCount, .CountDiscussions")
	selBoardPosts = dom.Sel(".CommentCount, .CountComments")
	selBoardLast  = dom.Sel(".LastCommentDate time, .LatestPost time")
	selBoardWhen  = dom.Sel(".LastCommentDate")
	selGroup      = dom.Sel(".CategoryGroup")
	selGroupName  = dom.Sel("h2, .H")
	selChildren   = dom.Sel(".ChildCategories a[href]")
	selPageTitle  = dom.Sel("h1.H, h1.HomepageTitle, main h1, #Content h1")
)

// listings reads the boards, one board or the newest discussions.
func (r *reader) listings() {
	r.page.Path = r.crumbs()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	heading := ""
	r.doc.FindMatcher(selCategory).Each(func(_ int, s *goquery.Selection) { r.board(s, &heading) })
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
}

func (r *reader) boardCrumb() {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		l, ok := linkOf(href)
		if !ok || l.Kind != forum.KindBoard {
			continue
		}
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != l.ID {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: dom.Text(r.doc.FirstOf(selPageTitle)), URL: firstPage(href), ID: l.ID})
		}
		return
	}
}

// counter reads a count in full: the short form has it in the title.
func counter(s *goquery.Selection) (n *int64, rounded bool) {
	e := dom.First(s, selNumber)
	if v, short, ok := dom.Number(e.AttrOr("title", "")); ok && !short {
		return &v, false
	}
	v, short, ok := dom.Number(dom.Text(s))
	if !ok {
		return nil, false
	}
	return &v, short
}

// lastPost is the comment that a last post's links lead to; tables begin with
// its author's picture.
func (r *reader) lastPost(s *goquery.Selection) string {
	id := ""
	s.FindMatcher(selLastLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		id = linkedComment(r.doc.Resolve(a.AttrOr("href", "")))
		return id == ""
	})
	return id
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1, ID: dom.IDAfter(s.AttrOr("id", ""), "Discussion_")}
	link := dom.First(s, selRowTitle)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row.Title, row.URL = dom.Text(link), firstPage(href)
	if l, ok := linkOf(href); ok && l.Kind == forum.KindThread && row.ID == "" {
		row.ID = l.ID
	}
	if row.Title == "" || row.ID == "" || dom.Has(s, selMessage) {
		return row, false
	}
	if e := dom.First(s, selStarter); e.Length() > 0 {
		row.Author = r.user(e)
	}
	if e := dom.First(s, selLastUser); e.Length() > 0 {
		row.LastAuthor = r.user(e)
	}
	row.Started, row.LastPost = r.clock.Element(dom.First(s, selFirstDate)), r.clock.Element(dom.First(s, selLastDate, selLastWhen))
	row.LastPostID = r.lastPost(s)
	var a, b bool
	row.ReplyCount, a = counter(dom.First(s, selReplies))
	row.ViewCount, b = counter(dom.First(s, selViews))
	row.CountsRounded = a || b
	s.FindMatcher(selRowPages).Each(func(_ int, e *goquery.Selection) {
		row.PageCount = max(row.PageCount, pageOf(r.doc.Resolve(e.AttrOr("href", ""))))
	})
	s.FindMatcher(selRowTags).Each(func(_ int, e *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(e)) })
	row.IsSticky = dom.Is(s, "Announcement") || dom.Has(s, selPinned)
	row.IsLocked = dom.Is(s, "Closed") || dom.Has(s, selShut)
	row.IsSolved = dom.Has(s, selSolved)
	return row, true
}

var selSolved = dom.Sel(".QnA-Tag-Accepted, .Tag.QnA-Tag-Answered, .QnA-Tag-Answered")

// board reads a board; a heading among them is the category of those below.
func (r *reader) board(s *goquery.Selection, heading *string) {
	link := dom.First(s, selBoardLink)
	l, ok := linkOf(r.doc.Resolve(link.AttrOr("href", "")))
	if !ok || l.Kind != forum.KindBoard {
		if dom.Is(s, "CategoryHeading") {
			*heading = dom.Text(s)
		}
		return
	}
	b := forum.Board{ID: l.ID, Name: dom.Text(link), URL: firstPage(l.URL), Category: *heading, Description: dom.Text(dom.First(s, selBoardAbout))}
	if g := s.ClosestMatcher(selGroup); g.Length() > 0 {
		b.Category = dom.Text(dom.First(g, selGroupName))
	}
	var x, y bool
	b.ThreadCount, x = counter(dom.First(s, selBoardSize))
	comments, y := counter(dom.First(s, selBoardPosts))
	b.CountsRounded = x || y
	if comments != nil && b.ThreadCount != nil {
		n := *comments + *b.ThreadCount // comments leave the discussions' own posts out
		b.PostCount = &n
	}
	b.LastPost = r.clock.Element(dom.First(s, selBoardLast, selBoardWhen))
	b.LastPostID = r.lastPost(s)
	r.page.Boards = append(r.page.Boards, b)
	s.FindMatcher(selChildren).Each(func(_ int, a *goquery.Selection) {
		if c, ok := linkOf(r.doc.Resolve(a.AttrOr("href", ""))); ok && c.Kind == forum.KindBoard {
			r.page.Boards = append(r.page.Boards, forum.Board{ID: c.ID, Name: dom.Text(a), URL: firstPage(c.URL), ParentID: b.ID, Category: b.Category})
		}
	})
}
