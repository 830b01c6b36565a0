package main

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/cmd/forumine/study"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// simClock is a clock that stands while anybody works and leaps, when all wait,
// to the earliest time that one waits for.
type simClock struct {
	mu      sync.Mutex
	now     time.Time
	end     time.Time // nothing beyond is reached: stop is called instead
	stop    func()
	workers int // who may wait at the same time
	waiting []*simWait
	leapt   func(from, to time.Time) // called at each leap, before anybody goes on
}

type simWait struct {
	at   time.Time
	goOn chan struct{}
}

func (c *simClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *simClock) Until(ctx context.Context, at time.Time) error {
	c.mu.Lock()
	if !at.After(c.now) {
		c.mu.Unlock()
		return ctx.Err()
	}
	w := &simWait{at, make(chan struct{})}
	c.waiting = append(c.waiting, w)
	if len(c.waiting) == c.workers {
		c.leap()
	}
	c.mu.Unlock()
	select {
	case <-w.goOn:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (c *simClock) leap() {
	slices.SortStableFunc(c.waiting, func(a, b *simWait) int { return a.at.Compare(b.at) })
	first := c.waiting[0]
	if first.at.After(c.end) {
		c.now = c.end
		c.stop()
		return
	}
	from := c.now
	c.now = first.at
	if c.leapt != nil {
		c.leapt(from, c.now)
	}
	c.waiting = c.waiting[1:]
	close(first.goOn)
}

// month is a study under way in simulated time.
type month struct {
	t     *testing.T
	cfg   *study.Config
	clock *simClock
	log   *bytes.Buffer
	logMu sync.Mutex
	r     *runner
}

func (m *month) Write(p []byte) (int, error) {
	m.logMu.Lock()
	defer m.logMu.Unlock()
	return m.log.Write(p)
}

func newMonth(t *testing.T, text string, start time.Time) *month {
	t.Helper()
	cfg, err := study.Parse([]byte(text))
	noError(t, err)
	cfg.In(t.TempDir())
	noError(t, checkStudy(cfg))
	return &month{t: t, cfg: cfg, log: &bytes.Buffer{}, clock: &simClock{now: start, workers: len(cfg.Sites)}}
}

// live carries out the study until a time, or until the process dies of what
// happens.
func (m *month) live(end time.Time, look func(r *runner)) {
	m.t.Helper()
	ctx, stop := context.WithCancel(m.t.Context())
	defer stop()
	m.clock.mu.Lock()
	m.clock.end, m.clock.stop, m.clock.waiting = end, stop, nil
	m.clock.mu.Unlock()
	r, err := openRunner(ctx, m.cfg, runnerOptions{clock: m.clock, log: slog.New(slog.NewTextHandler(m, nil)), maxWait: time.Millisecond})
	noError(m.t, err)
	m.r = r
	r.forever(ctx)
	if look != nil {
		look(r)
	}
	_ = r.close() // one that has died says so
}

// die ends the process in the midst of its work: nothing more is committed or
// archived.
func (m *month) die() {
	m.clock.mu.Lock()
	stop := m.clock.stop
	m.clock.mu.Unlock()
	_ = m.r.p.archive.Close()
	_ = m.r.p.store.Close()
	stop()
}

// records gives a site's runs, oldest first.
func (m *month) records(site string) []state.Run {
	m.t.Helper()
	store, err := state.OpenReadOnly(m.t.Context(), m.cfg.Storage.Data)
	noError(m.t, err)
	defer store.Close()
	runs, err := store.RunsOf(m.t.Context(), site, 1000)
	noError(m.t, err)
	slices.Reverse(runs)
	return runs
}

func sum(runs []state.Run, name string) (n int64) {
	for _, r := range runs {
		n += r.Counts[name]
	}
	return n
}

// change is something that happens to the forum at a time.
type change struct {
	at time.Time
	do func() error
}

// TestSimulatedMonth carries out a study for thirty days under a clock that
// leaps: a forum by a nightly cron expression with jitter, the same program
// elsewhere every six hours within a part of the day. Posts are written, edited
// and deleted, the process dies in its first crawl and is away for three days
// later on. What was counted is what has happened.
func TestSimulatedMonth(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestRunSitesTogether has more at work at once there")
	}
	t.Parallel()
	// After the machine's own time: a page that the crash leaves in the archive is
	// of that, and must not come from the future.
	start := time.Date(2040, 11, 1, 12, 0, 0, 0, time.UTC)
	nightly, often := newSimForum(t), newSimForum(t)
	told := newHook(t, 0)
	m := newMonth(t, fmt.Sprintf(`
notify: {webhook_file: %q}
defaults: {delay: 0, allow_private: true, audit: {share: 1, within: 5d}}
sites:
  - name: nightly
    start: %s/
    schedule: {cron: "30 3 * * *", timezone: Europe/Berlin, jitter: 20m}
  - name: often
    start: %s/forums/7/
    window: 06:00-22:00
    schedule: {every: 6h}
`, told.file, nightly.url, often.url), start)

	var changes []change
	replies, changed := 0, 0
	for day := 2; day < 28; day++ {
		at := start.AddDate(0, 0, day)
		if day%3 == 0 {
			replies++
			changes = append(changes, change{at, func() error {
				_, err := nightly.forum.AddReply(42, "Hester Quill", fmt.Sprintf("Said on day %d.", day), demoNow.Add(time.Duration(day)*time.Minute))
				return err
			}})
		}
	}
	posts := nightly.postsOf(42)
	changes = append(changes,
		change{start.AddDate(0, 0, 4), func() error {
			changed++
			return nightly.forum.Edit(posts[1], "Said otherwise, without a note.", time.Time{})
		}},
		change{start.AddDate(0, 0, 5), func() error { return nightly.forum.Delete(posts[3]) }})
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	m.clock.leapt = func(_, now time.Time) {
		for len(changes) > 0 && !changes[0].at.After(now) {
			noError(t, changes[0].do())
			changes = changes[1:]
		}
	}

	// The process dies while it crawls for the first time.
	nightly.dieAt(30, m.die)
	m.live(start.AddDate(0, 0, 30), nil)
	if runs := m.records("nightly"); len(runs) != 1 || runs[0].Status != state.RunRunning {
		t.Fatalf("after its death: %+v", runs)
	}
	// It comes back an hour later, and is stopped on the tenth day.
	m.clock.now = m.clock.now.Add(time.Hour)
	m.live(start.AddDate(0, 0, 10), nil)
	runs := m.records("nightly")
	if runs[0].Status != state.RunInterrupted || runs[1].Reason != whyResume || runs[1].Status != runComplete {
		t.Fatalf("after the crash: %+v %+v", runs[0], runs[1])
	}
	// Three days without a process, then the rest of the month.
	m.clock.now = start.AddDate(0, 0, 13)
	var exposed string
	m.live(start.AddDate(0, 0, 30), func(r *runner) {
		var b strings.Builder
		noError(t, (&monitor{r: r}).write(t.Context(), &b))
		exposed = b.String()
		compareMetrics(t, r, exposed)
	})

	runs = m.records("nightly")
	checkNights(t, runs, start)
	if got := sum(runs, "posts_new"); got != int64(demoPosts+replies) {
		t.Errorf("%d posts are new in all runs, want %d and %d replies", got, demoPosts, replies)
	}
	if got := sum(runs, "posts_changed"); got != int64(changed) {
		t.Errorf("%d posts changed in all runs, want %d", got, changed)
	}
	if got := sum(runs, "posts_missing"); got != 1 {
		t.Errorf("%d posts went missing, want the one that was deleted", got)
	}
	checkOften(t, m.records("often"))
	if v := metric(t, exposed, `forumine_missed_runs_total{site="nightly"}`); v != 1 {
		t.Errorf("%v runs are said to have been missed", v)
	}
	m.compareDocuments(nightly, replies)
	if got := told.names(); !slices.Equal(got, []string{"missed_run nightly", "missed_run often"}) {
		t.Errorf("a person was called for %v", got)
	}
	m.upgrade()
	m.compareDocuments(nightly, replies)
	m.pseudonymise("nightly", start.AddDate(0, 0, 30))
}

// upgrade reads everything again, as a program does that reads more than the one
// before.
func (m *month) upgrade() {
	m.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(m.cfg.Storage.Data, "state.db"))
	noError(m.t, err)
	_, err = db.ExecContext(m.t.Context(), "UPDATE captures SET extractor = extractor - 1")
	noError(m.t, errors.Join(err, db.Close()))
	n := len(pagesOf(m.t, m.cfg.Storage.Data))
	if out := succeed(m.t, "reindex", "--data", m.cfg.Storage.Data); n == 0 || !strings.Contains(out, fmt.Sprintf("%d pages read again", n)) {
		m.t.Errorf("of %d captures: %s", n, out)
	}
	if out := succeed(m.t, "reindex", "--data", m.cfg.Storage.Data); !strings.HasPrefix(out, "0 pages read again, 0 documents") {
		m.t.Errorf("after that: %s", out)
	}
}

