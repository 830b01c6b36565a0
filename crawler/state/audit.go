package state

import (
	"context"
	"errors"
	"strings"
	"time"

	"forumine/extract/forum"
)

// AuditOptions shape a turn of the audit lane.
type AuditOptions struct {
	Limit     int           // pages at most; a thread's pages count together and may exceed it
	PassEvery time.Duration // least time between two passes over a whole thread
}

// maxPass is how many pages a thread may have for passes over it: a longer one
// changes while it is read.
const maxPass = 200

// recheck is after how long a thread that lost posts is read once more: an
// absence needs two observations.
const recheck = 24 * time.Hour

// Audit makes old pages of a site due whose planned visit has come, the longest
// overdue first, and gives how many. With a thread's first page come all of its
// pages, when the last pass over the thread is long enough ago: only a complete
// pass shows absences.
func (s *Store) Audit(ctx context.Context, site string, o AuditOptions) (int, error) {
	n := 0
	err := s.write(ctx, durable, func(t *tx) error {
		id, err := t.siteID(site)
		if err != nil {
			return err
		}
		rows, err := t.auditDue(id, o.Limit)
		for _, r := range rows {
			if err != nil || n >= o.Limit {
				return err
			}
			var got int
			got, err = t.audit(id, r, o.PassEvery)
			n += got
		}
		return err
	})
	return n, wrap(err, "planning the audit of %s", site)
}

// Overdue is a page whose visit by the audit lane has come.
type Overdue struct {
	URL       URL
	PlannedAt time.Time
}

// Overdue gives the pages of a site that the audit lane would read again now, the
// longest overdue first, at most limit.
func (r *Reader) Overdue(ctx context.Context, site string, limit int) ([]Overdue, error) {
	var out []Overdue
	err := r.each(ctx, sqlOverdue, []any{site, r.now().UnixMicro(), limit}, func(scan func(...any) error) error {
		var o Overdue
		var at, settled int64
		err := scan(&o.URL.URL, &o.URL.Kind, &o.URL.Page, &settled, &at)
		o.URL.Site, o.URL.SettledAt, o.PlannedAt = site, timeOf(settled), timeOf(at)
		out = append(out, o)
		return err
	})
	return out, wrap(err, "looking for what the audit of %s would read", site)
}

type auditRow struct {
	id     int64
	kind   forum.Kind
	parent string
	page   int
}

