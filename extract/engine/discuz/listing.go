package discuz

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selRowTitle  = dom.Sel("a.xst, th span[id^='thread_'] > a, h3 > a[href]")
	selRowLink   = dom.Sel("th a[href], h3 a[href], .num a[href], .icn a[href], .folder a[href], a[href]")
	selRowPages  = dom.Sel(".tps a[href], .threadpages a[href]")
	selRowCells  = dom.Sel("td")
	selRowCounts = dom.Sel("td.num, td.nums")
	selRowReply  = dom.Sel("a, strong")
	selRowName   = dom.Sel("cite")
	selRowTime   = dom.Sel("em")
	selRowLock   = dom.Sel("th.lock, img[src*='folder_lock'], .icn .fico-lock, .folder .fico-lock")
	selRowPin    = dom.Sel("img[src*='/pin_'], .tpin")
	selRowPoll   = dom.Sel("img[src*='pollsmall'], .icn .fico-vote")
	selRowAsk    = dom.Sel("img[src*='rewardsmall'], .icn .fico-reward, a[href*='rewardtype=']")
	selRowSolved = dom.Sel("a[href*='rewardtype=2']")
	selBoardHead = dom.Sel("h1.xs2 > a[href], #forumheader h1, .forumheader h1, .header h2, h1 > a[href]")

	selTouchRow   = dom.Sel(".threadlist li, .threadlist_box li.list, .threadlist_box li.list_top")
	selTouchTitle = dom.Sel(".threadlist_tit > em, .threadlist_tit, a > em")
	selTouchName  = dom.Sel(".muser a[href], a.mmc[href]")
	selTouchBy    = dom.Sel(".by")
	selTouchNum   = dom.Sel(".num")
	selTouchPin   = dom.Sel("img[src*='icon_top']")
	selTouchOld   = dom.Sel(".by, em")
	selTouchTime  = dom.Sel(".mtime")
	selTouchFoot  = dom.Sel(".threadlist_foot li")
	selTouchTag   = dom.Sel(".threadlist_foot li.mr a[href*='filter=']")
	selWallName   = dom.Sel(".auth > a[href]")
	selWallReply  = dom.Sel(".auth cite a[href]")
)

// listings reads the index, a board, or a list that the program gathers from
// several boards.
func (r *reader) listings() {
	r.page.Path = r.path(r.page.Kind)
	own := ""
	if r.page.Kind == forum.KindBoard {
		own = r.ownCrumb()
	}
	r.boards(own)
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	for _, s := range r.touchRows() {
		r.page.Listing = append(r.page.Listing, r.touchRow(s))
	}
	if len(r.page.Listing) == 0 {
		r.page.Listing = r.looseRows()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
}

// ownCrumb ends the path with the board itself, and gives its id.
func (r *reader) ownCrumb() string {
	id := r.linked(r.doc.URL.String(), forum.KindBoard)
	if n := len(r.page.Path); n > 0 && (id == "" || r.page.Path[n-1].ID == id) {
		return r.page.Path[n-1].ID
	}
	if name := dom.Text(r.doc.FirstOf(selBoardHead)); name != "" && id != "" {
		r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: r.pageAddress(r.doc.URL.String(), 1), ID: id})
	}
	return id
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	id := s.AttrOr("id", "")
	row := forum.Row{Type: "discussion", PageCount: 1, IsSticky: strings.HasPrefix(id, "stickthread_") || dom.Has(s, selRowPin)}
	link := r.titleLink(s)
	row.Title = dom.Text(link)
	target := r.threadOf(link, s)
	if row.ID = dom.Digits(id); row.ID == "" {
		row.ID = target
	}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.Prefix = prefix(link.Nodes[0])
	row.URL = r.threadURL(link, s)
	r.rowFlags(&row, s, target)
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		if t, ok := r.read(a.AttrOr("href", "")); ok {
			row.PageCount = max(row.PageCount, t.page)
		}
	})
	switch {
	case s.IsMatcher(cssTbody):
		r.cells(&row, s)
	case s.IsMatcher(selTile):
		r.tile(&row, s)
	}
	r.loose(&row, s)
	return row, true
}

