package extract

import (
	"fmt"

	"forumine/extract/dom"
	"forumine/extract/feed"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// readFeed reads a feed or a sitemap, whose entries lead to threads by the grammar
// of a pinned engine. Nothing on a feed tells its engine: without one, the page has
// none, and its rows have addresses only.
func readFeed(c forum.Capture, o Options) (*forum.Page, error) {
	if own := o.Profiles.For(c.Address()); own != nil && own.Engine != "" {
		o.Engine = own.Engine
	}
	var canonical feed.Canonical
	if o.Engine != "" {
		e, err := ByName(o.Engine)
		if err != nil {
			return nil, err
		}
		canonical = e.Canonical
	}
	page, err := feed.Read(c, canonical)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	page.Engine, page.Extract.Extractor, page.Extract.Version = o.Engine, o.Engine, Version
	return page, nil
}

var selFeeds = dom.Sel("link[rel~=alternate][type='application/rss+xml'][href], link[rel~=alternate][type='application/atom+xml'][href]")

// maxFeeds is how many feeds of a page are taken down.
const maxFeeds = 20

// feeds are the addresses of the feeds on a page's own host that its head names.
func feeds(d *dom.Document) []string {
	var out []string
	d.FindMatcher(selFeeds).Each(func(_ int, s *goquery.Selection) {
		if abs := d.Resolve(s.AttrOr("href", "")); abs != "" && d.SameHost(abs) && len(abs) <= 2048 && len(out) < maxFeeds {
			out = append(out, abs)
		}
	})
	return out
}
