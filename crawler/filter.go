package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/crawler/robots"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Filter narrows what a crawl takes of its scope. Patterns are those of
// robots.txt (RFC 9309 §2.2.3), matched against path and query. The zero Filter
// takes everything.
type Filter struct {
	Follow  []string      `json:"follow,omitempty"`  // of threads, only those whose address one of these matches
	Exclude []string      `json:"exclude,omitempty"` // no page whose address one of these matches
	Since   time.Time     `json:"since,omitzero"`    // of threads, only those with a post since then, as far as listings say
	MaxAge  time.Duration `json:"max_age,omitempty"` // the same, counted back from each run
}

// IsZero tells a filter that takes everything.
func (f Filter) IsZero() bool {
	return len(f.Follow) == 0 && len(f.Exclude) == 0 && f.Since.IsZero() && f.MaxAge == 0
}

// String names a filter's parts as the command line does.
func (f Filter) String() string {
	var parts []string
	for _, p := range f.Follow {
		parts = append(parts, "--follow "+p)
	}
	for _, p := range f.Exclude {
		parts = append(parts, "--exclude "+p)
	}
	if !f.Since.IsZero() {
		parts = append(parts, "--since "+f.Since.Format(time.RFC3339))
	}
	if f.MaxAge > 0 {
		parts = append(parts, "--max-age "+f.MaxAge.String())
	}
	return strings.Join(parts, " ")
}

// Check refuses patterns that can match nothing.
func (f Filter) Check() error {
	for _, p := range slices.Concat(f.Follow, f.Exclude) {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*") {
			return fmt.Errorf("the pattern %q matches no address: begin it with / for the start of the path, or with * for anything before", p)
		}
	}
	if !f.Since.IsZero() && f.MaxAge > 0 {
		return errors.New("a date and an age say the same: give one of them")
	}
	return nil
}

func matchesAny(patterns []string, raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(patterns, func(p string) bool { return robots.Match(p, u.RequestURI()) })
}

func (f Filter) excludes(raw string) bool { return len(f.Exclude) > 0 && matchesAny(f.Exclude, raw) }

// follows tells whether a thread, by the address of its first page, is taken.
func (f Filter) follows(raw string) bool { return len(f.Follow) == 0 || matchesAny(f.Follow, raw) }

// from is the moment before which a thread's last post is too old; zero for none.
func (f Filter) from(now time.Time) time.Time {
	if f.MaxAge > 0 {
		return now.Add(-f.MaxAge)
	}
	return f.Since
}

// recent tells whether a thread with this last post is taken. A time that is not
// known may be any.
func (f Filter) recent(last forum.Stamp, now time.Time) bool {
	from := f.from(now)
	if from.IsZero() || !last.Known() {
		return true
	}
	at := last.At
	switch last.Precision {
	case forum.PrecisionDay:
		at = at.Add(24 * time.Hour)
	case forum.PrecisionHour:
		at = at.Add(time.Hour)
	}
	return !at.Before(from)
}

// past tells whether the listing's further pages are all too old: it is sorted by
// last posts, and of this page no row but sticky ones is recent.
func (b *linkBuilder) past() bool {
	return !b.filter.from(b.c.opts.Now()).IsZero() && b.active == 0 && b.walk.order == state.OrderFalling
}

// metaFilter is where the filter of a site's scope is kept.
const metaFilter = "filter "

func (s Scope) String() string { return string(s.Kind) + "/" + s.ID }

// begin widens a site's scope by that of a start address, and fixes its filter:
// the given one, which is kept, or the one that an earlier crawl of the same
// scope was given.
func (c *Crawler) begin(ctx context.Context, site string, scope Scope) error {
	c.scopes[site] = widest(c.scopes[site], scope)
	c.starts[site] = append(c.starts[site], scope)
	name := metaFilter + site + " " + scope.String()
	f, err := c.storedFilter(ctx, name)
	if err != nil {
		return err
	}
	if c.opts.Filter != nil {
		c.filters[site] = *c.opts.Filter
		return c.storeFilter(ctx, site, name, f)
	}
	if f.IsZero() {
		return nil
	}
	c.filters[site] = f
	c.opts.Log.Info("the crawl keeps to what an earlier one of the same address was given; --unfiltered takes everything", "filter", f.String())
	return nil
}

