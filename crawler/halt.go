package crawler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// errLoggedOut says that a session does not hold.
var errLoggedOut = errors.New("the forum asks for a login in spite of the cookies: their session has ended, or the account may not see this; " +
	"log in with a browser, export its cookies again and run the same command")

// halts are the sites whose crawl this run has ended, with the reasons.
type halts struct {
	mu  sync.Mutex
	why map[string]error
}

// loggedOut tells whether a page that asked for a login shows that the session of
// the cookies does not hold. The page is then not settled as walled: it waits for
// a session that holds.
func (c *Crawler) loggedOut(v *state.Settlement) bool {
	if c.opts.Viewer == guest || v.Outcome != state.Walled || v.Kind != forum.KindLogin {
		return false
	}
	v.Outcome, v.Reason, v.RetryAt = state.Retry, "asks for a login in spite of the cookies", c.opts.Now()
	v.Plan = nil
	return true
}

// halt ends the crawl of a site for this run: everything that waits is set aside.
// The next run takes it up.
func (c *Crawler) halt(ctx context.Context, l state.Lease) error {
	err := fmt.Errorf("%s: %w", l.URL, errLoggedOut)
	c.opts.Log.Error("the crawl of the site stops", "site", l.Site, "error", err)
	c.halted.mu.Lock()
	if c.halted.why == nil {
		c.halted.why = map[string]error{}
	}
	c.halted.why[l.Site] = err
	c.halted.mu.Unlock()
	_, failed := c.store.Focus(context.WithoutCancel(ctx), l.Site, func(state.Queued) bool { return false })
	return failed
}

// Halted gives the reasons for which crawls of sites were ended; nil when none
// was.
func (c *Crawler) Halted() error {
	c.halted.mu.Lock()
	defer c.halted.mu.Unlock()
	var all []error
	for _, site := range slices.Sorted(maps.Keys(c.halted.why)) {
		all = append(all, c.halted.why[site])
	}
	return errors.Join(all...)
}
