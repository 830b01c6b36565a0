package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Cut is a torn tail that was removed: a member that no Append returned for.
type Cut struct {
	File          string
	Offset, Bytes int64
	Reason        string
}

// String is one line for people.
func (c Cut) String() string {
	return fmt.Sprintf("%s: %d bytes cut at %d: %s", c.File, c.Bytes, c.Offset, c.Reason)
}

// Report is what Repair did and saw.
type Report struct {
	Cut      []Cut
	Problems []Problem // damage that is not at the end, left as it is
}

func (r Report) log(l *slog.Logger) {
	for _, c := range r.Cut {
		l.Warn("cut a half-written member off the archive", "file", c.File, "offset", c.Offset, "bytes", c.Bytes, "reason", c.Reason)
	}
	for _, p := range r.Problems {
		l.Warn("damage in the archive", "file", p.File, "offset", p.Offset, "reason", p.Reason)
	}
}

// Repair cuts off the newest file of dir whatever follows its last whole member.
// A file that holds no whole member is removed. Older files are not touched:
// they were synced before their successor was begun. Damage with a whole member
// behind it is reported, never cut.
//
// Only the end of the file is decompressed: lengths within the members' heads
// lead there. Check reads everything.
func Repair(dir string) (Report, error) { return repair(dir, osDisk{}) }

func repair(dir string, d disk) (Report, error) {
	files, err := listFiles(dir)
	if err != nil || len(files) == 0 {
		return Report{}, err
	}
	newest := files[len(files)-1]
	look := survey
	if newest.sealed {
		look = surveyFrames
	}
	report, whole, size, err := look(newest.path(dir))
	if err != nil {
		return Report{}, fmt.Errorf("repairing %s: %w", newest.name, err)
	}
	if whole == size && size > 0 {
		return report, nil
	}
	path := newest.path(dir)
	if whole == 0 {
		err = d.remove(path)
	} else {
		err = cut(path, whole, d)
	}
	if err == nil {
		err = d.syncDir(dir)
	}
	if err != nil {
		return Report{}, fmt.Errorf("repairing %s: %w", newest.name, err)
	}
	return report, nil
}

func cut(path string, size int64, d disk) error {
	f, err := d.open(path)
	if err != nil {
		return err
	}
	if err := f.Truncate(size); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// survey finds the end of the last whole member of a file.
func survey(path string) (report Report, whole, size int64, err error) {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return report, 0, 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return report, 0, 0, err
	}
	size = st.Size()
	whole = tailStart(f, size)
	var bad []Problem
	s := openMembers(context.Background(), f, whole, size)
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if e, ok := errors.AsType[*recordError](err); ok {
			bad = append(bad, problemOf(name, e))
			continue
		}
		if err != nil {
			return report, 0, 0, err
		}
		if rec.end > 0 {
			whole = rec.end
		}
	}
	return report.cutOff(name, bad, whole, size), whole, size, nil
}

// cutOff adds what is to be cut off, and damage that is not at the end.
func (r Report) cutOff(name string, bad []Problem, whole, size int64) Report {
	reason := "the file holds nothing"
	for _, p := range bad {
		if p.Offset < whole {
			r.Problems = append(r.Problems, p)
			continue
		}
		reason = p.Reason
	}
	if whole < size || size == 0 {
		r.Cut = append(r.Cut, Cut{File: name, Offset: whole, Bytes: size - whole, Reason: reason})
	}
	return r
}

// surveyFrames is survey for an encrypted file, of which it opens nothing: the
// frames' own lengths lead to the last one, and its checksum says whether it is
// whole.
func surveyFrames(path string) (report Report, whole, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return report, 0, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return report, 0, 0, err
	}
	name, size := filepath.Base(path), info.Size()
	var last frame
	bad, err := eachFrame(f, name, size, func(fr frame) error {
		last, whole = fr, fr.end()
		return nil
	})
	if err != nil || whole == 0 {
		return report.cutOff(name, bad, 0, size), 0, size, err
	}
	if _, err := last.age(f); errors.Is(err, ErrDamaged) {
		whole = last.at
		bad = append(bad, Problem{File: name, Offset: last.at, Reason: err.Error()})
	} else if err != nil {
		return report, 0, 0, err
	}
	return report.cutOff(name, bad, whole, size), whole, size, nil
}

// tailMembers is how many members at the end of a file may be unsynced: those
// of one Append.
const tailMembers = 2

