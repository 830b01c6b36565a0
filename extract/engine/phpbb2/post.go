package phpbb2

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selAnchor    = dom.Sel("a[name], a[href*='viewtopic.php?p='], .postdetails a[href^='/t'][href*='#']")
	selNameMark  = dom.Sel("a[name]")
	selTableRow  = dom.Sel("tr")
	selPostBody  = dom.Sel(".postbody")
	selName      = dom.Sel("span.name b, .name b, .name a[href], .name")
	selDetails   = dom.Sel("span.postdetails, .postdetails")
	selProfileTo = dom.Sel("a[href*='mode=viewprofile'], a[href*='profile'], .name a[href^='/u']")
	selWebsite   = dom.Sel("a[href] img[src*='icon_www'], a[href] img[src*='www']")
	selPicture   = dom.Sel("img")
	selMini      = dom.Sel("a[href*='p='], a[href*='#']")
	selGen       = dom.Sel("span.gen")
	selEdited    = dom.Sel("span.gensmall")
	selFileLink  = dom.Sel("a[href*='download.php?id=']")
	selFileTable = dom.Sel("table.attachtable")
	selTable     = dom.Sel("table")
)

// message is one post: its row, its id, and the rows behind it up to the next
// post, where the buttons stand.
type message struct {
	id   string
	row  *goquery.Selection
	more *goquery.Selection
}

// messages are the rows with a numbered anchor, or a link to the post itself,
// and a text.
func (r *reader) messages() []message {
	var out []message
	seen, used := map[string]bool{}, map[*html.Node]bool{}
	r.doc.FindMatcher(selAnchor).Each(func(_ int, a *goquery.Selection) {
		id := strings.TrimPrefix(a.AttrOr("name", ""), "p")
		if id == "" {
			id = linkedPost(a.AttrOr("href", ""))
		}
		if !isID(id) || seen[id] || dom.Closest(a.Nodes[0], selPostBody) != nil || dom.Closest(a.Nodes[0], selQuoteCell) != nil {
			return
		}
		row := postRow(a.Nodes[0])
		if row == nil || used[row] {
			return
		}
		seen[id], used[row] = true, true
		out = append(out, message{id: id, row: r.doc.FindNodes(row), more: r.doc.FindNodes(behind(row)...)})
	})
	return out
}

// postRow is the row around a post's anchor that holds its text; a row that names
// somebody where its text has lost its mark.
func postRow(anchor *html.Node) *html.Node {
	own := dom.Closest(anchor, selTableRow)
	for row := own; row != nil; row = dom.Closest(row.Parent, selTableRow) {
		if dom.Find(row, selPostBody) == nil {
			continue
		}
		if !holdsMany(row) {
			return row
		}
		break
	}
	if own != nil && dom.Attr(anchor, "name") != "" && dom.Find(own, selDetails) != nil {
		return own
	}
	return nil
}

// holdsMany tells a row of the page's layout from the row of one post.
func holdsMany(row *html.Node) bool {
	n := 0
	goquery.NewDocumentFromNode(row).FindMatcher(selNameMark).Each(func(_ int, a *goquery.Selection) {
		if isID(strings.TrimPrefix(a.AttrOr("name", ""), "p")) {
			n++
		}
	})
	return n > 1
}

// behind are the rows after a post's own, up to the next anchor.
func behind(row *html.Node) []*html.Node {
	var out []*html.Node
	for n := row.NextSibling; n != nil && len(out) < 3; n = n.NextSibling {
		if n.Type != html.ElementNode {
			continue
		}
		if a := dom.Find(n, selAnchor); a != nil && dom.Find(n, selPostBody) != nil {
			break
		}
		out = append(out, n)
	}
	return out
}

func (r *reader) posts(t *forum.Thread) {
	all := r.messages()
	var quotes []string
	for _, m := range all {
		r.names.Add(r.name(m))
		m.row.FindMatcher(selQuoteCell).Each(func(_ int, q *goquery.Selection) {
			if text := attribution(q.Nodes[0]); text != "" {
				quotes = append(quotes, text)
			}
		})
	}
	r.wrote = dom.WroteTail(quotes, r.names)
	for i, m := range all {
		p := forum.Post{ID: m.id, State: forum.PostVisible, Page: t.Page}
		r.post(&p, m, i)
		r.page.Posts = append(r.page.Posts, p)
	}
}

