package state

import (
	"context"

	"forumine/extract/forum"
)

// Queued is a URL of the queue, as Focus judges it.
type Queued struct {
	Key, URL, Parent string
	Kind             forum.Kind
	Page             int
	Signature        string // newest that a listing showed
}

// Focus sets aside what waits in a site's queue and is not wanted, and takes back
// what was set aside and is; a nil wants takes back everything. What is set aside
// is not handed out, is no part of what a crawl has yet to do, and outlives the
// process. A link to it brings it back, too. It gives how many URLs are set aside
// now.
func (s *Store) Focus(ctx context.Context, site string, wants func(Queued) bool) (parked int, err error) {
	after := int64(0)
	for {
		n, last := 0, int64(0)
		err := s.write(ctx, durable, func(t *tx) error {
			id, err := t.siteID(site)
			if err != nil {
				return err
			}
			n, last, err = t.focus(id, wants, after)
			return err
		})
		if err != nil || last == 0 {
			return parked, wrap(err, "setting aside URLs of %s", site)
		}
		parked, after = parked+n, last
	}
}

// focus does one batch behind the row after, and gives its last row.
func (t *tx) focus(site int64, wants func(Queued) bool, after int64) (parked int, last int64, err error) {
	type row struct {
		id, state, lane int64
		Queued
	}
	query := sqlQueue
	if wants == nil {
		query = sqlParked
	}
	var rows []row
	t.forgetLinks()
	err = t.each(query, []any{site, after, addBatch}, func(scan func(...any) error) error {
		var r row
		err := scan(&r.id, &r.state, &r.lane, &r.Key, &r.URL, &r.Parent, &r.Kind, &r.Page, &r.Signature)
		rows = append(rows, r)
		return err
	})
	for _, r := range rows {
		if err != nil {
			return parked, 0, err
		}
		last = r.id
		wanted := wants == nil || wants(r.Queued)
		switch {
		case !wanted:
			parked++
			if r.state != stateParked {
				err = t.exec(sqlPark, r.id)
			}
		case r.state == stateParked:
			if err = t.exec(sqlUnpark, r.id); err == nil {
				err = t.markReady(r.lane)
			}
		}
	}
	return parked, last, err
}

// Listed calls fn with the key of every thread that the pages of a listing have
// shown; parent names the listing's pages.
func (r *Reader) Listed(ctx context.Context, site, parent string, fn func(key string)) error {
	err := r.each(ctx, sqlListed, []any{site, parent}, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		fn(key)
		return err
	})
	return wrap(err, "reading what %s lists", parent)
}

// Mentioned calls fn with the key of every document of a kind that a page, named by
// its key, has said something of.
func (r *Reader) Mentioned(ctx context.Context, site, page string, kind forum.DocKind, fn func(key string)) error {
	err := r.each(ctx, sqlMentioned, []any{site, page, kind}, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		fn(key)
		return err
	})
	return wrap(err, "reading what %s mentions", page)
}

// ForgetListings has every listing of a site read anew, from its first page to
// its last and whether it has changed or not: what is taken of listings is not
// what it was.
func (s *Store) ForgetListings(ctx context.Context, site string) error {
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		if err := t.exec(sqlForgetContent, id); err != nil {
			return err
		}
		return t.exec(sqlForgetListings, id)
	})
	return wrap(err, "forgetting the listings of %s", site)
}
