package main

import (
	"context"
	"errors"
	"fmt"

	"forumine/index"

	"github.com/spf13/cobra"
)

// exportFlags are what `export` knows beside the plain lines of all documents.
type exportFlags struct {
	data, site, format, kind, out string
	asOf, name, license           string
	sel                           selection
}

// withFormats adds selections and further formats to `export`.
func withFormats(c *cobra.Command, s streams) *cobra.Command {
	var f exportFlags
	plain := c.RunE
	c.Short = "Write documents out: as JSON lines, tables, or the pages that they rest on"
	c.Long += `

Posts can be selected as in ` + "`forumine search`" + `; their threads and authors come with them.
With --format csv or parquet, --out is a new folder: one file each for posts,
threads, authors and quotes, a data dictionary (DICTIONARY.md), and metadata in the
Croissant format (croissant.json). With --as-of, the documents are as they stood at
that time: the same folder of data gives the same bytes, whenever and wherever.

With --format warc, the archived pages that the selection rests on are written to
--out as one WARC file.`
	c.Example += `
  forumine export --query 'dipole has:image' --since 2024 > dipoles.jsonl
  forumine export --format parquet --out dipoles --query dipole --as-of 2026-06-01
  forumine export --format warc --thread 345 --out thread-345.warc.gz`
	fl := c.Flags()
	fl.Lookup("format").Usage = exportFormats
	fl.StringVar(&f.out, "out", "", "where to write: a file of WARC, or a folder for tables; it must not exist")
	fl.StringVar(&f.asOf, "as-of", "", "documents as they stood at this time: a day, which begins in UTC, or RFC 3339")
	fl.StringVar(&f.name, "name", "", "name of the data set in its description (default: forum-posts)")
	fl.StringVar(&f.license, "license", "", "address of the licence under which you give the data set away")
	f.sel.add(fl)
	c.RunE = func(c *cobra.Command, args []string) error {
		for name, to := range map[string]*string{"data": &f.data, "site": &f.site, "format": &f.format, "kind": &f.kind} {
			*to = fl.Lookup(name).Value.String()
		}
		node, err := f.sel.node()
		if err != nil {
			return err
		}
		if f.format == "jsonl" && node == nil && f.asOf == "" && f.out == "" {
			return plain(c, args)
		}
		if after := fl.Lookup("after"); after != nil && after.Changed {
			return misuse("--after goes with all documents as JSON lines: leave out the selection and --format")
		}
		return f.run(c.Context(), s)
	}
	return c
}

func (f exportFlags) run(ctx context.Context, s streams) error {
	switch f.format {
	case "jsonl":
		return exportLines(ctx, s, f)
	case "csv", "parquet":
		return exportTables(ctx, s, f)
	case "warc":
		if f.asOf != "" {
			return misuse("--as-of goes with jsonl, csv and parquet: of an archive, cut out what you need and keep it")
		}
		if f.kind != "" {
			return misuse("--kind goes with --format jsonl: captures show posts, threads and authors together")
		}
		return exportWARC(ctx, s, f.data, f.site, f.out, f.sel)
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
	d, err := openStacks(ctx, f.data)
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
