package xf2

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selWidget     = dom.Sel("[data-widget-id], [data-widget-key], .p-body-sidebar, .p-body-sideNav, .block--similarContents, .california-recommended-reading-container, .menu")
	selTitle      = dom.Sel(".p-title-value")
	selNoTitle    = dom.Sel(".label, .label-append, .labelLink, .prefix, .p-title-pageAction, button, .button, svg, i")
	selRowPrimary = dom.Sel(".structItem-title a[data-tp-primary]")
	selRowTitle   = dom.Sel(".article-title a[href], .structItem-title a[href], .articlePreview-headline a[href], .articlePreview-title a[href], .gridPreview-title a[href], h3 a[href*='threads/']")
	selRowLabel   = dom.Sel(".article-title .label, .structItem-title .label, .articlePreview-headline .label, .articlePreview-title .label")
	selRowUser    = dom.Sel(".structItem-parts .username, .structItem-cell--main .structItem-minor .username, .message-attribution .username, .articlePreview-by .username")
	selRowStart   = dom.Sel(".structItem-startDate time, .structItem-parts time, .message-attribution time, .articlePreview-meta time")
	selRowReplies = dom.Sel(".articlePreview-replies, .actionBar-action--replies")
	selRowStatus  = dom.Sel("[class*='structItem-status--']")
	selRowIcon    = dom.Sel("i.structItem-status[class*='fa-']")
	selRowPinned  = dom.Sel(".message-attribution .fa-thumbtack")
	selRowMeta    = dom.Sel(".structItem-cell--meta dl")
	selRowLatest  = dom.Sel(".structItem-cell--latest")
	selLatestTime = dom.Sel("time.structItem-latestDate, time")
	selUsername   = dom.Sel(".username, a[data-user-id]:not(.avatar)")
	selRowJump    = dom.Sel(".structItem-pageJump a[href]")
	selRowTags    = dom.Sel("a.tagItem")
	selStickyBox  = dom.Sel(".structItemContainer-group--sticky")
	selContentRow = dom.Sel(".contentRow")
	selFoundTitle = dom.Sel(".contentRow-title a[href]")
	selFoundMinor = dom.Sel(".contentRow-minor")
)

// rows are the threads that the page lists; widgets beside the list have rows
// of their own.
func (r *Reader) rows() *goquery.Selection { return r.outside(selRow) }

func (r *Reader) nodes() *goquery.Selection { return r.outside(selNode) }

func (r *Reader) outside(m goquery.Matcher) *goquery.Selection {
	return r.Doc.FindMatcher(m).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return dom.Closest(s.Nodes[0], selWidget) == nil
	})
}

// Listings reads the index, a board or a list of threads found.
func (r *Reader) Listings() {
	r.Page.Path = r.Path()
	if r.Page.Kind == forum.KindBoard {
		r.boardCrumb()
	}
	r.boards()
	seen := map[string]bool{}
	r.rows().Each(func(_ int, s *goquery.Selection) {
		if row, ok := r.row(s); ok && !seen[row.ID] {
			seen[row.ID] = row.ID != ""
			r.Page.Listing = append(r.Page.Listing, row)
		}
	})
	if r.Page.Kind == forum.KindSearch && len(r.Page.Listing) == 0 {
		r.found(seen)
	}
	r.Pages(&r.Page.PageNumber, &r.Page.PageCount)
}

// boardCrumb ends the path with the board itself, which the breadcrumb leaves
// out.
func (r *Reader) boardCrumb() {
	for _, href := range []string{r.Doc.Canonical(), r.Doc.URL.String()} {
		l, ok := canonical(href)
		if !ok || l.Kind != forum.KindBoard {
			continue
		}
		if last := len(r.Page.Path) - 1; last >= 0 && r.Page.Path[last].ID == l.ID {
			return
		}
		name := dom.TextWithout(r.Doc.FirstOf(selTitle), selNoTitle)
		r.Page.Path = append(r.Page.Path, forum.Crumb{Name: name, URL: rePageSuffix.ReplaceAllString(l.URL, ""), ID: l.ID})
		return
	}
}

func (r *Reader) row(s *goquery.Selection) (forum.Row, bool) {
	row := forum.Row{Type: "discussion"}
	for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
		if id := dom.IDAfter(class, "js-threadListItem-"); id != "" {
			row.ID = id
		}
	}
	href := r.rowTitle(&row, s)
	if row.ID == "" {
		row.ID = xfurl.ThreadID(href)
	}
	if row.ID == "" || row.Title == "" {
		return row, false
	}
	row.URL = threadURL(r.Doc.Resolve(href))
	r.rowState(&row, s, href)
	r.rowPeople(&row, s)
	r.rowCounts(&row, s)
	return row, true
}

