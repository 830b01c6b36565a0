package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"forumine/crawler/fetch"
	"forumine/crawler/robots"
	"forumine/crawler/state"
)

// gate asks robots.txt. Policies are kept in the state for a day.
type gate struct {
	store *state.Store
	agent string
	now   func() time.Time
	log   *slog.Logger
}

// errRobotsWait says that a host could not tell its rules: nothing of it is
// fetched for now (RFC 9309 §2.3.1.4).
var errRobotsWait = errors.New("robots.txt cannot be had")

// policy is the host's policy, fetched when the stored one is too old. The
// slot of the page is the caller's; robots.txt is asked within it.
func (c *Crawler) policy(ctx context.Context, w *hand, u *url.URL) (robots.Policy, error) {
	slot := Slot(u)
	p, ok, err := c.gate.stored(ctx, slot)
	if err != nil || ok {
		return p, err
	}
	p, err = c.fetchRobots(ctx, w, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"})
	if err != nil {
		return p, err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return p, fmt.Errorf("encoding robots policy: %w", err)
	}
	return p, c.store.SaveRobots(ctx, slot, raw, p.FetchedAt)
}

func (g *gate) stored(ctx context.Context, slot string) (p robots.Policy, ok bool, err error) {
	raw, _, err := g.store.Robots(ctx, slot)
	if errors.Is(err, state.ErrNotFound) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return robots.Policy{}, false, nil //nolint:nilerr // written by another version: ask again
	}
	return p, p.Fresh(g.now()), nil
}

// fetchRobots follows up to five redirects, also to other hosts (RFC 9309
// §2.3.1.2), and never fails for a host's fault: that is a policy too.
func (c *Crawler) fetchRobots(ctx context.Context, w *hand, u *url.URL) (robots.Policy, error) {
	defer func(limit int64) { w.limit = limit }(w.limit)
	w.limit = 0
	for range robots.MaxRedirects + 1 {
		res, err := c.request(ctx, w, u, nil)
		if ctx.Err() != nil {
			return robots.Policy{}, ctx.Err()
		}
		if errors.Is(err, fetch.ErrTooLarge) {
			return robots.FromResponse(404, nil, c.opts.Now()), nil
		}
		if _, paused := errors.AsType[*pausedError](err); paused {
			return robots.Policy{}, err
		}
		if err != nil {
			if errors.Is(err, fetch.ErrPrivateAddress) || errors.Is(err, fetch.ErrScheme) {
				return robots.Policy{}, err
			}
			c.opts.Log.Warn("robots.txt cannot be fetched", "url", u.String(), "error", err)
			return robots.FromResponse(0, nil, c.opts.Now()), nil
		}
		if res.Status < 300 || res.Status >= 400 || res.Location == "" {
			return robots.FromResponse(res.Status, res.Body, c.opts.Now()), nil
		}
		next, err := url.Parse(res.Location)
		if err != nil {
			break
		}
		u = next
	}
	return robots.FromResponse(302, nil, c.opts.Now()), nil
}

// allowed asks the policy of the URL's host. A host that could not say gives
// errRobotsWait.
func (c *Crawler) allowed(ctx context.Context, w *hand, u *url.URL) (robots.Decision, error) {
	p, err := c.policy(ctx, w, u)
	if err != nil {
		return robots.Decision{}, err
	}
	if p.State == robots.Wait {
		return robots.Decision{}, errRobotsWait
	}
	if d, ok := p.CrawlDelay(c.opts.UserAgent); ok {
		c.pace.crawlDelay(Slot(u), d)
	}
	return p.Allowed(c.opts.UserAgent, u.RequestURI()), nil
}

// hand is what one worker fetches with; it counts what a visit costs.
type hand struct {
	*fetch.Worker
	requests int
	bytes    int64
	limit    int64 // of a body, as received; 0 for the fetcher's own
}

// request makes one polite request. A slot that pauses gives a *pausedError.
func (c *Crawler) request(ctx context.Context, w *hand, u *url.URL, header map[string][]string) (*fetch.Result, error) {
	slot := Slot(u)
	if err := c.resume(ctx, slot); err != nil {
		return nil, err
	}
	if err := c.pace.take(ctx, slot); err != nil {
		return nil, err
	}
	res, err := w.Fetch(ctx, fetch.Request{URL: u.String(), Header: header, MaxBytes: w.limit})
	size, took := 0, time.Duration(0)
	if res != nil {
		size, took = len(res.Coded), res.Finished.Sub(res.Started)
	}
	c.pace.done(slot, took)
	w.requests++
	w.bytes += int64(size)
	c.stats.request(u.Host, u.String(), size)
	return res, err
}

// pausedError says that a slot asked to be left alone for a time.
type pausedError struct {
	slot, reason string
	until        time.Time
}

func (e *pausedError) Error() string {
	return fmt.Sprintf("%s is left alone until %s: %s", e.slot, e.until.UTC().Format(time.RFC3339), e.reason)
}

// resume takes over what earlier processes knew of a slot's pace. Pages are
// leased together with their slot; a redirect's hop, a robots file or a first
// address may lead to another, whose pause counts as well.
func (c *Crawler) resume(ctx context.Context, slot string) error {
	if c.store == nil {
		return nil
	}
	s, err := c.store.SlotState(ctx, slot)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.PausedUntil.After(c.opts.Now()) {
		return &pausedError{slot, s.PauseReason, s.PausedUntil}
	}
	c.pace.resume(slot, s.NextAt.Sub(c.opts.Now()))
	return nil
}

// strike notes that a host asked for a pause (429 or 503).
func (c *Crawler) strike(ctx context.Context, slot string, h http.Header, reason string) error {
	named, ok := retryAfter(h, c.opts.Now())
	if !ok {
		named = -1
	}
	d, err := c.store.SlotStrike(context.WithoutCancel(ctx), slot, named, reason)
	if err != nil {
		return err
	}
	c.opts.Log.Warn("host pauses", "slot", slot, "for", d.Round(time.Second).String(), "reason", reason)
	return nil
}
