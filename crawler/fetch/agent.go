package fetch

import (
	"strings"
	"unicode"
)

// Product is the product token of the crawler: the name by which a robots.txt
// addresses it (RFC 9309 §2.2.1) and the first word of its User-Agent.
const Product = "forumine"

// UserAgent builds the User-Agent header (RFC 9110 §10.1.5): the product and
// its version, then the contact, a URL or an e-mail address, as a comment:
// "forumine/0.1 (+https://example.org/bot)". Characters that would break the
// header or the comment are left out; an empty part is omitted.
func UserAgent(version, contact string) string {
	agent := Product
	if version = strings.Map(tokenRune, version); version != "" {
		agent += "/" + version
	}
	if contact = strings.TrimSpace(strings.Map(commentRune, contact)); contact != "" {
		agent += " (+" + contact + ")"
	}
	return agent
}

// tokenRune keeps the characters of a token (RFC 9110 §5.6.2).
func tokenRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9',
		strings.ContainsRune("!#$%&'*+-.^_`|~", r):
		return r
	}
	return -1
}

// commentRune keeps printable ASCII that needs no quoting within a comment.
func commentRune(r rune) rune {
	if r > unicode.MaxASCII || !unicode.IsPrint(r) || strings.ContainsRune(`()\`, r) {
		return -1
	}
	return r
}
