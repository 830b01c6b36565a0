package wpforo

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// roots are the usual names of the page that holds the forum: the plugin's own
// and those that sites choose. Nothing else tells a board's address from that of
// any other page of the site.
var roots = map[string]bool{
	"community": true, "communities": true, "comunidad": true, "comunidade": true, "comunita": true, "communaute": true, "gemeinschaft": true, "gemeenschap": true, "spolecnost": true, "topluluk": true, "komunita": true,
	"forum": true, "forums": true, "foro": true, "foros": true, "foren": true, "foorumi": true, "forumas": true, "forumi": true, "forum-2": true, "community-2": true, "our-forum": true, "the-forum": true, "user-forum": true, "support-forum": true,
	"board": true, "boards": true, "discussion": true, "discussions": true, "message-board": true, "%d1%84%d0%be%d1%80%d1%83%d0%bc": true,
}

// pages are the words below the root that are no boards. Sites may set others.
var pages = map[string]bool{
	"recent": true, "members": true, "tags": true, "search": true, "add-topic": true, "addtopic": true, "login": true, "register": true, "signup": true, "lostpassword": true, "resetpassword": true, "logout": true, "page": true, "attachment": true,
	"account": true, "activity": true, "recent-activity": true, "subscriptions": true, "favored": true, "followers": true, "following": true, "messages": true, "feed": true, "postid": true, "paged": true, "topicid": true, "profile": true, "participant": true, "member": true,
}

// target is what a path leads to.
type target struct {
	kind  forum.Kind
	root  string // with slashes: "/community/"
	slugs string // of threads the last one alone: they are unique
	base  string // the path without the page's number
	page  int
	slash string
}

// parsePath reads "/ROOT/BOARD/THREAD/paged/2/", "/ROOT/topicid/12/" and
// "/participant/NAME/".
func parsePath(p string) (target, bool) {
	t := target{page: 1}
	if strings.HasSuffix(p, "/") {
		t.slash = "/"
	}
	parts := strings.Split(strings.Trim(p, "/"), "/")
	if n := len(parts); n > 2 && strings.EqualFold(parts[n-2], "paged") {
		page, err := strconv.Atoi(parts[n-1])
		if err != nil || page < 1 {
			return t, false
		}
		t.page, parts = page, parts[:n-2]
	}
	t.base = "/" + strings.Join(parts, "/")
	low := strings.Split(strings.ToLower(strings.Join(parts, "/")), "/")
	n := len(low)
	if n > 1 && (low[n-2] == "participant" || low[n-2] == "profile" && n > 2 && roots[low[n-3]]) && t.page == 1 {
		t.kind, t.slugs = forum.KindProfile, low[n-1]
		t.root = rootBefore(parts[:n-2])
		return t, true
	}
	at := rootAt(low)
	if at < 0 {
		return t, false
	}
	t.root = rootBefore(parts[:at+1])
	rest := low[at+1:]
	switch {
	case len(rest) == 0:
		t.kind = forum.KindIndex
		return t, t.page == 1
	case len(rest) == 2 && rest[0] == "topicid" && isNumber(rest[1]):
		t.kind, t.slugs = forum.KindThread, rest[1]
		return t, true
	case len(rest) > 2 || pages[rest[0]] || pages[rest[len(rest)-1]] || strings.Contains(rest[len(rest)-1], "."):
		return t, false
	case len(rest) == 1:
		t.kind = forum.KindBoard
	default:
		t.kind = forum.KindThread
	}
	t.slugs = rest[len(rest)-1]
	return t, true
}

func rootBefore(parts []string) string {
	if len(parts) == 0 {
		return "/"
	}
	return "/" + strings.Join(parts, "/") + "/"
}

// rootAt is the place of the forum's page in a path: the word that has "topicid"
// behind it, else the first that is usual for one.
func rootAt(low []string) int {
	for i := 0; i+1 < len(low); i++ {
		if low[i+1] == "topicid" {
			return i
		}
	}
	for i, word := range low {
		if roots[word] {
			return i
		}
	}
	return -1
}

// canonical maps a link to the page it leads to. Keys are "thread/SLUG/PAGE",
// with the number in place of the word where addresses are short, then
// "board/SLUG/PAGE", "profile/SLUG" and "index". Links to single posts, lists of
// recent posts and members, searches, filters and feeds are none.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	t, ok := parsePath(u.EscapedPath())
	if !ok {
		return forum.Link{}, false
	}
	short := false
	for key, values := range u.Query() {
		switch {
		case strings.HasPrefix(key, "utm_"), key == "fbclid", key == "gclid":
		case key == "wpfpaged":
			n, err := strconv.Atoi(values[0])
			if err != nil || n < 1 {
				return forum.Link{}, false
			}
			t.page, short = n, true
		default:
			return forum.Link{}, false
		}
	}
	l := forum.Link{Kind: t.kind, ID: t.slugs, Key: string(t.kind)}
	l.URL = u.Scheme + "://" + strings.ToLower(u.Host) + t.base
	if t.kind != forum.KindIndex {
		l.Key += "/" + t.slugs
	}
	if t.kind == forum.KindThread || t.kind == forum.KindBoard {
		l.Page = t.page
		l.Key += "/" + strconv.Itoa(t.page)
	}
	switch {
	case l.Page > 1 && short:
		l.URL += t.slash + "?wpfpaged=" + strconv.Itoa(l.Page)
	case l.Page > 1:
		l.URL += "/paged/" + strconv.Itoa(l.Page) + t.slash
	default:
		l.URL += t.slash
	}
	return l, true
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

var rePaged = regexp.MustCompile(`(?:/paged/(\d+)|[?&]wpfpaged=(\d+))(/?)(?:#.*)?$`)

// pageIn is the page's number in an address of any site: 1 where it names none.
func pageIn(href string) int {
	if m := rePaged.FindStringSubmatch(href); m != nil {
		if n, err := strconv.Atoi(m[1] + m[2]); err == nil && n > 0 {
			return n
		}
	}
	return 1
}

// firstPage is the address of the first page of a thread or board, whatever the
// root of the site is called.
func firstPage(href string) string {
	href, _, _ = strings.Cut(href, "#")
	if m := rePaged.FindStringSubmatchIndex(href); m != nil {
		return href[:m[0]] + href[m[6]:m[7]]
	}
	return href
}

var rePostHref = regexp.MustCompile(`#post-(\d+)$|/postid/(\d+)/?$`)

// linkedPost is the post's id in a link to one.
func linkedPost(href string) string {
	if m := rePostHref.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}
