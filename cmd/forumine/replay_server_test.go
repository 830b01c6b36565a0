package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// recordedSites is where the recordings of whole forums are, beside the
// repository; they are not part of it.
const recordedSites = "../../../shared/sites"

// recorded is one saved page of a recorded forum.
type recorded struct {
	File      string `json:"file"`
	URL       string `json:"url"`
	Status    int    `json:"status"`
	Type      string `json:"content_type"`
	Kind      string `json:"kind"`
	Cookies   bool   `json:"cookies"`
	FetchedAt string `json:"fetched_at"`
	BoardID   int    `json:"board_id"`
	ThreadID  int    `json:"thread_id"`
	Page      int    `json:"page"`
}

// page names what is on a recorded page, whatever its address; "" for pages
// that are neither thread nor board.
func (r recorded) page() string {
	switch r.Kind {
	case "thread", "board":
		b, _ := json.Marshal([]any{r.Kind, r.BoardID, r.ThreadID, r.Page})
		return string(b)
	}
	return ""
}

// replay serves a recorded forum under an address of its own.
type replay struct {
	dir, host string // host:port in the recording
	drop      string // query parameter that does not count
	start     string // path and query of the index
	pages     map[string]recorded
	server    *httptest.Server

	mu    sync.Mutex
	asked map[string]int
}

// openReplay unpacks a recording and serves it. It skips the test where the
// recordings are absent.
func openReplay(t testing.TB, name, drop string) *replay {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(recordedSites, name+".tar.xz"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Skipf("the recorded forums of ../shared are absent: %v", err)
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-xJf", file, "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("unpacking %s: %v\n%s", file, err, out)
	}
	r := &replay{dir: filepath.Join(dir, name), drop: drop, pages: map[string]recorded{}, asked: map[string]int{}}
	r.load(t)
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *replay) load(t testing.TB) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, "urls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var p recorded
		if err := json.Unmarshal(line, &p); err != nil {
			t.Fatalf("reading urls.jsonl: %v", err)
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatalf("reading urls.jsonl: %v", err)
		}
		if p.Kind == "index" {
			r.host, r.start = u.Host, u.RequestURI()
		}
		key := r.key(u)
		if _, ok := r.pages[key]; !ok || p.Cookies {
			r.pages[key] = p
		}
	}
}

// key is the path and query by which a page is found.
func (r *replay) key(u *url.URL) string {
	if r.drop == "" || !u.Query().Has(r.drop) {
		return u.RequestURI()
	}
	q := u.Query()
	q.Del(r.drop)
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}).RequestURI()
}

func (r *replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	key := r.key(req.URL)
	r.mu.Lock()
	r.asked[key]++
	r.mu.Unlock()
	p, ok := r.pages[key]
	if !ok {
		http.NotFound(w, req)
		return
	}
	body, err := os.ReadFile(filepath.Join(r.dir, "pages", filepath.FromSlash(p.File)))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body = bytes.ReplaceAll(body, []byte(r.host), []byte(req.Host))
	body = bytes.ReplaceAll(body, []byte(url.QueryEscape(r.host)), []byte(url.QueryEscape(req.Host)))
	if at, err := time.Parse(time.RFC3339, p.FetchedAt); err == nil {
		w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
	}
	w.Header().Set("Content-Type", p.Type)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// address is the index of the served forum.
func (r *replay) address() string { return r.server.URL + r.start }

// truth is what a recorded forum was made of.
type replayTruth struct {
	Posts []replayPost `json:"posts"`
}

type replayPost struct {
	ID        int       `json:"id"`
	ThreadID  int       `json:"thread_id"`
	Author    string    `json:"author"`
	Timestamp time.Time `json:"timestamp"`
	Edited    time.Time `json:"edited"`
	EditedBy  string    `json:"edited_by"`
	OwnText   string    `json:"own_text"`
	Visible   bool      `json:"guest_visible"`
	Code      []string  `json:"code"`
	Images    []string  `json:"images"`
	Quotes    []struct {
		Author string `json:"author"`
		PostID int    `json:"post_id"`
		Depth  int    `json:"depth"`
	} `json:"quotes"`
	Attachments []struct {
		Name string `json:"name"`
	} `json:"attachments"`
}

func (r *replay) truth(t *testing.T) map[string]replayPost {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all replayTruth
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatalf("reading truth.json: %v", err)
	}
	out := map[string]replayPost{}
	for _, p := range all.Posts {
		if p.Visible {
			out[itoa(p.ID)] = p
		}
	}
	return out
}

// avoided tells pages that a crawl has no business with: print views, feeds,
// sort orders, permalinks, members, and addresses with a session in them.
func (r recorded) avoided() bool {
	return strings.HasPrefix(r.Kind, "x_") || strings.HasPrefix(r.Kind, "nocookie_") || r.Kind == "user"
}
