package extract_test

import (
	"bytes"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forumine/extract"
	"forumine/extract/check"
	"forumine/extract/dom"
	"forumine/extract/forum"
)

var update = flag.Bool("update", false, "rewrite the goldens")

const fixtures = "../testdata/engines"

// TestFixtures reads every case under testdata/engines through the code that
// `forumine check` runs. A new case needs no line here.
func TestFixtures(t *testing.T) {
	fsys := os.DirFS(fixtures)
	cases, err := check.Cases(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			r := check.Run(fsys, name)
			if *update && r.Got != nil {
				if err := os.WriteFile(filepath.Join(fixtures, name, "want.json"), r.Got, 0o644); err != nil {
					t.Fatal(err)
				}
				r = check.Run(fsys, name)
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if len(r.Diffs) > 0 {
				t.Error("\n" + check.Describe(r))
			}
			whole(t, name, r)
			if r.Have.Evidence == "" {
				t.Error("capture.json does not say what the markup rests on (evidence)")
			}
			holds(t, r.Page, r.Have)
			claimed(t, name, r)
		})
	}
}

// whole fails a golden that lacks what is read today. A user's test lets fields
// that a newer version adds pass; ours show every one of them to who reviews.
func whole(t *testing.T, name string, r check.Result) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join(fixtures, name, "want.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, r.Got) {
		t.Error("want.json is not what is read today: write it with -update, and read what changed with care")
	}
}

// claimed fails a fixture that its engine does not take for its own, or that
// two engines do.
func claimed(t *testing.T, name string, r check.Result) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(fixtures, name, r.Have.Page))
	if err != nil {
		t.Fatal(err)
	}
	d, err := dom.Parse(forum.Capture{URL: r.Have.URL, Header: r.Have.Header, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	scores := extract.Detect(d)
	if engine, _, _ := strings.Cut(name, "/"); r.Page.Engine != engine && engine != "walls" {
		t.Errorf("read as %q, want %q; a score of 50 is needed, seen is %v", r.Page.Engine, engine, scores)
	}
	if len(scores) > 1 && scores[1].Score >= 50 {
		t.Errorf("claimed by %v", scores)
	}
}

// TestEveryEngineHasFixtures fails an engine that nothing shows.
func TestEveryEngineHasFixtures(t *testing.T) {
	for _, e := range extract.Engines() {
		cases, err := check.Cases(os.DirFS(filepath.Join(fixtures, e.Name())))
		if err != nil {
			t.Errorf("%s: no fixtures: write them into testdata/engines/%s/CASE/ (docs/adding-an-engine.md): %v", e.Name(), e.Name(), err)
			continue
		}
		if len(cases) < 4 {
			t.Errorf("%s: %d cases, want a first page, a later page, a listing and an awkward one", e.Name(), len(cases))
		}
		expected := false
		for _, c := range cases {
			if _, err := os.Stat(filepath.Join(fixtures, e.Name(), c, "expect.json")); err == nil {
				expected = true
			}
		}
		if !expected {
			t.Errorf("%s: no case with a hand-written expect.json", e.Name())
		}
	}
}

// holds checks what is true of any reading.
func holds(t *testing.T, p *forum.Page, c check.Capture) {
	t.Helper()
	ids := map[string]bool{}
	last := int64(0)
	for i, post := range p.Posts {
		if post.ID != "" && ids[post.ID] {
			t.Errorf("posts[%d]: id %s twice", i, post.ID)
		}
		ids[post.ID] = true
		if post.Position > 0 && post.Position <= last {
			t.Errorf("posts[%d]: position %d after %d", i, post.Position, last)
		}
		last = max(last, post.Position)
		if !c.FetchedAt.IsZero() && post.Published.At.After(c.FetchedAt.AddDate(0, 0, 1)) {
			t.Errorf("posts[%d]: published %s, after the capture", i, post.Published.At)
		}
		if post.Author == nil {
			t.Logf("posts[%d]: no author", i)
		}
	}
}

// fixture is a case as a capture.
type fixture struct {
	name, host string
	capture    forum.Capture
}

// allCases are all fixtures of all engines.
func allCases(t *testing.T) []fixture {
	t.Helper()
	names, err := check.Cases(os.DirFS(fixtures))
	if err != nil {
		t.Fatal(err)
	}
	var out []fixture
	for _, name := range names {
		var c check.Capture
		readJSON(t, filepath.Join(fixtures, name, "capture.json"), &c)
		page := c.Page
		if page == "" {
			page = "page.html"
		}
		body, err := os.ReadFile(filepath.Join(fixtures, name, page))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(c.URL)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fixture{name, u.Host, forum.Capture{URL: c.URL, FinalURL: c.FinalURL, Status: c.Status, Header: c.Header, FetchedAt: c.FetchedAt, Viewer: c.Viewer, Body: body}})
	}
	return out
}
