package archive

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrRef marks text that is no archive reference.
var ErrRef = errors.New("not an archive reference")

// Ref names one member of the archive: the base name of its file, the byte
// offset at which the gzip member begins, and its compressed length in bytes (0
// when unknown, as after ParseRef). Of an encrypted file, name and offset are
// those of the decrypted one. The zero Ref lies before everything.
type Ref struct {
	File           string
	Offset, Length int64
}

// String is the durable form, "file:offset".
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	return r.File + ":" + strconv.FormatInt(r.Offset, 10)
}

// IsZero tells whether r names nothing.
func (r Ref) IsZero() bool { return r.File == "" }

// ParseRef reads the form that String writes. The empty text is the zero Ref.
// A file that is not named as the archive names its files is refused, so that a
// reference never leads out of the archive's folder. Errors match ErrRef.
func ParseRef(s string) (Ref, error) {
	if s == "" {
		return Ref{}, nil
	}
	file, tail, found := cutLast(s, ':')
	if !found {
		return Ref{}, fmt.Errorf("%w: %q has no offset, want file:offset", ErrRef, s)
	}
	if _, ok := serialOf(file); !ok {
		return Ref{}, fmt.Errorf("%w: %q is not the name of an archive file", ErrRef, file)
	}
	offset, err := strconv.ParseInt(tail, 10, 64)
	if err != nil || offset < 0 {
		return Ref{}, fmt.Errorf("%w: %q is not a byte offset", ErrRef, tail)
	}
	return Ref{File: file, Offset: offset}, nil
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

const (
	namePrefix = "forumine-"
	nameSuffix = ".warc.gz"
	nameStamp  = "20060102150405"
)

// fileName follows WARC 1.1 annex C: prefix, time of creation, serial number.
func fileName(at time.Time, serial int) string {
	return fmt.Sprintf("%s%s-%05d%s", namePrefix, at.UTC().Format(nameStamp), serial, nameSuffix)
}

// serialOf is the serial number within an archive file's name. Files are
// ordered by it and never by the time in the name: clocks step back.
func serialOf(name string) (int, bool) {
	rest, ok := strings.CutPrefix(name, namePrefix)
	if !ok {
		return 0, false
	}
	rest, ok = strings.CutSuffix(rest, nameSuffix)
	if !ok {
		return 0, false
	}
	stamp, serial, ok := strings.Cut(rest, "-")
	if !ok || len(stamp) != len(nameStamp) || !digits(stamp) || len(serial) < 5 || !digits(serial) {
		return 0, false
	}
	n, err := strconv.Atoi(serial)
	return n, err == nil
}

// Began gives when a file of the archive was begun, by its name.
func Began(name string) (time.Time, bool) {
	if _, ok := serialOf(name); !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(nameStamp, name[len(namePrefix):len(namePrefix)+len(nameStamp)])
	return at, err == nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// fileOf is one file of the archive.
type fileOf struct {
	name   string // of the decrypted file
	sealed bool
}

// path is where the file lies.
func (f fileOf) path(dir string) string {
	if f.sealed {
		return filepath.Join(dir, f.name+sealedSuffix)
	}
	return filepath.Join(dir, f.name)
}

// listFiles gives the archive's own files, oldest first. Of a file that has been
// encrypted and not yet been removed, the encrypted one counts.
func listFiles(dir string) ([]fileOf, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the archive: %w", err)
	}
	sealed := map[string]bool{}
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), sealedSuffix)
		if _, ok := serialOf(name); ok && !e.IsDir() {
			sealed[name] = sealed[name] || is
		}
	}
	files := make([]fileOf, 0, len(sealed))
	for name, is := range sealed {
		files = append(files, fileOf{name, is})
	}
	slices.SortFunc(files, func(a, b fileOf) int { return compareFiles(a.name, b.name) })
	return files, nil
}

func compareFiles(a, b string) int {
	na, _ := serialOf(a)
	nb, _ := serialOf(b)
	return cmp.Or(cmp.Compare(na, nb), cmp.Compare(a, b))
}
