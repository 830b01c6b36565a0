package query

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// DSL compiles a query into Elasticsearch's query DSL, as data that
// encoding/json can write, against the mappings of posts, threads and authors.
// It finds exactly the documents for which Matches holds, given the analyzers
// forum_text (standard, lowercase, asciifolding with preserve_original),
// forum_code and the normalizer lc:
//
//	All      match_all
//	And      bool: must for nodes with words, filter for the rest, must_not for exclusions
//	Or       bool: should, at least one
//	Not      bool: must_not
//	Text     multi_match of type phrase over the field's paths: its words in order in one value.
//	         With Prefix, one prefix query a path, on the folded token
//	Keyword  terms on every path (.lc holds the folded form); prefix queries with Prefix.
//	         The field id asks for _id as well, and within each kind for that kind's own names
//	Flag     term, exists, terms or range on each of the flag's places, at least one
//	Range    range; dates as RFC 3339 in UTC
//
// A field that an index does not map is ignored by Elasticsearch, so that one
// query serves all three aliases.
func DSL(n Node) map[string]any {
	switch n := n.(type) {
	case And:
		return andDSL(n)
	case Or:
		return anyDSL(mapNodes(n.Nodes))
	case Not:
		return object("bool", map[string]any{"must_not": []any{DSL(n.Node)}})
	case Text:
		return textDSL(n)
	case Keyword:
		return keywordDSL(n)
	case Flag:
		conditions, _ := flagConditions(n.Field, n.Value)
		var clauses []any
		for _, c := range conditions {
			clauses = append(clauses, c.dsl())
		}
		return anyDSL(clauses)
	case Range:
		return rangeDSL(n)
	}
	return object("match_all", map[string]any{})
}

// SearchBody is the body of a _search request for a whole Query: condition,
// order, page, and the exact total. Elasticsearch refuses an offset and limit
// beyond 10,000 hits together.
func SearchBody(q Query) map[string]any {
	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	return map[string]any{
		"query":            DSL(q.Root()),
		"sort":             sortDSL(q),
		"from":             max(q.Offset, 0),
		"size":             limit,
		"track_total_hits": true,
	}
}

func sortDSL(q Query) []any {
	byTime := func(order string) []any {
		var keys []any
		keys = append(keys, object("@timestamp", map[string]any{"order": order, "missing": "_last", "unmapped_type": "date"}))
		for _, key := range []string{"post.key", "thread.key", "author.key", "doc_kind"} {
			keys = append(keys, object(key, map[string]any{"order": "asc", "missing": "_last", "unmapped_type": "keyword"}))
		}
		return append(keys, object("revision", map[string]any{"order": "asc", "missing": "_last", "unmapped_type": "integer"}))
	}
	switch {
	case q.Sort == Oldest:
		return byTime("asc")
	case q.Sort == Newest, !HasWords(q.Node):
		return byTime("desc")
	}
	return append([]any{object("_score", map[string]any{"order": "desc"})}, byTime("desc")...)
}

// HasWords tells whether a query asks for words that can rank its hits.
func HasWords(n Node) bool {
	found := false
	Walk(n, func(leaf Node, positive bool) {
		_, ok := leaf.(Text)
		found = found || ok && positive
	})
	return found
}

func object(key string, value any) map[string]any { return map[string]any{key: value} }

func mapNodes(nodes []Node) []any {
	out := make([]any, len(nodes))
	for i, n := range nodes {
		out[i] = DSL(n)
	}
	return out
}

func anyDSL(clauses []any) map[string]any {
	if len(clauses) == 1 {
		return clauses[0].(map[string]any)
	}
	return object("bool", map[string]any{"should": clauses, "minimum_should_match": 1})
}

func andDSL(n And) map[string]any {
	clauses := map[string][]any{}
	for _, c := range n.Nodes {
		not, excluded := c.(Not)
		switch {
		case excluded:
			clauses["must_not"] = append(clauses["must_not"], DSL(not.Node))
		case HasWords(c):
			clauses["must"] = append(clauses["must"], DSL(c))
		default:
			clauses["filter"] = append(clauses["filter"], DSL(c))
		}
	}
	body := map[string]any{}
	for name, list := range clauses {
		body[name] = list
	}
	return object("bool", body)
}

