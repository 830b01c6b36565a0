package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"forumine/crawler"
	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newPlan(s streams) *cobra.Command {
	var data, site string
	var limit int
	c := &cobra.Command{
		Use:   "plan [URL]",
		Short: "Say what a crawl would ask for next, and why, without one request",
		Long: `Say what a crawl of an address, or the next crawl of a site, would ask for first,
one line a page: when, address, why. Nothing is fetched and nothing is changed. Of
a site that is not known yet only the first two requests can be foretold; listings
that have changed lead to more pages than a plan can show. Pages that the audit lane
would read again come last; how many of them a crawl takes depends on its --delay,
--budget-requests and --audit.`,
		Example: `  forumine plan https://forum.example.org/
  forumine plan --site forum.example.org --limit 0`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return runPlan(c.Context(), s, data, site, limit, args)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "the next crawl of this site, by its id as `forumine status` shows it")
	c.Flags().IntVar(&limit, "limit", 50, "list at most so many pages (0: all)")
	return c
}

func runPlan(ctx context.Context, s streams, data, site string, limit int, args []string) (err error) {
	if (len(args) == 1) == (site != "") {
		return misuse("give either an address or --site")
	}
	if err := dataFolder(data); err != nil && site != "" {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if errors.Is(err, state.ErrNotFound) && site == "" {
		return planUnknown(s, args[0])
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	planner := crawler.NewPlanner(store, pageReader{}, time.Now)
	if site != "" {
		if err := knownSite(ctx, store, site); err != nil {
			return err
		}
		plan, err := planner.Site(ctx, site)
		if err != nil {
			return err
		}
		return printPlan(ctx, s, store, plan, limit)
	}
	plan, _, known, err := planner.Address(ctx, args[0])
	if err != nil {
		return misuse("%w", err)
	}
	if !known {
		return planUnknown(s, args[0])
	}
	return printPlan(ctx, s, store, plan, limit)
}

// planUnknown is the plan for a site that nothing is known of.
func planUnknown(s streams, raw string) error {
	robots, err := crawler.RobotsOf(raw)
	if err != nil {
		return misuse("%w", err)
	}
	fmt.Fprintf(s.out, "now\t%s\tthe host's rules come first\n", robots)
	fmt.Fprintf(s.out, "now\t%s\tthe site is not known yet: what this page shows decides the rest\n", raw)
	return nil
}

func printPlan(ctx context.Context, s streams, store *state.Reader, plan []crawler.Planned, limit int) error {
	st, err := store.Status(ctx)
	if err != nil {
		return err
	}
	for _, slot := range st.Paused {
		fmt.Fprintf(s.out, "%s pauses until %s: %s\n", slot.Slot, slot.PausedUntil.UTC().Format(time.RFC3339), orNone(slot.PauseReason))
	}
	for i, p := range plan {
		if limit > 0 && i == limit {
			fmt.Fprintf(s.out, "… and %d more\n", len(plan)-limit)
			return nil
		}
		at := "now"
		if !p.At.IsZero() {
			at = p.At.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", at, p.URL, p.Why)
	}
	if len(plan) == 0 {
		fmt.Fprintln(s.out, "nothing is due")
	}
	return nil
}
