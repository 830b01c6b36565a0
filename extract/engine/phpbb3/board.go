package phpbb3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selBoardTitle   = dom.Sel("a.forumtitle, a.forumlink")
	selCategoryName = dom.Sel("a")
	selBoardAbout   = dom.Sel("p.forumdesc, .forum-desc, .forum-description, .forumdesc")
	selSubforum     = dom.Sel("a.subforum")
	selTopics       = dom.Sel("dd.topics, .topics")
	selRedirect     = dom.Sel("dd.redirect, td[colspan='3']")
	selLinkIcon     = dom.Sel(".fa-external-link, [class*='forum_link'], img[src*='forum_link']")
	selIndexRow     = dom.Sel("li.header, td.cat, a.forumtitle, a.forumlink")
	selGroupLink    = dom.Sel("a[href*='mode=group'], a[href*='viewprofile'], a.subforum")
)

// boards reads the boards of the index and the sub-boards of a board, each
// under the heading that stands before it.
func (r *reader) boards() {
	category, parent := "", ""
	if r.page.Kind == forum.KindBoard {
		parent = r.own.ID
	}
	var boxes []*goquery.Selection
	titles := selections(r.doc.FindMatcher(selBoardTitle))
	r.doc.FindMatcher(selIndexRow).Each(func(_ int, s *goquery.Selection) {
		if !selBoardTitle.Match(s.Nodes[0]) {
			if name, ok := heading(s); ok {
				category = name
			}
			return
		}
		box := rowBox(s, titles)
		boxes = append(boxes, box)
		b, ok := r.board(s, box)
		if !ok {
			return
		}
		b.Category, b.ParentID = category, parent
		r.page.Boards = append(r.page.Boards, b)
		r.subBoards(box, b)
	})
	if r.page.Kind == forum.KindIndex {
		r.looseCategories(boxes)
	}
}

// heading is a category's name: the one heading that is a link. Boards of no
// category stand under a word for boards.
func heading(s *goquery.Selection) (string, bool) {
	link := dom.First(s, selCategoryName)
	if s.Nodes[0].DataAtom == atom.Td {
		return dom.Text(dom.First(s, cssH4A)), dom.Has(s, cssH4)
	}
	return dom.Text(link), true
}

func (r *reader) board(a, s *goquery.Selection) (forum.Board, bool) {
	href := a.AttrOr("href", "")
	b := forum.Board{Name: dom.TextWithout(a, selNoTitle), URL: r.boardURL(href), ID: r.named(forum.KindBoard, href)}
	if b.Name == "" || b.URL == "" {
		return b, false
	}
	b.Description = about(a, s)
	topics, posts := cell(dom.First(s, selTopics)), cell(dom.First(s, selReplies))
	if s.IsMatcher(cssTr) && topics == "" {
		details := s.Children().FindMatcher(selDetail)
		topics, posts = dom.Text(details.Eq(0)), dom.Text(details.Eq(1))
	}
	if topics == "" && posts == "" {
		topics, posts = looseCounts(a)
	}
	b.ThreadCount, b.CountsRounded = count(topics)
	rounded := false
	b.PostCount, rounded = count(posts)
	b.CountsRounded = b.CountsRounded || rounded
	b.IsLink = r.leadsOut(a, s, b)
	if b.IsLink {
		return b, true
	}
	last := dom.First(s, selLastPost)
	if last.Length() == 0 && s.IsMatcher(cssTr) {
		last = s.Children().Last()
	}
	b.LastPost, b.LastPostID = r.lastTime(last), lastID(last)
	return b, true
}

// leadsOut tells a link that stands among the boards.
func (r *reader) leadsOut(a, s *goquery.Selection, b forum.Board) bool {
	if b.ThreadCount != nil {
		return false
	}
	dl := a.ClosestMatcher(selRowDl)
	return strings.Contains(dl.AttrOr("class", "")+dl.AttrOr("style", ""), "forum_link") ||
		dom.Has(s, selRedirect) || dom.Has(s, selLinkIcon) || b.ID == ""
}

// about is the description: what stands behind the title's line break, up to
// the moderators and sub-boards, each behind a label on a line of its own.
func about(a, s *goquery.Selection) string {
	if p := dom.First(s, selBoardAbout); p.Length() > 0 {
		if dom.Has(p, selGroupLink) {
			return ""
		}
		return dom.Text(p)
	}
	var b strings.Builder
	for n := a.Nodes[0].NextSibling; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode && (dom.HasClass(n, "responsive-show") || n.DataAtom == atom.Strong && labelled(n) || selSubforum.Match(n)) {
			break
		}
		if n.Type == html.TextNode || n.Type == html.ElementNode {
			b.WriteString(rawText(n))
		}
	}
	return dom.Fold(b.String())
}

func rawText(n *html.Node) string {
	switch {
	case n.Type == html.TextNode:
		return n.Data
	case n.DataAtom == atom.Br:
		return " "
	}
	return dom.NodeText(n)
}

// labelled tells the label of a list of moderators or sub-boards: links to
// them follow it.
func labelled(n *html.Node) bool {
	for c := n.NextSibling; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return selGroupLink.Match(c) || c.DataAtom == atom.A
		}
	}
	return false
}

func (r *reader) subBoards(box *goquery.Selection, parent forum.Board) {
	box.FindMatcher(selSubforum).Each(func(_ int, e *goquery.Selection) {
		href := e.AttrOr("href", "")
		b := forum.Board{ID: r.named(forum.KindBoard, href), Name: dom.TextWithout(e, selNoTitle), URL: r.boardURL(href), ParentID: parent.ID, Category: parent.Category}
		b.IsLink = dom.Has(e, selLinkIcon)
		if b.Name != "" && b.ID != parent.ID {
			r.page.Boards = append(r.page.Boards, b)
		}
	})
}
