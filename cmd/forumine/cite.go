package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/forum"
	"forumine/index/accuracy"

	"github.com/spf13/cobra"
)

func newCite(s streams) *cobra.Command {
	var data, site, audit string
	c := &cobra.Command{
		Use:   "cite",
		Short: "Write a paragraph for a methods section: versions, dates, counts",
		Long: `Write what a methods section should say of the data: which forums were read, when,
how often and by which version, what became of the requests, and what is held. It
says what the data folder knows; what was asked of whom, and why, is yours to add.
Where posts were judged with ` + "`forumine audit`" + `, it says how accurate they are.`,
		Example: `  forumine runs cite
  forumine runs cite --site forum.example.org`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCite(c.Context(), s, data, site, audit) },
	}
	dataFlag(c.Flags(), &data)
	c.Flags().StringVar(&site, "site", "", "only this site; runs are counted for all of the data folder")
	c.Flags().StringVar(&audit, "audit", "", "file of an audit's judgements (default: audit.jsonl in the data folder, where there is one)")
	return c
}

func runCite(ctx context.Context, s streams, data, site, audit string) (err error) {
	if err := dataFolder(data); err != nil {
		return err
	}
	store, err := state.OpenReadOnly(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	c, err := gatherCitation(ctx, store, site)
	if err != nil {
		return err
	}
	c.audit, err = auditOf(cmp.Or(audit, filepath.Join(data, "audit.jsonl")), audit != "")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, c.paragraph())
	return err
}

// auditOf reads an audit's file; without one there is none, unless it was asked for.
func auditOf(name string, asked bool) (*auditBook, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", plainPath(err))
	}
	b := &auditBook{said: map[string]accuracy.Judgement{}}
	_, err = b.read(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("reading the audit in %s: %w", name, err)
	}
	return b, nil
}

// citation is what a methods section says of a data folder.
type citation struct {
	sites         []state.Site
	crawls, again int // runs that fetched, and that read the archive again
	imports       int
	from, to      time.Time // of the runs that fetched
	outcomes      map[string]int64
	documents     map[forum.DocKind]int64
	missing       int64
	oldest, last  time.Time // of the posts, as far as they are dated
	undated       int64
	assumed       int64 // dates whose zone is assumed
	viewers       map[string]bool
	versions      map[string]bool // of the extraction
	audit         *auditBook
}

// gatherCitation reads it from a state.
func gatherCitation(ctx context.Context, store *state.Reader, site string) (*citation, error) {
	c := &citation{outcomes: map[string]int64{}, documents: map[forum.DocKind]int64{}, viewers: map[string]bool{}, versions: map[string]bool{}}
	sites, err := store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range sites {
		if site == "" || s.ID == site {
			c.sites = append(c.sites, s)
		}
	}
	if len(c.sites) == 0 {
		return nil, fmt.Errorf("%w: no site %s is in the data folder; `forumine status` lists them", state.ErrNotFound, site)
	}
	runs, err := store.Runs(ctx, -1)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		c.run(r)
	}
	return c, store.Documents(ctx, state.DocumentFilter{Site: site, LiveOnly: true}, c.document)
}

func (c *citation) run(r state.Run) {
	command, _, _ := strings.Cut(r.Command, " ")
	switch command {
	case "reindex":
		c.again++
		return
	case "import":
		c.imports++
	case "crawl", "run", "demo":
		c.crawls++
	default:
		return
	}
	if c.from.IsZero() || r.StartedAt.Before(c.from) {
		c.from = r.StartedAt
	}
	if end := cmp.Or(r.EndedAt, r.StartedAt); end.After(c.to) {
		c.to = end
	}
	for _, o := range state.Outcomes() {
		if command != "import" {
			c.outcomes[string(o)] += r.Counts[string(o)]
		}
	}
}

func (c *citation) document(d state.Document) error {
	c.documents[d.Kind]++
	if d.Kind != forum.DocPost {
		return nil
	}
	var p struct {
		TZ    forum.Zone `json:"published_tz"`
		Crawl struct {
			Viewer string `json:"viewer"`
		} `json:"crawl"`
		Extract struct {
			Version string `json:"version"`
		} `json:"extract"`
	}
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return fmt.Errorf("reading document %s: %w", d.Key, err)
	}
	c.viewers[cmp.Or(p.Crawl.Viewer, "guest")], c.versions[p.Extract.Version] = true, true
	if !d.MissingSince.IsZero() {
		c.missing++
	}
	if d.PublishedAt.IsZero() {
		c.undated++
		return nil
	}
	if p.TZ == forum.ZoneAssumed {
		c.assumed++
	}
	if c.oldest.IsZero() || d.PublishedAt.Before(c.oldest) {
		c.oldest = d.PublishedAt
	}
	if d.PublishedAt.After(c.last) {
		c.last = d.PublishedAt
	}
	return nil
}

