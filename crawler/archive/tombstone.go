package archive

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A capture that was destroyed leaves a tombstone: records of type metadata, in
// gzip members that are padded (by their extra field) to the length of what stood
// there. So every other record stays at its place, and other tools read on.

// fieldDestroyed is when the capture that stood at the place was destroyed.
const fieldDestroyed = "Forumine-Destroyed"

// ErrDestroyed marks a capture that was destroyed, as a study or a person asked.
// It matches ErrNotFound, too.
var ErrDestroyed = errors.New("destroyed")

// DestroyedError is ErrDestroyed with the time.
type DestroyedError struct{ At time.Time }

// Error says when the capture was destroyed.
func (e *DestroyedError) Error() string {
	return "the capture was destroyed on " + e.At.UTC().Format(time.DateOnly)
}

// Is tells that target is ErrDestroyed or ErrNotFound.
func (e *DestroyedError) Is(target error) bool {
	return target == ErrDestroyed || target == ErrNotFound
}

// destroyedAt tells tombstones, and their time.
func destroyedAt(rec *record) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, rec.header.Get(fieldDestroyed))
	return at, err == nil
}

const (
	maxTombstone  = 60_000 // bytes of one member; an extra field has at most 65,535
	lastTombstone = 1_000  // bytes that a next member gets at least
)

// tombstone gives length bytes of tombstones for a place: the same bytes for the
// same place, length and time.
func tombstone(file string, offset, length int64, at time.Time) ([]byte, error) {
	out := make([]byte, 0, length)
	for length > 0 {
		n := min(length, maxTombstone)
		if rest := length - n; rest > 0 && rest < lastTombstone {
			n -= lastTombstone
		}
		member, err := tombstoneMember(file, offset, n, at)
		if err != nil {
			return nil, err
		}
		out = append(out, member...)
		offset, length = offset+n, length-n
	}
	return out, nil
}

// tombstoneMember holds one record. It has no digest and is not compressed: that
// makes it shorter than any capture, and its length the same for all.
func tombstoneMember(file string, offset, length int64, at time.Time) ([]byte, error) {
	stamp := at.UTC().Format(time.RFC3339)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s:%d %s", file, offset, stamp))
	return memberOfLength(fmt.Sprintf("%s\r\nWARC-Type: metadata\r\nWARC-Record-ID: <%s>\r\nWARC-Date: %s\r\n%s: %s\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
		warcVersion, uuid([16]byte(sum[:]), 8), stamp, fieldDestroyed, stamp), gzip.NoCompression, length)
}

// movedMember takes the place of a revisit record whose original is to go: it
// refers to a copy that has all of it.
func movedMember(rec *record, to Ref) ([]byte, error) {
	var text strings.Builder
	text.WriteString(warcVersion + "\r\n")
	for _, f := range []field{
		{"WARC-Type", typeRevisit}, {"WARC-Record-ID", "<" + rec.id() + ">"}, {"WARC-Date", rec.header.Get("WARC-Date")},
		{"WARC-Target-URI", rec.url()}, {"WARC-Profile", profileIdentical}, {fieldOriginal, to.String()}, {fieldMoved, "true"}, {"Content-Length", "0"},
	} {
		text.WriteString(f.name + ": " + f.value + "\r\n")
	}
	text.WriteString("\r\n\r\n\r\n")
	return memberOfLength(text.String(), gzip.BestCompression, rec.end-rec.offset)
}

// memberOfLength gives a record as a gzip member of a length, in bytes.
func memberOfLength(text string, level int, length int64) ([]byte, error) {
	member, err := paddedMember(text, level, 0)
	if err != nil {
		return nil, err
	}
	pad := length - int64(len(member))
	if pad == 0 {
		return member, nil
	}
	if pad < 4 { // the least that a field of the head takes
		return nil, fmt.Errorf("%w: a place of %d bytes is too small for a record", ErrDamaged, length)
	}
	return paddedMember(text, level, int(pad))
}

// paddedMember has pad bytes more in its head: none, or four at least.
func paddedMember(text string, level, pad int) ([]byte, error) {
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil, fmt.Errorf("writing a tombstone: %w", err)
	}
	zw.Extra = append([]byte{'s', 'l', 8, 0}, make([]byte, 8)...)
	if pad > 0 {
		zw.Extra = append(zw.Extra, 'p', 'd', byte(pad-4), byte((pad-4)>>8))
		zw.Extra = append(zw.Extra, make([]byte, pad-4)...)
	}
	_, err = zw.Write([]byte(text))
	if err == nil {
		err = zw.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("writing a tombstone: %w", err)
	}
	member := out.Bytes()
	binary.LittleEndian.PutUint32(member[skipHead-8:], uint32(len(member)))
	binary.LittleEndian.PutUint32(member[skipHead-4:], uint32(len(text)))
	return member, nil
}
