package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"forumine/crawler"
	"forumine/extract"
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

func newProbe(s streams) *cobra.Command {
	var f crawlFlags
	var url, save string
	c := &cobra.Command{
		Use:   "probe URL|FILE",
		Short: "Say what forumine sees: engine and signals, page kind, counts, gaps, robots.txt",
		Example: `  forumine probe https://forum.example.org/threads/first-light.12/ --contact you@example.org
  forumine probe thread.html
  forumine probe broken.html --url https://forum.example.org/t/5 --save-profile forum.example.org.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			profiles, err := readProfiles(f.profiles)
			if err != nil {
				return err
			}
			o := extract.Options{Engine: f.engine, Profiles: profiles}
			if isURL(args[0]) {
				return probeURL(c.Context(), s, f, seen{s.out, o, save}, args[0])
			}
			body, err := readFile(args[0])
			if err != nil {
				return err
			}
			in := source{url: url}.page(args[0], body, nil)
			return seen{s.out, o, save}.describe(in.capture)
		},
	}
	c.Flags().StringVar(&save, "save-profile", "", "write the profile that is proposed for a page whose theme hides its posts to this file")
	c.Flags().StringVar(&url, "url", "", "address of a saved page (default: the one that the page names)")
	f.network(c)
	profileFlag(c.Flags(), &f.profiles, "")
	return c
}

func isURL(s string) bool {
	if _, err := os.Stat(s); err == nil {
		return false
	}
	return strings.Contains(s, "://")
}

// seen says what is seen of one page.
type seen struct {
	out     io.Writer
	options extract.Options
	save    string // file for a proposed profile
}

func (s seen) describe(c forum.Capture) error {
	out, o := s.out, s.options
	d, err := dom.Parse(c)
	if err != nil {
		return err
	}
	page, err := extract.ReadDocument(c, forum.Facts{}, d, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "address   %s\n", orNone(c.Address()))
	fmt.Fprintf(out, "engine    %s\n", engineLine(page, extract.Detect(d)))
	fmt.Fprintf(out, "kind      %s\n", page.Kind)
	fmt.Fprintf(out, "language  %s, charset %s\n", orNone(page.Lang), d.Charset)
	if len(page.Path) > 0 {
		fmt.Fprintf(out, "board     %s\n", crumbs(page.Path))
	}
	if t := page.Thread; t != nil {
		fmt.Fprintf(out, "thread    %s (id %s), page %d of %d\n", t.Title, orNone(t.ID), t.Page, t.PageCount)
	}
	fmt.Fprintf(out, "found     %d posts, %d rows, %d boards, %d links to follow\n", len(page.Posts), len(page.Listing), len(page.Boards), len(page.Links))
	fmt.Fprintf(out, "next      %s\n", orNone(page.Next))
	if page.Learned.Zone != "" {
		fmt.Fprintf(out, "learned   zone %s\n", page.Learned.Zone)
	}
	fmt.Fprintf(out, "gaps      %d\n", len(page.Gaps))
	for _, g := range page.Gaps {
		fmt.Fprintf(out, "  %-28s %s\n", g.Path, g.Reason)
	}
	if len(o.Profiles) == 0 {
		return s.propose(c, d)
	}
	return nil
}

// propose prints a profile for a page whose theme hides its posts from the
// engine.
func (s seen) propose(c forum.Capture, d *dom.Document) error {
	p, ok := extract.Propose(c, forum.Facts{}, d, s.options)
	if !ok {
		return nil
	}
	fmt.Fprintf(s.out, "profile   the engine finds no author here; the selectors below read %d posts", p.Posts)
	if p.Others > 0 {
		fmt.Fprintf(s.out, ", and %d more stand elsewhere on the page", p.Others)
	}
	fmt.Fprintf(s.out, ".\n          Save them, look at what they read, and give them with --profile (docs/profiles.md):\n\n%s", p.Profile.YAML())
	if s.save == "" {
		return nil
	}
	if err := os.WriteFile(s.save, p.Profile.YAML(), 0o644); err != nil {
		return fmt.Errorf("writing the profile: %w", plainPath(err))
	}
	return nil
}

// newEngine is the next step where no engine knows the program.
const newEngine = "\n  to have this program read by an engine of its own: docs/adding-an-engine.md"

func engineLine(p *forum.Page, scores []extract.Score) string {
	if p.Engine == "" {
		return "unknown" + scoreList(scores) + newEngine
	}
	if p.Engine == "generic" {
		return p.Engine + scoreList(scores) + newEngine
	}
	return strings.TrimSpace(p.Engine+" "+p.EngineVersion) + scoreList(scores)
}

func scoreList(scores []extract.Score) string {
	if len(scores) == 0 {
		return " (no signal of any known engine)"
	}
	parts := make([]string, 0, len(scores))
	for _, s := range scores {
		names := make([]string, 0, len(s.Signals))
		for _, sig := range s.Signals {
			names = append(names, sig.Name)
		}
		parts = append(parts, fmt.Sprintf("\n  %-14s %3d of 100: %s", s.Engine, s.Score, strings.Join(names, "; ")))
	}
	return strings.Join(parts, "")
}

func crumbs(path []forum.Crumb) string {
	names := make([]string, 0, len(path))
	for _, c := range path {
		names = append(names, c.Name)
	}
	return strings.Join(names, " > ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// probeURL fetches one page, politely, and prints what is seen of it.
func probeURL(ctx context.Context, s streams, f crawlFlags, see seen, raw string) error {
	f.delay = time.Second
	if err := f.check([]string{raw}); err != nil {
		return err
	}
	fetcher, err := newFetcher(f, newLog(s, false), raw)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	found, err := crawler.Probe(ctx, fetcher, userAgent(f), raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "robots    %s\n", found.Robots)
	if !found.Allowed {
		return nil
	}
	fmt.Fprintf(s.out, "status    %d\n", found.Capture.Status)
	return see.describe(found.Capture)
}
