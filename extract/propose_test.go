package extract_test

import (
	"strings"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/dom"
	"forumine/extract/forum"
	"forumine/extract/profile"
)

// proposed proposes a profile for a page and reads it back as a user would.
func proposed(t *testing.T, body string) (extract.Proposal, *forum.Page, bool) {
	t.Helper()
	c := forum.Capture{URL: "https://f.example/topic/1", Status: 200, Body: []byte(body), FetchedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	d, err := dom.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := extract.Propose(c, forum.Facts{}, d, extract.Options{})
	if !ok {
		return p, nil, false
	}
	own, err := extract.ParseProfile(p.Profile.YAML())
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Profile.YAML())
	}
	page, err := extract.Read(c, forum.Facts{}, extract.Options{Profiles: profile.Set{own}})
	if err != nil {
		t.Fatal(err)
	}
	return p, page, true
}

// TestPropose reads the posts that only the structure showed by the selectors
// that are proposed for them.
func TestPropose(t *testing.T) {
	marked := strings.Replace(unknownThread, `<html>`, `<html id="XenForo">`, 1)
	marked = strings.Replace(marked, `<body>`, `<body><div id="content" class="thread_view">`, 1)
	p, page, ok := proposed(t, marked)
	if !ok {
		t.Fatal("nothing is proposed")
	}
	if p.Posts != 3 || page.Engine != "xenforo1" || page.Extract.Strategy != "profile" || len(page.Posts) != 3 {
		t.Fatalf("%+v, %+v with %d posts", p, page.Extract, len(page.Posts))
	}
	for i, want := range []struct{ id, name, account, at, words string }{
		{"7", "Ada Lund", "3", "2026-01-05T10:00:00Z", "Which felt keeps its shape when it gets wet every day?"},
		{"8", "Bo Krantz", "4", "2026-01-05T11:30:00Z", "None does, so take a wool felt and oil it twice a year."},
		{"9", "Ada Lund", "3", "2026-01-06T08:00:00Z", "Thank you, I shall try it on the old boots first."},
	} {
		post := page.Posts[i]
		if post.ID != want.id || post.Author.Name != want.name || post.Author.ID != want.account || post.Published.At.Format(time.RFC3339) != want.at || post.Body.Text != want.words {
			t.Errorf("posts[%d]: %s %+v %v %q\n%s", i, post.ID, post.Author, post.Published, post.Body.Text, p.Profile.YAML())
		}
	}
}

// TestProposeNothing keeps from proposing where the engine reads, where nothing
// reads, and where no engine claims the page.
func TestProposeNothing(t *testing.T) {
	if _, _, ok := proposed(t, unknownThread); ok {
		t.Error("proposed for a page of no known engine")
	}
	if _, _, ok := proposed(t, `<html id="XenForo"><body><h1>About us</h1><p>We are a club.</p></body></html>`); ok {
		t.Error("proposed where nothing recurs")
	}
	for _, c := range allCases(t) {
		d, err := dom.Parse(c.capture)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := extract.Propose(c.capture, forum.Facts{}, d, extract.Options{}); ok {
			t.Errorf("%s: proposed\n%s", c.name, p.Profile.YAML())
		}
	}
}
