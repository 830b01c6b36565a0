package dom

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// Text is the text of a selection's first element on one line: white space
// folded, scripts and styles left out.
func Text(s *goquery.Selection) string {
	if s == nil || s.Length() == 0 {
		return ""
	}
	return NodeText(s.Nodes[0])
}

// NodeText is Text of a node.
func NodeText(n *html.Node) string {
	if n == nil {
		return ""
	}
	if c := n.FirstChild; c != nil && c.NextSibling == nil && c.Type == html.TextNode && !isRaw(n) {
		return Fold(c.Data)
	}
	return foldBytes(appendText(make([]byte, 0, 256), n))
}

func appendText(b []byte, n *html.Node) []byte {
	switch n.Type {
	case html.TextNode:
		return append(b, n.Data...)
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Noscript:
			return b
		case atom.Br, atom.P, atom.Div, atom.Li, atom.Td, atom.Dd, atom.Dt, atom.Tr:
			b = append(b, ' ')
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b = appendText(b, c)
	}
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Li, atom.Td, atom.Dd, atom.Dt, atom.Tr:
		b = append(b, ' ') // what follows begins a line of its own
	}
	return b
}

// OwnText is the text of an element's own text nodes, without its children's.
func OwnText(s *goquery.Selection) string {
	if s == nil || s.Length() == 0 {
		return ""
	}
	b := make([]byte, 0, 256)
	for c := s.Nodes[0].FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			b = append(append(b, c.Data...), ' ')
		}
	}
	return foldBytes(b)
}

// TextWithout is Text of an element with the descendants that match left out.
func TextWithout(s *goquery.Selection, drop goquery.Matcher) string {
	if s == nil || s.Length() == 0 {
		return ""
	}
	return foldBytes(appendWithout(make([]byte, 0, 256), s.Nodes[0], drop))
}

func appendWithout(b []byte, n *html.Node, drop goquery.Matcher) []byte {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && drop.Match(c) {
			b = append(b, ' ')
			continue
		}
		if c.Type == html.ElementNode && c.FirstChild != nil && !isRaw(c) {
			b = appendWithout(b, c, drop)
			continue
		}
		b = appendText(b, c)
	}
	return b
}

func isRaw(n *html.Node) bool {
	return n.DataAtom == atom.Script || n.DataAtom == atom.Style || n.DataAtom == atom.Template || n.DataAtom == atom.Noscript
}

// Fold folds white space, no-break spaces included, into single spaces, drops
// invisible marks that themes put into names (zero width space, joiner and
// soft hyphen at the ends aside), and trims.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	return foldBytes([]byte(s))
}

// foldBytes is Fold of bytes, which it writes over.
func foldBytes(b []byte) string {
	out, gap := b[:0], false
	for i := 0; i < len(b); {
		size, space := spaceAt(b[i:])
		if space {
			gap = len(out) > 0
			i += size
			continue
		}
		if gap {
			out, gap = append(out, ' '), false
		}
		out = append(out, b[i:i+size]...)
		i += size
	}
	return string(out)
}

// spaceAt tells whether a text starts with white space, and how long its first
// character is.
func spaceAt(b []byte) (size int, space bool) {
	if c := b[0]; c < utf8.RuneSelf {
		return 1, c == ' ' || c >= '\t' && c <= '\r'
	}
	r, size := utf8.DecodeRune(b)
	return size, isSpace(r)
}

func isFolded(s string) bool {
	space := true // a leading space needs folding
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ':
			if space {
				return false
			}
			space = true
			i++
			continue
		case c >= '\t' && c <= '\r':
			return false
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if isSpace(r) {
				return false
			}
			i += size
		}
		space = false
	}
	return !space || s == ""
}

// isSpace tells white space, including the characters that forums use to pad
// lines: zero width space, word joiner, byte order mark.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}

// Attr is an attribute of a node, trimmed, or "".
func Attr(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return strings.TrimSpace(n.Attr[i].Val)
		}
	}
	return ""
}

// rawAttr is an attribute as it stands, or "".
func rawAttr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return n.Attr[i].Val
		}
	}
	return ""
}

// HasAttr tells whether a node carries an attribute.
func HasAttr(n *html.Node, key string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return true
		}
	}
	return false
}

// HasClass tells whether a node carries a class.
func HasClass(n *html.Node, class string) bool {
	if n == nil {
		return false
	}
	for i := range n.Attr {
		if n.Attr[i].Key == "class" {
			return hasToken(n.Attr[i].Val, class)
		}
	}
	return false
}

