package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/extract/forum"
)

// renamed serves the demo forum under routes of its own: threads are chatter, boards
// halls.
type renamed struct {
	forum http.Handler

	mu    sync.Mutex
	asked map[string]int
}

func (r *renamed) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.asked[req.URL.RequestURI()]++
	r.mu.Unlock()
	inner := req.Clone(req.Context())
	for own, program := range map[string]string{"/chatter/": "/threads/", "/halls/": "/forums/"} {
		if strings.HasPrefix(req.URL.Path, program) {
			http.NotFound(w, req) // the program's own words are no addresses here
			return
		}
		if rest, ok := strings.CutPrefix(req.URL.Path, own); ok {
			inner.URL.Path = program + rest
			inner.URL.RawPath = ""
			inner.RequestURI = inner.URL.RequestURI()
		}
	}
	rec := httptest.NewRecorder()
	r.forum.ServeHTTP(rec, inner)
	words := strings.NewReplacer(`"threads/`, `"chatter/`, `"forums/`, `"halls/`, "/threads/", "/chatter/", "/forums/", "/halls/")
	maps.Copy(w.Header(), rec.Header())
	w.Header().Del("Content-Length")
	if at := rec.Header().Get("Location"); at != "" {
		w.Header().Set("Location", words.Replace(at))
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write([]byte(words.Replace(rec.Body.String())))
}

// A forum that calls its routes by words of its own is crawled like any other: its
// pages tell which word leads to what. The keys are those of the program's words.
func TestCrawlOfRenamedRoutes(t *testing.T) {
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	r := &renamed{forum: f, asked: map[string]int{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	data := t.TempDir()
	if out := crawlLocal(t, data, server.URL+"/"); !strings.Contains(out, "complete after") {
		t.Errorf("the crawl did not end:\n%s", out)
	}
	if n, want := len(ofKind(export(t, data), "post")), len(f.Truth().Posts); n != want {
		t.Errorf("%d posts, want %d", n, want)
	}
	first := len(r.asked)
	for uri, n := range r.asked {
		if n > 1 || mustNotAsk.MatchString(uri) {
			t.Errorf("%s was asked for %d times", uri, n)
		}
	}
	p := &daily{t: t, dir: data}
	p.withStore(func() {
		site := strings.TrimPrefix(server.URL, "http://")
		known, err := p.store.Site(t.Context(), site)
		noError(t, err)
		if known.Facts.Routes != "board=halls thread=chatter" {
			t.Errorf("the site's routes are %q", known.Facts.Routes)
		}
		for _, key := range []string{"thread/62/1", "board/3/1"} {
			if u, err := p.store.URLByKey(t.Context(), site, key); err != nil || !strings.Contains(u.URL, "/chatter/") && u.Kind == forum.KindThread {
				t.Errorf("%s is at %s, %v", key, u.URL, err)
			}
		}
	})
	r.mu.Lock()
	clear(r.asked)
	r.mu.Unlock()
	crawlLocal(t, data, server.URL+"/halls/notices.3/")
	crawlLocal(t, data, server.URL+"/")
	if n := len(r.asked); n == 0 || n > first/4 {
		t.Errorf("looking for news asked for %d addresses, the first crawl for %d", n, first)
	}
}
