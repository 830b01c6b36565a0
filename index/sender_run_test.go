package index_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"forumine/index"
)

// TestSenderRun follows a whole life: rows of an earlier run go at once, a small
// delivery lingers, a wake brings more, the context's end is no error.
func TestSenderRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	slept := make(chan time.Duration)
	b := newBench(index.SenderOptions{Linger: 2 * time.Second, Sleep: func(ctx context.Context, d time.Duration) error {
		select {
		case slept <- d:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	b.outbox.add(doc("a", 1))
	go func() { done <- b.sender.Run(ctx) }()
	lingered := <-slept
	b.outbox.add(doc("b", 1))
	for lingered < 2*time.Second {
		lingered += <-slept
	}
	b.sender.Wake()
	b.sender.Wake() // never blocks
	for b.sender.Stats().Stored < 2 {
		select {
		case <-slept:
		case err := <-done:
			t.Fatalf("Run ended: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	checkSums(t, b.sender.Stats())
}

// TestSenderLingersNoLongerThanNeeded fills a delivery while it lingers: it goes at
// once then.
func TestSenderLingersNoLongerThanNeeded(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	var lingered []time.Duration
	var b *bench
	b = newBench(index.SenderOptions{MaxDocs: 3, Linger: 2 * time.Second, Sleep: func(ctx context.Context, d time.Duration) error {
		lingered = append(lingered, d)
		b.outbox.add(doc(strconv.Itoa(len(lingered)), 1))
		return ctx.Err()
	}})
	b.sink.script = append(b.sink.script, func(docs []index.Document) ([]index.Verdict, error) {
		cancel()
		return b.sink.store(docs), nil
	})
	b.outbox.add(doc("0", 1))
	if err := b.sender.Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
	if len(lingered) != 2 || len(b.sink.batches) == 0 || len(b.sink.batches[0]) != 3 {
		t.Errorf("lingered %v, delivered %v", lingered, b.sink.batches)
	}
}
