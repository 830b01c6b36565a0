package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip" // writes members in half the time of the standard library's
)

// The record types that matter here (WARC 1.1 section 6).
const (
	typeInfo         = "warcinfo"
	typeRequest      = "request"
	typeResponse     = "response"
	typeResource     = "resource"
	typeRevisit      = "revisit"
	typeContinuation = "continuation"
)

const warcVersion = "WARC/1.1"

// Extension fields of the archive. Other tools pass over names that they do not
// know (WARC 1.1 section 5.1).
const (
	fieldRun      = "Forumine-Run-ID"
	fieldViewer   = "Forumine-Viewer"
	fieldUndated  = "Forumine-Date-Unknown" // WARC-Date is mandatory, even when the capture's time is not known
	typeMessageRq = "application/http;msgtype=request"
	typeMessageRs = "application/http;msgtype=response"
)

type field struct{ name, value string }

// record is one WARC record as read.
type record struct {
	version string
	header  http.Header
	block   []byte
	offset  int64 // where its gzip member begins; in a plain file, the record
	end     int64 // past its gzip member; 0 when other records share the member
	trailer bool  // the two line ends after the block are there
}

func (r *record) typ() string { return strings.ToLower(r.header.Get("WARC-Type")) }

func (r *record) id() string { return bare(r.header.Get("WARC-Record-ID")) }

func (r *record) url() string { return bare(r.header.Get("WARC-Target-URI")) }

// bare drops the angle brackets that some tools write and others do not.
func bare(id string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
}

// concurrent gives the ids of the records of the same capture event.
func (r *record) concurrent() []string {
	var ids []string
	for _, v := range r.header.Values("WARC-Concurrent-To") {
		ids = append(ids, bare(v))
	}
	return ids
}

