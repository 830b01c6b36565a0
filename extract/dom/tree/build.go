package tree

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mode is an insertion mode (HTML standard §13.2.4.1).
type mode byte

const (
	initial mode = iota
	beforeHTML
	beforeHead
	inHead
	inHeadNoscript
	afterHead
	inBody
	inTable
	inCaption
	inColumnGroup
	inTableBody
	inRow
	inCell
	inTemplate
	afterBody
	afterAfterBody
)

// limit is the deepest nesting of open elements that x/net takes.
const limit = 512

// mergesMax is how often texts may be joined on a page; more is left to x/net,
// which does it without copying them every time.
const mergesMax = 1000

// builder builds a tree (HTML standard §13.2.6). Whatever it leaves to x/net
// sets stop, and what it builds from then on is thrown away.
type builder struct {
	scanner
	slab
	doc       *html.Node
	open      []*html.Node // the stack of open elements
	formats   []*html.Node // active formatting elements; nil is a marker
	head      *html.Node
	form      *html.Node
	mode      mode
	templates []mode // the mode within each open template
	openP     int    // p elements among the open ones
	quirks    bool   // the page's doctype is an old one, or there is none
	foster    bool   // what is inserted now has no place in a table
	merges    int
}

// run reads the text to its end. It tells whether the tree is complete.
func (b *builder) run() bool {
	if strings.IndexByte(b.src, 0) >= 0 {
		return false
	}
	for b.at < len(b.src) && !b.stop {
		if end := b.textEnd(); end > b.at {
			text := b.src[b.at:end]
			b.at = end
			b.text(unescapeText(text))
			continue
		}
		b.markup()
	}
	if b.mode < inBody {
		b.startImplied(atom.Body)
	}
	return !b.stop && len(b.templates) == 0
}

// markup reads one tag, comment or doctype.
func (b *builder) markup() {
	b.at++
	switch c := b.src[b.at]; c {
	case '/':
		b.at++
		if b.at >= len(b.src) || !isLetter(b.src[b.at]) {
			b.stop = true
			return
		}
		if t := b.tag(); !b.stop {
			b.end(&t)
		}
	case '!':
		b.at++
		b.declaration()
	case '?':
		b.comment(unescapeText(b.upToAngle()))
	default:
		if t := b.tag(); !b.stop {
			b.start(&t)
		}
	}
}

func (b *builder) declaration() {
	const doctype = "doctype"
	rest := b.src[b.at:]
	switch {
	case strings.HasPrefix(rest, "--"):
		b.at += len("--")
		b.comment(b.scanner.comment())
	case len(rest) >= len(doctype) && strings.EqualFold(rest[:len(doctype)], doctype):
		b.at += len(doctype)
		b.skipSpace()
		b.doctype(unescapeText(b.upToAngle()))
	case b.inForeign() && strings.HasPrefix(rest, "[CDATA["):
		b.stop = true
	default:
		b.comment(unescapeText(b.upToAngle()))
	}
}

// doctype notes the doctype. Which ones are old is asked of x/net, by the one
// thing in a tree that they decide: whether a table may stand in a paragraph.
func (b *builder) doctype(text string) {
	switch {
	case b.stop:
		return
	case b.mode == afterBody && !b.inForeign():
		b.mode = inBody
	}
	if b.mode != initial {
		return
	}
	b.mode = beforeHTML
	if text == "html" {
		n := b.node(html.DoctypeNode)
		n.Data = text
		link(b.doc, n)
		return
	}
	if strings.ContainsAny(text, "&>") {
		b.stop = true
		return
	}
	if public, system, ok := plainDoctype(text); ok {
		n := b.node(html.DoctypeNode)
		n.Data, n.Attr = "html", []html.Attribute{{Key: "public", Val: public}, {Key: "system", Val: system}}
		link(b.doc, n)
		return
	}
	probe, err := html.Parse(strings.NewReader("<!DOCTYPE " + text + "><p><table>"))
	if err != nil || probe.FirstChild == nil || probe.FirstChild.Type != html.DoctypeNode {
		b.stop = true
		return
	}
	n := probe.FirstChild
	p := n.NextSibling.LastChild.FirstChild
	b.quirks = p.FirstChild != nil
	probe.RemoveChild(n)
	link(b.doc, n)
}

// plainDoctype reads the doctypes with identifiers that pages have most: those of
// XHTML and HTML 4.01 with both of W3C's, none of which is an old one.
func plainDoctype(text string) (public, system string, ok bool) {
	rest, ok := strings.CutPrefix(text, `html PUBLIC "`)
	if !ok || !strings.HasPrefix(rest, "-//W3C//DTD XHTML 1.") && !strings.HasPrefix(rest, "-//W3C//DTD HTML 4.01") {
		return "", "", false
	}
	public, rest, _ = strings.Cut(rest, `"`)
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, whitespace), `"`)
	system, behind, ended := strings.Cut(rest, `"`)
	return public, system, ok && ended && behind == "" && strings.HasPrefix(system, "http://www.w3.org/")
}

