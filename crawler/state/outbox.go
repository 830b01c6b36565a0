package state

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"forumine/extract/forum"
)

// OutboxRow is a document that the index has not acknowledged. There is one row
// a document, with its newest version.
type OutboxRow struct {
	Seq     int64 // order of delivery
	ID      string
	Kind    forum.DocKind
	Key     string
	Version int64
	// Sequence of the document's latest delivery (see Document); Seq is greater
	// where the document was queued again as it is.
	Sequence int64
	Rewrites bool // a revision whose words are withheld now
	Body     []byte
}

// Ack names one version of a document that the index has.
type Ack struct {
	ID      string
	Version int64
}

// Refusal names one version of a document that the index will never take.
type Refusal struct {
	ID      string
	Version int64
	Reason  string
}

// DeadLetter is a document that the index refused.
type DeadLetter struct {
	ID      string
	Kind    forum.DocKind
	Key     string
	Version int64
	Reason  string
	At      time.Time
	Body    []byte // as refused; nil in a listing
}

// errFull ends a query whose answer has grown large enough.
var errFull = errors.New("enough")

// Pending gives the oldest rows of the outbox whose Seq is greater than after, in
// the order of Seq: at most limit rows and, after the first, at most maxBytes of
// bodies.
func (r *Reader) Pending(ctx context.Context, after int64, limit int, maxBytes int64) ([]OutboxRow, error) {
	var out []OutboxRow
	size := int64(0)
	err := r.each(ctx, sqlPending, []any{after, limit}, func(scan func(...any) error) error {
		row, err := r.scanRow(scan)
		if err != nil {
			return err
		}
		if size += int64(len(row.Body)); len(out) > 0 && maxBytes > 0 && size > maxBytes {
			return errFull
		}
		out = append(out, row)
		return nil
	})
	if err != nil && !errors.Is(err, errFull) {
		return nil, wrap(err, "reading the outbox")
	}
	return out, nil
}

func (r *Reader) scanRow(scan func(...any) error) (OutboxRow, error) {
	var row OutboxRow
	var id, body []byte
	if err := scan(&row.Seq, &id, &row.Kind, &row.Key, &row.Version, &row.Sequence, &row.Rewrites, &body); err != nil {
		return row, err
	}
	row.ID = hex.EncodeToString(id)
	var err error
	row.Body, err = r.codec.decode(body)
	return row, err
}

// Backlog is how much waits in the outbox. Bytes are those of the bodies; of
// documents that were queued again as they are, as stored.
type Backlog struct{ Rows, Bytes int64 }

// backlog is a Backlog that grows and shrinks with every commit.
type backlog struct{ rows, bytes atomic.Int64 }

func (b *backlog) add(change Backlog) {
	b.rows.Add(change.Rows)
	b.bytes.Add(change.Bytes)
}

// Backlog gives what waits in the outbox, at no cost.
func (s *Store) Backlog() Backlog { return Backlog{s.backlog.rows.Load(), s.backlog.bytes.Load()} }

// queue notes a new row of the outbox.
func (t *tx) queue(bytes int64) {
	t.queued.Rows++
	t.queued.Bytes += bytes
}

// dequeue deletes at most one row of the outbox, and tells whether there was one.
func (t *tx) dequeue(query string, args ...any) (bool, error) {
	var bytes int64
	ok, err := t.get(query, args, &bytes)
	if ok {
		t.queued.Rows--
		t.queued.Bytes -= bytes
	}
	return ok, err
}

// requeue queues documents again as they are and gives how many.
func (t *tx) requeue(query string, args ...any) (int64, error) {
	before := t.queued.Rows
	err := t.each(query, args, func(scan func(...any) error) error {
		var bytes int64
		err := scan(&bytes)
		t.queue(bytes)
		return err
	})
	return t.queued.Rows - before, err
}

// OutboxSize gives the rows of the outbox and the bytes of their bodies.
func (r *Reader) OutboxSize(ctx context.Context) (rows, bytes int64, err error) {
	err = r.one(ctx, sqlOutboxSize, nil, &rows, &bytes)
	return rows, bytes, wrap(err, "measuring the outbox")
}

