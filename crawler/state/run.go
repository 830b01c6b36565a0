package state

import (
	"context"
	"errors"
	"time"
)

// The states of a run.
const (
	RunRunning     = "running"
	RunInterrupted = "interrupted" // its process died
)

// Run is one run of a command that changes the state. Counts holds the outcomes
// of its visits, "posts", "links", "documents", "revisions", "posts_new",
// "posts_changed", "posts_missing", "drifted", "requests", "audit_requests", "bytes" and
// "pauses", and what EndRun added; they are committed with the work they count.
type Run struct {
	ID int64
	RunOrder
	StartedAt time.Time
	EndedAt   time.Time // zero while running
	Status    string    // RunRunning, RunInterrupted or what EndRun was told
	Counts    map[string]int64
}

// RunOrder is what a run is asked to do, and of whom.
type RunOrder struct {
	Command string
	Site    string    // the site's name in its study, "" for a run of no study
	Asked   string    // what the study asks of the site, as JSON
	Version string    // of the program
	Config  string    // hash of the study's configuration
	Reason  string    // why it began now
	DueAt   time.Time // when it was planned for
}

// runKey is the context's key of InRun.
type runKey struct{}

// InRun gives a context whose settlements count for a run, whatever other runs
// are under way in the same store.
func InRun(ctx context.Context, id int64) context.Context {
	return context.WithValue(ctx, runKey{}, id)
}

// BeginRun starts a run; what is settled from now on counts for it, unless its
// context says otherwise (InRun).
func (s *Store) BeginRun(ctx context.Context, o RunOrder) (int64, error) {
	id, err := s.BeginOrder(ctx, o)
	if err == nil {
		s.CountFor(id)
	}
	return id, err
}

// CountFor has everything that is settled from now on count for a run, unless its
// context says otherwise.
func (s *Store) CountFor(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = id
}

// BeginOrder starts a run with all that is known of it. What counts for it is
// done in the context of InRun, or after CountFor.
func (s *Store) BeginOrder(ctx context.Context, o RunOrder) (int64, error) {
	var id int64
	err := s.write(ctx, durable, func(t *tx) (err error) {
		id, err = t.insert(sqlBeginRun, o.Command, t.now, RunRunning, o.Site, o.Asked, o.Version, o.Config, o.Reason, micros(o.DueAt))
		return err
	})
	if err != nil {
		return 0, wrap(err, "beginning a run")
	}
	return id, nil
}

// EndRun ends a run with a status of the caller's words and adds to its counts.
func (s *Store) EndRun(ctx context.Context, id int64, status string, counts map[string]int64) error {
	err := s.write(ctx, durable, func(t *tx) error {
		t.forRun = id
		t.count(counts)
		return t.exec(sqlEndRun, t.now, status, id)
	})
	if err != nil {
		return wrap(err, "ending a run")
	}
	s.mu.Lock()
	if s.run == id {
		s.run = 0
	}
	s.mu.Unlock()
	return nil
}

// count adds to the counts of the present run.
func (t *tx) count(all ...map[string]int64) {
	if t.forRun == 0 {
		return
	}
	for _, counts := range all {
		for name, n := range counts {
			if n != 0 {
				t.counted[name] += n
			}
		}
	}
}

// Runs gives the newest runs, newest first.
func (r *Reader) Runs(ctx context.Context, limit int) ([]Run, error) {
	return r.runs(ctx, sqlRuns, limit)
}

// RunsOf gives the newest runs of a study's site, newest first.
func (r *Reader) RunsOf(ctx context.Context, site string, limit int) ([]Run, error) {
	return r.runs(ctx, sqlRunsOf, site, limit)
}

// LastRuns gives the newest run of each site of a study, in the order of the
// sites' names.
func (r *Reader) LastRuns(ctx context.Context) ([]Run, error) {
	return r.runs(ctx, sqlLastRuns)
}

// RunByID gives one run; ErrNotFound when there is none.
func (r *Reader) RunByID(ctx context.Context, id int64) (Run, error) {
	runs, err := r.runs(ctx, sqlRunByID, id)
	if err != nil {
		return Run{}, err
	}
	if len(runs) == 0 {
		return Run{}, wrap(ErrNotFound, "reading run %d", id)
	}
	return runs[0], nil
}

// RunTotals gives the counts of all runs, summed up by the study's sites; runs of
// no study are under "".
func (r *Reader) RunTotals(ctx context.Context) (map[string]map[string]int64, error) {
	out := map[string]map[string]int64{}
	err := r.each(ctx, sqlRunTotals, nil, func(scan func(...any) error) error {
		var site, name string
		var n int64
		err := scan(&site, &name, &n)
		if out[site] == nil {
			out[site] = map[string]int64{}
		}
		out[site][name] = n
		return err
	})
	return out, wrap(err, "summing up runs")
}

// RunEnds counts the runs of studies by site and by status.
func (r *Reader) RunEnds(ctx context.Context) (map[string]map[string]int64, error) {
	out := map[string]map[string]int64{}
	err := r.each(ctx, sqlRunEnds, nil, func(scan func(...any) error) error {
		var site, status string
		var n int64
		err := scan(&site, &status, &n)
		if out[site] == nil {
			out[site] = map[string]int64{}
		}
		out[site][status] = n
		return err
	})
	return out, wrap(err, "counting runs")
}

func (r *Reader) runs(ctx context.Context, query string, args ...any) ([]Run, error) {
	var out []Run
	err := r.each(ctx, query, args, func(scan func(...any) error) error {
		run := Run{Counts: map[string]int64{}}
		var started, ended, due int64
		err := scan(&run.ID, &run.Command, &started, &ended, &run.Status, &run.Site, &run.Asked, &run.Version, &run.Config, &run.Reason, &due)
		run.StartedAt, run.EndedAt, run.DueAt = timeOf(started), timeOf(ended), timeOf(due)
		out = append(out, run)
		return err
	})
	for i := range out {
		if err == nil {
			err = r.runCounts(ctx, &out[i])
		}
	}
	return out, wrap(err, "reading runs")
}

func (r *Reader) runCounts(ctx context.Context, run *Run) error {
	return r.each(ctx, sqlRunCounts, []any{run.ID}, func(scan func(...any) error) error {
		var name string
		var n int64
		err := scan(&name, &n)
		run.Counts[name] = n
		return err
	})
}

// lastRun gives the newest run, or a zero one.
func (r *Reader) lastRun(ctx context.Context) (Run, error) {
	runs, err := r.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return Run{}, errors.Join(err)
	}
	return runs[0], nil
}

// schemaRuns records what a run was asked to do.
const schemaRuns = `
ALTER TABLE runs ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN config TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_site ON runs (site, id) WHERE site <> '';
`
