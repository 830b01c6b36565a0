package crawler

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// Scope is what a crawl takes of a site: everything (an index), a board with
// its sub-boards, or one thread.
type Scope struct {
	Kind forum.Kind // KindIndex, KindBoard or KindThread
	ID   string     // of the board or thread
}

// Priorities within a slot: threads of a listing before the listing's next
// page, later pages of a thread before other threads, threads that a sitemap names
// after what listings show and before the sitemap's next file, files after all pages.
const (
	priorityFeed    = 110
	priorityIndex   = 100
	priorityBoard   = 90
	priorityPages   = 60
	priorityThread  = 50
	priorityListing = 40
	priorityNamed   = 30
	prioritySitemap = 20
	priorityFile    = 10
)

// admits tells whether a redirect's target is worth following: boards and
// threads of a crawl of everything, the pages of the thread or board itself.
func (s Scope) admits(l forum.Link) bool {
	switch s.Kind {
	case forum.KindThread:
		return l.Kind == forum.KindThread && l.ID == s.ID
	case forum.KindBoard:
		return l.Kind == forum.KindThread || (l.Kind == forum.KindBoard && l.ID == s.ID)
	}
	return l.Kind == forum.KindThread || l.Kind == forum.KindBoard || l.Kind == forum.KindIndex
}

// inSite tells whether an address lies below the site's root.
func inSite(site state.Site, u *url.URL) bool {
	host, path, _ := strings.Cut(site.ID, "/")
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if forum.FoldHost(u.Host) == host {
		return path == "" || strings.HasPrefix(strings.Trim(u.Path, "/")+"/", path+"/")
	}
	for _, alias := range site.Aliases {
		aliasHost, aliasPath, _ := strings.Cut(alias, "/")
		if forum.FoldHost(u.Host) == forum.FoldHost(aliasHost) && strings.HasPrefix(strings.Trim(u.Path, "/")+"/", aliasPath) {
			return true
		}
	}
	return false
}

// links are the links of a page that the scope takes. A listing gives its
// threads by their rows, which carry the signature that tells changed threads
// from known ones; links in bodies and sidebars lead to threads that some
// listing has.
func (c *Crawler) links(ctx context.Context, site state.Site, l state.Lease, p *forum.Page) (*linkBuilder, error) {
	b := &linkBuilder{c: c, site: site, lease: l, page: p, seen: map[string]bool{}, filter: c.filters[site.ID]}
	b.routes = forum.JoinRoutes(site.Facts.Routes, p.Learned.Routes)
	switch {
	case l.Kind == forum.KindFeed:
		if err := b.feed(ctx); err != nil {
			return nil, err
		}
	case p.Kind == forum.KindThread:
		if err := b.thread(ctx); err != nil {
			return nil, err
		}
	case p.Kind == forum.KindBoard, p.Kind == forum.KindIndex:
		if err := b.listing(ctx); err != nil {
			return nil, err
		}
	}
	return b, nil
}

type linkBuilder struct {
	c     *Crawler
	site  state.Site
	lease state.Lease
	page  *forum.Page
	seen  map[string]bool
	out   []state.NewLink
	walk  walk

	routes string // words of the forum's own
	filter Filter
	active int // rows, sticky ones aside, that are not too old for the filter

	leftOut string // a thread that the site's feed should have told of
}

// add takes a link of the site once.
func (b *linkBuilder) add(l forum.Link, priority int, signature string) {
	u, err := url.Parse(l.URL)
	if err != nil || b.seen[l.Key] || l.Key == "" || !inSite(b.site, u) || b.filter.excludes(l.URL) {
		return
	}
	b.seen[l.Key] = true
	n := newLink(b.site.ID, l, priority, b.lease.Depth+1)
	n.Slot, n.Signature = Slot(u), signature
	b.out = append(b.out, n)
}

func newLink(site string, l forum.Link, priority, depth int) state.NewLink {
	n := state.NewLink{Link: l, Site: site, Priority: priority, Depth: depth, Page: l.Page, Parent: group(l)}
	if u, err := url.Parse(l.URL); err == nil {
		n.Slot = Slot(u)
	}
	return n
}

