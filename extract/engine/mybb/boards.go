package mybb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selBoardMark  = dom.Sel(".forum_status, img.ajax_mark_read, [id^='mark_read_']:not(.subforumicon)")
	selBoldLink   = dom.Sel("td > strong > a[href]")
	selHeading    = dom.Sel(".thead, .tcat")
	selBoardName  = dom.Sel("strong a[href], .forum-title a[href], h3 a[href], td a[href]")
	selBoardAbout = dom.Sel(".smalltext, .small, .forum-description, [class*='descript']")
	selSubMark    = dom.Sel(".subforumicon, img.ajax_mark_read.subforumicon, img[src*='mini']")
	selCatTable   = dom.Sel("table, .tborder")
	selCatLink    = dom.Sel(".thead strong a[href], .thead a[href]")
	selLastLink   = dom.Sel("a[href*='lastpost']")
	selOffLink    = dom.Sel(".forum_offlink, img[src*='offlink']")
)

// boardRows are the rows of boards: those with the engine's status mark, or, in
// themes without it, those whose bold link leads to a board.
func (r *reader) boardRows() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[*html.Node]bool{}
	r.doc.FindMatcher(selBoardMark).Each(func(_ int, s *goquery.Selection) {
		n := dom.Closest(s.Nodes[0], selRowBox)
		if n == nil {
			n = r.markedRow(s.Nodes[0])
		}
		if n == nil || seen[n] || s.IsMatcher(cssDtDt) || r.boardLink(r.doc.FindNodes(n)) == nil {
			return
		}
		seen[n] = true
		out = append(out, r.doc.FindNodes(n))
	})
	r.doc.FindMatcher(selBoldLink).Each(func(_ int, a *goquery.Selection) {
		n := dom.Closest(a.Nodes[0], selRowBox)
		if n == nil || seen[n] || dom.Closest(a.Nodes[0], selHeading) != nil || r.linked(a.AttrOr("href", ""), forum.KindBoard) == "" {
			return
		}
		seen[n] = true
		out = append(out, r.doc.FindNodes(n))
	})
	return out
}

// markedRow is the row of a board that is no row of a table: the first box
// around its mark that holds a link to a board, and, where that is but a cell,
// the box around it with the last post. No row holds two boards' marks.
func (r *reader) markedRow(mark *html.Node) *html.Node {
	var row *html.Node
	for n := mark.Parent; n != nil && n.DataAtom != atom.Body; n = n.Parent {
		s := r.doc.FindNodes(n)
		if s.FindMatcher(selBoardMark).Length() > 1 {
			break
		}
		if row == nil && r.boardLink(s) != nil || row != nil && n == row.Parent {
			row = n
		}
		if row != nil && dom.Has(s, selLastLink) {
			break
		}
	}
	return row
}

// boardLink is the link to the board that a row is for.
func (r *reader) boardLink(row *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	offsite := dom.Has(row, selOffLink)
	row.FindMatcher(selBoardName).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if dom.Text(a) != "" && (offsite || r.linked(a.AttrOr("href", ""), forum.KindBoard) != "") {
			found = a
		}
		return found == nil
	})
	return found
}

// boards reads the index or the sub-boards of a board.
func (r *reader) boards(current string) {
	for _, s := range r.boardRows() {
		link := r.boardLink(s)
		href := link.AttrOr("href", "")
		b := forum.Board{ID: digits(r.linked(href, forum.KindBoard)), Name: dom.Text(link), URL: r.firstPage(href), ParentID: current}
		if mark := dom.First(s, selBoardMark); b.ID == "" {
			b.ID = dom.IDAfter(mark.AttrOr("id", ""), "mark_read_")
		}
		b.IsLink = dom.Has(s, selOffLink)
		if current == "" {
			b.Category = r.category(s)
		}
		about := link.Parent().NextAllMatcher(selBoardAbout).First()
		if about.Length() == 0 {
			about = link.ClosestMatcher(selCell).FindMatcher(selBoardAbout).First()
		}
		b.Description = description(about)
		r.boardCounts(&b, s, link)
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(cellOf(s, link), b)
	}
}

// category is the heading of the table that a row stands in, else the nearest
// link to a board before the boxes around the row.
func (r *reader) category(s *goquery.Selection) string {
	for _, a := range s.ClosestMatcher(selCatTable).FindMatcher(selCatLink).EachIter() {
		if r.linked(a.AttrOr("href", ""), forum.KindBoard) != "" {
			return dom.Text(a)
		}
	}
	for box := s; box.Length() > 0 && !box.IsMatcher(cssBody); box = box.Parent() {
		for prev := box.Prev(); prev.Length() > 0; prev = prev.Prev() {
			if dom.Has(prev, selBoardMark) {
				continue // another row
			}
			for _, a := range prev.FindMatcher(selAnchors).EachIter() {
				if r.linked(a.AttrOr("href", ""), forum.KindBoard) != "" && dom.Text(a) != "" {
					return dom.Text(a)
				}
			}
		}
	}
	return ""
}

// description is the first line of a board's small print; moderators and
// sub-boards follow on lines of their own.
func description(about *goquery.Selection) string {
	if about.Length() == 0 {
		return ""
	}
	n := about.Nodes[0]
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && (c.DataAtom == atom.Br || selSubMark.Match(c)) {
			break
		}
		b.WriteString(dom.NodeText(c))
		b.WriteByte(' ')
	}
	return dom.Fold(b.String())
}

// boardCounts reads threads and posts, the first two numbers behind the name,
// each in a cell of its own or both in one, and the last post behind them.
func (r *reader) boardCounts(b *forum.Board, row, link *goquery.Selection) {
	cells := cellOf(row, link).NextAll()
	to := []**int64{&b.ThreadCount, &b.PostCount}
	for i := range cells.Length() {
		cell := cells.Eq(i)
		if last, _ := r.lastPost(cell); last.Known() || dom.Has(cell, selAnchors) {
			break
		}
		for _, text := range figures(cell) {
			if n, rounded, ok := dom.Number(text); ok && len(to) > 0 && !strings.HasPrefix(text, "-") {
				*to[0], b.CountsRounded = &n, b.CountsRounded || rounded
				to = to[1:]
			}
		}
	}
	for i := range cells.Length() {
		if b.LastPost, _ = r.lastPost(cells.Eq(i)); b.LastPost.Known() {
			return
		}
	}
	b.LastPost = forum.Stamp{}
}

// figures are the texts of a cell that hold a number: its nodes, or the parts of
// those that are lines of their own.
func figures(cell *goquery.Selection) []string {
	var out []string
	for _, line := range dom.SplitNodes(cell.Nodes[0], nil) {
		for _, n := range line {
			if text := dom.NodeText(n); strings.ContainsAny(text, "0123456789") {
				out = append(out, text)
			}
		}
	}
	return out
}

// subBoards reads the boards named below a board, each behind its own mark;
// links to moderators stand among them.
func (r *reader) subBoards(cell *goquery.Selection, parent forum.Board) {
	cell.FindMatcher(selAnchors).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		id, name := digits(r.linked(href, forum.KindBoard)), dom.Text(a)
		if id == "" || name == "" || id == parent.ID || a.PrevAllMatcher(selSubMark).Length() == 0 && parent.ID == "" {
			return
		}
		r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: r.firstPage(href), ParentID: parent.ID, Category: parent.Category})
	})
}
