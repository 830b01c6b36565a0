package state

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Order is what a page of a listing says of the listing's order.
type Order int

// The orders. A page of one thread, or without times, says nothing.
const (
	OrderUnknown Order = iota
	OrderFalling       // last posts are not later from row to row, and earlier at least once
	OrderOther
)

// Listing is what a walk over a board's listing goes by.
type Listing struct {
	PassAt time.Time // start of the present pass: signatures shown before belong to complete ones
	Whole  bool      // every page was read in earlier passes
	Sorted bool      // by last post, newest first, as far as anybody saw
}

// Listing gives what is known of a listing, named by the parent of its pages;
// zero when nothing is.
func (r *Reader) Listing(ctx context.Context, site, parent string) (Listing, error) {
	var l Listing
	var at int64
	err := r.one(ctx, sqlListingOf, []any{site, parent}, &at, &l.Whole, &l.Sorted)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	l.PassAt = timeOf(at)
	return l, wrap(err, "reading the listing of %s", parent)
}

// LastPage is the last page of a group that is known and not gone.
type LastPage struct {
	Key, URL  string
	Page      int
	Signature string    // newest that a listing showed
	ShownAt   time.Time // when it did first
}

// LastPage gives the last page of a group before a page number (0 for all);
// ErrNotFound when there is none.
func (r *Reader) LastPage(ctx context.Context, site, parent string, before int) (LastPage, error) {
	if before <= 0 {
		before = 1 << 30
	}
	var p LastPage
	var shown int64
	err := r.one(ctx, sqlLastPage, []any{site, parent, before}, &p.Key, &p.URL, &p.Page, &p.Signature, &shown)
	p.ShownAt = timeOf(shown)
	return p, wrap(err, "looking for the last page of %s", parent)
}

// Queued tells whether URLs of a site are due, in hand, or have never been
// visited. Those that wait for another try do not count.
func (r *Reader) Queued(ctx context.Context, site string) (bool, error) {
	var queued bool
	err := r.one(ctx, sqlQueued, []any{site}, &queued)
	return queued, wrap(err, "looking for queued URLs of %s", site)
}

// feedGroup is the index, or the pages of one board.
type feedGroup struct {
	kind, parent  string
	open, content int64 // pages that are queued or failed, pages that were read
	feedAt        int64
	lookedAt      int64 // when its first page was looked at last
}

// dst gives the scan targets in the order of sqlFeedGroups.
func (g *feedGroup) dst() []any {
	return []any{&g.kind, &g.parent, &g.open, &g.content, &g.feedAt, &g.lookedAt}
}

func (g *feedGroup) whole() bool { return g.open == 0 && g.content > 0 }

func (g *feedGroup) feed() Feed {
	return Feed{Kind: g.kind, Parent: g.parent, At: timeOf(g.feedAt), Whole: g.whole(), LookedAt: timeOf(g.lookedAt)}
}

// Round narrows a Refresh. The zero Round takes every source of news.
type Round struct {
	Parents []string             // of listings, these alone
	Skip    func(Feed) bool      // sources that something else tells of
	PassAt  func(Feed) time.Time // what was shown later than that is of no complete pass; nil for now
}

// Refresh makes due what leads to news of a site: its index, and of every board
// whose time has come the listing's first page. All pages of a listing become due
// when it is not sorted by last posts, or was not read completely: nothing then
// says that what is new stands first. Parents, when given, limit it to those
// boards. It gives how many URLs became due and how many boards have yet to wait.
func (s *Store) Refresh(ctx context.Context, site string, parents ...string) (due, later int, err error) {
	return s.RefreshRound(ctx, site, Round{Parents: parents})
}

