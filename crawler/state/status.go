package state

import (
	"context"
	"errors"
	"strconv"
	"time"

	"forumine/extract/forum"
)

// URL is one URL of the frontier with what is known of its last visit.
type URL struct {
	Site, Key, URL string
	Kind           forum.Kind // as the link shows it
	PageKind       forum.Kind // as its last reading found it
	State          string     // ready, waiting, leased, settled or parked
	Priority       int
	Parent         string
	Page           int
	Signature      string // newest that a listing, or what stands for one, showed
	Outcome        Outcome
	Status         int
	Reason         string
	FinalURL       string
	Attempts       int
	Deaths         int // processes that ended with it in hand, since it was last settled
	Posts          int
	DueAt          time.Time // zero for a settled URL
	SettledAt      time.Time
}

// URLFilter selects URLs. Zero fields select all.
type URLFilter struct {
	Site    string
	Outcome Outcome
	Parent  string // needs Site
}

// URLs calls fn for the selected URLs in the order they came in, or in page order
// when a parent is given.
func (r *Reader) URLs(ctx context.Context, f URLFilter, fn func(URL) error) error {
	query, args := sqlURLs, []any{f.Site, f.Site, f.Outcome, f.Outcome}
	if f.Parent != "" {
		query, args = sqlURLsOfParent, []any{f.Site, f.Parent, f.Outcome, f.Outcome}
	}
	err := r.each(ctx, query, args, func(scan func(...any) error) error {
		u, err := scanURL(scan)
		if err != nil {
			return err
		}
		return fn(u)
	})
	return wrap(err, "reading URLs")
}

// URLByKey gives one URL; ErrNotFound when the frontier does not know it.
func (r *Reader) URLByKey(ctx context.Context, site, key string) (URL, error) {
	u, err := scanURL(func(dst ...any) error { return r.one(ctx, sqlURLByKey, []any{site, key}, dst...) })
	return u, wrap(err, "reading %s of %s", key, site)
}

func scanURL(scan func(...any) error) (URL, error) {
	var u URL
	var state int
	var due, settled int64
	err := scan(&u.Site, &u.Key, &u.URL, &u.Kind, &u.PageKind, &state, &u.Priority, &u.Parent, &u.Page, &u.Outcome, &u.Status,
		&u.Reason, &u.FinalURL, &u.Attempts, &u.Deaths, &u.Posts, &due, &settled, &u.Signature)
	u.State, u.SettledAt = stateName(state), timeOf(settled)
	if state != stateSettled {
		u.DueAt = timeOf(due)
	}
	return u, err
}

func stateName(state int) string {
	switch state {
	case stateReady:
		return "ready"
	case stateWaiting:
		return "waiting"
	case stateLeased:
		return "leased"
	case stateParked:
		return "parked"
	}
	return "settled"
}

// Status is the state at a glance.
type Status struct {
	Sites        []SiteStatus
	Queue        map[string]int64  // URLs by state: ready, waiting, leased, settled, parked
	Outcomes     map[Outcome]int64 // URLs by the outcome of their last visit
	Files        FileStatus        // that neither Queue nor Outcomes count
	Documents    map[forum.DocKind]DocumentCount
	OutboxRows   int64
	OutboxBytes  int64
	OutboxOldest time.Time // since when the oldest of them waits; zero for none
	DeadLetters  int64
	DirtyAuthors int64 // that FoldAuthors has yet to fold
	Gaps         []GapCount
	Paused       []SlotState // slots that are paused or slowed beyond now
	LastRun      Run         // zero when there has been none
	Reclaims     int64       // leases that were taken back: their processes ended, or took too long
}

// FileStatus counts the files of posts, apart from pages.
type FileStatus struct {
	Queue    map[string]int64 // by state, as Status.Queue
	Outcomes map[Outcome]int64
}

func (f FileStatus) add(state string, o Outcome, n int64) {
	f.Queue[state] += n
	if o != "" {
		f.Outcomes[o] += n
	}
}

// SiteStatus counts what is known of one site.
type SiteStatus struct {
	Site    string
	Engine  string
	URLs    int64
	Boards  int64 // board pages that were read, page 1 only
	Threads int64
	Posts   int64
	Authors int64
}

// DocumentCount counts documents of one kind.
type DocumentCount struct{ Live, Retracted, Missing int64 }

// GapCount tells how often a field is missing where users would expect it.
type GapCount struct {
	Site, Name string
	Count      int64
	Pages      int64
}

