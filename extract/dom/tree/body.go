package tree

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func (b *builder) startInBody(t *tag) bool {
	switch t.atom {
	case atom.Html:
		if len(b.templates) == 0 {
			addAttrs(b.open[0], t.attrs)
		}
	case atom.Body:
		if len(b.templates) == 0 && len(b.open) >= 2 && b.open[1].DataAtom == atom.Body {
			addAttrs(b.open[1], t.attrs)
		}
	case atom.Base, atom.Basefont, atom.Bgsound, atom.Link, atom.Meta:
		b.insertVoid(t)
	case atom.Noframes, atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noembed:
		b.insertRaw(t)
	case atom.Template:
		b.startTemplate(t)
	case atom.Frameset, atom.Plaintext, atom.Math, atom.Xmp, atom.Image:
		b.stop = true
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl,
		atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Header, atom.Hgroup, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P,
		atom.Search, atom.Section, atom.Summary, atom.Ul, atom.Pre, atom.Listing:
		b.closeP()
		b.insert(t)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		b.closeP()
		if isHeading(b.top().DataAtom) {
			b.pop()
		}
		b.insert(t)
	case atom.Form:
		b.startForm(t)
	case atom.Li:
		b.closeItem(atom.Li, atom.Li)
		b.closeP()
		b.insert(t)
	case atom.Dd, atom.Dt:
		b.closeItem(atom.Dd, atom.Dt)
		b.closeP()
		b.insert(t)
	case atom.Button:
		if b.inScope(atom.Button) >= 0 {
			b.closeImplied("")
			b.popScope(atom.Button)
		}
		b.reopenFormats()
		b.insert(t)
	case atom.Table:
		if !b.quirks {
			b.closeP()
		}
		b.insert(t)
		b.mode = inTable
	case atom.Caption, atom.Col, atom.Colgroup, atom.Frame, atom.Head, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr:
	default:
		b.startInline(t)
	}
	return true
}

func (b *builder) startInline(t *tag) {
	switch t.atom {
	case atom.A:
		b.closeLink()
		b.reopenFormats()
		b.insertFormat(t)
	case atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
		b.reopenFormats()
		b.insertFormat(t)
	case atom.Nobr:
		b.reopenFormats()
		if b.inScope(atom.Nobr) >= 0 {
			b.stop = true
		}
		b.insertFormat(t)
	case atom.Applet, atom.Marquee, atom.Object:
		b.reopenFormats()
		b.insert(t)
		b.formats = append(b.formats, nil)
	case atom.Area, atom.Br, atom.Embed, atom.Img, atom.Keygen, atom.Wbr:
		b.reopenFormats()
		b.insertVoid(t)
	case atom.Input:
		b.popScope(atom.Select)
		b.reopenFormats()
		b.insertVoid(t)
	case atom.Param, atom.Source, atom.Track:
		b.insertVoid(t)
	case atom.Hr:
		b.startRule(t)
	case atom.Select:
		if !b.popScope(atom.Select) {
			b.reopenFormats()
			b.insert(t)
		}
	case atom.Option, atom.Optgroup:
		b.startOption(t)
	case atom.Rb, atom.Rtc, atom.Rp, atom.Rt:
		b.startRuby(t)
	case atom.Svg:
		b.reopenFormats()
		b.insertForeign(t)
	default: // noscript and span too
		b.reopenFormats()
		b.insert(t)
	}
}

// startRule reads a horizontal rule.
func (b *builder) startRule(t *tag) {
	if b.inButtonScope(atom.P) >= 0 {
		b.closeImplied("p")
		b.popScope(atom.P)
	}
	if b.inScope(atom.Select) >= 0 {
		b.closeImplied("")
	}
	b.insertVoid(t)
}

func (b *builder) startOption(t *tag) {
	switch {
	case b.inScope(atom.Select) >= 0 && t.atom == atom.Option:
		b.closeImplied("optgroup")
	case b.inScope(atom.Select) >= 0:
		b.closeImplied("")
	case b.top().DataAtom == atom.Option:
		b.pop()
	}
	b.reopenFormats()
	b.insert(t)
}

func (b *builder) startRuby(t *tag) {
	if b.inScope(atom.Ruby) >= 0 {
		except := ""
		if t.atom == atom.Rp || t.atom == atom.Rt {
			except = "rtc"
		}
		b.closeImplied(except)
	}
	b.insert(t)
}

func (b *builder) endInBody(t *tag) bool {
	switch t.atom {
	case atom.Body:
		if b.inScope(atom.Body) >= 0 {
			b.mode = afterBody
		}
	case atom.Html:
		if b.inScope(atom.Body) >= 0 {
			b.mode = afterBody
			return false
		}
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Button, atom.Center, atom.Details, atom.Dialog, atom.Dir, atom.Div,
		atom.Dl, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Header, atom.Hgroup, atom.Listing, atom.Main, atom.Menu,
		atom.Nav, atom.Ol, atom.Pre, atom.Search, atom.Section, atom.Select, atom.Summary, atom.Ul:
		if b.inScope(t.atom) >= 0 {
			b.closeImplied("")
			b.popScope(t.atom)
		}
	case atom.Form:
		b.endForm()
	case atom.P:
		if b.inButtonScope(atom.P) < 0 {
			b.startImplied(atom.P)
		}
		b.closeP()
	case atom.Li:
		if i := b.find(stopsList, atom.Li); i >= 0 {
			b.popTo(i)
		}
	case atom.Dd, atom.Dt:
		b.popScope(t.atom)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		b.popScope(atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)
	case atom.A, atom.B, atom.Big, atom.Code, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
		b.endFormat(t)
	case atom.Applet, atom.Marquee, atom.Object:
		if b.popScope(t.atom) {
			b.clearFormats()
		}
	case atom.Br:
		b.start(&tag{name: t.name, atom: t.atom})
	case atom.Template:
		b.endTemplate()
	default:
		b.endOther(t)
	}
	return true
}

