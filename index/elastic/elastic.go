// Package elastic delivers documents to Elasticsearch 8 or later and reads them
// back.
//
// Its steps: New reads the configuration; Check asks the server what it is and
// refuses anything but Elasticsearch; Setup installs index templates, indices
// and filtered aliases; Deliver writes a batch through the bulk API and gives a
// verdict for each document; Search, Count, Get and Thread read.
//
// It stands on the official client's transport and request types
// (elastictransport, esapi) and not on the root client: the product check and
// the compatibility header are the only parts of that which are needed, and
// they are in this package (transport.go, check.go).
package elastic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"

	"forumine/extract/forum"
	"forumine/index"
)

// Config says where Elasticsearch is and how to speak to it. A zero field takes
// its default.
type Config struct {
	URLs     []string // http or https; several are the nodes of one cluster
	Username string   // with Password; or APIKey; or neither
	Password string
	APIKey   string // the encoded form, as Elasticsearch shows it
	CAFile   string // PEM file of the authorities to trust; empty: those of the system

	Prefix string // of index and alias names; "forum"

	Pre, Post string // set around matches in fragments; both empty: **

	ConnectTimeout time.Duration // 10 s
	RequestTimeout time.Duration // of a whole request with its answer; 2 min
	UserAgent      string        // "forumine"
	Log            *slog.Logger  // silent when nil

	// Prepare runs once, before the first delivery and after the product check:
	// the place to call Setup, so that a server that comes up late is set up
	// before it gets documents. It is tried again when it fails.
	Prepare func(context.Context, *Client) error

	Now func() time.Time // the clock; time.Now
}

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "forum"
	}
	if c.UserAgent == "" {
		c.UserAgent = "forumine"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	if c.RequestTimeout <= 0 {
		c.RequestTimeout = 2 * time.Minute
	}
	return c
}

// Client is a connection to one cluster. It may be used by several goroutines.
type Client struct {
	cfg   Config
	where string // the URLs without passwords, for messages
	http  *http.Transport
	es    *elastictransport.Client

	mu       sync.Mutex // guards what follows
	server   Server     // zero until Check has succeeded
	prepared bool
	refused  time.Time // when a password that used to work was first refused
}

var _ index.Sink = (*Client)(nil)

// Server is what a cluster says of itself.
type Server struct {
	ClusterUUID string
	ClusterName string
	Version     string
}

// New reads the configuration and connects to nothing.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := checkPrefix(cfg.Prefix); err != nil {
		return nil, err
	}
	urls, err := parseURLs(cfg.URLs)
	if err != nil {
		return nil, err
	}
	if err := checkCredentials(cfg, urls); err != nil {
		return nil, err
	}
	transport, err := newHTTPTransport(cfg)
	if err != nil {
		return nil, err
	}
	es, err := newElasticTransport(cfg, urls, transport)
	if err != nil {
		return nil, fmt.Errorf("making the Elasticsearch transport: %w", err)
	}
	return &Client{cfg: cfg, where: describe(urls), http: transport, es: es}, nil
}

// Open is New followed by Check. Its error wraps index.ErrUnavailable when the
// server is not to be reached for now and index.ErrStop when a person has to
// act; a wrong configuration wraps neither.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	c, err := New(cfg)
	if err != nil {
		return nil, err
	}
	if _, err := c.Check(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close lets go of the connections.
func (c *Client) Close() error {
	err := c.es.Close(context.Background())
	c.http.CloseIdleConnections()
	if errors.Is(err, elastictransport.ErrAlreadyClosed) {
		return nil
	}
	return err
}

// Identity names the place that documents go to: the cluster's UUID and the
// prefix. Documents delivered to one identity are not in another. It is empty
// until Check has succeeded.
func (c *Client) Identity() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server.ClusterUUID == "" {
		return ""
	}
	return "elasticsearch/" + c.server.ClusterUUID + "/" + c.cfg.Prefix
}

// alias is the name under which documents of a kind are written and read, or
// empty for an unknown kind.
func (c *Client) alias(kind forum.DocKind) string {
	if !slices.Contains(index.DocKinds(), kind) {
		return ""
	}
	return index.Alias(c.cfg.Prefix, kind)
}

// checkPrefix holds a prefix to what Elasticsearch accepts in index names.
func checkPrefix(prefix string) error {
	for i, r := range prefix {
		lower := r >= 'a' && r <= 'z'
		if lower || i > 0 && (r >= '0' && r <= '9' || r == '-' || r == '_') {
			continue
		}
		return fmt.Errorf("reading the index prefix %q: use lower-case letters, digits, - and _, with a letter first", prefix)
	}
	if len(prefix) > 64 {
		return fmt.Errorf("reading the index prefix: it has %d characters, more than 64", len(prefix))
	}
	return nil
}

func parseURLs(list []string) ([]*url.URL, error) {
	if len(list) == 0 {
		return nil, errors.New("reading the Elasticsearch address: there is none; give one with --elasticsearch, as in http://127.0.0.1:9200")
	}
	var urls []*url.URL
	for _, raw := range list {
		u, err := url.Parse(strings.TrimRight(strings.TrimSpace(raw), "/"))
		if err != nil { // its text may hold a password
			return nil, errors.New("reading the Elasticsearch address: it is not a URL; write it as https://host:9200")
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("reading the Elasticsearch address %q: write it as http://host:9200 or https://host:9200", u.Redacted())
		}
		if u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("reading the Elasticsearch address %q: it must end with host, port and path", u.Redacted())
		}
		urls = append(urls, u)
	}
	return urls, nil
}

func checkCredentials(cfg Config, urls []*url.URL) error {
	switch {
	case cfg.APIKey != "" && cfg.Username != "":
		return errors.New("reading the Elasticsearch credentials: give an API key or a user name, not both")
	case cfg.Username != "" && cfg.Password == "":
		return fmt.Errorf("reading the Elasticsearch credentials: the password of user %q is missing", cfg.Username)
	case cfg.Username == "" && cfg.Password != "":
		return errors.New("reading the Elasticsearch credentials: there is a password without a user name")
	}
	for _, u := range urls {
		secret := cfg.APIKey != "" || cfg.Password != "" || u.User != nil
		if secret && u.Scheme == "http" && !isLoopback(u.Hostname()) {
			cfg.Log.Warn("credentials go to Elasticsearch unencrypted; use https", "url", u.Redacted())
		}
	}
	return nil
}

func describe(urls []*url.URL) string {
	var names []string
	for _, u := range urls {
		clean := *u
		clean.User = nil
		names = append(names, clean.String())
	}
	return strings.Join(names, ", ")
}
