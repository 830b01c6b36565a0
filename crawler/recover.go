package crawler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"forumine/crawler/archive"
	"forumine/crawler/fetch"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// metaLow is where the archive position is kept below which every capture is
// settled.
const metaLow = "archive_settled_below"

// watermark knows the captures that are archived and not yet settled.
type watermark struct {
	mu      sync.Mutex
	open    map[archive.Ref]bool
	newest  archive.Ref
	settled int
	held    bool // captures below wait to be read: it stays where it is
}

func compareRefs(a, b archive.Ref) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Offset, b.Offset))
}

// append archives a response and notes that it is to be settled. It is on disk when
// that begins: the settler waits for all that one transaction settles at once.
func (c *Crawler) append(ctx context.Context, res *fetch.Result) (archive.Ref, error) {
	kept, err := c.opts.Keep(ctx, exchange(res, c.opts.RunID, c.opts.Viewer))
	if err != nil {
		return archive.Ref{}, err
	}
	ref, err := c.archive.Write(ctx, kept)
	if err != nil {
		return ref, err
	}
	c.low.mu.Lock()
	defer c.low.mu.Unlock()
	c.low.open[ref] = true
	if compareRefs(ref, c.low.newest) > 0 {
		c.low.newest = ref
	}
	return ref, nil
}

// done notes that a capture is settled, and now and then stores how far all
// are.
func (c *Crawler) done(ref archive.Ref) {
	c.low.mu.Lock()
	delete(c.low.open, ref)
	c.low.settled++
	due := c.low.settled%100 == 0
	c.low.mu.Unlock()
	if due {
		c.saveWatermark(context.Background())
	}
}

// saveWatermark stores the position from which a later start has to look for
// captures that no transaction names.
func (c *Crawler) saveWatermark(ctx context.Context) {
	c.low.mu.Lock()
	held, at := c.low.held, c.low.newest
	for ref := range c.low.open {
		if compareRefs(ref, at) < 0 {
			at = ref
		}
	}
	c.low.mu.Unlock()
	if at.IsZero() || held {
		return
	}
	if err := c.archive.Sync(at); err != nil { // what lies before it must not be cut off
		c.opts.Log.Warn("the archive could not be synced; a later start looks further back", "error", err)
		return
	}
	if err := c.store.SetMeta(ctx, metaLow, at.String()); err != nil {
		c.opts.Log.Warn("the archive's position could not be stored; a later start looks further back", "error", err)
	}
}

// Recover settles whole captures that the archive holds and no transaction
// names: the process died between the two. Nothing is fetched. It gives how
// many it settled. Those that are encrypted, and that the archive's identity does
// not open, wait for a later Recover: they are counted (MetaUnread) and logged.
func (c *Crawler) Recover(ctx context.Context) (int, error) {
	from, err := c.settledBelow(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	err = c.archive.After(ctx, from, func(ref archive.Ref, e archive.Exchange) error {
		ok, err := c.adopt(ctx, ref, e)
		if ok {
			n++
		}
		return err
	})
	locked, closed := errors.AsType[*archive.LockedError](err)
	damage, damaged := errors.AsType[*archive.DamageError](err)
	if damaged {
		c.opts.Log.Warn("the archive is damaged; what can be read is used", "error", damage)
	}
	if closed || damaged {
		err = nil
	}
	if err == nil {
		err = c.keepUnread(ctx, locked)
	}
	if err != nil {
		return n, fmt.Errorf("settling archived captures: %w", err)
	}
	return n, nil
}

// MetaUnread is where the state keeps how many encrypted captures wait for the
// identity because the process that made them died; empty for none.
const MetaUnread = "archive_unread"

// keepUnread sees to it that no later start passes over captures that cannot be
// opened now.
func (c *Crawler) keepUnread(ctx context.Context, locked *archive.LockedError) error {
	unread := 0
	if locked != nil {
		for _, ref := range locked.Captures {
			settled, err := c.store.HasCapture(ctx, ref.String())
			if err != nil {
				return err
			}
			if !settled {
				unread++
			}
		}
	}
	c.low.mu.Lock()
	c.low.held = unread > 0
	c.low.mu.Unlock()
	before, err := c.store.Meta(ctx, MetaUnread)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	value := ""
	if unread > 0 {
		value = strconv.Itoa(unread)
		c.opts.Log.Warn("encrypted captures that a process left unread when it died wait for the identity: they are kept, and read by the next crawl or run that has it",
			"captures", unread, "error", locked.Err)
	}
	if value == before {
		return nil
	}
	return c.store.SetMeta(ctx, MetaUnread, value)
}

func (c *Crawler) settledBelow(ctx context.Context) (archive.Ref, error) {
	raw, err := c.store.Meta(ctx, metaLow)
	if errors.Is(err, state.ErrNotFound) || (err == nil && raw == "") {
		return archive.Ref{}, nil
	}
	if err != nil {
		return archive.Ref{}, err
	}
	ref, err := archive.ParseRef(raw)
	if err != nil {
		return archive.Ref{}, nil //nolint:nilerr // unreadable: look through everything
	}
	return ref, nil
}

// adopt settles one capture unless that is done, or its site is not known.
func (c *Crawler) adopt(ctx context.Context, ref archive.Ref, e archive.Exchange) (bool, error) {
	if settled, err := c.store.HasCapture(ctx, ref.String()); err != nil || settled {
		return false, err
	}
	u, err := url.Parse(e.URL)
	if err != nil {
		return false, nil //nolint:nilerr // no address, no page
	}
	site, link, ok, err := c.known(ctx, u)
	if err != nil || !ok {
		return false, err
	}
	capture, err := e.Capture()
	if err != nil {
		return false, nil //nolint:nilerr // unreadable as it was when it was fetched: fetched again
	}
	if _, err := c.store.URLByKey(ctx, site.ID, keyFeed+e.URL); err == nil {
		return false, nil // asked for again: a round of news goes by what it says now
	}
	if _, err := c.store.URLByKey(ctx, site.ID, keySitemap+e.URL); err == nil {
		return false, nil // likewise
	}
	known, err := c.store.URLByKey(ctx, site.ID, link.Key)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return false, err
	}
	if known.Deaths < maxDeaths && c.isShell(ctx, site, u, capture) {
		return false, nil // its content is elsewhere: the page is fetched again
	}
	if _, ok := c.scopes[site.ID]; !ok {
		c.scopes[site.ID] = Scope{Kind: forum.KindIndex}
		defer delete(c.scopes, site.ID)
	}
	err = c.settleCapture(c.inRun(ctx, e.RunID), site, link, capture, ref.String(), e.FetchedAt, e.Header, bodyHash(capture.Body))
	if errors.Is(err, state.ErrLeased) {
		return false, nil
	}
	return err == nil, err
}

