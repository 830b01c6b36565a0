package mybb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selBoardMark  = dom.Sel(".forum_status, img.ajax_mark_read, [id^='mark_read_']:not(.subforumicon)")
	selBoldLink   = dom.Sel("td > strong > a[href]")
	selHeading    = dom.Sel(".thead, .tcat")
	selBoardName  = dom.Sel("strong a[href], .forum-title a[href], h3 a[href], td a[href]")
	selBoardAbout = dom.Sel(".smalltext, .forum-description")
	selSubMark    = dom.Sel(".subforumicon, img.ajax_mark_read.subforumicon, img[src*='mini']")
	selCatTable   = dom.Sel("table, .tborder")
	selCatLink    = dom.Sel(".thead strong a[href], .thead a[href]")
	selOffLink    = dom.Sel(".forum_offlink, img[src*='offlink']")
)

// boardRows are the rows of boards: those with the engine's status mark, or, in
// themes without it, those whose bold link leads to a board.
func (r *reader) boardRows() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[*html.Node]bool{}
	r.doc.FindMatcher(selBoardMark).Each(func(_ int, s *goquery.Selection) {
		n := dom.Closest(s.Nodes[0], selRowBox)
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
		r.boardCounts(&b, link)
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(about, b)
	}
}

// category is the heading of the table that a row stands in.
func (r *reader) category(s *goquery.Selection) string {
	table := s.ClosestMatcher(selCatTable)
	name := ""
	table.FindMatcher(selCatLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if r.linked(a.AttrOr("href", ""), forum.KindBoard) != "" {
			name = dom.Text(a)
		}
		return name == ""
	})
	return name
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
		if c.Data == "br" && c.Type == html.ElementNode {
			break
		}
		b.WriteString(dom.NodeText(c))
		b.WriteByte(' ')
	}
	return dom.Fold(b.String())
}

// boardCounts reads threads and posts, the first two cells of numbers behind
// the name, and the last post behind them.
func (r *reader) boardCounts(b *forum.Board, link *goquery.Selection) {
	cells := link.ClosestMatcher(selCell).NextAllMatcher(selCell)
	for i, to := range []**int64{&b.ThreadCount, &b.PostCount} {
		text := dom.Text(cells.Eq(i))
		if n, rounded, ok := dom.Number(text); ok && !strings.HasPrefix(text, "-") {
			*to, b.CountsRounded = &n, b.CountsRounded || rounded
		}
	}
	b.LastPost, _ = r.lastPost(cells.Eq(2))
	if !b.LastPost.Known() {
		b.LastPost = forum.Stamp{}
	}
}

// subBoards reads the boards named below a board, each behind its own mark;
// links to moderators stand among them.
func (r *reader) subBoards(about *goquery.Selection, parent forum.Board) {
	about.FindMatcher(selAnchors).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		id, name := digits(r.linked(href, forum.KindBoard)), dom.Text(a)
		if id == "" || name == "" || id == parent.ID || a.PrevAllMatcher(selSubMark).Length() == 0 && parent.ID == "" {
			return
		}
		r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: r.firstPage(href), ParentID: parent.ID, Category: parent.Category})
	})
}
