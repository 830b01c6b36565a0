// Package study reads studies: files named forumine.yaml that say which forums
// are crawled, what of them, how often and how politely.
//
// Its steps: Parse walks the file's tree along the types below, so that an
// unknown key is an error with its line and the nearest name; overrides from
// environment and flags are laid over the tree first. Check refuses what cannot
// work. Schema describes the same types as a JSON Schema. The package reads
// neither files nor the environment, and fetches nothing: that is cmd's.
package study

import (
	"crypto/sha256"
	_ "embed" // the example
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Version is the number of the file's form, as `version:` names it.
const Version = 1

// Config is a whole study.
type Config struct {
	Version  int     `yaml:"version" json:"version" doc:"form of this file; 1 is the only one yet"`
	Contact  string  `yaml:"contact" json:"contact,omitempty" doc:"how a forum's operator reaches you: an e-mail address or a web page; goes into the User-Agent, required for public hosts"`
	Defaults Terms   `yaml:"defaults" json:"-" doc:"what holds for every site that does not say otherwise"`
	Sites    []Site  `yaml:"sites" json:"sites" doc:"the forums"`
	Storage  Storage `yaml:"storage" json:"-" doc:"where everything is kept"`
	Index    Index   `yaml:"index" json:"index" doc:"where documents are delivered to"`
	Privacy  Privacy `yaml:"privacy" json:"privacy" doc:"what is kept of people"`
	Metrics  Metrics `yaml:"metrics" json:"-" doc:"for monitoring"`
	Log      Log     `yaml:"log" json:"-" doc:"what is logged, to standard error"`
	Notify   Notify  `yaml:"notify" json:"-" doc:"whom to call when something needs a person"`
}

// Site is one forum, or a part of one.
type Site struct {
	Name  string   `yaml:"name" json:"name" doc:"short name for logs, metrics and runs; default the host of the first address"`
	Start []string `yaml:"start" json:"start" doc:"addresses to start from: a forum's index, boards or threads" required:"true"`
	Terms `yaml:",inline"`
}

// Terms say what of a site is taken, how often and how politely.
type Terms struct {
	Engine       string   `yaml:"engine" json:"engine,omitempty" doc:"read every page as this engine instead of detecting it; forumine engines lists them"`
	Timezone     string   `yaml:"timezone" json:"timezone,omitempty" doc:"zone that the forum shows its times in, as an IANA name; unset: learned from its pages, or taken as UTC and said so"`
	Language     string   `yaml:"language" json:"language,omitempty" doc:"language of the forum's dates and words, as an ISO 639-1 code, where its pages do not say"`
	Scope        Scope    `yaml:"scope" json:"scope,omitzero" doc:"what of the site is taken"`
	Delay        Duration `yaml:"delay" json:"delay,omitzero" doc:"least time between two requests to the host; default 1s; 0 is allowed for loopback"`
	Window       []string `yaml:"window" json:"window,omitempty" doc:"parts of the day or week, in the schedule's zone, that requests are made in: 22:00-06:30, mon-fri 22:00-06:30 or sat-sun; one, or a list of them"`
	Budget       Budget   `yaml:"budget" json:"budget,omitzero" doc:"what the site may cost a day (UTC)"`
	MaxPages     int64    `yaml:"max_pages" json:"max_pages,omitempty" doc:"pages of one run at most; 0 for no limit"`
	Audit        Audit    `yaml:"audit" json:"audit,omitzero" doc:"reading old pages again, for edits and deletions"`
	NewsWithin   Duration `yaml:"news_within" json:"news_within,omitzero" doc:"look at every board within this time, however rarely it changes; default 24h"`
	Feeds        *bool    `yaml:"feeds" json:"feeds,omitempty" doc:"ask a forum's feed for news in the place of its boards' listings, where that is cheaper; default true"`
	Sitemaps     *bool    `yaml:"sitemaps" json:"sitemaps,omitempty" doc:"once nothing else is left to do, ask a forum's sitemap for threads that no listing shows: at the end of a first crawl, then once a week at most; default true"`
	Media        string   `yaml:"media" json:"media,omitempty" doc:"files of posts that are fetched into the archive, never read: none; attachments; images, which are attachments and the images that posts show, on other hosts too; default none" enum:"none|attachments|images"`
	Cookies      string   `yaml:"cookies" json:"-" doc:"cookie file in the form of Netscape (cookies.txt), to see what an account may see"`
	Viewer       string   `yaml:"viewer" json:"viewer,omitempty" doc:"name under which captures say whose eyes they were seen with; default member with cookies, guest without"`
	Proxy        string   `yaml:"proxy" json:"-" doc:"fetch through this proxy: http, https, socks5 or socks5h URL without a password; one with a password goes into the environment as FORUMINE_PROXY"`
	Profile      []string `yaml:"profile" json:"profile,omitempty" doc:"files, or folders of them, with selectors for a site whose theme forumine does not read"`
	RobotsMeta   string   `yaml:"robots_meta" json:"robots_meta,omitempty" doc:"what a page's own noindex and noarchive mean: report takes the page and counts it, honour keeps it out of index and archive" enum:"report|honour"`
	AllowPrivate bool     `yaml:"allow_private" json:"allow_private,omitempty" doc:"fetch from loopback and private addresses too"`
	Schedule     Schedule `yaml:"schedule" json:"schedule,omitzero" doc:"when the site is crawled; two runs of one site never overlap"`
}

// Scope narrows what is taken.
type Scope struct {
	Follow  []string `yaml:"follow" json:"follow,omitempty" doc:"of threads, take only those whose address matches one of these patterns, as in robots.txt"`
	Exclude []string `yaml:"exclude" json:"exclude,omitempty" doc:"take no page whose address matches one of these patterns"`
	Since   string   `yaml:"since" json:"since,omitempty" doc:"take only threads with a post since this date: 2026-01-31, or RFC 3339"`
	MaxAge  Duration `yaml:"max_age" json:"max_age,omitzero" doc:"take only threads with a post within this time before each run: 90d, 36h"`
}

// Budget is what a site may cost a day.
type Budget struct {
	Requests int64 `yaml:"requests" json:"requests,omitempty" doc:"requests a day at most; 0 for no limit"`
	Bytes    Size  `yaml:"bytes" json:"bytes,omitempty" doc:"bytes a day at most: 500MB; 0 for no limit"`
}

// Audit is the reading of old pages.
type Audit struct {
	Share  *float64 `yaml:"share" json:"share,omitempty" doc:"share of the budget, or of what the delay leaves room for; default 0.1, 0 for none"`
	Within Duration `yaml:"within" json:"within,omitzero" doc:"read every old page again within this time, as far as the share allows; default 60d"`
}

// Schedule says when a site is crawled: by a cron expression or an interval.
type Schedule struct {
	Cron     string   `yaml:"cron" json:"cron,omitempty" doc:"cron expression of five fields, or @hourly, @daily, @weekly, @monthly: minute hour day month weekday"`
	Every    Duration `yaml:"every" json:"every,omitzero" doc:"interval from the start of one run to the next; default 24h where there is no cron"`
	Timezone string   `yaml:"timezone" json:"timezone,omitempty" doc:"zone of cron and window, as an IANA name; default UTC"`
	Jitter   Duration `yaml:"jitter" json:"jitter,omitzero" doc:"each run is later than planned by up to this much, by chance but the same after a restart"`
}

// Storage is where everything is kept.
type Storage struct {
	Data       string     `yaml:"data" json:"-" doc:"data folder: archive, state and embedded index; default forumine-data beside this file"`
	Encryption Encryption `yaml:"encryption" json:"-" doc:"encryption of captures, the pages as they were fetched"`

	DestroyCaptures Destruction `yaml:"destroy_captures" json:"-" doc:"when captures are destroyed: on a date (2027-12-31), those fetched before it; or so long after they were fetched (after 365d). What was read from them stays, and a record of it; default never"`
}

// Encryption is who can read captures.
type Encryption struct {
	Recipients   []string `yaml:"recipients" json:"-" doc:"age recipients (age1...) that captures are encrypted to; forumine archive keygen makes one; unset: as the data folder remembers, none: plain from now on"`
	IdentityFile string   `yaml:"identity_file" json:"-" doc:"file with the age identity that opens captures, mode 0600; a crawl needs none, reading captures again does"`
}

// Index is where documents go.
type Index struct {
	Elasticsearch []string `yaml:"elasticsearch" json:"elasticsearch,omitempty" doc:"nodes of one Elasticsearch, or a cloud id; none for the embedded index; credentials come from the environment"`
	CAFile        string   `yaml:"ca_file" json:"-" doc:"PEM file of the authority that signed Elasticsearch's certificate"`
	Prefix        string   `yaml:"prefix" json:"prefix,omitempty" doc:"first word of the names of indices and aliases; default forum"`
	Languages     []string `yaml:"languages" json:"languages,omitempty" doc:"languages whose words Elasticsearch knows by their stems, by ISO 639-1 codes; default en"`
	Shards        int64    `yaml:"shards" json:"shards,omitempty" doc:"shards of each index; default 1"`
	Replicas      int64    `yaml:"replicas" json:"replicas,omitempty" doc:"copies of each shard, on other nodes; default 0"`
}

// Privacy is what is kept of people.
type Privacy struct {
	Authors    string   `yaml:"authors" json:"authors,omitempty" doc:"names and ids of authors: as they are, as pseudonyms, or not at all" enum:"keep|pseudonymise|drop"`
	Deleted    string   `yaml:"deleted" json:"deleted,omitempty" doc:"posts that their forum deleted" enum:"keep|redact|drop"`
	Mask       []string `yaml:"mask" json:"mask,omitempty" doc:"what is masked in bodies" enum:"emails|phones"`
	DropFields []string `yaml:"drop_fields" json:"drop_fields,omitempty" doc:"custom fields of authors that are left out, by slug; fields for all of them"`
	KeyFile    string   `yaml:"key_file" json:"-" doc:"file with the key of the pseudonyms, made where it is missing; default privacy.key in the data folder"`
}

// Metrics is the listener for monitoring.
type Metrics struct {
	Listen string `yaml:"listen" json:"-" doc:"address for /healthz, /readyz and /metrics: 127.0.0.1:9464; none where unset"`
}

// Log is what is logged.
type Log struct {
	Level  string `yaml:"level" json:"-" doc:"least level that is logged; default info" enum:"debug|info|warn|error"`
	Format string `yaml:"format" json:"-" doc:"default text" enum:"text|json"`
}

// Notify is whom to call.
type Notify struct {
	WebhookFile string   `yaml:"webhook_file" json:"-" doc:"file with the address that gets each event as a JSON POST; or the address in the environment as FORUMINE_WEBHOOK"`
	Command     []string `yaml:"command" json:"-" doc:"program and arguments that get each event as JSON on standard input"`
	On          []string `yaml:"on" json:"-" doc:"events to call for; default all" enum:"wall|stall|drift|dead_letters|missed_run|failed_run"`
	Timeout     Duration `yaml:"timeout" json:"-" doc:"how long one call may take; default 10s"`
	Retries     *int64   `yaml:"retries" json:"-" doc:"how often a call that failed is tried again; default 3"`
}

// Hash names what a study asks for, SHA-256 in hex: sites, terms, index and
// privacy with overrides laid over them. Where things are kept and shown, and
// secrets, are no part of it: the same study has the same hash on two machines.
func (c *Config) Hash() string {
	raw, err := json.Marshal(c)
	if err != nil { // no type above can fail
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Asked is what a study asks of one site, as JSON: the part of a run's record
// that says what was meant.
func (s *Site) Asked() json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil { // no type above can fail
		return nil
	}
	return raw
}

// fill sets what the file leaves to defaults.
func (c *Config) fill() {
	set(&c.Storage.Data, "forumine-data")
	set(&c.Index.Prefix, "forum")
	if len(c.Index.Languages) == 0 {
		c.Index.Languages = []string{"en"}
	}
	if c.Index.Shards == 0 {
		c.Index.Shards = 1
	}
	set(&c.Privacy.Authors, "keep")
	set(&c.Privacy.Deleted, "keep")
	set(&c.Log.Level, "info")
	set(&c.Log.Format, "text")
	c.Notify.Timeout.or(10 * time.Second)
	if c.Notify.Retries == nil {
		c.Notify.Retries = new(int64(3))
	}
	if len(c.Notify.On) == 0 {
		c.Notify.On = Events()
	}
	for i := range c.Sites {
		c.Sites[i].fill()
	}
}

// Events are the names of what Notify knows.
func Events() []string {
	return []string{"wall", "stall", "drift", "dead_letters", "missed_run", "failed_run"}
}

func (s *Site) fill() {
	if s.Name == "" && len(s.Start) > 0 {
		s.Name = hostOf(s.Start[0])
	}
	s.Delay.or(time.Second)
	if s.Audit.Share == nil {
		s.Audit.Share = new(0.1)
	}
	s.Audit.Within.or(60 * 24 * time.Hour)
	s.NewsWithin.or(24 * time.Hour)
	if s.Feeds == nil {
		s.Feeds = new(true)
	}
	if s.Sitemaps == nil {
		s.Sitemaps = new(true)
	}
	set(&s.Media, "none")
	set(&s.RobotsMeta, "report")
	if s.Schedule.Cron == "" {
		s.Schedule.Every.or(24 * time.Hour)
	}
	set(&s.Schedule.Timezone, "UTC")
}

func set(to *string, def string) {
	if *to == "" {
		*to = def
	}
}

// Named finds a site by its name.
func (c *Config) Named(name string) (Site, error) {
	names := make([]string, 0, len(c.Sites))
	for _, s := range c.Sites {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if near := nearest(name, names); near != "" {
		return Site{}, fmt.Errorf("the study has no site %q; did you mean %s?", name, near)
	}
	return Site{}, fmt.Errorf("the study has no site %q", name)
}

//go:embed example.yaml
var example string

// Example is a study with every key.
func Example() string { return example }
