package punurl

import "testing"

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"http://h.example/viewtopic.php?id=12", "thread/12/1", "http://h.example/viewtopic.php?id=12"},
		{"http://H.example/f/viewtopic.php?id=12&p=1#p99", "thread/12/1", "http://h.example/f/viewtopic.php?id=12"},
		{"http://h.example/viewtopic.php?p=3&id=12&utm_source=x", "thread/12/3", "http://h.example/viewtopic.php?id=12&p=3"},
		{"http://h.example/viewtopic.php?id=12&amp;p=3", "thread/12/3", "http://h.example/viewtopic.php?id=12&p=3"},
		{"http://h.example/viewtopic.php?pid=120#p120", "", ""},
		{"http://h.example/viewtopic.php?id=12&action=new", "", ""},
		{"http://h.example/viewtopic.php?id=12&p=0", "", ""},
		{"http://h.example/viewtopic.php?id=x", "", ""},
		{"http://h.example/viewforum.php?id=3&p=2", "board/3/2", "http://h.example/viewforum.php?id=3&p=2"},
		{"http://h.example/profile.php?id=7", "profile/7", "http://h.example/profile.php?id=7"},
		{"http://h.example/profile.php?id=1", "", ""},
		{"http://h.example/profile.php?section=about&id=7", "", ""},
		{"http://h.example/f/index.php", "index", "http://h.example/f/index.php"},
		{"http://h.example/search.php?action=show_recent", "", ""},
		{"http://h.example/post.php?tid=12", "", ""},
		{"http://h.example/post.php?tid=12&qid=5", "", ""},
		{"http://h.example/extern.php?action=feed&tid=12", "", ""},
		{"http://h.example/userlist.php", "", ""},
		{"http://h.example/misc.php?report=12", "", ""},
		{"http://h.example/login.php", "", ""},
		{"http://h.example/topic/12/", "thread/12/1", "http://h.example/topic/12/"},
		{"http://h.example/topic/12/page/2/", "thread/12/2", "http://h.example/topic/12/page/2/"},
		{"http://h.example/f/topic/12/some-title/page/2/", "thread/12/2", "http://h.example/f/topic/12/some-title/page/2/"},
		{"http://h.example/topic12.html", "thread/12/1", "http://h.example/topic12.html"},
		{"http://h.example/topic12-some-title-p3.html", "thread/12/3", "http://h.example/topic12-some-title-p3.html"},
		{"http://h.example/topic12-some-title.html", "thread/12/1", "http://h.example/topic12-some-title.html"},
		{"http://h.example/topic/12/new/posts/", "", ""},
		{"http://h.example/topic12last-post.html", "", ""},
		{"http://h.example/topic/12/last/post/", "", ""},
		{"http://h.example/post/120/#p120", "", ""},
		{"http://h.example/post120.html#p120", "", ""},
		{"http://h.example/forum/3/name/page/2/", "board/3/2", "http://h.example/forum/3/name/page/2/"},
		{"http://h.example/forum3-name.html", "board/3/1", "http://h.example/forum3-name.html"},
		{"http://h.example/user/7/", "profile/7", "http://h.example/user/7/"},
		{"http://h.example/user7.html", "profile/7", "http://h.example/user7.html"},
		{"http://h.example/user/7/about/", "", ""},
		{"http://h.example/new/reply/12/", "", ""},
		{"http://h.example/feed/rss/topic/12/", "", ""},
		{"http://h.example/feed-rss-topic12.xml", "", ""},
		{"http://h.example/subscribe/forum/3/abc/", "", ""},
		{"mailto:a@h.example", "", ""},
	}
	for _, c := range cases {
		l, _ := Link(c.in)
		if l.Key != c.key || l.URL != c.url {
			t.Errorf("%s: got %q %q, want %q %q", c.in, l.Key, l.URL, c.key, c.url)
		}
	}
}

func TestFirst(t *testing.T) {
	for in, want := range map[string]string{
		"http://h.example/viewtopic.php?id=12&p=3":        "http://h.example/viewtopic.php?id=12",
		"http://h.example/topic/12/some-title/page/2/":    "http://h.example/topic/12/some-title/",
		"http://h.example/topic12-some-title-p3.html":     "http://h.example/topic12-some-title.html",
		"http://h.example/forum3.html":                    "http://h.example/forum3.html",
		"http://h.example/viewtopic.php?pid=120#p120":     "",
		"http://h.example/viewforum.php?id=3&p=2#brdmain": "http://h.example/viewforum.php?id=3",
	} {
		if got := First(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestPostID(t *testing.T) {
	for in, want := range map[string]string{
		"viewtopic.php?pid=120#p120": "120", "http://h.example/post/120/#p120": "120", "post120.html#p120": "120", "viewtopic.php?id=12": "", "viewtopic.php?id=12#p9": "9",
	} {
		if got := PostID(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}