// storeFilter keeps the filter that this run was given. Where another one held
// before, listings have more to give than what was taken of them.
func (c *Crawler) storeFilter(ctx context.Context, site, name string, before Filter) error {
	raw, err := json.Marshal(c.opts.Filter)
	if err != nil {
		return fmt.Errorf("encoding the filter: %w", err)
	}
	if !before.IsZero() && before.String() != c.opts.Filter.String() {
		if err := c.store.ForgetListings(ctx, site); err != nil {
			return err
		}
		scope := strings.TrimPrefix(name, metaFilter+site+" ")
		if err := c.store.SetMeta(ctx, metaFeed+site+" "+scope, ""); err != nil {
			return err
		}
	}
	return c.store.SetMeta(ctx, name, string(raw))
}

func (c *Crawler) storedFilter(ctx context.Context, name string) (f Filter, err error) {
	raw, err := c.store.Meta(ctx, name)
	if err != nil || raw == "" {
		return f, err
	}
	if err := json.Unmarshal([]byte(raw), &f); err != nil {
		return f, fmt.Errorf("decoding the filter of an earlier crawl: %w", err)
	}
	return f, nil
}

// focus sets aside what waits in the queue beyond the scope of this run, as a
// wider crawl may have left it, and takes back what lies within.
func (c *Crawler) focus(ctx context.Context, site string) error {
	groups, err := c.groups(ctx, site)
	if err != nil {
		return err
	}
	f, from := c.filters[site], c.filters[site].from(c.opts.Now())
	files, err := c.store.Meta(ctx, metaMedia+site)
	if err != nil {
		return err
	}
	if groups == nil && f.IsZero() && (files == "" || c.opts.Files.Media == MediaImages) {
		_, err := c.store.Focus(ctx, site, nil)
		return err
	}
	firsts, err := c.firstPages(ctx, site, f)
	if err != nil {
		return err
	}
	n, err := c.store.Focus(ctx, site, func(u state.Queued) bool {
		switch {
		case u.Kind == forum.KindFile:
			return c.opts.Files.takes(u.Key) && !f.excludes(u.URL) && (groups == nil || groups[threadOfFiles(u.Parent)])
		case groups != nil && !groups[u.Parent] && u.Kind != forum.KindIndex, groups != nil && u.Kind == forum.KindIndex:
			return false
		case f.excludes(u.URL):
			return false
		case u.Kind != forum.KindThread:
			return true
		}
		first, known := firsts[u.Parent]
		return (!known || f.follows(first)) && !tooOld(u.Signature, from)
	})
	if err == nil && n > 0 {
		c.opts.Log.Info("what waits beyond the scope of this crawl is set aside; a wider crawl takes it up again", "site", site, "pages", n)
	}
	return err
}

// tooOld judges a queued thread by the last post that its row's signature tells.
func tooOld(signature string, from time.Time) bool {
	secs, _, _ := strings.Cut(signature, "|")
	at, err := strconv.ParseInt(secs, 10, 64)
	return err == nil && !from.IsZero() && time.Unix(at, 0).Add(24*time.Hour).Before(from)
}

// firstPages are the addresses of the threads' first pages, where patterns have
// to be asked of them.
func (c *Crawler) firstPages(ctx context.Context, site string, f Filter) (map[string]string, error) {
	firsts := map[string]string{}
	if len(f.Follow) == 0 {
		return firsts, nil
	}
	err := c.store.URLs(ctx, state.URLFilter{Site: site}, func(u state.URL) error {
		if u.Kind == forum.KindThread && u.Page <= 1 {
			firsts[u.Parent] = u.URL
		}
		return nil
	})
	return firsts, err
}

// groups are the boards and threads that the start addresses of this run lead to;
// nil means all.
func (c *Crawler) groups(ctx context.Context, site string) (map[string]bool, error) {
	groups := map[string]bool{}
	for _, scope := range c.starts[site] {
		switch {
		case scope.Kind != forum.KindThread && scope.Kind != forum.KindBoard || scope.ID == "":
			return nil, nil
		case scope.Kind == forum.KindThread:
			groups[scope.String()] = true
			continue
		}
		listings, err := c.listingsOf(ctx, site, scope)
		if err != nil {
			return nil, err
		}
		for _, parent := range listings {
			groups[parent] = true
			err := c.store.Listed(ctx, site, parent, func(key string) {
				groups[string(forum.KindThread)+"/"+key[strings.LastIndexByte(key, '|')+1:]] = true
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return groups, nil
}
