package phpbb2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow        = dom.Sel("tr:has(a.topictitle), tr:has(.topictitle a)")
	selRowTitle   = dom.Sel("a.topictitle[href], .topictitle a[href]")
	selRowType    = dom.Sel(".topictitle")
	selRowIcon    = dom.Sel("td img[src]")
	selRowPages   = dom.Sel(".gensmall a[href]")
	selRowName    = dom.Sel("span.name")
	selAccount    = dom.Sel("a[href*='viewprofile'], .name a[href]")
	selBoard      = dom.Sel("tr:has(a.forumlink)")
	selBoardLink  = dom.Sel("a.forumlink[href]")
	selBoardAbout = dom.Sel("span.genmed")
	selBoardTitle = dom.Sel("a.maintitle[href]")
	selCategory   = dom.Sel(".cattitle")
	selForumRow   = dom.Sel("tr:has(a.forumlink), tr:has(.cattitle)")
)

// movedWords stand before the title of a stub that leads to a moved thread;
// nothing else tells it.
var movedWords = []string{"moved", "verschoben", "déplacé", "movido", "spostato", "verplaatst", "przesuni", "przenies", "перемещен", "перенесен", "flyttad", "flyttet", "přesunuto", "siirretty", "taşındı", "mutat"}

// listings reads the index, a board or search results.
func (r *reader) listings() {
	r.page.Path = r.crumbs()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	} else {
		r.page.Path = nil
	}
	id := ""
	if n := len(r.page.Path); n > 0 {
		id = r.page.Path[n-1].ID
	}
	if r.page.Kind != forum.KindIndex { // two bold numbers there count something else
		r.pages(forum.KindBoard, id, &r.page.PageNumber, &r.page.PageCount)
	}
	category := ""
	r.doc.FindMatcher(selForumRow).Each(func(_ int, s *goquery.Selection) {
		if dom.Has(s, cssTr) {
			return
		}
		if b, ok := r.board(s); ok {
			b.Category = category
			r.page.Boards = append(r.page.Boards, b)
		} else if c := dom.Text(dom.First(s, selCategory)); c != "" {
			category = c
		}
	})
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
}

func (r *reader) boardCrumb() {
	link := r.doc.FirstOf(selBoardTitle)
	for _, href := range []string{r.doc.Resolve(link.AttrOr("href", "")), r.doc.URL.String()} {
		id := idOf(forum.KindBoard, href)
		if id == "" {
			continue
		}
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: dom.Text(link), URL: first(forum.KindBoard, href, id), ID: id})
		}
		return
	}
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1}
	link := s.FindMatcher(selRowTitle).Last()
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if row.ID = idOf(forum.KindThread, href); row.ID == "" || dom.Has(s, cssTr) {
		return row, false
	}
	row.Title, row.URL = dom.Text(link), first(forum.KindThread, href, row.ID)
	r.rowCells(&row, s)
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		if n := dom.Count(dom.Text(a)); n != nil && startOf(r.doc.Resolve(a.AttrOr("href", ""))) > 0 {
			row.PageCount = max(row.PageCount, int(*n))
		}
	})
	icon := strings.ToLower(dom.First(s, selRowIcon).AttrOr("src", ""))
	icon = icon[strings.LastIndexByte(icon, '/')+1:]
	row.IsSticky, row.IsLocked = strings.Contains(icon, "sticky") || strings.Contains(icon, "announce"), strings.Contains(icon, "lock")
	if strings.Contains(icon, "announce") {
		row.Type = "announcement"
	}
	prefix := strings.ToLower(strings.TrimSuffix(dom.Text(dom.First(s, selRowType)), row.Title))
	for _, w := range movedWords {
		if strings.Contains(prefix, w) || strings.Contains(icon, "moved") {
			row.IsMoved, row.Type, row.RedirectTo, row.ID, row.URL = true, "redirect", row.URL, "", ""
			break
		}
	}
	return row, true
}

// rowCells reads the cells behind the title: replies, starter, views and the last
// post; styles put the starter first. Add-ons put counts of their own in front of
// the replies (votes) or behind them: the replies stand beside the starter, the
// views before the last post.
func (r *reader) rowCells(row *forum.Row, s *goquery.Selection) {
	cells := s.ChildrenMatcher(cssTd)
	at := -1
	cells.Each(func(i int, td *goquery.Selection) {
		if dom.Has(td, selRowTitle) {
			at = i
		}
	})
	n := cells.Length()
	if at < 0 || n-at < 5 {
		return
	}
	between := cells.Slice(at+1, n-1)
	starter := starterCell(between)
	if author := between.Eq(starter); dom.Text(author) != "" {
		row.Author = r.user(author)
	}
	replies := between.Eq(starter + 1)
	if starter > 0 {
		replies = between.Eq(starter - 1)
	}
	row.ReplyCount, row.ViewCount = dom.Count(dom.Text(replies)), dom.Count(dom.Text(cells.Eq(n-2)))
	r.last(cells.Eq(n-1), &row.LastPost, &row.LastPostID, &row.LastAuthor)
}

// starterCell is the place of the cell that names the starter: by its class, by
// its link, else by what is no number.
func starterCell(cells *goquery.Selection) int {
	for _, m := range []goquery.Matcher{selRowName, selAccount} {
		for i := range cells.Length() {
			if cells.Eq(i).FindMatcher(m).Length() > 0 {
				return i
			}
		}
	}
	for i := range cells.Length() {
		if text := dom.Text(cells.Eq(i)); text != "" && dom.Count(text) == nil {
			return i
		}
	}
	return 0
}

// user is the account that a cell links, or the guest that it names.
func (r *reader) user(s *goquery.Selection) *forum.Author {
	link := dom.First(s, selAccount)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if id := idOf(forum.KindProfile, href); id != "" {
		l, _ := linkOf(href)
		return &forum.Author{Name: dom.Text(link), ID: id, URL: l.URL}
	}
	return &forum.Author{Name: dom.Text(s), IsGuest: true}
}

// last reads a cell of two lines: the time, then the name and a link to the
// post.
func (r *reader) last(cell *goquery.Selection, at *forum.Stamp, post *string, author **forum.Author) {
	if cell.Length() == 0 {
		return
	}
	lines := dom.SplitLines(cell.Nodes[0], nil)
	if len(lines) == 0 {
		return
	}
	if st := r.clock.Text(lines[0]); st.Known() {
		*at = st
	} else {
		return
	}
	cell.FindMatcher(selLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if id := linkedPost(href); id != "" {
			*post = id
		}
	})
	if author == nil {
		return
	}
	if a := r.user(cell); a.ID != "" {
		*author = a
	} else if len(lines) > 1 {
		*author = &forum.Author{Name: lines[1], IsGuest: true}
	}
}

func (r *reader) board(s *goquery.Selection) (forum.Board, bool) {
	link := dom.First(s, selBoardLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	b := forum.Board{Name: dom.Text(link), URL: href, ID: idOf(forum.KindBoard, href)}
	if b.Name == "" || b.ID == "" {
		return b, false
	}
	b.URL = first(forum.KindBoard, href, b.ID)
	b.Description = dom.Text(dom.First(s, selBoardAbout))
	cells := s.ChildrenMatcher(cssTd)
	if n := cells.Length(); n >= 4 {
		b.ThreadCount, b.PostCount = dom.Count(dom.Text(cells.Eq(n-3))), dom.Count(dom.Text(cells.Eq(n-2)))
		r.last(cells.Eq(n-1), &b.LastPost, &b.LastPostID, nil)
	}
	return b, true
}
