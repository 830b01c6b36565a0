package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// What one transaction settles, for one host: a commit costs as much for several
// pages as for one. They are archived by then, and nobody waits for them, as long
// as the host has pages that are due.
const (
	settleMost  = 8
	settleBytes = 2 << 20 // as received; no more than that waits to be settled
	settleLate  = 200 * time.Millisecond
)

// settler settles the URLs that a worker has visited while the worker visits the
// next ones.
type settler struct {
	c      *Crawler
	turns  *turns
	group  []visit // what comes next
	size   int64   // of what was put in since nothing waited
	in     chan []visit
	wait   sync.WaitGroup // for the groups that were handed over
	broken atomic.Bool
	ended  chan error
}

func (c *Crawler) newSettler(ctx context.Context, t *turns) *settler {
	s := &settler{c: c, turns: t, in: make(chan []visit), ended: make(chan error, 1)}
	go s.run(ctx)
	return s
}

// visit is a URL that waits to be settled.
type visit struct {
	state.Visited
	stays bool // its worker goes on with the same slot
}

// put takes in a visited URL, to be settled with those that come after it and at the
// next pass at the latest. What is not archived would be asked for again after a
// crash, and what somebody else may wait for is not kept back either.
func (s *settler) put(v visit) {
	s.group = append(s.group, v)
	s.size += v.Settlement.Bytes
	if len(s.group) == settleMost || s.size >= settleBytes || v.Settlement.Capture == "" || !v.stays {
		s.pass()
	}
}

// pass hands over what was put in, and waits while too much waits to be settled.
func (s *settler) pass() {
	if len(s.group) == 0 {
		return
	}
	s.wait.Add(1)
	s.in <- s.group
	s.group = nil
	if s.size >= settleBytes {
		s.wait.Wait()
		s.size = 0
	}
}

// during has a visit done, and hands over what was put in before when it takes long:
// a host that does not answer holds nothing back that others have said.
func (s *settler) during(visit func()) {
	if len(s.group) == 0 {
		visit()
		return
	}
	passed := make(chan struct{})
	late := time.AfterFunc(settleLate, func() {
		s.pass()
		close(passed)
	})
	visit()
	if !late.Stop() {
		<-passed
	}
}

// failed tells whether settling has failed: then the run is over.
func (s *settler) failed() bool { return s.broken.Load() }

// end waits until everything is settled.
func (s *settler) end() error {
	s.pass()
	close(s.in)
	return <-s.ended
}

func (s *settler) run(ctx context.Context) {
	var failed error
	for group := range s.in {
		visits, stays := make([]state.Visited, len(group)), true
		for i, v := range group {
			visits[i], stays = v.Visited, stays && v.stays
		}
		elsewhere, err := s.c.finish(ctx, visits)
		if err != nil {
			failed = errors.Join(failed, err)
			s.broken.Store(true)
		}
		for range group {
			s.turns.leave(elsewhere || !stays || err != nil)
		}
		s.wait.Done()
	}
	s.ended <- failed
}

// finish settles visited URLs, and tells whether that may have made anything due
// that a worker who goes on with their slot does not come to.
func (c *Crawler) finish(ctx context.Context, visits []state.Visited) (elsewhere bool, err error) {
	if err := c.sync(visits); err != nil {
		return true, err
	}
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

// sync has on disk what visits brought, before anything says that it is there.
func (c *Crawler) sync(visits []state.Visited) error {
	var refs []archive.Ref
	for _, v := range visits {
		if r, err := archive.ParseRef(v.Settlement.Capture); err == nil {
			refs = append(refs, r)
		}
	}
	return c.archive.Sync(refs...)
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
