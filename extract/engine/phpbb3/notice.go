package phpbb3

import (
	"regexp"
	"strings"
	"unicode"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selNotice    = dom.Sel("div.notice")
	selForeign   = dom.Sel("[id^='list_thanks'], [id^='div_post_reput'], .content, .signature, .post_deleted_msg")
	selReason    = dom.Sel("em")
	selReasonBox = dom.Sel("em, strong, .username, .username-coloured, a[href*='viewprofile'], a[href*='u=']")
	selEditor    = dom.Sel(".username, .username-coloured, a[href*='viewprofile'], a[href*='&u=']")
	selCellNote  = dom.Sel("span.gensmall")
	selFileTable = dom.Sel("td.row1, td.row2, .postbody")
)

// notices reads the note on edits. Deletions and bumps look alike: the first
// has a class of its own, the second begins with two line breaks.
func (r *reader) notices(p *forum.Post, s *goquery.Selection) {
	found := false
	s.FindMatcher(selNotice).Each(func(_ int, e *goquery.Selection) {
		n := e.Nodes[0]
		if dom.Closest(n, selForeign) != nil || dom.Is(e, "post_deleted_msg") {
			return
		}
		if beginsWithBreaks(n) {
			setExtra(p, "bumped", dom.Text(e))
			return
		}
		if !found {
			found = true
			p.EditReason = dom.Text(e.FindMatcher(selReason).Last())
			r.edited(p, e)
		}
	})
	if !found {
		r.cellNotices(p, s)
	}
}

func setExtra(p *forum.Post, key, text string) {
	if p.Extra == nil {
		p.Extra = map[string]string{}
	}
	p.Extra[key] = text
}

func beginsWithBreaks(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.ElementNode:
			return c.DataAtom == atom.Br
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) != "":
			return false
		}
	}
	return false
}

// cellNotices reads the notes of subsilver2: small text below the post, in a
// table of its own when there is a reason.
func (r *reader) cellNotices(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selCellNote).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		n := e.Nodes[0]
		if dom.Is(e, "error") || dom.Closest(n.Parent, selFileTable) != nil && !afterBody(n) || !strings.ContainsAny(dom.Text(e), "0123456789") {
			return true
		}
		if beginsWithBreaks(n) {
			setExtra(p, "bumped", dom.Text(e))
			return true
		}
		if !selEditable(n) {
			return true
		}
		if cell := dom.Closest(n, selNoteCell); cell != nil {
			p.EditReason = dom.Text(goquery.NewDocumentFromNode(dom.Closest(cell, selTable)).FindMatcher(cssSpanGenmed).Last())
		}
		r.edited(p, e)
		return !p.Edited.Known()
	})
}

var selNoteCell = dom.Sel("td.row3")

// selEditable tells the note's own places: below the text, or in the heading
// row of a table below it; attachments stand in other rows.
func selEditable(n *html.Node) bool {
	return n.Parent != nil && (selNoteCell.Match(n.Parent) || afterBody(n))
}

// afterBody tells whether a post's text stands before a node among its
// siblings.
func afterBody(n *html.Node) bool {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if dom.HasClass(c, "postbody") {
			return true
		}
	}
	return false
}

var reTail = regexp.MustCompile(`[,;，、،]\s*([^,;，、،]*)$`)

// edited reads a note in any language: the editor is a link or a name of its
// class, the number of edits stands behind the last comma, the time before it.
func (r *reader) edited(p *forum.Post, e *goquery.Selection) {
	if name := dom.First(e, selEditor); name.Length() > 0 {
		p.EditedBy = dom.Text(name)
	}
	text := dom.TextWithout(e, selReasonBox)
	if m := reTail.FindStringSubmatchIndex(text); m != nil {
		tail := text[m[2]:m[3]]
		if digits := dom.Digits(tail); digits != "" && len(digits) < 4 && !strings.Contains(tail, ":") {
			p.EditCount = number(digits)
			text = text[:m[0]]
		}
	}
	p.Edited = r.sentenceTime(strings.Trim(text, " .:,"))
}

// sentenceTime reads the time in a sentence and keeps as its raw text what is
// needed for it: words before it are dropped as long as the time stays the
// same, but for capitals and numbers next to it (a day of the week).
func (r *reader) sentenceTime(text string) forum.Stamp {
	whole := r.clock.Text(text)
	if !whole.Known() {
		return whole
	}
	words := strings.Fields(text)
	at, last := 0, whole
	for i := 1; i < len(words); i++ {
		st := r.clock.Text(strings.Join(words[i:], " "))
		if !st.At.Equal(whole.At) || st.Precision != whole.Precision {
			break
		}
		at, last = i, st
	}
	if at > 1 && unicode.IsUpper([]rune(words[at-1])[0]) {
		last.Raw = strings.Join(words[at-1:], " ")
	}
	return last
}
