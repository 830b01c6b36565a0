package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newCrawl(s streams) *cobra.Command {
	var f crawlFlags
	c := &cobra.Command{
		Use:   "crawl URL...",
		Short: "Crawl a forum, a board or a thread, politely, until done",
		Long: `Crawl what belongs to an address: a forum's index means everything that a guest
may see, a board its threads and sub-boards, a thread its pages. Every page is
archived, read, and delivered to the index.

Ctrl-C stops within a second; the same command goes on where it stopped. After a
complete crawl, the same command looks for what is new.

A crawl keeps to its address: where a wider one was not finished in the same data
folder, what waits beyond a board or thread is set aside, and taken up when the
wider command is given again.`,
		Example: `  forumine crawl https://forum.example.org/ --contact you@example.org
  forumine crawl https://forum.example.org/forums/radios.3/ --contact you@example.org --max-pages 100
  forumine crawl https://forum.example.org/ --contact you@example.org --exclude '/forums/off-topic.' --max-age 365d
  forumine crawl https://forum.example.org/ --contact you@example.org --elasticsearch http://127.0.0.1:9200`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runCrawl(c.Context(), s, f, args) },
	}
	fl := c.Flags()
	dataFlag(fl, &f.data)
	fl.DurationVar(&f.delay, "delay", time.Second, "least time between two requests to a host; 0 is allowed for loopback")
	fl.IntVar(&f.maxPages, "max-pages", 0, "stop after this many pages (0: no limit)")
	fl.BoolVar(&f.verbose, "verbose", false, "log every page")
	f.network(c)
	profileFlag(fl, &f.profiles, keptProfiles)
	fl.BoolVar(&f.feeds, "feeds", true, "ask a forum's feed for news in the place of its boards' listings, where that is cheaper")
	fl.BoolVar(&f.sitemaps, "sitemaps", true, "once nothing else is left to do, ask a forum's sitemap for threads that no listing shows: at the end of a first crawl, then once a week at most")
	f.index.add(fl)
	f.pace.add(fl)
	f.scope.add(fl)
	f.media.add(fl)
	f.privacy.add(fl)
	fl.StringSliceVar(&f.encryptTo, "encrypt-to", nil, recipientUsage)
	fl.StringVar(&f.robotsMeta, "robots-meta", "report", "what a page's own noindex and noarchive (meta robots, X-Robots-Tag) mean: report takes the page and counts it in the status, honour keeps it out of index and archive; nofollow is honoured either way")
	return c
}

func runCrawl(ctx context.Context, s streams, f crawlFlags, urls []string) error {
	if err := f.pace.check(); err != nil {
		return err
	}
	if _, err := f.scope.filter(); err != nil {
		return err
	}
	if err := f.check(urls); err != nil {
		return err
	}
	summary, err := crawl(ctx, s, f, urls)
	if summary != nil {
		summary.print(s.out)
	}
	if err == nil && ctx.Err() != nil {
		return statusError{exitFailed, errors.New("stopped; the same command goes on from here")}
	}
	return err
}

// summary is what a crawl has done.
type summary struct {
	snapshot crawler.Snapshot
	took     time.Duration
	ended    string // why it ended, for people
	threads  int64
	posts    int64
	authors  int64
	dead     int64
}

// crawl carries out one crawl from opening the data folder to the delivered
// documents. The summary is nil when nothing was begun.
func crawl(ctx context.Context, s streams, f crawlFlags, urls []string) (sum *summary, err error) {
	log := newLog(s, f.verbose)
	fetcher, err := newFetcher(f, log, urls...)
	if err != nil {
		return nil, err
	}
	defer fetcher.Close()
	p, err := openPipeline(ctx, pipelineOptions{data: f.data, engine: f.engine, profiles: f.profiles, index: f.index, privacy: f.privacy, seal: encryption{recipients: f.encryptTo, identity: identityFile(s)}}, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.begin(ctx, "crawl "+strings.Join(urls, " ")); err != nil {
		return nil, err
	}
	if err := p.catchUp(ctx); err != nil {
		return nil, errors.Join(err, p.finish(context.WithoutCancel(ctx), "failed"))
	}
	start := time.Now()
	c := p.newCrawler(f, fetcher)
	bar := newProgress(s, p, c)
	ended, failure := runCrawler(ctx, c, urls)
	finishing := p.finish(ctx, ended)
	bar.end()
	if failure == nil {
		failure = finishing
	}
	sum, err = p.summarize(ctx, c, time.Since(start), ended)
	if failure != nil {
		return sum, failure
	}
	return sum, err
}

// runCrawler crawls the addresses and says why it ended. Ends that a user asked
// for, or can wait out, are no errors.
func runCrawler(ctx context.Context, c *crawler.Crawler, urls []string) (ended string, err error) {
	if _, err := c.Recover(ctx); err != nil {
		return "failed", err
	}
	for _, raw := range urls {
		site, err := c.Start(ctx, raw)
		if err != nil {
			if ctx.Err() != nil {
				return "stopped", nil
			}
			if pending, ok := errors.AsType[*crawler.PendingError](err); ok {
				return pending.Error(), nil
			}
			return "failed", err
		}
		if err := c.Refresh(ctx, site); err != nil {
			return "failed", err
		}
	}
	err = c.Run(ctx)
	if halted := c.Halted(); halted != nil && ctx.Err() == nil {
		return "stopped", errors.Join(err, halted)
	}
	var pending *crawler.PendingError
	switch {
	case ctx.Err() != nil:
		return "stopped", nil
	case errors.Is(err, crawler.ErrLimit):
		return "page limit reached", nil
	case errors.As(err, &pending):
		return pending.Error(), nil
	case err != nil:
		return "failed", err
	}
	return "complete", nil
}

func (p *pipeline) summarize(ctx context.Context, c *crawler.Crawler, took time.Duration, ended string) (*summary, error) {
	sum := &summary{snapshot: c.Stats(), took: took, ended: ended}
	st, err := p.store.Status(context.WithoutCancel(ctx))
	if err != nil {
		return sum, err
	}
	for _, site := range st.Sites {
		sum.threads += site.Threads
		sum.posts += site.Posts
		sum.authors += site.Authors
	}
	sum.dead = st.DeadLetters
	return sum, nil
}

func (s *summary) print(out interface{ Write([]byte) (int, error) }) {
	n := s.snapshot
	fmt.Fprintf(out, "\n%s after %s: %d pages fetched (%d requests), %d posts read, %d gaps\n",
		s.ended, s.took.Round(10*time.Millisecond), n.Pages, n.Requests, n.Posts, n.Gaps)
	if pages := outcomes(n.Outcomes); pages != "" {
		fmt.Fprintf(out, "outcomes: %s\n", pages)
	}
	if files := outcomes(n.Files); files != "" {
		fmt.Fprintf(out, "files of posts: %s (%d bytes archived)\n", files, n.FileBytes)
	}
	fmt.Fprintf(out, "the data folder holds %d threads, %d posts, %d authors\n", s.threads, s.posts, s.authors)
	if s.dead > 0 {
		fmt.Fprintf(out, "%d documents were refused by the index: see `forumine status`\n", s.dead)
	}
}

// outcomes counts by outcome, in the order of the outcomes: "ok 65, walled 1".
func outcomes[N int | int64](n map[state.Outcome]N) string {
	var parts []string
	for _, o := range state.Outcomes() {
		if k := n[o]; k > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o, k))
		}
	}
	return strings.Join(parts, ", ")
}
