package crawler

import (
	"context"
	"errors"
	"testing"
)

// A worker that looked while another one still held a lease must look again
// once that lease is settled: its verdict is of yesterday.
func TestIdlersDropAVerdictThatIsOvertaken(t *testing.T) {
	t.Parallel()
	stale := errors.New("stale")
	i := newIdlers(2)
	looked := i.changes()
	i.wakeAll() // the other worker settles its lease …
	other := make(chan error)
	go func() { other <- i.last(t.Context(), i.changes(), errDone) }() // … and finds nothing more
	for waits := false; !waits; {
		i.mu.Lock()
		waits = i.idle == 1
		i.mu.Unlock()
	}
	if err := i.last(t.Context(), looked, stale); err != nil {
		t.Fatalf("the overtaken verdict stands: %v", err)
	}
	if err := i.last(t.Context(), i.changes(), errDone); !errors.Is(err, errDone) {
		t.Fatalf("the verdict of the last look is %v, want errDone", err)
	}
	i.wakeAll()
	if err := <-other; err != nil {
		t.Errorf("the waiting worker is told %v", err)
	}
}

func TestIdlersEndWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	i := newIdlers(2)
	if err := i.last(ctx, i.changes(), errDone); err != nil {
		t.Errorf("one idle worker of two is told %v", err)
	}
}
