package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	crlf = "\r\n"
	page = "<!doctype html><p>Brød"
)

// warc writes a record as some tool might; eol is its line end. Fields hold
// "Name: value" lines.
func warc(version, eol string, block string, fields ...string) string {
	return version + eol + strings.Join(fields, eol) + eol + fmt.Sprintf("Content-Length: %d", len(block)) + eol + eol + block + eol + eol
}

// response is a response record for a path on forum.example.org.
func response(path, block string, more ...string) string {
	return warc("WARC/1.0", crlf, block, append([]string{
		"WARC-Type: response", "WARC-Record-ID: <urn:uuid:" + path + ">", "WARC-Date: 2019-05-06T07:08:09Z",
		"WARC-Target-URI: https://forum.example.org/" + path, "Content-Type: application/http; msgtype=response"}, more...)...)
}

const okPage = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page

func tempFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readAll(t testing.TB, path string) ([]Exchange, Summary) {
	t.Helper()
	var all []Exchange
	sum, err := ReadAll(t.Context(), path, nil, func(e Exchange) error { all = append(all, e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all, sum
}

func paths(all []Exchange) string {
	var names []string
	for _, e := range all {
		names = append(names, strings.TrimPrefix(e.URL, "https://forum.example.org/"))
	}
	return strings.Join(names, " ")
}

// TestShapes reads the same three records cut and packed in every way that
// archiving tools use.
func TestShapes(t *testing.T) {
	records := []string{
		warc("WARC/1.0", crlf, "software: other/1\r\n", "WARC-Type: warcinfo", "Content-Type: application/warc-fields"),
		response("a", okPage), response("b", okPage), response("c", okPage),
	}
	whole := strings.Join(records, "")
	var members, blocks []byte
	for _, r := range records {
		members = append(members, gzipped(t, []byte(r))...)
	}
	for rest := []byte(whole); len(rest) > 0; {
		n := min(len(rest), 37) // as bgzip does: members that know nothing of records
		blocks = append(blocks, gzipped(t, rest[:n])...)
		rest = rest[n:]
	}
	lf := strings.ReplaceAll(whole, "\r\n", "\n")
	for _, n := range []int{19, len(okPage)} {
		short := n - 1
		if n == len(okPage) {
			short = n - 3
		}
		lf = strings.ReplaceAll(lf, fmt.Sprintf("Content-Length: %d\n", n), fmt.Sprintf("Content-Length: %d\n", short))
	}
	tests := map[string][]byte{
		"plain.warc":                   []byte(whole),
		"a member a record.warc.gz":    members,
		"one gzip stream.warc.gz":      gzipped(t, []byte(whole)),
		"gzip in blocks.warc.gz":       blocks,
		"gzip under a plain name.warc": members,
		"plain under a gz name.WARC":   []byte(whole),
		"LF only.warc":                 []byte(lf),
		"1.1.warc":                     []byte(strings.ReplaceAll(whole, "WARC/1.0", "WARC/1.1")),
		"0.18.warc":                    []byte(strings.ReplaceAll(whole, "WARC/1.0", "WARC/0.18")),
		"blank lines between.warc":     []byte("\r\n\n" + strings.Join(records, "\n\n\r\n")),
		"no line end at the end.warc":  []byte(strings.TrimRight(whole, "\r\n")),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			if !IsArchive(name) {
				t.Error("IsArchive: false")
			}
			all, sum := readAll(t, tempFile(t, name, data))
			if paths(all) != "a b c" || sum.Responses != 3 || sum.Records != 4 || len(sum.Skipped) != 0 {
				t.Fatalf("%s: %+v", paths(all), sum)
			}
			for _, e := range all {
				if string(e.Body) != page || e.Status != 200 || e.Header.Get("Content-Type") != "text/html" || !e.FetchedAt.Equal(time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)) {
					t.Errorf("%+v, body %q", e, e.Body)
				}
			}
		})
	}
}

