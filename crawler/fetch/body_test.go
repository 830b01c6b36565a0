package fetch

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
)

const page = "<title>Sourdough corner</title> a page with repeated words, words, words and words"

func TestCodings(t *testing.T) {
	coded := gzipped(page)
	tests := []struct {
		name, body, coding, want, truncated string
		warned                              bool
	}{
		{name: "none", body: page, want: page},
		{name: "identity", body: page, coding: "identity", want: page},
		{name: "gzip", body: coded, coding: "gzip", want: page},
		{name: "upper case", body: coded, coding: "GZIP", want: page},
		{name: "x-gzip", body: coded, coding: "x-gzip", want: page},
		{name: "two members", body: gzipped("one ") + gzipped("two"), coding: "gzip", want: "one two"},
		{name: "twice", body: gzipped(coded), coding: "gzip, gzip", want: page},
		{name: "deflate with zlib", body: zlibbed(page), coding: "deflate", want: page},
		{name: "deflate without zlib", body: deflated(page), coding: "deflate", want: page},
		{name: "empty", body: "", coding: "gzip", want: ""},
		{name: "gzip of nothing", body: gzipped(""), coding: "gzip", want: ""},
		{name: "gzip without header", body: coded, want: coded},
		{name: "a lie", body: page, coding: "gzip", want: page, warned: true},
		{name: "a short lie", body: "x", coding: "gzip", want: "x", warned: true},
		{name: "a lie about deflate", body: page, coding: "deflate", want: page, warned: true},
		{name: "half a lie", body: coded, coding: "gzip, gzip", want: page, warned: true},
		{name: "bytes behind", body: coded + strings.Repeat("<!-- x -->", 5000), coding: "gzip", want: page, warned: true},
		{name: "ends early", body: coded[:len(coded)-12], coding: "gzip", want: page, truncated: TruncatedUnspecified, warned: true},
		{name: "trailer missing", body: coded[:len(coded)-8], coding: "gzip", want: page, truncated: TruncatedUnspecified, warned: true},
		{name: "only magic", body: coded[:2], coding: "gzip", want: "", truncated: TruncatedUnspecified, warned: true},
		{name: "wrong checksum", body: coded[:len(coded)-8] + "AAAAAAAA", coding: "gzip", want: page, truncated: TruncatedUnspecified, warned: true},
	}
	f := newFetcher(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Content-Type: text/html; charset=koi8-r"}
			if tt.coding != "" {
				headers = append(headers, "Content-Encoding: "+tt.coding)
			}
			res := mustFetch(t, f, serveRaw(t, say(message(tt.body, headers...))))
			if string(res.Coded) != tt.body {
				t.Errorf("coded bytes changed: %d, want %d", len(res.Coded), len(tt.body))
			}
			checkBody(t, res, tt.want, tt.truncated, tt.warned)
			body, truncated, warnings, err := Decode(res.Header, res.Coded, DefaultMaxDecodedBytes)
			if err != nil || !bytes.Equal(body, res.Body) || truncated != tt.truncated || len(warnings) != len(res.Warnings) {
				t.Errorf("Decode disagrees: %q, %q, %q, %v", body, truncated, warnings, err)
			}
		})
	}
}

// checkBody compares what was read; a broken body may lack its very end.
func checkBody(t *testing.T, res *Result, want, truncated string, warned bool) {
	t.Helper()
	if truncated == "" && string(res.Body) != want || !strings.HasPrefix(want, string(res.Body)) {
		t.Errorf("body %q, want %q", res.Body, want)
	}
	if res.Truncated != truncated || (len(res.Warnings) > 0) != warned {
		t.Errorf("truncated %q, want %q; warnings %q", res.Truncated, truncated, res.Warnings)
	}
}

