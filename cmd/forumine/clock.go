package main

import (
	"context"
	"time"
)

// clock is what a study's schedule goes by.
type clock interface {
	Now() time.Time
	// Until waits for a time; it ends early with the context's error.
	Until(ctx context.Context, at time.Time) error
}

// wallClock is the machine's. It looks again every minute: the clock may be set,
// and the machine may sleep.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Until(ctx context.Context, at time.Time) error {
	for ctx.Err() == nil {
		d := time.Until(at.Round(0)) // without the monotonic clock, which stands while the machine sleeps
		if d <= 0 {
			return nil
		}
		timer := time.NewTimer(min(d, time.Minute))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return ctx.Err()
}
