package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Decode reads a document's JSON for Matches and Highlight.
func Decode(body []byte) (map[string]any, error) {
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	if doc == nil {
		return nil, fmt.Errorf("reading a document: %.20q is not a JSON object", body)
	}
	return doc, nil
}

// Matches tells whether a decoded document answers a query. It defines what a
// query means; both indexes find exactly the documents for which it holds.
func Matches(n Node, doc map[string]any) bool {
	switch n := n.(type) {
	case nil, All:
		return true
	case And:
		return !slices.ContainsFunc(n.Nodes, func(c Node) bool { return !Matches(c, doc) })
	case Or:
		return slices.ContainsFunc(n.Nodes, func(c Node) bool { return Matches(c, doc) })
	case Not:
		return !Matches(n.Node, doc)
	case Text:
		return n.matches(doc)
	case Keyword:
		return n.matches(doc)
	case Flag:
		conditions, _ := flagConditions(n.Field, n.Value)
		return holdsAny(conditions, doc)
	case Range:
		f, _ := LookupField(n.Field)
		v, ok := f.Number(doc)
		return ok && n.contains(v)
	}
	return false
}

func (n Text) matches(doc map[string]any) bool {
	f, _ := LookupField(n.Field)
	want := f.Split(n.Text)
	for _, text := range f.Texts(doc) {
		if len(occurrences(f.Split(text), want, n.Prefix)) > 0 {
			return true
		}
	}
	return false
}

// occurrences are the indexes in tokens where the phrase want begins.
func occurrences(tokens, want []Token, prefix bool) []int {
	var at []int
	if len(want) == 0 {
		return nil
	}
	for i := 0; i+len(want) <= len(tokens); i++ {
		if phraseAt(tokens[i:], want, prefix) {
			at = append(at, i)
		}
	}
	return at
}

func phraseAt(tokens, want []Token, prefix bool) bool {
	for j, w := range want {
		have := tokens[j].Text
		if prefix && j == len(want)-1 && strings.HasPrefix(have, w.Text) {
			continue
		}
		if have != w.Text {
			return false
		}
	}
	return true
}

func (n Keyword) matches(doc map[string]any) bool {
	f, _ := LookupField(n.Field)
	wanted := f.Wanted(n.Value)
	for _, have := range f.Terms(doc) {
		for _, want := range wanted {
			if have.Fold != want.Fold {
				continue
			}
			if have.Value == want.Value || n.Prefix && strings.HasPrefix(have.Value, want.Value) {
				return true
			}
		}
	}
	return false
}

// Number is a document's value under a number or date field; dates are
// milliseconds since 1970 UTC.
func (f Field) Number(doc map[string]any) (float64, bool) {
	for _, p := range f.Paths {
		values := valuesAt(doc, p.JSON)
		switch {
		case len(values) == 0:
		case f.Type == DateField:
			return millisOf(values[0])
		default:
			return numberOf(values[0])
		}
	}
	return 0, false
}

func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	}
	return 0, false
}

func millisOf(v any) (float64, bool) {
	s, ok := v.(string)
	if !ok {
		return numberOf(v)
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.UnixMilli()), true
		}
	}
	return 0, false
}

// valuesAt are the values at a dotted path, looking through arrays; null is no
// value. A key may hold dots itself ("author.fields" slugs do not).
func valuesAt(v any, path string) []any {
	if list, ok := v.([]any); ok {
		var all []any
		for _, item := range list {
			all = append(all, valuesAt(item, path)...)
		}
		return all
	}
	if path == "" {
		if v == nil {
			return nil
		}
		return []any{v}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	key, rest, _ := strings.Cut(path, ".")
	return valuesAt(object[key], rest)
}

// valueAt is the one value at a path, nil for none; false where there are lists on
// the way, and there may be several.
func valueAt(doc map[string]any, path string) (any, bool) {
	for {
		key, rest, deeper := strings.Cut(path, ".")
		v := doc[key]
		if _, list := v.([]any); list {
			return nil, false
		}
		if !deeper {
			return v, true
		}
		var ok bool
		if doc, ok = v.(map[string]any); !ok {
			return nil, true
		}
		path = rest
	}
}

// stringsAt are the texts at a path; numbers and booleans as JSON writes them.
func stringsAt(doc map[string]any, path string) []string {
	if v, ok := valueAt(doc, path); ok {
		switch v := v.(type) {
		case nil:
			return nil
		case string:
			return []string{v}
		}
	}
	var texts []string
	for _, v := range valuesAt(doc, path) {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case map[string]any:
		default:
			if b, err := json.Marshal(v); err == nil {
				texts = append(texts, string(b))
			}
		}
	}
	return texts
}
