package extract

import (
	"net/url"
	"strings"

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
	if e != nil && !p.NoFollow {
		p.Links = links(d, e)
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

// robotsDirectives reads meta robots; the header's own form is the crawler's.
func robotsDirectives(p *forum.Page, c forum.Capture, d *dom.Document) {
	content := strings.ToLower(d.Meta("robots") + "," + d.Meta("forumine"))
	p.NoIndex = strings.Contains(content, "noindex") || strings.Contains(content, "none")
	p.NoArchive = strings.Contains(content, "noarchive")
	p.NoFollow = strings.Contains(content, "nofollow") || strings.Contains(content, "none")
}

// links collects what a crawl may follow from a page, each canonical key once,
// in page order.
func links(d *dom.Document, e Engine) []forum.Link {
	var out []forum.Link
	seen, keys := map[string]bool{}, map[string]bool{}
	for _, root := range d.Nodes {
		walkLinks(root, func(href string) {
			if seen[href] {
				return
			}
			seen[href] = true
			l, ok := canonical(d, e, href)
			if ok && !keys[l.Key] {
				keys[l.Key] = true
				out = append(out, l)
			}
		})
	}
	return out
}

func walkLinks(n *html.Node, do func(href string)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
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

func canonical(d *dom.Document, e Engine, href string) (forum.Link, bool) {
	abs := d.Resolve(href)
	if abs == "" || !d.SameHost(abs) {
		return forum.Link{}, false
	}
	u, err := url.Parse(abs)
	if err != nil || u.User != nil || len(abs) > 2048 {
		return forum.Link{}, false
	}
	return e.Canonical(u)
}
