package gnuboard

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	cases := []struct{ in, key, url string }{
		{"https://h.example/bbs/board.php?bo_table=free&wr_id=77", "thread/free-77/1", "https://h.example/bbs/board.php?bo_table=free&wr_id=77"},
		{"https://H.example/g5/bbs/board.php?bo_table=free&wr_id=77&page=3#c_81", "thread/free-77/1", "https://h.example/g5/bbs/board.php?bo_table=free&wr_id=77"},
		{"https://h.example/bbs/board.php?bo_table=free&wr_id=77&sfl=&stx=&sst=", "thread/free-77/1", "https://h.example/bbs/board.php?bo_table=free&wr_id=77"},
		{"https://h.example/bbs/board.php?bo_table=free", "board/free/1", "https://h.example/bbs/board.php?bo_table=free"},
		{"https://h.example/bbs/board.php?bo_table=free&page=2", "board/free/2", "https://h.example/bbs/board.php?bo_table=free&page=2"},
		{"https://h.example/bbs/board.php?bo_table=free&sfl=wr_subject&stx=kiln", "", ""},
		{"https://h.example/bbs/board.php?bo_table=free&sca=q", "", ""},
		{"https://h.example/bbs/board.php?bo_table=free&sst=wr_hit&sod=desc", "", ""},
		{"https://h.example/bbs/board.php?bo_table=free&wr_id=77&c_id=81&w=c", "", ""},
		{"https://h.example/bbs/board.php?bo_table=free&wr_id=x", "", ""},
		{"https://h.example/bbs/write.php?bo_table=free", "", ""},
		{"https://h.example/bbs/download.php?bo_table=free&wr_id=77&no=0", "", ""},
		{"https://h.example/bbs/profile.php?mb_id=ada", "", ""},
		{"https://h.example/free/77", "thread/free-77/1", "https://h.example/free/77"},
		{"https://h.example/free/77?page=3#c_81", "thread/free-77/1", "https://h.example/free/77"},
		{"https://h.example/g5/free/77", "thread/free-77/1", "https://h.example/g5/free/77"},
		{"https://h.example/free", "board/free/1", "https://h.example/free"},
		{"https://h.example/free?page=2", "board/free/2", "https://h.example/free?page=2"},
		{"https://h.example/free?sca=q", "", ""},
		{"https://h.example/free/write", "", ""},
		{"https://h.example/board/free", "board/free/1", "https://h.example/board/free"},
		{"https://h.example/board/free/77", "thread/free-77/1", "https://h.example/board/free/77"},
		{"https://h.example/content/company", "", ""},
		{"https://h.example/bbs/77", "", ""},
		{"https://h.example/data/file/77", "", ""},
		{"https://h.example/", "", ""},
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
