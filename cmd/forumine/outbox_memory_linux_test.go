package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/index/elastic/estest"
)

// million is how many documents wait in TestMillionInTheOutbox.
const million = 1_000_000

// TestMillionInTheOutbox has a process crawl while a million documents wait for a
// server that has gone away, and deliver them when it is back. Its resident
// memory stays below 256 MB all the time.
func TestMillionInTheOutbox(t *testing.T) {
	if os.Getenv("FORUMINE_PROOF") == "" {
		t.Skip("set FORUMINE_PROOF=1: it takes some ten minutes and three gigabytes")
	}
	server := estest.Start(t, estest.Options{Own: true})
	proxy := estest.NewProxy(t, server)
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	site := &counted{forum: f}
	site.reset()
	var gone sync.Once
	forum := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gone.Do(proxy.Down)
		site.ServeHTTP(w, r)
	}))
	t.Cleanup(forum.Close)
	data := t.TempDir()
	crawlLocal(t, data, forum.URL+"/")
	multiply(t, data, million)
	proxy.Up()
	gone = sync.Once{}
	succeed(t, "retry", "ok", "--data", data)

	cmd := exec.CommandContext(t.Context(), os.Args[0], "crawl", forum.URL+"/", "--allow-private", "--delay", "0", "--data", data, "--elasticsearch", proxy.URL, "--outbox-limit", "0")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	noError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	before := site.come.Load()
	began, highest, queued, away := time.Now(), 0, 0, 0
	for {
		highest = max(highest, peakMemory(cmd.Process.Pid))
		asked := site.come.Load() - before
		if queued == 0 && asked > 0 {
			queued = highest
			t.Logf("%d MB resident at most when a million documents are queued", queued)
		}
		if asked < 60 {
			began = time.Now()
		}
		if away == 0 && time.Since(began) > 30*time.Second { // some tries after the last page
			away = highest
			t.Logf("%d requests, %d MB resident at most while %d documents wait", asked, away, number(data, "state.db", `SELECT count(*) FROM outbox`))
			began = time.Now()
			proxy.Up()
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			took := time.Since(began)
			t.Logf("%d MB resident at most; delivered in %v, %.0f documents a second", highest, took.Round(time.Second), million/took.Seconds())
			if away == 0 || highest > 256 {
				t.Errorf("%d MB resident, want 256 at most", highest)
			}
			must(t, server, "POST", "/forum-*/_refresh", "")
			if n := countIn(t, server, "forum-posts"); n < million {
				t.Errorf("%d posts in Elasticsearch, want %d", n, million)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// peakMemory is a process's greatest resident set, in MB.
func peakMemory(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kB >> 10
		}
	}
	return 0
}
