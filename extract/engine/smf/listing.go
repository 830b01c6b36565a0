package smf

import (
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selRowSubject  = dom.Sel("span[id^='msg_']")
	selRowFallback = dom.Sel("#topic_container .message_index_title, #messageindex td.subject")
	selRowBox      = dom.Sel("#topic_container > div, #topic_container > li, tr, .topic_row")
	selTopicLink   = dom.Sel("a[href*='topic']")
	selRowStats    = dom.Sel(".board_stats, td.stats, .topic_stats")
	selRowLast     = dom.Sel(".lastpost, td.lastpost, .topic_lastpost")
	selRowIcons    = dom.Sel(".icons .main_icons, .main_icons, .generic_icons")
	selRowImages   = dom.Sel("img[src]")
	selRowPages    = dom.Sel(".topic_pages a[href], [id^='pages'] a[href]")
	selRowStarter  = dom.Sel("p, .floatleft, .info")
	selRowNew      = dom.Sel(".new_posts, [id^='newicon']")
	selCell        = dom.Sel("td")
	selAnchors     = dom.Sel("a")
	selRecentItem  = dom.Sel("#recent h5, #unread h5, .search_results_posts h5")
	selBoardName   = dom.Sel("#display_head .display_title")
)

// listings reads the index, a board, or a list of recent posts.
func (r *reader) listings() {
	r.page.Path = r.path()
	id := ""
	if l, ok := r.link(r.doc.URL.String()); ok && l.Kind == forum.KindBoard {
		id = l.ID
	}
	if r.page.Kind == forum.KindBoard {
		id = r.boardCrumb(id)
	}
	r.boards(id)
	if r.page.Kind == forum.KindSearch {
		r.recent()
		return
	}
	rows := r.rows()
	r.learnStartedBy(rows)
	for _, s := range rows {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	}
	r.page.PageNumber, r.page.PageCount = 1, 1
	if r.page.Kind == forum.KindBoard && id != "" {
		n := r.navigation("board", id)
		r.page.PageNumber, r.page.PageCount = n.current, n.last
		if n.current < n.last {
			r.page.Next = r.nextLink("board", id, n)
		}
	}
}

// boardCrumb gives the board's id, and ends the path with it where the
// breadcrumb does not.
func (r *reader) boardCrumb(id string) string {
	last := len(r.page.Path) - 1
	if id == "" {
		id = boardID(r.doc.Canonical())
	}
	if id == "" && last >= 0 && !strings.HasPrefix(r.page.Path[last].ID, "c") {
		id = r.page.Path[last].ID
	}
	if id == "" || last >= 0 && r.page.Path[last].ID == id {
		return id
	}
	c := forum.Crumb{ID: id, Name: dom.Text(r.doc.FirstOf(selBoardName))}
	if r.page.Root != "" {
		c.URL = r.page.Root + "index.php?board=" + id + ".0"
	}
	r.page.Path = append(r.page.Path, c)
	return id
}

// rows are the threads' elements: those that hold a subject, which scripts need
// as span#msg_N.
func (r *reader) rows() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[*html.Node]bool{}
	add := func(_ int, s *goquery.Selection) {
		n := rowBox(s.Nodes[0])
		if n == nil || seen[n] || !dom.Has(s, selTopicLink) {
			return
		}
		seen[n] = true
		out = append(out, r.doc.FindNodes(n))
	}
	r.doc.FindMatcher(selRowSubject).Each(add)
	if len(out) == 0 {
		r.doc.FindMatcher(selRowFallback).Each(add)
	}
	return out
}

// rowBox is the element of a row by its name, else the greatest one around a
// subject that holds no other.
func rowBox(subject *html.Node) *html.Node {
	if n := dom.Closest(subject, selRowBox); n != nil {
		return n
	}
	var found *html.Node
	for n := subject.Parent; n != nil && n.Type == html.ElementNode && n.DataAtom != atom.Body; n = n.Parent {
		if goquery.NewDocumentFromNode(n).FindMatcher(selRowSubject).Length() > 1 {
			return found
		}
		found = n
	}
	return nil
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	subject := dom.First(s, selRowSubject, selRowFallback)
	link := subject.FindMatcher(selTopicLink).NotMatcher(selRowNew).First()
	row := forum.Row{ID: topicID(link.AttrOr("href", "")), Title: dom.Text(link), Type: "discussion", PageCount: 1}
	if row.ID == "" {
		return row, false
	}
	row.URL = r.firstPage(link.AttrOr("href", ""))
	r.flags(&row, s)
	r.counts(&row, s, subject)
	r.lastPost(&row, s)
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		if n, err := strconv.Atoi(dom.Text(a)); err == nil && topicID(a.AttrOr("href", "")) == row.ID {
			row.PageCount = max(row.PageCount, n)
		}
	})
	return row, true
}

