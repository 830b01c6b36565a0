package main

import (
	"time"

	"forumine/crawler"

	"github.com/spf13/pflag"
)

// paceFlags say when and how much a crawl may ask.
type paceFlags struct {
	windows     []string
	requests    int64
	bytes       int64
	workers     int
	audit       float64
	auditWithin time.Duration
	newsWithin  time.Duration
}

func (f *paceFlags) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.windows, "window", nil, "part of the day or week, in this machine's zone, that requests are made in: 22:00-06:30, \"mon-fri 22:00-06:30\" or sat-sun; may be repeated")
	fl.Int64Var(&f.requests, "budget-requests", 0, "requests to a forum a day (UTC) at most (0: no limit)")
	fl.Int64Var(&f.bytes, "budget-bytes", 0, "bytes from a forum a day (UTC) at most (0: no limit)")
	fl.IntVar(&f.workers, "workers", 0, "hosts to fetch from at once (0: as many as forums, at least 4)")
	fl.Float64Var(&f.audit, "audit", 0.1, "share of the budget, or of what --delay leaves room for, that goes into reading old pages again for edits and deletions (0: none)")
	fl.DurationVar(&f.auditWithin, "audit-within", 60*24*time.Hour, "read every old page again within this time, as far as the share allows")
	fl.DurationVar(&f.newsWithin, "news-within", 24*time.Hour, "look at every board within this time, however rarely it changes")
}

// check refuses what makes no sense.
func (f *paceFlags) check() error {
	for _, w := range f.windows {
		if _, err := crawler.ParseWindow(w, nil); err != nil {
			return misuse("--window: %w", err)
		}
	}
	switch {
	case f.requests < 0 || f.bytes < 0:
		return misuse("a budget cannot be less than nothing: give --budget-requests and --budget-bytes as positive numbers, or 0 for no limit")
	case f.audit < 0 || f.audit > 1:
		return misuse("--audit is a share: give a number from 0 to 1")
	case f.workers < 0 || f.auditWithin <= 0 || f.newsWithin <= 0:
		return misuse("--workers, --audit-within and --news-within cannot be less than nothing")
	}
	return nil
}

// apply sets a crawl's options; check has passed.
func (f *paceFlags) apply(o crawler.Options) crawler.Options {
	for _, text := range f.windows {
		w, _ := crawler.ParseWindow(text, time.Local) // check has read it
		o.Windows = append(o.Windows, w)
	}
	o.Budget = crawler.Budget{Requests: f.requests, Bytes: f.bytes}
	o.Workers = f.workers
	o.Audit = crawler.Audit{Share: f.audit, Bounds: crawler.Bounds{Max: f.auditWithin}}
	if f.audit == 0 {
		o.Audit.Share = -1
	}
	o.Interval.Max = f.newsWithin
	return o
}
