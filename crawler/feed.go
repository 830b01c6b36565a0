package crawler

import (
	"context"
	"errors"
	"hash/fnv"
	"net/url"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// A feed tells of the threads of all boards, the newest post first. Where one
// request for it stands for several listings, a round of news asks for it in their
// place. It is paged down to the newest entry of the look before: what has changed
// since stands above. A board whose listing was read since that look began is told
// of completely; any other is read itself, and so is each board once a fortnight,
// which shows what a feed leaves out.

// FeedFinder is what a Reader knows of feeds, where it knows any.
type FeedFinder interface {
	// Feed gives the address of a page (from 1) of an engine's feed, below a forum's
	// root: the one of those that its pages name which is known to be of this kind,
	// else where the engine has it. False where there is none, or no such page.
	Feed(engine, root string, named []string, page int) (string, bool)
}

const (
	feedCheck   = 14 * 24 * time.Hour // within which a board's own listing is read in spite of a feed
	feedRetry   = 30 * 24 * time.Hour // after which a feed is asked for again that could not be used
	feedPages   = 20                  // of a feed that one round reads
	fewListings = 2                   // so many that are due make a feed the cheaper one
	feedParent  = "feed/"
	keyFeed     = "feed "
)

// feedMemory is what is known of a site's feed, for one scope.
type feedMemory struct {
	URL     string     `json:"url,omitempty"`
	Viewer  string     `json:"viewer,omitempty"`
	Since   time.Time  `json:"since,omitzero"`    // what is newer has been told of without a break; zero for nothing yet
	At      time.Time  `json:"at,omitzero"`       // end of the last look that told all
	Behind  looks      `json:"behind,omitempty"`  // boards that were not read since then
	Looks   looks      `json:"looks,omitempty"`   // at boards, when the feed was asked last
	Newest  mark       `json:"newest,omitzero"`   // entry of that look
	RetryAt time.Time  `json:"retry_at,omitzero"` // before which it is not asked for: it could not be used
	Reason  string     `json:"reason,omitempty"`
	Round   *feedRound `json:"round,omitempty"` // under way
}

// looks are the last looks at boards' listings, in µs. They are compared with later
// ones by being the same: the clock may step back.
type looks map[string]int64

// none tells whether a board was not looked at since.
func (l looks) none(f state.Feed) bool {
	at, ok := l[f.Parent]
	return ok && at == f.LookedAt.UnixMicro()
}

// feedRound is one look at a feed.
type feedRound struct {
	Start  time.Time `json:"start"`
	Newest mark      `json:"newest,omitzero"`
	Pages  int       `json:"pages"`            // at most: with more, listings cost as little
	Boards []string  `json:"boards,omitempty"` // of the scope; none for all
	Told   []string  `json:"told,omitempty"`   // listings that it stands for
	News   []string  `json:"news,omitempty"`   // boards that have some
}

// mark is a place in a feed: the time of a last post in µs, or its id.
type mark struct {
	By string `json:"by,omitempty"`
	N  int64  `json:"n,omitempty"`
}

// below tells whether a feed that goes down to m holds all that came after o.
func (m mark) below(o mark) bool {
	if m.By == "" || m.By != o.By {
		return false
	}
	return m.N < o.N || m.By == byID && m.N == o.N // two posts may be of one second, none have one id
}

const (
	byTime = "time"
	byID   = "id"
)

// marks gives the newest and the oldest of a feed's entries; false when they do
// not fall by one mark, so that nothing says where what is new ends.
func marks(rows []forum.Row) (newest, oldest mark, ok bool) {
	for _, by := range []string{byTime, byID} {
		newest, oldest, ok = mark{}, mark{}, true
		for _, r := range rows {
			n, known := markOf(r, by)
			if ok = ok && known && (oldest.By == "" || n <= oldest.N); !ok {
				break
			}
			oldest = mark{by, n}
			if newest.By == "" {
				newest = oldest
			}
		}
		if ok && newest.By != "" {
			return newest, oldest, true
		}
	}
	return mark{}, mark{}, false
}

func markOf(r forum.Row, by string) (int64, bool) {
	if by == byTime {
		at := activity(r)
		return at.At.UnixMicro(), exact(at)
	}
	return number(r.LastPostID)
}

// feedName is where a scope's memory of a site's feed is kept.
func feedName(site string, scope Scope) string { return metaFeed + site + " " + scope.String() }

const metaFeed = "news_feed "

func (c *Crawler) feedMemory(ctx context.Context, site string, scope Scope) (feedMemory, error) {
	return recall[feedMemory](ctx, c.store.Reader, feedName(site, scope), "what is known of the feed of "+site)
}

func (c *Crawler) saveFeed(ctx context.Context, site string, scope Scope, m feedMemory) error {
	return c.remember(context.WithoutCancel(ctx), feedName(site, scope), "what is known of a feed", m)
}

// feedOf gives the address of a page of a site's feed.
func (c *Crawler) feedOf(ctx context.Context, site state.Site, page int) (string, error) {
	finder, ok := c.reader.(FeedFinder)
	if !ok || c.opts.NoFeeds {
		return "", nil
	}
	named, err := c.store.Meta(ctx, metaNamedFeed+site.ID)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return "", err
	}
	raw, ok := finder.Feed(site.Engine, rootOf(site), strings.Fields(named), page)
	if !ok || c.filters[site.ID].excludes(raw) {
		return "", nil
	}
	if u, err := url.Parse(raw); err != nil || !inSite(site, u) {
		return "", nil //nolint:nilerr // not ours to ask
	}
	return raw, nil
}

