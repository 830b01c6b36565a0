package state

import (
	"testing"

	"forumine/extract/forum"
)

// changes gives the keys of what was delivered after a sequence, in its order,
// and the last sequence.
func (r *rig) changes(after int64) (keys []string, last int64) {
	r.t.Helper()
	last, err := r.LastSequence(r.ctx)
	r.must(err)
	keys = []string{}
	before := after
	r.must(r.Changes(r.ctx, after, last, DocumentFilter{}, func(d Document) error {
		if d.Sequence <= before || d.Sequence > last {
			r.t.Errorf("%s has sequence %d, after %d and up to %d", d.Key, d.Sequence, before, last)
		}
		before = d.Sequence
		keys = append(keys, d.Key)
		return nil
	}))
	return keys, last
}

func sequences(r *rig) {
	keys, none := r.changes(0)
	wantEqual(r.t, "of an empty state", []any{len(keys), none}, []any{0, int64(0)})
	r.page("t1", thread(1, "a"), post(1, 1, 7, "first"), post(2, 1, 7, "second"))
	keys, first := r.changes(0)
	wantEqual(r.t, "as first seen", keys, []string{threadKey(1), postKey(1), postKey(2)})
	r.drainOutbox()
	r.page("t2", thread(2, "x"))
	r.page("t1", thread(1, "a"), post(1, 1, 7, "first"), post(2, 1, 7, "said otherwise"))
	keys, second := r.changes(first)
	wantEqual(r.t, "an edit", []any{len(keys), keys[0], keys[len(keys)-1]}, []any{3, threadKey(2), postKey(2)}) // with a revision
	r.settlePage("t1", Settlement{ObservedAt: r.Observe(), DropAbsent: true, Contributions: []forum.Contribution{thread(1, "a"), post(1, 1, 7, "first")}})
	keys, third := r.changes(second)
	wantEqual(r.t, "a retraction", keys, []string{postKey(2)})

	_, err := r.Requeue(r.ctx) // for another index: nothing is new
	r.must(err)
	keys, _ = r.changes(third)
	wantEqual(r.t, "after queueing again", keys, []string{})
	r.must(r.Redeliver(r.ctx, DocumentID(postKey(1))))
	keys, fourth := r.changes(third)
	wantEqual(r.t, "after repair", keys, []string{postKey(1)})
	for _, row := range r.pending() {
		if row.Key == postKey(1) {
			wantEqual(r.t, "sequence in the outbox", row.Sequence, fourth)
		}
	}
	_, err = r.FoldAuthors(r.ctx)
	r.must(err)
	all, _ := r.changes(0)
	n := 0
	r.must(r.Documents(r.ctx, DocumentFilter{}, func(Document) error { n++; return nil }))
	wantEqual(r.t, "all", len(all), n)
}

// A state of schema 3 gets sequences in the order of its versions, all of them
// below what comes next.
func TestSequencesOfAnOldState(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Folder: testFolder{}})
	r := &rig{t: t, ctx: t.Context(), clock: newClock(), store: s}
	r.must(r.EnsureSite(r.ctx, Site{ID: siteID}))
	r.page("t1", thread(1, "a"), post(1, 1, 7, "first"), post(2, 1, 7, "second"))
	r.page("t1", thread(1, "b"), post(1, 1, 7, "first"))
	want, _ := r.changes(0)
	for _, statement := range []string{`DROP INDEX documents_sequence`, `ALTER TABLE documents DROP COLUMN sequence`, `UPDATE meta SET value = '3' WHERE name = 'schema'`} {
		r.must(s.conn.ExecContext(r.ctx, statement))
	}
	if _, err := OpenReadOnly(r.ctx, dir); err == nil {
		t.Error("a state of an older schema was opened for reading")
	}
	r.must(s.Close())
	s = mustOpen(t, dir, Options{Folder: testFolder{}})
	r.store = s
	got, last := r.changes(0)
	wantEqual(t, "documents", len(got), len(want))
	checkInvariants(t, s)
	r.page("t3", thread(3, "x"))
	keys, _ := r.changes(last)
	wantEqual(t, "new ones", keys, []string{threadKey(3)})
}
