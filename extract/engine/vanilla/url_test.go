package vanilla

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/discussion/12/red-kite", "thread/12/1", "https://h.example/discussion/12/red-kite"},
		{"https://h.example/discussion/12/red-kite/p1", "thread/12/1", "https://h.example/discussion/12/red-kite"},
		{"https://h.example/discussion/12/red-kite/p3#latest", "thread/12/3", "https://h.example/discussion/12/red-kite/p3"},
		{"https://h.example/discussion/12/p2", "thread/12/2", "https://h.example/discussion/12/p2"},
		{"https://h.example/discussion/12", "thread/12/1", "https://h.example/discussion/12"},
		{"https://H.example/f/index.php?p=/discussion/12/red-kite/p2", "thread/12/2", "https://h.example/f/discussion/12/red-kite/p2"},
		{"https://h.example/categories/kilns/p2", "board/kilns/2", "https://h.example/categories/kilns/p2"},
		{"https://h.example/categories", "index", "https://h.example/categories"},
		{"https://h.example/profile/8/Benno", "profile/benno", "https://h.example/profile/8/Benno"},
		{"https://h.example/profile/Benno", "profile/benno", "https://h.example/profile/Benno"},
		{"https://h.example/profile/discussions/8/Benno", "", ""},
		{"https://h.example/discussion/comment/9#Comment_9", "", ""},
		{"https://h.example/discussion/12/red-kite?sort=new", "", ""},
		{"https://h.example/discussions/bookmarked", "", ""},
		{"https://h.example/discussions/feed.rss", "", ""},
		{"https://h.example/categories/kilns/feed.rss", "", ""},
		{"https://h.example/entry/signin?Target=x", "", ""},
		{"https://h.example/search?Search=x", "", ""},
	}
	for _, c := range cases {
		l, _ := linkOf(c.in)
		if l.Key != c.key || l.URL != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}
