package discuz

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selQuoteBox   = dom.Sel(".quote > blockquote, blockquote")
	selFound      = dom.Sel("a[href*='goto=findpost']")
	selCodeList   = dom.Sel("ol, [id^='code_'], [id^='code']")
	selPictures   = dom.Sel("img[file], img[zoomfile]")
	selEditNote   = dom.Sel("i.pstatus")
	selQuoteName  = dom.Sel("i")
	selStep       = dom.Sel("br, div, p, table, ul, ol")
	selAttachIcon = dom.Sel("img[src*='filetype/'], img[src*='attachicons/']")
)

// prepared is a copy of a text with the pictures' own addresses where readers
// look for them: the program loads pictures late, and shows a blank until then.
func (r *reader) prepared(n *html.Node) *html.Node {
	out := dom.Clone(n)
	for _, img := range all(out, selPictures) {
		src := dom.Attr(img, "zoomfile")
		if src == "" {
			src = dom.Attr(img, "file")
		}
		img.Attr = append(img.Attr, html.Attribute{Key: "data-src", Val: src})
	}
	for _, box := range all(out, selQuoteBox) {
		if box.DataAtom == atom.Blockquote {
			joinBreaks(box)
		}
	}
	return out
}

func all(n *html.Node, m interface{ Match(*html.Node) bool }) []*html.Node {
	var out []*html.Node
	for c := range dom.Below(n) {
		if c.Type == html.ElementNode && m.Match(c) {
			out = append(out, c)
		}
	}
	return out
}

// joinBreaks drops the line ends that stand behind breaks: in code both would
// count.
func joinBreaks(n *html.Node) {
	for c := range dom.Below(n) {
		if c.Type == html.TextNode && c.PrevSibling != nil && c.PrevSibling.DataAtom == atom.Br {
			c.Data = strings.TrimLeft(c.Data, "\r\n")
		}
	}
}

// rules tells what an element of a text stands for.
func (r *reader) rules(n *html.Node) dom.Part {
	switch {
	case n.DataAtom == atom.I && dom.HasClass(n, "pstatus"):
		if r.isEditNote(n) {
			return dom.Part{Role: dom.Drop}
		}
	case n.DataAtom == atom.Form, dom.HasClass(n, "locked"), dom.HasClass(n, "attach_nopermission"), dom.HasClass(n, "jammer"), dom.HasClass(n, "a_pr"), dom.HasClass(n, "tip"), dom.HasClass(n, "attach_popup"), dom.HasClass(n, "t_smallfont"):
		return dom.Part{Role: dom.Drop} // asks for something, or is no word of the author's
	case dom.HasClass(n, "quote"):
		return r.quote(n)
	case dom.HasClass(n, "blockcode"):
		return code(n)
	case n.DataAtom == atom.H4 && dom.HasClass(n.Parent, "showhide"), n.DataAtom == atom.H2 && dom.HasClass(n.Parent, "message"):
		return dom.Part{Role: dom.Drop} // a label; the post's own title
	case n.DataAtom == atom.Img:
		return r.picture(n)
	case n.DataAtom == atom.A:
		return r.link(n)
	case strings.HasPrefix(dom.Attr(n, "id"), "attach_"), dom.HasClass(n, "tattl"), dom.HasClass(n, "t_attachlist"), dom.HasClass(n, "post_attlist"):
		if a := r.fileIn(n); a != nil {
			a.IsInline = true
			return dom.Part{Role: dom.Attachment, Attachment: a}
		}
	}
	return dom.Part{}
}

func code(n *html.Node) dom.Part {
	list := dom.Find(n, selCodeList)
	if list == nil {
		list = n
	}
	joinBreaks(list)
	return dom.Part{Role: dom.Code, Content: list}
}

// picture tells smilies and the icons of files from pictures, and pictures that
// are files of the post from those that are links.
func (r *reader) picture(n *html.Node) dom.Part {
	if dom.HasAttr(n, "smilieid") || strings.Contains(dom.Attr(n, "src"), "image/smiley/") || selAttachIcon.Match(n) {
		return dom.Part{Role: dom.Drop}
	}
	id := dom.Attr(n, "aid")
	if id == "" {
		id = dom.IDAfter(dom.Attr(n, "id"), "aimg_")
	}
	if id == "" || !isNumber(id) {
		return dom.Part{}
	}
	a := dom.File(id, "", r.doc.Resolve(dom.Attr(n, "data-src")))
	if a.URL == "" {
		a.URL = r.doc.Resolve(dom.Attr(n, "src"))
	}
	a.IsInline = true
	r.describe(&a, n)
	return dom.Part{Attachment: &a}
}

