// Package robots reads robots.txt and the robots headers and meta elements, and
// answers what they let a crawler do. It follows RFC 9309 and imports neither
// network nor clock.
//
// Its steps: FromResponse turns the answer to GET /robots.txt into a Policy,
// which can be stored; Parse reads the rules of a body; Allowed picks the group
// for a product token and lets the most specific rule decide; Meta reads what
// a fetched page says of itself.
package robots

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxBytes is how much of a robots.txt is read: the least that RFC 9309 §2.5
// allows. A line that the limit cuts is left out.
const MaxBytes = 500 << 10

// maxDelay bounds a Crawl-delay: a host that asks for more is still visited.
const maxDelay = 24 * time.Hour

// everyone is the group name for crawlers that no group names.
const everyone = "*"

// File is a parsed robots.txt. The zero File allows everything.
type File struct {
	groups   []group
	delays   []delay
	sitemaps []string
}

// group is a run of User-agent lines with the rules behind them.
type group struct {
	agents []string // product tokens in lower case, or "*"
	rules  []rule
}

type rule struct {
	allow   bool
	text    string // as written, "Disallow: /x"
	line    int
	pattern pattern
}

type delay struct {
	agent string
	wait  time.Duration
}

// Decision is the answer for one URL, with what it rests on.
type Decision struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule,omitempty"`  // the deciding line as written; empty when no rule matches
	Line    int    `json:"line,omitempty"`  // its number, from 1
	Group   string `json:"group,omitempty"` // product token of the group that applies, "*", or empty for none
}

// Parse reads the body of a robots.txt (RFC 9309 §2.2). Whatever it cannot make
// sense of is passed over: no input is an error.
func Parse(body []byte) *File {
	p := parser{file: new(File)}
	for line := range lines(body) {
		p.line++
		p.read(line)
	}
	return p.file
}

// lines yields the lines of a body that end with LF, CR or both, without byte
// order mark and without a line cut by the size limit.
func lines(body []byte) func(yield func(string) bool) {
	whole := len(body) <= MaxBytes
	if !whole {
		body = body[:MaxBytes]
	}
	rest := string(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	return func(yield func(string) bool) {
		for rest != "" {
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				if whole {
					yield(rest)
				}
				return
			}
			line, skip := rest[:end], 1
			if strings.HasPrefix(rest[end:], "\r\n") {
				skip = 2
			}
			rest = rest[end+skip:]
			if !yield(line) {
				return
			}
		}
	}
}

// parser holds the state between the lines of a file.
type parser struct {
	file  *File
	line  int
	ruled bool // the current group has a rule: the next User-agent opens a new one
}

// read takes one line. Other records than rules and User-agent lines do not end
// a group (RFC 9309 §2.2.4).
func (p *parser) read(line string) {
	text, _, _ := strings.Cut(line, "#")
	key, value, found := strings.Cut(text, ":")
	if !found {
		return
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "user-agent", "useragent", "user agent":
		p.agent(value)
	case "allow":
		p.rule(true, text, value)
	case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw": // common misspellings, read in the site's favour
		p.rule(false, text, value)
	case "crawl-delay", "crawldelay":
		p.delay(value)
	case "sitemap", "site-map":
		if value != "" {
			p.file.sitemaps = append(p.file.sitemaps, value)
		}
	}
}

func (p *parser) agent(value string) {
	if p.ruled || len(p.file.groups) == 0 {
		p.file.groups = append(p.file.groups, group{})
		p.ruled = false
	}
	g := &p.file.groups[len(p.file.groups)-1]
	if value == everyone || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		g.agents = append(g.agents, everyone)
		return
	}
	g.agents = append(g.agents, Token(value)) // an empty token matches nobody, yet opens the group
}

// rule adds a rule to the current group. Rules before any User-agent line have
// no group and count for nobody; an empty path matches nothing.
func (p *parser) rule(allow bool, text, path string) {
	if len(p.file.groups) == 0 {
		return
	}
	p.ruled = true
	if path == "" {
		return
	}
	g := &p.file.groups[len(p.file.groups)-1]
	g.rules = append(g.rules, rule{allow, strings.TrimSpace(text), p.line, newPattern(path)})
}

// delay notes a Crawl-delay for the agents that the current group has named so
// far: those named behind it belong to the same rules, but not to this wait.
func (p *parser) delay(value string) {
	wait, ok := parseSeconds(value)
	if !ok || len(p.file.groups) == 0 {
		return
	}
	for _, agent := range p.file.groups[len(p.file.groups)-1].agents {
		p.file.delays = append(p.file.delays, delay{agent, wait})
	}
}

// parseSeconds reads "10" or "0.5". Anything else is no delay.
func parseSeconds(s string) (time.Duration, bool) {
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(seconds, 1) {
		return 0, false
	}
	if seconds > maxDelay.Seconds() {
		return maxDelay, true
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// Token extracts the product token (RFC 9309 §2.2.1) from a group's name or a
// User-Agent header, in lower case: the leading letters, "_" and "-"; from
// "Mozilla/5.0 (compatible; name/1.0)" the name.
func Token(agent string) string {
	lower := strings.ToLower(strings.TrimSpace(agent))
	if _, rest, found := strings.Cut(lower, "(compatible;"); found {
		if token := leadingToken(strings.TrimLeft(rest, " \t")); token != "" {
			return token
		}
	}
	return leadingToken(lower)
}

func leadingToken(s string) string {
	end := 0
	for end < len(s) && (isLetter(s[end]) || s[end] == '_' || s[end] == '-') {
		end++
	}
	return s[:end]
}

// Allowed tells whether agent, a product token or a whole User-Agent, may fetch
// the path and query of a URL, given as they stand in it. The rule with the
// most octets decides, Allow over Disallow among equals; without a matching
// rule, and for /robots.txt itself, the answer is yes (RFC 9309 §2.2.2).
func (f *File) Allowed(agent, pathAndQuery string) Decision {
	name := f.groupName(agent)
	d := Decision{Allowed: true, Group: name}
	t := newTarget(pathAndQuery)
	if name == "" || t.strict == "/robots.txt" {
		return d
	}
	longest := -1
	for _, g := range f.groups {
		if !g.names(name) {
			continue
		}
		for _, r := range g.rules {
			better := r.pattern.octets > longest || r.pattern.octets == longest && r.allow && !d.Allowed
			if better && r.pattern.matches(t) {
				longest = r.pattern.octets
				d.Allowed, d.Rule, d.Line = r.allow, r.text, r.line
			}
		}
	}
	return d
}

// groupName is the name under which the file addresses agent: its own token,
// "*", or nothing.
func (f *File) groupName(agent string) string {
	token := Token(agent)
	found := ""
	for _, g := range f.groups {
		if token != "" && g.names(token) {
			return token
		}
		if g.names(everyone) {
			found = everyone
		}
	}
	return found
}

func (g group) names(name string) bool {
	return slices.Contains(g.agents, name)
}

// CrawlDelay is the pause that the file asks of agent between two requests, at
// most a day; the longest when it gives several. It is no part of RFC 9309. The
// group is chosen as for Allowed: one that names agent and has no delay hides
// the delay for everyone.
func (f *File) CrawlDelay(agent string) (time.Duration, bool) {
	name := f.groupName(agent)
	var longest time.Duration
	found := false
	for _, d := range f.delays {
		if d.agent == name && name != "" {
			longest, found = max(longest, d.wait), true
		}
	}
	return longest, found
}

// Sitemaps lists the values of the Sitemap lines, in order, as written.
func (f *File) Sitemaps() []string { return append([]string(nil), f.sitemaps...) }
