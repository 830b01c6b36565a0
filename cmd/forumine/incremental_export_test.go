package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
)

// loads is an analyst's copy of a data folder, kept by incremental exports.
type loads struct {
	t     *testing.T
	data  string
	kind  []string // what of the documents, as arguments
	last  int64
	held  map[string]string // exported lines by what a line replaces
	count int               // lines taken since the copy began
}

func newLoads(t *testing.T, data string, kind ...string) *loads {
	return &loads{t: t, data: data, kind: kind, held: map[string]string{}}
}

var reLastSequence = regexp.MustCompile(`(?m)^last sequence: ([0-9]+)$`)

// take loads what is new.
func (l *loads) take() {
	l.t.Helper()
	r := forumine(l.t, append([]string{"export", "--data", l.data, "--after", strconv.FormatInt(l.last, 10)}, l.kind...)...)
	if r.code == exitFailed && strings.Contains(r.stderr, "nothing has been crawled") {
		return
	}
	m := reLastSequence.FindStringSubmatch(r.stderr)
	if r.code != exitOK || m == nil {
		l.t.Fatalf("export --after %d: exit status %d\n%s", l.last, r.code, r.stderr)
	}
	before := l.last
	for line := range strings.Lines(r.out) {
		identity, sequence := identify(l.t, line)
		if sequence <= before {
			l.t.Fatalf("sequence %d comes after %d", sequence, before)
		}
		before = sequence
		l.held[identity] = line
		l.count++
	}
	next, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || next < before {
		l.t.Fatalf("the last sequence is said to be %s, and %d was exported", m[1], before)
	}
	l.last = next
}

// identify gives what an exported line replaces, and its sequence.
func identify(t *testing.T, line string) (string, int64) {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		t.Fatal(err)
	}
	kind := str(d, "doc_kind")
	key := str(d, kind+".key")
	if kind == "revision" {
		key = fmt.Sprintf("%s revision %d", str(d, "post.key"), num(d, "revision"))
	}
	return kind + " " + key, int64(num(d, "sequence"))
}

// check compares the copy with a full export.
func (l *loads) check() {
	l.t.Helper()
	full := map[string]string{}
	for line := range strings.Lines(succeed(l.t, append([]string{"export", "--data", l.data}, l.kind...)...)) {
		identity, _ := identify(l.t, line)
		full[identity] = line
	}
	if len(full) == 0 || !maps.Equal(full, l.held) {
		l.t.Errorf("%v: incremental loads hold %d documents, a full export %d", l.kind, len(l.held), len(full))
	}
	for identity, line := range full {
		if l.held[identity] != line {
			l.t.Errorf("%s: loaded\n%swant\n%s", identity, l.held[identity], line)
			return
		}
	}
}

// TestIncrementalExport keeps a copy by `export --after` while crawls and a
// reading again are killed at random moments, others run undisturbed beside the
// exports, posts come, change and go, and a profile retracts half of them: the
// copy is what a full export gives.
func TestIncrementalExport(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the program is started many times")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	site := &counted{forum: f}
	site.reset()
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	data := t.TempDir()
	posts, revisions := newLoads(t, data), newLoads(t, data, "--kind", "revision")
	take := func() { posts.take(); revisions.take() }
	random := rand.New(rand.NewPCG(11, 23))
	kill := func(most int64, args ...string) {
		m := moment{"documents acknowledged", 1 + random.Int64N(most)}
		if crawlKilledAt(t, site, m, append(args, "--data", data)...) {
			take()
		}
	}
	crawling := []string{"crawl", server.URL + "/", "--allow-private", "--delay", "0"}
	for range 4 {
		kill(60, crawling...)
	}
	site.reset()
	beside(take, func() { crawlLocal(t, data, server.URL+"/") })
	liveOn(t, f)
	makePagesDue(t, data)
	kill(10, crawling...)
	site.reset()
	beside(take, func() { crawlLocal(t, data, server.URL+"/") })
	profile := filepath.Join(t.TempDir(), "odd.yaml")
	noError(t, os.WriteFile(profile, oddPosts(t, server.URL), 0o600))
	for range 3 {
		kill(100, "reindex", "--profile", profile)
	}
	beside(take, func() { succeed(t, "reindex", "--profile", profile, "--data", data) })
	take()
	posts.check()
	revisions.check()
	retracted := 0
	for _, line := range posts.held {
		retracted += strings.Count(line, `"retracted":true`)
	}
	t.Logf("%d lines loaded for %d documents, %d of them retracted, and %d revisions", posts.count, len(posts.held), retracted, len(revisions.held))
	if retracted < 50 || posts.count <= len(posts.held) {
		t.Error("too little happened between the loads")
	}
	if r := forumine(t, "export", "--data", data, "--after", "1000000"); r.code != exitFailed || !strings.Contains(r.stderr, "has not been given out") {
		t.Errorf("a sequence of another folder: exit status %d, %s", r.code, r.stderr)
	}
}

// beside does one thing over and over while another is done.
func beside(again, once func()) {
	done := make(chan struct{})
	go func() { defer close(done); once() }()
	for {
		select {
		case <-done:
			again()
			return
		default:
			again()
		}
	}
}

// liveOn lets posts come, change and go.
func liveOn(t *testing.T, f *demoforum.Forum) {
	t.Helper()
	noError(t, f.Edit(661, "The words were changed without a note.", time.Time{}))
	noError(t, f.Delete(502))
	_, err := f.AddReply(42, "Hester Quill", "Said later.", demoNow)
	noError(t, err)
}

// oddPosts is a profile that finds every other post of a page.
func oddPosts(t *testing.T, address string) []byte {
	t.Helper()
	u, err := url.Parse(address)
	noError(t, err)
	return fmt.Appendf(nil, "site: %s\npost:\n  each: \"li.message:nth-of-type(2n+1)\"\n  id: {attr: id, take: last-number}\n  body: .messageText\nauthor:\n  name: .username\n", u.Host)
}

// makePagesDue has the next crawl look at every page again.
func makePagesDue(t *testing.T, data string) {
	t.Helper()
	succeed(t, "retry", "ok", "--data", data)
}
