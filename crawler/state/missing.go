package state

import (
	"context"
	"time"

	"forumine/extract/forum"
)

// MarkMissing records a complete live pass over a thread that began at passStart:
// every page of it was seen by one viewer, without wall, truncation or drift (the
// caller's promise). A post that no page has shown since then is missed; missed
// by two passes in a row it counts as missing since the first. It gives how many
// posts became missing. A post that a page shows again is no longer missing.
func (s *Store) MarkMissing(ctx context.Context, thread string, passStart time.Time) (int, error) {
	n := 0
	err := s.write(ctx, durable, func(t *tx) (err error) {
		if n, err = t.markMissing(thread, micros(passStart)); err != nil {
			return err
		}
		t.count(t.wrote)
		return nil
	})
	return n, wrap(err, "marking missing posts of %s", thread)
}

func (t *tx) markMissing(thread string, pass int64) (int, error) {
	ids, err := t.ids(sqlUnseenPosts, thread, pass)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		became, err := t.miss(id, pass)
		if err != nil {
			return 0, err
		}
		n += became
	}
	return n, nil
}

func (t *tx) miss(id, pass int64) (int, error) {
	d, err := t.document(id)
	if err != nil {
		return 0, err
	}
	switch {
	case d.missedAt == 0:
		return 0, t.setMissing(d, pass, 0)
	case d.missingSince != 0 || d.missedAt >= pass:
		return 0, nil // known, or the same pass told twice
	}
	if err := t.setMissing(d, d.missedAt, d.missedAt); err != nil {
		return 0, err
	}
	if d.ref.Kind == forum.DocThread {
		return 1, t.foldThread(&mention{docRow: d}, map[int64]*mention{})
	}
	return 1, t.foldPost(&mention{docRow: d}, d.parent, false)
}

// setMissing stores when a post was first missed and since when it is missing. A
// change of the latter shows in the document, which is then delivered again.
func (t *tx) setMissing(d *docRow, missedAt, missingSince int64) error {
	if d.missedAt == missedAt && d.missingSince == missingSince {
		return nil
	}
	if d.missingSince != missingSince {
		d.digest = ""
	}
	if d.missingSince == 0 && missingSince != 0 && d.ref.Kind == forum.DocPost {
		t.wrote["posts_missing"]++
	}
	d.missedAt, d.missingSince = missedAt, missingSince
	return t.exec(sqlSetMissing, missedAt, missingSince, d.id)
}

// seenAgain tells the posts of an unchanged page that they are still there.
func (t *tx) seenAgain(page int64) error {
	ids, err := t.ids(sqlMissedOnPage, page)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d, err := t.document(id)
		if err != nil {
			return err
		}
		if err := t.foldPost(&mention{docRow: d}, d.parent, true); err != nil {
			return err
		}
	}
	return nil
}
