package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// ErrNotArchive marks input that is no WARC or WACZ at all.
var ErrNotArchive = errors.New("not a WARC archive")

var gzipMagic = []byte{0x1f, 0x8b, 0x08}

const (
	maxHeader = 1 << 20  // bytes of one record's header
	maxSkip   = 16 << 30 // decompressed bytes that one file may make us pass over
	window    = 64 << 10
)

// Reasons for which a record is passed over.
const (
	reasonBroken   = "broken"
	reasonTooLarge = "too large"
)

// recordError says why one record could not be read. The stream goes on behind
// it.
type recordError struct {
	reason      string
	offset      int64
	id, typ, at string // as far as the header told
	err         error
}

func (e *recordError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "record at byte %d", e.offset)
	for _, part := range []string{e.typ, e.id, e.at} {
		if part != "" {
			b.WriteString(" " + part)
		}
	}
	return b.String() + ": " + e.err.Error()
}

func (e *recordError) Unwrap() error { return e.err }

// input counts what is taken from a file, so that members have offsets.
type input struct {
	br  *bufio.Reader
	n   int64
	err error // the file's own error, as against damage within it
}

func newInput(r io.Reader, at int64) *input {
	return &input{br: bufio.NewReaderSize(r, window), n: at}
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.br.Read(p)
	in.n += int64(n)
	in.note(err)
	return n, err
}

func (in *input) ReadByte() (byte, error) {
	c, err := in.br.ReadByte()
	if err == nil {
		in.n++
	}
	in.note(err)
	return c, err
}

func (in *input) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		in.err = err
	}
}

func (in *input) discard(n int) {
	d, _ := in.br.Discard(n)
	in.n += int64(d)
}

// stream reads the records of one WARC file in order: plain, one gzip member a
// record, or gzip cut in any other way. Memory is bounded by one record of at
// most limit bytes.
type stream struct {
	ctx     context.Context
	at      io.ReaderAt // set when the file can be read again after damage
	size    int64       // end of at
	in      *input
	plain   bool
	strict  bool // one record a member, as the archive itself writes
	limit   int64
	gz      *gzip.Reader
	br      *bufio.Reader // over the current member
	start   int64         // of the current member
	inside  bool          // a member is open
	damaged bool          // the current member cannot be read on
	records int           // records begun in the current member
	skipped int64
	taken   int    // bytes of the last line, with its end
	junkAt  int64  // where bytes that are no record began
	pending string // a version line that was read while looking for one
}

// openStream reads from the first byte of r, which lies at offset base of its
// file. Errors match ErrNotArchive when r begins like no WARC.
func openStream(ctx context.Context, r io.Reader, base, limit int64) (*stream, error) {
	s := &stream{ctx: ctx, in: newInput(r, base), start: base, limit: limit}
	head, err := s.in.br.Peek(4)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the beginning: %w", err)
	}
	switch {
	case len(head) == 0:
		return s, nil
	case bytes.HasPrefix(head, gzipMagic[:2]):
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, fmt.Errorf("%w that can be read here: it is compressed with zstd; decompress it first (zstd -d)", ErrNotArchive)
	default:
		s.plain = true
		s.br = bufio.NewReaderSize(s.in, window)
		s.inside = true
	}
	return s, nil
}

// openMembers reads the archive's own files, from base to end.
func openMembers(ctx context.Context, at io.ReaderAt, base, end int64) *stream {
	s := &stream{ctx: ctx, at: at, size: end, start: base, limit: MaxBlock, strict: true}
	s.rewind(base)
	return s
}

func (s *stream) rewind(to int64) {
	s.in = newInput(sectionOf(s.at, to, s.size), to)
}

// next gives the following record. A *recordError concerns that record alone;
// io.EOF ends the stream; any other error is final.
func (s *stream) next() (*record, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.damaged && !s.resync() {
		return nil, cmp.Or(s.ctx.Err(), s.fatal(io.EOF))
	}
	line, err := s.versionLine()
	if err != nil {
		return nil, s.fatal(err)
	}
	rec := &record{version: line, offset: s.start}
	if s.plain {
		rec.offset = s.in.n - int64(s.br.Buffered()) - int64(s.taken)
	}
	s.records++
	if err := s.fill(rec); err != nil {
		return nil, s.fatal(s.named(rec, err))
	}
	return rec, nil
}