// paragraph says it in words.
func (c *citation) paragraph() string {
	out := []string{c.collected(), c.asked(), c.held()}
	if c.again > 0 {
		out = append(out, fmt.Sprintf("The archived pages were read again %s, after changes to the extraction or to what was known of the sites.", times(c.again)))
	}
	return strings.Join(nonEmpty(append(out, c.dated(), c.accurate())...), " ")
}

func (c *citation) collected() string {
	var names []string
	for _, s := range c.sites {
		names = append(names, strings.TrimSpace(fmt.Sprintf("%s (%s)", s.ID, cmp.Or(extract.Title(s.Engine), "of no known program"))))
	}
	how := plural(c.crawls, "crawl", "crawls")
	if c.imports > 0 {
		how = strings.Join(nonEmpty(map[bool]string{true: how}[c.crawls > 0], plural(c.imports, "import of archived pages", "imports of archived pages")), " and ")
	}
	return fmt.Sprintf("Posts were collected from %s: %s. They were taken with forumine %s (extraction version %s, schema %d) in %s between %s and %s.",
		plural(len(c.sites), "forum", "forums"), strings.Join(names, "; "), version, strings.Join(slices.Sorted(maps.Keys(c.versions)), ", "),
		forum.SchemaVersion, how, c.from.UTC().Format(time.DateOnly), c.to.UTC().Format(time.DateOnly))
}

func (c *citation) asked() string {
	var parts []string
	var all int64
	for _, o := range state.Outcomes() {
		n := c.outcomes[string(o)]
		all += n
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, inWords(o)))
		}
	}
	if c.crawls == 0 || all == 0 {
		return ""
	}
	return fmt.Sprintf("robots.txt (RFC 9309), Crawl-delay and Retry-After were honoured, and no host was asked for two pages at once; pages were seen as %s. Of %d visits to pages, %s. Responses were archived as WARC 1.1 before they were read.",
		viewersInWords(c.viewers), all, strings.Join(parts, ", "))
}

// viewersInWords names no account: a paper has no use for it.
func viewersInWords(viewers map[string]bool) string {
	accounts := len(viewers)
	if viewers["guest"] {
		accounts--
	}
	switch {
	case accounts == 0:
		return "a guest sees them"
	case viewers["guest"]:
		return "a guest and " + plural(accounts, "account", "accounts") + " see them"
	}
	return plural(accounts, "account", "accounts") + " see them"
}

func inWords(o state.Outcome) string {
	switch o {
	case state.OK:
		return "were read"
	case state.Unchanged:
		return "had not changed"
	case state.Moved:
		return "led elsewhere"
	case state.Gone:
		return "were gone"
	case state.Walled:
		return "needed a login or a permission"
	case state.Challenged:
		return "showed a bot check"
	case state.Robots:
		return "were forbidden by robots.txt"
	case state.Retry:
		return "failed and were tried again"
	}
	return "ended as " + strings.ReplaceAll(string(o), "_", " ")
}

func (c *citation) held() string {
	s := fmt.Sprintf("The data holds %d posts in %d threads by %d authors", c.documents[forum.DocPost], c.documents[forum.DocThread], c.documents[forum.DocAuthor])
	if n := c.documents[forum.DocRevision]; n > 0 {
		s += fmt.Sprintf(", and %s of posts", plural(int(n), "older version", "older versions"))
	}
	if c.missing > 0 {
		s += fmt.Sprintf("; %s found again by complete later passes", plural(int(c.missing), "post was not", "posts were not"))
	}
	return s + "."
}

func (c *citation) dated() string {
	n := c.documents[forum.DocPost]
	if n == 0 || c.oldest.IsZero() {
		return ""
	}
	s := fmt.Sprintf("The posts were written between %s and %s (UTC)", c.oldest.UTC().Format(time.DateOnly), c.last.UTC().Format(time.DateOnly))
	if c.undated > 0 {
		s += fmt.Sprintf("; %d show no date that could be read", c.undated)
	}
	if c.assumed > 0 {
		s += fmt.Sprintf("; of %d the time zone is assumed", c.assumed)
	}
	return s + "."
}

func (c *citation) accurate() string {
	if c.audit == nil || len(c.audit.judgements()) == 0 {
		return ""
	}
	judged := c.audit.judgements()
	var parts []string
	for _, score := range accuracy.Scores(judged, auditFields()) {
		if score.Judged() == 0 {
			continue
		}
		low, high := accuracy.Interval(score.Right, score.Judged())
		parts = append(parts, fmt.Sprintf("%s %.1f %% (%.1f to %.1f %%)", score.Field, 100*float64(score.Right)/float64(score.Judged()), 100*low, 100*high))
	}
	return fmt.Sprintf("A person compared %d posts, drawn at random from %d, with their archived pages; right were: %s (%s).",
		len(judged), c.audit.head.Of, strings.Join(parts, ", "), accuracy.Method)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
