package archive

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// threeCaptures makes an archive of one file and gives its bytes and the
// references.
func threeCaptures(t *testing.T) (name string, data []byte, refs []Ref) {
	t.Helper()
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	for n := range 3 {
		refs = append(refs, mustAppend(t, a, exchange(n)))
	}
	a.Close()
	data, err := os.ReadFile(filepath.Join(dir, refs[0].File))
	if err != nil {
		t.Fatal(err)
	}
	return refs[0].File, data, refs
}

func folderWith(t *testing.T, name string, data []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// refill makes a file the only one of its folder.
func refill(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	names, err := listFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range names {
		if old.name != name {
			err = errors.Join(err, os.Remove(old.path(dir)))
		}
	}
	if err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestTornTail tears the last append at every byte: both its members, the file's
// first member, and the exact ends.
func TestTornTail(t *testing.T) {
	name, data, refs := threeCaptures(t)
	last := refs[2]
	ends := []int64{last.Offset, last.Offset + last.Length, int64(len(data))}
	dir := t.TempDir()
	for at := last.Offset; at <= int64(len(data)); at++ {
		refill(t, dir, name, data[:at])
		a := mustOpenHasty(t, dir)
		whole := ends[0]
		for _, e := range ends {
			if e <= at {
				whole = e
			}
		}
		cuts := a.Report().Cut
		if torn := whole < at; torn != (len(cuts) == 1) {
			t.Fatalf("torn at %d: report %v", at, cuts)
		} else if torn && (cuts[0].Offset != whole || cuts[0].Bytes != at-whole || cuts[0].File != name || cuts[0].Reason == "") {
			t.Fatalf("torn at %d: report %+v, want a cut at %d", at, cuts[0], whole)
		}
		want := []string{exchange(0).URL, exchange(1).URL}
		if whole >= ends[1] {
			want = append(want, exchange(2).URL)
		}
		if got := urls(t, a, Ref{}); !slices.Equal(got, want) {
			t.Fatalf("torn at %d: captures %v, want %v", at, got, want)
		}
		next := mustAppend(t, a, exchange(7))
		continued := next.File == name && next.Offset == whole
		if torn := whole < at; continued == torn {
			t.Fatalf("torn at %d: next append at %v: a cut file is not continued, a whole one is", at, next)
		}
		if got := urls(t, a, refs[1]); !slices.Equal(got, append(want[2:], exchange(7).URL)) {
			t.Fatalf("torn at %d: behind the last committed: %v", at, got)
		}
		mustCheck(t, dir)
		a.Close()
	}
}

func TestTornFirstMember(t *testing.T) {
	name, data, refs := threeCaptures(t)
	dir := t.TempDir()
	for at := int64(0); at <= refs[0].Offset; at++ {
		refill(t, dir, name, data[:at])
		a := mustOpenHasty(t, dir)
		ref := mustAppend(t, a, exchange(1))
		if got := urls(t, a, Ref{}); len(got) != 1 {
			t.Fatalf("torn at %d: captures %v", at, got)
		}
		if _, err := a.Read(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		mustCheck(t, dir)
		a.Close()
	}
}

// A power failure may leave a tail of the right length whose blocks were never
// written.
func TestUnwrittenBlocksAtTheEnd(t *testing.T) {
	name, data, refs := threeCaptures(t)
	last := refs[2]
	for _, from := range []int64{last.Offset, last.Offset + 5, last.Offset + 40, last.Offset + last.Length - 4} {
		broken := bytes.Clone(data)
		clear(broken[from:])
		dir := folderWith(t, name, broken)
		report, err := Repair(dir)
		if err != nil || len(report.Cut) != 1 || report.Cut[0].Offset != last.Offset {
			t.Fatalf("zeros from %d: %+v, %v", from, report, err)
		}
		mustCheck(t, dir)
		if again, err := Repair(dir); err != nil || len(again.Cut) != 0 {
			t.Errorf("second repair: %+v, %v", again, err)
		}
	}
}

// TestDamageInTheMiddle flips every byte of a capture that has whole ones before
// and behind it.
func TestDamageInTheMiddle(t *testing.T) {
	name, data, refs := threeCaptures(t)
	end := refs[1].Offset + refs[1].Length
	harmless := 0
	dir := t.TempDir()
	for at := refs[1].Offset; at < end; at++ {
		broken := bytes.Clone(data)
		broken[at] ^= 0xff
		refill(t, dir, name, broken)
		a := mustOpen(t, dir, options())
		if cuts := a.Report().Cut; len(cuts) != 0 {
			t.Fatalf("byte %d: cut %v", at, cuts)
		}
		if got := fileSize(t, dir, name); got != int64(len(data)) {
			t.Fatalf("byte %d: the file has %d bytes, had %d", at, got, len(data))
		}
		var got []string
		err := a.Walk(t.Context(), func(_ Ref, e Exchange) error { got = append(got, e.URL); return nil })
		if err == nil && len(got) == 3 {
			harmless++ // gzip's head has bytes without meaning here: time, system, lengths
			a.Close()
			continue
		}
		var damage *DamageError
		if !errors.Is(err, ErrDamaged) || !errors.As(err, &damage) || damage.Problems[0].Offset != refs[1].Offset || damage.Problems[0].File != name {
			t.Fatalf("byte %d: %v", at, err)
		}
		if want := []string{exchange(0).URL, exchange(2).URL}; !slices.Equal(got, want) {
			t.Fatalf("byte %d: captures %v, want %v", at, got, want)
		}
		if _, err := a.Read(t.Context(), refs[1]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d: Read: %v", at, err)
		}
		problems, err := Check(t.Context(), dir, nil)
		if err != nil || len(problems) == 0 || problems[0].Offset != refs[1].Offset {
			t.Fatalf("byte %d: Check: %v, %v", at, problems, err)
		}
		a.Close()
	}
	if harmless > skipHead {
		t.Errorf("%d flipped bytes went unnoticed", harmless)
	}
}

func TestLostMemberInTheMiddle(t *testing.T) {
	name, data, refs := threeCaptures(t)
	hole := slices.Concat(data[:refs[1].Offset+20], data[refs[1].Offset+refs[1].Length-20:])
	dir := folderWith(t, name, hole)
	a := mustOpen(t, dir, options())
	report := a.Report()
	if len(report.Cut) != 0 || len(report.Problems) == 0 {
		t.Errorf("report %+v, want a problem and no cut", report)
	}
	mustAppend(t, a, exchange(9))
	var got []string
	err := a.After(t.Context(), refs[0], func(_ Ref, e Exchange) error { got = append(got, e.URL); return nil })
	if want := []string{exchange(2).URL, exchange(9).URL}; !errors.Is(err, ErrDamaged) || !slices.Equal(got, want) {
		t.Errorf("After: %v, %v, want %v", got, err, want)
	}
}

func TestOlderFilesAreNotTouched(t *testing.T) {
	name, data, refs := threeCaptures(t)
	dir := folderWith(t, name, data[:len(data)-3])
	newer := fileName(day, 2)
	if err := os.WriteFile(filepath.Join(dir, newer), data, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Repair(dir)
	if err != nil || len(report.Cut) != 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	if got := fileSize(t, dir, name); got != int64(len(data)-3) {
		t.Errorf("the older file has %d bytes now", got)
	}
	problems, err := Check(t.Context(), dir, nil)
	if err != nil || len(problems) != 1 || problems[0].File != name || problems[0].Offset <= refs[2].Offset {
		t.Errorf("Check: %v, %v", problems, err)
	}
}

// Check finds what gzip cannot: a record that was whole when compressed.
func TestCheckVerifiesRecords(t *testing.T) {
	block := []byte("HTTP/1.1 200 OK\r\n\r\nbody")
	head := []field{{"WARC-Type", "response"}, {"WARC-Record-ID", "<urn:x:1>"}, {"WARC-Date", "2026-03-14T15:09:26Z"}, {"WARC-Target-URI", "https://forum.example.org/"}}
	tests := map[string]struct {
		fields []field
		block  []byte
		want   int
	}{
		"whole":          {append(slices.Clone(head), field{"WARC-Payload-Digest", digest([]byte("body"))}), block, 0},
		"sha256, base16": {append(slices.Clone(head), field{"WARC-Payload-Digest", "SHA-256:230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"}), block, 0},
		"payload digest": {append(slices.Clone(head), field{"WARC-Payload-Digest", digest([]byte("else"))}), block, 1},
		"unknown digest": {append(slices.Clone(head), field{"WARC-Payload-Digest", "xxh3:1234"}), block, 1},
		"no digest":      {head, block, 1},
		"no type, no id": {head[2:], block, 2},
		"no HTTP":        {append(slices.Clone(head), field{"WARC-Payload-Digest", digest(nil)}), []byte("SMTP hello"), 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			member, err := new(packer).member(tt.fields, tt.block)
			if err != nil {
				t.Fatal(err)
			}
			dir := folderWith(t, fileName(day, 1), member)
			problems, err := Check(t.Context(), dir, nil)
			if err != nil || len(problems) != tt.want {
				t.Errorf("Check: %v, %v, want %d problem(s)", problems, err, tt.want)
			}
		})
	}
}

// TestRepairReadsTheEndOnly damages a member far from the end: Repair, which
// follows lengths, does not see it, and Check does.
func TestRepairReadsTheEndOnly(t *testing.T) {
	name, data, refs := threeCaptures(t)
	broken := bytes.Clone(data)
	broken[refs[0].Offset+refs[0].Length-9] ^= 0xff
	dir := folderWith(t, name, broken)
	report, err := Repair(dir)
	if err != nil || len(report.Problems) != 0 || len(report.Cut) != 0 {
		t.Errorf("report %+v, %v", report, err)
	}
	problems, err := Check(t.Context(), dir, nil)
	if err != nil || len(problems) != 1 {
		t.Errorf("Check: %v, %v", problems, err)
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	a, err := Open(dir, options())
	if err != nil {
		b.Fatal(err)
	}
	e := exchange(1)
	for n := range 5000 {
		e.Body = fmt.Appendf(e.Body, "<p>%d</p>", n)
		if n%100 == 0 {
			e.Body = e.Body[:100]
		}
		if _, err := a.Append(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
	a.Close()
	for b.Loop() {
		if _, err := Repair(dir); err != nil {
			b.Fatal(err)
		}
	}
}
