package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a query text: beyond them Parse refuses.
const (
	maxQueryBytes = 8192
	maxDepth      = 64
	maxLeaves     = 256
)

// Error is a query that cannot be read: where, why, and what to do.
type Error struct {
	Column int // 1-based, in characters
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("query, column %d: %s", e.Column, e.Reason) }

// Parse reads a query. The empty query gives All. Every error is an *Error.
func Parse(s string) (Node, error) {
	if len(s) > maxQueryBytes {
		return nil, &Error{1, fmt.Sprintf("the query has %d bytes, at most %d are read; ask in several queries", len(s), maxQueryBytes)}
	}
	p := &parser{in: strings.ToValidUTF8(s, "\uFFFD")}
	p.space()
	if p.done() {
		return All{}, nil
	}
	n, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.errorf(p.pos, `this ")" closes nothing; remove it or put it in quotes`)
	}
	return n, nil
}

type parser struct {
	in     string
	pos    int
	leaves int
}

func (p *parser) done() bool { return p.pos >= len(p.in) }

func (p *parser) column(pos int) int { return utf8.RuneCountInString(p.in[:pos]) + 1 }

func (p *parser) errorf(pos int, format string, args ...any) error {
	return &Error{p.column(pos), fmt.Sprintf(format, args...)}
}

