package vbulletin4

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRowTitle   = dom.Sel("a.title, h3.threadtitle a[id^='thread_title_'], .threadtitle a[href]")
	selRowPrefix  = dom.Sel(".prefix .prefix, .threadtitle .prefix, span.prefix")
	selRowAuthor  = dom.Sel(".author .username, .threadmeta .username, .author a[href*='member']")
	selRowStats   = dom.Sel("ul.threadstats li, .threadstats li, td.threadreplies, td.threadviews")
	selRowLast    = dom.Sel(".threadlastpost")
	selLastUser   = dom.Sel("a.username, .username, a[href*='member']")
	selLastLink   = dom.Sel("a.lastpostdate[href], a[href*='#post'], a[href*='p=']")
	selPollIcon   = dom.Sel("img[src*='poll_posticon']")
	selRowPages   = dom.Sel(".pagination a[href], .threadpages a[href]")
	selBoardTitle = dom.Sel("h2.forumtitle a, .forumtitle a")
	selBoardAbout = dom.Sel(".forumdescription")
	selBoardStats = dom.Sel(".forumstats li, .forumstats_2 li")
	selBoardLast  = dom.Sel(".forumlastpost")
	selSubBoard   = dom.Sel(".subforums a[href], .subforum a[href]")
	selCategory   = dom.Sel("li.forumbit_nopost")
	// a category's own head, and what stands in it
	selCategoryHead = dom.Sel(".forumhead")
	selHeadLink     = dom.Sel(".forumtitle a, h2 a")
	selHeadTitle    = dom.Sel(".forumtitle")
	selHeadOther    = dom.Sel("h2")
	selHeadColumns  = dom.Sel(".forumlastpost, .threadpost, .forumthreadpost, .forumstats")
	selBoardOwn     = dom.Sel("#pagetitle .forumtitle, .pagetitle .forumtitle")
	selBoardName    = dom.Sel(".forumtitle, #pagetitle h1, .pagetitle h1")
	selTitleTag     = dom.Sel("head title")
)

// listings reads the index, a board, or a page of search results.
func (r *reader) listings() {
	r.page.Path = r.path()
	if r.page.Kind == forum.KindBoard {
		r.ownCrumb()
	}
	r.boards()
	r.doc.FindMatcher(selThreadBit).Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	})
	r.pages(&r.page.PageNumber, &r.page.PageCount, nil)
}

// ownCrumb ends the path with the board itself, which the breadcrumb names
// without a link.
func (r *reader) ownCrumb() {
	id, own := vbmarkup.BoardID(r.doc), vburl.FirstPage(r.doc.URL.String())
	for i, c := range r.page.Path {
		if c.ID == id && id != "" || c.URL == own && own != "" {
			r.page.Path = r.page.Path[:i+1]
			r.page.Path[i].ID = id
			return
		}
	}
	name := ""
	for _, m := range []goquery.Matcher{selLastCrumb, selBoardOwn, selBoardName} {
		if name == "" {
			name = dom.Text(r.doc.FirstOf(m))
		}
	}
	if name == "" { // the engine names the page after the board
		name, _, _ = strings.Cut(dom.Text(r.doc.FirstOf(selTitleTag)), " - ")
	}
	r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: own, ID: id})
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{ID: dom.IDAfter(s.AttrOr("id", ""), "thread_"), Type: "discussion", PageCount: 1}
	link := dom.First(s, selRowTitle)
	href := r.doc.Resolve(link.AttrOr("href", ""))
	row.Title = dom.Text(link)
	if row.ID == "" {
		row.ID = vburl.ThreadID(href)
	}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.URL = vburl.FirstPage(href)
	seen := map[string]bool{}
	s.FindMatcher(selRowPrefix).Each(func(_ int, e *goquery.Selection) {
		text := withoutStates(dom.Text(e))
		if text == "" || seen[text] || dom.Has(e, cssPrefix) || r.stateWord(e) {
			return
		}
		seen[text] = true
		row.Prefix = append(row.Prefix, text)
	})
	if user := dom.First(s, selRowAuthor); user.Length() > 0 {
		row.Author = r.user(user)
		row.Started = r.started(user)
	}
	r.rowStats(&row, s)
	r.rowFlags(&row, s, href)
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, vburl.PageNumber(r.doc.Resolve(a.AttrOr("href", ""))))
	})
	return row, true
}

// withoutStates is a prefix without what the engine writes before it, "Sticky:",
// "Poll:".
func withoutStates(text string) string {
	text = strings.TrimSuffix(text, ":")
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[i+2:]
	}
	return text
}

// stateWord tells "Sticky:", "Moved:", "Poll:" from a prefix: the engine writes
// them into an element whose id begins with the state's name, or straight into
// the outer element.
func (r *reader) stateWord(e *goquery.Selection) bool {
	return strings.HasSuffix(dom.Text(e), ":") || dom.Is(e, "sticky") || e.AttrOr("id", "") != "" && strings.HasPrefix(e.AttrOr("id", ""), "thread_prefix") && dom.Text(e) == ""
}

// started reads the tip of the starter's name, "Started by X on 12-03-2010
// 05:14 PM", else what stands behind the name.
func (r *reader) started(user *goquery.Selection) forum.Stamp {
	title, name := user.AttrOr("title", ""), dom.Text(user)
	if i := strings.Index(title, name); i >= 0 && name != "" {
		if st, _, _ := r.clock.Within(title[i+len(name):]); st.Known() {
			return st
		}
	}
	label := user.ClosestMatcher(cssAuthorThreadmeta)
	_, rest, _ := strings.Cut(dom.Text(label), name)
	if st := r.clock.Text(strings.Trim(rest, " ,\u200e")); st.Known() {
		return st
	}
	return forum.Stamp{}
}

