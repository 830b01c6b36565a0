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
	at            int64 // observed_at, µs
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
	mentioned := map[int64]bool{}
	touched := map[int64]bool{}
	byDoc, refs := group(r.contributions)
	for _, ref := range refs {
		doc, err := t.ensureDocument(ref, r.at)
		if err != nil {
			return err
		}
		mentioned[doc] = true
		if said[doc] > r.at {
			continue // a later visit has said more recent things of it
		}
		touched[doc] = true
		if err := t.say(r, doc, byDoc[ref]); err != nil {
			return err
		}
	}
	for doc, at := range said {
		if mentioned[doc] || at > r.at || !(r.dropAll || r.dropSame && at == r.at) {
			continue
		}
		touched[doc] = true
		if err := t.unsay(r.page, doc); err != nil {
			return err
		}
	}
	if err := t.foldTouched(touched); err != nil || !r.elsewhere {
		return err
	}
	for _, ref := range refs {
		if ref.Kind != forum.DocPost {
			continue
		}
		id, err := t.ensureDocument(ref, r.at)
		if err != nil {
			return err
		}
		if err := t.past(r, id, byDoc[ref]); err != nil {
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

func (t *tx) say(r reading, doc int64, cs []forum.Contribution) error {
	if err := t.exec(sqlUnsay, r.page, doc); err != nil {
		return err
	}
	for i, c := range cs {
		if !json.Valid(c.Body) {
			return fmt.Errorf("contribution to %s is not JSON", c.Doc.Key)
		}
		extractor, facts := r.extractor, r.facts
		if extractor == 0 {
			extractor = c.Extractor
		}
		if facts == 0 {
			facts = c.FactsVersion
		}
		err := t.exec(sqlSay, r.page, doc, i, c.Rank, r.at, extractor, facts, t.s.codec.encode(c.Body))
		if err != nil {
			return err
		}
	}
	return nil
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
func sorted(set map[int64]bool) []int64 { return slices.Sorted(maps.Keys(set)) }
