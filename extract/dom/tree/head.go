package tree

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// start reads a start tag, in one mode after another until one takes it.
func (b *builder) start(t *tag) {
	for !b.stop {
		if b.inForeign() && !isIntegrationPoint(b.top()) {
			if b.startForeign(t) {
				return
			}
			continue
		}
		if b.startIn(t) {
			return
		}
	}
}

// startIn reads a start tag in the present mode; false: it is to be read again.
func (b *builder) startIn(t *tag) bool {
	switch b.mode {
	case initial, beforeHTML:
		return b.startBeforeHTML(t)
	case beforeHead:
		return b.startBeforeHead(t)
	case inHead:
		return b.startInHead(t)
	case inHeadNoscript:
		return b.startInNoscript(t)
	case afterHead:
		return b.startAfterHead(t)
	case inTable:
		return b.startInTable(t)
	case inCaption:
		return b.startInCaption(t)
	case inColumnGroup:
		return b.startInColumnGroup(t)
	case inTableBody:
		return b.startInTableBody(t)
	case inRow:
		return b.startInRow(t)
	case inCell:
		return b.startInCell(t)
	case inTemplate:
		return b.startInTemplate(t)
	case afterBody, afterAfterBody:
		if t.atom == atom.Html {
			return b.startInBody(t)
		}
		b.mode = inBody
		return false
	}
	return b.startInBody(t)
}

func (b *builder) startBeforeHTML(t *tag) bool {
	if b.mode == initial {
		b.quirks = true
	}
	b.mode = beforeHead
	if t.atom == atom.Html {
		b.insert(t)
		return true
	}
	b.insert(&tag{name: "html", atom: atom.Html})
	return false
}

func (b *builder) startBeforeHead(t *tag) bool {
	switch t.atom {
	case atom.Html:
		return b.startInBody(t)
	case atom.Head:
		b.head = b.insert(t)
		b.mode = inHead
		return true
	}
	b.head = b.insert(&tag{name: "head", atom: atom.Head})
	b.mode = inHead
	return false
}

func (b *builder) startInHead(t *tag) bool {
	switch t.atom {
	case atom.Html:
		return b.startInBody(t)
	case atom.Base, atom.Basefont, atom.Bgsound, atom.Link, atom.Meta:
		b.insertVoid(t)
	case atom.Noscript:
		b.insert(t)
		b.mode = inHeadNoscript
	case atom.Script, atom.Title, atom.Noframes, atom.Style:
		b.insertRaw(t)
	case atom.Head:
	case atom.Template:
		b.startTemplate(t)
	default:
		b.pop()
		b.mode = afterHead
		return false
	}
	return true
}

// startInNoscript reads what a head's noscript may hold; anything else ends it.
func (b *builder) startInNoscript(t *tag) bool {
	switch t.atom {
	case atom.Html:
		return b.startInBody(t)
	case atom.Basefont, atom.Bgsound, atom.Link, atom.Meta, atom.Noframes, atom.Style:
		return b.startInHead(t)
	case atom.Head, atom.Noscript:
		return true
	}
	b.leaveNoscript()
	return false
}

func (b *builder) leaveNoscript() {
	b.pop()
	b.mode = inHead
}

func (b *builder) startAfterHead(t *tag) bool {
	switch t.atom {
	case atom.Html:
		return b.startInBody(t)
	case atom.Body:
		b.insert(t)
		b.mode = inBody
	case atom.Frameset, atom.Template:
		b.stop = true
	case atom.Base, atom.Basefont, atom.Bgsound, atom.Link, atom.Meta, atom.Noframes, atom.Script, atom.Style, atom.Title:
		b.push(b.head)
		b.startInHead(t)
		b.pop()
	case atom.Head:
	default:
		b.insert(&tag{name: "body", atom: atom.Body})
		b.mode = inBody
		return false
	}
	return true
}

// end reads an end tag.
func (b *builder) end(t *tag) {
	for !b.stop {
		if b.inForeign() {
			if b.endForeign(t) {
				return
			}
			continue
		}
		if b.endIn(t) {
			return
		}
	}
}

