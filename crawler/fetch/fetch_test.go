package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocolly/colly/v2"
	"github.com/google/go-cmp/cmp"
)

func TestEveryStatusIsAResult(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.Header().Set("Retry-After", "7")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		if status != http.StatusNoContent && status != http.StatusNotModified {
			io.WriteString(w, "body")
		}
	})
	w := newFetcher(t, Options{}).Worker()
	for _, status := range []int{200, 203, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 429, 500, 502, 503} {
		res, err := w.Fetch(t.Context(), Request{URL: fmt.Sprintf("%s/%d", base, status)})
		if err != nil {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if res.Status != status || res.Header.Get("Retry-After") != "7" || res.StatusText != http.StatusText(status) {
			t.Errorf("%d: got status %d %q, header %v", status, res.Status, res.StatusText, res.Header)
		}
		want := "body"
		if status == 204 || status == 304 {
			want = ""
		}
		if string(res.Body) != want {
			t.Errorf("%d: body %q, want %q", status, res.Body, want)
		}
	}
}

func TestLocation(t *testing.T) {
	tests := []struct{ location, want string }{
		{"/b?x=1", "BASE/b?x=1"},
		{"c", "BASE/a/c"},
		{" /d ", "BASE/d"},
		{"https://forum.example/t/1#p2", "https://forum.example/t/1#p2"},
		{"//forum.example/t", "http://forum.example/t"},
		{"http://ida:secret@forum.example/", "http://forum.example/"},
		{"", ""},
		{"javascript:alert(1)", ""},
		{"file:///etc/hostname", ""},
		{"http://", ""},
		{"http://[::bad/", ""},
		{"/%zz", ""},
	}
	var location string
	var hits int
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits++
		w.Header()["Location"] = []string{location}
		w.WriteHeader(http.StatusFound)
	})
	f := newFetcher(t, Options{})
	for i, tt := range tests {
		location = tt.location
		res := mustFetch(t, f, base+"/a/b")
		if want := strings.Replace(tt.want, "BASE", base, 1); res.Location != want {
			t.Errorf("Location %q: got %q, want %q", tt.location, res.Location, want)
		}
		if hits != i+1 {
			t.Fatalf("Location %q: %d requests, want %d: a redirect was followed", tt.location, hits, i+1)
		}
	}
}

func TestRequestAndResult(t *testing.T) {
	var got http.Header
	var host string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, host = r.Header, r.Host
		w.Header()["X-Twice"] = []string{"a", "b"}
		io.WriteString(w, "hello")
	})
	f := newFetcher(t, Options{UserAgent: UserAgent("1.2", "https://crawl.example/")})
	header := http.Header{"If-None-Match": {`"x"`}, "User-Agent": {"Mozilla"}, "Host": {"evil.example"}, "Accept-Encoding": {"br"}}
	before := header.Clone()
	res, err := f.Worker().Fetch(t.Context(), Request{URL: base + "/a?b=ü#frag", Header: header})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, header); diff != "" {
		t.Errorf("the caller's header was changed:\n%s", diff)
	}
	want := http.Header{
		"If-None-Match": {`"x"`}, "User-Agent": {"forumine/1.2 (+https://crawl.example/)"},
		"Accept-Encoding": {"gzip"}, "Accept": {defaultAccept},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header at the server (-want +got):\n%s", diff)
	}
	want.Set("Host", host)
	if diff := cmp.Diff(want, res.RequestHeader); diff != "" {
		t.Errorf("RequestHeader (-want +got):\n%s", diff)
	}
	if host != strings.TrimPrefix(base, "http://") {
		t.Errorf("Host was %q", host)
	}
	if res.URL != base+"/a?b=%C3%BC" || res.Proto != "HTTP/1.1" || res.RemoteIP != "127.0.0.1" {
		t.Errorf("got URL %q, proto %q, IP %q", res.URL, res.Proto, res.RemoteIP)
	}
	if diff := cmp.Diff([]string{"a", "b"}, res.Header["X-Twice"]); diff != "" {
		t.Error(diff)
	}
	if res.Started.IsZero() || res.Finished.Before(res.Started) {
		t.Errorf("started %v, finished %v", res.Started, res.Finished)
	}
	if res.Truncated != "" || res.Location != "" || res.Warnings != nil {
		t.Errorf("a plain page is marked: %+v", res)
	}
}

