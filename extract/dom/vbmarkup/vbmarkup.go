// Package vbmarkup reads the markup that the vBulletins share: the line at the
// foot that names the board's zone, edit notes, code, quotes and spoilers in
// bodies, and lists of attached files.
package vbmarkup

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selTime    = dom.Sel("#footer_time, .footer_time, #footer-current-datetime, .time")
	selInPosts = dom.Sel("#posts, [id^=post_message_], .navbar, #breadcrumb, .b-post, .b-post__edit")
	reDate     = regexp.MustCompile(`\d[-/.]\d{1,2}[-/.]\d|\b\d{4}\b`)
	reZone     = regexp.MustCompile(`([+\-−])\s*(\d{1,2})(?:[.:](\d{1,2}))?(?:\D|$)`)
	reGMT      = regexp.MustCompile(`(?i)\b(GMT|UTC|WEZ|WET|UT)\b`)
	reClock    = regexp.MustCompile(`(\d{1,2})[:.h](\d{2})(?::\d{2})?\s*([AaPp])?`)
)

// LearnZone reads the zone from the line at the foot of every page, "All times
// are GMT +1. The time now is 05:14 PM", by its structure: an offset, or the
// name of Greenwich time alone, in the element that holds the clock; a line with
// a date is about a post. Where the line names a place instead, its clock is
// held against the capture's time.
func LearnZone(d *dom.Document, k *dom.Clock) {
	marks := d.FindMatcher(selTime)
	for i := marks.Length() - 1; i >= 0; i-- {
		n := marks.Nodes[i]
		if dom.Closest(n, selInPosts) != nil {
			continue
		}
		line := n
		if dom.HasClass(n, "time") && n.Parent != nil {
			line = n.Parent
		}
		if text := dom.NodeText(line); len(text) < 300 && !reDate.MatchString(text) && learnFrom(text, clockText(line), k) {
			return
		}
	}
}

func clockText(line *html.Node) string {
	if t := dom.Find(line, selClock); t != nil {
		return dom.NodeText(t)
	}
	return dom.NodeText(line)
}

var selClock = dom.Sel(".time")

func learnFrom(text, shown string, k *dom.Clock) bool {
	if m := reZone.FindStringSubmatch(text); m != nil {
		if secs, ok := offset(m); ok {
			k.LearnZone(secs)
			return true
		}
	}
	if reGMT.MatchString(text) {
		k.LearnZone(0)
		return true
	}
	if utf8.RuneCountInString(strings.Replace(text, shown, "", 1)) < shortestLine {
		return false // "Today, 05:14 PM": a post's time
	}
	return fromClock(shown, k)
}

// shortestLine is the least that a sentence about the board's clock says in
// characters of the tersest script.
const shortestLine = 12

// offset reads "+5.5", "-3:30", "+1"; the engine writes half hours as a
// decimal fraction.
func offset(m []string) (int, bool) {
	h, err := strconv.Atoi(m[2])
	if err != nil || h > 14 {
		return 0, false
	}
	secs := h * 3600
	switch m[3] {
	case "5", "50", "30":
		secs += 1800
	case "75", "45":
		secs += 2700
	case "25", "15":
		secs += 900
	}
	if m[1] != "+" {
		secs = -secs
	}
	return secs, true
}

// fromClock takes the difference between the clock on the page and the time of
// the capture, between -11 and +13 hours.
func fromClock(shown string, k *dom.Clock) bool {
	m := reClock.FindStringSubmatch(shown)
	if m == nil || k.Now().IsZero() {
		return false
	}
	h, _ := strconv.Atoi(m[1])
	mins, _ := strconv.Atoi(m[2])
	switch {
	case strings.EqualFold(m[3], "p") && h < 12:
		h += 12
	case strings.EqualFold(m[3], "a") && h == 12:
		h = 0
	}
	now := k.Now().UTC()
	diff := time.Duration(h-now.Hour())*time.Hour + time.Duration(mins-now.Minute())*time.Minute
	for diff < -11*time.Hour {
		diff += 24 * time.Hour
	}
	for diff > 13*time.Hour {
		diff -= 24 * time.Hour
	}
	quarter := diff.Round(15 * time.Minute)
	if (diff - quarter).Abs() > 3*time.Minute {
		return false
	}
	k.LearnZone(int(quarter / time.Second))
	return true
}

