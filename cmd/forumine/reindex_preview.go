package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"forumine/crawler"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/profile"
	"forumine/index"
)

// fieldChange is one field of one document that a page would be read to say
// otherwise.
type fieldChange struct {
	Engine string        `json:"engine"`
	Kind   forum.DocKind `json:"kind"`
	Field  string        `json:"field"` // "document" when the page would show another document, or one less
	Key    string        `json:"key"`
	URL    string        `json:"url"`
	WARC   string        `json:"warc"`
	Before any           `json:"before,omitempty"`
	After  any           `json:"after,omitempty"`
}

// preview gathers what reading again would change.
type preview struct {
	d *stacks
	s streams

	mu      sync.Mutex
	asJSON  bool
	counts  map[changedField]*changeCount
	pages   int
	changed int
	broken  int
}

type changedField struct {
	engine, field string
	kind          forum.DocKind
}

type changeCount struct {
	added, changed, lost int
	example              fieldChange // of the least key, so that equal data gives equal reports
}

// previewReindex tells what reindex would change.
func previewReindex(ctx context.Context, s streams, data string, profiles []string, all, asJSON bool) (err error) {
	given, err := givenProfiles(profiles)
	if err != nil {
		return err
	}
	d, err := openStacks(ctx, s, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.tryProfiles(given)
	p := &preview{d: d, s: s, asJSON: asJSON, counts: map[changedField]*changeCount{}}
	which := rereadOlder
	if all {
		which = rereadAll
	}
	sites := slices.SortedFunc(maps.Values(d.sites), func(a, b state.Site) int { return cmp.Compare(a.ID, b.ID) })
	pool := newRereaders(ctx, func(ctx context.Context, _ state.Site, c state.Capture) error { return p.compare(ctx, c) })
	bar := newTally(s, "pages compared")
	n, err := eachOlder(ctx, d.store, sites, which, func(site state.Site, c state.Capture) error {
		bar.step()
		return pool.do(site, c)
	})
	err = cmp.Or(pool.end(), err)
	bar.end()
	if err != nil {
		return err
	}
	if asJSON {
		return nil
	}
	return p.print(n)
}

// tryProfiles reads with profiles without keeping them. Sites whose profile
// changes by that are read again.
func (d *stacks) tryProfiles(g given) {
	if g.forget {
		d.reader.profiles = nil
	}
	for _, own := range g.set {
		d.reader.profiles = append(slices.DeleteFunc(slices.Clone(d.reader.profiles), func(k *profile.Profile) bool { return sharesSite(k, own) }), own)
	}
	for id, site := range d.sites {
		if identity := d.reader.profiles.Identity(hosts(site)...); identity != site.Facts.Profile {
			site.Facts.Profile = identity
			site.Facts.Version++
			d.sites[id] = site
		}
	}
}

// compare reads one capture again and notes where it says otherwise than it did.
func (p *preview) compare(ctx context.Context, c state.Capture) error {
	r, err := p.d.recall(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pages++
		p.broken++
		return nil
	}
	said, err := p.d.store.Said(ctx, c.Site, c.Key)
	if err != nil {
		return err
	}
	said = slices.DeleteFunc(said, func(s forum.Contribution) bool { return !s.ObservedAt.Equal(c.ObservedAt) })
	now := r.reading.Contributions
	if outcome, _ := crawler.Verdict(r.reading.Page, r.capture); outcome != state.OK {
		now = nil
		said = nil // what is no content takes nothing away
	}
	changes, err := changesBetween(said, now)
	if err != nil {
		return err
	}
	for i := range changes {
		changes[i].Engine, changes[i].URL, changes[i].WARC = cmp.Or(r.reading.Page.Engine, "unknown"), c.URL, c.Ref
	}
	return p.note(changes)
}

func (p *preview) note(changes []fieldChange) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
	if len(changes) > 0 {
		p.changed++
	}
	if p.asJSON {
		return jsonLines(p.s, changes)
	}
	for _, c := range changes {
		at := changedField{c.Engine, c.Field, c.Kind}
		n := p.counts[at]
		if n == nil {
			n = &changeCount{example: c}
			p.counts[at] = n
		}
		if c.Key < n.example.Key {
			n.example = c
		}
		switch {
		case c.Before == nil:
			n.added++
		case c.After == nil:
			n.lost++
		default:
			n.changed++
		}
	}
	return nil
}

