package crawler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"forumine/crawler/fetch"
	"forumine/crawler/robots"
	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Media says which files of posts are fetched into the archive.
type Media string

// Each takes what the one before it takes, and more.
const (
	MediaNone        Media = "none"
	MediaAttachments Media = "attachments" // files that belong to posts, wherever the forum keeps them
	MediaImages      Media = "images"      // and images that posts show, on other hosts too
)

// AllMedia gives all of them, the least first.
func AllMedia() []Media { return []Media{MediaNone, MediaAttachments, MediaImages} }

// level orders them; what is not known takes nothing.
func (m Media) level() int { return max(0, slices.Index(AllMedia(), m)) }

// Files says which files of posts are fetched, and how much of them. Zero fields
// mean the defaults given here. A file is archived as it came and never read.
type Files struct {
	Media    Media // default none
	MaxBytes int64 // of one file, as received; default 10 MiB
	MaxFiles int   // of a run; default 10,000
	MaxTotal int64 // bytes of a run, after which no further file is begun; default 1 GiB
}

// The limits where none are given.
const (
	DefaultFileBytes  = 10 << 20
	DefaultFiles      = 10_000
	DefaultFilesTotal = 1 << 30
)

func (f Files) withDefaults() Files {
	if f.MaxBytes <= 0 {
		f.MaxBytes = DefaultFileBytes
	}
	if f.MaxFiles <= 0 {
		f.MaxFiles = DefaultFiles
	}
	if f.MaxTotal <= 0 {
		f.MaxTotal = DefaultFilesTotal
	}
	return f
}

// The keys of files begin with what asked for them.
const (
	keyAttachment = "attachment "
	keyImage      = "image "
)

// takes tells whether a queued file is one of those that are fetched.
func (f Files) takes(key string) bool {
	if strings.HasPrefix(key, keyImage) {
		return f.Media.level() >= MediaImages.level()
	}
	return f.Media.level() >= MediaAttachments.level()
}

// fileTries is how often a file is asked for that cannot be had. Many lie on hosts
// that are long gone: they must not keep a crawl from its end.
const fileTries = 3

// fileDelay is the least time between two requests to a host that a crawl without
// a pace is led to by a file: such a crawl is for hosts of one's own.
const fileDelay = time.Second

// fileGroup names the files of a thread, apart from its pages.
func fileGroup(thread string) string { return string(forum.KindFile) + "/" + thread }

// threadOfFiles is the group of pages of the thread that files belong to.
func threadOfFiles(group string) string {
	return string(forum.KindThread) + "/" + strings.TrimPrefix(group, string(forum.KindFile)+"/")
}

// purse counts what of a run's files is used up.
type purse struct {
	mu    sync.Mutex
	files int
	bytes int64
}

// open takes one file; false when the run may fetch no more.
func (p *purse) open(f Files) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files >= f.MaxFiles || p.bytes >= f.MaxTotal {
		return false
	}
	p.files++
	return true
}

// close notes what it took; one that nobody was asked for takes nothing.
func (p *purse) close(requests int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += bytes
	if requests == 0 {
		p.files--
	}
}

// files queues the files of a thread page's posts.
func (b *linkBuilder) files(thread string) {
	for _, p := range b.page.Posts {
		for _, a := range p.Attachments {
			b.file(keyAttachment, a.URL, thread)
		}
		for _, m := range p.Media {
			if m.Kind == "image" {
				b.file(keyImage, m.URL, thread)
			}
		}
	}
}

func (b *linkBuilder) file(key, href, thread string) {
	n, ok := b.c.fileLink(b.site, key, href, thread)
	if !ok || b.seen[n.URL] || b.filter.excludes(n.URL) {
		return
	}
	b.seen[n.URL] = true
	n.Depth = b.lease.Depth + 1
	b.out = append(b.out, n)
}

// fileLink is the link of a file; false where it is none that is fetched.
func (c *Crawler) fileLink(site state.Site, key, href, thread string) (state.NewLink, bool) {
	u, err := url.Parse(href)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || !c.opts.Files.takes(key) {
		return state.NewLink{}, false
	}
	if _, page := c.reader.Canonical(site.Engine, site.Facts.Routes, u); page && inSite(site, u) {
		return state.NewLink{}, false
	}
	u.Fragment, u.User = "", nil
	l := forum.Link{URL: u.String(), Key: key + u.String(), Kind: forum.KindFile}
	n := newLink(site.ID, l, priorityFile, 0)
	n.Parent = fileGroup(thread)
	return n, true
}