// name is the name beside the text: in its own element, else what is bold in the
// cell with the post's anchor.
func (r *reader) name(m message) string {
	if name := dom.Text(dom.First(m.row, selName)); name != "" {
		return name
	}
	cell := nameCell(m)
	if cell == nil || dom.Find(cell, selPostBody) != nil {
		return ""
	}
	return dom.NodeText(dom.Find(cell, selBold))
}

func (r *reader) post(p *forum.Post, m message, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p.URL = r.page.Root + "viewtopic.php?p=" + p.ID + "#" + p.ID
	m.row.FindMatcher(selMini).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		if linkedPost(href) == p.ID && href != "" && !strings.Contains(href, "posting.php") {
			p.URL = href
			return false
		}
		return true
	})
	p.Published, p.Title = r.heading(m)
	if !p.Published.Known() {
		gap("published_at", "no readable time above the text")
	}
	if p.Author = r.author(m); p.Author == nil {
		gap("author", "the post names nobody")
	} else if p.Author.ID == "" && !p.Author.IsGuest {
		gap("author.id", "no link to the account")
	}
	cell := bodyCell(m.row)
	if cell == nil {
		gap("body", "no text")
		return
	}
	sig := cutSignature(cell)
	r.doc.ReadBody(r.rules, cell).Into(p)
	if sig != nil {
		if text := r.doc.ReadBody(r.rules, sig).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	r.edit(p, m)
	r.files(p, m)
}

// bodyCell is the cell that holds the text: quotes cut it into several spans,
// which have the cell in common.
func bodyCell(row *goquery.Selection) *html.Node {
	n := dom.First(row, selPostBody)
	if n.Length() == 0 {
		return nil
	}
	if n.Nodes[0].DataAtom == atom.Td {
		return n.Nodes[0]
	}
	return n.Nodes[0].Parent
}

// heading reads "Posted: DATE   Post subject: SUBJECT", which stands above the
// text in one cell with it, in some styles in a cell of its own.
func (r *reader) heading(m message) (forum.Stamp, string) {
	for _, withText := range []bool{true, false} {
		if at, subject := r.headingIn(m, withText); at.Known() {
			return at, subject
		}
	}
	return forum.Stamp{}, ""
}

func (r *reader) headingIn(m message, withText bool) (forum.Stamp, string) {
	var at forum.Stamp
	subject := ""
	m.row.FindMatcher(selDetails).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if cell := cellOf(m.row.Nodes[0], s.Nodes[0]); cell == nil || (dom.Find(cell, selPostBody) != nil) != withText {
			return true
		}
		before, after := splitAt(s, selGen)
		_, value, ok := dom.CutLabel(before)
		if !ok {
			value = before
		}
		st := r.clock.Text(value)
		if !st.Known() || dom.Closest(s.Nodes[0], selCell) == nameCell(m) {
			return true
		}
		at = st
		_, subject, _ = dom.CutLabel(after)
		return false
	})
	return at, subject
}

// cellOf is the row's own cell that a node stands in.
func cellOf(row, n *html.Node) *html.Node {
	for n != nil && n.Parent != row {
		n = n.Parent
	}
	return n
}

var selCell = dom.Sel("td")

// nameCell is the cell beside the text.
func nameCell(m message) *html.Node {
	if name := dom.First(m.row, selNameSpan, selNameMark); name.Length() > 0 {
		return dom.Closest(name.Nodes[0], selCell)
	}
	var beside *html.Node
	m.row.ChildrenMatcher(selCell).EachWithBreak(func(_ int, td *goquery.Selection) bool {
		if !dom.Has(td, selPostBody) {
			beside = td.Nodes[0]
		}
		return beside == nil
	})
	return beside
}

var selNameSpan = dom.Sel(".name")

// splitAt is an element's text before and after its first child that matches.
func splitAt(s *goquery.Selection, m goquery.Matcher) (before, after string) {
	text := dom.Text(s)
	cut := dom.First(s, m)
	if cut.Length() == 0 {
		return text, ""
	}
	var b strings.Builder
	for c := s.Nodes[0].FirstChild; c != nil && c != cut.Nodes[0]; c = c.NextSibling {
		b.WriteString(dom.NodeText(c))
		b.WriteByte(' ')
	}
	before = dom.Fold(b.String())
	return before, strings.TrimSpace(strings.TrimPrefix(text, before))
}

