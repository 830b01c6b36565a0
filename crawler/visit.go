package crawler

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/robots"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// maxHops is how many redirects one visit follows.
const maxHops = 5

// truncatedTries is how often a response that was cut short is asked for again
// before what came is taken.
const truncatedTries = 3

// take fetches one leased URL, archives what came and has it read; false when
// there is nothing to settle. An error ends the run: the state or the archive
// cannot be written. Everything else is an outcome.
func (c *Crawler) take(ctx context.Context, w *hand, l state.Lease) (state.Settlement, bool, error) {
	if l.Kind == forum.KindFile {
		return c.takeFile(ctx, w, l)
	}
	if l.Kind == forum.KindSitemap {
		return c.takeSitemap(ctx, w, l)
	}
	return c.takePage(ctx, w, l)
}

func (c *Crawler) takePage(ctx context.Context, w *hand, l state.Lease) (state.Settlement, bool, error) {
	w.requests, w.bytes = 0, 0
	var err error
	if l.Kind == forum.KindFeed {
		if l, err = c.fresh(ctx, l); err != nil {
			return state.Settlement{}, false, c.giveBack(ctx, l, err)
		}
	}
	v, err := c.attempt(ctx, w, l)
	if err != nil || v.Outcome == "" { // an empty outcome: the host pauses; back to the queue, no attempt counted
		if err == nil {
			c.settledCapture(v.Capture)
		}
		return v, false, errors.Join(c.giveBack(ctx, l, err), c.spent(ctx, w, l))
	}
	if err := c.complement(ctx, w, l, &v); err != nil {
		return v, false, c.giveBack(ctx, l, err)
	}
	return v, true, nil
}

// complement adds to a live visit's settlement what the crawl knows beside the
// page: pace, costs, the plan of the next visit.
func (c *Crawler) complement(ctx context.Context, w *hand, l state.Lease, v *state.Settlement) error {
	slot := c.slotOf(l)
	if wait := c.pace.wait(slot); wait > 0 {
		v.SlotNextAt = c.opts.Now().Add(wait)
	}
	v.SlotGap = c.pace.gap(slot)
	v.Requests, v.Bytes = w.requests, w.bytes
	v.Live = true
	if v.Viewer == "" {
		v.Viewer = c.opts.Viewer
	}
	if v.Plan == nil {
		v.Plan = c.plan(l, v.Outcome)
	}
	return c.shrunk(ctx, l, v)
}

// guest is the viewer who is not logged in.
const guest = "guest"

// spent counts the requests of a visit that is not settled.
func (c *Crawler) spent(ctx context.Context, w *hand, l state.Lease) error {
	if w.requests == 0 {
		return nil
	}
	return c.store.Spend(context.WithoutCancel(ctx), l.Site, w.requests, w.bytes)
}

// settledCapture notes that a visit's capture needs no settling any more.
func (c *Crawler) settledCapture(ref string) {
	if r, err := archive.ParseRef(ref); err == nil && ref != "" {
		c.done(r)
	}
}

func (c *Crawler) slotOf(l state.Lease) string {
	u, err := url.Parse(l.URL)
	if err != nil {
		return l.Slot
	}
	return Slot(u)
}

// giveBack returns a lease unharmed. A cancelled crawl is no error here.
func (c *Crawler) giveBack(ctx context.Context, l state.Lease, cause error) error {
	if l.Kind != forum.KindFile {
		c.stats.unreserve()
	}
	if err := c.store.Release(context.WithoutCancel(ctx), l); err != nil && !errors.Is(err, state.ErrStaleLease) {
		return errors.Join(cause, fmt.Errorf("returning a lease: %w", err))
	}
	if cause != nil && ctx.Err() != nil {
		return nil
	}
	return cause
}

// attempt gives the settlement of one visit; an empty outcome means that the
// host must be left alone for a while.
func (c *Crawler) attempt(ctx context.Context, w *hand, l state.Lease) (state.Settlement, error) {
	u, err := url.Parse(l.URL)
	if err != nil {
		return outcome(state.OutOfScope, "the address cannot be read"), nil
	}
	c.pace.known(l.Slot)
	recent := state.Settlement{} // of a listing that showed only recent threads
	v, err := c.hops(ctx, w, l, u, &recent)
	if err != nil || recent.Outcome == "" {
		return v, err
	}
	return c.wholeOr(l, v, recent), nil
}