// takeFile fetches and archives one leased file. What the run does not take, or
// not any more, is set aside for one that does.
func (c *Crawler) takeFile(ctx context.Context, w *hand, l state.Lease) (state.Settlement, bool, error) {
	if !c.opts.Files.takes(l.Key) || !c.purse.open(c.opts.Files) {
		return state.Settlement{}, false, c.store.Park(context.WithoutCancel(ctx), l)
	}
	w.limit = c.opts.Files.MaxBytes
	defer func() { w.limit = 0 }()
	v, ok, err := c.takePage(ctx, w, l)
	c.purse.close(w.requests, w.bytes)
	return v, ok, err
}

// loopback tells hosts that only this machine can mean.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// approach is what is asked before a hop of a file's way: its pace on a host that
// the crawl's own says nothing of.
func (c *Crawler) approach(l state.Lease, u *url.URL) {
	if (l.Kind == forum.KindFile || l.Kind == forum.KindSitemap) && !loopback(u.Hostname()) {
		c.pace.atLeast(Slot(u), fileDelay)
	}
}

// fileResponse judges the response to a request for a file: the next hop, or the
// settlement.
func (c *Crawler) fileResponse(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (*url.URL, state.Settlement, error) {
	reason := fmt.Sprintf("the host answered %d", res.Status)
	v := state.Settlement{Status: res.Status, Kind: forum.KindFile, Reason: reason}
	switch {
	case res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable:
		return nil, state.Settlement{}, c.strike(ctx, Slot(u), res.Header, reason)
	case res.Status >= 300 && res.Status < 400:
		return c.fileHop(u, res, v)
	case res.Status >= 500:
		return nil, c.retry(l, reason), nil
	case res.Status == http.StatusUnauthorized || res.Status == http.StatusForbidden:
		v.Outcome = state.Walled
	case res.Status == http.StatusNotFound || res.Status == http.StatusGone:
		v.Outcome = state.Gone
	case res.Status != http.StatusOK:
		v.Outcome = state.Failed
	case res.Truncated != "":
		return nil, c.retry(l, "the response was cut short: "+res.Truncated), nil
	case isDocument(res):
		v.Outcome, v.Reason = c.insteadOfFile(ctx, u, res)
	default:
		v, err := c.keepFile(ctx, l, u, res)
		return nil, v, err
	}
	return nil, v, nil
}

// fileHop follows a redirect to wherever the file is kept, but to no login form.
func (c *Crawler) fileHop(u *url.URL, res *fetch.Result, v state.Settlement) (*url.URL, state.Settlement, error) {
	next, err := url.Parse(res.Location)
	v.FinalURL = res.Location
	switch {
	case err != nil || res.Location == "" || next.String() == u.String():
		v.Outcome, v.Reason = state.Failed, fmt.Sprintf("the host answered %d without a usable target", res.Status)
		return nil, v, nil
	case loginAddress(next):
		v.Outcome, v.Reason = state.Walled, "redirects to a login page"
		return nil, v, nil
	}
	return next, v, nil
}

// isDocument tells a page from a file: a page that a forum offers as a file says
// so (RFC 6266 §4.2).
func isDocument(res *fetch.Result) bool {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(res.Header.Get("Content-Disposition"))), "attachment") {
		return false
	}
	return strings.Contains(strings.ToLower(res.Header.Get("Content-Type")), "html")
}

// insteadOfFile says what a page means that came instead of a file.
func (c *Crawler) insteadOfFile(ctx context.Context, u *url.URL, res *fetch.Result) (state.Outcome, string) {
	wrong := "the server calls it " + res.Header.Get("Content-Type")
	reading, err := Read(ctx, c.reader, Visit{Capture: captureOf(u.String(), res, c.opts.Viewer)})
	if err != nil || !reading.Page.Kind.IsWall() {
		return state.WrongType, wrong
	}
	switch reading.Page.Kind {
	case forum.KindLogin, forum.KindDenied:
		return state.Walled, "the file is for members: " + string(reading.Page.Kind)
	case forum.KindChallenge:
		return state.Challenged, "a guard in front of the site asks for a person"
	case forum.KindMissing:
		return state.Gone, "the forum says that there is no such file"
	}
	return state.WrongType, wrong
}

