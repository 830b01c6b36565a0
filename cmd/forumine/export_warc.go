package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"forumine/crawler/archive"
	"forumine/extract/forum"
	"forumine/index"

	"github.com/spf13/cobra"
)

func newArchiveExport(s streams) *cobra.Command {
	var data, site, out string
	var sel selection
	c := &cobra.Command{
		Use:   "export",
		Short: "Cut the captures that a selection of posts rests on into a WARC file of their own",
		Long: `Write the archived pages that the selected posts, their threads and their authors'
profiles rest on to one WARC file, records as they stand in the archive. Other
tools read it, and ` + "`forumine import`" + ` makes a data folder of it.
` + "`forumine export --format warc`" + ` is the same.`,
		Example: `  forumine archive export --thread 345 --out thread-345.warc.gz
  forumine archive export --site forum.example.org --since 2024 --out 2024.warc.gz`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return exportWARC(c.Context(), s, data, site, out, sel) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "only this site")
	c.Flags().StringVar(&out, "out", "", "file to write, .warc.gz; it must not exist (default: standard output)")
	sel.add(c.Flags())
	return c
}

func exportWARC(ctx context.Context, s streams, data, site, out string, sel selection) (err error) {
	node, err := sel.node()
	if err != nil {
		return err
	}
	d, err := openStacks(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	bar := newTally(s, "documents looked at")
	captures, err := d.captures(ctx, &selected{store: d.store, site: site, node: node}, bar.step)
	bar.end()
	if err != nil {
		return err
	}
	name, w, done, err := newFile(s, out, "captures.warc.gz")
	if err != nil {
		return err
	}
	n, lost, err := d.archive.Export(ctx, w, name, captures)
	if err = done(err); err != nil {
		return err
	}
	for _, p := range lost {
		fmt.Fprintf(s.err, "cannot be read, left out: %v\n", p)
	}
	exported(s, "captures", n, name)
	return damageStatus(len(lost))
}

// captures gives the places of what the selected documents rest on: of posts and
// threads every page that says something of them, of authors their profiles.
func (d *stacks) captures(ctx context.Context, sel *selected, step func()) ([]archive.Ref, error) {
	var out []archive.Ref
	known := map[archive.Ref]bool{}
	err := sel.each(ctx, func(doc chosen) error {
		step()
		sources, err := d.store.Sources(ctx, forum.DocRef{Kind: doc.Kind, Key: doc.Key})
		if err != nil {
			return err
		}
		for _, src := range sources {
			if doc.Kind == forum.DocAuthor {
				if o, err := index.Observe(src.Contribution); err != nil || o.Source != "page" {
					continue
				}
			}
			ref, err := archive.ParseRef(src.Capture.Ref)
			if err == nil && !ref.IsZero() && !known[ref] {
				known[ref] = true
				out = append(out, ref)
			}
		}
		return nil
	})
	return out, err
}

// newFile opens a file that must not exist, or standard output; done closes it,
// and takes an unfinished one away.
func newFile(s streams, out, plain string) (name string, w io.Writer, done func(error) error, err error) {
	if out == "" {
		if isTerminal(s.out) && plain != "" {
			return "", nil, nil, misuse("name a file with --out: what would be written is not for a terminal")
		}
		buffered := bufio.NewWriterSize(s.out, 1<<16)
		return plain, buffered, func(failed error) error { return errors.Join(failed, buffered.Flush()) }, nil
	}
	if _, err := os.Lstat(out); err == nil {
		return "", nil, nil, misuse("%s is there already: name a new file with --out", out)
	}
	f, err := os.CreateTemp(filepath.Dir(out), ".forumine-*")
	if err != nil {
		return "", nil, nil, fmt.Errorf("writing %s: %w", out, plainPath(err))
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	return filepath.Base(out), buffered, func(failed error) error {
		defer func() { _ = os.Remove(f.Name()) }()
		if failed == nil {
			failed = buffered.Flush()
		}
		if err := errors.Join(failed, f.Sync(), f.Close()); err != nil {
			return err
		}
		if err := os.Rename(f.Name(), out); err != nil {
			return fmt.Errorf("writing %s: %w", out, plainPath(err))
		}
		return nil
	}, nil
}
