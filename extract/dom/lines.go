package dom

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// lines builds plain text: white space folded within a line, one line a block,
// at most one blank line between blocks.
type lines struct {
	b       strings.Builder
	pending int  // line breaks due before the next word
	space   bool // a space is due before the next word
}

func (l *lines) String() string { return l.b.String() }

// block ends the line; n is 1 for a new line, 2 for a blank line between.
func (l *lines) block(n int) {
	l.space = false
	if l.b.Len() > 0 {
		l.pending = max(l.pending, n)
	}
}

// newline adds one line break: two in a row leave a blank line.
func (l *lines) newline() {
	l.space = false
	if l.b.Len() > 0 {
		l.pending = min(l.pending+1, 2)
	}
}

func (l *lines) flush() {
	switch {
	case l.pending == 1:
		l.b.WriteByte('\n')
	case l.pending > 1:
		l.b.WriteString("\n\n")
	case l.space:
		l.b.WriteByte(' ')
	}
	l.pending, l.space = 0, false
}

// words adds running text.
func (l *lines) words(s string) {
	for s != "" {
		end := 0
		for end < len(s) {
			r, size := utf8.DecodeRuneInString(s[end:])
			if isSpace(r) {
				break
			}
			end += size
		}
		if end > 0 {
			l.flush()
			l.b.WriteString(s[:end])
			s = s[end:]
			continue
		}
		_, size := utf8.DecodeRuneInString(s)
		l.space = l.b.Len() > 0 && l.pending == 0
		s = s[size:]
	}
}

// raw adds text as it stands.
func (l *lines) raw(s string) {
	if s == "" {
		return
	}
	l.flush()
	l.b.WriteString(s)
}

// cleaner writes the cleaned HTML of a body: elements from a closed list, with
// absolute links and image sources and no other attribute.
type cleaner struct {
	b strings.Builder
}

func (c *cleaner) String() string { return strings.TrimSpace(c.b.String()) }

func (c *cleaner) open(tag string, attrs ...string) {
	c.b.WriteByte('<')
	c.b.WriteString(tag)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		c.b.WriteByte(' ')
		c.b.WriteString(attrs[i])
		c.b.WriteString(`="`)
		c.b.WriteString(html.EscapeString(attrs[i+1]))
		c.b.WriteByte('"')
	}
	c.b.WriteByte('>')
}

func (c *cleaner) close(tag string) {
	c.b.WriteString("</")
	c.b.WriteString(tag)
	c.b.WriteByte('>')
}

func (c *cleaner) void(tag string, attrs ...string) { c.open(tag, attrs...) }

func (c *cleaner) text(s string) { c.b.WriteString(html.EscapeString(s)) }

// words writes running text with white space folded.
func (c *cleaner) words(s string) {
	folded := Fold(s)
	if folded == "" {
		if c.b.Len() > 0 && !strings.HasSuffix(c.b.String(), " ") && !strings.HasSuffix(c.b.String(), ">") {
			c.b.WriteByte(' ')
		}
		return
	}
	if r, _ := utf8.DecodeRuneInString(s); isSpace(r) {
		c.b.WriteByte(' ')
	}
	c.b.WriteString(html.EscapeString(folded))
	if r, _ := utf8.DecodeLastRuneInString(s); isSpace(r) {
		c.b.WriteByte(' ')
	}
}

// cleanTag is the element's name in the cleaned HTML, or "" when only its
// content is kept.
func cleanTag(n *html.Node) string {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Li, atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.S, atom.Strike, atom.Del, atom.Ins,
		atom.Sub, atom.Sup, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Thead, atom.Tbody, atom.Tr, atom.Td, atom.Th,
		atom.Dl, atom.Dt, atom.Dd, atom.Code, atom.Kbd, atom.Blockquote, atom.Summary, atom.Figure, atom.Figcaption:
		return n.Data
	}
	return ""
}
