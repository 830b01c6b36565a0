package robots

import "strings"

const upperHex = "0123456789ABCDEF"

// pattern is the path of one rule, made ready for matching. It has two forms:
// strict, and loose with the query's ":", "/", "?" and "@" unencoded; see
// newTarget. Each form is split at its wildcards.
type pattern struct {
	strict, loose []string
	anchored      bool // ends with $
	octets        int  // length of the strict form, wildcards and $ included
}

// newPattern prepares a rule's path. "*" stands for any octets and a last "$"
// for the end (RFC 9309 §2.2.3); any other "$" is an ordinary octet.
func newPattern(path string) pattern {
	var p pattern
	text := path
	if strings.HasSuffix(text, "$") {
		p.anchored = true
		text = text[:len(text)-1]
	}
	parts := strings.Split(text, "*")
	for i, part := range parts {
		parts[i] = normalise(part)
		p.octets += len(parts[i])
	}
	p.octets += len(parts) - 1
	if p.anchored {
		p.octets++
	}
	p.strict = parts
	p.loose = looseParts(parts)
	return p
}

// looseParts unencodes all that follows the first "?", across wildcards.
func looseParts(parts []string) []string {
	loose := make([]string, len(parts))
	inQuery := false
	for i, part := range parts {
		if inQuery {
			loose[i] = unencodeQuery(part)
			continue
		}
		loose[i] = looseForm(part)
		inQuery = strings.Contains(part, "?")
	}
	return loose
}

// target is the path and query of a URL, made ready for matching.
type target struct{ strict, loose string }

// newTarget prepares the path and query of a URL, a fragment left out. Both
// sides of a comparison are normalised alike (RFC 9309 §2.2.2). Of reserved
// characters the strict form keeps "%2F" and "/" apart, as paths need; the
// loose form makes them equal within the query, as the RFC's table of examples
// wants. A rule matches when either form does.
func newTarget(pathAndQuery string) target {
	text, _, _ := strings.Cut(pathAndQuery, "#")
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	// "*" is a wildcard in rules alone, where "%2A" stands for the character.
	strict := strings.ReplaceAll(normalise(text), "*", "%2A")
	return target{strict, looseForm(strict)}
}

// matches tells whether the rule's path is a prefix of the target, or all of it
// when anchored.
func (p pattern) matches(t target) bool {
	return matchParts(p.strict, t.strict, p.anchored) || matchParts(p.loose, t.loose, p.anchored)
}

// matchParts looks for each part at its first place behind the one before. That
// is enough: an earlier place never takes room from a later part. Only the last
// part of an anchored pattern has its place fixed.
func matchParts(parts []string, text string, anchored bool) bool {
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	if len(parts) == 1 {
		return !anchored || text == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	if anchored {
		return strings.HasSuffix(text, parts[last])
	}
	return strings.Contains(text, parts[last])
}

// normalise brings octets to the form in which they are compared: unreserved
// characters (RFC 3986 §2.3) unencoded, whatever may not stand in a URI encoded
// with upper-case digits, reserved characters as they were written. "$" is
// encoded, so that in a rule it is never taken for the anchor.
func normalise(s string) string {
	if !needsNormalising(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			octet := unhex(s[i+1])<<4 | unhex(s[i+2])
			if isUnreserved(octet) {
				b.WriteByte(octet)
			} else {
				writeEncoded(&b, octet)
			}
			i += 2
		case c == '%' || isURI(c) && c != '$':
			b.WriteByte(c)
		default:
			writeEncoded(&b, c)
		}
	}
	return b.String()
}

func needsNormalising(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' || s[i] == '$' || !isURI(s[i]) {
			return true
		}
	}
	return false
}

// looseForm is the form of a normalised path and query in which the query's
// reserved characters are unencoded as far as that is without ambiguity.
func looseForm(s string) string {
	path, query, found := strings.Cut(s, "?")
	if !found {
		return s
	}
	return path + "?" + unencodeQuery(query)
}

// unencodeQuery unencodes what a query may hold as it is without its parameters
// being cut otherwise (RFC 3986 §3.4): not "&", "=", "+" and their kind.
func unencodeQuery(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	return strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@").Replace(s)
}

func writeEncoded(b *strings.Builder, octet byte) {
	b.WriteByte('%')
	b.WriteByte(upperHex[octet>>4])
	b.WriteByte(upperHex[octet&15])
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUnreserved(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

// isURI tells whether an octet may stand in a URI unencoded.
func isURI(c byte) bool {
	return isUnreserved(c) || strings.IndexByte(":/?#[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
