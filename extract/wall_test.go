package extract_test

import (
	"strings"
	"testing"

	"forumine/extract"
	"forumine/extract/forum"

	"github.com/google/go-cmp/cmp"
)

// Pages without content are kinds of their own, never threads without posts.
func TestWalls(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		header map[string][]string
		want   forum.Kind
	}{
		{"a guard's waiting page", 403, `<html><head><title>Just a moment...</title></head><body><div id="challenge-error-text">Enable JavaScript</div></body></html>`, nil, forum.KindChallenge},
		{"a guard that names itself in the header", 403, `<html><title>x</title><p>no</p></html>`, map[string][]string{"Cf-Mitigated": {"challenge"}}, forum.KindChallenge},
		{"a guard behind a 200", 200, `<html><head><title>DDoS-Guard</title></head><body></body></html>`, nil, forum.KindChallenge},
		{"gone", 404, `<html><title>Not found</title><p>no such page</p></html>`, nil, forum.KindMissing},
		{"login by status", 401, `<html><p>who are you</p></html>`, nil, forum.KindLogin},
		{"denied by status", 403, `<html><p>members only</p></html>`, nil, forum.KindDenied},
		{"too many requests", 429, `<html><p>slow down</p></html>`, nil, forum.KindRateLimited},
		{"broken server", 502, `<html><p>bad gateway</p></html>`, nil, forum.KindMaintenance},
		{"a page of nothing known", 200, `<html><title>Bakery</title><p>We bake bread.</p></html>`, nil, forum.KindOther},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := extract.Read(forum.Capture{URL: "http://forum.example/t/1", Status: c.status, Header: c.header, Body: []byte(c.body)}, forum.Facts{}, extract.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != c.want || len(p.Posts) > 0 {
				t.Errorf("kind %s with %d posts, want %s", p.Kind, len(p.Posts), c.want)
			}
		})
	}
}

func TestEngineNames(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range extract.Engines() {
		if seen[e.Name()] || extract.Title(e.Name()) == "" {
			t.Errorf("engine %s is listed twice, or has no title", e.Name())
		}
		seen[e.Name()] = true
	}
	if _, err := extract.ByName("xenforo9"); err == nil || !strings.Contains(err.Error(), "xenforo1") {
		t.Errorf("an unknown engine's error should name the known ones: %v", err)
	}
}

// Renaming the host changes nothing but URLs.
func TestHostIsNoSignal(t *testing.T) {
	for _, c := range allCases(t) {
		t.Run(c.name, func(t *testing.T) {
			c.host = strings.TrimPrefix(c.host, "www.")
			other := "renamed-" + c.host
			renamed := c.capture
			renamed.URL = strings.ReplaceAll(renamed.URL, c.host, other)
			renamed.FinalURL = strings.ReplaceAll(renamed.FinalURL, c.host, other)
			renamed.Body = []byte(strings.ReplaceAll(string(renamed.Body), c.host, other))
			want := strings.ReplaceAll(string(encoded(t, c.capture)), c.host, other)
			if diff := cmp.Diff(want, string(encoded(t, renamed))); diff != "" {
				t.Errorf("another host, another reading:\n%s", diff)
			}
		})
	}
}
