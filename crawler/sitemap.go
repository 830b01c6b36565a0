package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// A sitemap names threads that no listing shows: old ones beyond what boards show,
// those of boards whose listings are cut. It is asked for when nothing else is left to
// do, so that it is held against all that listings have said: what it names beside is
// new. Programs write it once a day or keep it for one, so that it stands for no
// listing, and a quiet crawl does not pay for it: it is read anew when a crawl has made
// many times the requests that reading it took, and after two months at the latest.

// SitemapFinder is what a Reader knows of sitemaps, where it knows any.
type SitemapFinder interface {
	// Sitemaps gives the addresses at which an engine may have its sitemap below a
	// forum's root, the likeliest first.
	Sitemaps(engine, root string) []string
	// LastPosts tells whether the times of threads in a sitemap are those of their
	// last posts.
	LastPosts(engine, root, address string) bool
	// ReadSitemap calls take with the entries of a sitemap, one after the other. all is
	// false where some were left out. The error matches ErrSitemapSize for one that is
	// too large.
	ReadSitemap(site state.Site, c forum.Capture, take func(forum.SitemapEntry) error) (all bool, err error)
}

// ErrSitemapSize says that a sitemap is larger than one may be.
var ErrSitemapSize = errors.New("the sitemap is too large")

const (
	sitemapEvery = 7 * 24 * time.Hour  // between two readings
	sitemapShare = 20                  // other requests that a crawl has made for each that a reading takes
	sitemapMost  = 60 * 24 * time.Hour // after which it is read whatever a crawl has made
	sitemapRetry = 30 * 24 * time.Hour // after which one is asked for again that could not be had

	maxSitemapFiles  = 1000 // that one reading asks for
	maxSitemapRoots  = 20   // that robots.txt names
	maxSitemapDepth  = 3    // of indexes in indexes
	maxSitemapBarren = 100  // files in a row that name no thread of the forum
	namedWorth       = 200  // threads that come to nothing, before the next file has to be worth it

	keySitemap     = "sitemap "
	sitemapParent  = "sitemap/" // of files, and below of those that an index dates
	undatedParent  = "undated/"
	sitemapShown   = "sitemap" // what stands for a listing's signature
	maxFutureStamp = time.Minute
)

// NamedBySitemap tells by a thread's signature whether only a sitemap has named it.
func NamedBySitemap(signature string) bool { return signature == sitemapShown }

// IsSitemap tells the key of a sitemap's file. It says nothing of its own: the pages
// speak for themselves.
func IsSitemap(key string) bool { return strings.HasPrefix(key, keySitemap) }

// SitemapMemory is what is known of a site's sitemap.
type SitemapMemory struct {
	Start   time.Time `json:"start,omitzero"`    // of the latest reading
	Roots   []string  `json:"roots,omitempty"`   // where it may be
	Named   bool      `json:"named,omitempty"`   // robots.txt says so: all are read, else the first that is there
	Took    int       `json:"took,omitempty"`    // requests of the latest reading
	Files   int       `json:"files,omitempty"`   // read by it, or unchanged
	Entries int       `json:"entries,omitempty"` // of those that were read
	Barren  int       `json:"barren,omitempty"`  // files in a row that named no thread
	New     int       `json:"new,omitempty"`     // threads that no listing had shown, by all readings
	Due     int       `json:"due,omitempty"`     // threads with posts that no listing had shown, by all readings
	RetryAt time.Time `json:"retry_at,omitzero"` // before which it is not asked for: it could not be had
	Reason  string    `json:"reason,omitempty"`
}

const metaSitemap = "sitemap "

// SitemapOf gives what is known of a site's sitemap; zero when nothing is.
func SitemapOf(ctx context.Context, r *state.Reader, site string) (SitemapMemory, error) {
	return recall[SitemapMemory](ctx, r, metaSitemap+site, "what is known of the sitemap of "+site)
}

func (c *Crawler) saveSitemap(ctx context.Context, site string, m SitemapMemory) error {
	return c.remember(context.WithoutCancel(ctx), metaSitemap+site, "what is known of a sitemap", m)
}

// due tells whether a sitemap is read at the end of a crawl that has made so many
// other requests. The clock may have stepped back.
func (m SitemapMemory) due(now time.Time, made int) bool {
	age := now.Sub(m.Start)
	switch {
	case m.RetryAt.After(now) && m.RetryAt.Before(now.Add(2*sitemapRetry)):
		return false
	case m.Start.IsZero(), age < -sitemapEvery, age >= sitemapMost:
		return true
	}
	return age >= sitemapEvery && made >= sitemapShare*max(m.Took, 1)
}

// takesSitemaps gives what knows of sitemaps, if a site's are asked for: a crawl of all
// boards, as an entry does not say which board its thread stands in.
func (c *Crawler) takesSitemaps(site string) (SitemapFinder, bool) {
	finder, ok := c.reader.(SitemapFinder)
	c.halted.mu.Lock()
	defer c.halted.mu.Unlock()
	return finder, ok && !c.opts.NoSitemaps && c.halted.why[site] == nil && c.scopes[site].Kind == forum.KindIndex && len(c.filters[site].Exclude) == 0
}

