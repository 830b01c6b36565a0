package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"

	"github.com/spf13/cobra"
)

func newArchiveExport(s streams) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Cut the captures that a selection of posts rests on into a WARC file of their own",
		Long: `Write the archived pages that the selected posts, their threads and their authors'
profiles rest on to one WARC file, records as they stand in the archive. With
--as-of, these are the pages that they rested on at that time. Other tools read it, and ` + "`forumine import`" + ` makes a data folder of it.
` + "`forumine export --format warc`" + ` is the same.`,
		Example: `  forumine archive export --thread 345 --out thread-345.warc.gz
  forumine archive export --site forum.example.org --since 2024 --out 2024.warc.gz`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return exportWARC(c.Context(), s, f) },
	}
	dataFlag(c.Flags(), &f.data)
	c.Flags().StringVar(&f.site, "site", "", "only this site")
	c.Flags().StringVar(&f.out, "out", "", "file to write, .warc.gz; it must not exist (default: standard output)")
	c.Flags().StringVar(&f.asOf, "as-of", "", "pages as they stood at this time: a day, which begins in UTC, or RFC 3339")
	f.sel.add(c.Flags())
	return c
}

func exportWARC(ctx context.Context, s streams, f exportFlags) (err error) {
	node, err := f.sel.node()
	if err != nil {
		return err
	}
	d, err := openStacks(ctx, s, f.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	chosen, err := f.selected(d, node)
	if err != nil {
		return err
	}
	at, _ := parseDate(f.asOf) // selected has read it
	bar := newTally(s, "documents looked at")
	captures, err := d.captures(ctx, chosen, at, bar.step)
	bar.end()
	if err != nil {
		return err
	}
	name, w, done, err := newFile(s, f.out, "captures.warc.gz")
	if err != nil {
		return err
	}
	n, lost, err := d.archive.Export(ctx, w, name, captures)
	if err = done(err); err != nil {
		return err
	}
	gone := len(lost)
	lost = slices.DeleteFunc(lost, func(p archive.Problem) bool { return p.Destroyed })
	if gone -= len(lost); gone > 0 {
		fmt.Fprintf(s.err, "%s destroyed, and left out\n", plural(gone, "capture was", "captures were"))
	}
	for _, p := range lost {
		fmt.Fprintf(s.err, "cannot be read, left out: %v\n", p)
	}
	exported(s, "captures", n, name)
	return damageStatus(len(lost))
}

// captures gives the places of what the selected documents rest on: of posts and
// threads every page that says something of them, of authors their profiles. With a
// time, of every page the newest capture of until then that does.
func (d *stacks) captures(ctx context.Context, sel *selected, at time.Time, step func()) ([]archive.Ref, error) {
	var out []archive.Ref
	known := map[archive.Ref]bool{}
	then := newFreezer(d, at)
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
			from := src.Capture.Ref
			if !at.IsZero() && src.ObservedAt.After(at) {
				if from, err = then.capture(ctx, src, forum.DocRef{Kind: doc.Kind, Key: doc.Key}); err != nil {
					return err
				}
			}
			ref, err := archive.ParseRef(from)
			if err == nil && !ref.IsZero() && !known[ref] {
				known[ref] = true
				out = append(out, ref)
			}
		}
		return nil
	})
	return out, err
}

// capture is where the newest capture of a page stands, of those until the moment
// that say something of a document; "" where there is none.
func (z *freezer) capture(ctx context.Context, src state.Source, ref forum.DocRef) (string, error) {
	captures, err := z.d.store.PageCaptures(ctx, src.Capture.Site, src.Page)
	if err != nil {
		return "", err
	}
	for _, c := range slices.Backward(captures) {
		if c.ObservedAt.After(z.at) || c.Outcome != state.OK {
			continue
		}
		said, err := z.said(ctx, c)
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(said, func(s forum.Contribution) bool { return s.Doc == ref }) {
			return c.Ref, nil
		}
	}
	return "", nil
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