// Acknowledge deletes rows that the index has made durable. A row whose document
// has a newer version by now stays.
func (s *Store) Acknowledge(ctx context.Context, acks []Ack) error {
	err := s.write(ctx, relaxed, func(t *tx) error {
		var dead int64
		if _, err := t.get(sqlCountDead, nil, &dead); err != nil {
			return err
		}
		for some := range slices.Chunk(acks, bulkRows) {
			if err := t.acknowledgeAll(some, dead > 0); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "acknowledging")
}

// acknowledgeAll deletes some rows; heal says that there are dead letters.
func (t *tx) acknowledgeAll(acks []Ack, heal bool) error {
	waited := 0
	if !heal {
		var err error
		if waited, err = t.dequeueAll(acks); err != nil {
			return err
		}
	}
	if waited == len(acks) {
		return nil
	}
	for _, a := range acks {
		if err := t.acknowledge(a, heal); err != nil {
			return err
		}
	}
	return nil
}

// dequeueAll deletes rows of the outbox in one statement and gives how many there
// were.
func (t *tx) dequeueAll(acks []Ack) (int, error) {
	b := &bulk{head: sqlAcknowledgeAll, tail: sqlAcknowledged, columns: ackColumns}
	for _, a := range acks {
		id, err := hex.DecodeString(a.ID)
		if err != nil {
			return 0, fmt.Errorf("document id %q: %w", a.ID, err)
		}
		b.add(id, a.Version)
	}
	_, size := list(len(acks))
	for range size - len(acks) { // the last one again
		b.add(b.args[len(b.args)-2:]...)
	}
	before := t.queued.Rows
	err := t.each(t.s.rowsOf(b, size), b.args, func(scan func(...any) error) error {
		var bytes int64
		err := scan(&bytes)
		t.queued.Rows--
		t.queued.Bytes -= bytes
		return err
	})
	return int(before - t.queued.Rows), err
}

// acknowledge deletes one row; heal says that there are dead letters.
func (t *tx) acknowledge(a Ack, heal bool) error {
	id, err := hex.DecodeString(a.ID)
	if err != nil {
		return fmt.Errorf("document id %q: %w", a.ID, err)
	}
	waited, err := t.dequeue(sqlAcknowledge, id, a.Version)
	if err != nil || waited && !heal {
		return err
	}
	doc, err := t.documentByID(a.ID)
	if err != nil {
		return err
	}
	// A newer version got through: the refused one is history.
	return t.exec(sqlHealed, doc, a.Version)
}

// documentByID gives the row of a document.
func (t *tx) documentByID(id string) (int64, error) {
	b, err := hex.DecodeString(id)
	if err != nil {
		return 0, fmt.Errorf("document id %q: %w", id, err)
	}
	var doc int64
	ok, err := t.get(sqlDocumentByID, []any{b}, &doc)
	if err == nil && !ok {
		err = fmt.Errorf("document %s: %w", id, ErrNotFound)
	}
	return doc, err
}

// maxReread bounds how many pages a refused document sends back to be read again:
// its newest ones. An author may stand on every page of a forum.
const maxReread = 100

// DeadLetter moves refused rows from the outbox to the dead letters. The pages
// that contributed forget hash, ETag and signature, so that they are read again
// when they are next due, and the document is then delivered even if unchanged. A
// row whose document has a newer version by now stays in the outbox.
func (s *Store) DeadLetter(ctx context.Context, refusals ...Refusal) error {
	err := s.write(ctx, durable, func(t *tx) error {
		for _, r := range refusals {
			doc, err := t.documentByID(r.ID)
			if err != nil {
				return err
			}
			waited, err := t.dequeue(sqlDequeueVersion, doc, r.Version)
			if err != nil {
				return err
			}
			if !waited {
				continue
			}
			if err := t.exec(sqlBury, r.Version, r.Reason, t.now, doc); err != nil {
				return err
			}
			if err := t.forget(doc); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "setting aside refused documents")
}

// forget makes the pages of a document be read again.
func (t *tx) forget(doc int64) error {
	if err := t.exec(sqlForgetDigest, doc); err != nil {
		return err
	}
	return t.exec(sqlForgetPages, doc, maxReread)
}

// DeadLetters calls fn for every dead letter in key order, without bodies.
func (r *Reader) DeadLetters(ctx context.Context, fn func(DeadLetter) error) error {
	err := r.each(ctx, sqlDeadLetters, nil, func(scan func(...any) error) error {
		var d DeadLetter
		var id []byte
		var at int64
		if err := scan(&id, &d.Kind, &d.Key, &d.Version, &d.Reason, &at); err != nil {
			return err
		}
		d.ID, d.At = hex.EncodeToString(id), timeOf(at)
		return fn(d)
	})
	return wrap(err, "reading dead letters")
}

// DeadLetterByID gives one dead letter with its body.
func (r *Reader) DeadLetterByID(ctx context.Context, id string) (DeadLetter, error) {
	d := DeadLetter{ID: id}
	b, err := hex.DecodeString(id)
	if err != nil {
		return d, fmt.Errorf("document id %q: %w", id, err)
	}
	var at int64
	var body []byte
	if err := r.one(ctx, sqlDeadLetter, []any{b}, &d.Kind, &d.Key, &d.Version, &d.Reason, &at, &body); err != nil {
		return d, wrap(err, "reading dead letter %s", id)
	}
	d.At = timeOf(at)
	d.Body, err = r.codec.decode(body)
	return d, err
}

// ReplayDeadLetters puts documents back into the outbox, in their present
// version, and gives how many; without ids, all of them.
func (s *Store) ReplayDeadLetters(ctx context.Context, ids ...string) (int, error) {
	return s.eachDead(ctx, ids, func(t *tx, doc int64) error {
		_, err := t.requeue(sqlRequeueDead, doc)
		return err
	})
}

// DropDeadLetters deletes dead letters for good and gives how many; without ids,
// all of them. Their pages are read again when they are next due.
func (s *Store) DropDeadLetters(ctx context.Context, ids ...string) (int, error) {
	return s.eachDead(ctx, ids, func(t *tx, doc int64) error { return t.forget(doc) })
}

func (s *Store) eachDead(ctx context.Context, ids []string, fn func(*tx, int64) error) (int, error) {
	n := 0
	err := s.write(ctx, durable, func(t *tx) error {
		docs, err := t.deadDocs(ids)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if err := fn(t, doc); err != nil {
				return err
			}
			if err := t.exec(sqlUnbury, doc); err != nil {
				return err
			}
		}
		n = len(docs)
		return nil
	})
	return n, wrap(err, "settling dead letters")
}

func (t *tx) deadDocs(ids []string) ([]int64, error) {
	if len(ids) == 0 {
		return t.ids(sqlDeadDocs)
	}
	docs := make([]int64, 0, len(ids))
	for _, id := range ids {
		doc, err := t.documentByID(id)
		if err != nil {
			return nil, err
		}
		known, err := t.ids(sqlIsDead, doc)
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			return nil, fmt.Errorf("dead letter %s: %w", id, ErrNotFound)
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// Requeue puts every document that is not in the outbox already into it, in its
// present version and in key order: the way to fill a new sink. It gives how many.
func (s *Store) Requeue(ctx context.Context) (int64, error) {
	total, after := int64(0), ""
	for {
		var n int64
		var last string
		err := s.write(ctx, durable, func(t *tx) error {
			ok, err := t.get(sqlRequeueEnd, []any{after, addBatch}, &last)
			if err != nil || !ok {
				return err
			}
			n, err = t.requeue(sqlRequeue, after, last)
			return err
		})
		if err != nil || last == "" {
			return total, wrap(err, "queueing all documents")
		}
		total, after = total+n, last
	}
}

// Redeliver puts documents into the outbox with a higher version, so that an index
// takes them whatever it holds; a revision, which an index takes only once, keeps
// its version. ErrNotFound names an id that the state does not know. It gives how
// many were queued.
func (s *Store) Redeliver(ctx context.Context, ids ...string) (int, error) {
	err := s.write(ctx, durable, func(t *tx) error {
		for _, id := range ids {
			doc, err := t.documentByID(id)
			if err != nil {
				return err
			}
			if err := t.exec(sqlRaiseVersion, t.s.opt.Now().UnixMicro(), doc); err != nil {
				return err
			}
			if err := t.renumber(doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, wrap(err, "queueing documents again")
	}
	return len(ids), nil
}

// renumber queues a document under a new number, which becomes its sequence.
func (t *tx) renumber(doc int64) error {
	if _, err := t.dequeue(sqlDequeue, doc); err != nil {
		return err
	}
	var sequence, bytes int64
	if ok, err := t.get(sqlRequeueRaised, []any{doc}, &sequence, &bytes); err != nil || !ok {
		return err
	}
	t.queue(bytes)
	return t.exec(sqlNumber, sequence, doc)
}
