package crawler_test

import "testing"

// recent is a forum with a board that shows only recent threads by itself, and all
// to those who ask for them.
func recent() map[string]string {
	return map[string]string{
		"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nwhole /b/1?all\nrow /t/6 a\n",
		"/b/1?all": "kind board\nrow /t/6 a\nrow /t/5 a\nlink /b/1/2\nnext /b/1/2\n", "/b/1/2": "kind board\nrow /t/4 a\n",
		"/t/6": "kind thread\npost 60 six\n", "/t/5": "kind thread\npost 50 five\n", "/t/4": "kind thread\npost 40 four\n",
	}
}

func TestBoardsOfRecentThreads(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"/", "/b/1"} {
		t.Run(start, func(t *testing.T) {
			s := serve(t, recent())
			b := open(t, t.TempDir(), setup{})
			b.start(s.url(start))
			b.run()
			if got := ids(b.posts()); got != "40 50 60" {
				t.Errorf("posts are %q, asked for %v", got, s.requests())
			}
			if n, err := b.Recover(t.Context()); err != nil || n != 0 {
				t.Errorf("Recover gives %d, %v: the listing of recent threads was taken for all of it", n, err)
			}
			b.close()
		})
	}
}

// From the second visit on the board is asked for all its threads at once.
func TestBoardsOfRecentThreadsAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, recent())
	dir := t.TempDir()
	b := open(t, dir, setup{})
	b.start(s.url("/"))
	b.run()
	b.close()
	s.forget()
	s.set("/b/1?all", "kind board\nrow /t/6 b\nrow /t/5 a\nlink /b/1/2\nnext /b/1/2\n")
	s.set("/t/6", "kind thread\npost 60 six\npost 61 seven\n")
	b = open(t, dir, setup{})
	if err := b.Refresh(t.Context(), b.start(s.url("/"))); err != nil {
		t.Fatal(err)
	}
	b.run()
	if got := ids(b.posts()); got != "40 50 60 61" {
		t.Errorf("posts are %q", got)
	}
	if s.count("/b/1") != 0 || s.count("/b/1?all") != 1 {
		t.Errorf("asked for %v", s.requests())
	}
	u, err := b.store.URLByKey(t.Context(), s.id(), "board/1/1")
	if err != nil || u.URL != s.url("/b/1?all") {
		t.Errorf("the board's address is %q, %v", u.URL, err)
	}
}

// Where all threads cannot be had, the recent ones are taken.
func TestOnlyRecentThreads(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, whole, answer string }{
		{"forbidden", "/secret", "kind board\nrow /t/5 a\n"},
		{"gone", "/b/1?all", "HTTP 404\n\nkind missing\n"},
		{"in an unknown coding", "/b/1?all", "HTTP 200\nContent-Encoding: compress\n\nkind board\nrow /t/5 a\n"},
		{"for members", "/b/1?all", "kind login\n"},
		{"on another host", "http://192.0.2.7/b/1", ""},
		{"itself", "/b/1", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pages := recent()
			pages["/robots.txt"] = "HTTP 200\nContent-Type: text/plain\n\nUser-agent: *\nDisallow: /secret\n"
			pages["/b/1"] = "kind board\nwhole " + c.whole + "\nrow /t/6 a\n"
			delete(pages, "/b/1?all")
			if c.answer != "" {
				pages[c.whole] = c.answer
			}
			s := serve(t, pages)
			b := open(t, t.TempDir(), setup{})
			b.start(s.url("/"))
			b.run()
			if got := ids(b.posts()); got != "60" {
				t.Errorf("posts are %q, asked for %v", got, s.requests())
			}
			if got := b.outcome(s, "board/1/1"); got != "ok: " {
				t.Errorf("outcome is %q", got)
			}
			if c.name == "forbidden" && s.count("/secret") != 0 {
				t.Error("robots.txt was not kept to")
			}
		})
	}
}
