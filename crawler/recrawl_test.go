package crawler_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
)

// moving is a clock that stands until it is moved.
type moving struct {
	mu  sync.Mutex
	now time.Time
}

func newMoving() *moving { return &moving{now: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)} }

func (m *moving) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *moving) add(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// listed is a board of one-page threads, three a page, whose rows are given as
// "thread signature" from the top.
func listed(pages map[string]string, rows ...string) {
	const perPage = 3
	last := (len(rows) + perPage - 1) / perPage
	for p := 1; p <= last; p++ {
		var b strings.Builder
		b.WriteString("kind board\n")
		for _, row := range rows[(p-1)*perPage : min(p*perPage, len(rows))] {
			id, signature, _ := strings.Cut(row, " ")
			fmt.Fprintf(&b, "row /t/%s %s\n", id, signature)
			path := "/t/" + id
			pages[path] = "kind thread\npost " + id + "0 first\npost " + id + "1 at " + signature + "\n"
		}
		if p < last {
			fmt.Fprintf(&b, "next /b/1/%d\n", p+1)
		}
		path := "/b/1"
		if p > 1 {
			path = fmt.Sprintf("/b/1/%d", p)
		}
		pages[path] = b.String()
	}
}

// board is a forum of one board.
func board(rows ...string) map[string]string {
	pages := map[string]string{"/": "kind index\nboard /b/1\n"}
	listed(pages, rows...)
	return pages
}

func (s *site) list(rows ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	listed(s.pages, rows...)
}

// recrawl runs the same command once more, at a later time, and gives what was
// asked for.
func recrawl(t *testing.T, dir string, s *site, o setup) string {
	t.Helper()
	s.forget()
	b := open(t, dir, o)
	if err := b.Refresh(t.Context(), b.start(s.url("/"))); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(watched(t)); err != nil && !errors.Is(err, crawler.ErrLimit) {
		t.Fatal(err)
	}
	b.close()
	return s.paths()
}

// paths is what was asked for, robots.txt aside, in order of address.
func (s *site) paths() string {
	got := slices.DeleteFunc(s.requests(), func(p string) bool { return p == "/robots.txt" })
	slices.Sort(got)
	return strings.Join(got, " ")
}

var twelve = []string{"31 112", "30 111", "29 110", "28 109", "27 108", "26 107", "25 106", "24 105", "23 104", "22 103", "21 102", "20 101"}

func TestListingIsReadDownToWhatIsKnown(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, want string
		first      []string
		then       []string
	}{
		{"nothing new", "/ /b/1", twelve, twelve},
		{"a reply and a new thread", "/ /b/1 /b/1/2 /t/20 /t/40", twelve,
			slices.Concat([]string{"40 121", "20 120"}, twelve[:11])},
		{"a page and a half of replies", "/ /b/1 /b/1/2 /b/1/3 /t/20 /t/21 /t/22 /t/23", twelve,
			slices.Concat([]string{"20 124", "21 123", "22 122", "23 121"}, twelve[:8])},
		{"a listing sorted by something else", "/ /b/1 /b/1/2 /b/1/3 /b/1/4 /t/21",
			[]string{"20 101", "29 110", "21 102", "30 111", "22 103", "31 112", "23 104", "24 105", "25 106", "26 107", "27 108", "28 109"},
			[]string{"20 101", "29 110", "21 120", "30 111", "22 103", "31 112", "23 104", "24 105", "25 106", "26 107", "27 108", "28 109"}},
		{"no order to be seen", "/ /b/1 /b/1/2 /t/21", []string{"20 a", "21 a", "22 a", "23 a"}, []string{"20 a", "21 b", "22 a", "23 a"}},
		{"rows that tell nothing", "/ /b/1 /b/1/2", []string{"20", "21", "22", "23"}, []string{"20", "21", "22", "23"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock := newMoving()
			o := setup{now: clock.Now, Options: crawler.Options{Workers: 1}}
			s := serve(t, board(c.first...))
			dir := t.TempDir()
			recrawl(t, dir, s, o)
			clock.add(time.Minute)
			s.list(c.then...)
			if got := recrawl(t, dir, s, o); got != c.want {
				t.Errorf("asked for %s\nwant      %s", got, c.want)
			}
		})
	}
}

