package crawler_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"forumine/crawler"

	"golang.org/x/net/dns/dnsmessage"
)

// 127.0.0.2 stands for a public address in these tests, 127.0.0.1 for a private one.
// Only Linux has both without being told.
var publicAddress, privateAddress = [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 1}

func guarded(media crawler.Media) setup {
	return setup{public: true, networks: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4(publicAddress), 32)}, attempts: 1,
		Options: crawler.Options{Files: crawler.Files{Media: media}}}
}

// serveAt serves a forum at an address and port; 0 for any.
func serveAt(t *testing.T, address [4]byte, port string, pages map[string]string) *site {
	t.Helper()
	s := &site{t: t, pages: pages, asked: map[string]int{}}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", netip.AddrFrom4(address).String()+":"+port)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // each request asks for the address again
		s.ServeHTTP(w, r)
	}))
	_ = s.server.Listener.Close()
	s.server.Listener = l
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

// A redirect from a public host to a private address is refused when it is dialled,
// wherever a crawl meets it: on the first page, for robots.txt, for a file of a post.
func TestRedirectToAPrivateAddress(t *testing.T) {
	t.Parallel()
	inside := serveAt(t, privateAddress, "0", map[string]string{"/": "kind index\n", "/robots.txt": "HTTP 200\nContent-Type: text/plain\n\n", "/secret.png": "HTTP 200\nContent-Type: image/png\n\nsecret"})
	elsewhere := serveAt(t, publicAddress, "0", map[string]string{
		"/":     "HTTP 302\nLocation: " + inside.url("/") + "\n\n",
		"/meta": "HTTP 302\nLocation: http://169.254.169.254/latest/meta-data/\n\n",
	})
	for _, path := range []string{"/", "/meta"} {
		b := open(t, t.TempDir(), guarded(crawler.MediaNone))
		if _, err := b.Start(watched(t), elsewhere.url(path)); err == nil || !strings.Contains(err.Error(), "--allow-private") {
			t.Errorf("a first page that redirects inside: %v", err)
		}
	}
	misled := serveAt(t, publicAddress, "0", map[string]string{"/": "kind index\n", "/robots.txt": "HTTP 302\nLocation: " + inside.url("/robots.txt") + "\n\n"})
	b := open(t, t.TempDir(), guarded(crawler.MediaNone))
	if _, err := b.Start(watched(t), misled.url("/")); err == nil || misled.count("/") != 0 {
		t.Errorf("a robots.txt that redirects inside: %v, and the page was asked for %d times", err, misled.count("/"))
	}
	showing := serveAt(t, publicAddress, "0", map[string]string{
		"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 1\n", "/t/1": "kind thread\npost 10 look\nimage /a.png\nattachment /b.png\n",
		"/a.png": "HTTP 302\nLocation: " + inside.url("/secret.png") + "\n\n", "/b.png": "HTTP 302\nLocation: http://[::ffff:10.0.0.1]/x.png\n\n",
	})
	b = open(t, t.TempDir(), guarded(crawler.MediaImages))
	b.start(showing.url("/"))
	b.run()
	for _, key := range []string{"image " + showing.url("/a.png"), "attachment " + showing.url("/b.png")} {
		if got := b.outcome(showing, key); !strings.HasPrefix(got, "out_of_scope: ") {
			t.Errorf("%s: %s", key, got)
		}
	}
	if got := inside.requests(); len(got) > 0 {
		t.Errorf("the inside was asked for %q", got)
	}
}

// A forum whose name comes to lead to a private address in the middle of the crawl
// is asked for nothing there.
func TestForumWhoseNameTurnsInside(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"/": "kind index\nboard /b/1\n", "/b/1": "kind board\nrow /t/1 1\nrow /t/2 2\n", "/t/1": "kind thread\npost 10 one\n", "/t/2": "kind thread\npost 20 two\n"}
	outside := serveAt(t, publicAddress, "0", pages)
	u, err := url.Parse(outside.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	inside := serveAt(t, privateAddress, u.Port(), pages)
	o := guarded(crawler.MediaNone)
	turned := new(atomic.Bool)
	o.resolver = &net.Resolver{PreferGo: true, Dial: turningDNS(t, turned)}
	outside.before = func(path string) { turned.Store(turned.Load() || path == "/b/1") }
	b := open(t, t.TempDir(), o)
	name := "http://forum.example.:" + u.Port() + "/"
	found := b.start(name)
	b.run()
	for _, path := range []string{"t/1", "t/2"} {
		page, err := b.store.URLByKey(t.Context(), found.ID, "thread/"+strings.TrimPrefix(path, "t/")+"/1")
		if err != nil || page.Outcome != "out_of_scope" || !strings.Contains(page.Reason, "private") {
			t.Errorf("%s: %s: %s, %v", path, page.Outcome, page.Reason, err)
		}
	}
	if outside.count("/b/1") != 1 || len(inside.requests()) > 0 {
		t.Errorf("outside was asked for %q, inside for %q", outside.requests(), inside.requests())
	}
}

// turningDNS answers for any name with the public address, and once turned with the
// private one.
func turningDNS(t *testing.T, turned *atomic.Bool) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			address := publicAddress
			if turned.Load() {
				address = privateAddress
			}
			if out := answer(buf[:n], address); out != nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	server := conn.LocalAddr().String()
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}
}

// answer answers a question for a host's address.
func answer(question []byte, address [4]byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	m.Response, m.Additionals = true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: address}}}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
