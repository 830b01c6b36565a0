package punbb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selItem      = dom.Sel(".main-item")
	selTopicItem = dom.Sel(".main-item[id^='topic']")
	selCategory  = dom.Sel(".main-category .main-item")
	selItemLink  = dom.Sel(".item-subject h3 a[href], .item-subject .hn a[href]")
	selStarter   = dom.Sel(".item-starter")
	selCited     = dom.Sel("cite, strong, a")
	selItemPages = dom.Sel(".item-nav a[href]")
	selReplies   = dom.Sel(".info-replies strong")
	selViews     = dom.Sel(".info-views strong")
	selTopics    = dom.Sel(".info-topics strong")
	selPosts     = dom.Sel(".info-posts strong")
	selLast      = dom.Sel(".info-lastpost")
	selLastBy    = dom.Sel(".info-lastpost cite")
	selAbout     = dom.Sel(".item-subject > p")
	selGroup     = dom.Sel(".main-category")
	selGroupHead = dom.Sel(".main-head h2, .main-head .hn")
)

// listings reads the index, a board or search results.
func (r *reader) listings() {
	r.path()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	lead := r.byLead()
	r.doc.FindMatcher(selGroup).Each(func(_ int, g *goquery.Selection) {
		category := groupName(g)
		g.FindMatcher(selItem).Each(func(_ int, s *goquery.Selection) {
			if b, ok := r.boardRow(s); ok {
				b.Category = category
				r.page.Boards = append(r.page.Boards, b)
			}
		})
	})
	r.doc.FindMatcher(selItem).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s, lead); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
}

// groupName is the heading that stands before a category.
func groupName(g *goquery.Selection) string {
	for s := g.Prev(); s.Length() > 0; s = s.Prev() {
		if dom.Is(s, "main-head") {
			return dom.Text(s)
		}
		if dom.Is(s, "main-category") {
			break
		}
	}
	return dom.Text(dom.First(g, selGroupHead))
}

// boardCrumb ends the path with the board itself: its own step is no link.
func (r *reader) boardCrumb() {
	link := r.doc.FirstOf(selTitleLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	id := punurl.ID(forum.KindBoard, href)
	if id == "" {
		href = r.doc.URL.String()
		if id = punurl.ID(forum.KindBoard, href); id == "" {
			id = r.board()
		}
	}
	if n := len(r.page.Path); id == "" || n > 0 && r.page.Path[n-1].ID == id {
		return
	}
	name := dom.Text(link)
	if name == "" {
		name = dom.TextWithout(r.doc.FirstOf(selCrumbList).FindMatcher(selCrumb).Last(), selArrow)
	}
	r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: punurl.First(href), ID: id})
}

// byLead is what stands before the names of last posters: the word that the
// lines share, where it is more than one.
func (r *reader) byLead() string {
	lines := map[string]bool{}
	first := ""
	r.doc.FindMatcher(selLastBy).Each(func(_ int, s *goquery.Selection) {
		first = dom.Text(s)
		lines[first] = true
	})
	words := strings.Fields(first)
	if namesAlone(lines, words) {
		return noLead
	}
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

// namesAlone tells that lines have no word in common to begin with, or are of
// one word.
func namesAlone(lines map[string]bool, words []string) bool {
	for line := range lines {
		switch {
		case strings.HasPrefix(line, "由"):
		case !strings.Contains(line, " "), !strings.HasPrefix(line, words[0]+" "):
			return true
		}
	}
	return false
}

// noLead stands for translations that write the name alone.
const noLead = "\x00"

func byName(text, lead string) string {
	if lead == noLead {
		return text
	}
	if rest, ok := strings.CutPrefix(text, lead+" "); ok && lead != "" {
		return rest
	}
	if _, rest, ok := strings.Cut(text, " "); ok {
		return rest
	}
	return text
}

func (r *reader) row(s *goquery.Selection, lead string) (forum.Row, bool) {
	row := forum.Row{Type: "discussion", PageCount: 1}
	link := s.FindMatcher(selItemLink).Last()
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if row.ID = punurl.ID(forum.KindThread, href); row.ID == "" {
		return row, false
	}
	row.Title, row.URL = dom.Text(link), punurl.First(href)
	if by := dom.First(s, selStarter); by.Length() > 0 {
		if cited := dom.Text(dom.First(by, selCited)); cited != "" {
			row.Author = &forum.Author{Name: cited}
		} else if text := dom.Text(by); text != "" {
			row.Author = &forum.Author{Name: byName(text, lead)}
		}
	}
	row.ReplyCount, row.ViewCount = dom.Count(dom.Text(dom.First(s, selReplies))), dom.Count(dom.Text(dom.First(s, selViews)))
	row.LastPost, row.LastPostID = r.last(s)
	if by := dom.Text(dom.First(s, selLastBy)); by != "" && row.LastPostID != "" {
		row.LastAuthor = &forum.Author{Name: byName(by, lead)}
	}
	s.FindMatcher(selItemPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, punurl.Page(r.doc.Resolve(a.AttrOr("href", ""))))
	})
	row.IsSticky, row.IsLocked = dom.Is(s, "sticky"), dom.Is(s, "closed")
	if dom.Is(s, "moved") {
		// The link is that of the thread; the stub's own id stands on the row.
		row.IsMoved, row.Type, row.RedirectTo, row.URL = true, "redirect", row.URL, ""
		row.ID = dom.IDAfter(s.AttrOr("id", ""), "topic")
	}
	return row, true
}

func (r *reader) last(s *goquery.Selection) (forum.Stamp, string) {
	link := dom.First(s, selLast).FindMatcher(selLink).First()
	if link.Length() == 0 {
		return forum.Stamp{}, ""
	}
	return r.clock.Text(dom.Text(link)), punurl.PostID(r.doc.Resolve(link.AttrOr("href", "")))
}

func (r *reader) boardRow(s *goquery.Selection) (forum.Board, bool) {
	link := dom.First(s, selItemLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	b := forum.Board{Name: dom.Text(link), URL: href, ID: punurl.ID(forum.KindBoard, href), IsLink: dom.Is(s, "redirect")}
	if b.ID == "" {
		b.ID = dom.IDAfter(s.AttrOr("id", ""), "forum")
	}
	if b.Name == "" || b.ID == "" {
		return b, false
	}
	b.Description = dom.Text(dom.First(s, selAbout))
	b.ThreadCount, b.PostCount = dom.Count(dom.Text(dom.First(s, selTopics))), dom.Count(dom.Text(dom.First(s, selPosts)))
	b.LastPost, b.LastPostID = r.last(s)
	return b, true
}
