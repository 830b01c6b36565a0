package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/archive"
	"forumine/crawler/state"
)

// moment is when a crawl is killed: by its progress, never by time.
type moment struct {
	stage string // one of the stages
	n     int64  // of the stage's own unit, counted from the start of the process
}

func (m moment) String() string { return fmt.Sprintf("%s %d", m.stage, m.n) }

// stages are the places at which a crawl may die, with what counts its progress
// there and how far it may go.
func stages() []moment {
	return []moment{
		{"request has come", 25},
		{"answer has gone", 25},
		{"bytes archived", 60_000},
		{"captures in the state", 20},
		{"documents acknowledged", 90},
		{"documents in the index", 90},
	}
}

// counted serves a forum and counts what it was asked and has answered. A
// request that finds the gate closed waits until its client has gone.
type counted struct {
	forum     http.Handler
	come      atomic.Int64
	gone      atomic.Int64
	holdAfter atomic.Int64 // requests let through; the next one waits
}

func (c *counted) reset() {
	c.come.Store(0)
	c.gone.Store(0)
	c.holdAfter.Store(never)
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.come.Add(1) > c.holdAfter.Load() {
		<-r.Context().Done()
		return
	}
	defer c.gone.Add(1)
	c.forum.ServeHTTP(w, r)
	_ = http.NewResponseController(w).Flush()
}

// number asks a database of the data folder, which may not be there yet.
func number(data, file, query string) int64 {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(data, file))+"?mode=ro")
	if err != nil {
		return 0
	}
	defer db.Close()
	var n sql.NullInt64
	if err := db.QueryRow(query).Scan(&n); err != nil {
		return 0
	}
	return n.Int64
}

// progressOf gives how far a crawl into data has come at a stage.
func progressOf(c *counted, data, stage string) int64 {
	switch stage {
	case "request has come":
		return c.come.Load()
	case "answer has gone":
		return c.gone.Load()
	case "bytes archived":
		return archivedBytes(data)
	case "captures in the state":
		return number(data, "state.db", `SELECT count(*) FROM captures`)
	case "documents acknowledged":
		return number(data, "state.db", `SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'outbox') - (SELECT count(*) FROM outbox)`)
	}
	return number(data, "index.db", `SELECT count(*) FROM docs`)
}

func archivedBytes(data string) int64 {
	names, _ := filepath.Glob(filepath.Join(data, "archive", "*"))
	total := int64(0)
	for _, name := range names {
		if st, err := os.Stat(name); err == nil {
			total += st.Size()
		}
	}
	return total
}

// crawlKilledAt crawls as a process of its own that dies at the moment. False
// says that it came to its end before.
func crawlKilledAt(t *testing.T, c *counted, m moment, args ...string) bool {
	t.Helper()
	data := args[len(args)-1]
	c.reset()
	if strings.HasSuffix(m.stage, "come") || strings.HasSuffix(m.stage, "gone") {
		c.holdAfter.Store(m.n)
	}
	start := progressOf(c, data, m.stage)
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for progressOf(c, data, m.stage) < start+m.n {
		select {
		case err := <-ended:
			if strings.Contains(out.String(), "internal error") {
				t.Fatalf("the crawl failed by itself: %v\n%s", err, out.String())
			}
			return false
		default:
		}
	}
	_ = cmd.Process.Kill()
	return killed(<-ended)
}

// killed tells whether a process died by force rather than by its own end.
func killed(err error) bool { return err != nil && exitStatus(err) != exitFailed }

// traces is what a dead process may leave behind.
type traces struct{ leased, unsettled, undelivered, torn int }

func (s *traces) note(t *testing.T, data string) {
	t.Helper()
	if number(data, "state.db", `SELECT count(*) FROM urls WHERE state = 2`) > 0 {
		s.leased++
	}
	if number(data, "state.db", `SELECT count(*) FROM outbox`) > 0 {
		s.undelivered++
	}
	dir := filepath.Join(data, "archive")
	if _, err := os.Stat(dir); err != nil {
		return
	}
	if damage, err := archive.Check(t.Context(), dir, nil); err == nil && len(damage) > 0 {
		s.torn++
	}
	a, err := archive.Open(dir, archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	n := int64(0)
	_ = a.Walk(t.Context(), func(archive.Ref, archive.Exchange) error { n++; return nil })
	if n > number(data, "state.db", `SELECT count(*) FROM captures`) {
		s.unsettled++
	}
}

// checkFolder looks for what a crawl that came to its end must not leave:
// leases, undelivered or refused documents, a document twice, damage.
func checkFolder(t *testing.T, data string) {
	t.Helper()
	r, err := state.OpenReadOnly(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	st, err := r.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := st.Queue["leased"] + st.Queue["ready"] + st.Queue["waiting"]; n != 0 {
		t.Errorf("%d URLs are left: %v", n, st.Queue)
	}
	if n := number(data, "state.db", `SELECT count(*) FROM slots WHERE lease_until > 0`); n != 0 {
		t.Errorf("%d hosts are still leased", n)
	}
	if st.OutboxRows != 0 || st.DeadLetters != 0 {
		t.Errorf("%d documents wait for the index, %d were refused", st.OutboxRows, st.DeadLetters)
	}
	for _, kind := range []string{"post", "thread", "author"} {
		byID(t, ofKind(export(t, data), kind), kind+".key")
	}
	damage, err := archive.Check(t.Context(), filepath.Join(data, "archive"), nil)
	if err != nil || len(damage) > 0 {
		t.Errorf("the archive is damaged: %v %v", err, damage)
	}
}

// undisturbed crawls a served forum and gives what is found.
func undisturbed(t *testing.T, url string) []string {
	t.Helper()
	data := t.TempDir()
	crawlLocal(t, data, url)
	return comparableLines(t, data)
}

// TestKilledAnywhere kills crawls at random moments of every stage, several
// times in a row, and compares what the same command finds in the end with an
// undisturbed run.
func TestKilledAnywhere(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the program is started many times")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	site := &counted{forum: f}
	site.reset()
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	want := undisturbed(t, server.URL+"/")

	const kills, inARow = 36, 6
	random := rand.New(rand.NewPCG(36, 1))
	var seen traces
	died := map[string]int{}
	for total := 0; total < kills; {
		data := t.TempDir()
		var at []string
		for range inARow {
			m := stages()[random.IntN(len(stages()))]
			m.n = 1 + random.Int64N(m.n)
			if !crawlKilledAt(t, site, m, "crawl", server.URL+"/", "--allow-private", "--delay", "0", "--data", data) {
				break
			}
			total++
			died[m.stage]++
			at = append(at, m.String())
			seen.note(t, data)
		}
		site.reset()
		crawlLocal(t, data, server.URL+"/")
		checkFolder(t, data)
		compareLines(t, comparableLines(t, data), want)
		if t.Failed() {
			t.Fatalf("killed at: %s", strings.Join(at, ", "))
		}
	}
	t.Logf("killed at %v; left behind %+v", died, seen)
	if len(died) < len(stages()) {
		t.Errorf("not every stage was struck: %v", died)
	}
	if seen.leased == 0 || seen.unsettled == 0 || seen.undelivered == 0 {
		t.Errorf("no kill struck between lease and settling, archive and state, or state and index: %+v", seen)
	}
}
