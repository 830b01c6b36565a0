package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"forumine/extract/forum"
)

// The states of a URL.
const (
	stateReady   = 0 // may be leased as soon as its slot is ready
	stateWaiting = 1 // becomes ready at its due time
	stateLeased  = 2
	stateSettled = 3 // done until somebody asks again
	stateParked  = 4 // beyond the scope of the present crawl, see Focus
)

// NewLink is a link for the frontier. Site and Key name the URL; two links with
// one key are one URL.
type NewLink struct {
	forum.Link
	Site      string
	Slot      string // host:port with www folded: pages of one slot are fetched one at a time
	Priority  int    // the highest is fetched first within a slot
	Depth     int    // links from a start URL
	Parent    string // groups URLs: the key of the thread whose pages they are
	Page      int    // number within the group
	Signature string // what a listing shows of it: a settled URL whose signature differs is due again; "" knows nothing

	// Walk is the start of the walk over a listing that goes on with this page: a
	// URL that was settled before is due again. Zero asks for nothing.
	Walk time.Time
}

// lane is one site on one slot.
type lane struct {
	slot string
	site int64
}

// addBatch is how many links one transaction takes: the writer's turn stays
// short.
const addBatch = 5000

// Add puts links into the frontier and gives how many URLs became due by it: new
// ones, and settled ones whose signature differs from the one they were last
// read under. A queued URL takes the higher priority and the smaller depth. Every
// site must have been recorded with EnsureSite.
func (s *Store) Add(ctx context.Context, links ...NewLink) (int, error) {
	added := 0
	for len(links) > 0 {
		n := min(len(links), addBatch)
		batch := 0
		err := s.write(ctx, durable, func(t *tx) (err error) {
			batch, err = t.add(links[:n])
			return err
		})
		if err != nil {
			return added, wrap(err, "adding links")
		}
		added += batch
		links = links[n:]
	}
	return added, nil
}

func (t *tx) add(links []NewLink) (int, error) {
	added := 0
	for i := range links {
		ok, err := t.addLink(&links[i])
		if err != nil {
			return 0, fmt.Errorf("link %s: %w", links[i].URL, err)
		}
		if ok {
			added++
		}
	}
	return added, nil
}

func (t *tx) addLink(l *NewLink) (bool, error) {
	if l.Key == "" || l.URL == "" || l.Slot == "" {
		return false, errors.New("URL, key or slot is missing")
	}
	site, err := t.siteID(l.Site)
	if err != nil {
		return false, err
	}
	if t.met(site, l) {
		return false, nil
	}
	ln, err := t.lane(site, l.Slot)
	if err != nil {
		return false, err
	}
	n, err := t.execN(sqlAddURL, site, l.Key, l.URL, l.Kind, ln, l.Priority, t.now, l.Depth, l.Parent, l.Page, l.Signature,
		t.shownAt(l.Signature), micros(l.Walk))
	if err != nil {
		return false, err
	}
	if n > 0 {
		t.links[linkKey{site, l.Key}] = linkPlace{l.Priority, l.Depth}
		return true, t.markReady(ln)
	}
	return t.readd(site, l)
}

// shownAt is when a listing showed a signature: now, if it did.
func (t *tx) shownAt(signature string) int64 {
	if signature == "" {
		return 0
	}
	return t.now
}

// knownURL is what Add needs of a URL that is there already.
type knownURL struct {
	id, state, lane   int64
	priority, depth   int
	wanted, signature string
	outcome           Outcome
	settledAt         int64
}

// changed tells whether a listing that shows signature makes the URL due. What
// waits for another try keeps its time.
func (u knownURL) changed(signature string) bool {
	if signature == "" || signature == u.signature {
		return false
	}
	return u.state == stateSettled || u.state == stateWaiting && u.outcome.Content()
}

// due tells whether a link makes the URL due: its signature has changed, or a
// walk over its listing comes by.
func (u knownURL) due(l *NewLink) bool {
	return u.changed(l.Signature) || !l.Walk.IsZero() && u.state == stateSettled && u.settledAt < micros(l.Walk)
}

