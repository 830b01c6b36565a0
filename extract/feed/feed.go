// Package feed knows where forum programs tell of the threads of all boards at
// once, newest post first: lists of their APIs, and RSS and Atom feeds.
//
// Of finds a site's feed by its engine. The lists of APIs are read by the engines;
// documents in XML by Read.
package feed

import (
	"net/url"
	"strconv"
	"strings"
)

// source is where an engine's forums have their feed: which threads got the last
// posts, newest first. The order is what matters: a feed that puts new threads first
// does not tell of replies.
type source struct {
	path  string              // below the root
	later func(n int) string  // what stands for path on page n; nil where there is one page
	is    func(*url.URL) bool // tells an address that pages name as this feed; nil for none
}

// sources is the table, by engine.
func sources() map[string]source {
	return map[string]source{
		// Forum::getForumRss: ordered by last_post_date, dated by it, with the number of replies.
		"xenforo1": xenforo(), "xenforo2": xenforo(), "xenforo2vs": xenforo(),
		// feed/overall: the newest posts of the topics that got one last.
		"phpbb3": {path: "feed.php", is: func(u *url.URL) bool {
			return u.RawQuery == "" && (strings.HasSuffix(u.Path, "/feed") || strings.HasSuffix(u.Path, "/feed.php"))
		}},
		// external.php: without lastpost, new threads come first.
		"vbulletin3": {path: vbulletinFeed}, "vbulletin4": {path: vbulletinFeed},
		// News.php, getXmlRecent: the newest posts; 255 are the most that it gives.
		"smf": {path: "index.php?action=.xml;sa=recent;type=rss2;limit=255"},
		// extern.php: 50 topics are the most that it gives.
		"fluxbb": {path: punFeed}, "punbb": {path: punFeed},
		// bbp_request_feed_trap: topics and replies, newest first.
		"bbpress": {path: "feed/"},
		// TopicQuery's order "activity" is that of the last posts, and of edits of them; pages count from 0.
		"discourse": {path: "latest.json?order=activity", later: func(n int) string { return "latest.json?order=activity&page=" + strconv.Itoa(n-1) }},
		// controllers/recent: sorted by the time of the last post.
		"nodebb": {path: "api/recent", later: func(n int) string { return "api/recent?page=" + strconv.Itoa(n) }},
		// Api/Controller/ListDiscussionsController: 50 is its greatest limit.
		"flarum": {path: flarumList, later: func(n int) string { return flarumList + "&page%5Boffset%5D=" + strconv.Itoa(50*(n-1)) }},
	}
}

const (
	vbulletinFeed = "external.php?type=RSS2&lastpost=1&count=50"
	punFeed       = "extern.php?action=feed&type=atom&order=last_post&show=50"
)

// xenforo has its routes' names changed by some forums, whose pages say so.
func xenforo() source {
	return source{path: "forums/-/index.rss", is: func(u *url.URL) bool {
		return u.RawQuery == "" && strings.HasSuffix(u.Path, "/-/index.rss")
	}}
}

const flarumList = "api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50"

// Of gives the address of a page (from 1) of an engine's feed below a forum's root,
// which ends with a slash: the one of those that the forum's pages name that is
// known to be of this kind, else where the engine has it. False where there is
// none, or no such page.
func Of(engine, root string, named []string, page int) (string, bool) {
	s, ok := sources()[engine]
	switch {
	case !ok || page < 1 || page > 1 && s.later == nil:
		return "", false
	case page > 1:
		return root + s.later(page), true
	}
	for _, raw := range named {
		if u, err := url.Parse(raw); err == nil && s.is != nil && s.is(u) && strings.HasPrefix(raw, "http") {
			return raw, true
		}
	}
	return root + s.path, s.path != ""
}
