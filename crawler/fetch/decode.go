package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxCodings is how many codings may be stacked on one body: servers that code
// twice by mistake exist, more is an attack.
const maxCodings = 3

// The reasons of a truncated body, in the vocabulary of WARC-Truncated (WARC
// 1.1 §5.13). "length" and "time" of that vocabulary mean the crawler's own
// limits, which are errors here and never yield a Result.
const (
	TruncatedDisconnect  = "disconnect"  // the connection ended before the body's announced end
	TruncatedUnspecified = "unspecified" // the body is broken: bad chunks, or a coding that ends early or is corrupt
)

// notes is what reading one body has to tell beside its bytes.
type notes struct {
	truncated string
	warnings  []string
}

func (n *notes) warn(format string, args ...any) {
	n.warnings = append(n.warnings, fmt.Sprintf(format, args...))
}

// cut records the first reason for an incomplete body.
func (n *notes) cut(reason string) {
	if n.truncated == "" {
		n.truncated = reason
	}
}

// fatalError marks an error that ends the fetch, in contrast to one that ends
// the body early.
type fatalError struct{ err error }

func (e *fatalError) Error() string { return e.err.Error() }
func (e *fatalError) Unwrap() error { return e.err }

func isFatal(err error) bool {
	_, ok := errors.AsType[*fatalError](err)
	return ok
}

// Decode takes the content codings named by header off coded, by the same
// rules as a fetch: a body that is not coded as announced is returned as it is,
// and one that ends early yields what there is, with truncated and a warning
// saying so. More than limit decoded bytes are an error matching ErrTooLarge,
// unknown codings one matching ErrCoding. The result may share memory with
// coded.
func Decode(header http.Header, coded []byte, limit int64) (body []byte, truncated string, warnings []string, err error) {
	codings, err := contentCodings(header)
	if err != nil {
		return nil, "", nil, err
	}
	if len(codings) == 0 {
		if int64(len(coded)) > limit {
			return nil, "", nil, decodedSize(limit)
		}
		return coded, "", nil, nil
	}
	n := new(notes)
	body, err = io.ReadAll(decoded(bytes.NewReader(coded), codings, limit, n))
	if err != nil {
		return nil, "", nil, err
	}
	return body, n.truncated, n.warnings, nil
}

// contentCodings lists the codings of a body in the order of their application
// (RFC 9110 §8.4), without identity.
func contentCodings(header http.Header) ([]string, error) {
	var codings []string
	for name := range strings.SplitSeq(strings.Join(header.Values("Content-Encoding"), ","), ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "", "identity", "none", "utf-8": // the last two are common mistakes for "no coding"
		case "gzip", "x-gzip":
			codings = append(codings, "gzip")
		case "deflate":
			codings = append(codings, name)
		default:
			return nil, fmt.Errorf("%w %q: the server ignored that only gzip was asked for", ErrCoding, name)
		}
	}
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%w: %d codings on one body", ErrCoding, len(codings))
	}
	return codings, nil
}

// decoded reads src without its codings. Every layer is capped, so that a bomb
// within a bomb stops as early as a plain one.
func decoded(src io.Reader, codings []string, limit int64, n *notes) io.Reader {
	r := src
	for _, coding := range slices.Backward(codings) {
		r = &capReader{src: &decoder{coding: coding, src: bufio.NewReader(r), notes: n}, left: limit, over: decodedSize(limit)}
	}
	if len(codings) == 0 {
		r = &capReader{src: r, left: limit, over: decodedSize(limit)}
	}
	return &lastReader{src: r, notes: n}
}

func decodedSize(limit int64) error {
	return &SizeError{Part: "decoded body", Limit: limit, Option: "MaxDecodedBytes"}
}

// decoder takes one coding off, deciding at the first read whether it is there
// at all.
type decoder struct {
	coding string
	src    *bufio.Reader
	inner  io.Reader
	done   error
	notes  *notes
}

// Read implements io.Reader.
func (d *decoder) Read(p []byte) (int, error) {
	if d.done != nil {
		return 0, d.done
	}
	if d.inner == nil {
		inner, err := d.open()
		if err != nil {
			d.done = d.end(err)
			return 0, d.done
		}
		d.inner = inner
	}
	n, err := d.inner.Read(p)
	if err != nil {
		d.done = d.end(err)
	}
	return n, d.done
}

// open looks at the first bytes and chooses the decompressor, or none for a
// body whose header lies.
func (d *decoder) open() (io.Reader, error) {
	if _, err := d.src.Peek(1); err != nil {
		return nil, err // an empty body needs no decompressor
	}
	if d.coding == "gzip" {
		// A body torn within its first bytes counts too: what came of the magic number is asked.
		if head, _ := d.src.Peek(3); bytes.HasPrefix([]byte{0x1f, 0x8b, 8}, head) { //nolint:gocritic // in this order on purpose
			return gzip.NewReader(d.src)
		}
		return d.plain(), nil
	}
	head, _ := d.src.Peek(d.src.Size())
	if len(head) >= 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(d.src)
	}
	// "deflate" without the zlib wrapper is as common as with it.
	_, err := flate.NewReader(bytes.NewReader(head)).Read(make([]byte, 1))
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		return d.plain(), nil
	}
	return flate.NewReader(d.src), nil
}

func (d *decoder) plain() io.Reader {
	d.notes.warn("Content-Encoding says %s, the body is not: taken as it is", d.coding)
	return d.src
}

// end turns what stopped the decompressor into what the reader above sees: the
// end, or an error that ends the fetch. The rest of the source is read, so that
// the coded bytes are complete.
func (d *decoder) end(err error) error {
	if isFatal(err) {
		return err
	}
	if _, tooLarge := errors.AsType[*SizeError](err); tooLarge {
		return err
	}
	switch {
	case errors.Is(err, io.EOF):
	case d.notes.truncated != "":
	case errors.Is(err, io.ErrUnexpectedEOF):
		d.notes.warn("the %s coding ends early", d.coding)
		d.notes.cut(TruncatedUnspecified)
	case errors.Is(err, gzip.ErrHeader) && d.inner != nil:
		d.notes.warn("bytes after the end of the gzip coding: left out")
	default:
		d.notes.warn("the %s coding is corrupt: %v", d.coding, err)
		d.notes.cut(TruncatedUnspecified)
	}
	if _, err := io.Copy(io.Discard, d.src); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return io.EOF
}

// capReader passes at most left bytes on; one more is the error over.
type capReader struct {
	src  io.Reader
	left int64
	over error
}

// Read implements io.Reader.
func (c *capReader) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, c.over
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.src.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, c.over
	}
	return n, err
}

// lastReader ends a body that was cut off: what has arrived is a result.
type lastReader struct {
	src   io.Reader
	notes *notes
}

// Read implements io.Reader.
func (l *lastReader) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	if err != nil && l.notes.truncated != "" && errors.Is(err, io.ErrUnexpectedEOF) && !isFatal(err) {
		err = io.EOF
	}
	return n, err
}
