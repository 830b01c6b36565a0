// Package ipsurl holds the URL grammar of Invision's board from IP.Board 2 to
// Invision Community 5.
//
// Forms read: "topic/1-slug/page/2/", "forums/topic/1-slug/?page=2",
// "index.php?/topic/1-slug/&page=2", "topic/1-slug/page-2",
// "topic/1-slug/page__st__20" and "index.php?showtopic=1&st=20", and the same
// for boards and members.
package ipsurl

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// Ref is what a link points at.
type Ref struct {
	Kind   forum.Kind // index, board, thread or profile
	ID     string
	Slug   string
	Page   int
	Offset int    // posts or rows skipped, where the link counts those
	Root   string // path of the board's root, with a final slash
	word   string // topic, forum, profile, user
	prefix string // steps between root and word: "forums/"
	plain  bool   // index.php?/topic/…
	short  bool   // index.php?showtopic=…
	step   string // how a page is written into the path: "page/", "page-", "" for a query
	whole  bool   // a board's link that asks for threads of any age: prune_day=100
}

var (
	route    = regexp.MustCompile(`^(.*?)(topic|forum|profile|user)/(\d+)(?:-([^/]*))?(?:/(.*))?$`)
	pageStep = regexp.MustCompile(`^(page[/-])(\d+)/?$`)
	offsets  = regexp.MustCompile(`^page__(?:.*__)?st__(\d+)`)
	inPath   = regexp.MustCompile(`__(sort_by|sort_key|sort_order|prune_day|topicfilter)__([^_/]+(?:_[^_/]+)*)`)
)

