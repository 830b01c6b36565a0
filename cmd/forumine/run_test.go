package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/state"
)

// writeStudy writes a study of forums on this machine and gives its file.
func writeStudy(t *testing.T, more string, urls ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("defaults: {delay: 0, allow_private: true}\n" + more + "sites:\n")
	for i, u := range urls {
		fmt.Fprintf(&b, "  - {name: site%d, start: %s/}\n", i+1, u)
	}
	file := filepath.Join(t.TempDir(), "forumine.yaml")
	noError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	return file
}

// TestRunSitesTogether crawls three forums at the same time: each run counts its
// own work, and nobody else's.
func TestRunSitesTogether(t *testing.T) {
	t.Parallel()
	var urls []string
	for range 3 {
		urls = append(urls, newSimForum(t).url)
	}
	file := writeStudy(t, "", urls...)
	out := succeed(t, "run", "--once", "-c", file)
	store, err := state.OpenReadOnly(t.Context(), filepath.Join(filepath.Dir(file), "forumine-data"))
	noError(t, err)
	defer store.Close()
	for i := range urls {
		name := fmt.Sprintf("site%d", i+1)
		runs, err := store.RunsOf(t.Context(), name, 5)
		noError(t, err)
		if len(runs) != 1 || runs[0].Counts["posts_new"] != demoPosts || runs[0].Counts["ok"] != 67 || runs[0].Counts["walled"] != 1 || runs[0].Counts["requests"] != 69 { // feed and sitemap among them
			t.Errorf("%s: %+v\n%s", name, runs, out)
		}
	}
	st, err := store.Status(t.Context())
	noError(t, err)
	if st.OutboxRows != 0 || len(st.Sites) != 3 {
		t.Errorf("%d documents wait, %d sites are known", st.OutboxRows, len(st.Sites))
	}
}

// TestRunStops has a study crawl, asks for its health and its metrics, and stops
// it by SIGTERM in the midst of a page that does not come: it ends in time and in
// order, and the same command goes on.
func TestRunStops(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send a signal to one process")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	gate := &stallAt{forum: f, held: make(chan struct{})}
	gate.left.Store(30)
	server := httptest.NewServer(gate)
	t.Cleanup(server.Close)
	file := writeStudy(t, "metrics: {listen: '127.0.0.1:0'}\n", server.URL)

	cmd := exec.CommandContext(t.Context(), os.Args[0], "run", "-c", file)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	log, err := cmd.StderrPipe()
	noError(t, err)
	noError(t, cmd.Start())
	address := ""
	lines := bufio.NewScanner(log)
	for address == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "health and metrics are served\" address="); ok {
			address = rest
		}
	}
	drained := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, log); close(drained) }()
	<-gate.held
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n", "/metrics": "forumine_run_active{site=\"site1\"} 1\n"} {
		if body := get(t, "http://"+address+path); !strings.Contains(body, want) {
			t.Errorf("%s says %q", path, body)
		}
	}
	compareHeld(t, "http://"+address+"/metrics")
	began := time.Now()
	noError(t, cmd.Process.Signal(syscall.SIGTERM))
	<-drained
	if err := cmd.Wait(); err != nil {
		t.Errorf("the study ended with %v", err)
	}
	if took := time.Since(began); took > stopWithin+5*time.Second {
		t.Errorf("it stopped after %s", took)
	}
	data := filepath.Join(filepath.Dir(file), "forumine-data")
	store, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	runs, err := store.RunsOf(t.Context(), "site1", 5)
	noError(t, err)
	st, err := store.Status(t.Context())
	noError(t, err)
	store.Close()
	if len(runs) != 1 || runs[0].Status != runStopped || runs[0].EndedAt.IsZero() || st.Queue["leased"] != 0 {
		t.Errorf("after the stop: %+v, %d leased", runs, st.Queue["leased"])
	}
	gate.left.Store(never)
	if out := succeed(t, "run", "--once", "-c", file); !strings.Contains(out, "site1: run 2, complete") {
		t.Errorf("the study went on with %q", out)
	}
}

// compareHeld holds that what is exposed while a crawl stands still is what the
// forum has answered, once that is settled; pages may be leased behind the one that
// does not come.
func compareHeld(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		text := get(t, address)
		requests, leased := metric(t, text, `forumine_requests_total{site="site1"}`), metric(t, text, `forumine_queue_urls{state="leased"}`)
		if requests == 29 && leased >= 1 {
			return
		}
		if requests > 29 || time.Now().After(deadline) {
			t.Fatalf("%v requests were counted, 29 were answered; %v pages are leased", requests, leased)
		}
	}
}

// TestRunOnceDoesNotWait has a forum ask for an hour's pause: the run ends and says
// until when.
func TestRunOnceDoesNotWait(t *testing.T) {
	t.Parallel()
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 5 {
			f.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	out := succeed(t, "run", "--once", "-c", writeStudy(t, "", server.URL))
	if !strings.Contains(out, "site1: run 1, pages wait until ") {
		t.Errorf("the run says %q", out)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	noError(t, err)
	res, err := http.DefaultClient.Do(req)
	noError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	noError(t, err)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s answers %d", url, res.StatusCode)
	}
	return string(body)
}
