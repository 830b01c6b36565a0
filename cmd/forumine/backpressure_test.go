package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/state"
	"forumine/index/elastic/estest"
)

func TestByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{
		"0": 0, "1200": 1200, "500MB": 500_000_000, "1.5 GB": 1_500_000_000, "2kb": 2000, "7B": 7, "1TB": 1_000_000_000_000,
	} {
		var b byteSize
		if err := b.Set(text); err != nil || b != want {
			t.Errorf("%s is %d, %v; want %d", text, b, err, want)
		}
		again := byteSize(0)
		if err := again.Set(b.String()); err != nil || again != b {
			t.Errorf("%d is shown as %v, which is read as %d, %v", b, b, again, err)
		}
	}
	for _, text := range []string{"", "MB", "-1", "1 elephant", "9999999TB", "NaN", "1kkB"} {
		if err := new(byteSize).Set(text); err == nil {
			t.Errorf("%q was taken for a size", text)
		}
	}
}

// logged is what a command writes while it runs.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// under is a command that runs.
type under struct {
	out, errs logged
	end       chan int // its exit status
}

// begin starts a command in this process.
func begin(ctx context.Context, args ...string) *under {
	u := &under{end: make(chan int, 1)}
	go func() { u.end <- run(ctx, args, strings.NewReader(""), &u.out, &u.errs) }()
	return u
}

// await waits until a command has logged some words.
func (u *under) await(t *testing.T, words string) {
	t.Helper()
	for !strings.Contains(u.errs.String(), words) {
		select {
		case code := <-u.end:
			t.Fatalf("it ended with status %d before it said %q:\n%s%s", code, words, u.out.String(), u.errs.String())
		default:
			runtime.Gosched()
		}
	}
}

// TestFullOutboxHoldsTheCrawl lets the server go away at the first page. The
// crawl goes on until the outbox is full, says so and fetches nothing more, until
// the server is back; then it ends with every document delivered.
func TestFullOutboxHoldsTheCrawl(t *testing.T) {
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
	data, es := t.TempDir(), "--elasticsearch="+proxy.URL
	const limit = 150_000
	crawl := begin(t.Context(), "crawl", forum.URL+"/", "--allow-private", "--delay", "0", "--data", data, es, "--outbox-limit", "150kB")
	crawl.await(t, "the outbox is full")
	asked := site.come.Load()
	if out := cli(t, "status", "--data", data); !strings.Contains(out, "\nheld      since 20") {
		t.Errorf("the status does not say that the crawl is held back:\n%s", out)
	}
	waiting := outboxBytes(t, data)
	if waiting < limit || waiting > 2*limit {
		t.Errorf("%d bytes wait at a limit of %d", waiting, limit)
	}
	for range 3 { // each takes longer than a page
		cli(t, "export", "--data", data)
	}
	if later := site.come.Load(); later > asked+1 { // one may have been on its way
		t.Errorf("%d requests were made while the outbox was full", later-asked)
	}
	proxy.Up()
	if code := <-crawl.end; code != exitOK {
		t.Fatalf("exit status %d\n%s", code, crawl.errs.String())
	}
	if log := crawl.errs.String(); !strings.Contains(log, "going on") || site.come.Load() <= asked+1 {
		t.Errorf("the crawl did not go on after %d requests, of %d:\n%s", asked, site.come.Load(), log)
	}
	if out := cli(t, "status", "--data", data); strings.Contains(out, "held ") || !strings.Contains(out, "outbox    0 documents") {
		t.Errorf("the status afterwards:\n%s", out)
	}
	if out := cli(t, "index", "verify", "--every", "1", "--data", data, es); !strings.Contains(out, " 0 differ, 0 only in the index") {
		t.Errorf("verify: %s", out)
	}
	must(t, server, "POST", "/forum-*/_refresh", "")
	if got, want := countIn(t, server, "forum-posts"), len(f.Truth().Posts); got != want {
		t.Errorf("%d posts in Elasticsearch, want %d", got, want)
	}
}

func outboxBytes(t *testing.T, data string) int64 {
	t.Helper()
	r, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer r.Close()
	_, size, err := r.OutboxSize(t.Context())
	noError(t, err)
	return size
}
