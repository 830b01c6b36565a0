// Package xfurl holds the URL grammar that XenForo 1 and 2 share.
package xfurl

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

var (
	// route is what follows the root: "threads/slug.12/page-3", "forums/7/",
	// with words of any script in the slug.
	route = regexp.MustCompile(`^([a-z-]+)/(?:([^/]*?)\.)?([^/.]+)(?:/(.*))?$`)
	page  = regexp.MustCompile(`^page-?(\d+)/?$`)
)

// kindOf is the kind of page that the first word of a route leads to.
func kindOf(word string) forum.Kind {
	switch word {
	case "threads", "thread", "topics", "topic", "t":
		return forum.KindThread
	case "forums", "categories", "f":
		return forum.KindBoard
	case "members", "users", "u":
		return forum.KindProfile
	case "posts":
		return forum.KindPost
	}
	return ""
}

// renamed are routes as forums rename them, mostly into their own language. They
// count only before a slug with an id: some of them are names of folders too.
var renamed = byWord(map[forum.Kind]string{
	forum.KindThread:  "discussion discussions temas tema hilos hilo themen thema sujets sujet fil konular konu topico topicos watki fora-topic trad tradar discussioni discussione onderwerpen onderwerp tema-forum viestiketju viestiketjut chu-de",
	forum.KindBoard:   "community communities board boards forum foros foro foren forumlar forumi foorumi section sections dien-dan grupper fora kategorien kategorie kategoriler",
	forum.KindProfile: "member user profile profiles miembros usuarios mitglieder membres membri membros leden uzytkownicy uye uyeler medlemmar medlemmer jasenet thanh-vien",
})

func byWord(lists map[forum.Kind]string) map[string]forum.Kind {
	out := map[string]forum.Kind{}
	for kind, list := range lists {
		for w := range strings.FieldsSeq(list) {
			out[w] = kind
		}
	}
	return out
}

// kindBefore is the kind of page that a word leads to before a target: the
// routes of the program, else a renamed one before a slug with an id.
func kindBefore(word, target string) forum.Kind {
	if kind := kindOf(word); kind != "" {
		return kind
	}
	if slugID.MatchString(target) {
		return renamed[word]
	}
	return ""
}

var slugID = regexp.MustCompile(`^[^/]*\.\d+$`)

// Split cuts a URL's path and query into the board's root and the route below
// it: "https://h/forum/index.php?threads/x.1/" has the root "/forum/" and the
// route "threads/x.1/". The route begins with the last word that names one, so
// that a root of that name ("/forums/threads/x.1/") stays a root.
func Split(u *url.URL) (root, route string, plain bool) {
	path := u.EscapedPath()
	if i := strings.Index(path, "/index.php"); i >= 0 {
		rest := strings.TrimPrefix(path[i+len("/index.php"):], "/")
		if rest == "" {
			query, _, _ := strings.Cut(u.RawQuery, "&")
			return path[:i+1], strings.TrimPrefix(query, "/"), true
		}
		return path[:i+1], rest, true
	}
	if i := routeStart(path); i >= 0 {
		return path[:i], path[i:], false
	}
	if m := ownRoute.FindStringSubmatch(path); m != nil {
		return m[1], m[2], false
	}
	if i := strings.Index(path, "/page-"); i >= 0 {
		return path[:i+1], path[i+1:], false
	}
	if !strings.HasSuffix(path, "/") {
		return path[:strings.LastIndex(path, "/")+1], path[strings.LastIndex(path, "/")+1:], false
	}
	return path, "", false
}

// ownRoute is a route that a forum calls by a word of its own:
// "chatter/slug.12/page-2".
var ownRoute = regexp.MustCompile(`^(.*/)([^/.]+/[^/]*\.\d+/?(?:page-\d+/?)?)$`)

// routeStart is where the last word of a route begins in a path, or -1. Words
// of one letter count only before a slug with an id.
func routeStart(path string) int {
	found := -1
	for i := 0; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		word, rest, ok := strings.Cut(path[i+1:], "/")
		target, _, _ := strings.Cut(rest, "/")
		if !ok || kindBefore(word, target) == "" {
			continue
		}
		if (len(word) > 1 || strings.Contains(target, ".")) && (target != "" || found < 0) {
			found = i + 1
		}
	}
	return found
}

