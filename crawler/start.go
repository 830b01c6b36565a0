package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Start makes an address ready to be crawled and gives the site it belongs to.
// Of a known site the address alone tells what it is; else it is fetched, and
// what it shows fixes the site's id and engine.
func (c *Crawler) Start(ctx context.Context, raw string) (state.Site, error) {
	u, err := parseStart(raw)
	if err != nil {
		return state.Site{}, err
	}
	site, link, ok, err := c.known(ctx, u)
	if err != nil {
		return site, err
	}
	if !ok {
		return c.meet(ctx, u)
	}
	if _, err := c.store.EnsureSite(ctx, state.Site{ID: site.ID, StartURLs: []string{u.String()}}); err != nil {
		return site, err
	}
	if err := c.begin(ctx, site.ID, scopeOf(link)); err != nil {
		return site, err
	}
	n := newLink(site.ID, link, startPriority(link), 0)
	_, err = c.store.Add(ctx, n)
	return site, err
}

func parseStart(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the address %q: %w", raw, err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%q is no web address: give it in full, with http:// or https://", raw)
	}
	if u.User != nil {
		return nil, errors.New("the address carries a name or password: leave it out")
	}
	u.Fragment = ""
	return u, nil
}

// known looks the address up among the sites that were met before, the deepest
// root first.
func (c *Crawler) known(ctx context.Context, u *url.URL) (state.Site, forum.Link, bool, error) {
	sites, err := c.store.Sites(ctx)
	if err != nil {
		return state.Site{}, forum.Link{}, false, err
	}
	var best state.Site
	var link forum.Link
	for _, s := range sites {
		if s.Engine == "" || !inSite(s, u) || len(s.ID) <= len(best.ID) {
			continue
		}
		l, ok := c.reader.Canonical(s.Engine, s.Facts.Routes, u)
		if !ok {
			if l, ok, err = c.indexAt(ctx, s.ID, u); err != nil {
				return state.Site{}, forum.Link{}, false, err
			}
		}
		if ok && l.Kind != forum.KindProfile && l.Kind != forum.KindPost {
			best, link = s, l
		}
	}
	return best, link, best.ID != "", nil
}

// indexAt tells whether an address that the engine's grammar says nothing of, such as
// the root of a host, is that of a known site's index.
func (c *Crawler) indexAt(ctx context.Context, site string, u *url.URL) (forum.Link, bool, error) {
	index, err := c.store.URLByKey(ctx, site, indexKey)
	if errors.Is(err, state.ErrNotFound) {
		return forum.Link{}, false, nil
	}
	return forum.Link{URL: index.URL, Key: index.Key, Kind: forum.KindIndex}, err == nil && (index.URL == u.String() || index.FinalURL == u.String()), err
}

func scopeOf(l forum.Link) Scope {
	switch l.Kind {
	case forum.KindThread, forum.KindBoard:
		return Scope{Kind: l.Kind, ID: l.ID}
	}
	return Scope{Kind: forum.KindIndex}
}

// indexKey is the key of a site's index.
const indexKey = "index"

// widest is the scope of several start addresses of one site: two different
// ones make it everything that each leads to.
func widest(a, b Scope) Scope {
	switch {
	case a.Kind == "":
		return b
	case a == b:
		return a
	case a.Kind == forum.KindIndex || b.Kind == forum.KindIndex:
		return Scope{Kind: forum.KindIndex}
	case a.Kind == forum.KindBoard || b.Kind == forum.KindBoard:
		return Scope{Kind: forum.KindBoard}
	}
	return Scope{Kind: forum.KindThread}
}

func startPriority(l forum.Link) int {
	switch l.Kind {
	case forum.KindThread:
		return priorityPages
	case forum.KindBoard:
		return priorityBoard
	}
	return priorityIndex
}