// canonical maps an absolute URL by the page's engine.
func (b *linkBuilder) canonical(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || href == "" {
		return forum.Link{}, false
	}
	return b.c.reader.Canonical(b.page.Engine, b.routes, u)
}

// named is the link to a page that the reading gives an id: forums that write their
// addresses in a way of their own are followed by what their pages say. An address
// with a query may do anything and is left to the engine's grammar, but for that of
// a next page.
func (b *linkBuilder) named(kind forum.Kind, id string, page int, href string) (forum.Link, bool) {
	if l, ok := b.canonical(href); ok {
		return l, l.Kind == kind
	}
	u, err := url.Parse(href)
	if err != nil || u.Host == "" || id == "" || strings.ContainsAny(id, "/ ") || page <= 1 && u.RawQuery != "" {
		return forum.Link{}, false
	}
	u.Fragment = ""
	return forum.Link{URL: u.String(), Key: keyOf(kind, id, page), Kind: kind, ID: id, Page: page}, true
}

func keyOf(kind forum.Kind, id string, page int) string {
	return string(kind) + "/" + id + "/" + strconv.Itoa(page)
}

// own is the link to the page at hand. Where the grammar does not see which page of
// its thread or board it is, the key that it was asked for by says so.
func (b *linkBuilder) own() (forum.Link, bool) {
	l, ok := b.canonical(b.lease.URL)
	if ok && l.Key == b.lease.Key {
		return l, true
	}
	id := strings.TrimPrefix(b.lease.Parent, string(b.lease.Kind)+"/")
	if b.lease.Key != keyOf(b.lease.Kind, id, b.lease.Page) {
		return l, ok
	}
	return forum.Link{URL: b.lease.URL, Key: b.lease.Key, Kind: b.lease.Kind, ID: id, Page: b.lease.Page}, true
}

// next is the link to the next page of the thread or board at hand; the grammar
// may take both addresses for one page.
func (b *linkBuilder) next(own forum.Link) forum.Link {
	page := max(own.Page, 1) + 1
	l, ok := b.named(own.Kind, own.ID, page, b.page.Next)
	here, _ := b.canonical(b.lease.URL)
	if ok && l.Key == here.Key && l.URL != here.URL && own.ID != "" {
		l.Key, l.Page = keyOf(own.Kind, own.ID, page), page
	}
	return l
}

// pages are the next page, as far as there is one, and the links of the page at hand.
// Of those whose addresses skip posts or rows, one in a post may skip any number:
// only whole pages are taken, by what the next one skips.
func (b *linkBuilder) pages(own, next forum.Link) []forum.Link {
	step := next.Skips - own.Skips
	out := append([]forum.Link{next}, b.page.Links...)
	if step <= 0 {
		return out
	}
	return slices.DeleteFunc(out, func(l forum.Link) bool { return l.Skips%step != 0 && l.Key != next.Key })
}

// thread takes the other pages of the same thread. Pages that are not known yet
// take over the signature of the row that led here: what is new stands at the
// end.
func (b *linkBuilder) thread(ctx context.Context) error {
	id := ""
	if b.page.Thread != nil {
		id = b.page.Thread.ID
	}
	own, ok := b.own()
	if ok {
		id = own.ID
	}
	if echo, err := b.echoes(ctx, own); echo || err != nil {
		return err
	}
	b.files(id)
	_, last, _, err := b.c.lastPage(ctx, b.site.ID, own)
	if err != nil {
		return err
	}
	for _, l := range b.pages(own, b.next(own)) {
		if l.Kind != forum.KindThread || l.ID != id || id == "" {
			continue
		}
		signature := ""
		if l.Page > max(own.Page, last.Page) {
			signature = b.lease.Signature
		}
		b.add(l, priorityPages, signature)
	}
	return nil
}

func (b *linkBuilder) listing(ctx context.Context) error {
	scope := b.c.scopes[b.site.ID]
	own, _ := b.own()
	if scope.Kind != forum.KindThread {
		b.boards(scope)
		if err := b.rows(ctx); err != nil {
			return err
		}
		if err := b.c.noteSubBoards(ctx, b.site.ID, own.ID, b.out); err != nil {
			return err
		}
	}
	if echo, err := b.echoes(ctx, own); echo || err != nil || b.past() {
		return err
	}
	next := b.next(own)
	for _, l := range b.pages(own, next) {
		if l.Kind == forum.KindBoard && own.ID != "" && l.ID == own.ID && l.Key != own.Key {
			b.add(l, priorityListing, "")
		}
	}
	b.goOn(own, next)
	return nil
}

