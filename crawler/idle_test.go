package crawler

import (
	"context"
	"testing"
)

// Who looks while another worker still visits must look again once that visit has
// ended: what it found is of yesterday.
func TestTurnsTellOfAChange(t *testing.T) {
	t.Parallel()
	turns := newTurns()
	if !turns.take(t.Context()) {
		t.Fatal("the first turn was refused")
	}
	turns.begin()
	turns.pass()
	if !turns.take(t.Context()) {
		t.Fatal("the turn was not passed")
	}
	idle, changed := turns.idle()
	if idle {
		t.Fatal("a visit goes on, and nobody is said to visit")
	}
	turns.end()
	turns.wait(t.Context(), changed, 0) // ends at once, or the test hangs
	if idle, _ := turns.idle(); !idle {
		t.Error("nobody visits, and somebody is said to")
	}
}

func TestTurnsAreOneWorkers(t *testing.T) {
	t.Parallel()
	turns := newTurns()
	turns.take(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if turns.take(ctx) {
		t.Error("two workers have the turn")
	}
}
