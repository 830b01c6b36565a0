package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
)

// freezer gives documents as they stood at a moment: folded from what their
// pages said until then. What a page has said since is passed over, and what it
// said before is read again from the archive. What the archive no longer has, as
// of people who were forgotten, is not there.
type freezer struct {
	d      *stacks
	at     time.Time
	fold   index.Folder
	pages  cache[string, []forum.Contribution] // by capture
	titles cache[string, json.RawMessage]      // threads' summaries, by key
}

func newFreezer(d *stacks, at time.Time) *freezer {
	return &freezer{d: d, at: at, fold: index.NewFolder(), pages: newCache[string, []forum.Contribution](64), titles: newCache[string, json.RawMessage](1024)}
}

// read gives the body of a document at the moment; there is false for what had
// not been seen then.
func (z *freezer) read(ctx context.Context, doc state.Document) (body json.RawMessage, there bool, err error) {
	if doc.FirstSeenAt.After(z.at) {
		return nil, false, nil
	}
	folded, there, err := z.folded(ctx, forum.DocRef{Kind: doc.Kind, Key: doc.Key})
	if err != nil || !there {
		return nil, false, err
	}
	meta := index.Meta{Key: doc.Key, FirstSeenAt: doc.FirstSeenAt}
	if !doc.MissingSince.IsZero() && !doc.MissingSince.After(z.at) {
		meta.MissingSince = doc.MissingSince
	}
	if doc.Kind == forum.DocPost {
		if meta.Revision, err = z.revision(ctx, doc); err != nil {
			return nil, false, err
		}
	}
	body, err = z.fold.Render(folded, meta)
	return body, true, err
}

func (z *freezer) folded(ctx context.Context, ref forum.DocRef) (index.Folded, bool, error) {
	cs, err := z.contributions(ctx, ref)
	if err != nil || len(cs) == 0 {
		return index.Folded{}, false, err
	}
	var parent json.RawMessage
	if ref.Kind == forum.DocAuthor {
		totals, err := z.d.store.AuthorTotalsAt(ctx, ref.Key, z.at)
		if err == nil {
			parent, err = json.Marshal(totals)
		}
		if err != nil {
			return index.Folded{}, false, err
		}
	}
	folded, err := z.fold.Fold(ref, cs, parent)
	if err != nil || ref.Kind != forum.DocPost || folded.Parent == "" {
		return folded, err == nil, err
	}
	if parent, err = z.summary(ctx, folded.Parent); err == nil {
		folded, err = z.fold.Fold(ref, cs, parent)
	}
	return folded, err == nil, err
}

// summary is what the posts of a thread copied of it at the moment.
func (z *freezer) summary(ctx context.Context, thread string) (json.RawMessage, error) {
	if s, ok := z.titles.get(thread); ok {
		return s, nil
	}
	folded, _, err := z.folded(ctx, forum.DocRef{Kind: forum.DocThread, Key: thread})
	if err == nil {
		z.titles.put(thread, folded.Summary)
	}
	return folded.Summary, err
}

// contributions is what pages had said of a document: of each page, the newest
// that it had said.
func (z *freezer) contributions(ctx context.Context, ref forum.DocRef) ([]forum.Contribution, error) {
	sources, err := z.d.store.Sources(ctx, ref)
	if err != nil {
		return nil, err
	}
	var out []forum.Contribution
	done := map[string]bool{}
	for _, src := range sources {
		if !src.ObservedAt.After(z.at) {
			out = append(out, src.Contribution)
			continue
		}
		if done[src.Page] {
			continue
		}
		done[src.Page] = true
		before, err := z.before(ctx, src, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, before...)
	}
	return state.Folding(ref.Kind, out), nil
}

// before looks through the archive for what a page said last before the moment.
func (z *freezer) before(ctx context.Context, src state.Source, ref forum.DocRef) ([]forum.Contribution, error) {
	captures, err := z.d.store.PageCaptures(ctx, src.Capture.Site, src.Page)
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(captures) {
		if c.ObservedAt.After(z.at) || c.Outcome != state.OK {
			continue
		}
		said, err := z.said(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, s := range said {
			if s.Doc == ref {
				return []forum.Contribution{s}, nil
			}
		}
	}
	return nil, nil
}

// said is what a capture says of each document.
func (z *freezer) said(ctx context.Context, c state.Capture) ([]forum.Contribution, error) {
	if cs, ok := z.pages.get(c.Ref); ok {
		return cs, nil
	}
	r, err := z.d.recall(ctx, c)
	if errors.Is(err, archive.ErrDestroyed) {
		z.d.log.Warn("a capture was destroyed: what its page said then, and says no more, is left out", "url", c.URL, "ref", c.Ref)
	}
	if errors.Is(err, archive.ErrNotFound) {
		err = nil // forgotten
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s as of %s: %w", c.URL, z.at.Format(time.RFC3339), err)
	}
	z.pages.put(c.Ref, r.reading.Contributions)
	return r.reading.Contributions, nil
}

// revision is which version of a post stood at the moment.
func (z *freezer) revision(ctx context.Context, doc state.Document) (int, error) {
	n := doc.Revision
	if n <= 1 {
		return n, nil
	}
	old, err := z.d.store.Revisions(ctx, doc.Key)
	if err != nil {
		return 0, err
	}
	for _, raw := range old {
		v, err := index.ParsePost(raw.Body)
		if err != nil {
			return 0, err
		}
		if v.ReplacedAt.After(z.at) {
			n = min(n, v.Revision)
		}
	}
	return n, nil
}

// cache keeps the newest entries; when it is full, all go.
type cache[K comparable, V any] struct {
	m    map[K]V
	most int
}

func newCache[K comparable, V any](most int) cache[K, V] { return cache[K, V]{map[K]V{}, most} }

func (c cache[K, V]) get(k K) (V, bool) {
	v, ok := c.m[k]
	return v, ok
}

func (c cache[K, V]) put(k K, v V) {
	if len(c.m) >= c.most {
		clear(c.m)
	}
	c.m[k] = v
}