// rowTitle reads title and prefix; the last link is the thread's, labels that
// filter the list stand before it.
func (r *Reader) rowTitle(row *forum.Row, s *goquery.Selection) (href string) {
	a := dom.First(s, selRowPrimary)
	if a.Length() == 0 {
		a = s.FindMatcher(selRowTitle).FilterFunction(func(_ int, a *goquery.Selection) bool { return !dom.Is(a, "labelLink") }).Last()
	}
	row.Title = dom.TextWithout(a, selNoTitle)
	s.FindMatcher(selRowLabel).Each(func(_ int, l *goquery.Selection) {
		if text := dom.Text(l); text != "" {
			row.Prefix = append(row.Prefix, text)
		}
	})
	s.FindMatcher(selRowTags).Each(func(_ int, t *goquery.Selection) { row.Tags = append(row.Tags, dom.Text(t)) })
	return a.AttrOr("href", "")
}

// threadURL is the thread's own address in a link that jumps into it.
func threadURL(href string) string {
	href, _, _ = strings.Cut(href, "?new=")
	for _, sub := range [...]string{"unread", "latest", "post-"} {
		if i := strings.LastIndex(href, "/"+sub); i > 0 {
			href = href[:i+1]
		}
	}
	if l, ok := canonical(href); ok && l.Kind == forum.KindThread {
		return rePageSuffix.ReplaceAllString(l.URL, "")
	}
	return href
}

func (r *Reader) rowState(row *forum.Row, s *goquery.Selection, href string) {
	marks := s.FindMatcher(selRowStatus).Nodes
	status := func(name string) bool {
		return slices.ContainsFunc(marks, func(n *html.Node) bool { return dom.HasClass(n, "structItem-status--"+name) })
	}
	row.IsLocked = status("locked")
	row.IsSticky = status("sticky") || dom.Has(s, selRowPinned) || dom.Closest(s.Nodes[0], selStickyBox) != nil
	row.IsSolved = status("solved")
	if kind, ok := strings.CutPrefix(r.Template(), "forum_view_type_"); ok {
		row.Type = kind
	}
	icon := dom.First(s, selRowIcon).AttrOr("class", "")
	for _, t := range typeIcons {
		if status(t.kind) || strings.Contains(icon, t.icon) {
			row.Type = t.kind
		}
	}
	switch {
	case status("redirect"):
		row.Type, row.IsMoved, row.RedirectTo = "redirect", true, r.Doc.Resolve(href)
	case row.IsSolved:
		row.Type = "question"
	case dom.Is(s, "message--article"), dom.Is(s, "message--articlePreview"):
		row.Type = "article"
	}
}

// typeIcons are the icons of types of threads since 2.2; before, a status named
// the type.
var typeIcons = [...]struct{ kind, icon string }{
	{"poll", "fa-chart-bar"}, {"question", "fa-question-circle"}, {"article", "fa-file-alt"}, {"suggestion", "fa-lightbulb"},
}

func (r *Reader) rowPeople(row *forum.Row, s *goquery.Selection) {
	latest := dom.First(s, selRowLatest)
	row.Author = r.User(dom.First(s, selRowUser))
	if name := dom.Fold(s.AttrOr("data-author", "")); name != "" && (row.Author == nil || row.Author.Name != name) {
		row.Author = &forum.Author{Name: name}
	}
	row.Started = r.Clock.Element(dom.First(s, selRowStart))
	row.LastPost = r.Clock.Element(dom.First(latest, selLatestTime))
	row.LastAuthor = r.User(dom.First(latest, selUsername))
	latest.FindMatcher(cssAHref).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		row.LastPostID = xfurl.PostID(a.AttrOr("href", ""))
		return row.LastPostID == ""
	})
}

func (r *Reader) rowCounts(row *forum.Row, s *goquery.Selection) {
	meta := s.FindMatcher(selRowMeta)
	row.ReplyCount = counter(meta.Eq(0).FindMatcher(cssDd), &row.CountsRounded)
	row.ViewCount = counter(meta.Eq(1).FindMatcher(cssDd), &row.CountsRounded)
	if row.ReplyCount == nil {
		row.ReplyCount = counter(dom.First(s, selRowReplies), &row.CountsRounded)
	}
	row.PageCount = 1
	s.FindMatcher(selRowJump).Each(func(_ int, a *goquery.Selection) {
		row.PageCount = max(row.PageCount, xfurl.PageNumber(a.AttrOr("href", "")))
	})
}

// counter reads a count, which the engine abbreviates from a thousand on; some
// themes keep the exact one as a title.
func counter(s *goquery.Selection, rounded *bool) *int64 {
	if s.Length() == 0 {
		return nil
	}
	if n, short, ok := dom.Number(s.AttrOr("title", "")); ok && !short {
		return &n
	}
	n, short, ok := dom.Number(dom.Text(s))
	if !ok {
		return nil
	}
	*rounded = *rounded || short
	return &n
}