// comment adds a comment.
func (b *builder) comment(text string) {
	n := b.node(html.CommentNode)
	n.Data = text
	switch {
	case b.inForeign():
		link(b.top(), n)
	case b.mode == initial, b.mode == beforeHTML, b.mode == afterAfterBody:
		link(b.doc, n)
	case b.mode == afterBody:
		link(b.open[0], n)
	default:
		link(b.top(), n)
	}
}

func (b *builder) top() *html.Node { return b.open[len(b.open)-1] }

func (b *builder) node(kind html.NodeType) *html.Node { return b.slab.node(kind) }

func (b *builder) element(name string, a atom.Atom, attrs []html.Attribute) *html.Node {
	n := b.node(html.ElementNode)
	n.Data, n.DataAtom, n.Attr = name, a, b.keep(attrs)
	return n
}

func (b *builder) push(n *html.Node) {
	b.open = append(b.open, n)
	if n.DataAtom == atom.P {
		b.openP++
	}
	if len(b.open) > limit {
		b.stop = true
	}
}

func (b *builder) pop() { b.popTo(len(b.open) - 1) }

// popTo pops the stack until it has so many elements.
func (b *builder) popTo(n int) {
	for i := n; i < len(b.open); i++ {
		if b.open[i].DataAtom == atom.P {
			b.openP--
		}
	}
	b.open = b.open[:n]
}

// insert adds an element for a tag and opens it. What would have to stand
// before the table that it was found in is left to x/net.
func (b *builder) insert(t *tag) *html.Node { return b.insertNode(b.element(t.name, t.atom, t.attrs)) }

func (b *builder) insertNode(n *html.Node) *html.Node {
	parent := b.doc
	if len(b.open) > 0 {
		parent = b.top()
	}
	if b.foster && isTablePart(parent.DataAtom) {
		b.stop = true
	}
	link(parent, n)
	b.push(n)
	return n
}

// insertVoid adds an element that has no content.
func (b *builder) insertVoid(t *tag) {
	b.insert(t)
	b.pop()
}

// insertRaw adds an element whose content is text, to its end tag.
func (b *builder) insertRaw(t *tag) {
	n := b.insert(t)
	text := b.rawText(n.Data)
	switch n.DataAtom {
	case atom.Title, atom.Textarea:
		text = unescapeText(text)
	}
	if n.DataAtom == atom.Textarea {
		text = strings.TrimPrefix(text, "\n")
	}
	b.addText(text)
	b.pop()
}

// addText adds text to the current node.
func (b *builder) addText(text string) {
	if text == "" || b.stop {
		return
	}
	parent := b.top()
	if b.foster && isTablePart(parent.DataAtom) {
		b.stop = true
	}
	if last := parent.LastChild; last != nil && last.Type == html.TextNode {
		b.merges++
		b.stop = b.stop || b.merges > mergesMax
		last.Data += text
		return
	}
	n := b.node(html.TextNode)
	n.Data = text
	link(parent, n)
}

// inForeign tells whether the current node is one of SVG.
func (b *builder) inForeign() bool { return len(b.open) > 0 && b.top().Namespace != "" }

// startImplied reads a start tag that the page leaves out.
func (b *builder) startImplied(a atom.Atom) { b.start(&tag{name: a.String(), atom: a}) }

// text reads a text token.
func (b *builder) text(s string) {
	if b.inForeign() && !isIntegrationPoint(b.top()) {
		b.addText(s)
		return
	}
	switch b.mode {
	case initial, beforeHTML, beforeHead:
		if s = strings.TrimLeft(s, whitespace); s == "" {
			return
		}
		b.startImplied(atom.Body)
		b.text(s)
	case inHead, inHeadNoscript, afterHead:
		b.textInHead(s)
	case inTable, inTableBody, inRow:
		b.textInTable(s)
	case inColumnGroup:
		rest := strings.TrimLeft(s, whitespace)
		b.addText(s[:len(s)-len(rest)])
		if rest != "" {
			b.pop()
			b.mode = inTable
			b.text(rest)
		}
	case afterBody, afterAfterBody:
		if strings.TrimLeft(s, whitespace) != "" {
			b.mode = inBody
		}
		b.textInBody(s)
	default:
		b.textInBody(s)
	}
}

func (b *builder) textInHead(s string) {
	rest := strings.TrimLeft(s, whitespace)
	if b.mode == inHeadNoscript && rest != "" {
		b.leaveNoscript()
	}
	b.addText(s[:len(s)-len(rest)])
	if rest != "" {
		b.startImplied(atom.Body)
		b.text(rest)
	}
}

func (b *builder) textInTable(s string) {
	if isTablePart(b.top().DataAtom) && strings.Trim(s, whitespace) == "" {
		b.addText(s)
		return
	}
	b.foster = true
	b.textInBody(s)
	b.foster = false
}

func (b *builder) textInBody(s string) {
	if n := b.top(); (n.DataAtom == atom.Pre || n.DataAtom == atom.Listing) && n.FirstChild == nil {
		s = strings.TrimPrefix(s, "\n")
	}
	if s == "" {
		return
	}
	b.reopenFormats()
	b.addText(s)
}

func isTablePart(a atom.Atom) bool {
	switch a {
	case atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr:
		return true
	}
	return false
}