// meet fetches an address of a site that is not known yet, archives it, and
// settles it like any other page once its site has an id.
func (c *Crawler) meet(ctx context.Context, u *url.URL) (state.Site, error) {
	if at := c.opts.Windows.Opens(c.opts.Now()); at.After(c.opts.Now()) {
		return state.Site{}, &PendingError{at}
	}
	w := &hand{Worker: c.fetcher.Worker()}
	first, err := c.firstPage(ctx, w, u)
	if err != nil {
		return state.Site{}, err
	}
	defer c.done(first.ref)
	site, link, err := c.identify(u, first.url, first.page)
	if err != nil {
		return site, err
	}
	if site, err = c.store.EnsureSite(ctx, site); err != nil {
		return site, err
	}
	if err := c.begin(ctx, site.ID, scopeOf(link)); err != nil {
		return site, err
	}
	if c.met[site.ID], err = c.isNew(ctx, site.ID); err != nil {
		return site, err
	}
	if next := contentHop(first.url, first.page); next != nil {
		if filled, err := c.firstPage(ctx, w, next); err == nil {
			defer c.done(filled.ref)
			first.capture, first.ref, first.res = filled.capture, filled.ref, filled.res
			first.capture.URL = first.url.String()
		}
	}
	if err := c.store.Spend(ctx, site.ID, w.requests, w.bytes); err != nil {
		return site, err
	}
	return site, c.settleCapture(ctx, site, link, first.capture, first.ref.String(), c.store.Observe(), first.res.Header, bodyHash(first.res.Body))
}

// isNew tells a site of which no page was settled before: one that is met again, by
// an address that does not say what it is, is refreshed like any other.
func (c *Crawler) isNew(ctx context.Context, site string) (bool, error) {
	feeds, err := c.store.News(ctx, site)
	return len(feeds) == 0, err
}

// fetched is a page of a site that is not known yet, archived and read.
type fetched struct {
	url     *url.URL // after redirects
	res     *fetch.Result
	ref     archive.Ref
	capture forum.Capture
	page    *forum.Page
}

func (c *Crawler) firstPage(ctx context.Context, w *hand, u *url.URL) (fetched, error) {
	final, res, err := c.firstResponse(ctx, w, u)
	if err != nil {
		return fetched{}, err
	}
	ref, err := c.append(ctx, res)
	if err != nil {
		return fetched{}, fmt.Errorf("archiving %s: %w", final, err)
	}
	capture := captureOf(final.String(), res, c.opts.Viewer)
	first, err := Read(ctx, c.reader, Visit{Site: state.Site{Engine: c.opts.Engine}, Capture: capture})
	if err != nil {
		c.done(ref)
		return fetched{}, fmt.Errorf("reading %s: %w", final, err)
	}
	return fetched{final, res, ref, capture, first.Page}, nil
}

// maxDeaths is how many processes may end while they read an archived page before
// it is set aside.
const maxDeaths = 8

// settleCapture settles an archived capture of a page without fetching it.
func (c *Crawler) settleCapture(ctx context.Context, site state.Site, link forum.Link, capture forum.Capture, ref string, observed time.Time, h http.Header, hash string) error {
	if _, err := c.store.Add(ctx, newLink(site.ID, link, startPriority(link), 0)); err != nil {
		return err
	}
	l, err := c.store.LeaseURL(ctx, site.ID, link.Key)
	if err != nil {
		return err
	}
	if l.Deaths >= maxDeaths {
		return c.store.Settle(context.WithoutCancel(ctx), l, state.Settlement{Outcome: state.Failed, Capture: ref, ObservedAt: observed,
			Reason: fmt.Sprintf("the process ended %d times while this page was in hand", l.Deaths)})
	}
	if at, err := archive.ParseRef(ref); err == nil {
		if err := c.archive.Sync(at); err != nil {
			return errors.Join(err, c.store.Release(context.WithoutCancel(ctx), l))
		}
	}
	v, _, err := c.judge(ctx, l, capture, ref, observed)
	if err != nil {
		return c.giveBack(ctx, l, err)
	}
	v.ETag, v.LastModified, v.BodyHash = h.Get("ETag"), h.Get("Last-Modified"), hashOf(v.Outcome, hash)
	if v.Plan == nil {
		v.Plan = c.plan(l, v.Outcome)
	}
	if err := c.store.Settle(context.WithoutCancel(ctx), l, v); err != nil {
		return err
	}
	c.stats.reserve(0)
	c.stats.settled(l, v)
	c.opts.Settled()
	return nil
}

