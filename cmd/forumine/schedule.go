package main

import (
	"context"
	"sync"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler/state"
)

// forever carries out every site's schedule until ctx ends.
func (r *runner) forever(ctx context.Context) {
	watched, done := context.WithCancel(ctx)
	var wg, watching sync.WaitGroup
	watching.Go(func() { r.watch(watched) })
	defer watching.Wait()
	defer done()
	for _, site := range r.cfg.Sites {
		wg.Go(func() { r.keep(ctx, site) })
	}
	wg.Wait()
}

// occasion is one run that is to be.
type occasion struct {
	due time.Time // as planned
	at  time.Time // as it is to begin: the jitter is in it
	why string
}

// The reasons for which a run begins.
const (
	whySchedule = "schedule"
	whyResume   = "resume"   // the last run did not end by itself
	whyMadeUp   = "catch-up" // it was due while no process lived
)

// keep carries out one site's schedule: the next run is planned when one has
// ended, so that two never overlap.
func (r *runner) keep(ctx context.Context, site study.Site) {
	next, err := r.first(ctx, site)
	if err != nil {
		r.log.Error("the last run cannot be read; the site is planned as if it had none", "site", site.Name, "error", err)
	}
	for ctx.Err() == nil {
		r.plan(site, next.at)
		if next.at.After(r.clock.Now()) {
			r.log.Info("a run is planned", "site", site.Name, "at", next.at.UTC().Format(time.RFC3339))
		}
		if r.clock.Until(ctx, next.at) != nil {
			return
		}
		res := r.crawl(ctx, site, next.due, next.why)
		if ctx.Err() == nil {
			r.tell(site, res)
		}
		next = r.following(site, next.due)
	}
}

// first plans a site's first run of this process, by its last run's record.
func (r *runner) first(ctx context.Context, site study.Site) (occasion, error) {
	runs, err := r.p.store.RunsOf(ctx, site.Name, 1)
	next := nextRun(site, runs, r.clock.Now())
	if next.why == whyMadeUp {
		r.miss(site, next.due)
		next.due = next.at
	}
	return next, err
}

// nextRun plans a site's next run by the record of its last one, when no run of it
// is under way. One that was missed is made up for now.
func nextRun(site study.Site, runs []state.Run, now time.Time) occasion {
	if len(runs) == 0 {
		due := site.Schedule.Next(time.Time{}, now)
		return occasion{due, jittered(site, due, now), whySchedule}
	}
	last := runs[0]
	if last.Status == state.RunInterrupted || last.Status == runStopped {
		return occasion{last.DueAt, now, whyResume}
	}
	due := site.Schedule.Next(last.DueAt, now)
	at := site.Schedule.Delayed(site.Name, due)
	if at.Before(now) {
		return occasion{due, now, whyMadeUp}
	}
	return occasion{due, at, whySchedule}
}

// jittered is when a first run begins: one that is due at once is not delayed.
func jittered(site study.Site, due, now time.Time) time.Time {
	if !due.After(now) {
		return due
	}
	return site.Schedule.Delayed(site.Name, due)
}

// following plans the run after one that was due at a time. Those that were due
// while it was under way are left out.
func (r *runner) following(site study.Site, due time.Time) occasion {
	now := r.clock.Now()
	next := site.Schedule.Next(due, now)
	skipped := int64(0)
	for !site.Schedule.Delayed(site.Name, next).After(now) {
		next = site.Schedule.Next(next, now)
		skipped++
	}
	if skipped > 0 {
		r.mu.Lock()
		r.skipped[site.Name] += skipped
		r.mu.Unlock()
		r.log.Warn("runs were due while another of the site was under way, and are left out", "site", site.Name, "runs", skipped)
	}
	return occasion{next, site.Schedule.Delayed(site.Name, next), whySchedule}
}

func (r *runner) plan(site study.Site, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.planned[site.Name] = at
}

// miss counts a run that was due while no process lived.
func (r *runner) miss(site study.Site, due time.Time) {
	r.mu.Lock()
	r.missed[site.Name]++
	r.mu.Unlock()
	r.event(event{Event: "missed_run", Site: site.Name, Message: "no process lived when a run was due at " + due.UTC().Format(time.RFC3339) + "; it is made up for now"})
}
