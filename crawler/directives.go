package crawler

import (
	"bytes"
	"context"
	"net/url"

	"forumine/crawler/fetch"
	"forumine/crawler/robots"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// directives is what a page asks of robots, by its header and by meta robots.
func directives(capture forum.Capture, page *forum.Page, agent string) robots.Directives {
	d := robots.Meta(capture.Header["X-Robots-Tag"], "", agent)
	d.NoIndex = d.NoIndex || page.NoIndex
	d.NoArchive = d.NoArchive || page.NoArchive
	d.NoFollow = d.NoFollow || page.NoFollow
	return d
}

// mustNotKeep tells, where that is honoured, whether a page asks not to be
// archived. It is asked before the archive is written, so the page is read once
// more; only a page that has the word in it can ask.
func (c *Crawler) mustNotKeep(ctx context.Context, u *url.URL, res *fetch.Result) bool {
	if !c.opts.Honour {
		return false
	}
	if robots.Meta(res.Header["X-Robots-Tag"], "", c.opts.UserAgent).NoArchive {
		return true
	}
	if !bytes.Contains(bytes.ToLower(res.Body), []byte("noarchive")) {
		return false
	}
	reading, err := Read(ctx, c.reader, Visit{Capture: captureOf(u.String(), res, c.opts.Viewer)})
	return err == nil && reading.Page.NoArchive
}

const noIndexReason = "the page asks not to be indexed: noindex"

// withdraw takes back, where noindex is honoured, what pages said that asked for it
// when it was only reported.
func (c *Crawler) withdraw(ctx context.Context, site string) error {
	if !c.opts.Honour {
		return nil
	}
	n, err := c.store.Withdraw(ctx, site, "robots.noindex", state.Robots, noIndexReason)
	if err == nil && n > 0 {
		c.opts.Log.Info("pages that asked not to be indexed are taken back", "site", site, "pages", n)
	}
	return err
}

// report counts, beside the gaps of a page, what it asks for and does not get.
func report(v *state.Settlement, page *forum.Page, asks robots.Directives) {
	for name, asked := range map[string]bool{"noindex": asks.NoIndex, "noarchive": asks.NoArchive} {
		if !asked {
			continue
		}
		if v.Gaps == nil {
			v.Gaps = map[string]int{}
		}
		v.Gaps[page.Engine+" robots."+name]++
	}
}

// follow takes a page's links, unless it asks that nobody does.
func (c *Crawler) follow(ctx context.Context, site state.Site, l state.Lease, page *forum.Page, asks robots.Directives, v *state.Settlement) error {
	if asks.NoFollow {
		return nil
	}
	b, err := c.links(ctx, site, l, page)
	if err != nil {
		return err
	}
	v.Links, v.Order = b.out, b.walk.order
	if v.Plan != nil {
		v.Plan.Changed = b.walk.changed
	}
	return nil
}
