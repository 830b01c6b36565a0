package feed_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"forumine/extract/feed"
	"forumine/extract/forum"
)

const kites = "https://kites.example.org/"

var reThread = regexp.MustCompile(`^/threads/(\d+)(?:/page-(\d+))?/?$`)

// grammar knows threads alone.
func grammar(u *url.URL) (forum.Link, bool) {
	m := reThread.FindStringSubmatch(u.Path)
	if m == nil || m[2] != "" || u.RawQuery != "" {
		return forum.Link{}, false
	}
	return forum.Link{URL: u.String(), Key: "thread/" + m[1] + "/1", Kind: forum.KindThread, ID: m[1], Page: 1}, true
}

func packed(t *testing.T, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, body)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entries gives what a sitemap says, one line an entry.
func entries(body []byte) (string, bool, error) {
	var out []string
	all, err := feed.ReadSitemap(forum.Capture{URL: kites + "maps/sitemap.xml", Body: body}, grammar, func(e forum.SitemapEntry) error {
		at := ""
		if e.Changed.Known() {
			at = e.Changed.At.Format(" 2006-01-02T15:04:05 ") + string(e.Changed.Precision)
		}
		out = append(out, e.Thread.ID+e.Sitemap+at)
		return nil
	})
	return strings.Join(out, "\n"), all, err
}

const urlset = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> https://kites.example.org/threads/12/ </loc><lastmod>2026-02-11T08:40:12+01:00</lastmod></url>
<url><loc>/threads/13/page-4?page=4#post-9</loc><lastmod>2026-02-11T08:40Z</lastmod></url>
<url><loc>https://kites.example.org/members/7/</loc><lastmod>2026-02-11</lastmod></url>
<url><loc>javascript:alert(1)</loc><lastmod>yesterday</lastmod></url>
</urlset>`

func TestReadSitemap(t *testing.T) {
	t.Parallel()
	const want = "12 2026-02-11T07:40:12 second\n13 2026-02-11T08:40:00 minute\n 2026-02-11T00:00:00 day\n"
	index := `<sitemapindex><sitemap><loc>../a.xml.gz</loc><lastmod>2026-02-11T08:40:12.5Z</lastmod></sitemap><sitemap><loc>https://else.example.net/b.xml</loc></sitemap></sitemapindex>`
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"XML":    {[]byte(urlset), want},
		"marked": {[]byte("\xef\xbb\xbf" + urlset), want},
		"packed": {packed(t, urlset), want},
		"index":  {[]byte(index), kites + "a.xml.gz 2026-02-11T08:40:12 second\nhttps://else.example.net/b.xml"},
		"text":   {[]byte("https://kites.example.org/threads/5/\r\n\r\nhttps://kites.example.org/about\n"), "5\n"},
		"RSS":    {[]byte(`<rss><channel><item><link>https://kites.example.org/threads/8/</link></item></channel></rss>`), "8"},
	} {
		got, all, err := entries(c.body)
		if got != c.want || !all || err != nil {
			t.Errorf("%s: %q, all %v, %v; want %q", name, got, all, err, c.want)
		}
	}
}

