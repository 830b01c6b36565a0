package phpbb3

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Listings of styles that rename the classes of rows and boards, or leave them
// out: links tell what they lead to.

var (
	selNotRow   = dom.Sel(".pagination, [class*='pagination'], .breadcrumbs, [class*='breadcrumb'], nav, .lastpost, [class*='lastpost'], .postbody, .content, .signature, .jumpbox, #jumpbox")
	selRowNoise = dom.Sel(".pagination, [class*='pagination'], a.topictitle, .lastpost, [class*='lastpost'], .responsive-show")
	selRowCells = dom.Sel("td, dt")
)

// rowTitles are the links that begin rows: by their class, else on a board's
// page the first link to each thread.
func (r *reader) rowTitles() []*goquery.Selection {
	if found := selections(r.doc.FindMatcher(selRowTitle)); len(found) > 0 || r.page.Kind != forum.KindBoard {
		return found
	}
	return r.looseLinks(forum.KindThread)
}

// looseLinks are the first links with words to each thread or board, without
// those of navigation.
func (r *reader) looseLinks(kind forum.Kind) []*goquery.Selection {
	var out []*goquery.Selection
	seen := map[string]bool{r.own.ID: r.own.Kind == kind}
	r.doc.FindMatcher(selAnchor).Each(func(_ int, a *goquery.Selection) {
		l, ok := r.link(a.AttrOr("href", ""))
		text := dom.Text(a)
		if !ok || l.Kind != kind || startIn(l.Key) > 0 || text == "" || reWholeNumber.MatchString(text) || seen[l.ID] {
			return
		}
		if dom.Closest(a.Nodes[0], selNotRow) != nil {
			return
		}
		seen[l.ID] = true
		out = append(out, a)
	})
	return out
}

func selections(s *goquery.Selection) []*goquery.Selection {
	out := make([]*goquery.Selection, 0, s.Length())
	s.Each(func(_ int, e *goquery.Selection) { out = append(out, e) })
	return out
}

// looseStarter reads who began a thread, and when, in rows without an element
// for it: beside the title, outside of what the row says of the last post.
func (r *reader) looseStarter(row *forum.Row, title, s *goquery.Selection) {
	area := title.ClosestMatcher(cssTd)
	if area.Length() == 0 {
		area = s
	}
	if row.Author == nil {
		area.FindMatcher(selUser).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if dom.Closest(e.Nodes[0], selRowNoise) == nil {
				row.Author = r.user(e)
			}
			return row.Author == nil
		})
	}
	if row.Started.Known() {
		return
	}
	for _, line := range dom.SplitLines(area.Nodes[0], selRowNoise) {
		if st := r.sentenceTime(line); st.Known() {
			row.Started = st
			return
		}
	}
}

// guestStarters names guests, whom version 3.0 writes as bare text: between the
// word that stands before the linked names of other rows and the time.
func guestStarters(rows []forum.Row, boxes []*goquery.Selection) {
	by := ""
	for i := range rows {
		if a := rows[i].Author; by == "" && a != nil && !a.IsGuest {
			before, _, _ := strings.Cut(boxText(boxes[i]), a.Name)
			by = lastWord(before)
		}
	}
	for i := range rows {
		if by == "" || rows[i].Author != nil {
			continue
		}
		text := boxText(boxes[i])
		name, _, cut := strings.Cut(text[max(0, strings.LastIndex(" "+text, " "+by+" ")):], "»")
		name, found := strings.CutPrefix(strings.TrimSpace(name), by+" ")
		if name = strings.TrimSpace(name); cut && found && name != "" && len(name) < 60 {
			rows[i].Author = &forum.Author{Name: name, IsGuest: true}
		}
	}
}

func boxText(box *goquery.Selection) string { return dom.TextWithout(box, selRowNoise) }

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// looseCounts are the two numbers of a row that has no element of a known name
// for them: lines of the cells behind the title's that begin with a number, up
// to the last post's. The engine writes the lesser first; another order is a
// style's own, and left out.
func looseCounts(a *goquery.Selection) (first, second string) {
	var found []string
	cell := a.ClosestMatcher(selRowCells)
	for n := following(cell); n != nil && dom.Find(n, selUser) == nil && dom.Find(n, selPostLink) == nil; n = nextElement(n) {
		for _, line := range dom.SplitLines(n, nil) {
			if line[0] >= '0' && line[0] <= '9' && len(line) < 30 {
				found = append(found, line)
			}
		}
	}
	if len(found) != 2 {
		return "", ""
	}
	low, high := dom.Count(found[0]), dom.Count(found[1])
	if low == nil || high == nil || *low > *high {
		return "", ""
	}
	return found[0], found[1]
}

func following(s *goquery.Selection) *html.Node {
	if s.Length() == 0 {
		return nil
	}
	return nextElement(s.Nodes[0])
}

func nextElement(n *html.Node) *html.Node {
	for c := n.NextSibling; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// holdsOther tells an element with more than one of the links that begin rows.
func holdsOther(n *html.Node, titles []*goquery.Selection) bool {
	held := 0
	for _, t := range titles {
		if within(t.Nodes[0], n) {
			held++
		}
	}
	return held > 1
}

// looseCategories names the categories of boards where no heading of a known
// class does: by the links to boards that stand outside of rows and navigation.
func (r *reader) looseCategories(boxes []*goquery.Selection) {
	at := map[string]int{}
	for i, b := range r.page.Boards {
		if b.Category != "" {
			return
		}
		at[b.ID] = i
	}
	category := ""
	r.doc.FindMatcher(selAnchor).Each(func(_ int, a *goquery.Selection) {
		id := r.named(forum.KindBoard, a.AttrOr("href", ""))
		if id == "" || dom.Closest(a.Nodes[0], selNotRow) != nil {
			return
		}
		if i, ok := at[id]; ok {
			r.page.Boards[i].Category = category
			return
		}
		if text := dom.Text(a); text != "" && !slices.ContainsFunc(boxes, func(box *goquery.Selection) bool { return within(a.Nodes[0], box.Nodes[0]) }) {
			category = text
		}
	})
}
