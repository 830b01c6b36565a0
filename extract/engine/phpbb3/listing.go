package phpbb3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selRowTitle = dom.Sel("a.topictitle")
	selRowBox   = dom.Sel("li.row, .topic-row, .topicrow")
	selRowDl    = dom.Sel("dl")
	selRowTr    = dom.Sel("tr")
	selReplies  = dom.Sel("dd.posts, .posts")
	selViews    = dom.Sel("dd.views, .views")
	selLastPost = dom.Sel("dd.lastpost, .lastpost")
	selLastLike = dom.Sel("[class*='lastpost']")

	selRepliesLike = dom.Sel("[class*='replies'] strong, [class*='replies']")
	selViewsLike   = dom.Sel("[class*='views'] strong, [class*='views']")

	selByline    = dom.Sel("[class*='byline'], [class*='author'], [class*='poster']")
	selPageBox   = dom.Sel("body, #wrap, #page-body, main, section, form")
	selPoster    = dom.Sel(".topic-poster, .left-box:has(time)")
	selDt        = dom.Sel("dt")
	selUser      = dom.Sel(".username, .username-coloured, a[href*='viewprofile']")
	selShowSmall = dom.Sel(".responsive-show, dd")
	selTime      = dom.Sel("time[datetime]")
	selPostLink  = dom.Sel("a[href*='p='], a[href*='#p']")
	selRowPages  = dom.Sel("[class*='pagination'] a, p.gensmall a[href*='start='], .pagination strong")
	selNotStart  = dom.Sel("a, .pagination, .responsive-show, i, dfn, .username, .username-coloured, strong")
	selDetail    = dom.Sel("p.topicdetails")
	selAuthorP   = dom.Sel("p.topicauthor")
	selSolved    = dom.Sel("[class*='solved'], img[src*='solved']")
	selRowPrefix = dom.Sel(".topic-prefix, .topictitle-prefix, .prefix, .badge")
	selFolder    = dom.Sel("img[src], .imageset, [style*='background-image']")
	selDfn       = dom.Sel("dfn, .sr-only")
	selBr        = dom.Sel("br")
	selHref      = dom.Sel("a[href]")
)

// listings reads the index, a board or a list of found threads.
func (r *reader) listings() {
	r.page.Path = r.path()
	if r.page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.boards()
	r.rows()
	if r.page.Kind != forum.KindIndex {
		r.pages(&r.page.PageNumber, &r.page.PageCount)
	}
}

func (r *reader) rows() {
	var boxes []*goquery.Selection
	titles := r.rowTitles()
	for _, a := range titles {
		s := rowBox(a, titles)
		if row, ok := r.row(a, s); ok {
			r.page.Listing, boxes = append(r.page.Listing, row), append(boxes, starterBox(s))
		}
	}
	guestStarters(r.page.Listing, boxes)
}

// boardCrumb names the board by its heading where no breadcrumb does.
func (r *reader) boardCrumb() {
	if n := len(r.page.Path); n > 0 && (r.own.ID == "" || r.page.Path[n-1].ID == r.own.ID) {
		return
	}
	heading := r.doc.FirstOf(selForumTitle)
	name := dom.TextWithout(heading, selNoTitle)
	if name == "" {
		return
	}
	r.page.Path = append(r.page.Path, forum.Crumb{Name: name, URL: r.boardURL(heading.AttrOr("href", "")), ID: r.own.ID})
}

// rowBox is the element that holds a row: a list item, a table row, or the
// list that styles put the row's cells in.
func rowBox(a *goquery.Selection, titles []*goquery.Selection) *goquery.Selection {
	for _, m := range []goquery.Matcher{selRowBox, selRowTr, selRowDl} {
		if box := a.ClosestMatcher(m); box.Length() > 0 && !holdsOther(box.Nodes[0], titles) {
			return box
		}
	}
	return ownBox(a, titles)
}

