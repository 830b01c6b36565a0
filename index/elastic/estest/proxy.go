package estest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Proxy stands between the client and a real server and breaks bulk requests as
// a network, an overloaded server or a proxy would. Other requests pass.
type Proxy struct {
	URL    string
	t      testing.TB
	target *Server

	mu     sync.Mutex
	server *httptest.Server // nil while it is down
	open   sync.WaitGroup   // requests under way
	faults []Fault          // one a bulk request; past the last one everything passes
	bulks  int
}

// Fault answers a request instead of the server; body is what was sent, as
// sent (gzip).
type Fault func(w http.ResponseWriter, r *http.Request, body []byte)

// NewProxy stands before a server until the test ends.
func NewProxy(t testing.TB, target *Server) *Proxy {
	t.Helper()
	p := &Proxy{t: t, target: target}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	p.URL = p.server.URL
	t.Cleanup(p.Down)
	return p
}

// Down has every connection refused, and breaks those that are open.
func (p *Proxy) Down() {
	p.mu.Lock()
	server := p.server
	p.server = nil
	p.mu.Unlock()
	if server == nil {
		return
	}
	_ = server.Listener.Close() // first: no new ones
	server.CloseClientConnections()
	server.Close()
}

// Up ends what Down began, at the same address.
func (p *Proxy) Up() {
	p.t.Helper()
	l, err := (&net.ListenConfig{}).Listen(p.t.Context(), "tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	_ = server.Listener.Close()
	server.Listener = l
	server.Start()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = server
}

// Next makes the coming bulk requests meet these faults, in order.
func (p *Proxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.bulks = faults, 0
}

// Count gives how many bulk requests have come since Next.
func (p *Proxy) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bulks
}

func (p *Proxy) take() Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bulks++
	if len(p.faults) == 0 {
		return nil
	}
	f := p.faults[0]
	p.faults = p.faults[1:]
	return f
}

// Await waits until no request is under way.
func (p *Proxy) Await() { p.open.Wait() }

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	p.open.Add(1)
	defer p.open.Done()
	isBulk := strings.HasSuffix(r.URL.Path, "/_bulk")
	var f Fault
	if isBulk {
		f = p.take()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if f != nil {
		f(w, r, body)
		return
	}
	p.Pass(w, r, body)
}

// Pass forwards a request and its answer.
func (p *Proxy) Pass(w http.ResponseWriter, r *http.Request, body []byte) {
	status, header, answer, err := p.forward(r, body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	for k, v := range header {
		if k != "Content-Length" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func (p *Proxy) forward(r *http.Request, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, p.target.URL+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = r.Header.Clone()
	res, err := p.transport().RoundTrip(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, answer, err
}

// transport trusts what the server's own tests trust.
func (p *Proxy) transport() http.RoundTripper {
	if t := p.target.client.Transport; t != nil {
		return t
	}
	return http.DefaultTransport
}

// Reset hangs up with a TCP reset, without an answer.
func Reset(w http.ResponseWriter, _ *http.Request, _ []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// Half passes the first half of the documents and hangs up in the middle of the
// request.
func (p *Proxy) Half(w http.ResponseWriter, r *http.Request, body []byte) {
	if half, err := firstHalf(body); err == nil {
		_, _, _, _ = p.forward(r, half)
	}
	Reset(w, r, nil)
}

// firstHalf gives the first half of the items of a gzipped bulk request.
func firstHalf(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(text, []byte("\n")) // two an item, and an empty one at the end
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	for _, line := range lines[:max(2, len(lines)/4*2)] {
		if _, err := packed.Write(line); err != nil {
			return nil, err
		}
	}
	err = packed.Close()
	return out.Bytes(), err
}

// Lost lets the server do its work and loses the answer.
func (p *Proxy) Lost(w http.ResponseWriter, r *http.Request, body []byte) {
	_, _, _, _ = p.forward(r, body)
	Reset(w, r, nil)
}

// Torn cuts the answer short in the middle of its JSON but sends it as whole.
func (p *Proxy) Torn(w http.ResponseWriter, r *http.Request, body []byte) {
	status, header, answer, err := p.forward(r, body)
	if err != nil {
		return
	}
	w.Header().Set("X-Elastic-Product", header.Get("X-Elastic-Product"))
	w.WriteHeader(status)
	_, _ = w.Write(answer[:len(answer)/2])
}

// Hang gives no answer until the client goes away.
func Hang(_ http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }

// Says answers with a status and body of something before Elasticsearch.
func Says(status int, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// ElasticSays answers in Elasticsearch's name.
func ElasticSays(status int, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// TooLarge refuses bodies above limit and passes the others.
func (p *Proxy) TooLarge(limit int) Fault {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		if len(body) > limit {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		p.Pass(w, r, body)
	}
}

// Repeat is a fault n times over.
func Repeat(f Fault, n int) []Fault {
	out := make([]Fault, n)
	for i := range out {
		out[i] = f
	}
	return out
}
