package state

import (
	"context"
	"strconv"
	"sync"
	"time"
)

// reserve is how far ahead observation times are reserved on disk: one write a
// second at most, and after a crash the clock goes on at most this far ahead.
const reserve = time.Second

// clock hands out strictly rising observation times.
type clock struct {
	mu       sync.Mutex
	last     int64 // µs, newest time handed out
	reserved int64 // µs, times up to here outlive the process
}

func (c *clock) start(reserved int64) { c.last, c.reserved = reserved, reserved }

// Observe gives the time of an observation: the clock, or 1 µs more than the
// last one given when the clock stands or has stepped back. Times rise strictly
// within one data folder, over restarts too.
func (s *Store) Observe() time.Time {
	c := &s.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(s.opt.Now().UnixMicro(), c.last+1)
	if c.last > c.reserved {
		s.reserve(c.last + reserve.Microseconds())
	}
	return timeOf(c.last)
}

// Moment gives a time between those of the transactions before it and of those after
// it, however the clock steps.
func (s *Store) Moment(ctx context.Context) (at time.Time, err error) {
	err = s.write(ctx, relaxed, func(t *tx) error {
		at = timeOf(t.now)
		return nil
	})
	return at, err
}

func (s *Store) reserve(until int64) {
	err := s.write(context.Background(), durable, func(t *tx) error {
		return t.setMeta("observed", strconv.FormatInt(until, 10))
	})
	if err != nil {
		// The time itself is right; the next Settle meets the same fault and reports it.
		s.opt.Log.Warn("reserving observation times", "err", err)
		return
	}
	s.clock.reserved = until
}

// observed bounds the time of an observation that was made elsewhere: a capture
// from the future would win over every later one. A zero time is taken as now.
func (s *Store) observed(at time.Time) int64 {
	if at.IsZero() {
		return s.Observe().UnixMicro()
	}
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return min(at.UnixMicro(), max(s.opt.Now().UnixMicro(), s.clock.last))
}
