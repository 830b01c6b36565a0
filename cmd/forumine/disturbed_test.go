package main

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/archive"
	"forumine/crawler/state"
)

// moody serves a forum that fails now and then, by the dice. No address fails
// more often than a crawl is ready to ask for it.
type moody struct {
	forum http.Handler

	mu     sync.Mutex
	dice   *rand.Rand
	calm   bool
	failed map[string]int
	moods  map[string]int // how often each mood was shown
}

const maxMoods = 2 // failures of one address; a third truncated answer is taken as it is

func (m *moody) mood(uri string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.calm || m.failed[uri] >= maxMoods || m.dice.IntN(4) > 0 {
		return ""
	}
	moods := []string{"broken", "busy", "cut", "slow", "reset", "short gzip"}
	mood := moods[m.dice.IntN(len(moods))]
	if mood == "busy" && m.moods[mood] >= 3 {
		mood = "slow" // each costs a second of waiting
	}
	m.failed[uri]++
	m.moods[mood]++
	return mood
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch m.mood(r.URL.RequestURI()) {
	case "broken":
		http.Error(w, "a passing weakness", http.StatusInternalServerError)
	case "busy":
		w.Header().Set("Retry-After", "1")
		http.Error(w, "slow down", http.StatusTooManyRequests)
	case "cut":
		m.send(w, r, func(b []byte) []byte { return b[:len(b)/2] })
	case "slow":
		m.send(w, r, nil)
	case "reset":
		panic(http.ErrAbortHandler)
	case "short gzip":
		truncatedGzip(w, r)
	default:
		m.forum.ServeHTTP(w, r)
	}
}

// send gives the forum's answer in small pieces, of which some may be missing.
func (m *moody) send(w http.ResponseWriter, r *http.Request, cut func([]byte) []byte) {
	rec := httptest.NewRecorder()
	m.forum.ServeHTTP(rec, r)
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	body := rec.Body.Bytes()
	if cut != nil {
		body = cut(body)
	}
	for len(body) > 0 {
		n := min(len(body), 1000)
		_, _ = w.Write(body[:n])
		_ = http.NewResponseController(w).Flush()
		body = body[n:]
	}
}

// TestMoodyServer crawls a forum that answers with errors, asks for pauses, is
// slow, cuts answers short and resets connections, and kills the crawl now and
// then: the same command finds in the end what an undisturbed run finds.
func TestMoodyServer(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the program is started many times")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	server := &moody{forum: f, calm: true, dice: rand.New(rand.NewPCG(5, 2)), failed: map[string]int{}, moods: map[string]int{}}
	site := &counted{forum: server}
	site.reset()
	listening := httptest.NewServer(site)
	t.Cleanup(listening.Close)
	url := listening.URL + "/"
	want := undisturbed(t, url)

	server.mu.Lock()
	server.calm = false
	server.mu.Unlock()
	data := t.TempDir()
	args := []string{"crawl", url, "--allow-private", "--delay", "0", "--data", data}
	for _, n := range []int64{7, 15, 20} {
		crawlKilledAt(t, site, moment{"answer has gone", n}, args...)
	}
	site.reset()
	for range 5 { // the first answer of a run may be one of the bad ones
		if r := forumine(t, args...); r.code == exitOK && strings.Contains(r.out, "complete after") {
			break
		}
	}
	checkFolder(t, data)
	compareLines(t, comparableLines(t, data), want)
	if len(server.moods) < 6 {
		t.Errorf("not every kind of failure was shown: %v", server.moods)
	}
	t.Logf("%v", server.moods)
}

// tearings are the ways in which the end of an archive file may be damaged by
// the death of its machine.
func tearings() map[string]func(whole []byte) []byte {
	half := func(b []byte) []byte { return b[:len(b)/2] }
	return map[string]func([]byte) []byte{
		"half a member behind the last":   func(b []byte) []byte { return append(b, half(b[lastMember(b):])...) },
		"zeros behind the last member":    func(b []byte) []byte { return append(b, make([]byte, 3000)...) },
		"a member's head, then zeros":     func(b []byte) []byte { return append(append(b, b[lastMember(b):][:40]...), make([]byte, 500)...) },
		"one byte behind the last":        func(b []byte) []byte { return append(b, 0x1f) },
		"the last member torn":            func(b []byte) []byte { return b[:(len(b)+lastMember(b))/2] },
		"the last exchange lost, in part": func(b []byte) []byte { return b[:len(b)-len(b)/20] },
	}
}

// lastMember is where the last gzip member begins.
func lastMember(b []byte) int {
	return strings.LastIndex(string(b), "\x1f\x8b\x08")
}

// TestTornArchive damages the end of the archive of a crawl that was killed; the
// same command mends it and finds what an undisturbed run finds.
func TestTornArchive(t *testing.T) {
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
	killedIn := t.TempDir()
	args := []string{"crawl", server.URL + "/", "--allow-private", "--delay", "0", "--data"}
	if !crawlKilledAt(t, site, moment{"captures in the state", 30}, append(args, killedIn)...) {
		t.Fatal("the crawl was not killed")
	}
	site.reset()
	for name, tear := range tearings() {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(data, os.DirFS(killedIn)); err != nil {
				t.Fatal(err)
			}
			tearArchive(t, data, tear)
			r := forumine(t, append(args, data)...)
			if r.code != exitOK || !strings.Contains(r.stderr, "half-written member") {
				t.Errorf("exit status %d; the repair is not told:\n%s", r.code, r.stderr)
			}
			checkFolder(t, data)
			checkPages(t, data)
			compareLines(t, comparableLines(t, data), want)
		})
	}
}

func tearArchive(t *testing.T, data string, tear func([]byte) []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(data, "archive", "*.warc.gz"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no archive: %v", err)
	}
	name := names[len(names)-1]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, tear(whole), 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkPages looks whether the archive has, under every reference of the
// state that it can still give, the page that the state means.
func checkPages(t *testing.T, data string) {
	t.Helper()
	store, err := state.OpenReadOnly(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a, err := archive.Open(filepath.Join(data, "archive"), archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	err = store.Captures(t.Context(), state.CaptureFilter{}, func(c state.Capture) error {
		ref, err := archive.ParseRef(c.Ref)
		if err != nil {
			return err
		}
		e, err := a.Read(t.Context(), ref)
		if err == nil && e.URL != c.URL {
			t.Errorf("under %s stands %s, and the state means %s", c.Ref, e.URL, c.URL)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