// startForm opens a form. Forms do not nest, but in templates.
func (b *builder) startForm(t *tag) {
	if b.form != nil && len(b.templates) == 0 {
		return
	}
	b.closeP()
	n := b.insert(t)
	if len(b.templates) == 0 {
		b.form = n
	}
}

func (b *builder) endForm() {
	if len(b.templates) > 0 {
		if b.inScope(atom.Form) >= 0 {
			b.closeImplied("")
			b.popScope(atom.Form)
		}
		return
	}
	n := b.form
	b.form = nil
	i := b.inScope(atom.Form)
	if n == nil || i < 0 || b.open[i] != n {
		return
	}
	b.closeImplied("")
	if j := slices.Index(b.open, n); j >= 0 {
		b.open = slices.Delete(b.open, j, j+1)
	}
}

// endOther closes the nearest open element of that name, unless one of the
// structure stands in between.
func (b *builder) endOther(t *tag) {
	for i, n := range slices.Backward(b.open) {

		if n.Namespace == "" && n.DataAtom == t.atom && (t.atom != 0 || n.Data == t.name) {
			b.popTo(i)
			return
		}
		if isSpecial(n) {
			return
		}
	}
}

// closeItem closes an open item of a list, before the next one.
func (b *builder) closeItem(one, other atom.Atom) {
	for i, n := range slices.Backward(b.open) {

		switch a := n.DataAtom; {
		case a == one || a == other:
			b.popTo(i)
			return
		case a == atom.Address || a == atom.Div || a == atom.P:
		case isSpecial(n):
			return
		}
	}
}

// closeImplied closes the elements that may be left open, but for the named.
func (b *builder) closeImplied(except string) {
	i := len(b.open)
	for i > 0 && isImplied(b.open[i-1].DataAtom) && b.open[i-1].Data != except {
		i--
	}
	b.popTo(i)
}

func (b *builder) closeP() {
	if b.openP == 0 {
		return
	}
	if i := b.inButtonScope(atom.P); i >= 0 {
		b.popTo(i)
	}
}

// insertFormat adds a formatting element and notes it as one that text behind
// its end reopens, at most three alike. As in x/net its attributes are sorted.
func (b *builder) insertFormat(t *tag) {
	n := b.insert(t)
	if len(n.Attr) > 1 {
		slices.SortFunc(n.Attr, func(x, y html.Attribute) int { return strings.Compare(x.Key, y.Key) })
	}
	alike := 0
	for i := len(b.formats) - 1; i >= 0 && b.formats[i] != nil; i-- {
		f := b.formats[i]
		if f.DataAtom != n.DataAtom || !slices.Equal(f.Attr, n.Attr) {
			continue
		}
		if alike++; alike >= 3 {
			b.formats = slices.Delete(b.formats, i, i+1)
		}
	}
	b.formats = append(b.formats, n)
}

// reopenFormats opens the formatting elements again that were closed by the end
// of what they stand in.
func (b *builder) reopenFormats() {
	i := len(b.formats)
	for i > 0 && b.formats[i-1] != nil && !b.isOpen(b.formats[i-1]) {
		i--
	}
	for ; i < len(b.formats) && !b.stop; i++ {
		f := b.formats[i]
		b.formats[i] = b.insertNode(b.element(f.Data, f.DataAtom, f.Attr))
	}
}

func (b *builder) isOpen(n *html.Node) bool {
	for _, v := range slices.Backward(b.open) {
		if v == n {
			return true
		}
	}
	return false
}

func (b *builder) clearFormats() {
	for len(b.formats) > 0 {
		last := b.formats[len(b.formats)-1]
		b.formats = b.formats[:len(b.formats)-1]
		if last == nil {
			return
		}
	}
}

// closeLink closes a link that is still open, or was: links do not nest.
func (b *builder) closeLink() {
	for i := len(b.formats) - 1; i >= 0 && b.formats[i] != nil; i-- {
		n := b.formats[i]
		if n.DataAtom != atom.A {
			continue
		}
		b.endFormat(&tag{name: "a", atom: atom.A})
		if j := slices.Index(b.open, n); j >= 0 {
			b.open = slices.Delete(b.open, j, j+1)
		}
		if j := slices.Index(b.formats, n); j >= 0 {
			b.formats = slices.Delete(b.formats, j, j+1)
		}
		return
	}
}

// endFormat closes a formatting element. Where blocks stand in it that are open
// still, they would have to be moved: that is left to x/net.
func (b *builder) endFormat(t *tag) {
	if n := b.top(); n.Data == t.name && !slices.Contains(b.formats, n) {
		b.pop()
		return
	}
	at := len(b.formats) - 1
	for at >= 0 && b.formats[at] != nil && b.formats[at].DataAtom != t.atom {
		at--
	}
	if at < 0 || b.formats[at] == nil {
		b.endOther(t)
		return
	}
	open := slices.Index(b.open, b.formats[at])
	switch {
	case open < 0:
		b.formats = slices.Delete(b.formats, at, at+1)
		return
	case b.inScope(t.atom) < 0:
		return
	case slices.ContainsFunc(b.open[open:], isSpecial):
		b.stop = true
		return
	}
	b.popTo(open)
	b.formats = slices.Delete(b.formats, at, at+1)
}