// ownBox is the greatest element around a title that holds no other: the row of
// styles that make it of elements of their own.
func ownBox(a *goquery.Selection, titles []*goquery.Selection) *goquery.Selection {
	box := a.Parent()
	for up := box.Parent(); up.Length() > 0 && !holdsOther(up.Nodes[0], titles) && !selPageBox.Match(up.Nodes[0]); up = up.Parent() {
		box = up
	}
	return box
}

func (r *reader) row(a, s *goquery.Selection) (forum.Row, bool) {
	href := a.AttrOr("href", "")
	row := forum.Row{Title: dom.TextWithout(a, selNoTitle), Type: "discussion", PageCount: 1}
	if l, ok := r.link(href); ok && l.Kind == forum.KindThread {
		row.ID, row.URL = l.ID, firstPage(l)
	} else if row.ID = r.named(forum.KindThread, href); row.ID != "" {
		row.URL = r.page.Root + "viewtopic.php?t=" + row.ID
	}
	if row.ID == "" {
		return row, false
	}
	r.flags(&row, s)
	r.starterOf(&row, a, s)
	r.counts(&row, a, s)
	r.lastPost(&row, s)
	s.FindMatcher(selRowPages).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); reWholeNumber.MatchString(text) {
			row.PageCount = max(row.PageCount, number(text))
		}
	})
	s.FindMatcher(selRowPrefix).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" && dom.Closest(e.Nodes[0], selLastPost) == nil {
			row.Prefix = append(row.Prefix, text)
		}
	})
	return row, true
}

// flags reads the name of the row's icon, which tells the thread's type and
// state in every version: as a class ("sticky_read_locked"), as the file of a
// picture or of a background.
func (r *reader) flags(row *forum.Row, s *goquery.Selection) {
	icon := s.AttrOr("class", "") + " " + s.AttrOr("style", "")
	s.FindMatcher(selRowDl).Each(func(_ int, dl *goquery.Selection) {
		icon += " " + dl.AttrOr("class", "") + " " + dl.AttrOr("style", "")
	})
	if s.IsMatcher(cssTr) {
		dom.First(s, cssTd).FindMatcher(selFolder).Each(func(_ int, e *goquery.Selection) {
			icon += " " + e.AttrOr("class", "") + " " + e.AttrOr("src", "") + " " + e.AttrOr("style", "")
		})
	}
	row.IsSticky = strings.Contains(icon, "sticky")
	row.IsLocked = strings.Contains(icon, "_locked")
	row.IsSolved = dom.Has(s, selSolved)
	if strings.Contains(icon, "announce") || strings.Contains(icon, "global_") {
		row.Type, row.IsSticky = "announcement", true // announcements stand on top of every page
	}
	if strings.Contains(icon, "topic_moved") { // the stub's own id is not shown: its link leads to the thread
		row.IsMoved, row.Type, row.RedirectTo = true, "redirect", row.URL
		row.ID, row.URL, row.IsLocked = "", "", false
	}
}

// starterBox is the element that tells who began a thread.
func starterBox(s *goquery.Selection) *goquery.Selection {
	box := dom.First(s, selPoster)
	if box.Length() == 0 {
		box = dom.First(s, selAuthorP)
	}
	if box.Length() == 0 {
		box = dom.First(s, selDt)
	}
	if box.Length() == 0 && dom.First(s, selLastPost).Length() == 0 {
		box = dom.First(s, selByline)
	}
	return box
}

func (r *reader) starterOf(row *forum.Row, a, s *goquery.Selection) {
	box := starterBox(s)
	row.Author = r.firstUser(box)
	if t := dom.First(box, selTime); t.Length() > 0 {
		row.Started = r.clock.Element(t)
		return
	}
	text := dom.TextWithout(box, selNotStart)
	if i := strings.LastIndex(text, "»"); i >= 0 {
		text = text[i+len("»"):]
	}
	if st := r.clock.Text(text); st.Known() {
		row.Started = st
		return
	}
	if st := r.sentenceTime(a.AttrOr("title", "")); st.Known() {
		row.Started = st // subsilver2
	}
	r.looseStarter(row, a, s)
}

