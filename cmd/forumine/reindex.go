package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

// rereadWhich chooses the captures that are read again.
type rereadWhich int

const (
	rereadOldFacts rereadWhich = iota // read under older facts of their site
	rereadOlder                       // read by an older extractor, or under older facts
	rereadAll
)

func newReindex(s streams) *cobra.Command {
	var data string
	var all, verbose, dry, asJSON bool
	var profiles []string
	var f indexFlags
	var pf privacyFlags
	c := &cobra.Command{
		Use:   "reindex",
		Short: "Read the archived pages again, without one request, and deliver what changed",
		Long: `Read the archived pages again and deliver what changed: after an upgrade that
reads more, or to fill an index that was lost. Nothing is fetched.

Pages that were read by this version already, under the same profile and facts of
their site, are left alone unless --all is given. Several pages are read at once;
interrupted, the same command goes on where it stopped.

--dry-run changes nothing: it reads the same pages and tells field by field what
would change.

Another privacy than the data folder's (--authors, --deleted, --mask,
--drop-fields) is brought about by reading every page again, in the order of
their fetching, and building the index from nothing. Where captures were destroyed,
what was read from all pages is changed in its place, and only a stricter privacy
can be had. Interrupted, the same command goes on; until it is through no other one
writes to the data folder.`,
		Example: `  forumine reindex
  forumine reindex --dry-run
  forumine reindex --profile forum.example.org.yaml
  forumine reindex --authors pseudonymise
  forumine reindex --all --elasticsearch http://127.0.0.1:9200`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if dry && pf.given() {
				return misuse("--dry-run tells what another reading would change, not what another privacy would: leave one of them out")
			}
			if dry {
				return previewReindex(c.Context(), s, data, profiles, all, asJSON)
			}
			return runReindex(c.Context(), s, pipelineOptions{data: data, profiles: profiles, index: f, privacy: pf, change: true, seal: encryption{identity: identityFile(s)}}, all, verbose)
		},
	}
	dataFlag(c.Flags(), &data)
	f.add(c.Flags())
	profileFlag(c.Flags(), &profiles, keptProfiles)
	pf.add(c.Flags())
	c.Flags().BoolVar(&all, "all", false, "read every page again")
	c.Flags().BoolVar(&dry, "dry-run", false, "change nothing: tell field by field what would change")
	c.Flags().BoolVar(&asJSON, "json", false, "with --dry-run, one JSON line a change")
	c.Flags().BoolVar(&verbose, "verbose", false, "log every page")
	return c
}

func runReindex(ctx context.Context, s streams, o pipelineOptions, all, verbose bool) (err error) {
	if err := dataFolder(o.data); err != nil {
		return err
	}
	p, err := openPipeline(ctx, o, newLog(s, verbose))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if p.privacyChange != nil {
		return runRenew(ctx, s, p, o.index, "reindex "+p.privacyChange.String())
	}
	if err := p.begin(ctx, "reindex"); err != nil {
		return err
	}
	which := rereadOlder
	if all {
		which = rereadAll
	}
	bar := newProgress(s, p, nil)
	n, err := p.reread(ctx, which, bar.step)
	bar.end()
	if err != nil {
		return errors.Join(err, p.finish(ctx, "failed"))
	}
	destroyed := p.destroyed
	if err := p.finish(ctx, "complete"); err != nil {
		return err
	}
	stats := p.sender.Stats()
	fmt.Fprintf(s.out, "%d pages read again, %d documents delivered\n", n, stats.Stored)
	if destroyed > 0 {
		fmt.Fprintf(s.out, "%d captures were destroyed: what they said is kept as it was read\n", destroyed)
	}
	return nil
}

// reread reads archived captures again, several at once, and replaces what they
// said. It gives how many were read. What is interrupted goes on where it
// stopped: every capture is replaced in a transaction of its own, which notes the
// version that read it. Where sites are named, of these alone.
func (p *pipeline) reread(ctx context.Context, which rereadWhich, step func(), only ...string) (int, error) {
	sites, err := p.store.Sites(ctx)
	if err != nil {
		return 0, err
	}
	if len(only) > 0 {
		sites = slices.DeleteFunc(sites, func(s state.Site) bool { return !slices.Contains(only, s.ID) })
	}
	passed := &passedOver{}
	pool := newRereaders(ctx, func(ctx context.Context, site state.Site, c state.Capture) error {
		return p.rereadOne(ctx, site, c, which == rereadAll, passed)
	})
	n, err := eachOlder(ctx, p.store.Reader, sites, which, func(site state.Site, c state.Capture) error {
		if step != nil {
			step()
		}
		return pool.do(site, c)
	})
	if err := cmp.Or(pool.end(), err); err != nil {
		return n, err
	}
	return n - passed.count(), passed.tell(p, which)
}

