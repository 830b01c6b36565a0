package tree

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// unescapeText replaces the character references of a text.
func unescapeText(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return html.UnescapeString(s)
}

// unescapeValue replaces the character references of an attribute's value: one
// without a semicolon counts there only where its name is not the start of a
// longer word or of "name=" (HTML standard §13.2.5.73), so that links may have
// parameters named like characters.
func unescapeValue(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		char, n := reference(s)
		b.WriteString(char)
		s = s[n:]
	}
	b.WriteString(s)
	return b.String()
}

// reference reads the character reference that a text starts with: what it
// stands for, and its length. What is none stands for itself.
func reference(s string) (char string, n int) {
	if char, n = common(s); n > 0 {
		return char, n
	}
	n = 1
	if n < len(s) && s[n] == '#' {
		return numeric(s)
	}
	for n < len(s) && (isLetter(s[n]) || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	if n < len(s) && s[n] == ';' {
		n++
		return named(s[:n])
	}
	if n < len(s) && s[n] == '=' {
		return s[:n], n
	}
	char = html.UnescapeString(s[:n])
	if utf8.RuneCountInString(char) != 1 {
		return s[:n], n // no name, or a longer word that starts with one
	}
	return char, n
}

// common reads the references that escaping text makes; n is 0 for any other.
func common(s string) (char string, n int) {
	switch {
	case strings.HasPrefix(s, "&quot;"):
		return `"`, len("&quot;")
	case strings.HasPrefix(s, "&amp;"):
		return "&", len("&amp;")
	case strings.HasPrefix(s, "&lt;"):
		return "<", len("&lt;")
	case strings.HasPrefix(s, "&gt;"):
		return ">", len("&gt;")
	}
	return "", 0
}

// named reads a reference that ends with its semicolon. What is unknown, or only
// starts with a known name, keeps the semicolon.
func named(s string) (char string, n int) {
	char = html.UnescapeString(s)
	if strings.HasSuffix(char, ";") && s != "&semi;" {
		return s, len(s)
	}
	return char, len(s)
}

func numeric(s string) (char string, n int) {
	n = len("&#")
	hex := n < len(s) && s[n]|0x20 == 'x'
	if hex {
		n++
	}
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || hex && s[n]|0x20 >= 'a' && s[n]|0x20 <= 'f') {
		n++
	}
	if n < len(s) && s[n] == ';' {
		n++
	}
	return html.UnescapeString(s[:n]), n
}
