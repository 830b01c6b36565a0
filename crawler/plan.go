package crawler

import (
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Bounds are the shortest and the longest interval between two visits of a page.
type Bounds struct{ Min, Max time.Duration }

// The bounds that are used where none are given: a board is looked at whenever a
// crawl asks, and at least once a day; an old page after a day at the earliest,
// and at least every sixty days.
const (
	leastFeed  = 5 * time.Minute
	mostFeed   = 24 * time.Hour
	leastAudit = 24 * time.Hour
	mostAudit  = 60 * 24 * time.Hour
)

func (b Bounds) or(least, most time.Duration) Bounds {
	if b.Min <= 0 {
		b.Min = least
	}
	if b.Max <= 0 {
		b.Max = most
	}
	return Bounds{Min: min(b.Min, b.Max), Max: b.Max}
}

// feedPlan is the plan for the listings of a site's boards, within the bounds that
// are given for it. A shortest interval of a single site is kept to.
func (c *Crawler) feedPlan(site string) *state.Plan {
	given, ok := c.opts.SiteInterval[site]
	if !ok {
		given = c.opts.Interval
	}
	b := given.or(leastFeed, mostFeed)
	return &state.Plan{Feed: true, Min: b.Min, Max: b.Max, First: b.Min, Strict: ok && given.Min > 0}
}

// plan plans the next visit of a page: the index and the first pages of boards
// are sources of news, everything else is looked at by the audit lane. What waits
// for `forumine retry`, or is no page, has no plan.
func (c *Crawler) plan(l state.Lease, o state.Outcome) *state.Plan {
	audit := c.opts.Audit.Bounds.or(leastAudit, mostAudit)
	p := &state.Plan{Min: audit.Min, Max: audit.Max, First: audit.Max}
	if l.Kind == forum.KindFile || l.Kind == forum.KindFeed || l.Kind == forum.KindSitemap {
		return nil
	}
	switch o {
	case state.OK, state.Unchanged:
	case state.Gone:
		p.First = p.Min
		p.Changed = l.Outcome != state.Gone
		return p
	case state.Walled, state.Moved, state.Robots, state.Unreadable:
		p.Min = p.Max
		return p
	default:
		return nil
	}
	switch {
	case l.Kind == forum.KindIndex:
		return &state.Plan{Feed: true}
	case l.Kind == forum.KindBoard && l.Page <= 1:
		return c.feedPlan(l.Site)
	}
	return p
}

// firstAudit is the interval of a thread's page by the age of its newest post:
// posts are mostly edited and deleted while they are new.
func firstAudit(p *forum.Page, b state.Plan, now time.Time) time.Duration {
	var newest time.Time
	for _, post := range p.Posts {
		if post.Published.Known() && post.Published.At.After(newest) {
			newest = post.Published.At
		}
	}
	if newest.IsZero() {
		return b.First
	}
	return min(max(now.Sub(newest)/2, b.Min), b.Max)
}

// drifted tells whether posts of a thread's page may have been overlooked: its
// engine's marks were not found, there is not one post, or fewer than the page
// itself counts. Nothing is then said to be absent.
func drifted(p *forum.Page) bool {
	if p.Kind != forum.KindThread {
		return false
	}
	for _, w := range p.Extract.Warnings {
		if w == "selector_fallback" || w == "guessed" {
			return true
		}
	}
	t := p.Thread
	if t == nil || len(p.Posts) == 0 {
		return true
	}
	return t.PageCount <= 1 && p.Next == "" && t.Page <= 1 && t.ReplyCount != nil && !t.CountsRounded && int64(len(p.Posts)) <= *t.ReplyCount
}
