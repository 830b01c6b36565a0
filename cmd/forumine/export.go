package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"forumine/crawler/state"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

func newExport(s streams) *cobra.Command {
	var data, format, site, kind string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write every document to standard output, one JSON line each",
		Long: `Write every document to standard output, one JSON line each, exactly as the
index gets it: posts, threads and authors (doc_kind), in the order of their keys.
Older versions of posts are written with --kind revision.
Documents that no page mentions any more carry "retracted": true.`,
		Example: `  forumine export --format jsonl > forum.jsonl
  forumine export --kind post --site forum.example.org | jq -r .body.text`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runExport(c.Context(), s, data, format, site, kind) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&format, "format", "jsonl", "jsonl")
	c.Flags().StringVar(&site, "site", "", "only this site")
	c.Flags().StringVar(&kind, "kind", "", "only post, thread, author or revision")
	return c
}

func runExport(ctx context.Context, s streams, data, format, site, kind string) (err error) {
	if format != "jsonl" {
		return misuse("--format %q is not known: jsonl is", format)
	}
	switch forum.DocKind(kind) {
	case "", forum.DocPost, forum.DocThread, forum.DocAuthor, forum.DocRevision:
	default:
		return misuse("--kind %q is none of post, thread, author, revision", kind)
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	out := bufio.NewWriterSize(s.out, 1<<16)
	err = store.Documents(ctx, state.DocumentFilter{Kind: forum.DocKind(kind), Site: site}, func(d state.Document) error {
		if d.Kind == forum.DocRevision && kind == "" {
			return nil // older versions of posts, for those who ask for them
		}
		if _, err := out.Write(append(d.Body, '\n')); err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		return nil
	})
	return errors.Join(err, out.Flush())
}