// hops follows a visit from an address to the next, and gives the last one's
// settlement.
func (c *Crawler) hops(ctx context.Context, w *hand, l state.Lease, u *url.URL, recent *state.Settlement) (state.Settlement, error) {
	for range maxHops + 1 {
		c.approach(l, u)
		decision, err := c.allowed(ctx, w, u)
		switch {
		case errors.Is(err, errRobotsWait) && (l.Kind == forum.KindFile || l.Kind == forum.KindSitemap):
			return c.retry(l, "robots.txt cannot be had"), nil
		case errors.Is(err, errRobotsWait):
			return state.Settlement{}, c.hold(ctx, Slot(u), robots.RetryAfter, "robots.txt cannot be had")
		case err != nil:
			return c.failed(ctx, l, err)
		case !decision.Allowed:
			return outcome(state.Robots, "robots.txt: "+decision.Rule), nil
		}
		res, err := c.request(ctx, w, u, conditional(l))
		if err != nil {
			return c.failed(ctx, l, err)
		}
		next, v, err := c.respond(ctx, l, u, res)
		if next == nil || err != nil {
			return v, err
		}
		if v.URL != "" {
			*recent = v
		}
		u = next
	}
	return outcome(state.Moved, fmt.Sprintf("more than %d redirects in a row", maxHops)), nil
}

// wholeTries is how often the page with all threads of a board is asked for before
// the recent ones are taken.
const wholeTries = 3

// wholeOr is the settlement of a listing that shows only recent threads: that of the
// page with all of them, or where that cannot be had its own.
func (c *Crawler) wholeOr(l state.Lease, whole, recent state.Settlement) state.Settlement {
	switch {
	case whole.Outcome == "", whole.Outcome == state.Retry && l.Attempts+1 < wholeTries:
		return whole
	case whole.Outcome.Content():
		whole.URL = recent.URL
		return whole
	}
	c.opts.Log.Warn("a board shows only recent threads, and the page with all of them cannot be had", "url", l.URL, "asked", recent.URL, "reason", cmp.Or(whole.Reason, string(whole.Outcome)))
	recent.URL = ""
	return recent
}

func outcome(o state.Outcome, reason string) state.Settlement {
	return state.Settlement{Outcome: o, Reason: reason}
}

// conditional is the header of a conditional request (RFC 9110 §13.1) for a
// page whose content is held.
func conditional(l state.Lease) http.Header {
	h := http.Header{}
	if l.ContentAt.IsZero() {
		return h
	}
	if l.ETag != "" {
		h.Set("If-None-Match", l.ETag)
	}
	if l.LastModified != "" {
		h.Set("If-Modified-Since", l.LastModified)
	}
	return h
}

// hold pauses a host.
func (c *Crawler) hold(ctx context.Context, slot string, d time.Duration, reason string) error {
	c.opts.Log.Warn("host pauses", "slot", slot, "for", d.Round(time.Second).String(), "reason", reason)
	return c.store.SlotPause(ctx, slot, c.opts.Now().Add(d), reason)
}

// failed is the settlement of a request without a response.
func (c *Crawler) failed(ctx context.Context, l state.Lease, err error) (state.Settlement, error) {
	paused, ok := errors.AsType[*pausedError](err)
	switch {
	case ctx.Err() != nil:
		return state.Settlement{}, ctx.Err()
	case ok:
		return state.Settlement{Outcome: state.Retry, Reason: paused.Error(), RetryAt: paused.until}, nil
	case errors.Is(err, fetch.ErrPrivateAddress), errors.Is(err, fetch.ErrScheme), errors.Is(err, fetch.ErrURL):
		return outcome(state.OutOfScope, err.Error()), nil
	case errors.Is(err, fetch.ErrTooLarge):
		return outcome(state.TooLarge, err.Error()), nil
	case errors.Is(err, fetch.ErrCoding):
		return outcome(state.Unreadable, err.Error()), nil
	case fetch.Temporary(err):
		c.opts.Log.Warn("fetching failed; it is tried again", "url", l.URL, "attempt", l.Attempts+1, "error", err)
		return c.retry(l, err.Error()), nil
	}
	return outcome(state.Failed, err.Error()), nil
}

