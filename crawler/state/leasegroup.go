package state

import (
	"context"
	"errors"
	"time"

	"forumine/extract/forum"
)

// NextAfter is Next once a lease needs its slot no more: the page has been fetched
// and is yet to be settled. It leases up to most URLs of one slot, which are to be
// fetched one after the other: the last of them holds the slot. What may change what
// comes next is leased alone: a page that is no thread's, one that processes have
// died with, and where requests keep a distance.
func (s *Store) NextAfter(ctx context.Context, done Lease, most int, sites ...string) ([]Lease, error) {
	return s.next(ctx, func(t *tx) error { return t.freeSlot(done, time.Time{}) }, most, sites)
}

// leases grants a URL with its slot, and those that come after it on the slot.
func (t *tx) leases(row int64, most int, scope []int64) ([]Lease, error) {
	var all []Lease
	for {
		l, err := t.lease(row)
		if err != nil {
			return nil, err
		}
		if len(all) > 0 {
			all[len(all)-1].slot = 0
		}
		all = append(all, l)
		if len(all) == 1 {
			if most, err = t.company(l, most); err != nil {
				return nil, err
			}
		}
		more := false
		if len(all) < most && inCompany(l) {
			if row, more, err = t.best(l.slot, scope); err != nil {
				return nil, err
			}
		}
		if !more {
			return all, t.holdSlot(l)
		}
	}
}

// company bounds how many URLs are leased together: one where the slot has a gap.
func (t *tx) company(l Lease, most int) (int, error) {
	if most <= 1 {
		return 1, nil
	}
	var gap int64
	if _, err := t.get(sqlGapOf, []any{l.slot}, &gap); err != nil || gap > 0 {
		return 1, err
	}
	return most, nil
}

func inCompany(l Lease) bool { return l.Kind == forum.KindThread && l.Deaths == 0 }

// holdSlot has a lease hold its slot.
func (t *tx) holdSlot(l Lease) error {
	if err := t.exec(sqlLeaseSlot, l.Token, micros(l.Until), t.s.opt.Now().UnixMicro(), l.slot); err != nil {
		return err
	}
	return t.exec(sqlPaceLanes, l.slot)
}

// ReleaseRest gives back what NextAfter leased behind a URL that is yet to be
// settled. The slot is held by that URL's lease from then on, which it gives.
func (s *Store) ReleaseRest(ctx context.Context, keep Lease, rest ...Lease) (Lease, error) {
	if len(rest) == 0 {
		return keep, nil
	}
	slot := rest[len(rest)-1].slot
	err := s.write(ctx, relaxed, func(t *tx) error {
		for _, l := range rest {
			if err := t.release(l); err != nil && !errors.Is(err, ErrStaleLease) {
				return err
			}
		}
		if err := t.check(keep); err != nil {
			return err
		}
		l := keep
		l.slot = slot
		return t.holdSlot(l)
	})
	if err == nil {
		keep.slot = slot
	}
	return keep, wrap(err, "releasing what was leased with %s", keep.URL)
}
