package dom

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonDepth is how deep scanned values may nest; what nests deeper is left to
// encoding/json.
const jsonDepth = 500

// scanJSON reads an object or an array as encoding/json does with UseNumber, in
// one pass and from strings that are cut out of the text. False: it is not such
// a value, or has something that is left to encoding/json (errors, bytes that
// are no UTF-8).
//
// Embedded data is most of the page on some engines, and encoding/json reads it
// twice and copies every string.
func scanJSON(s string) (JSON, bool) {
	p := jsonScanner{text: s}
	p.members = make([]member, 0, p.some())
	if c := p.next(); c != '{' && c != '[' {
		return JSON{}, false
	}
	return p.value(0)
}

type jsonScanner struct {
	text    string
	at      int
	items   []JSON   // of the arrays that are being read
	members []member // likewise of objects

	// Room for what was read.
	contents    []contents
	keptItems   []JSON
	keptMembers []member
}

// room is a part of a block that is as long as some values; a new block where
// the last one is used up.
func room[T any](block *[]T, n, fresh int) []T {
	if n > len(*block) {
		*block = make([]T, max(n, fresh))
	}
	out := (*block)[:n:n]
	*block = (*block)[n:]
	return out
}

// some is how many values a block has room for, by the text's length.
func (p *jsonScanner) some() int { return max(2, min(48, len(p.text)/48)) }

// objectOf is an object of members in the order of the text.
func (p *jsonScanner) objectOf(members []member) JSON {
	in := &room(&p.contents, 1, p.some())[0]
	if len(members) >= manyMembers {
		in.byKey = make(map[string]JSON, len(members))
		for i := range members {
			in.byKey[members[i].key] = members[i].value
		}
		return JSON{kind: jsonObject, in: in}
	}
	in.members = room(&p.keptMembers, len(members), p.some())
	copy(in.members, members)
	return JSON{kind: jsonObject, in: in}
}

func (p *jsonScanner) arrayOf(items []JSON) JSON {
	in := &room(&p.contents, 1, p.some())[0]
	in.items = room(&p.keptItems, len(items), p.some()/4)
	copy(in.items, items)
	return JSON{kind: jsonArray, in: in}
}

// next is the next character that is no white space, 0 at the end.
func (p *jsonScanner) next() byte {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return c
		}
	}
	return 0
}

func (p *jsonScanner) value(depth int) (JSON, bool) {
	switch c := p.next(); {
	case depth > jsonDepth:
		return JSON{}, false
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '"':
		s, ok := p.str()
		return JSON{kind: jsonString, text: s}, ok
	case c == 't':
		return JSON{kind: jsonTrue}, p.literal("true")
	case c == 'f':
		return JSON{kind: jsonFalse}, p.literal("false")
	case c == 'n':
		return JSON{}, p.literal("null")
	}
	return p.number()
}

func (p *jsonScanner) literal(word string) bool {
	ok := strings.HasPrefix(p.text[p.at:], word)
	p.at += len(word)
	return ok
}

func (p *jsonScanner) object(depth int) (JSON, bool) {
	base := len(p.members)
	p.at++
	if p.next() == '}' {
		p.at++
		return p.objectOf(nil), true
	}
	for p.next() == '"' {
		key, ok := p.str()
		if !ok || p.next() != ':' {
			return JSON{}, false
		}
		p.at++
		v, ok := p.value(depth)
		if !ok {
			return JSON{}, false
		}
		p.members = append(p.members, member{key, v})
		c := p.next()
		p.at++
		if c == '}' {
			out := p.objectOf(p.members[base:])
			p.members = p.members[:base]
			return out, true
		}
		if c != ',' {
			return JSON{}, false
		}
	}
	return JSON{}, false
}

func (p *jsonScanner) array(depth int) (JSON, bool) {
	base := len(p.items)
	p.at++
	if p.next() == ']' {
		p.at++
		return p.arrayOf(nil), true
	}
	for {
		v, ok := p.value(depth)
		if !ok {
			return JSON{}, false
		}
		p.items = append(p.items, v)
		c := p.next()
		p.at++
		if c == ']' {
			out := p.arrayOf(p.items[base:])
			p.items = p.items[:base]
			return out, true
		}
		if c != ',' {
			return JSON{}, false
		}
	}
}

// number reads what RFC 8259 §6 calls a number.
func (p *jsonScanner) number() (JSON, bool) {
	start := p.at
	p.skip('-')
	if p.at < len(p.text) && p.text[p.at] == '0' {
		p.at++
	} else if p.digits() == 0 {
		return JSON{}, false
	}
	if p.skip('.') && p.digits() == 0 {
		return JSON{}, false
	}
	if p.skip('e') || p.skip('E') {
		if !p.skip('+') {
			p.skip('-')
		}
		if p.digits() == 0 {
			return JSON{}, false
		}
	}
	return JSON{kind: jsonNumber, text: p.text[start:p.at]}, true
}

func (p *jsonScanner) skip(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonScanner) digits() int {
	n := 0
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
		n++
	}
	return n
}

// str reads a string: cut out of the text where nothing in it is escaped.
func (p *jsonScanner) str() (string, bool) {
	p.at++
	start, plain := p.at, true
	for i := start; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.at = i + 1
			s := p.text[start:i]
			return s, plain || utf8.ValidString(s)
		case c == '\\':
			return p.escaped(start, i)
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return "", false
}

// escaped reads a string whose first backslash stands at i.
func (p *jsonScanner) escaped(start, i int) (string, bool) {
	var b strings.Builder
	for from := start; ; {
		if i >= len(p.text) || p.text[i] < ' ' {
			return "", false
		}
		switch p.text[i] {
		case '"':
			b.WriteString(p.text[from:i])
			p.at = i + 1
			return b.String(), utf8.ValidString(b.String())
		case '\\':
			b.WriteString(p.text[from:i])
			n := writeEscape(&b, p.text[i:])
			if n == 0 {
				return "", false
			}
			i += n
			from = i
		default:
			i++
		}
	}
}

// writeEscape writes what an escape stands for and tells its length, 0 for one
// that is none.
func writeEscape(b *strings.Builder, s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[1] == 'u' {
		return writeUnicode(b, s)
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	i := strings.IndexByte(from, s[1])
	if i < 0 {
		return 0
	}
	b.WriteByte(to[i])
	return 2
}

// writeUnicode writes what a \u escape, or a pair of surrogates, stands for; a
// lone surrogate is the replacement character.
func writeUnicode(b *strings.Builder, s string) int {
	r, ok := hexRune(s)
	if !ok {
		return 0
	}
	if !utf16.IsSurrogate(r) {
		b.WriteRune(r)
		return 6
	}
	if low, ok := hexRune(s[6:]); ok {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			b.WriteRune(both)
			return 12
		}
	}
	b.WriteRune(utf8.RuneError)
	return 6
}

func hexRune(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
