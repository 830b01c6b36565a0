package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A part of an archive is an archive: whole, in order, each capture once, the
// same bytes every time, and no revisit record without its original.
func TestExportCutsAPart(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	sent := []Exchange{exchange(1), heavy(2, 1), heavy(3, 1), exchange(4), {URL: "https://forum.example.org/saved", Body: []byte("<p>saved"), FetchedAt: day}}
	var refs []Ref
	for _, e := range sent {
		refs = append(refs, mustAppend(t, a, e))
	}
	wanted := []Ref{refs[4], refs[2], refs[0], refs[2]}
	wanted[1].Length = 0 // as a reference from the state
	missing := Ref{File: refs[0].File, Offset: 5}
	var out, again bytes.Buffer
	n, lost, err := a.Export(t.Context(), &out, "part.warc.gz", append(wanted, missing))
	if err != nil || n != 3 || len(lost) != 1 || lost[0].Offset != 5 {
		t.Fatalf("Export: %d %v %v", n, lost, err)
	}
	if _, _, err := a.Export(t.Context(), &again, "part.warc.gz", wanted); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "part.warc.gz")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	checked, damage, err := Verify(t.Context(), path, nil)
	if err != nil || len(damage) > 0 {
		t.Fatalf("Verify: %v %v", damage, err)
	}
	differ := cmp.Diff(map[string]int{"warcinfo": 1, "response": 2, "request": 2, "resource": 1}, checked.Records)
	if differ != "" {
		t.Error(differ)
	}
	var got []Exchange
	err = NewReader(ReadOptions{}).Read(t.Context(), path, func(e Exchange) error { got = append(got, e); return nil })
	want := []Exchange{stored(sent[0]), stored(sent[2])}
	if err != nil || len(got) != 3 {
		t.Fatalf("%v: %d captures", err, len(got))
	}
	for i, w := range want {
		if diff := cmp.Diff(w, got[i]); diff != "" {
			t.Errorf("capture %d\n%s", i, diff)
		}
	}
	if first, second := tail(out.Bytes()), tail(again.Bytes()); !bytes.Equal(first, second) {
		t.Error("two exports differ behind the warcinfo record")
	}
	origin, err := a.Origin(t.Context(), refs[2])
	if err != nil || origin.Type != "revisit" || origin.RefersTo != refs[1].String() || origin.PayloadDigest != digest(sent[2].Body) {
		t.Errorf("Origin: %+v %v", origin, err)
	}
}

// tail is what stands behind the first gzip member.
func tail(b []byte) []byte { return b[skipLength(b):] }