func TestNamesThatLookCompressed(t *testing.T) {
	f := newFetcher(t, Options{})
	coded := gzipped("<urlset/>")
	base := serveRaw(t, say(message(coded, "Content-Type: application/gzip")))
	if res := mustFetch(t, f, base+"sitemap.xml.gz"); string(res.Body) != coded {
		t.Errorf("a file was decompressed without a content coding: %q", res.Body)
	}
	base = serveRaw(t, say(message("<urlset/>", "Content-Type: application/gzip")))
	if res := mustFetch(t, f, base+"sitemap.xml.gz"); string(res.Body) != "<urlset/>" {
		t.Errorf("got %q", res.Body)
	}
}

func TestUnknownCodings(t *testing.T) {
	f := newFetcher(t, Options{})
	for _, coding := range []string{"br", "zstd", "gzip, br", "gzip, gzip, gzip, gzip"} {
		base := serveRaw(t, say(message("xxxx", "Content-Encoding: "+coding)))
		if _, err := f.Worker().Fetch(t.Context(), Request{URL: base}); !errors.Is(err, ErrCoding) || Temporary(err) {
			t.Errorf("%s: got %v", coding, err)
		}
	}
}

func TestBrokenBodies(t *testing.T) {
	coded := gzipped(page)
	chunked := head("Transfer-Encoding: chunked")
	tests := []struct{ name, answer, want, truncated string }{
		{"length says more", head("Content-Length: 100") + "begin", "begin", TruncatedDisconnect},
		{"nothing of the body", head("Content-Length: 100"), "", TruncatedDisconnect},
		{"chunk cut", chunked + "a\r\nbegin", "begin", TruncatedDisconnect},
		{"last chunk missing", chunked + "5\r\nbegin\r\n", "begin", TruncatedDisconnect},
		{"chunk length is garbage", chunked + "5\r\nbegin\r\nzz\r\nmore", "begin", TruncatedUnspecified},
		{"chunk overruns", chunked + "5\r\nbegin and more\r\n0\r\n\r\n", "begin", TruncatedUnspecified},
		{"gzip cut by the connection", head("Content-Encoding: gzip", "Content-Length: 5000") + coded[:len(coded)-12], page, TruncatedDisconnect},
		{"lie cut by the connection", head("Content-Encoding: gzip", "Content-Length: 5000") + "plain", "plain", TruncatedDisconnect},
		{"close is the end", "HTTP/1.0 200 OK\r\n\r\nbegin", "begin", ""},
		{"length says less", head("Content-Length: 5", "Connection: close") + "begin and more", "begin", ""},
	}
	f := newFetcher(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := mustFetch(t, f, serveRaw(t, say(tt.answer)))
			checkBody(t, res, tt.want, tt.truncated, tt.truncated != "")
			if _, sent, _ := strings.Cut(tt.answer, "\r\n\r\n"); tt.name == "gzip cut by the connection" && string(res.Coded) != sent {
				t.Errorf("coded bytes: %d arrived, %d sent", len(res.Coded), len(sent))
			}
		})
	}
}

func TestResetWithinTheBody(t *testing.T) {
	arrived := make(chan struct{})
	base := serveRaw(t, func(c net.Conn) {
		io.WriteString(c, head("Content-Length: 100")+"begin")
		<-arrived
		_ = c.(*net.TCPConn).SetLinger(0)
	})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotFirstResponseByte: func() { close(arrived) }})
	res, err := newFetcher(t, Options{}).Worker().Fetch(ctx, Request{URL: base})
	if err != nil {
		t.Fatal(err)
	}
	checkBody(t, res, "begin", TruncatedDisconnect, true)
}

