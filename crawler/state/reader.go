package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Reader answers queries on a state. It sees what has been committed and never
// blocks the writer.
type Reader struct {
	dir   string
	db    *sql.DB
	codec *codec
	now   func() time.Time

	schema int // version

	mu    sync.Mutex // guards stmts
	stmts map[string]*sql.Stmt
}

// OpenReadOnly opens the state in dir for queries, while a crawl runs or not. It
// returns ErrNotFound when there is no state and ErrNewer when a newer program
// has written there.
func OpenReadOnly(ctx context.Context, dir string) (*Reader, error) {
	if _, err := os.Stat(filepath.Join(dir, stateFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening state in %s: %w: nothing has been crawled or imported there yet", dir, ErrNotFound)
	}
	r, err := openReader(ctx, dir, time.Now)
	if err == nil && r.schema < SchemaVersion {
		err = errors.Join(fmt.Errorf("its schema is version %d, of an older program: run `forumine reindex` once, which brings it to version %d", r.schema, SchemaVersion), r.Close())
		r = nil
	}
	return r, wrap(err, "opening state in %s", dir)
}

func openReader(ctx context.Context, dir string, now func() time.Time) (*Reader, error) {
	db, err := sql.Open("sqlite", dsn(dir, "ro", readerPragmas()))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	version, err := schemaOf(ctx, db)
	if err == nil && version == 0 {
		err = fmt.Errorf("%w: the state is empty", ErrNotFound)
	}
	if err == nil {
		err = checkSchema(version)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Reader{dir: dir, db: db, codec: newCodec(), now: now, schema: version, stmts: map[string]*sql.Stmt{}}, nil
}

// Close ends the queries.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := make([]error, 0, len(r.stmts)+1)
	for _, st := range r.stmts {
		errs = append(errs, st.Close())
	}
	clear(r.stmts)
	return errors.Join(append(errs, r.db.Close())...)
}

// keptStatements bounds how many statements a Reader keeps prepared. The text of some
// depends on what is asked.
const keptStatements = 200

// stmt prepares a query for every time that it is asked; nil when there are too
// many of them.
func (r *Reader) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if st, ok := r.stmts[query]; ok {
		return st, nil
	}
	if len(r.stmts) >= keptStatements {
		return nil, nil
	}
	st, err := r.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept for the next call, closed with the reader
	if err == nil {
		r.stmts[query] = st
	}
	return st, err
}

func (r *Reader) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	st, err := r.stmt(ctx, query) //nolint:sqlclosecheck // kept for the next call, closed with the reader
	switch {
	case err != nil:
		return nil, err
	case st == nil:
		return r.db.QueryContext(ctx, query, args...)
	}
	return st.QueryContext(ctx, args...)
}

// one scans the only row of a query; ErrNotFound when there is none.
func (r *Reader) one(ctx context.Context, query string, args []any, dst ...any) error {
	rows, err := r.query(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return ErrNotFound
	}
	if err := rows.Scan(dst...); err != nil {
		return err
	}
	return rows.Close()
}

func (r *Reader) each(ctx context.Context, query string, args []any, fn func(scan func(...any) error) error) error {
	rows, err := r.query(ctx, query, args)
	if err != nil {
		return err
	}
	return drain(rows, fn)
}
