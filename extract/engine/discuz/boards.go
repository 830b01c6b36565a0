package discuz

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selBoardLink  = dom.Sel(".fl_tb h2 > a[href], .fl_tb dl > dt > a[href], tbody[id^='forum'] h2 a[href], .sub-forum a.murl[href], .sub_forum li > a[href]")
	selBoardRow   = dom.Sel("tr, li")
	selBoardCell  = dom.Sel("td, th, li")
	selGrid       = dom.Sel("td.fl_g")
	selAbout      = dom.Sel("p.xg2, p.mtxt, h2 ~ p:not([class])")
	selSubLink    = dom.Sel("p a[href]")
	selBoardName  = dom.Sel(".mtit")
	selToday      = dom.Sel(".mnum, .num, em")
	selThreads    = dom.Sel(".fl_i .xi2, .forumnums > em, dd > em:first-child")
	selPosts      = dom.Sel(".fl_i .xg1, dd > em:last-child")
	selNumbers7   = dom.Sel("td.forumnums")
	selLast       = dom.Sel(".fl_by cite, .forumlast cite, dd cite")
	selLastLink   = dom.Sel("dd a[href*='goto=lastpost']")
	selSection    = dom.Sel(".bm, .mainbox")
	selSectionTop = dom.Sel(".bm_h h2 a[href], h3 a[href]")
	selTouchTop   = dom.Sel(".subforumshow h2")
	selTouchList  = dom.Sel(".sub-forum, .sub_forum")
)

// boardLinks are the links that bear the boards' names. Collections of threads
// stand in tables of the same kind, and lead elsewhere in the forum.
func (r *reader) boardLinks() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selBoardLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if href == "" || dom.Text(a) == "" || r.doc.SameHost(href) && r.linked(href, forum.KindBoard) == "" {
			return
		}
		out = append(out, a)
	})
	return out
}

// boards reads the boards of an index, or those within a board of this id.
func (r *reader) boards(parent string) {
	for _, link := range r.boardLinks() {
		b := r.board(link)
		b.ParentID = parent
		r.page.Boards = append(r.page.Boards, b)
		r.inner(link, b)
	}
}

func (r *reader) board(link *goquery.Selection) forum.Board {
	href := link.AttrOr("href", "")
	b := forum.Board{ID: r.linked(href, forum.KindBoard), URL: r.pageAddress(href, 1), Category: r.category(link)}
	name := dom.First(link, selBoardName)
	if name.Length() == 0 {
		name = link
	}
	b.Name = dom.TextWithout(name, selToday)
	row := rowOf(link)
	b.Description = dom.Text(link.ClosestMatcher(cssTdThLi).FindMatcher(selAbout).FilterFunction(func(_ int, p *goquery.Selection) bool {
		return !dom.Has(p, selLink)
	}).First())
	b.ThreadCount = exact(dom.First(row, selThreads))
	b.PostCount = exact(dom.First(row, selPosts))
	if numbers := dom.First(row, selNumbers7); numbers.Length() > 0 { // posts stand behind the threads, bare
		b.PostCount = dom.Count(dom.TextWithout(numbers, selEm))
	}
	b.LastPost = r.lastPost(dom.First(row, selLast, selLastLink))
	b.IsLink = b.ID == "" && b.ThreadCount == nil
	return b
}

// rowOf is the row of a board; in a grid several share one, and each has a cell.
func rowOf(link *goquery.Selection) *goquery.Selection {
	if cell := link.ClosestMatcher(selGrid); cell.Length() > 0 {
		return cell
	}
	return link.ClosestMatcher(selBoardRow)
}

// lastPost reads the time of a board's last post: words with the date as title,
// or the date before the name.
func (r *reader) lastPost(s *goquery.Selection) forum.Stamp {
	if s.Length() == 0 {
		return forum.Stamp{}
	}
	return r.stamp(s)
}

// category is the heading over a table of boards, where that is a category of
// the index: it links to itself.
func (r *reader) category(link *goquery.Selection) string {
	if list := link.ClosestMatcher(selTouchList); list.Length() > 0 {
		return dom.Text(list.PrevAllMatcher(selTouchShow).First().FindMatcher(selTouchTop))
	}
	for section := link.ClosestMatcher(selSection); section.Length() > 0; section = section.Parent().ClosestMatcher(selSection) {
		top := dom.First(section, selSectionTop)
		t, ok := r.read(top.AttrOr("href", ""))
		if ok && t.kind == forum.KindOther {
			return dom.Text(top)
		}
	}
	return ""
}

var selTouchShow = dom.Sel(".subforumshow")

// inner reads the boards that a board's own row names.
func (r *reader) inner(link *goquery.Selection, b forum.Board) {
	seen := map[string]bool{b.ID: true}
	link.ClosestMatcher(selBoardCell).FindMatcher(selSubLink).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		id, name := r.linked(href, forum.KindBoard), dom.Text(a)
		if id == "" || name == "" || seen[id] {
			return
		}
		seen[id] = true
		r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: r.pageAddress(href, 1), ParentID: b.ID, Category: b.Category})
	})
}
