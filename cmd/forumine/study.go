package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/cmd/forumine/study"
	"forumine/crawler"
	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract/privacy"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultStudy is the study's file where none is named.
const defaultStudy = "forumine.yaml"

// studyFlags say which study a command works on.
type studyFlags struct {
	file string
	data string
	set  []string
}

func (f *studyFlags) add(fl *pflag.FlagSet) {
	fl.StringVarP(&f.file, "config", "c", defaultStudy, "file that describes the study (docs/studies.md)")
	fl.StringVar(&f.data, "data", "", "data folder in the place of the file's storage.data")
	fl.StringArrayVar(&f.set, "set", nil, "set a key of the file, over file and environment: storage.data=/srv/forumine (may be repeated)")
}

// load reads the study. The environment is laid over the file, flags over both.
func (f *studyFlags) load() (*study.Config, []study.Override, error) {
	raw, err := os.ReadFile(f.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, misuse("there is no %s: `forumine init URL` writes one, --config names another", f.file)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the study: %w", plainPath(err))
	}
	over, err := f.overrides()
	if err != nil {
		return nil, nil, err
	}
	c, err := study.Parse(raw, over...)
	if err != nil {
		return nil, nil, misuse("%s: %w", f.file, err)
	}
	c.In(filepath.Dir(f.file))
	if f.data != "" {
		c.Storage.Data = f.data // as the shell sees it, not as the file does
	}
	if err := checkStudy(c); err != nil {
		return nil, nil, misuse("%s: %w", f.file, err)
	}
	return c, over, nil
}

// overrides are the variables and flags that stand in for keys of the file.
func (f *studyFlags) overrides() ([]study.Override, error) {
	var out []study.Override
	for _, key := range study.Keys() {
		if v, ok := os.LookupEnv(study.Variable(key)); ok {
			out = append(out, study.Override{Key: key, Value: v, Origin: study.Variable(key)})
		}
	}
	for _, raw := range f.set {
		key, value, ok := strings.Cut(raw, "=")
		if !ok {
			return nil, misuse("--set %q sets nothing: give it as storage.data=/srv/forumine", raw)
		}
		out = append(out, study.Override{Key: key, Value: value, Origin: "--set " + key})
	}
	return out, nil
}

// checkStudy refuses, before anything is done, what the crawl of a site would
// refuse.
func checkStudy(c *study.Config) error {
	var errs []error
	if _, err := studyPrivacy(c.Privacy).over(privacy.Policy{}); err != nil {
		errs = append(errs, fmt.Errorf("privacy: %w", err))
	}
	if _, err := archive.ParseRecipients(listed(c.Storage.Encryption.Recipients)); err != nil {
		errs = append(errs, fmt.Errorf("storage.encryption.recipients: %w", err))
	}
	for _, s := range c.Sites {
		f := siteFlags(c, s)
		_, proxy := f.account.proxyURL()
		for _, err := range []error{f.pace.check(), filterError(f.scope), proxy, f.media.check(c.Contact), f.check(s.Start)} {
			if err != nil {
				errs = append(errs, fmt.Errorf("site %s: %w", s.Name, inKeys{err}))
			}
		}
	}
	if x := studyIndex(c.Index); x.url != "" {
		_, err := x.urls()
		if err == nil {
			err = x.templates().Validate()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("index: %w", err))
		}
	}
	if len(c.Sites) > 1 && os.Getenv(envCookie) != "" {
		errs = append(errs, fmt.Errorf("%s is set and the study has %d sites: name each site's own file with cookies", envCookie, len(c.Sites)))
	}
	return errors.Join(errs...)
}

// inKeys says what is wrong with a crawl by the keys of a study, which stand in
// the places of flags.
type inKeys struct{ error }

func (e inKeys) Unwrap() error { return e.error }

func (e inKeys) Error() string {
	return strings.NewReplacer(
		"add --allow-private", "add allow_private: true", "--allow-private", "allow_private", "--audit-within", "audit.within", "--audit", "audit.share",
		"--budget-requests", "budget.requests", "--budget-bytes", "budget.bytes", "--news-within", "news_within", "--window", "window",
		"--follow", "scope.follow", "--exclude", "scope.exclude", "--since", "scope.since", "--max-age", "scope.max_age", "--max-pages", "max_pages",
		"--media", "media", "--contact", "contact", "--cookies", "cookies", "--proxy", "proxy", "--engine", "engine", "--delay", "delay",
	).Replace(e.error.Error())
}

func filterError(f filterFlags) error {
	_, err := f.filter()
	return err
}

// studyPrivacy is what a study keeps of people, of which its file says all.
func studyPrivacy(p study.Privacy) privacyFlags {
	return privacyFlags{authors: p.Authors, deleted: p.Deleted, mask: p.Mask, fields: p.DropFields, keyFile: p.KeyFile, whole: true}
}

