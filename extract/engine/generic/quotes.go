package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// source is whom a quote quotes, and which post.
type source struct{ author, post string }

// quoteWords are what boards write over a quote without an author, in lower
// case.
var quoteWords = []string{"quote", "zitat", "citation", "cita", "citazione", "citação", "citaat", "цитата", "cytat", "citat", "citát", "lainaus", "idézet", "citat", "alıntı", "παράθεση", "引用", "인용", "اقتباس", "kutipan", "trích dẫn", "citar", "sitat"}

func isQuoteLabel(s string) bool {
	return slices.Contains(quoteWords, strings.ToLower(strings.TrimRight(dom.Fold(s), ":： ")))
}

// quoteBox tells elements that are named as quotes and are no blockquotes and
// hold none, which would be the quote itself.
func (b *bodyReader) quoteBox(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Div, atom.Table, atom.Fieldset, atom.Section, atom.Td, atom.Aside:
	default:
		return false
	}
	if b.labelled[n] || strings.EqualFold(dom.Attr(n, "id"), "quote") {
		return true
	}
	class := dom.Attr(n, "class")
	if class == "" || !strings.Contains(class, "uote") && !strings.Contains(class, "itat") {
		return false
	}
	for w := range strings.FieldsSeq(class) {
		list := words(w)
		if len(list) == 0 || isHead(list) || isHook(list) {
			continue
		}
		for _, w := range list {
			if strings.HasPrefix(w, "quote") || strings.HasSuffix(w, "quote") || w == "zitat" || w == "citation" {
				cell := n.DataAtom == atom.Td || dom.Find(n, selQuoteCell) == nil
				return dom.Find(n, selBlockquote) == nil && cell && !b.quotePart(n, list) && dom.NodeText(n) != ""
			}
		}
	}
	return false
}

// isHook tells names that scripts look for ("js-selectToQuote") from those that
// say what an element is.
func isHook(list []string) bool {
	for _, w := range list {
		switch w {
		case "js", "select", "to", "multi", "multiquote", "quick", "action", "reply":
			return true
		}
	}
	return false
}

// quotePart tells the inner boxes of a quote, which are named for it too.
func (b *bodyReader) quotePart(n *html.Node, list []string) bool {
	inner := false
	for _, w := range list {
		switch w {
		case "content", "body", "text", "inner", "message", "wrapper", "contents", "container", "innerquote", "quotecontent", "quotebody", "quotetext", "main":
			inner = true
		}
	}
	p := n.Parent
	for range 4 {
		if p == nil || p == b.body {
			return false
		}
		if p.DataAtom == atom.Blockquote || inner && strings.Contains(strings.ToLower(dom.Attr(p, "class")), "quote") {
			return true
		}
		p = p.Parent
	}
	return false
}

// isHead tells the names of headings from those of what they head.
func isHead(list []string) bool {
	for _, w := range list {
		switch w {
		case "header", "head", "title", "heading", "author", "top", "button", "toggle", "label", "name", "link", "info", "meta", "by", "avatar", "attribution", "expand", "date":
			return true
		}
	}
	return false
}

var (
	selBlockquote = dom.Sel("blockquote")
	selQuoteCell  = dom.Sel("td.quote")
	selCite       = dom.Sel("cite, dt, .quote_author, .quoteauthor, .quote-author, .quotetitle, .quoteheader, .quote-header, .bbcode_quote_head, .attribution, .quoteby, .quoted-by, .QuoteAuthor, .bbCodeBlock-title, .ipsQuote_citation, .bbcode_postedby, .posted_by")
	selPreCode    = dom.Sel("pre, code, table, ol")
	selName       = dom.Sel("b, strong, a[href], .name, .username")
)

// codeBox tells blocks of code that are no pre elements: code elements of
// several lines, and boxes that are named so.
func codeBox(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Code:
		return n.Parent != nil && n.Parent.DataAtom != atom.Pre && (dom.HasClass(n, "bbc_code") || hasBreak(n))
	case atom.Div, atom.Td:
		class := dom.Attr(n, "class")
		if !strings.Contains(strings.ToLower(class), "code") {
			return false
		}
		for w := range strings.FieldsSeq(class) {
			switch strings.ToLower(w) {
			case "code", "codecontent", "codebody", "code_body", "code-body", "bbcode_code", "code-content", "codecontainer":
				return dom.Find(n, selPreCode) == nil
			}
		}
	}
	return false
}

