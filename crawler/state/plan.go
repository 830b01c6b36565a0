package state

import "time"

// Plan says how the next visit of a URL is planned: with an interval of its own
// that grows by half when a visit finds nothing new and shrinks to the middle
// between half of it and Min when one does (StormCrawler's form), within Min and
// Max. A visit before the interval has passed that finds nothing new says nothing.
type Plan struct {
	Feed     bool // a source of news, which Refresh asks for; else a page of the audit lane
	Min, Max time.Duration
	Strict   bool          // Min holds for a source of news too, which at its shortest interval is else due whenever somebody asks
	First    time.Duration // of a page that has no interval yet; a reading may also shorten it to that
	Changed  bool          // the visit found something new; documents that changed say so too
}

// next gives the interval after a visit that came some time after the last one.
func (p Plan) next(every, elapsed time.Duration, changed, read bool) time.Duration {
	switch {
	case every <= 0:
		every = p.First
	case changed:
		every = every/2 + p.Min/2
	case elapsed >= every:
		every += every / 2
	}
	if read && p.First > 0 {
		every = min(every, p.First)
	}
	return min(max(every, p.Min), p.Max)
}

// visitPlan is when a URL is to be looked at again, 0 for never, and the interval
// that this was planned with, µs.
type visitPlan struct{ feedAt, visitAt, every int64 }

// planVisit plans when the URL is to be visited again. A source of news at its
// shortest interval is due whenever somebody asks; visits of the audit lane are
// spread, so that what was read on one day does not come back on one day.
func (t *tx) planVisit(l Lease, v *Settlement) visitPlan {
	if v.Plan == nil {
		return visitPlan{}
	}
	changed := v.Plan.Changed || !v.Plan.Feed && t.wrote["documents"] > 0
	now := t.s.opt.Now()
	elapsed := v.Plan.elapsed(now.Sub(l.SettledAt))
	every := v.Plan.next(l.Every, elapsed, changed, v.Outcome == OK && !v.Plan.Feed)
	if !v.Plan.Feed {
		spread := every - every/4*time.Duration(l.row*7919%1000)/1000
		return visitPlan{0, micros(now.Add(spread)), every.Microseconds()}
	}
	return visitPlan{v.Plan.feedAt(now, every), 0, every.Microseconds()}
}

// elapsed is how much of its interval a page's visit has waited for. Visits come up
// to a quarter of it early: audits are spread, and a crawl that begins at the same
// hour every day comes to a board now sooner, now later in its course.
func (p Plan) elapsed(since time.Duration) time.Duration {
	if p.Strict {
		return since
	}
	return since * 4 / 3
}

// feedAt is when a source of news is due again, 0 for whenever somebody asks.
func (p Plan) feedAt(now time.Time, every time.Duration) int64 {
	switch {
	case p.Strict:
		return micros(now.Add(every))
	case every <= p.Min:
		return 0
	}
	return micros(now.Add(every - every/4))
}
