package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// runner carries out one study over one data folder.
type runner struct {
	cfg     *study.Config
	p       *pipeline
	root    *crawler.Crawler // that the crawlers of the sites stand beside
	clock   clock
	log     *slog.Logger
	maxWait time.Duration
	notify  *notifier
	hasty   bool // a run whose pages have to wait ends, instead of waiting

	finishing sync.Mutex // one run at a time reads again and folds authors

	destroying sync.Mutex
	destroyed  time.Time // captures from before it are gone

	mu      sync.Mutex
	active  map[string]*activeRun // by the site's name
	planned map[string]time.Time
	skipped map[string]int64 // runs that were due while another of the site was under way
	missed  map[string]int64 // runs that were due while no process lived

	refused     int64 // dead letters when it was last looked
	undelivered bool  // whether a delivery that fails has been told of
}

// activeRun is a run that is under way.
type activeRun struct {
	run     int64
	crawler *crawler.Crawler
	since   time.Time
	waits   time.Time // until when it waits; zero while it works

	requests int       // when it was last looked
	moved    time.Time // when it was last seen to move
	told     bool      // that it stands still
}

// runnerOptions say how a study is carried out.
type runnerOptions struct {
	clock   clock
	log     *slog.Logger
	maxWait time.Duration // longer waits are the clock's, shorter ones the crawler's
	hasty   bool          // there are no longer waits: the run ends
	// identity is the file of an age identity that the command line names
	identity string
}

