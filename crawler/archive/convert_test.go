package archive

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mixed fills an archive with all that a file can hold: captures with and without
// requests, of no known time, revisits where they are asked for, and damage in the
// middle.
func mixed(t *testing.T, dir string, revisits bool) []Ref {
	t.Helper()
	o := options()
	o.MaxFileBytes = 6000
	a := mustOpen(t, dir, o)
	var refs []Ref
	for n := range 12 {
		e := exchange(n)
		switch n % 4 {
		case 1:
			e.Method, e.RequestHeader = "", nil
		case 2:
			if e = heavy(n, n); revisits {
				e = heavy(n, 3)
			}
		case 3:
			e = Exchange{URL: e.URL, Header: http.Header{"Content-Type": {"text/html"}}, Body: e.Body}
		}
		refs = append(refs, mustAppend(t, a, e))
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, refs[5].File)
	data := must(os.ReadFile(path))(t)
	copy(data[refs[5].Offset+20:], "no member any more")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return refs
}

// contents are the decrypted files of an archive.
func contents(t *testing.T, dir string, id *Identity) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range must(listFiles(dir))(t) {
		var b bytes.Buffer
		if f.sealed {
			if wrong, err := Decrypt(t.Context(), f.path(dir), id, &b); err != nil || len(wrong) > 0 {
				t.Fatal(wrong, err)
			}
		} else {
			b.Write(must(os.ReadFile(f.path(dir)))(t))
		}
		out[f.name] = b.String()
	}
	return out
}

func TestEncrypt(t *testing.T) {
	t.Run("every byte", func(t *testing.T) { testEncrypt(t, false) })
	t.Run("revisits", func(t *testing.T) { testEncrypt(t, true) })
}

// testEncrypt encrypts an archive, and again to others. Revisit records have a
// payload of their own afterwards; all else is byte for byte what it was.
func testEncrypt(t *testing.T, revisits bool) {
	dir := t.TempDir()
	refs := mixed(t, dir, revisits)
	before := contents(t, dir, nil)
	plain := mustOpen(t, dir, reading(nil))
	was := map[Ref]Exchange{}
	for _, ref := range refs {
		was[ref], _ = plain.Read(t.Context(), ref)
	}
	to, id, _ := keys(t)
	a := mustOpen(t, dir, sealing(to))
	done, err := a.Encrypt(t.Context(), nil)
	if err != nil || done.Files != len(before) {
		t.Fatalf("%+v, %v, want %d files", done, err, len(before))
	}
	after := contents(t, dir, id)
	for name, was := range before {
		if len(after[name]) != len(was) || !revisits && after[name] != was {
			t.Errorf("decrypted, %s is not what it was", name)
		}
	}
	if found := traces(t, dir, "WARC", "sha1:", memberHead); len(found) > 0 {
		t.Errorf("in plain on disk: %v", found)
	}
	checkCaptures(t, dir, id, was)
	if again, err := a.Encrypt(t.Context(), nil); err != nil || again.Files != 0 {
		t.Errorf("once more: %+v, %v, want nothing to do", again, err)
	}

	others, otherID, _ := keys(t)
	o := sealing(others)
	if _, err := mustOpen(t, dir, o).Encrypt(t.Context(), nil); !errors.Is(err, ErrLocked) {
		t.Errorf("to others without the identity: %v", err)
	}
	o.Identity = id
	if done, err := mustOpen(t, dir, o).Encrypt(t.Context(), nil); err != nil || done.Files != len(after) {
		t.Fatalf("to others: %+v, %v", done, err)
	}
	checkCaptures(t, dir, otherID, was)
	if _, err := mustOpen(t, dir, reading(id)).Read(t.Context(), refs[0]); !errors.Is(err, ErrLocked) {
		t.Errorf("the first identity still opens it: %v", err)
	}
}

func checkCaptures(t *testing.T, dir string, id *Identity, was map[Ref]Exchange) {
	t.Helper()
	r := mustOpen(t, dir, reading(id))
	for ref, want := range was {
		got, err := r.Read(t.Context(), ref)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want.URL == "") {
			t.Errorf("capture %v: %v %s", ref, err, diff)
		}
	}
}

// failingDisk fails at the n-th thing that it is asked to do.
type failingDisk struct {
	osDisk
	left int
}

func (d *failingDisk) spend() error {
	if d.left--; d.left < 0 {
		return errPower
	}
	return nil
}

func (d *failingDisk) remove(path string) error {
	if err := d.spend(); err != nil {
		return err
	}
	return d.osDisk.remove(path)
}

func (d *failingDisk) syncDir(dir string) error {
	if err := d.spend(); err != nil {
		return err
	}
	return d.osDisk.syncDir(dir)
}

// TestEncryptInterrupted stops an encryption between any two of its steps: every
// capture can be read at once, and the same again finishes it.
func TestEncryptInterrupted(t *testing.T) {
	to, id, _ := keys(t)
	whole := t.TempDir()
	was := map[Ref]Exchange{}
	refs := mixed(t, whole, true)
	plain := mustOpen(t, whole, reading(nil))
	for _, ref := range refs {
		was[ref], _ = plain.Read(t.Context(), ref)
	}
	for n := range 40 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		a, err := open(dir, sealing(to), &failingDisk{left: n})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Encrypt(t.Context(), nil)
		if err == nil {
			return // through
		}
		if !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		checkCaptures(t, dir, id, was)
		b := mustOpen(t, dir, sealing(to))
		if _, err := b.Encrypt(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if files, _ := filepath.Glob(filepath.Join(dir, "*.gz")); len(files) > 0 {
			t.Errorf("step %d: plain files are left: %v", n, files)
		}
		checkCaptures(t, dir, id, was)
	}
	t.Error("an encryption takes more than 40 steps")
}
