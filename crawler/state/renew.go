package state

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"forumine/extract/forum"
)

// Unread forgets what all pages have said, so that every archived page can say
// it anew in another way: contributions, bodies, revisions, authors, the outbox and
// the dead letters go. Frontier and captures stay; of posts and threads there stay
// key, version, when they were first seen, and since when they are missing. The
// pages have to be read again (CapturesInOrder, Reread) before anything is
// delivered.
func (s *Store) Unread(ctx context.Context) error {
	err := s.write(ctx, durable, func(t *tx) error {
		t.cleaned = true
		for _, statement := range sqlUnread() {
			if err := t.exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "forgetting what pages have said")
}

// DropUnread deletes the documents that Unread left and no page has spoken of
// since. It gives how many.
func (s *Store) DropUnread(ctx context.Context) (int64, error) {
	var n int64
	err := s.write(ctx, durable, func(t *tx) (err error) {
		n, err = t.execN(sqlDropUnread)
		return err
	})
	return n, wrap(err, "deleting documents that no page speaks of")
}

// CapturesInOrder calls fn for every settled capture in the order of observation:
// read again in this order, pages bring about the revisions that they brought
// about when they were fetched.
func (r *Reader) CapturesInOrder(ctx context.Context, fn func(Capture) error) error {
	type place struct{ file, position int64 }
	var all []place
	err := r.each(ctx, sqlCapturePlaces, nil, func(scan func(...any) error) error {
		var p place
		err := scan(&p.file, &p.position)
		all = append(all, p)
		return err
	})
	if err != nil {
		return wrap(err, "reading captures")
	}
	for _, p := range all {
		var c Capture
		var at int64
		err := r.one(ctx, sqlCaptureOf, []any{p.file, p.position}, &c.Site, &c.Key, &c.URL, &c.Ref, &at, &c.Outcome, &c.Extractor, &c.FactsVersion)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return wrap(err, "reading a capture")
		}
		c.ObservedAt = timeOf(at)
		if err := fn(c); err != nil {
			return err
		}
	}
	return nil
}

// MoveCaptures notes that the archive's files are about to be rewritten: the
// captures of each named file stand at new positions from now on, and those that
// are not among them are gone. A value of SetMeta is stored in the same
// transaction.
func (s *Store) MoveCaptures(ctx context.Context, files map[string]map[int64]int64, name, value string) error {
	err := s.write(ctx, durable, func(t *tx) error {
		for _, file := range slices.Sorted(maps.Keys(files)) {
			if err := t.moveCaptures(file, files[file]); err != nil {
				return err
			}
		}
		return t.setMeta("user."+name, value)
	})
	return wrap(err, "noting where captures stand")
}

// moveCaptures moves by way of negative positions, so that none meets another.
func (t *tx) moveCaptures(file string, moved map[int64]int64) error {
	id, err := t.insert(sqlEnsureFile, file)
	if err != nil {
		return err
	}
	for from, to := range moved {
		if err := t.exec(sqlMoveCapture, -1-to, file+":"+strconv.FormatInt(to, 10), id, from); err != nil {
			return err
		}
	}
	if err := t.exec(sqlDropCaptures, id); err != nil {
		return err
	}
	return t.exec(sqlMovedCaptures, id)
}

// Stored is one thing that the state holds of a document: a contribution, a body,
// or the document's own row.
type Stored struct {
	What string // contribution, document, dead letter
	Kind forum.DocKind
	Key  string
	Body []byte // JSON; nil for a row without a body
}

// EachStored calls fn for all that the state holds of documents, rows without
// bodies and dead letters included.
func (r *Reader) EachStored(ctx context.Context, fn func(Stored) error) error {
	for what, query := range map[string]string{"contribution": sqlAllContributions, "document": sqlAllDocuments, "dead letter": sqlAllDead} {
		err := r.each(ctx, query, nil, func(scan func(...any) error) error {
			d := Stored{What: what}
			var body []byte
			if err := scan(&d.Kind, &d.Key, &body); err != nil {
				return err
			}
			var err error
			if d.Body, err = r.codec.decode(body); err != nil {
				return err
			}
			return fn(d)
		})
		if err != nil {
			return wrap(err, "reading all that is stored")
		}
	}
	return nil
}

// Compact rewrites the state's file without what was deleted from it, so that no
// byte of that is left in the file or its log.
func (s *Store) Compact(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errors.New("state is closed")
	}
	for _, statement := range sqlCompact() {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("compacting the state: %w", storage(err, s.dir))
		}
	}
	return nil
}
