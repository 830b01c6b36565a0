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
// of its visits, "posts", "links", "documents" and "revisions", and what EndRun
// added; they are committed with the work they count.
type Run struct {
	ID        int64
	Command   string
	StartedAt time.Time
	EndedAt   time.Time // zero while running
	Status    string    // RunRunning, RunInterrupted or what EndRun was told
	Counts    map[string]int64
}

// BeginRun starts a run; what is settled from now on counts for it.
func (s *Store) BeginRun(ctx context.Context, command string) (int64, error) {
	var id int64
	err := s.write(ctx, durable, func(t *tx) (err error) {
		id, err = t.insert(sqlBeginRun, command, t.now, RunRunning)
		return err
	})
	if err != nil {
		return 0, wrap(err, "beginning a run")
	}
	s.mu.Lock()
	s.run = id
	s.mu.Unlock()
	return id, nil
}

// EndRun ends a run with a status of the caller's words and adds to its counts.
func (s *Store) EndRun(ctx context.Context, id int64, status string, counts map[string]int64) error {
	err := s.write(ctx, durable, func(t *tx) error {
		t.s.run = id
		if err := t.count(counts); err != nil {
			return err
		}
		return t.exec(sqlEndRun, t.now, status, id)
	})
	if err != nil {
		return wrap(err, "ending a run")
	}
	s.mu.Lock()
	s.run = 0
	s.mu.Unlock()
	return nil
}

// count adds to the counts of the present run.
func (t *tx) count(counts map[string]int64) error {
	if t.s.run == 0 {
		return nil
	}
	for name, n := range counts {
		if n == 0 {
			continue
		}
		if err := t.exec(sqlCount, t.s.run, name, n); err != nil {
			return err
		}
	}
	return nil
}

// Runs gives the newest runs, newest first.
func (r *Reader) Runs(ctx context.Context, limit int) ([]Run, error) {
	var out []Run
	err := r.each(ctx, sqlRuns, []any{limit}, func(scan func(...any) error) error {
		run := Run{Counts: map[string]int64{}}
		var started, ended int64
		err := scan(&run.ID, &run.Command, &started, &ended, &run.Status)
		run.StartedAt, run.EndedAt = timeOf(started), timeOf(ended)
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
