package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/worddiff"

	"github.com/spf13/cobra"
)

func newHistory(s streams) *cobra.Command {
	var data string
	var asJSON, full bool
	c := &cobra.Command{
		Use:   "history ID",
		Short: "Tell how a post changed: edits word by word, deletions, reappearances; of a thread or a member its counters over time",
		Long: `Tell what happened to one post, oldest first: when it was first seen, what each
edit took away [-like this-] and added {+like this+}, when its forum deleted it or
its page no longer showed it, and when it was back. Edits come from the revisions
that the data folder keeps; whether a page showed the post is read again from the
archive.

Of a thread, give its counters as a series: one line for each archived page and
listing that shows them. Of a member, tell when they joined, were first and last
seen, and called themselves otherwise, and how their counters changed; --json gives
every page that shows them.

The post, thread or member is named by its id or key, or by native id or address where
there is an embedded index.`,
		Example: `  forumine history "forum.example.org|post|345"
  forumine history https://forum.example.org/threads/first-light.12/ --json
  forumine history "forum.example.org|user|7"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runHistory(c.Context(), s, data, args[0], historyView{json: asJSON, full: full})
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON line an event, or a point of the series")
	c.Flags().BoolVar(&full, "full", false, "show whole texts, not only the words around a change")
	return c
}

// historyView is how a history is shown.
type historyView struct{ json, full bool }

func runHistory(ctx context.Context, s streams, data, name string, view historyView) (err error) {
	d, err := openStacks(ctx, s, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	doc, err := d.find(ctx, name)
	if err != nil {
		return err
	}
	if doc.Kind == forum.DocRevision {
		if doc, err = d.store.DocumentByKey(ctx, doc.Parent); err != nil {
			return err
		}
	}
	seen, err := d.sightings(ctx, newLog(s, false), doc)
	if err != nil {
		return err
	}
	switch doc.Kind {
	case forum.DocPost:
		events, err := d.postHistory(ctx, doc, seen)
		if err != nil {
			return err
		}
		return printEvents(s, doc, events, view)
	case forum.DocThread:
		return printSeries(s, doc, threadSeries(seen), view)
	case forum.DocAuthor:
		return printMember(s, doc, memberSeries(seen), view)
	}
	return misuse("%s is a %s: there is a history of posts, threads and authors", doc.Key, doc.Kind)
}

// sighting is one archived look at a page that has shown a document: what it
// showed then. Shown is nil when the page did not show the document.
type sighting struct {
	At      time.Time
	Page    string
	URL     string
	Capture string
	Viewer  string
	Gone    bool // the forum said that there is no such page
	Whole   bool // all of the page was read: an absence means something
	Shown   *index.Observation
}

// sightings reads again every capture of the pages that have ever shown a
// document, oldest first.
func (d *stacks) sightings(ctx context.Context, log *slog.Logger, doc state.Document) ([]sighting, error) {
	ref := forum.DocRef{Kind: doc.Kind, Key: doc.Key}
	sources, err := d.store.Sources(ctx, ref)
	if err != nil {
		return nil, err
	}
	var out []sighting
	destroyed := 0
	done := map[string]bool{}
	for _, src := range sources {
		if id := src.Capture.Site + " " + src.Page; done[id] {
			continue
		} else {
			done[id] = true
		}
		captures, err := d.store.PageCaptures(ctx, src.Capture.Site, src.Page)
		if err != nil {
			return nil, err
		}
		for _, c := range captures {
			if c.Outcome != state.OK && c.Outcome != state.Gone {
				continue
			}
			v, err := d.sighting(ctx, c, ref)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if errors.Is(err, archive.ErrDestroyed) {
				destroyed++
				continue
			}
			if err != nil {
				log.Warn("an archived page cannot be read again; it is left out", "url", c.URL, "ref", c.Ref, "error", err)
				continue
			}
			out = append(out, v)
		}
	}
	if destroyed > 0 {
		log.Warn("captures were destroyed; what they showed is left out", "captures", destroyed)
	}
	slices.SortStableFunc(out, func(a, b sighting) int { return a.At.Compare(b.At) })
	return out, nil
}

func (d *stacks) sighting(ctx context.Context, c state.Capture, ref forum.DocRef) (sighting, error) {
	r, err := d.recall(ctx, c)
	if err != nil {
		return sighting{}, err
	}
	v := sighting{
		At: c.ObservedAt, Page: c.Key, URL: c.URL, Capture: c.Ref, Viewer: r.capture.Viewer,
		Gone: c.Outcome == state.Gone, Whole: !r.capture.Truncated,
	}
	for _, said := range r.reading.Contributions {
		if said.Doc != ref {
			continue
		}
		o, err := index.Observe(said)
		if err != nil {
			return v, err
		}
		v.Shown = &o
	}
	return v, nil
}

// historyEvent is one thing that happened to a post.
type historyEvent struct {
	At       time.Time       `json:"at"`
	What     string          `json:"what"` // first seen, edited, deleted, not shown, shown again, missing, retracted
	Detail   string          `json:"detail,omitempty"`
	Revision int             `json:"revision,omitempty"` // that begins
	Capture  string          `json:"capture,omitempty"`  // place in the archive
	Title    []worddiff.Part `json:"title,omitempty"`
	Text     []worddiff.Part `json:"text,omitempty"`
	Quoted   []worddiff.Part `json:"quoted,omitempty"`
}

// postHistory puts together what revisions and sightings say of a post.
func (d *stacks) postHistory(ctx context.Context, doc state.Document, seen []sighting) ([]historyEvent, error) {
	edits, err := d.edits(ctx, doc)
	if err != nil {
		return nil, err
	}
	events := slices.Concat(edits, appearances(seen))
	slices.SortStableFunc(events, func(a, b historyEvent) int { return a.At.Compare(b.At) })
	if !doc.MissingSince.IsZero() { // what holds now comes last: the pass that missed it first began before its page was read
		events = append(events, historyEvent{At: doc.MissingSince, What: "missing", Detail: "since then complete passes over its thread do not find it"})
	}
	if doc.Retracted {
		events = append(events, historyEvent{At: doc.ChangedAt, What: "retracted", Detail: "a newer reading of its page finds no such post"})
	}
	return events, nil
}

// edits gives the first sight of a post and each revision after it.
func (d *stacks) edits(ctx context.Context, doc state.Document) ([]historyEvent, error) {
	old, err := d.store.Revisions(ctx, doc.Key)
	if err != nil {
		return nil, err
	}
	var versions []*index.RevisionDoc
	for _, raw := range append(old, doc) {
		v, err := index.ParsePost(raw.Body)
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	slices.SortStableFunc(versions, func(a, b *index.RevisionDoc) int { return a.Revision - b.Revision })
	events := []historyEvent{{At: doc.FirstSeenAt, What: "first seen", Detail: written(versions[0]), Revision: versions[0].Revision}}
	for i, v := range versions[1:] {
		before := versions[i]
		e := historyEvent{At: before.ReplacedAt, What: "edited", Detail: editNote(v), Revision: v.Revision}
		e.Title = changed(before.Title, v.Title)
		e.Text = changed(before.Body.Text, v.Body.Text)
		e.Quoted = changed(before.Body.QuotedText, v.Body.QuotedText)
		events = append(events, e)
	}
	return events, nil
}

func changed(before, after string) []worddiff.Part {
	if before == after {
		return nil
	}
	return worddiff.Diff(before, after)
}

func written(d *index.RevisionDoc) string {
	if d.PublishedAt.IsZero() {
		return ""
	}
	return "written " + d.PublishedAt.Format(toTheMinute)
}

func editNote(d *index.RevisionDoc) string {
	var parts []string
	if !d.EditedAt.IsZero() {
		parts = append(parts, "the page says: "+d.EditedAt.Format(toTheMinute))
	}
	if d.EditedBy != "" {
		parts = append(parts, "by "+d.EditedBy)
	}
	if d.EditReason != "" {
		parts = append(parts, fmt.Sprintf("reason: %q", d.EditReason))
	}
	if len(parts) == 0 {
		return "without a note on the page"
	}
	return strings.Join(parts, ", ")
}

// appearances tells when a post was no longer shown, and when it was back. It
// counts as shown while the newest look at any of its pages shows it: posts move
// from page to page when others are deleted. Each viewer's looks stand alone.
func appearances(seen []sighting) []historyEvent {
	var events []historyEvent
	newest := map[string]string{} // by page and viewer, the state of the post
	last := ""
	for _, v := range seen {
		at := v.Page + " " + v.Viewer
		switch {
		case v.Shown != nil && v.Shown.Post != nil:
			newest[at] = v.Shown.Post.Post.State
		case v.Whole:
			delete(newest, at)
		default:
			continue // the rest of the page may have shown it
		}
		now := newest[at]
		for _, elsewhere := range newest {
			if now == "" {
				now = elsewhere
			}
		}
		if e, ok := turn(last, now, v); ok {
			events = append(events, e)
		}
		if now != "" || last != "" {
			last = standing(now)
		}
	}
	return events
}

// standing names what a post is between two sightings.
func standing(shown string) string {
	if shown == "" {
		return "absent"
	}
	return shown
}

// turn is the event of a post's going from one state to another.
func turn(before, now string, v sighting) (historyEvent, bool) {
	e := historyEvent{At: v.At, Capture: v.Capture}
	switch now = standing(now); {
	case before == now || before == "" && now == forum.PostVisible || before == "" && now == "absent":
		return e, false
	case now == "absent" && v.Gone:
		e.What, e.Detail = "not shown", "its page is gone: "+v.URL
	case now == "absent":
		e.What, e.Detail = "not shown", "on "+v.URL
	case now == forum.PostDeleted:
		e.What, e.Detail = "deleted", "the forum says so on "+v.URL
	case before == "absent" || before == forum.PostDeleted:
		e.What, e.Detail = "shown again", "on "+v.URL
	default:
		e.What, e.Detail = now, "on "+v.URL
	}
	return e, true
}

// toTheMinute is how times are shown to people, in UTC.
const toTheMinute = "2006-01-02 15:04"

func printEvents(s streams, doc state.Document, events []historyEvent, view historyView) error {
	if view.json {
		return jsonLines(s, events)
	}
	o, err := index.ParseDocument(doc.Body)
	if err != nil {
		return err
	}
	printOverview(s.out, o)
	marks, around := worddiff.Plain(), 8
	if isTerminal(s.out) {
		marks = worddiff.Colour()
	}
	if view.full {
		around = -1
	}
	for _, e := range events {
		head := fmt.Sprintf("%s  %s", e.At.UTC().Format(toTheMinute), e.What)
		if e.What == "edited" {
			head += fmt.Sprintf(", revision %d", e.Revision)
		}
		fmt.Fprintln(s.out, strings.Join(nonEmpty(head, e.Detail), " · "))
		for _, part := range []struct {
			name  string
			parts []worddiff.Part
		}{{"title: ", e.Title}, {"", e.Text}, {"quoted: ", e.Quoted}} {
			if len(part.parts) > 0 {
				fmt.Fprintf(s.out, "    %s%s\n", part.name, worddiff.Text(part.parts, marks, around))
			}
		}
	}
	return nil
}

// jsonLines writes values as one JSON line each.
func jsonLines[T any](s streams, values []T) error {
	enc := json.NewEncoder(s.out)
	enc.SetEscapeHTML(false)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("writing a line: %w", err)
		}
	}
	return nil
}
