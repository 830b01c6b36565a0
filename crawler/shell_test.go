package crawler_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"forumine/crawler/archive"
)

// shells is a forum whose pages hold nothing but the address of what scripts
// fill them with.
func shells() map[string]string {
	data := "HTTP 200\nContent-Type: application/json\n\n"
	return map[string]string{
		"/": "kind index\ncontent /?data\n", "/?data": data + "kind index\nboard /b/1\n",
		"/b/1": "kind board\ncontent /b/1?data\n", "/b/1?data": data + "kind board\nrow /t/6 a\n",
		"/t/6": "kind thread\ncontent /t/6?data\n", "/t/6?data": data + "kind thread\npost 60 four\n",
	}
}

func TestShellsAreFilled(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"/", "/b/1", "/t/6"} {
		t.Run(start, func(t *testing.T) {
			s := serve(t, shells())
			b := open(t, t.TempDir(), setup{})
			b.start(s.url(start))
			b.run()
			if got := ids(b.posts()); got != "60" {
				t.Errorf("posts are %q, asked for %v", got, s.requests())
			}
			for _, uri := range s.requests() {
				if n := s.count(uri); n != 1 {
					t.Errorf("%s was asked for %d times", uri, n)
				}
			}
			u, err := b.store.URLByKey(t.Context(), s.id(), "thread/6/1")
			if err != nil || u.URL != s.url("/t/6") {
				t.Errorf("the thread's address is %q, %v", u.URL, err)
			}
			if n, err := b.Recover(t.Context()); err != nil || n != 0 {
				t.Errorf("Recover gives %d, %v: a page without content was taken for one", n, err)
			}
		})
	}
}

// What fills a page stands under the host's rules like any other address, and
// is never on another host.
func TestShellsThatStayEmpty(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, answer, outcome string }{
		{"forbidden", "/secret", "kind thread\npost 60 four\n", "robots: robots.txt: Disallow: /secret"},
		{"gone", "/t/6?data", "HTTP 404\n\nkind missing\n", "gone: the forum says that there is no such page"},
		{"in a circle", "/t/6?data", "kind thread\ncontent /t/6\n", "moved: more than 5 redirects in a row"},
		{"on another host", "http://192.0.2.7/t/6", "", "ok: "},
		{"itself", "/t/6", "", "ok: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, map[string]string{
				"/robots.txt": "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /secret\n",
				"/":           "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/6 a\n",
				"/t/6": "kind thread\ncontent " + c.content + "\n",
			})
			if c.answer != "" {
				s.set(c.content, c.answer)
			}
			b := open(t, t.TempDir(), setup{})
			b.start(s.url("/"))
			b.run()
			if got := b.outcome(s, "thread/6/1"); got != c.outcome {
				t.Errorf("outcome is %q, want %q", got, c.outcome)
			}
			if got := b.posts(); len(got) != 0 {
				t.Errorf("posts are %v", got)
			}
		})
	}
}

// A process that died between a page and its content fetches both again.
func TestRecoverLeavesShells(t *testing.T) {
	t.Parallel()
	s := serve(t, shells())
	dir := t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/b/1"))
	_, err := b.archive.Append(t.Context(), archive.Exchange{URL: s.url("/t/6"), FetchedAt: time.Now().UTC(), Method: http.MethodGet, Status: 200,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("kind thread\ncontent /t/6?data\n"), Viewer: "guest"})
	if err != nil {
		t.Fatal(err)
	}
	b.close()

	b = open(t, dir, setup{})
	if n, err := b.Recover(t.Context()); err != nil || n != 0 {
		t.Fatalf("Recover gives %d, %v, want 0", n, err)
	}
	b.start(s.url("/b/1"))
	b.run()
	if got := b.posts()["60"]; got != "four" {
		t.Errorf("post 60 is %q after %s", got, strings.Join(s.requests(), " "))
	}
}
