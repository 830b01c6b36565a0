package crawler_test

import (
	"errors"
	"maps"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
)

// steppingClock is the wall clock with an offset that may change at any time.
type steppingClock struct{ offset atomic.Int64 }

func (c *steppingClock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *steppingClock) step(d time.Duration) { c.offset.Add(int64(d)) }

// openAt opens a folder under a clock.
func openAt(t *testing.T, dir string, c *steppingClock, o crawler.Options) *bench {
	t.Helper()
	b := &bench{t: t, dir: dir}
	var err error
	if b.store, err = state.Open(t.Context(), dir, state.Options{Folder: lastWins{}, Now: c.now}); err != nil {
		t.Fatal(err)
	}
	if b.archive, err = archive.Open(filepath.Join(dir, "archive"), archive.Options{Software: "test", Now: c.now}); err != nil {
		t.Fatal(err)
	}
	f, err := fetch.New(fetch.Options{UserAgent: "forumine/test", AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	o.UserAgent, o.Now = "forumine/test", c.now
	b.Crawler = crawler.New(b.store, b.archive, f, lineReader{}, o)
	t.Cleanup(func() { b.close(); f.Close() })
	return b
}

// TestClockStepsBack sets the clock back by two days between runs, within a run,
// and while a host pauses: nothing is lost, nothing is stuck, and what was read
// last stands.
func TestClockStepsBack(t *testing.T) {
	s := serve(t, small())
	want := func() map[string]string {
		b := open(t, t.TempDir(), setup{})
		b.start(s.url("/"))
		b.run()
		return b.posts()
	}
	first := want()

	clock := &steppingClock{}
	dir := t.TempDir()
	b := openAt(t, dir, clock, crawler.Options{MaxPages: 3})
	b.start(s.url("/"))
	if err := b.Run(watched(t)); !errors.Is(err, crawler.ErrLimit) {
		t.Fatalf("the first run ended with %v", err)
	}
	b.close()

	clock.step(-48 * time.Hour)
	asked := 0
	s.before = func(string) {
		if asked++; asked == 2 {
			clock.step(-time.Hour)
		}
	}
	b = openAt(t, dir, clock, crawler.Options{})
	if _, err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.start(s.url("/"))
	b.run()
	s.before = nil
	if got := b.posts(); !maps.Equal(got, first) {
		t.Errorf("after the clock stepped back: %v, want %v", got, first)
	}
	b.close()

	clock.step(-48 * time.Hour)
	s.set("/t/5/3", "kind thread\npost 52 three, said otherwise\n")
	s.set("/b/1", "kind board\nrow /t/5 b\nrow /t/6 a\nnext /b/1/2\nlink /b/1/2\n")
	second := want()
	b = openAt(t, dir, clock, crawler.Options{})
	site := b.start(s.url("/"))
	if err := b.Refresh(t.Context(), site); err != nil {
		t.Fatal(err)
	}
	b.run()
	if got := b.posts(); !maps.Equal(got, second) {
		t.Errorf("read after the clock stepped back: %v, want %v", got, second)
	}
}

// TestClockStepsBackInAPause sets the clock back while a host pauses: the pause
// does not grow by it.
func TestClockStepsBackInAPause(t *testing.T) {
	pages := small()
	pages["/b/1"] = "HTTP 429\nRetry-After: 3600\n\nslow down"
	s := serve(t, pages)
	clock := &steppingClock{}
	dir := t.TempDir()
	b := openAt(t, dir, clock, crawler.Options{MaxWait: time.Minute})
	b.start(s.url("/"))
	pending := &crawler.PendingError{}
	if err := b.Run(watched(t)); !errors.As(err, &pending) {
		t.Fatalf("the run ended with %v", err)
	}
	b.close()
	s.set("/b/1", small()["/b/1"])
	clock.step(-72 * time.Hour)
	b = openAt(t, dir, clock, crawler.Options{MaxWait: time.Minute})
	b.start(s.url("/"))
	if err := b.Run(watched(t)); errors.As(err, &pending) {
		if wait := pending.Until.Sub(clock.now()); wait > 61*time.Minute {
			t.Errorf("the pause of an hour has become one of %s", wait)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	b.close()
	clock.step(2 * time.Hour)
	b = openAt(t, dir, clock, crawler.Options{MaxWait: time.Minute})
	b.start(s.url("/"))
	b.run()
}