// Edit is the note below a post that was changed.
type Edit struct {
	When   forum.Stamp
	By     string
	Reason string
}

// Into puts the note into a post.
func (e Edit) Into(p *forum.Post) {
	p.Edited, p.EditedBy, p.EditReason = e.When, e.By, e.Reason
}

// editLeads are the words before the editor's name in the engine's
// translations; they serve only where the name is not the author's.
var editLeads = []string{"last edited by", "geändert von", "bearbeitet von", "dernière modification par", "última edición por", "editado por última vez por", "última edição por", "ultima modifica di",
	"laatst gewijzigd door", "laatst aangepast door", "laatst bewerkt door", "последний раз редактировалось", "ostatnio edytowane przez", "ostatnio edytowany przez", "senast redigerad av", "sidst redigeret af", "sist redigert av", "son düzenleyen", "redigerat av", "naposledy upravil",
	"edited by", "zuletzt geändert von", "zuletzt bearbeitet von", "ultima editare de către", "viimeksi muokannut", "utoljára szerkesztette", "τελευταία επεξεργασία από", "التعديل الأخير تم بواسطة", "ویرایش توسط", "thay đổi nội dung bởi", "остання редакція від", "последна редакция от"}

// editTails are the words between the name and the date.
var editTails = []string{" den", " fecha", " on"}

// ReadEdit reads a note by its structure: the editor's name, then a semicolon
// or a bracket, then date and clock, then a reason behind a colon.
func ReadEdit(n *html.Node, author string, k *dom.Clock) Edit {
	text := dom.NodeText(n)
	i := strings.IndexAny(text, ";(")
	if i < 0 {
		st, before, after := k.Within(text)
		by := editor(before, author)
		if m := reBehind.FindStringSubmatch(after); m != nil && by == "" {
			by = m[1]
		}
		return Edit{When: orRaw(st, text), By: by, Reason: reason(after)}
	}
	e := Edit{By: editor(strings.TrimSpace(text[:i]), author)}
	rest := strings.TrimSpace(text[i+1:])
	if t := dom.Find(n, selClock); t != nil {
		if c := dom.NodeText(t); c != "" {
			if j := strings.Index(rest, c); j >= 0 {
				e.When, e.Reason = k.Text(rest[:j+len(c)]), reason(rest[j+len(c):])
				return e
			}
		}
	}
	st, _, after := k.Within(rest)
	e.When, e.Reason = orRaw(st, rest), reason(after)
	return e
}

// reBehind finds the editor behind the date, as Chinese has it.
var reBehind = regexp.MustCompile(`^被\s*(.+?)\s*(?:编辑|編輯|修改)`)

// orRaw is a stamp, or the text that it could not be read from.
func orRaw(st forum.Stamp, text string) forum.Stamp {
	if st.Known() {
		return st
	}
	return forum.Stamp{Raw: text, Precision: forum.PrecisionUnknown}
}

// reason is what stands behind the label of a note's reason.
func reason(text string) string {
	_, after, _ := strings.Cut(text, ":")
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), ")"))
}

func editor(before, author string) string {
	before = strings.TrimRight(before, " ,:")
	for _, tail := range editTails {
		before = strings.TrimSuffix(before, tail)
	}
	if author != "" && strings.HasSuffix(before, author) {
		return author
	}
	if name, ok := strings.CutSuffix(before, " tarafından"); ok { // Turkish: "Konu NAME tarafından"
		_, name, _ = strings.Cut(name, " ")
		return name
	}
	lower := strings.ToLower(before)
	for _, lead := range editLeads {
		if strings.HasPrefix(lower, lead) && len(lower) == len(before) {
			return strings.Trim(before[len(lead):], " :")
		}
	}
	return ""
}

