package dom

import (
	"net/url"
	"strings"
)

// origins is what a document's links are resolved with.
type origins struct {
	own    string            // the page's own scheme and host, with the slash behind
	host   string            // the page's own, as foldHost
	base   string            // likewise of the base; "" where it takes the long way
	folder string            // the base's path up to its last slash
	known  map[string]string // links that took the long way
}

func (d *Document) origin() *origins {
	if d.origins != nil {
		return d.origins
	}
	o := &origins{known: map[string]string{}, host: foldHost(d.URL.Host)}
	if d.URL.Host != "" {
		o.own = d.URL.Scheme + "://" + d.URL.Host + "/"
	}
	b := d.Base
	path := b.EscapedPath()
	if folder := path[:strings.LastIndexByte(path, '/')+1]; isWeb(b.Scheme) && isPlainHost(b.Host) && b.User == nil && b.Opaque == "" && isPlainPath(folder) {
		o.base, o.folder = b.Scheme+"://"+b.Host+"/", folder[1:]
	}
	d.origins = o
	return o
}

func isWeb(scheme string) bool { return scheme == "http" || scheme == "https" }

// Resolve makes a link absolute against the document's base (RFC 3986 §5). It
// gives "" for links that are no web addresses: empty, fragment only,
// javascript:, mailto:, data: and the like.
func (d *Document) Resolve(href string) string {
	href = strings.TrimSpace(href)
	if href == "" || href[0] == '#' {
		return ""
	}
	o := d.origin()
	if abs := o.resolve(href); abs != "" {
		return abs
	}
	if abs, ok := o.known[href]; ok {
		return abs
	}
	abs := d.resolve(href)
	o.known[href] = abs
	return abs
}

func (d *Document) resolve(href string) string {
	u, err := d.Base.Parse(href)
	if err != nil || !isWeb(u.Scheme) && u.Scheme != "" {
		return ""
	}
	return u.String()
}

// resolve resolves links that need no more than to be put together, as nearly
// all do: "" for any other.
func (o *origins) resolve(href string) string {
	for _, scheme := range [...]string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(href, scheme); ok {
			host, path, _ := strings.Cut(rest, "/")
			if len(host)+len(scheme) < len(href) && isPlainHost(host) && isPlain(path) {
				return href
			}
			return ""
		}
	}
	rest, rooted := strings.CutPrefix(href, "/")
	if !rooted {
		rest = strings.TrimPrefix(rest, "./")
	}
	if o.base == "" || rest == "" || rest[0] == '?' || rest[0] == '#' || !isPlain(rest) {
		return ""
	}
	if rooted {
		return o.base + rest
	}
	return o.base + o.folder + rest
}

// isPlain tells a path behind its first slash, with query and fragment, that
// resolving leaves as it is: nothing in it is escaped or needs to be, and no
// segment is empty or made of points.
func isPlain(s string) bool {
	path, fragment, hashed := strings.Cut(s, "#")
	path, query, asked := strings.Cut(path, "?")
	if hashed && (fragment == "" || !hasOnly(fragment, isUnreserved)) || asked && (query == "" || !hasOnly(query, isQueryByte)) {
		return false
	}
	return isPlainPath("/" + path)
}

func isPlainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 1; i < len(path); i++ {
		if c := path[i]; c != '/' && !isUnreserved(c) && c != ',' && c != ';' && c != '=' && c != '&' && c != '+' ||
			path[i-1] == '/' && (c == '.' || c == '/') {
			return false
		}
	}
	return true
}

// isPlainHost tells a host name, with or without a port, in lower case.
func isPlainHost(host string) bool {
	name, port, ok := strings.Cut(host, ":")
	return name != "" && hasOnly(name, func(c byte) bool { return isUnreserved(c) && (c < 'A' || c > 'Z') && c != '~' && c != '_' }) &&
		(!ok || port != "" && hasOnly(port, isNumeral))
}

func hasOnly(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

// isUnreserved tells the characters that never need escaping (RFC 3986 §2.3).
func isUnreserved(c byte) bool {
	return isWordByte(c) || c == '-' || c == '.' || c == '~'
}

func isQueryByte(c byte) bool { return c > ' ' && c < 0x7f && c != '#' }

// SameHost tells whether an absolute URL is on the page's own host, "www."
// aside.
func (d *Document) SameHost(abs string) bool {
	o := d.origin()
	if o.own != "" && strings.HasPrefix(abs, o.own) {
		return true
	}
	if host := plainHost(abs); host != "" {
		return foldHost(host) == o.host
	}
	u, err := url.Parse(abs)
	return err == nil && foldHost(u.Host) == o.host
}

// plainHost is the host of a web address that needs no parsing, or "".
func plainHost(abs string) string {
	rest, ok := strings.CutPrefix(abs, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(abs, "http://")
	}
	host, path, whole := strings.Cut(rest, "/")
	if !ok || !whole || !isPlainHost(host) || !isPlain(path) {
		return ""
	}
	return host
}

func foldHost(h string) string { return strings.TrimPrefix(strings.ToLower(h), "www.") }
