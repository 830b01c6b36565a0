package wpforo

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow        = dom.Sel(".topic-wrap, .wpf-thread")
	selRowTitle   = dom.Sel(".wpforo-topic-title a[href], a.wpforo-topic-title[href], .wpf-thread-title > a[href], .wpf-thread-head > a[href]")
	selRowAnyLink = dom.Sel(".wpforo-topic-info a[title][href], .wpforo-topic-details a[title][href], .wpf-thread-title a[title][href]")
	selRowBy      = dom.Sel(".wpforo-topic-start-info > a[title], .wpforo-topic-author a[title], .wpf-thread-author-name a[title]")
	selRowStarted = dom.Sel(".wpforo-topic-start-info > .wpforo-date, .wpf-thread-author-name .wpforo-date")
	selRowModify  = dom.Sel(".wpforo-topic-author .wpforo-date")
	selRowViews   = dom.Sel(".wpforo-topic-stat-views, .wpf-tbox.views .count, .wpf-thread-views")
	selRowPosts   = dom.Sel(".wpforo-topic-stat-posts, .wpforo-topic-replies")
	selRowReplies = dom.Sel(".wpf-thread-posts")
	selIntro      = dom.Sel(".wpforo-last-posts-list li")
	selIntroLink  = dom.Sel(".wpforo-last-post-title a[href]")
	selIntroUser  = dom.Sel(".wpforo-last-post-user a[title]")
	selLastBy     = dom.Sel(".wpf-last-post-by a[href]")
	selLastCell   = dom.Sel(".wpforo-topic-stat-lastpost, .wpf-thread-last-reply")
	selLastDate   = dom.Sel(".wpf-thread-last-date")
	selLastUser   = dom.Sel(".wpf-thread-last-user > a[title], .wpforo-topic-stat-lastpost > span > a[title]")
	selToggle     = dom.Sel("[id^='button-arrow-']")
	selIntroBox   = dom.Sel("[class^='wpforo-last-posts-']")
	selRowTags    = dom.Sel("tag a")
	selPinned     = dom.Sel(".fa-thumbtack")
	selClosed     = dom.Sel(".fa-lock")
	selSolved     = dom.Sel(".fa-check-circle, .fa-square-check, .fa-check")

	selBoard      = dom.Sel(".forum-wrap, .wpf-forum-item, .wpforo-forum-card")
	selBoardTitle = dom.Sel(".wpforo-forum-title a[href], .wpf-forum-item > a[href], .forum-card-title a[href]")
	selBoardLink  = dom.Sel("a[href]")
	selBoardAbout = dom.Sel(".wpforo-forum-description, .forum-card-description")
	selSection    = dom.Sel(".wpforo-section, [class^='wpfl-']")
	selCategory   = dom.Sel(".cat-name, .cat-title")
	selTopicCount = dom.Sel(".wpforo-forum-stat-topics")
	selPostCount  = dom.Sel(".wpforo-forum-stat-posts")
	selStats      = dom.Sel(".wpforo-forum-details .wpf-sbd")
	selAnswers    = dom.Sel(".wpforo-forum-stat .wpft-cell-right")
	selItemStat   = dom.Sel(".wpf-forum-item-stat > span, .forum-stats-overlay .stat-value")
	selSubBoard   = dom.Sel(".wpforo-subforum li a[href], .forum-card-subforums a[href]")
	selBoardLast  = dom.Sel(".wpforo-last-post-title a[href]")
	selBoardWhen  = dom.Sel(".wpforo-last-post-author .wpforo-date, .wpforo-last-post .wpforo-date")
	selThreadList = dom.Sel(".wpf-thread-list[data-forumid]")
)

