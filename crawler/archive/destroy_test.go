package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// aging fills an archive, day by day, of which the odd days' pages are as heavy as
// it takes to be stored once; it gives the places.
func aging(t *testing.T, dir string, o Options) []Ref {
	t.Helper()
	o.MaxFileBytes = 5000
	a := mustOpen(t, dir, o)
	var refs []Ref
	for n := range 20 {
		e := exchange(n)
		if n%2 == 1 {
			e = heavy(n, n%6) // 1, 7 and 13 have one payload, 3, 9 and 15 another
		}
		e.FetchedAt = day.AddDate(0, 0, n)
		refs = append(refs, mustAppend(t, a, e))
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return refs
}

// unpacked gives all bytes of a folder, those of encrypted and compressed files
// as what they stand for.
func unpacked(t *testing.T, dir string, id *Identity) string {
	t.Helper()
	var all strings.Builder
	for name, plain := range contents(t, dir, id) {
		zr, err := gzip.NewReader(strings.NewReader(plain))
		if err != nil {
			t.Fatal(name, err)
		}
		raw, err := io.ReadAll(zr)
		if err != nil {
			t.Fatal(name, err)
		}
		all.Write(raw)
	}
	return all.String()
}

func TestDestroy(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		for _, days := range []int{1, 8, 14, 20} {
			t.Run(fmt.Sprintf("%d days, encrypted %v", days, sealed), func(t *testing.T) {
				to, id, _ := keys(t)
				o := options()
				if sealed {
					o.Recipients = to
				}
				dir := t.TempDir()
				refs := aging(t, dir, o)
				was := readEach(t, dir, id, refs)
				before := day.AddDate(0, 0, days).Add(-time.Hour)
				a := mustOpen(t, dir, o) // without the identity
				order := DestroyOrder{Before: before, Rule: "after 10d"}
				dry := order
				dry.Dry = true
				would, err := a.Destroy(t.Context(), dry)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(was, readEach(t, dir, id, refs)); diff != "" {
					t.Fatalf("a dry run has changed something: %s", diff)
				}
				d, err := a.Destroy(t.Context(), order)
				if err != nil {
					t.Fatal(err)
				}
				if d.Captures != int64(days) || would.Captures != d.Captures || would.Bytes != d.Bytes || d.Bytes == 0 || d.Ended.IsZero() ||
					!d.Oldest.Equal(day.Truncate(d.precision(sealed))) || !d.Newest.Equal(day.AddDate(0, 0, days-1).Truncate(d.precision(sealed))) {
					t.Errorf("%+v, and the dry run %+v", d, would)
				}
				checkDestroyed(t, dir, id, refs, was, days)
				if again, err := a.Destroy(t.Context(), order); err != nil || again.Captures != 0 {
					t.Errorf("once more: %+v, %v", again, err)
				}
				ref := mustAppend(t, a, exchange(77))
				if slices.ContainsFunc(refs, func(r Ref) bool { return r.File == ref.File && days == 20 }) {
					t.Errorf("%s has the name of a file that was destroyed", ref.File)
				}
				if all, err := Destructions(dir); err != nil || len(all) != 1 || all[0] != d {
					t.Errorf("the record says %+v (%v), want %+v", all, err, d)
				}
			})
		}
	}
}

// precision is that of the dates in heads of frames, or of records.
func (d Destruction) precision(sealed bool) time.Duration {
	if sealed {
		return time.Second
	}
	return 1
}