// pseudonymise changes what the study keeps of people, and goes on for three days,
// in each of which a site is crawled.
func (m *month) pseudonymise(daily string, now time.Time) {
	m.t.Helper()
	data := m.cfg.Storage.Data
	posts := len(ofKind(export(m.t, data), "post"))
	m.cfg.Privacy.Authors = "pseudonymise"
	if r, err := openRunner(m.t.Context(), m.cfg, runnerOptions{clock: m.clock, log: slog.New(slog.DiscardHandler)}); err == nil {
		m.t.Errorf("a study that keeps less goes on in a folder that keeps more: %v", r.close())
	}
	succeed(m.t, "reindex", "--data", data, "--authors", "pseudonymise")
	before := len(m.records(daily))
	m.clock.now = now
	m.live(now.AddDate(0, 0, 3), nil)
	runs := m.records(daily)[before:]
	if len(runs) < 3 || slices.ContainsFunc(runs, func(r state.Run) bool { return r.Status != runComplete }) {
		m.t.Errorf("three days later: %+v", runs)
	}
	differ(m.t, "posts under pseudonyms", len(ofKind(export(m.t, data), "post")), posts)
	if out := succeed(m.t, "privacy", "audit", "--data", data); !strings.Contains(out, "\n0 traces") {
		m.t.Errorf("the audit finds people:\n%s", out)
	}
}

