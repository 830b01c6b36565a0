package invision2

import (
	"fmt"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selText      = dom.Sel(".postcolor, td[id^='post-main-'] > div[id^='post-'], .b-post__body > div:first-child")
	selPost      = dom.Sel(".postcolor, td[id^='post-main-'] > div[id^='post-'], .b-post__body > div:first-child, a[name^='entry']")
	selNumbered  = dom.Sel("[data-post-id], [data-post]")
	selHead      = dom.Sel(".normalname, .unreg, [id^='post-member-'], .b-post__author")
	selName      = dom.Sel(".normalname a[href], .normalname, .unreg, .b-post__author, [id^='post-member-'] a[href*='showuser='], [id^='post-member-']")
	selAccount   = dom.Sel("a[href*='showuser='], a[href*='MID=']")
	selAnchor    = dom.Sel("a[name^='entry'], [id^='entry']")
	selNumber    = dom.Sel("a[href*='findpost'], a[onclick*='link_to_post'], a[href*='#entry']")
	selAt        = dom.Sel("time[datetime]")
	selAtText    = dom.Sel(".postdetails, .post_date, .b-post__date")
	selDetails   = dom.Sel(".postdetails")
	selSignature = dom.Sel(".signature")
	selEdit      = dom.Sel("span.edit")
	selFile      = dom.Sel("a[href*='act=Attach'], a[href*='act=attach'], img[src*='mime_types'] + a, a:has(img[src*='mime_types']) + a")
	selPicture   = dom.Sel("img[src]")
	selUpload    = dom.Sel("img.attach[src]")
	selCount     = dom.Sel(".desc")
)

// message is a post: its whole, the cell of its text, the text.
type message struct {
	id   string
	all  *goquery.Selection
	cell *goquery.Selection
	text *html.Node
}

// messages are the posts of the page. Version 1.3 ends the text's element before
// a quote and starts another one behind it, so all of a cell's belong together.
// A head without a text is a post as well.
func (r *reader) messages() []message {
	var out []message
	seen, cells := map[string]bool{}, map[*html.Node]bool{}
	r.doc.FindMatcher(selPost).Each(func(_ int, s *goquery.Selection) {
		m := message{cell: s.Parent()}
		if !selText.Match(s.Nodes[0]) {
			m.all = s.ClosestMatcher(cssTable)
			m.cell = besideDetails(m.all)
			if m.all.Length() == 0 || dom.Has(m.all, selText) || !dom.Has(m.all, selHead) {
				return
			}
		} else if m.cell.Length() > 0 && !cells[m.cell.Nodes[0]] && dom.Closest(m.cell.Nodes[0], selText) == nil {
			cells[m.cell.Nodes[0]] = true
			m.text = joinText(m.cell.Nodes[0], s.Nodes[0])
			m.all = whole(m.cell)
		}
		if m.all == nil {
			return
		}
		if m.id = postID(m); m.id == "" || seen[m.id] {
			return
		}
		seen[m.id] = true
		out = append(out, m)
	})
	return out
}

// besideDetails is the cell behind the author's details: a text stands there.
func besideDetails(table *goquery.Selection) *goquery.Selection {
	found := table
	table.FindMatcher(selDetails).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		cell := s.ClosestMatcher(cssTd).NextMatcher(cssTd)
		if cell.Length() > 0 {
			found = cell
		}
		return cell.Length() == 0
	})
	return found
}

// joinText moves what follows a text up to its last element into the first and
// gives that: it alone is the text then.
func joinText(cell, first *html.Node) *html.Node {
	last := first
	for c := first.NextSibling; c != nil; c = c.NextSibling {
		if selText.Match(c) {
			last = c
		}
	}
	for c := first.NextSibling; last != first && c != nil; c = first.NextSibling {
		cell.RemoveChild(c)
		if !selText.Match(c) {
			first.AppendChild(c)
			continue
		}
		for inner := c.FirstChild; inner != nil; inner = c.FirstChild {
			c.RemoveChild(inner)
			first.AppendChild(inner)
		}
		if c == last {
			break
		}
	}
	return first
}

// whole is the nearest element around a text that holds a name too, or the
// largest that holds no other text.
func whole(cell *goquery.Selection) *goquery.Selection {
	last, texts := cell, cell.FindMatcher(selText).Length()
	for s := cell; s.Length() > 0 && !s.IsMatcher(cssBody) && s.FindMatcher(selText).Length() == texts; s = s.Parent() {
		last = s
		if dom.Has(s, selHead) {
			break
		}
	}
	return last
}

