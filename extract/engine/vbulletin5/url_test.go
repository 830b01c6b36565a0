package vbulletin5

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const h = "https://l.example"
	cases := []struct{ in, key, url string }{
		{"/forum/pigeons/40-homing", "thread/40/1", "/forum/pigeons/40-homing"},
		{"/forum/pigeons/40-homing/page3", "thread/40/3", "/forum/pigeons/40-homing/page3"},
		{"/forum/pigeons/racing/40-homing#post41", "thread/40/1", "/forum/pigeons/racing/40-homing"},
		{"/forum/pigeons", "board/pigeons/1", "/forum/pigeons"},
		{"/forum/pigeons/page2", "board/pigeons/2", "/forum/pigeons/page2"},
		{"/forum/Pigeons/tumblers", "board/pigeons/tumblers/1", "/forum/Pigeons/tumblers"},
		{"/member/7-corvin", "profile/7", "/member/7-corvin"},
		{"/sub/member/7-corvin", "profile/7", "/sub/member/7-corvin"},
		{"/sub/forum/pigeons/40-homing", "thread/40/1", "/sub/forum/pigeons/40-homing"},
		{"/", "index", "/"},
		{"", "index", "/"},
		{"/forum", "index", "/"},
		{"/forum/pigeons/40-homing?p=41#post41", "", ""},
		{"/forum/pigeons/40-homing?view=stream", "", ""},
		{"/forum/pigeons?filter_time=time_all&sort=title", "", ""},
		{"/search?q=x", "", ""},
		{"/memberlist", "", ""},
		{"/login", "", ""},
		{"/blogs/corvin/12-entry", "", ""},
		{"/articles/3-x", "", ""},
		{"/contact-us", "", ""},
		{"/showthread.php?t=4", "", ""},
		{"/filedata/fetch?id=3", "", ""},
	}
	for _, c := range cases {
		u, err := url.Parse(h + c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := canonical(u)
		if ok != (c.key != "") || l.Key != c.key {
			t.Errorf("%s: key %q %v, want %q", c.in, l.Key, ok, c.key)
			continue
		}
		if ok && l.URL != h+c.url {
			t.Errorf("%s: url %s, want %s", c.in, l.URL, h+c.url)
		}
	}
}
