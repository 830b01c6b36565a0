package invision2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selBox      = dom.Sel(".borderwrap, .tableborder, .b-category")
	selBoxTitle = dom.Sel(".maintitle a[href*='showforum='], .maintitle a[href*='c='], h2 a[href*='c='], .maintitle, h2")
	selDesc     = dom.Sel(".desc, .forumdesc")
	selPinned   = dom.Sel("img[src*='pinned'], .pinned_topic")
	selLocked   = dom.Sel("img[src*='f_closed'], img[src*='_locked']")
	selRowLink  = dom.Sel("a[href*='showforum='], a[href*='showtopic=']")
	selBoxLink  = dom.Sel(".maintitle a[href*='showforum='], .maintitle a[href*='c=']")
	selMoved    = dom.Sel("img[src*='f_moved']")
	selPoll     = dom.Sel("img[src*='f_poll'], img[src*='f_hot_poll']")
	selTime     = dom.Sel("time[datetime]")
)

// rows are the rows of tables that list boards and threads: what the first link
// of either kind leads to tells which.
func (r *reader) rows() (boards, topics []row) {
	r.doc.FindMatcher(cssTr).Each(func(_ int, tr *goquery.Selection) {
		cells := tr.ChildrenMatcher(cssTd)
		if cells.Length() < 4 || dom.Has(tr, cssTr) {
			return
		}
		for i := range cells.Length() {
			cell := cells.Eq(i)
			link := titleLink(cell)
			if link == nil {
				continue
			}
			w := row{all: tr, cells: cells, title: i, link: link, href: r.doc.Resolve(link.AttrOr("href", ""))}
			switch {
			case ipsurl.ForumID(w.href) != "":
				boards = append(boards, w)
			case ipsurl.TopicID(w.href) != "":
				topics = append(topics, w)
			}
			return
		}
	})
	return boards, topics
}

// row is one line of a listing; title is the place of the cell with the link.
type row struct {
	all, cells, link *goquery.Selection
	title            int
	href             string
}

// titleLink is the first link of a cell that leads to the first page of a board
// or thread.
func titleLink(cell *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	cell.FindMatcher(selRowLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		if dom.Text(a) != "" && !strings.Contains(href, "view=") && !strings.Contains(href, "st=") && !strings.Contains(href, "#entry") {
			found = a
		}
		return found == nil
	})
	return found
}

// listings reads the index, a board or what a search found.
func (r *reader) listings() {
	r.page.Path = r.path()
	own := ""
	if id := ipsurl.ForumID(r.doc.URL.String()); r.page.Kind == forum.KindBoard && id != "" {
		own = "showforum=" + id
		if n := len(r.page.Path); n == 0 || r.page.Path[n-1].ID != id {
			r.page.Path = append(r.page.Path, forum.Crumb{Name: r.title(), URL: ipsurl.FirstPage(r.doc.URL.String()), ID: id})
		}
	}
	boards, topics := r.rows()
	seen := map[string]bool{}
	for _, w := range boards {
		r.board(w, seen)
	}
	for _, w := range topics {
		if t := r.topic(w); !seen["t"+t.ID] {
			seen["t"+t.ID] = true
			r.page.Listing = append(r.page.Listing, t)
		}
	}
	r.pages(own, &r.page.PageNumber, &r.page.PageCount)
}

// counts are the first two numbers in the cells behind the title.
func (w row) counts() (a, b *int64) {
	for i := w.title + 1; i < w.cells.Length(); i++ {
		text := dom.Text(w.cells.Eq(i))
		if n := dom.Count(text); n != nil && !strings.ContainsFunc(text, letter) {
			if a != nil {
				return a, n
			}
			a = n
		}
	}
	return a, nil
}

func letter(c rune) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c > 0x2ff || c == ':'
}

// last reads the last cell with a time: when, and who in a link or behind it.
func (r *reader) last(w row) (at forum.Stamp, by *forum.Author) {
	for i := w.cells.Length() - 1; i > w.title; i-- {
		cell := w.cells.Eq(i)
		if t := dom.First(cell, selTime); t.Length() > 0 {
			at = r.clock.Element(t)
		} else {
			for _, line := range dom.SplitLines(cell.Nodes[0], nil) {
				if at = r.clock.Text(line); at.Known() {
					break
				}
			}
		}
		if !at.Known() {
			continue
		}
		cell.FindMatcher(selAccount).EachWithBreak(func(_ int, a *goquery.Selection) bool {
			by = &forum.Author{Name: dom.Text(a)}
			r.account(by, a.AttrOr("href", ""))
			return by.ID == ""
		})
		if lines := dom.SplitLines(cell.Nodes[0], nil); by == nil && len(lines) > 1 {
			if _, name, ok := dom.CutLabel(lines[len(lines)-1]); ok && name != "" {
				by = &forum.Author{Name: name, IsGuest: true}
			}
		}
		return at, by
	}
	return forum.Stamp{}, nil
}

