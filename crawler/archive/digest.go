package archive

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
)

// digest is the labelled form that all common tools read and write: SHA-1 in
// upper case base 32 (WARC 1.1 section 5.8 and its community notes). It finds
// damage and duplicates; nothing here relies on it against forgery.
func digest(data []byte) string {
	sum := sha1.Sum(data)
	return "sha1:" + base32.StdEncoding.EncodeToString(sum[:])
}

// digestMatches compares data with a labelled digest in base 16 or base 32 of
// either case, the label with or without a hyphen. known is false when the
// algorithm or the encoding is none of those.
func digestMatches(labelled string, data []byte) (match, known bool) {
	label, value, ok := strings.Cut(labelled, ":")
	if !ok {
		return false, false
	}
	sum := sumOf(label, data)
	want := digestBytes(value, len(sum))
	if sum == nil || want == nil {
		return false, false
	}
	return string(sum) == string(want), true
}

func sumOf(label string, data []byte) []byte {
	switch strings.ReplaceAll(strings.ToLower(label), "-", "") {
	case "md5":
		sum := md5.Sum(data)
		return sum[:]
	case "sha1":
		sum := sha1.Sum(data)
		return sum[:]
	case "sha256":
		sum := sha256.Sum256(data)
		return sum[:]
	case "sha512":
		sum := sha512.Sum512(data)
		return sum[:]
	}
	return nil
}

// digestBytes decodes a digest value of size bytes, nil when it is none. The
// length tells base 16 from base 32.
func digestBytes(value string, size int) []byte {
	if len(value) == hex.EncodedLen(size) {
		if raw, err := hex.DecodeString(value); err == nil {
			return raw
		}
	}
	bare := strings.TrimRight(strings.ToUpper(value), "=")
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(bare)
	if err != nil || len(raw) != size {
		return nil
	}
	return raw
}

// digestKey makes equal digests equal texts, whatever their encoding.
func digestKey(labelled string) string {
	label, value, ok := strings.Cut(labelled, ":")
	if !ok {
		return ""
	}
	label = strings.ReplaceAll(strings.ToLower(label), "-", "")
	size := len(sumOf(label, nil))
	raw := digestBytes(value, size)
	if raw == nil {
		return label + ":" + value
	}
	return label + ":" + hex.EncodeToString(raw)
}

// recordID makes a new random WARC-Record-ID, without its angle brackets (RFC 9562
// version 4).
func recordID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return uuid(b, 4)
}

// uuid gives a UUID of a version (RFC 9562) as a URN.
func uuid(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
