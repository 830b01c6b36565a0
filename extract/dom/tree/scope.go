package tree

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// stops tells the elements that end a scope (HTML standard §13.2.4.2).
type stops byte

const (
	stopsDefault stops = iota
	stopsList
	stopsButton
	stopsTable
)

func (s stops) at(n *html.Node) bool {
	if n.Namespace != "" {
		return s != stopsTable && isIntegrationPoint(n)
	}
	switch n.DataAtom {
	case atom.Html, atom.Table, atom.Template:
		return true
	case atom.Applet, atom.Caption, atom.Td, atom.Th, atom.Marquee, atom.Object, atom.Select:
		return s != stopsTable
	case atom.Ol, atom.Ul:
		return s == stopsList
	case atom.Button:
		return s == stopsButton
	}
	return false
}

// find is the place in the stack of the last open element of these within a
// scope, or -1.
func (b *builder) find(s stops, names ...atom.Atom) int {
	for i, n := range slices.Backward(b.open) {

		if n.Namespace == "" && slices.Contains(names, n.DataAtom) {
			return i
		}
		if s.at(n) {
			return -1
		}
	}
	return -1
}

func (b *builder) inScope(names ...atom.Atom) int { return b.find(stopsDefault, names...) }

func (b *builder) inButtonScope(a atom.Atom) int { return b.find(stopsButton, a) }

func (b *builder) inTableScope(names ...atom.Atom) int { return b.find(stopsTable, names...) }

// popScope pops the stack up to and with the last of these in scope.
func (b *builder) popScope(names ...atom.Atom) bool { return b.popFound(b.inScope(names...)) }

func (b *builder) popTableScope(names ...atom.Atom) bool {
	return b.popFound(b.inTableScope(names...))
}

func (b *builder) popFound(i int) bool {
	if i < 0 {
		return false
	}
	b.popTo(i)
	return true
}

func isHeading(a atom.Atom) bool {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// isImplied tells the elements whose end tag may be left out anywhere.
func isImplied(a atom.Atom) bool {
	switch a {
	case atom.Dd, atom.Dt, atom.Li, atom.Optgroup, atom.Option, atom.P, atom.Rb, atom.Rp, atom.Rt, atom.Rtc:
		return true
	}
	return false
}

// isSpecial tells the elements of a page's structure (HTML standard §13.2.4.2).
func isSpecial(n *html.Node) bool {
	if n.Namespace != "" {
		return isIntegrationPoint(n)
	}
	switch n.DataAtom {
	case atom.Address, atom.Applet, atom.Area, atom.Article, atom.Aside, atom.Base, atom.Basefont, atom.Bgsound, atom.Blockquote, atom.Body,
		atom.Br, atom.Button, atom.Caption, atom.Center, atom.Col, atom.Colgroup, atom.Dd, atom.Details, atom.Dir, atom.Div, atom.Dl, atom.Dt,
		atom.Embed, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.Frame, atom.Frameset, atom.H1, atom.H2, atom.H3,
		atom.H4, atom.H5, atom.H6, atom.Head, atom.Header, atom.Hgroup, atom.Hr, atom.Html, atom.Iframe, atom.Img, atom.Input, atom.Keygen,
		atom.Li, atom.Link, atom.Listing, atom.Main, atom.Marquee, atom.Menu, atom.Meta, atom.Nav, atom.Noembed, atom.Noframes, atom.Noscript,
		atom.Object, atom.Ol, atom.P, atom.Param, atom.Plaintext, atom.Pre, atom.Script, atom.Section, atom.Select, atom.Source, atom.Style,
		atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Template, atom.Textarea, atom.Tfoot, atom.Th, atom.Thead, atom.Title, atom.Tr,
		atom.Track, atom.Ul, atom.Wbr, atom.Xmp:
		return true
	}
	return false
}
