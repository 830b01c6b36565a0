package crawler

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Window is a part of each day. The zero Window is all of it.
type Window struct {
	From, To time.Duration // since midnight; To before From reaches into the next day
	Zone     *time.Location
}

// ParseWindow reads a window as "22:00-06:30", in a zone (nil for UTC).
func ParseWindow(s string, zone *time.Location) (Window, error) {
	from, to, ok := strings.Cut(s, "-")
	w := Window{Zone: zone}
	var errFrom, errTo error
	w.From, errFrom = clockTime(from)
	w.To, errTo = clockTime(to)
	if !ok || errFrom != nil || errTo != nil || w.From == w.To {
		return Window{}, fmt.Errorf("%q is no part of a day: give it as 22:00-06:30", s)
	}
	return w, nil
}

func clockTime(s string) (time.Duration, error) {
	at, err := time.Parse("15:04", strings.TrimSpace(s))
	if err != nil {
		return 0, err
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}

// Opens gives when the window is next open: now itself when it is.
func (w Window) Opens(now time.Time) time.Time {
	if w.From == w.To {
		return now
	}
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := now.In(zone)
	since := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	open := since >= w.From && since < w.To
	if w.To < w.From {
		open = since >= w.From || since < w.To
	}
	if open {
		return now
	}
	day := local.Day()
	if since >= w.From {
		day++
	}
	return time.Date(local.Year(), local.Month(), day, int(w.From.Hours()), int(w.From.Minutes())%60, 0, 0, zone)
}

// Budget is what a site may cost a day (UTC), robots.txt, redirects and retries
// included. Zero fields set no limit. It is kept over restarts.
type Budget struct {
	Requests int64
	Bytes    int64 // of bodies, as received
}

// open gives the sites that may be asked now: those whose window is open and
// whose budget is not used up. For the others it gives when the first one may.
func (c *Crawler) open(ctx context.Context) (sites []string, opens time.Time, err error) {
	now := c.opts.Now()
	for _, site := range c.siteIDs() {
		at, err := c.opensAt(ctx, site, now)
		switch {
		case err != nil:
			return nil, opens, err
		case !at.After(now):
			sites = append(sites, site)
		case opens.IsZero() || at.Before(opens):
			opens = at
		}
	}
	return sites, opens, nil
}

// opensAt is when a site may be asked next.
func (c *Crawler) opensAt(ctx context.Context, site string, now time.Time) (time.Time, error) {
	w, ok := c.opts.SiteWindow[site]
	if !ok {
		w = c.opts.Window
	}
	b := c.opts.Budget
	if b.Requests <= 0 && b.Bytes <= 0 {
		return w.Opens(now), nil
	}
	requests, bytes, err := c.store.Spent(ctx, site, now)
	if err != nil {
		return now, err
	}
	if b.Requests > 0 && requests >= b.Requests || b.Bytes > 0 && bytes >= b.Bytes {
		return w.Opens(now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)), nil
	}
	return w.Opens(now), nil
}
