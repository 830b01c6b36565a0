package crawler_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"
)

// Two processes see the same host ask for a pause: the second strike doubles it,
// half an hour of quiet forgives both.
func TestStrikesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, MaxWait: time.Second}}
	s := serve(t, board(twelve...))
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	s.set("/b/1", "HTTP 503\n\n")
	pause := func() time.Duration {
		t.Helper()
		b := open(t, dir, o)
		defer b.close()
		if err := b.Refresh(t.Context(), b.start(s.url("/"))); err != nil {
			t.Fatal(err)
		}
		var pending *crawler.PendingError
		if err := b.Run(watched(t)); !errors.As(err, &pending) {
			t.Fatalf("Run ends with %v, want a PendingError", err)
		}
		return pending.Until.Sub(clock.Now())
	}
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		if got := pause(); got != want {
			t.Fatalf("the pause is %s, want %s", got, want)
		}
		if got := pause(); got != want {
			t.Fatalf("another process waits %s, want %s", got, want)
		}
		clock.add(want)
	}
	clock.add(31 * time.Minute)
	if got := pause(); got != time.Minute {
		t.Errorf("after half an hour of quiet the pause is %s", got)
	}
}

// A used-up budget ends the run until the next day, over restarts too.
func TestBudgetOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	for name, budget := range map[string]crawler.Budget{"requests": {Requests: 5}, "bytes": {Bytes: 200}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newMoving()
			o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Budget: budget}}
			s := serve(t, board(twelve...))
			dir := t.TempDir()
			for day := 0; ; day++ {
				asked := len(s.requests())
				b := open(t, dir, o)
				b.start(s.url("/"))
				err := b.Run(watched(t))
				b.close()
				if err == nil {
					if day < 2 {
						t.Errorf("the budget held for %d days only", day)
					}
					return
				}
				var pending *crawler.PendingError
				if !errors.As(err, &pending) || !pending.Until.Equal(clock.Now().Truncate(24*time.Hour).Add(24*time.Hour)) {
					t.Fatalf("day %d: Run ends with %v, want a PendingError until midnight", day, err)
				}
				if n := len(s.requests()) - asked; budget.Requests > 0 && n > 6 {
					t.Fatalf("day %d: %d requests", day, n)
				}
				before := len(s.requests())
				b = open(t, dir, o)
				b.start(s.url("/"))
				if err := b.Run(watched(t)); !errors.As(err, &pending) || len(s.requests()) != before {
					t.Fatalf("another process on the same day: %v, %d requests", err, len(s.requests())-before)
				}
				b.close()
				clock.add(24 * time.Hour)
			}
		})
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("+02:00", 2*60*60)
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	cases := []struct{ window, now, opens string }{
		{"22:00-06:30", "2026-05-01 23:10", "2026-05-01 23:10"},
		{"22:00-06:30", "2026-05-01 04:00", "2026-05-01 04:00"},
		{"22:00-06:30", "2026-05-01 06:30", "2026-05-01 22:00"},
		{"01:00-05:00", "2026-05-01 00:59", "2026-05-01 01:00"},
		{"01:00-05:00", "2026-05-31 05:00", "2026-06-01 01:00"},
		{"01:00-05:00 +2", "2026-05-01 23:30", "2026-05-01 23:30"},
		{"01:00-05:00 +2", "2026-05-01 22:30", "2026-05-01 23:00"},
		{"fri 22:00-06:30", "2026-05-02 05:00", "2026-05-02 05:00"}, // 1 May 2026 is a Friday
		{"fri 22:00-06:30", "2026-05-02 06:30", "2026-05-08 22:00"},
		{"mon-thu 08:00-09:00", "2026-05-01 08:30", "2026-05-04 08:00"},
		{"sat-mon", "2026-05-01 23:59", "2026-05-02 00:00"},
		{"sat-mon", "2026-05-04 23:59", "2026-05-04 23:59"},
		{"Tue,thu 10:00-24:00", "2026-05-05 23:59", "2026-05-05 23:59"},
		{"Tue,thu 10:00-24:00", "2026-05-06 00:00", "2026-05-07 10:00"},
		{"mon-fri 22:00-06:00; sat-sun", "2026-05-01 12:00", "2026-05-01 22:00"},
		{"mon-fri 22:00-06:00; sat-sun", "2026-05-02 12:00", "2026-05-02 12:00"},
		{"mon-fri 22:00-06:00; sat-sun", "2026-05-04 06:00", "2026-05-04 22:00"},
	}
	for _, c := range cases {
		text, zoned := strings.CutSuffix(c.window, " +2")
		zone := time.UTC
		if zoned {
			zone = berlin
		}
		var windows crawler.Windows
		for part := range strings.SplitSeq(text, "; ") {
			w, err := crawler.ParseWindow(part, zone)
			if err != nil {
				t.Fatal(err)
			}
			windows = append(windows, w)
		}
		if got := windows.Opens(at(c.now)); !got.Equal(at(c.opens)) {
			t.Errorf("%s at %s opens %s, want %s", c.window, c.now, got.UTC(), c.opens)
		}
	}
	for _, bad := range []string{"", "22:00", "22-06", "25:00-26:00", "05:00-05:00", "24:00-05:00", "noon", "mon-", "sun 22:00", "mon-fry 08:00-09:00", "08:00-09:00 mon"} {
		if _, err := crawler.ParseWindow(bad, nil); err == nil {
			t.Errorf("ParseWindow(%q) gives no error", bad)
		}
	}
}

