package demoforum

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const base = "http://forum.test/"

func testNow() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC) }

func newForum(t *testing.T, opts Options) *Forum {
	t.Helper()
	if opts.Now.IsZero() {
		opts.Now = testNow()
	}
	f, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// get asks the handler for a path (with query) and returns its answer.
func get(t *testing.T, f http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, base+strings.TrimPrefix(path, "/"), nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

type fetched struct {
	status int
	ctype  string
	body   string
	doc    *html.Node
	from   string
}

// crawl follows every link of every page of the forum from the index, and
// returns the answers by URL (without fragments, relative to the base).
func crawl(t *testing.T, f http.Handler) map[string]fetched {
	t.Helper()
	type todo struct{ path, from string }
	seen := map[string]fetched{}
	queue := []todo{{"", "start"}, {"robots.txt", "start"}, {"sitemap.xml", "start"}}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		if _, ok := seen[next.path]; ok {
			continue
		}
		w := get(t, f, next.path)
		p := fetched{status: w.Code, ctype: w.Header().Get("Content-Type"), body: w.Body.String(), from: next.from}
		var links []string
		if loc := w.Header().Get("Location"); loc != "" {
			links = append(links, loc)
		}
		if strings.HasPrefix(p.ctype, "text/html") {
			doc, err := html.ParseWithOptions(strings.NewReader(p.body), html.ParseOptionEnableScripting(false))
			if err != nil {
				t.Fatalf("%s: %v", next.path, err)
			}
			p.doc = doc
			links = append(links, hrefs(t, doc)...)
		}
		seen[next.path] = p
		for _, l := range links {
			u, err := url.Parse(l)
			if err != nil {
				t.Errorf("%s links to %q: %v", next.path, l, err)
				continue
			}
			u.Fragment = ""
			if rel, ok := strings.CutPrefix(u.String(), base); ok {
				queue = append(queue, todo{rel, next.path})
			}
		}
		if len(seen) > 5000 {
			t.Fatal("the forum has no end")
		}
	}
	return seen
}

// hrefs is every address of a page, resolved against its base element.
func hrefs(t *testing.T, doc *html.Node) []string {
	root, err := url.Parse("http://no-base.invalid/")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case n.Data == "base" && a.Key == "href":
				if root, err = url.Parse(a.Val); err != nil {
					t.Fatal(err)
				}
			case a.Key == "href" || a.Key == "src" || a.Key == "data-previewurl" || a.Key == "data-href":
				if u, err := root.Parse(a.Val); err != nil {
					t.Errorf("address %q: %v", a.Val, err)
				} else {
					out = append(out, u.String())
				}
			}
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
