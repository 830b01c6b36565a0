package xenforo1

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow         = dom.Sel("li.discussionListItem")
	selRowTitle    = dom.Sel(".title a[href], h3 a[href]")
	selRowPrefix   = dom.Sel(".title .prefix, h3 .prefix")
	selPosterDate  = dom.Sel(".posterDate, .secondRow")
	selStartDate   = dom.Sel(".startDate .DateTime, .posterDate .DateTime, .secondRow .DateTime")
	selReplies     = dom.Sel(".stats .major dd, .stats dl:first-child dd")
	selViews       = dom.Sel(".stats .minor dd, .stats dl:last-child dd")
	selLastPost    = dom.Sel(".lastPost")
	selItemPages   = dom.Sel(".itemPageNav a")
	selRowTags     = dom.Sel(".tagList a.tag, .tags a")
	selNode        = dom.Sel("li.node")
	selNodeTitle   = dom.Sel(".nodeTitle a, h3 a")
	selNodeAbout   = dom.Sel(".nodeDescription")
	selNodeStats   = dom.Sel(".nodeStats dl")
	selNodeLast    = dom.Sel(".nodeLastPost")
	selNodeLink    = dom.Sel(".lastThreadTitle a[href], .lastThreadTitle a")
	selCategory    = dom.Sel(".categoryText .nodeTitle, .categoryStrip .nodeTitle")
	selSubForums   = dom.Sel(".subForumList a[href], .subForumsPopup .nodeTitle a[href], .subForumsMenu a[href*='forums/'], .subForumsMenu .node a[href]")
	selBoardHeader = dom.Sel(".titleBar h1")
	selSubList     = dom.Sel(".subForumList, .subForumsPopup, .subForumsMenu, .Menu")
	selCategoryBox = dom.Sel("li.node.category")
	selRowSticky   = dom.Sel(".iconKey .sticky")
	selRowLocked   = dom.Sel(".iconKey .locked")
	selRowMoved    = dom.Sel(".iconKey .redirect")
	selFound       = dom.Sel("li.searchResult")
	selFoundTitle  = dom.Sel("h3.title a[href], .titleText .title a[href]")
	selFoundMeta   = dom.Sel(".meta")
)

// listings reads the index, a board or search results.
func (r *reader) listings() {
	r.page.Path = r.path()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.boards()
	r.doc.FindMatcher(selRow).Each(func(i int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	if r.page.Kind == forum.KindSearch && len(r.page.Listing) == 0 {
		r.found()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

// found reads search results, which link a thread or a post each.
func (r *reader) found() {
	seen := map[string]bool{}
	r.doc.FindMatcher(selFound).Each(func(_ int, s *goquery.Selection) {
		a := s.FindMatcher(selFoundTitle).FilterFunction(func(_ int, a *goquery.Selection) bool { return !dom.Is(a, "prefixLink") }).Last()
		href := a.AttrOr("href", "")
		row := forum.Row{ID: xfurl.ThreadID(href), Title: dom.TextWithout(a, selNoTitle), Type: "discussion"}
		if row.ID == "" || seen[row.ID] {
			return
		}
		seen[row.ID] = true
		row.URL = r.threadURL(href)
		if xfurl.PostID(href) == "" {
			meta := dom.First(s, selFoundMeta)
			row.Started = r.clock.Element(dom.First(meta, selDateTime))
			if user := dom.First(meta, selUsername); user.Length() > 0 {
				row.Author = r.user(user)
			}
		}
		r.page.Listing = append(r.page.Listing, row)
	})
}

// threadURL is the address of the thread's first page in a link that may jump
// into it, or "".
func (r *reader) threadURL(href string) string {
	href = r.doc.Resolve(href)
	for _, sub := range [...]string{"/unread", "/latest"} {
		if i := strings.LastIndex(href, sub); i > 0 {
			href = href[:i+1]
		}
	}
	if u := parse(href); u != nil {
		if l, ok := xfurl.Canonical(u); ok && l.Kind == forum.KindThread {
			return firstPage(l.URL)
		}
	}
	if xfurl.TargetID(href) != "" && xfurl.PostID(href) == "" {
		return xfurl.TargetURL(href)
	}
	return ""
}

// boardCrumb ends the path with the board itself: the engine's breadcrumb
// leads up to it and does not name it.
func (r *reader) boardCrumb() {
	href := r.doc.Canonical()
	if href == "" {
		href = r.doc.URL.String()
	}
	u := parse(href)
	if u == nil {
		return
	}
	l, ok := xfurl.Canonical(u)
	if !ok || l.Kind != forum.KindBoard {
		l = forum.Link{URL: xfurl.TargetURL(href), ID: xfurl.TargetID(href)} // the route has a word of the forum's own
	}
	if l.ID == "" {
		return
	}
	last := len(r.page.Path) - 1
	if last >= 0 && r.page.Path[last].ID == l.ID {
		return
	}
	name := dom.TextWithout(r.doc.FirstOf(selBoardHeader), selNoTitle)
	r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: firstPage(l.URL), ID: l.ID})
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	n := s.Nodes[0]
	row := forum.Row{ID: dom.IDAfter(dom.Attr(n, "id"), "thread-"), Type: "discussion"}
	title := s.FindMatcher(selRowTitle).FilterFunction(func(_ int, a *goquery.Selection) bool { return !dom.Is(a, "prefixLink") }).Last()
	href := title.AttrOr("href", "")
	row.Title = dom.TextWithout(title, selNoTitle)
	if row.ID == "" {
		row.ID = threadID(href)
	}
	row.URL = r.threadURL(href)
	if row.ID == "" && row.URL == "" {
		return row, false
	}
	r.rowDetails(&row, s)
	row.IsSticky = dom.HasClass(n, "sticky") || dom.Has(s, selRowSticky)
	row.IsLocked = dom.HasClass(n, "locked") || dom.Has(s, selRowLocked)
	if dom.HasClass(n, "redirect") || dom.Has(s, selRowMoved) {
		row.IsMoved, row.Type = true, "redirect"
		row.RedirectTo = r.doc.Resolve(href)
	}
	return row, true
}

// threadID is the thread that a row's title leads to, also where the forum has
// renamed the route of its threads.
func threadID(href string) string {
	if id := xfurl.ThreadID(href); id != "" {
		return id
	}
	return xfurl.TargetID(href)
}

func (r *reader) rowDetails(row *forum.Row, s *goquery.Selection) {
	s.FindMatcher(selRowPrefix).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" {
			row.Prefix = append(row.Prefix, text)
		}
	})
	s.FindMatcher(selRowTags).Each(func(_ int, e *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(e)) })
	if user := dom.First(s.FindMatcher(selPosterDate), selUsername); user.Length() > 0 {
		row.Author = r.user(user)
	} else if name := s.AttrOr("data-author", ""); name != "" {
		row.Author = &forum.Author{Name: name}
	}
	row.Started = r.clock.Element(dom.First(s, selStartDate))
	row.ReplyCount = counter(dom.First(s, selReplies), &row.CountsRounded)
	row.ViewCount = counter(dom.First(s, selViews), &row.CountsRounded)
	last := dom.First(s, selLastPost)
	row.LastPost = r.clock.Element(dom.First(last, selDateTime))
	if user := dom.First(last, selUsername); user.Length() > 0 {
		row.LastAuthor = r.user(user)
	}
	row.PageCount = 1
	s.FindMatcher(selItemPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, xfurl.PageNumber(a.AttrOr("href", "")))
	})
}

