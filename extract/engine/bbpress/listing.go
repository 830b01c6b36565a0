package bbpress

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selRow         = dom.Sel("ul[id^='bbp-topic-']:not(.bbp-lead-topic), .bbp-topics .bbp-body > .type-topic, .bbp-topics li.bbp-body > ul.topic")
	selRowTitle    = dom.Sel("a.bbp-topic-permalink[href]")
	selStartedBy   = dom.Sel(".bbp-topic-started-by")
	selRowReplies  = dom.Sel(".bbp-topic-reply-count")
	selFreshLink   = dom.Sel(".bbp-topic-freshness > a[href], .bbp-forum-freshness > a[href], .bbp-topic-freshness a[href*='/topic/'], .bbp-forum-freshness a[href*='/topic/']")
	selFreshBy     = dom.Sel(".bbp-topic-freshness-author")
	selRowPages    = dom.Sel(".bbp-topic-pagination a[href]")
	selRowTags     = dom.Sel(".bbp-topic-tags a")
	selTopicHead   = dom.Sel(".bbp-header .bbp-topic-reply-count, .bbp-header .bbp-topic-replies")
	selForumHead   = dom.Sel(".bbp-header .bbp-forum-reply-count, .forums-header .forum-reply-count")
	selHeadRow     = dom.Sel(".bbp-header, .bbp-footer")
	selBoard       = dom.Sel("ul[id^='bbp-forum-'].forum, ul[id^='bbp-forum-'].type-forum, .bbp-forums .bbp-body > ul.forum")
	selBoardTitle  = dom.Sel("a.bbp-forum-title[href], .bbp-forum-info a[href]")
	selBoardAbout  = dom.Sel(".bbp-forum-content, .bbp-forum-description, .forum-description")
	selBoardTopics = dom.Sel(".bbp-forum-topic-count, .forum-topic-count")
	selBoardPosts  = dom.Sel(".bbp-forum-reply-count, .forum-reply-count")
	selSubBoard    = dom.Sel(".bbp-forums-list a[href]")
	selTopicList   = dom.Sel("ul[id^='bbp-forum-'].bbp-topics, ul[id^='forums-list-']")
)

// repliesWords begin the heading of a column that counts replies in the usual
// translations; the others count posts.
var repliesWords = []string{"repl", "antw", "répon", "repon", "respu", "rispo", "respo", "react", "ответ", "відпов", "odpow", "odpov", "svar", "vastau", "válasz", "răspun", "yanıt", "cevap", "απαντ", "回复", "回覆", "返信", "답글", "ردود"}

// listings reads the index, a board, or the threads of a view.
func (r *reader) listings() {
	r.page.Path = r.crumbs()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	if r.page.Kind == forum.KindSearch && r.doc.Has(selSearch) {
		r.pages(&r.page.PageNumber, &r.page.PageCount)
		return // single posts of many threads
	}
	r.pages(&r.page.PageNumber, &r.page.PageCount)
	for _, s := range r.boards {
		r.board(s)
	}
	replies := countsReplies(r.doc.FindMatcher(selTopicHead), r.rows)
	for _, s := range r.rows {
		if row, ok := r.row(s, replies); ok {
			r.page.Listing = append(r.page.Listing, row)
		}
	}
	r.lastPosters()
}

// boardCrumb ends the path with the board itself: its own step is no link. The
// list of its threads has the board's id.
func (r *reader) boardCrumb() {
	name := dom.Text(r.doc.FirstOf(selBreadcrumb).FindMatcher(selHere).First())
	if name == "" {
		name = dom.Text(r.doc.FirstOf(selHeading))
	}
	c := forum.Crumb{Name: name, ID: r.boardID()}
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindBoard && c.URL == "" {
			c.URL = firstPage(href)
		}
	}
	if n := len(r.page.Path); n > 0 && r.page.Path[n-1].Name == name && (c.URL == "" || r.page.Path[n-1].URL == c.URL) {
		r.page.Path[n-1].ID = c.ID
		return
	}
	if name != "" {
		r.page.Path = append(r.page.Path, c)
	}
}

