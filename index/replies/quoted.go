package replies

import (
	"context"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"forumine/index"
)

// quotesOf gives the edges of a post's quotes. What is quoted from elsewhere is
// no answer to anybody here, and a quote without a name and without words that
// are found is no edge.
func (t *thread) quotesOf(ctx context.Context, i int) ([]Edge, error) {
	p := t.posts[i]
	words := quotedWords(&p.PostDoc)
	var out []Edge
	for k, q := range p.Quotes {
		if q.IsExternal || q.Depth > 0 && !t.o.Nested {
			continue
		}
		e := p.edge(Quote)
		e.Depth = q.Depth
		if q.PostKey != "" {
			if err := t.named(ctx, &e, q.PostKey, q.Author, q.AuthorKey); err != nil {
				return nil, err
			}
			out = append(out, e)
			continue
		}
		if t.byWords(&e, i, q, words[k]) {
			out = append(out, e)
		}
	}
	return out, nil
}

// byWords finds whom a quote without a post's id is of; false where nothing
// tells.
func (t *thread) byWords(e *Edge, i int, q index.Quote, quoted string) bool {
	e.ToAuthor, e.ToAuthorKey = q.Author, q.AuthorKey
	lines := wordLines(quoted)
	if q.Author == "" && q.AuthorKey == "" {
		source := t.source(i, nil, lines)
		if source == nil || utf8.RuneCountInString(strings.Join(lines, "")) < anonymousLetters {
			return false
		}
		e.to(source, ByText)
		return true
	}
	if source := t.source(i, &q, lines); source != nil {
		e.to(source, ByText)
		return true
	}
	t.whoIs(e)
	return true
}

// Fewer letters than these are said by many: a named author may still be meant
// by a post that says them and no more.
const (
	namedLetters     = 8
	anonymousLetters = 25
)

// source is the latest post before place i that holds all lines of a quote: of
// the author that the quote names, of anybody where it is nil.
func (t *thread) source(i int, q *index.Quote, lines []string) *post {
	if len(lines) == 0 {
		return nil
	}
	long := utf8.RuneCountInString(strings.Join(lines, "")) >= namedLetters
	for k := i - 1; k >= 0; k-- {
		p := t.posts[k]
		if q != nil && !isBy(p, q) {
			continue
		}
		own := p.ownWords()
		if long && holdsAll(own, lines) || !long && own == " "+strings.Join(lines, " ")+" " {
			return p
		}
	}
	return nil
}

func isBy(p *post, q *index.Quote) bool {
	if q.AuthorKey != "" && p.Author.Key != "" {
		return q.AuthorKey == p.Author.Key
	}
	return q.Author != "" && foldName(q.Author) == foldName(p.Author.Name)
}

func holdsAll(text string, lines []string) bool {
	for _, line := range lines {
		if !strings.Contains(text, " "+line+" ") && !(unspaced(line) && strings.Contains(text, line)) {
			return false
		}
	}
	return true
}

// unspaced tells scripts that put no spaces between words.
func unspaced(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			return true
		}
	}
	return false
}

// ownWords are a post's own words between spaces.
func (p *post) ownWords() string {
	if !p.plain {
		p.words, p.plain = " "+plainWords(p.Body.Text)+" ", true
	}
	return p.words
}

// wordLines are the lines of a quote as words; an ellipsis divides lines, for
// what it stands for is left out.
func wordLines(s string) []string {
	s = strings.NewReplacer("...", "\n", "…", "\n", "[", "\n", "]", "\n").Replace(s)
	var out []string
	for line := range strings.Lines(s) {
		if w := plainWords(line); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// plainWords are letters and digits in lower case with one space between words:
// quoting changes the rest.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	}), " ")
}

// quotedWords are the words of each quote, without those of quotes within it.
// The cleaned HTML has a blockquote for each in the same order; where it has
// not, a lone quote's words are body.quoted_text.
func quotedWords(d *index.PostDoc) []string {
	out := blockquotes(d.Body.HTML)
	if len(out) == len(d.Quotes) {
		return out
	}
	out = make([]string, len(d.Quotes))
	if len(d.Quotes) == 1 {
		out[0] = d.Body.QuotedText
	}
	return out
}

// blockquotes takes the text of each blockquote out of a cleaned fragment, in
// the order in which they open. The fragment is written by package dom: tags
// are closed, and < and > stand in tags alone.
func blockquotes(fragment string) []string {
	var texts []*strings.Builder
	var open []int
	for fragment != "" {
		text, rest, _ := strings.Cut(fragment, "<")
		tag, after, _ := strings.Cut(rest, ">")
		if n := len(open); n > 0 {
			texts[open[n-1]].WriteString(html.UnescapeString(text))
		}
		name, _, _ := strings.Cut(tag, " ")
		switch name {
		case "blockquote":
			texts = append(texts, &strings.Builder{})
			open = append(open, len(texts)-1)
		case "/blockquote":
			open = open[:max(0, len(open)-1)]
		case "br", "p", "/p", "div", "/div", "li", "/li", "/pre", "pre":
			if n := len(open); n > 0 {
				texts[open[n-1]].WriteByte('\n')
			}
		}
		fragment = after
	}
	out := make([]string, len(texts))
	for i, b := range texts {
		out[i] = b.String()
	}
	return out
}
