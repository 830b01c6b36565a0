package gnuboard

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selRowLink  = dom.Sel("a[href]")
	selNoTitle  = dom.Sel(".sound_only, .cnt_cmt, .bo_cmt, .comment, .new_icon, .bo_cate_link, img, i")
	selReplies  = dom.Sel(".cnt_cmt, .comment")
	selRowCat   = dom.Sel(".bo_cate_link, .bo_cate_ico a")
	selNotice   = dom.Sel(".notice_icon, .bo_notice, .notice, img[src*='icon_notice']")
	selTable    = dom.Sel("table")
	selHeadRow  = dom.Sel("tr:has(th), tr:has(a[href*='sst=wr_hit'])")
	selByViews  = dom.Sel("a[href*='sst=wr_hit']")
	selByDate   = dom.Sel("a[href*='sst=wr_datetime']")
	selCells    = dom.Sel("td, th")
	selEye      = dom.Sel(".fa-eye")
	selPager    = dom.Sel(".pg_wrap, .pg, .board_page")
	selHere     = dom.Sel(".pg_current, b, strong")
	selPageLink = dom.Sel("a[href*='page=']")
)

func (r *reader) listing() {
	r.page.Path = r.boardPath()
	for _, link := range r.rows() {
		r.page.Listing = append(r.page.Listing, r.row(link))
	}
	r.pages()
}

func (r *reader) boardPath() []forum.Crumb {
	name := reListTail.ReplaceAllString(dom.Text(r.doc.FirstOf(selBoardTop)), "")
	if name == "" {
		name, _, _ = strings.Cut(dom.Text(r.doc.FirstOf(selHead)), " | ")
		name = reListTail.ReplaceAllString(name, "")
	}
	if name == "" || r.here.board == "" {
		return nil
	}
	c := forum.Crumb{Name: name, ID: r.here.board}
	if r.page.Root != "" {
		board := r.here
		board.page = 1
		c.URL = board.address(r.doc.URL.Scheme + "://" + r.doc.URL.Host)
	}
	return []forum.Crumb{c}
}

// reListTail ends a board's heading: "1 페이지", "목록".
var reListTail = regexp.MustCompile(`\s*(?:\d+ 페이지|목록)$`)

// rows are the links to each article of this board that say the most, but those
// to their comments.
func (r *reader) rows() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]int{}
	r.doc.FindMatcher(selRowLink).Each(func(_ int, a *goquery.Selection) {
		if !mayLead(a.AttrOr("href", "")) {
			return
		}
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || t.kind != forum.KindThread || r.here.board != "" && t.board != r.here.board || titleOf(a) == "" || strings.Contains(a.AttrOr("href", ""), "#c") {
			return
		}
		if at, ok := seen[t.id]; ok { // a picture's own, with a word in its place
			if len(titleOf(a)) > len(titleOf(out[at])) {
				out[at] = a
			}
			return
		}
		seen[t.id] = len(out)
		out = append(out, a)
	})
	return out
}

// mayLead spares most links the reading of their address: an article's has a number.
func mayLead(href string) bool {
	href, _, _ = strings.Cut(href, "#")
	if strings.Contains(href, "wr_id=") {
		return true
	}
	href, _, _ = strings.Cut(href, "?")
	href = strings.TrimSuffix(href, "/")
	return href != "" && href[len(href)-1] >= '0' && href[len(href)-1] <= '9'
}

func titleOf(a *goquery.Selection) string { return dom.TextWithout(a, selNoTitle) }

func (r *reader) row(link *goquery.Selection) forum.Row {
	t, _ := r.read(link.AttrOr("href", ""))
	box := goquery.NewDocumentFromNode(r.rowBox(link.Nodes[0], t.id)).Selection
	row := forum.Row{Type: "article", PageCount: 1, ID: t.ident(), URL: t.address(r.doc.URL.Scheme + "://" + r.doc.URL.Host), Title: titleOf(link)}
	row.Author = r.author(box)
	row.IsSticky = box.IsMatcher(selNotice) || dom.Has(box, selNotice)
	row.ReplyCount = dom.Count(strings.Trim(dom.Text(dom.First(box, selReplies)), "()[]+ "))
	if word := dom.Text(dom.First(box, selRowCat)); word != "" {
		row.Prefix = []string{word}
	}
	r.numbers(&row, box)
	return row
}

