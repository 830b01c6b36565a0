package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
)

// keys makes a pair of keys: what a writer gets, and what a reader gets.
func keys(t testing.TB) (*Recipients, *Identity, string) {
	t.Helper()
	file, recipient, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	to, err := ParseRecipients([]string{recipient})
	if err != nil {
		t.Fatal(err)
	}
	return to, NewIdentity(func() ([]byte, error) { return file, nil }), string(file)
}

// sealing are options of a process that encrypts and can open nothing.
func sealing(to *Recipients) Options {
	o := options()
	o.Recipients = to
	return o
}

// reading are options of a process that reads.
func reading(id *Identity) Options {
	o := options()
	o.ReadOnly, o.Identity = true, id
	return o
}

// memberHead is what every member of our plain files begins with. Its first three
// bytes alone come about by chance, now and then.
const memberHead = "\x1f\x8b\x08\x04\x00\x09\x6e\x88"

// traces looks for words in all bytes of a folder.
func traces(t *testing.T, dir string, words ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, word := range words {
			if bytes.Contains(raw, []byte(word)) {
				found = append(found, d.Name()+": "+word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSealedRoundTrip(t *testing.T) {
	dir := t.TempDir()
	to, id, _ := keys(t)
	var refs []Ref
	for n := range 40 { // a process each: what was begun is continued without the identity
		a := mustOpen(t, dir, sealing(to))
		refs = append(refs, mustAppend(t, a, exchange(n)))
		if _, err := a.Read(t.Context(), refs[n]); !errors.Is(err, ErrLocked) {
			t.Fatalf("read without an identity: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 1 || !strings.HasSuffix(files[0], ".warc.gz.age") {
		t.Errorf("files %v, want one encrypted one", files)
	}
	r := mustOpen(t, dir, reading(id))
	for n, ref := range refs {
		got, err := r.Read(t.Context(), Ref{File: ref.File, Offset: ref.Offset})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored(exchange(n)), got); diff != "" {
			t.Errorf("capture %d: %s", n, diff)
		}
	}
	var all []Ref
	if err := r.Walk(t.Context(), func(ref Ref, _ Exchange) error { all = append(all, ref); return nil }); err != nil || !slices.Equal(all, refs) {
		t.Errorf("Walk gave %v (%v), want %v", all, err, refs)
	}
	if found := traces(t, dir, "WARC", "forum.example.org", "Thread", memberHead); len(found) > 0 {
		t.Errorf("in plain on disk: %v", found)
	}
	plain := t.TempDir()
	mustAppend(t, mustOpen(t, plain, Options{}), exchange(1))
	if found := traces(t, plain, memberHead); len(found) != 1 {
		t.Errorf("members of plain files do not begin so: %v", found)
	}
	for _, with := range []*Identity{id, nil} {
		if wrong, err := Check(t.Context(), dir, with); err != nil || len(wrong) > 0 {
			t.Errorf("check: %v, %v", wrong, err)
		}
	}
	sum, wrong, err := Verify(t.Context(), dir, nil)
	if err != nil || len(wrong) > 0 || sum.Closed != 41 || sum.Total() != 0 {
		t.Errorf("verified without the identity: %+v %v %v, want 41 frames", sum, wrong, err)
	}
	sum, wrong, err = Verify(t.Context(), dir, id)
	if err != nil || len(wrong) > 0 || sum.Closed != 0 || sum.Total() != 81 {
		t.Errorf("verified: %+v %v %v, want 81 records", sum, wrong, err)
	}
}

// TestFramesAreAgeFiles cuts an encrypted file as docs/privacy.md does, by the
// lines of its frames, and opens each with the age library as it is.
func TestFramesAreAgeFiles(t *testing.T) {
	dir := t.TempDir()
	to, _, secret := keys(t)
	a := mustOpen(t, dir, sealing(to))
	for n := range 3 {
		mustAppend(t, a, exchange(n))
	}
	ids, err := age.ParseIdentities(strings.NewReader(secret))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(a.current().path(dir))
	if err != nil {
		t.Fatal(err)
	}
	var plain []byte
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		var n int
		if _, err := fmt.Sscanf(string(line), "forumine-frame %010d", &n); err != nil {
			t.Fatal(err)
		}
		r, err := age.Decrypt(bytes.NewReader(rest[:n]), ids...)
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		plain, raw = append(plain, part...), rest[n:]
	}
	all, sum := readAll(t, tempFile(t, "whole.warc.gz", plain))
	if len(all) != 3 || sum.Records != 7 {
		t.Errorf("the age files hold %d captures, %d records, want 3 and 7", len(all), sum.Records)
	}
}

// TestSealedTornTail tears the last frame: cut short anywhere, or as long as it
// should be and never written. Neither takes an identity to mend.
func TestSealedTornTail(t *testing.T) {
	dir := t.TempDir()
	to, id, _ := keys(t)
	a := mustOpen(t, dir, sealing(to))
	for n := range 2 {
		mustAppend(t, a, exchange(n))
	}
	whole := a.end.bytes
	mustAppend(t, a, exchange(2))
	path := a.current().path(dir)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := [][]byte{append(bytes.Clone(data[:whole]), make([]byte, len(data)-int(whole))...)}
	zeroed := bytes.Clone(data)
	clear(zeroed[len(data)-300:])
	torn = append(torn, zeroed)
	for n := int(whole) + 1; n < len(data); n += 13 {
		torn = append(torn, data[:n])
	}
	for i, bytes := range torn {
		if err := os.WriteFile(path, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		a := mustOpen(t, dir, sealing(to))
		if cut := a.Report().Cut; len(cut) != 1 || cut[0].Offset != whole {
			t.Fatalf("tear %d: cut %v, want at %d", i, cut, whole)
		}
		mustAppend(t, a, exchange(3))
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		r := mustOpen(t, dir, reading(id))
		if got := urls(t, r, Ref{}); !slices.Equal(got, []string{exchange(0).URL, exchange(1).URL, exchange(3).URL}) {
			t.Fatalf("tear %d: read %v", i, got)
		}
		for _, f := range must(listFiles(dir))(t) {
			if f.path(dir) != path {
				if err := os.Remove(f.path(dir)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestSealedDamage: a frame with a wrong byte costs the captures in it, wherever
// the byte is.
func TestSealedDamage(t *testing.T) {
	dir := t.TempDir()
	to, id, _ := keys(t)
	a := mustOpen(t, dir, sealing(to))
	var starts []int64
	var refs []Ref
	for n := range 5 {
		refs = append(refs, mustAppend(t, a, exchange(n)))
		starts = append(starts, a.end.bytes)
	}
	path := a.current().path(dir)
	data := must(os.ReadFile(path))(t)
	for _, at := range []int64{0, 3, frameHead - 3, frameHead + 5, frameHead + 150, frameHead + 400} {
		spoilt := bytes.Clone(data)
		spoilt[starts[1]+at] ^= 0x55 // of capture 2
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		r := mustOpen(t, dir, reading(id))
		var got []string
		err := r.Walk(t.Context(), func(_ Ref, e Exchange) error { got = append(got, e.URL); return nil })
		if want := []string{exchange(0).URL, exchange(1).URL, exchange(3).URL, exchange(4).URL}; !slices.Equal(got, want) || !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d: read %v, %v", at, got, err)
		}
		if _, err := r.Read(t.Context(), refs[2]); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d: reading it: %v", at, err)
		}
		if e, err := r.Read(t.Context(), refs[3]); err != nil || e.URL != exchange(3).URL {
			t.Errorf("byte %d: reading the next one: %v", at, err)
		}
		for _, with := range []*Identity{id, nil} {
			if wrong, err := Check(t.Context(), dir, with); err != nil || len(wrong) == 0 {
				t.Errorf("byte %d: check found %v, %v", at, wrong, err)
			}
		}
	}
}

func TestWrongIdentity(t *testing.T) {
	dir := t.TempDir()
	to, _, _ := keys(t)
	_, other, secret := keys(t)
	a := mustOpen(t, dir, sealing(to))
	ref := mustAppend(t, a, exchange(0))
	for name, id := range map[string]*Identity{
		"another": other, "none": nil,
		"no file":  NewIdentity(func() ([]byte, error) { return nil, errors.New("the stick is not there") }),
		"no key":   NewIdentity(func() ([]byte, error) { return []byte("hello " + secret), nil }),
		"no lines": NewIdentity(func() ([]byte, error) { return nil, nil }),
	} {
		r := mustOpen(t, dir, reading(id))
		_, err := r.Read(t.Context(), ref)
		if !errors.Is(err, ErrLocked) || errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "SECRET-KEY-1Q") || strings.Contains(err.Error(), secret[len(secret)-20:len(secret)-1]) {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.Walk(t.Context(), func(Ref, Exchange) error { return nil }); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: walking: %v", name, err)
		}
		if _, err := List(t.Context(), dir, id, func(Entry) error { return nil }); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: listing: %v", name, err)
		}
	}
}

func TestNoRecipient(t *testing.T) {
	_, _, secret := keys(t)
	for _, text := range []string{"", "age1", "you@example.org", strings.TrimSpace(strings.Split(secret, "\n")[1])} {
		if _, err := ParseRecipients([]string{text}); err == nil {
			t.Errorf("%q passes for a recipient", text)
		}
	}
	if r, err := ParseRecipients(nil); r != nil || err != nil {
		t.Errorf("none: %v, %v", r, err)
	}
}

// TestLockedCapturesAreNamed: what follows a position is given as far as it can be
// opened, and the places of the rest are.
func TestLockedCapturesAreNamed(t *testing.T) {
	dir := t.TempDir()
	to, _, _ := keys(t)
	var refs []Ref
	for n := range 6 { // plain, encrypted, plain
		o := options()
		if n >= 2 && n < 5 {
			o.Recipients = to
		}
		a := mustOpen(t, dir, o)
		refs = append(refs, mustAppend(t, a, exchange(n)))
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r := mustOpen(t, dir, reading(nil))
	var got []string
	err := r.After(t.Context(), refs[0], func(_ Ref, e Exchange) error { got = append(got, e.URL); return nil })
	locked, ok := errors.AsType[*LockedError](err)
	if !ok || !slices.Equal(got, []string{exchange(1).URL, exchange(5).URL}) {
		t.Fatalf("got %v, %v", got, err)
	}
	for i := range locked.Captures {
		locked.Captures[i].Length = refs[2+i].Length
	}
	if !slices.Equal(locked.Captures, refs[2:5]) {
		t.Errorf("locked are %v, want %v", locked.Captures, refs[2:5])
	}
}

var errPower = errors.New("the power is gone")

// TestSealedRewrite: a person can be taken out of an encrypted archive.
func TestSealedRewrite(t *testing.T) {
	to, id, _ := keys(t)
	plain, dir, refs := rewritable(t)
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	o := Options{MaxFileBytes: 1500, Recipients: to, Identity: id}
	a := mustOpen(t, dir, o)
	if _, err := a.Encrypt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	moved, err := a.Rewrite(t.Context(), rewriteSome)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.FinishRewrite(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"http://forum.example.org/0": "page 0", "http://forum.example.org/1": "redacted", "http://forum.example.org/2": "page 2", "http://forum.example.org/4": "page 4"}
	if diff := cmp.Diff(want, kept(t, a)); diff != "" {
		t.Error(diff)
	}
	for _, w := range moved {
		for _, at := range w.Moved {
			if _, err := a.Read(t.Context(), Ref{File: w.File, Offset: at}); err != nil {
				t.Error(err)
			}
		}
	}
	if wrong, err := Check(t.Context(), dir, id); err != nil || len(wrong) > 0 {
		t.Errorf("%v, %v", wrong, err)
	}
	if err := a.Walk(t.Context(), func(ref Ref, _ Exchange) error { return nil }); err != nil {
		t.Error(err)
	}
	o.Recipients = nil
	if _, err := mustOpen(t, dir, o).Rewrite(t.Context(), rewriteSome); !errors.Is(err, ErrLocked) {
		t.Errorf("rewriting without recipients: %v", err)
	}
	_ = refs
}

// TestSealedReaderBesideAWriter: whoever reads sees whole captures while others are
// written, and follows a file that is encrypted anew.
func TestSealedReaderBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	to, id, _ := keys(t)
	o := sealing(to)
	o.MaxFileBytes = 20_000
	a := mustOpen(t, dir, o)
	first := mustAppend(t, a, exchange(0))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 1; n < 100 && err == nil; n++ {
			_, err = a.Append(ctx, exchange(n))
		}
		done <- err
	}()
	r := mustOpen(t, dir, reading(id))
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		if err := r.Walk(ctx, func(Ref, Exchange) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got := urls(t, r, Ref{}); len(got) != 100 {
		t.Errorf("%d captures, want 100", len(got))
	}
	others, otherID, _ := keys(t)
	o.Recipients, o.Identity = others, id
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := mustOpen(t, dir, o).Encrypt(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if e, err := mustOpen(t, dir, reading(otherID)).Read(ctx, first); err != nil || e.URL != exchange(0).URL {
		t.Error(err)
	}
	if _, err := r.Read(ctx, first); !errors.Is(err, ErrLocked) {
		t.Errorf("an open reader of what is now encrypted to others: %v", err)
	}
}

func BenchmarkSealedAppend(b *testing.B) { benchAppend(b, true) }

func BenchmarkPlainAppend(b *testing.B) { benchAppend(b, false) }

// benchAppend packs and seals a page of 60 kB, without the disk.
func benchAppend(b *testing.B, seal bool) {
	to, _, _ := keys(b)
	var p packer
	e := exchange(1)
	for n := range 1500 {
		e.Body = fmt.Appendf(e.Body, "<p>Line %d of the page is %x.</p>\n", n, n*7919)
	}
	size := 0
	for b.Loop() {
		members, err := p.exchange(e, original{}, day)
		if err != nil {
			b.Fatal(err)
		}
		all := slices.Concat(members...)
		if seal {
			if all, err = to.seal(all); err != nil {
				b.Fatal(err)
			}
		}
		size = len(all)
	}
	b.ReportMetric(float64(size), "bytes/capture")
}

func BenchmarkOpenSealed(b *testing.B) {
	to, id, _ := keys(b)
	sealed, err := to.seal(make([]byte, 12_000))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := id.open(sealed, 12_000); err != nil {
			b.Fatal(err)
		}
	}
}
