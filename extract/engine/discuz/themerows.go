package discuz

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selTile      = dom.Sel("#waterfall > li")
	selNoRow     = dom.Sel(".pg, .pgs, #pt, #nav, header, footer, #ft, .tps")
	selRowKind   = dom.Sel("a[href*='filter=typeid'], a[href*='filter=sortid']")
	selLastTime  = dom.Sel("a[href*='goto=lastpost']")
	selSpaceLink = dom.Sel("a[href*='mod=space'], a[href*='space-u']")
	selRowWord   = dom.Sel("li, span, small, em, p, td, div, i, a")
)

// The words that themes set before or behind a row's counters.
var (
	reViews   = regexp.MustCompile(`^(?:·\s*)?(?:(?i:阅读|閱讀|查看|浏览|瀏覽|人气|人氣|点击|點擊|views?|hits?)\s*[:：(（]?\s*(\d[\d,]*)|(\d[\d,]*)\s*(?i:阅读|閱讀|查看|浏览|瀏覽|人气|人氣|点击|點擊|views?))[)）]?$`)
	reReplies = regexp.MustCompile(`^(?:·\s*)?(?:(?i:评论|評論|回复|回覆|回復|回帖|跟帖|repl(?:y|ies)|comments?)\s*[:：(（]?\s*(\d[\d,]*)|(\d[\d,]*)\s*(?i:评论|評論|回复|回覆|回復|回帖|跟帖|repl(?:y|ies)|comments?))[)）]?$`)
)

// The stems of classes that counters and their icons have.
var (
	reViewClass  = regexp.MustCompile(`(?i)view|eye|hits`)
	reReplyClass = regexp.MustCompile(`(?i)repl|comment|chat|cmt`)
)

// loose fills what the program's own cells do not have: themes lay rows out
// anew, and keep links to accounts, times, and words before the counters.
func (r *reader) loose(row *forum.Row, s *goquery.Selection) {
	if row.Author == nil {
		row.Author = r.firstAccount(s)
	}
	if len(row.Prefix) == 0 {
		if kind := strings.Trim(dom.Text(dom.First(s, selRowKind)), "[]【】 "); kind != "" {
			row.Prefix = []string{kind}
		}
	}
	r.looseLast(row, s)
	s.FindMatcher(selRowWord).Each(func(_ int, e *goquery.Selection) {
		text := dom.Text(e)
		if len(text) > longestTime {
			return
		}
		if m := reViews.FindStringSubmatch(text); m != nil && row.ViewCount == nil {
			row.ViewCount = dom.Count(m[1] + m[2])
		}
		if m := reReplies.FindStringSubmatch(text); m != nil && row.ReplyCount == nil {
			row.ReplyCount = dom.Count(m[1] + m[2])
		}
		classCount(row, e.Nodes[0])
		if !row.Started.Known() && dom.Find(e.Nodes[0], selLastTime) == nil && dom.Closest(e.Nodes[0], selLastTime) == nil && dom.Closest(e.Nodes[0], selRowName) == nil {
			row.Started = r.plainTime(e)
		}
	})
}

// classCount reads a counter that a class names: its own, or that of the icon
// before it.
func classCount(row *forum.Row, n *html.Node) {
	class, text := dom.Attr(n, "class"), dom.NodeText(n)
	if text == "" && n.NextSibling != nil && n.NextSibling.Type == html.TextNode {
		text = dom.Fold(n.NextSibling.Data)
	}
	if class == "" || len(text) > 12 || strings.Trim(text, "0123456789,") != "" {
		return
	}
	switch {
	case row.ViewCount == nil && reViewClass.MatchString(class):
		row.ViewCount = dom.Count(text)
	case row.ReplyCount == nil && reReplyClass.MatchString(class):
		row.ReplyCount = dom.Count(text)
	}
}

// looseLast reads who wrote last, and when, from the link that leads there.
func (r *reader) looseLast(row *forum.Row, s *goquery.Selection) {
	link := dom.First(s, selLastTime)
	if link.Length() == 0 || row.LastPost.Known() {
		return
	}
	if st := r.stamp(link); st.Known() {
		row.LastPost = st
	}
	if row.LastAuthor != nil {
		return
	}
	link.Parent().FindMatcher(selSpaceLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		name, href := dom.Text(a), a.AttrOr("href", "")
		if name == "" {
			return true
		}
		row.LastAuthor = &forum.Author{Name: name}
		if id := r.linked(href, forum.KindProfile); id != "" {
			row.LastAuthor.ID, row.LastAuthor.URL = id, r.pageAddress(href, 0)
		}
		return false
	})
}

// plainTime is the time of an element that says nothing else.
func (r *reader) plainTime(e *goquery.Selection) forum.Stamp {
	st, before, after := r.clock.Within(dom.Text(e))
	if !st.Known() || strings.TrimSpace(before+after) != "" {
		return forum.Stamp{}
	}
	return r.stamp(e)
}

func (r *reader) firstAccount(s *goquery.Selection) *forum.Author {
	var out *forum.Author
	s.FindMatcher(selAnchor).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", "")
		id, name := r.linked(href, forum.KindProfile), dom.Text(a)
		if id != "" && id != "0" && name != "" {
			out = &forum.Author{ID: id, Name: name, URL: r.pageAddress(href, 0)}
		}
		return out == nil
	})
	return out
}

// looseRows are the rows of a board whose theme has none of the program's own:
// the largest elements that lead to one thread each.
func (r *reader) looseRows() []forum.Row {
	address, _ := parse(r.doc.URL)
	if address.kind != forum.KindBoard {
		return nil
	}
	links := r.threadLinks()
	if len(links) < 2 {
		return nil
	}
	var out []forum.Row
	for _, a := range links {
		href := a.AttrOr("href", "")
		row := forum.Row{Type: "discussion", PageCount: 1, ID: r.linked(href, forum.KindThread), URL: r.pageAddress(href, 1), Title: dom.Text(a)}
		r.loose(&row, goquery.NewDocumentFromNode(r.rowAround(a.Nodes[0], row.ID)).Selection)
		out = append(out, row)
	}
	return out
}

// threadLinks are the first links with words to each thread.
func (r *reader) threadLinks() []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{}
	r.doc.FindMatcher(selLink).Each(func(_ int, a *goquery.Selection) {
		t, ok := r.read(a.AttrOr("href", ""))
		if !ok || t.kind != forum.KindThread || t.page > 1 || seen[t.id] || dom.Text(a) == "" || dom.Closest(a.Nodes[0], selNoRow) != nil {
			return
		}
		seen[t.id] = true
		out = append(out, a)
	})
	return out
}

// rowAround is the largest element around a link that leads to no other thread.
func (r *reader) rowAround(n *html.Node, id string) *html.Node {
	for n.Parent != nil && n.Parent.Type == html.ElementNode && n.Parent.Data != "body" {
		for c := range n.Parent.Descendants() {
			if c.Type == html.ElementNode && c.Data == "a" {
				if other := r.linked(dom.Attr(c, "href"), forum.KindThread); other != "" && other != id {
					return n
				}
			}
		}
		n = n.Parent
	}
	return n
}
