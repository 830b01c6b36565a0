package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"forumine/crawler/state"
	"forumine/index"
)

// memberPoint is what one archived page says of a member.
type memberPoint struct {
	At        time.Time `json:"at"`
	Source    string    `json:"source"` // page: the profile; card: beside a post; cell: in a row or a heading
	Name      string    `json:"name,omitempty"`
	Title     string    `json:"title,omitempty"`
	Posts     *int64    `json:"posts,omitempty"` // that the board claims
	Reactions *int64    `json:"reactions,omitempty"`
	Trophies  *int64    `json:"trophies,omitempty"`
	JoinedAt  time.Time `json:"joined_at,omitzero"`
	Viewer    string    `json:"viewer,omitempty"`
	Capture   string    `json:"capture"`
}

// memberSeries gives what pages have said of a member, oldest first.
func memberSeries(seen []sighting) []memberPoint {
	var out []memberPoint
	for _, v := range seen {
		if v.Shown == nil || v.Shown.Author == nil {
			continue
		}
		a := v.Shown.Author.Author
		out = append(out, memberPoint{
			At: v.At.UTC(), Source: v.Shown.Source, Name: a.Name, Title: a.Title, Posts: a.PostCount, Reactions: a.ReactionScore,
			Trophies: a.TrophyPoints, JoinedAt: a.JoinedAt, Viewer: v.Viewer, Capture: v.Capture,
		})
	}
	return out
}

// turns leaves out points that say nothing else than the one before them which
// shows as much: a member stands on every page that they have written on.
func turns(points []memberPoint) []memberPoint {
	var out []memberPoint
	var last memberPoint
	for _, p := range points {
		if p.Posts == nil && p.Reactions == nil && p.Trophies == nil {
			continue
		}
		if len(out) > 0 && sameCount(p.Posts, last.Posts) && sameCount(p.Reactions, last.Reactions) && sameCount(p.Trophies, last.Trophies) && p.Title == last.Title {
			continue
		}
		out, last = append(out, p), p
	}
	return out
}

func sameCount(a, b *int64) bool { return a == nil || b != nil && *a == *b }

// printMember tells who somebody is, and how names and counters changed.
func printMember(s streams, doc state.Document, points []memberPoint, view historyView) error {
	if view.json {
		return jsonLines(s, points)
	}
	o, err := index.ParseDocument(doc.Body)
	if err != nil {
		return err
	}
	d, err := index.ParseAuthor(doc.Body)
	if err != nil {
		return err
	}
	printOverview(s.out, o)
	for _, line := range memberLines(doc, d, points) {
		fmt.Fprintln(s.out, line)
	}
	changes := turns(points)
	if len(changes) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "seen\tposts\treactions\ttrophies\ttitle\tfrom")
	for _, p := range changes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.At.Format(toTheMinute), shownCount(p.Posts, false), shownCount(p.Reactions, false),
			shownCount(p.Trophies, false), dash(p.Title), fromPage(p.Source))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the series: %w", err)
	}
	return nil
}

// memberLines are what is told of a member beside the counters.
func memberLines(doc state.Document, d *index.AuthorDoc, points []memberPoint) []string {
	lines := []string{fmt.Sprintf("first seen %s, last seen %s", doc.FirstSeenAt.UTC().Format(toTheMinute), doc.LastSeenAt.UTC().Format(toTheMinute))}
	if !d.Author.JoinedAt.IsZero() {
		lines[0] += ", joined " + d.Author.JoinedAt.Format(time.DateOnly)
	}
	held := plural(int(d.ObservedPostCount), "post held", "posts held")
	if !d.FirstPostAt.IsZero() {
		held += fmt.Sprintf(", written from %s to %s", d.FirstPostAt.Format(toTheMinute), d.LastPostAt.Format(toTheMinute))
	}
	lines = append(lines, held)
	last := ""
	for _, p := range points {
		if p.Name == "" || strings.HasSuffix(p.Name, "…") {
			continue
		}
		if last != "" && p.Name != last {
			lines = append(lines, fmt.Sprintf("%s  name: %s, before: %s", p.At.Format(toTheMinute), p.Name, last))
		}
		last = p.Name
	}
	if others := slices.DeleteFunc(slices.Clone(d.NameHistory), func(n string) bool {
		return slices.ContainsFunc(points, func(p memberPoint) bool { return p.Name == n })
	}); len(others) > 0 {
		lines = append(lines, "other names that pages show: "+strings.Join(others, ", "))
	}
	return lines
}

// fromPage names the sort of page element that showed a member.
func fromPage(source string) string {
	switch source {
	case "page":
		return "profile"
	case "cell":
		return "listing"
	}
	return source
}
