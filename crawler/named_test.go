package crawler_test

import "testing"

// renamed is a forum whose addresses its engine's grammar does not know.
func renamed() map[string]string {
	return map[string]string{
		"/":                                 "kind index\nnamed 1 /talk-of-the-town\nnamed 2 /talk?do=markread\n",
		"/talk-of-the-town":                 "kind board\nnamed 6 /talk-of-the-town/six.html\nnamed 9 /talk-of-the-town/nine.html?goto=new\nnext /talk-of-the-town?pageNo=2\n",
		"/talk-of-the-town?pageNo=2":        "kind board\nnamed 5 /talk-of-the-town/five.html\n",
		"/talk-of-the-town/six.html":        "kind thread\nthread 6\npost 60 six\nnext /talk-of-the-town/six-page-2.html\n",
		"/talk-of-the-town/six-page-2.html": "kind thread\nthread 6\npost 61 seven\nnext /talk-of-the-town/six-page-3.html\n",
		"/talk-of-the-town/six-page-3.html": "kind thread\nthread 6\npost 62 eight\n",
		"/talk-of-the-town/five.html":       "kind thread\nthread 5\npost 50 five\n",
	}
}

// A forum that writes its addresses in a way of its own is crawled by what its
// pages say of boards, rows and next pages.
func TestAddressesOfItsOwn(t *testing.T) {
	t.Parallel()
	cases := []struct{ start, posts string }{
		{"/", "50 60 61 62"},
		{"/talk-of-the-town/six.html", "60 61 62"},
	}
	for _, c := range cases {
		t.Run(c.start, func(t *testing.T) {
			s := serve(t, renamed())
			dir := t.TempDir()
			for range 2 { // the second crawl finds nothing new, and nothing twice
				b := open(t, dir, setup{})
				site := b.start(s.url(c.start))
				if err := b.Refresh(t.Context(), site); err != nil {
					t.Fatal(err)
				}
				b.run()
				if got := ids(b.posts()); got != c.posts {
					t.Errorf("posts are %q, want %q, asked for %v", got, c.posts, s.requests())
				}
				b.close()
			}
			for _, uri := range []string{"/talk?do=markread", "/talk-of-the-town/nine.html?goto=new"} {
				if s.count(uri) != 0 {
					t.Errorf("%s was entered", uri)
				}
			}
		})
	}
}

// The grammar takes "/t/6/p2" for the thread's first page; the page says that it is
// the next one.
func TestPagesThatTheGrammarDoesNotSee(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{
		"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/6 a\nnext /b/1/p2\nlink /b/1/p3\n", "/b/1/p2": "kind board\nrow /t/7 a\nnext /b/1/p3\n",
		"/b/1/p3": "kind board\nrow /t/8 a\n", "/t/8": "kind thread\npost 80 last\nnext /t/8\n", "/t/7": "kind thread\npost 70 seven\nnext /t/7#top\n",
		"/t/6": "kind thread\npost 60 one\nnext /t/6/p2\nlink /t/6/p3\n", "/t/6/p2": "kind thread\npost 61 two\nnext /t/6/p3\n", "/t/6/p3": "kind thread\npost 62 three\n",
	})
	b := open(t, t.TempDir(), setup{})
	b.start(s.url("/"))
	b.run()
	if got := ids(b.posts()); got != "60 61 62 70 80" {
		t.Errorf("posts are %q, asked for %v", got, s.requests())
	}
	for _, uri := range s.requests() {
		if n := s.count(uri); n != 1 {
			t.Errorf("%s was asked for %d times", uri, n)
		}
	}
}
