package crawler_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// TestRobotsDirectives has pages ask for what X-Robots-Tag can say.
func TestRobotsDirectives(t *testing.T) {
	cases := []struct {
		tag     string
		honour  bool
		outcome string
		posts   string // of thread 5
		kept    bool
	}{
		{"noindex", false, "ok: ", "50 51 52", true},
		{"noindex", true, "robots: the page asks not to be indexed: noindex", "51 52", true},
		{"noarchive", false, "ok: ", "50 51 52", true},
		{"noarchive", true, "robots: the page asks not to be kept: noarchive", "", false},
		{"nofollow", false, "ok: ", "50", true},
		{"nofollow", true, "ok: ", "50", true},
		{"none", true, "robots: the page asks not to be indexed: noindex", "", true},
		{"otherbot: noindex", true, "ok: ", "50 51 52", true},
		{"forumine: noindex, nofollow", true, "robots: the page asks not to be indexed: noindex", "", true},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.tag, " ", c.honour), func(t *testing.T) {
			pages := small()
			pages["/t/5"] = "HTTP 200\nX-Robots-Tag: " + c.tag + "\n\n" + pages["/t/5"]
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{Options: crawler.Options{Honour: c.honour}})
			b.start(s.url("/"))
			b.run()
			if got := b.outcome(s, "thread/5/1"); got != c.outcome {
				t.Errorf("outcome %q, want %q", got, c.outcome)
			}
			var of5 []string
			for id := range strings.SplitSeq(ids(b.posts()), " ") {
				if strings.HasPrefix(id, "5") {
					of5 = append(of5, id)
				}
			}
			if got := strings.Join(of5, " "); got != c.posts {
				t.Errorf("posts %q, want %q", got, c.posts)
			}
			kept := false
			if err := b.archive.Walk(t.Context(), func(_ archive.Ref, e archive.Exchange) error {
				kept = kept || strings.HasSuffix(e.URL, "/t/5")
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if kept != c.kept {
				t.Errorf("archived: %v, want %v", kept, c.kept)
			}
		})
	}
}

// TestEndlessPagination crawls a thread whose server gives its last page for any
// number beyond it, always with a link to the next.
func TestEndlessPagination(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		if path[0] != "t" {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		n := 1
		if len(path) > 2 {
			n, _ = strconv.Atoi(path[2])
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "kind thread\npost %d words\nnext /t/5/%d\nlink /t/5/%d\n", min(n, 3), n+1, n+1)
	}))
	t.Cleanup(server.Close)
	b := open(t, t.TempDir(), setup{Options: crawler.Options{MaxPages: 50}})
	b.start(server.URL + "/t/5")
	b.run()
	if got := ids(b.posts()); got != "1 2 3" {
		t.Errorf("posts %s, want 1 2 3", got)
	}
	if n := asked.Load(); n != 4 { // the fourth page shows what the third does
		t.Errorf("%d pages were asked for, want 4", n)
	}
}

// Addresses that tell how many posts they skip give no page numbers: how many posts a
// page has is the forum's choice. Such a thread is read to its end, by whole pages,
// and no further where the server gives its last page for any address beyond it.
func TestPagesThatSkipPosts(t *testing.T) {
	for _, posts := range []int{3, 10, 25} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			if path[0] != "t" {
				http.NotFound(w, r)
				return
			}
			skips := 0
			if len(path) > 2 {
				skips, _ = strconv.Atoi(strings.TrimPrefix(path[2], "s"))
			}
			w.Header().Set("Content-Type", "text/html")
			page := min(skips/posts+1, 4)
			fmt.Fprintf(w, "kind thread\nthread 5 %d\npost %d words\nnext /t/5/s%d\nlink /t/5/s%d\n", page, page, skips+posts, skips+posts-1)
		}))
		b := open(t, t.TempDir(), setup{Options: crawler.Options{MaxPages: 50}})
		b.start(server.URL + "/t/5")
		b.run()
		if got := ids(b.posts()); got != "1 2 3 4" {
			t.Errorf("of %d posts a page: posts %s, want 1 2 3 4", posts, got)
		}
		if n := b.Stats().Pages; n != 5 { // the fifth page shows what the fourth does
			t.Errorf("of %d posts a page: %d pages were asked for, want 5", posts, n)
		}
		server.Close()
	}
}

// TestWithdrawn has a page ask not to be indexed after it was: what it said is
// taken back, and is there again once it asks no more. A crawl that honours what an
// earlier one only counted takes it back without a request.
func TestWithdrawn(t *testing.T) {
	plain, tagged := small()["/t/6"], "HTTP 200\nX-Robots-Tag: noindex\n\n"+small()["/t/6"]
	s := serve(t, small())
	dir := t.TempDir()
	crawl := func(page string, honour bool) (posts, outcome string) {
		s.set("/t/6", page)
		s.forget()
		b := open(t, dir, setup{Options: crawler.Options{Honour: honour}})
		defer b.close()
		if err := b.Refresh(t.Context(), b.start(s.url("/t/6"))); err != nil {
			t.Fatal(err)
		}
		b.run()
		live := map[string]string{}
		err := b.store.Documents(t.Context(), state.DocumentFilter{Kind: forum.DocPost, LiveOnly: true}, func(d state.Document) error {
			live[d.Key[strings.LastIndexByte(d.Key, '|')+1:]] = ""
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids(live), b.outcome(s, "thread/6/1")
	}
	const taken = "robots: the page asks not to be indexed: noindex"
	for i, step := range []struct {
		page           string
		honour         bool
		posts, outcome string
	}{
		{plain, true, "60", "ok: "},
		{tagged + "post 61 more\n", true, "", taken},
		{plain, true, "60", "ok: "},
		{tagged, false, "60", "unchanged: "},
		{tagged + "post 62 more\n", false, "60 62", "ok: "},
		{tagged + "post 62 more\n", true, "", taken},
		{plain + "post 62 more\n", true, "60 62", "ok: "},
	} {
		if posts, outcome := crawl(step.page, step.honour); posts != step.posts || outcome != step.outcome {
			t.Errorf("step %d: posts %q, outcome %q; want %q, %q", i, posts, outcome, step.posts, step.outcome)
		}
	}
}