var reMessage = regexp.MustCompile(`(?:THE POST|Msg Number) (\d+)`)

// postID is in the id of the text or its cell, in an anchor before it, in a
// comment beside it or in a link to the post.
func postID(m message) string {
	if m.text != nil {
		if id := dom.IDAfter(dom.Attr(m.text, "id"), "post-"); id != "" {
			return id
		}
	}
	if id := dom.IDAfter(m.cell.AttrOr("id", ""), "post-main-"); id != "" {
		return id
	}
	if table := m.cell.ClosestMatcher(selNumbered); table.Length() > 0 {
		return dom.Digits(table.AttrOr("data-post-id", table.AttrOr("data-post", "")))
	}
	for c := m.cell.Nodes[0].FirstChild; c != nil; c = c.NextSibling {
		if found := reMessage.FindStringSubmatch(c.Data); c.Type == html.CommentNode && found != nil {
			return found[1]
		}
	}
	anchor := dom.First(m.all, selAnchor)
	if id := dom.IDAfter(anchor.AttrOr("name", anchor.AttrOr("id", "")), "entry"); id != "" {
		return id
	}
	return ipsurl.PostID(dom.First(m.all, selNumber).AttrOr("href", ""))
}

func (r *reader) post(p *forum.Post, m message, t *forum.Thread, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	if p.Author = r.author(m); p.Author == nil {
		gap("author", "the post names nobody")
	}
	if p.Published = r.published(m); !p.Published.Known() {
		gap("published_at", "no time that could be read beside the name")
	}
	m.all.FindMatcher(selNumber).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if _, n, ok := strings.Cut(dom.Text(a), "#"); ok {
			if n := dom.Count(n); n != nil && *n > 0 {
				p.Position, p.PositionSource = *n, forum.PositionShown
			}
		}
		return p.Position == 0
	})
	if t.URL != "" {
		p.URL = t.URL + "&view=findpost&p=" + p.ID
	}
	if sig := dom.First(m.cell, selSignature); sig.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, sig.Nodes[0]).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	if m.text == nil {
		gap("body", "no text beside the name")
		return
	}
	r.edited(p, m)
	files := r.files(m)
	r.doc.ReadBody(r.rules, m.text).Into(p)
	for _, f := range files {
		dom.AddFile(p, f)
	}
	dom.CountContent(p)
}

// published is the time in the row of the name. The details of the author stand
// in the row of the text.
func (r *reader) published(m message) forum.Stamp {
	if at := dom.First(m.all, selAt); at.Length() > 0 {
		return r.clock.Element(at)
	}
	var out forum.Stamp
	read := func(_ int, s *goquery.Selection) bool {
		if dom.Closest(s.Nodes[0], selText) != nil || dom.Has(s, selText) {
			return true
		}
		text := dom.Text(s)
		if _, after, ok := dom.CutLabel(text); ok {
			if st, _, _ := r.clock.Within(after); st.Known() {
				text = after
			}
		}
		if st, _, _ := r.clock.Within(text); st.Known() && precise(st) {
			out = st
		}
		return !out.Known()
	}
	head := dom.First(m.all, selHead)
	row := head.ClosestMatcher(cssTr)
	row.FindMatcher(selAtText).EachWithBreak(read)
	if !out.Known() {
		row.ChildrenMatcher(cssTd).EachWithBreak(read)
	}
	if !out.Known() {
		m.all.FindMatcher(selAtText).EachWithBreak(read)
	}
	return out
}

func precise(st forum.Stamp) bool {
	return st.Precision == forum.PrecisionMinute || st.Precision == forum.PrecisionSecond
}

func (r *reader) author(m message) *forum.Author {
	a := &forum.Author{Name: dom.Text(dom.First(m.all, selName))}
	if a.Name == "" {
		return nil
	}
	dom.First(m.all, selHead).Parent().FindMatcher(selAccount).EachWithBreak(func(_ int, link *goquery.Selection) bool {
		r.account(a, link.AttrOr("href", ""))
		return a.ID == ""
	})
	if a.ID == "" {
		m.all.FindMatcher(selAccount).EachWithBreak(func(_ int, link *goquery.Selection) bool {
			if dom.Closest(link.Nodes[0], selText) == nil && dom.Closest(link.Nodes[0], selSignature) == nil {
				r.account(a, link.AttrOr("href", ""))
			}
			return a.ID == ""
		})
	}
	// A guest's name is no link; a link that leads nowhere is an account's.
	a.IsGuest = a.ID == "" && !dom.Has(dom.First(m.all, selHead), cssA)
	r.card(a, m)
	return a
}

