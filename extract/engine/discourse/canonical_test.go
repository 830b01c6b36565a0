package discourse

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const host = "https://talk.example.org"
	for _, c := range []struct{ in, key, url string }{
		{"/", "index", "/"},
		{"", "index", "/"},
		{"/?page=1", "", ""},
		{"/latest", "index/latest", "/latest"},
		{"/latest?no_definitions=true&page=2", "", ""},
		{"/categories", "index/categories", "/categories"},
		{"/t/how-to-descale/77", "thread/77/1", "/t/how-to-descale/77"},
		{"/t/77", "thread/77/1", "/t/77"},
		{"/t/-/77", "thread/77/1", "/t/-/77"},
		{"/t/how-to-descale/77/12", "thread/77/1", "/t/how-to-descale/77"},
		{"/t/77/12", "thread/77/1", "/t/77"},
		{"/t/how-to-descale/77?page=3", "thread/77/3", "/t/how-to-descale/77?page=3"},
		{"/t/how-to-descale/77?page=1&u=ada&utm_source=x#post_3", "thread/77/1", "/t/how-to-descale/77"},
		{"/t/how-to-descale/77?print=true", "", ""},
		{"/t/how-to-descale/77?filter=summary", "", ""},
		{"/t/how-to-descale/77?username_filters=ada", "", ""},
		{"/t/how-to-descale/77/last", "", ""},
		{"/t/how-to-descale/77.rss", "", ""},
		{"/t/how-to-descale/77.json", "thread/77/1", "/t/how-to-descale/77"},
		{"/t/77.json?page=2", "thread/77/2", "/t/77?page=2"},
		{"/t/how-to-descale/77/12.json", "thread/77/at/12", "/t/how-to-descale/77/12.json"},
		{"/t/77/posts.json", "thread/77/posts", "/t/77/posts.json"},
		{"/t/77/posts.json?post_ids[]=301&post_ids[]=302", "thread/77/posts/301", "/t/77/posts.json?post_ids%5B%5D=301&post_ids%5B%5D=302"},
		{"/t/77/posts.json?post_number=20&asc=true", "thread/77/posts/after/20", "/t/77/posts.json?asc=true&post_number=20"},
		{"/t/77/timings.json", "", ""},
		{"/latest.json", "index/latest", "/latest"},
		{"/latest.json?page=2", "index/latest/3", "/latest.json?page=2"},
		{"/categories.json", "index/categories", "/categories"},
		{"/c/machines/5.json?page=1", "board/5/2", "/c/machines/5?page=1"},
		{"/c/machines/5/l/latest.json", "board/5/1", "/c/machines/5"},
		{"/c/5/show.json", "", ""},
		{"/u/Ada_L.json", "profile/ada_l", "/u/Ada_L"},
		{"/about.json", "", ""},
		{"/t/how-to-descale", "", ""},
		{"/community/t/how-to-descale/77", "thread/77/1", "/community/t/how-to-descale/77"},
		{"/c/machines/5", "board/5/1", "/c/machines/5"},
		{"/c/machines/pumps/9", "board/9/1", "/c/machines/pumps/9"},
		{"/c/machines/pumps/9?page=2", "board/9/3", "/c/machines/pumps/9?page=2"},
		{"/c/machines/5/l/latest?page=1", "board/5/2", "/c/machines/5?page=1"},
		{"/c/machines", "board/machines/1", "/c/machines"},
		{"/c/machines/5/l/top", "", ""},
		{"/c/machines/5/none", "", ""},
		{"/c/machines/5?order=views", "", ""},
		{"/u/Ada_L", "profile/ada_l", "/u/Ada_L"},
		{"/users/Ada_L", "profile/ada_l", "/u/Ada_L"},
		{"/u/Ada_L/summary", "profile/ada_l", "/u/Ada_L"},
		{"/u/Ada_L/activity", "", ""},
		{"/u", "", ""},
		{"/tag/brass", "", ""},
		{"/search?q=pump", "", ""},
		{"/login", "", ""},
		{"/p/4411", "", ""},
		{"/g/staff", "", ""},
		{"/about", "", ""},
	} {
		u, err := url.Parse(host + c.in)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := Engine{}.Canonical(u)
		if ok != (c.key != "") {
			t.Errorf("%s: entered %v", c.in, ok)
			continue
		}
		if ok && (l.Key != c.key || l.URL != host+c.url) {
			t.Errorf("%s: %s %s, want %s %s", c.in, l.Key, l.URL, c.key, host+c.url)
		}
	}
}