// What is no sitemap, breaks off, is too large or too long gives what stands before
// the fault, and says what it is.
func TestReadSitemapThatIsHostile(t *testing.T) {
	t.Parallel()
	long := "<urlset>" + strings.Repeat("<url><loc>https://kites.example.org/threads/12/</loc></url>", 50_001) + "</urlset>"
	before, _, _ := strings.Cut(urlset, "13/page")
	for name, c := range map[string]struct {
		body    []byte
		err     error
		entries int
	}{
		"a page":      {[]byte("<!doctype html><html><body><url><loc>/threads/1/</loc></url></body></html>"), feed.ErrNoFeed, 0},
		"cut off":     {[]byte(before), io.ErrUnexpectedEOF, 1},
		"a cut pack":  {packed(t, long)[:300], io.ErrUnexpectedEOF, -1},
		"too long":    {packed(t, long), nil, 50_000},
		"a bomb":      {packed(t, "<urlset>"+strings.Repeat(" ", 51<<20)+"</urlset>"), feed.ErrSitemapSize, 0},
		"one word":    {packed(t, "<urlset><url><loc>"+strings.Repeat("x", 51<<20)), feed.ErrSitemapSize, 0},
		"of entities": {[]byte(`<!DOCTYPE urlset [<!ENTITY a "&b;&b;"><!ENTITY b "&a;&a;">]><urlset><url><loc>/threads/1/&a;</loc></url></urlset>`), nil, 1},
		"of lines":    {[]byte("http://kites.example.org/" + strings.Repeat("x", 1<<20)), nil, -1},
	} {
		n := 0
		all, err := feed.ReadSitemap(forum.Capture{URL: kites, Body: c.body}, grammar, func(forum.SitemapEntry) error { n++; return nil })
		if c.entries >= 0 && n != c.entries || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %d entries, %v; want %d, %v", name, n, err, c.entries, c.err)
		}
		if whole := c.entries == 1 && c.err == nil; all != whole {
			t.Errorf("%s: all of it was read: %v", name, all)
		}
	}
	stop := errors.New("stop")
	if _, err := feed.ReadSitemap(forum.Capture{URL: kites, Body: []byte(urlset)}, grammar, func(forum.SitemapEntry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the caller's own error came back as %v", err)
	}
}

// A sitemap of the greatest size is read without being held: what is alive while it is
// read stays far below its size.
func TestSitemapIsNotHeld(t *testing.T) {
	var b strings.Builder
	b.WriteString("<urlset>")
	for i := range 50_000 {
		fmt.Fprintf(&b, "<url><loc>https://kites.example.org/threads/%d/</loc><lastmod>2026-02-11T08:40:12Z</lastmod><image:caption>%s</image:caption></url>\n", i, strings.Repeat("a kite ", 100))
	}
	b.WriteString("</urlset>")
	body := packed(t, b.String())
	size := b.Len()
	b.Reset()
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	all, err := feed.ReadSitemap(forum.Capture{URL: kites, Body: body}, grammar, func(forum.SitemapEntry) error {
		if n++; n == 49_000 {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
		return nil
	})
	if !all || err != nil || n != 50_000 {
		t.Fatalf("%d entries, all %v, %v", n, all, err)
	}
	if held := int64(during.HeapAlloc) - int64(before.HeapAlloc); held > int64(size)/8 {
		t.Errorf("%d bytes are held of a sitemap of %d", held, size)
	}
}

func TestSitemaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		engine, address string
		known, posts    bool
	}{
		{"xenforo1", kites + "sitemap.php", true, true},
		{"xenforo1", kites + "sitemap.php?c=2", false, true},
		{"xenforo2", "http://www.kites.example.org/sitemap-12.xml", false, true},
		{"xenforo2", kites + "sitemap.php", true, true},
		{"xenforo2", kites + "map/sitemap-12.xml", false, false},
		{"xenforo2", "https://maps.example.net/sitemap.xml", false, false},
		{"discourse", kites + "sitemap_recent.xml", false, true},
		{"nodebb", kites + "sitemap/topics.3.xml", false, true},
		{"nodebb", kites + "sitemap/categories.xml", false, false},
		{"invision4", kites + "sitemap.php", true, false},
		{"flarum", kites + "sitemap.xml", false, true},
		{"phpbb3", kites + "sitemap.xml", false, false},
	} {
		known := false
		for _, address := range feed.Sitemaps(c.engine, kites) {
			known = known || address == c.address
		}
		if posts := feed.LastPosts(c.engine, kites, c.address); known != c.known || posts != c.posts {
			t.Errorf("%s %s: known %v, last posts %v", c.engine, c.address, known, posts)
		}
	}
}

func FuzzReadSitemap(f *testing.F) {
	f.Add([]byte(urlset))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte("http://kites.example.org/threads/1/\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = feed.ReadSitemap(forum.Capture{URL: kites, Body: body}, grammar, func(e forum.SitemapEntry) error {
			if e.Thread.ID != "" && e.Sitemap != "" {
				t.Error("an entry is a thread and a sitemap")
			}
			return nil
		})
	})
}
