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

// Document is a stored document.
type Document struct {
	ID, Key string
	Kind    forum.DocKind
	Version int64
	Body    json.RawMessage
}

const selectDocument = `SELECT d.id, d.key, d.kind, d.version, b.json FROM docs AS d JOIN bodies AS b ON b.n = d.n `

// Get finds a document by its id or key, else by native id or URL. Errors:
// ErrNotFound, and ErrAmbiguous when several documents share a native id; it
// names their keys.
func (x *Index) Get(ctx context.Context, name string) (Document, error) {
	found, err := x.documents(ctx, `WHERE d.id = ?1 OR d.key = ?1`, name)
	if err == nil && len(found) == 0 {
		found, err = x.documents(ctx, `WHERE d.kind <> 'revision' AND d.n IN (SELECT rowid FROM words WHERE words MATCH ?) ORDER BY d.key`,
			keywordMatch(query.Keyword{Field: "id", Value: name}))
	}
	if err != nil {
		return Document{}, x.explain("reading the index", err)
	}
	switch len(found) {
	case 0:
		return Document{}, fmt.Errorf("%w: %q is no id, key, native id or URL in the index", ErrNotFound, name)
	case 1:
		return found[0], nil
	}
	keys := make([]string, len(found))
	for i, d := range found {
		keys[i] = d.Key
	}
	return Document{}, fmt.Errorf("%w: %q: give one of the keys %s", ErrAmbiguous, name, strings.Join(keys, ", "))
}

// Thread gives a thread's posts in the order of their positions; those without
// one come last, by time. The thread is named by key, native id, URL, or the id
// of its document. Errors: ErrNotFound, ErrAmbiguous.
func (x *Index) Thread(ctx context.Context, name string) ([]Document, error) {
	key, err := x.threadKey(ctx, name)
	if err != nil {
		return nil, x.explain("reading the index", err)
	}
	posts, err := x.documents(ctx, `WHERE d.thread_key = ? AND d.kind = 'post' AND d.hidden = 0
		ORDER BY d.f_position IS NULL, d.f_position, d.f_date, d.key`, key)
	return posts, x.explain("reading the index", err)
}

func (x *Index) threadKey(ctx context.Context, name string) (string, error) {
	rows, err := x.read.QueryContext(ctx, `
		SELECT DISTINCT thread_key FROM docs WHERE thread_key IS NOT NULL AND hidden = 0 AND kind = 'post' AND (
			n IN (SELECT rowid FROM words WHERE words MATCH ?1)
			OR thread_key IN (SELECT key FROM docs WHERE id = ?2))
		ORDER BY thread_key LIMIT 20`, keywordMatch(query.Keyword{Field: "thread", Value: name}), name)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return "", err
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	switch len(keys) {
	case 0:
		return "", fmt.Errorf("%w: no post of a thread %q is in the index", ErrNotFound, name)
	case 1:
		return keys[0], nil
	}
	return "", fmt.Errorf("%w: %q: give one of the keys %s", ErrAmbiguous, name, strings.Join(keys, ", "))
}

// Count gives the number of documents of each kind, retracted ones left out.
func (x *Index) Count(ctx context.Context) (map[forum.DocKind]int64, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT kind, count(*) FROM docs WHERE hidden = 0 GROUP BY kind`)
	if err != nil {
		return nil, x.explain("counting documents", err)
	}
	defer rows.Close()
	counts := map[forum.DocKind]int64{}
	for rows.Next() {
		var kind forum.DocKind
		var n int64
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, x.explain("counting documents", err)
		}
		counts[kind] = n
	}
	return counts, x.explain("counting documents", rows.Err())
}

// Documents calls fn for every document of every kind in the order of their
// first delivery, retracted ones left out. It reads one consistent state; an
// error of fn ends it and is returned as it is.
func (x *Index) Documents(ctx context.Context, fn func(Document) error) error {
	return x.each(ctx, `WHERE d.hidden = 0 ORDER BY d.n`, fn)
}

// Everything is Documents with the retracted ones: all that the file holds.
func (x *Index) Everything(ctx context.Context, fn func(Document) error) error {
	return x.each(ctx, `ORDER BY d.n`, fn)
}

func (x *Index) each(ctx context.Context, rest string, fn func(Document) error) error {
	var failed error
	err := x.eachDocument(ctx, func(d Document) error {
		failed = fn(d)
		return failed
	}, rest)
	if failed != nil {
		return failed
	}
	return x.explain("reading documents", err)
}

func (x *Index) documents(ctx context.Context, rest string, args ...any) ([]Document, error) {
	var docs []Document
	err := x.eachDocument(ctx, func(d Document) error {
		docs = append(docs, d)
		return nil
	}, rest, args...)
	return docs, err
}

func (x *Index) eachDocument(ctx context.Context, fn func(Document) error, rest string, args ...any) error {
	rows, err := x.read.QueryContext(ctx, selectDocument+rest, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return scanDocuments(rows, fn)
}

func scanDocuments(rows *sql.Rows, fn func(Document) error) error {
	for rows.Next() {
		var d Document
		var body string
		if err := rows.Scan(&d.ID, &d.Key, &d.Kind, &d.Version, &body); err != nil {
			return err
		}
		d.Body = json.RawMessage(body)
		if err := fn(d); err != nil {
			return err
		}
	}
	return rows.Err()
}