func (r *reader) topic(w row) forum.Row {
	t := forum.Row{ID: ipsurl.TopicID(w.href), Title: dom.Text(w.link), URL: ipsurl.FirstPage(w.href), Type: "discussion", PageCount: 1}
	t.ReplyCount, t.ViewCount = w.counts()
	t.LastPost, t.LastAuthor = r.last(w)
	if _, when, ok := dom.CutLabel(w.link.AttrOr("title", "")); ok {
		t.Started, _, _ = r.clock.Within(when)
	}
	t.Author = r.starter(w)
	has := func(m goquery.Matcher) bool { return dom.Has(w.all, m) }
	t.IsSticky, t.IsLocked = has(selPinned), has(selLocked)
	if has(selPoll) {
		t.Type = "poll"
	}
	if has(selMoved) {
		t.IsMoved, t.Type, t.RedirectTo = true, "redirect", t.URL
	}
	w.all.FindMatcher(selStep).Each(func(_ int, a *goquery.Selection) {
		if n := dom.Count(strings.Trim(dom.Text(a), "[] ")); n != nil && *n < 1e5 && ipsurl.TopicID(r.doc.Resolve(a.AttrOr("href", ""))) == t.ID {
			t.PageCount = max(t.PageCount, int(*n))
		}
	})
	return t
}

// starter is the account or the mere name in a cell of its own behind the
// title, before the last one.
func (r *reader) starter(w row) *forum.Author {
	for i := w.title + 1; i < w.cells.Length()-1; i++ {
		cell := w.cells.Eq(i)
		name := dom.Text(cell)
		if name == "" || !strings.ContainsFunc(name, letter) {
			continue
		}
		if st := r.clock.Text(name); st.Known() {
			continue
		}
		a := &forum.Author{Name: name}
		if link := dom.First(cell, selAccount); link.Length() > 0 {
			a.Name = dom.Text(link)
			r.account(a, link.AttrOr("href", ""))
		}
		a.IsGuest = a.ID == ""
		return a
	}
	return nil
}

// board reads a board's row. What it counts behind the threads are replies, so
// the posts are both together.
func (r *reader) board(w row, seen map[string]bool) {
	b := forum.Board{ID: ipsurl.ForumID(w.href), Name: dom.Text(w.link), URL: ipsurl.FirstPage(w.href)}
	if seen[b.ID] {
		return
	}
	seen[b.ID] = true
	b.Category = category(w.all)
	var replies *int64
	if b.ThreadCount, replies = w.counts(); b.ThreadCount != nil && replies != nil {
		b.PostCount = new(*b.ThreadCount + *replies)
	}
	b.LastPost, _ = r.last(w)
	cell := w.cells.Eq(w.title)
	if desc := dom.First(cell, selDesc); desc.Length() > 0 {
		b.Description = firstLine(desc.Nodes[0])
	}
	r.page.Boards = append(r.page.Boards, b)
	cell.FindMatcher(selBoardRow).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		id, name := ipsurl.ForumID(href), dom.Text(a)
		if id != "" && name != "" && !seen[id] {
			seen[id] = true
			r.page.Boards = append(r.page.Boards, forum.Board{ID: id, Name: name, URL: ipsurl.FirstPage(href), ParentID: b.ID, Category: b.Category})
		}
	})
}

func firstLine(n *html.Node) string {
	if lines := dom.SplitLines(n, nil); len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// category is the heading of the box that a row stands in.
func category(tr *goquery.Selection) string {
	box := tr.ClosestMatcher(selBox)
	if box.Length() == 0 {
		return ""
	}
	title := ""
	box.FindMatcher(selBoxTitle).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		title = dom.Text(s)
		return title == ""
	})
	if a := dom.First(box, selBoxLink); a.Length() > 0 {
		title = dom.Text(a)
	}
	return title
}
