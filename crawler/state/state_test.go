package state

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"forumine/extract/forum"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		os.Exit(crashWriter(dir))
	}
	goleak.VerifyTestMain(m)
}

func mustOpen(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	if o.Folder == nil {
		o.Folder = testFolder{}
	}
	s, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestLockAdmitsOneWriter(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	_, err := Open(t.Context(), dir, Options{Folder: testFolder{}})
	held, ok := errors.AsType[*LockedError](err)
	if !ok || !errors.Is(err, ErrLocked) || held.PID != os.Getpid() || held.Dir != dir {
		t.Fatalf("second Open: %v", err)
	}
	r, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatalf("reading beside the writer: %v", err)
	}
	if _, err := s.EnsureSite(t.Context(), Site{ID: siteID}); err != nil {
		t.Fatal(err)
	}
	if sites, err := r.Sites(t.Context()); err != nil || len(sites) != 1 {
		t.Fatalf("reader sees %v, %v", sites, err)
	}
	if err := errors.Join(r.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir, Options{})
}

func TestOpenReadOnly(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReadOnly(t.Context(), dir); !errors.Is(err, ErrNotFound) {
		t.Fatalf("empty folder: %v", err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Fatalf("reading left %v, %v", names, err)
	}
	if err := mustOpen(t, dir, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatalf("after the writer has gone: %v", err)
	}
	if _, err := r.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	err := s.write(t.Context(), durable, func(tx *tx) error { return tx.setMeta("schema", "99") })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), dir, Options{Folder: testFolder{}})
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), dir) {
		t.Fatalf("Open: %v", err)
	}
	if _, err := OpenReadOnly(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Fatalf("OpenReadOnly: %v", err)
	}
}

func TestOpenRefusesWhatIsNoState(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, stateFile), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), dir, Options{Folder: testFolder{}}); err == nil {
		s.Close()
		t.Fatal("a text file was opened as state")
	}
	if _, err := Open(t.Context(), dir, Options{}); err == nil {
		t.Fatal("Open without a Folder")
	}
}

func TestFolderNamesWithOddLetters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?mode=ro#c%20é")
	s := mustOpen(t, dir, Options{})
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err != nil {
		t.Fatal(err)
	}
	if err := s.SetMeta(t.Context(), "k", "v"); err != nil {
		t.Fatal(err)
	}
}

// TestReopen shows what a restart keeps and what it frees.
func TestReopen(t *testing.T) {
	dir, clock := t.TempDir(), newClock()
	o := Options{Folder: testFolder{}, Now: clock.Now}
	r := newRig(t, func(t *testing.T, o Options) store { return mustOpen(t, dir, o) })
	o.Now = r.clock.Now
	r.add(2, link("t1", 1), link("t2", 0))
	lost := r.next("t1")
	if _, err := r.BeginRun(r.ctx, RunOrder{Command: "crawl"}); err != nil {
		t.Fatal(err)
	}
	observed := r.Observe()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	r.clock.add(-time.Hour)
	r.store = mustOpen(t, dir, o)
	if at := r.Observe(); !at.After(observed) {
		t.Fatalf("observed %v before the restart, %v after", observed, at)
	}
	l := r.next("t1") // neither the lease nor the slot is held by the dead
	if l.Token <= lost.Token {
		t.Fatalf("tokens do not rise over a restart: %d, then %d", lost.Token, l.Token)
	}
	if err := r.Settle(r.ctx, lost, Settlement{Outcome: OK}); !errors.Is(err, ErrStaleLease) {
		t.Fatalf("lease of a dead process: %v", err)
	}
	runs, err := r.Runs(r.ctx, 1)
	if err != nil || runs[0].Status != RunInterrupted {
		t.Fatalf("runs: %+v, %v", runs, err)
	}
}

func TestCancelledContextWritesNothing(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.EnsureSite(ctx, Site{ID: siteID}); !errors.Is(err, context.Canceled) {
		t.Fatalf("EnsureSite: %v", err)
	}
	if sites, err := s.Sites(t.Context()); err != nil || len(sites) != 0 {
		t.Fatalf("sites: %v, %v", sites, err)
	}
}

// TestFullDisk fills the database to its page limit in the middle of a page.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, func(t *testing.T, o Options) store { return mustOpen(t, dir, o) })
	s := r.store.(*Store)
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"))
	r.add(1, link("t2", 0))
	l := r.next("t2")
	before := dump(t, s)

	var pages int
	if err := s.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		t.Helper()
		if err := s.conn.QueryRowContext(t.Context(), "PRAGMA max_page_count = "+itoa(n)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 3)
	var noise strings.Builder
	for i := range 40_000 {
		noise.WriteString(digest(itoa(i)))
	}
	v := Settlement{Outcome: OK, ObservedAt: r.Observe(), Contributions: []forum.Contribution{
		thread(2, "Malt"), post(2, 2, 7, "second"), post(3, 2, 7, noise.String())}}
	err := s.Settle(t.Context(), l, v)
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "free space") {
		t.Fatalf("Settle on a full disk: %v", err)
	}
	wantEqual(t, "documents after the refusal", dump(t, s), before)
	checkInvariants(t, s)

	limit(1 << 30)
	if err := s.Settle(t.Context(), l, v); err != nil {
		t.Fatalf("Settle once there is space: %v", err)
	}
	checkInvariants(t, s)
}

// TestPanicOfFolder leaves the state usable.
func TestPanicOfFolder(t *testing.T) {
	f := &panicFolder{}
	s := mustOpen(t, t.TempDir(), Options{Folder: f})
	r := &rig{t: t, ctx: t.Context(), clock: newClock(), store: s}
	r.must(s.EnsureSite(r.ctx, Site{ID: siteID}))
	r.add(1, link("t1", 0))
	l := r.next("t1")
	v := Settlement{Outcome: OK, Contributions: []forum.Contribution{thread(1, "Hops")}}
	f.on = true
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		s.Settle(r.ctx, l, v) //nolint:errcheck // it panics
	}()
	f.on = false
	r.settle(l, v)
	checkInvariants(t, s)
}

type panicFolder struct {
	testFolder
	on bool
}

func (p *panicFolder) Render(f Folded, m Meta) ([]byte, error) {
	if p.on {
		panic("a bug in the fold")
	}
	return p.testFolder.Render(f, m)
}