// boards takes the boards that an index or a board lists. Where an index lists
// none that could be read, the boards that it links to are taken; where it lists
// some, those that it links to and keeps back.
func (b *linkBuilder) boards(scope Scope) {
	listed := map[string]bool{}
	for _, board := range b.page.Boards {
		l, ok := b.named(forum.KindBoard, board.ID, 1, board.URL)
		if !ok {
			continue
		}
		listed[l.Key] = true
		if !board.IsLink {
			b.add(l, priorityBoard, "")
		}
	}
	if scope.Kind != forum.KindIndex || b.page.Kind != forum.KindIndex {
		return
	}
	b.categories(listed)
	for _, l := range b.page.Links {
		if l.Kind == forum.KindIndex && len(listed) == 0 {
			b.add(l, priorityBoard, "")
		}
	}
}

// categories takes the boards that an index links to and does not list:
// categories that show their boards on a page of their own only. A link that
// comes right before one to a listed board is the heading of boards that the
// index shows already.
func (b *linkBuilder) categories(listed map[string]bool) {
	var heading forum.Link
	for _, l := range b.page.Links {
		if l.Kind != forum.KindBoard || l.Page > 1 {
			continue
		}
		if !listed[l.Key] {
			b.add(heading, priorityBoard, "")
			heading = l
		} else {
			heading = forum.Link{}
		}
	}
	b.add(heading, priorityBoard, "")
}

// rows takes the threads of a listing. Of a thread that is known already it is
// the last known page whose turn comes when the row has changed: what is new
// stands there, or behind it.
func (b *linkBuilder) rows(ctx context.Context) (err error) {
	if b.walk.listing, err = b.c.store.Listing(ctx, b.site.ID, b.lease.Parent); err != nil {
		return err
	}
	b.walk.order = rowOrder(b.page.Listing)
	feed, err := b.c.feedMemory(ctx, b.site.ID, b.c.roundScope(b.site.ID))
	if err != nil {
		return err
	}
	for _, row := range b.page.Listing {
		if row.IsMoved {
			continue // a stub: the thread stands in the listing of its own board
		}
		l, ok := b.named(forum.KindThread, row.ID, 1, row.URL)
		if !ok {
			continue
		}
		recent := b.filter.recent(row.LastPost, b.c.opts.Now())
		if recent && !row.IsSticky {
			b.active++
		}
		if !recent || !b.filter.follows(l.URL) {
			continue
		}
		link, last, found, err := b.c.lastPage(ctx, b.site.ID, l)
		if err != nil {
			return err
		}
		b.walk.row(row, last, found)
		signature := Signature(row)
		if found && sameState(last.Signature, signature) {
			signature = last.Signature // as a feed has shown it
		} else {
			b.blind(feed, row, last, found)
		}
		b.add(link, priorityThread, signature)
	}
	if b.leftOut != "" {
		return b.c.distrust(ctx, b.site.ID, b.leftOut)
	}
	return nil
}

// group names the thread or board that a page belongs to.
func group(l forum.Link) string { return string(l.Kind) + "/" + l.ID }

// Signature is what a row shows of its thread's state: last post, replies and
// flags. A row with another signature has another thread.
func Signature(r forum.Row) string {
	var b strings.Builder
	if exact(r.LastPost) || !telling(r) && r.LastPost.Known() && r.LastPost.Precision == forum.PrecisionDay {
		b.WriteString(strconv.FormatInt(r.LastPost.At.Unix(), 10))
	}
	b.WriteString("|" + r.LastPostID + "|")
	if r.ReplyCount != nil {
		b.WriteString(strconv.FormatInt(*r.ReplyCount, 10))
	}
	for _, flag := range []bool{r.IsLocked, r.IsSticky, r.IsSolved} {
		if flag {
			b.WriteString("+")
		} else {
			b.WriteString("-")
		}
	}
	return b.String()
}

