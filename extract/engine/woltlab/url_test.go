package woltlab

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/forum/thread/12-red-kite/", "thread/12/1", "https://h.example/forum/thread/12-red-kite/"},
		{"https://h.example/forum/thread/12-red-kite/?pageNo=3", "thread/12/3", "https://h.example/forum/thread/12-red-kite/?pageNo=3"},
		{"https://h.example/forum/index.php?thread/12-red-kite/&pageNo=3", "thread/12/3", "https://h.example/forum/index.php?thread/12-red-kite/&pageNo=3"},
		{"https://h.example/index.php/Thread/12-Red-Kite/?pageNo=2#post9", "thread/12/2", "https://h.example/index.php/Thread/12-Red-Kite/?pageNo=2"},
		{"https://h.example/index.php?page=Thread&threadID=12&pageNo=2", "thread/12/2", "https://h.example/index.php?page=Thread&threadID=12&pageNo=2"},
		{"https://h.example/thread/12-red-kite/?postID=9#post9", "", ""},
		{"https://h.example/thread/12-red-kite/?action=lastPost", "", ""},
		{"https://h.example/index.php?thread/12-red-kite/&postID=9", "", ""},
		{"https://h.example/board/3-kites/?pageNo=2", "board/3/2", "https://h.example/board/3-kites/?pageNo=2"},
		{"https://h.example/board/3-kites/?sortField=views", "", ""},
		{"https://h.example/user/5-anna/", "profile/5", "https://h.example/user/5-anna/"},
		{"https://h.example/index.php?user/5-anna/", "profile/5", "https://h.example/index.php?user/5-anna/"},
		{"https://h.example/board-list/", "index", "https://h.example/board-list/"},
		{"https://h.example/login/", "", ""},
		{"https://h.example/user-list/", "", ""},
		{"https://h.example/attachment/44-a-jpg/", "", ""},
		{"https://h.example/board-feed/3/", "", ""},
	}
	for _, c := range cases {
		l, _ := linkOf(c.in)
		if l.Key != c.key || l.URL != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}
