package crawler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Planned is one page that a crawl would ask for, and why.
type Planned struct {
	URL string
	Why string
	At  time.Time // when it is due; zero for now
}

// Planner says what a crawl would ask for. It reads the state alone and fetches
// nothing, while a crawl runs or not.
type Planner struct {
	c *Crawler
}

// NewPlanner makes a planner over a state.
func NewPlanner(r *state.Reader, reader Reader, now func() time.Time) *Planner {
	// The embedded reader is the only part of the store that a plan asks.
	c := &Crawler{store: &state.Store{Reader: r}, reader: reader, scopes: map[string]Scope{}}
	c.opts = Options{Now: now}.withDefaults()
	c.gate = &gate{store: c.store, now: c.opts.Now, log: c.opts.Log}
	return &Planner{c: c}
}

// Address plans the crawl of a start address. ok is false when its site is not
// known yet: then nothing but robots.txt and the page itself can be foretold.
func (p *Planner) Address(ctx context.Context, raw string) (plan []Planned, site state.Site, ok bool, err error) {
	u, err := parseStart(raw)
	if err != nil {
		return nil, site, false, err
	}
	site, link, ok, err := p.c.known(ctx, u)
	if err != nil || !ok {
		return nil, site, false, err
	}
	p.c.scopes[site.ID] = scopeOf(link)
	plan, err = p.Site(ctx, site.ID)
	if err != nil {
		return nil, site, true, err
	}
	if _, err := p.c.store.URLByKey(ctx, site.ID, link.Key); err != nil {
		plan = append([]Planned{{URL: link.URL, Why: "the address itself, which is new"}}, plan...)
	}
	return plan, site, true, nil
}

// Site plans the next crawl of a site: what is queued, in the order of its
// priority; where nothing is, what leads to news; at last the pages that the audit
// lane would read again, as far as its share of the budget goes.
func (p *Planner) Site(ctx context.Context, id string) ([]Planned, error) {
	queued, err := p.c.store.Queued(ctx, id)
	if err != nil {
		return nil, err
	}
	news := func(state.URL) (time.Time, bool) { return time.Time{}, false }
	var plan []Planned
	if !queued {
		if news, plan, err = p.news(ctx, id); err != nil {
			return nil, err
		}
	}
	priority := map[string]int{}
	for _, feed := range plan {
		priority[feed.URL] = priorityFeed
	}
	err = p.c.store.URLs(ctx, state.URLFilter{Site: id}, func(u state.URL) error {
		at, leads := news(u)
		if u.State == "parked" || u.State == "settled" && !leads {
			return nil
		}
		if u.State == "waiting" {
			at = u.DueAt
		}
		if at.Before(p.c.opts.Now()) {
			at = time.Time{}
		}
		plan = append(plan, Planned{URL: u.URL, Why: why(u), At: at})
		priority[u.URL] = u.Priority
		return nil
	})
	slices.SortStableFunc(plan, func(a, b Planned) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(priority[b.URL], priority[a.URL]))
	})
	if err != nil || p.c.scopes[id].Kind == forum.KindThread {
		return plan, err
	}
	sitemap, err := p.sitemap(ctx, id)
	if err != nil {
		return plan, err
	}
	audits, err := p.audits(ctx, id)
	return slices.Concat(plan, sitemap, audits), err
}

// sitemap plans the reading of a site's sitemap, which comes when nothing else is due.
func (p *Planner) sitemap(ctx context.Context, id string) ([]Planned, error) {
	scope := p.c.scopes[id]
	scope.Kind = cmp.Or(scope.Kind, forum.KindIndex)
	p.c.scopes[id] = scope
	filter, err := p.c.storedFilter(ctx, metaFilter+id+" "+scope.String())
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return nil, err
	}
	p.c.filters = map[string]Filter{id: filter}
	finder, ok := p.c.takesSitemaps(id)
	if !ok {
		return nil, nil
	}
	m, err := SitemapOf(ctx, p.c.store.Reader, id)
	now, made := p.c.opts.Now(), sitemapShare*max(m.Took, 1)
	if err != nil || !m.due(now, made) {
		return nil, err
	}
	site, err := p.c.store.Site(ctx, id)
	if err != nil {
		return nil, err
	}
	roots, named, err := p.c.sitemapRoots(ctx, finder, site)
	if err != nil || len(roots) == 0 {
		return nil, err
	}
	if !named {
		roots = roots[:1]
	}
	why := "the sitemap, once nothing else is due, for threads that no listing shows"
	if !m.due(now, 0) {
		why = fmt.Sprintf("the sitemap, if the crawl has made %d other requests by its end; read last at %s", made, m.Start.UTC().Format(time.RFC3339))
	}
	plan := make([]Planned, len(roots))
	for i, root := range roots {
		plan[i] = Planned{URL: root, Why: why}
	}
	return plan, nil
}

