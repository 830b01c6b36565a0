package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/extract"
	"forumine/extract/forum"
	"forumine/extract/privacy"
)

// A page that names somebody who is forgotten is archived as what was read from
// it without that person: a resource record with the page as JSON. The bytes that
// the forum sent are not kept.

// pageType is the media type of such a record.
const pageType = "application/vnd.forumine.page+json"

// redactedPage is a page as archived.
type redactedPage struct {
	Page       json.RawMessage   `json:"page"`
	PostKeyIDs map[string]string `json:"post_key_ids,omitempty"`
}

// isRedacted tells captures of such pages.
func isRedacted(c forum.Capture) bool {
	return strings.HasPrefix(c.HeaderValue("Content-Type"), pageType)
}

// readRedacted reads a page as archived.
func readRedacted(c forum.Capture) (*forum.Page, error) {
	var w redactedPage
	page := &forum.Page{}
	err := json.Unmarshal(c.Body, &w)
	if err == nil {
		err = json.Unmarshal(w.Page, page)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a redacted page: %w", err)
	}
	page.PostKeyIDs, page.Extract.Version = w.PostKeyIDs, extract.Version // nothing better can be read from it
	return page, nil
}

// writeRedacted gives the exchange that stands for another one: its page without
// the people whom the step forgets and without their names in any text.
func writeRedacted(e archive.Exchange, page *forum.Page, names []string) (archive.Exchange, error) {
	raw, err := json.Marshal(page)
	if err != nil {
		return e, fmt.Errorf("writing a redacted page: %w", err)
	}
	var v any
	numbers := json.NewDecoder(bytes.NewReader(raw))
	numbers.UseNumber()
	if err := numbers.Decode(&v); err != nil {
		return e, fmt.Errorf("writing a redacted page: %w", err)
	}
	if raw, err = json.Marshal(privacy.Scrub(v, names)); err != nil {
		return e, fmt.Errorf("writing a redacted page: %w", err)
	}
	body, err := json.Marshal(redactedPage{Page: raw, PostKeyIDs: page.PostKeyIDs})
	return archive.Exchange{
		URL: e.URL, FetchedAt: e.FetchedAt, Header: http.Header{"Content-Type": {pageType}}, Body: body,
		Truncated: e.Truncated, RunID: e.RunID, Viewer: e.Viewer,
	}, err
}

// keeper is what the crawl asks before it archives; nil while nobody is forgotten.
func (p *pipeline) keeper() func(context.Context, archive.Exchange) (archive.Exchange, error) {
	if !p.forgets {
		return nil
	}
	return p.keep
}

// keep gives what may be archived of an exchange while somebody is forgotten.
func (p *pipeline) keep(ctx context.Context, e archive.Exchange) (archive.Exchange, error) {
	step, ok := p.reader.privacy.(privacy.Step)
	capture, err := e.Capture()
	if !ok || err != nil || isRedacted(capture) {
		return e, nil //nolint:nilerr // what cannot be decoded cannot be read either
	}
	site, page, ok := p.original(ctx, capture)
	if !ok {
		return e, nil
	}
	grammar := p.reader.grammar(cmp.Or(page.Engine, site.Engine))
	names, found := step.Lost(site.ID, page, grammar)
	if !found {
		return e, nil
	}
	return writeRedacted(e, step.Only().Page(site.ID, page, grammar), names)
}

// original reads a capture as it is, under what is known of its site.
func (p *pipeline) original(ctx context.Context, c forum.Capture) (state.Site, *forum.Page, bool) {
	o := extract.Options{Engine: p.reader.pinned(c), Profiles: p.reader.profiles}
	page, err := extract.Read(c, forum.Facts{}, o)
	if err != nil {
		return state.Site{}, nil, false
	}
	site, err := p.store.Site(ctx, forum.SiteID(page.Root))
	if err != nil {
		site = p.siteOf(ctx, c.Address())
	}
	if site.ID == "" {
		site = state.Site{ID: forum.SiteID(page.Root), Engine: page.Engine}
	}
	if page.Engine == "" {
		o.Engine = site.Engine
	}
	if again, err := extract.Read(c, site.Facts, o); err == nil {
		page = again
	}
	return site, page, true
}

// siteOf is the site that an address belongs to; the zero one where none is known.
func (p *pipeline) siteOf(ctx context.Context, address string) state.Site {
	sites, err := p.store.Sites(ctx)
	if err != nil {
		return state.Site{}
	}
	id := forum.SiteID(address) + "/"
	var best state.Site
	for _, s := range sites {
		for _, root := range append([]string{s.ID}, s.Aliases...) {
			if strings.HasPrefix(id, root+"/") && len(s.ID) >= len(best.ID) {
				best = s
			}
		}
	}
	return best
}
