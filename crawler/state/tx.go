package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
)

// durability says what a commit has to outlive.
type durability string

// A durable commit outlives a power cut. A relaxed one outlives the process and
// is used where its loss is harmless: a lease is free again after a restart, an
// acknowledged row that comes back is delivered once more.
const (
	durable durability = sqlSyncFull
	relaxed durability = sqlSyncNormal
)

// tx is one writing transaction.
type tx struct {
	s   *Store
	ctx context.Context
	now int64 // commit time, µs, never before that of an earlier commit

	lanes     map[lane]int64             // made in this transaction
	ready     map[int64]bool             // lanes known to be marked as having ready URLs
	summaries map[string]json.RawMessage // of threads, by key
	wrote     map[string]int64           // counts for the run
	queued    Backlog                    // change of the outbox
	forRun    int64                      // that it counts for, 0 for none
	again     map[int64]bool             // documents of which the capture at hand has spoken before, in another reading
	lastSeq   int64                      // of the outbox, 0 as long as nobody has asked
	deleted   Deleted                    // what is kept of deleted posts; "" before it was asked for

	documents, bodies, outbox *bulk // of new documents
	newAuthors, dirty, counts *bulk

	authors map[string]int64      // that a page has spoken of, by key
	dirtied []int64               // authors that are to be folded from now on
	cleaned bool                  // some are to be folded no more
	links   map[linkKey]linkPlace // of the frontier
	counted map[string]int64      // for the run
}

// write runs fn in a transaction of its own. Once begun it is not interrupted by
// ctx: it either commits or leaves nothing behind.
func (s *Store) write(ctx context.Context, d durability, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit(d, &order{ctx: ctx, fn: fn})
}

// order is something to be written.
type order struct {
	ctx  context.Context
	fn   func(*tx) error
	done chan error
}

// commit carries out orders in one transaction, each as if it had one of its own:
// all of them, or with an error none.
func (s *Store) commit(d durability, orders ...*order) error {
	if s.stmts == nil {
		return errors.New("state is closed")
	}
	last := s.last
	all := make([]*tx, 0, len(orders))
	err := s.newTx(orders[0].ctx).run(d, func(*tx) error {
		for _, o := range orders {
			t := s.newTx(o.ctx)
			if err := o.fn(t); err != nil {
				return err
			}
			if err := t.flush(); err != nil {
				return err
			}
			s.last = t.now
			all = append(all, t)
		}
		return nil
	})
	if err != nil {
		s.last = last
		return storage(err, s.dir)
	}
	for _, t := range all {
		s.backlog.add(t.queued)
		maps.Copy(s.lanes, t.lanes)
		s.keepLinks(t.links)
		s.keepDirty(t)
	}
	return nil
}

func (s *Store) newTx(ctx context.Context) *tx {
	t := &tx{
		s: s, ctx: context.WithoutCancel(ctx), now: max(s.opt.Now().UnixMicro(), s.last+1),
		lanes: map[lane]int64{}, ready: map[int64]bool{},
		summaries: map[string]json.RawMessage{}, wrote: map[string]int64{}, forRun: s.run,
		documents: &bulk{head: sqlInsertDocument, columns: newColumns}, bodies: &bulk{head: sqlNewBody, columns: bodyColumns},
		outbox:     &bulk{head: sqlEnqueue, columns: enqueueColumns},
		newAuthors: &bulk{head: sqlNewAuthor, columns: authorColumns},
		dirty:      &bulk{head: sqlDirtyAuthor, tail: sqlOnceOnly, columns: dirtyColumns},
		counts:     &bulk{head: sqlCount, tail: sqlCountUp, columns: countColumns},
		authors:    map[string]int64{}, links: map[linkKey]linkPlace{}, counted: map[string]int64{},
	}
	if id, ok := ctx.Value(runKey{}).(int64); ok {
		t.forRun = id
	}
	return t
}

// together is a durable write of several things that shares its commit with those
// that came while another one was being written: a sync of the disk costs as much
// for many as for one. If one of them fails, each is written by itself.
func (s *Store) together(ctx context.Context, fns ...func(*tx) error) []error {
	errs := make([]error, len(fns))
	own := make([]*order, len(fns))
	for i, fn := range fns {
		errs[i] = ctx.Err()
		own[i] = &order{ctx: ctx, fn: fn, done: make(chan error, 1)}
	}
	if ctx.Err() != nil || len(fns) == 0 {
		return errs
	}
	s.queueMu.Lock()
	s.queue = append(s.queue, own...)
	s.queueMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queueMu.Lock()
	orders := s.queue // empty when another one has taken ours along
	s.queue = nil
	s.queueMu.Unlock()
	if len(orders) > 0 {
		s.commitAll(orders)
	}
	for i, o := range own {
		errs[i] = <-o.done
	}
	return errs
}

// commitAll carries out orders in one transaction, or where that fails one by one.
func (s *Store) commitAll(orders []*order) {
	defer func() { // after a panic of the Folder nobody is left waiting
		for _, o := range orders {
			select {
			case o.done <- errors.New("another write that was under way panicked"):
			default:
			}
		}
	}()
	err := s.commit(durable, orders...)
	if err != nil && len(orders) > 1 {
		for _, o := range orders {
			o.done <- s.commit(durable, o)
		}
		return
	}
	for _, o := range orders {
		o.done <- err
	}
}

func (t *tx) run(d durability, fn func(*tx) error) (err error) {
	if err := t.exec(string(d)); err != nil {
		return err
	}
	if err := t.exec(sqlBegin); err != nil {
		return wrap(err, "beginning a transaction")
	}
	done := false
	defer func() {
		if !done { // an error, or a panic of the Folder
			t.rollback()
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if err := t.exec(sqlCommit); err != nil {
		return wrap(err, "committing")
	}
	done = true
	return nil
}

// rollback ends the transaction; some errors have ended it already, and then the
// database says so.
func (t *tx) rollback() {
	if err := t.exec(sqlRollback); err != nil {
		t.s.opt.Log.Debug("rolling back", "err", err)
	}
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if st, ok := t.s.stmts[query]; ok {
		return st, nil
	}
	st, err := t.s.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing statement: %w", err)
	}
	t.s.stmts[query] = st
	return st, nil
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.execN(query, args...)
	return err
}

// execN is exec that tells how many rows it changed.
func (t *tx) execN(query string, args ...any) (int64, error) {
	st, err := t.stmt(query) //nolint:sqlclosecheck // kept for the next call, closed with the store
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert runs an INSERT and gives the new row's id.
func (t *tx) insert(query string, args ...any) (int64, error) {
	var id int64
	_, err := t.get(query, args, &id)
	return id, err
}

// get scans the first row; false means that there is none.
func (t *tx) get(query string, args []any, dst ...any) (bool, error) {
	st, err := t.stmt(query) //nolint:sqlclosecheck // kept for the next call, closed with the store
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(t.ctx, args...).Scan(dst...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each calls fn for every row. fn must not use the transaction.
func (t *tx) each(query string, args []any, fn func(scan func(...any) error) error) error {
	st, err := t.stmt(query) //nolint:sqlclosecheck // kept for the next call, closed with the store
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, fn)
}

// ids collects a column of row ids.
func (t *tx) ids(query string, args ...any) ([]int64, error) {
	var out []int64
	err := t.each(query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func drain(rows *sql.Rows, fn func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *tx) metaInt(name string) (int64, error) {
	var v string
	ok, err := t.get(sqlMeta, []any{name}, &v)
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

func (t *tx) setMeta(name, value string) error { return t.exec(sqlSetMeta, name, value) }
