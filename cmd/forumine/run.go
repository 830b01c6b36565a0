package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"forumine/cmd/forumine/study"

	"github.com/spf13/cobra"
)

// stopWithin is how long a study may take to stop when it is told to.
const stopWithin = 10 * time.Second

func newRun(s streams) *cobra.Command {
	var f studyFlags
	var once bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Carry out a study: crawl its sites by their schedules until stopped",
		Long: `Carry out the study that forumine.yaml describes, for as long as the process
lives: each site by its schedule, several at a time, never two runs of one site.
SIGTERM and Ctrl-C stop it within ten seconds; nothing is lost, and the same
command goes on where it stopped. A run that was due while no process lived is
made up for at the start.`,
		Example: "  forumine run\n  forumine run --once -c studies/radios.yaml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, _, err := f.load()
			if err != nil {
				return err
			}
			return runStudy(c.Context(), s, cfg, once)
		},
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&once, "once", false, "crawl every site once, now, and end")
	return c
}

// runStudy carries out a study. When it is told to stop and does not within its
// time, the process ends all the same: what is committed stays.
func runStudy(ctx context.Context, s streams, cfg *study.Config, once bool) error {
	done := make(chan error, 1)
	go func() { done <- carryOut(ctx, s, cfg, once) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(stopWithin)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return fmt.Errorf("not everything stopped within %s; nothing that was committed is lost, and the same command goes on from there", stopWithin)
	}
}

func carryOut(ctx context.Context, s streams, cfg *study.Config, once bool) (err error) {
	lines := newSiteLines(s)
	log := studyLog(lines, cfg.Log, *s.jsonLog)
	o := runnerOptions{clock: wallClock{}, log: log, maxWait: time.Minute, identity: identityFile(s)}
	if once {
		o.maxWait, o.hasty = 0, true // the crawler's own
	}
	r, err := openRunner(ctx, cfg, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	unfollow := lines.follow(r)
	defer unfollow()
	if cfg.Metrics.Listen != "" {
		stop, err := serveMonitor(ctx, cfg.Metrics.Listen, r, log)
		if err != nil {
			return err
		}
		defer stop()
	}
	if once {
		return r.once(ctx, s.out, unfollow)
	}
	log.Info("the study begins", "sites", len(cfg.Sites), "data", cfg.Storage.Data, "config", cfg.Hash()[:16], "version", version)
	r.forever(ctx)
	log.Info("the study stops; the same command goes on from here")
	return nil
}

// studyLog makes the log that a study asks for.
func studyLog(w io.Writer, l study.Log, asJSON bool) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo // study.Parse knows the levels
	}
	return logTo(w, level, asJSON || l.Format == "json")
}

// once crawls every site now, says what came of it when nothing else is shown
// any more, and waits until the index has everything.
func (r *runner) once(ctx context.Context, out io.Writer, unfollow func()) error {
	results := r.each(ctx, func(ctx context.Context, site study.Site) siteResult {
		return r.crawl(ctx, site, r.clock.Now(), "once")
	})
	unfollow()
	var failed []string
	for i, res := range results {
		if ctx.Err() == nil {
			r.tell(r.cfg.Sites[i], res)
		}
		fmt.Fprintf(out, "%s: run %d, %s: %d pages, %d posts new, %d changed\n", res.site, res.run, res.status, res.pages, res.counts["posts_new"], res.counts["posts_changed"])
		if res.err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", res.site, res.err))
		}
	}
	if ctx.Err() != nil {
		return statusError{exitFailed, errors.New("stopped; the same command goes on from here")}
	}
	r.p.sender.Wake()
	err := r.p.endDelivery()
	if err == nil {
		err = r.p.sender.Drain(ctx)
	}
	if len(failed) > 0 {
		slices.Sort(failed)
		err = errors.Join(fmt.Errorf("of %s, %d failed:\n  %s", plural(len(results), "site", "sites"), len(failed), strings.Join(failed, "\n  ")), err)
	}
	return err
}

// listen opens the monitor's address.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("opening metrics.listen %s: %w", address, err)
	}
	return l, nil
}