// Outside its window a site is not asked.
func TestRunKeepsToTheWindow(t *testing.T) {
	t.Parallel()
	clock := newMoving() // 08:00
	s := serve(t, board(twelve...))
	dir := t.TempDir()
	w, err := crawler.ParseWindow("09:00-10:00", nil)
	if err != nil {
		t.Fatal(err)
	}
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Windows: crawler.Windows{w}}}
	b := open(t, dir, o)
	var pending *crawler.PendingError
	if _, err := b.Start(t.Context(), s.url("/")); !errors.As(err, &pending) || len(s.requests()) != 0 {
		t.Fatalf("Start gives %v after %d requests", err, len(s.requests()))
	}
	clock.add(61 * time.Minute)
	b.start(s.url("/"))
	clock.add(23 * time.Hour) // 08:01
	asked := len(s.requests())
	if err := b.Run(watched(t)); !errors.As(err, &pending) || pending.Until.Sub(clock.Now()) != 59*time.Minute || len(s.requests()) != asked {
		t.Fatalf("Run ends with %v after %d requests", err, len(s.requests())-asked)
	}
	clock.add(time.Hour)
	b.run()
	if len(b.posts()) != 24 {
		t.Errorf("%d posts, want 24", len(b.posts()))
	}
}

// Two hundred hosts are asked at once, or only two, and one that does not answer
// holds up nobody but itself.
func TestSlowHostDelaysNobody(t *testing.T) {
	t.Parallel()
	for _, hosts := range []int{1, 200} {
		t.Run(strconv.Itoa(hosts), func(t *testing.T) {
			t.Parallel()
			if underRace {
				hosts = min(hosts, 40)
			}
			slowHostDelaysNobody(t, hosts)
		})
	}
}

func slowHostDelaysNobody(t *testing.T, hosts int) {
	t.Helper()
	release := make(chan struct{})
	slow := serve(t, board(twelve...))
	slow.before = func(path string) {
		if path != "/b/1" {
			return
		}
		select {
		case <-release:
		case <-t.Context().Done():
		}
	}
	b := open(t, t.TempDir(), setup{})
	b.start(slow.url("/"))
	var done sync.WaitGroup
	done.Add(hosts)
	for range hosts {
		s := serve(t, board("20 101"))
		s.before = func(path string) {
			if path == "/t/20" {
				done.Done()
			}
		}
		b.start(s.url("/"))
	}
	go func() { // every other host is read to its last page while the slow one hangs
		done.Wait()
		close(release)
	}()
	b.run()
	if n := b.Stats(); n.Outcomes[state.OK] != 3*hosts+1+4+12+1-1 {
		t.Errorf("outcomes are %v", n.Outcomes)
	}
	if slow.most > 1 {
		t.Errorf("%d requests at once to one host", slow.most)
	}
}

// A host that asks for a pause in the midst of threads that were leased together is
// asked for none of them, and for each once when it is over.
func TestPauseAmongThreadsLeasedTogether(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	s := serve(t, board(twelve...))
	page := s.pages["/t/25"]
	s.set("/t/25", "HTTP 429\nRetry-After: 600\n\n")
	b := open(t, t.TempDir(), setup{now: clock.Now, Options: crawler.Options{Workers: 1}})
	b.start(s.url("/"))
	var pending *crawler.PendingError
	if err := b.Run(watched(t)); !errors.As(err, &pending) {
		t.Fatalf("Run ends with %v", err)
	}
	if asked := s.requests(); asked[len(asked)-1] != "/t/25" {
		t.Errorf("asked for %v after the host wanted a pause", asked)
	}
	s.set("/t/25", page)
	clock.add(601 * time.Second)
	b.run()
	if n := len(b.posts()); n != 24 {
		t.Errorf("%d posts, want 24", n)
	}
	for i := 20; i < 32; i++ {
		want := 1
		if i == 25 {
			want = 2
		}
		if n := s.count("/t/" + strconv.Itoa(i)); n != want {
			t.Errorf("thread %d was asked for %d times, want %d", i, n, want)
		}
	}
}

// A host that asked for a pause is not asked by a first look at another of its
// addresses either.
func TestFirstLookKeepsThePause(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1}}
	s := serve(t, map[string]string{"/": "HTTP 429\nRetry-After: 600\n\n"})
	dir := t.TempDir()
	for i, want := range []string{"asks for a pause", "is left alone until"} {
		b := open(t, dir, o)
		_, err := b.Start(t.Context(), s.url("/"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("look %d gives %v, want %q", i+1, err, want)
		}
		b.close()
	}
	if s.count("/") != 1 {
		t.Errorf("asked %d times", s.count("/"))
	}
	clock.add(601 * time.Second)
	s.set("/", "kind index\n")
	open(t, dir, o).start(s.url("/"))
}
