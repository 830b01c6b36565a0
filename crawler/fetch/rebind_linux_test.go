package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"code.dny.dev/ssrf"
	"golang.org/x/net/dns/dnsmessage"
)

// fickleDNS answers for any name with the first address once, then with the second.
// It gives its own address and the number of answers.
func fickleDNS(t *testing.T, first, second [4]byte) (string, *atomic.Int64) {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	answers := new(atomic.Int64)
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				addr := second
				if answers.Add(1) == 1 {
					addr = first
				}
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: addr}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return conn.LocalAddr().String(), answers
}

// TestNameThatChangesItsMind has a name resolve to an address that may be asked,
// and to a private one the next time: the second connection is refused before it is
// made. 127.0.0.2 stands for a public address.
func TestNameThatChangesItsMind(t *testing.T) {
	asked := new(atomic.Int64)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, "public")
	})
	public := httptest.NewUnstartedServer(handler)
	var err error
	if public.Listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:0"); err != nil {
		t.Fatal(err)
	}
	public.Start()
	defer public.Close()
	_, port, _ := net.SplitHostPort(public.Listener.Addr().String())
	private, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = private.Close() }()

	server, answers := fickleDNS(t, [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 1})
	f := newGuarded(t, Options{})
	f.guard = ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(netip.MustParsePrefix("127.0.0.2/32")))
	d := f.dialer(nil)
	d.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}}
	f.pool.DialContext = d.DialContext
	w := f.Worker()
	res, err := w.Fetch(t.Context(), Request{URL: "http://fickle.example.:" + port + "/"})
	if err != nil || string(res.Body) != "public" {
		t.Fatalf("%v, %v", res, err)
	}
	if _, err := w.Fetch(t.Context(), Request{URL: "http://fickle.example.:" + port + "/"}); !errors.Is(err, ErrPrivateAddress) {
		t.Errorf("the private address was not refused: %v", err)
	}
	if asked.Load() != 1 || answers.Load() < 2 {
		t.Errorf("%d requests, %d answers", asked.Load(), answers.Load())
	}
}
