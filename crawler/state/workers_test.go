package state

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestWorkers lets eight workers crawl five slots at once: every URL is settled
// once, and no slot serves two of them at a time.
func TestWorkers(t *testing.T) {
	r := newRig(t, openTemp)
	const urls, slots = 150, 5
	for i := range urls {
		l := link(fmt.Sprint("u", i), i%3)
		l.Slot = fmt.Sprint("slot", i%slots)
		r.add(1, l)
	}
	var mu sync.Mutex
	busy, visits := map[string]bool{}, map[string]int{}
	enter := func(l Lease) {
		mu.Lock()
		defer mu.Unlock()
		if busy[l.Slot] {
			t.Errorf("two leases on %s", l.Slot)
		}
		busy[l.Slot] = true
		visits[l.Key]++
	}
	leave := func(l Lease) {
		mu.Lock()
		defer mu.Unlock()
		delete(busy, l.Slot)
	}
	work := func() error {
		for {
			l, err := r.Next(r.ctx)
			if _, wait := errors.AsType[*WaitError](err); wait {
				r.clock.add(time.Microsecond)
				continue // others hold the slots
			}
			if errors.Is(err, ErrEmpty) {
				return nil
			}
			if err != nil {
				return err
			}
			enter(l)
			v := Settlement{Outcome: OK, ObservedAt: r.Observe(), Contributions: crashPage(int(l.Token) % 100).Contributions}
			leave(l) // before Settle frees the slot
			if err := r.Settle(r.ctx, l, v); err != nil {
				return err
			}
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := work(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for key, n := range visits {
		if n != 1 {
			t.Errorf("%s was leased %d times", key, n)
		}
	}
	if len(visits) != urls {
		t.Errorf("%d of %d URLs were leased", len(visits), urls)
	}
	checkInvariants(t, r.store.(*Store))
}