// link tells accounts that are named with an @ from other links.
func (r *reader) link(n *html.Node) dom.Part {
	id := r.linked(dom.Attr(n, "href"), forum.KindProfile)
	name, ok := strings.CutPrefix(dom.NodeText(n), "@")
	if !ok || id == "" || name == "" {
		return dom.Part{}
	}
	return dom.Part{Role: dom.Mention, Mention: forum.Mention{Name: name, ID: id}}
}

// quote reads "NAME … DATE" on the first line of a quotation, which links to the
// post. The forum's language says what stands between the two.
func (r *reader) quote(n *html.Node) dom.Part {
	content := n
	if inner := dom.Find(n, selQuoteBox); inner != nil {
		content = inner
	}
	content = dom.Clone(content)
	q := forum.Quote{}
	line := firstLine(content)
	head := false
	for _, e := range line {
		if found := foundLink(e); found != nil {
			q.PostID, head = r.postOf(dom.Attr(found, "href")), true
		}
	}
	text := textOf(line)
	st, before, _ := r.clock.Within(text)
	if !head && !(st.Known() && len(line) == 1 && line[0].DataAtom == atom.Font) {
		return dom.Part{Role: dom.Quote, Content: content}
	}
	q.Author = quoted(line, before)
	for _, e := range line {
		content.RemoveChild(e)
	}
	return dom.Part{Role: dom.Quote, Quote: q, Content: content}
}

func foundLink(n *html.Node) *html.Node {
	if n.Type != html.ElementNode {
		return nil
	}
	if selFound.Match(n) {
		return n
	}
	return dom.Find(n, selFound)
}

// firstLine are the nodes before a quotation's first break.
func firstLine(n *html.Node) []*html.Node {
	var out []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && selStep.Match(c) && !(c.DataAtom == atom.Br && len(out) == 0) {
			break
		}
		if !isBlank(c) {
			out = append(out, c)
		}
	}
	return out
}

func textOf(nodes []*html.Node) string {
	var parts []string
	for _, n := range nodes {
		if n.Type == html.TextNode {
			parts = append(parts, n.Data)
			continue
		}
		parts = append(parts, dom.NodeText(n))
	}
	return dom.Fold(strings.Join(parts, " "))
}

// frame is what stands around a name, in small letters.
type frame struct{ lead, tail string }

// The sentences around a name and before a date, as the program's editions
// write them. They need no other post of the page to be understood.
var (
	quoteFrames = []frame{{"", "发表于"}, {"", "發表於"}, {"", "gửi lúc"}, {"posted by", "at"}, {"", "posted at"}, {"", "posted on"}}
	editFrames  = []frame{{"本帖最后由", "于"}, {"本帖最後由", "於"}, {"bài được", "sửa lúc"}, {"this post was last edited by", "at"}, {"last edited by", "at"}, {"last edited by", "on"}}
)

// framed is the name within one of the frames, or "".
func framed(text string, frames []frame) string {
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return "" // letters that change their length with their case
	}
	for _, f := range frames {
		from, to := len(f.lead), len(text)-len(f.tail)
		if from < to && strings.HasPrefix(lower, f.lead) && strings.HasSuffix(lower, f.tail) {
			if name := strings.TrimSpace(text[from:to]); name != "" {
				return name
			}
		}
	}
	return ""
}

// quoted is the name on a quotation's first line: 7 sets it in italics, X
// writes it before the words for "posted at".
func quoted(line []*html.Node, before string) string {
	for _, n := range line {
		if n.DataAtom == atom.I {
			return dom.NodeText(n)
		}
		if n.Type == html.ElementNode {
			if i := dom.Find(n, selQuoteName); i != nil && hasText(i) {
				return dom.NodeText(i)
			}
		}
	}
	if name := framed(before, quoteFrames); name != "" {
		return name
	}
	return dom.WroteBy(before, "")
}

// isEditNote tells the note on an edit, which begins a text, from words that
// somebody gave its class by hand: it says when.
func (r *reader) isEditNote(n *html.Node) bool {
	st, _, _ := r.clock.Within(dom.NodeText(n))
	return st.Known()
}

// edit reads the note on an edit: "this post was last edited by NAME at DATE".
func (r *reader) edit(p *forum.Post, text *html.Node) {
	for _, n := range all(text, selEditNote) {
		st, before, _ := r.clock.Within(dom.NodeText(n))
		if !st.Known() {
			continue
		}
		p.Edited = st
		p.EditedBy = editor(before, p.Author)
		return
	}
}

// editor is the name in the note: by the program's own sentences, else the
// author's, else what stands before the last word.
func editor(before string, author *forum.Author) string {
	if name := framed(before, editFrames); name != "" {
		return name
	}
	if author != nil && author.Name != "" && strings.Contains(" "+before+" ", " "+author.Name+" ") {
		return author.Name
	}
	words := strings.Fields(before)
	if len(words) < 3 {
		return ""
	}
	return dom.NameAfter(strings.Join(words[:len(words)-1], " "), "")
}