// counter reads a count, which add-ons abbreviate from a thousand on.
func counter(s *goquery.Selection, rounded *bool) *int64 {
	n, short, ok := dom.Number(dom.Text(s))
	if !ok {
		return nil
	}
	*rounded = *rounded || short
	return &n
}

// boards reads the nodes of the index and the sub-boards of a board. Those that
// a board lists in small or in a menu are read with their parent.
func (r *reader) boards() {
	r.doc.FindMatcher(selNode).Each(func(_ int, s *goquery.Selection) {
		if dom.Is(s, "category") || dom.Closest(s.Nodes[0], selSubList) != nil {
			return
		}
		b, ok := r.board(s)
		if !ok {
			return
		}
		if box := dom.Closest(s.Nodes[0], selCategoryBox); box != nil {
			b.Category = dom.NodeText(dom.Find(box, selCategory))
		}
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(s, b)
	})
}

func (r *reader) board(s *goquery.Selection) (forum.Board, bool) {
	title := dom.First(s, selNodeTitle)
	href := title.AttrOr("href", "")
	b := forum.Board{Name: dom.Text(title), URL: r.doc.Resolve(href), ID: crumbID(href)}
	for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
		if id := dom.IDAfter(class, "node_"); id != "" && b.ID == "" {
			b.ID = id
		}
	}
	if b.ID == "" {
		b.ID = xfurl.TargetID(href)
	}
	if b.Name == "" {
		return b, false
	}
	b.IsLink = dom.Is(s, "link") || dom.Is(s, "linkForum") || dom.Is(s, "page")
	b.Description = dom.Text(dom.First(s, selNodeAbout))
	stats := s.FindMatcher(selNodeStats)
	b.ThreadCount = counter(stats.Eq(0).FindMatcher(cssDd), &b.CountsRounded)
	b.PostCount = counter(stats.Eq(1).FindMatcher(cssDd), &b.CountsRounded)
	last := dom.First(s, selNodeLast)
	b.LastPost = r.clock.Element(dom.First(last, selDateTime))
	b.LastPostID = xfurl.PostID(dom.First(last, selNodeLink).AttrOr("href", ""))
	return b, true
}

func (r *reader) subBoards(s *goquery.Selection, parent forum.Board) {
	seen := map[string]bool{parent.ID: true}
	s.FindMatcher(selSubForums).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		name, id := dom.Text(a), boardID(href)
		if name == "" || id == "" || seen[id] {
			return
		}
		seen[id] = true
		r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: r.doc.Resolve(href), ParentID: parent.ID, Category: parent.Category})
	})
}