// changesBetween compares what a page said with what it says now, document by
// document and field by field.
func changesBetween(before, after []forum.Contribution) ([]fieldChange, error) {
	was, err := fieldsOf(before)
	if err != nil {
		return nil, err
	}
	is, err := fieldsOf(after)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	var out []fieldChange
	for _, ref := range slices.SortedFunc(maps.Keys(all), func(a, b forum.DocRef) int { return cmp.Compare(a.Key, b.Key) }) {
		old, known := was[ref]
		now, there := is[ref]
		if !known || !there {
			out = append(out, wholeDocument(ref, there))
			continue
		}
		fields := maps.Clone(old)
		maps.Copy(fields, now)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if equalJSON(old[name], now[name]) {
				continue
			}
			out = append(out, fieldChange{Kind: ref.Kind, Field: name, Key: ref.Key, Before: old[name], After: now[name]})
		}
	}
	return out, nil
}

func wholeDocument(ref forum.DocRef, there bool) fieldChange {
	c := fieldChange{Kind: ref.Kind, Field: "document", Key: ref.Key}
	if there {
		c.After = "shown"
	} else {
		c.Before = "shown"
	}
	return c
}

func equalJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// fieldsOf takes contributions apart into their fields. Where a page was
// fetched, and what read it, are no fields of what it says.
func fieldsOf(cs []forum.Contribution) (map[forum.DocRef]map[string]any, error) {
	out := map[forum.DocRef]map[string]any{}
	for _, c := range cs {
		o, err := index.Observe(c)
		if err != nil {
			return nil, err
		}
		fields := map[string]any{}
		var doc map[string]any
		raw, err := json.Marshal(o.Doc())
		if err == nil {
			err = json.Unmarshal(raw, &doc)
		}
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", c.Doc.Key, err)
		}
		delete(doc, "crawl")
		delete(doc, "site")
		if e, ok := doc["extract"].(map[string]any); ok {
			delete(e, "version")
			delete(e, "facts_version")
		}
		flatten(fields, "", doc)
		out[c.Doc] = fields
	}
	return out, nil
}

// flatten names the leaves of a document by their paths. Lists are leaves.
func flatten(to map[string]any, prefix string, doc map[string]any) {
	for name, v := range doc {
		if inner, ok := v.(map[string]any); ok {
			flatten(to, prefix+name+".", inner)
			continue
		}
		to[prefix+name] = v
	}
}

func (p *preview) print(n int) error {
	fmt.Fprintf(p.s.out, "%d pages would be read again, %d of them would say something else\n", n, p.changed)
	if p.broken > 0 {
		fmt.Fprintf(p.s.out, "%d cannot be read; what they said would be kept (`forumine archive check` lists damage)\n", p.broken)
	}
	if len(p.counts) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(p.s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nengine\tof\tfield\tnew\tchanged\tlost\texample")
	order := func(a, b changedField) int {
		return cmp.Or(cmp.Compare(a.engine, b.engine), cmp.Compare(a.kind, b.kind), cmp.Compare(a.field, b.field))
	}
	for _, at := range slices.SortedFunc(maps.Keys(p.counts), order) {
		c := p.counts[at]
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", at.engine, at.kind, at.field, c.added, c.changed, c.lost, c.example.in())
	}
	return w.Flush()
}

// in shows a change as an example, in one line.
func (c fieldChange) in() string {
	return fmt.Sprintf("%s: %s -> %s", c.Key[strings.IndexByte(c.Key, '|')+1:], shownValue(c.Before), shownValue(c.After))
}

func shownValue(v any) string {
	if v == nil {
		return "nothing"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return shorten(string(raw), 40)
}
