package extract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
)

// FuzzRead throws damaged pages at every engine: reading never panics, gives
// the same twice, and gives JSON. The seeds are the fixtures.
func FuzzRead(f *testing.F) {
	err := filepath.WalkDir(fixtures, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".html" {
			return err
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f.Add(body)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		c := forum.Capture{URL: "http://forum.example/threads/one.1/page-2", Body: body, Status: 200, FetchedAt: at}
		first := encoded(t, c)
		if second := encoded(t, c); !bytes.Equal(first, second) {
			t.Errorf("read twice, read differently:\n%s\n%s", first, second)
		}
	})
}

func encoded(t *testing.T, c forum.Capture) []byte {
	t.Helper()
	p, err := extract.Read(c, forum.Facts{}, extract.Options{})
	if errors.Is(err, extract.ErrUnreadable) {
		return []byte(err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