// titleLink is the link that bears the title.
func (r *reader) titleLink(s *goquery.Selection) *goquery.Selection {
	if link := dom.First(s, selRowTitle); link.Length() > 0 {
		return link
	}
	links := s.FindMatcher(selRowLink).FilterFunction(func(_ int, a *goquery.Selection) bool {
		t, ok := r.read(a.AttrOr("href", ""))
		return ok && t.kind == forum.KindThread && t.page == 1 && dom.Text(a) != ""
	})
	headed := links.FilterFunction(func(_ int, a *goquery.Selection) bool { return a.ClosestMatcher(cssThH3).Length() > 0 })
	if headed.Length() > 0 {
		return headed.First()
	}
	return links.First()
}

// threadOf is the thread that a row leads to, which for one that was moved is
// not the row's own.
func (r *reader) threadOf(link, s *goquery.Selection) string {
	id := r.linked(link.AttrOr("href", ""), forum.KindThread)
	s.FindMatcher(selRowLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if id == "" {
			id = r.linked(a.AttrOr("href", ""), forum.KindThread)
		}
		return id == ""
	})
	return id
}

func (r *reader) threadURL(link, s *goquery.Selection) string {
	url := ""
	s.FindMatcher(selRowLink).AddSelection(link).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if href := a.AttrOr("href", ""); r.linked(href, forum.KindThread) != "" {
			url = r.pageAddress(href, 1)
		}
		return url == ""
	})
	return url
}

// prefix reads the kind of thread: words in brackets before the title.
func prefix(link *html.Node) []string {
	var b strings.Builder
	if link.Parent != nil && link.Parent.Data == "span" { // 7 wraps the title
		link = link.Parent
	}
	for s := link.Parent.FirstChild; s != nil && s != link; s = s.NextSibling {
		if s.Type == html.TextNode {
			b.WriteString(s.Data)
			continue
		}
		b.WriteString(" " + dom.NodeText(s) + " ")
	}
	return brackets(dom.Fold(b.String()))
}

// rowFlags reads the state of a thread from icons, whose names are the
// program's own in every language.
func (r *reader) rowFlags(row *forum.Row, s *goquery.Selection, target string) {
	has := func(m goquery.Matcher) bool { return dom.Has(s, m) }
	row.IsLocked = has(selRowLock)
	row.IsSolved = has(selRowSolved)
	switch {
	case target != "" && target != row.ID:
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", row.URL
	case has(selRowPoll):
		row.Type = "poll"
	case has(selRowAsk):
		row.Type = "question"
	}
}

// cells reads a row's last three cells: starter and start, replies and views,
// last author and time. Other columns stand before them.
func (r *reader) cells(row *forum.Row, s *goquery.Selection) {
	cells := s.FindMatcher(selRowCells)
	at := cells.Length() - 2
	if counts := dom.First(s, selRowCounts); counts.Length() > 0 {
		at = cells.IndexOfSelection(counts)
	}
	if at < 1 || at+1 >= cells.Length() {
		return
	}
	row.Author = r.rowAuthor(cells.Eq(at - 1))
	row.Started = r.stamp(cells.Eq(at - 1).FindMatcher(selRowTime).First())
	counts := cells.Eq(at)
	if replies := counts.ChildrenMatcher(selRowReply).First(); replies.Length() > 0 {
		row.ReplyCount = exact(replies)
	}
	row.ViewCount = exact(counts.ChildrenMatcher(selRowTime).First())
	row.LastAuthor = r.rowAuthor(cells.Eq(at + 1))
	row.LastPost = r.stamp(cells.Eq(at + 1).FindMatcher(selRowTime).First())
}

