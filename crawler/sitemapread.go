package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// sitemapResponse judges the response to a request for a sitemap: the next hop, or the
// settlement.
func (c *Crawler) sitemapResponse(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (*url.URL, state.Settlement, error) {
	v := state.Settlement{Status: res.Status, Kind: forum.KindSitemap, Reason: fmt.Sprintf("the host answered %d", res.Status)}
	switch {
	case res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable:
		return nil, state.Settlement{}, c.strike(ctx, Slot(u), res.Header, v.Reason)
	case res.Status == http.StatusNotModified:
		v.Outcome, v.Reason, v.ETag, v.LastModified, v.BodyHash = state.Unchanged, "", l.ETag, l.LastModified, l.BodyHash
		return nil, v, nil
	case res.Status >= 300 && res.Status < 400:
		return c.sitemapHop(ctx, l, u, res, v)
	case res.Status >= 500:
		return nil, c.retry(l, v.Reason), nil
	case res.Status == http.StatusUnauthorized || res.Status == http.StatusForbidden:
		v.Outcome = state.Walled
	case res.Status == http.StatusNotFound || res.Status == http.StatusGone:
		v.Outcome = state.Gone
	case res.Status != http.StatusOK:
		v.Outcome = state.Failed
	case res.Truncated != "":
		return nil, c.retry(l, "the response was cut short: "+res.Truncated), nil
	case !mayBeSitemap(res):
		v.Outcome, v.Reason = c.insteadOfFile(ctx, u, res)
	default:
		v, err := c.keepSitemap(ctx, l, u, res)
		return nil, v, err
	}
	return nil, v, nil
}

// sitemapHop follows a redirect on the host, or to one of the site's own.
func (c *Crawler) sitemapHop(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result, v state.Settlement) (*url.URL, state.Settlement, error) {
	site, err := c.store.Site(ctx, l.Site)
	if err != nil {
		return nil, v, err
	}
	next, err := url.Parse(res.Location)
	v.FinalURL = res.Location
	switch {
	case err != nil || res.Location == "" || next.String() == u.String():
		v.Outcome, v.Reason = state.Failed, fmt.Sprintf("the host answered %d without a usable target", res.Status)
	case loginAddress(next):
		v.Outcome, v.Reason = state.Walled, "redirects to a login page"
	case next.Scheme != "http" && next.Scheme != "https", !strings.EqualFold(next.Host, u.Host) && !ownHost(site, next):
		v.Outcome, v.Reason = state.OutOfScope, "redirects to another host"
	default:
		return next, v, nil
	}
	return nil, v, nil
}

// mayBeSitemap tells what a sitemap may be called: XML, text, or a packed file. One
// that is called a page is known by its first element.
func mayBeSitemap(res *fetch.Result) bool {
	ct := strings.ToLower(res.Header.Get("Content-Type"))
	if strings.Contains(ct, "html") {
		head := strings.TrimLeft(string(res.Body[:min(len(res.Body), 256)]), "\ufeff \t\r\n")
		return strings.HasPrefix(head, "<?xml") || strings.HasPrefix(head, "<urlset") || strings.HasPrefix(head, "<sitemapindex")
	}
	return ct == "" || isFeed(&fetch.Result{Header: res.Header}) || strings.Contains(ct, "gzip") || strings.Contains(ct, "octet-stream")
}

// keepSitemap archives a sitemap and takes what it names.
func (c *Crawler) keepSitemap(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (state.Settlement, error) {
	v := state.Settlement{Outcome: state.OK, Status: res.Status, Kind: forum.KindSitemap, Viewer: c.opts.Viewer,
		ETag: res.Header.Get("ETag"), LastModified: res.Header.Get("Last-Modified"), BodyHash: bodyHash(res.Body)}
	if v.BodyHash == l.BodyHash && !l.ContentAt.IsZero() {
		v.Outcome = state.Unchanged
		return v, nil
	}
	kept, err := c.keepAside(ctx, l, u, res, &v)
	if err != nil || !kept {
		return v, err
	}
	err = c.readSitemap(ctx, l, captureOf(l.URL, res, c.opts.Viewer), &v)
	return v, err
}

// seenSitemap is what reading a file of a sitemap has found.
type seenSitemap struct {
	entries, threads, children int
	added, due                 int // threads: new ones, and those with posts that were not seen
}

// readSitemap has a sitemap read, and settles what it names. Threads are added while it
// is read: they are the same however often that happens.
func (c *Crawler) readSitemap(ctx context.Context, l state.Lease, capture forum.Capture, v *state.Settlement) error {
	finder, ok := c.reader.(SitemapFinder)
	if !ok {
		return nil
	}
	site, err := c.store.Site(ctx, l.Site)
	if err != nil {
		return err
	}
	m, err := SitemapOf(ctx, c.store.Reader, l.Site)
	if err != nil {
		return err
	}
	r := &sitemapReader{c: c, site: site, lease: l, start: m.Start, filter: c.filters[l.Site], now: c.opts.Now()}
	r.dated = finder.LastPosts(site.Engine, rootOf(site), l.URL)
	r.skew = skew(capture)
	all, err := r.read(ctx, finder, capture)
	if r.failed != nil {
		return r.failed
	}
	switch {
	case errors.Is(err, ErrSitemapSize):
		v.Outcome, v.Reason = state.TooLarge, err.Error()
	case err != nil && r.seen.entries == 0:
		v.Outcome, v.Reason = state.Unreadable, err.Error()
	case err != nil:
		v.Reason = "what stands before the fault is taken: " + err.Error()
	case !all || r.seen.children > maxSitemapFiles:
		v.Reason = "it has more entries than are taken"
	}
	c.learning.Lock()
	defer c.learning.Unlock()
	c.seenMaps[l.Site+" "+l.Key] = r.seen
	return nil
}

// skew is how far our clock is before that of a response's host, as far as the response
// tells: one that was kept somewhere on the way has an old date.
func skew(c forum.Capture) time.Duration {
	sent, err := http.ParseTime(http.Header(c.Header).Get("Date"))
	d := c.FetchedAt.Sub(sent).Round(time.Second)
	if err != nil || d.Abs() > time.Hour {
		return 0
	}
	return d
}

// sitemapReader takes the entries of one file of a sitemap. It holds some links at a
// time.
type sitemapReader struct {
	c      *Crawler
	site   state.Site
	lease  state.Lease
	start  time.Time // of the reading of all files
	filter Filter
	now    time.Time
	dated  bool          // times of threads are those of their last posts
	skew   time.Duration // of our clock before the host's

	seen   seenSitemap
	links  []state.NewLink // that are not known, to be added
	later  []state.NewLink // known threads with a later post than was seen
	first  string          // time of the first thread
	varied bool            // there are others
	failed error           // of the state
}

// read reads a file. A reader that panics, which none should, gives an error.
func (r *sitemapReader) read(ctx context.Context, finder SitemapFinder, capture forum.Capture) (all bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			all, err = false, fmt.Errorf("reading %s failed inside forumine: %v; please report the sitemap", capture.Address(), p)
		}
	}()
	all, err = finder.ReadSitemap(r.site, capture, func(e forum.SitemapEntry) error {
		r.failed = r.take(ctx, e)
		return r.failed
	})
	if r.failed == nil {
		r.failed = r.flush(ctx)
	}
	if r.failed == nil {
		r.failed = r.changed(ctx)
	}
	return all, err
}

