package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forumine/extract"
	"forumine/extract/profile"
	"forumine/index"
	"forumine/index/elastic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultData is the data folder where none is named.
const defaultData = "forumine-data"

// dataFlag adds --data.
func dataFlag(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "data", defaultData, "data folder: archive, state and embedded index")
}

// crawlFlags are the flags of the commands that fetch.
type crawlFlags struct {
	data         string
	delay        time.Duration
	maxPages     int
	engine       string
	contact      string
	allowPrivate bool
	feeds        bool
	sitemaps     bool
	verbose      bool
	profiles     []string
	index        indexFlags
	pace         paceFlags
	scope        filterFlags
	robotsMeta   string
	account      accountFlags
	media        mediaFlags
	privacy      privacyFlags
	encryptTo    []string
}

// network adds the flags of every command that fetches.
func (f *crawlFlags) network(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.contact, "contact", "", "how a forum's operator reaches you: an e-mail address or a web page; goes into the User-Agent, required for public hosts")
	fl.BoolVar(&f.allowPrivate, "allow-private", false, "fetch from loopback and private addresses too")
	f.account.add(fl)
	fl.StringVar(&f.engine, "engine", "", "read every page as this engine instead of detecting it (see `forumine engines`)")
}

// profileFlag adds --profile.
func profileFlag(fl *pflag.FlagSet, to *[]string, more string) {
	fl.StringArrayVar(to, "profile", nil, "YAML file, or folder of them, with selectors for a site whose theme forumine does not read (docs/profiles.md); may be repeated"+more)
}

// keptProfiles is what --profile says besides where profiles are kept.
const keptProfiles = "; kept in the data folder until another takes its place; none forgets them"

// readProfiles reads the files that --profile names, and of folders those whose
// names end in .yaml or .yml.
func readProfiles(names []string) (profile.Set, error) {
	var set profile.Set
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			if files, err = profileFiles(name); err != nil {
				return nil, err
			}
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				return nil, misuse("reading the profile %s: %w", file, plainPath(err))
			}
			p, err := extract.ParseProfile(raw)
			if err != nil {
				return nil, misuse("%s: %w", file, err)
			}
			set = append(set, p)
		}
	}
	return set, nil
}

func profileFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, misuse("reading the folder of profiles: %w", plainPath(err))
	}
	var out []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, misuse("%s holds no profile: their names end in .yaml", dir)
	}
	return out, nil
}

// indexFlags choose where documents go. Credentials come from the environment
// alone.
type indexFlags struct {
	url       string
	caFile    string
	prefix    string
	languages []string
	shards    int
	replicas  int
	outbox    byteSize
}

// defaultOutbox is how much may wait for the index: some half a million posts.
const defaultOutbox byteSize = 1_000_000_000

func (f *indexFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.url, "elasticsearch", "", "deliver to this Elasticsearch instead of the embedded index: one URL, several nodes of a cluster separated by commas, or a cloud id; credentials come from ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY, or from the files that the same names with _FILE at the end name")
	fl.StringVar(&f.caFile, "elasticsearch-ca", "", "PEM file of the authority that signed Elasticsearch's certificate")
	fl.StringVar(&f.prefix, "elasticsearch-prefix", "forum", "first word of the names of indices and aliases")
	fl.StringSliceVar(&f.languages, "elasticsearch-languages", []string{"en"}, "languages whose words Elasticsearch knows by their stems: sub-fields of body.text, by ISO 639-1 codes")
	fl.IntVar(&f.shards, "elasticsearch-shards", 1, "shards of each index; one holds some 50 GB")
	f.outbox = defaultOutbox
	fl.Var(&f.outbox, "outbox-limit", "documents that may wait for the index, by the size of their bodies, before nothing more is fetched or read until it has taken some (0: no limit)")
	fl.IntVar(&f.replicas, "elasticsearch-replicas", 0, "copies of each shard, on other nodes")
}

// templates shapes the index templates.
func (f indexFlags) templates() index.TemplateOptions {
	return index.TemplateOptions{Prefix: f.prefix, Shards: f.shards, Replicas: f.replicas, Languages: f.languages}
}

// inFlight is how many deliveries are under way at once: the embedded index
// writes one after the other anyway.
func (f indexFlags) inFlight() int {
	if f.url == "" {
		return 1
	}
	return 2
}