var selTableRow = dom.Sel("tr")

// rowBox is the largest element around a link that leads to no other article.
func (r *reader) rowBox(n *html.Node, id string) *html.Node {
	for n.Parent != nil && n.Parent.Type == html.ElementNode && n.Parent.Data != "body" {
		for c := range n.Parent.Descendants() {
			if c.Type != html.ElementNode || !mayLead(dom.Attr(c, "href")) {
				continue
			}
			if t, ok := r.read(dom.Attr(c, "href")); ok && t.kind == forum.KindThread && t.id != id {
				return n
			}
		}
		n = n.Parent
	}
	return n
}

// numbers reads views and date: a table's columns have headings, a list has
// words or icons.
func (r *reader) numbers(row *forum.Row, box *goquery.Selection) {
	if box.IsMatcher(selTableRow) {
		if r.classed(row, box) {
			return
		}
		heads := box.ClosestMatcher(selTable).FindMatcher(selHeadRow).First().ChildrenMatcher(selCells)
		box.ChildrenMatcher(selCells).Each(func(i int, cell *goquery.Selection) {
			switch head := heads.Eq(i); {
			case dom.Has(head, selByViews), strings.HasPrefix(dom.Text(head), "조회"):
				row.ViewCount = dom.Count(dom.Text(cell))
			case dom.Has(head, selByDate), strings.HasPrefix(dom.Text(head), "날짜"), strings.HasPrefix(dom.Text(head), "작성일"):
				row.Started = r.stamp(dom.Text(cell))
			}
		})
		return
	}
	text := dom.Text(box)
	row.Started = r.stamp(text)
	if row.ViewCount = after(reViews, text); row.ViewCount != nil {
		return
	}
	if eye := dom.First(box, selEye); eye.Length() > 0 {
		for n := eye.Nodes[0].NextSibling; n != nil; n = n.NextSibling {
			if n.Type != html.TextNode {
				continue
			}
			if row.ViewCount = dom.Count(dom.Fold(n.Data)); row.ViewCount != nil {
				return
			}
		}
	}
}

// classed reads the cells by their classes, which most skins keep: a counter
// behind the name is that of views.
func (r *reader) classed(row *forum.Row, box *goquery.Selection) bool {
	day, views := dom.First(box, selDayCell), dom.First(box, selViewCell)
	if views.Length() == 0 {
		views = dom.First(box, selNameCell).NextAllMatcher(selNumCell).First()
	}
	if day.Length() == 0 || views.Length() == 0 {
		return false
	}
	row.Started, row.ViewCount = r.stamp(dom.Text(day)), dom.Count(dom.Text(views))
	return true
}

var (
	selDayCell  = dom.Sel("td.td_datetime, td.td_date, td.datetime")
	selViewCell = dom.Sel("td.hit")
	selNameCell = dom.Sel("td.td_name")
	selNumCell  = dom.Sel("td.td_num")
)

func (r *reader) pages() {
	r.page.PageNumber, r.page.PageCount = max(r.here.page, 1), max(r.here.page, 1)
	pager := r.doc.FirstOf(selPager)
	if n, err := strconv.Atoi(dom.Text(dom.First(pager, selHere))); err == nil && n > 0 {
		r.page.PageNumber = n
	}
	pager.FindMatcher(selPageLink).Each(func(_ int, a *goquery.Selection) {
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || t.kind != forum.KindBoard {
			return
		}
		r.page.PageCount = max(r.page.PageCount, t.page)
		if t.page == r.page.PageNumber+1 && r.page.Next == "" {
			r.page.Next = t.address(r.doc.URL.Scheme + "://" + r.doc.URL.Host)
		}
	})
	r.page.PageCount = max(r.page.PageCount, r.page.PageNumber)
}
