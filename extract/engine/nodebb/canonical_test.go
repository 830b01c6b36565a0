package nodebb

import (
	"net/url"
	"testing"
)

func TestCanonical(t *testing.T) {
	const host = "https://talk.example.org"
	for _, c := range []struct{ in, key, url string }{
		{"/", "index", "/"},
		{"/?lang=de", "index", "/"},
		{"/categories", "index/categories", "/categories"},
		{"/categories?page=2", "index/categories/2", "/categories?page=2"},
		{"/topic/12", "thread/12/1", "/topic/12"},
		{"/topic/12/grinder-burrs", "thread/12/1", "/topic/12/grinder-burrs"},
		{"/topic/12/grinder-burrs?page=3&lang=en-GB", "thread/12/3", "/topic/12/grinder-burrs?page=3"},
		{"/topic/12/grinder-burrs?page=1", "thread/12/1", "/topic/12/grinder-burrs"},
		{"/topic/12/grinder-burrs/41", "", ""},
		{"/topic/12/grinder-burrs?sort=newest_to_oldest", "", ""},
		{"/topic/12.rss", "", ""},
		{"/topic/12/grinder-burrs.rss", "", ""},
		{"/topic/2f1c7a90-0d4e-4c55-9f4b-0a5a3f7d2b11/far-away", "thread/2f1c7a90-0d4e-4c55-9f4b-0a5a3f7d2b11/1", "/topic/2f1c7a90-0d4e-4c55-9f4b-0a5a3f7d2b11/far-away"},
		{"/forum/topic/12/grinder-burrs", "thread/12/1", "/forum/topic/12/grinder-burrs"},
		{"/category/4/grinders", "board/4/1", "/category/4/grinders"},
		{"/category/4/grinders?page=2&lang=fr", "board/4/2", "/category/4/grinders?page=2"},
		{"/category/4/grinders/20", "", ""},
		{"/category/4/grinders?sort=most_posts", "", ""},
		{"/category/4/grinders?tag=brass", "", ""},
		{"/user/Ada-L", "profile/ada-l", "/user/Ada-L"},
		{"/user/ada-l/posts", "", ""},
		{"/post/990", "", ""},
		{"/recent", "", ""},
		{"/users", "", ""},
		{"/tags/brass", "", ""},
		{"/login", "", ""},
		{"/compose?tid=12", "", ""},
		{"/api/topic/12", "thread/12/1", "/topic/12"},
		{"/forum/api/category/4/grinders?page=2", "board/4/2", "/forum/category/4/grinders?page=2"},
		{"/api/recent", "", ""},
		{"/api/v3/topics/12", "", ""},
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