func (b *builder) endIn(t *tag) bool {
	switch b.mode {
	case initial, beforeHTML, beforeHead:
		return b.endBeforeHead(t)
	case inHead:
		return b.endInHead(t)
	case inHeadNoscript:
		return b.endInNoscript(t)
	case afterHead:
		return b.endAfterHead(t)
	case inTable:
		return b.endInTable(t)
	case inCaption:
		return b.endInCaption(t)
	case inColumnGroup:
		return b.endInColumnGroup(t)
	case inTableBody:
		return b.endInTableBody(t)
	case inRow:
		return b.endInRow(t)
	case inCell:
		return b.endInCell(t)
	case inTemplate:
		if t.atom == atom.Template {
			b.endTemplate()
		}
		return true
	case afterBody:
		if t.atom == atom.Html {
			b.mode = afterAfterBody // a fragment has no body, and so never comes here
			return true
		}
		b.mode = inBody
		return false
	case afterAfterBody:
		b.mode = inBody
		return false
	}
	return b.endInBody(t)
}

// endBeforeHead leaves the rare end tags that open what they would close to
// x/net; the others are ignored.
func (b *builder) endBeforeHead(t *tag) bool {
	switch t.atom {
	case atom.Head, atom.Body, atom.Html, atom.Br:
		b.stop = true
	}
	if b.mode == initial {
		b.quirks, b.mode = true, beforeHTML
	}
	return true
}

func (b *builder) endInHead(t *tag) bool {
	switch t.atom {
	case atom.Head:
		b.pop()
		b.mode = afterHead
	case atom.Body, atom.Html, atom.Br:
		b.pop()
		b.mode = afterHead
		return false
	case atom.Template:
		b.endTemplate()
	}
	return true
}

func (b *builder) endInNoscript(t *tag) bool {
	switch t.atom {
	case atom.Noscript:
		b.leaveNoscript()
	case atom.Br:
		b.leaveNoscript()
		return false
	}
	return true
}

func (b *builder) endAfterHead(t *tag) bool {
	switch t.atom {
	case atom.Body, atom.Html, atom.Br:
		b.insert(&tag{name: "body", atom: atom.Body})
		b.mode = inBody
		return false
	}
	return true
}

// startTemplate opens a template. Within SVG, and between head and body, it is
// left to x/net.
func (b *builder) startTemplate(t *tag) {
	if b.mode == afterHead || slices.ContainsFunc(b.open, func(n *html.Node) bool { return n.Namespace != "" }) {
		b.stop = true
		return
	}
	b.insert(t)
	b.formats = append(b.formats, nil)
	b.mode = inTemplate
	b.templates = append(b.templates, inTemplate)
}

// startInTemplate decides by its first tag what a template holds. Parts of
// tables are left to x/net.
func (b *builder) startInTemplate(t *tag) bool {
	switch t.atom {
	case atom.Base, atom.Basefont, atom.Bgsound, atom.Link, atom.Meta, atom.Noframes, atom.Script, atom.Style, atom.Template, atom.Title:
		return b.startInHead(t)
	case atom.Caption, atom.Colgroup, atom.Tbody, atom.Tfoot, atom.Thead, atom.Col, atom.Tr, atom.Td, atom.Th:
		b.stop = true
		return true
	}
	b.mode = inBody
	b.templates[len(b.templates)-1] = inBody
	return false
}

func (b *builder) endTemplate() {
	if len(b.templates) == 0 {
		return
	}
	b.closeImplied("")
	for i, v := range slices.Backward(b.open) {
		if v.DataAtom == atom.Template && v.Namespace == "" {
			b.popTo(i)
			break
		}
	}
	b.clearFormats()
	b.templates = b.templates[:len(b.templates)-1]
	b.resetMode()
}

// addAttrs gives an element the attributes that it has not yet.
func addAttrs(n *html.Node, attrs []html.Attribute) {
	for _, a := range attrs {
		if !hasAttr(n.Attr, a.Key) {
			n.Attr = append(n.Attr, a)
		}
	}
}

func hasAttr(attrs []html.Attribute, key string) bool {
	for i := range attrs {
		if attrs[i].Key == key {
			return true
		}
	}
	return false
}