// firstUser is the first name in a box, styles' second line for small screens
// left out.
func (r *reader) firstUser(box *goquery.Selection) *forum.Author {
	var found *forum.Author
	box.FindMatcher(selUser).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if c := dom.Closest(e.Nodes[0], selShowSmall); c != nil && !within(box.Nodes[0], c) {
			return true
		}
		found = r.user(e)
		return found == nil
	})
	if found == nil {
		found = r.linkedUser(box)
	}
	return found
}

// linkedUser is the name in a link whose address a rewriting add-on has given
// the board's own word.
func (r *reader) linkedUser(box *goquery.Selection) *forum.Author {
	var found *forum.Author
	box.FindMatcher(selHref).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if namedID(e.AttrOr("href", "")) != "" {
			found = r.user(e)
		}
		return found == nil
	})
	return found
}

func (r *reader) user(e *goquery.Selection) *forum.Author {
	name := dom.Text(e)
	if name == "" {
		return nil
	}
	href := e.AttrOr("href", e.FindMatcher(cssAHref).AttrOr("href", ""))
	if id := namedID(href); id != "" {
		return &forum.Author{Name: name, ID: id, URL: r.resolve(href)}
	}
	return &forum.Author{Name: name, IsGuest: true}
}

func (r *reader) counts(row *forum.Row, a, s *goquery.Selection) {
	replies, views := cell(dom.First(s, selReplies, selRepliesLike)), cell(dom.First(s, selViews, selViewsLike))
	if s.IsMatcher(cssTr) && replies == "" {
		details := s.FindMatcher(selDetail)
		replies, views = dom.Text(details.Eq(0)), dom.Text(details.Eq(1))
	}
	if replies == "" && views == "" {
		replies, views = looseCounts(a)
	}
	row.ReplyCount, row.CountsRounded = count(replies)
	rounded := false
	row.ViewCount, rounded = count(views)
	row.CountsRounded = row.CountsRounded || rounded
}

func count(s string) (*int64, bool) {
	n, rounded, ok := dom.Number(s)
	if !ok {
		return nil, false
	}
	return &n, rounded
}

// cell is a counter without its label, which small screens show.
func cell(s *goquery.Selection) string { return dom.TextWithout(s, selDfn) }

func (r *reader) lastPost(row *forum.Row, s *goquery.Selection) {
	last := dom.First(s, selLastPost, selLastLike)
	if last.Length() == 0 && s.IsMatcher(cssTr) {
		last = s.FindMatcher(cssTd).Last()
	}
	row.LastPost = r.lastTime(last)
	row.LastPostID = lastID(last)
	if user := dom.First(last, selUser); user.Length() > 0 {
		row.LastAuthor = r.user(user)
	}
}

func lastID(last *goquery.Selection) string {
	var id string
	last.FindMatcher(selPostLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		id = linkedPost(a.AttrOr("href", ""))
		return id == ""
	})
	return id
}

// lastTime is the machine's time, else the line below the author (prosilver)
// or above it (subsilver2).
func (r *reader) lastTime(last *goquery.Selection) forum.Stamp {
	if t := dom.First(last, selTime); t.Length() > 0 {
		return r.clock.Element(t)
	}
	if br := last.FindMatcher(selBr).Last(); br.Length() > 0 {
		var b strings.Builder
		for n := br.Nodes[0].NextSibling; n != nil; n = n.NextSibling {
			if n.Type == html.TextNode {
				b.WriteString(n.Data)
			}
		}
		if st := r.clock.Text(b.String()); st.Known() {
			return st
		}
	}
	var found forum.Stamp
	last.FindMatcher(selDetail).EachWithBreak(func(_ int, p *goquery.Selection) bool {
		if !dom.Has(p, cssA) {
			found = r.clock.Text(dom.Text(p))
		}
		return !found.Known()
	})
	if found.Known() {
		return found
	}
	if st := r.sentenceTime(dom.TextWithout(last, selNotStart)); st.Known() {
		return st
	}
	return forum.Stamp{}
}
