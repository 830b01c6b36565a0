// Package crawler carries out a crawl: it takes leased URLs from the frontier,
// asks robots.txt, fetches politely, archives what came, has it read, and
// settles each URL with a named outcome.
//
// Its steps for one URL: lease (state) → robots.txt → fetch, redirect hops
// included → archive, durable before anything else → read (the Reader that cmd
// gives) → settle, in one transaction. The packages below do the work: fetch,
// robots, archive, state. Reading and indexing belong to others: this package
// knows pages only by the nouns of package forum.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Visit is one archived response that is to be read.
type Visit struct {
	Site       state.Site
	PageKey    string
	Capture    forum.Capture
	Ref        string // in the archive
	ObservedAt time.Time
	RunID      string
}

// Reading is what a visit says.
type Reading struct {
	Page          *forum.Page
	Contributions []forum.Contribution
}

// Reader reads captures and knows the engines' URL grammars.
type Reader interface {
	// Read reads one capture. An error means that it is no page at all.
	Read(ctx context.Context, v Visit) (Reading, error)
	// Canonical maps an absolute link by an engine's grammar and a forum's own words
	// for routes (forum.Facts.Routes); false for links that are never entered.
	Canonical(engine, routes string, u *url.URL) (forum.Link, bool)
}

// Read has a reader read one capture. A reader that panics, which no page should
// bring about, gives an error: the page is settled as unreadable, and the crawl
// goes on.
func Read(ctx context.Context, r Reader, v Visit) (reading Reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			reading, err = Reading{}, fmt.Errorf("reading %s failed inside forumine: %v; please report the page", v.Capture.Address(), p)
		}
	}()
	return r.Read(ctx, v)
}

// Options steer a crawl. Zero values mean the defaults given here.
type Options struct {
	UserAgent string
	Delay     time.Duration // least time between two requests to a host
	MaxPages  int           // pages of this run; 0 for no limit
	Workers   int           // hosts that are fetched from at once; default: as many as sites, at least 4, at most 256
	MaxWait   time.Duration // a wait longer than this ends the run; default 5 min
	RunID     string
	Viewer    string  // whose eyes the pages are seen with; default guest
	Engine    string  // pins the engine of every page
	Honour    bool    // noindex and noarchive of pages are honoured, rather than reported
	Filter    *Filter // what of the scope is taken; nil for what an earlier crawl of the same scope was given

	Interval     Bounds            // between two looks at a board for news; default 5 minutes to a day
	SiteInterval map[string]Bounds // of single sites, by id
	Audit        Audit             // of old pages, for what no listing shows
	Files        Files             // of posts; default none
	NoFeeds      bool              // news comes from listings alone
	NoSitemaps   bool              // of threads that no listing shows nobody is asked
	Budget       Budget            // of a site and day (UTC)
	Windows      Windows           // of the week that requests are made in

	// Beside is a crawler over the same store and archive that may be at work at
	// the same time, for other sites: hosts are paced for both together.
	Beside *Crawler

	// Keep gives what may be archived of an exchange: the exchange itself, or
	// another one in its place. Nil keeps everything.
	Keep func(context.Context, archive.Exchange) (archive.Exchange, error)

	Now     func() time.Time
	Log     *slog.Logger
	Settled func() // called after each settled page: documents may be waiting

	// Hold is called before a page is taken, and returns when it may be: where
	// documents wait for an index that is away, there must not come ever more of
	// them. Its error ends the run.
	Hold func(context.Context) error
	Held func() bool // tells whether Hold would wait
}