// listings reads the index, or a board. The threaded layout shows new threads on
// the index too: these belong to their boards' lists.
func (r *reader) listings() {
	r.page.Path = r.crumbs()
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	dom.EachNode(r.doc.Selection, selBoard, func(_ int, s *goquery.Selection) { r.board(s) })
	if r.page.Kind == forum.KindIndex {
		return
	}
	r.ownCrumb()
	unnumbered := false
	dom.EachNode(r.doc.Selection, selRow, func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			unnumbered = unnumbered || row.ID == ""
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	if unnumbered {
		r.gaps.Add("listing", "this layout does not show the topics' numbers")
	}
}

// ownCrumb ends the path with the board itself, whose step is no link. Only the
// list of the threaded layout has its number.
func (r *reader) ownCrumb() {
	c := forum.Crumb{Name: dom.Text(r.doc.FindMatcher(selTitle).First())}
	if c.Name == "" {
		c.Name = dom.Text(r.doc.FindMatcher(selCrumbHere).First())
	}
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindBoard && c.URL == "" {
			c.URL = firstPage(l.URL)
		}
	}
	if lists := r.doc.FindMatcher(selThreadList); lists.Length() == 1 {
		c.ID = lists.AttrOr("data-forumid", "")
	}
	if c.ID == "" || c.ID == "0" {
		c.ID = ""
		r.gaps.Add("path", "the page does not show the board's number")
	}
	if c.Name != "" {
		r.page.Path = append(r.page.Path, c)
	}
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1}
	link := dom.First(s, selRowTitle, selRowAnyLink)
	row.Title = full(link)
	row.URL = firstPage(r.doc.Resolve(link.AttrOr("href", "")))
	if row.Title == "" || row.URL == "" {
		return row, false
	}
	row.ID = dom.IDAfter(s.FindMatcher(selToggle).First().AttrOr("id", ""), "button-arrow-")
	if row.ID == "" {
		row.ID = dom.IDAfter(s.FindMatcher(selIntroBox).First().AttrOr("class", ""), "wpforo-last-posts-")
	}
	if row.Author = r.member(s.FindMatcher(selRowBy).First()); row.Author == nil {
		row.Author = r.member(s.FindMatcher(selIntro).First().FindMatcher(selIntroUser).First())
	}
	row.Started = r.ago(s.FindMatcher(selRowStarted).First())
	r.rowCounts(&row, s)
	r.rowLast(&row, s)
	s.FindMatcher(selRowTags).Each(func(_ int, a *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(a)) })
	has := func(class string, icon goquery.Matcher) bool {
		return dom.Is(s, class) || s.FindMatcher(icon).Length() > 0
	}
	row.IsSticky, row.IsLocked, row.IsSolved = has("wpf-tt-sticky", selPinned), has("wpf-tt-closed", selClosed), has("wpf-tt-solved", selSolved)
	return row, true
}

// rowCounts: two layouts count posts, with the first; the threaded one replies.
func (r *reader) rowCounts(row *forum.Row, s *goquery.Selection) {
	number := func(m goquery.Matcher) *int64 {
		n, rounded, ok := dom.Number(dom.Text(s.FindMatcher(m).First()))
		if !ok {
			return nil
		}
		row.CountsRounded = row.CountsRounded || rounded
		return &n
	}
	row.ViewCount = number(selRowViews)
	if row.ReplyCount = number(selRowReplies); row.ReplyCount != nil {
		return
	}
	if n := number(selRowPosts); n != nil && *n > 0 {
		row.ReplyCount = new(*n - 1)
	}
}