func (r *reader) boardID() string {
	if id := dom.ClassNumber(r.doc.FirstOf(cssBody).AttrOr("class", ""), "postid-"); id != "" {
		return id
	}
	if m := reShort.FindStringSubmatch(r.doc.FirstOf(selShortLink).AttrOr("href", "")); m != nil {
		return m[1]
	}
	id := r.doc.FirstOf(selTopicList).AttrOr("id", "")
	for _, prefix := range [...]string{"bbp-forum-", "forums-list-"} {
		if n := dom.IDAfter(id, prefix); n != "" && n != "0" {
			return n
		}
	}
	return ""
}

// countsReplies tells what a column counts: replies, or posts with the topic.
// No thread has no post, so a 0 settles it; else the heading does.
func countsReplies(head *goquery.Selection, rows []*goquery.Selection) bool {
	for _, s := range rows {
		if n := dom.Count(dom.Text(counter(s))); n != nil && *n == 0 {
			return true
		}
	}
	text := strings.ToLower(dom.Text(head.First()))
	for _, w := range repliesWords {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

// counter is the cell with a row's replies or posts.
func counter(s *goquery.Selection) *goquery.Selection {
	if cell := dom.First(s, selRowReplies); cell.Length() > 0 {
		return cell
	}
	found := &goquery.Selection{}
	s.FindMatcher(selCounts).EachWithBreak(func(_ int, c *goquery.Selection) bool {
		if reCounter.MatchString(dom.Text(c)) && dom.Closest(c.Nodes[0], selNamed) == nil {
			found = c
		}
		return found.Length() == 0
	})
	return found
}

// reCounter is a number, alone or with its word.
var reCounter = regexp.MustCompile(`^[\d.,\s]+\pL*$`)

func (r *reader) row(s *goquery.Selection, replies bool) (forum.Row, bool) {
	own := typed(s)
	row := forum.Row{Type: "discussion", PageCount: 1, ID: dom.IDAfter(own.AttrOr("id", ""), "bbp-topic-")}
	if row.ID == "" {
		row.ID = dom.ClassNumber(own.AttrOr("class", ""), "post-")
	}
	link := r.titleLink(s, selRowTitle, forum.KindThread)
	if row.Title = dom.TextWithout(link, selUnseen); row.Title == "" {
		row.Title = dom.Text(link)
	}
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if row.URL = firstPage(href); row.URL == "" {
		row.URL = href
	}
	if row.Title == "" || row.URL == "" {
		return row, false
	}
	if by := dom.First(s, selStartedBy); dom.Has(by, selAuthorName) {
		row.Author = r.user(by)
	} else if by := starter(s); by.Length() > 0 {
		row.Author = r.user(by)
	}
	if row.Author != nil {
		row.Author.ID = userID(own.AttrOr("class", ""))
	}
	if n := dom.Count(dom.Text(counter(s))); n != nil {
		if !replies && *n > 0 {
			*n--
		}
		row.ReplyCount = n
	}
	r.rowLast(&row, s)
	s.FindMatcher(selRowPages).Each(func(_ int, a *goquery.Selection) {
		if l, ok := linkOf(r.doc.Resolve(a.AttrOr("href", ""))); ok {
			row.PageCount = max(row.PageCount, l.Page)
		}
	})
	s.FindMatcher(selRowTags).Each(func(_ int, a *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(a)) })
	row.IsSticky, row.IsLocked = dom.Is(own, "sticky") || dom.Is(own, "super-sticky"), dom.Is(own, "status-closed")
	return row, true
}

// starter is the first name of a row that is not the last poster's.
func starter(s *goquery.Selection) *goquery.Selection {
	found := &goquery.Selection{}
	s.FindMatcher(selNamed).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if dom.Text(a) != "" && !isLast(s, a) {
			found = a
		}
		return found.Length() == 0
	})
	return found
}

// isLast tells a name of the last poster by the classes around it.
func isLast(row, name *goquery.Selection) bool {
	around := dom.Closest(name.Nodes[0], selFresh)
	for n := around; n != nil; n = n.Parent {
		if n == row.Nodes[0] {
			return around != row.Nodes[0]
		}
	}
	return false
}

