package vbulletin3

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selRowTitle  = dom.Sel("a[id^='thread_title_']")
	selRowLink   = dom.Sel("a[href*='showthread.php'], a[href*='.html'], a[href*='threads/']")
	selOpener    = dom.Sel("[onclick*='member'], a[href*='member']")
	selOpenerAny = dom.Sel(".smallfont [onclick*='window.open'], [itemprop=author] [onclick]")
	selStatus    = dom.Sel("[id^='thread_statusicon_'], [id^='td_threadstatusicon_'] img")
	selSticky    = dom.Sel("img[src*='sticky'], .inlineimg.sticky")
	selIcon      = dom.Sel(".inlineimg, img")
	selRowCells  = dom.Sel("td, .tcell")
	selCounts    = dom.Sel("td[title], .tcell[title]")
	selPostLink  = dom.Sel("a[href*='p='], a[href*='#post'], a[href*='-post']")
	selMember    = dom.Sel("a[href*='member'], [onclick*='member']")
	selByName    = dom.Sel("[itemprop=contributor] a[href], a[href]")
	selPosted    = dom.Sel("a[href*='whoposted']")
	selBoardCell = dom.Sel("[id^='f']")
	selBoardLink = dom.Sel("a[href]")
	selCategory  = dom.Sel("td.tcat a[href], .tcat a[href]")
	selAnyRow    = dom.Sel("tr, .trow")
)

// listings reads the index, a board, or a page of search results.
func (r *reader) listings() {
	r.page.Path = r.path()
	if r.page.Kind == forum.KindBoard {
		r.ownCrumb()
	}
	r.boards()
	r.doc.FindMatcher(selThreadRow).Each(func(_ int, cell *goquery.Selection) {
		if row, ok := r.row(cell); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	r.pages(&r.page.PageNumber, &r.page.PageCount, nil)
}

// ownCrumb ends the path with the board itself: the breadcrumb names it as
// plain text.
func (r *reader) ownCrumb() {
	id, own := vbmarkup.BoardID(r.doc), vburl.FirstPage(r.doc.URL.String())
	for i, c := range r.page.Path {
		if c.ID == id && id != "" || c.URL == own && own != "" {
			r.page.Path = r.page.Path[:i+1]
			r.page.Path[i].ID = id
			return
		}
	}
	r.page.Path = append(r.page.Path, forum.Crumb{Name: r.heading(), URL: own, ID: id})
}

// heading is the last step of the breadcrumb, else the first words of the page's
// title.
func (r *reader) heading() string {
	if text := dom.Text(r.doc.FirstOf(selTitle)); text != "" {
		return text
	}
	title := dom.Text(r.doc.FirstOf(selTitleTag))
	if i := strings.LastIndex(title, " - "); i > 0 {
		return title[:i]
	}
	return title
}

func (r *reader) row(cell *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{ID: dom.IDAfter(cell.AttrOr("id", ""), "td_threadtitle_"), Type: "discussion", PageCount: 1}
	link := dom.First(cell, selRowTitle, selRowLink)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row.Title = dom.Text(link)
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.URL = vburl.FirstPage(href)
	tr := cell.ClosestMatcher(cssTrTrow)
	r.rowTitle(&row, cell, link.Nodes[0])
	r.rowFlags(&row, tr, href)
	r.rowCounts(&row, tr, cell)
	return row, true
}

// rowTitle reads what stands around the title: a prefix before it, page links
// and the starter behind it.
func (r *reader) rowTitle(row *forum.Row, cell *goquery.Selection, link *html.Node) {
	for s := link.Parent.FirstChild; s != nil && s != link; s = s.NextSibling {
		if s.Type == html.ElementNode && s.DataAtom != atom.Img && s.DataAtom != atom.A && dom.Find(s, selAnchor) == nil && !selIcon.Match(s) && dom.Find(s, selIcon) == nil {
			if text := dom.NodeText(s); text != "" {
				row.Prefix = append(row.Prefix, text)
			}
		}
	}
	cell.FindMatcher(cssAHref).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, vburl.PageNumber(r.doc.Resolve(a.AttrOr("href", ""))))
	})
	opener := cell.FindMatcher(selOpener).Last()
	if opener.Length() == 0 {
		opener = cell.FindMatcher(selOpenerAny).Last()
	}
	if opener.Length() > 0 && opener.Nodes[0] != link {
		row.Author = r.opener(opener)
		return
	}
	if small := cell.FindMatcher(selSmall).Last(); small.Length() > 0 {
		if name := dom.Text(small); name != "" {
			row.Author = &forum.Author{Name: name, IsGuest: true}
		}
	}
}

