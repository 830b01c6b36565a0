package fetch

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestReadCookies(t *testing.T) {
	file := "# Netscape HTTP Cookie File\n\n" +
		".forum.example.org\tTRUE\t/\tTRUE\t4102444800\tsession\tsecret one\n" +
		"#HttpOnly_forum.example.org\tFALSE\t/\tFALSE\t0\tuser\t\r\n"
	got, err := ReadCookies(strings.NewReader(file))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d cookies: %v", len(got), err)
	}
	if c := got[0].Cookie; c.Domain != "forum.example.org" || !c.Secure || c.Value != "secret one" || got[0].URL.Scheme != "https" {
		t.Errorf("the first is %+v of %s", c, got[0].URL)
	}
	if c := got[1].Cookie; c.Domain != "" || c.Secure || !c.HttpOnly || !c.Expires.IsZero() || c.Value != "" {
		t.Errorf("the second is %+v of %s", c, got[1].URL)
	}
	for name, bad := range map[string]string{
		"empty": "", "a comment": "# nothing\n", "spaces": "forum.example.org FALSE / FALSE 0 a secret\n",
		"no time": "forum.example.org\tFALSE\t/\tFALSE\tsoon\ta\tsecret\n", "no name": "forum.example.org\tFALSE\t/\tFALSE\t0\t\tsecret\n",
	} {
		if _, err := ReadCookies(strings.NewReader(bad)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCookiesAreSentToTheirHostAlone also looks at what a Result says of them.
func TestCookiesAreSentToTheirHostAlone(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Cookie") }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := HeaderCookies("session=secret; user=7", u)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Options{AllowPrivate: true, Cookies: cookies})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	for host, want := range map[string]string{"127.0.0.1": "session=secret; user=7", "localhost": ""} {
		res, err := f.Worker().Fetch(t.Context(), Request{URL: "http://" + host + ":" + u.Port() + "/"})
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s was sent %q, want %q", host, got, want)
		}
		for name, values := range res.RequestHeader {
			if strings.Contains(strings.Join(values, " "), "secret") {
				t.Errorf("the result gives the cookie away in %s", name)
			}
		}
	}
}
