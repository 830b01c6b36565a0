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

// word adds a word.
func (l *lines) word(s string) {
	l.flush()
	l.b.WriteString(s)
}

// gap parts words.
func (l *lines) gap() { l.space = l.b.Len() > 0 && l.pending == 0 }

// wordEnd is where the word ends that a text starts with; 0 for white space.
func wordEnd(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c == ' ' || c >= '\t' && c <= '\r' {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if isSpace(r) {
			return i
		}
		i += size
	}
	return len(s)
}

// spaceEnd is where the white space ends that a text starts with.
func spaceEnd(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c != ' ' && (c < '\t' || c > '\r') {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isSpace(r) {
			return i
		}
		i += size
	}
	return len(s)
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
	b    strings.Builder
	last byte // the byte written last
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
		c.escaped(attrs[i+1])
		c.b.WriteByte('"')
	}
	c.b.WriteByte('>')
	c.last = '>'
}

func (c *cleaner) close(tag string) {
	c.b.WriteString("</")
	c.b.WriteString(tag)
	c.b.WriteByte('>')
	c.last = '>'
}

func (c *cleaner) void(tag string, attrs ...string) { c.open(tag, attrs...) }

func (c *cleaner) text(s string) { c.escaped(s) }

// escaped writes text with the characters escaped that html.EscapeString
// escapes.
func (c *cleaner) escaped(s string) {
	if s == "" {
		return
	}
	from := 0
	for i := range len(s) {
		escape := ""
		switch s[i] {
		case '&', '\'', '<', '>', '"', '\r':
			escape = html.EscapeString(s[i : i+1])
		default:
			continue
		}
		c.b.WriteString(s[from:i])
		c.b.WriteString(escape)
		from = i + 1
	}
	c.b.WriteString(s[from:])
	if c.last = ';'; from < len(s) {
		c.last = s[len(s)-1]
	}
}

// gap parts words, or elements, unless they are parted already.
func (c *cleaner) gap() {
	if c.b.Len() > 0 && c.last != ' ' && c.last != '>' {
		c.blank()
	}
}

func (c *cleaner) blank() {
	c.b.WriteByte(' ')
	c.last = ' '
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