// found reads search results: rows of content that link a thread or a post.
func (r *Reader) found(seen map[string]bool) {
	r.outside(selContentRow).Each(func(_ int, s *goquery.Selection) {
		a := dom.First(s, selFoundTitle)
		href := a.AttrOr("href", "")
		row := forum.Row{ID: xfurl.ThreadID(href), Title: dom.TextWithout(a, selNoTitle), URL: threadURL(r.Doc.Resolve(href)), Type: "discussion"}
		if row.ID == "" || seen[row.ID] {
			return
		}
		seen[row.ID] = true
		minor := s.FindMatcher(selFoundMinor).Last()
		post := xfurl.PostID(href)
		user, at := r.User(dom.First(minor, selUsername)), r.Clock.Element(dom.First(minor, selTime))
		if post == "" {
			row.Author, row.Started = user, at
		}
		a.FindMatcher(selLabel).Each(func(_ int, l *goquery.Selection) { row.Prefix = append(row.Prefix, dom.Text(l)) })
		r.Page.Listing = append(r.Page.Listing, row)
	})
}

var (
	selLabel        = dom.Sel(".label")
	selNodeTitle    = dom.Sel(".node-title a[href]")
	selNodeName     = dom.Sel(".node-title")
	selNodeAbout    = dom.Sel(".node-description")
	selNodeStats    = dom.Sel(".node-stats dl")
	selNodeMeta     = dom.Sel(".node-statsMeta dl")
	selNodeTime     = dom.Sel(".node-extra-date, .node-extra time")
	selNodeLast     = dom.Sel("a.node-extra-title[href], .node-extra a[href*='post-'], .node-extra a[href*='posts/']")
	selSubNode      = dom.Sel("a.subNodeLink[href]")
	selCategory     = dom.Sel(".block--category")
	selCategoryName = dom.Sel(".block-header a[href]")
	selCategoryHead = dom.Sel(".block-header, .uix_categoryTitle")
	selCategoryMore = dom.Sel(".block-desc, .uix_categoryDescription, button, .collapseTrigger")
)

// boards reads the nodes of the index, of a category, or below a board.
func (r *Reader) boards() {
	r.nodes().Each(func(_ int, s *goquery.Selection) {
		if dom.Is(s, "node--category") && !dom.Has(s, selNodeStats) && !dom.Has(s, selNodeMeta) {
			return
		}
		b, ok := r.board(s)
		if !ok {
			return
		}
		b.Category = r.category(s.Nodes[0])
		r.Page.Boards = append(r.Page.Boards, b)
		r.subBoards(s, b)
	})
}

func (r *Reader) category(n *html.Node) string {
	box := dom.Closest(n, selCategory)
	if box == nil {
		return ""
	}
	head := dom.First(goquery.NewDocumentFromNode(box).Selection, selCategoryName, selCategoryHead)
	return dom.TextWithout(head, selCategoryMore)
}

func (r *Reader) board(s *goquery.Selection) (forum.Board, bool) {
	title := dom.First(s, selNodeTitle, selNodeName)
	href := title.AttrOr("href", "")
	b := forum.Board{Name: dom.Text(title), URL: r.Doc.Resolve(href), ID: BoardID(href)}
	for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
		if id := dom.IDAfter(class, "node--id"); id != "" && b.ID == "" {
			b.ID = id
		}
	}
	b.IsLink = dom.Is(s, "node--link") || dom.Is(s, "node--page")
	b.Description = dom.Text(dom.First(s, selNodeAbout))
	stats := s.FindMatcher(selNodeStats)
	if stats.Length() == 0 {
		stats = s.FindMatcher(selNodeMeta)
	}
	b.ThreadCount = counter(stats.Eq(0).FindMatcher(cssDd), &b.CountsRounded)
	b.PostCount = counter(stats.Eq(1).FindMatcher(cssDd), &b.CountsRounded)
	b.LastPost = r.Clock.Element(dom.First(s, selNodeTime))
	b.LastPostID = xfurl.PostID(dom.First(s, selNodeLast).AttrOr("href", ""))
	return b, b.Name != ""
}

func (r *Reader) subBoards(s *goquery.Selection, parent forum.Board) {
	seen := map[string]bool{parent.ID: true}
	s.FindMatcher(selSubNode).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		name, id := dom.Text(a), BoardID(href)
		if name == "" || id == "" || seen[id] {
			return
		}
		seen[id] = true
		r.Page.Boards = append(r.Page.Boards, forum.Board{ID: id, Name: name, URL: r.Doc.Resolve(href), ParentID: parent.ID, Category: r.category(s.Nodes[0]),
			IsLink: dom.Is(a, "subNodeLink--link") || dom.Is(a, "subNodeLink--page")})
	})
}
