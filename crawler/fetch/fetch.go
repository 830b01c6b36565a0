// Package fetch gets one URL at a time over HTTP and gives back exactly what
// the server sent. Colly makes the requests and keeps the cookies; the transport
// under it is ours.
//
// The steps of a fetch: check the scheme; resolve the name and refuse private
// addresses at the moment of dialling; send the request with an honest
// User-Agent; read the header and the body under their size and time limits;
// take off the content coding while keeping the bytes as received; return a
// Result. A redirect is a Result like any other: following it is the caller's
// decision, one hop a fetch, so that scope, robots.txt and politeness are
// judged anew for every hop. Bodies are never converted to another charset.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"code.dny.dev/ssrf"
	"github.com/gocolly/colly/v2"
	"golang.org/x/net/publicsuffix"
)

// The limits that hold where Options leaves a field at zero.
const (
	DefaultMaxHeaderBytes  = 256 << 10
	DefaultMaxBodyBytes    = 32 << 20
	DefaultMaxDecodedBytes = 64 << 20
	DefaultHeaderTimeout   = 30 * time.Second
	DefaultTotalTimeout    = 120 * time.Second
)

const defaultAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// Options sets up a Fetcher. A zero field means its default.
type Options struct {
	UserAgent       string         // see UserAgent; default: the product without version and contact
	AllowPrivate    bool           // also fetch from private, loopback and link-local addresses
	Networks        []netip.Prefix // private ones that may be fetched from all the same
	Resolver        *net.Resolver  // of hosts' names; default: the system's
	Cookies         []Cookie       // to begin with
	Proxy           string         // http, https, socks5 or socks5h URL; the environment's proxies are ignored
	MaxHeaderBytes  int64          // of a response
	MaxBodyBytes    int64          // as received, content codings still applied
	MaxDecodedBytes int64          // without content codings
	HeaderTimeout   time.Duration  // from the request's last byte to the response header
	TotalTimeout    time.Duration  // from the start of a fetch to the body's last byte
	Log             *slog.Logger   // default: none
}

func (o Options) withDefaults() Options {
	o.UserAgent = orDefault(o.UserAgent, UserAgent("", ""))
	o.MaxHeaderBytes = orDefault(o.MaxHeaderBytes, DefaultMaxHeaderBytes)
	o.MaxBodyBytes = orDefault(o.MaxBodyBytes, DefaultMaxBodyBytes)
	o.MaxDecodedBytes = orDefault(o.MaxDecodedBytes, DefaultMaxDecodedBytes)
	o.HeaderTimeout = orDefault(o.HeaderTimeout, DefaultHeaderTimeout)
	o.TotalTimeout = orDefault(o.TotalTimeout, DefaultTotalTimeout)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T string | int64 | time.Duration](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// check refuses options under which no fetch could succeed.
func (o Options) check() error {
	if o.MaxHeaderBytes < 0 || o.MaxBodyBytes < 0 || o.MaxDecodedBytes < 0 {
		return errors.New("a size limit is negative; leave it at 0 for the default")
	}
	if o.HeaderTimeout < 0 || o.TotalTimeout < 0 {
		return errors.New("a time limit is negative; leave it at 0 for the default")
	}
	if strings.ContainsAny(o.UserAgent, "\r\n") {
		return errors.New("the User-Agent has a line break in it")
	}
	return nil
}

// Fetcher holds what the workers of a crawl share: connections, cookies and
// limits. It is safe for concurrent use.
type Fetcher struct {
	opts  Options
	guard *ssrf.Guardian
	pool  *http.Transport
	base  *colly.Collector
}

// New sets up a Fetcher. It refuses to start while a COLLY_* variable is in the
// environment, because Colly would let it override the crawl's own settings.
func New(opts Options) (*Fetcher, error) {
	if err := refuseCollyEnvironment(os.Environ()); err != nil { //nolint:forbidigo // Colly itself reads them
		return nil, err
	}
	opts = opts.withDefaults()
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("checking fetch options: %w", err)
	}
	proxy, err := parseProxy(opts.Proxy)
	if err != nil {
		return nil, fmt.Errorf("reading proxy: %w", err)
	}
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, fmt.Errorf("making cookie jar: %w", err)
	}
	for _, c := range opts.Cookies {
		jar.SetCookies(c.URL, []*http.Cookie{c.Cookie})
	}
	f := &Fetcher{opts: opts, guard: newGuard(opts.Networks)}
	f.pool = f.newTransport(proxy)
	f.base = newCollector(opts.UserAgent, &tripper{fetcher: f, pool: f.pool}, jar)
	return f, nil
}

// refuseCollyEnvironment names the first variable that Colly would read.
func refuseCollyEnvironment(environ []string) error {
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(strings.ToUpper(name), "COLLY_") {
			return fmt.Errorf("environment variable %s would override the crawl's settings; unset it", name)
		}
	}
	return nil
}