// demoPosts are the posts that a guest sees in the demo forum.
const demoPosts = 326

// checkNights holds the nightly runs to their schedule: a run for each night that
// a process lived through, later than planned by less than the jitter, and one
// that made up for the nights without.
func checkNights(t *testing.T, runs []state.Run, start time.Time) {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	noError(t, err)
	why := map[string]int{}
	nights := map[string]bool{}
	for _, r := range runs {
		why[r.Reason]++
		if r.Version != version || len(r.Config) != 64 || r.EndedAt.IsZero() || !strings.Contains(r.Asked, `"cron":"30 3 * * *"`) {
			t.Errorf("the record of run %d lacks something: %+v", r.ID, r)
		}
		if r.Reason != whySchedule {
			continue
		}
		planned := r.DueAt.In(berlin)
		if planned.Format("15:04") != "03:30" || r.StartedAt.Before(r.DueAt) || r.StartedAt.Sub(r.DueAt) >= 20*time.Minute {
			t.Errorf("run %d was due at %s and began at %s", r.ID, planned, r.StartedAt)
		}
		nights[planned.Format(time.DateOnly)] = true
	}
	// The first run began, and died, in the first night; the nights of days 11 to
	// 13 had no process.
	if why[whyResume] != 1 || why[whyMadeUp] != 1 || len(nights) != why[whySchedule] || len(nights) != 30-3 {
		t.Errorf("from %s: runs by reason are %v, in %d nights", start, why, len(nights))
	}
}

// checkOften holds the other site to its window.
func checkOften(t *testing.T, runs []state.Run) {
	t.Helper()
	// That of midnight waits for the window, and the next one falls out with it.
	if len(runs) < 3*26 || len(runs) > 4*28 {
		t.Errorf("%d runs in 27 days at six hours each", len(runs))
	}
	interrupted := 0
	for _, r := range runs {
		if h := r.EndedAt.Hour(); (h < 6 || h >= 22) && r.Counts["requests"] > 0 {
			t.Errorf("run %d ended at %s, outside its window, after %d requests", r.ID, r.EndedAt, r.Counts["requests"])
		}
		switch r.Status {
		case state.RunInterrupted:
			interrupted++
		case runComplete, runStopped:
		default:
			t.Errorf("run %d ended as %s", r.ID, r.Status)
		}
	}
	if interrupted != 1 {
		t.Errorf("%d runs were interrupted by one crash", interrupted)
	}
}

// compareDocuments compares what is held at the end with the forum.
func (m *month) compareDocuments(f *simForum, replies int) {
	m.t.Helper()
	store, err := state.OpenReadOnly(m.t.Context(), m.cfg.Storage.Data)
	noError(m.t, err)
	defer store.Close()
	held, missing, edited := 0, 0, false
	noError(m.t, store.Documents(m.t.Context(), state.DocumentFilter{Kind: forum.DocPost, Site: strings.TrimPrefix(f.url, "http://")}, func(d state.Document) error {
		held++
		if strings.Contains(string(d.Body), `"missing_since"`) {
			missing++
		}
		edited = edited || strings.Contains(string(d.Body), "Said otherwise, without a note.")
		return nil
	}))
	if held != demoPosts+replies || missing != 1 || !edited {
		m.t.Errorf("%d posts are held, %d missing, edit seen: %t; want %d, 1, true", held, missing, edited, demoPosts+replies)
	}
}

