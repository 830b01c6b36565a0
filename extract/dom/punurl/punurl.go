// Package punurl holds the URL grammar that FluxBB and PunBB share: the scripts
// of both, and the rewritten forms of PunBB's URL schemes (folder based, file
// based, each plain or with the title in it), which add-ons of FluxBB follow.
package punurl

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

var (
	// rewritten is "topic/12/", "topic12.html", "topic12-title-p2.html",
	// "forum/3/name/page/2/".
	reTopic = regexp.MustCompile(`(?i)^(.*/)(topic[/_-]?)(\d+)((?:[/_-][^/]*?)?)(?:[/_-]p(?:age)?[/_-]?(\d+))?(\.html?|/)?$`)
	reForum = regexp.MustCompile(`(?i)^(.*/)(forum[/_-]?)(\d+)((?:[/_-][^/]*?)?)(?:[/_-]p(?:age)?[/_-]?(\d+))?(\.html?|/)?$`)
	reUser  = regexp.MustCompile(`(?i)^.*/user[/_-]?(\d+)(?:\.html?|/)?$`)
	rePost  = regexp.MustCompile(`(?i)(?:^|/)post[/_-]?(\d+)(?:\.html?|/)?(?:#|$)`)
	reJump  = regexp.MustCompile(`(?i)[/_-](?:new|last)[/_-]?posts?(?:[/_-]|\.html?|$)|last-post`)
	reOther = regexp.MustCompile(`(?i)/(?:feed|subscribe|unsubscribe|new|mark|search|moderate|admin)[/_-](?:[^/]+[/_-])?(?:topic|forum|post|reply)`)
	rePID   = regexp.MustCompile(`[?&;]pid=(\d+)|#p(\d+)$`)
)

// Canonical maps an absolute link to the page it leads to. Keys are
// "thread/ID/PAGE", "board/ID/PAGE", "profile/ID" and "index". Links to single
// posts (pid=), to the newest post, actions, searches and lists are none.
func Canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	q := query(u)
	for _, key := range [...]string{"pid", "action", "section", "search_id", "csrf_token", "email", "report", "tid", "fid"} {
		if q[key] != "" {
			return forum.Link{}, false
		}
	}
	if strings.HasSuffix(strings.ToLower(u.Path), ".php") {
		return script(u, q)
	}
	return rewritten(u)
}

func script(u *url.URL, q map[string]string) (forum.Link, bool) {
	base := u.Scheme + "://" + strings.ToLower(u.Host) + u.EscapedPath()
	switch path.Base(u.Path) {
	case "viewtopic.php":
		return paged(forum.KindThread, q["id"], q["p"], base+"?id="+q["id"], "&p=")
	case "viewforum.php":
		return paged(forum.KindBoard, q["id"], q["p"], base+"?id="+q["id"], "&p=")
	case "profile.php":
		if !isID(q["id"]) || q["id"] == "1" { // 1 is the guest
			return forum.Link{}, false
		}
		return forum.Link{URL: base + "?id=" + q["id"], Key: "profile/" + q["id"], Kind: forum.KindProfile, ID: q["id"]}, true
	case "index.php":
		if q["id"] != "" || q["p"] != "" {
			return forum.Link{}, false
		}
		return forum.Link{URL: base, Key: "index", Kind: forum.KindIndex}, true
	}
	return forum.Link{}, false
}

// paged makes the link of one page; a missing page number is the first.
func paged(kind forum.Kind, id, page, first, mark string) (forum.Link, bool) {
	n := 1
	if page != "" {
		n, _ = strconv.Atoi(page)
	}
	if !isID(id) || n < 1 {
		return forum.Link{}, false
	}
	l := forum.Link{URL: first, Key: string(kind) + "/" + id + "/" + strconv.Itoa(n), Kind: kind, ID: id, Page: n}
	if n > 1 {
		l.URL += mark + strconv.Itoa(n)
	}
	return l, true
}

func rewritten(u *url.URL) (forum.Link, bool) {
	p := u.EscapedPath()
	if reJump.MatchString(p) || rePost.MatchString(p) || reOther.MatchString(p) {
		return forum.Link{}, false
	}
	if m := reTopic.FindStringSubmatch(p); m != nil {
		return rewrittenPage(u, forum.KindThread, m)
	}
	if m := reForum.FindStringSubmatch(p); m != nil {
		return rewrittenPage(u, forum.KindBoard, m)
	}
	if m := reUser.FindStringSubmatch(p); m != nil && isID(m[1]) && m[1] != "1" {
		return forum.Link{URL: u.Scheme + "://" + strings.ToLower(u.Host) + p, Key: "profile/" + m[1], Kind: forum.KindProfile, ID: m[1]}, true
	}
	return forum.Link{}, false
}

func rewrittenPage(u *url.URL, kind forum.Kind, m []string) (forum.Link, bool) {
	head := u.Scheme + "://" + strings.ToLower(u.Host) + m[1] + m[2] + m[3] + m[4]
	l, ok := paged(kind, m[3], m[5], head+m[6], "")
	if !ok || l.Page == 1 {
		return l, ok
	}
	if strings.HasPrefix(m[6], ".") {
		l.URL = head + "-p" + strconv.Itoa(l.Page) + m[6]
	} else {
		l.URL = strings.TrimSuffix(head, "/") + "/page/" + strconv.Itoa(l.Page) + "/"
	}
	return l, true
}

func query(u *url.URL) map[string]string {
	q := map[string]string{}
	for _, pair := range strings.FieldsFunc(u.RawQuery, func(c rune) bool { return c == '&' || c == ';' }) {
		key, value, _ := strings.Cut(strings.TrimPrefix(pair, "amp;"), "=")
		if _, seen := q[key]; !seen {
			q[key] = value
		}
	}
	return q
}

func isID(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0
}

// Link is Canonical of a link as text.
func Link(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return Canonical(u)
}

// ID is the id that an absolute link of a kind names, or "".
func ID(kind forum.Kind, href string) string {
	if l, ok := Link(href); ok && l.Kind == kind {
		return l.ID
	}
	return ""
}

// Page is the page number of a link to a thread or board, 0 for other links.
func Page(href string) int {
	l, _ := Link(href)
	return l.Page
}

// PostID is the post that a link leads to, or "".
func PostID(href string) string {
	if m := rePID.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	if m := rePost.FindStringSubmatch(href); m != nil {
		return m[1]
	}
	return ""
}

// First is the address of the first page of a link's thread or board.
func First(href string) string {
	l, ok := Link(href)
	if !ok {
		return ""
	}
	if l.Page <= 1 {
		return l.URL
	}
	if i := strings.Index(l.URL, "&p="); i > 0 {
		return l.URL[:i]
	}
	n := strconv.Itoa(l.Page)
	if rest, ok := strings.CutSuffix(l.URL, "/page/"+n+"/"); ok {
		return rest + "/"
	}
	i := strings.LastIndex(l.URL, "-p"+n+".")
	if i < 0 {
		return l.URL
	}
	return l.URL[:i] + l.URL[i+len("-p"+n):]
}