func TestCharsetIsNeverConverted(t *testing.T) {
	const cp1251 = "\xcf\xf0\xe8\xe2\xe5\xf2"
	for _, contentType := range []string{"text/html; charset=windows-1251", "text/html; charset=no-such-charset", "text/html; charset=utf-16", "text/html", ""} {
		f := newFetcher(t, Options{})
		res := mustFetch(t, f, serveRaw(t, say(message(cp1251, "Content-Type: "+contentType))))
		if string(res.Body) != cp1251 || string(res.Coded) != cp1251 || res.Header.Get("Content-Type") != contentType {
			t.Errorf("%q: body %q, coded %q, type %q", contentType, res.Body, res.Coded, res.Header.Get("Content-Type"))
		}
	}
}

func TestCookiesAreSharedAndKeptQuiet(t *testing.T) {
	var seen []string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s3cret"})
	})
	var logged bytes.Buffer
	f := newFetcher(t, Options{Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	mustFetch(t, f, base)
	res, err := f.Worker().Fetch(t.Context(), Request{URL: base, Header: http.Header{"Authorization": {"Bearer t0ken"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "session=s3cret"}, seen); diff != "" {
		t.Errorf("cookies at the server (-want +got):\n%s", diff)
	}
	all := fmt.Sprint(res.RequestHeader) + logged.String()
	if strings.Contains(all, "s3cret") || strings.Contains(all, "t0ken") {
		t.Errorf("a secret shows: %s", all)
	}
}

func TestCookieOfAPublicSuffixIsRefused(t *testing.T) {
	f := newFetcher(t, Options{})
	err := f.base.SetCookies("http://forum.co.uk/", []*http.Cookie{
		{Name: "wide", Value: "1", Domain: "co.uk"}, {Name: "own", Value: "1", Domain: "forum.co.uk"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.base.Cookies("http://other.co.uk/"); len(got) != 0 {
		t.Errorf("another site gets %v", got)
	}
	if got := f.base.Cookies("http://www.forum.co.uk/"); len(got) != 1 {
		t.Errorf("the site itself gets %v, want its own cookie", got)
	}
}

func TestBadURLs(t *testing.T) {
	w := newFetcher(t, Options{}).Worker()
	tests := []struct {
		url  string
		want error
	}{
		{"ftp://forum.example/", ErrScheme},
		{"file:///etc/hostname", ErrScheme},
		{"javascript:alert(1)", ErrScheme},
		{"mailto:ida@forum.example", ErrScheme},
		{"data:text/html,x", ErrScheme},
		{"", ErrURL},
		{"/relative", ErrURL},
		{"http://", ErrURL},
		{"http://a b/", ErrURL},
		{"http://forum.example:99999/", ErrURL},
		{"http://%00/", ErrURL},
		{"\x00\xff", ErrURL},
	}
	for _, tt := range tests {
		_, err := w.Fetch(t.Context(), Request{URL: tt.url})
		if !errors.Is(err, tt.want) || Temporary(err) {
			t.Errorf("%q: got %v (temporary %v), want permanent %v", tt.url, err, Temporary(err), tt.want)
		}
	}
}

func TestErrorsShowNoPassword(t *testing.T) {
	w := newGuarded(t, Options{}).Worker()
	_, err := w.Fetch(t.Context(), Request{URL: "http://ida:s3cret@127.0.0.1:1/x"})
	if !errors.Is(err, ErrPrivateAddress) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	hit := false
	base := serve(t, func(http.ResponseWriter, *http.Request) { hit = true })
	port := base[strings.LastIndexByte(base, ':'):]
	w := newGuarded(t, Options{}).Worker()
	for _, host := range []string{
		"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
		"169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "255.255.255.255", "[::ffff:127.0.0.1]",
	} {
		_, err := w.Fetch(t.Context(), Request{URL: "http://" + host + port})
		if !errors.Is(err, ErrPrivateAddress) || !strings.Contains(err.Error(), "--allow-private") || Temporary(err) {
			t.Errorf("%s: got %v", host, err)
		}
	}
	if hit {
		t.Error("a server on a private address was reached")
	}
}

func TestGuard(t *testing.T) {
	f := newGuarded(t, Options{})
	refused := []string{"[::1]:80", "[fe80::1]:80", "[fd00:ec2::254]:80", "[ff02::1]:443", "[::]:80", "[64:ff9b::7f00:1]:80", "[2002:7f00:1::]:80"}
	for _, address := range refused {
		if err := f.control("tcp6", address, nil); !errors.Is(err, ErrPrivateAddress) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	for network, address := range map[string]string{"tcp4": "93.184.215.14:8080", "tcp6": "[2606:2800:21f:cb07::1]:8443"} {
		if err := f.control(network, address, nil); err != nil {
			t.Errorf("%s: refused: %v", address, err)
		}
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		io.WriteString(w, "through the proxy")
	})
	f := newGuarded(t, Options{Proxy: proxy})
	res := mustFetch(t, f, "http://forum.example/t/1")
	if string(res.Body) != "through the proxy" || res.RemoteIP != "" {
		t.Errorf("body %q, IP %q", res.Body, res.RemoteIP)
	}
	for _, private := range []string{"http://127.0.0.1/", "http://localhost/", "http://a.localhost./", "http://[::ffff:10.0.0.1]/"} {
		if _, err := f.Worker().Fetch(t.Context(), Request{URL: private}); !errors.Is(err, ErrPrivateAddress) {
			t.Errorf("%s: got %v", private, err)
		}
	}
	if diff := cmp.Diff([]string{"http://forum.example/t/1"}, asked); diff != "" {
		t.Errorf("requests at the proxy (-want +got):\n%s", diff)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	tests := map[string]Options{
		"proxy scheme":   {Proxy: "ftp://ida:s3cret@proxy.example:1"},
		"proxy URL":      {Proxy: "http://ida:s3cret@proxy.example:port"},
		"size":           {MaxBodyBytes: -1},
		"time":           {TotalTimeout: -1},
		"user agent":     {UserAgent: "a\r\nX: b"},
		"proxy no host":  {Proxy: "localhost:8080"},
		"proxy relative": {Proxy: "/x"},
	}
	for name, opts := range tests {
		if _, err := New(opts); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCollyEnvironmentIsRefused(t *testing.T) {
	t.Setenv("COLLY_FOLLOW_REDIRECTS", "1")
	if _, err := New(Options{}); err == nil || !strings.Contains(err.Error(), "COLLY_FOLLOW_REDIRECTS") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

func TestEnvironmentProxyIsIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if f := newGuarded(t, Options{}); f.pool.Proxy != nil {
		t.Error("the transport asks the environment for a proxy")
	}
}

func TestHeaderTimeout(t *testing.T) {
	over := make(chan struct{})
	base := serve(t, func(http.ResponseWriter, *http.Request) { <-over })
	t.Cleanup(func() { close(over) })
	f := newFetcher(t, Options{HeaderTimeout: 20 * time.Millisecond})
	_, err := f.Worker().Fetch(t.Context(), Request{URL: base})
	if !errors.Is(err, ErrTimeout) || !Temporary(err) || !strings.Contains(err.Error(), "awaiting response headers") {
		t.Errorf("got %v", err)
	}
}

func TestTotalTimeoutCutsASlowDrip(t *testing.T) {
	base := serveRaw(t, func(c net.Conn) {
		io.WriteString(c, head("Content-Length: 1000000"))
		for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
			if _, err := io.WriteString(c, "."); err != nil {
				return
			}
		}
	})
	f := newFetcher(t, Options{TotalTimeout: 100 * time.Millisecond})
	_, err := f.Worker().Fetch(t.Context(), Request{URL: base})
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || !Temporary(err) {
		t.Errorf("got %v", err)
	}
}

func TestCancelReturnsAtOnce(t *testing.T) {
	for _, phase := range []string{"header", "body"} {
		t.Run(phase, func(t *testing.T) {
			reached, over := make(chan struct{}), make(chan struct{})
			base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if phase == "body" {
					io.WriteString(w, "beginning")
					w.(http.Flusher).Flush()
				}
				close(reached)
				<-over
			})
			t.Cleanup(func() { close(over) })
			w := newFetcher(t, Options{}).Worker()
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				_, err := w.Fetch(ctx, Request{URL: base})
				done <- err
			}()
			<-reached
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if _, err := w.Fetch(ctx, Request{URL: base}); !errors.Is(err, context.Canceled) {
				t.Errorf("with an ended context: got %v", err)
			}
		})
	}
}

func TestPanicBecomesAnError(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") })
	w := newFetcher(t, Options{}).Worker()
	armed := true
	w.collector.OnResponse(func(*colly.Response) {
		if armed {
			panic("boom")
		}
	})
	_, err := w.Fetch(t.Context(), Request{URL: base})
	if !errors.Is(err, ErrPanic) || !strings.Contains(err.Error(), "boom") || Temporary(err) {
		t.Errorf("got %v", err)
	}
	armed = false
	if res, err := w.Fetch(t.Context(), Request{URL: base}); err != nil || string(res.Body) != "x" {
		t.Errorf("after the panic: %v, %v", res, err)
	}
}

func TestCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	w := newFetcher(t, Options{}).Worker()
	if _, err := w.Fetch(t.Context(), Request{URL: s.URL}); !errors.Is(err, ErrCertificate) || Temporary(err) {
		t.Errorf("unknown authority: got %v", err)
	}
	garbage := serveRawTLS(t, "HTTP/1.1 400 Bad Request\r\n\r\n")
	if _, err := w.Fetch(t.Context(), Request{URL: garbage}); !errors.Is(err, ErrProtocol) || Temporary(err) {
		t.Errorf("plain HTTP on the TLS port: got %v", err)
	}
}

func TestHTTPSIsSpokenAsHTTP1(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	f := newFetcher(t, Options{})
	f.pool.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	f.pool.TLSClientConfig.RootCAs.AddCert(s.Certificate())
	if res := mustFetch(t, f, s.URL); res.Proto != "HTTP/1.1" || string(res.Body) != "HTTP/1.1" {
		t.Errorf("proto %q, at the server %q", res.Proto, res.Body)
	}
}

// serveRawTLS is a server that answers a TLS greeting with text.
func serveRawTLS(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, text)
		io.Copy(io.Discard, conn)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "https://" + l.Addr().String()
}

func TestRefusedConnectionIsTemporary(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = newFetcher(t, Options{}).Worker().Fetch(t.Context(), Request{URL: "http://" + l.Addr().String()})
	if err == nil || !Temporary(err) {
		t.Errorf("got %v, temporary %v", err, Temporary(err))
	}
}

func TestTemporary(t *testing.T) {
	tests := []struct {
		err  error
		want bool
	}{
		{nil, false},
		{context.Canceled, true},
		{fmt.Errorf("x: %w", ErrTimeout), true},
		{io.EOF, true},
		{&net.DNSError{Err: "server misbehaving", IsTemporary: true}, true},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, false},
		{&net.DNSError{Err: "timeout", IsTimeout: true}, true},
		{fmt.Errorf("x: %w", ErrScheme), false},
		{&SizeError{Part: "header"}, false},
		{&url.Error{Op: "Get", Err: ErrCoding}, false},
	}
	for _, tt := range tests {
		if got := Temporary(tt.err); got != tt.want {
			t.Errorf("Temporary(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestWorkersInParallel(t *testing.T) {
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "n", Value: "1"})
		w.Header().Set("Content-Encoding", "gzip")
		io.WriteString(w, gzipped(r.URL.Path))
	})
	f := newFetcher(t, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		w := f.Worker()
		wg.Go(func() {
			for j := range 25 {
				path := fmt.Sprintf("/t/%d.%d", i, j)
				res, err := w.Fetch(t.Context(), Request{URL: base + path})
				if err != nil || string(res.Body) != path {
					t.Errorf("%s: %v, %v", path, res, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestUserAgent(t *testing.T) {
	tests := []struct{ version, contact, want string }{
		{"0.1", "https://crawl.example/bot", "forumine/0.1 (+https://crawl.example/bot)"},
		{"0.1", "ida@crawl.example", "forumine/0.1 (+ida@crawl.example)"},
		{"", "", "forumine"},
		{"1 (x)", " a\r\nb(c)\\é ", "forumine/1x (+abc)"},
	}
	for _, tt := range tests {
		if got := UserAgent(tt.version, tt.contact); got != tt.want {
			t.Errorf("UserAgent(%q, %q) = %q, want %q", tt.version, tt.contact, got, tt.want)
		}
	}
}