// firstResponse follows redirects to anywhere: the first address is often an
// alias of the forum's own.
func (c *Crawler) firstResponse(ctx context.Context, w *hand, u *url.URL) (*url.URL, *fetch.Result, error) {
	for range maxHops + 1 {
		d, err := c.allowed(ctx, w, u)
		switch {
		case errors.Is(err, errRobotsWait):
			return u, nil, fmt.Errorf("%s cannot tell its robots.txt now, so nothing of it may be fetched: try again later", u.Host)
		case err != nil:
			return u, nil, startError(u, err)
		case !d.Allowed:
			return u, nil, fmt.Errorf("robots.txt of %s forbids %s (line %d: %s)", u.Host, u, d.Line, d.Rule)
		}
		res, err := c.request(ctx, w, u, nil)
		if err != nil {
			return u, nil, startError(u, err)
		}
		switch {
		case res.Status == http.StatusServiceUnavailable && c.isChallenge(ctx, u, res):
			return u, res, nil
		case res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable:
			busy := fmt.Errorf("%s answered %d: the host asks for a pause; try again later", u, res.Status)
			return u, nil, errors.Join(busy, c.strike(ctx, Slot(u), res.Header, fmt.Sprintf("the host answered %d", res.Status)))
		case res.Status >= 500:
			return u, nil, fmt.Errorf("%s answered %d: the server fails; try again later", u, res.Status)
		case res.Status >= 300 && res.Status < 400 && res.Location == "":
			return u, nil, fmt.Errorf("%s answers with a redirect to %q, which is no web address: start from the address that it should lead to", u, res.Header.Get("Location"))
		case res.Truncated != "":
			return u, nil, fmt.Errorf("the response of %s was cut short (%s): try again; if it stays so, the server or something in front of it breaks its pages", u, res.Truncated)
		case res.Status >= 300 && res.Status < 400 && res.Location != "":
			if u, err = parseStart(res.Location); err != nil {
				return u, nil, err
			}
			continue
		case res.Status == http.StatusOK && !isPage(res):
			return u, nil, fmt.Errorf("%s is no page: the server calls it %s", u, res.Header.Get("Content-Type"))
		}
		return u, res, nil
	}
	return u, nil, fmt.Errorf("%s redirects in circles: more than %d redirects in a row", u, maxHops)
}

// startError says what to do about an address that cannot be fetched.
func startError(u *url.URL, err error) error {
	if errors.Is(err, fetch.ErrPrivateAddress) {
		return fmt.Errorf("%s is a private or loopback address: add --allow-private if this is meant: %w", u.Host, err)
	}
	return err
}

// identify names the site of a first page, and the page itself within it.
func (c *Crawler) identify(asked, final *url.URL, p *forum.Page) (state.Site, forum.Link, error) {
	if p.Kind.IsWall() {
		return state.Site{}, forum.Link{}, c.wallError(final, p.Kind)
	}
	if p.Engine == "" {
		return state.Site{}, forum.Link{}, fmt.Errorf("%s shows no known forum engine: see `forumine engines`, or name one with --engine; `forumine probe %s` says more", final, final)
	}
	root, err := url.Parse(p.Root)
	if err != nil || root.Host == "" {
		root = final.ResolveReference(&url.URL{Path: "/"})
	}
	site := state.Site{ID: forum.SiteID(root.String()), Engine: p.Engine, EngineVersion: p.EngineVersion, Lang: p.Lang, StartURLs: []string{asked.String()}}
	for _, host := range []string{asked.Host, final.Host} {
		if alias := strings.TrimSuffix(forum.FoldHost(host)+"/"+strings.Trim(root.Path, "/"), "/"); alias != site.ID {
			site.Aliases = append(site.Aliases, alias)
		}
	}
	link, ok := c.pageLink(final, p)
	if !ok || link.Kind == forum.KindProfile || link.Kind == forum.KindPost {
		return site, link, fmt.Errorf("%s is a page of kind %s: give a forum's index, a board or a thread", final, p.Kind)
	}
	return site, link, nil
}

// pageLink is the link of a page whose address may be any of its forms.
func (c *Crawler) pageLink(final *url.URL, p *forum.Page) (forum.Link, bool) {
	candidates := []string{final.String()}
	switch {
	case p.Kind == forum.KindThread && p.Thread != nil && p.Thread.URL != "":
		candidates = append(candidates, p.Thread.URL)
	case p.Kind == forum.KindBoard && len(p.Path) > 0:
		candidates = append(candidates, p.Path[len(p.Path)-1].URL)
	case p.Kind == forum.KindIndex:
		candidates = append(candidates, p.Root)
	}
	for _, href := range candidates {
		if u, err := url.Parse(href); err == nil && href != "" {
			if l, ok := c.reader.Canonical(p.Engine, p.Learned.Routes, u); ok && l.Kind == p.Kind {
				return l, true
			}
		}
	}
	if p.Kind == forum.KindIndex {
		return forum.Link{URL: final.String(), Key: indexKey, Kind: forum.KindIndex}, true
	}
	return ownAddress(final, p)
}

