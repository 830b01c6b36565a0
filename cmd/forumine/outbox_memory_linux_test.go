package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	proxy := estest.NewProxy(t, server.URL)
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
	multiply(t, data)
	proxy.Up()
	gone = sync.Once{}
	succeed(t, "retry", "ok", "--data", data)

	cmd := exec.CommandContext(t.Context(), os.Args[0], "crawl", forum.URL+"/", "--allow-private", "--delay", "0", "--data", data, "--elasticsearch", proxy.URL)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	noError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	began, highest, away := time.Now(), 0, 0
	for {
		highest = max(highest, peakMemory(cmd.Process.Pid))
		if away == 0 && time.Since(began) > time.Minute { // long past the last page
			away = highest
			t.Logf("%d requests, %d MB resident at most while %d documents wait", site.come.Load(), away, number(data, "state.db", `SELECT count(*) FROM outbox`))
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

// multiply makes a million posts of a data folder's own.
func multiply(t *testing.T, data string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(data, "state.db"))+"?_pragma=synchronous(off)")
	noError(t, err)
	defer db.Close()
	posts := number(data, "state.db", `SELECT count(*) FROM documents WHERE kind = 'post'`)
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO documents (docid, kind, key, site, state, version, revision, digest, content, first_seen_at, changed_at, content_at, extractor, sequence)
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
SELECT randomblob(20), kind, key || '~' || i, site, state, version, revision, digest, content, first_seen_at, changed_at, content_at, extractor, 1000 + i * 1000 + d.id
FROM n, documents d WHERE d.kind = 'post' LIMIT %d`, million/posts+1, million),
		`INSERT INTO bodies (document, body) SELECT c.id, b.body FROM documents c
JOIN documents d ON d.key = substr(c.key, 1, instr(c.key, '~') - 1) JOIN bodies b ON b.document = d.id WHERE instr(c.key, '~') > 0`,
		`UPDATE sqlite_sequence SET seq = (SELECT max(sequence) FROM documents) WHERE name = 'outbox'`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		noError(t, err)
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
