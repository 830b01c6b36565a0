package dom

import (
	"net/url"

	"forumine/extract/forum"
)

// Address is where a link of a page leads. Engines ask about the same few links
// again and again, and what a crawl may follow is asked for once more at the end.
type Address struct {
	Abs string // as Document.Resolve gives it

	href    string
	url     *url.URL
	parsed  bool
	grammar string // the engine that has mapped it
	link    forum.Link
	mapped  bool
}

// addresses are those of the links met last: their number is fixed, so that a
// long page holds no more of them than a short one.
type addresses [64]*Address

// Address is where a link of the page leads, resolved once.
func (d *Document) Address(href string) *Address {
	at := &d.addresses[hashOf(0, href)%uint32(len(d.addresses))]
	if *at == nil || (*at).href != href {
		*at = &Address{href: href, Abs: d.Resolve(href)}
	}
	return *at
}

// LastAddress is Address for who asks about each link but once.
func (d *Document) LastAddress(href string) Address {
	if a := d.addresses[hashOf(0, href)%uint32(len(d.addresses))]; a != nil && a.href == href {
		return *a
	}
	return Address{href: href, Abs: d.Resolve(href)}
}

// URL is the address in its parts, which are to be left as they are; nil where it
// is none.
func (a *Address) URL() *url.URL {
	if !a.parsed {
		a.parsed = true
		if u, err := url.Parse(a.Abs); err == nil {
			a.url = u
		}
	}
	return a.url
}

// Grammar is an engine's of links.
type Grammar interface {
	Name() string
	Canonical(u *url.URL) (forum.Link, bool)
}

// Link maps the address by an engine's grammar, once for one engine; false for
// links that are never entered.
func (a *Address) Link(g Grammar) (forum.Link, bool) {
	u := a.URL()
	if u == nil {
		return forum.Link{}, false
	}
	if name := g.Name(); a.grammar != name {
		a.grammar = name
		a.link, a.mapped = g.Canonical(u)
	}
	return a.link, a.mapped
}
