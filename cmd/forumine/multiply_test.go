package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// multiply makes so many more posts of a data folder's own.
func multiply(t testing.TB, data string, n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(data, "state.db"))+"?_pragma=synchronous(off)")
	noError(t, err)
	defer db.Close()
	posts := number(data, "state.db", `SELECT count(*) FROM documents WHERE kind = 'post'`)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO documents (docid, kind, key, site, state, version, revision, digest, content, first_seen_at, changed_at, content_at, extractor, sequence)
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
SELECT randomblob(20), kind, key || '~' || i, site, state, version, revision, digest, content, first_seen_at, changed_at, content_at, extractor, 1000 + i * 1000 + d.id
FROM n, documents d WHERE d.kind = 'post' LIMIT %d`, n/posts+1, n),
		`INSERT INTO bodies (document, body) SELECT c.id, b.body FROM documents c
JOIN documents d ON d.key = substr(c.key, 1, instr(c.key, '~') - 1) JOIN bodies b ON b.document = d.id WHERE instr(c.key, '~') > 0`,
		`UPDATE sqlite_sequence SET seq = (SELECT max(sequence) FROM documents) WHERE name = 'outbox'`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		noError(t, err)
	}
}