// inRun has a capture count for the run that fetched it, where there is a record
// of that.
func (c *Crawler) inRun(ctx context.Context, runID string) context.Context {
	id, err := strconv.ParseInt(runID, 10, 64)
	if err != nil {
		return ctx
	}
	if _, err := c.store.RunByID(ctx, id); err != nil {
		return ctx
	}
	return state.InRun(ctx, id)
}

// isShell tells a page that only says where its content is.
func (c *Crawler) isShell(ctx context.Context, site state.Site, u *url.URL, capture forum.Capture) bool {
	reading, err := Read(ctx, c.reader, Visit{Site: state.Site{Engine: site.Engine}, Capture: capture})
	return err == nil && contentHop(u, reading.Page) != nil
}

// Refresh makes what leads to news due again at a site whose crawl is complete:
// the index and the boards' listings, the listings of a board and its sub-boards,
// or the pages of a thread, by the scope. Boards that changed rarely wait for
// their time. A crawl that is not complete goes on instead.
func (c *Crawler) Refresh(ctx context.Context, site state.Site) error {
	if err := c.focus(ctx, site.ID); err != nil {
		return err
	}
	if err := c.catchUp(ctx, site); err != nil {
		return err
	}
	if err := c.withdraw(ctx, site.ID); err != nil {
		return err
	}
	if c.met[site.ID] { // its first page has just been read
		return c.meetFeed(ctx, site, c.scopes[site.ID])
	}
	queued, err := c.store.Queued(ctx, site.ID)
	if err != nil || queued {
		return err
	}
	scope := c.scopes[site.ID]
	if scope.Kind == forum.KindThread && scope.ID != "" {
		return c.refreshThread(ctx, site.ID, scope)
	}
	parents, err := c.listingsOf(ctx, site.ID, scope)
	if err != nil {
		return err
	}
	return c.refresh(ctx, site, scope, parents)
}

// refreshThread makes the known pages of a thread due.
func (c *Crawler) refreshThread(ctx context.Context, site string, scope Scope) error {
	all := func(state.URL) bool { return true } // by no time: the clock may have stepped back since
	return c.makeDue(ctx, site, string(scope.Kind)+"/"+scope.ID, all)
}

// makeDue makes those URLs due below a parent that are wanted.
func (c *Crawler) makeDue(ctx context.Context, site, parent string, wanted func(state.URL) bool) error {
	sel := state.Selection{Sites: []string{site}}
	err := c.store.URLs(ctx, state.URLFilter{Site: site, Parent: parent}, func(u state.URL) error {
		if wanted(u) {
			sel.Keys = append(sel.Keys, u.Key)
		}
		return nil
	})
	if err != nil || len(sel.Keys) == 0 {
		return err
	}
	_, err = c.store.Schedule(ctx, sel, c.opts.Now())
	return err
}

// listingsOf names the listings of a board and its sub-boards; none means all.
func (c *Crawler) listingsOf(ctx context.Context, site string, scope Scope) ([]string, error) {
	if scope.Kind != forum.KindBoard || scope.ID == "" {
		return nil, nil
	}
	parents, err := c.subBoards(ctx, site)
	if err != nil {
		return nil, err
	}
	ids := []string{scope.ID}
	for i := 0; i < len(ids) && len(ids) < 10000; i++ {
		for child, parent := range parents {
			if parent == ids[i] && !slices.Contains(ids, child) {
				ids = append(ids, child)
			}
		}
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(scope.Kind) + "/" + id
	}
	return out, nil
}

// metaSubBoards is where a site's sub-boards are kept: child id to parent id.
const metaSubBoards = "sub_boards "

func (c *Crawler) subBoards(ctx context.Context, site string) (map[string]string, error) {
	parents, err := recall[map[string]string](ctx, c.store.Reader, metaSubBoards+site, "sub-boards")
	if parents == nil {
		parents = map[string]string{}
	}
	return parents, err
}

// noteSubBoards remembers the boards that a board's page lists.
func (c *Crawler) noteSubBoards(ctx context.Context, site, parent string, links []state.NewLink) error {
	var children []string
	for _, l := range links {
		if l.Kind == forum.KindBoard && l.ID != parent && parent != "" {
			children = append(children, l.ID)
		}
	}
	if len(children) == 0 {
		return nil
	}
	parents, err := c.subBoards(ctx, site)
	if err != nil {
		return err
	}
	changed := false
	for _, child := range children {
		if _, known := parents[child]; !known {
			parents[child], changed = parent, true
		}
	}
	if !changed {
		return nil
	}
	return c.remember(ctx, metaSubBoards+site, "sub-boards", parents)
}