func hasBreak(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Br || c.Type == html.TextNode && strings.Contains(strings.TrimSpace(c.Data), "\n") {
			return true
		}
	}
	return false
}

// spoilerBox tells elements that hide the author's words.
func spoilerBox(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Div, atom.Section, atom.Blockquote, atom.Table, atom.Fieldset:
	default:
		return false
	}
	for w := range strings.FieldsSeq(dom.Attr(n, "class")) {
		if list := words(w); len(list) > 0 && strings.Contains(strings.Join(list, ""), "spoiler") && !isHead(list) {
			return true
		}
	}
	return false
}

// heads finds the lines that head quotes, code and spoilers below an element:
// they are no words of the author's, and a quote's says who is quoted.
func (b *bodyReader) heads(n, top *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		b.wordBefore(c)
		switch {
		case b.drop[c]:
			continue
		case c.DataAtom == atom.Blockquote || b.quoteBox(c):
			b.quoteHead(c, top)
		case c.DataAtom == atom.Pre || codeBox(c):
			if h := headOf(c, top); h != nil && codeLabel(h) {
				b.drop[h] = true
			}
		case spoilerBox(c):
			b.spoilerHead(c)
		}
		b.heads(c, top)
	}
}

// wordBefore tells boxes without a name of their own by the line before them,
// which is the word for a quote and nothing else, or says whom it quotes.
func (b *bodyReader) wordBefore(line *html.Node) {
	if line.DataAtom != atom.Div && line.DataAtom != atom.Span && line.DataAtom != atom.B && line.DataAtom != atom.Strong || line.FirstChild == nil {
		return
	}
	size := 0
	if !textWithin(line, &size, 80) {
		return
	}
	text := dom.NodeText(line)
	_, led := afterLead(text)
	if !isQuoteLabel(text) && !(led && line.DataAtom == atom.Div && b.quoteOf(line.Parent) == nil) {
		return
	}
	next := line.NextSibling
	for next != nil && (next.Type != html.ElementNode && strings.TrimSpace(textData(next)) == "" || next.DataAtom == atom.Br) {
		next = next.NextSibling
	}
	if next == nil || next.DataAtom != atom.Table && next.DataAtom != atom.Div || b.quoteBox(next) || dom.Find(next, selBlockquote) != nil || dom.Find(next, selQuoteCell) != nil {
		return
	}
	b.labelled[next], b.drop[line] = true, true
	if led {
		b.from[next] = b.source(line)
	}
}

// headOf is the element before one, or before the boxes that it is the first
// thing in.
func headOf(n, top *html.Node) *html.Node {
	for range 5 {
		p := n.PrevSibling
		for p != nil && p.Type != html.ElementNode && strings.TrimSpace(textData(p)) == "" {
			p = p.PrevSibling
		}
		if p != nil {
			if p.Type == html.ElementNode && p.DataAtom != atom.Br {
				return p
			}
			return nil
		}
		if n.Parent == nil || n.Parent == top && n.Parent.DataAtom != atom.Tbody && n.Parent.DataAtom != atom.Tr && n.Parent.DataAtom != atom.Table {
			return nil
		}
		n = n.Parent
	}
	return nil
}

func textData(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	return ""
}

// label tells a short line that names what follows it: by a colon, a link or
// its own name.
func label(n *html.Node) bool {
	size := 0
	if !textWithin(n, &size, 60) || dom.Find(n, selBlockquote) != nil {
		return false
	}
	text := dom.NodeText(n)
	if text == "" {
		return false
	}
	if _, led := afterLead(text); led {
		return true
	}
	return namedHead(n) || strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：") || strings.Contains(text, ":") && dom.Find(n, selLink) != nil
}

func namedHead(n *html.Node) bool {
	for w := range strings.FieldsSeq(dom.Attr(n, "class")) {
		list := words(w)
		if w = strings.ToLower(w); isHead(list) || isHead(words(w)) || strings.HasSuffix(w, "header") || strings.HasSuffix(w, "head") {
			return true
		}
	}
	return false
}

