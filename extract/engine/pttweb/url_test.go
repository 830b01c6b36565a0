package pttweb

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/bbs/Pottery/M.1767057033.A.1B2.html", "thread/Pottery-M.1767057033.A.1B2/1", "https://h.example/bbs/Pottery/M.1767057033.A.1B2.html"},
		{"https://H.example/bbs/Pottery/M.1767057033.A.1B2.html?from=x#push", "thread/Pottery-M.1767057033.A.1B2/1", "https://h.example/bbs/Pottery/M.1767057033.A.1B2.html"},
		{"https://h.example/bbs/Pottery/M.1100000000.A.html", "thread/Pottery-M.1100000000.A/1", "https://h.example/bbs/Pottery/M.1100000000.A.html"},
		{"https://h.example/bbs/Pottery/G.1767057033.A.1B2.html", "thread/Pottery-G.1767057033.A.1B2/1", "https://h.example/bbs/Pottery/G.1767057033.A.1B2.html"},
		{"https://h.example/bbs/Pottery/index.html", "board/Pottery/1", "https://h.example/bbs/Pottery/index.html"},
		{"https://h.example/bbs/Pottery/", "board/Pottery/1", "https://h.example/bbs/Pottery/index.html"},
		{"https://h.example/bbs/Pottery/index41.html", "board/Pottery/o41", "https://h.example/bbs/Pottery/index41.html"},
		{"https://h.example/bbs/Pottery/index0.html", "", ""},
		{"https://h.example/bbs/", "index", "https://h.example/bbs/index.html"},
		{"https://h.example/bbs/index.html", "index", "https://h.example/bbs/index.html"},
		{"https://h.example/bbs/Pottery/search?q=author%3Akilnboy", "", ""},
		{"https://h.example/man/Pottery/index.html", "", ""},
		{"https://h.example/cls/1", "", ""},
		{"https://h.example/atom/Pottery.xml", "", ""},
		{"https://h.example/ask/over18?from=%2Fbbs%2FPottery%2Findex.html", "", ""},
		{"ftp://h.example/bbs/Pottery/index.html", "", ""},
	}
	for _, c := range cases {
		u, err := url.Parse(c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := canonical(u)
		if ok != (c.key != "") || ok && (l.Key != c.key || l.URL != c.url) {
			t.Errorf("%s: got %v %q %q, want %q %q", c.in, ok, l.Key, l.URL, c.key, c.url)
		}
	}
}
