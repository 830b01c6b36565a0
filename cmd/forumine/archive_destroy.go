package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"

	"github.com/spf13/cobra"
)

func newArchiveDestroy(s streams) *cobra.Command {
	var data, before string
	var dry bool
	c := &cobra.Command{
		Use:   "destroy --before DATE",
		Short: "Destroy the captures that were fetched before a date, and keep a record of it",
		Long: `Destroy the pages as they were fetched: captures from before a date go from the
archive for good, with their requests and digests. What was read from them, the
documents in state and index, stays as it is. Where something needs the page,
it says when the capture was destroyed. People can still be forgotten, and privacy
made stricter, but not looser.

A file of which nothing stays is removed, any other written anew; of an encrypted
archive that takes no identity. Interrupted, the next command that writes to the
data folder finishes it. A record stays: ` + "`forumine archive destroyed`" + ` and ` + "`forumine runs`" + `.
A study does this by itself: storage.destroy_captures (docs/privacy.md).`,
		Example: `  forumine archive destroy --before 2026-01-31 --dry-run
  forumine archive destroy --before 2026-01-31`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := parseBefore(before)
			if err != nil {
				return err
			}
			return runArchiveDestroy(c.Context(), s, data, at, dry)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&before, "before", "", "destroy what was fetched before this day (UTC), 2026-01-31, or time, RFC 3339")
	c.Flags().BoolVar(&dry, "dry-run", false, "change nothing: say what would go")
	return c
}

func parseBefore(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, misuse("say with --before which captures go: those fetched before that day, for example --before 2026-01-31")
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, misuse("--before %q is no date: give it as 2026-01-31, or as 2026-01-31T12:00:00Z", text)
}

func runArchiveDestroy(ctx context.Context, s streams, data string, before time.Time, dry bool) (err error) {
	p, err := openStore(ctx, s, data, encryption{identity: identityFile(s)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.settle(ctx, dry); err != nil {
		return err
	}
	unread, err := p.store.Meta(ctx, crawler.MetaUnread)
	if err != nil {
		return err
	}
	if unread != "" {
		fmt.Fprintf(s.err, "%s encrypted captures were never read, because their process died: those among them that go are lost; give --identity to have them read first\n", unread)
	}
	order := archive.DestroyOrder{Before: before, Rule: "archive destroy --before " + before.Format(time.RFC3339), Dry: dry}
	if dry {
		d, err := p.archive.Destroy(ctx, order)
		if err == nil {
			fmt.Fprintf(s.out, "%s would go\n", destructionText(d))
		}
		return err
	}
	d, err := p.destroy(ctx, order, "")
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s destroyed\n", destructionText(d))
	return nil
}

// settle reads what a crawl that died has archived, before it may go.
func (p *pipeline) settle(ctx context.Context, dry bool) error {
	if dry {
		return nil
	}
	if err := p.usePrivacy(ctx, pipelineOptions{}); err != nil {
		return err
	}
	if err := p.useProfiles(ctx, given{}); err != nil {
		return err
	}
	return p.recover(ctx)
}

// destroy carries out a destruction and leaves a record of it among the runs,
// unless there is nothing to destroy.
func (p *pipeline) destroy(ctx context.Context, o archive.DestroyOrder, config string) (archive.Destruction, error) {
	if _, err := p.archive.FinishDestruction(ctx); err != nil {
		return archive.Destruction{}, err
	}
	dry := o
	dry.Dry = true
	would, err := p.archive.Destroy(ctx, dry)
	if err != nil || would.Captures == 0 {
		return would, err
	}
	asked, err := json.Marshal(map[string]any{"before": o.Before, "oldest": would.Oldest, "newest": would.Newest})
	if err != nil {
		return would, fmt.Errorf("noting what is destroyed: %w", err)
	}
	id, err := p.store.BeginOrder(ctx, state.RunOrder{Command: "archive destroy", Asked: string(asked), Version: version, Config: config, Reason: o.Rule})
	if err != nil {
		return would, err
	}
	d, err := p.archive.Destroy(ctx, o)
	counts := map[string]int64{"captures_destroyed": d.Captures, "bytes_destroyed": d.Bytes, "files_removed": int64(d.Removed), "files_changed": int64(d.Changed)}
	return d, p.endRun(ctx, id, err, counts)
}

func destructionText(d archive.Destruction) string {
	text := fmt.Sprintf("%s, %d bytes", plural(int(d.Captures), "capture", "captures"), d.Bytes)
	if d.Captures > 0 {
		text += fmt.Sprintf(", fetched from %s to %s", d.Oldest.Format(time.DateOnly), d.Newest.Format(time.DateOnly))
	}
	return text
}

func newArchiveDestroyed(s streams) *cobra.Command {
	var data string
	var asJSON bool
	c := &cobra.Command{
		Use:   "destroyed",
		Short: "List the destructions of captures: when, which, how many, by which rule",
		Long: `List the record of destructions, which lies in the archive (destroyed.jsonl): when
each was carried out, of which captures, how many and how large, by which rule and
by which version.`,
		Example: "  forumine archive destroyed\n  forumine archive destroyed --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := dataFolder(data); err != nil {
				return err
			}
			all, err := archive.Destructions(filepath.Join(data, "archive"))
			if err != nil {
				return err
			}
			if asJSON {
				return jsonLines(s, all)
			}
			return destructionTable(s, all)
		},
	}
	dataFlag(c.Flags(), &data)
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON line a destruction")
	return c
}

