package dom

import (
	"net/url"
	"testing"

	"forumine/extract/forum"
)

// Links come out as net/url resolves them, whichever way they take.
func TestResolveEqualsNetURL(t *testing.T) {
	hrefs := []string{
		"a", "a/b.html", "./a", "../a", "a/./b", "a/../b", "/", "/a", "/a/b/", "//other.example/x", "?page=2", "a?x=1", "a?x=1&y=2#p3", "a?", "a#", "a#b c", "a?x=y z", "a b", "a%20b", "a%2Fb",
		"viewtopic.php?t=1&start=20#p30", "index.php/topic,12.0.html", "index.php?topic=12.msg34;topicseen#new", "http://forum.example/a", "HTTP://forum.example/a", "http://Forum.Example/a", "https://other.example:8080/a/b?c=d",
		"http://other.example", "http://other.example/", "http://other.example?x=1", "http:///a", "http:a", "a:b", "a/b:c", "a;b=c", "/a,b/c+d", "/a//b", "/.a", "/a/.b", "/a.", "/a/..", "é", "/é?é#é", "/a?é", "/a?q=%zz", "/%zz",
		"javascript:void(0)", "mailto:a@b.example", "data:text/html,x", "http://user@other.example/x", "http://other.example/a\\b", "/a[b]", "/a?b[c]=d", "/a~b", "/a'b", "/a(b)", "/a!b", "/a*b", "/a@b", "/a$b", "/a|b", "/a?b|c", "/a?b\"c", "/a\tb", "/a?b#c/d?e=f", "/a?b#c#d", "ftp://x.example/a", "http://a.example:x/b", "http://a.example:/b", "http://[::1]/a",
	}
	for _, address := range []string{"http://forum.example/board/t/1?page=2", "http://forum.example", "http://forum.example/", "https://forum.example:444/a%20b/c", "http://www.forum.example/x/./y/z", "http://FORUM.example/a/b", "", "about:blank"} {
		d, err := Parse(forum.Capture{URL: address, Body: []byte("<p>x")})
		if err != nil {
			t.Fatal(err)
		}
		for _, href := range hrefs {
			want := ""
			if u, err := d.Base.Parse(href); err == nil && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "") {
				want = u.String()
			}
			if got := d.Resolve(href); got != want {
				t.Errorf("%q on %q: %q, want %q", href, address, got, want)
			}
			u, err := url.Parse(want)
			if same := err == nil && foldHost(u.Host) == foldHost(d.URL.Host); d.SameHost(want) != same {
				t.Errorf("%q on %q: same host is not %v", want, address, same)
			}
		}
	}
}
