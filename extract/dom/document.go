// Package dom holds the reading tools that the engines share: parsed documents,
// text, numbers, dates, author cards, and bodies with their quotes cut out.
//
// A capture is parsed once (Parse). An engine then reads elements by role, takes
// times through a Clock, author cards through a Card, and bodies through
// Document.ReadBody, which produces text, cleaned HTML, quotes, links, media and
// attachments in one walk over the parsed tree. Nothing here knows an engine,
// the network or the clock.
package dom

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"forumine/extract/dom/tree"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// ErrUnreadable is wrapped by every error of Parse.
var ErrUnreadable = errors.New("unreadable page")

// Document is one parsed page with what is needed to resolve its links.
type Document struct {
	*goquery.Document
	URL     *url.URL // where the body came from; never nil
	Base    *url.URL // of relative links: <base href>, else URL
	Charset string   // the encoding that the bytes were read in
	Lang    string   // <html lang>, lower case, "" when absent
	Data    JSON     // of a response that is JSON and no page; the zero JSON of pages

	inventory *inventory // of the elements; nil until something is looked for
	origins   *origins   // of URL and Base; nil until a link is resolved
	addresses addresses  // of its links
	metas     []*html.Node
	tags      int  // about how many elements there are
	look      look // what Signals looks at
	unseen    int  // weights of the marks that it did not look at
	least     int  // while it bounds a score
}

// Parse decodes and parses a capture's body, with scripting off: otherwise the
// content of noscript elements, where Discourse and Flarum put their readable
// pages, would be raw text. Errors wrap ErrUnreadable and say what is wrong.
func Parse(c forum.Capture) (*Document, error) {
	if len(bytes.TrimSpace(c.Body)) == 0 {
		return nil, fmt.Errorf("%w: the body is empty; fetch the page again", ErrUnreadable)
	}
	text, name, err := decode(c.Body, c.HeaderValue("Content-Type"))
	if err != nil {
		return nil, err
	}
	if j, ok, err := data(c, text); ok || err != nil {
		return dataDocument(c, j), err
	}
	root, err := tree.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: parsing HTML: %w (elements nested deeper than the parser takes)", ErrUnreadable, err)
	}
	d := &Document{Document: goquery.NewDocumentFromNode(root), Charset: name, tags: strings.Count(text, "<")*9/16 + 8}
	d.URL = parseAddress(c.Address())
	d.Base = d.base()
	d.Lang = strings.ToLower(strings.ReplaceAll(d.FirstOf(selHTML).AttrOr("lang", ""), "_", "-"))
	d.Data = framedData(d)
	return d, nil
}

func parseAddress(raw string) *url.URL {
	u, err := url.Parse(raw)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// base is the first base element's href, resolved against the page (HTML §4.2.3).
func (d *Document) base() *url.URL {
	n := d.first(selBase)
	if n == nil {
		return d.URL
	}
	u, err := d.URL.Parse(Attr(n, "href"))
	if err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		return d.URL
	}
	return u
}

var (
	selHTML      = Sel("html")
	selMeta      = Sel("head meta[content]")
	selBase      = Sel("base[href]")
	selCanonical = Sel("link[rel=canonical][href]")
	selNext      = Sel("link[rel=next][href]")
	selGenerator = Sel("meta[name=generator i]")
)

// Canonical is the page's own link[rel=canonical], absolute, or "".
func (d *Document) Canonical() string {
	return d.Resolve(Attr(d.first(selCanonical), "href"))
}

// NextLink is the page's link[rel=next] of the head, absolute, or "".
func (d *Document) NextLink() string {
	return d.Resolve(Attr(d.first(selNext), "href"))
}

// Generator is the content of meta[name=generator], or "".
func (d *Document) Generator() string {
	return Attr(d.first(selGenerator), "content")
}

// Meta is the content of the first meta element with this name or property.
func (d *Document) Meta(name string) string {
	if d.metas == nil {
		d.metas = d.FindMatcher(selMeta).Nodes
	}
	for _, n := range d.metas {
		if strings.EqualFold(rawAttr(n, "name"), name) || strings.EqualFold(rawAttr(n, "property"), name) {
			return Attr(n, "content")
		}
	}
	return ""
}
