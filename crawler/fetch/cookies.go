package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Cookie is a cookie to begin with, and the address that it belongs to.
type Cookie struct {
	URL    *url.URL
	Cookie *http.Cookie
}

// maxCookieLine is the longest line of a cookie file, in bytes.
const maxCookieLine = 64 << 10

// ReadCookies reads a cookie file in the form of Netscape, which browsers'
// extensions, curl and yt-dlp write: seven fields a line, separated by tabs:
// domain, whether subdomains are meant, path, whether TLS is required, time of
// expiry in seconds since 1970 or 0, name, value. Its errors never show a value.
func ReadCookies(r io.Reader) ([]Cookie, error) {
	var out []Cookie
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 4096), maxCookieLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		httpOnly := strings.HasPrefix(line, "#HttpOnly_")
		line = strings.TrimPrefix(line, "#HttpOnly_")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c, err := parseCookie(strings.Split(line, "\t"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		c.Cookie.HttpOnly = httpOnly
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading cookies: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no cookie: export one in the form of Netscape (cookies.txt)")
	}
	return out, nil
}

func parseCookie(fields []string) (Cookie, error) {
	if len(fields) != 7 {
		return Cookie{}, fmt.Errorf("%d fields instead of 7: is it a cookie file in the form of Netscape, with tabs?", len(fields))
	}
	host := strings.TrimPrefix(fields[0], ".")
	secure := strings.EqualFold(fields[3], "TRUE")
	expires, err := strconv.ParseFloat(fields[4], 64)
	if err != nil || host == "" || fields[5] == "" {
		return Cookie{}, errors.New("no domain, no name, or no time of expiry in seconds since 1970")
	}
	c := &http.Cookie{Name: fields[5], Value: fields[6], Path: fields[2], Secure: secure}
	if strings.EqualFold(fields[1], "TRUE") {
		c.Domain = host
	}
	if expires > 0 {
		c.Expires = time.Unix(int64(expires), 0)
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return Cookie{URL: &url.URL{Scheme: scheme, Host: host, Path: "/"}, Cookie: c}, nil
}

// HeaderCookies gives the cookies of a Cookie header's value (RFC 6265 §4.2.1) for
// one address. Its errors never show a value.
func HeaderCookies(header string, u *url.URL) ([]Cookie, error) {
	parsed, err := http.ParseCookie(header)
	if err != nil || len(parsed) == 0 {
		return nil, errors.New("it is no Cookie header: write it as name=value; name=value")
	}
	out := make([]Cookie, len(parsed))
	for i, c := range parsed {
		c.Path = "/"
		out[i] = Cookie{URL: &url.URL{Scheme: u.Scheme, Host: u.Hostname(), Path: "/"}, Cookie: c}
	}
	return out, nil
}
