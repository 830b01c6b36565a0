package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/extract"
	"forumine/index/query"
	"forumine/index/tables"
)

// exportTables writes a data set: a folder with a file for each table, the data
// dictionary, and the metadata for catalogues.
func exportTables(ctx context.Context, s streams, f exportFlags) (err error) {
	if f.out == "" {
		return misuse("name the folder for the tables with --out")
	}
	if f.kind != "" {
		return misuse("--kind goes with --format jsonl: tables are of posts, threads, authors and quotes")
	}
	node, err := f.sel.node()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(f.out); err == nil {
		return misuse("%s is there already: name a new folder with --out", f.out)
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
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Clean(f.out)), ".forumine-*")
	if err != nil {
		return fmt.Errorf("writing tables: %w", plainPath(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := f.fill(ctx, s, sel, dir)
	if err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Rename(dir, f.out)); err != nil {
		return fmt.Errorf("writing tables: %w", plainPath(err))
	}
	for _, file := range files {
		fmt.Fprintf(s.out, "%-16s %9d rows %11d bytes  %s\n", file.Name, file.Rows, file.Bytes, file.SHA256)
	}
	return nil
}

// selected prepares going through the documents.
func (f exportFlags) selected(d *stacks, node query.Node) (*selected, error) {
	sel := &selected{store: d.store, site: f.site, node: node}
	if f.asOf == "" {
		return sel, nil
	}
	at, err := parseDate(f.asOf)
	if err != nil {
		return nil, misuse("--as-of %q is no time: give it as 2026-01-31, when the day begins in UTC, or as RFC 3339", f.asOf)
	}
	sel.read = newFreezer(d, at).read
	return sel, nil
}

// fill writes the files of a data set into a folder.
func (f exportFlags) fill(ctx context.Context, s streams, sel *selected, dir string) ([]tables.File, error) {
	set, err := tables.NewSet(f.format, func(name string) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	})
	if err != nil {
		return nil, fmt.Errorf("writing tables: %w", plainPath(err))
	}
	bar := newTally(s, "documents written")
	err = sel.each(ctx, func(doc chosen) error {
		bar.step()
		return set.Add(doc.Kind, doc.Body)
	})
	bar.end()
	files, ended := set.Close()
	if err = errors.Join(err, ended); err != nil {
		return nil, err
	}
	about := tables.Description{
		Name: cmp.Or(f.name, "forum-posts"), License: f.license, Program: "forumine " + version, Extractor: extract.Version,
		Newest: set.Newest, Selection: f.described(), Files: files,
	}
	if f.asOf != "" {
		about.AsOf, _ = parseDate(f.asOf) // selected has read it
	}
	meta, err := about.Croissant()
	if err != nil {
		return nil, err
	}
	return files, errors.Join(
		os.WriteFile(filepath.Join(dir, "DICTIONARY.md"), about.Dictionary(), 0o644),
		os.WriteFile(filepath.Join(dir, "croissant.json"), meta, 0o644))
}

// described says in words which posts were selected.
func (f exportFlags) described() string {
	var parts []string
	if f.site != "" {
		parts = append(parts, "site "+f.site)
	}
	for _, p := range []struct {
		name   string
		values []string
	}{
		{"query", nonEmpty(f.sel.words)}, {"board", f.sel.filter.Board}, {"author", f.sel.filter.Author}, {"thread", f.sel.filter.Thread},
		{"engine", f.sel.filter.Engine}, {"since", nonEmpty(f.sel.filter.Since)}, {"until", nonEmpty(f.sel.filter.Until)},
	} {
		if len(p.values) > 0 {
			parts = append(parts, p.name+" "+strings.Join(p.values, " or "))
		}
	}
	return strings.Join(parts, ", ")
}

// tally shows on a terminal how many there were; elsewhere nothing.
type tally struct {
	s     streams
	what  string
	tty   bool
	n     int64
	shown time.Time
}

func newTally(s streams, what string) *tally { return &tally{s: s, what: what, tty: isTerminal(s.err)} }

func (b *tally) step() {
	b.n++
	if !b.tty || b.n%100 != 0 || time.Since(b.shown) < redrawEvery {
		return
	}
	b.shown = time.Now()
	fmt.Fprintf(b.s.err, "\r\x1b[K%d %s", b.n, b.what)
}

func (b *tally) end() {
	if b.tty {
		fmt.Fprint(b.s.err, "\r\x1b[K")
	}
}
