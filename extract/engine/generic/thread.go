package generic

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selTitles = dom.Sel("h1, h2, h3, [itemprop=headline], [itemprop=name]")
	selTitle  = dom.Sel("title")
	selCrumbs = dom.Sel("[class*=readcrumb], [id*=readcrumb], [class*=crumbs], nav[aria-label*=readcrumb]")
	selCrumb  = dom.Sel("a[href]")
	selListed = dom.Sel("[itemtype$='/BreadcrumbList'] [itemprop=itemListElement]")
)

// thread reads what the page says of the thread as a whole.
func (r *reader) thread(l *linkedData) {
	t := &forum.Thread{Title: rePageNote.ReplaceAllString(r.title(l), ""), Page: 1, PageCount: 1}
	r.page.Thread = t
	r.paging(t)
	address := r.doc.Canonical()
	u, err := url.Parse(address)
	if address == "" || err != nil || !r.doc.SameHost(address) {
		u = r.doc.URL
	}
	if link, ok := r.meaning(u); ok && link.Kind == forum.KindThread {
		t.ID = link.ID
		if t.Page == 1 && link.Page > 1 && offsetOf(u) == 0 {
			t.Page = link.Page
		}
	}
	if t.ID == "" {
		t.ID = r.ownNumber(u)
	}
	if t.PageCount < t.Page {
		t.PageCount = t.Page
	}
	if t.Page == 1 && u.Host != "" {
		v := *u
		v.Fragment = ""
		t.URL = v.String()
	}
	if t.ID == "" {
		r.gaps.Add("thread.id", "the address carries no number that is known to be the thread's")
	}
	r.page.Path = r.path(l, t.Title)
	for i := range r.page.Posts {
		if p := &r.page.Posts[i]; p.IsSolution {
			t.SolutionPostID, t.IsSolved = p.ID, new(true)
		}
	}
}

// ownNumber is the number that an address ends with, where the page numbers one of its
// elements by it too: "/free/1200" and "document_1200_12".
func (r *reader) ownNumber(u *url.URL) string {
	n := withoutExtension(u.Path[strings.LastIndexByte(u.Path, '/')+1:])
	if !isNumber(n) || len(n) < 3 || u.RawQuery != "" {
		return ""
	}
	for i := range r.out.items {
		for _, key := range [...]string{"id", "class"} {
			v := dom.Attr(r.out.items[i].n, key)
			if len(v) < 200 && strings.Contains(v, n) && slices.Contains(reNumbers.FindAllString(v, -1), n) {
				return n
			}
		}
	}
	return ""
}

// title is the longest heading that the page's title repeats, else the title
// that the page states for others, without the site's name.
func (r *reader) title(l *linkedData) string {
	whole := dom.Text(r.doc.FirstOf(selTitle))
	key := fingerprint(whole, 400)
	site := fingerprint(r.doc.Meta("og:site_name"), 60)
	best, top := "", 3
	headings := r.doc.FindMatcher(selTitles).Nodes
	for _, n := range headings {
		s := r.headingText(n)
		if cut := withoutReply(s); cut != s && len(fingerprint(cut, 200)) > 3 && strings.Contains(key, fingerprint(cut, 200)) && !strings.Contains(key, fingerprint(s, 200)) {
			return cut // posts answer to the thread's title
		}
		k := fingerprint(s, 200)
		size := len(k)
		if n.DataAtom == atom.H1 {
			size += 4
		}
		if len(k) > 3 && size > top && strings.Contains(key, k) && k != site && !r.isLogo(n) {
			best, top = s, size
		}
	}
	if best == "" || fingerprint(best, 200) == key {
		if s := r.loneHeading(headings, key, site); s != "" {
			return s
		}
	}
	if best != "" && 3*len(fingerprint(best, 200)) > len(fingerprint(withoutSite(whole, r.doc.Meta("og:site_name")), 200)) {
		return best
	}
	if l.title != "" {
		return l.title
	}
	if s := dom.Fold(r.doc.Meta("og:title")); s != "" {
		return withoutSite(s, r.doc.Meta("og:site_name"))
	}
	if s := r.shownPart(whole); s != "" {
		return s
	}
	return withoutSite(whole, r.doc.Meta("og:site_name"))
}

// headingText is the text of a heading; of one that holds the path to the page,
// what stands behind its links.
func (r *reader) headingText(n *html.Node) string {
	tail, links := "", 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.DataAtom == atom.A:
			tail, links = "", links+1
		case c.Type == html.TextNode:
			tail += c.Data
		}
	}
	if tail = strings.Trim(dom.Fold(tail), " »›>/|:→-–·"); links > 0 && letters(tail) > 3 {
		if _, timed := r.readMark(tail); !timed {
			return tail
		}
	}
	return dom.NodeText(n)
}