// metaNamedFeed is where the feed is kept that a site's pages name.
const metaNamedFeed = "named_feed "

// learnFeed keeps the feed that a page names, if it is one of those that tell of
// all boards.
func (c *Crawler) learnFeed(ctx context.Context, site state.Site, p *forum.Page) error {
	finder, ok := c.reader.(FeedFinder)
	if !ok || len(p.Feeds) == 0 {
		return nil
	}
	found, ok := finder.Feed(site.Engine, rootOf(site), p.Feeds, 1)
	if !ok || !slices.Contains(p.Feeds, found) {
		return nil
	}
	before, err := c.store.Meta(ctx, metaNamedFeed+site.ID)
	if err != nil && !errors.Is(err, state.ErrNotFound) || before == found {
		return err
	}
	return c.store.SetMeta(ctx, metaNamedFeed+site.ID, found)
}

// rootOf is a site's root as it was first met.
func rootOf(site state.Site) string {
	host, path, _ := strings.Cut(site.ID, "/")
	root := url.URL{Scheme: "https", Host: host, Path: "/" + path}
	for _, start := range site.StartURLs {
		if u, err := url.Parse(start); err == nil && forum.FoldHost(u.Host) == host {
			root.Scheme, root.Host = u.Scheme, u.Host
			break
		}
	}
	if path != "" {
		root.Path += "/"
	}
	return root.String()
}

// coverable tells whether a feed's next complete look stands for a board's listing.
func (m feedMemory) coverable(f state.Feed, now time.Time) bool {
	return f.Kind == string(forum.KindBoard) && f.Whole && !m.Since.IsZero() && !m.Behind.none(f) && now.Sub(f.LookedAt) < checkAfter(f.Parent)
}

// checkAfter spreads the boards' own looks, so that they do not all come on one day.
func checkAfter(parent string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(parent))
	return feedCheck - feedCheck/4*time.Duration(h.Sum32()%1000)/1000
}

// passAt is the moment after which what a listing shows is news: now, unless a feed
// was asked since the listing was read. What it showed in a look that did not tell all
// may stand above what it did not show.
func (m feedMemory) passAt(f state.Feed, now time.Time) time.Time {
	if !m.Looks.none(f) {
		return now
	}
	at := f.LookedAt.Add(time.Microsecond)
	if !m.Behind.none(f) && m.At.After(at) {
		return m.At
	}
	return at
}

// due splits what would be asked for now: the listings that a feed can tell of, and
// how many others there are. It gives the last looks at all boards.
func (c *Crawler) due(ctx context.Context, site string, m feedMemory, parents []string) (told []string, rest int, all looks, err error) {
	feeds, err := c.store.News(ctx, site, parents...)
	now := c.opts.Now()
	all = looks{}
	for _, f := range feeds {
		all[f.Parent] = f.LookedAt.UnixMicro()
		switch {
		case f.Kind != string(forum.KindBoard) || f.At.After(now):
		case m.coverable(f, now):
			told = append(told, f.Parent)
		default:
			rest++
		}
	}
	return told, rest, all, err
}

