package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// The causes for which a fetch yields no Result. Temporary tells which of them
// may pass by themselves.
var (
	ErrURL            = errors.New("bad URL")
	ErrScheme         = errors.New("scheme not allowed: only http and https are fetched")
	ErrPrivateAddress = errors.New("private address refused")
	ErrTooLarge       = errors.New("response too large")
	ErrCoding         = errors.New("unknown content coding")
	ErrCertificate    = errors.New("TLS certificate not accepted")
	ErrProtocol       = errors.New("not an HTTP response")
	ErrTimeout        = errors.New("time limit reached")
	ErrPanic          = errors.New("panic while fetching")
)

// SizeError says which part of a response exceeded which limit. It matches
// ErrTooLarge.
type SizeError struct {
	Part   string // "header", "body as received" or "decoded body"
	Limit  int64  // bytes
	Option string // the field of Options that sets the limit
}

// Error names the part, the limit and the option that raises it.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%v: the %s exceeds %d bytes; raise %s if this page is wanted",
		ErrTooLarge, e.Part, e.Limit, e.Option)
}

// Is makes errors.Is(err, ErrTooLarge) true.
func (e *SizeError) Is(target error) bool { return target == ErrTooLarge }

// Temporary tells whether fetching the same URL later may succeed. Time limits,
// refused and reset connections, and name servers that do not answer are
// temporary. Refused schemes and addresses, bad URLs, names that do not exist,
// certificates, sizes and content codings are not. An error of unknown cause
// counts as temporary, so that a caller with a bounded number of attempts never
// gives up a page too early. A nil error is not temporary.
func Temporary(err error) bool {
	if err == nil {
		return false
	}
	for _, permanent := range []error{
		ErrURL, ErrScheme, ErrPrivateAddress, ErrTooLarge, ErrCoding, ErrCertificate, ErrProtocol, ErrPanic,
	} {
		if errors.Is(err, permanent) {
			return false
		}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return dns.IsTemporary || dns.IsTimeout
	}
	return true
}

// explain gives an error of the network its sentinel and its next step. ctx is
// the fetch's own context, whose end outranks whatever it caused.
func (f *Fetcher) explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if _, known := errors.AsType[*SizeError](err); known {
		return unwrapURL(err)
	}
	switch {
	case errors.Is(err, ErrPrivateAddress):
		return fmt.Errorf("%w; pass --allow-private if this host is meant to be crawled", unwrapURL(err))
	case isCertificate(err):
		return fmt.Errorf("%w: %w; the site's owner has to repair it", ErrCertificate, unwrapURL(err))
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%w: %w; try the http URL", ErrProtocol, unwrapURL(err))
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return &SizeError{Part: "header", Limit: f.opts.MaxHeaderBytes, Option: "MaxHeaderBytes"}
	case isMalformed(err):
		return fmt.Errorf("%w: %w", ErrProtocol, unwrapURL(err))
	case isTimeout(err):
		return fmt.Errorf("%w: %w", ErrTimeout, unwrapURL(err))
	}
	return unwrapURL(err)
}

// unwrapURL takes off the *url.Error that http.Client puts around every cause:
// the URL is named once, by Fetch.
func unwrapURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

func isCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}

// isMalformed recognises answers that are not HTTP. net/http has no sentinel
// for them; the wording is pinned by a test.
func isMalformed(err error) bool {
	text := err.Error()
	return strings.Contains(text, "malformed HTTP") || strings.Contains(text, "malformed MIME header")
}
