package state

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"forumine/extract/forum"
)

// Capture is an archived capture that the state has settled.
type Capture struct {
	Site, Key, URL string
	Ref            string // "file:position" in the archive
	ObservedAt     time.Time
	Outcome        Outcome
	Extractor      int
	FactsVersion   int
}

// CaptureFilter selects captures. Zero fields select all.
type CaptureFilter struct {
	Site       string
	FactsBelow int  // only content that was read under facts older than this version
	AnyOutcome bool // with FactsBelow: also what was no content under older facts
}

// Captures calls fn for the captures that a re-reading has to look at: of each
// page the newest with content (else the newest at all), and older ones that
// still say something no newer capture of the page does. A page's captures come
// oldest first.
func (r *Reader) Captures(ctx context.Context, f CaptureFilter, fn func(Capture) error) error {
	after := int64(0)
	for {
		var batch []Capture
		last := int64(0)
		err := r.each(ctx, sqlCaptures, []any{after, capturePages, f.Site, f.Site, f.FactsBelow, f.AnyOutcome, f.FactsBelow}, func(scan func(...any) error) error {
			var c Capture
			var page, at int64
			if err := scan(&page, &c.Site, &c.Key, &c.URL, &c.Ref, &at, &c.Outcome, &c.Extractor, &c.FactsVersion); err != nil {
				return err
			}
			c.ObservedAt = timeOf(at)
			batch = append(batch, c)
			return nil
		})
		if err == nil {
			err = r.one(ctx, sqlCapturesEnd, []any{after, capturePages}, &last)
		}
		if err != nil {
			return wrap(err, "reading captures")
		}
		for _, c := range batch {
			if err := fn(c); err != nil {
				return err
			}
		}
		if last == 0 {
			return nil
		}
		after = last
	}
}

// capturePages is how many pages one query of Captures covers.
const capturePages = 500

// HasCapture tells whether a capture has been settled.
func (r *Reader) HasCapture(ctx context.Context, ref string) (bool, error) {
	file, position, err := splitRef(ref)
	if err != nil {
		return false, err
	}
	var n int
	err = r.one(ctx, sqlHasCapture, []any{file, position}, &n)
	return n > 0, wrap(err, "looking for capture %s", ref)
}

// LastCapture gives the position of the last settled capture of an archive file;
// ok is false when there is none.
func (r *Reader) LastCapture(ctx context.Context, file string) (position int64, ok bool, err error) {
	position = -1
	err = r.one(ctx, sqlLastCapture, []any{file}, &position)
	return position, position >= 0, wrap(err, "looking for the last capture of %s", file)
}

// Reading is what a capture says when it is read again.
type Reading struct {
	Site, Key     string  // the page
	Capture       string  // its reference, as settled
	Outcome       Outcome // OK, or what the capture turns out to be; "" means OK
	Extractor     int
	FactsVersion  int
	Kind          forum.Kind
	Contributions []forum.Contribution
	Links         []NewLink
	Gaps          map[string]int
	Posts         int
	Force         bool // replace although extractor and facts are not newer
}

// Reread replaces what a capture said by a new reading of it, when that was made
// by a newer extractor or under newer facts, or is forced; it tells whether it
// did. What the new reading no longer mentions is removed, and a document that no
// page mentions any more is retracted. A reading that finds no content (Outcome
// is not OK) removes nothing: a capture shows no absences. ErrNotFound when the
// capture was never settled for that page.
func (s *Store) Reread(ctx context.Context, r Reading) (bool, error) {
	file, position, err := splitRef(r.Capture)
	if err != nil {
		return false, err
	}
	replaced := false
	err = s.write(ctx, durable, func(t *tx) error {
		site, err := t.siteID(r.Site)
		if err != nil {
			return err
		}
		var c rereadRow
		ok, err := t.get(sqlRereadCapture, []any{site, r.Key, file, position}, &c.page, &c.contentAt, &c.file, &c.at, &c.extractor, &c.facts)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNotFound
		}
		if !r.Force && r.Extractor <= c.extractor && r.FactsVersion <= c.facts {
			return nil
		}
		replaced = true
		return t.reread(c, position, &r)
	})
	return replaced && err == nil, wrap(err, "reading %s again", r.Capture)
}

type rereadRow struct {
	page, contentAt, file, at int64
	extractor, facts          int
}

func (t *tx) reread(c rereadRow, position int64, r *Reading) error {
	outcome := Outcome(cmp.Or(string(r.Outcome), string(OK)))
	if outcome != OK && len(r.Contributions) > 0 {
		return fmt.Errorf("outcome %s cannot carry contributions", outcome)
	}
	if err := t.rereadPage(c, outcome, r); err != nil {
		return err
	}
	if err := t.exec(sqlRereadDone, outcome, r.Extractor, r.FactsVersion, c.file, position); err != nil {
		return err
	}
	if _, err := t.add(r.Links); err != nil {
		return err
	}
	t.count(map[string]int64{"reread": 1}, t.wrote)
	return nil
}

func (t *tx) rereadPage(c rereadRow, outcome Outcome, r *Reading) error {
	err := t.read(reading{
		page: c.page, key: r.Key, at: c.at, extractor: r.Extractor, facts: r.FactsVersion,
		contributions: r.Contributions, dropSame: true,
	})
	if err != nil || c.at < c.contentAt {
		return err // an older capture of the page: the newest one describes it
	}
	if err := t.saveGaps(c.page, r.Gaps); err != nil {
		return err
	}
	if outcome != OK {
		return t.exec(sqlRereadWall, outcome, r.Kind, c.page)
	}
	return t.exec(sqlRereadContent, outcome, r.Kind, r.Posts, c.at, c.at, c.page)
}
