package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"forumine/extract/forum"
)

// reading is what one capture of a page says of documents.
type reading struct {
	page          int64
	key           string // of the page
	at            int64  // observed_at, µs
	extractor     int
	facts         int
	contributions []forum.Contribution
	dropSame      bool // remove what this very capture said and says no longer
	dropAll       bool // remove what any earlier capture said and this one does not
	elsewhere     bool // the capture was not fetched just now: it may be older than what is held
}

// read replaces the page's contributions and folds the documents that they
// touch: threads first, since posts copy from them; authors later, in FoldAuthors.
func (t *tx) read(r reading) error {
	said, err := t.saidBy(r.page)
	if err != nil {
		return err
	}
	byDoc, refs := group(r.contributions)
	met, err := t.meet(r, said, byDoc, refs)
	if err != nil {
		return err
	}
	mentioned := map[int64]bool{}
	touched := map[int64]*mention{}
	t.again = map[int64]bool{}
	for _, m := range met {
		mentioned[m.id] = true
		if at, known := said[m.id]; at <= r.at { // else a later visit has said more recent things of it
			touched[m.id] = m
			t.again[m.id] = known && at == r.at
		}
	}
	for doc, at := range said {
		if mentioned[doc] || at > r.at || !(r.dropAll || r.dropSame && at == r.at) {
			continue
		}
		touched[doc] = nil
		if err := t.unsay(r.page, doc); err != nil {
			return err
		}
	}
	if err := t.foldTouched(touched); err != nil {
		return err
	}
	for _, m := range met {
		if !t.again[m.id] {
			continue
		}
		if err := t.reconsider(m.id); err != nil {
			return err
		}
	}
	if !r.elsewhere {
		return nil
	}
	for _, m := range met {
		if m.ref.Kind != forum.DocPost {
			continue
		}
		if err := t.past(r, m.id, byDoc[m.ref]); err != nil {
			return err
		}
	}
	return nil
}

// saidBy gives when the page last spoke of each document.
func (t *tx) saidBy(page int64) (map[int64]int64, error) {
	said := map[int64]int64{}
	err := t.each(sqlSaidBy, []any{page}, func(scan func(...any) error) error {
		var doc, at int64
		err := scan(&doc, &at)
		said[doc] = max(said[doc], at)
		return err
	})
	return said, err
}

// group sorts contributions by document, in order of first mention.
func group(cs []forum.Contribution) (map[forum.DocRef][]forum.Contribution, []forum.DocRef) {
	byDoc := map[forum.DocRef][]forum.Contribution{}
	var refs []forum.DocRef
	for _, c := range cs {
		if _, ok := byDoc[c.Doc]; !ok {
			refs = append(refs, c.Doc)
		}
		byDoc[c.Doc] = append(byDoc[c.Doc], c)
	}
	return byDoc, refs
}

// mention is a document that a page speaks of.
type mention struct {
	*docRow
	all []forum.Contribution // everything that any page says of it, where it is new
}

// meet stores what a page says of documents, unless a later visit has said more
// recent things, and gives the documents.
func (t *tx) meet(r reading, said map[int64]int64, byDoc map[forum.DocRef][]forum.Contribution, refs []forum.DocRef) ([]*mention, error) {
	met := make([]*mention, 0, len(refs))
	rows := &bulk{head: sqlSay, columns: sayColumns}
	docs, err := t.documentsByKey(refs...)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		d, err := t.seen(ref, docs[ref.Key], r.at)
		if err != nil {
			return nil, err
		}
		if ref.Kind == forum.DocAuthor {
			t.authors[ref.Key] = d.id
		}
		m := &mention{docRow: d}
		met = append(met, m)
		before, known := said[d.id]
		if before > r.at {
			continue
		}
		if known {
			if err := t.exec(sqlUnsay, r.page, d.id); err != nil {
				return nil, err
			}
		}
		all, err := t.say(r, d.id, byDoc[ref], rows)
		if err != nil {
			return nil, err
		}
		if d.isNew {
			m.all = all
		}
	}
	return met, t.insertAll(rows)
}

// say adds to rows what a page says of a document, and gives it as stored, in the
// order of the fold.
func (t *tx) say(r reading, doc int64, cs []forum.Contribution, rows *bulk) ([]forum.Contribution, error) {
	out := make([]forum.Contribution, 0, len(cs))
	for i, c := range cs {
		if c.Read == nil && !json.Valid(c.Body) {
			return nil, fmt.Errorf("contribution to %s is not JSON", c.Doc.Key)
		}
		c.Page, c.ObservedAt = r.key, timeOf(r.at)
		if r.extractor != 0 {
			c.Extractor = r.extractor
		}
		if r.facts != 0 {
			c.FactsVersion = r.facts
		}
		rows.add(r.page, doc, i, c.Rank, r.at, c.Extractor, c.FactsVersion, t.s.codec.encode(c.Body))
		out = append(out, c)
	}
	slices.SortStableFunc(out, foldOrder)
	return out, nil
}

// unsay removes what a page said of a document; that it was seen stays known.
func (t *tx) unsay(page, doc int64) error {
	if err := t.exec(sqlKeepSeen, doc, doc); err != nil {
		return err
	}
	return t.exec(sqlUnsay, page, doc)
}

// maxCards bounds how many contributions of an author reach the fold: all of its
// own pages, then the newest cards. An author stands on every page of a busy
// forum; the choice depends on what is stored, not on the order it came in.
const maxCards = 1000

// contributionsTo gives what all pages say of a document, which is known already of
// a new one.
func (t *tx) contributionsTo(m *mention) ([]forum.Contribution, error) {
	if m.all != nil {
		return m.all, nil
	}
	return t.contributions(m.docRow)
}

// contributions gives what all pages say of a document, in the order of the fold:
// the last one wins.
func (t *tx) contributions(d *docRow) ([]forum.Contribution, error) {
	query, args := sqlContributions, []any{d.id}
	if d.ref.Kind == forum.DocAuthor {
		query, args = sqlAuthorContributions, []any{d.id, forum.RankPage, maxCards}
	}
	var out []forum.Contribution
	err := t.each(query, args, func(scan func(...any) error) error {
		c := forum.Contribution{Doc: d.ref}
		var at int64
		var body []byte
		err := scan(&c.Page, &c.Rank, &at, &c.Extractor, &c.FactsVersion, &body)
		if err != nil {
			return err
		}
		c.ObservedAt = timeOf(at)
		c.Body, err = t.s.codec.decode(body)
		out = append(out, c)
		return err
	})
	slices.SortStableFunc(out, foldOrder)
	return out, err
}

// foldOrder is the order of design: observation, then rank, then page.
func foldOrder(a, b forum.Contribution) int {
	if c := a.ObservedAt.Compare(b.ObservedAt); c != 0 {
		return c
	}
	if a.Rank != b.Rank {
		return a.Rank - b.Rank
	}
	switch {
	case a.Page < b.Page:
		return -1
	case a.Page > b.Page:
		return 1
	}
	return 0
}

// sorted gives the keys of a set in rising order, so that a transaction does the
// same steps whatever the order of its input.
func sorted[V any](set map[int64]V) []int64 { return slices.Sorted(maps.Keys(set)) }