func (o Options) withDefaults() Options {
	if o.MaxWait <= 0 {
		o.MaxWait = 5 * time.Minute
	}
	if o.Viewer == "" {
		o.Viewer = guest
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Keep == nil {
		o.Keep = func(_ context.Context, e archive.Exchange) (archive.Exchange, error) { return e, nil }
	}
	if o.Settled == nil {
		o.Settled = func() {}
	}
	o.Files = o.Files.withDefaults()
	if o.Hold == nil {
		o.Hold = func(context.Context) error { return nil }
	}
	if o.Held == nil {
		o.Held = func() bool { return false }
	}
	return o
}

// Crawler crawls what the frontier holds. It is used by one Run at a time. Several
// may work over one store for different sites, when each but the first knows
// another by Options.Beside; Recover is then called before the first Run.
type Crawler struct {
	store   *state.Store
	archive *archive.Archive
	fetcher *fetch.Fetcher
	reader  Reader
	opts    Options
	pace    *pacer
	gate    *gate
	stats   Stats
	lane    auditLane
	purse   purse
	low     *watermark
	scopes  map[string]Scope   // by site
	starts  map[string][]Scope // of this run, by site
	filters map[string]Filter
	halted  halts
	met     map[string]bool // sites that this run has met first

	learning  sync.Mutex             // held while what is known of a site is read and written
	rounds    map[string]Scope       // whose round asked for a site's feed
	seenFeeds map[string]seenFeed    // last page of each site's feed
	feeding   sync.Mutex             // held while what is known of a feed or sitemap is read and written
	seenMaps  map[string]seenSitemap // files of sitemaps that are yet to be settled
	made      map[string]int         // requests of this run for pages, by site
	worth     map[string]worth       // of the threads that sites' sitemaps name
}

// New makes a crawler over opened stores.
func New(store *state.Store, a *archive.Archive, f *fetch.Fetcher, r Reader, o Options) *Crawler {
	o = o.withDefaults()
	c := &Crawler{store: store, archive: a, fetcher: f, reader: r, opts: o, pace: newPacer(o.Delay), scopes: map[string]Scope{}, starts: map[string][]Scope{}, filters: map[string]Filter{}, met: map[string]bool{}}
	c.rounds, c.seenFeeds = map[string]Scope{}, map[string]seenFeed{}
	c.seenMaps, c.made, c.worth = map[string]seenSitemap{}, map[string]int{}, map[string]worth{}
	c.low = &watermark{open: map[archive.Ref]bool{}}
	if o.Beside != nil {
		c.low, c.pace = o.Beside.low, &pacer{o.Delay, o.Beside.pace.paces}
	}
	c.gate = &gate{store: store, agent: o.UserAgent, now: o.Now, log: o.Log}
	return c
}

// ErrLimit ends a run whose page limit is reached.
var ErrLimit = errors.New("page limit reached")

// PendingError ends a run that would have to wait longer than Options.MaxWait:
// hosts pause, or failed pages wait for their next try.
type PendingError struct{ Until time.Time }

// Error says when to come back.
func (e *PendingError) Error() string {
	return "pages wait until " + e.Until.UTC().Format(time.RFC3339) + ": run the same command again then"
}

// workers is how many hosts are fetched from at once.
func (c *Crawler) workers() int {
	if c.opts.Workers > 0 {
		return c.opts.Workers
	}
	return min(max(4, len(c.scopes)+2), 256)
}

// Run crawls the sites of the started scopes until nothing is due, the page
// limit is reached (ErrLimit), everything left must wait (*PendingError), or
// ctx ends. Whatever ends it, every lease is settled or returned.
func (c *Crawler) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := c.beginAudit(ctx); err != nil {
		return err
	}
	turns := newTurns()
	var wg sync.WaitGroup
	for range c.workers() {
		w := &hand{Worker: c.fetcher.Worker()}
		wg.Go(func() {
			if err := c.work(ctx, w, turns); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	c.saveWatermark(context.WithoutCancel(ctx))
	c.endAudit(context.WithoutCancel(ctx))
	err := context.Cause(ctx)
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// errDone cancels the workers when nothing is left to do.
var errDone = errors.New("done")

func (c *Crawler) siteIDs() []string { return slices.Sorted(maps.Keys(c.scopes)) }

// work is one worker's loop: it takes its turn at looking for a URL, and visits
// what it found while the next one looks.
func (c *Crawler) work(ctx context.Context, w *hand, t *turns) error {
	for t.take(ctx) {
		lease, err := c.look(ctx, t)
		if err != nil || ctx.Err() != nil {
			if lease.Token != 0 {
				err = errors.Join(err, c.giveBack(ctx, lease, nil))
			}
			t.pass()
			return err
		}
		t.begin()
		t.pass()
		if err := c.chain(ctx, w, lease, t); err != nil {
			return err
		}
	}
	return nil
}

// chain visits a URL, and while it is settled, which takes no request, the next
// ones, for as long as there is one right away.
func (c *Crawler) chain(ctx context.Context, w *hand, first state.Lease, t *turns) error {
	s := c.newSettler(ctx, t)
	for rest := []state.Lease{first}; len(rest) > 0; {
		l, began := rest[0], c.opts.Now()
		rest = rest[1:]
		var v state.Settlement
		var ok bool
		var err error
		s.during(func() { v, ok, err = c.take(ctx, w, l) })
		took := c.opts.Now().Sub(began)
		if ok && len(rest) > 0 && (!c.goesOn(v) || took > aheadTime) {
			l, err = c.giveBackRest(ctx, l, rest, t)
			rest = nil
		}
		if !ok || err != nil || s.failed() {
			return errors.Join(c.breakOff(ctx, s, rest, t), err)
		}
		pass := len(rest) == 0
		if pass {
			rest = c.ahead(ctx, l, v, took, t)
		}
		s.put(visit{state.Visited{Lease: l, Settlement: v}, len(rest) > 0 && rest[0].Slot == l.Slot})
		if pass {
			s.pass()
		}
	}
	return s.end()
}

// breakOff ends a chain whose last visit has nothing to settle.
func (c *Crawler) breakOff(ctx context.Context, s *settler, rest []state.Lease, t *turns) error {
	var err error
	for _, l := range rest {
		err = errors.Join(err, c.giveBack(ctx, l, nil))
	}
	err = errors.Join(err, s.end())
	for range len(rest) + 1 {
		t.end()
	}
	return err
}

// giveBackRest returns the leases behind one that is to be settled.
func (c *Crawler) giveBackRest(ctx context.Context, l state.Lease, rest []state.Lease, t *turns) (state.Lease, error) {
	l, err := c.store.ReleaseRest(context.WithoutCancel(ctx), l, rest...)
	for range rest {
		c.stats.unreserve()
		t.end()
	}
	if errors.Is(err, state.ErrStaleLease) {
		err = nil // settling says so
	}
	return l, err
}

// goesOn tells whether a visit lets the worker go on with what is leased behind it.
func (c *Crawler) goesOn(v state.Settlement) bool {
	return v.Outcome.Content() && v.SlotNextAt.IsZero() && !c.opts.Held()
}

// What a worker leases at once, where pages come fast: one transaction leases as
// many as one settles. A page that takes long is leased alone: others may be more
// urgent by the time that it has come.
const aheadTime = 2 * time.Second

// ahead leases the next URLs when a page has been fetched and is yet to be settled.
// A crawl with a pace has time enough, and a budget is reckoned page by page.
func (c *Crawler) ahead(ctx context.Context, l state.Lease, v state.Settlement, took time.Duration, t *turns) []state.Lease {
	if !c.goesOn(v) || c.opts.Delay > 0 || c.opts.Budget != (Budget{}) {
		return nil
	}
	sites, _, err := c.open(ctx)
	if err != nil || len(sites) == 0 {
		return nil
	}
	most := 0
	for most < settleMost && time.Duration(most)*took <= aheadTime && c.stats.reserve(c.opts.MaxPages) {
		most++
	}
	if most == 0 {
		return nil
	}
	next, err := c.store.NextAfter(ctx, l, most, sites...)
	if err != nil { // nothing is ready, or the state fails: then settling says so
		next = nil
	}
	pages := len(next)
	if pages > 0 && next[0].Kind == forum.KindFile {
		pages = 0
	}
	for range most - pages {
		c.stats.unreserve()
	}
	for range next {
		t.begin()
	}
	return next
}

// look finds the next URL, and waits where there is none yet or none may be
// taken.
func (c *Crawler) look(ctx context.Context, t *turns) (state.Lease, error) {
	for ctx.Err() == nil {
		if err := c.opts.Hold(ctx); err != nil {
			return state.Lease{}, err
		}
		idle, changed := t.idle() // taken first: a change after the look is not missed
		lease, wait, verdict := c.tryNext(ctx)
		switch {
		case verdict == nil:
			return lease, nil
		case wait > 0:
			t.wait(ctx, changed, wait)
		case idle:
			if n, err := c.rest(ctx, verdict); err != nil || n == 0 {
				return state.Lease{}, errors.Join(err, verdict)
			}
		default:
			t.wait(ctx, changed, 0)
		}
	}
	return state.Lease{}, nil
}

// rest makes due what is done once nothing else is left to do, and gives how much: the
// sitemap, and then pages of the audit lane.
func (c *Crawler) rest(ctx context.Context, verdict error) (int, error) {
	if n, err := c.sitemapRest(ctx, verdict); n > 0 || err != nil {
		return n, err
	}
	return c.auditRest(ctx, verdict)
}

// tryNext leases a URL. Without one it gives the verdict that ends the crawl if
// nothing else is in hand, or how long to wait.
func (c *Crawler) tryNext(ctx context.Context) (state.Lease, time.Duration, error) {
	sites, opens, err := c.open(ctx)
	if err != nil {
		return state.Lease{}, 0, err
	}
	if len(sites) == 0 && !opens.IsZero() {
		return c.until(opens)
	}
	if !c.stats.reserve(c.opts.MaxPages) {
		return state.Lease{}, 0, ErrLimit
	}
	lease, err := c.store.Next(ctx, sites...)
	if err != nil || lease.Kind == forum.KindFile {
		c.stats.unreserve() // no page, and files are no pages of the limit
	}
	if err == nil {
		return c.withinBudget(ctx, lease)
	}
	wait, waits := errors.AsType[*state.WaitError](err)
	switch {
	case waits:
		return c.until(wait.Until)
	case !errors.Is(err, state.ErrEmpty):
		return state.Lease{}, 0, fmt.Errorf("taking the next URL: %w", err)
	case !opens.IsZero():
		return c.until(opens)
	}
	return state.Lease{}, 0, errDone
}

// withinBudget gives a lease, unless what was under way when the look for it began
// has used up its site's budget meanwhile.
func (c *Crawler) withinBudget(ctx context.Context, l state.Lease) (state.Lease, time.Duration, error) {
	now := c.opts.Now()
	opens, err := c.opensAt(ctx, l.Site, now)
	if err == nil && !opens.After(now) {
		return l, 0, nil
	}
	if err := c.giveBack(ctx, l, err); err != nil {
		return state.Lease{}, 0, err
	}
	return c.until(opens)
}

// until waits for a time that is near; a later one ends the run.
func (c *Crawler) until(at time.Time) (state.Lease, time.Duration, error) {
	d := at.Sub(c.opts.Now())
	if d > c.opts.MaxWait {
		return state.Lease{}, 0, &PendingError{at}
	}
	c.stats.waiting(at)
	return state.Lease{}, max(d, time.Millisecond), errDone
}

// turns lets one worker at a time look for a URL: hundreds that wait would all
// ask whenever one thing changes.
type turns struct {
	looker  chan struct{}
	mu      sync.Mutex
	busy    int // workers that visit
	changed chan struct{}
}

func newTurns() *turns {
	return &turns{looker: make(chan struct{}, 1), changed: make(chan struct{})}
}

// take waits for the turn; false when ctx ended first.
func (t *turns) take(ctx context.Context) bool {
	select {
	case t.looker <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// pass gives the turn to another worker.
func (t *turns) pass() { <-t.looker }

// begin counts a worker that visits, before it passes its turn.
func (t *turns) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy++
}

// end counts it off: what it settled may have brought links.
func (t *turns) end() { t.leave(true) }

// leave counts a worker off, and says whether there may be something for others to
// do now. Somebody else visits as long as there is not: who looks for a URL that
// only the slot's worker can have looks in vain.
func (t *turns) leave(news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy--
	if news || t.busy == 0 {
		close(t.changed)
		t.changed = make(chan struct{})
	}
}

// idle tells whether nobody visits, and gives what is closed at the next change.
// Who has the turn and saw that nobody visits before a look can rely on it.
func (t *turns) idle() (bool, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.busy == 0, t.changed
}

// wait waits for a change, or for a time when it is given.
func (t *turns) wait(ctx context.Context, changed <-chan struct{}, d time.Duration) {
	var timeout <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-changed:
	case <-timeout:
	case <-ctx.Done():
	}
}