// siteFlags are the flags that a crawl of one site of a study would be given.
func siteFlags(c *study.Config, s study.Site) crawlFlags {
	f := crawlFlags{
		data: c.Storage.Data, delay: s.Delay.Duration, maxPages: int(s.MaxPages), engine: s.Engine, contact: c.Contact,
		allowPrivate: s.AllowPrivate, feeds: *s.Feeds, sitemaps: *s.Sitemaps, verbose: c.Log.Level == "debug", profiles: s.Profile, robotsMeta: s.RobotsMeta,
		index: studyIndex(c.Index),
		pace: paceFlags{
			windows: s.Window, requests: s.Budget.Requests, bytes: int64(s.Budget.Bytes),
			audit: *s.Audit.Share, auditWithin: s.Audit.Within.Duration, newsWithin: s.NewsWithin.Duration,
		},
		scope:   filterFlags{follow: s.Scope.Follow, exclude: s.Scope.Exclude, since: s.Scope.Since},
		media:   mediaFlags{media: s.Media, maxBytes: crawler.DefaultFileBytes, maxFiles: crawler.DefaultFiles, maxTotal: crawler.DefaultFilesTotal},
		account: accountFlags{cookieFile: s.Cookies, viewer: s.Viewer, proxy: s.Proxy},
	}
	if s.Scope.MaxAge.Set {
		f.scope.maxAge = s.Scope.MaxAge.String()
	}
	if len(f.scope.follow)+len(f.scope.exclude)+len(f.scope.since)+len(f.scope.maxAge) == 0 {
		f.scope.unfiltered = true // the file says all: nothing is left of what it said before
	}
	return f
}

func studyIndex(x study.Index) indexFlags {
	return indexFlags{url: strings.Join(x.Elasticsearch, ","), caFile: x.CAFile, prefix: x.Prefix, languages: x.Languages,
		shards: int(x.Shards), replicas: int(x.Replicas), outbox: defaultOutbox}
}

func newConfig(s streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Look after the file of a study: say what it will do, print its schema",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.Example = "  forumine config check\n  forumine config schema > forumine.schema.json"
	c.AddCommand(newConfigCheck(s), newConfigSchema(s))
	return c
}

func newConfigSchema(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of forumine.yaml, for editors",
		Example: "  forumine config schema > forumine.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			raw, err := study.Schema()
			if err == nil {
				_, err = s.out.Write(raw)
			}
			return err
		},
	}
}

func newConfigCheck(s streams) *cobra.Command {
	var f studyFlags
	var offline bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Say what a study will do: sites, next runs, what robots.txt says",
		Long: `Read the file of a study and say what will happen: how many sites, when each is
crawled next, how politely, where documents go. Each site's robots.txt is asked
for, once; nothing else is fetched and nothing is stored.`,
		Example: "  forumine config check\n  forumine config check --offline -c studies/radios.yaml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, over, err := f.load()
			if err != nil {
				return err
			}
			return studyChecker{s: s, c: cfg, offline: offline, now: time.Now}.run(c.Context(), f.file, over)
		},
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&offline, "offline", false, "ask for no robots.txt")
	return c
}

// studyChecker says what a study will do.
type studyChecker struct {
	s       streams
	c       *study.Config
	offline bool
	now     func() time.Time
}

func (k studyChecker) run(ctx context.Context, file string, over []study.Override) error {
	out, c := k.s.out, k.c
	fmt.Fprintf(out, "%s: %s, data in %s, documents to %s\n", file, plural(len(c.Sites), "site", "sites"), c.Storage.Data, indexName(c.Index))
	fmt.Fprintf(out, "configuration %s\n", c.Hash()[:16])
	for _, o := range over {
		fmt.Fprintf(out, "%s is set by %s\n", o.Key, o.Origin)
	}
	if err := k.captures(ctx, out); err != nil {
		return err
	}
	forbidden := 0
	for _, site := range c.Sites {
		ok, err := k.site(ctx, out, site)
		if err != nil {
			return err
		}
		if !ok {
			forbidden++
		}
	}
	if forbidden > 0 {
		return statusError{exitFailed, fmt.Errorf("of %s, %d cannot be crawled now: see above", plural(len(c.Sites), "site", "sites"), forbidden)}
	}
	return nil
}

// captures says what becomes of captures.
func (k studyChecker) captures(ctx context.Context, out io.Writer) error {
	e := k.c.Storage.Encryption
	kept, err := rememberedEncryption(ctx, k.c.Storage.Data)
	if err != nil {
		return err
	}
	text := "captures are kept " + recipientsText(e.Recipients)
	if len(e.Recipients) == 0 && len(kept.Recipients) > 0 {
		text = "captures are kept " + recipientsText(kept.Recipients) + ", as the data folder remembers"
		e.Recipients = kept.Recipients
	}
	if len(listed(e.Recipients)) > 0 {
		text += "; " + identityText(cmp.Or(identityFile(k.s), e.IdentityFile, kept.IdentityFile))
	}
	fmt.Fprintln(out, text)
	rule := k.c.Storage.DestroyCaptures
	before, due := rule.Due(k.now())
	switch {
	case rule.IsZero():
		return nil
	case !due:
		fmt.Fprintf(out, "on %s all captures fetched before it are destroyed; documents stay\n", rule)
	case rule.On().IsZero():
		fmt.Fprintf(out, "captures are destroyed %s from fetching, today those from before %s; documents stay\n", rule, before.Format(time.DateOnly))
	default:
		fmt.Fprintf(out, "captures fetched before %s are destroyed by the next run; those fetched since are kept, for the date has passed\n", rule)
	}
	return nil
}

