package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

func newStatus(s streams) *cobra.Command {
	var data, outcome, files string
	var all bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Say what is known: sites, threads, posts, queue, last run, gaps, dead letters",
		Long: `Say what a data folder knows, on one screen: sites, queue, outcomes, the last run of
each site of a study, the most frequent gaps. --all leaves nothing out.`,
		Example: `  forumine status
  forumine status --urls walled`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), s, data, outcome, files, all) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().BoolVar(&all, "all", false, "every site, pause and gap, however many there are")
	c.Flags().StringVar(&outcome, "urls", "", "list the pages with this outcome, each with its reason")
	c.Flags().StringVar(&files, "files", "", "list the files of posts with this outcome")
	c.MarkFlagsMutuallyExclusive("urls", "files")
	return c
}

func runStatus(ctx context.Context, s streams, data, outcome, files string, all bool) (err error) {
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
	runs, err := store.LastRuns(ctx)
	if err != nil {
		return err
	}
	screen := statusScreen{s.out, all}
	screen.print(st, runs)
	if err := screen.sitemaps(ctx, store, st.Sites); err != nil {
		return err
	}
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

// statusScreen prints the status. Of what may be many it prints the first few,
// unless all is asked for.
type statusScreen struct {
	out io.Writer
	all bool
}

// How much of what may be many fits on one screen.
const (
	shownSites  = 12
	shownRuns   = 8
	shownPauses = 4
	shownGaps   = 8
)

// some gives how many of n things to print, and says how many are left out.
func (p statusScreen) some(n, most int, what string) int {
	if p.all || n <= most {
		return n
	}
	fmt.Fprintf(p.out, "%-9s the first %d of %d: --all shows the rest\n", what, most, n)
	return most
}

func (p statusScreen) print(st state.Status, runs []state.Run) {
	out := p.out
	for _, site := range st.Sites[:p.some(len(st.Sites), shownSites, "sites")] {
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
	for _, r := range runs[:p.some(len(runs), shownRuns, "runs")] {
		fmt.Fprintf(out, "run       %s: %s, %s: %d pages, %d posts new, %d changed (run %d)\n", r.Site, r.StartedAt.Format("2006-01-02 15:04"), firstWords(r.Status),
			visitsOf(r), r.Counts["posts_new"], r.Counts["posts_changed"], r.ID)
	}
	if !st.LastRun.StartedAt.IsZero() && len(runs) == 0 {
		fmt.Fprintf(out, "last run  %s, %s: %s\n", st.LastRun.StartedAt.UTC().Format(time.RFC3339), st.LastRun.Status, st.LastRun.Command)
	}
	fmt.Fprintf(out, "outbox    %d documents wait for the index", st.OutboxRows)
	if st.OutboxRows > 0 {
		fmt.Fprintf(out, ", %v", byteSize(st.OutboxBytes))
	}
	fmt.Fprintln(out)
	fmt.Fprintf(out, "refused   %d dead letters\n", st.DeadLetters)
	for _, slot := range st.Paused[:p.some(len(st.Paused), shownPauses, "pauses")] {
		fmt.Fprintf(out, "paused    %s until %s: %s\n", slot.Slot, slot.PausedUntil.UTC().Format(time.RFC3339), slot.PauseReason)
	}
	slices.SortStableFunc(st.Gaps, func(a, b state.GapCount) int { return cmp.Compare(b.Count, a.Count) })
	for _, g := range st.Gaps[:p.some(len(st.Gaps), shownGaps, "gaps")] {
		fmt.Fprintf(out, "gap       %s on %d pages, %d times (%s)\n", g.Name, g.Pages, g.Count, g.Site)
	}
}

// sitemaps says what became of the sites' sitemaps.
func (p statusScreen) sitemaps(ctx context.Context, store *state.Reader, sites []state.SiteStatus) error {
	for i, site := range sites {
		if !p.all && i == shownSites {
			return nil
		}
		m, err := crawler.SitemapOf(ctx, store, site.Site)
		switch {
		case err != nil:
			return err
		case m.Reason != "":
			fmt.Fprintf(p.out, "sitemap   %s: none that could be read: %s\n", site.Site, m.Reason)
		case !m.Start.IsZero():
			fmt.Fprintf(p.out, "sitemap   %s: %d files, %d requests, read %s; of all threads, %d that no listing had shown, and %d with posts that none had\n",
				site.Site, m.Files, m.Took, m.Start.UTC().Format("2006-01-02 15:04"), m.New, m.Due)
		}
	}
	return nil
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
	if err != nil {
		return err
	}
	unread, err := store.Meta(ctx, crawler.MetaUnread)
	if err == nil && unread != "" {
		_, err = fmt.Fprintf(out, "unread    %s encrypted captures of a process that died wait for the identity: give it to the next command that crawls\n", unread)
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
