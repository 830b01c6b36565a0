package feed

import (
	"cmp"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
)

// Canonical maps an absolute link to the page it leads to, as an engine does.
type Canonical func(*url.URL) (forum.Link, bool)

// Read reads an RSS 2.0, RSS 1.0 or Atom feed, or a sitemap: one row an entry, with
// thread, board, time and replies where the entry tells them. Without an engine's
// canonical, rows have addresses only. A document that breaks off gives what stands
// before the break, and a gap.
func Read(c forum.Capture, canonical Canonical) (*forum.Page, error) {
	root, entries, err := parse(c.Body)
	if root == "" {
		return nil, err
	}
	p := &forum.Page{URL: c.Address(), Kind: forum.KindFeed, Path: []forum.Crumb{}, Gaps: []forum.Gap{}}
	if err != nil || c.Truncated {
		p.Gaps = append(p.Gaps, forum.Gap{Path: "listing", Reason: "the feed breaks off: what stood behind the break is missing"})
	}
	if canonical == nil {
		canonical = func(*url.URL) (forum.Link, bool) { return forum.Link{}, false }
	}
	base, baseErr := url.Parse(c.Address())
	if baseErr != nil {
		base = &url.URL{}
	}
	for i := range entries {
		e := &entries[i]
		if e.sitemap {
			p.Feeds = append(p.Feeds, absolute(base, e.link))
			continue
		}
		p.Listing = append(p.Listing, e.row(base, canonical, root == "urlset"))
	}
	p.Extract = forum.Extract{Strategy: "feed", Confidence: 1, Warnings: []string{}}
	return p, nil
}

func absolute(base *url.URL, href string) string {
	u, err := base.Parse(strings.TrimSpace(href))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

func (e *entry) row(base *url.URL, canonical Canonical, sitemap bool) forum.Row {
	link := e.link
	if link == "" && e.permaLink {
		link = e.guid
	}
	row := forum.Row{URL: absolute(base, link), Title: html.UnescapeString(e.title)}
	if l, ok := thread(row.URL, canonical); ok {
		row.ID, row.URL = l.ID, l.URL
	}
	row.LastPost = stamp(cmp.Or(e.published, e.updated))
	if sitemap {
		row.LastPost = stamp(e.updated)
		return row
	}
	row.LastPostID = postID(link)
	if n, err := strconv.ParseInt(e.comments, 10, 64); err == nil {
		row.ReplyCount = &n
	}
	if e.author != "" {
		row.LastAuthor = &forum.Author{Name: html.UnescapeString(e.author)}
	}
	for _, cat := range e.categories {
		if u, err := url.Parse(absolute(base, cat.address)); err == nil && cat.address != "" {
			if l, ok := canonical(u); ok && l.Kind == forum.KindBoard {
				row.Boards = append(row.Boards, l.ID)
			}
		}
	}
	return row
}

// aside are the parameters by which a link leads to a post of a thread, or to what
// is new in it.
func aside(key string) bool {
	switch key {
	case "p", "pid", "post", "goto", "action", "view", "type", "page":
		return true
	}
	return false
}

var (
	reMessage = regexp.MustCompile(`(topic[=,]\d+)\.(?:msg\d+|new|from\d+)`)
	rePage    = regexp.MustCompile(`/page[-/]\d+/?$`)
)

// thread is the first page of the thread that an entry's link leads to.
func thread(raw string, canonical Canonical) (forum.Link, bool) {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return forum.Link{}, false
	}
	u.Fragment = ""
	for range 2 {
		if l, ok := canonical(u); ok && l.Kind == forum.KindThread && l.Page <= 1 {
			return l, true
		}
		u = bare(u)
	}
	return forum.Link{}, false
}

// bare is a link without what leads to a place within its thread.
func bare(u *url.URL) *url.URL {
	out := *u
	out.RawPath, out.Path = "", rePage.ReplaceAllString(u.Path, "/")
	var kept []string
	for pair := range strings.SplitSeq(reMessage.ReplaceAllString(u.RawQuery, "$1.0"), "&") {
		if key, _, _ := strings.Cut(pair, "="); !aside(key) {
			kept = append(kept, pair)
		}
	}
	out.RawQuery = strings.Join(kept, "&")
	return &out
}

var rePost = regexp.MustCompile(`#(?:p|pid|post-?|msg|comment[-_]?|Comment_)(\d+)$`)

// postID is the post that an entry's link leads to, or "".
func postID(link string) string {
	if m := rePost.FindStringSubmatch(link); m != nil {
		return m[1]
	}
	return ""
}

// stamp reads a date of RFC 822 with the years of RFC 2822, or of RFC 3339.
func stamp(raw string) forum.Stamp {
	s := forum.Stamp{Raw: raw}
	if raw == "" {
		return s
	}
	s.Precision = forum.PrecisionUnknown
	text := strings.TrimSpace(raw)
	if _, rest, ok := strings.Cut(text, ","); ok {
		text = strings.TrimSpace(rest) // the day of the week says nothing more
	}
	for _, layout := range []string{time.RFC3339Nano, "2 Jan 2006 15:04:05 -0700", "2 Jan 06 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			s.At, s.Precision, s.Zone = at.UTC(), forum.PrecisionSecond, forum.ZoneOffset
			if _, offset := at.Zone(); offset == 0 {
				s.Zone = forum.ZoneUTC
			}
			return s
		}
	}
	return named(s, text)
}

// zones are those that RFC 822 §5.1 names, in hours.
func zones() map[string]int {
	return map[string]int{"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
}

// named reads a date with a named zone, or a day alone.
func named(s forum.Stamp, text string) forum.Stamp {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		s.At, s.Precision, s.Zone = at, forum.PrecisionDay, forum.ZoneAssumed
		return s
	}
	i := strings.LastIndexByte(text, ' ')
	hours, known := zones()[text[i+1:]]
	if i < 0 || !known {
		return s
	}
	for _, layout := range []string{"2 Jan 2006 15:04:05", "2 Jan 06 15:04:05", "2 Jan 2006 15:04"} {
		if at, err := time.Parse(layout, text[:i]); err == nil {
			s.At, s.Precision, s.Zone = at.Add(-time.Duration(hours)*time.Hour), forum.PrecisionSecond, forum.ZoneUTC
			return s
		}
	}
	return s
}