func TestRecordKinds(t *testing.T) {
	request := func(path, more string) string {
		return warc("WARC/1.0", crlf, "POST /"+path+" HTTP/1.1\r\nHost: forum.example.org\r\nCookie: a=b\r\n\r\nq=1",
			"WARC-Type: request", "WARC-Target-URI: https://forum.example.org/"+path, more)
	}
	tests := map[string]struct {
		records string
		check   func(Exchange) bool
		skipped map[string]int
	}{
		"wget's brackets and chunks": {
			strings.Replace(response("a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n<!doc\r\n12\r\ntype html><p>Br\xc3\xb8d\r\n0\r\n\r\n"),
				"URI: https://forum.example.org/a", "URI: <https://forum.example.org/a>", 1),
			func(e Exchange) bool {
				return string(e.Body) == page && e.Header.Get("Transfer-Encoding") == "" && e.Header.Get("Content-Length") == strconv.Itoa(len(page)) && e.Truncated == ""
			}, nil},
		"chunks that break off": {
			response("a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<!doc\r\nff\r\ntype"),
			func(e Exchange) bool { return string(e.Body) == "<!doctype" && e.Truncated == TruncatedUnspecified }, nil},
		"chunked by name only": {
			response("a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+page),
			func(e Exchange) bool { return string(e.Body) == page && e.Header.Get("Transfer-Encoding") == "" }, nil},
		"coded body stays coded": {
			response("a", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+string(gzipped(t, []byte(page)))),
			func(e Exchange) bool {
				c, err := e.Capture()
				return bytes.HasPrefix(e.Body, gzipMagic) && err == nil && string(c.Body) == page
			}, nil},
		"shorter than announced": {
			response("a", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+page),
			func(e Exchange) bool { return e.Truncated == TruncatedUnspecified }, nil},
		"folded header, odd lines, HTTP/2": {
			response("a", "HTTP/2 200\nX-A: one\n\ttwo\nno header at all\nX B: c\nX-A:three\n\n"+page),
			func(e Exchange) bool {
				return e.Status == 200 && e.Proto == "HTTP/2" && slices.Equal(e.Header["X-A"], []string{"one two", "three"}) && len(e.Header) == 1
			}, nil},
		"request behind": {
			response("a", okPage) + request("a", "WARC-Concurrent-To: <urn:uuid:a>"),
			func(e Exchange) bool {
				return e.Method == "POST" && e.RequestHeader.Get("Host") == "forum.example.org" && e.RequestHeader.Get("Cookie") == ""
			}, nil},
		"request before": {
			request("a", "WARC-Concurrent-To: urn:uuid:a") + response("a", okPage),
			func(e Exchange) bool { return e.Method == "POST" }, nil},
		"request without a link": {
			request("a", "X: y") + response("a", okPage),
			func(e Exchange) bool { return e.Method == "POST" }, nil},
		"somebody else's request": {
			request("a", "WARC-Concurrent-To: <urn:uuid:z>") + response("a", okPage) + request("b", "X: y"),
			func(e Exchange) bool { return e.Method == "" && e.RequestHeader == nil }, nil},
		"resource": {
			warc("WARC/1.1", crlf, page, "WARC-Type: resource", "WARC-Target-URI: https://forum.example.org/a", "WARC-Date: 2016-01", "Content-Type: text/html"),
			func(e Exchange) bool {
				return e.Status == 0 && string(e.Body) == page && e.FetchedAt.Equal(time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
			}, nil},
		"resource without a type, no date": {
			warc("WARC/1.1", crlf, page, "warc-type: Resource", "WARC-Target-URI: https://forum.example.org/a", "WARC-Date: soon"),
			func(e Exchange) bool { return string(e.Body) == page && e.FetchedAt.IsZero() }, nil},
		"all that is passed over": {
			response("a", okPage) +
				warc("WARC/1.0", crlf, "x", "WARC-Type: metadata") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: sparkle") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: resource", "WARC-Target-URI: https://forum.example.org/i.png", "Content-Type: image/png") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: response", "WARC-Target-URI: dns:forum.example.org", "Content-Type: text/dns") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: resource", "WARC-Target-URI: urn:text:https://forum.example.org/", "Content-Type: text/html") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: revisit", "WARC-Target-URI: https://forum.example.org/a", "WARC-Profile: http://example.org/other") +
				warc("WARC/1.0", crlf, "x", "WARC-Type: continuation", "WARC-Segment-Number: 2") +
				response("b", okPage, "WARC-Segment-Number: 1") +
				response("c", "GET / HTTP/1.1\r\n\r\n"),
			func(e Exchange) bool { return true },
			map[string]int{SkipOther: 2, SkipNotPage: 1, SkipNotHTTP: 2, SkipRevisit: 1, SkipSegment: 2, SkipBroken: 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all, sum := readAll(t, tempFile(t, "x.warc", []byte(tt.records)))
			if len(all) != 1 || paths(all) != "a" || !tt.check(all[0]) {
				t.Fatalf("%+v", all)
			}
			if !maps.Equal(sum.Skipped, tt.skipped) {
				t.Errorf("skipped %v, want %v", sum.Skipped, tt.skipped)
			}
		})
	}
}

