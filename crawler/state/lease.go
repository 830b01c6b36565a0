package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"forumine/extract/forum"
)

// Lease is the right to fetch and settle one URL. The lower fields are what its
// last visit left behind.
type Lease struct {
	Site, Key, URL string
	Kind           forum.Kind
	Slot           string
	Priority       int
	Depth          int
	Parent         string
	Page           int
	Signature      string    // what Settle commits as read; see NewLink
	Attempts       int       // tries since the last final outcome
	Token          int64     // fencing number
	Until          time.Time // when others may take the URL

	ETag, LastModified, BodyHash string
	Outcome                      Outcome   // of the last visit, "" for a new URL
	ContentAt                    time.Time // when its content was last read
	SettledAt                    time.Time

	Walk     time.Time     // start of the walk over its listing that asked for it; see NewLink
	Audit    bool          // the audit lane asked for it
	Every    time.Duration // interval that its visits are planned with, 0 for none yet
	Deaths   int           // processes that ended with it in hand, since it was last settled
	Viewer   string        // who saw its content last
	Doubtful bool          // the content may not have been all: cut short, or not all of it read

	row, slot int64 // slot is 0 when only the URL is leased
}

// promoteBatch bounds how many waiting URLs one Next makes ready.
const promoteBatch = 2000

// stepBack is how far the clock may fall behind its last reading before the
// stored times are clamped.
const stepBack = time.Second

// Next leases the next URL of a slot that is ready: not leased, not paused, its
// time come. Slots take turns; within a slot the highest priority comes first,
// then the URL that has been due longest. Sites, when given, limit the choice.
// The error is a *WaitError when URLs are queued and none is ready, and ErrEmpty
// when none is queued.
func (s *Store) Next(ctx context.Context, sites ...string) (Lease, error) {
	all, err := s.next(ctx, func(*tx) error { return nil }, 1, sites)
	if err != nil {
		return Lease{}, err
	}
	return all[0], nil
}

func (s *Store) next(ctx context.Context, first func(*tx) error, most int, sites []string) ([]Lease, error) {
	var leases []Lease
	var verdict error
	err := s.write(ctx, relaxed, func(t *tx) (err error) {
		if err := first(t); err != nil {
			return err
		}
		scope, err := t.scope(sites)
		if err != nil {
			return err
		}
		if err := t.wake(); err != nil {
			return err
		}
		row, ok, err := t.pick(scope)
		if err != nil {
			return err
		}
		if !ok {
			verdict, err = t.whyNot(scope)
			return err
		}
		leases, err = t.leases(row, most, scope)
		return err
	})
	if err != nil {
		return nil, wrap(err, "leasing the next URL")
	}
	return leases, verdict
}

