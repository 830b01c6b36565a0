package tree

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// scanner cuts a text into tokens (HTML standard §13.2.5).
type scanner struct {
	src   string
	at    int
	attrs []html.Attribute // of the tag read last; used again for the next
	stop  bool             // something stands here that is left to x/net
}

// tag is a start or end tag. Its attributes hold until the next is read.
type tag struct {
	name        string
	atom        atom.Atom
	attrs       []html.Attribute
	selfClosing bool
}

const whitespace = " \t\n\f"

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// textEnd is where the text that starts here ends: at markup, or at the end.
func (s *scanner) textEnd() int {
	from := s.at
	for {
		i := strings.IndexByte(s.src[from:], '<')
		if i < 0 {
			return len(s.src)
		}
		from += i
		if from+1 >= len(s.src) {
			return len(s.src)
		}
		if c := s.src[from+1]; isLetter(c) || c == '/' || c == '!' || c == '?' {
			return from
		}
		from++
	}
}

// tag reads a tag whose name starts here. Markup that the text's end cuts is
// left to x/net.
func (s *scanner) tag() tag {
	t := tag{}
	start := s.at
	for s.at < len(s.src) && !isSpace(s.src[s.at]) && s.src[s.at] != '/' && s.src[s.at] != '>' {
		s.at++
	}
	t.name, t.atom = tagName(s.src[start:s.at])
	s.skipSpace()
	s.attrs = s.attrs[:0]
	valueEnd := -1
	for s.at < len(s.src) && s.src[s.at] != '>' {
		if end, kept := s.attribute(); kept {
			valueEnd = end
		}
		s.skipSpace()
	}
	if s.at >= len(s.src) {
		s.stop = true
		return t
	}
	t.selfClosing = s.src[s.at-1] == '/' && s.at != valueEnd
	t.attrs = s.attrs
	s.at++
	return t
}

func (s *scanner) skipSpace() {
	for s.at < len(s.src) && isSpace(s.src[s.at]) {
		s.at++
	}
}

// attribute reads one attribute, and tells where its value ends and whether it
// counts: one without a name, or whose name the tag has already, does not.
func (s *scanner) attribute() (valueEnd int, kept bool) {
	start := s.at
	for s.at < len(s.src) {
		c := s.src[s.at]
		if isSpace(c) || c == '/' || c == '>' || c == '=' && s.at > start {
			break
		}
		s.at++
	}
	key := s.src[start:s.at]
	value, end := s.value()
	if key == "" || s.at >= len(s.src) {
		return 0, false
	}
	key = attrName(key)
	for i := range s.attrs {
		if s.attrs[i].Key == key {
			return 0, false
		}
	}
	s.attrs = append(s.attrs, html.Attribute{Key: key, Val: unescapeValue(value)})
	return end, true
}

// value reads what follows an attribute's name, and tells where it ends.
func (s *scanner) value() (string, int) {
	end := s.at
	s.skipSpace()
	if s.at >= len(s.src) {
		return "", end
	}
	switch s.src[s.at] {
	case '/':
		s.at++
		return "", end
	case '=':
		s.at++
	default:
		return "", end
	}
	s.skipSpace()
	if s.at >= len(s.src) || s.src[s.at] == '>' {
		return "", end
	}
	if quote := s.src[s.at]; quote == '"' || quote == '\'' {
		return s.quoted(quote)
	}
	start := s.at
	for s.at < len(s.src) && !isSpace(s.src[s.at]) && s.src[s.at] != '>' {
		s.at++
	}
	return s.src[start:s.at], s.at
}

func (s *scanner) quoted(quote byte) (string, int) {
	start := s.at + 1
	n := strings.IndexByte(s.src[start:], quote)
	if n < 0 {
		s.at = len(s.src)
		return "", s.at
	}
	s.at = start + n + 1
	return s.src[start : start+n], start + n
}

// tagName is a tag's name in lower case, with its atom where it has one.
func tagName(s string) (string, atom.Atom) {
	var buf [24]byte
	if len(s) > len(buf) {
		return lower(s), 0
	}
	name := buf[:len(s)]
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		name[i] = c
	}
	if a := atom.Lookup(name); a != 0 {
		return a.String(), a
	}
	return lower(s), 0
}

// attrName is an attribute's name in lower case.
func attrName(s string) string {
	switch s { // by far the most
	case "class", "href", "id", "src", "title", "style", "alt", "type", "name", "value", "rel":
		return s
	}
	return lower(s)
}

// lower makes A to Z lower case.
func lower(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	if i < 0 {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if b[i] >= 'A' && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// comment reads a comment whose "<!--" is behind us.
func (s *scanner) comment() string {
	rest := s.src[s.at:]
	end := strings.Index(rest, "-->")
	if end < 0 || rest[0] == '>' || strings.HasPrefix(rest, "->") || strings.Contains(rest[:end], "--!>") {
		s.stop = true
		return ""
	}
	s.at += end + len("-->")
	return unescapeText(rest[:end])
}

// upToAngle reads up to the next ">" and past it.
func (s *scanner) upToAngle() string {
	rest := s.src[s.at:]
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		s.stop = true
		return ""
	}
	s.at += end + 1
	return rest[:end]
}

// rawText reads the text of an element that holds no markup, up to its end tag
// and past that. Scripts hide an end tag in "<!--<script>" (§13.2.5.26): where
// both are found, the text is left to x/net.
func (s *scanner) rawText(name string) string {
	start := s.at
	for {
		i := strings.Index(s.src[s.at:], "</")
		if i < 0 {
			s.stop = true
			return ""
		}
		s.at += i + 2
		after := s.at + len(name)
		if after >= len(s.src) || !strings.EqualFold(s.src[s.at:after], name) {
			continue
		}
		if c := s.src[after]; isSpace(c) || c == '/' || c == '>' {
			break
		}
	}
	text := s.src[start : s.at-2]
	if name == "script" && hidesScript(text) {
		s.stop = true
	}
	s.tag()
	return text
}

func hidesScript(text string) bool {
	i := strings.Index(text, "<!--")
	return i >= 0 && strings.Contains(lower(text[i:]), "<script")
}
