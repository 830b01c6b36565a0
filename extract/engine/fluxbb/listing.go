package fluxbb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow       = dom.Sel("#vf tbody tr, #punviewforum .blocktable tbody tr, #punsearch .blocktable tbody tr")
	selCell      = dom.Sel(".tcl")
	selRowLink   = dom.Sel(".tcl a[href]")
	selBy        = dom.Sel(".byuser")
	selRowPages  = dom.Sel(".pagestext a[href]")
	selReplies   = dom.Sel(".tc2")
	selViews     = dom.Sel(".tc3")
	selLast      = dom.Sel(".tcr")
	selAside     = dom.Sel(".pagestext, .newtext")
	selBoardHead = dom.Sel("#vf h2, #punviewforum .blocktable h2")
	selGroup     = dom.Sel(".blocktable:not(#vf)")
	selGroupRow  = dom.Sel("tbody tr")
	selGroupName = dom.Sel("h2")
	selBoardLink = dom.Sel("h3 a[href]")
	selAbout     = dom.Sel(".forumdesc")
	selOldAbout  = dom.Sel(".tclcon")
	selNotAbout  = dom.Sel("h3, .modlist")
)

// listings reads the index, a board or search results.
func (r *reader) listings() {
	for _, c := range r.crumbs() {
		if c.ID != "" {
			c.URL = punurl.First(c.URL)
			r.page.Path = append(r.page.Path, c)
		}
	}
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	lead := r.byLead()
	r.boards()
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s, lead); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
}

// boardCrumb ends the path with the board itself where its last step is no
// link.
func (r *reader) boardCrumb() {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		id := punurl.ID(forum.KindBoard, href)
		if id == "" {
			continue
		}
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			name := dom.Text(r.doc.FirstOf(selBoardHead))
			r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: punurl.First(href), ID: id})
		}
		return
	}
}

// byLead is what stands before the names of a listing, as far as it is more
// than one word: the words that many different lines begin with.
func (r *reader) byLead() string {
	lines := map[string]bool{}
	first := ""
	r.doc.FindMatcher(selBy).Each(func(_ int, s *goquery.Selection) {
		first = dom.Text(s)
		lines[first] = true
	})
	words := strings.Fields(first)
	if len(lines) < 4 || len(words) < 3 {
		return ""
	}
	lead := words[0] + " " + words[1]
	for line := range lines {
		if !strings.HasPrefix(line, lead+" ") {
			return ""
		}
	}
	return lead
}

func byName(text, lead string) string {
	if rest, ok := strings.CutPrefix(text, lead+" "); ok && lead != "" {
		return rest
	}
	if _, rest, ok := strings.Cut(text, " "); ok {
		return rest
	}
	return strings.TrimPrefix(text, "由")
}

func (r *reader) row(s *goquery.Selection, lead string) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1}
	var link *goquery.Selection
	s.FindMatcher(selRowLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if dom.Closest(a.Nodes[0], selAside) != nil || punurl.ID(forum.KindThread, href) == "" {
			return true
		}
		link, row.ID, row.URL = a, punurl.ID(forum.KindThread, href), punurl.First(href)
		return false
	})
	if link == nil {
		return row, false
	}
	row.Title = dom.Text(link)
	if by := dom.Text(dom.First(s, selCell).FindMatcher(selBy).First()); by != "" {
		row.Author = &forum.Author{Name: byName(by, lead)}
	}
	r.rowCounts(&row, s)
	r.rowLast(&row, s, lead)
	row.IsSticky, row.IsLocked = dom.Is(s, "isticky"), dom.Is(s, "iclosed")
	if dom.Is(s, "imoved") {
		// The link of a stub is the thread's own: the stub's id is not shown.
		row.IsMoved, row.Type, row.RedirectTo, row.ID, row.URL = true, "redirect", row.URL, "", ""
	}
	return row, true
}

// rowCounts reads replies and views; in search results the board's name stands
// before the replies and views are not shown.
func (r *reader) rowCounts(row *forum.Row, s *goquery.Selection) {
	replies, views := dom.First(s, selReplies), dom.First(s, selViews)
	if r.page.Kind == forum.KindSearch {
		replies, views = views, nil
	}
	row.ReplyCount, row.ViewCount = dom.Count(dom.Text(replies)), dom.Count(dom.Text(views))
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, punurl.Page(r.doc.Resolve(a.AttrOr("href", ""))))
	})
}

func (r *reader) rowLast(row *forum.Row, s *goquery.Selection, lead string) {
	last := dom.First(s, selLast)
	link := dom.First(last, selLink)
	if link.Length() == 0 {
		return
	}
	row.LastPost = r.clock.Text(dom.Text(link))
	row.LastPostID = punurl.PostID(link.AttrOr("href", ""))
	if by := dom.Text(dom.First(last, selBy)); by != "" {
		row.LastAuthor = &forum.Author{Name: byName(by, lead)}
	}
}

// boards reads the tables of the index, each a category.
func (r *reader) boards() {
	r.doc.FindMatcher(selGroup).Each(func(_ int, g *goquery.Selection) {
		category := dom.Text(dom.First(g, selGroupName))
		g.FindMatcher(selGroupRow).Each(func(_ int, s *goquery.Selection) {
			if b, ok := r.board(s); ok {
				b.Category = category
				r.page.Boards = append(r.page.Boards, b)
			}
		})
	})
}

func (r *reader) board(s *goquery.Selection) (forum.Board, bool) {
	link := dom.First(s, selBoardLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	b := forum.Board{Name: dom.Text(link), URL: href, ID: punurl.ID(forum.KindBoard, href), IsLink: dom.Is(s, "iredirect")}
	if b.Name == "" || b.ID == "" && !b.IsLink {
		return b, false
	}
	if b.Description = dom.Text(dom.First(s, selAbout)); b.Description == "" {
		b.Description = dom.TextWithout(dom.First(s, selOldAbout), selNotAbout)
	}
	b.ThreadCount, b.PostCount = dom.Count(dom.Text(dom.First(s, selReplies))), dom.Count(dom.Text(dom.First(s, selViews)))
	if last := dom.First(s, selLast).FindMatcher(selLink).First(); last.Length() > 0 {
		b.LastPost = r.clock.Text(dom.Text(last))
		b.LastPostID = punurl.PostID(last.AttrOr("href", ""))
	}
	return b, true
}