// sitemapRest has sitemaps read once nothing else is due, where it is time. It gives
// how many are due now; 0 too when the run is over for another reason.
func (c *Crawler) sitemapRest(ctx context.Context, verdict error) (int, error) {
	var pending *PendingError
	if !errors.Is(verdict, errDone) && !errors.As(verdict, &pending) {
		return 0, nil
	}
	sites, _, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, id := range sites {
		finder, ok := c.takesSitemaps(id)
		if !ok {
			continue
		}
		n, err := c.beginSitemap(ctx, finder, id)
		if err != nil {
			return total, fmt.Errorf("asking for the sitemap of %s: %w", id, err)
		}
		total += n
	}
	return total, nil
}

// beginSitemap makes a site's sitemap due where it is time. A process that dies before
// the memory is kept leaves it queued: it is read all the same, and begun once more.
func (c *Crawler) beginSitemap(ctx context.Context, finder SitemapFinder, id string) (int, error) {
	c.feeding.Lock()
	defer c.feeding.Unlock()
	m, err := SitemapOf(ctx, c.store.Reader, id)
	if err != nil || !m.due(c.opts.Now(), c.madeFor(id)) {
		return 0, err
	}
	site, err := c.store.Site(ctx, id)
	if err != nil {
		return 0, err
	}
	if m.Roots, m.Named, err = c.sitemapRoots(ctx, finder, site); err != nil || len(m.Roots) == 0 {
		return 0, err
	}
	if m.Start, err = c.store.Moment(ctx); err != nil {
		return 0, err
	}
	m.Took, m.Files, m.Entries, m.Barren, m.RetryAt, m.Reason = 0, 0, 0, 0, time.Time{}, ""
	first := m.Roots
	if !m.Named {
		first = first[:1]
	}
	n := 0
	for _, root := range first {
		added, err := c.store.Add(ctx, sitemapLink(id, root, sitemapParent, 1, m.Start))
		if err != nil {
			return n, err
		}
		n += added
	}
	return n, c.saveSitemap(ctx, id, m)
}

func sitemapLink(site, address, parent string, depth int, walk time.Time) state.NewLink {
	n := newLink(site, forum.Link{URL: address, Key: keySitemap + address, Kind: forum.KindSitemap, Page: depth}, prioritySitemap, depth)
	n.Parent, n.Walk = parent, walk
	return n
}

// sitemapRoots are the sitemaps that the robots.txt of a site's host names (RFC 9309
// §2.2.4, sitemaps.org), which may lie anywhere. Where none of them is below the
// forum's root, the one that its program has is taken too, or alone.
func (c *Crawler) sitemapRoots(ctx context.Context, finder SitemapFinder, site state.Site) (roots []string, named bool, err error) {
	root := rootOf(site)
	own := finder.Sitemaps(site.Engine, root)
	u, err := url.Parse(root)
	if err != nil {
		return own, false, nil //nolint:nilerr // no root, no robots.txt
	}
	policy, _, err := c.gate.stored(ctx, Slot(u))
	if err != nil {
		return nil, false, err
	}
	below := false
	for _, line := range policy.Sitemaps() {
		at, err := u.Parse(line)
		if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || len(line) > maxSitemapAddress {
			continue
		}
		at.Fragment = ""
		if !slices.Contains(roots, at.String()) && len(roots) < maxSitemapRoots {
			roots, below = append(roots, at.String()), below || inSite(site, at)
		}
	}
	switch {
	case len(roots) == 0:
		return own, false, nil
	case !below && len(own) > 0:
		roots = append(roots, own[0])
	}
	return roots, true, nil
}

const maxSitemapAddress = 2048

// ownHost tells whether an address is on one of a site's hosts.
func ownHost(site state.Site, u *url.URL) bool {
	for _, id := range append([]string{site.ID}, site.Aliases...) {
		if host, _, _ := strings.Cut(id, "/"); forum.FoldHost(host) == forum.FoldHost(u.Host) {
			return true
		}
	}
	return false
}

// madeFor is how many requests this run has made for a site's pages.
func (c *Crawler) madeFor(site string) int {
	c.learning.Lock()
	defer c.learning.Unlock()
	return c.made[site]
}

// noteVisit counts a settled visit: what a run has made for a site, and what the
// threads have come to that only a sitemap names.
func (c *Crawler) noteVisit(l state.Lease, v state.Settlement) {
	if l.Kind == forum.KindFile || l.Kind == forum.KindSitemap || l.Audit {
		return
	}
	c.learning.Lock()
	defer c.learning.Unlock()
	c.made[l.Site] += v.Requests
	if l.Kind != forum.KindThread || !NamedBySitemap(l.Signature) || l.Page > 1 || v.Outcome == state.Retry {
		return
	}
	w := c.worth[l.Site]
	if v.Outcome.Content() {
		w.threads++
	} else {
		w.nothing++
	}
	c.worth[l.Site] = w
}