// credentials are read from the environment, never from flags: flags show in
// the list of processes.
type credentials struct {
	username, password, apiKey string
}

// environmentCredentials reads them from variables, or from the files that the
// variables with _FILE at the end name.
func environmentCredentials() (credentials, error) {
	var c credentials
	for name, to := range map[string]*string{
		"ELASTICSEARCH_USERNAME": &c.username, "ELASTICSEARCH_PASSWORD": &c.password, "ELASTICSEARCH_API_KEY": &c.apiKey,
	} {
		*to = os.Getenv(name)
		file := os.Getenv(name + "_FILE")
		if file == "" {
			continue
		}
		if *to != "" {
			return c, misuse("%s and %s_FILE are both set: unset one", name, name)
		}
		secret, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("reading %s_FILE: %w", name, plainPath(err))
		}
		*to = strings.TrimRight(string(secret), "\r\n")
	}
	return c, nil
}

func (f indexFlags) urls() ([]string, error) {
	var out []string
	for raw := range strings.SplitSeq(f.url, ",") {
		raw = strings.TrimSpace(raw)
		if address, err := elastic.CloudURL(raw); err == nil && !strings.Contains(raw, "://") {
			raw = address
		}
		u, err := url.Parse(raw)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, misuse("--elasticsearch %q is no address: give it as http://host:9200, or give a whole cloud id", raw)
		}
		if u.User != nil {
			return nil, misuse("--elasticsearch carries a password: set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD, or ELASTICSEARCH_API_KEY, instead")
		}
		out = append(out, raw)
	}
	return out, nil
}

// check refuses what would be impolite or cannot work, before anything is
// fetched.
func (f crawlFlags) check(urls []string) error {
	if f.engine != "" {
		if _, err := extract.ByName(f.engine); err != nil {
			return misuse("%w", err)
		}
	}
	if f.delay < 0 || f.maxPages < 0 {
		return misuse("--delay and --max-pages cannot be negative")
	}
	switch f.robotsMeta {
	case "", "report", "honour":
	default:
		return misuse("--robots-meta %q is none of honour, report", f.robotsMeta)
	}
	if err := f.media.check(f.contact); err != nil {
		return err
	}
	for _, raw := range urls {
		if err := f.checkURL(raw); err != nil {
			return err
		}
	}
	return nil
}

func (f crawlFlags) checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return misuse("%q is no web address: give it in full, for example https://forum.example.org/", raw)
	}
	if u.User != nil {
		return misuse("the address carries a name or password: leave it out")
	}
	private := isPrivate(u.Hostname())
	switch {
	case private && !f.allowPrivate:
		return misuse("%s is a loopback or private address: add --allow-private if this is meant", u.Host)
	case !private && f.contact == "":
		return misuse("a public forum's operator must be able to reach you: add --contact with an e-mail address or a web page")
	case !private && f.delay == 0:
		return misuse("--delay 0 is for loopback and private addresses: leave a public host at least some time between requests")
	}
	return nil
}

// isPrivate tells hosts that only this machine or its network can mean.
func isPrivate(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip := net.IP(addr.Unmap().AsSlice())
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
}

// envIdentity names the file with the identity that opens encrypted captures: the
// variable of the study's key.
const envIdentity = "FORUMINE_STORAGE_ENCRYPTION_IDENTITY_FILE"

// identityFile is the file that a command is told of, by flag or environment.
func identityFile(s streams) string {
	if s.identity != nil && *s.identity != "" {
		return *s.identity
	}
	return os.Getenv(envIdentity)
}

// inCI tells whether the program runs for a machine rather than a person.
func inCI() bool { return os.Getenv("CI") != "" }

// newLog makes the log of one command.
func newLog(s streams, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return logTo(s.err, level, s.jsonLog != nil && *s.jsonLog)
}

// logTo makes a log of text, or of one JSON object a line.
func logTo(w io.Writer, level slog.Level, asJSON bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// dataFolder checks that a data folder is there before it is only read.
func dataFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no data folder %s: crawl something first, or name another with --data", dir)
	case err != nil:
		return fmt.Errorf("opening the data folder: %w", plainPath(err))
	case !info.IsDir():
		return fmt.Errorf("%s is no folder: name another with --data", dir)
	}
	return nil
}
