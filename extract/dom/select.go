package dom

import (
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Sel compiles a CSS selector. It panics on an invalid one, so it is for
// selectors that are written in the source, compiled once.
//
// Cascadia reads the selector; what it matches is found by a compiled form of
// it, which answers the same and asks elements less. Document.FindMatcher finds
// through the document's inventory rather than by asking every element: pages
// are asked for the marks of every engine, and have those of one.
func Sel(css string) goquery.Matcher {
	group, err := cascadia.ParseGroup(css)
	if err != nil {
		panic("selector " + css + ": " + err.Error())
	}
	return compile(group)
}

// selector is a compiled group of selectors: it matches what one of them does.
type selector struct {
	choices []choice
	heads   []head // of the choices, what most elements fail by
	quick   bool   // each choice needs a class, an id or a rare attribute
	asks    bool   // each choice asks for an attribute that must be there
	tags    uint64 // a bit for every tag that a choice may match
}

// head is what an element must be to be worth a closer look.
type head struct {
	class string // "" where none is asked for
	atom  atom.Atom
	asks  bool
}

// tagBit is a tag's bit, which tags share.
func tagBit(a atom.Atom) uint64 { return 1 << (uint32(a) * 0x9E3779B1 >> 26) }

// choice is one selector of a group.
type choice struct {
	parts []compound // from the matching element's leftwards
	needs []key      // what must be somewhere on a page for it to match at all
	own   []key      // what the matching element itself must have, the rarest kind first
}

// compound is what one element must be, and where the next one to the left
// stands.
type compound struct {
	tag    string // "" is any
	atom   atom.Atom
	class  string // the first class, "" where none is asked for
	tests  []test
	asks   bool               // for a class or an attribute that must be there
	others []cascadia.Matcher // pseudo-classes, and tests that are rare
	left   byte               // ' ', '>', '+', '~', 0 at the left end
}

// test is a condition on an attribute.
type test struct {
	key, val string
	op       byte // 0: present, '=', '~', '^', '$', '*'
	fold     bool // letters' case does not count
}

func compile(group cascadia.SelectorGroup) *selector {
	s := &selector{choices: make([]choice, len(group)), heads: make([]head, len(group)), quick: true, asks: true}
	for i, one := range group {
		s.choices[i] = choiceOf(one)
		s.quick = s.quick && slices.ContainsFunc(s.choices[i].needs, isRare)
		p := &s.choices[i].parts[0]
		s.heads[i] = head{class: p.class, atom: p.atom, asks: p.asks}
		s.asks = s.asks && p.asks
		if p.atom == 0 {
			s.tags = ^uint64(0)
		}
		s.tags |= tagBit(p.atom)
	}
	return s
}

// isRare tells what most pages do not have.
func isRare(k key) bool {
	return k.kind == keyClass || k.kind == keyID || k.kind == keyAttr && k.name != "class" && k.name != "id"
}

// choiceOf compiles a selector from its canonical text.
func choiceOf(sel cascadia.Sel) choice {
	r := reader{text: sel.String()}
	c := choice{}
	part := compound{}
	for r.text != "" {
		if left := r.combinator(); left != 0 {
			c.parts = append(c.parts, part)
			c.needs = append(c.needs, r.keys...)
			part, r.keys = compound{left: left}, nil
			continue
		}
		if !r.simple(&part) {
			return choice{parts: []compound{{others: []cascadia.Matcher{sel}}}}
		}
	}
	c.parts = append(c.parts, part)
	c.needs = append(c.needs, r.keys...)
	c.own = ownKeys(r.keys)
	// From here on the parts stand from right to left, and each tells where the
	// one behind it stands.
	for i, j := 0, len(c.parts)-1; i < j; i, j = i+1, j-1 {
		c.parts[i], c.parts[j] = c.parts[j], c.parts[i]
	}
	return c
}

// ownKeys puts the keys of an element in order: tags come last.
func ownKeys(keys []key) []key {
	var out, tags []key
	for _, k := range keys {
		if k.kind == keyTag {
			tags = append(tags, k)
		} else {
			out = append(out, k)
		}
	}
	return append(out, tags...)
}

// reader reads a selector's canonical text.
type reader struct {
	text string
	keys []key // of the compound that is being read
}

// combinator cuts a combinator with the blanks around it; 0 where none stands.
func (r *reader) combinator() byte {
	if r.text[0] != ' ' {
		return 0
	}
	rest := strings.TrimLeft(r.text, " ")
	c := byte(' ')
	if rest[0] == '>' || rest[0] == '+' || rest[0] == '~' {
		c, rest = rest[0], strings.TrimLeft(rest[1:], " ")
	}
	r.text = rest
	return c
}

// simple reads one simple selector; false: it is not of a form known here.
func (r *reader) simple(p *compound) bool {
	switch c := r.text[0]; c {
	case '*':
		r.text = r.text[1:]
		return true
	case '.', '#':
		name, n, told := cutName(r.text[1:])
		r.text = r.text[1+n:]
		t := test{key: "class", val: name, op: '~'}
		if c == '#' {
			t.key, t.op = "id", '='
		}
		if p.asks = true; c == '.' && p.class == "" {
			p.class = name
		} else {
			p.tests = append(p.tests, t)
		}
		r.keys = append(r.keys, newKey(c, name))
		return told && n > 0 && !strings.ContainsAny(name, " \t\r\n\f")
	case '[':
		n := bracketLen(r.text)
		ok := r.attribute(p, r.text[:n])
		r.text = r.text[n:]
		return ok
	case ':':
		n := pseudoEnd(r.text, 0)
		m := pseudo(r.text[:n])
		r.text = r.text[n:]
		p.others = append(p.others, m)
		return m != nil
	}
	name, n, told := cutName(r.text)
	r.text = r.text[n:]
	p.tag, p.atom = name, atom.Lookup([]byte(name))
	if !isCommonTag(p.atom) {
		r.keys = append(r.keys, newKey(keyTag, name))
	}
	return told && n > 0
}

// attribute reads an attribute selector with its brackets.
func (r *reader) attribute(p *compound, text string) bool {
	inner := text[1 : len(text)-1]
	n := nameLen(inner)
	t := test{key: inner[:n]}
	inner = inner[n:]
	if n == 0 {
		return false
	}
	if inner, t.fold = strings.CutSuffix(inner, `" i`); t.fold {
		inner += `"`
	}
	if inner != "" {
		i := strings.Index(inner, `="`)
		if i < 0 || i > 1 || len(inner) < i+3 {
			return false
		}
		t.op, t.val = inner[0], inner[i+2:len(inner)-1]
	}
	if !isCommon(t.key) && t.op != '!' {
		r.keys = append(r.keys, newKey(keyAttr, t.key))
	}
	switch t.op {
	case '~':
		p.asks = true
		p.tests = append(p.tests, t)
		return !strings.ContainsAny(t.val, " \t\r\n\f")
	case 0, '=', '^', '$', '*':
		p.asks = true
		p.tests = append(p.tests, t)
		return true
	}
	group, err := cascadia.ParseGroup(text)
	p.others = append(p.others, group)
	return err == nil
}

// pseudo compiles a pseudo-class with its argument, nil when it is unknown.
func pseudo(text string) cascadia.Matcher {
	group, err := cascadia.ParseGroup(text)
	if err != nil {
		return nil
	}
	name, argument, ok := strings.Cut(text, "(")
	if !ok || (name != ":not" && name != ":has" && name != ":haschild") {
		return group
	}
	of, err := cascadia.ParseGroup(strings.TrimSuffix(argument, ")"))
	if err != nil {
		return nil
	}
	return relative{name: name, of: compile(of)}
}

// relative is one of the pseudo-classes that take selectors.
type relative struct {
	name string
	of   *selector
}

// Match tells whether an element is meant.
func (r relative) Match(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch r.name {
	case ":not":
		return !r.of.Match(n)
	case ":has":
		return Find(n, r.of) != nil
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if r.of.Match(c) {
			return true
		}
	}
	return false
}

// cutName reads a name that stands at the start of a selector's text, and how
// long it is there: the canonical text writes a backslash before every
// character of it that is no letter, digit or underscore. Told is false for a
// name with a character given by its number.
func cutName(s string) (name string, length int, told bool) {
	var b strings.Builder
	told = true
	for length < len(s) {
		if n := nameLen(s[length:]); n > 0 {
			b.WriteString(s[length : length+n])
			length += n
			continue
		}
		if s[length] != '\\' || length+1 >= len(s) {
			break
		}
		next := s[length+1]
		if next >= '0' && next <= '9' || next >= 'a' && next <= 'f' || next >= 'A' && next <= 'F' {
			told = false
		}
		b.WriteByte(next)
		length += 2
	}
	return b.String(), length, told
}

func nameLen(s string) int {
	n := 0
	for n < len(s) && (s[n] == '-' || s[n] == '_' || s[n] >= 0x80 || s[n] >= '0' && s[n] <= '9' || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z') {
		n++
	}
	return n
}

// bracketLen is the length of an attribute selector, quotes respected.
func bracketLen(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch {
		case quote != 0:
			if s[i] == quote && s[i-1] != '\\' {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case s[i] == ']':
			return i + 1
		}
	}
	return len(s)
}

// pseudoEnd is the end of a pseudo-class with its argument.
func pseudoEnd(s string, i int) int {
	i++
	i += nameLen(s[i:])
	if i >= len(s) || s[i] != '(' {
		return i
	}
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '[':
			i += bracketLen(s[i:]) - 1
		}
	}
	return i
}
