package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// DefaultMaxRecord is the greatest record block, in bytes, that is read from
// other people's archives.
const DefaultMaxRecord = 64 << 20

// maxProblems is how many problems a Summary lists; all are counted.
const maxProblems = 100

// The keys of Summary.Skipped, besides "broken" and "too large".
const (
	SkipBroken   = reasonBroken
	SkipTooLarge = reasonTooLarge
	SkipRevisit  = "revisit without its original"
	SkipSegment  = "segmented record"
	SkipNotHTTP  = "not http"
	SkipNotPage  = "resource that is no page"
	SkipOther    = "other record type"
)

// Summary is what a Reader has read.
type Summary struct {
	Files, Records int            // files within a WACZ count one by one
	Responses      int            // response records given
	Resources      int            // resource records given
	Revisits       int            // revisit records given with the body they refer to
	Skipped        map[string]int // records not given, by reason
	Problems       []Problem      // broken and too large records, the first hundred
}

// ReadOptions configure a Reader. The zero value is usable.
type ReadOptions struct {
	MaxRecord int64        // 0 means DefaultMaxRecord
	Identity  *Identity    // that opens encrypted files of ours; nil opens none
	Log       *slog.Logger // nil discards
}

// Reader reads other people's archives. Files read by one Reader are one set:
// a revisit record finds its original in an earlier file. Memory is bounded by
// two records and by what is held for revisits (32 MiB). It is for one
// goroutine.
type Reader struct {
	opts ReadOptions
	sum  Summary
	held held
}

// NewReader makes a Reader for one set of files.
func NewReader(opts ReadOptions) *Reader {
	if opts.MaxRecord <= 0 {
		opts.MaxRecord = DefaultMaxRecord
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Reader{opts: opts, sum: Summary{Skipped: map[string]int{}}}
}

// IsArchive tells by a file's name whether it is an archive that can be read:
// .warc, .warc.gz or .wacz, or .warc.gz.age as encrypted here.
func IsArchive(name string) bool {
	name = strings.ToLower(name)
	return isWARC(name) || isSealed(name) || strings.HasSuffix(name, ".wacz")
}

func isSealed(name string) bool { return strings.HasSuffix(name, nameSuffix+sealedSuffix) }

func isWARC(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".warc") || strings.HasSuffix(name, ".warc.gz")
}

// ReadAll gives every HTTP response and every HTML resource of the archive at
// path, a file or a folder of files, as Reader.Read does.
func ReadAll(ctx context.Context, path string, id *Identity, fn func(Exchange) error) (Summary, error) {
	r := NewReader(ReadOptions{Identity: id})
	err := r.Read(ctx, path, fn)
	return r.Summary(), err
}

// Summary tells what has been read so far.
func (r *Reader) Summary() Summary {
	s := r.sum
	s.Skipped = map[string]int{}
	maps.Copy(s.Skipped, r.sum.Skipped)
	s.Problems = slices.Clone(r.sum.Problems)
	return s
}

// Read gives the exchanges of the WARC or WACZ file at path, or of all such
// files in the folder at path. Records that cannot be read are passed over,
// counted and logged. An error of fn ends it and is returned. Input that is no
// archive matches ErrNotArchive. The Body of an exchange may be kept by fn.
func (r *Reader) Read(ctx context.Context, path string, fn func(Exchange) error) error {
	return eachFile(path, opener{id: r.opts.Identity}, func(name string, in io.Reader, again seekable) error {
		return r.readWARC(ctx, name, in, again, fn)
	})
}

// opened takes one WARC file, which may lie within a WACZ.
type opened func(name string, in io.Reader, again seekable) error

// opener opens encrypted files of ours. Those that the identity does not open are
// given to closed, by their paths; without it that is an error.
type opener struct {
	id     *Identity
	closed func(path string) error
}

func (o opener) file(path string, fn opened) error {
	if o.closed != nil && o.id.Err() != nil {
		return o.closed(path)
	}
	f, end, err := openSealed(path, &frameMap{}, o.id)
	if err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}
	defer f.Close()
	return fn(f.name, sectionOf(f, 0, end), seekable{f, end})
}

// eachFile opens the WARC or WACZ file at path, or all such files in the folder
// at path, in the order of their names.
func eachFile(path string, open opener, fn opened) error {
	st, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}
	if !st.IsDir() {
		return oneFile(path, open, fn)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("reading a folder of archives: %w", err)
	}
	found := false
	for _, e := range entries {
		found = found || e.Name() == destroyedName // of which nothing may be left
		if e.IsDir() || !IsArchive(e.Name()) {
			continue
		}
		found = true
		if err := oneFile(filepath.Join(path, e.Name()), open, fn); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%w: the folder %s holds no .warc, .warc.gz or .wacz file", ErrNotArchive, path)
	}
	return nil
}