func (r *reader) user(s *goquery.Selection) *forum.Author {
	a := &forum.Author{Name: dom.Text(s)}
	href := r.doc.Resolve(s.AttrOr("href", ""))
	if a.Name == "" {
		return nil
	}
	if id := vburl.MemberID(href); vburl.IsMember(href) && id != "0" {
		a.ID, a.URL = id, memberURL(href)
	} else {
		a.IsGuest = true
	}
	return a
}

// rowStats reads the counters, replies before views, and the last post's cell.
func (r *reader) rowStats(row *forum.Row, s *goquery.Selection) {
	var counts []*int64
	s.FindMatcher(selRowStats).Each(func(_ int, li *goquery.Selection) {
		if n := dom.Count(dom.Text(li)); n != nil && !dom.Is(li, "hidden") {
			counts = append(counts, n)
		}
	})
	if len(counts) >= 2 {
		row.ReplyCount, row.ViewCount = counts[0], counts[1]
	}
	last := dom.First(s, selRowLast)
	row.LastPost, row.LastPostID = r.last(last)
	if user := dom.First(last, selLastUser); user.Length() > 0 {
		row.LastAuthor = r.user(user)
	} else {
		row.LastAuthor = lastGuest(last)
	}
}

// lastGuest is the name of who has no account, in the first line of a last
// post's cell, at times behind the word "by".
func lastGuest(cell *goquery.Selection) *forum.Author {
	line := cell.ChildrenMatcher(cssDd).First()
	if dom.Has(line, selNavLink) {
		return nil
	}
	name := dom.Text(line)
	for _, by := range [...]string{"by ", "von ", "par ", "por ", "от ", "door ", "da ", "av ", "af ", "przez "} {
		name = strings.TrimPrefix(name, by)
	}
	if name == "" {
		return nil
	}
	return &forum.Author{Name: name, IsGuest: true}
}

// last reads the time and the post of a last post's cell: the line that holds a
// time.
func (r *reader) last(cell *goquery.Selection) (at forum.Stamp, id string) {
	if cell.Length() == 0 {
		return at, ""
	}
	at = vbmarkup.LastTime(r.clock, cell)
	cell.FindMatcher(selLastLink).Each(func(_ int, a *goquery.Selection) {
		if p := vburl.PostID(a.AttrOr("href", "")); p != "" {
			id = p
		}
	})
	return at, id
}

// rowFlags reads states from classes, which the engine gives rows in every
// language.
func (r *reader) rowFlags(row *forum.Row, s *goquery.Selection, href string) {
	class := " " + s.AttrOr("class", "") + " "
	row.IsLocked = strings.Contains(class, " lock ") || strings.Contains(class, " locked ") || strings.Contains(class, " closed ") || strings.Contains(class, " new_lock ") || strings.Contains(class, "_lock ")
	row.IsSticky = dom.Has(s, cssSticky) || s.ClosestMatcher(cssStickies).Length() > 0
	if dom.Has(s, selPollIcon) {
		row.Type = "poll"
	}
	if strings.Contains(class, " moved ") {
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", vburl.Page(href)
	}
}

// boards reads the index and the sub-boards of a board; a category is a list
// item that cannot be posted to and holds others.
func (r *reader) boards() {
	r.doc.FindMatcher(selForumBit).Each(func(_ int, s *goquery.Selection) {
		if dom.Has(s, selForumBit) || dom.Is(s, "forumbit_nopost") && !dom.Has(s, selBoardStats) {
			return // a category
		}
		link := dom.First(s, selBoardTitle)
		href := r.doc.Resolve(link.AttrOr("href", ""))
		b := forum.Board{Name: dom.Text(link), URL: boardURL(href), ID: boardID(s, href)}
		if b.Name == "" {
			return
		}
		if up := s.ParentsMatcher(selCategory).First(); up.Length() > 0 {
			b.Category = category(up)
		}
		b.IsLink = dom.Is(s, "link") || vbmarkup.IsLink(r.doc, s, href)
		b.Description = dom.Text(dom.First(s, selBoardAbout))
		var counts []*int64
		s.FindMatcher(selBoardStats).Each(func(_ int, li *goquery.Selection) {
			if n := dom.Count(dom.Text(li)); n != nil {
				counts = append(counts, n)
			}
		})
		if len(counts) >= 2 {
			b.ThreadCount, b.PostCount = counts[0], counts[1]
		}
		b.LastPost, b.LastPostID = r.last(dom.First(s, selBoardLast))
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(s, b)
	})
}

// category is the name in a category's own head, without the headings of the
// columns.
func category(s *goquery.Selection) string {
	head := dom.First(s, selCategoryHead)
	if head.Length() == 0 {
		head = s
	}
	for _, m := range []goquery.Matcher{selHeadLink, selHeadTitle, selHeadOther} {
		if text := dom.TextWithout(dom.First(head, m), selHeadColumns); text != "" {
			return text
		}
	}
	return ""
}

func boardID(s *goquery.Selection, href string) string {
	if id := dom.IDAfter(s.AttrOr("id", ""), "forum"); id != "" {
		return id
	}
	return vburl.BoardID(href)
}

func (r *reader) subBoards(s *goquery.Selection, parent forum.Board) {
	s.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if id, name := vburl.BoardID(href), dom.Text(a); vburl.IsBoard(href) && name != "" && (id == "" || id != parent.ID) {
			r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: boardURL(href), ParentID: parent.ID, Category: parent.Category})
		}
	})
}
