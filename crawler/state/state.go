// Package state keeps the durable state of a data folder: what is still to be
// fetched, what every page has said of every document, and what the index has
// not acknowledged yet. A crawl passes through it in these steps:
//
//  1. Open takes the folder's lock, brings the schema up to date and frees the
//     leases of a process that died.
//  2. EnsureSite, Add and Schedule fill the frontier.
//  3. Next leases one URL together with its host slot; Observe stamps what was
//     fetched; Settle commits outcome, capture reference, links, contributions,
//     folded documents and outbox rows in one transaction. Release gives a lease
//     back unharmed.
//  4. FoldAuthors folds the authors that the settled pages touched.
//  5. Pending, Acknowledge and DeadLetter empty the outbox.
//  6. Refresh makes the listings due that are to be looked at for news, Audit old
//     pages; a complete pass over a thread records the posts that it did not find.
//  7. Captures and Reread read archived captures again.
//
// The state lives in SQLite (write-ahead log, synchronous=FULL where the state
// advances). Nothing of SQLite shows in the exported names, and every statement
// stands in schema.go and sql.go, so that another database can take its place;
// the conformance test is written against the interface that both meet.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database driver "sqlite"
)

// File names within a data folder.
const (
	stateFile = "state.db"
	lockFile  = "forumine.lock"
)

// Options shapes a Store. Folder is required; every other zero field takes its
// default.
type Options struct {
	Folder      Folder
	Now         func() time.Time // the wall clock; time.Now
	Log         *slog.Logger     // silent when nil
	LeaseFor    time.Duration    // how long a lease lives; 10 minutes
	MaxAttempts int              // attempts before a retried URL is settled as failed; 8
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.LeaseFor <= 0 {
		o.LeaseFor = 10 * time.Minute
	}
	if o.MaxAttempts <= 0 {
		o.MaxAttempts = 8
	}
	return o
}

// Store is the state of one data folder, open for writing. Its methods may be
// called from several goroutines; writes take turns. The queries of Reader see
// what has been committed.
type Store struct {
	*Reader
	opt   Options
	lock  *folderLock
	clock clock

	mu      sync.Mutex // one writing transaction at a time; guards what follows
	db      *sql.DB
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	rows    map[rowsKey]string    // statements that store several rows
	sites   map[string]int64      // committed site rows by site id
	lanes   map[lane]int64        // committed lane rows
	links   map[linkKey]linkPlace // committed: met before, and nothing new since
	dirty   map[int64]bool        // authors that are known to be waiting for FoldAuthors
	token   int64                 // last fencing token
	last    int64                 // newest commit time, µs
	lastDoc int64                 // newest row of documents, 0 as long as nobody has asked
	lastNow int64                 // clock at the latest Next, to notice that it stepped back
	run     int64                 // run that outcomes are counted for, 0 for none

	backlog backlog // of committed rows
	known   siteBook

	queueMu sync.Mutex
	queue   []*order // for the next transaction
}

// Open opens the state in dir for writing, creating both when absent. It returns
// ErrLocked when another process writes there and ErrNewer when a newer program
// has written there.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.Folder == nil {
		return nil, errors.New("opening state: Options.Folder is missing")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opt: o.withDefaults(), lock: lock,
		stmts: map[string]*sql.Stmt{}, rows: map[rowsKey]string{}, sites: map[string]int64{}, lanes: map[lane]int64{},
		links: map[linkKey]linkPlace{}, dirty: map[int64]bool{},
	}
	if err := s.open(ctx, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("opening state in %s: %w", dir, err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string) (err error) {
	if s.db, err = sql.Open("sqlite", dsn(dir, "rwc", writerPragmas())); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.conn); err != nil {
		return err
	}
	if s.Reader, err = openReader(ctx, dir, s.opt.Now); err != nil {
		return err
	}
	return s.recover(ctx)
}

// recover makes the state ready after whatever ended the last process: the lock
// is ours, so that every lease is dead and every unfinished run interrupted.
func (s *Store) recover(ctx context.Context) error {
	return s.write(ctx, durable, func(t *tx) error {
		epoch, err := t.metaInt("epoch")
		if err != nil {
			return err
		}
		if err := t.setMeta("epoch", strconv.FormatInt(epoch+1, 10)); err != nil {
			return err
		}
		s.token = (epoch + 1) << 32
		observed, err := t.metaInt("observed")
		if err != nil {
			return err
		}
		s.clock.start(observed)
		if observed > s.opt.Now().Add(reserve+stepBack).UnixMicro() {
			if err := t.clampVisits(); err != nil {
				return err
			}
		}
		if err := t.freeLeases(); err != nil {
			return err
		}
		if err := t.clampTimes(); err != nil {
			return err
		}
		if _, err := t.get(sqlOutboxSize, nil, &t.queued.Rows, &t.queued.Bytes); err != nil {
			return err
		}
		return t.exec(sqlInterruptRuns, t.now)
	})
}

// Close ends the writing and frees the folder's lock.
func (s *Store) Close() error {
	var errs []error
	if s.Reader != nil {
		errs = append(errs, s.Reader.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	s.stmts = nil
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(append(errs, s.lock.release())...)
}

// dsn is the address of the state file. mode is SQLite's: rwc, rw or ro.
func dsn(dir, mode string, pragmas []string) string {
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": pragmas}
	path := filepath.ToSlash(filepath.Join(dir, stateFile))
	if filepath.VolumeName(dir) != "" {
		path = "/" + path // file:///C:/…
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Meta gives a value that SetMeta stored, or "" when there is none.
func (r *Reader) Meta(ctx context.Context, name string) (string, error) {
	var v string
	err := r.db.QueryRowContext(ctx, sqlMeta, "user."+name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, wrap(err, "reading %s", name)
}

// SetMeta stores a small named value, such as the identity of the sink that the
// outbox was delivered to.
func (s *Store) SetMeta(ctx context.Context, name, value string) error {
	return s.write(ctx, durable, func(t *tx) error { return t.setMeta("user."+name, value) })
}

// micros is a time as stored: µs since 1970, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// timeOf is the inverse of micros, in UTC.
func timeOf(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