// retry waits longer from try to try, in step with the crawl's delay.
func (c *Crawler) retry(l state.Lease, reason string) state.Settlement {
	if (l.Kind == forum.KindFile || l.Kind == forum.KindSitemap) && l.Attempts+1 >= fileTries {
		return outcome(state.Failed, fmt.Sprintf("%d attempts, the last: %s", l.Attempts+1, reason))
	}
	wait := max(10*c.opts.Delay, time.Second) << min(l.Attempts, 12)
	return state.Settlement{Outcome: state.Retry, Reason: reason, RetryAt: c.opts.Now().Add(min(wait, maxPause))}
}

// respond judges a response: either the next hop, where a redirect leads or a
// page says that its content is, or the settlement.
func (c *Crawler) respond(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (*url.URL, state.Settlement, error) {
	if l.Kind == forum.KindFile {
		return c.fileResponse(ctx, l, u, res)
	}
	if l.Kind == forum.KindSitemap {
		return c.sitemapResponse(ctx, l, u, res)
	}
	slot := Slot(u)
	switch {
	case res.Status == http.StatusServiceUnavailable && c.isChallenge(ctx, u, res):
		return c.content(ctx, l, u, res)
	case res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable:
		return nil, state.Settlement{}, c.strike(ctx, slot, res.Header, fmt.Sprintf("the host answered %d", res.Status))
	case res.Status == http.StatusNotModified:
		v := outcome(state.Unchanged, "")
		v.Status, v.ETag, v.LastModified, v.BodyHash = res.Status, l.ETag, l.LastModified, l.BodyHash
		return nil, v, nil
	case res.Status >= 300 && res.Status < 400:
		next, v := c.redirect(l, u, res)
		return next, v, nil
	case res.Status >= 500:
		return nil, c.retry(l, fmt.Sprintf("the host answered %d", res.Status)), nil
	}
	if res.Truncated != "" && l.Attempts+1 < truncatedTries {
		return nil, c.retry(l, "the response was cut short: "+res.Truncated), nil
	}
	return c.content(ctx, l, u, res)
}

// isChallenge tells a guard that answers like an overloaded server.
func (c *Crawler) isChallenge(ctx context.Context, u *url.URL, res *fetch.Result) bool {
	if !isPage(res) || len(res.Body) == 0 {
		return false
	}
	reading, err := Read(ctx, c.reader, Visit{Capture: captureOf(u.String(), res, c.opts.Viewer)})
	return err == nil && reading.Page.Kind == forum.KindChallenge
}

// redirect follows a hop that leads to the same page under another address;
// a hop to another page of the site settles this one as moved.
func (c *Crawler) redirect(l state.Lease, u *url.URL, res *fetch.Result) (*url.URL, state.Settlement) {
	if res.Location == "" {
		return nil, outcome(state.Failed, fmt.Sprintf("the host answered %d without a usable target", res.Status))
	}
	next, err := url.Parse(res.Location)
	if err != nil {
		return nil, outcome(state.Failed, "the redirect's target cannot be read")
	}
	v := outcome(state.Moved, "")
	v.Status, v.FinalURL = res.Status, res.Location
	site, err := c.store.Site(context.Background(), l.Site)
	if err != nil {
		return nil, v
	}
	link, ok := c.reader.Canonical(site.Engine, site.Facts.Routes, next)
	switch {
	case !inSite(site, next):
		v.Outcome, v.Reason = state.OutOfScope, "redirects out of the forum"
		return nil, v
	case ok && link.Key == l.Key && next.String() != u.String(), l.Kind == forum.KindFeed && !loginAddress(next) && next.String() != u.String():
		return next, v
	case ok && link.Key != l.Key && c.scopes[l.Site].admits(link) && !c.filters[l.Site].excludes(link.URL):
		v.Links = []state.NewLink{newLink(l.Site, link, l.Priority, l.Depth)}
	case !ok && loginAddress(next):
		v.Outcome, v.Kind, v.Reason = state.Walled, forum.KindLogin, "redirects to a login page"
	}
	return nil, v
}

// loginAddress tells the address of a login form by the words that engines use
// for it.
func loginAddress(u *url.URL) bool {
	s := strings.ToLower(u.Path + "?" + u.RawQuery)
	return strings.Contains(s, "login") || strings.Contains(s, "signin") || strings.Contains(s, "sign-in")
}

// content archives a response and has it read. A page that scripts would fill
// gives the address of its content as the next hop.
func (c *Crawler) content(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (*url.URL, state.Settlement, error) {
	if res.Status == http.StatusOK && !isPage(res) && (l.Kind != forum.KindFeed || !isFeed(res)) {
		return nil, outcome(state.WrongType, "the server calls it "+res.Header.Get("Content-Type")), nil
	}
	hash := bodyHash(res.Body)
	if hash == l.BodyHash && !l.ContentAt.IsZero() && res.Status == http.StatusOK {
		v := outcome(state.Unchanged, "")
		v.Status, v.ETag, v.LastModified, v.BodyHash = res.Status, res.Header.Get("ETag"), res.Header.Get("Last-Modified"), hash
		return nil, v, nil
	}
	if wall := hashOf(l.Outcome, hash); wall == l.BodyHash && wall != hash {
		v, err := c.sameWall(ctx, l, res.Status)
		if err != nil || v.Outcome != "" {
			return nil, v, err
		}
	}
	if c.mustNotKeep(ctx, u, res) {
		v := outcome(state.Robots, "the page asks not to be kept: noarchive")
		v.Status, v.ETag, v.LastModified = res.Status, res.Header.Get("ETag"), res.Header.Get("Last-Modified")
		return nil, v, nil
	}
	ref, err := c.append(ctx, res)
	if err != nil {
		return nil, state.Settlement{}, fmt.Errorf("archiving %s: %w", u, err)
	}
	v, page, err := c.judge(ctx, l, captureOf(l.URL, res, c.opts.Viewer), ref.String(), c.store.Observe())
	if err != nil {
		return nil, v, err
	}
	v.ETag, v.LastModified, v.BodyHash = res.Header.Get("ETag"), res.Header.Get("Last-Modified"), hashOf(v.Outcome, hash)
	if next := contentHop(u, page); next != nil && v.Outcome == state.OK {
		c.done(ref)
		if page.ContentURL == "" {
			v.URL = page.WholeURL
		}
		return next, v, nil
	}
	if v.Outcome == state.Retry { // the host said in words what 503 says in a number
		return nil, state.Settlement{Capture: v.Capture}, c.strike(ctx, Slot(u), res.Header, v.Reason)
	}
	return nil, v, nil
}

// hashOf is the hash of a body as it is kept: that of a page that shows no content
// is never taken for one of content.
func hashOf(o state.Outcome, hash string) string {
	if o == state.Walled || o == state.Gone {
		return string(o) + " " + hash
	}
	return hash
}

// sameWall is the settlement of a page that is walled or gone as it was at the last
// visit, byte by byte: nothing is archived or read. It is empty where the status is
// another.
func (c *Crawler) sameWall(ctx context.Context, l state.Lease, status int) (state.Settlement, error) {
	u, err := c.store.URLByKey(ctx, l.Site, l.Key)
	if err != nil || u.Status != status {
		return state.Settlement{}, err
	}
	v := outcome(l.Outcome, u.Reason)
	v.Status, v.Kind, v.BodyHash, v.FinalURL = status, u.PageKind, l.BodyHash, u.FinalURL
	return v, nil
}

// contentHop is where the content of a page is that holds none itself, or of a
// listing that shows only recent threads, on the page's own host; nil for pages
// that hold theirs.
func contentHop(u *url.URL, p *forum.Page) *url.URL {
	if p == nil || p.ContentURL == "" && p.WholeURL == "" {
		return nil
	}
	next, err := url.Parse(cmp.Or(p.ContentURL, p.WholeURL))
	if err != nil || next.Scheme != u.Scheme || next.Host != u.Host || next.String() == u.String() {
		return nil
	}
	return next
}

// judge reads an archived capture and gives its settlement, and the page unless
// it could not be read.
func (c *Crawler) judge(ctx context.Context, l state.Lease, capture forum.Capture, ref string, observed time.Time) (state.Settlement, *forum.Page, error) {
	v := state.Settlement{Status: capture.Status, FinalURL: capture.FinalURL, Capture: ref, ObservedAt: observed,
		Viewer: capture.Viewer, Truncated: capture.Truncated}
	site, err := c.store.Site(ctx, l.Site)
	if err != nil {
		return v, nil, err
	}
	reading, err := Read(ctx, c.reader, Visit{Site: site, PageKey: l.Key, Capture: capture, Ref: ref, ObservedAt: observed, RunID: c.opts.RunID})
	if err != nil {
		v.Outcome, v.Reason = state.Unreadable, err.Error()
		return v, nil, nil
	}
	page := reading.Page
	v.Kind, v.Extractor, v.FactsVersion = page.Kind, page.Extract.Version, site.Facts.Version
	v.Outcome, v.Reason = Verdict(page, capture)
	v.Gaps = gapCounts(page)
	if v.Outcome != state.OK {
		return v, page, nil
	}
	asks := directives(capture, page, c.opts.UserAgent)
	if asks.NoIndex && c.opts.Honour {
		v.Outcome, v.Reason, v.Withdrawn = state.Robots, noIndexReason, true
		err := c.follow(ctx, site, l, page, asks, &v)
		return v, page, err
	}
	report(&v, page, asks)
	if l.Kind == forum.KindFeed { // a source of links: the pages speak for themselves
		err := c.follow(ctx, site, l, page, asks, &v)
		return v, page, err
	}
	v.Contributions, v.Posts = reading.Contributions, len(page.Posts)
	v.Drifted = drifted(page)
	v.Plan = c.plan(l, v.Outcome)
	if !v.Plan.Feed {
		v.Plan.First = firstAudit(page, *v.Plan, c.opts.Now())
	}
	if err := c.follow(ctx, site, l, page, asks, &v); err != nil {
		return v, page, err
	}
	if err := c.learnFeed(ctx, site, page); err != nil {
		return v, page, err
	}
	return v, page, c.learn(ctx, site, page.Learned)
}

// Verdict is the outcome that a page's kind means.
func Verdict(p *forum.Page, c forum.Capture) (state.Outcome, string) {
	switch p.Kind {
	case forum.KindLogin, forum.KindDenied:
		return state.Walled, "the page is for members: " + string(p.Kind)
	case forum.KindMissing:
		return state.Gone, "the forum says that there is no such page"
	case forum.KindChallenge:
		return state.Challenged, "a guard in front of the site asks for a person"
	case forum.KindMaintenance, forum.KindRateLimited:
		return state.Retry, "the forum says: " + string(p.Kind)
	case forum.KindMoved:
		return state.Moved, ""
	}
	switch {
	case c.Status >= 400:
		return state.Gone, fmt.Sprintf("the host answered %d", c.Status)
	case p.Engine == "":
		return state.Unreadable, "no known forum engine left its signals on this page"
	}
	return state.OK, ""
}

// gapCounts counts a page's gaps by engine and field, with indexes folded.
func gapCounts(p *forum.Page) map[string]int {
	if len(p.Gaps) == 0 {
		return nil
	}
	out := map[string]int{}
	for _, g := range p.Gaps {
		out[p.Engine+" "+foldIndexes(g.Path)]++
	}
	return out
}

func foldIndexes(path string) string {
	var b strings.Builder
	skip := false
	for _, r := range path {
		switch {
		case r == '[':
			skip = true
			b.WriteString("[]")
		case r == ']':
			skip = false
		case !skip:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isPage tells pages, and the data that scripts make pages of, from files.
func isPage(res *fetch.Result) bool {
	ct := strings.ToLower(res.Header.Get("Content-Type"))
	return ct == "" || strings.Contains(ct, "html") || strings.Contains(ct, "json")
}

// isFeed tells what feeds may be called beside pages.
func isFeed(res *fetch.Result) bool {
	ct := strings.ToLower(res.Header.Get("Content-Type"))
	return strings.Contains(ct, "xml") || strings.Contains(ct, "rss") || strings.HasPrefix(ct, "text/plain")
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func exchange(res *fetch.Result, run, viewer string) archive.Exchange {
	return archive.Exchange{
		URL: res.URL, FetchedAt: res.Finished.UTC().Truncate(time.Millisecond), RemoteIP: res.RemoteIP, RequestHeader: res.RequestHeader, Method: http.MethodGet,
		Proto: res.Proto, Status: res.Status, StatusText: res.StatusText, Header: res.Header, Body: res.Coded,
		Truncated: res.Truncated, RunID: run, Viewer: viewer,
	}
}

func captureOf(asked string, res *fetch.Result, viewer string) forum.Capture {
	return forum.Capture{URL: asked, FinalURL: res.URL, Status: res.Status, Header: res.Header, FetchedAt: res.Finished.UTC().Truncate(time.Millisecond),
		Viewer: viewer, Body: res.Body, Truncated: res.Truncated != ""}
}
