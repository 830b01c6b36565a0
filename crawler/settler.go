package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// What one transaction settles, for one host: a commit costs as much for several
// pages as for one. They are archived by then, and nobody waits for them, as long
// as the host has pages that are due.
const (
	settleMost  = 8
	settleBytes = 1 << 20 // as received; no more than that waits to be settled
)

// settler settles the URLs that a worker has visited while the worker visits the
// next ones.
type settler struct {
	c      *Crawler
	turns  *turns
	in     chan visit
	size   int64          // of what was put in since nothing waited
	wait   sync.WaitGroup // for what was put in
	broken atomic.Bool
	ended  chan error
}

func (c *Crawler) newSettler(ctx context.Context, t *turns) *settler {
	s := &settler{c: c, turns: t, in: make(chan visit, settleMost), ended: make(chan error, 1)}
	go s.run(ctx)
	return s
}

// visit is a URL that waits to be settled.
type visit struct {
	state.Visited
	stays bool // its worker goes on with the same slot
}

// put hands over a visited URL; it waits while too many wait to be settled.
func (s *settler) put(v visit) {
	s.wait.Add(1)
	s.in <- v
	if s.size += v.Settlement.Bytes; s.size >= settleBytes {
		s.wait.Wait()
		s.size = 0
	}
}

// failed tells whether settling has failed: then the run is over.
func (s *settler) failed() bool { return s.broken.Load() }

// end waits until everything is settled.
func (s *settler) end() error {
	close(s.in)
	return <-s.ended
}

func (s *settler) run(ctx context.Context) {
	var failed error
	for first := range s.in {
		batch, stays := s.fill(first)
		elsewhere, err := s.c.finish(ctx, batch)
		if err != nil {
			failed = errors.Join(failed, err)
			s.broken.Store(true)
		}
		for range batch {
			s.turns.leave(elsewhere || !stays || err != nil)
			s.wait.Done()
		}
	}
	s.ended <- failed
}

// fill gives what is settled together with a URL: what waits by now, unless there is
// much of it, or it is not archived and would be asked for again after a crash. It
// waits for no more: the links of what it has may be what the worker lacks. It tells
// whether the worker goes on with the slot of all.
func (s *settler) fill(v visit) (batch []state.Visited, stays bool) {
	batch, stays = []state.Visited{v.Visited}, v.stays
	size := v.Settlement.Bytes
	for len(batch) < settleMost && size < settleBytes && batch[len(batch)-1].Settlement.Capture != "" {
		select {
		case v, ok := <-s.in:
			if !ok {
				return batch, stays
			}
			batch, stays = append(batch, v.Visited), stays && v.stays
			size += v.Settlement.Bytes
		default:
			return batch, stays
		}
	}
	return batch, stays
}

// finish settles visited URLs, and tells whether that may have made anything due
// that a worker who goes on with their slot does not come to.
func (c *Crawler) finish(ctx context.Context, visits []state.Visited) (elsewhere bool, err error) {
	if err := c.settle(ctx, visits); err != nil {
		return true, err
	}
	for _, v := range visits {
		if v.Lease.Kind == forum.KindFeed {
			elsewhere = true
			if err := c.settledFeed(ctx, v.Lease, v.Settlement); err != nil {
				return true, err
			}
		}
		c.noteVisit(v.Lease, v.Settlement)
		if v.Lease.Kind == forum.KindSitemap {
			elsewhere = true
			if err := c.settledSitemap(ctx, v.Lease, v.Settlement); err != nil {
				return true, err
			}
		}
		audited, err := c.interleave(ctx, v.Lease)
		if err != nil {
			return true, err
		}
		c.opts.Settled()
		other := func(n state.NewLink) bool { return n.Slot != v.Lease.Slot }
		elsewhere = elsewhere || audited > 0 || slices.ContainsFunc(v.Settlement.Links, other)
	}
	return elsewhere, nil
}

// settle commits what visits say.
func (c *Crawler) settle(ctx context.Context, visits []state.Visited) error {
	halts := make([]bool, len(visits))
	for i := range visits {
		halts[i] = visits[i].Lease.Kind != forum.KindFeed && visits[i].Lease.Kind != forum.KindSitemap && c.loggedOut(&visits[i].Settlement)
	}
	for i, err := range c.store.SettleAll(context.WithoutCancel(ctx), visits...) {
		if err := c.settled(ctx, visits[i], halts[i], err); err != nil {
			return err
		}
	}
	return nil
}

// settled notes how settling a visit has ended.
func (c *Crawler) settled(ctx context.Context, visit state.Visited, halt bool, err error) error {
	l, v := visit.Lease, visit.Settlement
	switch {
	case errors.Is(err, state.ErrStaleLease):
		c.opts.Log.Warn("the lease had expired; the page is fetched again", "url", l.URL)
		return nil
	case err != nil:
		return fmt.Errorf("settling %s: %w", l.URL, err)
	}
	c.settledCapture(v.Capture)
	c.stats.settled(l, v)
	c.opts.Log.Debug("settled", "url", l.URL, "outcome", v.Outcome, "posts", v.Posts, "reason", v.Reason)
	if halt {
		return c.halt(ctx, l)
	}
	return nil
}
