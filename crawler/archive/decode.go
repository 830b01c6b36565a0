package archive

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

	"forumine/extract/forum"
)

// DecodeCap is the greatest size, in bytes, that a body may have after its
// content codings have been undone.
const DecodeCap = 64 << 20

// maxCodings bounds how many codings one body may be wrapped in.
const maxCodings = 4

// ErrCoding marks a body whose content coding is unknown or broken.
var ErrCoding = errors.New("content coding cannot be undone")

// errShort marks a coded body that ends before its coding does.
var errShort = errors.New("coded body breaks off")

// Capture undoes the content codings (RFC 9110 section 8.4: gzip, and deflate
// with or without its zlib frame) and gives what an extractor reads, without
// the headers Content-Encoding and Content-Length, which speak of the coded
// form. A coded body that breaks off gives what could be decoded, with Truncated
// set. A gzip coding that was named and not applied, as archiving tools leave it,
// is passed over. Errors match ErrCoding, or ErrTooLarge for more than DecodeCap
// decoded bytes.
func (e Exchange) Capture() (forum.Capture, error) { return e.capture(DecodeCap) }

func (e Exchange) capture(limit int64) (forum.Capture, error) {
	body, whole, err := decode(e.Body, codings(e.Header), limit)
	if err != nil {
		return forum.Capture{}, fmt.Errorf("decoding %s: %w", e.URL, err)
	}
	h := e.Header.Clone()
	h.Del("Content-Encoding")
	h.Del("Content-Length")
	return forum.Capture{
		URL: e.URL, Status: e.Status, Header: h, FetchedAt: e.FetchedAt, Viewer: e.Viewer,
		Body: body, Truncated: e.Truncated != "" || !whole,
	}, nil
}

// codings lists the content codings in the order in which they were applied.
func codings(h http.Header) []string {
	var all []string
	for _, line := range h.Values("Content-Encoding") {
		for c := range strings.SplitSeq(line, ",") {
			if c = strings.ToLower(strings.TrimSpace(c)); c != "" && c != "identity" {
				all = append(all, c)
			}
		}
	}
	return all
}

func decode(body []byte, applied []string, limit int64) (out []byte, whole bool, err error) {
	if len(applied) > maxCodings {
		return nil, false, fmt.Errorf("%w: %d codings on one body", ErrCoding, len(applied))
	}
	whole = true
	for _, coding := range slices.Backward(applied) {
		if len(body) == 0 {
			break // 304, HEAD: named, and nothing there
		}
		body, err = decodeOne(body, coding, limit)
		if errors.Is(err, errShort) {
			whole, err = false, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	if int64(len(body)) > limit {
		return nil, false, fmt.Errorf("body of %d bytes: %w of %d bytes", len(body), ErrTooLarge, limit)
	}
	return body, whole, nil
}

func decodeOne(body []byte, coding string, limit int64) ([]byte, error) {
	switch coding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(body, gzipMagic[:min(len(body), 2)]) {
			return body, nil
		}
		return gunzip(body, limit)
	case "deflate":
		if zlibFramed(body) {
			zr, err := zlib.NewReader(bytes.NewReader(body))
			if err != nil {
				return nil, decodeFault(coding, err)
			}
			return readCoded(nil, zr, coding, limit)
		}
		return readCoded(nil, flate.NewReader(bytes.NewReader(body)), coding, limit)
	}
	return nil, fmt.Errorf("%w: %q is neither gzip nor deflate; fetch the page again with Accept-Encoding: gzip", ErrCoding, coding)
}

// zlibFramed tells a zlib frame from raw deflate (RFC 1950 section 2.2); servers
// send either under the name deflate.
func zlibFramed(b []byte) bool {
	return len(b) >= 2 && b[0]&0x0f == 8 && (uint(b[0])<<8|uint(b[1]))%31 == 0
}

// gunzip reads one gzip member after another; bytes behind the last one that
// begin no member are padding.
func gunzip(body []byte, limit int64) ([]byte, error) {
	br := bufio.NewReader(bytes.NewReader(body))
	zr, err := gzip.NewReader(br)
	if err != nil {
		return nil, decodeFault("gzip", err)
	}
	var out []byte
	for {
		zr.Multistream(false)
		if out, err = readCoded(out, zr, "gzip", limit); err != nil {
			return out, err
		}
		if head, _ := br.Peek(2); !bytes.Equal(head, gzipMagic[:2]) {
			return out, nil
		}
		if err := zr.Reset(br); err != nil {
			return out, nil
		}
	}
}

// readCoded appends what r decodes to out. With errShort, out is what there was.
func readCoded(out []byte, r io.Reader, coding string, limit int64) ([]byte, error) {
	b := bytes.NewBuffer(out)
	_, err := io.Copy(b, io.LimitReader(r, limit+1-int64(len(out))))
	if int64(b.Len()) > limit {
		return nil, fmt.Errorf("%s body of more than %d decoded bytes: %w", coding, limit, ErrTooLarge)
	}
	if err != nil {
		err = decodeFault(coding, err)
	}
	return b.Bytes(), err
}

func decodeFault(coding string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errShort
	}
	return fmt.Errorf("%w: %s: %w", ErrCoding, coding, err)
}