// codeWords begin what boards write over blocks of code.
var codeWords = []string{"code", "quellcode", "quelltext", "código", "codice", "codi", "код", "kod", "kód", "koodi", "kode", "cod", "κώδικας", "コード", "代码", "代碼", "코드", "كود", "php", "html", "css", "javascript", "python", "sql", "xml", "bash", "c++", "java", "json", "text", "plain"}

// codeLabel tells a label of code from a sentence that leads up to it.
func codeLabel(n *html.Node) bool {
	if !label(n) {
		return false
	}
	first, _, _ := strings.Cut(strings.ToLower(dom.NodeText(n)), ":")
	first, _, _ = strings.Cut(strings.TrimSpace(first), " ")
	return namedHead(n) || slices.Contains(codeWords, first)
}

func (b *bodyReader) spoilerHead(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		for w := range strings.FieldsSeq(dom.Attr(c, "class")) {
			if isHead(words(w)) {
				b.drop[c] = true
			}
		}
	}
}

// quoteHead reads the line within or before a quote that says whom it quotes.
func (b *bodyReader) quoteHead(q, top *html.Node) {
	if b.from[q].author != "" {
		return // by the line before it
	}
	var head *html.Node
	if h := headOf(q, top); h != nil && !b.drop[h] && (namedQuote(h) || b.citesBefore(h) || label(h) && (h.DataAtom == atom.Cite || namedHead(h) || isQuoteLabel(dom.NodeText(h)) || q.DataAtom == atom.Td || b.attributes(h))) {
		head = h
	}
	if head == nil {
		if head = dom.Find(q, selCite); head != nil && b.quoteOf(head.Parent) != q {
			head = nil // of a quote within
		}
	}
	if head == nil {
		head = b.innerHead(q)
	}
	if head == nil {
		head = b.namedWithin(q)
	}
	if head == nil && b.labelAndName(q) {
		return
	}
	if head == nil || len(dom.NodeText(head)) > 160 || dom.Find(head, selBlockquote) != nil {
		return
	}
	b.drop[head] = true
	b.from[q] = b.source(head)
	if b.from[q].author == "" && isQuoteLabel(dom.NodeText(head)) {
		if inner := b.innerHead(q); inner != nil {
			b.drop[inner] = true
			b.from[q] = b.source(inner)
		}
	}
}

// citesBefore tells a cite element before a quote that says when it was written: a
// sentence about whom, without a colon.
func (b *bodyReader) citesBefore(n *html.Node) bool {
	size := 0
	if n.DataAtom != atom.Cite || !textWithin(n, &size, 120) {
		return false
	}
	st, before, after := b.r.clock.Within(dom.NodeText(n))
	return st.Known() && before != "" && len(after) <= 12
}

// namedWithin is the first element of a quote that is named as a head and says
// something: an icon or an avatar may stand before it.
func (b *bodyReader) namedWithin(q *html.Node) *html.Node {
	for n := range dom.Below(q) {
		switch {
		case n.Type == html.TextNode && strings.TrimSpace(n.Data) != "":
			return nil
		case n.Type == html.ElementNode && namedHead(n) && dom.NodeText(n) != "" && b.quoteOf(n.Parent) == q:
			return n
		}
	}
	return nil
}

// ledLine tells an element that is one line and leads up to a name: "Originally posted
// by NAME".
func (b *bodyReader) ledLine(n *html.Node) bool {
	size := 0
	if n.DataAtom != atom.I && n.DataAtom != atom.Em && n.DataAtom != atom.B && n.DataAtom != atom.Strong || !textWithin(n, &size, 80) {
		return false
	}
	_, led := afterLead(dom.NodeText(n))
	return led
}

// labelAndName reads a quote that begins with the word for one and a name of
// its own, each marked up, or a line of its own that leads up to one.
func (b *bodyReader) labelAndName(q *html.Node) bool {
	for n := range dom.Below(q) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && !isQuoteLabel(n.Data) {
			return false
		}
		if b.ledLine(n) && b.quoteOf(n.Parent) == q {
			b.drop[n], b.from[q] = true, b.source(n)
			return true
		}
		if n.Type != html.ElementNode || !isQuoteLabel(dom.NodeText(n)) || n.DataAtom == atom.Div {
			continue
		}
		next := n.NextSibling
		for next != nil && next.Type != html.ElementNode {
			next = next.NextSibling
		}
		if next == nil || next.DataAtom != atom.Strong && next.DataAtom != atom.B && next.DataAtom != atom.A {
			return false
		}
		b.drop[n], b.drop[next] = true, true
		b.from[q] = source{author: nameText(next)}
		return true
	}
	return false
}

