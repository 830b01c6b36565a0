package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// fakeDisk is the real disk with a limit and a log of what was called.
type fakeDisk struct {
	osDisk
	log       []string
	full      bool // writes put down half of their bytes and fail
	syncFails bool
	stuck     bool // truncation fails too
}

type fakeFile struct {
	file
	disk *fakeDisk
	name string
}

func (d *fakeDisk) create(path string) (file, error) {
	d.log = append(d.log, "create")
	f, err := d.osDisk.create(path)
	return &fakeFile{f, d, filepath.Base(path)}, err
}

func (d *fakeDisk) open(path string) (file, error) {
	d.log = append(d.log, "open")
	f, err := d.osDisk.open(path)
	return &fakeFile{f, d, filepath.Base(path)}, err
}

func (d *fakeDisk) remove(path string) error {
	d.log = append(d.log, "remove")
	return d.osDisk.remove(path)
}

func (d *fakeDisk) syncDir(dir string) error {
	d.log = append(d.log, "syncdir")
	return d.osDisk.syncDir(dir)
}

func (f *fakeFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.log = append(f.disk.log, "write")
	if f.disk.full {
		n, _ := f.file.WriteAt(p[:len(p)/2], off)
		return n, &os.PathError{Op: "write", Path: f.name, Err: fullErr}
	}
	return f.file.WriteAt(p, off)
}

func (f *fakeFile) Sync() error {
	f.disk.log = append(f.disk.log, "sync")
	if f.disk.syncFails {
		f.disk.syncFails = false
		return &os.PathError{Op: "sync", Path: f.name, Err: syscall.EIO}
	}
	return f.file.Sync()
}

func (f *fakeFile) Truncate(size int64) error {
	f.disk.log = append(f.disk.log, "truncate")
	if f.disk.stuck {
		return &os.PathError{Op: "truncate", Path: f.name, Err: syscall.EIO}
	}
	return f.file.Truncate(size)
}