func destructionTable(s streams, all []archive.Destruction) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "began\tended\tfetched before\tfirst\tlast\tcaptures\tbytes\tby\tversion")
	for _, d := range all {
		ended := "not yet"
		if !d.Ended.IsZero() {
			ended = d.Ended.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", d.Begun.Format(time.RFC3339), ended, d.Before.Format(time.RFC3339),
			d.Oldest.Format(time.DateOnly), d.Newest.Format(time.DateOnly), d.Captures, d.Bytes, d.Rule, d.Software)
	}
	return w.Flush()
}

// destroyDue carries out what the study says of destroying captures, once for each
// day that it falls due on.
func (r *runner) destroyDue(ctx context.Context) {
	rule := r.cfg.Storage.DestroyCaptures
	before, due := rule.Due(r.clock.Now())
	if !due || ctx.Err() != nil {
		return
	}
	r.destroying.Lock()
	defer r.destroying.Unlock()
	if r.destroyed.Equal(before) {
		return
	}
	only, err := r.p.mayHoldOlder(ctx, before)
	var d archive.Destruction
	if err == nil {
		d, err = r.p.destroy(ctx, archive.DestroyOrder{Before: before, Rule: "storage.destroy_captures: " + rule.String(), Only: only}, r.cfg.Hash())
	}
	switch {
	case ctx.Err() != nil: // the next start goes on
		return
	case err != nil:
		r.event(event{Event: "failed_run", Message: fmt.Sprintf("captures that were to be destroyed (storage.destroy_captures: %s) may still be there; it is tried again: %v", rule, err)})
		return
	case d.Captures > 0:
		r.log.Info("captures were destroyed", "rule", rule.String(), "captures", d.Captures, "bytes", d.Bytes, "before", before)
	}
	r.destroyed = before
}

// mayHoldOlder tells by the names of the archive's files which may hold captures
// from before a time: all, where captures were imported, for these are older than
// their files.
func (p *pipeline) mayHoldOlder(ctx context.Context, before time.Time) (func(string) bool, error) {
	runs, err := p.store.Runs(ctx, unlimited(0))
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		if run.Command == "import" {
			return nil, nil
		}
	}
	return func(file string) bool {
		began, ok := archive.Began(file)
		return !ok || began.Before(before)
	}, nil
}
