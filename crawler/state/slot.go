package state

import (
	"context"
	"encoding/json"
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
