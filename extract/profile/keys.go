package profile

import (
	"net/url"
	"slices"
	"strings"

	"forumine/extract/dom"

	"github.com/agnivade/levenshtein"
)

// use is what a key's selector is for, which decides what may stand beside it.
type use int

const (
	value  use = iota // one value: text or attribute, all of it or a part
	link              // an address: the attribute href unless another is named
	image             // an address: the attribute src unless another is named
	moment            // a time: machine-readable attributes, title, or text
	each              // containers: a selector alone
	some              // elements: a selector alone
)

// slot is one key of the closed list with the field that it fills.
type slot struct {
	name  string
	field *Field
	use   use
}

// slots lists every key that holds a selector, in the order in which profiles
// are written.
func (p *Profile) slots() []slot {
	return []slot{
		{"path", &p.Path, some},
		{"thread.when", &p.Thread.When, some},
		{"thread.id", &p.Thread.ID, value},
		{"thread.title", &p.Thread.Title, value},
		{"pages.current", &p.Pages.Current, value},
		{"pages.last", &p.Pages.Last, some},
		{"pages.next", &p.Pages.Next, link},
		{"post.each", &p.Post.Each, each},
		{"post.id", &p.Post.ID, value},
		{"post.link", &p.Post.Link, link},
		{"post.position", &p.Post.Position, value},
		{"post.title", &p.Post.Title, value},
		{"post.parent", &p.Post.Parent, value},
		{"post.published", &p.Post.Published, moment},
		{"post.edited", &p.Post.Edited, moment},
		{"post.body", &p.Post.Body, some},
		{"post.drop", &p.Post.Drop, some},
		{"post.signature", &p.Post.Signature, some},
		{"post.attachments", &p.Post.Attachments, some},
		{"author.name", &p.Author.Name, value},
		{"author.id", &p.Author.ID, value},
		{"author.link", &p.Author.Link, link},
		{"author.avatar", &p.Author.Avatar, image},
		{"author.title", &p.Author.Title, value},
		{"author.fields", &p.Author.Fields, some},
		{"quote.each", &p.Quote.Each, each},
		{"quote.author", &p.Quote.Author, value},
		{"quote.post_id", &p.Quote.PostID, value},
		{"quote.content", &p.Quote.Content, some},
		{"listing.when", &p.Listing.When, some},
		{"listing.each", &p.Listing.Each, each},
		{"listing.id", &p.Listing.ID, value},
		{"listing.title", &p.Listing.Title, value},
		{"listing.link", &p.Listing.Link, link},
		{"listing.author", &p.Listing.Author, value},
		{"listing.replies", &p.Listing.Replies, value},
		{"listing.views", &p.Listing.Views, value},
		{"listing.started", &p.Listing.Started, moment},
		{"listing.last_post", &p.Listing.LastPost, moment},
		{"listing.last_author", &p.Listing.LastAuthor, value},
		{"listing.sticky", &p.Listing.Sticky, some},
		{"listing.locked", &p.Listing.Locked, some},
	}
}

// Keys lists the keys of a profile, as docs/profiles.md describes them.
func Keys() []string {
	names := []string{"site", "engine"}
	for _, s := range new(Profile).slots() {
		names = append(names, s.name)
	}
	return names
}

// What take may say: all of the value (the default), its first or last number,
// what follows its last slash, or a parameter of an address.
const (
	takeAll         = "all"
	takeFirstNumber = "first-number"
	takeLastNumber  = "last-number"
	takeLastPart    = "last-part"
	takeParam       = "param " // and its name
)

func isTake(s string) bool {
	switch s {
	case takeAll, takeFirstNumber, takeLastNumber, takeLastPart:
		return true
	}
	name, ok := strings.CutPrefix(s, takeParam)
	return ok && name != "" && !strings.ContainsAny(name, " =&;?#")
}

// take gives the part of a value that a field asks for, "" where it has none.
func take(how, s string) string {
	switch how {
	case "", takeAll:
		return s
	case takeFirstNumber:
		return dom.Digits(s)
	case takeLastNumber:
		return lastDigits(s)
	case takeLastPart:
		return lastPart(s)
	}
	return dom.Param(s, strings.TrimPrefix(how, takeParam))
}

func lastDigits(s string) string {
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	end := strings.LastIndexFunc(s, isDigit) + 1
	start := strings.LastIndexFunc(s[:end], func(r rune) bool { return !isDigit(r) }) + 1
	return s[start:end]
}

func lastPart(s string) string {
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	s = strings.TrimRight(s, "/")
	s = s[strings.LastIndexByte(s, '/')+1:]
	if name, err := url.PathUnescape(s); err == nil {
		return name
	}
	return s
}

// nearest is the known name with the fewest letters to change, "" where none is
// near.
func nearest(name string, known []string) string {
	best, least := "", 1+len(name)/2
	for _, k := range known {
		if n := levenshtein.ComputeDistance(name, k); n < least {
			best, least = k, n
		}
	}
	return best
}

// sections are the first words of the keys.
func sections() []string {
	var out []string
	for _, k := range Keys() {
		head, _, _ := strings.Cut(k, ".")
		if !slices.Contains(out, head) {
			out = append(out, head)
		}
	}
	return out
}
