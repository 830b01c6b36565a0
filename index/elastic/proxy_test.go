package elastic

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// faultProxy stands between the client and a real server and breaks bulk
// requests as a network, an overloaded server or a proxy would. Other requests
// pass.
type faultProxy struct {
	*httptest.Server
	target string

	mu     sync.Mutex
	faults []fault // one a bulk request; past the last one everything passes
	bulks  int
}

// fault answers a request instead of the server; body is what was sent, as
// sent (gzip).
type fault func(w http.ResponseWriter, r *http.Request, body []byte)

func newFaultProxy(t *testing.T, target string) *faultProxy {
	t.Helper()
	p := &faultProxy{target: target}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

// next makes the coming bulk requests meet these faults, in order.
func (p *faultProxy) next(faults ...fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.bulks = faults, 0
}

func (p *faultProxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bulks
}

func (p *faultProxy) take() fault {
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

func (p *faultProxy) serve(w http.ResponseWriter, r *http.Request) {
	isBulk := strings.HasSuffix(r.URL.Path, "/_bulk")
	var f fault
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
	p.pass(w, r, body)
}

// pass forwards a request and its answer.
func (p *faultProxy) pass(w http.ResponseWriter, r *http.Request, body []byte) {
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

func (p *faultProxy) forward(r *http.Request, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = r.Header.Clone()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, answer, err
}

// reset hangs up with a TCP reset, without an answer.
func reset(w http.ResponseWriter, _ *http.Request, _ []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// lost lets the server do its work and loses the answer.
func (p *faultProxy) lost(w http.ResponseWriter, r *http.Request, body []byte) {
	_, _, _, _ = p.forward(r, body)
	reset(w, r, nil)
}

// torn cuts the answer short in the middle of its JSON but sends it as whole.
func (p *faultProxy) torn(w http.ResponseWriter, r *http.Request, body []byte) {
	status, header, answer, err := p.forward(r, body)
	if err != nil {
		return
	}
	w.Header().Set(productHeader, header.Get(productHeader))
	w.WriteHeader(status)
	_, _ = w.Write(answer[:len(answer)/2])
}

// hang gives no answer until the client goes away.
func hang(_ http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }

// says answers with a status and body of something before Elasticsearch.
func says(status int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// elasticSays answers in Elasticsearch's name.
func elasticSays(status int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set(productHeader, "Elasticsearch")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// tooLarge refuses bodies above limit and passes the others.
func (p *faultProxy) tooLarge(limit int) fault {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		if len(body) > limit {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		p.pass(w, r, body)
	}
}

func repeat(f fault, n int) []fault {
	out := make([]fault, n)
	for i := range out {
		out[i] = f
	}
	return out
}
