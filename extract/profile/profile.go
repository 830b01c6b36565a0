// Package profile reads pages of one site by selectors that a user has written
// down, where a theme has broken the engine's own.
//
// Its steps: Parse reads a profile's YAML (parse.go) against the closed list of
// keys (keys.go), strictly; Set.For finds the profile of an address; Apply
// (apply.go) goes over the page as the engine read it and puts what the
// profile's selectors find in place of the engine's fields: posts (post.go),
// bodies with their quotes (body.go), the thread (thread.go) and listings
// (listing.go). What a profile does not name stays as the engine read it, and
// what it names and the page does not show is a gap. Propose (propose.go)
// writes a profile from examples, by trying selectors (induce.go).
package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Profile holds the selectors of one site. Fields that are not set are the
// engine's to read.
type Profile struct {
	Sites  []string // host and path prefix, as Site folds them
	Engine string   // engine id that reads the rest; "" means the detected one

	Path Field // links to the boards, outer to inner

	Thread  ThreadFields
	Pages   PagesFields
	Post    PostFields
	Author  AuthorFields
	Quote   QuoteFields
	Listing ListingFields

	identity string // of a parsed profile
}

// ThreadFields tell of a thread as a whole.
type ThreadFields struct{ When, ID, Title Field }

// PagesFields tell of the pages of a thread or a listing.
type PagesFields struct{ Current, Last, Next Field }

// PostFields tell of a post. All but Each are looked for within one container.
type PostFields struct {
	Each, ID, Link, Position, Title, Parent, Published, Edited Field
	Body, Drop, Signature, Attachments                         Field
}

// AuthorFields tell of a post's author.
type AuthorFields struct{ Name, ID, Link, Avatar, Title, Fields Field }

// QuoteFields tell of a quote within a body.
type QuoteFields struct{ Each, Author, PostID, Content Field }

// ListingFields tell of a row of a board's listing. All but When and Each are
// looked for within one row.
type ListingFields struct {
	When, Each, ID, Title, Link, Author, Replies, Views Field
	Started, LastPost, LastAuthor, Sticky, Locked       Field
}

// Field is where one value stands: in the elements that Select matches, in
// their text or an attribute, whole or a part of it.
type Field struct {
	Select string // CSS; "" means the container itself
	Attr   string // attribute; "" means the text
	Take   string // part of the value; see the takes in keys.go

	set   bool
	match goquery.Matcher // nil: the container itself
}

// IsSet tells whether the profile names the field.
func (f *Field) IsSet() bool { return f.set }

// Set is the profiles that a reading may use.
type Set []*Profile

// For is the profile of an address: the one with the longest path; nil for
// none. Of several for one place the last wins.
func (s Set) For(address string) *Profile {
	var best *Profile
	longest := -1
	for _, p := range s {
		for _, site := range p.Sites {
			if len(site) >= longest && covers(site, address) {
				best, longest = p, len(site)
			}
		}
	}
	return best
}

// Covers tells whether a profile is for an address.
func (p *Profile) Covers(address string) bool { return Set{p}.For(address) != nil }

// covers tells whether an address lies at or below a site.
func covers(site, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	host, prefix, _ := strings.Cut(site, "/")
	path := strings.Trim(u.Path, "/")
	return forum.FoldHost(u.Host) == host && (prefix == "" || path == prefix || strings.HasPrefix(path, prefix+"/"))
}

// root is the address of the site that covers a page, with a final slash.
func (p *Profile) root(u *url.URL) string {
	for _, site := range p.Sites {
		if covers(site, u.String()) {
			_, prefix, _ := strings.Cut(site, "/")
			return strings.TrimSuffix(u.Scheme+"://"+u.Host+"/"+prefix, "/") + "/"
		}
	}
	return ""
}

// Identity names what a profile says, whatever its comments and layout: 16 hex
// digits, another for every change that may give another reading.
func (p *Profile) Identity() string {
	if p.identity != "" {
		return p.identity
	}
	sum := sha256.Sum256(p.YAML())
	return hex.EncodeToString(sum[:8])
}

// Identity names all that the set says of these hosts, "" for nothing: where it
// differs from what a site's pages were read by, they need to be read again.
func (s Set) Identity(hosts ...string) string {
	var ids []string
	for _, p := range s {
		if p.isOf(hosts) {
			ids = append(ids, p.Identity())
		}
	}
	if len(ids) < 2 {
		return strings.Join(ids, "")
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(ids), " ")))
	return hex.EncodeToString(sum[:8])
}

func (p *Profile) isOf(hosts []string) bool {
	for _, site := range p.Sites {
		host, _, _ := strings.Cut(site, "/")
		for _, h := range hosts {
			if forum.FoldHost(h) == host {
				return true
			}
		}
	}
	return false
}