// account takes the number of an account from a link; 0 is nobody's.
func (r *reader) account(a *forum.Author, href string) {
	href = r.doc.Resolve(href)
	id := ipsurl.MemberID(href)
	if id == "" {
		id = dom.Digits(dom.Param(href, "MID"))
	}
	if id == "" || id == "0" {
		return
	}
	a.ID = id
	if a.URL = ipsurl.FirstPage(href); a.URL == "" {
		a.URL = href
	}
}

// card reads the lines of the cell beside the text: a title, then pairs.
func (r *reader) card(a *forum.Author, m message) {
	cell := m.cell.PrevAllMatcher(cssTd).First()
	box := dom.First(cell, selDetails)
	if box.Length() == 0 {
		return
	}
	card, titled := dom.Card{Author: a, Clock: r.clock}, false
	for _, line := range dom.SplitLines(box.Nodes[0], nil) {
		label, value, ok := dom.CutLabel(line)
		switch {
		case ok && label != "":
			card.Add("", label, value)
			titled = true
		case !titled:
			a.Title, titled = line, true
		}
	}
	box.FindMatcher(selPicture).EachWithBreak(func(_ int, img *goquery.Selection) bool {
		src := img.AttrOr("src", "")
		if dom.Closest(img.Nodes[0], selAccount) != nil || strings.Contains(src, "/av-") || strings.Contains(src, "avatar") {
			a.AvatarURL = r.doc.Resolve(src)
		}
		return a.AvatarURL == ""
	})
}

// edited reads the note "This post has been edited by NAME: TIME".
func (r *reader) edited(p *forum.Post, m message) {
	m.cell.FindMatcher(selEdit).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		name := dom.First(e, cssB)
		if name.Length() == 0 {
			return true
		}
		text := dom.Text(e)
		if i := strings.LastIndex(text, dom.Text(name)); i >= 0 {
			text = strings.Trim(text[i+len(dom.Text(name)):], ": ")
		}
		if st, _, _ := r.clock.Within(text); st.Known() {
			p.Edited, p.EditedBy = st, dom.Text(name)
		}
		return !p.Edited.Known()
	})
}

// files reads the links to files, which carry a name, a size and a count behind
// them, and the pictures that stand for themselves. It takes the words around
// the links out of the text.
func (r *reader) files(m message) []forum.Attachment {
	var out []forum.Attachment
	box, seen := r.doc.FindNodes(m.text), map[string]bool{}
	add := func(f forum.Attachment) {
		if key := f.URL + f.Filename; f.Filename != "" && !seen[key] {
			seen[key], out = true, append(out, f)
		}
	}
	box.FindMatcher(selFile).Each(func(_ int, a *goquery.Selection) {
		href := r.doc.Resolve(a.AttrOr("href", ""))
		f := dom.File(dom.Digits(dom.Param(href, "id")), dom.Text(a), href)
		if f.Filename != "" {
			f.SizeBytes, f.ViewCount = fileFacts(a)
			add(f)
		}
	})
	box.FindMatcher(selUpload).Each(func(_ int, img *goquery.Selection) {
		src := r.doc.Resolve(img.AttrOr("src", ""))
		add(dom.File("", src[strings.LastIndexByte(src, '/')+1:], src))
	})
	if len(out) > 0 {
		box.FindMatcher(cssStrong).HasMatcher(selEdit).Remove()
	}
	return out
}

var reSize = regexp.MustCompile(`\(\s*([\d.,]+\s*[kKmMgG]?)[bB]?\s*\)`)

// fileFacts reads what stands behind a link until the line ends, "( 24.5k )
// Number of downloads: 12", and takes it away. In version 1.3 the count stands
// before the link.
func fileFacts(a *goquery.Selection) (size, views *int64) {
	node := a.Nodes[0]
	for c := node.NextSibling; c != nil && c.DataAtom != atom.Br && c.DataAtom != atom.A; c = node.NextSibling {
		text := dom.NodeText(c)
		if c.Type == html.TextNode {
			text = c.Data
		}
		if found := reSize.FindStringSubmatch(text); found != nil && size == nil {
			size = dom.Size(found[1] + "B")
		}
		if c.Type == html.ElementNode && selCount.Match(c) {
			views = dom.Count(text)
		}
		node.Parent.RemoveChild(c)
	}
	if views == nil {
		views = dom.Count(dom.Text(a.PrevAllMatcher(cssStrong).First().FindMatcher(selEdit)))
	}
	return size, views
}
