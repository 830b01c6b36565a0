package privacy

import (
	"fmt"
	"net/url"

	"forumine/extract/forum"
)

// Canonical maps an absolute address to the page that it means, by the grammar
// of an engine; false for addresses that mean none.
type Canonical func(*url.URL) (forum.Link, bool)

// Step applies one policy. The zero Step changes nothing. It may be used from
// many goroutines.
type Step struct {
	policy  Policy
	key     Key
	dropped map[string]bool
	gone    Forgotten
	after   Authors // what pages have been through already
}

// New makes a step. Pseudonyms need a key: without one the error wraps ErrKey.
func New(p Policy, k Key) (Step, error) {
	p, err := p.Normal()
	if err != nil {
		return Step{}, err
	}
	if p.Authors == Pseudonymise && k.IsZero() {
		return Step{}, fmt.Errorf("pseudonymising authors: %w", ErrKey)
	}
	s := Step{policy: p, key: k, dropped: map[string]bool{}}
	for _, f := range p.DropFields {
		s.dropped[f] = true
	}
	return s, nil
}

// Policy is what the step applies.
func (s Step) Policy() Policy { return s.policy }

// IsZero tells whether pages pass as they are.
func (s Step) IsZero() bool {
	return (s.policy.Authors == "" || s.policy.IsZero()) && s.gone.IsZero()
}

// Page gives what may be kept of a page of the site with this id. The page given
// is left alone; the two share nothing that Page changes.
func (s Step) Page(site string, p *forum.Page, c Canonical) *forum.Page {
	if s.IsZero() || p == nil {
		return p
	}
	return s.turn(site, c, p).page(p)
}

// Parts gives what may be kept of parts of one page: whoever one of them names is
// known in all of them. None of a part is nil.
func (s Step) Parts(site string, parts []*forum.Page, c Canonical) []*forum.Page {
	if s.IsZero() {
		return parts
	}
	t := s.turn(site, c, parts...)
	out := make([]*forum.Page, len(parts))
	for i, p := range parts {
		out[i] = t.page(p)
	}
	return out
}

func (t *turn) page(p *forum.Page) *forum.Page {
	t.host = ""
	if u, err := url.Parse(p.URL); err == nil {
		t.host = forum.FoldHost(u.Host)
	}
	out := *p
	out.Posts, out.Gaps = t.posts(p.Posts, p.Gaps)
	out.Thread = t.thread(p.Thread)
	out.Listing = t.rows(p.Listing)
	out.Profile = t.author(p.Profile)
	if t.hides() {
		out.URL, out.Next, out.ContentURL, out.WholeURL = t.ownURL(p.URL), t.ownURL(p.Next), t.ownURL(p.ContentURL), t.ownURL(p.WholeURL)
		out.Extract.Warnings = append(t.otherWarnings(p.Extract.Warnings), warningOf(t.policy.Authors))
		if p.Kind == forum.KindProfile {
			out.Path = nil
		}
	}
	out.SetKeys(t.site)
	return &out
}

// warningOf says on a page what became of its people.
func warningOf(a Authors) string { return "authors_" + string(a) }

// URL gives what may be kept of the address of a page: one that leads to an
// account becomes a pseudonym.
func (s Step) URL(site, raw string, c Canonical) string {
	if s.policy.Authors == "" || s.policy.Authors == Keep {
		return raw
	}
	t := &turn{Step: s, site: site, canonical: c}
	return t.ownURL(raw)
}

// turn is a step at work on one page.
type turn struct {
	Step
	site      string
	host      string
	canonical Canonical
	people    people
	lost      lost
}

func (s Step) turn(site string, c Canonical, pages ...*forum.Page) *turn {
	t := &turn{Step: s, site: site, canonical: c}
	t.people = t.meet(pages)
	t.lost = t.lose(pages)
	return t
}

// hides tells whether people's names go.
func (t *turn) hides() bool { return t.policy.Authors == Pseudonymise || t.policy.Authors == Drop }

// name is what stands for a name in a field of its own.
func (t *turn) name(name string) string {
	switch {
	case name == "" || t.policy.Authors == Drop || t.gone.name(t.site, name):
		return ""
	case t.policy.Authors == Pseudonymise:
		return t.key.Name(t.site, name)
	}
	return name
}

// dropMark stands in texts for a name that is dropped.
const dropMark = "[author]"

// spoken is what stands for a name within a text.
func (t *turn) spoken(name string) string {
	switch t.policy.Authors {
	case Drop:
		return dropMark
	case Pseudonymise:
		return t.key.Name(t.site, name)
	}
	return name
}

func (t *turn) id(id string) string {
	switch {
	case id == "" || t.policy.Authors == Drop:
		return ""
	case t.policy.Authors == Pseudonymise:
		return t.key.ID(t.site, id)
	}
	return id
}

// whose is what stands for an address that tells who somebody is.
func (t *turn) whose(identity string) string {
	switch {
	case identity == "" || t.policy.Authors == Drop:
		return ""
	case t.policy.Authors == Pseudonymise:
		return t.key.URL(t.site, identity)
	}
	return identity
}