var (
	reOpened = regexp.MustCompile(`window\.open\('([^']+)'|'([^']*member[^']*)'`)
)

// opener reads a name whose address stands in a script: window.open('member…').
func (r *reader) opener(s *goquery.Selection) *forum.Author {
	a := &forum.Author{Name: dom.Text(s)}
	if a.Name == "" {
		return nil
	}
	href := s.AttrOr("href", "")
	if m := reOpened.FindStringSubmatch(s.AttrOr("onclick", "")); m != nil && href == "" {
		href = m[1] + m[2]
	}
	abs := r.doc.Resolve(href)
	if id := vburl.AccountID(abs); id != "" && !vburl.IsMember(abs) && r.doc.SameHost(abs) {
		a.ID, a.URL = id, abs
	}
	if vburl.IsMember(abs) {
		a.ID = vburl.MemberID(abs)
		if u := parse(abs); u != nil {
			if l, ok := vburl.Canonical(u); ok {
				a.URL = l.URL
			}
		}
	}
	return a
}

// rowFlags reads the state of a thread from its icons: their file names are the
// engine's own in every language.
func (r *reader) rowFlags(row *forum.Row, tr *goquery.Selection, href string) {
	status := dom.First(tr, selStatus)
	src := status.AttrOr("src", "")
	name := src[strings.LastIndexByte(src, '/')+1:]
	if name == "" {
		name = status.AttrOr("class", "") // a sprite
	}
	row.IsLocked = strings.Contains(name, "lock") || strings.Contains(name, "closed")
	row.IsSticky = dom.Has(tr, selSticky)
	if strings.Contains(name, "moved") {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", vburl.Page(href)
	}
	if dom.Has(tr, cssImgSrcPoll) && !row.IsMoved {
		row.Type = "poll"
	}
}

// rowCounts reads the cell of the last post, whose title holds the exact
// counters ("Replies: 4, Views: 77"), and the cells behind it.
func (r *reader) rowCounts(row *forum.Row, tr, title *goquery.Selection) {
	tr.FindMatcher(selCounts).EachWithBreak(func(_ int, c *goquery.Selection) bool {
		m := reNumbers.FindAllString(c.AttrOr("title", ""), -1)
		if c.Nodes[0] == title.Nodes[0] || len(m) != 2 {
			return true
		}
		row.ReplyCount, row.ViewCount = dom.Count(m[0]), dom.Count(m[1])
		r.lastPost(c, &row.LastPost, &row.LastPostID, &row.LastAuthor)
		return false
	})
	cells := tr.ChildrenMatcher(selRowCells)
	at := cells.IndexOfSelection(title)
	if row.ReplyCount == nil {
		posted := dom.First(tr, selPosted)
		row.ReplyCount = dom.Count(dom.Text(posted))
		if cell := posted.ClosestMatcher(cssTdTcell); cell.Length() > 0 {
			row.ViewCount = dom.Count(dom.Text(cell.Next()))
		}
	}
	if row.LastPost.IsZero() && at >= 0 && !row.IsMoved {
		r.lastPost(cells.Eq(at+1), &row.LastPost, &row.LastPostID, &row.LastAuthor)
	}
}

// lastPost reads a cell of a last post: lines of which one is a time, a member,
// and a link to the post.
func (r *reader) lastPost(cell *goquery.Selection, at *forum.Stamp, id *string, by **forum.Author) {
	if cell.Length() == 0 {
		return
	}
	*at = vbmarkup.LastTime(r.clock, cell)
	cell.FindMatcher(selPostLink).Each(func(_ int, a *goquery.Selection) {
		if p := vburl.PostID(a.AttrOr("href", "")); p != "" {
			*id = p
		}
	})
	if by == nil {
		return
	}
	if m := cell.FindMatcher(selMember).Last(); m.Length() > 0 {
		*by = r.opener(m)
		return
	}
	cell.FindMatcher(selByName).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if vburl.AccountID(href) != "" && vburl.ThreadID(href) == "" && dom.Text(a) != "" {
			*by = r.opener(a)
		}
		return *by == nil
	})
}