// openRunner opens the study's data folder, settles what a process that died has
// left, and starts the delivery of what is pending.
func openRunner(ctx context.Context, cfg *study.Config, o runnerOptions) (*runner, error) {
	r := &runner{cfg: cfg, clock: o.clock, log: o.log, maxWait: o.maxWait, hasty: o.hasty,
		active: map[string]*activeRun{}, planned: map[string]time.Time{}, skipped: map[string]int64{}, missed: map[string]int64{}}
	po := pipelineOptions{data: cfg.Storage.Data, index: studyIndex(cfg.Index), privacy: studyPrivacy(cfg.Privacy), pins: map[string]string{}, now: o.clock.Now,
		seal: encryption{recipients: cfg.Storage.Encryption.Recipients, identity: o.identity, remembered: cfg.Storage.Encryption.IdentityFile}}
	for _, s := range cfg.Sites {
		po.profiles = append(po.profiles, s.Profile...)
		if s.Engine != "" {
			po.pins[hostOf(s.Start[0])] = s.Engine
		}
	}
	if len(po.profiles) == 0 {
		po.profiles = []string{forgetProfiles} // the file says all
	}
	var err error
	if r.notify, err = newNotifier(cfg.Notify, o.log); err != nil {
		return nil, err
	}
	if r.p, err = openPipeline(ctx, po, o.log); err != nil {
		r.notify.close(0)
		return nil, err
	}
	if err = r.recover(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.destroyDue(ctx)
	if err = r.p.valve.reopen(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.p.deliverOn(ctx)
	if err = r.p.catchUp(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// recover settles what a process that died has left in the archive.
func (r *runner) recover(ctx context.Context) (err error) {
	if r.refused, err = r.p.store.CountDeadLetters(ctx); err != nil {
		return err
	}
	f := crawlFlags{contact: r.cfg.Contact}
	fetcher, err := newFetcher(f, r.log)
	if err != nil {
		return err
	}
	defer fetcher.Close() // the root fetches nothing
	r.root = crawler.New(r.p.store, r.p.archive, fetcher, r.p.reader, crawler.Options{UserAgent: userAgent(f), Now: r.clock.Now, Log: r.log})
	_, err = r.root.Recover(ctx)
	return err
}

// tellWithin is how long the events that are under way may take at the end.
const tellWithin = 3 * time.Second

// close ends the delivery and closes the data folder.
func (r *runner) close() error {
	err := r.p.Close()
	r.notify.close(tellWithin)
	return err
}

// siteResult is what a run of one site has come to.
type siteResult struct {
	site   string
	run    int64
	status string
	pages  int64
	counts map[string]int64
	err    error
}

// each does something for every site at the same time.
func (r *runner) each(ctx context.Context, do func(context.Context, study.Site) siteResult) []siteResult {
	out := make([]siteResult, len(r.cfg.Sites))
	var wg sync.WaitGroup
	for i, site := range r.cfg.Sites {
		wg.Go(func() { out[i] = do(ctx, site) })
	}
	wg.Wait()
	return out
}

// The states that a run of a study ends in.
const (
	runComplete = "complete"
	runStopped  = "stopped"
	runFailed   = "failed"
	runWalled   = "walled" // a session has ended: the forum asks for a login
)

// crawl carries out one run of one site, and leaves a record of it.
func (r *runner) crawl(ctx context.Context, site study.Site, due time.Time, why string) (res siteResult) {
	r.destroyDue(ctx)
	res = siteResult{site: site.Name, status: runFailed}
	log := r.log.With("site", site.Name)
	f := siteFlags(r.cfg, site)
	id, err := r.p.store.BeginOrder(ctx, state.RunOrder{
		Command: "run " + site.Name, Site: site.Name, Asked: string(site.Asked()), Version: version, Config: r.cfg.Hash(), Reason: why, DueAt: due,
	})
	if err != nil {
		res.err = err
		return res
	}
	res.run = id
	log.Info("a run begins", "run", id, "reason", why)
	ctx = state.InRun(ctx, id)
	fetcher, err := newFetcher(f, log, site.Start...)
	if err == nil {
		defer fetcher.Close()
		c := crawler.New(r.p.store, r.p.archive, fetcher, r.siteReader(site), r.crawlerOptions(site, f, id, log))
		r.begin(site, id, c)
		res.status, err = r.drive(ctx, c, site)
		r.end(site)
	}
	res.err = errors.Join(err, r.finish(ctx, site))
	if res.err != nil && ctx.Err() == nil && res.status != runWalled {
		res.status = runFailed
	}
	return r.conclude(ctx, res, log)
}

// conclude ends a run's record and says what it came to.
func (r *runner) conclude(ctx context.Context, res siteResult, log *slog.Logger) siteResult {
	kept := context.WithoutCancel(ctx)
	if err := r.p.store.EndRun(kept, res.run, res.status, nil); err != nil {
		res.err = errors.Join(res.err, err)
		return res
	}
	run, err := r.p.store.RunByID(kept, res.run)
	if err != nil {
		res.err = errors.Join(res.err, err)
		return res
	}
	res.counts, res.pages = run.Counts, visitsOf(run)
	args := []any{"run", res.run, "status", res.status, "pages", res.pages, "posts_new", run.Counts["posts_new"], "posts_changed", run.Counts["posts_changed"]}
	if res.err != nil {
		log.Error("a run ends", append(args, "error", res.err)...)
	} else {
		log.Info("a run ends", args...)
	}
	return res
}

// visitsOf is how many visits a run has settled.
func visitsOf(run state.Run) int64 {
	var n int64
	for _, o := range state.Outcomes() {
		n += run.Counts[string(o)]
	}
	return n
}

// siteReader reads a site's pages, by its pinned engine where it has one.
func (r *runner) siteReader(site study.Site) pageReader {
	reader := r.p.reader
	reader.engine = site.Engine
	return reader
}

// crawlerOptions are those of a crawl with the same flags, for a crawler beside
// others.
func (r *runner) crawlerOptions(site study.Site, f crawlFlags, id int64, log *slog.Logger) crawler.Options {
	o := r.p.crawlerOptions(f)
	o.RunID, o.Beside, o.Now, o.Log, o.MaxWait = strconv.FormatInt(id, 10), r.root, r.clock.Now, log, r.maxWait
	o.Workers = 2 // one asks, one looks for the next page: a site is one host
	for i := range o.Windows {
		o.Windows[i].Zone = site.Schedule.Zone()
	}
	o.Settled = r.p.settled
	return o
}

// drive crawls a site until it is done, however long its hosts have it wait.
func (r *runner) drive(ctx context.Context, c *crawler.Crawler, site study.Site) (string, error) {
	waiting := slices.Clone(site.Start)
	for {
		err := r.start(ctx, c, site, &waiting)
		if err == nil {
			err = c.Run(ctx)
		}
		if ctx.Err() != nil {
			return runStopped, nil
		}
		if halted := c.Halted(); halted != nil {
			return runWalled, errors.Join(err, halted)
		}
		pending, waits := errors.AsType[*crawler.PendingError](err)
		switch {
		case waits && r.hasty:
			return pending.Error(), nil
		case waits:
			if r.wait(ctx, site, pending.Until) != nil {
				return runStopped, nil
			}
			continue
		case errors.Is(err, crawler.ErrLimit):
			return "page limit reached", nil
		case err != nil:
			return runFailed, err
		}
		return runComplete, nil
	}
}

// start makes a site's addresses ready; what has been started is not again.
func (r *runner) start(ctx context.Context, c *crawler.Crawler, s study.Site, waiting *[]string) error {
	for len(*waiting) > 0 {
		site, err := c.Start(ctx, (*waiting)[0])
		if err != nil {
			return err
		}
		if err := r.teach(ctx, site, s); err != nil {
			return err
		}
		if err := c.Refresh(ctx, site); err != nil {
			return err
		}
		*waiting = (*waiting)[1:]
	}
	return nil
}

// teach stores what the study says of a site's pages: zone and language. Pages
// that were read otherwise are read again at the end of the run.
func (r *runner) teach(ctx context.Context, met state.Site, s study.Site) error {
	site, err := r.p.store.Site(ctx, met.ID)
	if err != nil {
		return err
	}
	f := site.Facts
	switch {
	case s.Timezone != "":
		f.Zone, f.ZoneSource = s.Timezone, forum.ZoneConfigured
	case f.ZoneSource == forum.ZoneConfigured: // the file no longer says
		f.Zone, f.ZoneSource, f.ZonePages = "", "", 0
	}
	if s.Language != "" {
		f.Lang = s.Language
	}
	if f == site.Facts {
		return nil
	}
	f.Version++
	_, err = r.p.store.SaveFacts(ctx, site.ID, f)
	return err
}

// finish brings a site's documents up to date with what its run has learned.
func (r *runner) finish(ctx context.Context, site study.Site) error {
	if ctx.Err() != nil {
		return nil
	}
	r.finishing.Lock()
	defer r.finishing.Unlock()
	var ids []string
	sites, err := r.p.store.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if s.ID == hostOf(site.Start[0]) || strings.HasPrefix(s.ID, hostOf(site.Start[0])+"/") {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) > 0 {
		if _, err := r.p.reread(ctx, rereadOldFacts, nil, ids...); err != nil {
			return err
		}
	}
	if _, err := r.p.store.FoldAuthors(ctx); err != nil {
		return fmt.Errorf("folding authors: %w", err)
	}
	r.p.sender.Wake()
	return nil
}

func (r *runner) begin(site study.Site, id int64, c *crawler.Crawler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active[site.Name] = &activeRun{run: id, crawler: c, since: r.clock.Now()}
}

func (r *runner) end(site study.Site) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, site.Name)
}

// wait waits for a time that a run of a site has to wait for.
func (r *runner) wait(ctx context.Context, site study.Site, until time.Time) error {
	r.note(site, until)
	err := r.clock.Until(ctx, until)
	r.note(site, time.Time{})
	return err
}

func (r *runner) note(site study.Site, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.active[site.Name]; a != nil {
		a.waits = until
	}
}

// runs gives the runs that are under way.
func (r *runner) runs() map[string]activeRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]activeRun{}
	for name, a := range r.active {
		out[name] = *a
	}
	return out
}

// tally gives copies of what the scheduler has counted and planned.
func (r *runner) tally() (planned map[string]time.Time, skipped, missed map[string]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.planned), maps.Clone(r.skipped), maps.Clone(r.missed)
}
