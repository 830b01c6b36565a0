package query

import "strings"

// Node is a parsed query: All, And, Or, Not, or one of the leaves Text,
// Keyword, Range and Flag. String gives query text that parses to the same
// Node; Column is where it began in the text, 1-based in characters, 0 for a
// Node that was not parsed.
type Node interface {
	String() string
	Column() int
}

// All matches every document: the empty query.
type All struct{}

// And matches what all of its nodes match.
type And struct{ Nodes []Node }

// Or matches what at least one of its nodes matches.
type Or struct{ Nodes []Node }

// Not matches what its node does not match.
type Not struct{ Node Node }

// Text asks for words. The text is split by the field's rule (Words or
// CodeWords); its tokens must stand next to one another in this order in one
// value of one of the field's paths. A single word is a phrase of one.
type Text struct {
	Field  string // a text field's name; "" is the default field
	Text   string
	Prefix bool // the only token of Text is the beginning of a word
	Col    int
}

// Keyword asks for a whole value, or the beginning of one.
type Keyword struct {
	Field  string // a keyword field's name, or "field." and a slug
	Value  string
	Prefix bool
	Col    int
}

// Flag asks for a property: is:first, has:image.
type Flag struct {
	Field string // "is" or "has"
	Value string
	Col   int
}

// Limit is one end of a Range: milliseconds since 1970 UTC for dates.
type Limit struct {
	Value     float64
	Inclusive bool
}

// Range asks for a number or a point in time between two limits; nil leaves an
// end open. A document without the field never matches.
type Range struct {
	Field     string
	Expr      string // as written: "2024-03", ">=10", "10..20"
	Low, High *Limit
	Col       int
}

// Column of a whole query.
func (All) Column() int { return 0 }

// Column of the first condition.
func (n And) Column() int { return columnOf(n.Nodes) }

// Column of the first alternative.
func (n Or) Column() int { return columnOf(n.Nodes) }

// Column of what is excluded.
func (n Not) Column() int { return n.Node.Column() }

// Column of the first character.
func (n Text) Column() int { return n.Col }

// Column of the first character.
func (n Keyword) Column() int { return n.Col }

// Column of the first character.
func (n Flag) Column() int { return n.Col }

// Column of the first character.
func (n Range) Column() int { return n.Col }

func columnOf(nodes []Node) int {
	if len(nodes) == 0 {
		return 0
	}
	return nodes[0].Column()
}

func (All) String() string    { return "" }
func (n And) String() string  { return joinNodes(n.Nodes, " ") }
func (n Or) String() string   { return joinNodes(n.Nodes, " OR ") }
func (n Not) String() string  { return "-" + group(n.Node) }
func (n Flag) String() string { return n.Field + ":" + n.Value }

func (n Range) String() string { return n.Field + ":" + n.Expr }

func (n Text) String() string {
	if n.Field == "" {
		return printValue(n.Text, n.Prefix, true)
	}
	return n.Field + ":" + printValue(n.Text, n.Prefix, false)
}

func (n Keyword) String() string {
	return n.Field + ":" + printValue(n.Value, n.Prefix, false)
}

// group sets a node in parentheses where it would not stand alone otherwise.
func group(n Node) string {
	switch n.(type) {
	case And, Or, Not, All:
		return "(" + n.String() + ")"
	}
	return n.String()
}

func joinNodes(nodes []Node, sep string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		if not, ok := n.(Not); ok {
			parts[i] = not.String()
			continue
		}
		parts[i] = group(n)
	}
	return strings.Join(parts, sep)
}

// printValue writes a value bare where it reads back the same, else in quotes.
func printValue(v string, prefix, alone bool) string {
	star := ""
	if prefix {
		star = "*"
	}
	if isBare(v, alone) {
		return v + star
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range v {
		if isQuote(r) || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String() + star
}

// isBare tells whether a value can stand without quotes, alone or after a colon.
func isBare(v string, alone bool) bool {
	if v == "" || strings.HasSuffix(v, "*") || strings.ContainsFunc(v, endsWord) {
		return false
	}
	if !alone {
		return true
	}
	if v[0] == '-' || v == "OR" || v == "AND" || v == "NOT" {
		return false
	}
	_, _, hasField := cutField(v)
	return !hasField
}

// Join is the conjunction of nodes: flat, without All; All itself when nothing
// is left.
func Join(nodes ...Node) Node {
	var flat []Node
	for _, n := range nodes {
		switch n := n.(type) {
		case nil, All:
		case And:
			flat = append(flat, n.Nodes...)
		default:
			flat = append(flat, n)
		}
	}
	switch len(flat) {
	case 0:
		return All{}
	case 1:
		return flat[0]
	}
	return And{flat}
}

// Walk visits the leaves of a query from left to right; positive tells whether
// the leaf stands under an even number of exclusions.
func Walk(n Node, visit func(leaf Node, positive bool)) { walk(n, true, visit) }

func walk(n Node, positive bool, visit func(Node, bool)) {
	switch n := n.(type) {
	case nil, All:
	case And:
		for _, c := range n.Nodes {
			walk(c, positive, visit)
		}
	case Or:
		for _, c := range n.Nodes {
			walk(c, positive, visit)
		}
	case Not:
		walk(n.Node, !positive, visit)
	default:
		visit(n, positive)
	}
}