// keepFile archives a file.
func (c *Crawler) keepFile(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result) (state.Settlement, error) {
	v := state.Settlement{Outcome: state.OK, Status: res.Status, Kind: forum.KindFile, Viewer: c.opts.Viewer}
	kept, err := c.keepAside(ctx, l, u, res, &v)
	if kept {
		v.BodyHash = bodyHash(res.Body)
	}
	return v, err
}

// keepAside archives what is no page, unless it asks not to be kept.
func (c *Crawler) keepAside(ctx context.Context, l state.Lease, u *url.URL, res *fetch.Result, v *state.Settlement) (kept bool, err error) {
	if c.opts.Honour && robots.Meta(res.Header["X-Robots-Tag"], "", c.opts.UserAgent).NoArchive {
		v.Outcome, v.Reason = state.Robots, "the "+string(v.Kind)+" asks not to be kept: noarchive"
		return false, nil
	}
	ref, err := c.append(ctx, res)
	if err != nil {
		return false, fmt.Errorf("archiving %s: %w", u, err)
	}
	if u.String() != l.URL {
		v.FinalURL = u.String()
	}
	v.Capture, v.ObservedAt = ref.String(), c.store.Observe()
	return true, nil
}

// metaMedia is where it is kept which files of all posts of a site are queued.
const metaMedia = "media "

// catchUp queues the files of posts that were read when fewer were asked for, as
// far as they lie within the scope of this run.
func (c *Crawler) catchUp(ctx context.Context, site state.Site) error {
	raw, err := c.store.Meta(ctx, metaMedia+site.ID)
	if err != nil {
		return err
	}
	have, want := Media(raw).level(), c.opts.Files.Media.level()
	if want == have {
		return nil
	}
	groups, err := c.groups(ctx, site.ID)
	if err != nil {
		return err
	}
	if want > have && groups != nil {
		return c.filesOfThreads(ctx, site, groups)
	}
	if want > have {
		if err := c.filesOfSite(ctx, site); err != nil {
			return err
		}
	}
	return c.store.SetMeta(ctx, metaMedia+site.ID, string(c.opts.Files.Media))
}

// fewerFiles notes that posts are read now whose files are not queued.
func (c *Crawler) fewerFiles(ctx context.Context, site string) error {
	raw, err := c.store.Meta(ctx, metaMedia+site)
	if err != nil || Media(raw).level() <= c.opts.Files.Media.level() {
		return err
	}
	return c.store.SetMeta(ctx, metaMedia+site, string(MediaNone))
}

func (c *Crawler) filesOfThreads(ctx context.Context, site state.Site, groups map[string]bool) error {
	for group := range groups {
		id, ok := strings.CutPrefix(group, string(forum.KindThread)+"/")
		if !ok {
			continue
		}
		posts, err := c.store.ThreadPosts(ctx, forum.Key(site.ID, forum.KeyThread, id))
		if err != nil {
			return err
		}
		var links []state.NewLink
		for i := range posts {
			links = append(links, c.filesOf(site, &posts[i])...)
		}
		if _, err := c.store.Add(ctx, links...); err != nil {
			return err
		}
	}
	return nil
}

func (c *Crawler) filesOfSite(ctx context.Context, site state.Site) error {
	var links []state.NewLink
	err := c.store.Documents(ctx, state.DocumentFilter{Kind: forum.DocPost, Site: site.ID, LiveOnly: true}, func(d state.Document) error {
		links = append(links, c.filesOf(site, &d)...)
		if len(links) < 1000 {
			return nil
		}
		_, err := c.store.Add(ctx, links...)
		links = links[:0]
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for files of posts: %w", err)
	}
	_, err = c.store.Add(ctx, links...)
	return err
}

// filesOf gives the files of a post that was read before.
func (c *Crawler) filesOf(site state.Site, d *state.Document) []state.NewLink {
	var post struct {
		Attachments []struct {
			URL string `json:"url"`
		} `json:"attachments"`
		Media []struct {
			Kind string `json:"kind"`
			URL  string `json:"url"`
		} `json:"media"`
	}
	if json.Unmarshal(d.Body, &post) != nil {
		return nil
	}
	b := &linkBuilder{c: c, site: site, seen: map[string]bool{}, filter: c.filters[site.ID]}
	thread := d.Parent[strings.LastIndexByte(d.Parent, '|')+1:]
	for _, a := range post.Attachments {
		b.file(keyAttachment, a.URL, thread)
	}
	for _, m := range post.Media {
		if m.Kind == "image" {
			b.file(keyImage, m.URL, thread)
		}
	}
	return b.out
}
