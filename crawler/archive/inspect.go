package archive

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entry is one record of a WARC file, as a list shows it.
type Entry struct {
	File   string    `json:"file"`   // base name, within a WACZ behind its name
	Offset int64     `json:"offset"` // of its gzip member; in a plain file, of the record
	Type   string    `json:"type"`   // WARC-Type
	Date   time.Time `json:"date"`   // zero when unknown
	URL    string    `json:"url,omitempty"`
	Status int       `json:"status,omitempty"` // of a response
	Media  string    `json:"media,omitempty"`  // media type of the content
	Bytes  int       `json:"bytes"`            // of the content, content codings still applied
}

// IsCapture tells whether the record holds what was fetched, rather than
// something about it.
func (e Entry) IsCapture() bool {
	return e.Type == typeResponse || e.Type == typeResource || e.Type == typeRevisit
}

// List gives every record of the WARC or WACZ file at path, or of all such files
// in the folder at path, and the places that could not be read. An error of fn
// ends it and is returned. Encrypted files of ours are opened with the identity.
func List(ctx context.Context, path string, id *Identity, fn func(Entry) error) ([]Problem, error) {
	return eachRecord(ctx, path, opener{id: id}, func(name string, rec *record) error { return fn(entryOf(name, rec)) })
}

func entryOf(name string, rec *record) Entry {
	out := Entry{File: name, Offset: rec.offset, Type: rec.typ(), Date: rec.date(), URL: rec.url(), Bytes: len(rec.block)}
	if rec.typ() != typeResponse && rec.typ() != typeResource && rec.typ() != typeRevisit {
		return out
	}
	var e Exchange
	if rec.typ() == typeResource {
		e, _ = rec.exchange()
	} else if e.setResponse(rec.block) != nil {
		return out
	}
	out.Status, out.Bytes = e.Status, len(e.Body)
	out.Media, _, _ = strings.Cut(e.Header.Get("Content-Type"), ";")
	return out
}

// eachRecord gives every record that can be read, and what cannot.
func eachRecord(ctx context.Context, path string, open opener, fn func(name string, rec *record) error) ([]Problem, error) {
	var damage []Problem
	err := eachFile(path, open, func(name string, in io.Reader, again seekable) error {
		bad, err := recordsOf(ctx, name, in, again, fn)
		damage = append(damage, bad...)
		return err
	})
	return damage, err
}

func recordsOf(ctx context.Context, name string, in io.Reader, again seekable, fn func(name string, rec *record) error) ([]Problem, error) {
	s, err := openStream(ctx, in, 0, MaxBlock)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if again.at != nil {
		s.at, s.size = again.at, again.size
	}
	var damage []Problem
	n := 0
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			damage = append(damage, problemOf(name, bad))
			continue
		}
		if err != nil {
			return damage, fmt.Errorf("reading %s: %w", name, err)
		}
		n++
		if err := fn(name, rec); err != nil {
			return damage, err
		}
	}
	if n == 0 && len(damage) == 0 {
		damage = append(damage, Problem{File: name, Reason: "it holds no record"})
	}
	return damage, nil
}

// Checked counts what a check has looked at.
type Checked struct {
	Records map[string]int // by WARC-Type
	Digests int            // that were compared
	Hashes  int            // of files within WACZ files, that were compared
	Closed  int            // frames of encrypted files whose checksum alone was compared: no identity was given
}

// Total is the number of records.
func (c Checked) Total() int {
	n := 0
	for _, k := range c.Records {
		n += k
	}
	return n
}

// Verify reads every record of anybody's WARC or WACZ file at path, or of all
// such files in the folder at path: that its gzip member, header and length are
// whole and that its digests are true. Of a WACZ it also compares the hashes in
// its datapackage.json, which cover its indexes too. Damage is in the list; the
// error is of the disk, or of input that is no archive. Of encrypted files of ours
// frames alone are verified where no identity is given.
func Verify(ctx context.Context, path string, id *Identity) (Checked, []Problem, error) {
	c := Checked{Records: map[string]int{}}
	var wrong []Problem
	open := opener{id: id, closed: func(path string) error {
		n, bad, err := checkFrames(path)
		c.Closed += n
		wrong = append(wrong, bad...)
		return err
	}}
	broken, err := eachRecord(ctx, path, open, func(name string, rec *record) error {
		c.Records[rec.typ()]++
		for _, field := range []string{"WARC-Block-Digest", "WARC-Payload-Digest"} {
			if rec.header.Get(field) != "" && (field != "WARC-Payload-Digest" || isMain(rec)) {
				c.Digests++
			}
		}
		for _, reason := range faultsOfAny(rec) {
			wrong = append(wrong, Problem{File: name, Offset: rec.offset, Record: rec.id(), URL: rec.url(), Reason: reason})
		}
		return nil
	})
	if err != nil {
		return c, nil, err
	}
	hashed, err := verifyPackages(path, &c)
	return c, slices.Concat(broken, wrong, hashed), err
}

