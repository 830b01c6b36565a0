package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"forumine/extract/forum"
	"forumine/index/query"
)

// Results are the hits of one page of a search.
type Results struct {
	Total int64 // all hits, not only these
	Hits  []Hit
}

// Hit is one found document. Score grows with relevance and is 0 in a query
// without words; Fragments are lines of text with the matches marked.
type Hit struct {
	ID        string          `json:"id"`
	Kind      forum.DocKind   `json:"kind"`
	Score     float64         `json:"score"`
	Document  json.RawMessage `json:"document"`
	Fragments []string        `json:"fragments"`
}

// Search finds documents. It reads one consistent state, whatever is being
// delivered meanwhile. Retracted documents are never found.
func (x *Index) Search(ctx context.Context, q query.Query) (Results, error) {
	var found Results
	err := x.inRead(ctx, func(tx *sql.Tx) error {
		var err error
		found, err = search(ctx, tx, q)
		return err
	})
	if err != nil {
		return Results{}, x.explain("searching the index", err)
	}
	for i := range found.Hits {
		doc, err := query.Decode(found.Hits[i].Document)
		if err != nil {
			return Results{}, err
		}
		o := query.HighlightOptions{Pre: x.opt.Pre, Post: x.opt.Post}
		found.Hits[i].Fragments = query.Highlight(q.Node, doc, o)
	}
	return found, nil
}

// inRead runs fn in a read transaction.
func (x *Index) inRead(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := x.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return fn(tx)
}

func search(ctx context.Context, tx *sql.Tx, q query.Query) (Results, error) {
	p := compile(q.Root())
	var found Results
	from, args := p.count()
	if err := tx.QueryRowContext(ctx, `SELECT count(*) `+from, args...).Scan(&found.Total); err != nil {
		return found, fmt.Errorf("counting: %w", err)
	}
	ranked := p.rank != "" && (q.Sort == query.Relevance || q.Sort == "")
	limit := q.Limit
	if limit <= 0 {
		limit = query.DefaultLimit
	}
	from, args = p.from(ranked)
	text := `SELECT d.n, d.id, d.kind, ` + p.score(ranked) + ` AS score ` + from + ` ORDER BY ` + order(q.Sort, ranked) + ` LIMIT ? OFFSET ?`
	rows, err := tx.QueryContext(ctx, text, append(args, limit, max(q.Offset, 0))...)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var n int64
		var h Hit
		if err := rows.Scan(&n, &h.ID, &h.Kind, &h.Score); err != nil {
			return found, err
		}
		numbers = append(numbers, n)
		found.Hits = append(found.Hits, h)
	}
	if err := rows.Err(); err != nil {
		return found, err
	}
	return found, readBodies(ctx, tx, numbers, found.Hits)
}

func readBodies(ctx context.Context, tx *sql.Tx, numbers []int64, hits []Hit) error {
	for i, n := range numbers {
		var body string
		if err := tx.QueryRowContext(ctx, `SELECT json FROM bodies WHERE n = ?`, n).Scan(&body); err != nil {
			return fmt.Errorf("reading document %s: %w", hits[i].ID, err)
		}
		hits[i].Document = json.RawMessage(body)
	}
	return nil
}

// count is FROM and WHERE for counting. The full-text table holds no hidden
// document, so that a query which it answers alone needs no other table.
func (p plan) count() (string, []any) {
	if p.match != "" && p.where.sql == everything {
		return `FROM words WHERE words MATCH ?`, []any{p.match}
	}
	return p.from(false)
}

// from is FROM and WHERE of a plan. The full-text table leads where it can; a
// query that it cannot lead is scored by a join.
func (p plan) from(ranked bool) (string, []any) {
	filter := ` AND d.hidden = 0 AND (` + p.where.sql + `)`
	switch {
	case p.match != "":
		return `FROM words CROSS JOIN docs AS d ON d.n = words.rowid WHERE words MATCH ?` + filter,
			append([]any{p.match}, p.where.args...)
	case ranked:
		return `FROM docs AS d LEFT JOIN (SELECT rowid AS n, ` + bm25() + ` AS score FROM words WHERE words MATCH ?) AS r ON r.n = d.n WHERE 1` + filter,
			append([]any{p.rank}, p.where.args...)
	}
	return `FROM docs AS d WHERE 1` + filter, p.where.args
}

func (p plan) score(ranked bool) string {
	switch {
	case !ranked:
		return "0.0"
	case p.match != "":
		return bm25()
	}
	return "coalesce(r.score, 0.0)"
}

// bm25 is the ranking function, greater is better (SQLite's own is negative).
func bm25() string {
	var weights []string
	for _, c := range textColumns() {
		weights = append(weights, fmt.Sprintf("%.1f", c.weight))
	}
	return "-bm25(words, " + strings.Join(weights, ", ") + ")"
}

// tie orders documents of one moment as Elasticsearch does (see query.Sort): a
// revision's key is its post's and a bar with 23 characters of time.
const tie = `CASE d.kind WHEN 'thread' THEN 1 WHEN 'author' THEN 2 ELSE 0 END,
  CASE d.kind WHEN 'revision' THEN substr(d.key, 1, length(d.key) - 24) ELSE d.key END, d.kind, d.key`

func order(s query.Sort, ranked bool) string {
	switch {
	case s == query.Oldest:
		return "d.f_date IS NULL, d.f_date ASC, " + tie
	case ranked:
		return "score DESC, d.f_date IS NULL, d.f_date DESC, " + tie
	}
	return "d.f_date IS NULL, d.f_date DESC, " + tie
}