func oneFile(name string, open opener, fn opened) error {
	if isSealed(name) {
		return open.file(name, fn)
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	zipped, err := isZip(f)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if zipped {
		return eachEntry(name, f, st.Size(), fn)
	}
	return fn(filepath.Base(name), f, seekable{f, st.Size()})
}

// isZip tells by its first bytes whether a file is a zip, as a WACZ is.
func isZip(f io.ReaderAt) (bool, error) {
	head := make([]byte, 4)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return string(head[:n]) == "PK\x03\x04" || string(head[:n]) == "PK\x05\x06", nil
}

// eachEntry opens the WARC files of a WACZ file (WACZ 1.1.1): a zip with WARC
// files in archive/.
func eachEntry(name string, f io.ReaderAt, size int64, fn opened) error {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotArchive, name, err)
	}
	found := false
	for _, entry := range z.File {
		if !strings.HasPrefix(entry.Name, "archive/") || !isWARC(entry.Name) {
			continue
		}
		found = true
		if err := oneEntry(filepath.Base(name)+"/"+path.Base(entry.Name), entry, fn); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%w: the zip file %s has no WARC file in its folder archive/", ErrNotArchive, name)
	}
	return nil
}

func oneEntry(name string, entry *zip.File, fn opened) error {
	rc, err := entry.Open()
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer rc.Close()
	return fn(name, rc, seekable{})
}

// seekable is a file that can be read again after damage; zip entries cannot.
type seekable struct {
	at   io.ReaderAt
	size int64
}

func (r *Reader) readWARC(ctx context.Context, name string, in io.Reader, again seekable, fn func(Exchange) error) error {
	s, err := openStream(ctx, in, 0, r.opts.MaxRecord)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if again.at != nil {
		s.at, s.size = again.at, again.size
	}
	r.sum.Files++
	before := r.sum.Records
	p := pairer{read: (*record).exchange, emit: func(rec *record, e Exchange) error { return r.give(rec, e, fn) }}
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			r.skip(bad.reason, problemOf(name, bad))
			continue
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if err := r.take(name, &p, rec); err != nil {
			return err
		}
	}
	if err := p.flush(); err != nil {
		return err
	}
	if r.sum.Records == before {
		return fmt.Errorf("%w: %s holds no whole WARC record", ErrNotArchive, name)
	}
	return nil
}

// take counts one record and hands it on when it is of use.
func (r *Reader) take(name string, p *pairer, rec *record) error {
	r.sum.Records++
	where := Problem{File: name, Offset: rec.offset, Record: rec.id(), URL: rec.url()}
	switch reason := unusable(rec); {
	case reason != "":
		r.skip(reason, where)
		return p.flush()
	case rec.typ() == typeRevisit:
		if err := p.flush(); err != nil {
			return err
		}
		e, ok := r.held.revive(rec)
		if !ok {
			r.skip(SkipRevisit, where)
			return nil
		}
		return p.hold(rec, e)
	}
	bad, err := p.take(rec)
	if bad != nil {
		where.Reason = bad.Error()
		r.skip(SkipBroken, where)
	}
	return err
}

// give hands an exchange to fn and keeps it for revisits.
func (r *Reader) give(rec *record, e Exchange, fn func(Exchange) error) error {
	switch rec.typ() {
	case typeRevisit:
		r.sum.Revisits++
	case typeResource:
		r.sum.Resources++
		r.held.keep(rec, e)
	default:
		r.sum.Responses++
		r.held.keep(rec, e)
	}
	return fn(e)
}

// unusable says why a record is passed over, empty when it is not.
func unusable(rec *record) string {
	switch rec.typ() {
	case typeInfo, typeRequest:
		return ""
	case typeContinuation:
		return SkipSegment
	case typeResponse, typeResource, typeRevisit:
	default:
		return SkipOther
	}
	if rec.header.Get("WARC-Segment-Number") != "" {
		return SkipSegment
	}
	u, err := url.Parse(rec.url())
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return SkipNotHTTP
	}
	if rec.typ() == typeResource {
		if !isPage(rec.header.Get("Content-Type"), rec.block) {
			return SkipNotPage
		}
		return ""
	}
	if t := strings.ToLower(rec.header.Get("Content-Type")); t != "" && !strings.HasPrefix(t, "application/http") && !strings.HasPrefix(t, "message/http") {
		return SkipNotHTTP
	}
	return ""
}

// isPage tells whether a body is HTML, by its media type or, without one, by its
// first bytes.
func isPage(contentType string, body []byte) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media == "application/octet-stream" {
		media, _, _ = mime.ParseMediaType(http.DetectContentType(body))
	}
	return media == "text/html" || media == "application/xhtml+xml"
}

func (r *Reader) skip(reason string, p Problem) {
	r.sum.Skipped[reason]++
	if reason != SkipBroken && reason != SkipTooLarge {
		r.opts.Log.Debug("passing over a record", "file", p.File, "offset", p.Offset, "url", p.URL, "reason", reason)
		return
	}
	if len(r.sum.Problems) < maxProblems {
		r.sum.Problems = append(r.sum.Problems, p)
	}
	r.opts.Log.Warn("passing over a record", "file", p.File, "offset", p.Offset, "record", p.Record, "url", p.URL, "reason", p.Reason)
}
