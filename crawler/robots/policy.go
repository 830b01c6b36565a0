package robots

import (
	"encoding/json"
	"fmt"
	"time"
)

// Lifetime is how long an answer for robots.txt may be used (RFC 9309 §2.4).
const Lifetime = 24 * time.Hour

// RetryAfter is how long a Policy in state Wait holds before robots.txt is
// asked for again. A longer pause that the host itself asks for comes first.
const RetryAfter = 10 * time.Minute

// MaxRedirects is how many redirects of robots.txt are followed, also to other
// hosts (RFC 9309 §2.3.1.2).
const MaxRedirects = 5

// State is what is known of a host's wishes.
type State string

// The states of a Policy.
const (
	Rules    State = "rules"     // there is a file, and it decides
	AllowAll State = "allow_all" // there is no file
	Wait     State = "wait"      // the host could not say: nothing is fetched for now
)

// Policy is the answer of one host for robots.txt, as it is kept between runs.
// The zero Policy is in no state and allows nothing.
type Policy struct {
	State     State
	Status    int       // HTTP status of the answer, 0 for none
	FetchedAt time.Time // when it came
	body      []byte
	file      *File
}

// FromResponse judges the answer to GET /robots.txt (RFC 9309 §2.3.1). Redirects
// are followed by the caller; a 3xx status here means that MaxRedirects did not
// suffice or led nowhere.
//
//	2xx          the body decides
//	3xx, 4xx     no file: everything is allowed, 401 and 403 included
//	429, 5xx     wait: 429 speaks of the rate of requests, not of the file
//	304          wait: nobody asked conditionally
//	0, others    wait: the network failed, or the answer makes no sense
func FromResponse(status int, body []byte, fetchedAt time.Time) Policy {
	p := Policy{State: stateOf(status), Status: status, FetchedAt: fetchedAt}
	if p.State == Rules {
		// One octet past the limit is kept: the cut line is then known as cut.
		p.body = append([]byte(nil), body[:min(len(body), MaxBytes+1)]...)
		p.file = Parse(p.body)
	}
	return p
}

func stateOf(status int) State {
	switch {
	case status >= 200 && status <= 299:
		return Rules
	case status == 304, status == 429:
		return Wait
	case status >= 300 && status <= 499:
		return AllowAll
	}
	return Wait
}

// Allowed is File.Allowed for the host. In state Wait the answer is no, and the
// decision's Rule says why.
func (p Policy) Allowed(agent, pathAndQuery string) Decision {
	switch p.State {
	case Rules:
		return p.rules().Allowed(agent, pathAndQuery)
	case AllowAll:
		return Decision{Allowed: true}
	}
	if newTarget(pathAndQuery).strict == "/robots.txt" {
		return Decision{Allowed: true}
	}
	if p.Status == 0 {
		return Decision{Rule: "robots.txt could not be fetched"}
	}
	return Decision{Rule: fmt.Sprintf("robots.txt answered with status %d", p.Status)}
}

// CrawlDelay is File.CrawlDelay for the host.
func (p Policy) CrawlDelay(agent string) (time.Duration, bool) { return p.rules().CrawlDelay(agent) }

// Sitemaps is File.Sitemaps for the host.
func (p Policy) Sitemaps() []string { return p.rules().Sitemaps() }

// Expires is when robots.txt has to be asked for again: after Lifetime, or
// after RetryAfter in state Wait.
func (p Policy) Expires() time.Time {
	if p.State == Wait {
		return p.FetchedAt.Add(RetryAfter)
	}
	return p.FetchedAt.Add(Lifetime)
}

// Fresh tells whether the policy may still be used at now. One from the future,
// after a clock was set back, is not fresh.
func (p Policy) Fresh(now time.Time) bool {
	return p.State != "" && now.Before(p.Expires()) && !p.FetchedAt.After(now)
}

// Body is the text of the file, at most one octet more than MaxBytes; nil in
// other states than Rules.
func (p Policy) Body() []byte { return p.body }

func (p Policy) rules() *File {
	if p.file == nil {
		return new(File)
	}
	return p.file
}

type policyWire struct {
	State     State     `json:"state"`
	Status    int       `json:"status,omitempty"`
	FetchedAt time.Time `json:"fetched_at"`
	Body      []byte    `json:"body,omitempty"` // base64: a robots.txt may be in any charset
}

// MarshalJSON writes the policy with the text of its file.
func (p Policy) MarshalJSON() ([]byte, error) {
	return json.Marshal(policyWire{p.State, p.Status, p.FetchedAt, p.body})
}

// UnmarshalJSON reads what MarshalJSON writes and parses the file anew, so that
// a stored policy follows the current reading of the rules.
func (p *Policy) UnmarshalJSON(raw []byte) error {
	var w policyWire
	if err := json.Unmarshal(raw, &w); err != nil {
		return fmt.Errorf("reading robots policy: %w", err)
	}
	switch w.State {
	case "", Rules, AllowAll, Wait:
	default:
		return fmt.Errorf("reading robots policy: unknown state %q", w.State)
	}
	*p = Policy{State: w.State, Status: w.Status, FetchedAt: w.FetchedAt}
	if w.State == Rules {
		p.body, p.file = w.Body, Parse(w.Body)
	}
	return nil
}
