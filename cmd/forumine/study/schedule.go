package study

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

func (s *Schedule) check() error {
	if err := checkZone(s.Timezone); err != nil {
		return fmt.Errorf("schedule.timezone: %w", err)
	}
	switch {
	case s.Cron != "" && s.Every.Set:
		return errors.New("schedule: cron and every exclude one another")
	case s.Cron == "" && s.Every.Duration < time.Minute:
		return errors.New("schedule.every: give at least 1m")
	case s.Cron != "" && len(strings.Fields(s.Cron)) != 5 && !strings.HasPrefix(s.Cron, "@"):
		return fmt.Errorf("schedule.cron %q has not five fields: minute hour day month weekday", s.Cron)
	case s.Cron != "" && !gronx.New().IsValid(s.Cron):
		return fmt.Errorf("schedule.cron %q is no cron expression: write for example \"30 3 * * *\" for half past three every night", s.Cron)
	}
	if s.Cron == "" {
		return nil
	}
	if _, err := s.occurrence(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return fmt.Errorf("schedule.cron %q never comes: there is no such day", s.Cron)
	}
	return nil
}

// Zone is the zone of cron and window.
func (s *Schedule) Zone() *time.Location {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil { // Check has refused it
		return time.UTC
	}
	return zone
}

// Next gives when a site that was last started, by plan, at a time is planned
// next, without jitter. The zero time stands for a site that never was: by
// interval it is due at now, by cron at the next time that the expression names.
func (s *Schedule) Next(last, now time.Time) time.Time {
	if s.Cron == "" {
		if last.IsZero() {
			return now
		}
		return last.Add(s.Every.Duration)
	}
	if last.IsZero() {
		last = now
	}
	next, err := s.occurrence(last)
	if err != nil { // Check has refused it
		return now.AddDate(1, 0, 0)
	}
	return next
}

// occurrence asks the expression for wall-clock times, which it knows without
// zones: a time that the change to summer time leaves out comes an hour later
// that day, instead of not at all, and one that comes twice comes once.
func (s *Schedule) occurrence(after time.Time) (time.Time, error) {
	local := after.In(s.Zone())
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	for {
		next, err := gronx.NextTickAfter(s.Cron, wall, false)
		if err != nil {
			return next, fmt.Errorf("reading the cron expression: %w", err)
		}
		at := time.Date(next.Year(), next.Month(), next.Day(), next.Hour(), next.Minute(), 0, 0, s.Zone())
		if at.After(after) {
			return at, nil
		}
		wall = next
	}
}

// Delayed adds the jitter of one run: by chance between sites and runs, and the
// same whenever it is asked.
func (s *Schedule) Delayed(site string, planned time.Time) time.Time {
	if s.Jitter.Duration <= 0 {
		return planned
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", site, planned.Unix())
	return planned.Add(time.Duration(h.Sum64() % uint64(s.Jitter.Duration)).Truncate(time.Second))
}
