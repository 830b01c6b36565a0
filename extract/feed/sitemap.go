package feed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"forumine/extract/forum"
)

// The limits of one sitemap (sitemaps.org). What lies beyond is left out, or makes it
// unreadable.
const (
	maxSitemapBytes = 50 << 20 // without gzip
	maxLocation     = 2048     // of one address
)

// ErrSitemapSize says that a sitemap is larger than one may be.
var ErrSitemapSize = fmt.Errorf("the sitemap has more than %d MiB", maxSitemapBytes>>20)

// sitemap is where an engine's forums have their sitemap.
type sitemap struct {
	paths []string       // below the root: the first that is there
	files *regexp.Regexp // path and query below the root of what the program writes itself
	// lastPosts says that a thread's time in it is that of its last post. It was looked
	// up in the programs' source; where that says something else, or cannot be had, it
	// is false.
	lastPosts bool
}

// sitemaps is the table, by engine. Programs that have one as an extension alone, or
// at the address of a site around them, say so in robots.txt.
func sitemaps() map[string]sitemap {
	xenforo1 := sitemap{[]string{"sitemap.php"}, regexp.MustCompile(`^sitemap(?:-\d+)?\.xml$|^sitemap\.php(?:\?c=\d+)?$`), true}
	xenforo2 := xenforo1
	xenforo2.paths = []string{"sitemap.xml", "sitemap.php"} // the first needs rewritten addresses
	return map[string]sitemap{
		// SitemapHandler_Thread, Sitemap\Thread: last_post_date. Written once a day.
		"xenforo1": xenforo1, "xenforo2": xenforo2, "xenforo2vs": xenforo2,
		// sitemap/page.xml.erb: bumped_at, the last post's time or that of its edit. Kept for a day.
		"discourse": {[]string{"sitemap.xml"}, regexp.MustCompile(`^sitemap(?:_(?:recent|\d+))?\.xml$`), true},
		// sitemap.js, getTopicPage: lastposttime. Kept for a day.
		"nodebb": {[]string{"sitemap.xml"}, regexp.MustCompile(`^sitemap(?:/topics\.\d+)?\.xml$`), true},
		// Sitemap/Content: lastModificationDate, whose meaning is each item's own.
		"invision4": {paths: []string{"sitemap.php"}}, "invision5": {paths: []string{"sitemap.php"}},
		// Resources/Discussion of the extension fof/sitemap: last_posted_at. Its address is in robots.txt.
		"flarum": {nil, regexp.MustCompile(`^sitemap\.xml$|^sitemap-live/(?:index|\d+)$|^sitemaps/sitemap-\d+\.xml$`), true},
	}
}

// Sitemaps gives the addresses at which an engine may have its sitemap below a forum's
// root, which ends with a slash, the likeliest first; none where none is known.
func Sitemaps(engine, root string) []string {
	var out []string
	for _, path := range sitemaps()[engine].paths {
		out = append(out, root+path)
	}
	return out
}

// LastPosts tells whether the times of threads in a sitemap are those of their last
// posts: it is one that the engine writes, and the engine is known to write that.
func LastPosts(engine, root, address string) bool {
	s, ok := sitemaps()[engine]
	_, bare, _ := strings.Cut(root, "://")
	_, path, _ := strings.Cut(address, "://")
	rest, below := strings.CutPrefix(strings.TrimPrefix(path, "www."), strings.TrimPrefix(bare, "www."))
	return ok && s.lastPosts && below && s.files.MatchString(rest)
}

// ReadSitemap reads a sitemap, an index of sitemaps, or a feed or text that stands for
// one (sitemaps.org), packed with gzip or not, and calls take with its entries one
// after the other: nothing is held but one. What is no thread by the engine's
// canonical and no sitemap is given with neither. The error matches ErrNoFeed for what
// is none of these, ErrSitemapSize for one that is too large, io.ErrUnexpectedEOF for one
// that breaks off. More entries than a sitemap may have are left out: all is then false.
func ReadSitemap(c forum.Capture, canonical Canonical, take func(forum.SitemapEntry) error) (all bool, err error) {
	base, err := url.Parse(c.Address())
	if err != nil {
		return false, fmt.Errorf("reading a sitemap's address: %w", err)
	}
	body, err := unpacked(c.Body)
	if err != nil {
		return false, err
	}
	n := 0
	counted := func(e *entry) error {
		if n++; n > maxEntries {
			return errFull
		}
		return take(e.place(base, canonical))
	}
	if head, _ := body.Peek(512); bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("http")) {
		err = lines(body, counted)
	} else {
		_, err = each(skipMark(body), counted)
	}
	if errors.Is(err, errFull) {
		return false, nil
	}
	return err == nil, err
}

// unpacked is a sitemap's text. How long a packed one is, is seen before any of it is
// read.
func unpacked(body []byte) (*bufio.Reader, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		if len(body) > maxSitemapBytes {
			return nil, ErrSitemapSize
		}
		return bufio.NewReader(bytes.NewReader(body)), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("unpacking a sitemap: %w", err)
	}
	if _, err := io.CopyN(io.Discard, z, maxSitemapBytes+1); err == nil {
		return nil, ErrSitemapSize
	}
	if err := z.Reset(bytes.NewReader(body)); err != nil {
		return nil, fmt.Errorf("unpacking a sitemap: %w", err)
	}
	return bufio.NewReader(z), nil
}

// skipMark leaves out a byte order mark.
func skipMark(r *bufio.Reader) *bufio.Reader {
	if head, _ := r.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = r.Discard(3)
	}
	return r
}

// lines reads a sitemap that is a text of addresses.
func lines(r *bufio.Reader, take func(*entry) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4<<10), 64<<10)
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" {
			if err := take(&entry{link: line}); err != nil {
				return err
			}
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("reading a sitemap: %w", err)
	}
	return nil
}

// place is what an entry of a sitemap leads to.
func (e *entry) place(base *url.URL, canonical Canonical) forum.SitemapEntry {
	out := forum.SitemapEntry{Changed: changedAt(e.updated)}
	if len(e.link) > maxLocation {
		return out
	}
	to := absolute(base, e.link)
	if e.sitemap {
		out.Sitemap = to
		return out
	}
	if l, ok := thread(to, canonical); ok {
		out.Thread = l
	}
	return out
}

// changedAt reads a time in the profile of ISO 8601 that sitemaps use (W3C, Date and
// Time Formats), or as feeds write it.
func changedAt(raw string) forum.Stamp {
	s := forum.Stamp{Raw: raw, Precision: forum.PrecisionMinute, Zone: forum.ZoneOffset}
	if at, err := time.Parse("2006-01-02T15:04Z07:00", strings.TrimSpace(raw)); err == nil {
		s.At = at.UTC()
		return s
	}
	return stamp(raw)
}