// date reads a W3CDTF date of any precision, zero when there is none.
func (r *record) date() time.Time {
	if r.header.Get(fieldUndated) != "" {
		return time.Time{}
	}
	value := r.header.Get("WARC-Date")
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006", nameStamp} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// exchange gives the members of one exchange: the response first, so that a
// crash between the two leaves a whole capture, then its request. With an
// original, the response is written as a revisit of it.
func (p *packer) exchange(e Exchange, from original, now time.Time) ([][]byte, error) {
	id := recordID()
	var first []byte
	var err error
	if from.id != "" {
		first, err = p.revisit(e, id, from, now)
	} else {
		first, err = p.main(e, id, now)
	}
	if err != nil || !e.hasRequest() {
		return [][]byte{first}, err
	}
	block, err := e.requestBlock()
	if err != nil {
		return nil, err
	}
	second, err := p.member(append(e.shared(typeRequest, recordID(), now),
		field{"WARC-Concurrent-To", "<" + id + ">"},
		field{"Content-Type", typeMessageRq}), block)
	return [][]byte{first, second}, err
}

// main is the member that a Ref points at.
func (p *packer) main(e Exchange, id string, now time.Time) ([]byte, error) {
	if e.Status == 0 {
		fields := e.optional(e.shared(typeResource, id, now))
		contentType := oneLine(e.Header.Get("Content-Type"))
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		fields = append(fields, field{"WARC-Payload-Digest", digest(e.Body)}, field{"Content-Type", contentType})
		return p.member(fields, e.Body)
	}
	block := e.responseBlock()
	if len(block) > MaxBlock {
		return nil, fmt.Errorf("archiving %s: %w of %d bytes", e.URL, ErrTooLarge, MaxBlock)
	}
	fields := append(e.optional(e.shared(typeResponse, id, now)),
		field{"WARC-Payload-Digest", digest(e.Body)},
		field{"Content-Type", typeMessageRs})
	return p.member(fields, block)
}

func (e Exchange) shared(typ, id string, now time.Time) []field {
	at, undated := e.FetchedAt, e.FetchedAt.IsZero()
	if undated {
		at = now
	}
	fields := []field{
		{"WARC-Type", typ},
		{"WARC-Record-ID", "<" + id + ">"},
		{"WARC-Date", at.UTC().Format(time.RFC3339Nano)},
		{"WARC-Target-URI", e.URL},
	}
	if undated {
		fields = append(fields, field{fieldUndated, "true"})
	}
	if e.RemoteIP != "" {
		fields = append(fields, field{"WARC-IP-Address", e.RemoteIP})
	}
	if p := protocolID(e.Proto); p != "" {
		fields = append(fields, field{"WARC-Protocol", p})
	}
	return fields
}

func (e Exchange) optional(fields []field) []field {
	for _, f := range []field{{"WARC-Truncated", e.Truncated}, {fieldRun, e.RunID}, {fieldViewer, e.Viewer}} {
		if f.value != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// exchange reads a response or resource record. Its body shares the block's
// memory.
func (r *record) exchange() (Exchange, error) {
	e := Exchange{
		URL: r.url(), FetchedAt: r.date(), RemoteIP: r.header.Get("WARC-IP-Address"),
		Truncated: r.header.Get("WARC-Truncated"),
		RunID:     r.header.Get(fieldRun), Viewer: r.header.Get(fieldViewer),
	}
	if r.typ() == typeResource {
		e.Body, e.Header = r.block, http.Header{}
		if t := r.header.Get("Content-Type"); t != "" {
			e.Header.Set("Content-Type", t)
		}
		return e, nil
	}
	if err := e.setResponse(r.block); err != nil {
		return e, err
	}
	e.Proto = protoOf(r.header.Values("WARC-Protocol"), e.Proto)
	return e, nil
}

// The gzip extra field "sl" (skip-lengths): the member's compressed and
// uncompressed length, four bytes each, little endian. ARC files had it first.
// It lets the tail of a large file be found without decompressing the file;
// readers that do not know it pass over it (RFC 1952 section 2.3.1.1).
const (
	gzipHead  = 10
	skipExtra = 2 + 2 + 8 // subfield id, its length, two numbers
	skipHead  = gzipHead + 2 + skipExtra
)

// packer writes records as gzip members and keeps compressors for the next ones:
// a new one costs more memory than most records. The zero value is ready.
type packer struct{ pool sync.Pool }

func (p *packer) writer(w io.Writer) *gzip.Writer {
	zw, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		return gzip.NewWriter(w)
	}
	zw.Reset(w)
	return zw
}

// member writes one record as one gzip member.
func (p *packer) member(fields []field, block []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(block)/4 + 1024)
	zw := p.writer(&out)
	defer p.pool.Put(zw)
	zw.Extra = append([]byte{'s', 'l', 8, 0}, make([]byte, 8)...)
	size, err := writeRecord(zw, fields, block)
	if err == nil {
		err = zw.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compressing a record: %w", err)
	}
	member := out.Bytes()
	binary.LittleEndian.PutUint32(member[skipHead-8:], uint32(len(member)))
	binary.LittleEndian.PutUint32(member[skipHead-4:], uint32(size))
	return member, nil
}

func writeRecord(zw *gzip.Writer, fields []field, block []byte) (int, error) {
	var head bytes.Buffer
	head.WriteString(warcVersion + "\r\n")
	fields = append(fields, field{"WARC-Block-Digest", digest(block)}, field{"Content-Length", strconv.Itoa(len(block))})
	for _, f := range fields {
		fmt.Fprintf(&head, "%s: %s\r\n", f.name, f.value)
	}
	head.WriteString("\r\n")
	size := 0
	for _, part := range [][]byte{head.Bytes(), block, []byte("\r\n\r\n")} {
		n, err := zw.Write(part)
		if size += n; err != nil {
			return size, err
		}
	}
	return size, nil
}

// skipLength reads the compressed length from the first bytes of a member, 0
// when it holds none.
func skipLength(head []byte) int64 {
	if len(head) < skipHead || !bytes.HasPrefix(head, gzipMagic) || head[3]&4 == 0 || string(head[12:16]) != "sl\x08\x00" {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(head[skipHead-8:]))
}

// packInfo writes the warcinfo record that begins a file (WARC 1.1 section 6.2).
func (p *packer) info(name string, at time.Time, block []byte) ([]byte, error) {
	return p.member([]field{
		{"WARC-Type", typeInfo},
		{"WARC-Record-ID", "<" + recordID() + ">"},
		{"WARC-Date", at.UTC().Format(time.RFC3339)},
		{"WARC-Filename", name},
		{"Content-Type", "application/warc-fields"},
	}, block)
}

func infoBlock(o Options) []byte {
	var b bytes.Buffer
	for _, f := range []field{
		{"software", o.Software},
		{"format", "WARC File Format 1.1"},
		{"conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{"robots", o.Robots},
		{"operator", o.Operator},
		{"http-header-user-agent", o.UserAgent},
	} {
		if v := oneLine(f.value); v != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", f.name, v)
		}
	}
	return b.Bytes()
}
