package local

import (
	"errors"
	"fmt"
	"strings"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/query"
)

// The full-text table's tokenizer takes letters and digits of ASCII and all
// bytes above as one token, and nothing else. Everything else within a token
// moves to the private use area, which no word of a text contains: U+E100 + c.
const (
	escapeBase = 0xE100
	gap        = " \uE000 " // between two values, so that no phrase spans them
	separator  = "\uE001"   // between a keyword's field and its value
)

// row is a document as it is stored.
type row struct {
	doc       index.Document
	hidden    bool
	threadKey any
	ranges    []any    // in the order of rangeFields
	texts     []string // in the order of textColumns
}

// encoder knows which field goes where.
type encoder struct {
	columns  []column
	ranges   []query.Field
	keywords []query.Field
	flags    []query.FlagOf
	split    map[string]query.Field // by path: how its text is split
}

func newEncoder() *encoder {
	e := &encoder{columns: textColumns(), ranges: rangeFields(), split: splitters(), flags: query.AllFlags()}
	for _, f := range query.Fields() {
		if f.Type == query.KeywordField {
			e.keywords = append(e.keywords, f)
		}
	}
	return e
}

// encode reads a document's JSON into its row.
func (e *encoder) encode(d index.Document) (row, error) {
	doc, err := query.Decode(d.Body)
	if err != nil {
		return row{}, err
	}
	if kind, _ := doc["doc_kind"].(string); kind != string(d.Kind) {
		return row{}, fmt.Errorf("doc_kind is %q in a document of kind %q", kind, d.Kind)
	}
	if d.ID == "" {
		return row{}, errors.New("the document has no id")
	}
	r := row{doc: d, hidden: doc["retracted"] == true}
	if thread, ok := doc["thread"].(map[string]any); ok && d.Kind == forum.DocPost {
		if key, ok := thread["key"].(string); ok && key != "" {
			r.threadKey = key
		}
	}
	for _, f := range e.ranges {
		r.ranges = append(r.ranges, nil)
		if v, ok := f.Number(doc); ok {
			r.ranges[len(r.ranges)-1] = v
		}
	}
	r.texts = e.encodeTexts(d, doc)
	return r, nil
}

func (e *encoder) encodeTexts(d index.Document, doc map[string]any) []string {
	var texts []string
	for _, c := range e.columns {
		if c.name == factsColumn {
			texts = append(texts, strings.Join(e.facts(d, doc), " "))
			continue
		}
		var values []string
		for _, path := range c.paths {
			f := e.split[path]
			for _, text := range f.Texts(doc) {
				values = append(values, phrase(f.Split(text)))
			}
		}
		texts = append(texts, strings.Join(values, gap))
	}
	return texts
}

// splitters are fields that look at one path each and split its text.
func splitters() map[string]query.Field {
	split := map[string]query.Field{}
	for _, f := range query.Fields() {
		if f.Type != query.TextField {
			continue
		}
		for _, p := range f.Paths {
			f.Paths = []query.Path{p}
			split[p.JSON] = f
		}
	}
	return split
}

// facts are a document's keywords and flags as tokens.
func (e *encoder) facts(d index.Document, doc map[string]any) []string {
	var tokens []string
	add := func(f query.Field) {
		for _, t := range f.Terms(doc) {
			tokens = append(tokens, termToken(f.Name, t))
		}
	}
	for _, f := range e.keywords {
		add(f)
	}
	for _, f := range query.CustomFields(doc) {
		add(f)
	}
	for _, flag := range query.Flags(doc, e.flags) {
		tokens = append(tokens, escape(flag))
	}
	return append(tokens, termToken("id", query.Term{Value: d.ID}))
}

// termToken is a keyword as a token: field, kind of comparison, value.
func termToken(field string, t query.Term) string {
	how := "x"
	if t.Fold {
		how = "f"
	}
	return escape(field) + separator + how + escape(t.Value)
}

// phrase writes tokens for the full-text table.
func phrase(tokens []query.Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(escape(t.Text))
	}
	return b.String()
}

// escape makes one token of any text. Capitals are moved as well: the
// tokenizer would fold them.
func escape(s string) string {
	plain := func(c byte) bool { return c >= 0x80 || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for ; i < len(s); i++ {
		if plain(s[i]) {
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(escapeBase + rune(s[i]))
	}
	return b.String()
}
