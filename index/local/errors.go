package local

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"forumine/index"
)

// What callers branch on.
var (
	ErrNoIndex   = errors.New("no index")
	ErrVersion   = errors.New("index of another version")
	ErrCorrupt   = errors.New("index damaged")
	ErrNotFound  = errors.New("no such document")
	ErrAmbiguous = errors.New("several documents have this name")
)

// explain wraps an error with what was being done and, for the causes that
// SQLite names, with what to do about it.
func (x *Index) explain(doing string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return wrap(doing, err)
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return wrap(doing, err)
	}
	code := e.Code() & 0xff
	if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // the file beside it that readers share cannot grow
		code = sqlite3.SQLITE_FULL
	}
	switch code {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s: %w (%w): delete %s and run `forumine reindex`: %w", doing, ErrCorrupt, index.ErrStop, x.path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s: %w: no room left for %s: free disk space and run the same command again: %w", doing, index.ErrStop, x.path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s: %w: %s cannot be opened or written: check the permissions of the file and its folder: %w", doing, index.ErrStop, x.path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s: %w: another program holds %s: try again when it has finished: %w", doing, index.ErrUnavailable, x.path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%s: %w: the disk under %s reports an error: check it and run the same command again: %w", doing, index.ErrStop, x.path, err)
	}
	return wrap(doing, err)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