// sitemapBatch is how many links are held.
const sitemapBatch = 500

func (r *sitemapReader) take(ctx context.Context, e forum.SitemapEntry) error {
	r.seen.entries++
	if e.Sitemap != "" {
		return r.child(ctx, e)
	}
	u, err := url.Parse(e.Thread.URL)
	if err != nil || e.Thread.ID == "" || e.Thread.Kind != forum.KindThread || !inSite(r.site, u) {
		return nil //nolint:nilerr // no thread of the forum
	}
	r.seen.threads++
	if r.seen.threads == 1 {
		r.first = e.Changed.Raw
	}
	r.varied = r.varied || e.Changed.Raw != r.first
	if !r.filter.follows(e.Thread.URL) || r.old(e.Changed) {
		return nil
	}
	last, err := r.c.store.LastPage(ctx, r.site.ID, group(e.Thread), 0)
	switch {
	case errors.Is(err, state.ErrNotFound):
		return r.unknown(ctx, e.Thread)
	case err != nil:
		return err
	}
	return r.known(ctx, e, last)
}

// old tells whether a crawl that takes recent threads alone leaves one out: listings
// show those, and what a sitemap cannot date is not taken.
func (r *sitemapReader) old(changed forum.Stamp) bool {
	if r.filter.from(r.now).IsZero() {
		return false
	}
	return !r.dated || !changed.Known() || !r.filter.recent(changed, r.now)
}