func TestRevisits(t *testing.T) {
	digestLine := "WARC-Payload-Digest: " + digest([]byte(page))
	revisit := func(path, profile, block string, more ...string) string {
		r := response(path, block, append([]string{"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/" + profile}, more...)...)
		return strings.Replace(r, "WARC-Type: response", "WARC-Type: revisit", 1)
	}
	records := response("a", okPage) + // its digest is not written: it is computed
		revisit("same", "identical-payload-digest", "HTTP/1.1 203 Fine\r\nX-New: 1\r\n\r\n", digestLine) +
		revisit("bare", "identical-payload-digest", "", strings.ToLower(digestLine)) +
		revisit("a", "server-not-modified", "HTTP/1.1 304 Not Modified\r\nX-New: 1\r\nContent-Length: 0\r\n\r\n") +
		revisit("other", "server-not-modified", "", "WARC-Refers-To-Target-URI: <https://forum.example.org/a>") +
		revisit("lost", "identical-payload-digest", "", "WARC-Payload-Digest: sha1:"+strings.Repeat("A", 32)) +
		revisit("lost", "server-not-modified", "")
	all, sum := readAll(t, tempFile(t, "x.warc", []byte(records)))
	if paths(all) != "a same bare a other" || sum.Revisits != 4 || sum.Responses != 1 || sum.Skipped[SkipRevisit] != 2 {
		t.Fatalf("%s: %+v", paths(all), sum)
	}
	for _, e := range all {
		if string(e.Body) != page {
			t.Errorf("%s: body %q", e.URL, e.Body)
		}
	}
	if e := all[1]; e.Status != 203 || e.Header.Get("X-New") != "1" {
		t.Errorf("identical payload: %+v", e)
	}
	if e := all[3]; e.Status != 200 || e.Header.Get("X-New") != "1" || e.Header.Get("Content-Type") != "text/html" || e.Header.Get("Content-Length") != "" {
		t.Errorf("not modified: %+v", e)
	}
	if all[0].Header.Get("X-New") != "" {
		t.Error("a revisit changed its original")
	}
}

func TestRevisitsHoldBoundedMemory(t *testing.T) {
	var h held
	rec := &record{header: http.Header{}}
	for n := range 200 {
		body := append([]byte("<!doctype html>"), bytes.Repeat([]byte{byte(n)}, 500_000)...)
		h.keep(rec, Exchange{URL: strconv.Itoa(n), Header: http.Header{"Content-Type": {"text/html"}}, Body: body})
	}
	h.keep(rec, Exchange{URL: "large", Header: http.Header{"Content-Type": {"text/html"}}, Body: make([]byte, maxHeldBody+1)})
	h.keep(rec, Exchange{URL: "image", Header: http.Header{"Content-Type": {"image/png"}}, Body: make([]byte, 10)})
	if h.bytes > maxHeld || len(h.byURL) != len(h.queue) || len(h.byDigest) != len(h.queue) || len(h.queue) > maxHeld/500_000 {
		t.Errorf("%d bytes, %d URLs, %d digests, %d queued", h.bytes, len(h.byURL), len(h.byDigest), len(h.queue))
	}
	if h.byURL["199"] == nil || h.byURL["0"] != nil || h.byURL["large"] != nil || h.byURL["image"] != nil {
		t.Error("the wrong pages are held")
	}
}