var (
	selPostedBy   = dom.Sel(".bbcode_postedby")
	selStrong     = dom.Sel("strong, b")
	selNewMessage = dom.Sel(".message")
	selContainer  = dom.Sel(".quote_container")
	selPre        = dom.Sel("pre, code, .bbcode_code")
	selQuoteCell  = dom.Sel("td")
	selLink       = dom.Sel("a[href]")
	selButton     = dom.Sel("input, button")
	selHidden     = dom.Sel("[style*='display: none'], [style*='display:none']")
	selImage      = dom.Sel("img")
	selPicture    = dom.Sel("img.inlineimg, img[src*='viewpost']")
)

// Rules tells what an element of a body stands for.
func Rules(d *dom.Document) dom.Rules {
	return func(n *html.Node) dom.Part {
		switch {
		case dom.HasClass(n, "bbcode_quote") || dom.HasClass(n, "bbcode_quote_container") && dom.Find(n, selNewMessage) != nil:
			return newQuote(n)
		case dom.HasClass(n, "bbcode_description"), dom.HasClass(n, "lastedited"), dom.HasClass(n, "bbcode_quote_container"):
			return dom.Part{Role: dom.Drop}
		case dom.HasClass(n, "bbcode_code"):
			return dom.Part{Role: dom.Code}
		case n.DataAtom == atom.Div:
			return oldBox(n)
		case n.DataAtom == atom.A:
			return linkPart(d, n)
		case n.DataAtom == atom.Img:
			return imagePart(d, n)
		}
		return dom.Part{}
	}
}

// newQuote reads a quote of vBulletin 4 and later.
func newQuote(n *html.Node) dom.Part {
	p := dom.Part{Role: dom.Quote, Content: dom.Find(n, selNewMessage)}
	if by := dom.Find(n, selPostedBy); by != nil {
		p.Quote = posted(by)
		if p.Content == nil {
			p.Content = by.Parent
		}
		return p
	}
	if p.Content == nil {
		p.Content = dom.Find(n, selContainer)
	}
	return p
}

// posted reads the line above a quote: the name is strong, the arrow links to
// the post.
func posted(line *html.Node) forum.Quote {
	q := forum.Quote{}
	if s := dom.Find(line, selStrong); s != nil {
		q.Author = dom.NodeText(s)
	}
	for _, a := range links(line) {
		if id := vburl.PostID(dom.Attr(a, "href")); id != "" {
			q.PostID = id
		}
	}
	return q
}

func links(n *html.Node) []*html.Node {
	return goquery.NewDocumentFromNode(n).FindMatcher(selLink).Nodes
}

// oldBox reads the boxes of vBulletin 3: a div with a label that ends in a
// colon, and below it a table (quote), a pre (code) or a cell.
func oldBox(n *html.Node) dom.Part {
	label, box, count := boxParts(n)
	if count == 1 {
		return halfBox(label)
	}
	if count != 2 || !isLabel(label) {
		if count == 2 && isBox(box) && dom.NodeText(label) == "" && oldQuote(box).Quote.Author != "" {
			return oldQuote(box) // a label without its words
		}
		return dom.Part{}
	}
	switch {
	case dom.Find(label, selButton) != nil || isCovered(box):
		if inner := dom.Find(box, selHidden); inner != nil {
			return dom.Part{Role: dom.Spoiler, Content: inner}
		}
		return dom.Part{Role: dom.Spoiler, Content: box}
	case box.DataAtom == atom.Pre:
		return dom.Part{Role: dom.Code, Content: box}
	case dom.Attr(box, "dir") == "ltr" && dom.Find(box, selPre) != nil:
		return dom.Part{Role: dom.Code, Content: box}
	case isBox(box):
		return oldQuote(box)
	}
	return dom.Part{}
}

