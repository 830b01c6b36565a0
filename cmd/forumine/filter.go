package main

import (
	"strconv"
	"strings"
	"time"

	"forumine/crawler"

	"github.com/spf13/pflag"
)

// filterFlags narrow what a crawl takes of its address.
type filterFlags struct {
	follow, exclude []string
	since, maxAge   string
	unfiltered      bool
}

func (f *filterFlags) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.follow, "follow", nil, "of threads, take only those whose address matches this pattern, as in robots.txt: /threads/*dipole (may be repeated; kept for later crawls of the same address)")
	fl.StringArrayVar(&f.exclude, "exclude", nil, "take no page whose address matches this pattern: /forums/off-topic.9/ (may be repeated; kept likewise)")
	fl.StringVar(&f.since, "since", "", "take only threads with a post since this date, as far as listings say: 2026-01-31, or RFC 3339 (kept likewise)")
	fl.StringVar(&f.maxAge, "max-age", "", "take only threads with a post within this time before each crawl: 90d, 36h (kept likewise)")
	fl.BoolVar(&f.unfiltered, "unfiltered", false, "take everything again, whatever --follow, --exclude, --since and --max-age an earlier crawl was given")
}

// filter is what the flags say; nil when they say nothing.
func (f *filterFlags) filter() (*crawler.Filter, error) {
	if f.unfiltered {
		if len(f.follow)+len(f.exclude)+len(f.since)+len(f.maxAge) > 0 {
			return nil, misuse("--unfiltered takes everything: leave out --follow, --exclude, --since and --max-age")
		}
		return &crawler.Filter{}, nil
	}
	out := crawler.Filter{Follow: f.follow, Exclude: f.exclude}
	var err error
	if f.since != "" {
		if out.Since, err = parseDate(f.since); err != nil {
			return nil, misuse("--since %q is no date: give it as 2026-01-31, or as RFC 3339", f.since)
		}
	}
	if f.maxAge != "" {
		if out.MaxAge, err = parseAge(f.maxAge); err != nil || out.MaxAge <= 0 {
			return nil, misuse("--max-age %q is no time: give it as 90d or 36h", f.maxAge)
		}
	}
	if err := out.Check(); err != nil {
		return nil, misuse("%w", err)
	}
	if out.IsZero() {
		return nil, nil
	}
	return &out, nil
}

// parseDate reads a day, which begins in UTC, or a moment.
func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

// parseAge reads days, which time.ParseDuration does not know, or what it knows.
func parseAge(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}