func TestBrokenRecordsArePassedOver(t *testing.T) {
	good := func(p string) []byte { return gzipped(t, []byte(response(p, okPage))) }
	torn := good("t")
	flipped := good("f")
	flipped[len(flipped)/2] ^= 0xff
	checksum := good("k")
	checksum[len(checksum)-5] ^= 0xff
	long := strings.Replace(response("l", okPage), fmt.Sprintf("Length: %d\r", len(okPage)), "Length: 90000\r", 1)
	short := strings.Replace(response("s", okPage), fmt.Sprintf("Length: %d\r", len(okPage)), "Length: 60\r", 1)
	none := strings.Replace(response("n", okPage), "Content-Length: ", "Content-Length: many", 1)
	tests := map[string]struct {
		data   []byte
		want   string
		broken int
	}{
		"torn member in the middle":   {slices.Concat(good("a"), torn[:len(torn)-60], good("b")), "a b", 1},
		"torn member at the end":      {slices.Concat(good("a"), good("b"), torn[:40]), "a b", 1},
		"flipped bytes":               {slices.Concat(good("a"), flipped, good("b")), "a b", 1},
		"wrong checksum":              {slices.Concat(good("a"), checksum, good("b")), "a b", 1},
		"zeros behind":                {slices.Concat(good("a"), good("b"), make([]byte, 5000)), "a b", 1},
		"noise between":               {slices.Concat(good("a"), []byte("\x1f\x8b\x08 noise \x1f\x8b\x08"), good("b")), "a b", 1},
		"too long a length, members":  {slices.Concat(good("a"), gzipped(t, []byte(long)), good("b")), "a b", 1},
		"too short a length, members": {slices.Concat(good("a"), gzipped(t, []byte(short)), good("b")), "a s b", 1},
		"no length, members":          {slices.Concat(good("a"), gzipped(t, []byte(none)), good("b")), "a b", 2},
		"a member that is no record":  {slices.Concat(good("a"), gzipped(t, []byte("hello\n")), good("b")), "a b", 1},
		"no length, plain":            {[]byte(response("a", okPage) + none + response("b", okPage)), "a b", 2},
		"noise in between, plain":     {[]byte(response("a", okPage) + "noise\n\nnoise\n" + response("b", okPage)), "a b", 1},
		"torn, plain":                 {[]byte(response("a", okPage) + response("b", okPage) + response("c", okPage)[:250]), "a b", 1},
		"too long a length, plain":    {[]byte(response("a", okPage) + response("b", okPage) + long), "a b", 1},
		"header without an end":       {[]byte(response("a", okPage) + response("b", okPage) + "WARC/1.0\r\nWARC-Type: resp"), "a b", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all, sum := readAll(t, tempFile(t, "x.warc.gz", tt.data))
			if paths(all) != tt.want || sum.Skipped[SkipBroken] != tt.broken || len(sum.Problems) != tt.broken {
				t.Errorf("gave %q, want %q; %+v", paths(all), tt.want, sum)
			}
			for _, p := range sum.Problems {
				if p.Reason == "" || p.File != "x.warc.gz" {
					t.Errorf("problem %+v", p)
				}
			}
		})
	}
}

// zeros is a reader of n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLargeRecordsAreNamedAndPassedOver(t *testing.T) {
	const large = 8 << 20
	head := strings.Replace(response("large", ""), "Content-Length: 0\r\n\r\n\r\n\r\n", fmt.Sprintf("Content-Length: %d\r\n\r\n", large), 1)
	var bomb []byte
	for _, part := range []io.Reader{
		strings.NewReader(response("a", okPage)),
		io.MultiReader(strings.NewReader(head), zeros(large), strings.NewReader("\r\n\r\n")),
		strings.NewReader(response("b", okPage)),
	} {
		bomb = append(bomb, gzipFrom(t, part)...)
	}
	small := NewReader(ReadOptions{MaxRecord: 1 << 20})
	var all []Exchange
	if err := small.Read(t.Context(), tempFile(t, "x.warc.gz", bomb), func(e Exchange) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	sum := small.Summary()
	if paths(all) != "a b" || sum.Skipped[SkipTooLarge] != 1 || len(sum.Problems) != 1 {
		t.Fatalf("%s: %+v", paths(all), sum)
	}
	p := sum.Problems[0]
	if p.URL != "https://forum.example.org/large" || !strings.Contains(p.Reason, strconv.Itoa(large)) || !strings.Contains(p.Reason, "cap") {
		t.Errorf("problem %v", p)
	}
	r := NewReader(ReadOptions{MaxRecord: 20})
	err := r.Read(t.Context(), tempFile(t, "y.warc", []byte(response("a", okPage))), func(Exchange) error { return nil })
	if got := r.Summary(); !errors.Is(err, ErrNotArchive) || got.Skipped[SkipTooLarge] != 1 {
		t.Errorf("smaller cap: %v, %+v", err, got)
	}
}

