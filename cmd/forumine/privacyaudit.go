package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"
	"forumine/index/local"

	"github.com/spf13/cobra"
)

func newPrivacy(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "privacy",
		Short: "Look for traces of people in what the privacy step has let through",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPrivacyAudit(s))
	return c
}

func newPrivacyAudit(s streams) *cobra.Command {
	var a privacyAudit
	c := &cobra.Command{
		Use:   "audit [PATH...]",
		Short: "Look for every original name, id and profile link in index, state, exports and logs",
		Long: `Collect every original name, native id and profile link from the archive, by
reading its pages without the privacy step, and look for them in what stands
behind the step: the index with its retracted documents, contributions,
documents, revisions and dead letters of the state, and the files that are
named: exports (JSON lines, CSV), logs, metrics and anything else made of lines.

A trace in a field, a mention, a quote's attribution or a link is a finding, and
the exit status is 1. A name among the words of a text is counted apart: it may
be a word like any other. The archive, and the frontier's addresses of boards and
threads, hold originals and are not looked at.

Where deleted posts are redacted or dropped (--deleted), their words are looked
for, too: six in a row that stand in what is left of such a post, of its earlier
versions or of its thread's excerpt are a finding; in the texts of others, who may
have quoted them, they are counted apart.`,
		Example: `  forumine privacy audit
  forumine privacy audit exports/*.jsonl crawl.log --words`,
		RunE: func(c *cobra.Command, args []string) error { return a.run(c.Context(), s, args) },
	}
	dataFlag(c.Flags(), &a.data)
	a.index.add(c.Flags())
	c.Flags().BoolVar(&a.words, "words", false, "list the names among the words of texts too, rather than count them")
	return c
}

// privacyAudit is one `privacy audit`.
type privacyAudit struct {
	data  string
	index indexFlags
	words bool

	people map[string]*privacy.Originals // by site
	counts map[finding]int
	traces map[finding]string // one of each

	deleted map[string]bool       // keys of posts and threads whose words are not kept
	unkept  *privacy.DeletedWords // their words
}

// finding is what is counted together.
type finding struct{ place, field, what string }

func (a *privacyAudit) run(ctx context.Context, s streams, paths []string) error {
	a.people, a.counts, a.traces = map[string]*privacy.Originals{}, map[finding]int{}, map[finding]string{}
	err := withReader(ctx, a.data, func(store *state.Reader) error {
		if err := a.useDeleted(ctx, store); err != nil {
			return err
		}
		if err := a.collect(ctx, s, store); err != nil {
			return err
		}
		return store.EachStored(ctx, a.stored)
	})
	if err != nil {
		return err
	}
	if err := a.indexed(ctx, s); err != nil {
		return err
	}
	for _, path := range paths {
		if err := a.file(path); err != nil {
			return err
		}
	}
	return a.report(s)
}

// collect reads all archived pages as they are.
func (a *privacyAudit) collect(ctx context.Context, s streams, store *state.Reader) (err error) {
	log := newLog(s, false)
	ar, err := openArchive(ctx, s, a.data, store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ar.Close()) }()
	var reader pageReader
	if reader.profiles, err = profilesOf(ctx, store); err != nil {
		return err
	}
	sites, err := sitesByID(ctx, store)
	if err != nil {
		return err
	}
	for id, site := range sites {
		a.people[id] = privacy.NewOriginals(id, reader.grammar(site.Engine))
	}
	pages, destroyed := 0, 0
	err = store.CapturesInOrder(ctx, func(c state.Capture) error {
		reading, err := originalReading(ctx, ar, reader, sites[c.Site], c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, archive.ErrDestroyed) {
			destroyed++
			return nil
		}
		if errors.Is(err, archive.ErrLocked) {
			return err
		}
		if err != nil {
			log.Warn("an archived page cannot be read; whom it names is not looked for", "ref", c.Ref, "error", err)
			return nil
		}
		pages++
		a.people[c.Site].Add(reading.Page)
		a.collectDeleted(reading)
		return nil
	})
	for _, id := range slices.Sorted(maps.Keys(a.people)) {
		names, ids := a.people[id].People()
		fmt.Fprintf(s.out, "%s: %d names and %d ids\n", id, names, ids)
	}
	fmt.Fprintf(s.out, "%d archived pages read\n", pages)
	if n := a.unkept.Posts(); n > 0 {
		fmt.Fprintf(s.out, "%s\n", plural(n, "deleted post whose words are not kept", "deleted posts whose words are not kept"))
	}
	if destroyed > 0 {
		fmt.Fprintf(s.out, "%d captures were destroyed: whom they named is not looked for\n", destroyed)
	}
	return err
}

func sitesByID(ctx context.Context, store *state.Reader) (map[string]state.Site, error) {
	sites, err := store.Sites(ctx)
	out := map[string]state.Site{}
	for _, site := range sites {
		out[site.ID] = site
	}
	return out, err
}

// readOriginal reads one archived page without the privacy step.
func readOriginal(ctx context.Context, ar *archive.Archive, r pageReader, site state.Site, c state.Capture) (*forum.Page, error) {
	reading, err := originalReading(ctx, ar, r, site, c)
	return reading.Page, err
}

