package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"forumine/index"
)

// Deliver stores documents in one transaction and returns when it is on the
// disk. A document whose version is not above the stored one is Stale; one that
// cannot be read as JSON of its kind is Refused. After an error nothing of the
// batch is stored; it wraps index.ErrStop for a full disk or a damaged file and
// index.ErrUnavailable for a locked one.
func (x *Index) Deliver(ctx context.Context, docs []index.Document) ([]index.Verdict, error) {
	if x.write == nil {
		return nil, fmt.Errorf("delivering to the index: %w: it was opened for reading only", index.ErrStop)
	}
	verdicts := make([]index.Verdict, len(docs))
	rows := make([]row, len(docs))
	e := newEncoder()
	for i, d := range docs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		verdicts[i] = index.Verdict{ID: d.ID, Version: d.Version}
		var err error
		if rows[i], err = e.encode(d); err != nil {
			verdicts[i].Result, verdicts[i].Reason = index.Refused, err.Error()
		}
	}
	err := x.inWrite(ctx, func(tx *sql.Tx) error { return store(ctx, tx, rows, verdicts) })
	if err != nil {
		return nil, x.explain("delivering to the index", err)
	}
	return verdicts, nil
}

// inWrite runs fn in a write transaction.
func (x *Index) inWrite(ctx context.Context, fn func(*sql.Tx) error) error {
	if x.write == nil {
		return errors.New("the index was opened for reading only")
	}
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func store(ctx context.Context, tx *sql.Tx, rows []row, verdicts []index.Verdict) error {
	w, err := newWriter(ctx, tx)
	if err != nil {
		return err
	}
	defer w.close()
	for i, r := range rows {
		if verdicts[i].Result == index.Refused {
			continue
		}
		if verdicts[i].Result, err = w.put(ctx, r); err != nil {
			return fmt.Errorf("storing %s: %w", r.doc.Key, err)
		}
	}
	return nil
}

// writer holds the statements of one transaction.
type writer struct {
	find, insertDoc, updateDoc, putBody, dropWords, putWords *sql.Stmt
}

func newWriter(ctx context.Context, tx *sql.Tx) (*writer, error) {
	columns := []string{"key", "kind", "version", "hidden", "thread_key"}
	for _, f := range rangeFields() {
		columns = append(columns, rangeColumn(f.Name))
	}
	var texts []string
	for _, c := range textColumns() {
		texts = append(texts, c.name)
	}
	w := &writer{}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.find, `SELECT n, version FROM docs WHERE id = ?`},
		{&w.insertDoc, `INSERT INTO docs (` + strings.Join(columns, ", ") + `, id) VALUES (` + marks(len(columns)+1) + `)`},
		{&w.updateDoc, `UPDATE docs SET ` + strings.Join(columns, " = ?, ") + ` = ? WHERE n = ?`},
		{&w.putBody, `INSERT OR REPLACE INTO bodies (n, json) VALUES (?, ?)`},
		{&w.dropWords, `DELETE FROM words WHERE rowid = ?`},
		{&w.putWords, `INSERT INTO words (rowid, ` + strings.Join(texts, ", ") + `) VALUES (` + marks(len(texts)+1) + `)`},
	} {
		var err error
		if *s.stmt, err = tx.PrepareContext(ctx, s.text); err != nil { //nolint:sqlclosecheck // close closes all of them
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func (w *writer) close() {
	for _, s := range []*sql.Stmt{w.find, w.insertDoc, w.updateDoc, w.putBody, w.dropWords, w.putWords} {
		if s != nil {
			_ = s.Close()
		}
	}
}

func (w *writer) put(ctx context.Context, r row) (index.Result, error) {
	var n, version int64
	err := w.find.QueryRowContext(ctx, r.doc.ID).Scan(&n, &version)
	isNew := errors.Is(err, sql.ErrNoRows)
	switch {
	case err != nil && !isNew:
		return "", err
	case !isNew && version >= r.doc.Version:
		return index.Stale, nil
	}
	values := append([]any{r.doc.Key, string(r.doc.Kind), r.doc.Version, r.hidden, r.threadKey}, r.ranges...)
	if isNew {
		res, err := w.insertDoc.ExecContext(ctx, append(values, r.doc.ID)...)
		if err != nil {
			return "", err
		}
		if n, err = res.LastInsertId(); err != nil {
			return "", err
		}
	} else {
		if _, err := w.updateDoc.ExecContext(ctx, append(values, n)...); err != nil {
			return "", err
		}
		if _, err := w.dropWords.ExecContext(ctx, n); err != nil {
			return "", err
		}
	}
	return index.Stored, w.putContent(ctx, n, r)
}

func (w *writer) putContent(ctx context.Context, n int64, r row) error {
	if _, err := w.putBody.ExecContext(ctx, n, string(r.doc.Body)); err != nil {
		return err
	}
	if r.hidden { // kept for its version, found by nobody
		return nil
	}
	values := []any{n}
	for _, t := range r.texts {
		values = append(values, t)
	}
	_, err := w.putWords.ExecContext(ctx, values...)
	return err
}
