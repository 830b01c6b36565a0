package crawler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// seenFeed is what reading a page of a feed has found.
type seenFeed struct {
	newest, oldest mark
	sorted         bool     // entries fall by one mark
	empty          bool     // behind the last entry
	strange        bool     // entries whose thread or board cannot be told
	untold         bool     // entries of posts that are not known, and do not name their threads
	news           []string // boards with changed threads
}

// fresh takes from a lease what would make an answer "unchanged" that was never
// told of: a further page, or one whose last reading came to nothing.
func (c *Crawler) fresh(ctx context.Context, l state.Lease) (state.Lease, error) {
	m, err := c.feedMemory(ctx, l.Site, c.roundScope(l.Site))
	if err == nil && (l.Page > 1 || m.Since.IsZero() || m.At.Before(l.ContentAt)) {
		l.ContentAt = time.Time{}
	}
	return l, err
}

// feed takes the threads that a feed tells of and that listings have not shown in
// this state.
func (b *linkBuilder) feed(ctx context.Context) error {
	scope := b.c.roundScope(b.site.ID)
	m, err := b.c.feedMemory(ctx, b.site.ID, scope)
	if err != nil {
		return err
	}
	var boards []string
	if m.Round != nil {
		boards = m.Round.Boards
	}
	seen := seenFeed{empty: len(b.page.Listing) == 0}
	var rows []forum.Row
	threads := map[string]bool{}
	for _, row := range b.page.Listing {
		if !row.IsSticky {
			rows = append(rows, row)
		}
		l, ok := b.canonical(row.URL)
		switch {
		case row.IsMoved, len(row.Boards) > 0 && !inBoards(row, boards):
		case !ok && row.LastPostID != "":
			held, err := b.holds(ctx, row.LastPostID)
			if err != nil {
				return err
			}
			seen.untold = seen.untold || !held
		case !ok || l.Kind != forum.KindThread || !inBoards(row, boards):
			seen.strange = seen.strange || !ok || l.Kind != forum.KindThread || len(row.Boards) == 0
		case !threads[l.ID]:
			threads[l.ID] = true
			if err := b.entry(ctx, row, l, &seen); err != nil {
				return err
			}
		}
	}
	seen.newest, seen.oldest, seen.sorted = marks(rows)
	b.c.learning.Lock()
	defer b.c.learning.Unlock()
	b.c.seenFeeds[b.site.ID] = seen
	return nil
}

