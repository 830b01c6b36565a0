package state

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"

	"forumine/extract/forum"
)

func itoa(n int) string { return strconv.Itoa(n) }

// dump gives every document by key, versions, times and revisions aside: two
// states that read the same pages dump the same.
func dump(t *testing.T, s *Store) map[string]testDoc {
	t.Helper()
	out := map[string]testDoc{}
	err := s.Documents(context.Background(), DocumentFilter{}, func(d Document) error {
		if d.Kind == forum.DocRevision {
			return nil
		}
		var body testDoc
		if err := json.Unmarshal(d.Body, &body); err != nil {
			return err
		}
		if body.Version != d.Version || body.Retracted != d.Retracted || body.Revision != d.Revision {
			t.Errorf("%s: body and books disagree: %+v, %+v", d.Key, d, body)
		}
		body.Version, body.Revision = 0, 0
		out[d.Key] = body
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkInvariants proves what must hold after any transaction.
func checkInvariants(t *testing.T, s *Store) {
	t.Helper()
	count := func(what, query string) {
		t.Helper()
		var n int
		if err := s.Reader.db.QueryRow(query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	count("outbox rows of another version than their document", `SELECT count(*) FROM outbox o JOIN documents d ON d.id = o.document WHERE o.version <> d.version`)
	count("outbox rows of an older delivery than their document's", `SELECT count(*) FROM outbox o JOIN documents d ON d.id = o.document WHERE o.seq < d.sequence`)
	count("delivered documents without a sequence", `SELECT count(*) FROM documents WHERE (version > 0) <> (sequence > 0)`)
	count("documents that share a sequence", `SELECT count(*) - count(DISTINCT sequence) FROM documents WHERE sequence > 0`)
	count("outbox rows without a body", `SELECT count(*) FROM outbox WHERE document NOT IN (SELECT document FROM bodies)`)
	count("delivered documents without a body", `SELECT count(*) FROM documents WHERE version > 0 AND id NOT IN (SELECT document FROM bodies)`)
	count("posts and threads that were never folded", `SELECT count(*) FROM documents WHERE version = 0 AND kind <> 'author'`)
	count("authors that were neither folded nor noted", `SELECT count(*) FROM documents WHERE version = 0 AND id NOT IN (SELECT document FROM dirty_authors)`)
	count("live documents that no page mentions", `SELECT count(*) FROM documents WHERE kind IN ('post', 'thread') AND retracted = 0 AND id NOT IN (SELECT document FROM contributions)`)
	count("retracted documents that a page mentions", `SELECT count(*) FROM documents WHERE retracted = 1 AND id IN (SELECT document FROM contributions) AND id NOT IN (SELECT document FROM dirty_authors)`)
	count("contributions without a page", `SELECT count(*) FROM contributions WHERE page NOT IN (SELECT id FROM urls)`)
	count("contributions without a document", `SELECT count(*) FROM contributions WHERE document NOT IN (SELECT id FROM documents)`)
	count("lanes that hide ready URLs", `SELECT count(*) FROM urls u JOIN lanes l ON l.id = u.lane WHERE u.state = 0 AND l.has_ready = 0`)
	count("tokens on URLs that are not leased", `SELECT count(*) FROM urls WHERE (state = 2) <> (token <> 0)`)
	count("lanes out of pace", `SELECT count(*) FROM lanes l JOIN slots s ON s.id = l.slot WHERE l.ready_at <> max(s.next_at, s.paused_until, s.lease_until)`)
	rows, bytes, err := s.OutboxSize(t.Context())
	if got := s.Backlog(); err != nil || got != (Backlog{rows, bytes}) {
		t.Errorf("the backlog is counted as %+v and is %d rows of %d bytes, %v", got, rows, bytes, err)
	}
	var verdict string
	if err := s.Reader.db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %s, %v", verdict, err)
	}
}
