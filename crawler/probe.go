package crawler

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"forumine/crawler/fetch"
	"forumine/crawler/robots"
	"forumine/extract/forum"
)

// Probed is what one look at an address shows.
type Probed struct {
	Robots  string // what robots.txt says, in a sentence
	Allowed bool
	Capture forum.Capture // of the page, when it is allowed
}

// Probe asks robots.txt and, where that allows, fetches one page, redirects
// included. Nothing is stored.
func Probe(ctx context.Context, f *fetch.Fetcher, agent, raw string) (Probed, error) {
	u, err := parseStart(raw)
	if err != nil {
		return Probed{}, err
	}
	c := &Crawler{fetcher: f, opts: Options{UserAgent: agent}.withDefaults(), pace: newPacer(time.Second)}
	w := &hand{Worker: f.Worker()}
	for range maxHops + 1 {
		p, err := c.fetchRobots(ctx, w, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"})
		if err != nil {
			return Probed{}, startError(u, err)
		}
		out := robotsSentence(p, agent, u)
		if !out.Allowed {
			return out, nil
		}
		res, err := c.request(ctx, w, u, nil)
		if err != nil {
			return out, startError(u, err)
		}
		if res.Status >= 300 && res.Status < 400 && res.Location != "" {
			if u, err = parseStart(res.Location); err != nil {
				return out, err
			}
			continue
		}
		out.Capture = captureOf(u.String(), res, c.opts.Viewer)
		return out, nil
	}
	return Probed{}, fmt.Errorf("%s redirects in circles: more than %d redirects in a row", raw, maxHops)
}

// AskRobots asks for the robots.txt that rules an address, and for nothing else.
// Nothing is stored.
func AskRobots(ctx context.Context, f *fetch.Fetcher, agent, raw string) (Probed, error) {
	u, err := parseStart(raw)
	if err != nil {
		return Probed{}, err
	}
	c := &Crawler{fetcher: f, opts: Options{UserAgent: agent}.withDefaults(), pace: newPacer(time.Second)}
	p, err := c.fetchRobots(ctx, &hand{Worker: f.Worker()}, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"})
	if err != nil {
		return Probed{}, startError(u, err)
	}
	return robotsSentence(p, agent, u), nil
}

func robotsSentence(p robots.Policy, agent string, u *url.URL) Probed {
	switch p.State {
	case robots.Wait:
		return Probed{Robots: "cannot be had now: nothing may be fetched until it can"}
	case robots.AllowAll:
		return Probed{Robots: "there is none: everything is allowed", Allowed: true}
	}
	d := p.Allowed(agent, u.RequestURI())
	out := Probed{Allowed: d.Allowed, Robots: "allows " + u.RequestURI()}
	if !d.Allowed {
		out.Robots = fmt.Sprintf("forbids %s (line %d: %s)", u.RequestURI(), d.Line, d.Rule)
	}
	if delay, ok := p.CrawlDelay(agent); ok {
		out.Robots += fmt.Sprintf(", asks for %s between requests", delay)
	}
	return out
}