// asks tells whether a round asks a feed: it stands for several listings, or may
// from now on.
func (m feedMemory) asks(told []string, rest int, now time.Time) bool {
	begins := m.Since.IsZero() && rest >= fewListings
	return m.URL != "" && !m.RetryAt.After(now) && (len(told) >= fewListings || begins)
}

// refresh makes due what leads to news: the feed where that is cheaper, listings
// where it is not.
func (c *Crawler) refresh(ctx context.Context, site state.Site, scope Scope, parents []string) error {
	m, err := c.currentFeed(ctx, site, scope)
	if err != nil {
		return err
	}
	if scope.Kind == forum.KindBoard && scope.ID == "" {
		m.URL = "" // several boards: each has a memory of its own
	}
	told, rest, all, err := c.due(ctx, site.ID, m, parents)
	if err != nil {
		return err
	}
	if !m.asks(told, rest, c.opts.Now()) {
		return c.readListings(ctx, site.ID, m, state.Round{Parents: parents})
	}
	before := m // what listings are judged by that are read beside it
	m.Round, m.Looks = &feedRound{Pages: min(len(told), feedPages), Boards: parents, Told: told}, all
	if err := c.askFeed(ctx, site.ID, scope, m); err != nil {
		return err
	}
	skip := func(f state.Feed) bool { return slices.Contains(told, f.Parent) }
	return c.readListings(ctx, site.ID, before, state.Round{Parents: parents, Skip: skip})
}

// askFeed begins a round of news with a site's feed.
func (c *Crawler) askFeed(ctx context.Context, site string, scope Scope, m feedMemory) error {
	start, err := c.store.Moment(ctx)
	if err != nil {
		return err
	}
	m.Round.Start = start
	c.learning.Lock()
	c.rounds[site] = scope
	c.learning.Unlock()
	if err := c.saveFeed(ctx, site, scope, m); err != nil {
		return err
	}
	return c.addFeed(ctx, site, m.URL, 1)
}

// currentFeed is the memory of a site's feed, for whom the crawl sees it as. A feed
// at another address, or that others saw, is a new one.
func (c *Crawler) currentFeed(ctx context.Context, site state.Site, scope Scope) (feedMemory, error) {
	address, err := c.feedOf(ctx, site, 1)
	if err != nil {
		return feedMemory{}, err
	}
	m, err := c.feedMemory(ctx, site.ID, scope)
	if err == nil && (m.URL != address && address != "" || m.Viewer != c.opts.Viewer) {
		m = feedMemory{Viewer: c.opts.Viewer}
	}
	m.URL = address
	return m, err
}

// meetFeed asks a site's feed for the first time, before its listings are read.
func (c *Crawler) meetFeed(ctx context.Context, site state.Site, scope Scope) error {
	if scope.Kind != forum.KindIndex {
		return nil
	}
	m, err := c.currentFeed(ctx, site, scope)
	if err != nil || m.URL == "" || m.RetryAt.After(c.opts.Now()) {
		return err
	}
	m.Round = &feedRound{Pages: 1}
	return c.askFeed(ctx, site.ID, scope, m)
}

// someday is later than all that a state knows of, however the clock has stepped.
func (c *Crawler) someday() time.Time { return c.opts.Now().AddDate(100, 0, 0) }

// readListings makes listings due.
func (c *Crawler) readListings(ctx context.Context, site string, m feedMemory, r state.Round) error {
	someday := c.someday()
	r.PassAt = func(f state.Feed) time.Time { return m.passAt(f, someday) }
	due, later, err := c.store.RefreshRound(ctx, site, r)
	if err == nil && later > 0 {
		c.opts.Log.Info("boards that change rarely wait for their time", "site", site, "waiting", later, "due", due)
	}
	return err
}

// addFeed makes a page of a feed due, however lately it was read.
func (c *Crawler) addFeed(ctx context.Context, site, address string, page int) error {
	n := newLink(site, forum.Link{URL: address, Key: keyFeed + address, Kind: forum.KindFeed, Page: page}, priorityFeed, 0)
	n.Parent, n.Walk = feedParent, c.someday()
	_, err := c.store.Add(ctx, n)
	return err
}

// roundScope is the scope whose round asked for a site's feed.
func (c *Crawler) roundScope(site string) Scope {
	c.learning.Lock()
	defer c.learning.Unlock()
	if s, ok := c.rounds[site]; ok {
		return s
	}
	return c.scopes[site]
}
