package dom

import (
	"net/url"
	"strings"
)

// Params are the parameters of an address's query, in its order, as they are
// written there.
type Params [][2]string

// QueryOf reads the query of an address; "&", ";" and "&amp;" part its parameters.
func QueryOf(u *url.URL) Params {
	if u.RawQuery == "" {
		return nil
	}
	q := make(Params, 0, 6)
	for rest := u.RawQuery; rest != ""; {
		pair := rest
		if i := strings.IndexAny(rest, "&;"); i >= 0 {
			pair, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		if pair != "" {
			key, value, _ := strings.Cut(strings.TrimPrefix(pair, "amp;"), "=")
			q = append(q, [2]string{key, value})
		}
	}
	return q
}

// Get is the first value of a parameter, or "".
func (q Params) Get(key string) string {
	for i := range q {
		if q[i][0] == key {
			return q[i][1]
		}
	}
	return ""
}
