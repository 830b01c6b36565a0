package archive

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzReader feeds anything to the reader of other people's archives: it must
// end, without panic, within its caps, and every body it gives must be readable
// or refused.
func FuzzReader(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.warc*"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds in testdata: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, false)
		f.Add(data, true)
	}
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte, pack bool) {
		if pack {
			data = gzipped(t, data)
		}
		r := NewReader(ReadOptions{MaxRecord: limit})
		again := seekable{bytes.NewReader(data), int64(len(data))}
		given := 0
		err := r.readWARC(t.Context(), "fuzz", bytes.NewReader(data), again, func(e Exchange) error {
			given++
			if len(e.Body) > limit || e.Status != 0 && e.Status < 100 {
				t.Errorf("status %d, body of %d bytes", e.Status, len(e.Body))
			}
			if c, err := e.capture(limit); err == nil && len(c.Body) > limit {
				t.Errorf("decoded body of %d bytes", len(c.Body))
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotArchive) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("error of no kind: %v", err)
		}
		if s := r.Summary(); given != s.Responses+s.Resources+s.Revisits {
			t.Errorf("gave %d, counted %+v", given, s)
		}
	})
}

// FuzzExchange archives what it is given and reads it back: either refused, or
// the same.
func FuzzExchange(f *testing.F) {
	f.Add("https://forum.example.org/", "OK", "X-A", "b", []byte("body"), 200)
	f.Add("https://f.example/?q=a b", "", "Content-Length", "9", []byte("\r\n\r\nWARC/1.0\r\n"), 404)
	f.Fuzz(func(t *testing.T, url, text, key, value string, body []byte, status int) {
		e, err := Exchange{URL: url, FetchedAt: day, Method: "GET", Status: status, StatusText: text,
			Header: map[string][]string{key: {value}}, Body: body}.checked()
		if err != nil {
			return
		}
		members, err := new(packer).exchange(e, original{}, day)
		if err != nil {
			t.Fatal(err)
		}
		data := bytes.Join(members, nil)
		s := openMembers(t.Context(), bytes.NewReader(data), 0, int64(len(data)))
		got, err := new(Archive).readAt(s, Ref{})
		if err != nil {
			t.Fatal(err)
		}
		if got.URL != e.URL || got.Status != e.Status || !bytes.Equal(got.Body, e.Body) || got.Method != "GET" {
			t.Errorf("gave %+v, got %+v", e, got)
		}
	})
}
