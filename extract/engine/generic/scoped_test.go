package generic

import (
	"net/url"
	"testing"
)

func TestScopedAddresses(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/bbs/board.php?bo_table=walk&wr_id=12", "thread/walk-12/1", "https://h.example/bbs/board.php?bo_table=walk&wr_id=12"},
		{"https://h.example/board/view/?id=kiln&no=812", "thread/kiln-812/1", "https://h.example/board/view/?id=kiln&no=812"},
		{"https://h.example/zboard.php?id=kiln", "board/kiln/1", "https://h.example/zboard.php?id=kiln"},
		{"https://h.example/bbs/board.php?bo_table=walk", "board/walk/1", "https://h.example/bbs/board.php?bo_table=walk"},
		{"https://h.example/test/read.cgi/pottery/1758372033/", "thread/pottery-1758372033/1", "https://h.example/test/read.cgi/pottery/1758372033/"},
		{"https://h.example/test/read.cgi/pottery/1758372033/l50", "thread/pottery-1758372033/1", "https://h.example/test/read.cgi/pottery/1758372033/"},
		{"https://h.example/test/read.cgi/pottery/1758372033/12-40#n", "thread/pottery-1758372033/1", "https://h.example/test/read.cgi/pottery/1758372033/"},
		{"https://h.example/bbs/read.cgi/hobby/4020/1758372033/", "thread/hobby-4020-1758372033/1", "https://h.example/bbs/read.cgi/hobby/4020/1758372033/"},
		{"https://h.example/test/read.cgi/pottery/", "", ""},
		{"https://h.example/test/read.cgi", "", ""},
		{"https://h.example/pot/res/501.html#504", "thread/pot-501/1", "https://h.example/pot/res/501.html"},
		{"https://h.example/pot/res/501+50.html", "thread/pot-501/1", "https://h.example/pot/res/501.html"},
		{"https://h.example/pot/res/cover.html", "", ""},
		{"https://h.example/po/thread/501", "thread/po-501/1", "https://h.example/po/thread/501"},
		{"https://h.example/po/thread/501/cracked-bowls", "thread/po-501/1", "https://h.example/po/thread/501"},
		{"https://h.example/forum/thread/501", "thread/501/1", "https://h.example/forum/thread/501"},
		{"https://h.example/en/thread/501", "thread/501/1", "https://h.example/en/thread/501"},
		{"https://h.example/community/pots/thread/501", "thread/501/1", "https://h.example/community/pots/thread/501"},
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
