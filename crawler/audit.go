package crawler

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Audit shapes the lane that reads old pages again, for what no listing shows:
// edits, deletions, reactions, threads that moved. Pages that changed lately come
// back soonest, every page comes back within Bounds.Max, and the lane takes at
// most Share of the budget: of the site's daily requests, or of what the delay
// leaves room for.
type Audit struct {
	Share  float64 // default 0.1; negative for no audit
	Bounds Bounds  // default a day to sixty days
}

const defaultShare = 0.1

// share is the part of the budget that the lane gets.
func (a Audit) share() float64 {
	switch {
	case a.Share == 0:
		return defaultShare
	case a.Share < 0:
		return 0
	}
	return min(a.Share, 1)
}

// auditLane is what is left of the lane's budget in this run, by site.
type auditLane struct {
	mu     sync.Mutex
	credit map[string]float64
	began  map[string]credit
	turn   int
}

// credit is what a site began the run with, and the time that it stands for.
type credit struct {
	pages float64
	since time.Time
}

// metaAudited is where the time is kept up to which a site's budget of the audit
// lane is used.
const metaAudited = "audited "

// maxCredit is how long the lane's budget adds up.
const maxCredit = 24 * time.Hour

// perDay is how many requests to a site fit into a day.
func (c *Crawler) perDay() float64 {
	switch {
	case c.opts.Budget.Requests > 0:
		return float64(c.opts.Budget.Requests)
	case c.opts.Delay > 0:
		return float64(24*time.Hour) / float64(c.opts.Delay)
	}
	return math.Inf(1)
}

// beginAudit reckons what the lane may use in this run: its share of the time
// since it was last used, at most of a day. Crawls of one thread have no audit.
func (c *Crawler) beginAudit(ctx context.Context) error {
	c.lane.credit, c.lane.began = map[string]float64{}, map[string]credit{}
	now := c.opts.Now()
	for site, scope := range c.scopes {
		if c.opts.Audit.share() == 0 || scope.Kind == forum.KindThread {
			continue
		}
		since := now.Add(-maxCredit)
		raw, err := c.store.Meta(ctx, metaAudited+site)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		if us, err := strconv.ParseInt(raw, 10, 64); err == nil && time.UnixMicro(us).After(since) {
			since = time.UnixMicro(us)
		}
		pages := c.opts.Audit.share() * c.perDay() * max(0, float64(now.Sub(since))/float64(24*time.Hour))
		if math.IsNaN(pages) {
			pages = 0
		}
		c.lane.credit[site], c.lane.began[site] = pages, credit{pages, since}
	}
	return nil
}

// endAudit stores how much of the lane's budget is used.
func (c *Crawler) endAudit(ctx context.Context) {
	now := c.opts.Now()
	for site, b := range c.lane.began {
		used := b.pages - c.lane.credit[site]
		if b.pages <= 0 || used <= 0 || math.IsInf(b.pages, 0) {
			continue
		}
		upTo := b.since.Add(time.Duration(float64(now.Sub(b.since)) * min(1, used/b.pages)))
		if err := c.store.SetMeta(ctx, metaAudited+site, strconv.FormatInt(upTo.UnixMicro(), 10)); err != nil {
			c.opts.Log.Warn("the audit's budget could not be stored", "error", err)
		}
	}
}

// interleave gives the lane its turn while other pages are visited: a run that
// never comes to its end still audits its share. It gives how many pages are due.
func (c *Crawler) interleave(ctx context.Context, l state.Lease) (int, error) {
	share := c.opts.Audit.share()
	if l.Audit || share == 0 {
		return 0, nil
	}
	c.lane.mu.Lock()
	defer c.lane.mu.Unlock()
	c.lane.turn++
	if c.lane.turn%max(1, int(1/share)) != 0 {
		return 0, nil
	}
	return c.audit(ctx, l.Site, 1)
}

// auditRest has the lane use what is left of its budget once nothing else is due;
// 0 when there is nothing to do, or the run is over for another reason.
func (c *Crawler) auditRest(ctx context.Context, verdict error) (int, error) {
	var pending *PendingError
	if !errors.Is(verdict, errDone) && !errors.As(verdict, &pending) {
		return 0, nil
	}
	sites, _, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	c.lane.mu.Lock()
	defer c.lane.mu.Unlock()
	total := 0
	for _, site := range sites {
		n, err := c.audit(ctx, site, auditBatch)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// auditBatch is how many pages the lane asks for at once.
const auditBatch = 100

// audit makes old pages of a site due, as far as the lane's budget goes.
func (c *Crawler) audit(ctx context.Context, site string, limit int) (int, error) {
	left := c.lane.credit[site]
	if left < 1 {
		return 0, nil
	}
	every := c.opts.Audit.Bounds.or(leastAudit, mostAudit).Max / 2
	n, err := c.store.Audit(context.WithoutCancel(ctx), site, state.AuditOptions{Limit: min(limit, int(min(left, 1e6))), PassEvery: every})
	c.lane.credit[site] = left - float64(n)
	return n, err
}