// userID is the account's number in a row's or post's classes; guests have 0.
func userID(class string) string {
	if id := dom.ClassNumber(class, "user-id-"); id != "0" {
		return id
	}
	return ""
}

func (r *reader) rowLast(row *forum.Row, s *goquery.Selection) {
	row.LastPost, row.LastPostID = r.freshness(s)
	if by := dom.First(s, selFreshBy); dom.Has(by, selAuthorName) {
		row.LastAuthor = r.user(by)
	} else if by := dom.First(s, selFresh).FindMatcher(selAuthorName).First(); by.Length() > 0 {
		row.LastAuthor = r.user(by)
	}
	if row.LastPostID == "" && row.ReplyCount != nil && *row.ReplyCount == 0 {
		row.LastPostID = row.ID // the topic itself is the last post
	}
}

var reAbsolute = regexp.MustCompile(`(?:19|20)\d\d`)

// freshness is the time of the last post: earlier versions have it in full in
// the link's title, where later ones have the last post's own title.
func (r *reader) freshness(s *goquery.Selection) (forum.Stamp, string) {
	link := dom.First(s, selFreshLink, selPostLink)
	id := linkedPost(link.AttrOr("href", ""))
	if !r.clock.Text(dom.Text(link)).Known() {
		return r.clock.Element(r.plainDate(s)), id
	}
	if title := link.AttrOr("title", ""); reAbsolute.MatchString(title) && !strings.Contains(title, ": ") {
		if st := r.clock.Text(title); st.Known() && st.Precision != forum.PrecisionYear {
			return st, id
		}
	}
	return r.clock.Text(dom.Text(link)), id
}

// board reads a board with those below it.
func (r *reader) board(s *goquery.Selection) {
	link, own := r.titleLink(s, selBoardTitle, forum.KindBoard), typed(s)
	b := forum.Board{Name: nameOf(link), URL: r.doc.Resolve(link.AttrOr("href", "")), ID: dom.ClassNumber(own.AttrOr("class", ""), "post-")}
	for _, prefix := range [...]string{"bbp-forum-", "bbp-forum-card-", "forum-"} {
		if id := dom.IDAfter(own.AttrOr("id", ""), prefix); id != "" {
			b.ID = id
			break
		}
	}
	if b.Name == "" || dom.Closest(s.Nodes[0], selHeadRow) != nil {
		return
	}
	if id := dom.ClassNumber(own.AttrOr("class", ""), "bbp-parent-forum-"); id != "0" {
		b.ParentID = id
	}
	b.Description = r.about(s)
	b.ThreadCount = dom.Count(dom.Text(dom.First(s, selBoardTopics)))
	b.PostCount = dom.Count(dom.Text(dom.First(s, selBoardPosts)))
	if b.PostCount != nil && b.ThreadCount != nil && countsReplies(r.doc.FindMatcher(selForumHead), nil) {
		*b.PostCount += *b.ThreadCount
	}
	b.LastPost, b.LastPostID = r.freshness(s)
	r.page.Boards = append(r.page.Boards, b)
	s.FindMatcher(selSubBoard).Each(func(_ int, a *goquery.Selection) { r.subBoard(a, b.ID) })
}

var reSubCounts = regexp.MustCompile(`\s*\(([\d.,\s]+?), ([\d.,\s]+)\)\s*$`)

// subBoard reads "Name (10, 80)": topics, then posts. No id is shown.
func (r *reader) subBoard(a *goquery.Selection, parent string) {
	href, name := r.doc.Resolve(a.AttrOr("href", "")), dom.Text(a)
	b := forum.Board{URL: href, ParentID: parent}
	if m := reSubCounts.FindStringSubmatchIndex(name); m != nil {
		b.ThreadCount, b.PostCount = dom.Count(name[m[2]:m[3]]), dom.Count(name[m[4]:m[5]])
		name = name[:m[0]]
	}
	if b.Name = name; name != "" && href != "" {
		r.page.Boards = append(r.page.Boards, b)
	}
}
