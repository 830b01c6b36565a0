package vbulletin5

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

var (
	nodePath   = regexp.MustCompile(`^(.*?/)?((?:[^/]+/)*?)(\d+)(?:-([^/]*))?(?:/page(\d+))?/?$`)
	boardPath  = regexp.MustCompile(`^(.*?/)(forums?)(?:/((?:[^/]+/)*?[^/]+?))?(?:/page(\d+))?/?$`)
	memberPath = regexp.MustCompile(`^(.*?/)(member|profile)/(\d+)(?:-([^/]*))?/?$`)
	oldThread  = regexp.MustCompile(`^(.*?/)(?:showthread|forumdisplay|showpost|printthread|search|member|external)\.php`)
	pageSuffix = regexp.MustCompile(`/page(\d+)(?:$|[/?#])`)
)

// others are first steps of addresses that lead to no board.
var others = []string{"member/", "profile/", "memberlist", "login", "register", "search", "help", "contact-us", "privacy", "blogs", "articles", "social-groups", "groups", "calendar", "online",
	"tag", "tags", "activity", "admincp", "modcp", "ajax", "auth", "filedata", "core/", "settings", "messagecenter", "privatemessage", "subscription", "report", "album", "sitebuilder", "reputation", "css"}

// split cuts the root from a path: what stands before "forum/" or "member/".
func split(path string) (root, rest string) {
	for _, word := range []string{"/forum/", "/forums/", "/member/"} {
		if i := strings.Index(path, word); i >= 0 {
			return path[:i+1], path[i+1:]
		}
	}
	for _, word := range []string{"/forum", "/forums"} {
		if strings.HasSuffix(path, word) {
			return path[:len(path)-len(word)+1], ""
		}
	}
	if strings.HasSuffix(path, "/") && strings.Count(path, "/") <= 2 {
		return path, ""
	}
	return "/", strings.TrimPrefix(path, "/")
}

// canonical maps a link by the engine's routes: a thread is a number and a slug
// behind the path of its board, a board is that path, a member a number behind
// "member/".
func canonical(u *url.URL) (forum.Link, bool) {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if oldThread.MatchString(path) || refused(u.Query()) {
		return forum.Link{}, false
	}
	base := u.Scheme + "://" + strings.ToLower(u.Host)
	root, rest := split(path)
	if rest == "" || rest == "index.php" {
		return forum.Link{URL: base + root, Key: "index", Kind: forum.KindIndex}, true
	}
	if m := memberPath.FindStringSubmatch(path); m != nil {
		return forum.Link{URL: base + strings.TrimSuffix(path, "/"), Key: "profile/" + m[3], Kind: forum.KindProfile, ID: m[3]}, true
	}
	for _, o := range others {
		if strings.HasPrefix(rest, o) || strings.HasPrefix(rest, "forum/"+o) && strings.HasSuffix(o, "/") {
			return forum.Link{}, false
		}
	}
	return content(base, root, rest)
}

func content(base, root, rest string) (forum.Link, bool) {
	if m := nodePath.FindStringSubmatch(rest); m != nil && m[1]+m[2] != "" {
		return withPage(forum.Link{Kind: forum.KindThread, ID: m[3]}, base+root, rest, m[5]), true
	}
	m := boardPath.FindStringSubmatch("/" + rest)
	if m == nil || m[3] == "" {
		return forum.Link{}, false
	}
	return withPage(forum.Link{Kind: forum.KindBoard, ID: strings.ToLower(m[3])}, base+root, rest, m[4]), true
}

func withPage(l forum.Link, base, rest, page string) forum.Link {
	rest = strings.TrimSuffix(rest, "/")
	l.Page = 1
	if n, err := strconv.Atoi(page); err == nil && n > 0 {
		l.Page = n
		rest = strings.TrimSuffix(rest, "/page"+page)
	}
	l.URL = base + rest
	if l.Page > 1 {
		l.URL += "/page" + strconv.Itoa(l.Page)
	}
	l.Key = string(l.Kind) + "/" + l.ID + "/" + strconv.Itoa(l.Page)
	return l
}

// refused tells queries that lead to a post, a view or another order.
func refused(q url.Values) bool {
	for key, v := range q {
		switch key {
		case "p", "view", "goto", "sort", "order", "filter_time", "filter_show", "filter_sort", "do", "q", "searchJSON", "tab", "redirect", "styleid":
			if v[0] != "" {
				return true
			}
		}
	}
	return false
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	u.RawQuery, u.Fragment = "", ""
	return canonical(u)
}

func idOf(href string, kind forum.Kind) string {
	if l, ok := linkOf(href); ok && l.Kind == kind {
		return l.ID
	}
	return ""
}

func firstPage(href string) string {
	l, ok := linkOf(href)
	if !ok {
		return ""
	}
	return strings.TrimSuffix(l.URL, "/page"+strconv.Itoa(l.Page))
}

func pageNumber(href string) int {
	if m := pageSuffix.FindStringSubmatch(href); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			return n
		}
	}
	return 1
}

var postRef = regexp.MustCompile(`#post(\d+)|[?&]p=(\d+)`)

func postID(href string) string {
	if m := postRef.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}