// A run that ends in the middle of a listing leaves changed rows below rows that
// it noted. What comes after must not take those for the end of the news.
func TestInterruptedWalkHidesNothing(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1}}
	s := serve(t, board(twelve...))
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	clock.add(time.Hour)
	changed := []string{"20 126", "21 125", "22 124", "23 123", "24 122", "25 121"}
	s.list(slices.Concat(changed, twelve[:6])...)
	o.MaxPages = 2 // index and the first page of the listing
	recrawl(t, dir, s, o)
	o.MaxPages = 0
	clock.add(time.Hour)
	// Three new threads push the noted rows onto the second page.
	s.list(slices.Concat([]string{"52 133", "51 132", "50 131"}, changed, twelve[:6])...)
	recrawl(t, dir, s, o)
	clock.add(time.Hour)
	recrawl(t, dir, s, o)
	b := open(t, dir, o)
	posts := b.posts()
	for _, row := range slices.Concat(changed, []string{"52 133", "51 132", "50 131"}) {
		id, signature, _ := strings.Cut(row, " ")
		if got := posts[id+"1"]; got != "at "+signature {
			t.Errorf("the post of thread %s is %q, want it at %s", id, got, signature)
		}
	}
}

// Boards that do not change are looked at less often, within bounds, and a change
// brings them back.
func TestBoardsHaveTheirInterval(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Interval: crawler.Bounds{Min: time.Hour, Max: 3 * time.Hour}}}
	s := serve(t, board(twelve...))
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	looks := func(after time.Duration) bool {
		clock.add(after)
		return strings.Contains(recrawl(t, dir, s, o), "/b/1")
	}
	steps := []struct {
		after time.Duration
		want  bool
	}{
		{time.Minute, true}, {time.Minute, true}, // at the shortest interval, whenever asked
		{61 * time.Minute, true},                           // then 1.5 h, of which three quarters have to pass
		{66 * time.Minute, false}, {2 * time.Minute, true}, // then 2.25 h
		{100 * time.Minute, false}, {2 * time.Minute, true}, // then 3 h, the bound
		{134 * time.Minute, false}, {2 * time.Minute, true},
		{134 * time.Minute, false}, {2 * time.Minute, true},
	}
	for i, step := range steps {
		if got := looks(step.after); got != step.want {
			t.Fatalf("step %d: the board is looked at: %v, want %v", i, got, step.want)
		}
	}
	s.list(slices.Concat([]string{"20 120"}, twelve[:11])...)
	if looks(134*time.Minute) || !looks(2*time.Minute) { // it has changed: then 2 h
		t.Fatal("the board's interval is not three hours")
	}
	if looks(89*time.Minute) || !looks(2*time.Minute) {
		t.Error("a change does not shorten the interval to two hours")
	}
}

// Whoever is asked again with what it told before answers without a body, and
// that costs neither an extraction nor a document.
func TestUnchangedPagesCostNothing(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Audit: crawler.Audit{Bounds: crawler.Bounds{Min: time.Hour, Max: 2 * time.Hour}}}}
	pages := board("20 101", "21 102")
	pages["/t/20"] = "HTTP 200\nETag: \"v1\"\n\n" + pages["/t/20"]
	pages["/t/21"] = "HTTP 200\nLast-Modified: Fri, 01 May 2026 00:00:00 GMT\n\n" + pages["/t/21"]
	s := serve(t, pages)
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	clock.add(3 * time.Hour)
	b := open(t, dir, o)
	before, _, err := b.store.OutboxSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reads := b.reads()
	s.forget()
	if err := b.Refresh(t.Context(), b.start(s.url("/"))); err != nil {
		t.Fatal(err)
	}
	b.run()
	if got, want := s.paths(), "/ /b/1 /t/20 /t/21"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if n := b.reads() - reads; n != 0 {
		t.Errorf("%d pages were read", n)
	}
	n := b.Stats()
	if n.Outcomes[state.Unchanged] != 4 || n.Audited != 2 {
		t.Errorf("stats are %+v", n)
	}
	after, _, err := b.store.OutboxSize(t.Context())
	if err != nil || after != before {
		t.Errorf("the outbox has %d rows, %v, want %d", after, err, before)
	}
}

// A page that kills the process ends as failed, with a name, after eight
// processes; the rest of the forum is read.
func TestDeadlyPageEndsAsFailed(t *testing.T) {
	t.Parallel()
	s := serve(t, board("20 101", "21 102"))
	dir := t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/b/1"))
	b.close()
	for range 8 {
		b := open(t, dir, setup{})
		if _, err := b.store.LeaseURL(t.Context(), s.id(), "thread/20/1"); err != nil {
			t.Fatal(err)
		}
		b.close() // with the page in hand: for the state the process has died
	}
	b = open(t, dir, setup{})
	b.start(s.url("/b/1"))
	b.run()
	if got := b.outcome(s, "thread/20/1"); got != "failed: the process ended 8 times while this page was in hand" {
		t.Errorf("outcome is %q", got)
	}
	if s.count("/t/20") != 0 || b.posts()["211"] != "at 102" {
		t.Errorf("asked for %v", s.requests())
	}
	if n, err := b.store.Retry(t.Context(), s.id()); n != 1 || err != nil {
		t.Fatalf("Retry gives %d, %v", n, err)
	}
	b.run()
	if got := b.outcome(s, "thread/20/1"); got != "ok: " {
		t.Errorf("after a retry the outcome is %q", got)
	}
}