// readd meets a URL that is known.
func (t *tx) readd(site int64, l *NewLink) (bool, error) {
	var u knownURL
	_, err := t.get(sqlKnownURL, []any{site, l.Key}, &u.id, &u.state, &u.lane, &u.priority, &u.depth, &u.wanted, &u.signature, &u.outcome, &u.settledAt)
	if err != nil {
		return false, err
	}
	if l.Priority > u.priority || l.Depth < u.depth || l.Signature != "" && l.Signature != u.wanted {
		wanted := cmp.Or(l.Signature, u.wanted)
		if err := t.exec(sqlUpdateURL, max(l.Priority, u.priority), min(l.Depth, u.depth), wanted, t.now, wanted, u.id); err != nil {
			return false, err
		}
	}
	t.links[linkKey{site, l.Key}] = linkPlace{max(l.Priority, u.priority), min(l.Depth, u.depth)}
	if !l.Walk.IsZero() {
		if err := t.exec(sqlWalkURL, micros(l.Walk), u.id); err != nil {
			return false, err
		}
	}
	ready := sqlReadyURL
	switch {
	case u.state == stateParked:
		ready = sqlReadyParked
	case !u.due(l):
		return false, nil
	}
	if _, err := t.get(ready, []any{t.now, u.id}, &u.lane); err != nil {
		return false, err
	}
	return true, t.markReady(u.lane)
}

// lane gives the row of a site on a slot.
func (t *tx) lane(site int64, slot string) (int64, error) {
	l := lane{slot, site}
	if id, ok := t.s.lanes[l]; ok {
		return id, nil
	}
	if id, ok := t.lanes[l]; ok {
		return id, nil
	}
	slotID, err := t.slotID(slot)
	if err != nil {
		return 0, err
	}
	id, err := t.insert(sqlEnsureLane, slotID, site, slotID)
	if err != nil {
		return 0, err
	}
	t.lanes[l] = id
	return id, nil
}

// markReady says that a lane has ready URLs.
func (t *tx) markReady(ln int64) error {
	if t.ready[ln] {
		return nil
	}
	t.ready[ln] = true
	return t.exec(sqlMarkReady, ln)
}

// Selection names URLs of the frontier. Empty fields select all.
type Selection struct {
	Sites         []string
	Keys          []string
	Kinds         []forum.Kind // of the link, as the URL shows it
	Outcomes      []Outcome
	SettledBefore time.Time
}

// Schedule makes settled and waiting URLs due at a time, and gives how many. A
// waiting one that is due earlier keeps its time. Scheduling for a past time
// makes them ready now.
func (s *Store) Schedule(ctx context.Context, sel Selection, at time.Time) (int, error) {
	total, after := 0, int64(0)
	for {
		n, last := 0, int64(0)
		err := s.write(ctx, durable, func(t *tx) (err error) {
			n, last, err = t.schedule(sel, micros(at), after)
			return err
		})
		if err != nil || last == 0 {
			return total, wrap(err, "scheduling URLs")
		}
		total, after = total+n, last
	}
}

// schedule does one batch behind the row after, and gives its last row.
func (t *tx) schedule(sel Selection, at, after int64) (int, int64, error) {
	query, args := sqlSelectURLs(sel, after, addBatch)
	ids, err := t.ids(query, args...)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	n := 0
	for _, id := range ids {
		changed, err := t.plan(id, at)
		if err != nil {
			return 0, 0, err
		}
		n += changed
	}
	return n, ids[len(ids)-1], nil
}

func (t *tx) plan(id, at int64) (int, error) {
	if at <= t.now {
		var ln int64
		ok, err := t.get(sqlReadyURL, []any{t.now, id}, &ln)
		if err != nil || !ok {
			return 0, err
		}
		return 1, t.markReady(ln)
	}
	n, err := t.execN(sqlWaitURL, at, at-t.now, id, at)
	return int(n), err
}

// Retry makes URLs of a site ("" for all) ready now that were settled, or wait
// for another try, with one of the outcomes, and gives how many; without
// outcomes, those that failed. Their attempts are counted anew.
func (s *Store) Retry(ctx context.Context, site string, outcomes ...Outcome) (int, error) {
	if len(outcomes) == 0 {
		outcomes = []Outcome{Failed}
	}
	sel := Selection{Outcomes: outcomes}
	if site != "" {
		sel.Sites = []string{site}
	}
	total, after := 0, int64(0)
	for {
		n, last := 0, int64(0)
		err := s.write(ctx, durable, func(t *tx) (err error) {
			n, last, err = t.retry(sel, after)
			return err
		})
		if err != nil || last == 0 {
			return total, wrap(err, "queueing URLs for another try")
		}
		total, after = total+n, last
	}
}

// retry does one batch behind the row after, and gives its last row.
func (t *tx) retry(sel Selection, after int64) (int, int64, error) {
	query, args := sqlSelectURLs(sel, after, addBatch)
	ids, err := t.ids(query, args...)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	for _, id := range ids {
		if err := t.exec(sqlForgetTries, id); err != nil {
			return 0, 0, err
		}
		if _, err := t.plan(id, 0); err != nil {
			return 0, 0, err
		}
	}
	return len(ids), ids[len(ids)-1], nil
}
