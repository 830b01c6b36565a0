package crawler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Window is a part of some days of the week, or of each day. The zero Window is
// never: Windows without any are always.
type Window struct {
	Days     [7]bool       // that it begins on, by time.Weekday; none means each day
	From, To time.Duration // since midnight; To not after From reaches into the next day
	Zone     *time.Location
}

// Windows are the parts of a week in which requests are made; none for always.
type Windows []Window

// ParseWindow reads a window: a part of the day as "22:00-06:30", days as "sat-sun"
// or "mon,wed", or both, as "mon-fri 22:00-06:30", in a zone (nil for UTC). A part
// that reaches into the next day belongs to the day that it begins on.
func ParseWindow(s string, zone *time.Location) (Window, error) {
	w := Window{Zone: zone, To: 24 * time.Hour}
	days, hours, both := strings.Cut(strings.TrimSpace(s), " ")
	if !both && strings.Contains(days, ":") {
		days, hours = "", days
	}
	err := w.readDays(days)
	if err == nil && (hours != "" || days == "") {
		err = w.readHours(hours)
	}
	if err != nil {
		return Window{}, fmt.Errorf("%q is no part of a week: give it as 22:00-06:30, mon-fri 22:00-06:30 or sat-sun: %w", s, err)
	}
	return w, nil
}

// readDays reads days of the week, by the first three letters of their English
// names, and ranges of them.
func (w *Window) readDays(s string) error {
	if s == "" {
		return nil
	}
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := weekday(from)
		last := first
		if err == nil && isRange {
			last, err = weekday(to)
		}
		if err != nil {
			return err
		}
		for d := first; ; d = (d + 1) % 7 {
			w.Days[d] = true
			if d == last {
				break
			}
		}
	}
	return nil
}

func weekday(s string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String()[:3], s) {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is none of mon, tue, wed, thu, fri, sat, sun", s)
}

func (w *Window) readHours(s string) error {
	from, to, ok := strings.Cut(strings.TrimSpace(s), "-")
	var errFrom, errTo error
	w.From, errFrom = clockTime(from)
	w.To, errTo = clockTime(to)
	switch {
	case !ok || errFrom != nil || errTo != nil || w.From == 24*time.Hour:
		return errors.New("times of the day are given as 22:00")
	case w.From == w.To:
		return errors.New("it ends when it begins; all day is 00:00-24:00")
	}
	return nil
}

func clockTime(s string) (time.Duration, error) {
	if strings.TrimSpace(s) == "24:00" {
		return 24 * time.Hour, nil
	}
	at, err := time.Parse("15:04", strings.TrimSpace(s))
	if err != nil {
		return 0, err
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}

// Opens gives when one of the windows is next open: now itself when one is.
func (ws Windows) Opens(now time.Time) time.Time {
	var first time.Time
	for _, w := range ws {
		if at := w.Opens(now); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if len(ws) == 0 {
		return now
	}
	return first
}

// Opens gives when the window is next open: now itself when it is.
func (w Window) Opens(now time.Time) time.Time {
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := now.In(zone)
	for day := local.Day() - 1; ; day++ { // one that began yesterday may still be open; within a week each day comes by
		if begins, ends := w.on(local, day); now.Before(ends) {
			if begins.After(now) {
				return begins
			}
			return now
		}
	}
}

// on gives when the window begins and ends that belongs to a day of the month of
// now; one that has no such day has ended before it began.
func (w Window) on(now time.Time, day int) (begins, ends time.Time) {
	at := func(day int, since time.Duration) time.Time {
		return time.Date(now.Year(), now.Month(), day, int(since.Hours()), int(since.Minutes())%60, 0, 0, now.Location())
	}
	if w.Days != [7]bool{} && !w.Days[at(day, 12*time.Hour).Weekday()] {
		return time.Time{}, time.Time{}
	}
	if w.To <= w.From {
		return at(day, w.From), at(day+1, w.To)
	}
	return at(day, w.From), at(day, w.To)
}

// Budget is what a site may cost a day (UTC), robots.txt, redirects and retries
// included. Zero fields set no limit. It is kept over restarts.
type Budget struct {
	Requests int64
	Bytes    int64 // of bodies, as received
}

// open gives the sites that may be asked now: those whose window is open and
// whose budget is not used up. For the others it gives when the first one may.
func (c *Crawler) open(ctx context.Context) (sites []string, opens time.Time, err error) {
	now := c.opts.Now()
	for _, site := range c.siteIDs() {
		at, err := c.opensAt(ctx, site, now)
		switch {
		case err != nil:
			return nil, opens, err
		case !at.After(now):
			sites = append(sites, site)
		case opens.IsZero() || at.Before(opens):
			opens = at
		}
	}
	return sites, opens, nil
}

// opensAt is when a site may be asked next.
func (c *Crawler) opensAt(ctx context.Context, site string, now time.Time) (time.Time, error) {
	w := c.opts.Windows
	b := c.opts.Budget
	if b.Requests <= 0 && b.Bytes <= 0 {
		return w.Opens(now), nil
	}
	requests, bytes, err := c.store.Spent(ctx, site, now)
	if err != nil {
		return now, err
	}
	if b.Requests > 0 && requests >= b.Requests || b.Bytes > 0 && bytes >= b.Bytes {
		return w.Opens(now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)), nil
	}
	return w.Opens(now), nil
}
