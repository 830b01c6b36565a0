package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// exportFlags are what `export` knows beside the plain lines of all documents.
type exportFlags struct {
	data, site, format, kind, out string
	sel                           selection
}

// withFormats adds selections and further formats to `export`.
func withFormats(c *cobra.Command, s streams) *cobra.Command {
	var f exportFlags
	plain := c.RunE
	c.Short = "Write documents out: as JSON lines, tables, or the pages that they rest on"
	c.Long += `

Posts can be selected as in ` + "`forumine search`" + `; their threads and authors come with them.
With --format warc, the archived pages that the selection rests on are written to
--out as one WARC file.`
	c.Example += `
  forumine export --query 'dipole has:image' --since 2024 > dipoles.jsonl
  forumine export --format warc --thread 345 --out thread-345.warc.gz`
	fl := c.Flags()
	fl.Lookup("format").Usage = exportFormats
	fl.StringVar(&f.out, "out", "", "where to write: a file of WARC, or a folder for tables; it must not exist")
	f.sel.add(fl)
	c.RunE = func(c *cobra.Command, args []string) error {
		for name, to := range map[string]*string{"data": &f.data, "site": &f.site, "format": &f.format, "kind": &f.kind} {
			*to = fl.Lookup(name).Value.String()
		}
		node, err := f.sel.node()
		if err != nil {
			return err
		}
		if f.format == "jsonl" && node == nil {
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
	case "warc":
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
	_, w, done, err := newFile(s, f.out, "")
	if err != nil {
		return err
	}
	sel := &selected{store: d.store, site: f.site, node: node}
	return done(sel.each(ctx, func(doc chosen) error {
		if f.kind != "" && f.kind != string(doc.Kind) {
			return nil
		}
		if _, err := fmt.Fprintf(w, "%s\n", doc.Body); err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		return nil
	}))
}