// quoteOf is the quote that an element lies in.
func (b *bodyReader) quoteOf(n *html.Node) *html.Node {
	for ; n != nil && n != b.body; n = n.Parent {
		if n.DataAtom == atom.Blockquote || b.quoteBox(n) {
			return n
		}
	}
	return nil
}

func namedQuote(n *html.Node) bool {
	class := strings.ToLower(dom.Attr(n, "class"))
	return strings.Contains(class, "quote") && strings.ContainsAny(class, "ht") && (strings.Contains(class, "head") || strings.Contains(class, "title") || strings.Contains(class, "top"))
}

// attributes tells a line that names somebody who posts on this page, or that
// is nothing but a marked name and the word for writing: "NAME wrote:".
func (b *bodyReader) attributes(n *html.Node) bool {
	text := strings.TrimPrefix(dom.NodeText(n), "@")
	if dom.KnownName(text, b.r.names, false) != "" {
		return true
	}
	name := dom.Find(n, selName)
	if name == nil {
		return false
	}
	rest, ok := strings.CutPrefix(text, strings.TrimSuffix(dom.NodeText(name), ":"))
	return ok && strings.HasSuffix(text, ":") && strings.Count(strings.TrimSpace(rest), " ") < 2
}

func isTablePart(n *html.Node) bool {
	return n.DataAtom == atom.Tbody || n.DataAtom == atom.Tr || n.DataAtom == atom.Td || n.DataAtom == atom.Table
}

// firstElement is the element that an element begins with, nil where words do.
func firstElement(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return c
		}
		if strings.TrimSpace(textData(c)) != "" {
			return nil
		}
	}
	return nil
}

// innerHead is a quote's first element, where it is a line with a colon at its
// end or names somebody who posts here.
func (b *bodyReader) innerHead(q *html.Node) *html.Node {
	first := q.FirstChild
	for first != nil && (first.Type != html.ElementNode || first.DataAtom == atom.Img) {
		if strings.TrimSpace(textData(first)) != "" {
			return nil
		}
		first = first.NextSibling
	}
	for first != nil && (first.NextSibling == nil && first.FirstChild != nil && first.FirstChild.Type == html.ElementNode || isTablePart(first)) {
		if first = firstElement(first); first == nil {
			return nil
		}
	}
	if first == nil || !label(first) && !b.timedHead(first) {
		return nil
	}
	switch first.DataAtom {
	case atom.P, atom.Li, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4:
		if !b.attributes(first) {
			return nil
		}
	}
	return first
}

// postNumber is the number of the post that a quote's link leads to.
func postNumber(href string) string {
	if _, frag, ok := strings.Cut(href, "#"); ok {
		if d := dom.Digits(frag); d != "" {
			return d
		}
	}
	for _, key := range [...]string{"pid", "p", "post", "postid", "msg"} {
		if v := dom.Param(href, key); isNumber(v) {
			return v
		}
	}
	return ""
}

// quote is what is known of a quote's source: from an attribute, else from the
// line that heads it.
func (b *bodyReader) quote(n *html.Node) forum.Quote {
	q := forum.Quote{Author: firstAttr(n, "data-author", "data-username", "data-quote", "data-user", "data-mention", "data-ipsquote-username"), PostID: dom.Digits(firstAttr(n, "data-post-id", "data-post", "data-source", "data-ipsquote-contentcommentid"))}
	s := b.from[n]
	if q.Author == "" {
		q.Author = s.author
	}
	if q.PostID == "" {
		q.PostID = s.post
	}
	return q
}

func firstAttr(n *html.Node, keys ...string) string {
	for _, k := range keys {
		if v := dom.Attr(n, k); v != "" && len(v) < 80 {
			return v
		}
	}
	return ""
}