// flags reads sticky, locked, poll and moved: classes and icons in 2.1, file
// names of pictures in 2.0 and 1.1.
func (r *reader) flags(row *forum.Row, s *goquery.Selection) {
	row.IsSticky, row.IsLocked = dom.Is(s, "sticky"), dom.Is(s, "locked")
	icons := s.FindMatcher(selRowIcons)
	row.IsSticky = row.IsSticky || icons.FilterMatcher(cssSticky).Length() > 0
	row.IsLocked = row.IsLocked || icons.FilterMatcher(cssLock).Length() > 0
	row.IsMoved = icons.FilterMatcher(cssMove).Length() > 0
	poll := icons.FilterMatcher(cssPoll).Length() > 0
	s.FindMatcher(selRowImages).Each(func(_ int, img *goquery.Selection) {
		src := img.AttrOr("src", "")
		name := src[strings.LastIndex(src, "/")+1:]
		switch {
		case strings.Contains(src, "/topic/"):
			row.IsSticky = row.IsSticky || strings.Contains(name, "sticky")
			row.IsLocked = row.IsLocked || strings.Contains(name, "locked")
			poll = poll || strings.Contains(name, "poll")
		case strings.Contains(src, "/post/moved."):
			row.IsMoved = true
		case strings.HasPrefix(name, "quick_lock") && strings.HasPrefix(img.AttrOr("id", ""), "lockicon"):
			row.IsLocked = true
		case strings.HasPrefix(name, "show_sticky"):
			row.IsSticky = true
		}
	})
	if poll {
		row.Type = "poll"
	}
	if row.IsMoved {
		row.Type, row.RedirectTo = "redirect", row.URL
	}
}

// counts reads replies and views, and the starter. 2.0 and 2.1 show two lines
// in one cell, 1.1 a cell each behind the starter's.
func (r *reader) counts(row *forum.Row, s, subject *goquery.Selection) {
	var numbers []string
	if stats := dom.First(s, selRowStats); stats.Length() > 0 {
		numbers = dom.SplitLines(stats.Nodes[0], nil)
		row.Author = r.starterOf(subject, row.Title)
	} else if cell := subject.ClosestMatcher(selCell); cell.Length() > 0 {
		rest := cell.NextAllMatcher(selCell)
		if lines := countLines(rest.First()); len(lines) == 2 {
			row.Author = r.starterOf(subject, row.Title)
			r.setCounts(row, lines)
			return
		}
		row.Author = r.person(rest.First())
		rest.Slice(min(1, rest.Length()), min(3, rest.Length())).Each(func(_ int, td *goquery.Selection) { numbers = append(numbers, dom.Text(td)) })
	}
	r.setCounts(row, numbers)
}

// countLines are the two counters of one cell, each a line that begins with a
// number.
func countLines(cell *goquery.Selection) []string {
	if cell.Length() == 0 || dom.Has(cell, selAnchors) {
		return nil
	}
	lines := dom.SplitLines(cell.Nodes[0], nil)
	for _, line := range lines {
		if line[0] < '0' || line[0] > '9' {
			return nil
		}
	}
	return lines
}

func (r *reader) setCounts(row *forum.Row, numbers []string) {
	for i, text := range numbers {
		n, rounded, ok := dom.Number(text)
		if !ok {
			continue
		}
		row.CountsRounded = row.CountsRounded || rounded
		switch i {
		case 0:
			row.ReplyCount = &n
		case 1:
			row.ViewCount = &n
		}
	}
}

