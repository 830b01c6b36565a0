package elastic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/index"
)

// Media types of the REST API in the shape of version 8, which versions 8 and 9
// both speak ("Elasticsearch API conventions", REST API compatibility).
const (
	jsonType   = "application/vnd.elasticsearch+json; compatible-with=8"
	ndjsonType = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"
)

// productHeader is in every answer of Elasticsearch from 7.14 on.
const productHeader = "X-Elastic-Product"

// maxAnswer caps the bytes of one answer.
const maxAnswer = 256 << 20

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// newHTTPTransport sets every bound that the default transport leaves open.
func newHTTPTransport(cfg Config) (*http.Transport, error) {
	t := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: cfg.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   cfg.ConnectTimeout,
		ResponseHeaderTimeout: cfg.RequestTimeout,
		IdleConnTimeout:       50 * time.Second,
		MaxIdleConnsPerHost:   4,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if cfg.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(cfg.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate authority of --elasticsearch-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the certificate authority of --elasticsearch-ca: %s holds no PEM certificate", cfg.CAFile)
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}

// newElasticTransport tries each node once; pauses and further tries are the
// caller's.
func newElasticTransport(cfg Config, urls []*url.URL, t *http.Transport) (*elastictransport.Client, error) {
	return elastictransport.New(elastictransport.Config{ //nolint:staticcheck // deprecated, and the form that takes a transport as it is
		URLs:         urls,
		Username:     cfg.Username,
		Password:     cfg.Password,
		APIKey:       cfg.APIKey,
		UserAgent:    cfg.UserAgent,
		Transport:    t,
		DisableRetry: len(urls) == 1,
		MaxRetries:   len(urls) - 1,
	})
}

// answer is a whole response.
type answer struct {
	status  int
	product string // of productHeader
	body    []byte
}

func (a answer) ok() bool     { return a.status >= 200 && a.status < 300 }
func (a answer) isES() bool   { return a.product == "Elasticsearch" }
func (a answer) text() string { return excerpt(string(a.body), 300) }

// headers wraps the transport to set the media types that esapi leaves plain.
type headers struct {
	es     *elastictransport.Client
	accept string
}

// Perform sends one request.
func (h headers) Perform(r *http.Request) (*http.Response, error) {
	if h.accept != "" {
		r.Header.Set("Accept", h.accept)
		if r.Header.Get("Content-Type") == "application/json" {
			r.Header.Set("Content-Type", h.accept)
		}
	}
	return h.es.Perform(r)
}

// do sends a request and reads its whole answer. The error is one of the
// connection; what the server says against the request is in the answer.
func (c *Client) do(ctx context.Context, r esapi.Request) (answer, error) {
	return c.roundTrip(ctx, r, jsonType)
}

// doPlain is do without the compatibility header, which servers that are not
// Elasticsearch, or too old, refuse before they say what they are.
func (c *Client) doPlain(ctx context.Context, r esapi.Request) (answer, error) {
	return c.roundTrip(ctx, r, "")
}

func (c *Client) roundTrip(ctx context.Context, r esapi.Request, accept string) (answer, error) {
	bounded, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout)
	defer cancel()
	res, err := r.Do(bounded, headers{c.es, accept})
	if err != nil {
		return answer{}, c.connectionError(ctx, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return answer{}, c.connectionError(ctx, err)
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("reading the answer of %s: it is longer than %d bytes", c.where, maxAnswer)
	}
	return answer{status: res.StatusCode, product: res.Header.Get(productHeader), body: body}, nil
}

// connectionError tells an outage from what waiting does not cure.
func (c *Client) connectionError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking Elasticsearch at %s: %w", c.where, ctx.Err())
	}
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	stop := func(what string) error {
		return fmt.Errorf("%w: connecting to %s: %s: %w", index.ErrStop, c.where, what, err)
	}
	switch {
	case errors.Is(err, elastictransport.ErrClosed):
		return fmt.Errorf("asking Elasticsearch at %s: the client is closed: %w", c.where, err)
	case errors.As(err, &authority) && c.cfg.CAFile == "":
		return stop("its certificate is signed by an authority that this machine does not know; name that authority's PEM file with --elasticsearch-ca")
	case errors.As(err, &authority):
		return stop("its certificate is not signed by the authority in " + c.cfg.CAFile + "; name the right PEM file with --elasticsearch-ca")
	case errors.As(err, &hostname):
		return stop("its certificate is for another host; use a host name that it covers")
	case errors.As(err, &invalid):
		return stop("its certificate is not valid (expired, or not for servers); renew it")
	case errors.As(err, &record):
		return stop("it does not speak TLS; write http:// in place of https://")
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return fmt.Errorf("%w: no answer from %s within %v: %w", index.ErrUnavailable, c.where, c.cfg.RequestTimeout, err)
	}
	return fmt.Errorf("%w: connecting to %s: %w", index.ErrUnavailable, c.where, err)
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// isHTTPForHTTPS tells the errors of a server that expects TLS and got plain
// HTTP: it hangs up.
func isHTTPForHTTPS(err error, where string) bool {
	return strings.HasPrefix(where, "http://") &&
		(errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "malformed HTTP response"))
}

// excerpt is a text on one line, with its middle left out when it is long: the
// end of a reason says as much as its beginning.
func excerpt(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit/2]) + " … " + string(r[len(r)-limit/2:])
}
