package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"forumine/crawler/state"
	"forumine/index"
	"forumine/index/worddiff"
)

// counterPoint is what one archived page says of a thread's counters.
type counterPoint struct {
	At           time.Time `json:"at"`
	Source       string    `json:"source"` // first or page: the thread's own page; listing: its row
	Replies      *int64    `json:"replies,omitempty"`
	Views        *int64    `json:"views,omitempty"`
	Participants *int64    `json:"participants,omitempty"`
	Pages        int       `json:"pages,omitempty"`
	Rounded      bool      `json:"rounded,omitempty"`
	LastPostAt   time.Time `json:"last_post_at,omitzero"`
	Flags        []string  `json:"flags,omitempty"` // locked, sticky, solved
	Title        string    `json:"title,omitempty"`
	Viewer       string    `json:"viewer,omitempty"`
	Capture      string    `json:"capture"`
}

// threadSeries gives the counters of a thread, oldest first. Pages that show
// none of them are left out.
func threadSeries(seen []sighting) []counterPoint {
	var out []counterPoint
	for _, v := range seen {
		if v.Shown == nil || v.Shown.Thread == nil {
			continue
		}
		d := v.Shown.Thread
		p := counterPoint{
			At: v.At.UTC(), Source: v.Shown.Source, Replies: d.Thread.ReplyCount, Views: d.Thread.ViewCount,
			Participants: d.Thread.ParticipantCount, Pages: d.Thread.PageCount, Rounded: d.Thread.CountsRounded,
			LastPostAt: d.Thread.LastPostAt, Flags: flagsOf(d), Title: d.Thread.Title, Viewer: v.Viewer, Capture: v.Capture,
		}
		if p.Replies != nil || p.Views != nil || p.Participants != nil || p.Pages > 0 || !p.LastPostAt.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

func flagsOf(d *index.ThreadDoc) []string {
	var out []string
	for _, f := range []struct {
		name string
		is   *bool
	}{{"locked", d.Thread.IsLocked}, {"sticky", d.Thread.IsSticky}, {"solved", d.Thread.IsSolved}} {
		if f.is != nil && *f.is {
			out = append(out, f.name)
		}
	}
	return out
}

func printSeries(s streams, doc state.Document, points []counterPoint, view historyView) error {
	if view.json {
		return jsonLines(s, points)
	}
	o, err := index.ParseDocument(doc.Body)
	if err != nil {
		return err
	}
	printOverview(s.out, o)
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "seen\treplies\tviews\tpages\tlast post\tflags\tfrom")
	for _, p := range points {
		last := "-"
		if !p.LastPostAt.IsZero() {
			last = p.LastPostAt.Format(toTheMinute)
		}
		pages := "-"
		if p.Pages > 0 {
			pages = strconv.Itoa(p.Pages)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.At.Format(toTheMinute), shownCount(p.Replies, p.Rounded), shownCount(p.Views, p.Rounded),
			pages, last, dash(strings.Join(p.Flags, ",")), from(p.Source))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the series: %w", err)
	}
	printTitles(s, points)
	return nil
}

// printTitles tells when the title changed. Titles that a listing cut short are
// no change.
func printTitles(s streams, points []counterPoint) {
	last := ""
	for _, p := range points {
		if p.Title == "" || p.Source == "listing" && strings.HasSuffix(p.Title, "…") {
			continue
		}
		if last != "" && p.Title != last {
			marks := worddiff.Plain()
			if isTerminal(s.out) {
				marks = worddiff.Colour()
			}
			fmt.Fprintf(s.out, "%s  title: %s\n", p.At.Format(toTheMinute), worddiff.Text(worddiff.Diff(last, p.Title), marks, -1))
		}
		last = p.Title
	}
}

// from names the sort of page element in words.
func from(source string) string {
	switch source {
	case "listing":
		return "listing"
	case "first", "page":
		return "thread"
	}
	return source
}

func shownCount(n *int64, rounded bool) string {
	switch {
	case n == nil:
		return "-"
	case rounded:
		return "~" + strconv.FormatInt(*n, 10)
	}
	return strconv.FormatInt(*n, 10)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