func fakeArchive(t *testing.T, o Options) (*Archive, *fakeDisk, string) {
	t.Helper()
	dir, d := t.TempDir(), &fakeDisk{}
	a, err := open(dir, o, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, d, dir
}

func TestSyncedBeforeItReturns(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	mustAppend(t, a, exchange(1))
	want := []string{"create", "write", "sync", "syncdir", "write", "sync"}
	if !slices.Equal(d.log, want) {
		t.Errorf("first append: %v, want %v", d.log, want)
	}
	d.log = nil
	mustAppend(t, a, exchange(2))
	if want := []string{"write", "sync"}; !slices.Equal(d.log, want) {
		t.Errorf("second append: %v, want %v", d.log, want)
	}
	a.Close()
	d.log = nil
	again, err := open(dir, options(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	mustAppend(t, again, exchange(3))
	if want := []string{"open", "sync", "open", "write", "sync"}; !slices.Equal(d.log, want) {
		t.Errorf("append after reopening: %v, want %v", d.log, want)
	}
}

func TestFullDisk(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	first := mustAppend(t, a, exchange(1))
	size := fileSize(t, dir, first.File)
	d.full = true
	for range 2 {
		_, err := a.Append(t.Context(), exchange(2))
		if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "free some space") {
			t.Fatalf("append to a full disk: %v", err)
		}
		if got := fileSize(t, dir, first.File); got != size {
			t.Errorf("the file has %d bytes, want %d", got, size)
		}
		mustCheck(t, dir)
	}
	if got := urls(t, a, Ref{}); len(got) != 1 {
		t.Errorf("captures %v", got)
	}
	d.full = false
	mustAppend(t, a, exchange(3))
	if got := urls(t, a, Ref{}); len(got) != 2 {
		t.Errorf("captures %v", got)
	}
	mustCheck(t, dir)
}

func TestFullDiskAtANewFile(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	d.full = true
	if _, err := a.Append(t.Context(), exchange(1)); !errors.Is(err, ErrDiskFull) {
		t.Fatalf("append to a full disk: %v", err)
	}
	if names, _ := listFiles(dir); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
	d.full = false
	mustAppend(t, a, exchange(1))
	mustCheck(t, dir)
}

func TestFailedSyncTakesTheMemberBack(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	first := mustAppend(t, a, exchange(1))
	size := fileSize(t, dir, first.File)
	d.syncFails = true
	if _, err := a.Append(t.Context(), exchange(2)); !errors.Is(err, syscall.EIO) || errors.Is(err, ErrDiskFull) {
		t.Errorf("append with a failing sync: %v", err)
	}
	if got := fileSize(t, dir, first.File); got != size {
		t.Errorf("the file has %d bytes, want %d", got, size)
	}
	mustAppend(t, a, exchange(3))
	mustCheck(t, dir)
}

// Captures that are written before one sync share it. When it fails, nobody knows
// which of them are on disk: all are cut off, and no later one takes their places.
func TestSyncOfSeveral(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	first := mustAppend(t, a, exchange(1))
	d.log = nil
	refs := []Ref{mustWrite(t, a, exchange(2)), mustWrite(t, a, exchange(3))}
	if want := []string{"write", "write"}; !slices.Equal(d.log, want) {
		t.Errorf("two writes: %v, want %v", d.log, want)
	}
	for range 2 {
		if err := a.Sync(refs[0]); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"write", "write", "sync"}; !slices.Equal(d.log, want) {
		t.Errorf("synced: %v, want %v", d.log, want)
	}
	size := fileSize(t, dir, first.File)
	lost := []Ref{mustWrite(t, a, exchange(4)), mustWrite(t, a, exchange(5))}
	d.syncFails = true
	for _, ref := range lost { // the second one although the disk works again
		if err := a.Sync(ref); err == nil {
			t.Errorf("%s is said to be on disk", ref)
		}
	}
	if err := a.Sync(refs[1]); err != nil {
		t.Errorf("what had been synced before: %v", err)
	}
	if got := fileSize(t, dir, first.File); got != size {
		t.Errorf("the file has %d bytes, want %d", got, size)
	}
	if next := mustAppend(t, a, exchange(6)); next.File == first.File {
		t.Errorf("%s goes on where captures were lost", next)
	}
	if got := urls(t, a, Ref{}); len(got) != 4 {
		t.Errorf("captures %v, want 4", got)
	}
	mustCheck(t, dir)
}

// A file that is full is on disk before the next one begins, and so is what is left
// when the archive is closed.
func TestSyncAtTheEndOfAFile(t *testing.T) {
	o := options()
	o.MaxFileBytes = 1
	a, d, _ := fakeArchive(t, o)
	mustWrite(t, a, exchange(1))
	d.log = nil
	mustWrite(t, a, exchange(2))
	if want := []string{"sync", "create", "write", "sync", "syncdir", "write"}; !slices.Equal(d.log, want) {
		t.Errorf("the second file: %v, want %v", d.log, want)
	}
	d.log = nil
	if err := a.Close(); err != nil || !slices.Equal(d.log, []string{"sync"}) {
		t.Errorf("closing: %v, %v", d.log, err)
	}
}

func mustWrite(t *testing.T, a *Archive, e Exchange) Ref {
	t.Helper()
	ref, err := a.Write(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestNothingIsWrittenBehindATornMember(t *testing.T) {
	a, d, dir := fakeArchive(t, options())
	first := mustAppend(t, a, exchange(1))
	d.full, d.stuck = true, true
	if _, err := a.Append(t.Context(), exchange(2)); err == nil {
		t.Fatal("append to a full disk succeeded")
	}
	d.full = false
	if _, err := a.Append(t.Context(), exchange(2)); err == nil {
		t.Fatal("append behind a torn member succeeded")
	}
	if got := urls(t, a, Ref{}); len(got) != 1 {
		t.Errorf("captures %v: the torn member must not show", got)
	}
	d.stuck = false
	second := mustAppend(t, a, exchange(2))
	if second.File != first.File {
		t.Errorf("written to %s, want %s", second.File, first.File)
	}
	mustCheck(t, dir)
}

func fileSize(t *testing.T, dir, name string) int64 {
	t.Helper()
	st, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// hastyDisk never syncs: for tests that open an archive a thousand times and
// ask nothing of durability.
type hastyDisk struct{ osDisk }

type hastyFile struct{ file }

func (hastyFile) Sync() error { return nil }

func (d hastyDisk) create(path string) (file, error) { return hasty(d.osDisk.create(path)) }

func (d hastyDisk) open(path string) (file, error) { return hasty(d.osDisk.open(path)) }

func hasty(f file, err error) (file, error) { return hastyFile{f}, err }

func (hastyDisk) syncDir(string) error { return nil }

func mustOpenHasty(t *testing.T, dir string) *Archive {
	t.Helper()
	a, err := open(dir, options(), hastyDisk{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
