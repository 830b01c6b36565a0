package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newRuns(s streams) *cobra.Command {
	var data, site string
	var limit int
	var asJSON bool
	c := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of a data folder: when, how they ended, what they found",
		Long: `List the runs of a data folder, newest first. Every command that changes the data
folder leaves a record; a run of a study names what was asked as well.`,
		Example: "  forumine runs\n  forumine runs --site radios --limit 0\n  forumine runs show 12\n  forumine runs show 11 12",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withState(c.Context(), data, func(store *state.Reader) error {
				runs, err := store.RunsOf(c.Context(), site, unlimited(limit))
				if site == "" {
					runs, err = store.Runs(c.Context(), unlimited(limit))
				}
				if err != nil {
					return err
				}
				if asJSON {
					return runLines(s.out, runs)
				}
				return runTable(s.out, runs)
			})
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "runs of this site of a study, by its name")
	c.Flags().IntVar(&limit, "limit", 20, "list at most so many (0: all)")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	c.AddCommand(newRunsShow(s), newCite(s))
	return c
}

// unlimited is SQLite's word for no limit where n is 0.
func unlimited(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func newRunsShow(s streams) *cobra.Command {
	var data string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID [ID]",
		Short: "Show one run's record, or compare two",
		Long: `Show a run's record: what was asked and by which version, when it began and why,
how it ended, and what it counted. Of two runs the differences are shown: in what
was asked, and in every count.`,
		Example: "  forumine runs show 12\n  forumine runs show 11 12",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			return withState(c.Context(), data, func(store *state.Reader) error {
				var runs []state.Run
				for _, arg := range args {
					run, err := runByArg(c.Context(), store, arg)
					if err != nil {
						return err
					}
					runs = append(runs, run)
				}
				switch {
				case asJSON:
					return runLines(s.out, runs)
				case len(runs) == 2:
					return compareRuns(s.out, runs[0], runs[1])
				}
				return showRun(s.out, runs[0])
			})
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// withState opens a data folder's state for reading.
func withState(ctx context.Context, data string, do func(*state.Reader) error) (err error) {
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store)
}

func runByArg(ctx context.Context, store *state.Reader, arg string) (state.Run, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return state.Run{}, misuse("%q is no run's number: `forumine runs` lists them", arg)
	}
	run, err := store.RunByID(ctx, id)
	if errors.Is(err, state.ErrNotFound) {
		return run, fmt.Errorf("there is no run %d: `forumine runs` lists them", id)
	}
	return run, err
}

func runTable(out io.Writer, runs []state.Run) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "run\tbegan\ttook\twhat\tended\tpages\tnew\tchanged\tmissing")
	for _, r := range runs {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", r.ID, r.StartedAt.Format("2006-01-02 15:04"), tookText(r), r.Command,
			firstWords(r.Status), visitsOf(r), r.Counts["posts_new"], r.Counts["posts_changed"], r.Counts["posts_missing"])
	}
	return w.Flush()
}

// firstWords cuts what follows a colon or is too long for a table.
func firstWords(s string) string {
	s, _, _ = strings.Cut(s, ": ")
	return s
}

func tookText(r state.Run) string {
	if r.EndedAt.IsZero() {
		return "…"
	}
	return r.EndedAt.Sub(r.StartedAt).Round(time.Second).String()
}

// runRecord is a run as JSON.
type runRecord struct {
	ID      int64            `json:"id"`
	Command string           `json:"command"`
	Site    string           `json:"site,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	DueAt   *time.Time       `json:"due_at,omitempty"`
	Started time.Time        `json:"started_at"`
	Ended   *time.Time       `json:"ended_at,omitempty"`
	Status  string           `json:"status"`
	Version string           `json:"version,omitempty"`
	Config  string           `json:"config,omitempty"`
	Asked   json.RawMessage  `json:"asked,omitempty"`
	Counts  map[string]int64 `json:"counts"`
}

func runLines(out io.Writer, runs []state.Run) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, r := range runs {
		v := runRecord{ID: r.ID, Command: r.Command, Site: r.Site, Reason: r.Reason, Started: r.StartedAt, Status: r.Status,
			Version: r.Version, Config: r.Config, Asked: json.RawMessage(r.Asked), Counts: r.Counts}
		if !r.DueAt.IsZero() {
			v.DueAt = &r.DueAt
		}
		if !r.EndedAt.IsZero() {
			v.Ended = &r.EndedAt
		}
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// runFacts are the lines of a record above its counts.
func runFacts(r state.Run) [][2]string {
	facts := [][2]string{
		{"command", r.Command}, {"began", r.StartedAt.Format(time.RFC3339)}, {"ended", endText(r)}, {"status", r.Status},
		{"reason", r.Reason}, {"due", timeText(r.DueAt)}, {"version", r.Version}, {"configuration", r.Config},
	}
	asked := map[string]any{}
	if err := json.Unmarshal([]byte(orObject(r.Asked)), &asked); err != nil {
		return append(facts, [2]string{"asked", r.Asked})
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		v, err := json.Marshal(asked[name])
		if err != nil { // it has just been read
			continue
		}
		facts = append(facts, [2]string{"asked: " + name, string(v)})
	}
	return facts
}

func orObject(s string) string {
	if s == "" {
		return "{}"
	}
	return s
}

func endText(r state.Run) string {
	if r.EndedAt.IsZero() {
		return "not yet"
	}
	return fmt.Sprintf("%s, after %s", r.EndedAt.Format(time.RFC3339), tookText(r))
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func showRun(out io.Writer, r state.Run) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "run\t%d\n", r.ID)
	for _, f := range runFacts(r) {
		if f[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", f[0], f[1])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(w, "count: %s\t%d\n", name, r.Counts[name])
	}
	return w.Flush()
}

// compareRuns shows where two runs differ, and every count of both.
func compareRuns(out io.Writer, a, b state.Run) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "run\t%d\t%d\n", a.ID, b.ID)
	left, right := factMap(a), factMap(b)
	names := maps.Clone(left)
	maps.Copy(names, right)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if left[name] != right[name] {
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, orNone(left[name]), orNone(right[name]))
		}
	}
	counts := maps.Clone(a.Counts)
	maps.Copy(counts, b.Counts)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "count: %s\t%d\t%d\t%+d\n", name, a.Counts[name], b.Counts[name], b.Counts[name]-a.Counts[name])
	}
	return w.Flush()
}

func factMap(r state.Run) map[string]string {
	out := map[string]string{}
	for _, f := range runFacts(r) {
		out[f[0]] = f[1]
	}
	return out
}
