package woltlab

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow        = dom.Sel(".wbbThread[data-thread-id], .wbbThread, tr[id^='threadRow']")
	selRowTitle   = dom.Sel("a.wbbTopicLink[href], .columnSubject h3 a[href], .topic a[href], .columnSubject a[href*='thread']")
	selRowLabel   = dom.Sel(".labelList .label, .columnSubject .label.badge, .columnSubject .badge.label")
	selRowTag     = dom.Sel(".columnSubject .tag")
	selStarter    = dom.Sel(".columnSubject .statusDisplay a.userLink, .columnSubject small a.userLink, .columnSubject a.username, .columnSubject .userLink, .messageGroupAuthor a, .columnSubject .threadAuthor")
	selStarted    = dom.Sel(".columnSubject woltlab-core-date-time, .columnSubject time, .messageGroupTime time")
	selStats      = dom.Sel(".columnStats dl, .columnStats .statsDataList dl")
	selReplyCell  = dom.Sel(".columnReplies, .columnReplies a, td.columnReplies")
	selViewCell   = dom.Sel(".columnViews, td.columnViews")
	selLast       = dom.Sel(".columnLastPost")
	selLastLink   = dom.Sel(".columnLastPost a[href*='postID='], .columnLastPost a[href*='#post']")
	selRowPages   = dom.Sel(".columnSubject .pagination a[href], .columnSubject a[href*='pageNo='], .statusIcons a[href*='pageNo=']")
	selRowClosed  = dom.Sel(".jsIconClosed, .fa-lock, fa-icon[name='lock']")
	selRowSticky  = dom.Sel(".jsIconSticky, .fa-thumb-tack, fa-icon[name='thumbtack']")
	selRowDone    = dom.Sel(".jsIconDone, .fa-check-square-o, fa-icon[name='square-check']")
	selRowLinkTo  = dom.Sel(".jsIconLink, .fa-link, fa-icon[name='link'], .jsIconMoved")
	selBoard      = dom.Sel(".wbbBoardContainer .wbbBoard, .wbbBoardList > li[data-board-id], .wbbBoard[data-board-id], li[data-board-id]:not(.wbbCategory), .wbbBoard")
	selBoardLink  = dom.Sel(".containerHeadline a[href], .wbbBoardTitle a[href], h2 a[href], h3 a[href], .boardTitle a[href]")
	selBoardAbout = dom.Sel(".wbbBoardDescription, .boardDescription, .containerHeadline ~ p")
	selBoardStats = dom.Sel(".wbbStats dl, .wbbBoardStats dl, .stats dl, dl.statsDataList, dl.inlineDataList")
	selBoardLast  = dom.Sel(".wbbLastPost, .columnLastPost, .lastPost")
	selCategory   = dom.Sel(".wbbCategory")
	selCatName    = dom.Sel("header h2, .boxTitle, .containerHeadline h2, h2, .sectionTitle")
	selSubBoard   = dom.Sel(".wbbSubBoards a[href], .subBoards a[href]")
)

// listings reads the index, a board, or the threads of a view.
func (r *reader) listings() {
	r.page.Path = r.crumbs()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	seen := map[string]bool{}
	r.doc.FindMatcher(selBoard).Each(func(_ int, s *goquery.Selection) { r.board(s, seen) })
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok && !seen["t"+row.ID] {
			seen["t"+row.ID] = true
			r.page.Listing = append(r.page.Listing, row)
		}
	})
}

func (r *reader) boardCrumb() {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		id := idOf(forum.KindBoard, href)
		if id == "" {
			continue
		}
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			name := dom.TextWithout(r.doc.FirstOf(selTitle), selNotTitle)
			r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: firstPage(href), ID: id})
		}
		return
	}
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1, ID: dom.Digits(s.AttrOr("data-thread-id", ""))}
	link := dom.First(s, selRowTitle)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if row.ID == "" {
		row.ID = idOf(forum.KindThread, href)
	}
	row.Title, row.URL = dom.Text(link), firstPage(href)
	if row.Title == "" || row.ID == "" {
		return row, false
	}
	s.FindMatcher(selRowLabel).Each(func(_ int, e *goquery.Selection) { row.Prefix = append(row.Prefix, dom.Text(e)) })
	s.FindMatcher(selRowTag).Each(func(_ int, e *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(e)) })
	if e := dom.First(s, selStarter); e.Length() > 0 {
		row.Author = r.user(e)
	}
	row.Started = r.stamp(dom.First(s, selStarted))
	row.ReplyCount, row.ViewCount, row.CountsRounded = r.counts(s)
	last := dom.First(s, selLast)
	row.LastPost = r.stamp(dom.First(last, selTime))
	row.LastPostID = linkedPost(dom.First(s, selLastLink).AttrOr("href", ""))
	if e := dom.First(last, selUser); e.Length() > 0 {
		row.LastAuthor = r.user(e)
	}
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		l, _ := linkOf(r.doc.Resolve(a.AttrOr("href", "")))
		row.PageCount = max(row.PageCount, l.Page)
	})
	row.IsLocked, row.IsSticky, row.IsSolved = dom.Has(s, selRowClosed), dom.Has(s, selRowSticky), dom.Has(s, selRowDone)
	if dom.Has(s, selRowLinkTo) || strings.Contains(s.AttrOr("class", ""), "Moved") {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", row.URL
	}
	return row, true
}

// counts reads replies and views: two pairs, the first of which counts replies.
func (r *reader) counts(s *goquery.Selection) (replies, views *int64, rounded bool) {
	stats := s.FindMatcher(selStats)
	if stats.Length() == 0 {
		return dom.Count(dom.Text(dom.First(s, selReplyCell))), dom.Count(dom.Text(dom.First(s, selViewCell))), false
	}
	values := stats.FindMatcher(cssDd)
	replies, views = count(values.Eq(0), &rounded), count(values.Eq(1), &rounded)
	return replies, views, rounded
}

func count(s *goquery.Selection, rounded *bool) *int64 {
	n, short, ok := dom.Number(dom.Text(s))
	if !ok {
		return nil
	}
	*rounded = *rounded || short
	return &n
}

func (r *reader) board(s *goquery.Selection, seen map[string]bool) {
	link := dom.First(s, selBoardLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	id := idOf(forum.KindBoard, href)
	if id == "" {
		id = dom.Digits(s.AttrOr("data-board-id", ""))
	}
	name := dom.Text(link)
	if id == "" || name == "" || seen[id] || dom.Is(s, "wbbCategory") {
		return
	}
	seen[id] = true
	b := forum.Board{ID: id, Name: name, URL: firstPage(href), Description: dom.Text(dom.First(s, selBoardAbout))}
	if c := s.ClosestMatcher(selCategory); c.Length() > 0 {
		b.Category = dom.Text(dom.First(c, selCatName))
	}
	values := s.FindMatcher(selBoardStats).FindMatcher(cssDd)
	b.ThreadCount, b.PostCount = count(values.Eq(0), &b.CountsRounded), count(values.Eq(1), &b.CountsRounded)
	last := dom.First(s, selBoardLast)
	b.LastPost = r.stamp(dom.First(last, selTime))
	last.FindMatcher(selLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		b.LastPostID = linkedPost(a.AttrOr("href", ""))
		return b.LastPostID == ""
	})
	r.page.Boards = append(r.page.Boards, b)
	s.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if sub := idOf(forum.KindBoard, href); sub != "" && !seen[sub] {
			seen[sub] = true
			r.page.Boards = append(r.page.Boards, forum.Board{ID: sub, Name: dom.Text(a), URL: firstPage(href), ParentID: id, Category: b.Category})
		}
	})
}
