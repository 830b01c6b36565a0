package main

import (
	"context"
	"fmt"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler/state"
)

// stallAfter is how long a run, or the delivery, may stand still without a reason
// before a person is called.
const stallAfter = 15 * time.Minute

// tell calls for what a run that has ended shows.
func (r *runner) tell(site study.Site, res siteResult) {
	say := func(name, format string, args ...any) {
		r.event(event{Event: name, Site: site.Name, Run: res.run, Message: fmt.Sprintf(format, args...), Counts: res.counts})
	}
	n := func(o state.Outcome) int64 { return res.counts[string(o)] }
	switch {
	case res.status == runWalled:
		say("wall", "the run stopped: %v", res.err)
	case res.err != nil:
		say("failed_run", "the run failed: %v", res.err)
	}
	if n(state.Challenged) > 0 {
		say("wall", "%d pages answered with a bot check instead of content", n(state.Challenged))
	}
	if seen := n(state.OK) + n(state.Unchanged); n(state.Walled) > seen {
		say("wall", "%d pages want a login or a permission, %d showed content", n(state.Walled), seen)
	}
	if drifted := res.counts["drifted"]; drifted > 0 {
		say("drift", "of %d pages not all posts may have been read: the forum's pages may have changed; `forumine probe` shows one", drifted)
	}
	r.tellRefused(res)
}

// tellRefused calls for documents that the index has refused since it was last
// looked.
func (r *runner) tellRefused(res siteResult) {
	n, err := r.p.store.CountDeadLetters(context.Background())
	if err != nil {
		r.log.Warn("dead letters cannot be counted", "error", err)
		return
	}
	r.mu.Lock()
	more := n - r.refused
	r.refused = n
	r.mu.Unlock()
	if more > 0 {
		r.event(event{Event: "dead_letters", Run: res.run, Message: fmt.Sprintf("the index refused %d more documents, %d in all: `forumine dead-letters list` says why", more, n)})
	}
}

func (r *runner) event(e event) {
	e.At, e.Config, e.Version = r.clock.Now().UTC(), r.cfg.Hash(), version
	r.log.Warn("a person is needed", "event", e.Event, "site", e.Site, "run", e.Run, "message", e.Message)
	r.notify.tell(e)
}

// watch looks after runs and delivery until ctx ends.
func (r *runner) watch(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.look(time.Now())
			r.destroyDue(ctx)
		}
	}
}

// look calls once for each run that stands still and waits for nothing, and for a
// delivery that has failed for a while.
func (r *runner) look(now time.Time) {
	for _, name := range r.stalled(now) {
		r.event(event{Event: "stall", Site: name, Message: fmt.Sprintf("the run has settled nothing for %s, and waits for nothing that is known", stallAfter)})
	}
	r.tellRefused(siteResult{})
	st := r.p.sender.Stats()
	failing := !st.Since.IsZero() && now.Sub(st.Since) > stallAfter
	r.mu.Lock()
	told := r.undelivered
	r.undelivered = failing
	r.mu.Unlock()
	if failing && !told {
		r.event(event{Event: "stall", Message: fmt.Sprintf("the index has taken no documents since %s: %s", st.Since.UTC().Format(time.RFC3339), st.LastError)})
	}
}

// stalled gives the sites whose runs have begun to stand still.
func (r *runner) stalled(now time.Time) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for name, a := range r.active {
		s := a.crawler.Stats()
		if s.Requests != a.requests || a.moved.IsZero() || !a.waits.IsZero() || s.WaitUntil.After(now) {
			a.requests, a.moved, a.told = s.Requests, now, false
			continue
		}
		if !a.told && now.Sub(a.moved) > stallAfter {
			a.told = true
			out = append(out, name)
		}
	}
	return out
}