// fatal lets a failing disk and a cancelled context outrank what they caused.
func (s *stream) fatal(err error) error {
	if s.in.err != nil && !errors.Is(err, ErrTooLarge) {
		if _, ok := errors.AsType[*recordError](err); ok || errors.Is(err, io.EOF) {
			return fmt.Errorf("reading: %w", s.in.err)
		}
	}
	return err
}

func (s *stream) named(rec *record, err error) error {
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if errors.Is(err, errSkipBudget) {
		return fmt.Errorf("record at byte %d %s: %w", rec.offset, rec.url(), err)
	}
	reason := reasonBroken
	if errors.Is(err, ErrTooLarge) {
		reason = reasonTooLarge
	}
	e := &recordError{reason: reason, offset: rec.offset, err: err}
	if rec.header != nil {
		e.id, e.typ, e.at = rec.id(), rec.typ(), rec.url()
	}
	return e
}

var errSkipBudget = fmt.Errorf("more than %d bytes that are no record: %w, giving up on this file", int64(maxSkip), ErrTooLarge)

// fill reads header, block and what follows the block.
func (s *stream) fill(rec *record) error {
	var err error
	if rec.header, err = s.header(); err != nil {
		return err
	}
	length, err := strconv.ParseInt(strings.TrimSpace(rec.header.Get("Content-Length")), 10, 64)
	if err != nil || length < 0 {
		return fmt.Errorf("its Content-Length is %.40q", rec.header.Get("Content-Length"))
	}
	if length > s.limit {
		if err := s.skip(length); err != nil {
			return err
		}
		return fmt.Errorf("its block of %d bytes is %w of %d bytes", length, ErrTooLarge, s.limit)
	}
	if rec.block, err = s.block(length); err != nil {
		return err
	}
	return s.close(rec)
}

// close reads the two line ends after a block and, where the member ends with
// the record, the member's checksum.
func (s *stream) close(rec *record) error {
	tail, err := s.br.Peek(4)
	if rec.trailer = string(tail) == "\r\n\r\n"; rec.trailer {
		_, _ = s.br.Discard(4) // peeked at, so it is there
		_, err = s.br.Peek(1)
	}
	switch {
	case err == nil:
		if s.strict {
			s.damaged = true
			return errors.New("its gzip member holds more than the record")
		}
		return nil
	case err != io.EOF:
		s.damaged = true
		return fmt.Errorf("reading its gzip member: %w", err)
	case s.records == 1 && s.br.Buffered() == 0:
		rec.end = s.in.n
	}
	return nil
}

// versionLine finds the next line that begins a record. Bytes that are none are
// reported once, as a broken record, and the stream stands behind them.
func (s *stream) versionLine() (string, error) {
	if line := s.pending; line != "" {
		s.pending = ""
		return line, nil
	}
	junk := false
	for {
		if !s.inside {
			err := s.open()
			if junk && (err == nil || errors.Is(err, io.EOF)) {
				return "", s.junk()
			}
			if err != nil {
				return "", err
			}
		}
		line, err := s.line(false)
		if err != nil && line == "" {
			if err = s.leave(err); err != nil {
				return "", err
			}
			continue
		}
		switch {
		case isVersion(line) && junk:
			s.pending = line
			return "", s.junk()
		case isVersion(line):
			return line, nil
		case line != "":
			if !junk {
				junk, s.junkAt = true, s.start
			}
			if err := s.spend(int64(len(line))); err != nil {
				return "", err
			}
		}
	}
}

func (s *stream) junk() error {
	return &recordError{reason: reasonBroken, offset: s.junkAt, err: errors.New("bytes that belong to no record")}
}

func isVersion(line string) bool {
	return strings.HasPrefix(line, "WARC/0.") || strings.HasPrefix(line, "WARC/1.")
}

// leave ends the current member after err: io.EOF is its clean end.
func (s *stream) leave(err error) error {
	if errors.Is(err, io.EOF) {
		s.inside = false
		return nil
	}
	s.damaged = true
	return &recordError{reason: reasonBroken, offset: s.start, err: fmt.Errorf("reading its gzip member: %w", err)}
}

