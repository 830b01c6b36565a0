package mybb

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
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
	dropLabels(r.page.Listing)
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
	c.Name = r.boardName()
	if last := len(r.page.Path) - 1; last < 0 || r.page.Path[last].ID != c.ID {
		r.page.Path = append(r.page.Path, c)
	}
	return c.ID
}

// boardName is the last step of the breadcrumb, else the heading that the
// document's title ends with, else the first.
func (r *reader) boardName() string {
	if name := dom.Text(r.doc.FirstOf(selActiveNav)); name != "" {
		return name
	}
	title := dom.Text(r.doc.FirstOf(selTitleTag))
	for _, s := range r.doc.FindMatcher(selBoardHead).EachIter() {
		if name := dom.Text(s); name != "" && strings.HasSuffix(title, name) {
			return name
		}
	}
	return dom.Text(r.doc.FirstOf(selBoardHead))
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
	s.FindMatcher(selAnchors).Each(func(_ int, a *goquery.Selection) {
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
		case n.Type == html.TextNode && strings.HasSuffix(text, ":"), isWord(text, pollWords), row.IsMoved && isWord(text, movedWords):
			if !row.IsMoved {
				row.Type = "poll"
			}
		default:
			row.Prefix = append([]string{text}, row.Prefix...)
		}
	}
}

// pollWords are the labels of polls as translations write them.
var pollWords = map[string]bool{"poll": true, "umfrage": true, "sondage": true, "anket": true, "encuesta": true, "sondaggio": true, "ankieta": true, "опрос": true, "опитування": true, "anketa": true, "enquete": true, "votación": true, "omröstning": true, "afstemning": true, "avstemning": true, "peiling": true, "äänestys": true, "szavazás": true, "sondaj": true, "نظرسنجی": true, "投票": true}

// movedWords are the labels of stubs likewise.
var movedWords = map[string]bool{"moved": true, "verschoben": true, "déplacé": true, "taşındı": true, "movido": true, "spostato": true, "spostata": true, "przeniesiony": true, "przesunięty": true, "перемещено": true, "перемещена": true, "переміщено": true, "přesunuto": true, "přesunutý": true, "verplaatst": true, "flyttad": true, "flyttet": true, "siirretty": true, "áthelyezve": true, "mutat": true, "منتقل شده": true, "移动": true}

// isWord tells a label, with a colon or without.
func isWord(text string, words map[string]bool) bool {
	return words[strings.ToLower(strings.TrimRight(text, ":： "))]
}

// dropLabels takes off what stands before every subject of a list: the column's
// label, which themes for small screens repeat in each row.
func dropLabels(rows []forum.Row) {
	if len(rows) < 3 || len(rows[0].Prefix) == 0 {
		return
	}
	label := rows[0].Prefix[0]
	for i := range rows {
		if len(rows[i].Prefix) == 0 || rows[i].Prefix[0] != label {
			return
		}
	}
	for i := range rows {
		if rows[i].Prefix = rows[i].Prefix[1:]; len(rows[i].Prefix) == 0 {
			rows[i].Prefix = nil
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
	row.LastPost, row.LastAuthor = r.lastPost(r.lastCell(s))
}

// lastCell is the cell with the link to the last post; in stubs of moved
// threads, which have none, the one of that class or the last.
func (r *reader) lastCell(s *goquery.Selection) *goquery.Selection {
	for _, a := range s.FindMatcher(selAnchors).EachIter() {
		if strings.Contains(a.AttrOr("href", ""), "lastpost") {
			if last := a.ClosestMatcher(selLastPost); last.Length() > 0 && !dom.Has(last, selSubject) && last.Nodes[0] != s.Nodes[0] {
				return last
			}
			return cellOf(s, a)
		}
	}
	if last := dom.First(s, selLastPost); last.Length() > 0 {
		return last
	}
	if last := s.FindMatcher(selCell).Last(); last.Length() > 0 {
		return last
	}
	return s.Children().Last()
}

// cellOf is the cell of a row that holds something: the table's, else the row's
// own child.
func cellOf(row, s *goquery.Selection) *goquery.Selection {
	if td := s.ClosestMatcher(selCell); td.Length() > 0 && inside(td.Nodes[0], row.Nodes[0]) {
		return td
	}
	n := s.Nodes[0]
	for n.Parent != nil && n.Parent != row.Nodes[0] {
		n = n.Parent
	}
	return singleNode(s, n)
}

func singleNode(s *goquery.Selection, n *html.Node) *goquery.Selection {
	return s.AddNodes(n).FilterNodes(n)
}

// person is the account linked in an element, else the name in its text, which
// a comma may follow.
func (r *reader) person(box *goquery.Selection) *forum.Author {
	if link := r.profileLink(box, nil); link != nil {
		href := link.AttrOr("href", "")
		return &forum.Author{Name: dom.Text(link), ID: digits(r.linked(href, forum.KindProfile)), URL: r.doc.Resolve(href)}
	}
	name := strings.Trim(dom.OwnText(box), ",، ")
	if name == "" {
		name = strings.TrimRight(dom.Text(box), ",، ")
	}
	if name == "" {
		return nil
	}
	return &forum.Author{Name: name, IsGuest: true}
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
		if linked && !at.Known() {
			at = r.ahead(line)
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

// ahead is the time that a line begins with before its link to an account:
// "15 minutes ago by NAME".
func (r *reader) ahead(line []*html.Node) forum.Stamp {
	for i, n := range line {
		if n.Type == html.ElementNode && n.DataAtom == atom.A {
			if r.linked(dom.Attr(n, "href"), forum.KindProfile) == "" || i == 0 {
				return forum.Stamp{}
			}
			text, _ := lineText(line[:i])
			return r.timeThenBy(text)
		}
	}
	return forum.Stamp{}
}

// timeThenBy reads a time with up to two words for "by" behind it.
func (r *reader) timeThenBy(text string) forum.Stamp {
	for range 2 {
		cut := strings.LastIndexByte(text, ' ')
		if cut < 0 {
			break
		}
		text = text[:cut]
		if st := r.clock.Text(text); st.Known() {
			return st
		}
	}
	return forum.Stamp{}
}

// lineText is a line with relative words replaced by their titles; linked tells
// that it holds a link.
func lineText(line []*html.Node) (text string, linked bool) {
	var b strings.Builder
	for _, n := range line {
		if n.Type == html.ElementNode {
			linked = linked || n.Data == "a" || dom.Find(n, selAnchors) != nil
			if dated := datedIn(n); dated != nil {
				b.WriteString(dom.Attr(dated, "title"))
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

// views is the text that the views stand in: behind the replies in their cell,
// else the next cell.
func (r *reader) views(s, who *goquery.Selection) string {
	cell := cellOf(s, who)
	behind := false
	text := ""
	for _, line := range dom.SplitNodes(cell.Nodes[0], nil) {
		for _, n := range line {
			switch {
			case inside(who.Nodes[0], n):
				behind = true
			case behind && text == "" && strings.ContainsAny(dom.NodeText(n), "0123456789"):
				text = dom.NodeText(n)
			}
		}
	}
	if text != "" {
		return text
	}
	return dom.Text(cell.Next())
}

// datedIn is the element with a time in its title: an element itself, or all
// that stands in it.
func datedIn(n *html.Node) *html.Node {
	for ; n != nil; n = n.FirstChild {
		if selDatedSpan.Match(n) && strings.ContainsAny(dom.Attr(n, "title"), "0123456789") {
			return n
		}
		if n.FirstChild == nil || n.FirstChild != n.LastChild {
			return nil
		}
	}
	return nil
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
		set(&row.ViewCount, r.views(s, who))
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
