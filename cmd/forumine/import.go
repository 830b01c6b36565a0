package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"forumine/crawler"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

type importFlags struct {
	data, url, fetchedAt, manifest, dir, engine string
	verbose                                     bool
	profiles                                    []string
	index                                       indexFlags
	privacy                                     privacyFlags
	encryptTo                                   []string
}

func newImport(s streams) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import PATH...",
		Short: "Take WARC, WACZ and saved pages through archive, state and index as if crawled",
		Long: `Take archives and saved pages through archive, state and index as if they had
been crawled. A saved page needs its address: from the page itself (the note that
browsers leave, the canonical link), from --url, or from a manifest.

Overlapping snapshots of one forum, of different years, come in as their union:
each post once, earlier texts as its revisions. Name them in one command, which
reads the oldest first, or import them from the oldest to the newest.`,
		Example: `  forumine import old-forum.warc.gz
  forumine import 2012.warc.gz 2015.wacz saved-pages/ --fetched-at 2018-03-01T00:00:00Z
  forumine import --manifest pages.jsonl --dir pages/
  forumine import thread.html --url https://forum.example.org/threads/first-light.12/`,
		RunE: func(c *cobra.Command, args []string) error { return runImport(c.Context(), s, f, args) },
	}
	fl := c.Flags()
	dataFlag(fl, &f.data)
	fl.StringVar(&f.url, "url", "", "address of a single saved page")
	fl.StringVar(&f.fetchedAt, "fetched-at", "", "time of the capture, RFC 3339, for pages that do not say it")
	fl.StringVar(&f.manifest, "manifest", "", `JSON lines {"file","url","fetched_at"}: the pages to import`)
	fl.StringVar(&f.dir, "dir", ".", "folder that the manifest's files are in")
	fl.StringVar(&f.engine, "engine", "", "read as this engine instead of detecting it")
	fl.BoolVar(&f.verbose, "verbose", false, "log every page")
	profileFlag(fl, &f.profiles, keptProfiles)
	f.index.add(fl)
	f.privacy.add(fl)
	fl.StringSliceVar(&f.encryptTo, "encrypt-to", nil, recipientUsage)
	return c
}

func runImport(ctx context.Context, s streams, f importFlags, args []string) (err error) {
	ef := extractFlags{manifest: f.manifest, engine: f.engine}
	if err := ef.check(args); err != nil {
		return err
	}
	src := source{url: f.url, stdin: s.in, identity: identityIn(identityFile(s))}
	if f.fetchedAt != "" {
		if src.fetchedAt, err = time.Parse(time.RFC3339, f.fetchedAt); err != nil {
			return misuse("--fetched-at %q is no time: want RFC 3339, for example 2026-01-31T12:00:00Z", f.fetchedAt)
		}
	}
	log := newLog(s, f.verbose)
	p, err := openPipeline(ctx, pipelineOptions{data: f.data, engine: f.engine, profiles: f.profiles, index: f.index, privacy: f.privacy, seal: encryption{recipients: f.encryptTo, identity: identityFile(s)}}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.begin(ctx, "import"); err != nil {
		return err
	}
	if err := p.catchUp(ctx); err != nil {
		return errors.Join(err, p.finish(context.WithoutCancel(ctx), "failed"))
	}
	fetcher, err := newFetcher(crawlFlags{}, log)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	im := &importer{s: s, p: p, c: p.newCrawler(crawlFlags{engine: f.engine}, fetcher)}
	bar := newProgress(s, p, im.c)
	var failure error
	if f.manifest != "" {
		failure = eachOfManifest(ctx, f.manifest, f.dir, func(in input) error { return im.one(ctx, in) })
	} else {
		failure = src.each(ctx, src.byAge(ctx, args), func(in input) error { return im.one(ctx, in) })
	}
	ended := "complete"
	if failure != nil {
		ended = "failed"
	}
	failure = errors.Join(failure, p.finish(ctx, ended))
	bar.end()
	fmt.Fprintf(s.out, "%d pages imported with %d posts, %d left out\n", im.pages, im.c.Stats().Posts, im.left)
	if failure == nil && im.left > 0 {
		return statusError{code: exitFailed}
	}
	return failure
}

// importer counts what it takes in.
type importer struct {
	s     streams
	p     *pipeline
	c     *crawler.Crawler
	pages int
	left  int
}

func (im *importer) one(ctx context.Context, in input) error {
	if err := im.p.hold(ctx); err != nil {
		return err
	}
	if in.err != nil {
		return im.leave(in, in.err)
	}
	if in.capture.URL == "" {
		return im.leave(in, errors.New("the page does not say where it is from: give --url, or a manifest"))
	}
	err := im.c.Import(ctx, importable(in.capture))
	var refused *crawler.ImportError
	switch {
	case errors.As(err, &refused):
		return im.leave(in, refused)
	case err != nil:
		return fmt.Errorf("importing %s: %w", in.file, err)
	}
	im.pages++
	return nil
}

// leave says why a page is not taken in and goes on.
func (im *importer) leave(in input, why error) error {
	im.left++
	name := in.file
	if in.capture.URL != "" {
		name += " (" + in.capture.URL + ")"
	}
	fmt.Fprintf(im.s.err, "left out %s: %v\n", name, why)
	return nil
}

// importable gives a saved page the status of the response that it once was.
func importable(c forum.Capture) forum.Capture {
	if c.Header == nil {
		c.Header = map[string][]string{}
	}
	if len(c.Header["Content-Type"]) == 0 && c.Status == 0 {
		h := http.Header(c.Header).Clone()
		h.Set("Content-Type", "text/html")
		c.Header = h
	}
	return c
}
