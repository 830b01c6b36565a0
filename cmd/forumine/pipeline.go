package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/feed"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/extract/profile"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/local"
)

// This file is the one place where the stages are tied together, in the
// direction of the data: fetch → archive → extract → (privacy) → state → index.

// pipeline holds the opened stages of one data folder.
type pipeline struct {
	dir     string
	log     *slog.Logger
	archive *archive.Archive
	reader  pageReader
	store   *state.Store
	sink    sink
	sender  *index.Sender
	valve   *valve
	run     int64
	key     privacy.Key // of pseudonyms and of those who are forgotten; zero where there is none

	privacyChange *privacy.Policy // that a reindex is to bring about
	inPlace       bool            // it changes what the state holds, for captures were destroyed
	forgets       bool            // somebody is forgotten
	destroyed     int             // captures that the last reading again passed over

	stop    context.CancelFunc // ends the sender
	sent    chan error         // the sender's end
	authors *authorFolds
}

// sink is an index that takes documents and tells what it holds.
type sink interface {
	index.Sink
	index.Holder
}

// pipelineOptions say what a pipeline is opened for.
type pipelineOptions struct {
	data     string
	engine   string   // pinned by the user
	profiles []string // as --profile names them
	index    indexFlags
	privacy  privacyFlags
	change   bool              // another privacy than the folder's is no mistake
	pins     map[string]string // engines that a study pins, by host
	now      func() time.Time  // the clock; nil for the wall's
	forget   bool              // somebody is to be forgotten
	seal     encryption        // how captures are encrypted and opened
}

