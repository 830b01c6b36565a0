package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// job is one fetch on its way through Colly: the round tripper finds it in the
// request's context, the callbacks in Colly's own.
type job struct {
	notes
	result *Result       // set once the header has arrived
	coded  *bytes.Buffer // the body as received; nil when no coding is applied
	sent   bool          // the round tripper was reached
	limit  int64         // of the body as received
}

type jobKey struct{}

// tripper is the http.RoundTripper under Colly. It sends the request as it is
// to be archived, fills the job's Result, and shows Colly a plain response: no
// coding to undo, no charset to convert, no redirect to follow.
type tripper struct {
	fetcher *Fetcher
	pool    *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	j, ok := req.Context().Value(jobKey{}).(*job)
	if !ok {
		return nil, errors.New("request without a job")
	}
	j.sent = true
	if err := t.check(req.URL); err != nil {
		return nil, err
	}
	var remote string
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		remote = remoteIP(info.Conn.RemoteAddr())
	}}
	out := req.Clone(httptrace.WithClientTrace(req.Context(), trace))
	out.Header.Set("Accept-Encoding", "gzip")
	started := time.Now()
	res, err := t.pool.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if t.pool.Proxy != nil {
		remote = "" // the proxy's address, not the site's
	}
	j.result = newResult(out, res, remote, started)
	plain, err := t.plain(req, res, j)
	if err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return plain, nil
}

// check judges the URL in the form in which it would be sent.
func (t *tripper) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%w, not %q", ErrScheme, u.Scheme)
	}
	if u.Hostname() == "" {
		return fmt.Errorf("%w: no host", ErrURL)
	}
	if t.pool.Proxy != nil && !t.fetcher.opts.AllowPrivate {
		return t.fetcher.checkBehindProxy(u)
	}
	return nil
}

// plain is the response that Colly gets to see: the decoded body as it is read
// from the network, and of the header the cookies alone.
func (t *tripper) plain(req *http.Request, res *http.Response, j *job) (*http.Response, error) {
	if res.StatusCode < 200 {
		return nil, fmt.Errorf("%w: final status %d", ErrProtocol, res.StatusCode)
	}
	codings, err := contentCodings(res.Header)
	if err != nil {
		return nil, err
	}
	opts := t.fetcher.opts
	over := &fatalError{&SizeError{Part: "body as received", Limit: j.limit, Option: "MaxBodyBytes"}}
	if res.ContentLength > j.limit {
		return nil, over
	}
	if len(codings) > 0 {
		j.coded = new(bytes.Buffer)
	}
	capped := &capReader{src: res.Body, left: j.limit, over: over}
	src := &bodySource{ctx: req.Context(), src: capped, keep: j.coded, notes: &j.notes}
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	if cookies := res.Header.Values("Set-Cookie"); len(cookies) > 0 {
		header["Set-Cookie"] = cookies
	}
	return &http.Response{
		Status: res.Status, StatusCode: res.StatusCode,
		Proto: res.Proto, ProtoMajor: res.ProtoMajor, ProtoMinor: res.ProtoMinor,
		Header:        header,
		Body:          bodyCloser{decoded(src, codings, opts.MaxDecodedBytes, &j.notes), res.Body},
		ContentLength: -1,
		Uncompressed:  true, // keeps Colly from decompressing by suffix or type
		Request:       req,
	}, nil
}

// bodyCloser reads the decoded body and closes the one on the wire.
type bodyCloser struct {
	io.Reader
	io.Closer
}

// bodySource reads the body on the wire, keeps a copy where one is wanted, and
// sorts errors into those that end the fetch and those that end the body early,
// which become io.ErrUnexpectedEOF.
type bodySource struct {
	ctx   context.Context
	src   io.Reader
	keep  *bytes.Buffer
	notes *notes
}

// Read implements io.Reader.
func (b *bodySource) Read(p []byte) (int, error) {
	n, err := b.src.Read(p)
	if b.keep != nil {
		b.keep.Write(p[:n])
	}
	switch {
	case err == nil, err == io.EOF, isFatal(err):
		return n, err
	case b.ctx.Err() != nil:
		return n, &fatalError{context.Cause(b.ctx)}
	case isDisconnect(err):
		b.notes.warn("the connection ended before the body did: %v", err)
		b.notes.cut(TruncatedDisconnect)
	default:
		b.notes.warn("the body's framing is broken: %v", err)
		b.notes.cut(TruncatedUnspecified)
	}
	return n, io.ErrUnexpectedEOF
}

func isDisconnect(err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network
}

// newResult takes everything but the body from a response. The header is
// copied: nothing that Colly does to its own can reach it.
func newResult(req *http.Request, res *http.Response, remote string, started time.Time) *Result {
	r := &Result{
		URL:           withoutFragment(req.URL),
		Status:        res.StatusCode,
		StatusText:    strings.TrimSpace(strings.TrimPrefix(res.Status, fmt.Sprintf("%03d", res.StatusCode))),
		Proto:         res.Proto,
		RequestHeader: publicHeader(req),
		Header:        res.Header.Clone(),
		RemoteIP:      remote,
		Started:       started,
	}
	if res.StatusCode/100 == 3 {
		r.Location = redirectTarget(req.URL, res.Header.Get("Location"))
	}
	return r
}

// publicHeader is the request header as sent, without what proves an identity.
func publicHeader(req *http.Request) http.Header {
	h := req.Header.Clone()
	h.Del("Cookie")
	h.Del("Authorization")
	h.Del("Proxy-Authorization")
	h.Set("Host", req.URL.Host)
	return h
}

// redirectTarget resolves a Location header (RFC 9110 §10.2.2). It is empty for
// one that is absent, cannot be read, or leaves http and https. User names and
// passwords are never taken over from a server.
func redirectTarget(base *url.URL, location string) string {
	if location = strings.TrimSpace(location); location == "" {
		return ""
	}
	u, err := base.Parse(location)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	u.User = nil
	return u.String()
}

func withoutFragment(u *url.URL) string {
	c := *u
	c.Fragment, c.RawFragment, c.User = "", "", nil
	return c.String()
}

func remoteIP(addr net.Addr) string {
	host, _, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ""
	}
	return host
}