// Status counts everything. On a frontier of a million URLs it takes seconds, not
// minutes.
func (r *Reader) Status(ctx context.Context) (Status, error) {
	files := FileStatus{Queue: map[string]int64{}, Outcomes: map[Outcome]int64{}}
	s := Status{Queue: map[string]int64{}, Outcomes: map[Outcome]int64{}, Files: files, Documents: map[forum.DocKind]DocumentCount{}}
	steps := []func() error{
		func() error { return r.siteStatus(ctx, &s) },
		func() error { return r.queueStatus(ctx, &s) },
		func() error { return r.documentStatus(ctx, &s) },
		func() error { return r.one(ctx, sqlOutboxSize, nil, &s.OutboxRows, &s.OutboxBytes) },
		func() error { return r.oldest(ctx, &s) },
		func() error { return r.reclaims(ctx, &s) },
		func() error { return r.one(ctx, sqlCountDead, nil, &s.DeadLetters) },
		func() error { return r.one(ctx, sqlCountDirty, nil, &s.DirtyAuthors) },
		func() error { return r.gaps(ctx, &s) },
		func() error { return r.paused(ctx, &s) },
		func() (err error) { s.LastRun, err = r.lastRun(ctx); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return s, wrap(err, "reading the status")
		}
	}
	return s, nil
}

func (r *Reader) siteStatus(ctx context.Context, s *Status) error {
	return r.each(ctx, sqlSiteStatus, nil, func(scan func(...any) error) error {
		var v SiteStatus
		err := scan(&v.Site, &v.Engine, &v.URLs, &v.Boards, &v.Threads, &v.Posts, &v.Authors)
		s.Sites = append(s.Sites, v)
		return err
	})
}

func (r *Reader) queueStatus(ctx context.Context, s *Status) error {
	return r.each(ctx, sqlQueueStatus, nil, func(scan func(...any) error) error {
		var file bool
		var state int
		var outcome Outcome
		var n int64
		err := scan(&file, &state, &outcome, &n)
		if file {
			s.Files.add(stateName(state), outcome, n)
			return err
		}
		s.Queue[stateName(state)] += n
		if outcome != "" {
			s.Outcomes[outcome] += n
		}
		return err
	})
}

func (r *Reader) documentStatus(ctx context.Context, s *Status) error {
	return r.each(ctx, sqlDocumentStatus, nil, func(scan func(...any) error) error {
		var kind forum.DocKind
		var c DocumentCount
		err := scan(&kind, &c.Live, &c.Retracted, &c.Missing)
		s.Documents[kind] = c
		return err
	})
}

func (r *Reader) gaps(ctx context.Context, s *Status) error {
	return r.each(ctx, sqlGaps, nil, func(scan func(...any) error) error {
		var g GapCount
		err := scan(&g.Site, &g.Name, &g.Count, &g.Pages)
		s.Gaps = append(s.Gaps, g)
		return err
	})
}

func (r *Reader) paused(ctx context.Context, s *Status) error {
	now := r.now().UnixMicro()
	return r.each(ctx, sqlPausedSlots, []any{now}, func(scan func(...any) error) error {
		var v SlotState
		var next, paused, leased, robots int64
		err := scan(&v.Slot, &next, &paused, &v.PauseReason, &leased, &robots)
		v.NextAt, v.PausedUntil, v.LeasedUntil, v.RobotsFetchedAt = timeOf(next), timeOf(paused), timeOf(leased), timeOf(robots)
		s.Paused = append(s.Paused, v)
		return err
	})
}

// CountDeadLetters gives how many documents the index has refused.
func (r *Reader) CountDeadLetters(ctx context.Context) (int64, error) {
	var n int64
	err := r.one(ctx, sqlCountDead, nil, &n)
	return n, wrap(err, "counting dead letters")
}

// QueueSize gives how many URLs are due or wait for their time.
func (r *Reader) QueueSize(ctx context.Context) (int64, error) {
	var n int64
	err := r.one(ctx, sqlQueueSize, nil, &n)
	return n, wrap(err, "counting the queue")
}

// oldest tells since when the outbox waits: a version is the time of its commit,
// unless two commits fell into one microsecond.
func (r *Reader) oldest(ctx context.Context, s *Status) error {
	var version int64
	err := r.one(ctx, sqlOutboxOldest, nil, &version)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	s.OutboxOldest = timeOf(version)
	return err
}

func (r *Reader) reclaims(ctx context.Context, s *Status) error {
	var n string
	err := r.one(ctx, sqlMeta, []any{metaReclaims}, &n)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		s.Reclaims, err = strconv.ParseInt(n, 10, 64)
	}
	return err
}