// Canonical maps a link by the grammar of routes. Sort orders and filters of
// listings, sub-pages of threads and members, and everything that is no page
// of content are never entered.
func Canonical(u *url.URL) (forum.Link, bool) {
	root, r, plain := Split(u)
	if strings.HasPrefix(r, "forums/-/") || strings.HasPrefix(r, "forums/create") {
		return forum.Link{}, false
	}
	if r == "" || r == "forums/" || r == "forums" || r == "index.php" {
		return index(u, root, r, plain)
	}
	m := route.FindStringSubmatch(r)
	if m == nil || kindBefore(m[1], slugged(m[2], m[3])) == "" {
		return forum.Link{}, false
	}
	if listingQuery(query(u, plain)) {
		return forum.Link{}, false
	}
	return target(u, root, plain, m)
}

// query is what follows the route in a URL's query.
func query(u *url.URL, plain bool) string {
	if !plain || strings.Contains(u.Path, "index.php/") {
		return u.RawQuery
	}
	_, rest, _ := strings.Cut(u.RawQuery, "&")
	return rest
}

// index maps links to the board index. A path that names another part of the
// program (its media, its help) is no root of a board.
func index(u *url.URL, root, r string, plain bool) (forum.Link, bool) {
	if !plain && u.RawQuery != "" || !isRoot(root) {
		return forum.Link{}, false
	}
	path := ""
	if strings.HasPrefix(r, "forums") {
		path = "forums/"
	}
	return forum.Link{URL: build(u, root, path, plain), Key: "index", Kind: forum.KindIndex}, true
}

func isRoot(root string) bool {
	segments := strings.Split(strings.Trim(root, "/"), "/")
	if len(segments) > 2 {
		return false
	}
	for _, s := range segments {
		switch s {
		case "whats-new", "find-new", "recent-activity", "latest-activity", "media", "resources", "help", "search", "login", "register", "account", "online", "misc",
			"lost-password", "security-lock", "tags", "conversations", "direct-messages", "watched", "members", "posts", "threads", "pages", "events", "calendar", "store",
			"shop", "blog", "articles", "ams", "showcase", "gallery", "links", "contact", "privacy-policy", "terms", "about", "cookies", "bookmarks", "attachments", "goto",
			"inline-mod", "categories", "profile-posts", "logout", "purchase", "upgrades", "award-system", "trophies", "badges", "chat", "wiki", "news", "reviews", "faq":
			return false
		}
		if strings.Contains(s, ".") {
			return false
		}
	}
	return true
}

// allThreads asks a board for threads of any age, where it shows only recent ones by
// itself.
const allThreads = "no_date_limit=1"

// listingQuery tells queries that re-order or filter a listing: the same rows
// again. Marks of tracking and style change nothing and are dropped.
func listingQuery(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		key, _, _ = strings.Cut(strings.ReplaceAll(key, "%5B", "["), "[") // prefix_id[0]
		if pair == allThreads {
			continue
		}
		switch key {
		case "order", "direction", "prefix_id", "starter_id", "starter", "last_days", "no_date_limit", "thread_type", "key", "tag", "filter",
			"sortby", "sort", "view", "nested_view", "post_id", "thread_status", "featured", "feature_state", "type", "threadmark_category":
			return true
		}
	}
	return false
}

func target(u *url.URL, root string, plain bool, m []string) (forum.Link, bool) {
	kind, slug, id, sub := m[1], m[2], m[3], m[4]
	number := 1
	if p := page.FindStringSubmatch(sub); p != nil {
		number, _ = strconv.Atoi(p[1])
	} else if sub != "" {
		return forum.Link{}, false
	}
	if number < 1 || !validID(kind, slug, id) {
		return forum.Link{}, false
	}
	l := forum.Link{ID: id, Page: number, Kind: kindBefore(kind, slugged(slug, id))}
	switch l.Kind {
	case forum.KindProfile:
		l.Page = 0
	case forum.KindPost, "":
		return forum.Link{}, false
	}
	path := kind + "/" + slugged(slug, id) + "/"
	if number > 1 {
		path += "page-" + strconv.Itoa(number)
	}
	l.URL = build(u, root, path, plain)
	if l.Kind == forum.KindBoard && slices.Contains(strings.Split(query(u, plain), "&"), allThreads) {
		l.URL += map[bool]string{false: "?", true: "&"}[plain] + allThreads
	}
	l.Key = string(l.Kind) + "/" + id
	if l.Page > 0 {
		l.Key += "/" + strconv.Itoa(l.Page)
	}
	return l, true
}