// Parse reads a link; false when it is none of a board, thread, member or the
// index.
func Parse(u *url.URL) (Ref, bool) {
	path := u.EscapedPath()
	if i := strings.Index(path, "/index.php"); i >= 0 || path == "index.php" {
		root := "/"
		if i >= 0 {
			root = path[:i+1]
		}
		if rest := strings.TrimPrefix(path[max(i, 0):], "/index.php/"); i >= 0 && rest != path[i:] && rest != "" {
			return parseRoute(root, rest, u.Query(), true)
		}
		return parseQuery(root, u)
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	root := path
	for _, word := range []string{"/topic/", "/forum/", "/profile/", "/user/"} {
		if i := strings.Index(path, word); i >= 0 && i < len(root) {
			root = path[:i+1]
		}
	}
	if root != path {
		return parseRoute(root, path[len(root):], u.Query(), false)
	}
	if strings.HasSuffix(path, "/") && !section(path) {
		return Ref{Kind: forum.KindIndex, Root: strings.TrimSuffix(path, "forums/"), Page: 1}, true
	}
	return Ref{}, false
}

// sections are the first steps of addresses of other parts of a site.
var sections = []string{"search", "discover", "login", "logout", "register", "lostpassword", "leaderboard", "calendar", "events", "gallery", "files", "store", "blogs", "blog", "clubs", "articles", "staff", "online",
	"guidelines", "privacy", "terms", "contact", "notifications", "messenger", "settings", "tags", "badges", "cookies", "ourpicks", "followed", "startTopic", "topics", "submit", "attachments", "applications",
	"uploads", "rss", "sitemap", "members", "topic", "profile", "user", "forum", "records", "pages", "page", "admin", "api", "oauth", "commerce", "downloads", "gallery", "announcement", "markallread"}

// section tells whether a path leads into a part of the site that holds no
// boards: one of its steps is such a part's name.
func section(path string) bool {
	steps := strings.Split(strings.Trim(path, "/"), "/")
	for _, s := range steps {
		if slices.Contains(sections, s) {
			return true
		}
	}
	return len(steps) > 2
}

// parseQuery reads what follows index.php: a route, or the short keys of old.
func parseQuery(root string, u *url.URL) (Ref, bool) {
	if rest, ok := strings.CutPrefix(u.RawQuery, "/"); ok {
		rest, query, _ := strings.Cut(rest, "&")
		q, err := url.ParseQuery(query)
		if err != nil {
			q = url.Values{}
		}
		return parseRoute(root, rest, q, true)
	}
	q := u.Query()
	for _, k := range []struct {
		key, word string
		kind      forum.Kind
	}{{"showtopic", "topic", forum.KindThread}, {"showforum", "forum", forum.KindBoard}, {"showuser", "user", forum.KindProfile}} {
		id := q.Get(k.key)
		if _, err := strconv.ParseUint(id, 10, 63); err == nil {
			r := Ref{Kind: k.kind, ID: id, Page: 1, Root: root, word: k.word, short: true}
			r.Offset, _ = strconv.Atoi(q.Get("st"))
			r.Page = max(1, atoi(q.Get("page")))
			return r, true
		}
	}
	return Ref{Kind: forum.KindIndex, Root: root, Page: 1}, u.RawQuery == "" || onlySession(q)
}

func onlySession(q url.Values) bool {
	for key := range q {
		if key != "s" && key != "act" || key == "act" && q.Get("act") != "idx" {
			return false
		}
	}
	return true
}

func parseRoute(root, rest string, q url.Values, plain bool) (Ref, bool) {
	rest, _ = strings.CutPrefix(rest, "/")
	if rest == "forums/" || rest == "forums" || rest == "" {
		return Ref{Kind: forum.KindIndex, Root: root, Page: 1, plain: plain}, true
	}
	m := route.FindStringSubmatch(rest)
	if m == nil {
		return Ref{}, false
	}
	r := Ref{Root: root, prefix: m[1], word: m[2], ID: m[3], Slug: m[4], Page: 1, plain: plain}
	switch r.word {
	case "topic":
		r.Kind = forum.KindThread
	case "forum":
		r.Kind = forum.KindBoard
	default:
		r.Kind = forum.KindProfile
	}
	if strings.HasSuffix(root, "/forums/") && !plain {
		r.Root, r.prefix = strings.TrimSuffix(root, "forums/"), "forums/"
	}
	sub := m[5]
	switch p := pageStep.FindStringSubmatch(sub); {
	case p != nil:
		r.Page, r.step = max(1, atoi(p[2])), p[1]
	case offsets.MatchString(sub):
		r.Offset = atoi(offsets.FindStringSubmatch(sub)[1])
	case sub != "":
		return Ref{}, false
	}
	if n := atoi(q.Get("page")); n > 1 {
		r.Page, r.step = n, ""
	}
	if n := atoi(q.Get("st")); n > 0 {
		r.Offset = n
	}
	return r, true
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Canonical maps a link to the page it leads to. Everything with a task ("do"),
// another order, a filter or a tab is never entered.
func Canonical(u *url.URL) (forum.Link, bool) {
	r, ok := Parse(u)
	if !ok || refused(u, r) {
		return forum.Link{}, false
	}
	r.whole = r.Kind == forum.KindBoard && asksForAll(u)
	base := u.Scheme + "://" + strings.ToLower(u.Host)
	l := forum.Link{Kind: r.Kind, ID: r.ID, Page: r.Page, URL: base + r.address()}
	switch r.Kind {
	case forum.KindIndex:
		l.Key, l.Page = "index", 0
	case forum.KindProfile:
		l.Key, l.Page = "profile/"+r.ID, 0
	default:
		l.Key = string(r.Kind) + "/" + r.ID + "/" + strconv.Itoa(r.Page)
		if r.Offset > 0 {
			l.Key = string(r.Kind) + "/" + r.ID + "/s" + strconv.Itoa(r.Offset)
			l = l.Skipping(r.Offset)
		}
	}
	return l, true
}

// asksForAll tells a link to a listing that leaves out no thread for its age:
// "prune_day=100", which the pager of IP.Board 2 and 3 puts into its links, and
// which a board needs that shows only recent threads by itself.
func asksForAll(u *url.URL) bool {
	if u.Query().Get("prune_day") == "100" {
		return true
	}
	for _, m := range inPath.FindAllStringSubmatch(u.Path, -1) {
		if m[1] == "prune_day" {
			return m[2] == "100"
		}
	}
	return false
}

// usual are the order and the filters that the pager of a listing writes out
// though they are what the listing has without them: IP.Board 2 and 3 in every
// link to a later page, Invision Community 4 after a visitor has sorted.
func usual(key, value string) bool {
	switch key {
	case "sort_by", "sort_order", "sortdirection":
		return strings.EqualFold(value, "Z-A") || strings.EqualFold(value, "desc")
	case "sort_key", "sortby":
		return value == "last_post" || value == "last_real_post" || value == "last_comment"
	case "topicfilter":
		return value == "all"
	case "prune_day":
		return value == "100"
	}
	return false
}

// ordered tells the keys that order or filter a listing. A link to a later page of
// a board that has them is the pager's own, whatever they say: the board has its
// operator's order, and is asked for without them.
func ordered(key string) bool {
	switch key {
	case "sort_by", "sort_order", "sortdirection", "sort_key", "sortby", "topicfilter":
		return true
	}
	return false
}

func refused(u *url.URL, r Ref) bool {
	for _, m := range inPath.FindAllStringSubmatch(u.Path, -1) {
		if m[1] == "prune_day" && !usual(m[1], m[2]) {
			return true
		}
	}
	later := r.Kind == forum.KindBoard && (r.Page > 1 || r.Offset > 0)
	query := u.RawQuery
	if strings.HasPrefix(query, "/") {
		_, query, _ = strings.Cut(query, "&")
	}
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		if usual(key, value) || later && ordered(key) {
			continue
		}
		switch key {
		case "do", "sortby", "sortdirection", "sort_by", "sort_key", "sort_order", "topicfilter", "prune_day", "filter", "tab", "app", "module", "section", "view", "p", "comment", "pid", "hl",
			"findpost", "advancedSearchForm", "tags", "recommended", "setlanguage", "csrfKey", "changeFilters", "type", "status", "mode", "listResort", "name", "act", "showReview":
			if value != "" && (key != "act" || value != "idx") {
				return true
			}
		}
	}
	return false
}

// allThreads asks a board of IP.Board 2 or 3 for threads of any age.
const allThreads = "prune_day=100"

func (r Ref) address() string {
	if r.Kind == forum.KindIndex {
		return r.Root
	}
	if r.short {
		out := r.Root + "index.php?show" + r.word + "=" + r.ID
		if r.Offset > 0 {
			out += "&st=" + strconv.Itoa(r.Offset)
		} else if r.Page > 1 {
			out += "&page=" + strconv.Itoa(r.Page)
		}
		if r.whole {
			out += "&" + allThreads
		}
		return out
	}
	path := r.prefix + r.word + "/" + r.ID
	if r.Slug != "" {
		path += "-" + r.Slug
	}
	path += "/"
	query := ""
	switch {
	case r.Offset > 0:
		path += "page__st__" + strconv.Itoa(r.Offset)
	case r.Page > 1 && r.step == "page/":
		path += "page/" + strconv.Itoa(r.Page) + "/"
	case r.Page > 1 && r.step != "":
		path += r.step + strconv.Itoa(r.Page)
	case r.Page > 1:
		query = "page=" + strconv.Itoa(r.Page)
	}
	if r.whole {
		query = strings.TrimPrefix(query+"&"+allThreads, "&")
	}
	switch {
	case r.plain && query != "":
		return r.Root + "index.php?/" + path + "&" + query
	case r.plain:
		return r.Root + "index.php?/" + path
	case query != "":
		return r.Root + path + "?" + query
	}
	return r.Root + path
}

// FirstPage is the address of page one of a thread or board; "" for other links.
func FirstPage(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return ""
	}
	r, ok := Parse(u)
	if !ok || r.ID == "" {
		return ""
	}
	r.Page, r.Offset = 1, 0
	return u.Scheme + "://" + strings.ToLower(u.Host) + r.address()
}