// loneHeading is the heading of a page whose title says one thing only: the
// site's name, or the beginning of the heading.
func (r *reader) loneHeading(headings []*html.Node, key, site string) string {
	if parts, _ := titleParts(dom.Text(r.doc.FirstOf(selTitle))); len(parts) > 1 {
		return ""
	}
	found := ""
	for _, n := range headings {
		s := r.headingText(n)
		k := fingerprint(s, 200)
		if n.DataAtom != atom.H1 || len(k) < 4 || k == key || k == site || r.isLogo(n) || len(s) > 200 {
			continue
		}
		if s != dom.NodeText(n) {
			return s // behind the path to it
		}
		if found != "" || len(key) > 3 && strings.HasSuffix(k, key) {
			return "" // what stands before the title is a label
		}
		found = s
	}
	return found
}

// separators stand between the parts of a page's title.
var separators = [...]string{" | ", " • ", " :: ", " : ", " — ", " – ", " - ", " » ", " / "}

// shownPart is the part of a page's title that leads to this thread, or else
// stands on the page by itself and not as a link: boards write their own name,
// and that of the section, in front of a thread's or behind it. It is "" where
// none or several do.
func (r *reader) shownPart(whole string) string {
	parts, longest := titleParts(whole)
	if len(parts) < 2 {
		return ""
	}
	found, several := "", false
	for i := range r.out.items {
		own := r.out.items[i].own
		if own == "" || len(own) > longest+30 || r.out.aside[i] {
			continue
		}
		_, value, _ := dom.CutLabel(own)
		part := cmp.Or(parts[fingerprint(own, 200)], parts[fingerprint(value, 200)])
		switch linked := r.out.linked[i+1] > r.out.linked[i]; {
		case part == "":
		case linked && r.leadsHere(r.out.items[i].n):
			return part
		case !linked:
			several = several || found != "" && part != found
			found = part
		}
	}
	if several {
		return ""
	}
	return found
}

// titleParts are the parts of a page's title by their fingerprints, and the
// bytes of the longest.
func titleParts(whole string) (parts map[string]string, longest int) {
	for _, sep := range separators {
		whole = strings.ReplaceAll(whole, sep, "\n")
	}
	whole = strings.ReplaceAll(whole, " -> ", "\n") // either way round
	parts = map[string]string{}
	for part := range strings.SplitSeq(whole, "\n") {
		if part = strings.TrimSpace(part); letters(part) > 2 {
			parts[fingerprint(part, 200)], longest = part, max(longest, len(part))
		}
	}
	return parts, longest
}

// leadsHere tells an element in a link to the thread that the page shows.
func (r *reader) leadsHere(n *html.Node) bool {
	own, known := r.here()
	link, ok := r.linkOf(dom.Closest(n, selLink))
	return ok && known && link.Kind == forum.KindThread && link.Kind == own.Kind && link.ID == own.ID
}

// isLogo tells a heading that leads to the site's front page, or to that of its
// forum.
func (r *reader) isLogo(n *html.Node) bool {
	if r.headingText(n) != dom.NodeText(n) {
		return false // the path to the page, with its title behind
	}
	link := dom.Closest(n, selLink)
	if link == nil {
		link = dom.Find(n, selLink)
	}
	if link == nil {
		return false
	}
	u, err := r.doc.Base.Parse(dom.Attr(link, "href"))
	if err != nil || u.RawQuery != "" {
		return false
	}
	if r.indexAbove(u) {
		return true
	}
	_, known := r.meaning(u)
	return frontPage(u) || !known && strings.HasSuffix(u.Path, "/") && len(u.Path) < len(r.doc.URL.Path) && strings.HasPrefix(r.doc.URL.Path, u.Path)
}

// indexAbove tells the index of a folder that the page lies in.
func (r *reader) indexAbove(u *url.URL) bool {
	end := strings.LastIndexByte(u.Path, '/') + 1
	return u.RawQuery == "" && withoutExtension(u.Path[end:]) == "index" && strings.HasPrefix(r.doc.URL.Path, u.Path[:end])
}

// rePageNote is the note of a later page behind a title: "(Page 2)".
var rePageNote = regexp.MustCompile(`\s*\([^()\d]{3,12} \d+\)$`)

