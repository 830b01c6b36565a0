package phpbb3

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selNotNav     = dom.Sel(".postbody, .content, .topiclist, li.row, .signature, p.gensmall, .row-item, td.row1, td.row2")
	selAnchor     = dom.Sel("a[href]")
	selNextArrow  = dom.Sel(".pagination a[rel='next'][href], .pagination li.next a[href], .pagination .arrow.next a[href], a.right-box[href], a.next[href]")
	selActive     = dom.Sel(".pagination li.active, .pagination .active")
	selStrong     = dom.Sel("[class*='pagination'] strong, td.nav strong, a[onclick*='jumpto'] strong")
	selPagination = dom.Sel(".pagination")
	selCountCell  = dom.Sel("#pagecontent td.gensmall, td.gensmall")
	selPerPage    = dom.Sel("[data-per-page]")
	reWholeNumber = regexp.MustCompile(`^\d{1,6}$`)
)

// pages reads the page navigation. Its links name offsets: a link with the
// number n and an offset s gives the posts per page, s/(n-1), and with it every
// other number.
func (r *reader) pages(current, last *int) {
	*last = 1
	next := map[int]string{}
	r.doc.FindMatcher(selAnchor).Each(func(_ int, a *goquery.Selection) {
		l, ok := r.link(a.AttrOr("href", ""))
		if !ok || l.Kind != r.own.Kind || l.ID != r.own.ID || dom.Closest(a.Nodes[0], selNotNav) != nil {
			return
		}
		start, text := startIn(l.Key), dom.Text(a)
		next[start] = a.AttrOr("href", "")
		if n := number(text); reWholeNumber.MatchString(text) && n > 0 {
			*last = max(*last, n)
			if n > 1 && start > 0 && start%(n-1) == 0 {
				r.per = start / (n - 1)
			}
		}
	})
	r.perPageElsewhere()
	*current = r.currentPage(last)
	*last = max(*last, *current)
	r.next(next, *current, *last)
}

func (r *reader) perPageElsewhere() {
	if r.per > 0 {
		return
	}
	r.per = number(r.doc.FirstOf(selPerPage).AttrOr("data-per-page", ""))
	if r.per == 0 && r.own.Kind == forum.KindThread {
		r.per = r.facts.PostsPerPage
	}
}

// currentPage is the offset by the posts per page, else the number that the
// navigation sets off; "Page 2 of 5" has both in strong type. Without
// navigation links only that sentence tells.
func (r *reader) currentPage(last *int) int {
	shown := 0
	if s := r.doc.FirstOf(selActive); s.Length() > 0 && dom.Closest(s.Nodes[0], selNotNav) == nil {
		shown = number(dom.Digits(dom.Text(s)))
	}
	var strong []int
	r.doc.FindMatcher(selStrong).Each(func(_ int, s *goquery.Selection) {
		if text := dom.Text(s); reWholeNumber.MatchString(text) && dom.Closest(s.Nodes[0], selNotNav) == nil {
			strong = append(strong, number(text))
		}
	})
	if len(strong) > 1 && strong[0] > 0 && strong[0] <= strong[1] {
		*last = max(*last, strong[1])
		if shown == 0 {
			shown = strong[0]
		}
	} else if len(strong) > 0 && shown == 0 {
		shown = strong[0]
	}
	if r.start > 0 && r.per > 0 {
		return r.start/r.per + 1
	}
	if shown > 0 && r.start != 0 {
		return shown
	}
	return 1
}

// next is the page after this one: the arrow, else the link to the offset that
// follows.
func (r *reader) next(links map[int]string, current, last int) {
	var found string
	r.doc.FindMatcher(selNextArrow).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		if l, ok := r.link(href); ok && l.Kind == r.own.Kind && l.ID == r.own.ID && dom.Closest(a.Nodes[0], selNotNav) == nil {
			found = l.URL
			return false
		}
		return true
	})
	if found == "" && current < last && r.per > 0 {
		if l, ok := r.link(links[current*r.per]); ok {
			found = l.URL
		}
	}
	r.page.Next = found
}

// total is the number of posts in the thread, or of threads in the board: the
// first number of the line above the list, whatever the language.
func (r *reader) total() *int64 {
	var n *int64
	r.doc.FindMatcher(selPagination).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if dom.Closest(s.Nodes[0], selNotNav) == nil {
			n = firstCount(s.Nodes[0])
		}
		return n == nil
	})
	if n != nil {
		return n
	}
	r.doc.FindMatcher(selCountCell).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if text := dom.Text(s); strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && dom.Closest(s.Nodes[0], selNotNav) == nil {
			n = dom.Count(text)
		}
		return n == nil
	})
	return n
}

// firstCount is the counter in the first own text of a navigation that has
// one, before the page numbers.
func firstCount(n *html.Node) *int64 {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			if count := dom.Count(c.Data); count != nil {
				return count
			}
			continue
		}
		if c.Type == html.ElementNode && (c.Data == "ul" || c.Data == "strong") {
			return nil
		}
	}
	return nil
}