func idOf(href string, kind forum.Kind) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	if r, ok := Parse(u); ok && r.Kind == kind {
		return r.ID
	}
	return ""
}

// TopicID is the native id in a link to a thread, or "".
func TopicID(href string) string { return idOf(href, forum.KindThread) }

// ForumID is the native id in a link to a board, or "".
func ForumID(href string) string { return idOf(href, forum.KindBoard) }

// MemberID is the native id in a link to a member, or "". Sub-pages of a member
// count: cards link to them.
func MemberID(href string) string {
	if !strings.Contains(href, "profile/") && !strings.Contains(href, "user") {
		return ""
	}
	if m := member.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}

var member = regexp.MustCompile(`(?:/|\?)(?:profile|user)/(\d+)|showuser=(\d+)`)

// MemberURL is the address of a member's own page, made from a link to it or
// to one of its sub-pages.
func MemberURL(href string) string {
	href, _, _ = strings.Cut(href, "#")
	m := memberPage.FindString(href)
	if m == "" {
		return ""
	}
	return strings.TrimSuffix(m, "/") + "/"
}

var memberPage = regexp.MustCompile(`^.*?(?:/|\?)(?:profile|user)/\d+[^/?&]*/?`)

// PageNumber is the page in a link: 1 when it names none.
func PageNumber(href string) int {
	u, err := url.Parse(href)
	if err != nil {
		return 1
	}
	if r, ok := Parse(u); ok {
		return max(1, r.Page)
	}
	return 1
}

var postLink = regexp.MustCompile(`[?&;]comment=(\d+)|#comment-(\d+)|#entry(\d+)|[?&;](?:p|pid|findpost)=(\d+)|__p__(\d+)`)

// PostID is the native id in a link to a post, or "".
func PostID(href string) string {
	if m := postLink.FindStringSubmatch(href); m != nil {
		return m[1] + m[2] + m[3] + m[4] + m[5]
	}
	return ""
}
