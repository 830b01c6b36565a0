package crawler

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A slot that is taken stays so until the request is done, whoever asks.
func TestPacerGivesASlotToOneRequest(t *testing.T) {
	p := newPacer(0)
	if err := p.take(t.Context(), "forum.example:80"); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.take(ended, "forum.example:80"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a slot in use was given again: %v", err)
	}
	if err := p.take(t.Context(), "other.example:80"); err != nil {
		t.Fatalf("another slot was held up: %v", err)
	}
	p.done("forum.example:80", 0)
	if err := p.take(t.Context(), "forum.example:80"); err != nil {
		t.Fatalf("a slot that is free was refused: %v", err)
	}
}

// The next request waits for the delay, and a wait that is cancelled lets the
// slot go.
func TestPacerWaits(t *testing.T) {
	p := newPacer(time.Hour)
	if err := p.take(t.Context(), "a:80"); err != nil {
		t.Fatal(err)
	}
	if next := p.done("a:80", 0); time.Until(next) < 50*time.Minute {
		t.Errorf("the next request may come at %s", next)
	}
	for range 2 {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.take(ended, "a:80"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the wait", err)
		}
	}
	if len(p.busy["a:80"]) != 0 {
		t.Error("a cancelled wait keeps the slot")
	}
}
