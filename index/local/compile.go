package local

import (
	"fmt"
	"slices"
	"strings"

	"forumine/index/query"
)

// condition is an SQL condition over docs AS d.
type condition struct {
	sql  string
	args []any
}

// everything is the condition that leaves nothing out.
const everything = "1"

// plan is a compiled query: a full-text expression that every hit must match,
// if there is one, and the rest as SQL. rank is the expression that scores.
type plan struct {
	match string
	where condition
	rank  string
}

// compile turns a query into a plan. The parts that the full-text table can
// answer alone (words, keywords, flags and their combinations) become one
// expression; numbers, dates and kinds become SQL.
func compile(root query.Node) plan {
	var p plan
	match, rest := splitMatch(root)
	p.match = match
	p.where = where(rest)
	var words []string
	query.Walk(root, func(leaf query.Node, positive bool) {
		if t, ok := leaf.(query.Text); ok && positive {
			words = append(words, textMatch(t))
		}
	})
	p.rank = strings.Join(words, " OR ")
	return p
}

// splitMatch takes out of a conjunction what one full-text expression answers.
func splitMatch(n query.Node) (match string, rest query.Node) {
	if m, ok := ftsMatch(n); ok {
		return m, query.All{}
	}
	and, ok := n.(query.And)
	if !ok {
		return "", n
	}
	var fts, others []query.Node
	for _, c := range and.Nodes {
		inner := c
		if not, ok := c.(query.Not); ok {
			inner = not.Node
		}
		if _, ok := ftsMatch(inner); ok {
			fts = append(fts, c)
		} else {
			others = append(others, c)
		}
	}
	if m, ok := ftsMatch(query.And{Nodes: fts}); ok {
		return m, query.Join(others...)
	}
	return "", n
}

// ftsMatch is a query as a full-text expression. Exclusions need something to
// be excluded from; numbers, dates and kinds are not in the full-text table.
func ftsMatch(n query.Node) (string, bool) {
	switch n := n.(type) {
	case query.Text:
		return textMatch(n), true
	case query.Keyword:
		// Kinds are a column: as full-text tokens the common ones would cost the
		// ranking a look at every document. Revisions are few.
		if n.Field == "kind" && !n.Prefix && n.Value != query.KindRevision {
			return "", false
		}
		return keywordMatch(n), true
	case query.Flag:
		return factsColumn + ` : "` + escape(n.String()) + `"`, true
	case query.Or:
		return joinMatch(n.Nodes, " OR ")
	case query.And:
		return andMatch(n)
	}
	return "", false
}

func joinMatch(nodes []query.Node, operator string) (string, bool) {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		m, ok := ftsMatch(n)
		if !ok {
			return "", false
		}
		parts[i] = "(" + m + ")"
	}
	return strings.Join(parts, operator), len(parts) > 0
}

func andMatch(n query.And) (string, bool) {
	var wanted, excluded []query.Node
	for _, c := range n.Nodes {
		if not, ok := c.(query.Not); ok {
			excluded = append(excluded, not.Node)
		} else {
			wanted = append(wanted, c)
		}
	}
	m, ok := joinMatch(wanted, " AND ")
	if !ok || len(excluded) == 0 {
		return m, ok
	}
	not, ok := joinMatch(excluded, " OR ")
	return "(" + m + ") NOT (" + not + ")", ok
}

func textMatch(t query.Text) string {
	f, _ := query.LookupField(t.Field)
	var columns []string
	for _, p := range f.Paths {
		if c := columnOf(p.JSON); c != "" && !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	m := "{" + strings.Join(columns, " ") + `} : "` + phrase(f.Split(t.Text)) + `"`
	if t.Prefix {
		m += " *"
	}
	return m
}

func columnOf(path string) string {
	for _, c := range textColumns() {
		if slices.Contains(c.paths, path) {
			return c.name
		}
	}
	return ""
}

func keywordMatch(k query.Keyword) string {
	f, _ := query.LookupField(k.Field)
	var terms []string
	for _, t := range f.Wanted(k.Value) {
		term := `"` + termToken(f.Name, t) + `"`
		if k.Prefix {
			term += " *"
		}
		terms = append(terms, factsColumn+" : "+term)
	}
	return strings.Join(terms, " OR ")
}

// where is a query as an SQL condition that is never NULL.
func where(n query.Node) condition {
	if m, ok := ftsMatch(n); ok {
		return condition{`d.n IN (SELECT rowid FROM words WHERE words MATCH ?)`, []any{m}}
	}
	switch n := n.(type) {
	case query.And:
		return joinWhere(n.Nodes, " AND ")
	case query.Or:
		return joinWhere(n.Nodes, " OR ")
	case query.Not:
		c := where(n.Node)
		return condition{"NOT (" + c.sql + ")", c.args}
	case query.Keyword: // kind
		return condition{"d.kind = ?", []any{n.Value}}
	case query.Range:
		return rangeWhere(n)
	}
	return condition{everything, nil}
}

func joinWhere(nodes []query.Node, operator string) condition {
	var parts []string
	var args []any
	for _, n := range nodes {
		c := where(n)
		parts = append(parts, "("+c.sql+")")
		args = append(args, c.args...)
	}
	return condition{strings.Join(parts, operator), args}
}

func rangeWhere(r query.Range) condition {
	column := "d." + rangeColumn(r.Field)
	c := condition{sql: column + " IS NOT NULL"}
	for _, end := range []struct {
		limit *query.Limit
		op    string
	}{{r.Low, ">"}, {r.High, "<"}} {
		if end.limit == nil {
			continue
		}
		op := end.op
		if end.limit.Inclusive {
			op += "="
		}
		c.sql += fmt.Sprintf(" AND %s %s ?", column, op)
		c.args = append(c.args, end.limit.Value)
	}
	return c
}