func (p Path) elastic() string {
	if p.Elastic != "" {
		return p.Elastic
	}
	return p.JSON
}

func textDSL(n Text) map[string]any {
	f, _ := LookupField(n.Field)
	if n.Prefix {
		return prefixTextDSL(f, n)
	}
	fields := make([]any, len(f.Paths))
	for i, p := range f.Paths {
		name := p.elastic()
		if p.Boost != 0 {
			name = fmt.Sprintf("%s^%g", name, p.Boost)
		}
		fields[i] = name
	}
	return object("multi_match", map[string]any{"query": n.Text, "type": "phrase", "fields": fields})
}

func prefixTextDSL(f Field, n Text) map[string]any {
	tokens := f.Split(n.Text)
	if len(tokens) != 1 {
		return object("match_none", map[string]any{})
	}
	var clauses []any
	for _, p := range f.Paths {
		clauses = append(clauses, object("prefix", object(p.elastic(), map[string]any{"value": tokens[0].Text})))
	}
	return anyDSL(clauses)
}

func keywordDSL(n Keyword) map[string]any {
	f, _ := LookupField(n.Field)
	wanted := f.Wanted(n.Value)
	var clauses []any
	if f.Name == "id" && !n.Prefix {
		clauses = append(clauses, object("ids", object("values", []any{n.Value})))
	}
	for _, p := range f.Paths {
		clause := p.keywordDSL(wanted, n.Prefix)
		if p.Kind != "" {
			kind := object("term", object("doc_kind", p.Kind))
			clause = object("bool", object("filter", []any{kind, clause}))
		}
		clauses = append(clauses, clause)
	}
	return anyDSL(clauses)
}

func (p Path) keywordDSL(wanted []Term, prefix bool) map[string]any {
	var values, prefixes []any
	for _, t := range wanted {
		if t.Fold != p.Fold {
			continue
		}
		values = append(values, t.Value)
		prefixes = append(prefixes, object("prefix", object(p.elastic(), map[string]any{"value": t.Value})))
	}
	if prefix {
		return anyDSL(prefixes)
	}
	return object("terms", object(p.elastic(), values))
}

func (c condition) dsl() any {
	switch c.test {
	case isTrue:
		return object("term", object(c.path, true))
	case positive:
		return object("range", object(c.path, map[string]any{"gt": 0}))
	case equals:
		return object("term", object(c.path, c.value))
	}
	return object("exists", object("field", c.path))
}

func rangeDSL(n Range) map[string]any {
	f, _ := LookupField(n.Field)
	bounds := map[string]any{}
	for _, end := range []struct {
		limit               *Limit
		inclusive, excluded string
	}{{n.Low, "gte", "gt"}, {n.High, "lte", "lt"}} {
		if end.limit == nil {
			continue
		}
		op := end.excluded
		if end.limit.Inclusive {
			op = end.inclusive
		}
		v := end.limit.Value
		if f.whole && math.Abs(v) > math.MaxInt32 {
			if (v > 0) == (op[0] == 'g') { // no 32-bit number lies beyond
				return object("match_none", map[string]any{})
			}
			continue
		}
		bounds[op] = v
		if f.Type == DateField {
			bounds[op] = time.UnixMilli(int64(v)).UTC().Format("2006-01-02T15:04:05.000Z")
			bounds["format"] = "strict_date_optional_time"
		}
	}
	switch {
	case len(f.Paths) == 0:
		return object("match_none", map[string]any{})
	case len(bounds) == 0:
		return object("exists", object("field", f.Paths[0].elastic()))
	}
	return object("range", object(f.Paths[0].elastic(), bounds))
}

// ElasticFields lists the mapped fields that DSL can ask for, sorted, for a
// check of mappings; custom fields stand as "author.fields".
func ElasticFields() []string {
	names := []string{"author.fields"}
	for _, f := range append(Fields(), DefaultField()) {
		for _, p := range f.Paths {
			names = append(names, p.elastic())
		}
	}
	for _, field := range []string{"is", "has"} {
		for _, flag := range flagList(field) {
			for _, c := range flag.any {
				names = append(names, c.path)
			}
		}
	}
	slices.SortFunc(names, strings.Compare)
	return slices.Compact(names)
}
