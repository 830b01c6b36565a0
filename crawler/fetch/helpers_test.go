package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newFetcher makes a Fetcher that may reach the test's own servers.
func newFetcher(t *testing.T, opts Options) *Fetcher {
	t.Helper()
	opts.AllowPrivate = true
	return newGuarded(t, opts)
}

func newGuarded(t *testing.T, opts Options) *Fetcher {
	t.Helper()
	f, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// serveRaw answers every connection with talk, after it has read one request.
func serveRaw(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					talk(conn)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); open.Wait() })
	return "http://" + l.Addr().String() + "/"
}

// say answers with fixed bytes and hangs up in an orderly way.
func say(text string) func(net.Conn) {
	return func(c net.Conn) { io.WriteString(c, text) }
}

func mustFetch(t *testing.T, f *Fetcher, url string) *Result {
	t.Helper()
	res, err := f.Worker().Fetch(t.Context(), Request{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func zlibbed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func deflated(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// bomb is n zero bytes under gzip, made without holding them.
func bomb(n int64) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.CopyN(w, zeros{}, n)
	w.Close()
	return b.String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// message builds an HTTP/1.1 response with a true Content-Length.
func message(body string, headers ...string) string {
	return head(append(headers, fmt.Sprintf("Content-Length: %d", len(body)))...) + body
}

func head(headers ...string) string {
	return "HTTP/1.1 200 OK\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
}
