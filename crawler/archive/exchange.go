package archive

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// MaxBlock is the greatest record block, in bytes, that the archive stores and
// reads back.
const MaxBlock = 256 << 20

// ErrExchange marks an exchange that cannot be archived as it is: a fault of
// the caller.
var ErrExchange = errors.New("exchange cannot be archived")

// ErrTooLarge marks a record or a body beyond a size cap. Nothing is ever cut
// to fit.
var ErrTooLarge = errors.New("larger than the cap")

// The reasons of Exchange.Truncated (WARC 1.1 section 5.14). Unspecified occurs
// in other people's archives.
const (
	TruncatedLength      = "length"
	TruncatedTime        = "time"
	TruncatedDisconnect  = "disconnect"
	TruncatedUnspecified = "unspecified"
)

// Exchange is one HTTP request with its response, as archived.
//
// A Status of 0 is a page whose response was not kept (a saved page, somebody
// else's resource record): of its Header only Content-Type is stored. An empty
// Method with an empty RequestHeader means that the request is not known, and
// none is stored. A zero FetchedAt means that the time is not known.
//
// Read back, header keys are in canonical form, RequestHeader has the Host that
// was asked, Transfer-Encoding is gone (Body is free of it), and Content-Length
// is Body's length. Secrets never come back, for they are never written: see
// Archive.Append.
type Exchange struct {
	URL           string    // absolute, http or https, without fragment and user info
	FetchedAt     time.Time // UTC
	RemoteIP      string    // without port; empty when unknown
	RequestHeader http.Header
	Method        string
	Proto         string // of the response: HTTP/1.0, HTTP/1.1, HTTP/2.0; empty means HTTP/1.1
	Status        int
	StatusText    string // reason phrase; HTTP/2 has none
	Header        http.Header
	Body          []byte // as received, Content-Encoding still applied
	Truncated     string // empty for a whole body, else one of the reasons above
	RunID         string
	Viewer        string // "guest" or an account's name
}

// secret tells whether a header's value would let its reader act as somebody
// else. Such headers are dropped before anything is written. The API keys are
// those of Discourse, XenForo and of common gateways.
func secret(key string) bool {
	switch http.CanonicalHeaderKey(key) {
	case "Cookie", "Cookie2", "Set-Cookie", "Set-Cookie2", "Authorization", "Proxy-Authorization",
		"Api-Key", "User-Api-Key", "X-Api-Key", "Xf-Api-Key", "X-Auth-Token", "X-Access-Token":
		return true
	}
	return false
}

// checked gives a copy that can be written, or an error that matches
// ErrExchange or ErrTooLarge.
func (e Exchange) checked() (Exchange, error) {
	u, err := cleanURL(e.URL)
	if err != nil {
		return e, fmt.Errorf("%w: %w", ErrExchange, err)
	}
	e.URL = u
	if e.Status != 0 && (e.Status < 100 || e.Status > 999) {
		return e, fmt.Errorf("%w: %s has the status %d", ErrExchange, e.URL, e.Status)
	}
	if e.RemoteIP != "" {
		ip, err := netip.ParseAddr(e.RemoteIP)
		if err != nil {
			return e, fmt.Errorf("%w: remote address of %s: %w", ErrExchange, e.URL, err)
		}
		e.RemoteIP = ip.Unmap().WithZone("").String()
	}
	for _, text := range []string{e.StatusText, e.RunID, e.Viewer, e.Proto, e.Method} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return e, fmt.Errorf("%w: %s: control character in %q", ErrExchange, e.URL, text)
		}
	}
	if strings.Contains(e.Method, " ") || strings.Contains(e.Proto, " ") {
		return e, fmt.Errorf("%w: %s: space in method %q or protocol %q", ErrExchange, e.URL, e.Method, e.Proto)
	}
	if len(e.Body) > MaxBlock {
		return e, fmt.Errorf("archiving %s, %d bytes: %w of %d bytes", e.URL, len(e.Body), ErrTooLarge, MaxBlock)
	}
	return e, e.checkTruncated()
}

func (e Exchange) checkTruncated() error {
	switch e.Truncated {
	case "", TruncatedLength, TruncatedTime, TruncatedDisconnect, TruncatedUnspecified:
		return nil
	}
	return fmt.Errorf("%w: %s: %q is no reason of truncation", ErrExchange, e.URL, e.Truncated)
}

// cleanURL drops user info (a secret) and fragment, and percent-encodes what
// RFC 3986 does not allow raw; everything else stays as it is.
func cleanURL(raw string) (string, error) {
	if len(raw) > 1<<16 {
		return "", fmt.Errorf("URL of %d bytes", len(raw))
	}
	raw, _, _ = strings.Cut(raw, "#")
	u, err := url.Parse(escapeRaw(raw))
	if err != nil {
		return "", err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("%q is no absolute http or https URL", raw)
	}
	if u.User != nil {
		u.User = nil
		return u.String(), nil
	}
	return escapeRaw(raw), nil
}

func escapeRaw(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// hasRequest tells whether anything is known of the request.
func (e Exchange) hasRequest() bool { return e.Method != "" || len(e.RequestHeader) > 0 }
