package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"forumine/crawler/state"
	"forumine/index"

	"github.com/spf13/cobra"
)

func newRetry(s streams) *cobra.Command {
	var data, site string
	c := &cobra.Command{
		Use:   "retry [OUTCOME...]",
		Short: "Queue addresses again by what became of them: failed ones, or those with the named outcomes",
		Long: `Queue addresses again that were given up: those whose outcome is failed, or one
of the outcomes named. Their attempts are counted anew. Nothing is fetched by it:
the next crawl of the site takes them.

Outcomes are ` + joinOutcomes() + `; ` + "`forumine status --urls OUTCOME`" + `
lists the addresses of one.`,
		Example: `  forumine retry
  forumine retry challenged walled --site forum.example.org`,
		RunE: func(c *cobra.Command, args []string) error { return runRetry(c.Context(), s, data, site, args) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "only this site, by its id as `forumine status` shows it")
	return c
}

func runRetry(ctx context.Context, s streams, data, site string, args []string) (err error) {
	var outcomes []state.Outcome
	for _, a := range args {
		if !slices.Contains(state.Outcomes(), state.Outcome(a)) {
			return misuse("%q is no outcome; outcomes are %s", a, joinOutcomes())
		}
		outcomes = append(outcomes, state.Outcome(a))
	}
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.Open(ctx, data, state.Options{Folder: folder{index.NewFolder()}, Log: newLog(s, false)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if site != "" {
		if err := knownSite(ctx, store.Reader, site); err != nil {
			return err
		}
	}
	n, err := store.Retry(ctx, site, outcomes...)
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(s.out, "no address has that outcome: nothing is queued")
		return nil
	}
	fmt.Fprintf(s.out, "%d addresses are queued again: the next `forumine crawl` of the site fetches them\n", n)
	return nil
}

// knownSite refuses a site that the data folder does not have.
func knownSite(ctx context.Context, r *state.Reader, id string) error {
	site, err := r.Site(ctx, id)
	if errors.Is(err, state.ErrNotFound) || (err == nil && site.ID != id) {
		return misuse("--site %q is no site of this data folder: `forumine status` lists them", id)
	}
	return err
}
