// Package query is the query language of `forumine search`: one definition of
// what a query means, for the embedded index and for Elasticsearch alike. It
// imports the standard library only and reaches no index itself.
//
// Its steps: Parse reads a query into a Node (Filter makes one of flags); DSL
// compiles a Node into Elasticsearch's query DSL and package local compiles it
// into SQL; Matches decides for one decoded document and is the reference that
// both are held against; Highlight shows where a document matched.
//
// The grammar and the fields are described in docs/search.md.
package query

import (
	"fmt"
	"strings"
)

// Sort is an order of hits. Ties are broken by time, newest first; then posts
// stand before threads and these before authors, each in the order of their keys,
// and a post before its older versions, the oldest first.
type Sort string

// The orders. Relevance falls back to Newest for a query without words.
const (
	Relevance Sort = "relevance"
	Newest    Sort = "newest"
	Oldest    Sort = "oldest"
)

// ParseSort reads the name of an order; the empty name is Relevance.
func ParseSort(s string) (Sort, error) {
	switch Sort(strings.ToLower(s)) {
	case "", Relevance:
		return Relevance, nil
	case Newest:
		return Newest, nil
	case Oldest:
		return Oldest, nil
	}
	return "", fmt.Errorf("unknown order %q: use relevance, newest or oldest", s)
}

// The kinds of documents, the values of doc_kind.
const (
	KindPost     = "post"
	KindThread   = "thread"
	KindAuthor   = "author"
	KindRevision = "revision"
)

// Query is a question to an index.
type Query struct {
	Node   Node   // nil asks for everything
	Kind   string // one of the kinds, or empty for all but revisions
	Limit  int    // hits to return; 0 means 10
	Offset int    // hits to pass over first
	Sort   Sort   // empty means Relevance
}

// DefaultLimit is the number of hits of a Query that names none.
const DefaultLimit = 10

// Root is the Query's whole condition: its Node, its Kind, and the rule that
// revisions are found only by those who ask for them.
func (q Query) Root() Node {
	node := q.Node
	if node == nil {
		node = All{}
	}
	switch {
	case q.Kind != "":
		return Join(node, Keyword{Field: "kind", Value: q.Kind})
	case asksForRevisions(node):
		return node
	}
	return Join(node, Not{Keyword{Field: "kind", Value: KindRevision}})
}

// Matches tells whether a decoded document answers the whole Query. Retracted
// documents answer none.
func (q Query) Matches(doc map[string]any) bool {
	return doc["retracted"] != true && Matches(q.Root(), doc)
}

func asksForRevisions(n Node) bool {
	asks := false
	Walk(n, func(leaf Node, positive bool) {
		k, ok := leaf.(Keyword)
		asks = asks || ok && positive && k.Field == "kind" && k.Value == KindRevision
	})
	return asks
}

// Filter holds the flags of `forumine search`. Values are taken as they are,
// without query syntax; several values of one flag mean any of them.
type Filter struct {
	Site, Engine, Board, Author, Thread, Tag, Lang []string
	Since, Until                                   string // as in date: a day, month or year counts whole
}

// Node compiles the flags. An empty Filter gives All.
func (f Filter) Node() (Node, error) {
	var nodes []Node
	for _, flag := range []struct {
		field  string
		values []string
	}{
		{"site", f.Site}, {"engine", f.Engine}, {"board", f.Board}, {"author", f.Author},
		{"thread", f.Thread}, {"tag", f.Tag}, {"lang", f.Lang},
	} {
		if n := anyOf(flag.field, flag.values); n != nil {
			nodes = append(nodes, n)
		}
	}
	for _, bound := range []struct{ name, op, value string }{
		{"since", ">=", f.Since}, {"until", "<=", f.Until},
	} {
		if bound.value == "" {
			continue
		}
		r, err := newRange(dateRange, "date", bound.op+bound.value)
		if err != nil {
			return nil, fmt.Errorf("reading --%s %q: %w", bound.name, bound.value, err)
		}
		nodes = append(nodes, r)
	}
	return Join(nodes...), nil
}

func anyOf(field string, values []string) Node {
	var nodes []Node
	for _, v := range values {
		if v != "" {
			nodes = append(nodes, Keyword{Field: field, Value: v})
		}
	}
	switch len(nodes) {
	case 0:
		return nil
	case 1:
		return nodes[0]
	}
	return Or{nodes}
}
