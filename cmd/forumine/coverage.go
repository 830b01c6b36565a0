package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newCoverage(s streams) *cobra.Command {
	var data, site string
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "coverage",
		Short: "Compare what is held with what the forum itself says it has, board by board and thread by thread",
		Long: `Compare the posts that are held with what the forum itself says: the counters of
its listings, the page counts and positions of its threads, its members' counts.
Each difference is explained (members only, deleted, moved, beyond scope, not yet
fetched and the like) or marked unexplained.

Nothing is fetched: listings are read again from the archive. What is held in full
is counted; --all lists it too.`,
		Example: `  forumine coverage
  forumine coverage --site forum.example.org --json | jq 'select(.why=="unexplained")'`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runCoverage(c.Context(), s, data, site, all, asJSON)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "only this site, by its id as `forumine status` shows it")
	c.Flags().BoolVar(&all, "all", false, "list boards and threads that are held in full too")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON line a board, thread and site")
	return c
}

func runCoverage(ctx context.Context, s streams, data, only string, all, asJSON bool) (err error) {
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if only != "" {
		if err := knownSite(ctx, store, only); err != nil {
			return err
		}
	}
	a, err := openArchive(ctx, s, data, store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	profiles, err := profilesOf(ctx, store)
	if err != nil {
		return err
	}
	sites, err := store.Sites(ctx)
	if err != nil {
		return err
	}
	for _, site := range sites {
		if only != "" && site.ID != only {
			continue
		}
		c := newCensus(site, store, a, profiles, newLog(s, false))
		if err := c.take(ctx); err != nil {
			return fmt.Errorf("comparing %s: %w", site.ID, err)
		}
		if err := printCoverage(s, site.ID, c.report(), all, asJSON); err != nil {
			return err
		}
	}
	return nil
}

// covered is one line of a coverage: a board or a thread, or the members of a
// site.
type covered struct {
	Site    string `json:"site"`
	Of      string `json:"of"` // board, thread or members
	ID      string `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Held    int64  `json:"held"`              // posts
	Claimed *int64 `json:"claimed,omitempty"` // posts that the forum says there are; absent where it does not say
	Source  string `json:"source,omitempty"`  // what says so
	Why     string `json:"why,omitempty"`     // of a difference
	Detail  string `json:"detail,omitempty"`
}

// differs tells whether the line has something to explain.
func (c covered) differs() bool { return c.Why != "" }

// The reasons of a difference.
const (
	whyMembers     = "members only"
	whyDeleted     = "deleted"
	whyMoved       = "moved"
	whyScope       = "beyond scope"
	whyPending     = "not yet fetched"
	whyFailed      = "could not be fetched"
	whyRobots      = "robots.txt"
	whyRounded     = "the forum rounds its counts"
	whyNewer       = "newer than the count"
	whyParts       = "the differences of its threads and boards"
	whyUnexplained = "unexplained"
)

func printCoverage(s streams, site string, lines []covered, all, asJSON bool) error {
	if asJSON {
		return coverageJSON(s, lines, all)
	}
	held := map[string]int64{}
	count, full := map[string]int{}, map[string]int{}
	reasons := map[string]int{}
	for _, l := range lines {
		count[l.Of]++
		held[l.Of] += l.Held
		if !l.differs() {
			full[l.Of]++
			continue
		}
		reasons[l.Why]++
	}
	fmt.Fprintf(s.out, "%s: %d posts held; %d of %d boards and %d of %d threads as the forum counts them\n",
		site, held["thread"], full["board"], count["board"], full["thread"], count["thread"])
	for _, why := range sortedByCount(reasons) {
		fmt.Fprintf(s.out, "  %d × %s\n", reasons[why], why)
	}
	for _, l := range lines {
		if l.differs() || all {
			fmt.Fprintln(s.out, l)
		}
	}
	return nil
}

func coverageJSON(s streams, lines []covered, all bool) error {
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	for _, l := range lines {
		if !l.differs() && !all {
			continue
		}
		if err := out.Encode(l); err != nil {
			return fmt.Errorf("writing the coverage: %w", err)
		}
	}
	return nil
}

// String is one line for people.
func (c covered) String() string {
	claimed := "?"
	if c.Claimed != nil {
		claimed = strconv.FormatInt(*c.Claimed, 10)
	}
	line := fmt.Sprintf("%s %s (%s): %d of %s posts", c.Of, c.Name, c.ID, c.Held, claimed)
	if c.Of == "members" {
		line = fmt.Sprintf("%s: %d of the %s posts that their cards count", c.Name, c.Held, claimed)
	}
	if c.Source != "" {
		line += " (" + c.Source + ")"
	}
	if c.Why != "" {
		line += ": " + c.Why
	}
	if c.Detail != "" {
		line += ", " + c.Detail
	}
	return line
}

func sortedByCount(n map[string]int) []string {
	names := make([]string, 0, len(n))
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	return names
}
