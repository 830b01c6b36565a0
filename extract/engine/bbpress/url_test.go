package bbpress

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"http://h.example/forums/topic/red-kite/", "thread/red-kite/1", "http://h.example/forums/topic/red-kite/"},
		{"http://h.example/forums/topic/red-kite/page/2/#post-9", "thread/red-kite/2", "http://h.example/forums/topic/red-kite/page/2/"},
		{"http://h.example/forums/topic/red-kite/page/1", "thread/red-kite/1", "http://h.example/forums/topic/red-kite/"},
		{"http://H.example/topic/Red-Kite?utm_source=x", "thread/red-kite/1", "http://h.example/topic/red-kite/"},
		{"http://h.example/topic/%D1%82/", "thread/%d1%82/1", "http://h.example/topic/%d1%82/"},
		{"http://h.example/topic/т/", "thread/%d1%82/1", "http://h.example/topic/%d1%82/"},
		{"http://h.example/support/forum/a/b/page/3/", "board/a/b/3", "http://h.example/support/forum/a/b/page/3/"},
		{"http://h.example/forum/topic/x/", "thread/x/1", "http://h.example/forum/topic/x/"},
		{"http://h.example/forums/", "index", "http://h.example/forums/"},
		{"http://h.example/forums/users/anna/", "profile/anna", "http://h.example/forums/users/anna/"},
		{"http://h.example/?topic=red-kite&paged=2", "thread/red-kite/2", "http://h.example/?topic=red-kite&paged=2"},
		{"http://h.example/?p=12", "", ""},
		{"http://h.example/?post_type=topic&p=12", "", ""},
		{"http://h.example/forums/reply/12/", "", ""},
		{"http://h.example/forums/topic/red-kite/feed/", "", ""},
		{"http://h.example/forums/topic/red-kite/edit/", "", ""},
		{"http://h.example/forums/forum/a/feed/", "", ""},
		{"http://h.example/forums/topic/red-kite/?view=all", "", ""},
		{"http://h.example/forums/topic/red-kite/?bbp_reply_to=5&_wpnonce=a", "", ""},
		{"http://h.example/forums/users/anna/replies/", "", ""},
		{"http://h.example/forums/search/kite/", "", ""},
		{"http://h.example/forums/view/no-replies/", "", ""},
		{"http://h.example/forums/topic-tag/red/", "", ""},
		{"http://h.example/wp-login.php", "", ""},
		{"http://h.example/2020/01/hello/", "", ""},
	}
	for _, c := range cases {
		l, _ := linkOf(c.in)
		if l.Key != c.key || l.URL != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}
