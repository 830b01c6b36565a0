package state

import (
	"context"
	"encoding/json"
	"time"
)

// What one transaction folds, so that pages that wait to be settled do not wait
// long: so many authors, or the first after which so many contributions were read.
const (
	authorBatch = 200
	cardBatch   = 20_000
)

// FoldAuthors folds the authors that settled pages have touched since it last
// ran and gives how many it folded. What it has not come to is kept over a crash.
func (s *Store) FoldAuthors(ctx context.Context) (int, error) {
	total := 0
	for {
		n, more := 0, false
		err := s.write(ctx, durable, func(t *tx) (err error) {
			n, more, err = t.foldAuthors()
			return err
		})
		if err != nil {
			return total, wrap(err, "folding authors")
		}
		total += n
		if !more {
			return total, nil
		}
	}
}

// foldAuthors folds the next authors that wait, and tells how many and whether
// there may be more.
func (t *tx) foldAuthors() (folded int, more bool, err error) {
	ids, err := t.ids(sqlDirtyAuthors, authorBatch)
	if err != nil {
		return 0, false, err
	}
	t.cleaned = len(ids) > 0
	cards := 0
	for _, id := range ids {
		if cards >= cardBatch {
			break
		}
		n, err := t.foldAuthor(id)
		if err != nil {
			return 0, false, err
		}
		if err := t.exec(sqlCleanAuthor, id); err != nil {
			return 0, false, err
		}
		folded, cards = folded+1, cards+n
	}
	t.count(t.wrote)
	return folded, folded < len(ids) || len(ids) == authorBatch, nil
}

// foldAuthor folds an author, and tells of how many contributions.
func (t *tx) foldAuthor(id int64) (int, error) {
	d, err := t.document(id)
	if err != nil {
		return 0, err
	}
	cs, err := t.contributions(d)
	if err != nil {
		return 0, err
	}
	totals, err := t.authorTotals(d.ref.Key)
	if err != nil {
		return 0, err
	}
	f, err := t.s.opt.Folder.Fold(d.ref, cs, totals)
	if err != nil {
		return 0, wrap(err, "folding %s", d.ref.Key)
	}
	return len(cs), t.save(d, f, cs)
}

// authorTotals counts an author's posts that some page shows.
func (t *tx) authorTotals(key string) (json.RawMessage, error) {
	var a AuthorTotals
	var first, last int64
	if _, err := t.get(sqlAuthorTotals, []any{key}, &a.ObservedPostCount, &first, &last); err != nil {
		return nil, err
	}
	a.FirstPostAt, a.LastPostAt = optional(first), optional(last)
	return json.Marshal(a)
}

func optional(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := timeOf(us)
	return &t
}

// dirtyAuthor has an author folded by the next FoldAuthors.
func (t *tx) dirtyAuthor(id int64) {
	if t.s.dirty[id] && !t.cleaned {
		return
	}
	t.dirty.add(id)
	t.dirtied = append(t.dirtied, id)
}

// maxDirty bounds how many authors are remembered to be waiting.
const maxDirty = 50_000

// keepDirty remembers which authors wait for FoldAuthors after a commit.
func (s *Store) keepDirty(t *tx) {
	if t.cleaned || len(s.dirty)+len(t.dirtied) > maxDirty {
		clear(s.dirty)
	}
	if t.cleaned || len(t.dirtied) > maxDirty {
		return
	}
	for _, id := range t.dirtied {
		s.dirty[id] = true
	}
}
