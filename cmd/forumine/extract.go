package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"forumine/extract"
	"forumine/extract/forum"
	"forumine/extract/report"

	"github.com/spf13/cobra"
)

type extractFlags struct {
	url, fetchedAt, facts, manifest, dir, engine string
	pretty, report                               bool
	profiles                                     []string
}

func newExtract(s streams) *cobra.Command {
	var f extractFlags
	c := &cobra.Command{
		Use:   "extract [FILE|DIR|WARC|-]...",
		Short: "Read saved pages: one JSON line a page, no network, no state",
		Long: `Read saved pages, folders of them, WARC and WACZ files, or standard input, and
print one JSON line a page, in input order. A page that cannot be read is a
line with "error". Exit status: 0 when every page was read, 1 when some were
not, 2 for a wrong command line.`,
		Example: `  forumine extract thread.html --url https://forum.example.org/threads/first-light.12/
  curl -s https://forum.example.org/threads/12/ | forumine extract --url https://forum.example.org/threads/12/ -
  forumine extract --manifest pages.jsonl --dir pages/ > pages-read.jsonl
  forumine extract --report pages/`,
		RunE: func(c *cobra.Command, args []string) error { return runExtract(c.Context(), s, f, args) },
	}
	fl := c.Flags()
	fl.StringVar(&f.url, "url", "", "address of the page (default: the one that the page names)")
	fl.StringVar(&f.fetchedAt, "fetched-at", "", "time of the capture, RFC 3339: relative dates count from it")
	fl.StringVar(&f.facts, "facts", "", "JSON file with facts of the site: zone, date_order, lang, posts_per_page")
	fl.StringVar(&f.manifest, "manifest", "", `JSON lines {"file","url","engine","fetched_at"}: the pages to read`)
	fl.StringVar(&f.dir, "dir", ".", "folder that the manifest's files are in")
	fl.StringVar(&f.engine, "engine", "", "read as this engine instead of detecting it (see `forumine engines`)")
	profileFlag(fl, &f.profiles, "")
	fl.BoolVar(&f.pretty, "pretty", false, "indent the JSON")
	fl.BoolVar(&f.report, "report", false, "print a report of all pages instead of their readings: posts expected and found, fields filled, gaps, drift")
	return c
}

func runExtract(ctx context.Context, s streams, f extractFlags, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	facts, err := readFacts(f.facts)
	if err != nil {
		return err
	}
	src := source{url: f.url, stdin: s.in, identity: identityIn(identityFile(s))}
	if f.fetchedAt != "" {
		if src.fetchedAt, err = time.Parse(time.RFC3339, f.fetchedAt); err != nil {
			return misuse("--fetched-at %q is no time: want RFC 3339, for example 2026-01-31T12:00:00Z", f.fetchedAt)
		}
	}
	p := &printer{out: s.out, pretty: f.pretty}
	emit, finish := p.print, func() error { return nil }
	if f.report {
		emit, finish = p.reporting()
	}
	profiles, err := readProfiles(f.profiles)
	if err != nil {
		return err
	}
	read := func(in input) any { return readLine(in, facts, extract.Options{Engine: f.engine, Profiles: profiles}) }
	err = inOrder(ctx, func(do func(input) error) error {
		if f.manifest != "" {
			return eachOfManifest(ctx, f.manifest, f.dir, do)
		}
		return src.each(ctx, args, do)
	}, read, emit)
	if err = errors.Join(err, finish()); err != nil {
		return err
	}
	if p.failed {
		return statusError{code: exitFailed}
	}
	return nil
}

func (f extractFlags) check(args []string) error {
	if f.manifest == "" && len(args) == 0 {
		return misuse("nothing to read: name files, folders or archives, or give --manifest; - is standard input")
	}
	if f.manifest != "" && len(args) > 0 {
		return misuse("--manifest lists the pages: name no others")
	}
	if f.engine != "" {
		if _, err := extract.ByName(f.engine); err != nil {
			return misuse("%w", err)
		}
	}
	return nil
}

func readFacts(name string) (forum.Facts, error) {
	var facts forum.Facts
	if name == "" {
		return facts, nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return facts, misuse("reading facts: %w", plainPath(err))
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&facts); err != nil {
		return facts, misuse("reading facts from %s: %w; known are zone, zone_source, date_order, lang, posts_per_page, version", name, err)
	}
	return facts, nil
}

// pageLine is the line of a page that was read.
type pageLine struct {
	File string `json:"file"`
	*forum.Page
}

// errorLine is the line of a page that could not be read.
type errorLine struct {
	File  string `json:"file"`
	URL   string `json:"url,omitempty"`
	Error string `json:"error"`
}

func readLine(in input, facts forum.Facts, o extract.Options) (line any) {
	defer func() {
		if p := recover(); p != nil {
			line = errorLine{in.file, in.capture.URL, fmt.Sprintf("reading the page failed inside forumine: %v; please report the page", p)}
		}
	}()
	if in.err != nil {
		return errorLine{in.file, in.capture.URL, in.err.Error()}
	}
	if o.Engine == "" {
		o.Engine = in.engine
	}
	page, err := extract.Read(in.capture, facts, o)
	if err != nil {
		return errorLine{in.file, in.capture.URL, err.Error()}
	}
	return pageLine{in.file, page}
}

// printer writes lines and remembers whether one was an error.
type printer struct {
	out    io.Writer
	pretty bool
	failed bool
}

func (p *printer) print(line any) error {
	if _, bad := line.(errorLine); bad {
		p.failed = true
	}
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	if p.pretty {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(line); err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	return nil
}

// reporting sums up the readings instead of printing them; finish prints the
// report.
func (p *printer) reporting() (emit func(any) error, finish func() error) {
	entries, built := make(chan report.Entry), make(chan report.Report, 1)
	go func() {
		built <- report.Build(func(yield func(report.Entry) bool) {
			for e := range entries {
				if !yield(e) {
					return
				}
			}
		})
	}()
	emit = func(line any) error {
		switch l := line.(type) {
		case pageLine:
			entries <- report.Entry{File: l.File, Page: l.Page}
		case errorLine:
			p.failed = true
			entries <- report.Entry{File: l.File, Err: errors.New(l.Error)}
		}
		return nil
	}
	finish = func() error {
		close(entries)
		r := <-built
		return r.WriteText(p.out)
	}
	return emit, finish
}

var errStopped = errors.New("stopped")

// inOrder works on several inputs at once and gives their results in input
// order, with as many in hand as there are processors.
func inOrder(ctx context.Context, produce func(do func(input) error) error, work func(input) any, emit func(any) error) error {
	queue := make(chan chan any, runtime.GOMAXPROCS(0))
	produced := make(chan error, 1)
	var stop atomic.Bool
	go func() {
		defer close(queue)
		produced <- produce(func(in input) error {
			if stop.Load() {
				return errStopped
			}
			result := make(chan any, 1)
			select {
			case queue <- result:
			case <-ctx.Done():
				return ctx.Err()
			}
			go func() { result <- work(in) }()
			return nil
		})
	}()
	var failed error
	for result := range queue {
		line := <-result
		if failed == nil {
			if failed = emit(line); failed != nil {
				stop.Store(true)
			}
		}
	}
	if err := <-produced; failed == nil && !errors.Is(err, errStopped) {
		return err
	}
	return failed
}