func TestAnswersThatAreNotHTTP(t *testing.T) {
	tests := []struct {
		name, answer string
		want         error
	}{
		{"garbage", "SSH-2.0-OpenSSH_9.9\r\n", ErrProtocol},
		{"bad status", "HTTP/1.1 abc OK\r\n\r\n", ErrProtocol},
		{"bad header line", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", ErrProtocol},
		{"switching protocols", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", ErrProtocol},
	}
	f := newFetcher(t, Options{})
	for _, tt := range tests {
		_, err := f.Worker().Fetch(t.Context(), Request{URL: serveRaw(t, say(tt.answer))})
		if !errors.Is(err, tt.want) || Temporary(err) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	_, err := f.Worker().Fetch(t.Context(), Request{URL: serveRaw(t, say(""))})
	if err == nil || !Temporary(err) {
		t.Errorf("hanging up: got %v, want a temporary error", err)
	}
}

func TestSizeLimits(t *testing.T) {
	const limit = 4096
	full := strings.Repeat("x", limit)
	chunked := func(body string, headers ...string) string {
		return head(append(headers, "Connection: close")...) + body // ends with the connection: no length to warn
	}
	tests := []struct{ name, answer, part string }{
		{"body at the limit", message(full), ""},
		{"announced", message(full + "x"), "body as received"},
		{"announced and never sent", head("Content-Length: 99999999999"), "body as received"},
		{"not announced", chunked(full + "x"), "body as received"},
		{"decoded at the limit", message(gzipped(full+full), "Content-Encoding: gzip"), ""},
		{"decoded over it", message(gzipped(full+full+"x"), "Content-Encoding: gzip"), "decoded body"},
		{"bomb", message(bomb(2<<20), "Content-Encoding: gzip"), "decoded body"},
		{"bomb in a bomb", message(gzipped(bomb(20<<20)), "Content-Encoding: gzip, gzip"), "decoded body"},
		{"coded body over it", chunked(bomb(8<<20), "Content-Encoding: gzip"), "decoded body"},
		{"header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 2*limit) + "\r\n\r\n", "header"},
	}
	f := newFetcher(t, Options{MaxHeaderBytes: limit, MaxBodyBytes: limit, MaxDecodedBytes: 2 * limit})
	for _, tt := range tests {
		_, err := f.Worker().Fetch(t.Context(), Request{URL: serveRaw(t, say(tt.answer))})
		if tt.part == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		var size *SizeError
		if !errors.As(err, &size) || size.Part != tt.part || !errors.Is(err, ErrTooLarge) || Temporary(err) {
			t.Errorf("%s: got %v, want the %s to be too large", tt.name, err, tt.part)
		}
	}
}

func TestEndlessAnswersAreCut(t *testing.T) {
	endless := func(start, more string) string {
		return serveRaw(t, func(c net.Conn) {
			io.WriteString(c, start)
			for {
				if _, err := io.WriteString(c, more); err != nil {
					return
				}
			}
		})
	}
	f := newFetcher(t, Options{MaxHeaderBytes: 8192, MaxBodyBytes: 1 << 20})
	tests := map[string]string{
		"one header line":   endless("HTTP/1.1 200 OK\r\nX: ", "yyyyyyyyyyyyyyyy"),
		"many header lines": endless("HTTP/1.1 200 OK\r\n", "X-More: y\r\n"),
		"chunks":            endless(head("Transfer-Encoding: chunked"), "8\r\nzzzzzzzz\r\n"),
		"body":              endless(head("Connection: close"), strings.Repeat("z", 1024)),
	}
	for name, base := range tests {
		if _, err := f.Worker().Fetch(t.Context(), Request{URL: base}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A bomb must not be unpacked beyond its limit, whatever is done with the rest.
func TestBombTakesLittleMemory(t *testing.T) {
	coded := []byte(bomb(24 << 20))
	header := http.Header{"Content-Encoding": {"gzip"}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _, err := Decode(header, coded, 1<<20)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d bytes allocated for a limit of 1 MiB", used)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("gzip", []byte(gzipped(page)))
	f.Add("gzip, gzip", []byte(gzipped(gzipped(page))))
	f.Add("deflate", []byte(zlibbed(page)))
	f.Add("deflate", []byte(deflated(page)))
	f.Add("deflate", []byte("<p>"))
	f.Add("br", []byte("x"))
	f.Fuzz(func(t *testing.T, coding string, coded []byte) {
		const limit = 1 << 16
		body, _, _, err := Decode(http.Header{"Content-Encoding": {coding}}, coded, limit)
		if err != nil && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrCoding) {
			t.Errorf("unexpected error: %v", err)
		}
		if len(body) > limit {
			t.Errorf("%d bytes, the limit is %d", len(body), limit)
		}
	})
}