// simForum is a demo forum on a server that may end its visitor.
type simForum struct {
	t     *testing.T
	forum *demoforum.Forum
	url   string

	mu   sync.Mutex
	left int
	end  func()
}

func newSimForum(t *testing.T) *simForum {
	t.Helper()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	s := &simForum{t: t, forum: f}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// dieAt has something done while the n-th request from now waits.
func (s *simForum) dieAt(n int, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.end = n, end
}

func (s *simForum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.left--
	end := s.end
	if s.left != 0 {
		end = nil
	}
	s.mu.Unlock()
	if end != nil {
		end()
	}
	s.forum.ServeHTTP(w, r)
}

// postsOf are the native ids of a thread's posts.
func (s *simForum) postsOf(thread int) []int {
	var out []int
	for _, p := range s.forum.Truth().Posts {
		if p.ThreadID == strconv.Itoa(thread) {
			id, err := strconv.Atoi(p.ID)
			noError(s.t, err)
			out = append(out, id)
		}
	}
	return out
}

// samples reads the text format of Prometheus, strictly: every sample belongs to
// a family that was described before, and none comes twice.
func samples(t *testing.T, text string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	kinds := map[string]string{}
	for line := range strings.Lines(text) {
		line, whole := strings.CutSuffix(line, "\n")
		if !whole {
			t.Errorf("the last line has no end: %q", line)
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if _, again := kinds[name]; again {
				t.Errorf("%s is described twice", name)
			}
			kinds[name] = kind
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		i := strings.LastIndexByte(line, ' ')
		if i < 0 {
			t.Fatalf("no sample: %q", line)
		}
		v, err := strconv.ParseFloat(line[i+1:], 64)
		noError(t, err)
		name, _, _ := strings.Cut(line[:i], "{")
		if kinds[name] == "" || kinds[name] == "counter" != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %q", name, kinds[name])
		}
		if _, again := out[line[:i]]; again {
			t.Errorf("%s comes twice", line[:i])
		}
		out[line[:i]] = v
	}
	return out
}

func metric(t *testing.T, text, name string) float64 {
	t.Helper()
	v, ok := samples(t, text)[name]
	if !ok {
		t.Errorf("there is no %s", name)
	}
	return v
}

// compareMetrics compares what is exposed with the state, number by number.
func compareMetrics(t *testing.T, r *runner, text string) {
	t.Helper()
	got := samples(t, text)
	st, err := r.p.store.Status(t.Context())
	noError(t, err)
	want := map[string]float64{
		"forumine_outbox_documents": float64(st.OutboxRows), "forumine_dead_letters": float64(st.DeadLetters),
		"forumine_lease_reclaims_total": float64(st.Reclaims), `forumine_queue_urls{state="settled"}`: float64(st.Queue["settled"]),
	}
	for _, g := range st.Gaps {
		engine, field, _ := strings.Cut(g.Name, " ")
		want[fmt.Sprintf("forumine_gaps{forum=%q,engine=%q,field=%q}", g.Site, engine, field)] = float64(g.Count)
	}
	for _, s := range st.Sites {
		want[fmt.Sprintf("forumine_held_posts{forum=%q}", s.Site)] = float64(s.Posts)
	}
	for _, site := range r.cfg.Sites {
		runs, err := r.p.store.RunsOf(t.Context(), site.Name, 1000)
		noError(t, err)
		for _, o := range state.Outcomes() {
			want[fmt.Sprintf("forumine_pages_total{site=%q,outcome=%q}", site.Name, o)] = float64(sum(runs, string(o)))
		}
		for name, count := range map[string]string{
			"requests": "requests", "received_bytes": "bytes", "posts_new": "posts_new", "posts_changed": "posts_changed", "posts_missing": "posts_missing",
			"robots_refusals": "robots", "host_pauses": "pauses", "posts_read": "posts", "documents_written": "documents",
		} {
			want[fmt.Sprintf("forumine_%s_total{site=%q}", name, site.Name)] = float64(sum(runs, count))
		}
	}
	for name, v := range want {
		if g, ok := got[name]; !ok || g != v {
			t.Errorf("%s is exposed as %v (%t), the state says %v", name, g, ok, v)
		}
	}
	size, err := archiveSize(r.p.dir)
	noError(t, err)
	if got["forumine_archive_bytes"] != float64(size) || size == 0 {
		t.Errorf("the archive's size is exposed as %v, and is %d", got["forumine_archive_bytes"], size)
	}
	if math.IsNaN(got["forumine_outbox_oldest_age_seconds"]) {
		t.Error("the outbox's age is no number")
	}
}
