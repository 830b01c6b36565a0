package main

import (
	"fmt"
	"net/url"
	"os"

	"forumine/crawler/fetch"

	"github.com/spf13/pflag"
)

// Secrets come from files and the environment, never from flags: flags show in
// the list of processes.
const (
	envCookie = "FORUMINE_COOKIE"
	envProxy  = "FORUMINE_PROXY"
)

// accountFlags say as whom, and through what, pages are fetched.
type accountFlags struct {
	cookieFile string
	viewer     string
	proxy      string
}

func (f *accountFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.cookieFile, "cookies", "", "cookie file in the form of Netscape (cookies.txt), to see what an account may see; or put a Cookie header's value for the hosts of the addresses into FORUMINE_COOKIE. Cookies are neither logged nor archived")
	fl.StringVar(&f.viewer, "viewer", "", "name under which captures say whose eyes they were seen with; default member with cookies, guest without")
	fl.StringVar(&f.proxy, "proxy", "", "fetch through this proxy: http, https, socks5 or socks5h URL; one with a password goes into FORUMINE_PROXY")
}

// cookies reads the account's cookies.
func (f accountFlags) cookies(urls []string) ([]fetch.Cookie, error) {
	header := os.Getenv(envCookie)
	switch {
	case f.cookieFile != "" && header != "":
		return nil, misuse("--cookies and %s are both set: leave one out", envCookie)
	case header != "":
		return environmentCookies(header, urls)
	case f.cookieFile == "":
		return nil, nil
	}
	file, err := os.Open(f.cookieFile)
	if err != nil {
		return nil, fmt.Errorf("opening the cookie file: %w", plainPath(err))
	}
	defer func() { _ = file.Close() }()
	cookies, err := fetch.ReadCookies(file)
	if err != nil {
		return nil, fmt.Errorf("reading the cookie file %s: %w", f.cookieFile, err)
	}
	return cookies, nil
}

func environmentCookies(header string, urls []string) ([]fetch.Cookie, error) {
	var out []fetch.Cookie
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			continue // a file, or an address that is refused elsewhere
		}
		cookies, err := fetch.HeaderCookies(header, u)
		if err != nil {
			return nil, misuse("%s: %w", envCookie, err)
		}
		out = append(out, cookies...)
	}
	return out, nil
}

// viewerName is what captures say of the viewer.
func (f accountFlags) viewerName() string {
	switch {
	case f.viewer != "":
		return f.viewer
	case f.cookieFile != "" || os.Getenv(envCookie) != "":
		return "member"
	}
	return ""
}

// proxyURL is the proxy's address, of which a password comes from the environment
// alone.
func (f accountFlags) proxyURL() (string, error) {
	if f.proxy == "" {
		return os.Getenv(envProxy), nil
	}
	u, err := url.Parse(f.proxy)
	if err != nil || u.Host == "" {
		return "", misuse("--proxy is no address: give it as http://host:port or socks5://host:port")
	}
	if u.User != nil {
		return "", misuse("--proxy carries a name or password: put the address into %s instead", envProxy)
	}
	return f.proxy, nil
}
