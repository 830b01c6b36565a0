package extract

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// finish completes a page: defaults, gaps that hold for every engine, robots
// directives, links.
func finish(p *forum.Page, e Engine, c forum.Capture, d *dom.Document) *forum.Page {
	p.URL = c.Address()
	if p.Lang == "" {
		p.Lang = d.Lang
	}
	if e != nil {
		p.Engine, p.Extract.Extractor = e.Name(), e.Name()
	}
	if p.Extract.Strategy == "" {
		p.Extract.Strategy = "dom"
	}
	if p.Extract.Version == 0 {
		p.Extract.Version = Version
	}
	if p.Kind.IsWall() {
		p.Posts, p.Thread = nil, nil
	}
	if c.Truncated {
		p.Gaps = append(p.Gaps, forum.Gap{Path: "body", Reason: "the response was cut short: what stood behind the cut is missing"})
	}
	robotsDirectives(p, c, d)
	finishPosts(p)
	p.SetKeys(forum.SiteID(p.Root))
	if e != nil {
		p.Learned.Routes = forum.JoinRoutes(ownRoutes(p, e), p.Learned.Routes)
	}
	if e != nil {
		p.WholeURL = wholeListing(d, e, p.Learned.Routes, p)
	}
	if e != nil && !p.NoFollow {
		p.Links, p.Feeds = links(d, e, p.Learned.Routes), feeds(d)
	}
	if p.Path == nil {
		p.Path = []forum.Crumb{}
	}
	if p.Gaps == nil {
		p.Gaps = []forum.Gap{}
	}
	if p.Extract.Warnings == nil {
		p.Extract.Warnings = []string{}
	}
	return p
}

// Version numbers the extractor: it grows whenever the same bytes may give
// another reading, so that archived captures are read again.
const Version = 1

func finishPosts(p *forum.Page) {
	accountsWithoutLink(p)
	startBeforePosts(p)
	dom.OPFlags(p)
	for i := range p.Posts {
		post := &p.Posts[i]
		if post.State == "" {
			post.State = forum.PostVisible
		}
		if post.Position == 1 {
			post.IsFirst = true
		}
		if p.Thread != nil && post.Page == 0 {
			post.Page = p.Thread.Page
		}
		if post.Author != nil && post.Author.ProfileSource == "" {
			post.Author.ProfileSource = "card"
		}
	}
}

// accountsWithoutLink takes back that an author is a guest where the card beside
// the post shows an account's own fields: some themes link no names for visitors
// who are not logged in.
func accountsWithoutLink(p *forum.Page) {
	members := map[string]bool{}
	for i := range p.Posts {
		a := p.Posts[i].Author
		if a == nil || !a.IsGuest || !a.Joined.Known() && (a.PostCount == nil || *a.PostCount == 0) {
			continue
		}
		a.IsGuest = false
		members[a.Name] = true
		p.Gaps = append(p.Gaps, forum.Gap{Path: fmt.Sprintf("posts[%d].author.id", i), Reason: "the name is no link, though the card is an account's"})
	}
	if t := p.Thread; t != nil && t.Author != nil && t.Author.IsGuest && members[t.Author.Name] {
		t.Author.IsGuest = false
	}
}

// startBeforePosts drops a time beside the title that is later than the posts:
// some themes show there when the thread was last answered. The first post says
// when the thread began.
func startBeforePosts(p *forum.Page) {
	t := p.Thread
	if t == nil || p.Extract.Strategy != "dom" || !t.Started.Known() || len(p.Posts) == 0 {
		return
	}
	earliest := earliestPost(p.Posts, t.Started)
	if !earliest.Known() || t.Started.At.Sub(earliest.At) < startSlack(t.Started, earliest) {
		return
	}
	first := &p.Posts[0]
	if first.Published == t.Started { // borrowed from beside the title
		first.Published = forum.Stamp{}
		p.Gaps = append(p.Gaps, forum.Gap{Path: "posts[0].published_at", Reason: "the time beside the title, which stands for it, is later than the posts"})
	}
	t.Started = forum.Stamp{}
	if first.Position == 1 && first.Published.Known() {
		t.Started = first.Published
		return
	}
	p.Gaps = append(p.Gaps, forum.Gap{Path: "thread.started_at", Reason: "the time beside the title is later than the posts"})
}

// earliestPost is the first post's time, or where that is borrowed from beside
// the title, the next one's.
func earliestPost(posts []forum.Post, start forum.Stamp) forum.Stamp {
	for i := range min(len(posts), 2) {
		if s := posts[i].Published; s.Known() && s != start {
			return s
		}
	}
	return forum.Stamp{}
}

// startSlack is by how much a start may seem later than the first post and still
// be its: a year where one of them has no time of day, a day where they may be of
// two zones.
func startSlack(start, first forum.Stamp) time.Duration {
	for _, s := range [...]forum.Stamp{start, first} {
		if s.Precision != forum.PrecisionSecond && s.Precision != forum.PrecisionMinute {
			return 366 * 24 * time.Hour
		}
	}
	if start.Zone != first.Zone {
		return 26 * time.Hour
	}
	return 2 * time.Minute
}

// robotsDirectives reads meta robots; the header's own form is the crawler's.
func robotsDirectives(p *forum.Page, c forum.Capture, d *dom.Document) {
	content := strings.ToLower(d.Meta("robots") + "," + d.Meta("forumine"))
	p.NoIndex = strings.Contains(content, "noindex") || strings.Contains(content, "none")
	p.NoArchive = strings.Contains(content, "noarchive")
	p.NoFollow = strings.Contains(content, "nofollow") || strings.Contains(content, "none")
}

// links collects what a crawl may follow from a page, each canonical key once,
// in page order.
func links(d *dom.Document, e Engine, routes string) []forum.Link {
	var out []forum.Link
	var seen, keys few
	for _, root := range d.Nodes {
		walkLinks(root, func(href string) {
			if !seen.add(href) {
				return
			}
			if l, ok := canonical(d, e, routes, href); ok && keys.add(l.Key) {
				out = append(out, l)
			}
		})
	}
	return out
}

// few is a set of strings, of which most pages have few.
type few struct {
	list []string
	many map[string]bool
}

// add tells whether a string is new.
func (f *few) add(s string) bool {
	const most = 32
	if f.many == nil && slices.Contains(f.list, s) || f.many[s] {
		return false
	}
	if f.many == nil && len(f.list) < most {
		f.list = append(f.list, s)
		return true
	}
	if f.many == nil {
		f.many = make(map[string]bool, 4*most)
		for _, s := range f.list {
			f.many[s] = true
		}
	}
	f.many[s] = true
	return true
}

func walkLinks(n *html.Node, do func(href string)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Script, atom.Style, atom.Br, atom.Img, atom.Title:
			continue
		case atom.A, atom.Area:
			if href := dom.Attr(c, "href"); href != "" {
				do(href)
			}
		case atom.Link:
			if rel := dom.Attr(c, "rel"); rel == "next" || rel == "prev" {
				do(dom.Attr(c, "href"))
			}
		}
		walkLinks(c, do)
	}
}

func canonical(d *dom.Document, e Engine, routes, href string) (forum.Link, bool) {
	a := d.LastAddress(href)
	if a.Abs == "" || !d.SameHost(a.Abs) {
		return forum.Link{}, false
	}
	u := a.URL()
	if u == nil || u.User != nil || len(a.Abs) > 2048 {
		return forum.Link{}, false
	}
	if routes == "" {
		return a.Link(e)
	}
	return Canonical(e, routes, u)
}
