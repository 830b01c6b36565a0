// Package local is the embedded index: one SQLite file with full-text search
// that needs no server. It holds what the outbox delivered and can be rebuilt
// from the state at any time.
//
// Its steps: Open checks the file and its version; Deliver turns documents into
// rows (encode.go) and stores a batch in one durable transaction; Search
// compiles a query (compile.go), finds, ranks and highlights; Get, Thread,
// Count and Documents read by name.
//
// The file splits text into words by package query, not by SQLite: the
// full-text table receives finished tokens, so that this index and
// Elasticsearch find the same documents.
package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the database driver

	"forumine/index"
)

// FileName is the index's file within the data folder.
const FileName = "index.db"

// Options say how to open an index. The zero value opens it for writing and
// creates it if need be.
type Options struct {
	ReadOnly  bool   // search only: never creates or writes; ErrNoIndex when there is none
	MaxPages  int    // pages of 4096 bytes that the file may grow to; 0: as many as SQLite allows
	Pre, Post string // set around matches in fragments; both empty: **
}

// Index is an open index. It serves many readers and one writer at a time;
// readers see the state before a delivery until it is durable.
type Index struct {
	path  string
	opt   Options
	write *sql.DB // one connection; nil when read only
	read  *sql.DB
}

var _ index.Sink = (*Index)(nil)

// Open opens the index in a data folder. Errors: ErrNoIndex, ErrVersion,
// ErrCorrupt, or what the file system says.
func Open(dir string, opt Options) (*Index, error) {
	x := &Index{path: filepath.Join(dir, FileName), opt: opt}
	if err := x.open(); err != nil {
		return nil, errors.Join(x.explain("opening the index", err), x.Close())
	}
	return x, nil
}

func (x *Index) open() error {
	_, err := os.Stat(x.path)
	if errors.Is(err, fs.ErrNotExist) {
		if x.opt.ReadOnly {
			return fmt.Errorf("%w at %s: crawl or import something first, or run `forumine reindex`", ErrNoIndex, x.path)
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if !x.opt.ReadOnly {
		if x.write, err = openPool(x.path, "rwc", x.opt, 1); err != nil {
			return err
		}
		if err := x.prepare(context.Background()); err != nil {
			return err
		}
	}
	if x.read, err = openPool(x.path, "rw", Options{ReadOnly: true}, 4); err != nil {
		return err
	}
	return checkVersion(context.Background(), x.read)
}

// openPool opens connections with the settings that the promises ask for:
// write-ahead log, and a sync of the disk at every commit.
func openPool(path, mode string, opt Options, size int) (*sql.DB, error) {
	v := url.Values{"mode": {mode}, "_pragma": {"busy_timeout(10000)", "cache_size(-32768)"}}
	if opt.ReadOnly {
		v.Add("_pragma", "query_only(1)")
	} else {
		v.Set("_txlock", "immediate")
		v["_pragma"] = append(v["_pragma"], "journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)")
	}
	if opt.MaxPages > 0 {
		v.Add("_pragma", fmt.Sprintf("max_page_count(%d)", opt.MaxPages))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") { // C:/… on Windows
		abs = "/" + abs
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?"+v.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// Close closes the file; what was delivered stays.
func (x *Index) Close() error {
	var errs []error
	for _, db := range []*sql.DB{x.read, x.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Remove deletes the index of a data folder, which must not be open. It is no
// error when there is none.
func Remove(dir string) error {
	path := filepath.Join(dir, FileName)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the index: %w", err)
		}
	}
	return nil
}
