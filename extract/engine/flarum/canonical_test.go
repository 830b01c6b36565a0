package flarum

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const host = "https://talk.example.org"
	for _, c := range []struct{ in, key, url string }{
		{"/", "index", "/"},
		{"/all", "index/all", "/all"},
		{"/all?page=2", "index/all/2", "/all?page=2"},
		{"/?page=2", "index/2", "/?page=2"},
		{"/tags", "index/tags", "/tags"},
		{"/d/31-sharpening-stones", "thread/31/1", "/d/31-sharpening-stones"},
		{"/d/31", "thread/31/1", "/d/31"},
		{"/d/31-sharpening-stones?page=4", "thread/31/4", "/d/31-sharpening-stones?page=4"},
		{"/d/31-sharpening-stones/44", "", ""},
		{"/d/sharpening", "", ""},
		{"/d/31x", "", ""},
		{"/t/tools", "board/tools/1", "/t/tools"},
		{"/t/tools?page=2", "board/tools/2", "/t/tools?page=2"},
		{"/t/tools?sort=newest", "", ""},
		{"/all?q=stone", "", ""},
		{"/u/Ada", "profile/ada", "/u/Ada"},
		{"/u/Ada/discussions", "", ""},
		{"/settings", "", ""},
		{"/api/discussions/31", "thread/31/1", "/d/31"},
		{"/api/discussions/31?page[near]=40", "", ""},
		{"/api/discussions", "", ""},
		{"/api/posts/9", "", ""},
		{"/logout", "", ""},
		{"/forum/d/31-sharpening-stones", "thread/31/1", "/forum/d/31-sharpening-stones"},
	} {
		u, err := url.Parse(host + c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Engine{}.Canonical(u)
		if ok != (c.key != "") {
			t.Errorf("%s: entered %v as %s", c.in, ok, l.Key)
			continue
		}
		if ok && (l.Key != c.key || l.URL != host+c.url) {
			t.Errorf("%s: %s %s, want %s %s", c.in, l.Key, l.URL, c.key, host+c.url)
		}
	}
}