func (p *parser) space() {
	for !p.done() {
		r, n := utf8.DecodeRuneInString(p.in[p.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		p.pos += n
	}
}

// takeOperator passes over a capitalised operator word and the space after it.
func (p *parser) takeOperator(word string) bool {
	rest, ok := strings.CutPrefix(p.in[p.pos:], word)
	if !ok {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !endsWord(r) {
		return false
	}
	p.pos += len(word)
	p.space()
	return true
}

func (p *parser) or(depth int) (Node, error) {
	first, err := p.and(depth)
	if err != nil {
		return nil, err
	}
	nodes := flattenOr(nil, first)
	for {
		at := p.pos
		if !p.takeOperator("OR") {
			break
		}
		if p.atEnd() {
			return nil, p.errorf(at, `nothing stands after OR; add a word, or write "OR" in quotes to search for it`)
		}
		n, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		nodes = flattenOr(nodes, n)
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return Or{nodes}, nil
}

func flattenOr(nodes []Node, n Node) []Node {
	if o, ok := n.(Or); ok {
		return append(nodes, o.Nodes...)
	}
	return append(nodes, n)
}

func (p *parser) and(depth int) (Node, error) {
	if at := p.pos; p.takeOperator("OR") {
		return nil, p.errorf(at, `nothing stands before OR; add a word, or write "OR" in quotes to search for it`)
	}
	var nodes []Node
	for {
		n, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		at := p.pos
		and := p.takeOperator("AND")
		if p.atEnd() {
			if and {
				return nil, p.errorf(at, `nothing stands after AND; add a word, or write "AND" in quotes to search for it`)
			}
			return Join(nodes...), nil
		}
	}
}

// atEnd tells whether the current conjunction ends here.
func (p *parser) atEnd() bool {
	if p.done() || p.in[p.pos] == ')' {
		return true
	}
	save := p.pos
	defer func() { p.pos = save }()
	return p.takeOperator("OR")
}

func (p *parser) unary(depth int) (Node, error) {
	if depth > maxDepth {
		return nil, p.errorf(p.pos, "more than %d levels of parentheses and exclusions; ask in several queries", maxDepth)
	}
	at := p.pos
	if at := p.pos; p.takeOperator("AND") {
		return nil, p.errorf(at, `nothing stands before AND; add a word, or write "AND" in quotes to search for it`)
	}
	minus := strings.HasPrefix(p.in[p.pos:], "-")
	if minus {
		p.pos++
	}
	if !minus && !p.takeOperator("NOT") {
		return p.primary(depth)
	}
	if r, _ := utf8.DecodeRuneInString(p.in[p.pos:]); p.atEnd() || unicode.IsSpace(r) {
		return nil, p.errorf(at, `nothing to exclude here; write the word right after "-", or put "-" in quotes`)
	}
	n, err := p.unary(depth + 1)
	if err != nil {
		return nil, err
	}
	if not, ok := n.(Not); ok { // twice excluded is asked for
		return not.Node, nil
	}
	return Not{n}, nil
}

func (p *parser) primary(depth int) (Node, error) {
	if p.in[p.pos] != '(' {
		return p.leaf()
	}
	open := p.pos
	p.pos++
	p.space()
	if p.done() || p.in[p.pos] == ')' {
		return nil, p.errorf(open, "nothing stands in these parentheses; write words in them or remove them")
	}
	n, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.done() {
		return nil, p.errorf(open, `this "(" is never closed; add ")" or put it in quotes`)
	}
	p.pos++
	p.space()
	return n, nil
}

// value is a word or a phrase as written.
type value struct {
	text   string
	prefix bool
	pos    int
}

func (p *parser) leaf() (Node, error) {
	if p.leaves++; p.leaves > maxLeaves {
		return nil, p.errorf(p.pos, "more than %d words; ask in several queries", maxLeaves)
	}
	start := p.pos
	if r, _ := utf8.DecodeRuneInString(p.in[p.pos:]); isQuote(r) {
		v, err := p.phrase()
		if err != nil {
			return nil, err
		}
		p.space()
		return p.text(start, DefaultField(), v)
	}
	word := p.word()
	name, rest, hasField := cutField(word)
	if !hasField {
		p.space()
		return p.text(start, DefaultField(), bareValue(word, start))
	}
	f, ok := LookupField(name)
	if !ok {
		return nil, p.errorf(start, "there is no field %q, the nearest is %q; write \"%s\" in quotes to search for it as words", name, nearestField(name), strings.ReplaceAll(word, `"`, ""))
	}
	v, err := p.fieldValue(f, rest, start)
	if err != nil {
		return nil, err
	}
	p.space()
	return p.fieldLeaf(f, v, start)
}

// fieldValue is what stands after a field's colon.
func (p *parser) fieldValue(f Field, rest string, start int) (value, error) {
	if rest != "" {
		return bareValue(rest, p.pos-len(rest)), nil
	}
	r, _ := utf8.DecodeRuneInString(p.in[p.pos:])
	switch {
	case !p.done() && isQuote(r):
		return p.phrase()
	case !p.done() && r == '(':
		return value{}, p.errorf(p.pos, "a field takes one value; write (%s:a OR %s:b)", f.Name, f.Name)
	}
	return value{}, p.errorf(start, `nothing stands after "%s:"; write the value without a space, in quotes if it has several words`, f.Name)
}

func (p *parser) fieldLeaf(f Field, v value, start int) (Node, error) {
	col := p.column(start)
	switch f.Type {
	case TextField:
		return p.text(start, f, v)
	case FlagField:
		name := strings.ToLower(v.text)
		if _, ok := flagConditions(f.Name, name); !ok || v.prefix {
			return nil, p.errorf(v.pos, "%s:%s is not known; use one of %s", f.Name, v.text, strings.Join(flagNames(f.Name), ", "))
		}
		return Flag{f.Name, name, col}, nil
	case NumberField, DateField:
		r, err := newRange(f.Type == DateField, f.Name, starred(v))
		if err != nil {
			return nil, p.errorf(v.pos, "%s: %v", f.Name, err)
		}
		r.Col = col
		return r, nil
	}
	if v.text == "" {
		return nil, p.errorf(v.pos, "%s: nothing to compare with; write a value", f.Name)
	}
	if f.Name == "id" && v.prefix {
		return nil, p.errorf(v.pos, `an id is compared as a whole; write it without "*"`)
	}
	if f.Name == "kind" && !v.prefix {
		v.text = strings.ToLower(v.text)
	}
	return Keyword{f.Name, v.text, v.prefix, col}, nil
}

func starred(v value) string {
	if v.prefix {
		return v.text + "*"
	}
	return v.text
}

func (p *parser) text(start int, f Field, v value) (Node, error) {
	tokens := f.Split(v.text)
	if len(tokens) == 0 {
		return nil, p.errorf(start, "%q holds no letter and no digit, so that there is nothing to search for; remove it", starred(v))
	}
	prefix := v.prefix
	if prefix && !f.code && endsInSyllable(v.text, tokens) {
		prefix = false // each of these characters is a word: nothing can follow within it
	}
	if prefix && len(tokens) > 1 {
		return nil, p.errorf(start, `%q is %d words, and "*" works on a single one; write "%s" %s*`, starred(v), len(tokens),
			joinTokens(tokens[:len(tokens)-1]), tokens[len(tokens)-1].Text)
	}
	return Text{f.Name, v.text, prefix, p.column(start)}, nil
}

func joinTokens(tokens []Token) string {
	parts := make([]string, len(tokens))
	for i, t := range tokens {
		parts[i] = t.Text
	}
	return strings.Join(parts, " ")
}

// endsInSyllable tells whether the last token is a Han or Hiragana character.
func endsInSyllable(text string, tokens []Token) bool {
	r, _ := utf8.DecodeRuneInString(text[tokens[len(tokens)-1].Start:])
	c := classOf(r)
	return c == wbHan || c == wbHiragana
}

// word takes everything up to a space, a quote or a parenthesis.
func (p *parser) word() string {
	start := p.pos
	end := strings.IndexFunc(p.in[start:], endsWord)
	if end < 0 {
		end = len(p.in) - start
	}
	p.pos = start + end
	return p.in[start:p.pos]
}

func bareValue(s string, pos int) value {
	text, prefix := strings.CutSuffix(s, "*")
	return value{text: text, prefix: prefix, pos: pos}
}

// phrase takes a quoted text; a backslash takes the next character as it is. A
// star right after the closing quote makes it a beginning.
func (p *parser) phrase() (value, error) {
	start := p.pos
	_, n := utf8.DecodeRuneInString(p.in[p.pos:])
	p.pos += n
	var b strings.Builder
	for !p.done() {
		r, n := utf8.DecodeRuneInString(p.in[p.pos:])
		p.pos += n
		if isQuote(r) {
			v := value{text: b.String(), pos: start}
			if strings.HasPrefix(p.in[p.pos:], "*") {
				p.pos++
				v.prefix = true
			}
			return v, nil
		}
		if r == '\\' && !p.done() {
			r, n = utf8.DecodeRuneInString(p.in[p.pos:])
			p.pos += n
		}
		b.WriteRune(r)
	}
	return value{}, p.errorf(start, `this quote is never closed; add " at the end of the phrase`)
}

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '„' }

func endsWord(r rune) bool { return isQuote(r) || r == '(' || r == ')' || unicode.IsSpace(r) }

// cutField splits "name:rest". A URL ("https://…") and a time ("12:30") have no
// field.
func cutField(word string) (name, rest string, ok bool) {
	name, rest, ok = strings.Cut(word, ":")
	if !ok || name == "" || strings.HasPrefix(rest, "//") {
		return "", "", false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '.' && c != '_' && c != '-' && (c < '0' || c > '9')) {
			return "", "", false
		}
	}
	return name, rest, true
}