// boardCells are the cells that the engine gives the board's number as id.
func (r *reader) boardCells() []*goquery.Selection {
	var out []*goquery.Selection
	r.doc.FindMatcher(selBoardCell).Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if n := dom.IDAfter(id, "f"); n != "" && "f"+n == id && (s.IsMatcher(cssTd) || s.IsMatcher(cssTcell) || s.IsMatcher(cssDiv)) {
			out = append(out, s)
		}
	})
	return out
}

func (r *reader) boards() {
	category := ""
	index := map[*html.Node]bool{}
	for _, c := range r.boardCells() {
		index[c.Nodes[0]] = true
	}
	r.doc.FindMatcher(selAnyRow).Each(func(_ int, row *goquery.Selection) {
		if heads := row.FindMatcher(selCategory); heads.Length() > 0 && !dom.Has(row, cssTr) {
			heads.Each(func(_ int, a *goquery.Selection) {
				if vburl.BoardID(r.doc.Resolve(a.AttrOr("href", ""))) != "" && dom.Text(a) != "" {
					category = dom.Text(a)
				}
			})
			return
		}
		row.ChildrenMatcher(selRowCells).Each(func(_ int, cell *goquery.Selection) {
			if index[cell.Nodes[0]] {
				r.board(row, cell, category)
			}
		})
	})
}

func (r *reader) board(row, cell *goquery.Selection, category string) {
	b := forum.Board{ID: dom.IDAfter(cell.AttrOr("id", ""), "f"), Category: category}
	own := map[string]bool{}
	cell.FindMatcher(selBoardLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		id := vburl.BoardID(href)
		if name := dom.Text(a); b.Name == "" && name != "" && !vburl.IsMember(href) && (id == b.ID || id == "" || dom.Has(a, cssStrong)) {
			b.Name, b.URL = name, boardURL(href)
			b.IsLink = vbmarkup.IsLink(r.doc, row, href)
			own[id] = true
		}
	})
	if b.Name == "" {
		return
	}
	b.Description = description(cell)
	r.boardCounts(&b, row, cell)
	r.page.Boards = append(r.page.Boards, b)
	cell.FindMatcher(selBoardLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		id, name := vburl.BoardID(href), dom.Text(a)
		key := id
		if key == "" {
			key = href
		}
		if !vburl.IsBoard(href) || id == b.ID && id != "" || name == "" || own[key] || boardURL(href) == b.URL {
			return
		}
		own[key] = true
		r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: boardURL(href), ParentID: b.ID, Category: category})
	})
}

// description is the first small print of the cell that is no list of
// sub-boards.
func description(cell *goquery.Selection) string {
	text := ""
	cell.FindMatcher(selSmall).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if !dom.Has(s, cssAHref) && s.Nodes[0].DataAtom != atom.Span { // "(3 Viewing)" stands beside the name
			text = dom.Text(s)
		}
		return text == ""
	})
	return text
}

// boardCounts reads the cells behind the name: last post, threads, posts; on
// boards that hide the last post, threads and posts.
func (r *reader) boardCounts(b *forum.Board, row, cell *goquery.Selection) {
	var counts []*int64
	cell.NextAll().Each(func(_ int, c *goquery.Selection) {
		text := dom.Text(c)
		if reCount.MatchString(text) {
			counts = append(counts, dom.Count(text))
			return
		}
		if b.LastPost.IsZero() {
			r.lastPost(c, &b.LastPost, &b.LastPostID, nil)
		}
	})
	if len(counts) >= 2 {
		b.ThreadCount, b.PostCount = counts[0], counts[1]
	}
}

var reCount = regexp.MustCompile(`^\d[\d.,\s\x{a0}]*$`)
