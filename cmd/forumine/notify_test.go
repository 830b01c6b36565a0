package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler"
)

// hook is a webhook that keeps what it is told, after so many refusals.
type hook struct {
	file string // that holds its address

	mu     sync.Mutex
	refuse int
	asked  int
	events []event
	came   chan struct{}
}

func newHook(t *testing.T, refuse int) *hook {
	t.Helper()
	h := &hook{refuse: refuse, came: make(chan struct{}, 1000), file: filepath.Join(t.TempDir(), "webhook")}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	noError(t, os.WriteFile(h.file, []byte(server.URL+"/hush-hush\n"), 0o600))
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	if h.asked <= h.refuse {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	var e event
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.events = append(h.events, e)
	h.came <- struct{}{}
}

// names are the events and their sites, sorted.
func (h *hook) names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, e := range h.events {
		out = append(out, strings.TrimSpace(e.Event+" "+e.Site))
	}
	slices.Sort(out)
	return out
}

func notifyOf(t *testing.T, text string) study.Notify {
	t.Helper()
	c, err := study.Parse([]byte("sites: [{start: https://forum.example.org/}]\nnotify: " + text + "\n"))
	noError(t, err)
	return c.Notify
}

// TestNotifyTriesAgain has a webhook refuse two calls: the third brings the
// event, and the log never names the address.
func TestNotifyTriesAgain(t *testing.T) {
	t.Parallel()
	h := newHook(t, 2)
	var log bytes.Buffer
	n, err := newNotifier(notifyOf(t, "{webhook_file: '"+h.file+"', on: [wall, drift]}"), slog.New(slog.NewTextHandler(&log, nil)))
	noError(t, err)
	n.pause = time.Millisecond
	n.tell(event{Event: "stall", Site: "a"}) // nobody asked for it
	n.tell(event{Event: "wall", Site: "a", Message: "stop", Counts: map[string]int64{"ok": 3}})
	<-h.came
	n.close(time.Minute)
	if got := h.names(); !slices.Equal(got, []string{"wall a"}) || h.asked != 3 || h.events[0].Counts["ok"] != 3 {
		t.Errorf("after %d calls it has %v", h.asked, got)
	}
	n.tell(event{Event: "wall"}) // after the end: nothing happens
}

// TestNotifyNeverHolds has a webhook that does not answer: events are taken at
// once, too many are dropped, and the end does not wait for it.
func TestNotifyNeverHolds(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "webhook")
	noError(t, os.WriteFile(file, []byte(server.URL+"/hush-hush"), 0o600))
	var log bytes.Buffer
	n, err := newNotifier(notifyOf(t, "{webhook_file: '"+file+"', timeout: 1h}"), slog.New(slog.NewTextHandler(&log, nil)))
	noError(t, err)
	for range waitingEvents + 5 {
		n.tell(event{Event: "wall", Site: "a"})
	}
	n.close(time.Millisecond)
	if said := log.String(); !strings.Contains(said, "is dropped: too many wait") || strings.Contains(said, "hush") {
		t.Errorf("the log says %s", said)
	}
}

func TestNotifyByCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	t.Parallel()
	file := filepath.Join(t.TempDir(), "event.json")
	n, err := newNotifier(notifyOf(t, "{command: [sh, -c, 'cat > "+file+"']}"), slog.New(slog.DiscardHandler))
	noError(t, err)
	n.tell(event{Event: "dead_letters", Message: "the index refused 2 more", Version: version})
	n.close(time.Minute)
	raw, err := os.ReadFile(file)
	noError(t, err)
	var e event
	noError(t, json.Unmarshal(raw, &e))
	if e.Event != "dead_letters" || e.Version != version || !bytes.HasSuffix(raw, []byte("}\n")) {
		t.Errorf("the command was told %q", raw)
	}
}

func TestNotifyRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "webhook")
	noError(t, os.WriteFile(file, []byte("hush"), 0o600))
	for _, c := range []struct{ cfg, want string }{
		{"{webhook_file: '" + file + "'}", "holds no web address"},
		{"{webhook_file: '" + file + ".none'}", "reading notify.webhook_file"},
	} {
		_, err := newNotifier(notifyOf(t, c.cfg), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// TestTell holds what calls for a person, and what does not.
func TestTell(t *testing.T) {
	t.Parallel()
	h := newHook(t, 0)
	cfg, err := study.Parse([]byte("defaults: {allow_private: true}\nsites: [{name: a, start: http://127.0.0.1:1/}]\nnotify: {webhook_file: '" + h.file + "'}\n"))
	noError(t, err)
	cfg.In(t.TempDir())
	r, err := openRunner(t.Context(), cfg, runnerOptions{clock: wallClock{}, log: slog.New(slog.DiscardHandler)})
	noError(t, err)
	site := cfg.Sites[0]
	for _, res := range []siteResult{
		{status: runComplete, counts: map[string]int64{"ok": 65, "walled": 1}}, // a members' board is no wall
		{status: runComplete, counts: map[string]int64{"ok": 1, "walled": 2}},
		{status: runComplete, counts: map[string]int64{"ok": 9, "challenged": 1}},
		{status: runComplete, counts: map[string]int64{"ok": 9, "drifted": 1}},
		{status: runFailed, err: os.ErrPermission},
		{status: runWalled, err: os.ErrPermission},
	} {
		r.tell(site, res)
	}
	// A run that stands still is told of once, one that waits is not.
	now := time.Now()
	r.begin(site, 7, crawler.New(r.p.store, r.p.archive, nil, r.p.reader, crawler.Options{Beside: r.root}))
	r.look(now)
	r.look(now.Add(stallAfter))
	r.look(now.Add(stallAfter + time.Second))
	r.look(now.Add(2 * stallAfter))
	r.note(site, now.Add(100*stallAfter))
	r.look(now.Add(9 * stallAfter))
	r.look(now.Add(90 * stallAfter))
	noError(t, r.close())
	want := []string{"drift a", "failed_run a", "stall a", "wall a", "wall a", "wall a"}
	if got := h.names(); !slices.Equal(got, want) {
		t.Errorf("a person was called for %v, want %v", got, want)
	}
}
