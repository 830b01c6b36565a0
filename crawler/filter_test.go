package crawler

import (
	"testing"
	"time"

	"forumine/extract/forum"
)

func TestFilterPatterns(t *testing.T) {
	const thread = "https://forum.example.org/threads/loft-dipole.42/page-2?order=date"
	for pattern, want := range map[string]bool{
		"/threads/":           true,
		"/threads/*dipole":    true,
		"*dipole":             true,
		"/threads/*.42/$":     false,
		"*order=date$":        true,
		"/forums/":            false,
		"/threads/loft.":      false,
		"/threads/l*page-2?*": true,
	} {
		f := Filter{Exclude: []string{pattern}}
		if err := f.Check(); err != nil || f.excludes(thread) != want {
			t.Errorf("%s matches: %v, want %v (%v)", pattern, !want, want, err)
		}
	}
	for _, pattern := range []string{"", "threads", "https://forum.example.org/threads/"} {
		if (Filter{Follow: []string{pattern}}).Check() == nil {
			t.Errorf("the pattern %q is taken, and can match nothing", pattern)
		}
	}
}

func TestFilterRecent(t *testing.T) {
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	at := func(s string, p forum.Precision) forum.Stamp {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return forum.Stamp{At: v, Precision: p}
	}
	since := Filter{Since: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)}
	age := Filter{MaxAge: 14 * 24 * time.Hour}
	cases := []struct {
		f    Filter
		last forum.Stamp
		want bool
	}{
		{Filter{}, at("1999-01-01T00:00:00Z", forum.PrecisionDay), true},
		{since, forum.Stamp{}, true}, // may be any time
		{since, at("2026-06-01T10:00:00Z", forum.PrecisionMinute), true},
		{since, at("2026-06-01T09:59:00Z", forum.PrecisionMinute), false},
		{since, at("2026-06-01T00:00:00Z", forum.PrecisionDay), true}, // some time of that day
		{since, at("2026-05-31T00:00:00Z", forum.PrecisionDay), false},
		{age, at("2026-06-01T12:00:00Z", forum.PrecisionSecond), true},
		{age, at("2026-06-01T11:59:59Z", forum.PrecisionSecond), false},
	}
	for _, c := range cases {
		if got := c.f.recent(c.last, now); got != c.want {
			t.Errorf("%v takes a last post at %v: %v, want %v", c.f, c.last.At, got, c.want)
		}
	}
}