// learn keeps what a page teaches about its site. Versions grow when a reading
// would be another; what only adds to the evidence is kept without one.
func (c *Crawler) learn(ctx context.Context, site state.Site, learned forum.Facts) error {
	if _, changed := taught(site.Facts, learned); !changed {
		return nil
	}
	c.learning.Lock()
	defer c.learning.Unlock()
	site, err := c.store.Site(ctx, site.ID) // another page may have taught something meanwhile
	if err != nil {
		return fmt.Errorf("reading what is known of the site: %w", err)
	}
	f, changed := taught(site.Facts, learned)
	if !changed {
		return nil
	}
	_, err = c.store.SaveFacts(ctx, site.ID, f)
	return err
}

// enough is how many pages settle a fact for good.
const enough = 20

// taught adds what a page teaches to what is known of its site: fields that
// were unknown, the greatest number of posts on a page, and the order of dates
// and the zone by the pages that speak for them.
func taught(f, learned forum.Facts) (forum.Facts, bool) {
	before := f
	if f.Lang == "" {
		f.Lang = learned.Lang
	}
	if f.Profile == "" {
		f.Profile = learned.Profile // a changed one is the pipeline's to notice, before anything is read
	}
	f.PostsPerPage = max(f.PostsPerPage, learned.PostsPerPage)
	f.Routes = forum.JoinRoutes(f.Routes, learned.Routes)
	tallyOrder(&f, learned.DateOrder)
	tallyZone(&f, learned)
	if f == before {
		return f, false
	}
	if f.Zone != before.Zone || f.DateOrder != before.DateOrder || f.Lang != before.Lang || f.PostsPerPage != before.PostsPerPage || f.Profile != before.Profile {
		f.Version++
	}
	return f, true
}

// tallyOrder counts a page whose dates prove an order. One page settles it
// where none contradicts; else it takes four times as many as speak against it,
// and until then nothing is settled.
func tallyOrder(f *forum.Facts, order string) {
	if f.DayFirst+f.MonthFirst == 0 {
		switch f.DateOrder {
		case "dmy":
			f.DayFirst = 1
		case "mdy":
			f.MonthFirst = 1
		}
	}
	switch {
	case order == "dmy" && f.DayFirst < enough:
		f.DayFirst++
	case order == "mdy" && f.MonthFirst < enough:
		f.MonthFirst++
	default:
		return
	}
	switch {
	case f.DayFirst >= 4*f.MonthFirst:
		f.DateOrder = "dmy"
	case f.MonthFirst >= 4*f.DayFirst:
		f.DateOrder = "mdy"
	default:
		f.DateOrder = ""
	}
}

// tallyZone counts a page that gives the forum's zone. Another zone takes the
// place of a known one when as many pages have spoken against that as for it.
// An hour more or less is the same zone in another season.
func tallyZone(f *forum.Facts, learned forum.Facts) {
	switch {
	case learned.Zone == "" || f.ZoneSource == forum.ZoneConfigured:
	case f.Zone == "":
		f.Zone, f.ZoneSource, f.ZonePages = learned.Zone, learned.ZoneSource, 1
	case f.Zone == learned.Zone:
		f.ZonePages = min(f.ZonePages+1, enough)
	case inSeason(f.Zone, learned.Zone):
	case f.ZonePages > 0:
		f.ZonePages--
	default:
		f.Zone, f.ZoneSource, f.ZonePages = learned.Zone, learned.ZoneSource, 1
	}
}

// inSeason tells two distances from UTC that differ by one hour.
func inSeason(a, b string) bool {
	x, okX := offsetMinutes(a)
	y, okY := offsetMinutes(b)
	return okX && okY && (x-y == 60 || y-x == 60)
}

// offsetMinutes reads "UTC" and "UTC±hh:mm".
func offsetMinutes(zone string) (int, bool) {
	rest, ok := strings.CutPrefix(zone, "UTC")
	if !ok || rest == "" {
		return 0, ok
	}
	at, err := time.Parse("-07:00", rest)
	if err != nil {
		return 0, false
	}
	_, secs := at.Zone()
	return secs / 60, true
}
