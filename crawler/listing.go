package crawler

import (
	"context"
	"errors"
	"strconv"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// walk follows a listing downwards. What is new stands above what is not, so that
// a page whose rows were all shown in an earlier complete pass ends it, and so
// does a long run of such rows at a page's end; a listing that is not sorted by
// its last posts, or was never read to its end, is not cut short.
type walk struct {
	listing state.Listing
	order   state.Order
	known   int  // rows that earlier complete passes showed, sticky ones aside
	fresh   int  // other rows, sticky ones aside
	run     int  // known rows in a row, at the end
	changed bool // a row, sticky or not, shows something new
}

// longRun is how many known rows at the end of a page stand for a whole page of
// them, if they are half of the page at least: one page less for each board that
// has little news.
const longRun = 8

// row judges one row by what the frontier knows of its thread.
func (w *walk) row(r forum.Row, last state.LastPage, found bool) {
	signature := Signature(r)
	same := found && sameState(last.Signature, signature)
	known := same && telling(r) && last.ShownAt.Before(w.listing.PassAt)
	if !same {
		w.changed = true
	}
	switch {
	case r.IsSticky:
	case known:
		w.known++
		w.run++
	default:
		w.fresh++
		w.run = 0
	}
}

// ends tells whether nothing that is new stands below the page.
func (w *walk) ends() bool {
	if !w.listing.Whole || !w.listing.Sorted || w.order == state.OrderOther {
		return false
	}
	return w.fresh == 0 && w.known > 0 || w.run >= longRun && 2*w.run >= w.known+w.fresh
}

// telling says whether a row's signature changes with each new post.
func telling(r forum.Row) bool {
	return r.LastPostID != "" || r.ReplyCount != nil || exact(r.LastPost)
}

// exact tells a time that is the same whenever it is read.
func exact(s forum.Stamp) bool {
	return s.Known() && s.Precision != forum.PrecisionHour && s.Precision != forum.PrecisionDay
}

// rowOrder tells whether the rows of a page fall by their last posts' times, or
// where no times are shown by their ids.
func rowOrder(rows []forum.Row) state.Order {
	if o := orderBy(rows, func(r forum.Row) (int64, bool) { return activity(r).At.Unix(), r.LastPost.Known() }); o != state.OrderUnknown {
		return o
	}
	return orderBy(rows, func(r forum.Row) (int64, bool) {
		return number(r.LastPostID)
	})
}

// activity is the time that a list puts a row by.
func activity(r forum.Row) forum.Stamp {
	if r.Active.Known() {
		return r.Active
	}
	return r.LastPost
}

func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func orderBy(rows []forum.Row, of func(forum.Row) (int64, bool)) state.Order {
	order, last, started := state.OrderUnknown, int64(0), false
	for _, r := range rows {
		v, ok := of(r)
		if !ok || r.IsSticky || r.IsMoved {
			continue
		}
		switch {
		case started && v > last:
			return state.OrderOther
		case started && v < last:
			order = state.OrderFalling
		}
		last, started = v, true
	}
	return order
}

// lastPage is the last known page of a thread: the one that a changed row leads
// to. The given link stands for a thread that is not known.
func (c *Crawler) lastPage(ctx context.Context, site string, l forum.Link) (forum.Link, state.LastPage, bool, error) {
	last, err := c.store.LastPage(ctx, site, group(l), 0)
	if errors.Is(err, state.ErrNotFound) {
		return l, last, false, nil
	}
	if err != nil {
		return l, last, false, err
	}
	if last.Page > l.Page || last.Key == l.Key {
		l.URL, l.Key, l.Page = last.URL, last.Key, last.Page
	}
	return l, last, true, nil
}

// goOn has the walk continue with the next page of the listing.
func (b *linkBuilder) goOn(own, next forum.Link) {
	start := b.lease.Walk
	if own.Page <= 1 {
		start = b.c.opts.Now()
	}
	if b.walk.ends() || start.IsZero() {
		return
	}
	for i := range b.out {
		l := &b.out[i]
		if l.Kind == forum.KindBoard && l.ID == own.ID && (l.Key == next.Key || l.Skips == 0 && l.Page == max(own.Page, 1)+1) {
			l.Walk = start
		}
	}
}

// shrunk leads from a page that a thread does not have any more to the one
// before: new posts may stand there.
func (c *Crawler) shrunk(ctx context.Context, l state.Lease, v *state.Settlement) error {
	if l.Kind != forum.KindThread || l.Page <= 1 || l.Parent == "" || v.Outcome != state.Gone && v.Outcome != state.Moved {
		return nil
	}
	last, err := c.store.LastPage(ctx, l.Site, l.Parent, l.Page)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n := newLink(l.Site, forum.Link{URL: last.URL, Key: last.Key, Kind: l.Kind, Page: last.Page}, l.Priority, l.Depth)
	n.Parent, n.Signature, n.Walk = l.Parent, l.Signature, c.opts.Now()
	v.Links = append(v.Links, n)
	return nil
}
