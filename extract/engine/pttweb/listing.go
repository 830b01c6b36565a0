package pttweb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selRowLink   = dom.Sel(".title a[href], a[href*='/M.'], a[href*='/G.']")
	selRowAuthor = dom.Sel(".author")
	selRowDate   = dom.Sel(".date")
	selSeparator = dom.Sel(".r-list-sep")
	selPaging    = dom.Sel(".btn-group-paging a[href], a.btn.wide[href]")
	selBoardName = dom.Sel(".board-name")
	selBoardText = dom.Sel(".board-title")
	selBoardKind = dom.Sel(".board-class")
)

// listing reads a board's rows. What stands behind the separator is pinned.
func (r *reader) listing() {
	r.page.Path = r.path(r.here.board)
	sep := r.doc.FirstOf(selSeparator)
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		row, ok := r.row(s)
		if !ok {
			return // deleted: no more than a note is left
		}
		row.IsSticky = sep.Length() > 0 && sep.Nodes[0].Parent == s.Nodes[0].Parent && behind(s.Nodes[0], sep.Nodes[0])
		r.page.Listing = append(r.page.Listing, row)
	})
	r.older()
}

// behind tells whether an element follows another of the same parent.
func behind(n, other *html.Node) bool {
	for p := n.PrevSibling; p != nil; p = p.PrevSibling {
		if p == other {
			return true
		}
	}
	return false
}

// row reads a line of the list. Its number sums up how the pushes judge, and is none
// of replies.
func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	link := dom.First(s, selRowLink)
	t, ok := r.read(link.AttrOr("href", ""))
	if !ok || t.kind != forum.KindThread {
		return forum.Row{}, false
	}
	row := forum.Row{Type: "article", PageCount: 1, ID: t.ident(), URL: t.address(r.site()), Title: dom.Text(link)}
	if name := dom.Text(dom.First(s, selRowAuthor)); name != "" && name != "-" {
		row.Author = account(name)
	}
	row.Started = r.written(t, dom.Text(dom.First(s, selRowDate)))
	return row, true
}

// written is the second that an article's name holds; the day that a row shows has no
// year.
func (r *reader) written(t target, shown string) forum.Stamp {
	at := t.written()
	if at.IsZero() || !r.clock.Now().IsZero() && at.After(r.clock.Now()) {
		return forum.Stamp{}
	}
	if shown == "" {
		shown = t.id
	}
	return forum.Stamp{At: at, Raw: shown, Precision: forum.PrecisionSecond, Zone: forum.ZoneUTC}
}

// older is the page before the present one in the board's count, which holds older
// articles.
func (r *reader) older() {
	r.page.PageNumber, r.page.PageCount = 1, 1
	if r.here.older > 0 {
		r.page.PageNumber, r.page.PageCount = 2, 2
	}
	r.doc.FindMatcher(selPaging).Each(func(_ int, a *goquery.Selection) {
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || t.kind != forum.KindBoard || t.board != r.here.board || t.older == 0 || !strings.Contains(dom.Text(a), "‹") {
			return
		}
		r.page.Next = t.address(r.site())
		r.page.PageCount = r.page.PageNumber + 1
	})
}

// path is the board, by its name.
func (r *reader) path(board string) []forum.Crumb {
	if board == "" {
		return nil
	}
	c := forum.Crumb{Name: board, ID: board}
	if r.page.Root != "" {
		c.URL = target{kind: forum.KindBoard, board: board}.address(r.site())
	}
	return []forum.Crumb{c}
}

// boards reads the list of boards.
func (r *reader) boards() {
	r.doc.FindMatcher(selBoard).Each(func(_ int, a *goquery.Selection) {
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || t.kind != forum.KindBoard {
			return
		}
		b := forum.Board{ID: t.board, Name: dom.Text(dom.First(a, selBoardName)), Category: dom.Text(dom.First(a, selBoardKind))}
		if b.Name == "" {
			b.Name = t.board
		}
		b.Description, b.URL = dom.Text(dom.First(a, selBoardText)), t.address(r.site())
		r.page.Boards = append(r.page.Boards, b)
	})
}