// passedOver are archived pages that cannot be read, and need not: what they said
// is kept.
type passedOver struct {
	mu        sync.Mutex
	locked    int
	lock      error
	destroyed int
}

// takes tells whether an error is of that kind.
func (o *passedOver) takes(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case errors.Is(err, archive.ErrDestroyed):
		o.destroyed++
	case errors.Is(err, archive.ErrLocked):
		o.locked++
		o.lock = err
	default:
		return false
	}
	return true
}

func (o *passedOver) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.locked + o.destroyed
}

// tell says what was passed over. Where a person has asked for the pages, those
// that want an identity are an error.
func (o *passedOver) tell(p *pipeline, which rereadWhich) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.destroyed = o.destroyed
	if o.locked == 0 {
		return nil
	}
	if which != rereadOldFacts {
		return fmt.Errorf("%d archived pages were not read again, and what they said is kept: %w", o.locked, o.lock)
	}
	p.log.Warn("pages that were read before more was known of their site wait to be read again: `forumine reindex` with the identity does that", "pages", o.locked)
	return nil
}

// eachOlder gives the captures that are to be read again, site by site, a page's
// oldest first, and how many these are.
func eachOlder(ctx context.Context, store *state.Reader, sites []state.Site, which rereadWhich, fn func(state.Site, state.Capture) error) (n int, err error) {
	for _, site := range sites {
		filter := state.CaptureFilter{Site: site.ID}
		if which == rereadOldFacts {
			filter.FactsBelow, filter.AnyOutcome = site.Facts.Version, mended(site)
		}
		err := store.Captures(ctx, filter, func(c state.Capture) error {
			current := c.Extractor >= extract.Version && (c.FactsVersion >= site.Facts.Version || !c.Outcome.Content() && !mended(site))
			if which == rereadOlder && current || c.Outcome == state.Robots { // what a page asked for is kept to
				return nil
			}
			n++
			return fn(site, c)
		})
		if err != nil {
			return n, fmt.Errorf("reading archived pages of %s again: %w", site.ID, err)
		}
	}
	return n, nil
}

// mended tells sites that the user has given a profile for: what was no content
// without it may be some now.
func mended(s state.Site) bool { return s.Facts.Profile != "" }

func (p *pipeline) rereadOne(ctx context.Context, site state.Site, c state.Capture, force bool, passed *passedOver) error {
	if crawler.IsSitemap(c.Key) {
		return nil
	}
	if err := p.hold(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ref, err := archive.ParseRef(c.Ref)
	if err != nil {
		return err
	}
	exchange, err := p.archive.Read(ctx, ref)
	if passed.takes(err) {
		return nil
	}
	if err != nil {
		p.log.Warn("an archived page cannot be read; what it said is kept", "url", c.URL, "ref", c.Ref, "error", err)
		return nil
	}
	capture, err := exchange.Capture()
	if err != nil {
		p.log.Warn("an archived page cannot be decoded; what it said is kept", "url", c.URL, "ref", c.Ref, "error", err)
		return nil
	}
	reading, err := crawler.Read(ctx, p.reader, crawler.Visit{Site: site, PageKey: c.Key, Capture: capture, Ref: c.Ref, ObservedAt: c.ObservedAt, RunID: exchange.RunID})
	if err != nil {
		p.log.Warn("an archived page is unreadable; what it said is kept", "url", c.URL, "ref", c.Ref, "error", err)
		return nil
	}
	r := state.Reading{
		Site: site.ID, Key: c.Key, Capture: c.Ref, Extractor: reading.Page.Extract.Version, FactsVersion: site.Facts.Version,
		Kind: reading.Page.Kind, Contributions: reading.Contributions, Posts: len(reading.Page.Posts), Force: force,
	}
	r.Outcome, _ = crawler.Verdict(reading.Page, capture)
	if r.Outcome != state.OK || reading.Page.Kind == forum.KindFeed { // a feed is a source of links: the pages speak for themselves
		r.Contributions, r.Posts = nil, 0
	}
	_, err = p.store.Reread(ctx, r)
	if err == nil {
		p.settled()
	}
	return err
}