// ownAddress is the link of a thread's or board's page by what it says of itself,
// where the forum writes its addresses in a way of its own.
func ownAddress(final *url.URL, p *forum.Page) (forum.Link, bool) {
	l := forum.Link{URL: final.String(), Kind: p.Kind, Page: max(p.PageNumber, 1)}
	switch {
	case p.Kind == forum.KindThread && p.Thread != nil:
		l.ID, l.Page = p.Thread.ID, max(p.Thread.Page, 1)
	case p.Kind == forum.KindBoard && len(p.Path) > 0:
		l.ID = p.Path[len(p.Path)-1].ID
	}
	l.Key = keyOf(l.Kind, l.ID, l.Page)
	return l, l.ID != ""
}

func (c *Crawler) wallError(u *url.URL, kind forum.Kind) error {
	switch kind {
	case forum.KindLogin, forum.KindDenied:
		if c.opts.Viewer != guest {
			return fmt.Errorf("%s: %w", u, errLoggedOut)
		}
	}
	switch kind {
	case forum.KindLogin, forum.KindDenied:
		return fmt.Errorf("%s is for members only: forumine reads what guests may see", u)
	case forum.KindMissing:
		return fmt.Errorf("%s does not exist: check the address", u)
	case forum.KindChallenge:
		return fmt.Errorf("%s is behind a guard that asks for a person: ask the forum's operator for access", u)
	}
	return fmt.Errorf("%s shows no content now (%s): try again later", u, kind)
}

// ImportError says why a capture cannot be taken in: the fault is the page's.
type ImportError struct{ Reason string }

// Error is the reason.
func (e *ImportError) Error() string { return e.Reason }

// Import archives and settles somebody else's capture of a page as if it had
// been fetched. An *ImportError means that this page alone cannot be taken.
func (c *Crawler) Import(ctx context.Context, capture forum.Capture) error {
	u, err := parseStart(capture.Address())
	if err != nil {
		return &ImportError{err.Error()}
	}
	site, link, ok, err := c.known(ctx, u)
	if err != nil {
		return err
	}
	if !ok {
		if site, link, err = c.meetCapture(ctx, u, capture); err != nil {
			return err
		}
	}
	kept, err := c.opts.Keep(ctx, imported(capture, c.opts.RunID))
	if err != nil {
		return err
	}
	ref, err := c.archive.Append(ctx, kept)
	if errors.Is(err, archive.ErrExchange) || errors.Is(err, archive.ErrTooLarge) {
		return &ImportError{err.Error()}
	}
	if err != nil {
		return fmt.Errorf("archiving %s: %w", u, err)
	}
	c.scopes[site.ID] = Scope{Kind: forum.KindThread} // nothing is to be fetched because of it
	if err := c.fewerFiles(ctx, site.ID); err != nil {
		return err
	}
	observed := capture.FetchedAt
	if observed.IsZero() {
		observed = c.store.Observe()
	}
	return c.settleCapture(ctx, site, link, capture, ref.String(), observed, http.Header(capture.Header), bodyHash(capture.Body))
}

// meetCapture fixes the site of a capture whose site is not known yet.
func (c *Crawler) meetCapture(ctx context.Context, u *url.URL, capture forum.Capture) (state.Site, forum.Link, error) {
	first, err := Read(ctx, c.reader, Visit{Site: state.Site{Engine: c.opts.Engine}, Capture: capture})
	if err != nil {
		return state.Site{}, forum.Link{}, &ImportError{err.Error()}
	}
	site, link, err := c.identify(u, u, first.Page)
	if err != nil {
		return site, link, &ImportError{err.Error()}
	}
	site, err = c.store.EnsureSite(ctx, site)
	return site, link, err
}

func imported(capture forum.Capture, run string) archive.Exchange {
	return archive.Exchange{URL: capture.Address(), FetchedAt: capture.FetchedAt, Status: capture.Status, Header: capture.Header,
		Body: capture.Body, RunID: run, Viewer: capture.Viewer}
}