// RefreshRound is Refresh of some sources.
func (s *Store) RefreshRound(ctx context.Context, site string, r Round) (due, later int, err error) {
	err = s.write(ctx, durable, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		groups, err := t.feedGroups(id, r.Parents)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if r.Skip != nil && r.Skip(g.feed()) {
				continue
			}
			if g.feedAt > t.s.opt.Now().UnixMicro() {
				later++
				continue
			}
			n, err := t.refresh(id, g, r)
			if err != nil {
				return err
			}
			due += n
		}
		return nil
	})
	return due, later, wrap(err, "looking for news of %s", site)
}

func (t *tx) feedGroups(site int64, parents []string) ([]feedGroup, error) {
	var groups []feedGroup
	err := t.each(sqlFeedGroups, []any{site}, func(scan func(...any) error) error {
		var g feedGroup
		err := scan(g.dst()...)
		if len(parents) == 0 || slices.Contains(parents, g.parent) {
			groups = append(groups, g)
		}
		return err
	})
	return groups, err
}

// listingRow is a listing as stored.
type listingRow struct {
	passAt, fullAt, orderedAt, disorderedAt int64
	whole, sorted                           bool
}

// refresh begins a pass over one listing. As long as pages of the last pass are
// open, the pass goes on: signatures that it recorded are not yet of a complete
// one.
func (t *tx) refresh(site int64, g feedGroup, r Round) (int, error) {
	var l listingRow
	_, err := t.get(sqlListing, []any{site, g.parent}, &l.passAt, &l.whole, &l.sorted, &l.orderedAt, &l.disorderedAt, &l.fullAt)
	if err != nil {
		return 0, err
	}
	l.whole = g.whole()
	l.sorted = l.orderedAt > 0 && (l.disorderedAt == 0 || l.disorderedAt < l.fullAt)
	if l.whole || l.passAt == 0 {
		l.passAt = t.now
		if r.PassAt != nil {
			l.passAt = min(t.now, micros(r.PassAt(g.feed())))
		}
	}
	pages := 1
	if g.kind != "board" || !l.whole || !l.sorted {
		pages, l.fullAt = -1, t.now
	}
	if err := t.exec(sqlSaveListing, site, g.parent, l.passAt, l.whole, l.sorted, l.fullAt); err != nil {
		return 0, err
	}
	ids, err := t.ids(sqlFeedPages, site, g.kind, g.parent, pages)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		ready, err := t.plan(id, 0)
		if err != nil {
			return 0, err
		}
		n += ready
	}
	return n, nil
}

// noteOrder keeps what a page says of its listing's order.
func (t *tx) noteOrder(l Lease, order Order) error {
	if order == OrderUnknown || l.Parent == "" {
		return nil
	}
	site, err := t.siteID(l.Site)
	if err != nil {
		return err
	}
	if order == OrderFalling {
		return t.exec(sqlOrdered, site, l.Parent, t.now)
	}
	return t.exec(sqlDisordered, site, l.Parent, t.now)
}

// Postpone plans the listings of some boards as if each had been looked at now, as
// something else has told whether there is news of them: with news the interval
// shrinks, without it grows, as Plan says.
func (s *Store) Postpone(ctx context.Context, site string, p Plan, news func(parent string) bool, parents ...string) error {
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		for _, parent := range parents {
			p.Changed = news(parent)
			if err := t.postpone(id, parent, p); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "planning the boards of %s", site)
}

func (t *tx) postpone(site int64, parent string, p Plan) error {
	var row, every, feedAt, settledAt int64
	ok, err := t.get(sqlFirstPage, []any{site, parent}, &row, &every, &feedAt, &settledAt)
	if err != nil || !ok {
		return err
	}
	before := time.Duration(every) * time.Microsecond
	elapsed := before // its time has come
	if feedAt == 0 {
		elapsed = p.elapsed(t.s.opt.Now().Sub(timeOf(settledAt))) // somebody asks, whenever that is
	}
	next := p.next(before, elapsed, p.Changed, false)
	return t.exec(sqlPostpone, p.feedAt(t.s.opt.Now(), next), next.Microseconds(), row)
}
