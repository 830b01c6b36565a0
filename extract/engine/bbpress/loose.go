package bbpress

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Themes write templates of their own: posts, rows and boards without the
// plugin's classes. What they keep is what the plugin's functions print: links to
// accounts, threads and boards, and times.

var (
	selLists     = dom.Sel("#bbpress-forums a[href], [id^='bbp-forum-'] a[href], [id^='forums-list-'] a[href], .type-topic a[href], .type-forum a[href]")
	selLooseIn   = dom.Sel("#bbpress-forums, [id^='forums-list-'], [id^='bbp-forum-'].bbp-topics, body")
	selNoList    = dom.Sel(".bbp-breadcrumb, .bbp-template-notice, .bbp-pagination, nav, form, .dropdown-menu, .widget")
	selLooseDrop = dom.Sel("a.bbp-author-link, span.bbp-author-link, .bbp-author-name, .bbp-author-role, .bbp-author-avatar, img.avatar, .bbp-admin-links, .bbp-reply-permalink, .bbp-topic-permalink, .bbp-reply-ip, .bbp-topic-ip, .bbp-reply-post-date, .bbp-topic-post-date, button, form")
	selTyped     = dom.Sel(".type-topic, .type-forum, [id^='bbp-topic-'], [id^='topic-'], [id^='bbp-forum-'], [id^='forum-']")
	selMember    = dom.Sel("a[href*='/users/'], a[href*='/members/']")
	selUnseen    = dom.Sel(".hidden, .screen-reader-text, .sr-only")
	selProse     = dom.Sel("p, blockquote, pre, code, table")
	selCounts    = dom.Sel("[class*='repl'], [class*='count']")
	selTally     = dom.Sel("[class*='badge'], [class*='count']")
	selPlain     = dom.Sel("p, div, span")
	selFresh     = dom.Sel("[class*='fresh'], [class*='last'], [class*='activity']")
	selPostLink  = dom.Sel("a[href*='#post-']")
)

// cards are the widest elements around links to pages of a kind that hold no
// link to a second one.
func (r *reader) cards(kind forum.Kind) []*goquery.Selection {
	var out []*goquery.Selection
	links := map[*html.Node]string{}
	seen := map[string]bool{}
	var order []*html.Node
	r.doc.FindMatcher(selLists).Each(func(_ int, a *goquery.Selection) {
		n := a.Nodes[0]
		href := r.doc.Resolve(a.AttrOr("href", ""))
		l, ok := linkOf(href)
		if !ok || l.Kind != kind || l.URL == "" || dom.Closest(n, selNoList) != nil {
			return
		}
		links[n] = firstPage(href)
		order = append(order, n)
	})
	for _, n := range order {
		if seen[links[n]] || dom.NodeText(n) == "" {
			continue
		}
		seen[links[n]] = true
		out = append(out, selection(widest(n, links)))
	}
	return out
}

// widest climbs from a link as long as no other link is in the element.
func widest(n *html.Node, links map[*html.Node]string) *html.Node {
	own := links[n]
	for p := n.Parent; p != nil && !selLooseIn.Match(p); p = p.Parent {
		if holdsOther(p, n, own, links) {
			break
		}
		n = p
	}
	return n
}

// holdsOther tells that an element holds a link to another page, beside the part
// that was looked at already.
func holdsOther(p, known *html.Node, own string, links map[*html.Node]string) bool {
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		if c == known {
			continue
		}
		if to, ok := links[c]; ok && to != own || holdsOther(c, nil, own, links) {
			return true
		}
	}
	return false
}

// lists finds the rows and boards of a page: by the plugin's classes, else by
// what they link to. A board's own page may name its board in every row, and the
// index a thread with every board.
func (r *reader) lists() {
	r.doc.FindMatcher(selRow).Each(func(_ int, s *goquery.Selection) { r.rows = append(r.rows, s) })
	r.doc.FindMatcher(selBoard).Each(func(_ int, s *goquery.Selection) { r.boards = append(r.boards, s) })
	if len(r.rows)+len(r.boards) > 0 || !r.doc.Has(selBody) && !r.doc.Has(selWrap) {
		return
	}
	first, second := forum.KindBoard, forum.KindThread
	if r.addressed(forum.KindBoard) || r.doc.Has(selBoardBody) {
		first, second = second, first
	}
	for _, kind := range [...]forum.Kind{first, second} {
		found := r.cards(kind)
		switch {
		case len(found) == 0:
		case kind == forum.KindThread:
			r.rows = found
			return
		default:
			r.boards = found
			return
		}
	}
}