// maxPlannedAudits bounds how many overdue pages a plan lists.
const maxPlannedAudits = 1000

func (p *Planner) audits(ctx context.Context, site string) ([]Planned, error) {
	due, err := p.c.store.Overdue(ctx, site, maxPlannedAudits)
	if err != nil {
		return nil, err
	}
	plan := make([]Planned, len(due))
	for i, o := range due {
		plan[i] = Planned{URL: o.URL.URL, Why: fmt.Sprintf("the audit lane, as its share allows: %s, read last at %s", noun(o.URL), o.URL.SettledAt.Format(time.RFC3339))}
	}
	return plan, nil
}

// news tells of a settled page whether and when Refresh would ask for it, and gives
// the feed that it would ask for in the place of listings.
func (p *Planner) news(ctx context.Context, site string) (func(state.URL) (time.Time, bool), []Planned, error) {
	scope := p.c.scopes[site]
	if scope.Kind == forum.KindThread && scope.ID != "" {
		return func(u state.URL) (time.Time, bool) {
			return time.Time{}, u.Parent == string(scope.Kind)+"/"+scope.ID
		}, nil, nil
	}
	parents, err := p.c.listingsOf(ctx, site, scope)
	if err != nil {
		return nil, nil, err
	}
	feeds, err := p.c.store.News(ctx, site, parents...)
	if err != nil {
		return nil, nil, err
	}
	plan, told, err := p.feed(ctx, site, scope, parents)
	return func(u state.URL) (time.Time, bool) {
		if slices.Contains(told, u.Parent) {
			return time.Time{}, false
		}
		for _, f := range feeds {
			if string(u.Kind) == f.Kind && u.Parent == f.Parent && (f.All || u.Page <= 1) && u.Outcome != state.Gone {
				return f.At, true
			}
		}
		return time.Time{}, false
	}, plan, err
}

// feed plans the look at a site's feed, and names the listings that it stands for.
func (p *Planner) feed(ctx context.Context, id string, scope Scope, parents []string) ([]Planned, []string, error) {
	if scope.Kind == "" {
		scope.Kind = forum.KindIndex
	}
	site, err := p.c.store.Site(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	m, err := p.c.feedMemory(ctx, id, scope)
	if err != nil {
		return nil, nil, err
	}
	if m.URL, err = p.c.feedOf(ctx, site, 1); err != nil {
		return nil, nil, err
	}
	told, rest, _, err := p.c.due(ctx, id, m, parents)
	if err != nil || !m.asks(told, rest, p.c.opts.Now()) {
		return nil, nil, err
	}
	if len(told) == 0 {
		return []Planned{{URL: m.URL, Why: "a feed that may tell of all boards from now on: asked for once before their listings"}}, nil, nil
	}
	last := m.At
	if last.Before(m.Since) {
		last = m.Since
	}
	return []Planned{{URL: m.URL, Why: fmt.Sprintf("tells of all %d boards that are due with one request, if it reaches back to %s; else their listings are read",
		len(told), last.UTC().Format(time.RFC3339))}}, told, nil
}

// why says in a few words what a URL is asked for.
func why(u state.URL) string {
	switch {
	case u.State == "leased":
		return "in hand"
	case u.State == "settled":
		return "may lead to news: read last at " + u.SettledAt.Format(time.RFC3339)
	case u.Outcome == state.Retry:
		return fmt.Sprintf("another try after %d: %s", u.Attempts, u.Reason)
	case u.SettledAt.IsZero() && u.Priority == priorityNamed:
		return "new: " + noun(u) + " that only the sitemap names"
	case u.SettledAt.IsZero():
		return "new: " + noun(u)
	case u.State == "waiting":
		return "planned: " + noun(u)
	case u.Outcome.Content():
		return "changed, or asked for again: " + noun(u)
	}
	return fmt.Sprintf("asked for again; last time %s: %s", u.Outcome, u.Reason)
}

func noun(u state.URL) string {
	name := "a page"
	switch u.Kind {
	case forum.KindIndex:
		return "the index"
	case forum.KindBoard:
		name = "a board"
	case forum.KindThread:
		name = "a thread"
	case forum.KindFile:
		return "a file of a post"
	case forum.KindFeed:
		name = "the feed of all boards"
	case forum.KindSitemap:
		return "a file of the sitemap"
	}
	if n, ok := strings.CutPrefix(path.Base(u.Key), "s"); ok && u.Page > 1 {
		return fmt.Sprintf("%s, after the first %s", name, n)
	}
	if u.Page > 1 {
		return fmt.Sprintf("page %d of %s", u.Page, name)
	}
	return name
}

// RobotsOf is where an address's robots.txt is.
func RobotsOf(raw string) (string, error) {
	u, err := parseStart(raw)
	if err != nil {
		return "", err
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}).String(), nil
}