// newCollector makes the Colly collector that all workers are cloned from:
// every feature that decides something on its own is off.
func newCollector(agent string, transport http.RoundTripper, jar http.CookieJar) *colly.Collector {
	c := colly.NewCollector(
		colly.UserAgent(agent),
		colly.AllowURLRevisit(),
		colly.ParseHTTPErrorResponse(),
		colly.MaxBodySize(0),
		colly.IgnoreRobotsTxt(),
	)
	c.WithTransport(transport)
	c.SetCookieJar(jar)
	c.SetRequestTimeout(0) // the context carries the limits
	c.SetRedirectHandler(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	return c
}

// Close closes idle connections. Fetches that are under way end by themselves.
func (f *Fetcher) Close() { f.pool.CloseIdleConnections() }

// Worker makes a worker: one Colly clone that shares connections and cookies
// with the other workers of the Fetcher.
func (f *Fetcher) Worker() *Worker {
	w := &Worker{fetcher: f, collector: f.base.Clone()}
	w.collector.OnResponse(func(r *colly.Response) {
		if j, ok := r.Ctx.GetAny(collyJob).(*job); ok {
			j.result.Body = r.Body
		}
	})
	return w
}

// collyJob is the key of the job in Colly's own context.
const collyJob = "job"

// Worker makes one fetch at a time; calls from several goroutines queue up.
type Worker struct {
	mu        sync.Mutex
	fetcher   *Fetcher
	collector *colly.Collector
}

// Request is what to fetch with GET. Header adds to the request header, for
// conditional requests for example; User-Agent, Host and Accept-Encoding are
// the Fetcher's own.
type Request struct {
	URL      string
	Header   http.Header
	MaxBytes int64 // of the body as received, where less than Options.MaxBodyBytes; 0 for that
}

// Result is what a server answered, whatever its status. Body and Coded are not
// to be changed: they share memory when the body came without a content coding.
type Result struct {
	URL           string      // as sent: in normal form, without fragment and password
	Status        int         // 200 to 999
	StatusText    string      // the server's reason phrase
	Proto         string      // "HTTP/1.0" or "HTTP/1.1"
	RequestHeader http.Header // as sent, with Host, without cookies and credentials
	Header        http.Header // as received; chunking is already undone
	Coded         []byte      // the body as received, Content-Encoding still applied
	Body          []byte      // the body without content coding, in the page's own charset
	RemoteIP      string      // the server's address; empty behind a proxy
	Started       time.Time   // before the connection was made or taken
	Finished      time.Time   // after the body's last byte
	Truncated     string      // why the body is incomplete: TruncatedDisconnect, TruncatedUnspecified; else empty
	Location      string      // absolute target of a redirect; empty if none or invalid
	Warnings      []string    // oddities that were put up with, such as a Content-Encoding that is not true
}

// Fetch gets one URL and waits for its end. Every complete response is a
// Result, redirects, 304, 4xx and 5xx included. The errors are the sentinels of
// this package or the network's own; Temporary sorts them. When ctx ends, Fetch
// returns at once with its cause.
func (w *Worker) Fetch(ctx context.Context, req Request) (*Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("fetching %s: %w", shownURL(req.URL), context.Cause(ctx))
	}
	limit := w.fetcher.opts.TotalTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: not complete after %s: %w", ErrTimeout, limit, context.DeadlineExceeded))
	defer cancel()
	res, err := w.run(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", shownURL(req.URL), err)
	}
	for _, warning := range res.Warnings {
		w.fetcher.opts.Log.Warn("odd response", "url", shownURL(req.URL), "warning", warning)
	}
	return res, nil
}

// run sends one request through Colly and collects the job's result.
func (w *Worker) run(ctx context.Context, req Request) (res *Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.fetcher.opts.Log.Error("panic while fetching", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			res, err = nil, fmt.Errorf("%w: %v", ErrPanic, p)
		}
	}()
	j := &job{limit: w.fetcher.opts.MaxBodyBytes}
	if req.MaxBytes > 0 {
		j.limit = min(j.limit, req.MaxBytes)
	}
	collyCtx := colly.NewContext()
	collyCtx.Put(collyJob, j)
	w.collector.Context = context.WithValue(ctx, jobKey{}, j)
	defer func() { w.collector.Context = context.Background() }()
	err = w.collector.Request(http.MethodGet, req.URL, nil, collyCtx, w.header(req.Header))
	switch {
	case err != nil && !j.sent && ctx.Err() == nil:
		return nil, fmt.Errorf("%w: %w", ErrURL, err)
	case err != nil:
		return nil, w.fetcher.explain(ctx, err)
	}
	return j.finish(), nil
}

// header is the request header: the caller's wishes, then what is not theirs.
func (w *Worker) header(wished http.Header) http.Header {
	h := wished.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Accept") == "" {
		h.Set("Accept", defaultAccept)
	}
	h.Del("Host")
	h.Set("User-Agent", w.fetcher.opts.UserAgent)
	return h
}

// finish completes the result after the body's last byte.
func (j *job) finish() *Result {
	r := j.result
	r.Finished = time.Now()
	r.Truncated, r.Warnings = j.truncated, j.warnings
	r.Coded = r.Body
	if j.coded != nil {
		r.Coded = j.coded.Bytes()
	}
	return r
}

// shownURL is a URL fit for messages: without password.
func shownURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	authority, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		rest = "…@" + rest[at+1:]
	}
	return scheme + "://" + rest
}