// halfBox is what is left where the label or the box is missing: a quote is
// told by the name in it, a label alone is no text.
func halfBox(n *html.Node) dom.Part {
	switch {
	case isBox(n) && oldQuote(n).Quote.Author != "":
		return oldQuote(n)
	case dom.HasClass(n, "smallfont") && isLabel(n):
		return dom.Part{Role: dom.Drop}
	}
	return dom.Part{}
}

func isBox(n *html.Node) bool {
	return n.DataAtom == atom.Table || dom.HasClass(n, "panel") || dom.HasClass(n, "alt2") || dom.HasClass(n, "quote")
}

// isCovered tells a box whose content is hidden as a whole.
func isCovered(box *html.Node) bool {
	for c := box.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return selHidden.Match(c)
		}
	}
	return false
}

func boxParts(n *html.Node) (label, box *html.Node, count int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) != "":
			return nil, nil, -1
		case c.Type != html.ElementNode:
			continue
		}
		switch count++; count {
		case 1:
			label = c
		case 2:
			box = c
		}
	}
	return label, box, count
}

// isLabel tells the small line above a box: short, closed by a colon, in any
// language ("Quote:", "Zitat:", "代码:").
func isLabel(n *html.Node) bool {
	if n.DataAtom != atom.Div || len(dom.NodeText(n)) > 60 {
		return false
	}
	text := dom.NodeText(n)
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") || dom.Find(n, selButton) != nil && dom.HasClass(n, "smallfont")
}

// oldQuote reads a box whose first line names the author, if it names one: two
// div elements and nothing else, the first with a strong name.
func oldQuote(box *html.Node) dom.Part {
	cell := box
	if td := dom.Find(box, selQuoteCell); box.DataAtom == atom.Table && td != nil {
		cell = td
	}
	p := dom.Part{Role: dom.Quote, Content: cell}
	line, text, count := boxParts(cell)
	if count == 2 && line.DataAtom == atom.Div && text.DataAtom == atom.Div && dom.Find(line, selStrong) != nil {
		p.Quote, p.Content = posted(line), text
	}
	return p
}

func linkPart(d *dom.Document, n *html.Node) dom.Part {
	href := dom.Attr(n, "href")
	if id := AttachmentID(href); id != "" {
		return dom.Part{Attachment: inlineFile(d, n, id)}
	}
	return dom.Part{}
}

// imagePart drops the arrows of the engine's own and reads pictures that are
// attached files shown in place.
func imagePart(d *dom.Document, n *html.Node) dom.Part {
	if selPicture.Match(n) && !strings.Contains(dom.Attr(n, "src"), "smil") {
		return dom.Part{Role: dom.Drop}
	}
	if id := AttachmentID(dom.Attr(n, "src")); id != "" && dom.Closest(n.Parent, selFileLink) == nil {
		return dom.Part{Attachment: inlineFile(d, n, id)}
	}
	return dom.Part{}
}

var selFileLink = dom.Sel("a[href*='attachment']")

func inlineFile(d *dom.Document, n *html.Node, id string) *forum.Attachment {
	href := dom.Attr(n, "href")
	img := n
	if n.DataAtom == atom.A {
		img = dom.Find(n, selImage)
	} else {
		href = dom.Attr(n, "src")
	}
	a := dom.File(id, "", vburl.WithoutSession(d.Resolve(href)))
	a.IsInline = true
	if img != nil {
		describe(&a, dom.Attr(img, "alt"))
	}
	if text := dom.NodeText(n); a.Filename == "" && dom.Ext(text) != "" {
		a.Filename, a.Ext, a.MediaType = text, dom.Ext(text), dom.File("", text, "").MediaType
	}
	return &a
}

var (
	reAttachment = regexp.MustCompile(`(?:attachment\.php\?(?:.*?[&?;])?(?:attachmentid|id)=|filedata/fetch\?(?:.*?[&?;])?id=|/attachments/(?:[^/]+/)?)(\d+)`)
	reViews      = regexp.MustCompile(`[\d.,\s]+`)
	reNameInAlt  = regexp.MustCompile(`(?m)[:：]\s*([^\n:：]+?\.[A-Za-z0-9]{2,5})\s*$`)
)

