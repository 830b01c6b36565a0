package mybb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selSubject   = dom.Sel("[id^='tid_']")
	selRowBox    = dom.Sel("tr, li, .inline_row, .thread-row")
	selStatus    = dom.Sel(".thread_status, img[src*='folder.']")
	selAuthor    = dom.Sel(".author")
	selStartTime = dom.Sel(".thread_start_datetime")
	selReplies   = dom.Sel("a[href*='whoposted'], a[onclick*='whoPosted'], a[href*='whoPosted']")
	selLastPost  = dom.Sel(".lastpost")
	selSticky    = dom.Sel(".forumdisplay_sticky")
	selRowRating = dom.Sel("[id^='rating_table_'], .star_rating")
	selBoardHead = dom.Sel(".thead strong")
	selActiveNav = dom.Sel(".navigation .active, .breadcrumb .active, .breadcrumbs .active")
)

// listings reads the index, a board, or a list of search results.
func (r *reader) listings() {
	r.page.Path = r.path()
	id := ""
	if r.page.Kind == forum.KindBoard {
		id = r.boardCrumb()
	}
	r.boards(id)
	for _, s := range r.rows() {
		if row, ok := r.row(s); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	}
	r.page.PageNumber, r.page.PageCount = 1, 1
	if id != "" {
		r.page.PageNumber, r.page.PageCount, r.page.Next = r.numbers(forum.KindBoard, id)
	}
}

// boardCrumb ends the path with the board itself, which the breadcrumb shows
// without a link.
func (r *reader) boardCrumb() string {
	c := forum.Crumb{}
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if t, ok := r.read(href); ok && t.kind == forum.KindBoard && t.id != "" {
			c.ID, c.URL = t.id, r.firstPage(href)
			if t.slug {
				c.ID = ""
			}
			break
		}
	}
	if c.ID == "" {
		c.ID = dom.Digits(dom.Param(r.doc.FirstOf(selBoardFeed).AttrOr("href", ""), "fid"))
	}
	if c.ID == "" {
		r.gaps.Add("path", "neither the address nor the feed names the board")
		return ""
	}
	if c.URL == "" && r.page.Root != "" {
		c.URL = r.page.Root + "forumdisplay.php?fid=" + c.ID
	}
	c.Name = dom.Text(r.doc.FirstOf(selActiveNav, selBoardHead))
	if last := len(r.page.Path) - 1; last < 0 || r.page.Path[last].ID != c.ID {
		r.page.Path = append(r.page.Path, c)
	}
	return c.ID
}

// rows are the threads' rows: those with a subject, which scripts need as tid_N.
func (r *reader) rows() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[*html.Node]bool{}
	r.doc.FindMatcher(selSubject).Each(func(_ int, s *goquery.Selection) {
		n := dom.Closest(s.Nodes[0], selRowBox)
		if n == nil || seen[n] || dom.IDAfter(s.AttrOr("id", ""), "tid_") == "" {
			return
		}
		seen[n] = true
		out = append(out, r.doc.FindNodes(n))
	})
	return out
}

func (r *reader) row(s *goquery.Selection) (forum.Row, bool) {
	subject := dom.First(s, selSubject)
	link := subject
	if !link.IsMatcher(cssA) {
		link = dom.First(subject, selAnchors)
	}
	row := forum.Row{ID: dom.IDAfter(subject.AttrOr("id", ""), "tid_"), Title: dom.Text(link), Type: "discussion", PageCount: 1}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.URL = r.firstPage(link.AttrOr("href", ""))
	r.flags(&row, s)
	r.prefix(&row, subject)
	r.people(&row, s)
	r.counts(&row, s, subject)
	subject.Parent().FindMatcher(selAnchors).Each(func(_ int, a *goquery.Selection) {
		if t, ok := r.read(a.AttrOr("href", "")); ok && t.kind == forum.KindThread && t.only && t.post == "" && (t.id == row.ID || t.slug) {
			row.PageCount = max(row.PageCount, t.page)
		}
	})
	return row, true
}

// flags reads the status from the class of the row's folder, or its file name
// in 1.6: newhotclosefolder, hotlockfolder, movefolder.
func (r *reader) flags(row *forum.Row, s *goquery.Selection) {
	status := dom.First(s, selStatus)
	name := status.AttrOr("class", "")
	if src := status.AttrOr("src", ""); src != "" {
		name = src[strings.LastIndex(src, "/")+1:]
	}
	row.IsLocked = strings.Contains(name, "close") || strings.Contains(name, "lock")
	row.IsMoved = strings.Contains(name, "move")
	row.IsSticky = dom.Has(s, selSticky) || dom.Is(s, "forumdisplay_sticky")
	if row.IsMoved {
		row.Type, row.RedirectTo = "redirect", row.URL
	}
}