// of gives the people to look for in what belongs to a site; all of them where
// that is not known.
func (a *privacyAudit) of(site string) []*privacy.Originals {
	if o := a.people[site]; o != nil {
		return []*privacy.Originals{o}
	}
	var all []*privacy.Originals
	for _, id := range slices.Sorted(maps.Keys(a.people)) {
		all = append(all, a.people[id])
	}
	return all
}

func (a *privacyAudit) note(place string, hits []privacy.Hit) {
	for _, h := range hits {
		f := finding{place, h.Field, h.What}
		if a.counts[f]++; a.traces[f] == "" {
			a.traces[f] = h.Trace
		}
	}
}

func (a *privacyAudit) document(place, key string, body []byte) {
	var doc any
	if len(body) > 0 && json.Unmarshal(body, &doc) != nil {
		doc = string(body) // what is no JSON may be why it was refused
	}
	for _, o := range a.of(index.KeySite(key)) {
		a.note(place, o.Field("key", key))
		a.note(place, o.Document(doc))
	}
	a.deletedIn(place, key, doc)
}

func (a *privacyAudit) stored(d state.Stored) error {
	a.document("state: "+d.What, d.Key, d.Body)
	return nil
}

// indexed looks through the index.
func (a *privacyAudit) indexed(ctx context.Context, s streams) (err error) {
	if a.index.url != "" {
		client, err := openElastic(ctx, a.index, newLog(s, false))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, client.Close()) }()
		for _, kind := range index.DocKinds() {
			err := client.Everything(ctx, kind, func(name string, body json.RawMessage) error {
				var d struct {
					Site struct{ ID string } `json:"site"`
				}
				if json.Unmarshal(body, &d) == nil && a.people[d.Site.ID] != nil { // else another data folder's
					a.document("index: "+name, d.Site.ID+"|", body)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	x, err := local.Open(a.data, local.Options{ReadOnly: true})
	if errors.Is(err, local.ErrNoIndex) {
		fmt.Fprintln(s.out, "there is no embedded index; one on a server is looked at with --elasticsearch")
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return x.Everything(ctx, func(d local.Document) error {
		a.document("index", d.Key, d.Body)
		return nil
	})
}

// file looks through an export, a log, or a folder of them.
func (a *privacyAudit) file(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, plainPath(err))
	}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		for _, e := range entries {
			if err == nil {
				err = a.file(filepath.Join(path, e.Name()))
			}
		}
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, plainPath(err))
	}
	defer func() { _ = f.Close() }()
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		err = a.table(path, f)
	} else {
		err = a.lines(path, f)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// table looks through a CSV file, whose first line names its fields.
func (a *privacyAudit) table(path string, r io.Reader) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	var header []string
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header == nil {
			header = slices.Clone(row)
			continue
		}
		own := slices.ContainsFunc(row, a.unkept.IsDeleted)
		for i, cell := range row {
			if i < len(header) {
				a.deletedCell(path, header[i], cell, own)
			}
			for _, o := range a.of("") {
				if i < len(header) {
					a.note(path, o.Field(header[i], cell))
				}
			}
		}
	}
}

// lines looks through JSON lines, and through lines of any other form.
func (a *privacyAudit) lines(path string, r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		line, err := in.ReadString('\n')
		a.line(path, strings.TrimSpace(line))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (a *privacyAudit) line(path, line string) {
	var doc map[string]any
	if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &doc) == nil {
		for _, o := range a.of("") {
			a.note(path, o.Document(doc))
		}
		a.deletedIn(path, "", doc)
		return
	}
	a.deletedCell(path, "", line, false)
	texts := []string{line}
	if plain, err := url.QueryUnescape(line); err == nil && plain != line {
		texts = append(texts, plain)
	}
	for _, o := range a.of("") {
		a.note(path, o.Line(texts[0]))
		if len(texts) > 1 && len(o.Line(texts[0])) == 0 {
			a.note(path, o.Line(texts[1]))
		}
	}
}

func (a *privacyAudit) report(s streams) error {
	all := slices.SortedFunc(maps.Keys(a.counts), func(x, y finding) int {
		return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.field, y.field), cmp.Compare(x.what, y.what))
	})
	found, words := 0, 0
	for _, f := range all {
		isWord := f.what == privacy.FoundWord
		if isWord {
			words += a.counts[f]
		} else {
			found += a.counts[f]
		}
		if !isWord || a.words {
			fmt.Fprintf(s.out, "%s\t%s\t%s\t%d\t%s\n", f.what, f.place, f.field, a.counts[f], cutText(a.traces[f], 80))
		}
	}
	what, rest := "traces of people in fields, mentions, quotes and links", "names among the words of texts"
	if a.unkept.Posts() > 0 {
		what, rest = "traces of people in fields, mentions, quotes and links, and of deleted posts", "names, or words that deleted posts had, in the texts of others"
	}
	fmt.Fprintf(s.out, "%d %s; %d %s\n", found, what, words, rest)
	if found > 0 {
		return statusError{exitFailed, errors.New("the privacy step has let through what it should not: the lines above say where")}
	}
	return nil
}

func cutText(s string, n int) string {
	if r := []rune(strings.ReplaceAll(s, "\n", " ")); len(r) > n {
		return string(r[:n]) + "…"
	}
	return strings.ReplaceAll(s, "\n", " ")
}
