package scrub_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/extract/scrub"
)

const engines = "../../testdata/engines"

// losing are the fixtures that scrubbing is known to take something from: what
// their reading needs stands in a script, or in words that are replaced.
var losing = []string{
	"bbpress/thread_buddyboss", "bbpress/thread_first", "bbpress/thread_later",
	"discourse/topic_api_posts_saved", "discourse/topic_drawn", "discourse/topic_stored_v1",
	"xenforo2/board-articles", "xenforo2/board-types", "xenforo2/german",
	"discourse/topic_first_json", "discourse/topic_later_plain_french",
	"flarum/discussion_beta", "flarum/wall_login", "generic/phorum", "generic/qanda", "nodebb/member", "vanilla/member", "vanilla/thread_first",
	"vanilla/thread_later_french", "vanilla/wall_permission", "vbulletin3/awkward", "xenforo1/german",
}

// TestFixturesKeepTheirStructure scrubs every engine's fixtures and reads them
// again: an engine whose addresses and labels scrubbing does not know loses
// fields here. Its words belong into vocabulary.go.
func TestFixturesKeepTheirStructure(t *testing.T) {
	names, err := check.Cases(os.DirFS(engines))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(engines, name, "page.html")); err != nil {
			continue // an answer to scripts: scrubbing is for pages of HTML
		}
		t.Run(name, func(t *testing.T) {
			c := fixture(t, filepath.Join(engines, name))
			out, err := scrub.Pages([]forum.Capture{c}, scrub.Options{Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			diffs := differences(shapeOf(read(t, c)), shapeOf(read(t, out[0])))
			switch known := slices.Contains(losing, name); {
			case len(diffs) > 0 && !known:
				t.Errorf("scrubbed, it reads otherwise:\n%s", strings.Join(diffs, "\n"))
			case len(diffs) == 0 && known:
				t.Error("it loses nothing any more: take it off the list of those that do")
			}
		})
	}
}

// fixture is a case's page as a capture.
func fixture(t *testing.T, dir string) forum.Capture {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "capture.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c check.Capture
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	if c.Page == "" {
		c.Page = "page.html"
	}
	body, err := os.ReadFile(filepath.Join(dir, c.Page))
	if err != nil {
		t.Fatal(err)
	}
	return forum.Capture{URL: c.URL, FinalURL: c.FinalURL, Status: c.Status, Header: c.Header, FetchedAt: c.FetchedAt, Body: body}
}