// learnStartedBy takes the words before the starters' names from the rows whose
// starter is linked: they are the language's.
func (r *reader) learnStartedBy(rows []*goquery.Selection) {
	for _, s := range rows {
		s.FindMatcher(selRowStarter).EachWithBreak(func(_ int, line *goquery.Selection) bool {
			first := line.Nodes[0].FirstChild
			if first == nil || first.Type != html.TextNode || first.NextSibling == nil || !selMember.Match(first.NextSibling) {
				return true
			}
			r.startedBy = dom.Fold(first.Data)
			return r.startedBy == ""
		})
		if r.startedBy != "" {
			return
		}
	}
}

// starterOf is the account linked in the subject's cell; a guest's name stands
// behind words that belong to the language.
func (r *reader) starterOf(subject *goquery.Selection, title string) *forum.Author {
	for box := subject.Parent(); box.Length() > 0 && !selRowBox.Match(box.Nodes[0]); box = box.Parent() {
		if link := memberLink(box); link != nil {
			return r.person(box)
		}
		if line := dom.First(box, selRowStarter); line.Length() > 0 {
			text := strings.TrimSpace(strings.Replace(dom.OwnText(line), title, "", 1))
			for _, lead := range [...]string{r.startedBy, "Started by"} {
				if name, ok := strings.CutPrefix(text, lead+" "); ok && lead != "" && name != "" {
					return &forum.Author{Name: strings.TrimSpace(name), IsGuest: true}
				}
			}
		}
	}
	return nil
}

// person is the account linked in an element, else the name in its text.
func (r *reader) person(box *goquery.Selection) *forum.Author {
	if link := memberLink(box); link != nil {
		href := link.AttrOr("href", "")
		return &forum.Author{Name: dom.Text(link), ID: memberID(href), URL: r.clean(href)}
	}
	if name := dom.Text(box); name != "" {
		return &forum.Author{Name: name, IsGuest: true}
	}
	return nil
}

// lastPost reads the last cell: in 2.1 the time is the link itself, before it
// stands as text beside a link with a picture.
func (r *reader) lastPost(row *forum.Row, s *goquery.Selection) {
	box := dom.First(s, selRowLast)
	if box.Length() == 0 {
		box = s.FindMatcher(selCell).Last()
	}
	box.FindMatcher(selTopicLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		row.LastPostID = messageID(href)
		if text := dom.Text(a); text != "" {
			row.LastPost = r.clock.Text(text)
		}
		return row.LastPostID == ""
	})
	lines := lastLines(box)
	if !row.LastPost.Known() {
		row.LastPost = r.firstDate(lines)
	}
	if link := memberLink(box); link != nil {
		row.LastAuthor = r.person(box)
	} else if n := len(lines); n > 0 {
		if _, name, ok := strings.Cut(lines[n-1], " "); ok && !r.clock.Text(lines[n-1]).Known() {
			row.LastAuthor = &forum.Author{Name: name, IsGuest: true}
		}
	}
}

// lastLines are the lines of a last-post cell without its links.
func lastLines(box *goquery.Selection) []string {
	if box.Length() == 0 {
		return nil
	}
	return dom.SplitLines(box.Nodes[0], selLastDrop)
}

var selLastDrop = dom.Sel("a, .postby")

// firstDate is the first line that reads as a time, without a label before it.
func (r *reader) firstDate(lines []string) forum.Stamp {
	for _, line := range lines {
		if _, value, ok := dom.CutLabel(line); ok && r.clock.Text(value).Known() {
			line = value
		}
		if st, _, _ := r.clock.Within(line); st.Known() {
			return st
		}
	}
	return forum.Stamp{}
}

// recent reads a list of single posts: board and post linked in a heading.
func (r *reader) recent() {
	r.doc.FindMatcher(selRecentItem).Each(func(_ int, s *goquery.Selection) {
		link := s.FindMatcher(selTopicLink).Last()
		href := link.AttrOr("href", "")
		row := forum.Row{ID: topicID(href), Title: dom.Text(link), LastPostID: messageID(href), Type: "discussion"}
		if row.ID == "" {
			return
		}
		if r.page.Root != "" {
			row.URL = r.page.Root + "index.php?topic=" + row.ID + ".0"
		}
		if line := s.Next(); line.Length() > 0 {
			row.LastPost, _, _ = r.clock.Within(dom.TextWithout(line, selAnchors))
			if memberLink(line) != nil {
				row.LastAuthor = r.person(line)
			}
		}
		r.page.Listing = append(r.page.Listing, row)
	})
}
