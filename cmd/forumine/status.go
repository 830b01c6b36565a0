package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newStatus(s streams) *cobra.Command {
	var data, outcome string
	c := &cobra.Command{
		Use:   "status",
		Short: "Say what is known: sites, threads, posts, queue, last run, gaps, dead letters",
		Example: `  forumine status
  forumine status --urls walled`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), s, data, outcome) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&outcome, "urls", "", "list the URLs with this outcome")
	return c
}

func runStatus(ctx context.Context, s streams, data, outcome string) (err error) {
	if outcome != "" && !slices.Contains(state.Outcomes(), state.Outcome(outcome)) {
		return misuse("--urls %q is no outcome; outcomes are %s", outcome, joinOutcomes())
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if outcome != "" {
		return store.URLs(ctx, state.URLFilter{Outcome: state.Outcome(outcome)}, func(u state.URL) error {
			_, err := fmt.Fprintf(s.out, "%s\t%s\n", u.URL, u.Reason)
			return err
		})
	}
	st, err := store.Status(ctx)
	if err != nil {
		return err
	}
	printStatus(s.out, st)
	return printDeadLetters(ctx, s.out, store, st.DeadLetters)
}

func joinOutcomes() string {
	var names []string
	for _, o := range state.Outcomes() {
		names = append(names, string(o))
	}
	return strings.Join(names, ", ")
}

func printStatus(out io.Writer, st state.Status) {
	for _, site := range st.Sites {
		fmt.Fprintf(out, "site      %s (%s): %d boards, %d threads, %d posts, %d authors\n",
			site.Site, orNone(site.Engine), site.Boards, site.Threads, site.Posts, site.Authors)
	}
	fmt.Fprintf(out, "queue     %d due, %d waiting, %d settled", st.Queue["ready"]+st.Queue["leased"], st.Queue["waiting"], st.Queue["settled"])
	if n := st.Queue["parked"]; n > 0 {
		fmt.Fprintf(out, ", %d set aside by a narrower crawl", n)
	}
	fmt.Fprintln(out)
	var parts []string
	for _, o := range state.Outcomes() {
		if n := st.Outcomes[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o, n))
		}
	}
	fmt.Fprintf(out, "outcomes  %s\n", orNone(strings.Join(parts, ", ")))
	if !st.LastRun.StartedAt.IsZero() {
		fmt.Fprintf(out, "last run  %s, %s: %s\n", st.LastRun.StartedAt.UTC().Format(time.RFC3339), st.LastRun.Status, st.LastRun.Command)
	}
	fmt.Fprintf(out, "outbox    %d documents wait for the index\n", st.OutboxRows)
	fmt.Fprintf(out, "refused   %d dead letters\n", st.DeadLetters)
	for _, slot := range st.Paused {
		fmt.Fprintf(out, "paused    %s until %s: %s\n", slot.Slot, slot.PausedUntil.UTC().Format(time.RFC3339), slot.PauseReason)
	}
	for _, g := range st.Gaps {
		fmt.Fprintf(out, "gap       %s on %d pages, %d times (%s)\n", g.Name, g.Pages, g.Count, g.Site)
	}
}

func printDeadLetters(ctx context.Context, out io.Writer, store *state.Reader, n int64) error {
	if n == 0 {
		return nil
	}
	shown := 0
	err := store.DeadLetters(ctx, func(d state.DeadLetter) error {
		if shown == 20 {
			return errFull
		}
		shown++
		_, err := fmt.Fprintf(out, "  %s %s: %s\n", d.Kind, d.Key, d.Reason)
		return err
	})
	if errors.Is(err, errFull) {
		return nil
	}
	return err
}

var errFull = errors.New("enough")
