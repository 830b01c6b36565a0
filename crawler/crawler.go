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
	"net/url"
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
	// Canonical maps an absolute link by an engine's grammar; false for links
	// that are never entered.
	Canonical(engine string, u *url.URL) (forum.Link, bool)
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
	Workers   int           // hosts that are fetched from at once; default 4
	MaxWait   time.Duration // a wait longer than this ends the run; default 5 min
	RunID     string
	Engine    string // pins the engine of every page
	Now       func() time.Time
	Log       *slog.Logger
	Settled   func() // called after each settled page: documents may be waiting
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 5 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Settled == nil {
		o.Settled = func() {}
	}
	return o
}

// Crawler crawls what the frontier holds. It is used by one Run at a time.
type Crawler struct {
	store   *state.Store
	archive *archive.Archive
	fetcher *fetch.Fetcher
	reader  Reader
	opts    Options
	pace    *pacer
	gate    *gate
	stats   Stats
	low     watermark
	scopes  map[string]Scope // by site

	learning sync.Mutex // held while what is known of a site is read and written
}

// New makes a crawler over opened stores.
func New(store *state.Store, a *archive.Archive, f *fetch.Fetcher, r Reader, o Options) *Crawler {
	o = o.withDefaults()
	c := &Crawler{store: store, archive: a, fetcher: f, reader: r, opts: o, pace: newPacer(o.Delay), scopes: map[string]Scope{}}
	c.low.open = map[archive.Ref]bool{}
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

// Run crawls the sites of the started scopes until nothing is due, the page
// limit is reached (ErrLimit), everything left must wait (*PendingError), or
// ctx ends. Whatever ends it, every lease is settled or returned.
func (c *Crawler) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sites := c.siteIDs()
	idle := newIdlers(c.opts.Workers)
	var wg sync.WaitGroup
	for range c.opts.Workers {
		w := c.fetcher.Worker()
		wg.Go(func() {
			if err := c.work(ctx, w, sites, idle); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	c.saveWatermark(context.WithoutCancel(ctx))
	err := context.Cause(ctx)
	switch {
	case errors.Is(err, errDone):
		return nil
	case err != nil:
		return err
	}
	return nil
}

// errDone cancels the workers when nothing is left to do.
var errDone = errors.New("done")

func (c *Crawler) siteIDs() []string {
	ids := make([]string, 0, len(c.scopes))
	for id := range c.scopes {
		ids = append(ids, id)
	}
	return ids
}

// work is one worker's loop.
func (c *Crawler) work(ctx context.Context, w *fetch.Worker, sites []string, idle *idlers) error {
	for {
		if err := ctx.Err(); err != nil {
			return nil
		}
		changed := idle.changes() // taken first: a change after the look is not missed
		if !c.stats.reserve(c.opts.MaxPages) {
			if err := idle.last(ctx, changed, ErrLimit); err != nil {
				return err
			}
			continue
		}
		lease, err := c.store.Next(ctx, sites...)
		if err != nil {
			c.stats.unreserve()
			if err := c.pause(ctx, err, idle, changed); err != nil {
				return err
			}
			continue
		}
		idle.wakeAll()
		if err := c.visit(ctx, w, lease); err != nil {
			return err
		}
		idle.wakeAll()
		c.opts.Settled()
	}
}

// pause waits after Next had nothing to give: for a time to come, or for
// another worker to add links. When every worker waits for links, the crawl is
// done.
func (c *Crawler) pause(ctx context.Context, err error, idle *idlers, changed <-chan struct{}) error {
	var wait *state.WaitError
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.As(err, &wait):
		d := wait.Until.Sub(c.opts.Now())
		if d > c.opts.MaxWait {
			return idle.last(ctx, changed, &PendingError{wait.Until})
		}
		c.stats.waiting(wait.Until)
		idle.wait(ctx, changed, max(d, time.Millisecond))
		return nil
	case errors.Is(err, state.ErrEmpty):
		return idle.last(ctx, changed, errDone)
	}
	return fmt.Errorf("taking the next URL: %w", err)
}

// idlers counts the workers that have nothing to do: the one that would make
// all of them idle ends the crawl, the others wait for a change.
type idlers struct {
	mu      sync.Mutex
	workers int
	idle    int
	changed chan struct{}
}

func newIdlers(n int) *idlers { return &idlers{workers: n, changed: make(chan struct{})} }

func (i *idlers) wakeAll() {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.changed)
	i.changed = make(chan struct{})
}

// changes is closed at the next change.
func (i *idlers) changes() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.changed
}

// last gives the verdict when every other worker is idle too and nothing has
// changed since the look that the verdict comes from; else it waits for a change
// and gives nil.
func (i *idlers) last(ctx context.Context, changed <-chan struct{}, verdict error) error {
	i.mu.Lock()
	i.idle++
	all := i.idle == i.workers && changed == i.changed
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		i.idle--
		i.mu.Unlock()
	}()
	if all {
		return verdict
	}
	select {
	case <-changed:
	case <-ctx.Done():
	}
	return nil
}

// wait waits for a time, or for a change.
func (i *idlers) wait(ctx context.Context, changed <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}
