package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// Rounds that take long are rare, so that they take no more than their share.
func TestAuthorFoldsKeepTheirShare(t *testing.T) {
	for took, want := range map[time.Duration]int{0: 10, time.Second: 10, time.Minute: 2} {
		now, rounds := time.Unix(0, 0), 0
		a := &authorFolds{log: slog.New(slog.DiscardHandler), now: func() time.Time { return now }}
		a.fold = func(context.Context) (int, error) {
			rounds++
			now = now.Add(took)
			return 0, errors.New("not this time") // the end of the run folds them
		}
		for range 10 * foldEvery {
			now = now.Add(500 * time.Millisecond) // a round in 150 seconds
			a.settled(t.Context())
		}
		if rounds != want {
			t.Errorf("rounds of %v: %d of them in %v, want %d", took, rounds, now.Sub(time.Unix(0, 0)), want)
		}
	}
}