// rowLast reads the last post: a link to it, with its date, and its author where
// the link's own words do not hide the name in a sentence.
func (r *reader) rowLast(row *forum.Row, s *goquery.Selection) {
	cell := s.FindMatcher(selLastCell).First()
	link := dom.First(s, selLastBy)
	if link.Length() == 0 {
		link = cell.FindMatcher(selPostLink).First()
	}
	row.LastPostID = linkedPost(r.doc.Resolve(link.AttrOr("href", "")))
	switch {
	case s.FindMatcher(selLastDate).Length() > 0:
		row.LastPost = r.ago(s.FindMatcher(selLastDate).First())
	case link.FindMatcher(selAgo).Length() > 0:
		row.LastPost = r.ago(link.FindMatcher(selAgo).First())
	case s.FindMatcher(selRowModify).Length() > 0:
		row.LastPost = r.ago(s.FindMatcher(selRowModify).First())
	case cell.Length() > 0 && dom.OwnText(cell) != "" && link.Length() > 0:
		row.LastPost = r.clock.Text(dom.OwnText(cell))
	}
	row.LastAuthor = r.member(s.FindMatcher(selLastUser).First())
	s.FindMatcher(selIntro).EachWithBreak(func(_ int, li *goquery.Selection) bool {
		if row.LastPostID == "" || linkedPost(r.doc.Resolve(li.FindMatcher(selIntroLink).First().AttrOr("href", ""))) != row.LastPostID {
			return true
		}
		row.LastAuthor = r.member(li.FindMatcher(selIntroUser).First())
		return false
	})
}

// board reads a board with those below it.
func (r *reader) board(s *goquery.Selection) {
	link := dom.First(s, selBoardTitle, selBoardLink)
	if dom.Is(s, "wpf-forum-item") {
		link = s.ChildrenMatcher(selBoardLink).First()
	}
	b := forum.Board{Name: dom.Text(link), URL: r.doc.Resolve(link.AttrOr("href", "")), ID: dom.IDAfter(s.AttrOr("id", ""), "wpf-forum-")}
	if b.Name == "" || b.URL == "" {
		return
	}
	if b.ID == "" {
		r.gaps.Add("boards", "not every board shows its number")
	}
	b.Description = dom.Text(s.FindMatcher(selBoardAbout).First())
	if b.Description == "" {
		b.Description = dom.Fold(link.AttrOr("wpf-tooltip", ""))
	}
	if section := dom.Closest(s.Nodes[0], selSection); section != nil {
		if name := dom.Find(section, selCategory); name != nil {
			b.Category = dom.NodeText(name)
		}
	}
	b.IsLink = !r.doc.SameHost(b.URL)
	r.boardCounts(&b, s)
	b.LastPostID = linkedPost(r.doc.Resolve(s.FindMatcher(selBoardLast).First().AttrOr("href", "")))
	b.LastPost = r.ago(s.FindMatcher(selBoardWhen).First())
	r.page.Boards = append(r.page.Boards, b)
	s.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
		sub := forum.Board{Name: dom.Text(a), URL: r.doc.Resolve(a.AttrOr("href", "")), ParentID: b.ID, Category: b.Category}
		if sub.Name != "" && sub.URL != "" {
			r.page.Boards = append(r.page.Boards, sub)
		}
	})
}

// boardCounts: each layout counts in its own way: by classes, in boxes of a
// fixed order (topics, posts, members), in rows (questions, answers, posts), or
// as "3 / 40" (threads, posts), also behind pictures on a card.
func (r *reader) boardCounts(b *forum.Board, s *goquery.Selection) {
	number := func(c *goquery.Selection) *int64 {
		n, rounded, ok := dom.Number(strings.TrimSpace(dom.Text(c)))
		if !ok {
			return nil
		}
		b.CountsRounded = b.CountsRounded || rounded
		return &n
	}
	boxes, rows, item := s.FindMatcher(selStats), s.FindMatcher(selAnswers), s.FindMatcher(selItemStat)
	switch {
	case boxes.Length() == 3:
		b.ThreadCount, b.PostCount = number(boxes.Eq(0)), number(boxes.Eq(1))
	case rows.Length() == 3:
		b.ThreadCount, b.PostCount = number(rows.Eq(0)), number(rows.Eq(2))
	case item.Length() == 2:
		b.ThreadCount, b.PostCount = number(item.Eq(0)), number(item.Eq(1))
	default:
		b.ThreadCount, b.PostCount = number(s.FindMatcher(selTopicCount).First()), number(s.FindMatcher(selPostCount).First())
	}
}
