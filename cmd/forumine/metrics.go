package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
)

// monitor answers /healthz, /readyz and /metrics.
//
// The counters are those of the runs' records: what is committed together with
// the work that it counts is exact, and goes on after a restart. A library of
// metrics would count in memory, beside it.
type monitor struct {
	r *runner

	mu     sync.Mutex // one reading of the state at a time
	status state.Status
	took   time.Duration
	at     time.Time
}

// serveMonitor opens the address and answers until stop is called.
func serveMonitor(ctx context.Context, address string, r *runner, log *slog.Logger) (stop func(), err error) {
	l, err := listen(ctx, address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: (&monitor{r: r}).handler(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the monitor's address answers no more", "error", err)
		}
	})
	log.Info("health and metrics are served", "address", l.Addr().String())
	return func() {
		_ = server.Close()
		wg.Wait()
	}, nil
}

func (m *monitor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", m.health)
	mux.HandleFunc("GET /readyz", m.ready)
	mux.HandleFunc("GET /metrics", m.metrics)
	return mux
}

// health tells whether the process works at all: its state can be read.
func (m *monitor) health(w http.ResponseWriter, q *http.Request) {
	if _, err := m.r.p.store.QueueSize(q.Context()); err != nil {
		http.Error(w, "the state cannot be read", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// ready tells whether documents get to the index as well.
func (m *monitor) ready(w http.ResponseWriter, q *http.Request) {
	if st := m.r.p.sender.Stats(); st.State == index.SenderStopped || st.State == index.SenderWaiting {
		http.Error(w, "the index takes no documents: see the log; what is crawled is kept until it does", http.StatusServiceUnavailable)
		return
	}
	m.health(w, q)
}

func (m *monitor) metrics(w http.ResponseWriter, q *http.Request) {
	var b strings.Builder
	if err := m.write(q.Context(), &b); err != nil {
		m.r.log.Warn("metrics cannot be read", "error", err)
		http.Error(w, "the state cannot be read", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, b.String())
}

// latest reads the state's status. On a large frontier that takes seconds: it is
// then shown for twenty times as long as it took.
func (m *monitor) latest(ctx context.Context) (state.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.at) < 20*m.took {
		return m.status, nil
	}
	began := time.Now()
	st, err := m.r.p.store.Status(ctx)
	if err == nil {
		m.status, m.took, m.at = st, time.Since(began), time.Now()
	}
	return st, err
}

// write writes everything in the text format of Prometheus, version 0.0.4.
func (m *monitor) write(ctx context.Context, out io.Writer) error {
	st, err := m.latest(ctx)
	if err != nil {
		return err
	}
	totals, err := m.r.p.store.RunTotals(ctx)
	if err != nil {
		return err
	}
	ended, err := m.r.p.store.RunEnds(ctx)
	if err != nil {
		return err
	}
	size, err := archiveSize(m.r.p.dir)
	if err != nil {
		return err
	}
	e := &exposition{out: out}
	e.family("forumine_build_info", "gauge", "The program's version; always 1.")
	e.sample(1, "version", version)
	e.runs(totals, ended)
	e.holdings(st)
	e.state(st, m.r.clock.Now())
	e.family("forumine_archive_bytes", "gauge", "Size of the archive's files.")
	e.sample(float64(size))
	m.schedule(e)
	return e.err
}

// runs writes what the records of all runs add up to, by the study's sites.
func (e *exposition) runs(totals map[string]map[string]int64, ended map[string]map[string]int64) {
	sites := slices.Sorted(maps.Keys(totals))
	e.family("forumine_pages_total", "counter", "Visits that were settled, by outcome.")
	for _, site := range sites {
		for _, o := range state.Outcomes() {
			e.sample(float64(totals[site][string(o)]), "site", site, "outcome", string(o))
		}
	}
	for _, c := range []struct{ name, count, help string }{
		{"forumine_requests_total", "requests", "Requests that were made, robots.txt and redirects included."},
		{"forumine_audit_requests_total", "audit_requests", "Requests of those for old pages, read again for edits and deletions."},
		{"forumine_received_bytes_total", "bytes", "Bytes of bodies as received."},
		{"forumine_posts_read_total", "posts", "Posts on pages that were read, repeats included."},
		{"forumine_posts_new_total", "posts_new", "Posts that were seen for the first time."},
		{"forumine_posts_changed_total", "posts_changed", "Changes of posts' words."},
		{"forumine_posts_missing_total", "posts_missing", "Posts that were found to be missing."},
		{"forumine_documents_written_total", "documents", "Versions of documents that were written for the index."},
		{"forumine_robots_refusals_total", string(state.Robots), "Pages that robots.txt forbids."},
		{"forumine_host_pauses_total", "pauses", "Times that a host asked for a pause (429 or 503)."},
		{"forumine_drifted_pages_total", "drifted", "Pages of which not all posts may have been read."},
	} {
		e.family(c.name, "counter", c.help)
		for _, site := range sites {
			e.sample(float64(totals[site][c.count]), "site", site)
		}
	}
	e.family("forumine_runs_total", "counter", "Runs that have ended, or are under way, by status.")
	for _, site := range slices.Sorted(maps.Keys(ended)) {
		for _, status := range slices.Sorted(maps.Keys(ended[site])) {
			e.sample(float64(ended[site][status]), "site", site, "status", status)
		}
	}
}

// holdings writes what is held of each forum.
func (e *exposition) holdings(st state.Status) {
	for _, h := range []struct {
		name, help string
		of         func(state.SiteStatus) int64
	}{
		{"forumine_held_threads", "Threads that are held.", func(s state.SiteStatus) int64 { return s.Threads }},
		{"forumine_held_posts", "Posts that are held.", func(s state.SiteStatus) int64 { return s.Posts }},
		{"forumine_held_authors", "Authors that are held.", func(s state.SiteStatus) int64 { return s.Authors }},
	} {
		e.family(h.name, "gauge", h.help)
		for _, s := range st.Sites {
			e.sample(float64(h.of(s)), "forum", s.Site)
		}
	}
	e.family("forumine_missing_posts", "gauge", "Posts that are held and no longer shown by their forum.")
	e.sample(float64(st.Documents[forum.DocPost].Missing))
	e.family("forumine_gaps", "gauge", "Fields that pages should show and do not, by engine and field.")
	for _, g := range st.Gaps {
		engine, field, _ := strings.Cut(g.Name, " ")
		e.sample(float64(g.Count), "forum", g.Site, "engine", engine, "field", field)
	}
}

// state writes how the queue, the outbox and the hosts stand.
func (e *exposition) state(st state.Status, now time.Time) {
	e.family("forumine_queue_urls", "gauge", "Addresses by state.")
	for _, s := range []string{"ready", "waiting", "leased", "settled", "parked"} {
		e.sample(float64(st.Queue[s]), "state", s)
	}
	age := 0.0
	if !st.OutboxOldest.IsZero() {
		age = max(0, now.Sub(st.OutboxOldest).Seconds())
	}
	for _, g := range []struct {
		name, kind, help string
		v                float64
	}{
		{"forumine_outbox_documents", "gauge", "Documents that wait for the index.", float64(st.OutboxRows)},
		{"forumine_outbox_bytes", "gauge", "Their bodies.", float64(st.OutboxBytes)},
		{"forumine_outbox_oldest_age_seconds", "gauge", "How long the oldest of them has waited.", age},
		{"forumine_dead_letters", "gauge", "Documents that the index refused.", float64(st.DeadLetters)},
		{"forumine_paused_hosts", "gauge", "Hosts that are left alone for now.", float64(len(st.Paused))},
		{"forumine_lease_reclaims_total", "counter", "Leases that were taken back: their process ended, or took too long.", float64(st.Reclaims)},
	} {
		e.family(g.name, g.kind, g.help)
		e.sample(g.v)
	}
}

// schedule writes what the scheduler knows.
func (m *monitor) schedule(e *exposition) {
	planned, skipped, missed := m.r.tally()
	active := m.r.runs()
	e.family("forumine_run_active", "gauge", "Whether a run of the site is under way.")
	for _, s := range m.r.cfg.Sites {
		_, on := active[s.Name]
		e.sample(btof(on), "site", s.Name)
	}
	e.family("forumine_next_run_timestamp_seconds", "gauge", "When the site's next, or present, run was planned for.")
	for _, s := range m.r.cfg.Sites {
		if at, ok := planned[s.Name]; ok {
			e.sample(float64(at.Unix()), "site", s.Name)
		}
	}
	e.family("forumine_skipped_runs_total", "counter", "Runs that were due while another of the site was under way, since the process began.")
	for _, s := range m.r.cfg.Sites {
		e.sample(float64(skipped[s.Name]), "site", s.Name)
	}
	e.family("forumine_missed_runs_total", "counter", "Runs that were due while no process lived, as this one found at its start.")
	for _, s := range m.r.cfg.Sites {
		e.sample(float64(missed[s.Name]), "site", s.Name)
	}
}

func btof(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// archiveSize adds up the archive's files.
func archiveSize(dir string) (int64, error) {
	var n int64
	err := filepath.WalkDir(filepath.Join(dir, "archive"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if errors.Is(err, os.ErrNotExist) { // a file that was put aside meanwhile
		return n, nil
	}
	if err != nil {
		return n, fmt.Errorf("measuring the archive: %w", plainPath(err))
	}
	return n, nil
}

// exposition writes families of samples.
type exposition struct {
	out  io.Writer
	name string
	err  error
}

func (e *exposition) family(name, kind, help string) {
	e.name = name
	e.printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample writes one value with pairs of label and value.
func (e *exposition) sample(v float64, labels ...string) {
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s="%s"`, labels[i], escapeLabel(labels[i+1]))
	}
	name := e.name
	if b.Len() > 0 {
		name += "{" + b.String() + "}"
	}
	e.printf("%s %s\n", name, strconv.FormatFloat(v, 'f', -1, 64))
}

func (e *exposition) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.out, format, args...)
	}
}

// escapeLabel writes a label's value as the format asks.
func escapeLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s)
}
