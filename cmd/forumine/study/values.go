package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// Duration is a time span of the file: 1s, 36h, 90d. Set tells a zero that
// stands there from a key that is missing.
type Duration struct {
	time.Duration
	Set bool
}

func (d *Duration) or(def time.Duration) {
	if !d.Set {
		d.Duration, d.Set = def, true
	}
}

// IsZero tells whether the key is missing.
func (d Duration) IsZero() bool { return !d.Set }

// String writes it as time.Duration does, without minutes and seconds that are
// none: 24h.
func (d Duration) String() string {
	s := d.Duration.String()
	if cut, ok := strings.CutSuffix(s, "m0s"); ok {
		s = cut + "m"
	}
	if cut, ok := strings.CutSuffix(s, "h0m"); ok {
		s = cut + "h"
	}
	return s
}

// MarshalJSON writes it as String does.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

var errSpan = errors.New("is no span of time: give it as 30s, 10m, 36h or 90d")

// take reads whole days, which time.ParseDuration does not know, or what it
// knows.
func (d *Duration) take(s string) error {
	if s == "0" {
		*d = Duration{0, true}
		return nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return fmt.Errorf("%q %w", s, errSpan)
		}
		*d = Duration{time.Duration(n) * 24 * time.Hour, true}
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q %w", s, errSpan)
	}
	*d = Duration{v, true}
	return nil
}

func (d *Duration) pattern() string { return `^(0|[0-9]+d|([0-9.]+(ns|us|µs|ms|s|m|h))+)$` }

// Destruction is when captures are destroyed: on a date, those from before it, or a
// time after they were fetched. The zero value is never.
type Destruction struct {
	on    time.Time
	after time.Duration
}

// Due gives the moment from before which captures are to be gone at a time: the
// date, or the beginning of a day (UTC).
func (d Destruction) Due(now time.Time) (before time.Time, due bool) {
	switch {
	case d.after > 0:
		return now.UTC().Add(-d.after).Truncate(24 * time.Hour), true
	case d.on.IsZero() || now.Before(d.on):
		return d.on, false
	}
	return d.on, true
}

// On is the date, zero where there is none.
func (d Destruction) On() time.Time { return d.on }

// IsZero tells whether captures are kept.
func (d Destruction) IsZero() bool { return d.on.IsZero() && d.after == 0 }

// String writes it as the file does.
func (d Destruction) String() string {
	if d.after > 0 {
		return fmt.Sprintf("after %dd", d.after/(24*time.Hour))
	}
	if d.on.IsZero() {
		return "never"
	}
	return d.on.Format(time.DateOnly)
}

var errDestruction = errors.New("is neither a date, as 2027-12-31, nor a time after fetching in whole days, as after 365d")

func (d *Destruction) take(s string) error {
	if s == "never" {
		*d = Destruction{}
		return nil
	}
	if span, ok := strings.CutPrefix(s, "after"); ok {
		days, ok := strings.CutSuffix(strings.TrimLeft(span, ": "), "d")
		n, err := strconv.ParseUint(days, 10, 16)
		if !ok || err != nil || n == 0 {
			return fmt.Errorf("%q %w", s, errDestruction)
		}
		*d = Destruction{after: time.Duration(n) * 24 * time.Hour}
		return nil
	}
	on, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return fmt.Errorf("%q %w", s, errDestruction)
	}
	*d = Destruction{on: on}
	return nil
}

func (d *Destruction) pattern() string {
	return `^(never|[0-9]{4}-[0-9]{2}-[0-9]{2}|after [1-9][0-9]*d)$`
}

// Size is a number of bytes: 500MB, 2GiB.
type Size int64

// ParseSize reads a number of bytes with or without a unit: powers of 1000, or of
// 1024 with an i.
func ParseSize(s string) (Size, error) {
	var z Size
	err := z.take(s)
	return z, err
}

func (z *Size) take(s string) error {
	number := strings.TrimRight(s, "BKMGTikmgtb ")
	unit, ok := sizes(strings.ToUpper(strings.TrimSpace(s[len(number):])))
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || !(v >= 0) || v*unit >= math.MaxInt64 { // not NaN either
		return fmt.Errorf("%q is no number of bytes: give it as 500MB or 2GiB", s)
	}
	*z = Size(v * unit)
	return nil
}

func (z *Size) pattern() string { return `^[0-9]+(\.[0-9]+)? ?([kKMGT]i?)?B?$` }

func sizes(unit string) (float64, bool) {
	unit = strings.TrimSuffix(unit, "B")
	base := 1000.0
	if cut, ok := strings.CutSuffix(unit, "I"); ok {
		unit, base = cut, 1024
	}
	for i, u := range []string{"", "K", "M", "G", "T"} {
		if u == unit {
			return math.Pow(base, float64(i)), true
		}
	}
	return 0, false
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// nearest gives the name that a misspelt one most likely means, "" for none.
func nearest(name string, known []string) string {
	best, least := "", len(name)/3+2
	for _, k := range known {
		if d := levenshtein.ComputeDistance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}