// holds tells whether a post is known.
func (b *linkBuilder) holds(ctx context.Context, post string) (bool, error) {
	_, err := b.c.store.DocumentByKey(ctx, forum.Key(b.site.ID, forum.KeyPost, post))
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// inBoards tells whether a row's thread stands in one of the boards of a round.
func inBoards(row forum.Row, parents []string) bool {
	return len(parents) == 0 || slices.ContainsFunc(row.Boards, func(id string) bool {
		return slices.Contains(parents, string(forum.KindBoard)+"/"+id)
	})
}

// entry takes a feed's newest entry of a thread.
func (b *linkBuilder) entry(ctx context.Context, row forum.Row, l forum.Link, seen *seenFeed) error {
	if !b.filter.recent(row.LastPost, b.c.opts.Now()) || !b.filter.follows(l.URL) {
		return nil
	}
	link, last, found, err := b.c.lastPage(ctx, b.site.ID, l)
	if err != nil {
		return err
	}
	signature := feedSignature(row)
	if found && sameState(last.Signature, signature) {
		return nil
	}
	b.walk.changed = true
	seen.news = append(seen.news, row.Boards...)
	b.add(link, priorityThread, signature)
	return nil
}

// settledFeed goes on with a round once a page of its feed is settled: with the
// next page, with the listings where the feed does not tell all, or not at all.
func (c *Crawler) settledFeed(ctx context.Context, l state.Lease, v state.Settlement) error {
	c.feeding.Lock()
	defer c.feeding.Unlock()
	scope := c.roundScope(l.Site)
	m, err := c.feedMemory(ctx, l.Site, scope)
	if err != nil || m.Round == nil {
		return err
	}
	c.learning.Lock()
	seen := c.seenFeeds[l.Site]
	c.learning.Unlock()
	switch {
	case v.Outcome == state.Unchanged:
		return c.toldAll(ctx, l.Site, scope, m)
	case v.Outcome != state.OK:
		m.Reason = strings.TrimSpace(fmt.Sprintf("%s %s", v.Outcome, v.Reason))
		if v.Outcome != state.Retry {
			m.RetryAt = c.opts.Now().Add(feedRetry)
		}
	case !seen.usable():
		m.Reason, m.RetryAt = "its entries do not say which thread got its last post when", c.opts.Now().Add(feedRetry)
	default:
		return c.goOnFeed(ctx, l, scope, m, seen)
	}
	c.opts.Log.Warn("the feed cannot be used; listings are read instead", "site", l.Site, "url", l.URL, "reason", m.Reason)
	return c.fallBack(ctx, l.Site, scope, m)
}

// usable tells whether a page of a feed says what it should.
func (s seenFeed) usable() bool { return !s.strange && (s.sorted || s.empty) }

// goOnFeed judges a page of a feed that says what it should.
func (c *Crawler) goOnFeed(ctx context.Context, l state.Lease, scope Scope, m feedMemory, seen seenFeed) error {
	if m.Round.Newest.By == "" {
		m.Round.Newest = seen.newest
	}
	m.Round.News = append(m.Round.News, seen.news...)
	site, err := c.store.Site(ctx, l.Site)
	if err != nil {
		return err
	}
	next, err := c.feedOf(ctx, site, l.Page+1)
	switch {
	case err != nil:
		return err
	case m.Since.IsZero() || seen.untold: // the first look, or news of threads that it does not name
	case seen.oldest.below(m.Newest) || seen.empty && l.Page > 1:
		return c.toldAll(ctx, l.Site, scope, m)
	case next != "" && l.Page < m.Round.Pages:
		if err := c.saveFeed(ctx, l.Site, scope, m); err != nil {
			return err
		}
		return c.addFeed(ctx, l.Site, next, l.Page+1)
	}
	return c.fallBack(ctx, l.Site, scope, m)
}

// toldAll ends a round whose feed went down to what was known.
func (c *Crawler) toldAll(ctx context.Context, site string, scope Scope, m feedMemory) error {
	r := m.Round
	news := func(parent string) bool {
		return slices.Contains(r.News, strings.TrimPrefix(parent, string(forum.KindBoard)+"/"))
	}
	if err := c.store.Postpone(ctx, site, *c.feedPlan(site), news, r.Told...); err != nil {
		return err
	}
	c.opts.Log.Info("the feed tells of all boards that were due", "site", site, "boards", len(r.Told))
	if r.Newest.By != "" {
		m.Newest = r.Newest
	}
	m.Behind = m.stillBehind()
	at, err := c.store.Moment(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	m.At, m.Round, m.Reason, m.RetryAt = at, nil, "", time.Time{}
	return c.saveFeed(ctx, site, scope, m)
}

// stillBehind are the boards that were behind at the last look, and have not been
// looked at before it.
func (m feedMemory) stillBehind() looks {
	left := looks{}
	for parent, at := range m.Behind {
		if m.Looks[parent] == at {
			left[parent] = at
		}
	}
	return left
}

// fallBack ends a round whose feed does not tell all: listings are read. From now
// on it tells of those whose reading begins now.
func (c *Crawler) fallBack(ctx context.Context, site string, scope Scope, m feedMemory) error {
	r := m.Round
	if len(r.Told) > 0 {
		if err := c.readListings(ctx, site, m, state.Round{Parents: r.Told}); err != nil {
			return err
		}
	}
	m.Round = nil
	if r.Newest.By != "" && m.RetryAt.IsZero() {
		m.Since, m.Newest, m.Behind = r.Start, r.Newest, m.Looks
	}
	return c.saveFeed(ctx, site, scope, m)
}

const flags = "+-"

// feedSignature is a Signature without flags, which feeds do not show.
func feedSignature(r forum.Row) string { return strings.TrimRight(Signature(r), flags) }

// sameState tells whether two signatures are of one state of a thread. Where one is
// of a listing and the other of a feed, they agree in all that tells of posts and
// that both give, and there is something of that.
func sameState(a, b string) bool {
	if a == b {
		return a != ""
	}
	if strings.TrimRight(a, flags) == a == (strings.TrimRight(b, flags) == b) {
		return false
	}
	x, y := strings.SplitN(a, "|", 3), strings.SplitN(b, "|", 3)
	if len(x) != 3 || len(y) != 3 {
		return false
	}
	x[2], y[2] = strings.TrimRight(x[2], flags), strings.TrimRight(y[2], flags)
	if x[1] != "" && y[1] != "" {
		return x[1] == y[1]
	}
	if x[2] != "" && y[2] != "" && x[2] != y[2] {
		return false
	}
	return x[0] != "" && (x[0] == y[0] || x[2] != "" && x[2] == y[2] && sameMinute(x[0], y[0]))
}

// sameMinute tells times of which one is shown without its seconds.
func sameMinute(a, b string) bool {
	x, okX := number(a)
	y, okY := number(b)
	return okX && okY && cmp.Or(x%60, y%60) != 0 && (x%60 == 0 || y%60 == 0) && x/60 == y/60
}

// blind notes a row of a listing that the feed should have told of: it has changed
// since the listing was read last, and before the feed's last complete look.
func (b *linkBuilder) blind(m feedMemory, row forum.Row, last state.LastPage, found bool) {
	n, ok := markOf(row, m.Newest.By)
	if !ok || row.IsSticky || row.LastPost.Zone == forum.ZoneAssumed && m.Newest.By == byTime || m.Since.IsZero() || m.Behind.none(state.Feed{Parent: b.lease.Parent, LookedAt: b.lease.SettledAt}) {
		return
	}
	before := mark{byTime, b.lease.SettledAt.Add(time.Hour).UnixMicro()} // clocks differ
	if found {
		before = markIn(last.Signature, m.Newest.By)
	}
	if before.By == m.Newest.By && n > before.N && n < m.Newest.N && (m.Newest.By == byID || n < m.At.Add(-time.Hour).UnixMicro()) {
		b.leftOut = row.URL
	}
}

// markIn is what a signature says of its thread's place.
func markIn(signature, by string) mark {
	parts := strings.SplitN(signature, "|", 3)
	if len(parts) < 3 {
		return mark{}
	}
	if by == byID {
		n, ok := number(parts[1])
		return markIf(ok, mark{byID, n})
	}
	secs, ok := number(parts[0])
	return markIf(ok, mark{byTime, time.Unix(secs+60, 0).UnixMicro()}) // shown without seconds
}

func markIf(ok bool, m mark) mark {
	if !ok {
		return mark{}
	}
	return m
}

// distrust has listings alone tell of news: the feed has left something out.
func (c *Crawler) distrust(ctx context.Context, site, address string) error {
	c.feeding.Lock()
	defer c.feeding.Unlock()
	m, err := c.feedMemory(ctx, site, c.roundScope(site))
	if err != nil {
		return err
	}
	m.Since, m.RetryAt, m.Reason = time.Time{}, c.opts.Now().Add(feedRetry), "it left out "+address
	c.opts.Log.Warn("the feed does not tell all; listings are read instead", "site", site, "left_out", address)
	return c.saveFeed(ctx, site, c.roundScope(site), m)
}