func gzipFrom(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := io.Copy(zw, r); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wacz(t *testing.T, files map[string][]byte, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWACZ(t *testing.T) {
	files := map[string][]byte{
		"datapackage.json":       []byte("{}"),
		"archive/data-1.warc.gz": gzipped(t, []byte(response("a", okPage))),
		"archive/data-2.warc":    []byte(response("b", okPage)),
		"archive/readme.txt":     []byte("hello"),
		"pages/pages.jsonl":      []byte("{}"),
		"indexes/hidden.warc":    []byte(response("hidden", okPage)),
		"archive/x.warc.bak":     []byte(response("hidden", okPage)),
	}
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		all, sum := readAll(t, tempFile(t, "x.wacz", wacz(t, files, method)))
		if paths(all) != "a b" || sum.Files != 2 {
			t.Errorf("method %d: %s, %+v", method, paths(all), sum)
		}
	}
	torn := wacz(t, files, zip.Store)
	at := bytes.Index(torn, []byte("Br\xc3\xb8d"))
	torn[at] ^= 0x20
	_, err := ReadAll(t.Context(), tempFile(t, "x.wacz", torn), nil, func(Exchange) error { return nil })
	if !errors.Is(err, zip.ErrChecksum) || !strings.Contains(err.Error(), "x.wacz/data-2.warc") {
		t.Errorf("damaged entry: %v", err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"1.warc": []byte(response("a", okPage)), "2.warc.gz": gzipped(t, []byte(response("b", okPage))), "notes.txt": []byte("x"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, sum := readAll(t, dir)
	if paths(all) != "a b" || sum.Files != 2 {
		t.Errorf("%s: %+v", paths(all), sum)
	}
}

// The archive's own files are read as everybody else's.
func TestReadAllReadsOurOwn(t *testing.T) {
	name, data, _ := threeCaptures(t)
	all, sum := readAll(t, tempFile(t, name, data))
	if len(all) != 3 || all[2].URL != exchange(2).URL || all[2].Method != "GET" || all[2].Viewer != "guest" || len(sum.Skipped) != 0 {
		t.Errorf("%+v, %+v", all, sum)
	}
}

func TestNotAnArchive(t *testing.T) {
	for name, data := range map[string][]byte{
		"page":          []byte("<!doctype html>\n<p>hello"),
		"empty":         {},
		"other gzip":    gzipped(t, []byte("hello")),
		"zstd":          {0x28, 0xb5, 0x2f, 0xfd, 0, 0},
		"half a magic":  {0x1f},
		"zip":           wacz(t, map[string][]byte{"a.txt": []byte("x")}, zip.Store),
		"broken zip":    []byte("PK\x03\x04 nothing"),
		"one long line": bytes.Repeat([]byte("x"), 5<<20),
	} {
		_, err := ReadAll(t.Context(), tempFile(t, "x.warc.gz", data), nil, func(Exchange) error { return nil })
		if !errors.Is(err, ErrNotArchive) {
			t.Errorf("%s: %v, want ErrNotArchive", name, err)
		}
	}
	if _, err := ReadAll(t.Context(), t.TempDir(), nil, nil); !errors.Is(err, ErrNotArchive) {
		t.Errorf("empty folder: %v", err)
	}
	if _, err := ReadAll(t.Context(), filepath.Join(t.TempDir(), "none"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	for _, name := range []string{"a.gz", "a.warc.zst", "warc", "a.html", ""} {
		if IsArchive(name) {
			t.Errorf("IsArchive(%q)", name)
		}
	}
	if !IsArchive("A.WACZ") {
		t.Error("IsArchive(A.WACZ): false")
	}
}

func TestReadAllEnds(t *testing.T) {
	path := tempFile(t, "x.warc", []byte(response("a", okPage)+response("b", okPage)))
	stop := errors.New("enough")
	seen := 0
	if _, err := ReadAll(t.Context(), path, nil, func(Exchange) error { seen++; return stop }); !errors.Is(err, stop) || seen != 1 {
		t.Errorf("%v after %d", err, seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadAll(ctx, path, nil, func(Exchange) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