// openPipeline opens a data folder for writing, from the archive to the index.
func openPipeline(ctx context.Context, o pipelineOptions, log *slog.Logger) (*pipeline, error) {
	given, err := givenProfiles(o.profiles)
	if err != nil {
		return nil, err
	}
	dir := o.data
	p := &pipeline{dir: dir, log: log, reader: pageReader{engine: o.engine, pins: o.pins}}
	if p.store, err = openStateAt(ctx, dir, log, o.now); err != nil {
		return nil, err
	}
	if err = p.openArchive(ctx, o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err = p.usePrivacy(ctx, o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err = p.openSink(ctx, o.index); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err = p.useProfiles(ctx, given); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.authors = &authorFolds{fold: p.store.FoldAuthors, now: time.Now, log: log}
	p.valve = newValve(p.store, int64(o.index.outbox), log)
	p.sender = index.NewSender(outbox{p.store, p.valve.stir}, p.sink, index.SenderOptions{InFlight: o.index.inFlight(), Log: log})
	return p, nil
}

// openArchive opens the archive for writing.
func (p *pipeline) openArchive(ctx context.Context, o pipelineOptions) error {
	to, id, err := p.useEncryption(ctx, o.seal)
	if err != nil {
		return err
	}
	p.archive, err = archive.Open(filepath.Join(p.dir, "archive"), archive.Options{
		Software: "forumine/" + version, Now: o.now, Log: p.log, Recipients: to, Identity: id,
	})
	if err != nil {
		return err
	}
	done, err := p.archive.FinishDestruction(ctx)
	if done && err == nil {
		p.log.Info("a destruction of captures that was interrupted is finished")
	}
	return err
}

// openState opens a data folder's state for writing.
func openState(ctx context.Context, dir string, log *slog.Logger) (*state.Store, error) {
	return openStateAt(ctx, dir, log, nil)
}

// openStateAt is openState under a clock; nil for the wall's.
func openStateAt(ctx context.Context, dir string, log *slog.Logger, now func() time.Time) (*state.Store, error) {
	return state.Open(ctx, dir, state.Options{Folder: folder{index.NewFolder()}, Now: now, Log: log})
}

// metaSink is where the state keeps which index it has been delivering to.
const metaSink = "sink"

// openSink opens the index. One that the state has not been delivering to gets
// every document.
func (p *pipeline) openSink(ctx context.Context, f indexFlags) error {
	identity, fresh := "local", false
	if f.url != "" {
		client, err := openElastic(ctx, f, p.log)
		if err != nil {
			return err
		}
		p.sink, identity = client, "elasticsearch "+client.Identity()
		if fresh, err = setUp(ctx, client, f); err != nil {
			return err
		}
	} else {
		x, err := local.Open(p.dir, local.Options{})
		if err != nil {
			return err
		}
		p.sink = x
		counts, err := x.Count(ctx)
		if err != nil {
			return err
		}
		fresh = len(counts) == 0
	}
	before, err := p.store.Meta(ctx, metaSink)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	if before == identity && !fresh {
		return nil
	}
	if _, err := p.store.Requeue(ctx); err != nil {
		return err
	}
	return p.store.SetMeta(ctx, metaSink, identity)
}

// setUp installs what Elasticsearch lacks, and tells whether indices were made.
func setUp(ctx context.Context, client *elastic.Client, f indexFlags) (fresh bool, err error) {
	templates := index.Templates(f.templates())
	if done, err := client.IsSetUp(ctx, templates); done || err != nil {
		return false, err
	}
	created, err := client.Setup(ctx, templates)
	return len(created) > 0, err
}

// rePrefix is what the names of indices may begin with.
var rePrefix = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// openElastic connects to Elasticsearch.
func openElastic(ctx context.Context, f indexFlags, log *slog.Logger) (*elastic.Client, error) {
	urls, err := f.urls()
	if err != nil {
		return nil, err
	}
	cred, err := environmentCredentials()
	if err != nil {
		return nil, err
	}
	if !rePrefix.MatchString(f.prefix) {
		return nil, misuse("--elasticsearch-prefix %q is none: use lower-case letters, digits, - and _, with a letter first", f.prefix)
	}
	if err := f.templates().Validate(); err != nil {
		return nil, misuse("--elasticsearch-languages: %w", err)
	}
	client, err := elastic.Open(ctx, elastic.Config{
		URLs: urls, Username: cred.username, Password: cred.password, APIKey: cred.apiKey, CAFile: f.caFile,
		Prefix: f.prefix, UserAgent: "forumine/" + version, Log: log,
	})
	if errors.Is(err, index.ErrStop) && strings.Contains(err.Error(), "401") {
		err = fmt.Errorf("%w; credentials are taken from ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY", err)
	}
	return client, err
}

// begin starts a run and the delivery of what is pending.
func (p *pipeline) begin(ctx context.Context, command string) error {
	if err := p.beginRun(ctx, command); err != nil {
		return err
	}
	if err := p.valve.reopen(ctx); err != nil {
		return err
	}
	p.deliver(ctx)
	return nil
}

// beginRun starts a run, without delivery.
func (p *pipeline) beginRun(ctx context.Context, command string) (err error) {
	p.run, err = p.store.BeginRun(ctx, state.RunOrder{Command: command, Version: version})
	return err
}

// deliver starts the delivery of what is pending; it goes on when ctx ends, until
// finish or Close.
func (p *pipeline) deliver(ctx context.Context) {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop, p.sent = stop, make(chan error, 1)
	go func() {
		err := p.sender.Run(sending)
		p.valve.end(err)
		p.sent <- err
	}()
}

// deliverOn is deliver for a process that lives on: where a person has to act,
// the delivery is tried again after a while.
func (p *pipeline) deliverOn(ctx context.Context) {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop, p.sent = stop, make(chan error, 1)
	go func() {
		for sending.Err() == nil {
			if err := p.sender.Run(sending); err != nil {
				p.log.Error("documents are not delivered; they are kept, and tried again in a minute", "error", err)
				_ = wallClock{}.Until(sending, time.Now().Add(time.Minute))
			}
		}
		p.sent <- nil
	}()
}

// endDelivery ends what deliver began.
func (p *pipeline) endDelivery() error {
	if p.stop == nil {
		return nil
	}
	p.stop()
	p.stop = nil
	return <-p.sent
}

// hold returns when more documents may be made: while a run delivers, not more of
// them than the outbox may hold.
func (p *pipeline) hold(ctx context.Context) error {
	if p.stop == nil {
		return nil
	}
	return p.valve.hold(ctx)
}

// runID names the run in documents.
func (p *pipeline) runID() string { return strconv.FormatInt(p.run, 10) }

// settled is called after every settled page.
func (p *pipeline) settled() {
	p.sender.Wake()
	p.authors.settled(context.Background())
}

// finish ends a run: what was learned late is applied, authors are folded, and
// the outbox is delivered. A cancelled context leaves delivery to the next run.
func (p *pipeline) finish(ctx context.Context, status string) error {
	err := p.complete(ctx)
	if stopped := p.endDelivery(); err == nil {
		err = stopped
	}
	if err == nil && ctx.Err() == nil {
		err = p.sender.Drain(ctx)
	}
	p.logDelivery()
	if err != nil {
		status = "failed"
	}
	if reopened := p.valve.reopen(context.WithoutCancel(ctx)); err == nil {
		err = reopened
	}
	if ended := p.store.EndRun(context.WithoutCancel(ctx), p.run, status, nil); err == nil {
		err = ended
	}
	return err
}

// endRun ends the run of a command that does one thing, and gives what that failed
// with.
func (p *pipeline) endRun(ctx context.Context, id int64, err error, counts map[string]int64) error {
	status := "complete"
	if err != nil {
		status = "failed"
	}
	if ended := p.store.EndRun(context.WithoutCancel(ctx), id, status, counts); err == nil {
		err = ended
	}
	return err
}

// logDelivery says what became of what was sent to a server.
func (p *pipeline) logDelivery() {
	if _, remote := p.sink.(*elastic.Client); !remote {
		return
	}
	st := p.sender.Stats()
	p.log.Info("delivery", "sent", st.Sent, "stored", st.Stored, "stale", st.Stale, "retried", st.Retried, "dead", st.Dead, "coalesced", st.Coalesced)
}

// complete brings documents up to date with what the run has learned of their
// sites.
func (p *pipeline) complete(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	if _, err := p.reread(ctx, rereadOldFacts, nil); err != nil {
		return err
	}
	if _, err := p.store.FoldAuthors(ctx); err != nil {
		return fmt.Errorf("folding authors: %w", err)
	}
	p.sender.Wake()
	return nil
}

// Close closes the stages, last to first. It may be called twice.
func (p *pipeline) Close() error {
	errs := []error{p.endDelivery()}
	if p.sink != nil {
		errs = append(errs, p.sink.Close())
		p.sink = nil
	}
	if p.archive != nil {
		errs = append(errs, p.archive.Close())
		p.archive = nil
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
		p.store = nil
	}
	return errors.Join(errs...)
}

// pageReader reads captures for the crawler: extraction, then the privacy step,
// then what the page says of each document.
type pageReader struct {
	engine   string            // pinned by the user
	pins     map[string]string // likewise, by host
	profiles profile.Set
	privacy  privacyStep // nil keeps all
}

var _ crawler.Reader = pageReader{}

// Read reads one capture. A page that shows no engine's signals is read as its
// site's.
func (r pageReader) Read(_ context.Context, v crawler.Visit) (crawler.Reading, error) {
	page, err := r.page(v.Site, v.Capture)
	if err != nil {
		return crawler.Reading{}, err
	}
	if v.Site.ID == "" {
		return crawler.Reading{Page: page}, nil
	}
	return crawler.Reading{Page: page, Contributions: r.contributions(v, page)}, nil
}

// page reads a capture as it is.
func (r pageReader) page(site state.Site, c forum.Capture) (*forum.Page, error) {
	if isRedacted(c) {
		return readRedacted(c)
	}
	page, err := extract.Read(c, site.Facts, extract.Options{Engine: r.pinned(c), Profiles: r.profiles})
	if err == nil && page.Engine == "" && site.Engine != "" && !page.Kind.IsWall() {
		page, err = extract.Read(c, site.Facts, extract.Options{Engine: site.Engine, Profiles: r.profiles})
	}
	return page, err
}

// pinned is the engine that a capture is read as whatever it shows, or "".
func (r pageReader) pinned(c forum.Capture) string {
	if r.engine == "" && len(r.pins) > 0 {
		return r.pins[hostOf(c.Address())]
	}
	return r.engine
}

// contributions is what may be kept of what a page says. The crawl itself goes
// on by the page as it is: its links are what the forum answers to.
func (r pageReader) contributions(v crawler.Visit, page *forum.Page) []forum.Contribution {
	from := provenance(v)
	if r.privacy != nil {
		grammar := r.grammar(cmp.Or(page.Engine, v.Site.Engine))
		from.URL = r.privacy.URL(v.Site.ID, from.URL, grammar)
		page = r.privacy.Page(v.Site.ID, page, grammar)
	}
	return index.Contributions(siteInfo(v.Site), page, from)
}

func siteInfo(s state.Site) index.SiteInfo {
	u := &url.URL{Host: s.ID}
	if parsed, err := url.Parse("http://" + s.ID); err == nil {
		u = parsed
	}
	return index.SiteInfo{ID: s.ID, Host: u.Hostname(), Engine: s.Engine, EngineVersion: s.EngineVersion, Lang: s.Lang, Timezone: s.Facts.Zone}
}

func provenance(v crawler.Visit) index.Provenance {
	return index.Provenance{
		PageKey: v.PageKey, ObservedAt: v.ObservedAt, FetchedAt: v.Capture.FetchedAt, RunID: v.RunID, URL: v.Capture.Address(),
		Status: v.Capture.Status, WARC: v.Ref, Viewer: v.Capture.Viewer, FactsVersion: v.Site.Facts.Version,
	}
}

// Canonical maps a link by an engine's grammar and a forum's own words for routes.
func (r pageReader) Canonical(engine, routes string, u *url.URL) (forum.Link, bool) {
	e, err := extract.ByName(engine)
	if err != nil {
		return forum.Link{}, false
	}
	return extract.Canonical(e, routes, u)
}

var _ crawler.FeedFinder = pageReader{}

// Feed gives the address of a page of an engine's feed.
func (r pageReader) Feed(engine, root string, named []string, page int) (string, bool) {
	return feed.Of(engine, root, named, page)
}

var _ crawler.SitemapFinder = pageReader{}

// Sitemaps gives the addresses at which an engine may have its sitemap.
func (r pageReader) Sitemaps(engine, root string) []string { return feed.Sitemaps(engine, root) }

// LastPosts tells whether a sitemap dates threads by their last posts.
func (r pageReader) LastPosts(engine, root, address string) bool {
	return feed.LastPosts(engine, root, address)
}

// ReadSitemap reads a sitemap entry by entry.
func (r pageReader) ReadSitemap(site state.Site, c forum.Capture, take func(forum.SitemapEntry) error) (bool, error) {
	canonical := func(u *url.URL) (forum.Link, bool) { return r.Canonical(site.Engine, site.Facts.Routes, u) }
	all, err := feed.ReadSitemap(c, canonical, take)
	if errors.Is(err, feed.ErrSitemapSize) {
		err = fmt.Errorf("%w: %w", crawler.ErrSitemapSize, err)
	}
	return all, err
}

// folder gives the index's fold to the state, which knows nothing of documents.
type folder struct{ index.Folder }

var _ state.Folder = folder{}

func (f folder) Fold(ref forum.DocRef, cs []forum.Contribution, parent json.RawMessage) (state.Folded, error) {
	out, err := f.Folder.Fold(ref, cs, parent)
	return state.Folded(out), err
}

func (f folder) Render(d state.Folded, m state.Meta) ([]byte, error) {
	return f.Folder.Render(index.Folded(d), index.Meta(m))
}

// outbox gives the state's outbox to the sender.
type outbox struct {
	store *state.Store
	left  func() // called when rows have left it
}

var _ index.Outbox = outbox{}

func (o outbox) Pending(ctx context.Context, after int64, limit, maxBytes int) ([]index.Document, error) {
	rows, err := o.store.Pending(ctx, after, limit, int64(maxBytes))
	if err != nil {
		return nil, err
	}
	docs := make([]index.Document, len(rows))
	for i, r := range rows {
		docs[i] = index.Document{ID: r.ID, Kind: r.Kind, Key: r.Key, Version: r.Version, Seq: r.Seq, Body: index.WithSequence(r.Body, r.Sequence), Rewrites: r.Rewrites}
	}
	return docs, nil
}

func (o outbox) Acknowledge(ctx context.Context, verdicts []index.Verdict) error {
	acks := make([]state.Ack, len(verdicts))
	for i, v := range verdicts {
		acks[i] = state.Ack{ID: v.ID, Version: v.Version}
	}
	defer o.left()
	return o.store.Acknowledge(ctx, acks)
}

func (o outbox) DeadLetter(ctx context.Context, verdicts []index.Verdict) error {
	refusals := make([]state.Refusal, len(verdicts))
	for i, v := range verdicts {
		refusals[i] = state.Refusal{ID: v.ID, Version: v.Version, Reason: v.Reason}
	}
	defer o.left()
	return o.store.DeadLetter(ctx, refusals...)
}

// newFetcher makes the fetcher of a command. The addresses are those that a
// cookie from the environment is for.
func newFetcher(f crawlFlags, log *slog.Logger, urls ...string) (*fetch.Fetcher, error) {
	o := fetch.Options{UserAgent: userAgent(f), AllowPrivate: f.allowPrivate, Log: log}
	var err error
	if o.Cookies, err = f.account.cookies(urls); err != nil {
		return nil, err
	}
	if o.Proxy, err = f.account.proxyURL(); err != nil {
		return nil, err
	}
	return fetch.New(o)
}

func userAgent(f crawlFlags) string { return fetch.UserAgent(version, f.contact) }

// newCrawler ties a crawler to an opened pipeline.
func (p *pipeline) newCrawler(f crawlFlags, fetcher *fetch.Fetcher) *crawler.Crawler {
	return crawler.New(p.store, p.archive, fetcher, p.reader, p.crawlerOptions(f))
}

// crawlerOptions are a crawler's options as the flags say.
func (p *pipeline) crawlerOptions(f crawlFlags) crawler.Options {
	filter, _ := f.scope.filter() // runCrawl has read it
	return f.pace.apply(crawler.Options{
		Filter: filter, Files: f.media.files(), Viewer: f.account.viewerName(), Honour: f.robotsMeta == "honour",
		UserAgent: userAgent(f), Delay: f.delay, MaxPages: f.maxPages, RunID: p.runID(), Engine: f.engine, Log: p.log,
		NoFeeds: !f.feeds, NoSitemaps: !f.sitemaps, Settled: p.settled, Hold: p.hold, Held: p.valve.isFull, Now: time.Now, Keep: p.keeper(),
	})
}
