package extract_test

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// shownPage is everything that a page's source says, without white space:
// what a reading may say is in it.
type shownPage struct {
	text   string // the text that a reader sees, pictures of characters as these
	plain  string // the same without pictures
	hidden string // attributes, scripts, and the texts in the JSON within these
}

func showing(t *testing.T, body []byte) shownPage {
	t.Helper()
	var p shower
	if json.Valid(body) {
		p.hide(string(body)) // an engine's answer to its scripts
	} else {
		p.walk(parsed(t, body))
	}
	return shownPage{bare(p.text.String()), bare(p.plain.String()), bare(p.hidden.String())}
}

// shower collects what a page shows.
type shower struct{ text, plain, hidden strings.Builder }

func (p *shower) walk(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if n.Parent != nil && n.Parent.Data == "pre" && json.Valid([]byte(n.Data)) {
			p.hide(n.Data) // such an answer as a browser saves it
		}
		p.text.WriteString(n.Data)
		p.plain.WriteString(n.Data)
		return
	case html.CommentNode, html.DoctypeNode:
		return
	}
	for _, a := range n.Attr {
		p.hide(a.Val)
		switch {
		case a.Key == "alt" && n.Data == "img" && a.Val != "" && a.Val[0] >= 0x80:
			p.text.WriteString(a.Val)
		case a.Key == "data-cfemail":
			mail := uncovered(a.Val)
			p.text.WriteString(mail)
			p.plain.WriteString(mail)
		}
	}
	if n.Data == "script" || n.Data == "style" {
		p.hide(textOf(n))
		p.hideAssigned(textOf(n))
		return
	}
	if n.Data == "template" || n.Data == "textarea" {
		p.hide(textOf(n))
	}
	if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-cfemail" }) {
		p.hide(textOf(n)) // what stands in the address's place
		return
	}
	for c := range n.ChildNodes() {
		p.walk(c)
	}
}

// hide adds a value that a reader does not see, and what JSON in it holds.
func (p *shower) hide(value string) {
	p.hidden.WriteString(" \x00" + value)
	var v any
	trimmed := strings.TrimSpace(value)
	if trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Unmarshal([]byte(trimmed), &v) == nil {
		p.hideJSON(v)
	}
}

// hideAssigned adds what JSON holds that a script gives to variables.
func (p *shower) hideAssigned(code string) {
	for {
		_, rest, ok := strings.Cut(code, "= ")
		if !ok {
			return
		}
		code = rest
		var v any
		if rest != "" && rest[0] == '{' && json.NewDecoder(strings.NewReader(rest)).Decode(&v) == nil {
			p.hideJSON(v)
		}
	}
}

func (p *shower) hideJSON(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			p.hideJSON(item)
		}
	case []any:
		for _, item := range v {
			p.hideJSON(item)
		}
	case string:
		p.hide(v)
		if strings.ContainsAny(v, "<&") {
			p.hideHTML(v)
		}
	}
}

func (p *shower) hideHTML(v string) {
	root, err := html.Parse(strings.NewReader(v))
	if err != nil {
		return
	}
	var inner shower
	inner.walk(root)
	for _, s := range []string{inner.text.String(), inner.plain.String()} {
		p.hidden.WriteString(" \x00" + s)
	}
}

// uncovered is a mail address that a guard before the site has masked: the
// first byte is the key of the rest.
func uncovered(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		return ""
	}
	for i := range b[1:] {
		b[i+1] ^= b[0]
	}
	return string(b[1:])
}

// holds tells whether a line is on the page: as it stands, else, where engines
// left something out of it, piece by piece in its order.
func (p shownPage) holds(line string) bool {
	want := bare(line)
	if want == "" {
		return true
	}
	for _, have := range []string{p.text, p.plain, p.hidden} {
		if strings.Contains(have, want) {
			return true
		}
	}
	return inPieces(p.text, pieces(line))
}

// pieces are the words of a line; scripts that write without spaces are cut
// between characters.
func pieces(line string) []string {
	var b strings.Builder
	for _, r := range line {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			b.WriteString(" " + string(r) + " ")
			continue
		}
		b.WriteRune(r)
	}
	return strings.Fields(b.String())
}

// maxCut is how much of the page may stand between two words of a line, in
// bytes without white space: a picture's caption, a label, an advertisement.
const maxCut = 400

// inPieces tells whether words stand on a page in their order, near each other.
func inPieces(page string, words []string) bool {
	if len(words) == 0 {
		return true
	}
	for from := 0; ; {
		i := strings.Index(page[from:], words[0])
		if i < 0 {
			return false
		}
		from += i + len(words[0])
		if follow(page[from:], words[1:]) {
			return true
		}
	}
}

func follow(page string, words []string) bool {
	for _, w := range words {
		near := page[:min(len(page), maxCut+len(w))]
		i := strings.Index(near, w)
		if i < 0 {
			return false
		}
		page = page[i+len(w):]
	}
	return true
}