// AttachmentID is the id in a link to an attached file, or "".
func AttachmentID(href string) string {
	if m := reAttachment.FindStringSubmatch(href); m != nil {
		return m[1]
	}
	return ""
}

// describe reads what the engine writes into the alt text of a thumbnail: one
// "label: value" a line, name, views, size and id.
func describe(a *forum.Attachment, alt string) {
	alt = strings.ReplaceAll(alt, "\u00a0", " ") // version 4 ends lines with one
	if m := reNameInAlt.FindStringSubmatch(alt); m != nil {
		name := strings.TrimSpace(m[1])
		f := dom.File(a.ID, name, a.URL)
		a.Filename, a.Ext, a.MediaType = name, f.Ext, f.MediaType
	} else if name := strings.TrimSpace(alt); dom.Ext(name) != "" && !strings.ContainsAny(name, "\n:") {
		f := dom.File(a.ID, name, a.URL)
		a.Filename, a.Ext, a.MediaType = name, f.Ext, f.MediaType
	}
	for line := range strings.SplitSeq(alt, "\n") {
		_, value, ok := strings.Cut(strings.ReplaceAll(line, "：", ":"), ":")
		value = strings.TrimSpace(value)
		switch {
		case !ok || value == "":
		case a.SizeBytes == nil && dom.Size(value) != nil:
			a.SizeBytes = dom.Size(value)
		case a.ViewCount == nil && reViews.FindString(value) == value:
			a.ViewCount = dom.Count(value)
		}
	}
}

// Files reads the lists of attached files below a post: links with the name as
// text and "(12.3 KB, 45 views)" behind, or thumbnails that carry both in their
// alt text.
func Files(d *dom.Document, p *forum.Post, lists *goquery.Selection) {
	lists.FindMatcher(selFileLink).Each(func(_ int, s *goquery.Selection) {
		id := AttachmentID(s.AttrOr("href", ""))
		if id == "" {
			return
		}
		a := dom.File(id, dom.Text(s), vburl.WithoutSession(d.Resolve(s.AttrOr("href", ""))))
		if img := dom.Find(s.Nodes[0], selImage); img != nil {
			describe(&a, dom.Attr(img, "alt"))
			if a.Filename == "" {
				a.Filename = path.Base(dom.Attr(img, "title"))
				if a.Filename == "." {
					a.Filename = ""
				}
			}
		}
		behind(&a, s.Nodes[0])
		dom.AddFile(p, a)
	})
	dom.CountContent(p)
}

// behind reads the bracket that follows a file's link.
func behind(a *forum.Attachment, n *html.Node) {
	text := ""
	for c := n.NextSibling; c != nil && !strings.Contains(text, ")"); c = c.NextSibling {
		text += dom.NodeText(c) + " "
	}
	_, inner, ok := strings.Cut(text, "(")
	inner, _, closed := strings.Cut(inner, ")")
	if !ok || !closed {
		return
	}
	if size := dom.Size(inner); size != nil {
		a.SizeBytes = size
	}
	if _, views, ok := strings.Cut(inner, ", "); ok && dom.Size(views) == nil {
		a.ViewCount = dom.Count(views) // "12.3 KB, 1,204 views"
	}
}

// TextLines are the lines of an element: br and block elements end a line.
func TextLines(n *html.Node) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if line := dom.Fold(b.String()); line != "" {
			out = append(out, line)
		}
		b.Reset()
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode:
				b.WriteString(c.Data)
			case c.Type != html.ElementNode, c.DataAtom == atom.Script, c.DataAtom == atom.Style:
			case c.DataAtom == atom.Br:
				flush()
			case c.DataAtom == atom.Div, c.DataAtom == atom.P, c.DataAtom == atom.Li, c.DataAtom == atom.Tr, c.DataAtom == atom.Dl, c.DataAtom == atom.Dd:
				flush()
				walk(c)
				flush()
			default:
				walk(c)
			}
		}
	}
	walk(n)
	flush()
	return out
}
