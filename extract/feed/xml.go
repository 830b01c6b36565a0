package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"forumine/extract/forum"

	"golang.org/x/net/html/charset"
)

// The limits of a document: what lies beyond is left out.
const (
	maxEntries = 50_000 // of a sitemap (sitemaps.org)
	maxDepth   = 64
	maxText    = 64 << 10 // of one element
)

// entry is one item of a feed, or one address of a sitemap.
type entry struct {
	link, guid, title, author    string
	published, updated, comments string
	categories                   []category
	permaLink, sitemap           bool
}

type category struct{ name, address string }

// roots are the names of the documents that are read.
func roots() []string {
	return []string{"rss", "feed", "RDF", "urlset", "sitemapindex"}
}

// ErrNoFeed says that a document is none of those that are read.
var ErrNoFeed = errors.New("no RSS, Atom or sitemap")

// Is tells a capture that is a feed or a sitemap by its first element.
func Is(c forum.Capture) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(c.Body, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) == 0 || head[0] != '<' || bytes.HasPrefix(bytes.ToLower(head[:min(len(head), 9)]), []byte("<!doctype")) {
		return false
	}
	_, name, err := open(bytes.NewReader(head[:min(len(head), 4<<10)]))
	return err == nil && name != ""
}

// open reads up to the first element.
func open(body io.Reader) (*xml.Decoder, string, error) {
	d := xml.NewDecoder(body)
	d.Strict, d.CharsetReader, d.Entity = false, charset.NewReaderLabel, xml.HTMLEntity
	for {
		tok, err := d.RawToken()
		if err != nil {
			return nil, "", fmt.Errorf("reading a feed: %w", err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		for _, name := range roots() {
			if start.Name.Local == name {
				return d, name, nil
			}
		}
		return nil, "", ErrNoFeed
	}
}

// parser reads entries token by token: nothing is held but one entry, and no
// entity of the document's own is ever resolved.
type parser struct {
	root  string
	path  []string
	text  strings.Builder
	attrs []xml.Attr
	entry *entry
	take  func(*entry) error // called with each
}

// parse gives the entries of a document. What stands before a fault is given with
// it.
func parse(body []byte) (root string, entries []entry, err error) {
	root, err = each(bytes.NewReader(body), func(e *entry) error {
		entries = append(entries, *e)
		if len(entries) == maxEntries {
			return errFull
		}
		return nil
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	return root, entries, err
}

// errFull ends a reading.
var errFull = errors.New("more entries than are taken")

// each calls take with the entries of a document, one after the other, and gives
// the name of its first element, "" where it is none of those that are read.
func each(body io.Reader, take func(*entry) error) (string, error) {
	d, root, err := open(body)
	if err != nil {
		return "", err
	}
	p := &parser{root: root, path: []string{root}, take: take}
	for len(p.path) > 0 {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return root, fmt.Errorf("reading a feed: it ends in the middle: %w", io.ErrUnexpectedEOF)
		}
		if err != nil {
			return root, fmt.Errorf("reading a feed: %w", err)
		}
		if err := p.token(tok); err != nil {
			return root, err
		}
	}
	return root, nil
}

func (p *parser) token(tok xml.Token) error {
	switch t := tok.(type) {
	case xml.StartElement:
		if len(p.path) >= maxDepth {
			return fmt.Errorf("reading a feed: elements nested more than %d deep", maxDepth)
		}
		p.path = append(p.path, t.Name.Local)
		p.text.Reset()
		p.attrs = append(p.attrs[:0], t.Attr...)
		if p.isEntry(t.Name.Local, len(p.path)) {
			p.entry = &entry{sitemap: t.Name.Local == "sitemap"}
		}
	case xml.CharData:
		if p.entry != nil && p.text.Len() < maxText {
			p.text.Write(t[:min(len(t), maxText-p.text.Len())])
		}
	case xml.EndElement:
		return p.end(t.Name.Local)
	}
	return nil
}

// isEntry tells an entry by its name and how deep it stands.
func (p *parser) isEntry(name string, depth int) bool {
	switch name {
	case "item":
		return depth <= 3
	case "entry", "url", "sitemap":
		return depth == 2 && map[string]string{"feed": "entry", "urlset": "url", "sitemapindex": "sitemap"}[p.root] == name
	}
	return false
}

func (p *parser) end(name string) error {
	depth := len(p.path)
	p.path = p.path[:max(depth-1, 0)]
	if p.entry == nil {
		return nil
	}
	if p.isEntry(name, depth) {
		e := p.entry
		p.entry = nil
		return p.take(e)
	}
	p.field(name, strings.TrimSpace(p.text.String()))
	p.text.Reset()
	p.attrs = p.attrs[:0]
	return nil
}

// field takes one element of an entry.
func (p *parser) field(name, text string) {
	e := p.entry
	switch name {
	case "link":
		p.link(text)
	case "loc":
		e.link = text
	case "guid":
		e.guid, e.permaLink = text, p.attr("isPermaLink") != "false"
	case "title":
		e.title = cmp.Or(e.title, text)
	case "creator", "name":
		e.author = cmp.Or(e.author, text)
	case "author":
		if i := strings.IndexByte(text, '('); i >= 0 { // RSS: mail (name)
			text = strings.Trim(text[i:], "() ")
		}
		if !strings.Contains(text, "@") {
			e.author = cmp.Or(e.author, text)
		}
	case "pubDate", "published", "date", "issued", "created":
		e.published = cmp.Or(e.published, text)
	case "updated", "modified", "lastmod":
		e.updated = cmp.Or(e.updated, text)
	case "comments":
		e.comments = cmp.Or(e.comments, digits(text))
	case "category":
		e.categories = append(e.categories, category{cmp.Or(text, p.attr("label"), p.attr("term")), cmp.Or(p.attr("domain"), p.attr("scheme"))})
	}
}

// link takes RSS's link, or Atom's to the page itself.
func (p *parser) link(text string) {
	href, rel := p.attr("href"), p.attr("rel")
	switch {
	case href == "":
		p.entry.link = cmp.Or(p.entry.link, text)
	case rel == "" || rel == "alternate":
		p.entry.link = cmp.Or(p.entry.link, href)
	}
}

func (p *parser) attr(name string) string {
	for _, a := range p.attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// digits is a number of comments; RSS has an address under the same name.
func digits(s string) string {
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}
