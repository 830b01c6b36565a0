package main

import (
	"context"
	"errors"
	"fmt"

	"forumine/index"
)

// formatted writes what is selected in the form that is asked for.
func (f exportFlags) formatted(ctx context.Context, s streams) error {
	switch f.format {
	case "jsonl":
		return exportLines(ctx, s, f)
	case "csv", "parquet":
		return exportTables(ctx, s, f)
	case "warc":
		if f.kind != "" {
			return misuse("--kind goes with --format jsonl: captures show posts, threads and authors together")
		}
		return exportWARC(ctx, s, f)
	}
	return unknownFormat(f.format)
}

// exportLines writes the selected documents, one JSON line each.
func exportLines(ctx context.Context, s streams, f exportFlags) (err error) {
	node, err := f.sel.node()
	if err != nil {
		return err
	}
	switch f.kind {
	case "", "post", "thread", "author":
	default:
		return misuse("--kind %q is none of post, thread, author", f.kind)
	}
	d, err := openStacks(ctx, s, f.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	sel, err := f.selected(d, node)
	if err != nil {
		return err
	}
	_, w, done, err := newFile(s, f.out, "")
	if err != nil {
		return err
	}
	return done(sel.each(ctx, func(doc chosen) error {
		if f.kind != "" && f.kind != string(doc.Kind) {
			return nil
		}
		line := doc.Body
		if f.asOf == "" { // deliveries since then are no part of what was
			line = index.WithSequence(line, doc.Sequence)
		}
		if _, err := fmt.Fprintf(w, "%s\n", line); err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		return nil
	}))
}
