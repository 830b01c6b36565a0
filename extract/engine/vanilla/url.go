package vanilla

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

var (
	reDiscussion = regexp.MustCompile(`^(.*/)discussion/(\d+)(/[^/]*)?(?:/p(\d+))?/?$`)
	reCategory   = regexp.MustCompile(`^(.*/)categories/([^/]+)(?:/p(\d+))?/?$`)
	reIndex      = regexp.MustCompile(`^(.*/)categories/?$`)
	reProfile    = regexp.MustCompile(`^(.*/)profile/(?:(\d+)/)?([^/]+)/?$`)
	rePageOnly   = regexp.MustCompile(`^/p(\d+)$`)
	reComment    = regexp.MustCompile(`/comment/(\d+)|#Comment_(\d+)`)
)

// route is a link's path, also of sites that write it as a parameter
// ("index.php?p=/discussion/12/x").
func route(u *url.URL) string {
	p := u.EscapedPath()
	if q := parameter(u, "p"); strings.HasPrefix(q, "/") {
		p = strings.TrimSuffix(strings.TrimSuffix(p, "index.php"), "/") + (&url.URL{Path: q}).EscapedPath()
	}
	return strings.Replace(p, "/index.php/", "/", 1)
}

// parameter is a parameter of a link's query; most links have no query.
func parameter(u *url.URL, name string) string {
	if u.RawQuery == "" {
		return ""
	}
	return u.Query().Get(name)
}

// canonical maps a link to the page it leads to. Keys are "thread/ID/PAGE",
// "board/CODE/PAGE", "profile/NAME" and "index". Single comments, profiles'
// lists, searches, sign-in and feeds are none.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" || parameter(u, "sort") != "" || parameter(u, "filter") != "" {
		return forum.Link{}, false
	}
	base, p := u.Scheme+"://"+strings.ToLower(u.Host), route(u)
	if m := matchWith(reDiscussion, p, "/discussion/"); m != nil {
		return discussionLink(base, m)
	}
	if m := matchWith(reCategory, p, "/categories/"); m != nil {
		if m[2] == "all" {
			return forum.Link{URL: base + m[1] + "categories", Key: "index", Kind: forum.KindIndex}, true
		}
		code := strings.ToLower(m[2])
		if strings.Contains(code, ".rss") || code == "feed" {
			return forum.Link{}, false
		}
		l := forum.Link{URL: base + m[1] + "categories/" + m[2], Kind: forum.KindBoard, ID: code}
		return paged(l, m[3])
	}
	if m := matchWith(reIndex, p, "/categories"); m != nil {
		return forum.Link{URL: base + m[1] + "categories", Key: "index", Kind: forum.KindIndex}, true
	}
	if m := matchWith(reProfile, p, "/profile/"); m != nil && !profileWords[m[3]] {
		l := forum.Link{URL: base + strings.TrimSuffix(p, "/"), Kind: forum.KindProfile, ID: m[2], Key: "profile/" + strings.ToLower(m[3])}
		return l, true
	}
	return forum.Link{}, false
}

// matchWith matches an expression that needs this piece: most links of a page
// have none, and looking for it costs little.
func matchWith(re *regexp.Regexp, s, piece string) []string {
	if !strings.Contains(s, piece) {
		return nil
	}
	return re.FindStringSubmatch(s)
}

// profileWords are the profile's own pages, which stand where names stand.
var profileWords = map[string]bool{"edit": true, "discussions": true, "comments": true, "signin": true, "picture": true, "password": true, "preferences": true, "activity": true, "invitations": true, "notifications": true, "badges": true, "reactions": true}

func discussionLink(base string, m []string) (forum.Link, bool) {
	slug, page := m[3], m[4]
	if s := rePageOnly.FindStringSubmatch(slug); s != nil && page == "" {
		slug, page = "", s[1] // a discussion without words in its address
	}
	if strings.HasSuffix(slug, ".rss") || strings.HasSuffix(slug, ".json") {
		return forum.Link{}, false
	}
	return paged(forum.Link{URL: base + m[1] + "discussion/" + m[2] + strings.TrimSuffix(slug, "/"), Kind: forum.KindThread, ID: m[2]}, page)
}

func paged(l forum.Link, page string) (forum.Link, bool) {
	l.Page = 1
	if page != "" {
		l.Page, _ = strconv.Atoi(page)
	}
	if l.Page < 1 {
		return forum.Link{}, false
	}
	if l.Page > 1 {
		l.URL += "/p" + strconv.Itoa(l.Page)
	}
	l.Key = string(l.Kind) + "/" + l.ID + "/" + strconv.Itoa(l.Page)
	return l, true
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

func firstPage(href string) string {
	l, ok := linkOf(href)
	if !ok {
		return ""
	}
	return strings.TrimSuffix(l.URL, "/p"+strconv.Itoa(l.Page))
}

// root is what stands before the routes of a site.
func root(u *url.URL) string {
	if u.Host == "" {
		return ""
	}
	base, p := u.Scheme+"://"+u.Host, route(u)
	for _, word := range [...]string{"discussion/", "discussions", "categories", "profile/", "entry/"} {
		if i := strings.Index(p, "/"+word); i >= 0 {
			return base + p[:i+1]
		}
	}
	return base + "/"
}

// linkedComment is the comment that a link leads to; links to a discussion lead
// to its own post, those to its end say no number.
func linkedComment(href string) string {
	if strings.HasSuffix(href, "#latest") {
		return ""
	}
	if m := reComment.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	if l, ok := linkOf(href); ok && l.Kind == forum.KindThread {
		return "d" + l.ID
	}
	return ""
}