// prefix reads what stands in front of the subject: a styled prefix, and labels
// with a colon (poll, moved) that the engine writes as plain text.
func (r *reader) prefix(row *forum.Row, subject *goquery.Selection) {
	for n := subject.Nodes[0].PrevSibling; n != nil; n = n.PrevSibling {
		text := dom.NodeText(n)
		switch {
		case text == "" || n.Data == "a" || n.Type == html.CommentNode:
		case n.Type == html.TextNode && strings.HasSuffix(text, ":"):
			if !row.IsMoved {
				row.Type = "poll"
			}
		default:
			row.Prefix = append([]string{text}, row.Prefix...)
		}
	}
}

func (r *reader) people(row *forum.Row, s *goquery.Selection) {
	if box := dom.First(s, selAuthor); box.Length() > 0 {
		row.Author = r.person(box)
	}
	if start := dom.First(s, selStartTime); start.Length() > 0 {
		row.Started = r.clock.Text(dateText(start.Nodes[0], nil))
	}
	last := dom.First(s, selLastPost)
	if last.Length() == 0 {
		last = s.FindMatcher(selCell).Last()
	}
	row.LastPost, row.LastAuthor = r.lastPost(last)
}

// person is the account linked in an element, else the name in its text, which
// a comma may follow.
func (r *reader) person(box *goquery.Selection) *forum.Author {
	if link := r.profileLink(box, nil); link != nil {
		href := link.AttrOr("href", "")
		return &forum.Author{Name: dom.Text(link), ID: digits(r.linked(href, forum.KindProfile)), URL: r.doc.Resolve(href)}
	}
	if name := strings.TrimRight(dom.Text(box), ", "); name != "" {
		return &forum.Author{Name: name, IsGuest: true}
	}
	return nil
}

func digits(id string) string {
	if dom.Digits(id) != id {
		return ""
	}
	return id
}

// lastPost reads a last-post cell line by line: the time is the first line that
// reads as one, a guest stands behind the last colon or the word for "by".
func (r *reader) lastPost(box *goquery.Selection) (forum.Stamp, *forum.Author) {
	var at forum.Stamp
	if box.Length() == 0 {
		return at, nil
	}
	guest := ""
	for _, line := range dom.SplitNodes(box.Nodes[0], nil) {
		text, linked := lineText(line)
		if st := r.clock.Text(text); !at.Known() && !linked && st.Known() {
			at = st
			continue
		}
		if _, name, ok := dom.CutLabel(text); ok {
			guest = name
		} else if _, name, ok := strings.Cut(text, " "); ok && !linked {
			guest = name
		}
	}
	if r.profileLink(box, nil) != nil {
		return at, r.person(box)
	}
	if guest == "" {
		return at, nil
	}
	return at, &forum.Author{Name: guest, IsGuest: true}
}

// lineText is a line with relative words replaced by their titles; linked tells
// that it holds a link.
func lineText(line []*html.Node) (text string, linked bool) {
	var b strings.Builder
	for _, n := range line {
		if n.Type == html.ElementNode {
			linked = linked || n.Data == "a" || dom.Find(n, selAnchors) != nil
			if selDatedSpan.Match(n) && strings.ContainsAny(dom.Attr(n, "title"), "0123456789") {
				b.WriteString(dom.Attr(n, "title"))
				continue
			}
		}
		b.WriteString(dom.NodeText(n))
		if n.Type == html.TextNode {
			b.WriteByte(' ')
		}
	}
	return strings.ReplaceAll(dom.Fold(b.String()), " ,", ","), linked
}

// counts reads replies, by the link to who posted, and the views in the next
// cell; where a theme drops that link, the first two numbers behind the subject.
func (r *reader) counts(row *forum.Row, s, subject *goquery.Selection) {
	set := func(to **int64, text string) {
		n, rounded, ok := dom.Number(text)
		if ok {
			*to, row.CountsRounded = &n, row.CountsRounded || rounded
		}
	}
	if who := dom.First(s, selReplies); who.Length() > 0 {
		set(&row.ReplyCount, dom.Text(who))
		set(&row.ViewCount, dom.Text(who.ClosestMatcher(selCell).NextMatcher(selCell)))
		return
	}
	found := 0
	subject.ClosestMatcher(selCell).NextAllMatcher(selCell).EachWithBreak(func(_ int, td *goquery.Selection) bool {
		text := dom.Text(td)
		if dom.Has(td, selRowRating) || strings.Trim(text, "0123456789., kKmM") != "" {
			return true
		}
		found++
		switch found {
		case 1:
			set(&row.ReplyCount, text)
		case 2:
			set(&row.ViewCount, text)
		}
		return found < 2
	})
}