func readEach(t *testing.T, dir string, id *Identity, refs []Ref) map[Ref]Exchange {
	t.Helper()
	r := mustOpen(t, dir, reading(id))
	out := map[Ref]Exchange{}
	for _, ref := range refs {
		e, err := r.Read(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		out[ref] = e
	}
	return out
}

// checkDestroyed holds that the first n captures are nowhere, and that all others
// are what and where they were.
func checkDestroyed(t *testing.T, dir string, id *Identity, refs []Ref, was map[Ref]Exchange, n int) {
	t.Helper()
	r := mustOpen(t, dir, reading(id))
	all := unpacked(t, dir, id)
	for i, ref := range refs {
		e, err := r.Read(t.Context(), ref)
		if i >= n {
			if diff := cmp.Diff(was[ref], e); diff != "" || err != nil {
				t.Errorf("capture %d, which stays: %v %s", i, err, diff)
			}
			continue
		}
		var gone *DestroyedError
		if !errors.As(err, &gone) || !errors.Is(err, ErrNotFound) || !gone.At.Equal(day.Truncate(time.Second)) {
			t.Errorf("capture %d, which is gone: %v", i, err)
		}
		if i%2 == 0 && (strings.Contains(all, fmt.Sprintf("Thread %d<", i)) || strings.Contains(all, was[ref].URL+"\r\n")) {
			t.Errorf("capture %d is still on disk", i)
		}
		if _, err := r.Origin(t.Context(), ref); !errors.Is(err, ErrDestroyed) {
			t.Errorf("origin of capture %d: %v", i, err)
		}
	}
	var walked []Ref
	if err := r.Walk(t.Context(), func(ref Ref, e Exchange) error { walked = append(walked, ref); return nil }); err != nil {
		t.Error(err)
	}
	if want := slices.Clone(refs[n:]); !slices.EqualFunc(walked, want, func(a, b Ref) bool { return a.File == b.File && a.Offset == b.Offset }) {
		t.Errorf("Walk gave %v, want %v", walked, want)
	}
	if err := r.After(t.Context(), refs[0], func(Ref, Exchange) error { return nil }); err != nil {
		t.Errorf("after a capture that was destroyed: %v", err)
	}
	if wrong, err := Check(t.Context(), dir, id); err != nil || len(wrong) > 0 {
		t.Errorf("check: %v %v", wrong, err)
	}
	if wrong, err := Check(t.Context(), dir, nil); err != nil || len(wrong) > 0 {
		t.Errorf("check without the identity: %v %v", wrong, err)
	}
	if _, err := os.Stat(filepath.Join(dir, payloadsName)); err == nil {
		t.Error("the digests of payloads are still there")
	}
}

// TestDestroyInterrupted stops a destruction between any two of its steps: what
// stays can be read at once, and the same again finishes it.
func TestDestroyInterrupted(t *testing.T) {
	to, id, _ := keys(t)
	for _, sealed := range []bool{false, true} {
		o := options()
		if sealed {
			o.Recipients = to
		}
		through := false
		whole := t.TempDir()
		refs := aging(t, whole, o)
		was := readEach(t, whole, id, refs)
		for n := 0; n < 60 && !through; n++ {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			a, err := open(dir, o, &failingDisk{left: n})
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Destroy(t.Context(), DestroyOrder{Before: day.AddDate(0, 0, 14).Add(-time.Hour)})
			if through = err == nil; !through && !errors.Is(err, errPower) {
				t.Fatal(err)
			}
			r := mustOpen(t, dir, reading(id))
			for i, ref := range refs[14:] {
				if e, err := r.Read(t.Context(), ref); err != nil || e.URL != was[ref].URL {
					t.Errorf("step %d: capture %d, which stays: %v", n, 14+i, err)
				}
			}
			b := mustOpen(t, dir, o)
			done, err := b.FinishDestruction(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if all, _ := Destructions(dir); done && (len(all) != 1 || all[0].Captures != 14 || all[0].Ended.IsZero()) {
				t.Errorf("step %d: the record says %+v", n, all)
			} else if len(all) > 0 {
				checkDestroyed(t, dir, id, refs, was, 14)
			}
		}
		if !through {
			t.Error("a destruction takes more than 60 steps")
		}
	}
}

// TestDestroyedThenConverted: tombstones are encrypted, decrypted and rewritten
// like everything else.
func TestDestroyedThenConverted(t *testing.T) {
	dir := t.TempDir()
	refs := aging(t, dir, options())
	to, id, _ := keys(t)
	was := readEach(t, dir, nil, refs)
	a := mustOpen(t, dir, options())
	if _, err := a.Destroy(t.Context(), DestroyOrder{Before: day.AddDate(0, 0, 8).Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	plain := contents(t, dir, nil)
	o := sealing(to)
	b := mustOpen(t, dir, o)
	if _, err := b.Encrypt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	after := contents(t, dir, id)
	for name, was := range plain {
		if len(after[name]) != len(was) {
			t.Errorf("decrypted, %s has %d bytes, had %d", name, len(after[name]), len(was))
		}
	}
	checkDestroyed(t, dir, id, refs, was, 8)
	if _, err := b.Destroy(t.Context(), DestroyOrder{Before: day.AddDate(0, 0, 14).Add(-time.Hour)}); err != nil { // without the identity
		t.Fatal(err)
	}
	checkDestroyed(t, dir, id, refs, was, 14)

	o.Identity = id
	c := mustOpen(t, dir, o)
	bodies := kept(t, c)
	if _, err := c.Rewrite(t.Context(), func(Ref, Exchange) (*Exchange, bool, error) { return nil, true, nil }); err != nil {
		t.Fatal(err)
	}
	if err := c.FinishRewrite(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bodies, kept(t, c)); diff != "" {
		t.Error(diff)
	}
	if wrong, err := Check(t.Context(), dir, id); err != nil || len(wrong) > 0 {
		t.Errorf("check: %v %v", wrong, err)
	}
}

func TestTombstonesFit(t *testing.T) {
	for _, length := range []int64{268, 300, 60_000, 60_001, 60_999, 61_000, 250_000} {
		b, err := tombstone("forumine-20260314150926-00001.warc.gz", 1<<40, length, day)
		if err != nil || int64(len(b)) != length {
			t.Fatalf("%d bytes: got %d, %v", length, len(b), err)
		}
		s := openMembers(t.Context(), bytes.NewReader(b), 0, length)
		n := 0
		for rec, err := s.next(); !errors.Is(err, io.EOF); rec, err = s.next() {
			if err != nil {
				t.Fatal(err)
			}
			if at, ok := destroyedAt(rec); !ok || !at.Equal(day.Truncate(time.Second)) || len(faults(rec)) > 0 {
				t.Errorf("a record of %d bytes: %v %v", length, at, faults(rec))
			}
			n++
		}
		if n == 0 {
			t.Error("no record")
		}
	}
}

// TestDestroyBesideAppends: captures go while others come and are read.
func TestDestroyBesideAppends(t *testing.T) {
	to, id, _ := keys(t)
	for _, sealed := range []bool{false, true} {
		dir, o := t.TempDir(), options()
		if sealed {
			o.Recipients, o.Identity = to, id
		}
		refs := aging(t, dir, o)
		o.MaxFileBytes = 5000
		a := mustOpen(t, dir, o)
		added := make(chan Ref, 200)
		failed := make(chan error, 1)
		go func() {
			defer close(added)
			for n := range 100 {
				e := exchange(100 + n)
				e.FetchedAt = day.AddDate(1, 0, n)
				ref, err := a.Append(t.Context(), e)
				if err != nil {
					failed <- err
					return
				}
				added <- ref
			}
		}()
		for n := 1; n <= 20; n++ {
			if _, err := a.Destroy(t.Context(), DestroyOrder{Before: day.AddDate(0, 0, n).Add(-time.Hour)}); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Read(t.Context(), refs[n-1]); !errors.Is(err, ErrDestroyed) {
				t.Errorf("capture %d: %v", n-1, err)
			}
		}
		kept := 0
		for ref := range added {
			if _, err := a.Read(t.Context(), ref); err != nil {
				t.Error(err)
			}
			kept++
		}
		select {
		case err := <-failed:
			t.Fatal(err)
		default:
		}
		if kept != 100 {
			t.Errorf("%d captures were added, want 100", kept)
		}
		if wrong, err := Check(t.Context(), dir, id); err != nil || len(wrong) > 0 {
			t.Errorf("%v %v", wrong, err)
		}
	}
}

// TestReadBesideRemovals: another process reads what stays while files are
// encrypted and removed.
func TestReadBesideRemovals(t *testing.T) {
	to, id, _ := keys(t)
	dir, o := t.TempDir(), options()
	refs := aging(t, dir, o)
	was := readEach(t, dir, nil, refs)
	r := mustOpen(t, dir, reading(id))
	done := make(chan error, 1)
	go func() {
		o.Recipients, o.Identity = to, id
		a, err := Open(dir, o)
		if err == nil {
			_, err = a.Encrypt(t.Context(), nil)
		}
		for n := 1; n < 20 && err == nil; n++ {
			_, err = a.Destroy(t.Context(), DestroyOrder{Before: day.AddDate(0, 0, n).Add(-time.Hour)})
		}
		done <- errors.Join(err, a.Close())
	}()
	last := refs[len(refs)-1]
	for {
		e, err := r.Read(t.Context(), last)
		if err != nil || e.URL != was[last].URL {
			t.Errorf("the capture that stays: %v", err)
		}
		if err := r.Walk(t.Context(), func(Ref, Exchange) error { return nil }); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}