// validID tells ids from words: threads and members have numbers, boards may
// have a name of their own instead.
func validID(kind, slug, id string) bool {
	if _, err := strconv.ParseUint(id, 10, 64); err == nil {
		return true
	}
	return kind == "forums" && slug == "" && id != "-"
}

func slugged(slug, id string) string {
	if slug == "" {
		return id
	}
	return slug + "." + id
}

func build(u *url.URL, root, path string, plain bool) string {
	base := u.Scheme + "://" + strings.ToLower(u.Host) + root
	if plain && path != "" {
		return base + "index.php?" + path
	}
	return base + path
}

// ThreadID is the native id in a link to a thread, or "".
func ThreadID(href string) string {
	if id := anyID(href, "threads/", "/thread/", "/topics/", "/topic/", "/t/"); id != "" {
		return id
	}
	return renamedID(href, forum.KindThread)
}

// renamedID is the id behind a renamed route of one kind, or "".
func renamedID(href string, kind forum.Kind) string {
	steps := strings.FieldsFunc(href, func(r rune) bool { return r == '/' || r == '?' || r == '&' || r == '#' })
	for i := len(steps) - 2; i >= 0; i-- {
		if renamed[steps[i]] == kind && slugID.MatchString(steps[i+1]) {
			return steps[i+1][strings.LastIndexByte(steps[i+1], '.')+1:]
		}
	}
	return ""
}

// LastID is the id at the end of an address, "anything/slug.12/" or
// "#slug.12", whatever it leads to, or "".
func LastID(href string) string {
	if m := tailID.FindStringSubmatch(href); m != nil {
		return m[1]
	}
	return ""
}

var tailID = regexp.MustCompile(`[/#?][^/#?.=&]+\.(\d+)/?$`)

// TargetID is the id of what an address leads to, whatever the forum calls the
// route: "anything/slug.12/page-3#post-7" leads to 12. It is for links of which
// the page itself says where they lead. "" where the address has none.
func TargetID(href string) string {
	return LastID(TargetURL(href))
}

// TargetURL is an address without page, fragment and what a jump into a thread
// adds.
func TargetURL(href string) string {
	href, _, _ = strings.Cut(href, "#")
	return jump.ReplaceAllString(href, "/")
}

var jump = regexp.MustCompile(`/(?:page-?\d+|unread|latest|preview)/?(?:\?.*)?$`)

func anyID(href string, words ...string) string {
	for _, word := range words {
		if id := idIn(href, word); id != "" {
			return id
		}
	}
	return ""
}

// ForumID is the native id in a link to a board or category, or "".
func ForumID(href string) string {
	if id := anyID(href, "forums/", "categories/", "/f/", "#"); id != "" {
		return id
	}
	return renamedID(href, forum.KindBoard)
}

// ForumName is the name of its own that a board has in its address instead of
// an id ("forums/news/"), or "".
func ForumName(href string) string {
	i := strings.LastIndex(href, "forums/")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(href[i+len("forums/"):], "/")
	if name == "-" || strings.ContainsAny(name, "#?.&=") {
		return ""
	}
	return name
}

// MemberID is the native id in a link to a member, or "".
func MemberID(href string) string {
	if id := anyID(href, "members/", "/users/", "/u/"); id != "" {
		return id
	}
	return renamedID(href, forum.KindProfile)
}

// PostID is the native id in a link to a post: "#post-12", "posts/12/",
// "post-12", "goto/post?id=12", or "".
func PostID(href string) string {
	if m := postLink.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}

var (
	postLink = regexp.MustCompile(`goto/post[?&/](?:.*?[?&])?id=(\d+)|(?:posts/|post-)(\d+)`)
	lastID   = regexp.MustCompile(`^(?:[^/?&#]*\.)?(\d+)(?:$|[/?&#])`)
)

func idIn(href, word string) string {
	i := strings.LastIndex(href, word)
	if i < 0 {
		return ""
	}
	if m := lastID.FindStringSubmatch(href[i+len(word):]); m != nil {
		return m[1]
	}
	return ""
}

// PageNumber is the page in a link to a thread or board: 1 when it names none.
func PageNumber(href string) int {
	if m := pageLink.FindStringSubmatch(href); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			return n
		}
	}
	return 1
}

var pageLink = regexp.MustCompile(`/page-(\d+)`)