// tailStart follows the members' own lengths and gives the offset of the last
// member but one that they lead to. Everything before was synced.
func tailStart(f io.ReaderAt, size int64) int64 {
	var starts [tailMembers]int64 // the newest last
	head := make([]byte, skipHead)
	for at := int64(0); ; {
		if _, err := f.ReadAt(head, at); err != nil {
			return starts[0]
		}
		n := skipLength(head)
		if n <= skipHead || n > size-at {
			return starts[0]
		}
		copy(starts[:], starts[1:])
		starts[tailMembers-1] = at
		at += n
	}
}

// Check reads every record of the archive in dir and verifies its gzip member,
// header, Content-Length and digests. The error is of the folder or the disk;
// damage is in the list. It needs no lock, but a member that is being written
// meanwhile shows as damage.
//
// Of encrypted files every frame's checksum is verified; what is in the frames is
// looked at where the identity opens them, and passed over without a word where
// there is none.
func Check(ctx context.Context, dir string, id *Identity) ([]Problem, error) {
	files, err := listFiles(dir)
	if err != nil {
		return nil, err
	}
	var all []Problem
	for _, file := range files {
		found, err := checkFile(ctx, dir, file, id)
		if err != nil {
			return all, fmt.Errorf("checking %s: %w", file.name, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func checkFile(ctx context.Context, dir string, file fileOf, id *Identity) ([]Problem, error) {
	if !file.sealed {
		f, err := os.Open(file.path(dir))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return checkRecords(ctx, f, file.name, st.Size())
	}
	_, wrong, err := checkFrames(file.path(dir))
	if err != nil || id.Err() != nil {
		return wrong, err
	}
	f, end, err := openSealed(file.path(dir), &frameMap{}, id)
	if err != nil {
		return wrong, err
	}
	defer f.Close()
	found, err := checkRecords(ctx, f, file.name, end)
	return append(wrong, found...), err
}

func checkRecords(ctx context.Context, f io.ReaderAt, name string, size int64) ([]Problem, error) {
	var found []Problem
	s := openMembers(ctx, f, 0, size)
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			found = append(found, problemOf(name, bad))
			continue
		}
		if err != nil {
			return found, err
		}
		for _, reason := range faults(rec) {
			found = append(found, Problem{File: name, Offset: rec.offset, Record: rec.id(), URL: rec.url(), Reason: reason})
		}
	}
}

// faults lists what is wrong with a record of the archive's own that could be
// read.
func faults(rec *record) []string {
	var all []string
	if _, gone := destroyedAt(rec); !gone && rec.header.Get(fieldMoved) == "" && rec.header.Get("WARC-Block-Digest") == "" {
		all = append(all, "block digest: missing")
	}
	if isMain(rec) && rec.header.Get("WARC-Payload-Digest") == "" {
		all = append(all, "payload digest: missing")
	}
	if rec.end == 0 {
		all = append(all, "the end of its gzip member does not follow it")
	}
	return append(faultsOfAny(rec), all...)
}

// faultsOfAny lists what is wrong with any record that could be read. A digest
// that is not there is no fault: the standard does not require any.
func faultsOfAny(rec *record) []string {
	var all []string
	for _, name := range []string{"WARC-Type", "WARC-Record-ID", "WARC-Date"} {
		if rec.header.Get(name) == "" {
			all = append(all, "it has no "+name)
		}
	}
	if !rec.trailer {
		all = append(all, "its block is not followed by two line ends")
	}
	if why := digestFault(rec.header.Get("WARC-Block-Digest"), rec.block); why != "" {
		all = append(all, "block digest: "+why)
	}
	if !isMain(rec) {
		return all
	}
	e, err := rec.exchange()
	if err != nil {
		if rec.ofHTTP() {
			all = append(all, err.Error())
		}
		return all
	}
	labelled := rec.header.Get("WARC-Payload-Digest")
	why := digestFault(labelled, e.Body)
	if why != "" && rec.typ() == typeResponse && digestFault(labelled, parseMessage(rec.block).body) == "" {
		why = "" // of the body as it was sent, in chunks
	}
	if why != "" && rec.header.Get("WARC-Segment-Number") == "" {
		all = append(all, "payload digest: "+why)
	}
	return all
}

// ofHTTP tells whether a response record is one of HTTP: those of DNS and other
// protocols are none that could be read here.
func (r *record) ofHTTP() bool {
	return strings.HasPrefix(r.url(), "http:") || strings.HasPrefix(r.url(), "https:")
}

func digestFault(labelled string, data []byte) string {
	if labelled == "" {
		return ""
	}
	match, known := digestMatches(labelled, data)
	switch {
	case !known:
		return fmt.Sprintf("%q is of an unknown kind", labelled)
	case !match:
		return fmt.Sprintf("it says %s, the bytes give %s", labelled, digest(data))
	}
	return ""
}