// withoutSite cuts the last part off a title, where it is the site's name or
// shorter than the rest.
func withoutSite(s, site string) string {
	for _, sep := range separators {
		i := strings.LastIndex(s, sep)
		if i <= 0 {
			continue
		}
		if tail := s[i+len(sep):]; strings.EqualFold(tail, site) || len(tail) < i {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

// path reads the breadcrumb: stated, in microdata, or the links of the element
// that is named for it. The thread itself and the site's front page are no
// boards.
func (r *reader) path(l *linkedData, title string) []forum.Crumb {
	crumbs := r.namedPath(l)
	if len(crumbs) == 0 {
		crumbs = r.wayHere()
	}
	var out []forum.Crumb
	for i, c := range crumbs {
		front := false
		if u, err := url.Parse(c.URL); err == nil && c.URL != "" && i == 0 {
			front = strings.Trim(u.Path, "/") == "" && u.RawQuery == "" || r.indexAbove(u)
		}
		if c.Name == "" || front || fingerprint(c.Name, 60) == fingerprint(title, 60) || len(out) > 0 && out[len(out)-1].Name == c.Name {
			continue
		}
		out = append(out, c)
	}
	return out
}

// namedPath is the path that the page states, or that stands in an element named
// for it.
func (r *reader) namedPath(l *linkedData) []forum.Crumb {
	crumbs := l.crumbs
	if len(crumbs) == 0 {
		for _, n := range r.doc.FindMatcher(selListed).Nodes {
			crumbs = append(crumbs, r.crumb(n))
		}
	}
	if len(crumbs) == 0 {
		for _, n := range r.doc.FindMatcher(selCrumbs).Nodes {
			if size := 0; n.DataAtom == atom.Body || !textWithin(n, &size, 800) {
				continue // a page that is said to have such a path, or none
			}
			eachLink(n, func(a *html.Node) {
				if c := r.crumb(a); !pagerLink(a, c.Name) {
					crumbs = append(crumbs, c)
				}
			})
			if len(crumbs) > 0 {
				break
			}
		}
	}
	return crumbs
}

// wayHere reads a path that nothing names: the links to boards in the line that
// holds the first of them, above all that recurs.
func (r *reader) wayHere() []forum.Crumb {
	o := r.out
	own, _ := r.here()
	for i := range o.items[:min(len(o.items), 400)] {
		n := o.items[i].n
		if n.DataAtom != atom.A {
			continue
		}
		link, ok := r.linkOf(n)
		if !ok || link.Kind != forum.KindBoard || own.Kind != forum.KindThread {
			continue
		}
		box := int32(i)
		for p := o.items[i].parent; p >= 0 && o.items[p].n.DataAtom != atom.Body && sum(o.letters, p, o.items[p].end) < 240 && sum(o.dates, p, o.items[p].end) == 0; p = o.items[p].parent {
			box = p
		}
		var out []forum.Crumb
		for k := box; k < o.items[box].end; k++ {
			a := o.items[k].n
			if l, ok := r.linkOf(a); a.DataAtom == atom.A && ok && l.Kind == forum.KindBoard && holds(l, own) {
				if c := r.crumb(a); !pagerLink(a, c.Name) {
					out = append(out, c)
				}
			}
		}
		return out
	}
	return nil
}

// holds tells whether a board may hold a thread: where threads are numbered within
// their boards, the thread's address names the board.
func holds(board, thread forum.Link) bool {
	i := strings.LastIndexByte(thread.ID, '-')
	return i < 0 || thread.ID[:i] == board.ID
}

// pagerLink tells links to other pages of a thread, and what acts on it, from
// the path to it.
func pagerLink(a *html.Node, name string) bool {
	if _, ok := ordinalText(name); ok || strings.ContainsAny(name, "«»‹›←→") {
		return true
	}
	rel := dom.Attr(a, "rel")
	if rel == "next" || rel == "prev" || acts(dom.Attr(a, "href")) {
		return true
	}
	for p, depth := a, 0; p != nil && depth < 3; p, depth = p.Parent, depth+1 {
		if strings.Contains(strings.ToLower(dom.Attr(p, "class")), "pag") && !strings.Contains(dom.Attr(p, "class"), "page-") {
			return true
		}
	}
	return false
}

func (r *reader) crumb(n *html.Node) forum.Crumb {
	a := n
	if n.Data != "a" {
		if a = dom.Find(n, selCrumb); a == nil {
			return forum.Crumb{Name: dom.NodeText(n)}
		}
	}
	return forum.Crumb{Name: dom.NodeText(a), URL: r.doc.Resolve(dom.Attr(a, "href"))}
}
