package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"

	"github.com/spf13/cobra"
)

func newProvenance(s streams) *cobra.Command {
	var data, page string
	var asJSON bool
	c := &cobra.Command{
		Use:   "provenance ID",
		Short: "Tell where a document comes from: which pages said what, when they were fetched, and where they are kept",
		Long: `Print the chain that leads from a document to the archive: each page that says
something of it, the capture that it was read from (WARC file and offset, digest,
when it was fetched, by which run, seen as whom), and what read it.

--page writes the original page out, as it was received: the newest capture of
the page that the document rests on.

The document is named by its id or key, or by native id or address where there is
an embedded index.`,
		Example: `  forumine provenance "forum.example.org|post|345"
  forumine provenance "forum.example.org|post|345" --page post-345.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runProvenance(c.Context(), s, data, args[0], page, asJSON)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&page, "page", "", "write the original page to this file; it must not exist")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON line a page")
	return c
}

// link is one page in a document's chain.
type link struct {
	Page         string          `json:"page"`
	URL          string          `json:"url"`
	Shows        string          `json:"shows"` // as what the page shows the document: first, page, listing, card or cell
	Base         bool            `json:"base,omitempty"`
	FetchedAt    time.Time       `json:"fetched_at,omitzero"`
	Status       int             `json:"http_status,omitempty"`
	RunID        string          `json:"run_id,omitempty"`
	Viewer       string          `json:"viewer,omitempty"`
	WARC         string          `json:"warc,omitempty"` // file:offset
	Record       *archive.Origin `json:"record,omitempty"`
	Extractor    string          `json:"extractor,omitempty"`
	Version      int             `json:"version"`
	FactsVersion int             `json:"facts_version"`
	Strategy     string          `json:"strategy,omitempty"`
	Problem      string          `json:"problem,omitempty"`
}

func runProvenance(ctx context.Context, s streams, data, name, page string, asJSON bool) (err error) {
	d, err := openStacks(ctx, s, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	doc, err := d.find(ctx, name)
	if err != nil {
		return err
	}
	if doc.Kind == forum.DocRevision {
		return d.revisionProvenance(ctx, s, doc, page)
	}
	chain, err := d.chain(ctx, doc)
	if err != nil {
		return err
	}
	if page != "" {
		return d.writePage(ctx, s, baseOf(chain), page)
	}
	if asJSON {
		return jsonLines(s, chain)
	}
	return printChain(s, doc, chain)
}

// chain gives the pages that a document rests on, oldest first.
func (d *stacks) chain(ctx context.Context, doc state.Document) ([]link, error) {
	sources, err := d.store.Sources(ctx, forum.DocRef{Kind: doc.Kind, Key: doc.Key})
	if err != nil {
		return nil, err
	}
	base := warcOf(doc)
	out := make([]link, 0, len(sources))
	for _, src := range sources {
		l, err := d.link(ctx, src)
		if err != nil {
			return nil, err
		}
		l.Base = l.WARC != "" && l.WARC == base
		out = append(out, l)
	}
	return out, nil
}

// warcOf is the place of the capture that a document says it rests on.
func warcOf(doc state.Document) string {
	o, err := index.ParsePost(doc.Body) // crawl.* stands at the same place in documents of every kind
	if err != nil {
		return ""
	}
	return o.Crawl.WARC
}

func (d *stacks) link(ctx context.Context, src state.Source) (link, error) {
	o, err := index.Observe(src.Contribution)
	if err != nil {
		return link{}, err
	}
	common := o.Common()
	l := link{
		Page: src.Page, URL: src.Capture.URL, Shows: o.Source, FetchedAt: common.Crawl.FetchedAt, Status: common.Crawl.HTTPStatus,
		RunID: common.Crawl.RunID, Viewer: common.Crawl.Viewer, WARC: src.Capture.Ref, Extractor: common.Extract.Extractor,
		Version: src.Extractor, FactsVersion: src.FactsVersion, Strategy: common.Extract.Strategy,
	}
	if l.WARC == "" {
		l.WARC = common.Crawl.WARC
	}
	ref, err := archive.ParseRef(l.WARC)
	if err != nil || ref.IsZero() {
		l.Problem = "no capture is kept"
		return l, nil
	}
	origin, err := d.archive.Origin(ctx, ref)
	if err != nil {
		l.Problem = err.Error()
		return l, ctx.Err()
	}
	l.Record = &origin
	return l, nil
}

// baseOf is the page that the document rests on, else the last one.
func baseOf(chain []link) link {
	for _, l := range chain {
		if l.Base {
			return l
		}
	}
	if len(chain) == 0 {
		return link{}
	}
	return chain[len(chain)-1]
}

// revisionProvenance is of an older version: it names its capture itself.
func (d *stacks) revisionProvenance(ctx context.Context, s streams, doc state.Document, page string) error {
	o, err := index.ParsePost(doc.Body)
	if err != nil {
		return err
	}
	l := link{URL: o.Crawl.URL, WARC: o.Crawl.WARC, FetchedAt: o.Crawl.FetchedAt, Status: o.Crawl.HTTPStatus, RunID: o.Crawl.RunID, Viewer: o.Crawl.Viewer,
		Extractor: o.Extract.Extractor, FactsVersion: o.Extract.FactsVersion, Strategy: o.Extract.Strategy, Base: true, Shows: "page"}
	if _, err := fmt.Sscan(o.Extract.Version, &l.Version); err != nil {
		l.Version = 0
	}
	if page != "" {
		return d.writePage(ctx, s, l, page)
	}
	if ref, err := archive.ParseRef(l.WARC); err == nil && !ref.IsZero() {
		if origin, err := d.archive.Origin(ctx, ref); err == nil {
			l.Record = &origin
		} else {
			l.Problem = err.Error()
		}
	}
	return printChain(s, doc, []link{l})
}

// writePage writes the page of a capture as it was received, its content coding
// undone.
func (d *stacks) writePage(ctx context.Context, s streams, l link, name string) error {
	ref, err := archive.ParseRef(l.WARC)
	if err != nil || ref.IsZero() {
		return fmt.Errorf("%w: no capture of the page is kept", archive.ErrNotFound)
	}
	e, err := d.archive.Read(ctx, ref)
	if err != nil {
		return err
	}
	capture, err := e.Capture()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return misuse("%s is there already: name a new file with --page", name)
	}
	if err != nil {
		return fmt.Errorf("writing the page: %w", plainPath(err))
	}
	_, err = f.Write(capture.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	fmt.Fprintf(s.out, "%s: %d bytes of %s, fetched %s\n", filepath.Base(name), len(capture.Body), capture.Address(), capture.FetchedAt.UTC().Format(time.RFC3339))
	return nil
}

func printChain(s streams, doc state.Document, chain []link) error {
	o, err := index.ParseDocument(doc.Body)
	if err != nil {
		return err
	}
	printOverview(s.out, o)
	fmt.Fprintf(s.out, "folded from what %s said:\n", plural(len(chain), "page", "pages"))
	for _, l := range chain {
		fmt.Fprintf(s.out, "\n%s%s (%s)\n", map[bool]string{true: "* ", false: "  "}[l.Base], l.URL, l.Shows)
		for _, f := range l.facts() {
			fmt.Fprintf(s.out, "    %-10s %s\n", f[0], f[1])
		}
	}
	if len(chain) > 1 {
		fmt.Fprintln(s.out, "\n* the page that the document rests on")
	}
	return nil
}

// facts are the lines of one page in the chain.
func (l link) facts() [][2]string {
	fetched := l.FetchedAt.UTC().Format(time.RFC3339)
	if l.FetchedAt.IsZero() {
		fetched = "at a time that is not known"
	}
	if l.Status != 0 {
		fetched += fmt.Sprintf(", HTTP status %d", l.Status)
	}
	out := [][2]string{{"fetched", strings.Join(nonEmpty(fetched, prefixed("by run ", l.RunID), prefixed("as ", l.Viewer)), ", ")}}
	if l.WARC != "" {
		out = append(out, [2]string{"capture", l.WARC})
	}
	if l.Record != nil {
		out = append(out, [2]string{"record", l.Record.Type + " " + l.Record.RecordID}, [2]string{"payload", l.Record.PayloadDigest})
		if l.Record.RefersTo != "" {
			out = append(out, [2]string{"stored", "once, at " + l.Record.RefersTo})
		}
	}
	read := fmt.Sprintf("extractor %s, version %d, site facts %d", dash(l.Extractor), l.Version, l.FactsVersion)
	out = append(out, [2]string{"read by", strings.Join(nonEmpty(read, prefixed("from ", l.Strategy)), ", ")})
	if l.Problem != "" {
		out = append(out, [2]string{"problem", l.Problem})
	}
	return out
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
