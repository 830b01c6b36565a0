package woltlab

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// A route is a controller and an id with words behind it: "thread/12-title/".
// It stands in the path, behind index.php, or as the query.
var (
	rePath  = regexp.MustCompile(`(?i)^(.*/)(thread|board|user|forum-thread)/(\d+)(-[^/]*)?/?$`)
	reQuery = regexp.MustCompile(`(?i)^/?(thread|board|user)/(\d+)(-[^/&]*)?/?(?:&|$)`)
	rePost  = regexp.MustCompile(`(?i)[?&]postID=(\d+)|#post(\d+)$`)
)

// canonical maps a link to the page it leads to. Keys are "thread/ID/PAGE",
// "board/ID/PAGE", "profile/ID" and "index". Links to single posts, actions and
// other orders are none.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	q := parameters(u)
	for key := range q {
		switch key {
		case "postID", "action", "sortField", "sortOrder", "filter", "tagID", "labelIDs", "quote", "t":
			return forum.Link{}, false
		}
	}
	base := u.Scheme + "://" + strings.ToLower(u.Host)
	p := u.EscapedPath()
	if m := rePath.FindStringSubmatch(p); m != nil {
		return link(base+m[0], m[2], m[3], q["pageNo"], "?")
	}
	if m := reQuery.FindStringSubmatch(u.RawQuery); m != nil {
		route := strings.TrimPrefix(strings.TrimSuffix(m[0], "&"), "/")
		return link(base+p+"?"+route, m[1], m[2], q["pageNo"], "&")
	}
	switch { // Burning Board 3
	case q["page"] == "Thread" && q["threadID"] != "":
		return link(base+p+"?page=Thread&threadID="+q["threadID"], "thread", q["threadID"], q["pageNo"], "&")
	case q["page"] == "Board" && q["boardID"] != "":
		return link(base+p+"?page=Board&boardID="+q["boardID"], "board", q["boardID"], q["pageNo"], "&")
	case q["page"] == "User" && q["userID"] != "":
		return link(base+p+"?page=User&userID="+q["userID"], "user", q["userID"], "", "&")
	}
	if isIndex(p, u.RawQuery) {
		return forum.Link{URL: base + p, Key: "index", Kind: forum.KindIndex}, true
	}
	return forum.Link{}, false
}

func isIndex(p, query string) bool {
	p = strings.ToLower(strings.TrimSuffix(p, "/"))
	return strings.HasSuffix(p, "/board-list") || strings.HasSuffix(p, "/boardlist") || strings.HasSuffix(p, "/index.php") && query == "" || p == "/forum" && query == ""
}

// parameters are the query's pairs; a route among them is none.
func parameters(u *url.URL) map[string]string {
	q := map[string]string{}
	for _, pair := range strings.FieldsFunc(u.RawQuery, func(c rune) bool { return c == '&' || c == ';' }) {
		if key, value, ok := strings.Cut(strings.TrimPrefix(pair, "amp;"), "="); ok {
			q[key] = value
		}
	}
	return q
}

func link(first, controller, id, page, mark string) (forum.Link, bool) {
	n := 1
	if page != "" {
		n, _ = strconv.Atoi(page)
	}
	if i, err := strconv.ParseUint(id, 10, 63); err != nil || i == 0 || n < 1 {
		return forum.Link{}, false
	}
	l := forum.Link{URL: first, ID: id}
	switch strings.ToLower(controller) {
	case "user":
		l.Kind, l.Key = forum.KindProfile, "profile/"+id
		return l, true
	case "board":
		l.Kind = forum.KindBoard
	default:
		l.Kind = forum.KindThread
	}
	l.Page, l.Key = n, string(l.Kind)+"/"+id+"/"+strconv.Itoa(n)
	if n > 1 {
		l.URL += mark + "pageNo=" + strconv.Itoa(n)
	}
	return l, true
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

// idOf is the id of a kind in a link, also in links to a post of a thread.
func idOf(kind forum.Kind, href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return ""
	}
	if l, ok := canonical(u); ok && l.Kind == kind {
		return l.ID
	}
	if q := parameters(u); q["postID"] != "" || q["action"] != "" {
		var keep []string
		for _, pair := range strings.FieldsFunc(u.RawQuery, func(c rune) bool { return c == '&' || c == ';' }) {
			if !strings.HasPrefix(pair, "postID=") && !strings.HasPrefix(pair, "action=") {
				keep = append(keep, pair)
			}
		}
		u.RawQuery = strings.Join(keep, "&")
		if l, ok := canonical(u); ok && l.Kind == kind {
			return l.ID
		}
	}
	return ""
}

func firstPage(href string) string {
	l, ok := linkOf(href)
	if !ok {
		return ""
	}
	n := "pageNo=" + strconv.Itoa(l.Page)
	return strings.TrimSuffix(strings.TrimSuffix(l.URL, "?"+n), "&"+n)
}

func linkedPost(href string) string {
	if m := rePost.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}
