package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler"
	"forumine/extract"
	"forumine/extract/forum"

	"github.com/spf13/cobra"
)

func newInit(s streams) *cobra.Command {
	var f crawlFlags
	var file string
	var force bool
	c := &cobra.Command{
		Use:   "init URL...",
		Short: "Write the file of a study, with comments, from a look at each forum",
		Long: `Look at each address once, robots.txt first, and write a forumine.yaml with
comments: what was found, and what else can be said. Addresses of one host become
one site. ` + "`forumine config check`" + ` then says what the study will do.`,
		Example: "  forumine init https://forum.example.org/ --contact you@example.org",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return runInit(c.Context(), s, f, file, force, args) },
	}
	c.Flags().StringVarP(&file, "config", "c", defaultStudy, "file to write")
	c.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	f.network(c)
	return c
}

func runInit(ctx context.Context, s streams, f crawlFlags, file string, force bool, urls []string) error {
	f.delay = time.Second
	if err := f.check(urls); err != nil {
		return err
	}
	if _, err := os.Lstat(file); !force && !errors.Is(err, fs.ErrNotExist) {
		return misuse("%s is there already: name another with --config, or write over it with --force", file)
	}
	fetcher, err := newFetcher(f, newLog(s, false), urls...)
	if err != nil {
		return err
	}
	defer fetcher.Close()
	var sites []initSite
	for _, raw := range urls {
		if i := slices.IndexFunc(sites, func(x initSite) bool { return hostOf(x.start[0]) == hostOf(raw) }); i >= 0 {
			sites[i].start = append(sites[i].start, raw)
			continue
		}
		found, err := crawler.Probe(ctx, fetcher, userAgent(f), raw)
		if err != nil {
			return err
		}
		sites = append(sites, seenSite(found, f, raw))
	}
	text := initText(f.contact, sites)
	if _, err := study.Parse([]byte(text)); err != nil {
		return fmt.Errorf("writing %s: what was found makes no study: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the study: %w", plainPath(err))
	}
	for _, x := range sites {
		fmt.Fprintf(s.out, "%s: %s; robots.txt %s\n", x.start[0], x.engineText(), x.robots)
	}
	fmt.Fprintf(s.out, "written to %s; next: %s config check, %s run\n", file, program(), program())
	return nil
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return strings.TrimPrefix(strings.ToLower(u.Host), "www.")
}

// initSite is what a look at a site has shown.
type initSite struct {
	start   []string
	robots  string
	allowed bool
	private bool
	page    *forum.Page // nil where there was nothing to read
	pinned  string
}

func seenSite(found crawler.Probed, f crawlFlags, raw string) initSite {
	x := initSite{start: []string{raw}, robots: found.Robots, allowed: found.Allowed, pinned: f.engine}
	if u, err := url.Parse(raw); err == nil {
		x.private = isPrivate(u.Hostname())
	}
	if !found.Allowed {
		return x
	}
	page, err := extract.Read(found.Capture, forum.Facts{}, extract.Options{Engine: f.engine})
	if err == nil {
		x.page = page
	}
	return x
}

func (x initSite) engineText() string {
	if x.page == nil || x.page.Engine == "" {
		return "of no engine that forumine knows"
	}
	return strings.TrimSpace(x.page.Engine + " " + x.page.EngineVersion)
}

func initText(contact string, sites []initSite) string {
	var b strings.Builder
	b.WriteString("# A study for forumine: which forums, how often, how politely. docs/studies.md tells\n" +
		"# every key, `forumine config check` what will happen, `forumine run` carries it out.\nversion: 1\n\n")
	b.WriteString("# How a forum's operator reaches you; required for public hosts.\n")
	if contact == "" {
		b.WriteString("# contact: you@example.org\n")
	} else {
		fmt.Fprintf(&b, "contact: %s\n", strconv.Quote(contact))
	}
	b.WriteString(initDefaults)
	for _, x := range sites {
		x.write(&b)
	}
	b.WriteString(initRest)
	return b.String()
}

const initDefaults = `
# What holds for every site that does not say otherwise.
defaults:
  delay: 1s              # least time between two requests; robots.txt may ask for more
  schedule:
    every: 24h           # or, in its place:  cron: "30 3 * * *"
    jitter: 15m          # later by up to this much
  # window: [mon-fri 22:00-06:30, sat-sun]  # parts of the week (schedule.timezone, UTC unless set)
  # budget: {requests: 5000, bytes: 500MB}   # a day

sites:
`

func (x initSite) write(b *strings.Builder) {
	fmt.Fprintf(b, "  # %s. robots.txt: %s.\n", oneLine(x.engineText()), oneLine(x.robots))
	fmt.Fprintf(b, "  - name: %s\n    start:\n", strconv.Quote(hostOf(x.start[0])))
	for _, raw := range x.start {
		fmt.Fprintf(b, "      - %s\n", strconv.Quote(raw))
	}
	if x.pinned != "" {
		fmt.Fprintf(b, "    engine: %s\n", x.pinned)
	}
	if x.private {
		b.WriteString("    allow_private: true\n")
	}
	zone, lang := "Europe/Berlin", "en"
	if x.page != nil {
		if x.page.Learned.Zone != "" {
			fmt.Fprintf(b, "    # Its page gives its zone away: %s.\n", oneLine(x.page.Learned.Zone))
		}
		if x.page.Lang != "" {
			lang = oneLine(x.page.Lang)
		}
	}
	fmt.Fprintf(b, "    # timezone: %s   # that the forum shows its times in, if you know it\n    # language: %s   # where its pages do not say\n", zone, lang)
	b.WriteString("    # scope: {exclude: [/forums/off-topic.], max_age: 365d}\n    # cookies: cookies.txt   # to see what an account may see\n\n")
}

// oneLine keeps text from a forum from leaving its comment.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

const initRest = `storage:
  data: forumine-data    # archive, state and embedded index
  # encryption:            # of captures; forumine archive keygen prints a recipient
  #   recipients: [age1…]

# index:
#   elasticsearch: http://127.0.0.1:9200   # credentials: ELASTICSEARCH_API_KEY, …
# metrics:
#   listen: 127.0.0.1:9464                 # /healthz, /readyz, /metrics
# notify:
#   command: [mail-me]                     # gets each event as JSON on standard input
`