// identityText says whether what is encrypted can be opened here.
func identityText(file string) string {
	switch err := identityIn(file).Err(); {
	case file == "":
		return "no identity is named: they are written, and cannot be read again here"
	case err != nil:
		return fmt.Sprintf("they cannot be read again here now (%v)", err)
	}
	return "the identity in " + file + " opens them"
}

// rememberedEncryption is what a data folder remembers, where there is one.
func rememberedEncryption(ctx context.Context, data string) (kept keptEncryption, err error) {
	store, err := state.OpenReadOnly(ctx, data)
	if errors.Is(err, state.ErrNotFound) {
		return kept, nil
	}
	if err != nil {
		return kept, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return readEncryption(ctx, store)
}

func (k studyChecker) site(ctx context.Context, out io.Writer, site study.Site) (bool, error) {
	fmt.Fprintf(out, "\n%s\n", site.Name)
	for _, raw := range site.Start {
		fmt.Fprintf(out, "  start    %s\n", raw)
	}
	next, err := k.next(ctx, site)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "  next run %s\n", next)
	fmt.Fprintf(out, "  pace     %s\n", paceOf(site))
	if what := scopeText(site.Scope); what != "" {
		fmt.Fprintf(out, "  takes    %s\n", what)
	}
	if k.offline {
		return true, nil
	}
	return k.robots(ctx, out, site)
}

// robots asks each site's robots.txt once, about its start addresses.
func (k studyChecker) robots(ctx context.Context, out io.Writer, site study.Site) (bool, error) {
	f := siteFlags(k.c, site)
	fetcher, err := newFetcher(f, newLog(k.s, false), site.Start...)
	if err != nil {
		return false, err
	}
	defer fetcher.Close()
	said, err := crawler.AskRobots(ctx, fetcher, userAgent(f), site.Start[0])
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		fmt.Fprintf(out, "  robots   %v\n", err)
		return false, nil
	}
	fmt.Fprintf(out, "  robots   %s\n", said.Robots)
	return said.Allowed, nil
}

// next says when a site is crawled next.
func (k studyChecker) next(ctx context.Context, site study.Site) (string, error) {
	runs, err := lastRun(ctx, k.c.Storage.Data, site.Name)
	if err != nil {
		return "", err
	}
	if len(runs) > 0 && runs[0].Status == state.RunRunning {
		return "under way since " + runs[0].StartedAt.Format("2006-01-02 15:04 MST"), nil
	}
	now := k.now()
	next := nextRun(site, runs, now)
	text := nextText(site.Schedule, next.at, now)
	switch next.why {
	case whyResume:
		text += "; it goes on where the last one ended"
	case whyMadeUp:
		text += "; it was due at " + next.due.UTC().Format("2006-01-02 15:04 MST")
	}
	return text, nil
}

// lastRun gives a site's last run; none where nothing has been crawled yet.
func lastRun(ctx context.Context, data, site string) (runs []state.Run, err error) {
	store, err := state.OpenReadOnly(ctx, data)
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.RunsOf(ctx, site, 1)
}

func nextText(s study.Schedule, at, now time.Time) string {
	how := "every " + s.Every.String()
	if s.Cron != "" {
		how = fmt.Sprintf("by cron %q in %s", s.Cron, s.Timezone)
	}
	when := "at once"
	if at.After(now) {
		when = at.UTC().Format("2006-01-02 15:04 MST")
	}
	return when + ", " + how
}

func paceOf(s study.Site) string {
	parts := []string{fmt.Sprintf("at least %s between requests", s.Delay)}
	if len(s.Window) > 0 {
		parts = append(parts, fmt.Sprintf("within %s %s", strings.Join(s.Window, " and "), s.Schedule.Timezone))
	}
	if n := s.Budget.Requests; n > 0 {
		parts = append(parts, fmt.Sprintf("%d requests a day", n))
	}
	if n := s.Budget.Bytes; n > 0 {
		parts = append(parts, fmt.Sprintf("%d bytes a day", n))
	}
	return strings.Join(parts, ", ")
}

func scopeText(s study.Scope) string {
	var parts []string
	if len(s.Follow) > 0 {
		parts = append(parts, "threads at "+strings.Join(s.Follow, " or "))
	}
	if len(s.Exclude) > 0 {
		parts = append(parts, "nothing at "+strings.Join(s.Exclude, " or "))
	}
	if s.Since != "" {
		parts = append(parts, "threads with posts since "+s.Since)
	}
	if s.MaxAge.Set {
		parts = append(parts, "threads with posts within "+s.MaxAge.String())
	}
	return strings.Join(parts, "; ")
}

func indexName(x study.Index) string {
	if len(x.Elasticsearch) == 0 {
		return "the embedded index"
	}
	return "Elasticsearch"
}
