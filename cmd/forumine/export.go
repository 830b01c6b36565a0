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
)

func newExport(s streams) *cobra.Command {
	var e exporting
	c := &cobra.Command{
		Use:   "export",
		Short: "Write every document to standard output, one JSON line each",
		Long: `Write every document to standard output, one JSON line each, exactly as the
index gets it: posts, threads and authors (doc_kind), in the order of their keys.
Older versions of posts are written with --kind revision.
Documents that no page mentions any more carry "retracted": true.

Every document has a sequence, which grows with every delivery. With --after, only
what was delivered after that sequence is written, in its order, each document
once and as it stands now: replace what you hold under its key. The last sequence
is named on standard error at the end; give it to --after the next time. Nothing is
missed, whether a crawl runs meanwhile or died in between.`,
		Example: `  forumine export --format jsonl > forum.jsonl
  forumine export --after 4711 > new.jsonl
  forumine export --kind post --site forum.example.org | jq -r .body.text`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			e.incremental = c.Flags().Changed("after")
			return e.run(c.Context(), s)
		},
	}
	dataFlag(c.Flags(), &e.data)
	c.Flags().StringVar(&e.format, "format", "jsonl", "jsonl")
	c.Flags().StringVar(&e.site, "site", "", "only this site")
	c.Flags().StringVar(&e.kind, "kind", "", "only post, thread, author or revision")
	c.Flags().Int64Var(&e.after, "after", 0, "only what was delivered after this sequence, in the order of delivery")
	return c
}

// exporting is one `export`.
type exporting struct {
	data, format, site, kind string
	after                    int64
	incremental              bool
}

func (e exporting) check() error {
	if e.format != "jsonl" {
		return misuse("--format %q is not known: jsonl is", e.format)
	}
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