// verifyPackages compares the hashes of a WACZ file, or of those in a folder.
func verifyPackages(path string, c *Checked) ([]Problem, error) {
	names := []string{path}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		if names, err = filepath.Glob(filepath.Join(path, "*.wacz")); err != nil {
			return nil, fmt.Errorf("listing %s: %w", path, err)
		}
	}
	var wrong []Problem
	for _, name := range names {
		found, err := verifyPackage(name, c)
		if err != nil {
			return wrong, fmt.Errorf("checking %s: %w", name, err)
		}
		wrong = append(wrong, found...)
	}
	return wrong, nil
}

// dataPackage is what a WACZ says of its files (WACZ 1.1.1 section 5.1.2).
type dataPackage struct {
	Resources []struct {
		Path  string `json:"path"`
		Hash  string `json:"hash"`
		Bytes *int64 `json:"bytes"`
	} `json:"resources"`
}

const maxDataPackage = 64 << 20

func verifyPackage(name string, c *Checked) ([]Problem, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if zipped, err := isZip(f); err != nil || !zipped {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, st.Size())
	if err != nil {
		return nil, err
	}
	base := filepath.Base(name)
	raw, err := z.Open("datapackage.json")
	if err != nil {
		return []Problem{{File: base, Reason: "it has no datapackage.json"}}, nil
	}
	defer raw.Close()
	var p dataPackage
	if err := json.NewDecoder(io.LimitReader(raw, maxDataPackage)).Decode(&p); err != nil {
		return []Problem{{File: base, Reason: fmt.Sprintf("its datapackage.json cannot be read: %v", err)}}, nil
	}
	var wrong []Problem
	for _, r := range p.Resources {
		c.Hashes++
		if why := resourceFault(z, r.Path, r.Hash, r.Bytes); why != "" {
			wrong = append(wrong, Problem{File: base + "/" + r.Path, Reason: why})
		}
	}
	return wrong, nil
}

func resourceFault(z *zip.Reader, path, hash string, size *int64) string {
	f, err := z.Open(path)
	if err != nil {
		return "datapackage.json names it, and it is not there"
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return fmt.Sprintf("it cannot be read to its end: %v", err)
	}
	label, want, _ := strings.Cut(hash, ":")
	switch got := hex.EncodeToString(sum.Sum(nil)); {
	case size != nil && *size != n:
		return fmt.Sprintf("it has %d bytes, datapackage.json says %d", n, *size)
	case label != "sha256":
		return fmt.Sprintf("its hash %q is of an unknown kind", hash)
	case !strings.EqualFold(got, want):
		return fmt.Sprintf("datapackage.json says %s, the bytes give sha256:%s", hash, got)
	}
	return ""
}

// Salvage writes every whole record of the WARC file at path to w, one gzip
// member a record, and gives how many these are and what was left out: torn,
// broken, or with a digest that is not true. The file itself is not touched.
func Salvage(ctx context.Context, path string, id *Identity, w io.Writer) (kept int, lost []Problem, err error) {
	var wrong []Problem
	broken, err := eachRecord(ctx, path, opener{id: id}, func(name string, rec *record) error {
		if reasons := faultsOfAny(rec); len(reasons) > 0 {
			wrong = append(wrong, Problem{File: name, Offset: rec.offset, Record: rec.id(), URL: rec.url(), Reason: reasons[0]})
			return nil
		}
		kept++
		return rec.write(w)
	})
	return kept, append(broken, wrong...), err
}

// write puts a record down as it was read, with the fields of its header in the
// order of their names.
func (r *record) write(w io.Writer) error {
	zw := gzip.NewWriter(w)
	var b strings.Builder
	b.WriteString(r.version + "\r\n")
	for _, name := range slices.Sorted(maps.Keys(r.header)) {
		for _, value := range r.header[name] {
			b.WriteString(fieldName(name) + ": " + value + "\r\n")
		}
	}
	b.WriteString("\r\n")
	for _, part := range [][]byte{[]byte(b.String()), r.block, []byte("\r\n\r\n")} {
		if _, err := zw.Write(part); err != nil {
			return fmt.Errorf("writing a record: %w", err)
		}
	}
	if err := zw.Close(); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

// fieldName undoes what reading did to the case of a WARC field's name.
func fieldName(canonical string) string {
	rest, ok := strings.CutPrefix(canonical, "Warc-")
	if !ok {
		return canonical
	}
	rest = strings.NewReplacer("Record-Id", "Record-ID", "Ip-Address", "IP-Address", "Target-Uri", "Target-URI").Replace(rest)
	return "WARC-" + rest
}

// String is one line for people: place, time, status, bytes, address.
func (e Entry) String() string {
	at, status := "-", "-"
	if !e.Date.IsZero() {
		at = e.Date.Format(time.RFC3339)
	}
	if e.Status != 0 {
		status = strconv.Itoa(e.Status)
	}
	return fmt.Sprintf("%s:%d\t%s\t%s\t%s\t%d\t%s", e.File, e.Offset, at, e.Type, status, e.Bytes, e.URL)
}