// typed is the element of a row or board that has the plugin's classes: itself,
// or one within.
func typed(s *goquery.Selection) *goquery.Selection {
	if selTyped.Match(s.Nodes[0]) {
		return s
	}
	if in := dom.First(s, selTyped); in.Length() > 0 {
		return in
	}
	return s
}

// titleLink is the link of a row or board to its page.
func (r *reader) titleLink(s *goquery.Selection, like goquery.Matcher, kind forum.Kind) *goquery.Selection {
	if link := dom.First(s, like); dom.Text(link) != "" {
		return link
	}
	found := &goquery.Selection{}
	s.FindMatcher(selLinked).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		l, ok := linkOf(r.doc.Resolve(a.AttrOr("href", "")))
		if ok && l.Kind == kind && !selPostLink.Match(a.Nodes[0]) && dom.Text(a) != "" {
			found = a
		}
		return found.Length() == 0
	})
	return found
}

// plainDate is the first element outside of all prose that has nothing but a
// time.
func (r *reader) plainDate(s *goquery.Selection) *goquery.Selection {
	if s.Length() == 0 {
		return s
	}
	if n := r.findDate(s.Nodes[0]); n != nil {
		return selection(n)
	}
	return &goquery.Selection{}
}

func (r *reader) findDate(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || selProse.Match(c) {
			continue
		}
		if r.isDate(c) {
			return c
		}
		if found := r.findDate(c); found != nil {
			return found
		}
	}
	return nil
}

// isDate tells a small element that has a time and at most a word beside it.
func (r *reader) isDate(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.DataAtom != atom.I && c.DataAtom != atom.Svg {
			return false
		}
	}
	text := dom.NodeText(n)
	if text == "" || len(text) > 60 {
		return false
	}
	st, before, after := r.clock.Within(text)
	return st.Known() && len(before)+len(after) <= 12
}

// looseRules are the rules of a text that stands in one element with its
// author and time.
func (r *reader) looseRules(n *html.Node) dom.Part {
	if selLooseDrop.Match(n) || dom.Closest(n, selProse) == nil && (selMember.Match(n) || r.isDate(n)) {
		return dom.Part{Role: dom.Drop}
	}
	return r.rules(n)
}

// nameOf is a link's text without a counter in it.
func nameOf(link *goquery.Selection) string { return dom.TextWithout(link, selTally) }

// about is a board's description where its class is the theme's own: the first
// words behind the link that are no number, time or name.
func (r *reader) about(s *goquery.Selection) string {
	if text := dom.Text(dom.First(s, selBoardAbout)); text != "" {
		return text
	}
	found := ""
	s.FindMatcher(selPlain).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		n := e.Nodes[0]
		text := dom.Text(e)
		if dom.Has(e, selLinked) || dom.Closest(n, selLinked) != nil || n.FirstChild == nil || dom.Find(n, selPlain) != nil || dom.Count(text) != nil || r.isDate(n) {
			return true
		}
		found = text
		return found == ""
	})
	return found
}

// lastPosters tells names that are the last posters' though nothing says so: one
// account would have two names. They are moved where they belong.
func (r *reader) lastPosters() {
	names := map[string]string{}
	clash := false
	for i := range r.page.Listing {
		a := r.page.Listing[i].Author
		if a == nil || a.ID == "" {
			continue
		}
		clash = clash || names[a.ID] != "" && names[a.ID] != a.Name
		names[a.ID] = a.Name
	}
	for i := range r.page.Listing {
		if row := &r.page.Listing[i]; clash && row.Author != nil {
			row.Author.ID = ""
			row.Author, row.LastAuthor = nil, row.Author
		}
	}
}

func selection(n *html.Node) *goquery.Selection { return goquery.NewDocumentFromNode(n).Selection }
