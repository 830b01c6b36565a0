package state

import (
	"fmt"

	"forumine/extract/forum"
)

// version is a post's content between two edits: the present one, or a revision.
type version struct {
	at, extractor int64
	content       string
}

// past keeps what a page showed of a post at a moment before its present content
// was first seen: as a revision, unless its neighbours in time say the same. A
// snapshot that is imported after newer ones tells of edits all the same.
func (t *tx) past(r reading, id int64, cs []forum.Contribution) error {
	d, err := t.document(id)
	if err != nil || d.ref.Kind != forum.DocPost || d.retracted || d.contentAt == 0 || r.at >= d.contentAt {
		return err
	}
	if held, err := t.withheld(d); held || err != nil {
		return err
	}
	before, after, n, err := t.around(d, r.at)
	if err != nil || int64(r.extractor) != after.extractor || before.at > 0 && before.extractor != after.extractor {
		return err // versions are compared as one extractor reads them
	}
	f, err := t.foldIn(d, cs, d.parent)
	if err != nil {
		return wrap(err, "folding %s", d.ref.Key)
	}
	if f.Content == after.content || f.Content == before.content {
		return nil
	}
	old := *d
	old.digest, old.content, old.contentAt, old.changedAt, old.revision = f.Digest, f.Content, r.at, r.at, n
	old.author, old.state, old.publishedAt = f.Author, f.State, micros(f.PublishedAt)
	body, err := t.s.opt.Folder.Render(f, old.meta())
	if err != nil {
		return wrap(err, "rendering %s", d.ref.Key)
	}
	if err := t.saveRevision(&old, body, after.at); err != nil {
		return err
	}
	return t.countRevision(d)
}

// reconsider looks for an edit between the captures that show a post, once one of
// them has been read otherwise than before: of those that the same reading has
// been made of, what an older one shows is a revision, unless one is known of that
// time that was read otherwise. Readings differ by their extractor, and by their site's facts, of which the
// profile is one.
func (t *tx) reconsider(id int64) error {
	d, err := t.document(id)
	if err != nil || d.ref.Kind != forum.DocPost || d.retracted {
		return err
	}
	cs, err := t.contributions(d)
	if err != nil {
		return err
	}
	alike := map[int64]string{} // what captures show by this reading, by their time
	for i, c := range cs {
		newest := cs[len(cs)-1]
		if c.Extractor != newest.Extractor || c.FactsVersion != newest.FactsVersion {
			continue
		}
		r := reading{at: micros(c.ObservedAt), extractor: c.Extractor}
		f, err := t.foldIn(d, cs[i:i+1], d.parent)
		if err != nil {
			return wrap(err, "folding %s", d.ref.Key)
		}
		alike[r.at] = f.Content
		before, _, _, err := t.around(d, r.at)
		if err == nil && (before.at == 0 || alike[before.at] == before.content) {
			err = t.past(r, id, cs[i:i+1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// around gives a post's versions before and after a moment, and the number that
// one between them has.
func (t *tx) around(d *docRow, at int64) (before, after version, n int64, err error) {
	n = 1
	err = t.each(sqlRevisionsOf, []any{d.ref.Key}, func(scan func(...any) error) error {
		var v version
		if err := scan(&v.at, &v.extractor, &v.content); err != nil {
			return err
		}
		switch {
		case v.at <= at:
			before = v
			n++
		case after.at == 0:
			after = v
		}
		return nil
	})
	if after.at == 0 {
		after = version{d.contentAt, d.extractor, d.content}
	}
	return before, after, n, err
}

// countRevision delivers a post anew that has one version more than was known.
func (t *tx) countRevision(d *docRow) error {
	if err := t.exec(sqlCountRevision, d.id); err != nil {
		return err
	}
	d, err := t.document(d.id)
	if err != nil {
		return err
	}
	if err := t.foldPost(&mention{docRow: d}, d.parent, false); err != nil {
		return fmt.Errorf("counting a version: %w", err)
	}
	return nil
}