func (t *tx) auditDue(site int64, limit int) ([]auditRow, error) {
	var rows []auditRow
	err := t.each(sqlAudit, []any{site, t.s.opt.Now().UnixMicro(), limit}, func(scan func(...any) error) error {
		var r auditRow
		err := scan(&r.id, &r.kind, &r.parent, &r.page)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

// audit makes one page due, or with it its whole thread.
func (t *tx) audit(site int64, r auditRow, every time.Duration) (int, error) {
	if r.kind == forum.KindThread && r.parent != "" && r.page <= 1 {
		var started, running, missed int64
		known, err := t.get(sqlPass, []any{site, r.parent}, &started, &running, &missed)
		if err != nil {
			return 0, err
		}
		if !known || missed > 0 || started+every.Microseconds() <= t.now {
			return t.openPass(site, r.parent)
		}
	}
	return t.auditURL(r.id)
}

func (t *tx) auditURL(id int64) (int, error) {
	var ln int64
	ok, err := t.get(sqlAuditURL, []any{t.now, id}, &ln)
	if err != nil || !ok {
		return 0, err
	}
	return 1, t.markReady(ln)
}

// groupPage is one page of a thread.
type groupPage struct {
	id, page, state   int64
	outcome           Outcome
	viewer            string
	seenAt, settledAt int64
}

// group gives the pages of a thread, one more than maxPass at most.
func (t *tx) group(site int64, parent string) ([]groupPage, error) {
	var pages []groupPage
	err := t.each(sqlGroup, []any{site, parent, maxPass + 1}, func(scan func(...any) error) error {
		var p groupPage
		err := scan(&p.id, &p.page, &p.state, &p.outcome, &p.viewer, &p.seenAt, &p.settledAt)
		pages = append(pages, p)
		return err
	})
	return pages, err
}

// openPass makes all settled pages of a thread due and begins a pass over it.
func (t *tx) openPass(site int64, parent string) (int, error) {
	pages, err := t.group(site, parent)
	if err != nil {
		return 0, err
	}
	n := 0
	for i, p := range pages {
		if i > 0 && len(pages) > maxPass {
			break // too long for a pass: the first page alone
		}
		got, err := t.auditURL(p.id)
		if err != nil {
			return 0, err
		}
		n += got
	}
	if len(pages) > maxPass {
		return n, nil
	}
	return n, t.exec(sqlOpenPass, site, parent, t.s.opt.Now().UnixMicro())
}

// watch follows the passes over a thread (rule 14): a pass is complete when each
// page was seen since it began, by one viewer and whole. What the visit cannot
// vouch for ends the pass without a word on absences.
func (t *tx) watch(l Lease, v *Settlement, observed int64) error {
	if err := t.noteOrder(l, v.Order); err != nil {
		return err
	}
	if l.Kind != forum.KindThread || l.Parent == "" || v.Outcome == Retry {
		return nil
	}
	site, err := t.siteID(l.Site)
	if err != nil {
		return err
	}
	doubtful := v.Truncated || v.Drifted || v.Outcome == Unchanged && l.Doubtful
	if v.Outcome.Content() && (v.Viewer != l.Viewer || doubtful != l.Doubtful) {
		if err := t.exec(sqlViewURL, v.Viewer, doubtful, l.row); err != nil {
			return err
		}
	}
	if doubtful || !vouches(l, v) {
		return t.exec(sqlEndPass, 0, site, l.Parent)
	}
	return t.follow(site, l, v, observed)
}

// vouches tells whether a visit may count towards a complete pass.
func vouches(l Lease, v *Settlement) bool {
	if !v.Live || v.Viewer != l.Viewer && !l.ContentAt.IsZero() {
		return false
	}
	return v.Outcome.Content() || v.Outcome == Gone || v.Outcome == Moved && l.Page > 1
}

// follow looks whether the visit completes a pass.
func (t *tx) follow(site int64, l Lease, v *Settlement, observed int64) error {
	var started, missed int64
	var running bool
	if _, err := t.get(sqlPass, []any{site, l.Parent}, &started, &running, &missed); err != nil {
		return err
	}
	if running && l.Signature != "" && v.Outcome == OK && !l.Audit {
		// A listing showed the thread changed while it was read: pages may have drifted.
		return t.exec(sqlEndPass, missed, site, l.Parent)
	}
	pages, err := t.group(site, l.Parent)
	if err != nil || len(pages) > maxPass {
		return err
	}
	switch {
	case running:
	case len(pages) == 1:
		started = observed // the page is the thread
	case v.Outcome == Gone:
		return t.suspect(site, l, pages)
	default:
		return nil
	}
	gone, ok := complete(pages, started)
	if !ok {
		return nil
	}
	return t.endPass(site, l, started, gone)
}

// suspect begins a pass over a thread whose first page is gone, and asks for an
// early one where another is.
func (t *tx) suspect(site int64, l Lease, pages []groupPage) error {
	if l.row == pages[0].id {
		_, err := t.openPass(site, l.Parent)
		return err
	}
	return t.lookAgain(site, l.Parent, t.now, 1)
}

// lookAgain plans an early pass over a thread.
func (t *tx) lookAgain(site int64, parent string, at int64, missed int) error {
	if err := t.exec(sqlOpenPass, site, parent, t.s.opt.Now().UnixMicro()); err != nil {
		return err
	}
	if err := t.exec(sqlEndPass, missed, site, parent); err != nil {
		return err
	}
	return t.exec(sqlAuditSoon, site, parent, at, at)
}

// complete tells whether all pages of a thread were seen since a moment; those at
// the end may be gone. Gone says that nothing of the thread is left.
func complete(pages []groupPage, since int64) (gone, ok bool) {
	ended := false
	for _, p := range pages {
		switch {
		case p.state != stateSettled:
			return false, false
		case p.outcome.Content():
			if ended || p.seenAt < since || p.viewer != pages[0].viewer {
				return false, false
			}
		case p.outcome == Gone || p.outcome == Moved && p.page > 1:
			if p.settledAt < since {
				return false, false
			}
			ended = true
		default:
			return false, false
		}
	}
	return len(pages) > 0 && !pages[0].outcome.Content(), len(pages) > 0
}

// endPass records what a complete pass did not find, and asks for a second look
// where that is new.
func (t *tx) endPass(site int64, l Lease, started int64, gone bool) error {
	thread := forum.Key(l.Site, forum.KeyThread, strings.TrimPrefix(l.Parent, string(forum.KindThread)+"/"))
	if _, err := t.markMissing(thread, started); err != nil {
		return err
	}
	open := int64(0)
	if _, err := t.get(sqlMissedOf, []any{thread}, &open); err != nil {
		return err
	}
	if gone {
		again, err := t.missThread(thread, started)
		if err != nil {
			return err
		}
		open += again
	}
	if open > 0 {
		return t.lookAgain(site, l.Parent, t.now+recheck.Microseconds(), 1)
	}
	return t.exec(sqlEndPass, 0, site, l.Parent)
}

// missThread counts a pass that found nothing of a thread; missed by two it is
// missing. It gives 1 as long as a second pass is wanted.
func (t *tx) missThread(key string, pass int64) (int64, error) {
	d := &docRow{}
	ok, err := t.get(sqlDocumentByKey, []any{key}, d.dst()...)
	if err != nil || !ok {
		return 0, err
	}
	if _, err := t.miss(d.id, pass); err != nil {
		return 0, err
	}
	d, err = t.document(d.id)
	if err != nil || d.missingSince != 0 {
		return 0, err
	}
	return 1, nil
}

// NextVisit gives when the audit lane has its next page of a site; zero for never.
func (r *Reader) NextVisit(ctx context.Context, site string) (time.Time, error) {
	var at int64
	err := r.one(ctx, sqlNextVisit, []any{site}, &at)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return timeOf(at), wrap(err, "looking for the next visit of %s", site)
}