// rowAuthor reads a name; the link of the last author has the name in place of
// the number.
func (r *reader) rowAuthor(cell *goquery.Selection) *forum.Author {
	cite := dom.First(cell, selRowName)
	link := dom.First(cite, selAnchor)
	name := dom.Text(link)
	if link.Length() == 0 {
		if name = dom.Text(cite); name == "" {
			return nil
		}
		return &forum.Author{Name: name, IsGuest: true}
	}
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	href := link.AttrOr("href", "")
	if id := r.linked(href, forum.KindProfile); id != "" {
		a.ID, a.URL = id, r.pageAddress(href, 0)
	}
	return a
}

// tile reads a row of a board that shows pictures.
func (r *reader) tile(row *forum.Row, s *goquery.Selection) {
	if link := s.FindMatcher(selWallName).Last(); link.Length() > 0 {
		if id := r.linked(link.AttrOr("href", ""), forum.KindProfile); id != "" {
			row.Author = &forum.Author{ID: id, Name: dom.Text(link), URL: r.pageAddress(link.AttrOr("href", ""), 0)}
		}
	}
	row.ReplyCount = dom.Count(dom.Text(s.FindMatcher(selWallReply).Last()))
}

// touchRows are the rows of the touch templates that lead to threads.
func (r *reader) touchRows() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selTouchRow).Each(func(_ int, s *goquery.Selection) {
		if r.touchLink(s).Length() > 0 {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) touchLink(s *goquery.Selection) *goquery.Selection {
	return s.FindMatcher(selLink).FilterFunction(func(_ int, a *goquery.Selection) bool {
		return r.linked(a.AttrOr("href", ""), forum.KindThread) != "" && a.FindMatcher(selTouchTitle).AddSelection(a.ChildrenMatcher(selTouchOld)).Length() > 0
	}).First()
}

func (r *reader) touchRow(s *goquery.Selection) forum.Row {
	link := r.touchLink(s)
	href := link.AttrOr("href", "")
	row := forum.Row{Type: "discussion", PageCount: 1, ID: r.linked(href, forum.KindThread), URL: r.pageAddress(href, 1), IsSticky: s.IsMatcher(cssListTop)}
	row.Title = dom.TextWithout(dom.First(link, selTouchTitle), selTouchMark)
	if row.Title == "" {
		row.Title = dom.Text(link.ChildrenMatcher(selRowTime).First())
	}
	if by := link.ChildrenMatcher(selTouchBy).First(); by.Length() > 0 { // X3.4 and before: a name without its number
		row.Title = dom.TextWithout(link, selTouchBy)
		if name := dom.Text(by); name != "" {
			row.Author = &forum.Author{Name: name}
		}
		row.ReplyCount = dom.Count(dom.Text(dom.First(s, selTouchNum)))
		row.IsSticky = dom.Has(s, selTouchPin)
	}
	if name := dom.First(s, selTouchName); name.Length() > 0 {
		if id := r.linked(name.AttrOr("href", ""), forum.KindProfile); id != "" {
			row.Author = &forum.Author{ID: id, Name: dom.Text(s.FindMatcher(selTouchName).Last()), URL: r.pageAddress(name.AttrOr("href", ""), 0)}
		}
	}
	row.Started = r.stamp(dom.First(s, selTouchTime))
	if tag := strings.TrimPrefix(dom.Text(dom.First(s, selTouchTag)), "#"); tag != "" {
		row.Prefix = []string{tag}
	}
	r.touchCounts(&row, s)
	return row
}

var selTouchMark = dom.Sel(".micon")

// touchCounts reads the row's foot: views and replies, told by their icons.
func (r *reader) touchCounts(row *forum.Row, s *goquery.Selection) {
	s.FindMatcher(selTouchFoot).Each(func(_ int, li *goquery.Selection) {
		icon := li.ChildrenMatcher(selIcon).First().AttrOr("class", "")
		switch {
		case strings.Contains(icon, "eye"):
			row.ViewCount = dom.Count(dom.Text(li))
		case strings.Contains(icon, "chat"):
			row.ReplyCount = dom.Count(dom.Text(li))
		}
	})
}

var selIcon = dom.Sel("i")