// open begins the next gzip member; io.EOF when there is none.
func (s *stream) open() error {
	if s.plain {
		return io.EOF
	}
	s.start, s.records = s.in.n, 0
	if _, err := s.in.br.Peek(1); err != nil {
		s.in.note(err)
		return io.EOF
	}
	var err error
	if s.gz == nil {
		s.gz, err = gzip.NewReader(s.in)
	} else {
		err = s.gz.Reset(s.in)
	}
	if err != nil {
		s.damaged = true
		return &recordError{reason: reasonBroken, offset: s.start, err: fmt.Errorf("opening a gzip member: %w", unexpected(err))}
	}
	s.gz.Multistream(false)
	if s.br == nil {
		s.br = bufio.NewReaderSize(s.gz, window)
	} else {
		s.br.Reset(s.gz)
	}
	s.inside = true
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cross goes on to the next member when a record runs over the end of one, as
// gzip in blocks makes it. A member that begins a record of its own ends the
// unfinished one instead.
func (s *stream) cross() bool {
	s.inside = false
	if s.strict || s.open() != nil {
		return false
	}
	head, _ := s.br.Peek(5)
	s.records = 2 // none of the member's records has it for itself
	if string(head) == "WARC/" {
		s.records = 0
		return false
	}
	return true
}

// line reads one line without its end. Where the input ends it gives what there
// is with io.EOF; so it does at a member's end between records.
func (s *stream) line(within bool) (string, error) {
	var b []byte
	for {
		part, err := s.br.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(b) < maxHeader:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			err = nil
		case err == io.EOF && (within || len(b) > 0) && s.cross():
			continue
		}
		s.taken = len(b)
		b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
		return string(b), err
	}
}

// header reads named fields up to the blank line.
func (s *stream) header() (http.Header, error) {
	var b bytes.Buffer
	for b.Len() <= maxHeader {
		line, err := s.line(true)
		if err != nil {
			return nil, s.short(err, "header")
		}
		if line == "" {
			h, _ := parseHeader(b.Bytes())
			return h, nil
		}
		b.WriteString(line + "\n")
	}
	return nil, fmt.Errorf("its header is %w of %d bytes", ErrTooLarge, maxHeader)
}

// short turns the end of a member, or damage in it, into a record's error.
func (s *stream) short(err error, part string) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("its %s breaks off: %w", part, io.ErrUnexpectedEOF)
	}
	s.damaged = true
	return fmt.Errorf("reading its %s: %w", part, err)
}

func (s *stream) block(length int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(length, 1<<20)) + bytes.MinRead)
	for int64(b.Len()) < length {
		_, err := io.CopyN(&b, s.br, length-int64(b.Len()))
		if errors.Is(err, io.EOF) && s.cross() {
			continue
		}
		if err != nil {
			return nil, s.short(err, fmt.Sprintf("block of %d bytes (%d are there)", length, b.Len()))
		}
	}
	return b.Bytes(), nil
}

// skip passes over n decompressed bytes.
func (s *stream) skip(n int64) error {
	for n > 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		d, err := s.br.Discard(int(min(n, 1<<20)))
		n -= int64(d)
		if err2 := s.spend(int64(d)); err2 != nil {
			return err2
		}
		if err == io.EOF && s.cross() {
			continue
		}
		if err != nil {
			return s.short(err, "block")
		}
	}
	return nil
}

func (s *stream) spend(n int64) error {
	if s.skipped += n; s.skipped > maxSkip {
		return errSkipBudget
	}
	return nil
}

// resync finds the next gzip member that begins a record, after damage. Where
// the file can be read again the search starts right behind the damaged
// member's first byte, since its wrong bytes may have led far past its end.
func (s *stream) resync() bool {
	s.damaged, s.inside, s.pending = false, false, ""
	if s.at != nil {
		s.rewind(s.start + 1)
	}
	for s.ctx.Err() == nil {
		buf, err := s.in.br.Peek(window)
		i := bytes.Index(buf, gzipMagic)
		if i < 0 {
			s.in.discard(max(len(buf)-2, 0))
			if err != nil {
				s.in.note(err)
				return false
			}
			continue
		}
		s.in.discard(i)
		if buf, _ = s.in.br.Peek(window); beginsRecord(buf) {
			return true
		}
		s.in.discard(1)
	}
	return false
}

// beginsRecord tells whether the gzip member at the start of b holds a record's
// beginning.
func beginsRecord(b []byte) bool {
	if len(b) < gzipHead || b[3]&0xe0 != 0 {
		return false
	}
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return false
	}
	head := make([]byte, 5)
	_, err = io.ReadFull(zr, head)
	return err == nil && string(head) == "WARC/"
}
