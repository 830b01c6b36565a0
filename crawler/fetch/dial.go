package fetch

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	connectTimeout = 10 * time.Second
	idleTimeout    = 90 * time.Second
)

// azureWire is the metadata and wire server of Azure: the one cloud metadata
// address that lies in public space. The others are link-local, shared (RFC
// 6598) or unique local addresses, which the guard refuses as such.
var azureWire = netip.PrefixFrom(netip.AddrFrom4([4]byte{168, 63, 129, 16}), 32)

// newGuard refuses every address outside public unicast space and the given
// networks, on any port.
func newGuard(networks []netip.Prefix) *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, n := range networks {
		if n.Addr().Is4() {
			v4 = append(v4, n)
		} else {
			v6 = append(v6, n)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(azureWire), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// control is called with the resolved address of every connection just before
// it is made, so that neither a redirect nor a name that resolves differently
// the second time gets past it.
func (f *Fetcher) control(network, address string, conn syscall.RawConn) error {
	if err := f.guard.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", ErrPrivateAddress, err)
	}
	return nil
}

// checkBehindProxy refuses hosts that are plainly private. Names are resolved
// by the proxy, out of the guard's sight: only addresses and localhost can be
// judged here.
func (f *Fetcher) checkBehindProxy(u *url.URL) error {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return fmt.Errorf("%w: %s", ErrPrivateAddress, host)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	if err := f.guard.SafeAddr(ip.Unmap()); err != nil {
		return fmt.Errorf("%w: %w", ErrPrivateAddress, err)
	}
	return nil
}

// dialer makes connections: every address that a name resolves to passes the guard
// at the moment it is dialled.
func (f *Fetcher) dialer(proxy *url.URL) *net.Dialer {
	d := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second, Resolver: f.opts.Resolver}
	if proxy == nil && !f.opts.AllowPrivate {
		d.Control = f.control
	}
	return d
}

// newTransport is the connection pool below the round tripper. It speaks
// HTTP/1.1 only, the protocol that WARC records are written in, leaves content
// codings alone and takes no proxy from the environment.
func (f *Fetcher) newTransport(proxy *url.URL) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	t := &http.Transport{
		DialContext:            f.dialer(proxy).DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  f.opts.HeaderTimeout,
		MaxResponseHeaderBytes: f.opts.MaxHeaderBytes,
		DisableCompression:     true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleTimeout,
		Protocols:              protocols,
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	}
	return t
}

// parseProxy reads the Proxy option. Its errors never show the password.
func parseProxy(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%w: the proxy is not a URL; write it as http://host:port", ErrURL)
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("%w: proxy scheme %q; use http, https, socks5 or socks5h", ErrScheme, u.Scheme)
}