// unknown takes a thread that nothing has led to before.
func (r *sitemapReader) unknown(ctx context.Context, l forum.Link) error {
	if _, err := r.c.store.URLByKey(ctx, r.site.ID, l.Key); !errors.Is(err, state.ErrNotFound) {
		return err // it is gone, as far as we know
	}
	n := newLink(r.site.ID, l, priorityNamed, r.lease.Depth+1)
	n.Signature = sitemapShown
	return r.hold(ctx, n)
}

// hold adds links when there are many.
func (r *sitemapReader) hold(ctx context.Context, n state.NewLink) error {
	if r.links = append(r.links, n); len(r.links) < sitemapBatch {
		return nil
	}
	return r.flush(ctx)
}

func (r *sitemapReader) flush(ctx context.Context) error {
	for _, kind := range []forum.Kind{forum.KindThread, forum.KindSitemap} {
		n, err := r.c.store.Add(ctx, ofKind(r.links, kind)...)
		if err != nil {
			return err
		}
		if kind == forum.KindThread {
			r.seen.added += n
		}
	}
	r.links = r.links[:0]
	return nil
}

func ofKind(links []state.NewLink, kind forum.Kind) []state.NewLink {
	return slices.DeleteFunc(slices.Clone(links), func(l state.NewLink) bool { return l.Kind != kind })
}

// known takes a thread whose last post is later than the last look at its last page.
func (r *sitemapReader) known(ctx context.Context, e forum.SitemapEntry, last state.LastPage) error {
	at := e.Changed.At.Add(r.skew)
	if !r.dated || !exact(e.Changed) || at.After(r.now.Add(maxFutureStamp)) {
		return nil
	}
	u, err := r.c.store.URLByKey(ctx, r.site.ID, last.Key)
	if err != nil || u.State != "settled" || !u.Outcome.Content() || !at.After(u.SettledAt) {
		return err
	}
	l := forum.Link{URL: last.URL, Key: last.Key, Kind: forum.KindThread, ID: e.Thread.ID, Page: last.Page}
	n := newLink(r.site.ID, l, priorityNamed, r.lease.Depth+1)
	n.Walk = r.c.someday()
	r.later = append(r.later, n)
	return nil
}

// fewThreads is how many may all have one time.
const fewThreads = 10

// changed makes threads due that have later posts. A file whose threads all have one
// time tells when it was made.
func (r *sitemapReader) changed(ctx context.Context) error {
	if !r.varied && r.seen.threads >= fewThreads {
		return nil
	}
	n, err := r.c.store.Add(ctx, r.later...)
	r.seen.due += n
	return err
}

// child takes a file that an index names: once in a reading, and not again before the
// index says that it has changed. Files are on the index's own host or the forum's.
func (r *sitemapReader) child(ctx context.Context, e forum.SitemapEntry) error {
	u, err := url.Parse(e.Sitemap)
	here, err2 := url.Parse(r.lease.URL)
	depth := max(r.lease.Page, 1) + 1
	if err != nil || err2 != nil || depth > maxSitemapDepth || !strings.EqualFold(u.Host, here.Host) && !ownHost(r.site, u) || len(e.Sitemap) > maxSitemapAddress {
		return nil //nolint:nilerr // not ours to ask
	}
	if r.seen.children++; r.seen.children > maxSitemapFiles {
		return nil
	}
	u.Fragment, u.User = "", nil
	n := sitemapLink(r.site.ID, u.String(), undatedParent+r.lease.URL, depth, r.start)
	known, err := r.c.store.URLByKey(ctx, r.site.ID, n.Key)
	switch {
	case err != nil && !errors.Is(err, state.ErrNotFound):
		return err
	case err == nil && (known.State == "leased" || known.State == "settled" && !known.SettledAt.Before(r.start)):
		return nil // of this reading, or the index itself
	case e.Changed.Known():
		n.Parent, n.Signature = sitemapParent+r.lease.URL, e.Changed.Raw
		if err == nil && r.now.Sub(known.SettledAt) < sitemapMost {
			n.Walk = time.Time{}
		}
	}
	return r.hold(ctx, n)
}
