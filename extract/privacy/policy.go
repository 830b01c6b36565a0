// Package privacy is the step between reading a page and keeping what it says:
// it takes out of a page, by a policy, what names the people who wrote it.
//
// A Step turns one forum.Page into another: names, native ids, profile links and
// avatars become pseudonyms (HMAC-SHA-256 under the study's key, one domain a
// kind) or go; so do mentions, the attributions of quotes, who edited and who
// reacted. What is left of a person in the words of others is the business of
// the audit, which lists it. The page that was given stays as it is: the crawl
// goes on by it, and the archive alone keeps originals.
package privacy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Authors says what becomes of people's names, ids and links.
type Authors string

// The modes. Keep is the default.
const (
	Keep         Authors = "keep"
	Pseudonymise Authors = "pseudonymise"
	Drop         Authors = "drop"
)

// Deleted says what becomes of posts that their forum has deleted.
type Deleted string

// KeepDeleted leaves such a post as it was read, RedactDeleted takes its words
// and its author, DropDeleted the whole post.
const (
	KeepDeleted   Deleted = "keep"
	RedactDeleted Deleted = "redact"
	DropDeleted   Deleted = "drop"
)

// What Policy.Mask may name.
const (
	MaskEmails = "emails"
	MaskPhones = "phones"
)

// KeySize is the least number of bytes of a key.
const KeySize = 32

// Policy says what is kept of people. The zero value keeps everything. Its JSON
// is what a data folder remembers; the key is no part of it.
type Policy struct {
	Authors    Authors  `json:"authors,omitempty"`
	Deleted    Deleted  `json:"deleted,omitempty"`
	Mask       []string `json:"mask,omitempty"`        // emails, phones: in bodies, titles and fields
	DropFields []string `json:"drop_fields,omitempty"` // slugs of custom fields, "fields" for all of them, or a name of OwnFields
}

// OwnFields are the parts of an author that Policy.DropFields may name beside
// the slugs of custom fields.
func OwnFields() []string {
	return []string{"about", "avatar", "banners", "fields", "gender", "joined", "location", "post_count", "roles", "signature", "title", "websites"}
}

// Normal gives the policy with defaults filled in and lists in order, or an
// error that names what it does not know.
func (p Policy) Normal() (Policy, error) {
	if p.Authors == "" {
		p.Authors = Keep
	}
	if p.Deleted == "" {
		p.Deleted = KeepDeleted
	}
	if !slices.Contains([]Authors{Keep, Pseudonymise, Drop}, p.Authors) {
		return p, fmt.Errorf("%q is none of keep, pseudonymise, drop", p.Authors)
	}
	if !slices.Contains([]Deleted{KeepDeleted, RedactDeleted, DropDeleted}, p.Deleted) {
		return p, fmt.Errorf("%q is none of keep, redact, drop", p.Deleted)
	}
	p.Mask, p.DropFields = ordered(p.Mask), ordered(p.DropFields)
	for _, m := range p.Mask {
		if m != MaskEmails && m != MaskPhones {
			return p, fmt.Errorf("%q is none of emails, phones", m)
		}
	}
	return p, nil
}

func ordered(all []string) []string {
	var out []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Equal tells whether two normal policies ask for the same.
func (p Policy) Equal(q Policy) bool {
	return p.Authors == q.Authors && p.Deleted == q.Deleted && slices.Equal(p.Mask, q.Mask) && slices.Equal(p.DropFields, q.DropFields)
}

// IsZero tells a normal policy that changes nothing.
func (p Policy) IsZero() bool {
	return p.Authors == Keep && p.Deleted == KeepDeleted && len(p.Mask) == 0 && len(p.DropFields) == 0
}

// String is the policy as flags.
func (p Policy) String() string {
	parts := []string{"--authors " + string(p.Authors), "--deleted " + string(p.Deleted)}
	if len(p.Mask) > 0 {
		parts = append(parts, "--mask "+strings.Join(p.Mask, ","))
	}
	if len(p.DropFields) > 0 {
		parts = append(parts, "--drop-fields "+strings.Join(p.DropFields, ","))
	}
	return strings.Join(parts, " ")
}

// ErrKey is wrapped when a policy needs a key and has none that will do.
var ErrKey = errors.New("no key for pseudonyms")