func (t *tx) scope(sites []string) ([]int64, error) {
	ids := make([]int64, 0, len(sites))
	for _, s := range sites {
		id, err := t.siteID(s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// wake makes ready what has come due and what the dead have left leased.
func (t *tx) wake() error {
	clock := t.s.opt.Now().UnixMicro()
	if clock < t.s.lastNow-stepBack.Microseconds() {
		t.s.opt.Log.Warn("clock stepped back: due times are clamped", "by", time.Duration(t.s.lastNow-clock)*time.Microsecond)
		if err := errors.Join(t.clampTimes(), t.clampVisits()); err != nil {
			return err
		}
	}
	t.s.lastNow = clock
	for _, q := range []string{sqlPromote, sqlReclaim} {
		lanes, err := t.ids(q, clock, promoteBatch)
		if err != nil {
			return err
		}
		if q == sqlReclaim {
			if err := t.reclaimed(len(lanes)); err != nil {
				return err
			}
		}
		for _, ln := range lanes {
			if err := t.markReady(ln); err != nil {
				return err
			}
		}
	}
	return nil
}

// pick chooses a URL. A lane that turns out to have nothing ready is unmarked.
func (t *tx) pick(scope []int64) (int64, bool, error) {
	for {
		slot, ok, err := t.readySlot(scope)
		if err != nil || !ok {
			return 0, false, err
		}
		row, ok, err := t.best(slot, scope)
		if err != nil || ok {
			return row, ok, err
		}
	}
}

// readySlot gives the slot that has been ready longest.
func (t *tx) readySlot(scope []int64) (slot int64, ok bool, err error) {
	now := t.s.lastNow
	if len(scope) == 0 {
		var at int64
		ok, err = t.get(sqlReadySlot, []any{now}, &slot, &at)
		return slot, ok, err
	}
	if len(scope) > fewSites {
		return t.firstOf(scope, sqlReadySlots, now)
	}
	first := int64(0)
	for _, site := range scope {
		var id, at int64
		found, err := t.get(sqlReadySlotOfSite, []any{site, now}, &id, &at)
		if err != nil {
			return 0, false, err
		}
		if found && (!ok || at < first) {
			slot, first, ok = id, at, true
		}
	}
	return slot, ok, nil
}

// fewSites is how many sites are asked for one by one; for more, the order of all
// sites is walked until one of them comes.
const fewSites = 4

// errStop ends a walk over rows.
var errStop = errors.New("stop")

// firstOf gives the first column of the first row whose second is a site in scope.
func (t *tx) firstOf(scope []int64, query string, args ...any) (v int64, ok bool, err error) {
	err = t.each(query, args, func(scan func(...any) error) error {
		var site int64
		if err := scan(&v, &site); err != nil {
			return err
		}
		if ok = slices.Contains(scope, site); ok {
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return v, ok, err
}

// candidate is the first URL of a lane.
type candidate struct{ row, priority, due int64 }

func (c candidate) before(o candidate) bool {
	if c.priority != o.priority {
		return c.priority > o.priority
	}
	if c.due != o.due {
		return c.due < o.due
	}
	return c.row < o.row
}

// best gives the best URL of a slot's lanes.
func (t *tx) best(slot int64, scope []int64) (int64, bool, error) {
	lanes, err := t.lanesOf(slot, scope)
	if err != nil {
		return 0, false, err
	}
	var win candidate
	found := false
	for _, ln := range lanes {
		var c candidate
		ok, err := t.get(sqlFirstURL, []any{ln}, &c.row, &c.priority, &c.due)
		if err != nil {
			return 0, false, err
		}
		if !ok {
			if err := t.unmarkReady(ln); err != nil {
				return 0, false, err
			}
			continue
		}
		if !found || c.before(win) {
			win, found = c, true
		}
	}
	return win.row, found, nil
}

func (t *tx) lanesOf(slot int64, scope []int64) ([]int64, error) {
	var out []int64
	err := t.each(sqlLanesOfSlot, []any{slot}, func(scan func(...any) error) error {
		var id, site int64
		err := scan(&id, &site)
		if len(scope) == 0 || slices.Contains(scope, site) {
			out = append(out, id)
		}
		return err
	})
	return out, err
}

// lease grants the URL; its slot is yet to be held.
func (t *tx) lease(row int64) (Lease, error) {
	t.s.token++
	until := t.s.opt.Now().Add(t.s.opt.LeaseFor).UnixMicro()
	l := Lease{row: row, Token: t.s.token, Until: timeOf(until)}
	var contentAt, settledAt, walkAt, every int64
	ok, err := t.get(sqlLeasedURL, []any{row}, &l.Site, &l.Key, &l.URL, &l.Kind, &l.Slot, &l.slot, &l.Priority, &l.Depth,
		&l.Parent, &l.Page, &l.Signature, &l.Attempts, &l.ETag, &l.LastModified, &l.BodyHash, &l.Outcome, &contentAt, &settledAt,
		&walkAt, &l.Audit, &every, &l.Deaths, &l.Viewer, &l.Doubtful)
	if err != nil || !ok {
		return l, errors.Join(err, fmt.Errorf("reading URL %d", row))
	}
	l.ContentAt, l.SettledAt, l.Walk = timeOf(contentAt), timeOf(settledAt), timeOf(walkAt)
	l.Every = time.Duration(every) * time.Microsecond
	return l, t.exec(sqlLeaseURL, l.Token, until, row)
}

// whyNot tells a caller who got nothing whether waiting helps.
func (t *tx) whyNot(scope []int64) (verdict, err error) {
	until := int64(0)
	note := func(at int64, ok bool, err error) error {
		if ok && (until == 0 || at < until) {
			until = at
		}
		return err
	}
	if len(scope) > fewSites {
		if err := errors.Join(note(t.nextLaneOf(scope)), note(t.firstOf(scope, sqlNextDueAts)), note(t.firstOf(scope, sqlNextExpires))); err != nil {
			return nil, err
		}
		return waitUntil(until), nil
	}
	if len(scope) == 0 {
		scope = []int64{0}
	}
	for _, site := range scope {
		if err := note(t.nextSlotAt(site)); err != nil {
			return nil, err
		}
		for _, q := range [][2]string{{sqlNextDueAt, sqlNextDueAtOfSite}, {sqlNextExpiry, sqlNextExpiryOfSite}} {
			var at int64
			ok, err := t.scoped(q[0], q[1], site, &at)
			if err := note(at, ok, err); err != nil {
				return nil, err
			}
		}
	}
	return waitUntil(until), nil
}

// waitUntil is the verdict of a frontier whose next URL is ready at a time, 0 for
// never.
func waitUntil(at int64) error {
	if at == 0 {
		return ErrEmpty
	}
	return &WaitError{Until: timeOf(at)}
}

// nextLaneOf is nextSlotAt for many sites.
func (t *tx) nextLaneOf(scope []int64) (at int64, ok bool, err error) {
	var stale []int64
	var found bool
	type lane struct{ id, at int64 }
	var lanes []lane
	err = t.each(sqlNextLanes, nil, func(scan func(...any) error) error {
		var l lane
		var site int64
		if err := scan(&l.id, &site, &l.at); err != nil {
			return err
		}
		if slices.Contains(scope, site) {
			lanes = append(lanes, l)
		}
		return nil
	})
	for _, l := range lanes {
		if err != nil || found {
			break
		}
		var c candidate
		if found, err = t.get(sqlFirstURL, []any{l.id}, &c.row, &c.priority, &c.due); found {
			at = l.at
		} else {
			stale = append(stale, l.id)
		}
	}
	for _, id := range stale {
		err = errors.Join(err, t.unmarkReady(id))
	}
	return at, found, err
}

// scoped runs one of two queries: for all sites (0) or for one.
func (t *tx) scoped(all, ofSite string, site int64, dst ...any) (bool, error) {
	if site == 0 {
		return t.get(all, nil, dst...)
	}
	return t.get(ofSite, []any{site}, dst...)
}

// nextSlotAt gives when the next slot with a ready URL is ready itself.
func (t *tx) nextSlotAt(site int64) (int64, bool, error) {
	for {
		var ln, at int64
		ok, err := t.scoped(sqlNextLane, sqlNextLaneOfSite, site, &ln, &at)
		if err != nil || !ok {
			return 0, false, err
		}
		var c candidate
		ok, err = t.get(sqlFirstURL, []any{ln}, &c.row, &c.priority, &c.due)
		if err != nil || ok {
			return at, ok, err
		}
		if err := t.unmarkReady(ln); err != nil {
			return 0, false, err
		}
	}
}

func (t *tx) unmarkReady(ln int64) error {
	delete(t.ready, ln)
	return t.exec(sqlUnmarkReady, ln)
}

// LeaseURL leases one URL by name, regardless of its due time and of its slot's
// pace: to settle an archived capture of it without fetching. ErrNotFound when
// the frontier does not know it (Add it first), ErrLeased when somebody has it.
func (s *Store) LeaseURL(ctx context.Context, site, key string) (Lease, error) {
	var l Lease
	err := s.write(ctx, relaxed, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		var row, state, until int64
		ok, err := t.get(sqlFindURL, []any{id, key}, &row, &state, &until)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNotFound
		}
		if state == stateLeased && until > t.s.opt.Now().UnixMicro() {
			return ErrLeased
		}
		l, err = t.lease(row)
		l.slot = 0
		return err
	})
	return l, wrap(err, "leasing %s of %s", key, site)
}

// Release gives a lease back unharmed: the URL is queued, or settled, as it was
// before, and its slot is free.
func (s *Store) Release(ctx context.Context, l Lease) error {
	err := s.write(ctx, relaxed, func(t *tx) error { return t.release(l) })
	return wrap(err, "releasing %s", l.URL)
}

func (t *tx) release(l Lease) error {
	if err := t.check(l); err != nil {
		return err
	}
	var state, ln int64
	if _, err := t.get(sqlReleaseURL, []any{l.row}, &state, &ln); err != nil {
		return err
	}
	if state == stateReady {
		if err := t.markReady(ln); err != nil {
			return err
		}
	}
	return t.freeSlot(l, time.Time{})
}

// Park ends a lease and sets the URL aside, as Focus does: it is not handed out
// until a Focus that wants it takes it back.
func (s *Store) Park(ctx context.Context, l Lease) error {
	err := s.write(ctx, relaxed, func(t *tx) error {
		if err := t.check(l); err != nil {
			return err
		}
		t.forgetLinks()
		if err := t.exec(sqlParkLeased, l.row); err != nil {
			return err
		}
		return t.freeSlot(l, time.Time{})
	})
	return wrap(err, "setting aside %s", l.URL)
}

// check refuses a lease that is over: expired and taken back, settled or
// released already, or granted by a process that died.
func (t *tx) check(l Lease) error {
	var token int64
	ok, err := t.get(sqlTokenOf, []any{l.row}, &token)
	if err != nil {
		return err
	}
	if !ok || token != l.Token || l.Token == 0 {
		return ErrStaleLease
	}
	return nil
}

// freeSlot ends the slot's lease and sets when it may be used again; a zero next
// changes nothing.
func (t *tx) freeSlot(l Lease, next time.Time) error {
	if l.slot == 0 {
		return nil
	}
	n, err := t.execN(sqlFreeSlot, l.slot, l.Token)
	if err != nil || n == 0 {
		return err // somebody else has the slot by now
	}
	if !next.IsZero() {
		if err := t.exec(sqlSlotNext, micros(next), t.waitFor(next), l.slot); err != nil {
			return err
		}
	}
	return t.exec(sqlPaceLanes, l.slot)
}

// waitFor is how long from now a time is away: the bound that is kept with it.
func (t *tx) waitFor(at time.Time) int64 {
	return max(0, micros(at)-t.s.opt.Now().UnixMicro())
}

// freeLeases frees every lease, which only the holder of the folder's lock may
// do. A URL that was in hand when too many processes ended is settled as failed:
// its page may be what ends them.
func (t *tx) freeLeases() error {
	var lanes, deadly []int64
	err := t.each(sqlFreeLeases, nil, func(scan func(...any) error) error {
		var ln, id int64
		var deaths int
		err := scan(&ln, &id, &deaths)
		lanes = append(lanes, ln)
		if deaths >= t.s.opt.MaxAttempts {
			deadly = append(deadly, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := t.reclaimed(len(lanes)); err != nil {
		return err
	}
	for _, ln := range lanes {
		if err := t.markReady(ln); err != nil {
			return err
		}
	}
	for _, id := range deadly {
		if err := t.exec(sqlDeadly, t.now, id); err != nil {
			return err
		}
	}
	if err := t.exec(sqlFreeSlots); err != nil {
		return err
	}
	return t.exec(sqlPaceAllLanes)
}

// clampTimes bounds every stored future time by the wait that it was set with,
// so that a clock that stepped back delays nothing.
func (t *tx) clampTimes() error {
	now := t.s.opt.Now().UnixMicro()
	if err := t.exec(sqlClampURLs, now, now); err != nil {
		return err
	}
	lease := now + t.s.opt.LeaseFor.Microseconds()
	if err := t.exec(sqlClampLeases, lease, lease); err != nil {
		return err
	}
	if err := t.exec(sqlClampSlots, now, now, lease); err != nil {
		return err
	}
	return t.exec(sqlPaceAllLanes)
}

// clampVisits bounds planned visits likewise; it looks at every plan, and is for
// a clock that is known to have stepped back.
func (t *tx) clampVisits() error {
	now := t.s.opt.Now().UnixMicro()
	return t.exec(sqlClampVisits, now, now, now, now, now, now)
}

// metaReclaims is where the leases are counted that were taken back.
const metaReclaims = "lease_reclaims"

// reclaimed counts leases that were over before their visit was settled.
func (t *tx) reclaimed(n int) error {
	if n == 0 {
		return nil
	}
	before, err := t.metaInt(metaReclaims)
	if err != nil {
		return err
	}
	return t.setMeta(metaReclaims, strconv.FormatInt(before+int64(n), 10))
}
