package state

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestTogether settles what has waited for the writer in one transaction, and where
// one of them is refused, the others all the same.
func TestTogether(t *testing.T) {
	for _, refused := range []int{-1, 3} {
		t.Run(strconv.Itoa(refused), func(t *testing.T) {
			r := newRig(t, openTemp)
			s, ok := r.store.(*Store)
			if !ok {
				t.Fatal("the rig is no Store")
			}
			const n = 8
			var leases []Lease
			for i := range n {
				l := link(fmt.Sprint("u", i), 1)
				l.Slot = fmt.Sprint("slot", i)
				r.add(1, l)
				lease, err := s.Next(r.ctx)
				if err != nil {
					t.Fatal(err)
				}
				if i == refused {
					lease.Token++
				}
				leases = append(leases, lease)
			}
			errs := settleAtOnce(t, r, s, leases)
			for i, err := range errs {
				if stale := errors.Is(err, ErrStaleLease); stale != (i == refused) || !stale && err != nil {
					t.Errorf("lease %d: %v", i, err)
				}
			}
			st, err := s.Status(r.ctx)
			if err != nil {
				t.Fatal(err)
			}
			want := int64(n)
			if refused >= 0 {
				want--
			}
			if st.Outcomes[OK] != want {
				t.Errorf("outcomes %v, want %d ok", st.Outcomes, want)
			}
		})
	}
}

// settleAtOnce keeps the writer busy until all have queued up.
func settleAtOnce(t *testing.T, r *rig, s *Store, leases []Lease) []error {
	t.Helper()
	errs := make([]error, len(leases))
	var wg sync.WaitGroup
	at := s.Observe() // which writes
	s.mu.Lock()
	for i, l := range leases {
		wg.Go(func() {
			errs[i] = s.Settle(r.ctx, l, Settlement{Outcome: OK, ObservedAt: at, Contributions: crashPage(i).Contributions})
		})
	}
	waiting := 0
	for deadline := time.Now().Add(time.Minute); waiting < len(leases) && time.Now().Before(deadline); runtime.Gosched() {
		s.queueMu.Lock()
		waiting = len(s.queue)
		s.queueMu.Unlock()
	}
	if waiting < len(leases) {
		t.Errorf("only %d of %d have queued up", waiting, len(leases))
	}
	before := s.last
	s.mu.Unlock()
	wg.Wait()
	if s.last <= before {
		t.Error("nothing was written")
	}
	return errs
}
