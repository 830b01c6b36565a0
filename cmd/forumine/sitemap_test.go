package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// cutListings serves a forum whose listings leave one thread out, and counts what is
// asked for.
type cutListings struct {
	forum http.Handler
	row   *regexp.Regexp

	mu    sync.Mutex
	asked map[string]int
}

func (c *cutListings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked[r.URL.Path]++
	c.mu.Unlock()
	rec := httptest.NewRecorder()
	c.forum.ServeHTTP(rec, r)
	for k, v := range rec.Header() {
		if k != "Content-Length" && k != "Etag" {
			w.Header()[k] = v
		}
	}
	body := rec.Body.Bytes()
	if bytes.Contains(body, []byte("discussionListItems")) || strings.HasSuffix(r.URL.Path, ".rss") {
		body = c.row.ReplaceAll(body, nil)
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

func (c *cutListings) count(path string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[path]
}

// A thread that no listing shows comes from the sitemap that robots.txt names, and the
// program says so: in its status, its coverage and its plan. Without it, it is missed.
func TestCrawlAsksTheSitemap(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; the crawler's own tests run the same code there")
	}
	f, _ := serveDemo(t)
	c := &cutListings{forum: f, asked: map[string]int{}, row: regexp.MustCompile(`(?s)<li id="thread-42".*?\n</li>|<item>.{0,300}\.42/.*?</item>`)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	posts := 0
	for _, p := range f.Truth().Posts {
		if p.ThreadID == "42" {
			posts++
		}
	}
	held := func(data string) int {
		n := 0
		for _, d := range ofKind(export(t, data), "post") {
			if str(d, "thread.id") == "42" {
				n++
			}
		}
		return n
	}
	without := t.TempDir()
	crawlLocal(t, without, server.URL+"/", "--sitemaps=false")
	if n := held(without); n != 0 || c.count("/sitemap.xml") != 0 {
		t.Fatalf("without the sitemap %d posts of the thread are held; it was asked for %d times", n, c.count("/sitemap.xml"))
	}
	mustSay(t, succeed(t, "plan", server.URL+"/", "--data", without, "--limit", "0"), "/sitemap.xml\tthe sitemap, once nothing else is due")
	data := filepath.Join(t.TempDir(), "data")
	crawlLocal(t, data, server.URL+"/")
	if n := held(data); n != posts || c.count("/sitemap.xml") != 1 {
		t.Errorf("%d of %d posts of the thread are held; the sitemap was asked for %d times", n, posts, c.count("/sitemap.xml"))
	}
	mustSay(t, succeed(t, "status", "--data", data), "1 files, 1 requests")
	mustSay(t, succeed(t, "status", "--data", data), "1 that no listing had shown")
	mustSay(t, succeed(t, "coverage", "--data", data, "--all"), "(42): "+itoa(posts)+" of "+itoa(posts)+" posts (the position of a post), only the sitemap names it")
	mustSay(t, succeed(t, "archive", "list", "--data", data), "sitemap.xml")
	crawlLocal(t, data, server.URL+"/")
	if n := c.count("/sitemap.xml"); n != 1 {
		t.Errorf("after a second run the sitemap was asked for %d times", n)
	}
	crawlLocal(t, without, server.URL+"/")
	if n := held(without); n != posts {
		t.Errorf("%d of %d posts of the thread are held once the sitemap is asked", n, posts)
	}
}
