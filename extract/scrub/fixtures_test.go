package scrub_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/extract/scrub"
)

const engines = "../../testdata/engines"

// TestFixturesKeepTheirStructure scrubs every engine's fixtures and reads them
// again: an engine whose addresses and labels scrubbing does not know loses
// fields here. Its words belong into vocabulary.go.
func TestFixturesKeepTheirStructure(t *testing.T) {
	names, err := check.Cases(os.DirFS(engines))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			c := fixture(t, filepath.Join(engines, name))
			out, err := scrub.Pages([]forum.Capture{c}, scrub.Options{Seed: 7})
			if err != nil {
				t.Fatal(err)
			}
			diffs := differences(shapeOf(read(t, c)), shapeOf(read(t, out[0])))
			if len(diffs) > 0 {
				t.Errorf("scrubbed, it reads otherwise:\n%s", strings.Join(diffs, "\n"))
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
