package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newExport(s streams) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Write documents out: as JSON lines, tables, or the pages that they rest on",
		Long: `Write every document to standard output, one JSON line each, exactly as the
index gets it: posts, threads and authors (doc_kind), in the order of their keys.
Older versions of posts are written with --kind revision.
Documents that no page mentions any more carry "retracted": true.

Every document has a sequence, which grows with every delivery. With --after, only
what was delivered after that sequence is written, in its order, each document
once and as it stands now: replace what you hold under its key. The last sequence
is named on standard error at the end; give it to --after the next time. Nothing is
missed, whether a crawl runs meanwhile or died in between.

Posts can be selected as in ` + "`forumine search`" + `; their threads and authors come with them.
With --format csv or parquet, --out is a new folder: one file each for posts,
threads, authors and quotes, a data dictionary (DICTIONARY.md), and metadata in the
Croissant format (croissant.json). With --as-of, the documents are as they stood at
that time: the same folder of data gives the same bytes, whenever and wherever.

With --format warc, the archived pages that the selection rests on are written to
--out as one WARC file.`,
		Example: `  forumine export --format jsonl > forum.jsonl
  forumine export --after 4711 > new.jsonl
  forumine export --kind post --site forum.example.org | jq -r .body.text
  forumine export --query 'dipole has:image' --since 2024 > dipoles.jsonl
  forumine export --format parquet --out dipoles --query dipole --as-of 2026-06-01
  forumine export --format warc --thread 345 --out thread-345.warc.gz`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f.incremental = c.Flags().Changed("after")
			return f.export(c.Context(), s)
		},
	}
	f.add(c.Flags())
	return c
}

// exportFlags are what is exported, how, and where to.
type exportFlags struct {
	exporting
	format              string
	out                 string
	asOf, name, license string
	sel                 selection
}

func (f *exportFlags) add(fl *pflag.FlagSet) {
	dataFlag(fl, &f.data)
	fl.StringVar(&f.format, "format", "jsonl", exportFormats)
	fl.StringVar(&f.site, "site", "", "only this site")
	fl.StringVar(&f.kind, "kind", "", "only post, thread, author or revision")
	fl.Int64Var(&f.after, "after", 0, "only what was delivered after this sequence, in the order of delivery")
	fl.StringVar(&f.out, "out", "", "where to write: a file of WARC, or a folder for tables; it must not exist")
	fl.StringVar(&f.asOf, "as-of", "", "documents as they stood at this time: a day, which begins in UTC, or RFC 3339")
	fl.StringVar(&f.name, "name", "", "name of the data set in its description (default: forum-posts)")
	fl.StringVar(&f.license, "license", "", "address of the licence under which you give the data set away")
	f.sel.add(fl)
}

// export writes all documents as they lie in the state, or what is selected in
// another form.
func (f exportFlags) export(ctx context.Context, s streams) error {
	node, err := f.sel.node()
	if err != nil {
		return err
	}
	if f.format == "jsonl" && node == nil && f.asOf == "" && f.out == "" {
		return f.run(ctx, s)
	}
	if f.incremental {
		return misuse("--after goes with all documents as JSON lines: leave out the selection and --format")
	}
	return f.formatted(ctx, s)
}

// exporting is the export of all documents, or of those that are new.
type exporting struct {
	data, site, kind string
	after            int64
	incremental      bool
}

func (e exporting) check() error {
	if e.after < 0 {
		return misuse("--after %d is no sequence: 0 gives everything", e.after)
	}
	switch forum.DocKind(e.kind) {
	case "", forum.DocPost, forum.DocThread, forum.DocAuthor, forum.DocRevision:
		return nil
	}
	return misuse("--kind %q is none of post, thread, author, revision", e.kind)
}

func (e exporting) run(ctx context.Context, s streams) error {
	if err := e.check(); err != nil {
		return err
	}
	return withReader(ctx, e.data, func(store *state.Reader) error {
		last, err := store.LastSequence(ctx) // first: what is delivered meanwhile comes the next time
		if err != nil {
			return err
		}
		if e.after > last {
			return fmt.Errorf("sequence %d has not been given out in %s, whose last one is %d: --after takes what an export of the same data folder named; without it everything is exported", e.after, e.data, last)
		}
		out := bufio.NewWriterSize(s.out, 1<<16)
		if err := errors.Join(e.documents(ctx, store, last, e.writer(out)), out.Flush()); err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.err, "last sequence: %d\n", last)
		return err
	})
}

// documents calls fn for what is exported.
func (e exporting) documents(ctx context.Context, store *state.Reader, last int64, fn func(state.Document) error) error {
	filter := state.DocumentFilter{Kind: forum.DocKind(e.kind), Site: e.site}
	if e.incremental {
		return store.Changes(ctx, e.after, last, filter, fn)
	}
	return store.Documents(ctx, filter, fn)
}

func (e exporting) writer(out io.Writer) func(state.Document) error {
	return func(d state.Document) error {
		if d.Kind == forum.DocRevision && e.kind == "" {
			return nil // older versions of posts, for those who ask for them
		}
		if _, err := out.Write(append(index.WithSequence(d.Body, d.Sequence), '\n')); err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		return nil
	}
}