func hasToken(list, token string) bool {
	if len(list) <= len(token) { // most lists have one token
		return list == token
	}
	for {
		i := strings.Index(list, token)
		if i < 0 {
			return false
		}
		end := i + len(token)
		if (i == 0 || isBlank(list[i-1])) && (end == len(list) || isBlank(list[end])) {
			return true
		}
		list = list[i+1:]
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// ClassNumber is the number of the first class that is a prefix and a number
// ("post-12" after "post-" gives "12"), or "".
func ClassNumber(class, prefix string) string {
	for class != "" {
		i := 0
		for i < len(class) && !isBlank(class[i]) {
			i++
		}
		if token := class[:i]; len(token) > len(prefix) && strings.HasPrefix(token, prefix) && hasOnly(token[len(prefix):], isNumeral) {
			return token[len(prefix):]
		}
		class = class[min(i+1, len(class)):]
	}
	return ""
}

// Is tells whether a selection's first node carries a class.
func Is(s *goquery.Selection, class string) bool {
	return s.Length() > 0 && HasClass(s.Nodes[0], class)
}

// First is the first match of the first matcher that matches at all.
func First(s *goquery.Selection, ms ...goquery.Matcher) *goquery.Selection {
	for _, m := range ms {
		for _, n := range s.Nodes {
			if f := Find(n, m); f != nil {
				return single(s, f)
			}
		}
	}
	return &goquery.Selection{}
}

// ByID is the first element below a selection that has this id.
func ByID(s *goquery.Selection, id string) *goquery.Selection { return ByAttr(s, "id", id) }

// ByAttr is the first element below a selection with this value of an attribute:
// First for a value that is not known before, which costs no selector.
func ByAttr(s *goquery.Selection, key, value string) *goquery.Selection {
	for _, top := range s.Nodes {
		for n := after(top, top); n != nil; n = after(n, top) {
			if n.Type == html.ElementNode && HasAttr(n, key) && rawAttr(n, key) == value {
				return single(s, n)
			}
		}
	}
	return &goquery.Selection{}
}

// Has tells whether anything below a selection matches.
func Has(s *goquery.Selection, m goquery.Matcher) bool {
	for _, n := range s.Nodes {
		if Find(n, m) != nil {
			return true
		}
	}
	return false
}

// single is a selection of one node, of the same document as another.
func single(s *goquery.Selection, n *html.Node) *goquery.Selection {
	one := &struct {
		goquery.Selection
		node [1]*html.Node
	}{Selection: *s}
	one.node[0] = n
	one.Nodes = one.node[:]
	return &one.Selection
}

// Find is the first descendant of a node that matches, or nil.
func Find(n *html.Node, m goquery.Matcher) *html.Node {
	if s, ok := m.(*selector); ok {
		return s.firstBelow(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if m.Match(c) {
			return c
		}
		if f := Find(c, m); f != nil {
			return f
		}
	}
	return nil
}

// Below are the nodes below one, in document order.
func Below(top *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := after(top, top); n != nil; n = after(n, top) {
			if !yield(n) {
				return
			}
		}
	}
}

// Closest is the node itself or its nearest ancestor that matches, or nil.
func Closest(n *html.Node, m goquery.Matcher) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && m.Match(n) {
			return n
		}
	}
	return nil
}

// Digits is the first run of ASCII digits in a string, or "".
func Digits(s string) string {
	start := strings.IndexAny(s, "0123456789")
	if start < 0 {
		return ""
	}
	end := start + 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[start:end]
}

// IDAfter is the run of digits that follows a prefix at the start of a string
// ("post-12" after "post-" gives "12"), or "".
func IDAfter(s, prefix string) string {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return ""
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	return rest[:end]
}

// Param is the first value of a query parameter in a link, with "&", ";" and
// "," as separators (SMF writes "topic=1.0;msg=2" and "action,profile").
func Param(href, key string) string {
	_, query, ok := strings.Cut(href, "?")
	if !ok {
		return ""
	}
	query, _, _ = strings.Cut(query, "#")
	for query != "" {
		pair := query
		if i := strings.IndexAny(query, "&;"); i >= 0 {
			pair, query = query[:i], query[i+1:]
		} else {
			query = ""
		}
		if k, v, _ := strings.Cut(pair, "="); k == key && pair != "" {
			return v
		}
	}
	return ""
}

// Slug is the key of a custom field whose engine gives none: the label, NFKD,
// lower case, runs of other characters as one "_", at most 64 characters.
func Slug(label string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(label)) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if b.Len() >= 64 {
			break
		}
		if gap {
			b.WriteByte('_')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