// The process dies again and again while it reads a page that the archive holds
// already: the page is set aside, and not read at the next start.
func TestDeadlyCaptureIsSetAside(t *testing.T) {
	t.Parallel()
	s := serve(t, board("20 101"))
	dir := t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/b/1"))
	header := http.Header{"Content-Type": {"text/html"}}
	ref, err := b.archive.Append(t.Context(), archive.Exchange{URL: s.url("/t/20"), FetchedAt: time.Now().UTC(), Method: http.MethodGet,
		Status: 200, Header: header, Body: []byte("kind thread\npost 200 first\n"), Viewer: "guest"})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if _, err := b.store.LeaseURL(t.Context(), s.id(), "thread/20/1"); err != nil {
			t.Fatal(err)
		}
		b.close()
		b = open(t, dir, setup{})
	}
	reads := b.reads()
	if n, err := b.Recover(t.Context()); n != 1 || err != nil {
		t.Fatalf("Recover gives %d, %v", n, err)
	}
	if ok, err := b.store.HasCapture(t.Context(), ref.String()); !ok || err != nil {
		t.Errorf("the capture is not settled: %v", err)
	}
	if b.reads() != reads || !strings.HasPrefix(b.outcome(s, "thread/20/1"), "failed: the process ended 8 times") {
		t.Errorf("the page was read again; its outcome is %s", b.outcome(s, "thread/20/1"))
	}
}

// A page that is walled, or gone, and comes again as it was is neither archived nor
// read again, and keeps its outcome; as soon as it shows something else it is.
func TestWallsThatDoNotChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ wall, want string }{
		"members only": {"kind denied\n", "walled: the page is for members: denied"},
		"forbidden":    {"HTTP 403\n\nkind denied\n", "walled: the page is for members: denied"},
		"gone":         {"HTTP 404\n\nkind missing\n", "gone: the forum says that there is no such page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, dir := newMoving(), t.TempDir()
			pages := board("2 22", "1 21")
			pages["/t/1"] = c.wall
			s := serve(t, pages)
			recrawl(t, dir, s, setup{now: m.Now})
			again := func(captures int, want string) {
				t.Helper()
				m.add(25 * time.Hour)
				b := open(t, dir, setup{now: m.Now})
				defer b.close()
				if _, err := b.store.Schedule(t.Context(), state.Selection{Keys: []string{"thread/1/1"}}, m.Now()); err != nil {
					t.Fatal(err)
				}
				s.forget()
				b.start(s.url("/"))
				b.run()
				got, err := b.store.PageCaptures(t.Context(), s.id(), "thread/1/1")
				if err != nil || len(got) != captures || b.outcome(s, "thread/1/1") != want || s.count("/t/1") != 1 {
					t.Errorf("%d captures, want %d; %q, want %q; asked %d times, %v", len(got), captures, b.outcome(s, "thread/1/1"), want, s.count("/t/1"), err)
				}
			}
			again(1, c.want)
			again(1, c.want)
			s.set("/t/1", "kind thread\npost 10 open\n")
			again(2, "ok: ")
			s.set("/t/1", c.wall)
			again(3, c.want)
			again(3, c.want)
		})
	}
}

// Bounds that are given for one site hold for its boards and for no other's.
func TestBoundsOfSingleSites(t *testing.T) {
	t.Parallel()
	m := newMoving()
	rare, usual := serve(t, board("2 22", "1 21")), serve(t, board("2 22", "1 21"))
	o := setup{now: m.Now, Options: crawler.Options{
		SiteInterval: map[string]crawler.Bounds{rare.id(): {Min: 72 * time.Hour, Max: 200 * time.Hour}},
		Audit:        crawler.Audit{Share: -1},
	}}
	dirs := map[*site]string{rare: t.TempDir(), usual: t.TempDir()}
	for s, dir := range dirs {
		recrawl(t, dir, s, o)
		m.add(time.Second)
	}
	looks := map[*site]int{}
	for range 8 {
		m.add(25 * time.Hour)
		for s, dir := range dirs {
			recrawl(t, dir, s, o)
			looks[s] += s.count("/b/1")
		}
	}
	if looks[usual] != 8 || looks[rare] < 1 || looks[rare] > 3 {
		t.Errorf("in eight days %d looks at the board of the site with bounds of its own, %d at the other", looks[rare], looks[usual])
	}
}