// author reads the cell beside the text: name, rank, then lines of labels and
// values. The account's number is in the button below.
func (r *reader) author(m message) *forum.Author {
	name := r.name(m)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	for _, s := range []*goquery.Selection{m.row, m.more} {
		s.FindMatcher(selProfileTo).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			href := r.doc.Resolve(e.AttrOr("href", ""))
			if dom.Closest(e.Nodes[0], selPostBody) != nil {
				return true
			}
			if id := idOf(forum.KindProfile, href); id != "" && a.ID == "" {
				l, _ := linkOf(href)
				a.ID, a.URL = id, l.URL
			}
			return a.ID == ""
		})
	}
	r.card(a, m)
	a.IsGuest = a.ID == "" && a.Joined.IsZero()
	if www := dom.First(m.more, selWebsite).ClosestMatcher(cssA); www.Length() > 0 {
		a.Websites = append(a.Websites, r.doc.Resolve(www.AttrOr("href", "")))
	}
	return a
}

func (r *reader) card(a *forum.Author, m message) {
	beside := nameCell(m)
	if beside == nil {
		return
	}
	cell := r.doc.FindNodes(beside).FindMatcher(selDetails).First()
	if cell.Length() == 0 {
		return
	}
	card, pairs := dom.Card{Author: a, Clock: r.clock}, 0
	for i, line := range dom.SplitLines(cell.Nodes[0], nil) {
		label, value, ok := dom.CutLabel(line)
		switch {
		case ok && label != "":
			pairs++
			if st := r.clock.Text(value); pairs == 1 && st.Known() && st.Precision != forum.PrecisionYear {
				a.Joined = st // the first line is the date of registration, whatever its words
				continue
			}
			card.Add("", label, value)
		case i == 0:
			a.Title = line
		}
	}
	cell.FindMatcher(selPicture).EachWithBreak(func(_ int, img *goquery.Selection) bool {
		src := img.AttrOr("src", "")
		if strings.Contains(src, "avatar") {
			a.AvatarURL = r.doc.Resolve(src)
			return false
		}
		return true
	})
}

// edit reads "Last edited by NAME on DATE; edited 2 times in total".
func (r *reader) edit(p *forum.Post, m message) {
	m.row.FindMatcher(selEdited).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Closest(e.Nodes[0].Parent, selFileTable) != nil {
			return true
		}
		text := dom.Text(e)
		head, tail := text, ""
		if i := strings.LastIndexAny(text, ";,"); i > 0 && !strings.Contains(text[i:], ":") {
			head, tail = text[:i], text[i+1:]
		}
		st, before, _ := r.clock.Within(head)
		if !st.Known() {
			return true
		}
		p.Edited, p.EditCount = st, 1
		if n := dom.Count(tail); n != nil && *n > 0 && *n < 1000 {
			p.EditCount = int(*n)
		}
		p.EditedBy = r.editor(before)
		return false
	})
}

// editor is the name in what stands before the time of an edit. A word joins
// both, and a weekday may stand between: "Last edited by NAME on Sun".
func (r *reader) editor(before string) string {
	words := strings.Fields(before)
	for drop := range min(3, len(words)) {
		if name := dom.KnownName(strings.Join(words[:len(words)-drop], " "), r.names, true); name != "" {
			return name
		}
	}
	return dom.NameAfter(strings.Join(words[:max(0, len(words)-2)], " "), "")
}

// files reads the tables of the attachment add-on.
func (r *reader) files(p *forum.Post, m message) {
	m.row.FindMatcher(selFileLink).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		f := dom.File(dom.Param(href, "id"), "", href)
		table := dom.Closest(a.Nodes[0], selTable)
		if table == nil {
			return
		}
		for _, line := range dom.SplitLines(table, nil) {
			_, value, ok := dom.CutLabel(line)
			if !ok {
				value = line
			}
			if ext := dom.Ext(value); f.Filename == "" && ext != "" && !strings.Contains(value, " ") {
				f = dom.File(f.ID, value, href)
			} else if size := dom.Size(value); size != nil && f.SizeBytes == nil {
				f.SizeBytes = size
			}
		}
		dom.AddFile(p, f)
	})
	dom.CountContent(p)
}
