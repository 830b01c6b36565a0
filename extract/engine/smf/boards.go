package smf

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selBoardAnchor = dom.Sel("a[id^='b'][href], a[name^='b'][href]")
	selCatAnchor   = dom.Sel("a[id^='c'], a[name^='c'], [id^='category_'] h3, [id^='category_'] .catbg")
	selIndexMarks  = dom.Sel("a[id^='b'][href], a[name^='b'][href], a[id^='c'], a[name^='c'], [id^='category_'] h3")
	selCatBox      = dom.Sel("h3, h4, .catbg, .cat_bar")
	selOldCategory = dom.Sel("div.tborder")
	selBoardRow    = dom.Sel("[id^='board_'], tr")
	selBoardText   = dom.Sel(".board_description, td.info > p:not(.moderators), .info > p:not(.moderators)")
	selBoardStats  = dom.Sel(".board_stats, td.stats, td.windowbg small, td.windowbg .smalltext")
	selBoardLast   = dom.Sel(".lastpost, td.lastpost")
	selChildLinks  = dom.Sel("a[href*='board']")
	selChildren    = dom.Sel("[id$='_children'], .children")
	selRedirect    = dom.Sel(".board_redirect, img[src*='redirect.']")
)

// boardAnchors are the names of boards: links with the id or the name bN.
func (r *reader) boardAnchors() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selBoardAnchor).Each(func(_ int, s *goquery.Selection) {
		if anchorID(s, "b") != "" {
			out = append(out, s)
		}
	})
	return out
}

func anchorID(s *goquery.Selection, prefix string) string {
	for _, attr := range [...]string{"id", "name"} {
		v := s.AttrOr(attr, "")
		if id := dom.IDAfter(v, prefix); id != "" && prefix+id == v {
			return id
		}
	}
	return ""
}

// boards reads the index, or the sub-boards of a board, in page order:
// headings of categories and the boards below them.
func (r *reader) boards(current string) {
	category := ""
	r.doc.FindMatcher(selIndexMarks).Each(func(_ int, s *goquery.Selection) {
		if id := anchorID(s, "b"); id != "" {
			r.addBoard(s, id, category, current)
			return
		}
		if selCatAnchor.Match(s.Nodes[0]) && (s.IsMatcher(cssH3) || anchorID(s, "c") != "") {
			category = categoryName(s)
		}
	})
}

func categoryName(s *goquery.Selection) string {
	if text := dom.Text(s); text != "" {
		return text
	}
	return dom.Text(s.ClosestMatcher(selCatBox))
}

func (r *reader) addBoard(s *goquery.Selection, id, category, current string) {
	row := s.ClosestMatcher(selBoardRow)
	href := s.AttrOr("href", "")
	b := forum.Board{ID: id, Name: dom.Text(s), URL: r.firstPage(href), Category: category, ParentID: current}
	if b.Name == "" || row.Length() == 0 {
		return
	}
	if b.Category == "" && current == "" {
		b.Category = dom.Text(s.ClosestMatcher(selOldCategory).FindMatcher(selCatBox).First())
	}
	b.IsLink = dom.Has(row, selRedirect) || boardID(href) == ""
	b.Description = dom.Text(dom.First(row, selBoardText))
	if b.Description == "" {
		b.Description = textAfter(s)
	}
	r.boardCounts(&b, row)
	r.boardLast(&b, row)
	r.page.Boards = append(r.page.Boards, b)
	r.children(row, b)
}

// textAfter is the description of SMF 1.1: the text behind the board's name in
// its cell.
func textAfter(s *goquery.Selection) string {
	cell := s.ClosestMatcher(selCell)
	if cell.Length() == 0 {
		return ""
	}
	return dom.Fold(dom.OwnText(cell))
}

// boardCounts reads posts and threads, in this order in all versions; a
// redirect counts its visits only.
func (r *reader) boardCounts(b *forum.Board, row *goquery.Selection) {
	stats := dom.First(row, selBoardStats)
	if stats.Length() == 0 || b.IsLink {
		return
	}
	for i, line := range dom.SplitLines(stats.Nodes[0], nil) {
		n, rounded, ok := dom.Number(line)
		if !ok {
			continue
		}
		b.CountsRounded = b.CountsRounded || rounded
		switch i {
		case 0:
			b.PostCount = &n
		case 1:
			b.ThreadCount = &n
		}
	}
}

func (r *reader) boardLast(b *forum.Board, row *goquery.Selection) {
	box := dom.First(row, selBoardLast)
	if box.Length() == 0 {
		box = row.FindMatcher(selCell).Last()
	}
	box.FindMatcher(selTopicLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		b.LastPostID = messageID(a.AttrOr("href", ""))
		return b.LastPostID == ""
	})
	if b.LastPostID != "" {
		b.LastPost = r.firstDate(lastLines(box))
	}
}

// children reads the sub-boards that a board's row names: inside it in 2.1, in
// the row below in 2.0 and 1.1. Their titles end with their counts.
func (r *reader) children(row *goquery.Selection, parent forum.Board) {
	box := row.FindMatcher(selChildren)
	if box.Length() == 0 {
		next := row.Next()
		if dom.Has(next, selBoardAnchor) || next.FindMatcher(selCell).Length() > 1 {
			return
		}
		box = next
	}
	seen := map[string]bool{parent.ID: true}
	box.FindMatcher(selChildLinks).Each(func(_ int, a *goquery.Selection) {
		id, name := boardID(a.AttrOr("href", "")), dom.Text(a)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		b := forum.Board{ID: id, Name: name, URL: r.firstPage(a.AttrOr("href", "")), ParentID: parent.ID, Category: parent.Category}
		childCounts(&b, a.AttrOr("title", ""))
		r.page.Boards = append(r.page.Boards, b)
	})
}

// childCounts reads "No New Posts (Topics: 10, Posts: 80)".
func childCounts(b *forum.Board, title string) {
	open := strings.LastIndex(title, "(")
	if open < 0 {
		return
	}
	first, second, ok := strings.Cut(title[open:], ", ")
	if ok {
		b.ThreadCount, b.PostCount = dom.Count(first), dom.Count(second)
	}
}
