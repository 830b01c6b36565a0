package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/extract/scrub"

	"github.com/spf13/cobra"
)

type scrubFlags struct {
	out, url, fetchedAt string
	seed                uint64
}

func newScrub(s streams) *cobra.Command {
	var f scrubFlags
	c := &cobra.Command{
		Use:   "scrub PAGE|DIR",
		Short: "Turn a saved page into a fixture that may be published",
		Long: `Turn a saved page, or the pages of a folder together, into fixtures: the same
structure, with invented words, names, ids, links, dates and pictures that stay
consistent from page to page. Answers to a forum's scripts (.json) are taken as
pages are. Words of the interface stay; scripts and comments
go. Where a capture.json stands beside a page, it gives the page's address and
time and is written again with invented ones. Look through what comes out before
you publish it.`,
		Example: `  forumine scrub thread.html --url https://forum.example.org/threads/12/ --out - > page.html
  forumine scrub saved/ --out testdata/forums/mine --seed 7`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runScrub(c.Context(), s, f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVar(&f.out, "out", "-", "folder for the fixtures; - is standard output, for one page")
	fl.StringVar(&f.url, "url", "", "address of the page (default: the one that capture.json or the page names)")
	fl.StringVar(&f.fetchedAt, "fetched-at", "", "time of the capture, RFC 3339 (default: that of capture.json)")
	fl.Uint64Var(&f.seed, "seed", 1, "another number gives other inventions")
	return c
}

func runScrub(ctx context.Context, s streams, f scrubFlags, name string) error {
	pages, err := f.pages(ctx, s.in, name)
	if err != nil {
		return err
	}
	if f.out == "-" && len(pages) > 1 {
		return misuse("%s holds %d pages: name a folder for them with --out", name, len(pages))
	}
	captures := make([]forum.Capture, len(pages))
	for i, p := range pages {
		captures[i] = p.capture
	}
	done, err := scrub.Pages(captures, scrub.Options{Seed: f.seed})
	if err != nil {
		return err
	}
	if f.out == "-" {
		if _, err := s.out.Write(done[0].Body); err != nil {
			return fmt.Errorf("writing the page: %w", err)
		}
		return nil
	}
	for i, p := range pages {
		if err := f.write(p, done[i]); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.err, "%d pages written to %s; look through them before you publish them\n", len(pages), f.out)
	return nil
}

// scrubPage is a page to scrub, and where its fixture goes.
type scrubPage struct {
	capture forum.Capture
	to      string         // relative to --out
	record  *check.Capture // of the capture.json beside it
}

// pages reads the page, or all pages of the folder in the order of their names.
func (f scrubFlags) pages(ctx context.Context, stdin io.Reader, name string) ([]scrubPage, error) {
	src := source{url: f.url, stdin: stdin, answers: true}
	if f.fetchedAt != "" {
		at, err := time.Parse(time.RFC3339, f.fetchedAt)
		if err != nil {
			return nil, misuse("--fetched-at %q is no time: want RFC 3339, for example 2026-01-31T12:00:00Z", f.fetchedAt)
		}
		src.fetchedAt = at
	}
	info, err := os.Stat(name)
	isDir := err == nil && info.IsDir()
	if isDir && f.url != "" {
		return nil, misuse("--url is the address of one page, and %s is a folder", name)
	}
	var out []scrubPage
	err = src.each(ctx, []string{name}, func(in input) error {
		if in.err != nil {
			return fmt.Errorf("%s: %w", in.file, in.err)
		}
		p := scrubPage{capture: in.capture, to: scrubName(name, in.file, isDir)}
		if err := p.readRecord(in.file, src); err != nil {
			return err
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// scrubName is where a page's fixture stands below the output folder.
func scrubName(root, file string, isDir bool) string {
	if !isDir {
		if file == "-" {
			return "page.html"
		}
		return filepath.Base(file)
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return filepath.Base(file)
	}
	return rel
}

// readRecord completes a page by the capture.json beside it, if it is one of
// that page.
func (p *scrubPage) readRecord(file string, given source) error {
	if file == "-" {
		return nil
	}
	name := filepath.Join(filepath.Dir(file), "capture.json")
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the capture: %w", plainPath(err))
	}
	var record check.Capture
	if err := json.Unmarshal(raw, &record); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if page := record.Page; filepath.Base(file) != page && (page != "" || filepath.Base(file) != "page.html") {
		return nil
	}
	p.record = &record
	c := &p.capture
	if given.url == "" {
		c.URL, c.FinalURL = record.URL, record.FinalURL
	}
	if given.fetchedAt.IsZero() {
		c.FetchedAt = record.FetchedAt
	}
	c.Status, c.Header, c.Viewer = record.Status, record.Header, record.Viewer
	return nil
}

// write puts a fixture below the output folder, with its capture.json where one
// case is one folder.
func (f scrubFlags) write(p scrubPage, c forum.Capture) error {
	file := filepath.Join(f.out, p.to)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", plainPath(err))
	}
	if err := os.WriteFile(file, c.Body, 0o644); err != nil {
		return fmt.Errorf("writing the page: %w", plainPath(err))
	}
	record := check.Capture{URL: c.URL, FinalURL: c.FinalURL, Status: c.Status, Header: c.Header, FetchedAt: c.FetchedAt, Viewer: c.Viewer}
	if p.record != nil {
		record.Page, record.Engine, record.Facts = p.record.Page, p.record.Engine, p.record.Facts
	}
	name := filepath.Join(filepath.Dir(file), "capture.json")
	if p.record == nil {
		base := filepath.Base(file)
		record.Page = base
		name = filepath.Join(filepath.Dir(file), strings.TrimSuffix(base, filepath.Ext(base))+".capture.json")
	}
	raw, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the capture: %w", err)
	}
	if err := os.WriteFile(name, slices.Concat(raw, []byte("\n")), 0o644); err != nil {
		return fmt.Errorf("writing the capture: %w", plainPath(err))
	}
	return nil
}
