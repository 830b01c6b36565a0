package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"forumine/cmd/forumine/demoforum"
)

// stallAt lets a number of requests through and holds the next one until its
// client goes away, so that a crawl cannot end by itself. held is closed when
// that request has come.
type stallAt struct {
	forum http.Handler
	left  atomic.Int64
	held  chan struct{}
}

func (s *stallAt) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.left.Add(-1) != 0 {
		s.forum.ServeHTTP(w, r)
		return
	}
	close(s.held)
	<-r.Context().Done()
}

// never is more requests than a crawl makes.
const never = 1 << 40

// comparableLines gives the lines of an export without what no two runs share.
func comparableLines(t *testing.T, data string) []string {
	t.Helper()
	docs := export(t, data)
	lines := make([]string, 0, len(docs))
	for _, d := range docs {
		if d["@timestamp"] == d["first_seen_at"] {
			delete(d, "@timestamp") // the document has no time of its own
		}
		delete(d, "crawl")
		delete(d, "sequence")
		delete(d, "first_seen_at")
		delete(d, "changed_at")
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	slices.Sort(lines)
	return lines
}

func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d documents, want %d", len(got), len(want))
	}
	shown := 0
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] && shown < 3 {
			shown++
			t.Errorf("documents differ:\n got %s\nwant %s", got[i], want[i])
		}
	}
}

// TestSameCommandAfterItsEnd ends a crawl from outside after so many requests,
// by Ctrl-C and by force, runs the same command again, and compares what both
// have found with an undisturbed crawl.
func TestSameCommandAfterItsEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	gate := &stallAt{forum: f}
	gate.left.Store(never)
	server := httptest.NewServer(gate)
	t.Cleanup(server.Close)
	undisturbed := t.TempDir()
	crawlLocal(t, undisturbed, server.URL+"/")
	want := comparableLines(t, undisturbed)

	cases := []struct {
		name   string
		after  int64 // requests, robots.txt included
		signal os.Signal
	}{
		{"interrupted at the first page", 2, os.Interrupt},
		{"interrupted among the boards", 9, os.Interrupt},
		{"interrupted among the threads", 40, os.Interrupt},
		{"killed among the boards", 9, os.Kill},
		{"killed among the threads", 50, os.Kill},
	}
	if underRace {
		cases = cases[1:2]
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			gate.held = make(chan struct{})
			gate.left.Store(c.after)
			endCrawl(t, gate.held, c.signal, "crawl", server.URL+"/", "--data", data, "--allow-private", "--delay", "0")
			gate.left.Store(never)
			f.ResetRequests()
			crawlLocal(t, data, server.URL+"/")
			compareLines(t, comparableLines(t, data), want)
		})
	}
}

// endCrawl starts the program, sends it a signal once held is closed, and waits
// for its end.
func endCrawl(t *testing.T, held <-chan struct{}, signal os.Signal, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-held:
	case err := <-ended:
		t.Fatalf("the crawl ended by itself: %v\n%s", err, out.String())
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	<-ended
	if signal == os.Interrupt && !strings.Contains(out.String(), "stopped after") {
		t.Errorf("the crawl does not say that it was stopped:\n%s", out.String())
	}
}

func exitStatus(err error) int {
	exit, ok := err.(*exec.ExitError) //nolint:errorlint // Wait and Exec give it bare
	switch {
	case err == nil:
		return exitOK
	case ok:
		return exit.ExitCode()
	}
	return -1
}

// TestSecondSignalEnds ends a command that waits for its input, which a first
// signal does not reach.
func TestSecondSignalEnds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs signals that are sent to another process")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "extract", "--url", "https://forum.example.org/", "-")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	in, err := cmd.StdinPipe()
	noError(t, err)
	noError(t, cmd.Start())
	_, err = in.Write(bytes.Repeat([]byte("<p>word</p>"), 1<<16)) // more than the pipe holds: the command reads
	noError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if !killed(err) {
				t.Errorf("it ended with status %d", exitStatus(err))
			}
			return
		default:
			_ = cmd.Process.Signal(os.Interrupt)
			runtime.Gosched()
		}
	}
}
