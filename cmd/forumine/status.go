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
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

func newStatus(s streams) *cobra.Command {
	var data, outcome, files string
	c := &cobra.Command{
		Use:   "status",
		Short: "Say what is known: sites, threads, posts, queue, last run, gaps, dead letters",
		Example: `  forumine status
  forumine status --urls walled`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), s, data, outcome, files) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&outcome, "urls", "", "list the pages with this outcome, each with its reason")
	c.Flags().StringVar(&files, "files", "", "list the files of posts with this outcome")
	c.MarkFlagsMutuallyExclusive("urls", "files")
	return c
}

func runStatus(ctx context.Context, s streams, data, outcome, files string) (err error) {
	for flag, o := range map[string]string{"urls": outcome, "files": files} {
		if o != "" && !slices.Contains(state.Outcomes(), state.Outcome(o)) {
			return misuse("--%s %q is no outcome; outcomes are %s", flag, o, joinOutcomes())
		}
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if outcome != "" || files != "" {
		return listURLs(ctx, s.out, store, state.Outcome(outcome+files), files != "")
	}
	st, err := store.Status(ctx)
	if err != nil {
		return err
	}
	printStatus(s.out, st)
	if err := printHeld(ctx, s.out, store); err != nil {
		return err
	}
	return printDeadLetters(ctx, s.out, store, st.DeadLetters)
}

// listURLs lists the pages, or the files of posts, with an outcome.
func listURLs(ctx context.Context, out io.Writer, store *state.Reader, o state.Outcome, files bool) error {
	return store.URLs(ctx, state.URLFilter{Outcome: o}, func(u state.URL) error {
		if (u.Kind == forum.KindFile) != files {
			return nil
		}
		_, err := fmt.Fprintf(out, "%s\t%s\n", u.URL, u.Reason)
		return err
	})
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
	fmt.Fprintf(out, "outcomes  %s\n", orNone(outcomes(st.Outcomes)))
	printFiles(out, st.Files)
	if !st.LastRun.StartedAt.IsZero() {
		fmt.Fprintf(out, "last run  %s, %s: %s\n", st.LastRun.StartedAt.UTC().Format(time.RFC3339), st.LastRun.Status, st.LastRun.Command)
	}
	fmt.Fprintf(out, "outbox    %d documents wait for the index", st.OutboxRows)
	if st.OutboxRows > 0 {
		fmt.Fprintf(out, ", %v", byteSize(st.OutboxBytes))
	}
	fmt.Fprintln(out)
	fmt.Fprintf(out, "refused   %d dead letters\n", st.DeadLetters)
	for _, slot := range st.Paused {
		fmt.Fprintf(out, "paused    %s until %s: %s\n", slot.Slot, slot.PausedUntil.UTC().Format(time.RFC3339), slot.PauseReason)
	}
	for _, g := range st.Gaps {
		fmt.Fprintf(out, "gap       %s on %d pages, %d times (%s)\n", g.Name, g.Pages, g.Count, g.Site)
	}
}

// printFiles counts the files of posts, where any were asked for.
func printFiles(out io.Writer, f state.FileStatus) {
	if len(f.Queue) == 0 {
		return
	}
	fmt.Fprintf(out, "files     %s; %d due, %d waiting, %d set aside\n", orNone(outcomes(f.Outcomes)),
		f.Queue["ready"]+f.Queue["leased"], f.Queue["waiting"], f.Queue["parked"])
}

// printHeld says that a crawl waits for the index.
func printHeld(ctx context.Context, out io.Writer, store *state.Reader) error {
	since, err := store.Meta(ctx, metaHeld)
	if err == nil && since != "" {
		_, err = fmt.Fprintf(out, "held      since %s the outbox is full: nothing is fetched until the index has taken documents\n", since)
	}
	return err
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
