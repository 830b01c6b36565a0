package state

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// SlotState is what is known of one slot. Times lie in the past or are zero when
// nothing holds the slot back.
type SlotState struct {
	Slot            string
	NextAt          time.Time // earliest next request, by its pace
	PausedUntil     time.Time
	PauseReason     string
	LeasedUntil     time.Time
	RobotsFetchedAt time.Time
}

func (t *tx) slotID(name string) (int64, error) {
	return t.insert(sqlEnsureSlot, name)
}

// SlotPause keeps Next away from a slot until a time, for a reason that Status
// shows. A zero until ends the pause.
func (s *Store) SlotPause(ctx context.Context, slot string, until time.Time, reason string) error {
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.slotID(slot)
		if err != nil {
			return err
		}
		if err := t.exec(sqlPauseSlot, micros(until), t.waitFor(until), reason, id); err != nil {
			return err
		}
		return t.exec(sqlPaceLanes, id)
	})
	return wrap(err, "pausing slot %s", slot)
}

// SlotState gives what is known of a slot; ErrNotFound when it has never been
// used.
func (r *Reader) SlotState(ctx context.Context, slot string) (SlotState, error) {
	out := SlotState{Slot: slot}
	var next, paused, leased, robots int64
	err := r.one(ctx, sqlSlot, []any{slot}, &next, &paused, &out.PauseReason, &leased, &robots)
	if err != nil {
		return SlotState{}, wrap(err, "reading slot %s", slot)
	}
	out.NextAt, out.PausedUntil, out.LeasedUntil = timeOf(next), timeOf(paused), timeOf(leased)
	out.RobotsFetchedAt = timeOf(robots)
	return out, nil
}

// SaveRobots keeps a slot's robots policy in the caller's own JSON.
func (s *Store) SaveRobots(ctx context.Context, slot string, policy json.RawMessage, fetchedAt time.Time) error {
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.slotID(slot)
		if err != nil {
			return err
		}
		return t.exec(sqlSaveRobots, []byte(policy), micros(fetchedAt), id)
	})
	return wrap(err, "saving robots of %s", slot)
}

// Robots gives a slot's robots policy and when it was fetched, which is never in
// the future; ErrNotFound when there is none.
func (r *Reader) Robots(ctx context.Context, slot string) (json.RawMessage, time.Time, error) {
	var policy []byte
	var at int64
	if err := r.one(ctx, sqlRobots, []any{slot}, &policy, &at); err != nil {
		return nil, time.Time{}, wrap(err, "reading robots of %s", slot)
	}
	return policy, timeOf(min(at, r.now().UnixMicro())), nil
}

// A host's own word for a pause (429 and 503): a minute where it names no time,
// doubled each time in a row, at most a day; forgiven after half an hour of quiet.
const (
	firstStrike = time.Minute
	maxStrike   = 24 * time.Hour
	forgiven    = 30 * time.Minute
)

// SlotStrike notes that a host asked to be left alone, and pauses its slot: for
// the time that the host names, else for a minute, doubled with each strike in a
// row. A negative time names none. Strikes outlive the process; half an hour
// after the end of a pause without another they are forgiven. It gives the pause.
func (s *Store) SlotStrike(ctx context.Context, slot string, named time.Duration, reason string) (time.Duration, error) {
	var pause time.Duration
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.slotID(slot)
		if err != nil {
			return err
		}
		if pause, err = t.strike(id, named); err != nil {
			return err
		}
		until := t.s.opt.Now().Add(pause)
		if err := t.exec(sqlPauseSlot, micros(until), pause.Microseconds(), reason, id); err != nil {
			return err
		}
		t.count(map[string]int64{"pauses": 1})
		return t.exec(sqlPaceLanes, id)
	})
	return pause, wrap(err, "pausing slot %s", slot)
}

func (t *tx) strike(slot int64, named time.Duration) (time.Duration, error) {
	var strikes int
	var quietSince int64
	if _, err := t.get(sqlStrikes, []any{slot}, &strikes, &quietSince); err != nil {
		return 0, err
	}
	now := t.s.opt.Now().UnixMicro()
	if now-quietSince > forgiven.Microseconds() {
		strikes = 0
	}
	pause := min(firstStrike<<min(strikes, 16), maxStrike)
	if named >= 0 {
		pause = min(max(named, time.Second), maxStrike)
	}
	return pause, t.exec(sqlStrike, strikes+1, now, slot)
}

// keepPace stores what a visit teaches of the slot's pace and takes from the
// site's budget.
func (t *tx) keepPace(l Lease, v *Settlement) error {
	if v.SlotGap > 0 && l.slot != 0 {
		gap := v.SlotGap.Microseconds()
		if err := t.exec(sqlSlotGap, gap, l.slot, gap); err != nil {
			return err
		}
	}
	if v.Requests == 0 && v.Bytes == 0 {
		return nil
	}
	return t.spend(l.Site, v.Requests, v.Bytes)
}

// day numbers the days of UTC: the unit of budgets.
func day(at time.Time) int64 { return at.Unix() / 86400 }

func (t *tx) spend(site string, requests int, bytes int64) error {
	id, err := t.siteID(site)
	if err != nil {
		return err
	}
	t.wrote["requests"] += int64(requests)
	t.wrote["bytes"] += bytes
	return t.exec(sqlSpend, id, day(t.s.opt.Now()), requests, bytes)
}

// Spend takes requests and bytes from today's budget of a site that no
// settlement tells of.
func (s *Store) Spend(ctx context.Context, site string, requests int, bytes int64) error {
	err := s.write(ctx, relaxed, func(t *tx) error {
		if err := t.spend(site, requests, bytes); err != nil {
			return err
		}
		t.count(t.wrote)
		return nil
	})
	return wrap(err, "counting requests to %s", site)
}

// Spent gives the requests and bytes that a site has cost on the day (UTC) of at.
func (r *Reader) Spent(ctx context.Context, site string, at time.Time) (requests, bytes int64, err error) {
	err = r.one(ctx, sqlSpent, []any{site, day(at)}, &requests, &bytes)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return requests, bytes, wrap(err, "reading the budget of %s", site)
}