// worth is what has become of threads that only a sitemap names.
type worth struct{ threads, nothing int }

// refuseSitemap gives the settlement of a sitemap's file that is not asked for; ok is
// false for one that is.
func (c *Crawler) refuseSitemap(ctx context.Context, l state.Lease) (v state.Settlement, ok bool, err error) {
	m, err := SitemapOf(ctx, c.store.Reader, l.Site)
	if err != nil {
		return v, false, err
	}
	c.learning.Lock()
	w := c.worth[l.Site]
	c.learning.Unlock()
	switch {
	case m.Took >= maxSitemapFiles:
		return outcome(state.OutOfScope, fmt.Sprintf("the sitemap has more than %d files", maxSitemapFiles)), true, nil
	case m.Barren >= maxSitemapBarren:
		return outcome(state.OutOfScope, fmt.Sprintf("%d files of the sitemap before it name no thread of the forum", m.Barren)), true, nil
	case w.nothing >= namedWorth && w.threads < w.nothing/10:
		return outcome(state.OutOfScope, fmt.Sprintf("of the threads that the sitemap names, %d are not to be had and %d are", w.nothing, w.threads)), true, nil
	}
	return v, false, nil
}

// takeSitemap fetches one file of a sitemap. What this run does not take is set aside
// for one that does.
func (c *Crawler) takeSitemap(ctx context.Context, w *hand, l state.Lease) (state.Settlement, bool, error) {
	if _, ok := c.takesSitemaps(l.Site); !ok {
		c.stats.unreserve()
		return state.Settlement{}, false, c.store.Park(context.WithoutCancel(ctx), l)
	}
	v, refused, err := c.refuseSitemap(ctx, l)
	switch {
	case err != nil:
		return v, false, c.giveBack(ctx, l, err)
	case refused:
		return v, true, nil
	}
	return c.takePage(ctx, w, l)
}

// settledSitemap goes on once a file of a sitemap is settled: it keeps what the file
// said, and asks for the next address where there is none at this one.
func (c *Crawler) settledSitemap(ctx context.Context, l state.Lease, v state.Settlement) error {
	c.feeding.Lock()
	defer c.feeding.Unlock()
	m, err := SitemapOf(ctx, c.store.Reader, l.Site)
	if err != nil {
		return err
	}
	c.learning.Lock()
	seen := c.seenMaps[l.Site+" "+l.Key]
	delete(c.seenMaps, l.Site+" "+l.Key)
	c.learning.Unlock()
	m.Took += v.Requests
	switch v.Outcome {
	case state.OK:
		m.note(seen)
	case state.Unchanged:
		m.Files++
		err = c.undated(ctx, l, m)
	case state.Retry:
	default:
		err = c.noSitemap(ctx, l, v, &m)
	}
	if err != nil {
		return err
	}
	if seen.added+seen.due > 0 {
		c.opts.Log.Info("the sitemap names what no listing has shown", "site", l.Site, "url", l.URL, "threads", seen.added, "changed", seen.due)
	}
	return c.saveSitemap(ctx, l.Site, m)
}

// note takes over what a file has said.
func (m *SitemapMemory) note(seen seenSitemap) {
	m.Files++
	m.Entries += seen.entries
	m.New += seen.added
	m.Due += seen.due
	m.RetryAt, m.Reason = time.Time{}, ""
	switch {
	case seen.threads > 0:
		m.Barren = 0
	case seen.children == 0:
		m.Barren++
	}
}

// undated asks for the files of an unchanged index that it gives no times for.
func (c *Crawler) undated(ctx context.Context, l state.Lease, m SitemapMemory) error {
	files := 0
	return c.makeDue(ctx, l.Site, undatedParent+l.URL, func(u state.URL) bool {
		old := u.State == "settled" && u.SettledAt.Before(m.Start) && files < maxSitemapFiles
		if old {
			files++
		}
		return old
	})
}

// noSitemap is for a file that could not be had: the next address of a sitemap that
// was looked for is tried; where there is none, it rests for a month.
func (c *Crawler) noSitemap(ctx context.Context, l state.Lease, v state.Settlement, m *SitemapMemory) error {
	i := slices.Index(m.Roots, l.URL)
	switch {
	case i < 0 || m.Files > 0:
		return nil
	case !m.Named && i+1 < len(m.Roots):
		_, err := c.store.Add(ctx, sitemapLink(l.Site, m.Roots[i+1], sitemapParent, 1, m.Start))
		return err
	}
	m.Reason, m.RetryAt = strings.TrimSpace(fmt.Sprintf("%s %s", v.Outcome, v.Reason)), c.opts.Now().Add(sitemapRetry)
	c.opts.Log.Info("there is no sitemap that can be read", "site", l.Site, "url", l.URL, "reason", m.Reason)
	return nil
}
