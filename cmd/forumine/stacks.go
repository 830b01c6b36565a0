package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/local"

	"golang.org/x/term"
)

// stacks are a data folder opened for looking things up: documents, what they rest
// on, and the captures in the archive. Nothing is changed.
type stacks struct {
	dir     string
	store   *state.Reader
	archive *archive.Archive
	reader  pageReader
	log     *slog.Logger
	sites   map[string]state.Site
	deleted map[string]bool // posts and threads whose words are not kept, by key
}

func openStacks(ctx context.Context, s streams, data string) (*stacks, error) {
	if err := dataFolder(data); err != nil {
		return nil, err
	}
	d := &stacks{dir: data, log: newLog(s, false), reader: pageReader{}, sites: map[string]state.Site{}}
	var err error
	if d.store, err = state.OpenReadOnly(ctx, data); err != nil {
		return nil, err
	}
	if d.archive, err = openArchive(ctx, s, data, d.store); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if d.reader.profiles, err = profilesOf(ctx, d.store); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if d.reader.privacy, d.deleted, err = folderPrivacy(ctx, data, d.store); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	sites, err := d.store.Sites(ctx)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	for _, s := range sites {
		d.sites[s.ID] = s
	}
	return d, nil
}

// Close closes what was opened.
func (d *stacks) Close() error {
	var err error
	if d.archive != nil {
		err = d.archive.Close()
	}
	return errors.Join(err, d.store.Close())
}

// find gives the document that a name means: its id, its key, or, where the
// embedded index has it, its native id or address.
func (d *stacks) find(ctx context.Context, name string) (state.Document, error) {
	if len(name) == 40 && !strings.ContainsRune(name, '|') {
		if doc, err := d.store.DocumentByID(ctx, name); err == nil || !errors.Is(err, state.ErrNotFound) {
			return doc, err
		}
	}
	if doc, err := d.store.DocumentByKey(ctx, name); err == nil || !errors.Is(err, state.ErrNotFound) {
		return doc, err
	}
	key, err := d.indexed(ctx, name)
	if err != nil {
		return state.Document{}, err
	}
	return d.store.DocumentByKey(ctx, key)
}

// indexed asks the embedded index for the key of what a name means.
func (d *stacks) indexed(ctx context.Context, name string) (string, error) {
	x, err := local.Open(d.dir, local.Options{ReadOnly: true})
	if errors.Is(err, local.ErrNoIndex) {
		return "", fmt.Errorf("%w: %q is no id and no key of a document in %s; `forumine search` and `export` show them (addresses and native ids are looked up in the embedded index, and there is none)", state.ErrNotFound, name, d.dir)
	}
	if err != nil {
		return "", err
	}
	doc, err := x.Get(ctx, name)
	return doc.Key, errors.Join(err, x.Close())
}

// recalled is a capture that was read again.
type recalled struct {
	state.Capture
	exchange archive.Exchange
	capture  forum.Capture
	reading  crawler.Reading
}

// recall reads a capture again, as this version reads it, and withholds what is
// not kept of deleted posts.
func (d *stacks) recall(ctx context.Context, c state.Capture) (recalled, error) {
	r := recalled{Capture: c}
	ref, err := archive.ParseRef(c.Ref)
	if err != nil {
		return r, err
	}
	if r.exchange, err = d.archive.Read(ctx, ref); err != nil {
		return r, err
	}
	if r.capture, err = r.exchange.Capture(); err != nil {
		return r, err
	}
	visit := crawler.Visit{Site: d.sites[c.Site], PageKey: c.Key, Capture: r.capture, Ref: c.Ref, ObservedAt: c.ObservedAt, RunID: r.exchange.RunID}
	if r.reading, err = crawler.Read(ctx, d.reader, visit); err == nil && len(d.deleted) > 0 {
		r.reading.Contributions, err = index.Withheld(r.reading.Contributions, func(key string) bool { return d.deleted[key] })
	}
	return r, err
}

// isTerminal tells a stream that a person looks at.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && !inCI()
}
