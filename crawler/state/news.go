package state

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Feed is one source of news: the index, or a board's listing.
type Feed struct {
	Kind, Parent string    // as the pages of it are grouped
	At           time.Time // when it is due; zero for whenever somebody asks
	All          bool      // all of its pages, rather than the first
	Whole        bool      // all of its pages were read
	LookedAt     time.Time // when its first page was looked at last
}

// News gives what Refresh would make due, without changing anything.
func (r *Reader) News(ctx context.Context, site string, parents ...string) ([]Feed, error) {
	var id int64
	if err := r.one(ctx, sqlSiteID, []any{site}, &id); err != nil {
		return nil, wrap(err, "reading site %s", site)
	}
	var feeds []Feed
	err := r.each(ctx, sqlFeedGroups, []any{id}, func(scan func(...any) error) error {
		var g feedGroup
		if err := scan(g.dst()...); err != nil {
			return err
		}
		if len(parents) == 0 || slices.Contains(parents, g.parent) {
			f := g.feed()
			f.All = g.kind != "board" || !f.Whole
			feeds = append(feeds, f)
		}
		return nil
	})
	for i := range feeds {
		if err == nil && !feeds[i].All {
			feeds[i].All, err = r.unsorted(ctx, id, feeds[i].Parent)
		}
	}
	return feeds, wrap(err, "looking for news of %s", site)
}

// unsorted tells whether a listing is not known to be in the order of its last
// posts, as refresh judges it.
func (r *Reader) unsorted(ctx context.Context, site int64, parent string) (bool, error) {
	var l listingRow
	err := r.one(ctx, sqlListing, []any{site, parent}, &l.passAt, &l.whole, &l.sorted, &l.orderedAt, &l.disorderedAt, &l.fullAt)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return l.orderedAt == 0 || l.disorderedAt != 0 && l.disorderedAt >= l.fullAt, err
}
