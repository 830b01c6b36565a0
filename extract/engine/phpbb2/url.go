package phpbb2

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// The forms that rewriting add-ons give to links, and those of Forumotion's hosts
// ("t55p15-glue", "f3-joints", "u4"), which stand at the top of a site.
var (
	reTopicPath = regexp.MustCompile(`^(?:ftopic|about|topic|.+-vt|viewtopic)-?(\d+)(?:-(\d+))?\.html?$`)
	reForumPath = regexp.MustCompile(`^(?:forum|.+-vf|viewforum)-?(\d+)(?:-(\d+))?\.html?$`)
	reUserPath  = regexp.MustCompile(`^(?:profile|member|.+-vp)-?(\d+)\.html?$`)
	reHosted    = regexp.MustCompile(`^([tf])([1-9]\d*)(?:p(\d+))?(?:-[^/]*)?$`)
	reHostedOne = regexp.MustCompile(`^u([1-9]\d*)$`)
	rePost      = regexp.MustCompile(`[?&;]p=(\d+)|#(\d+)$`)
)

// canonical maps a link to the page it leads to. Keys are "thread/ID/1" for the
// first page and "thread/ID/s15" for the page that begins after 15 posts;
// boards alike; "profile/ID"; "index". Single posts (p=), other orders and
// actions are none.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	q := dom.QueryOf(u)
	for _, key := range [...]string{"p", "view", "watch", "unwatch", "mark", "printertopic", "c"} {
		if q.Get(key) != "" {
			return forum.Link{}, false
		}
	}
	if q.Get("postorder") == "desc" || q.Get("postdays") != "" && q.Get("postdays") != "0" || q.Get("topicdays") != "" && q.Get("topicdays") != "0" || q.Get("sort") != "" {
		return forum.Link{}, false
	}
	base, script := u.Scheme+"://"+strings.ToLower(u.Host)+u.EscapedPath(), path.Base(u.Path)
	switch {
	case script == "viewtopic.php" && q.Get("mode") == "":
		return paged(forum.KindThread, q.Get("t"), q.Get("start"), base+"?t="+q.Get("t"))
	case script == "viewforum.php" && q.Get("mode") == "":
		return paged(forum.KindBoard, q.Get("f"), q.Get("start"), base+"?f="+q.Get("f"))
	case script == "profile.php" && q.Get("mode") == "viewprofile" && isID(q.Get("u")):
		return forum.Link{URL: base + "?mode=viewprofile&u=" + q.Get("u"), Key: "profile/" + q.Get("u"), Kind: forum.KindProfile, ID: q.Get("u")}, true
	case script == "index.php" && q.Get("mode") == "":
		return forum.Link{URL: base, Key: "index", Kind: forum.KindIndex}, true
	}
	return rewritten(base, script)
}

func rewritten(base, script string) (forum.Link, bool) {
	folder := strings.TrimSuffix(base, (&url.URL{Path: script}).EscapedPath())
	if m := reTopicPath.FindStringSubmatch(script); m != nil {
		return rewrittenPage(forum.KindThread, folder, script, m)
	}
	if m := reForumPath.FindStringSubmatch(script); m != nil {
		return rewrittenPage(forum.KindBoard, folder, script, m)
	}
	if m := reUserPath.FindStringSubmatch(script); m != nil && isID(m[1]) {
		return forum.Link{URL: base, Key: "profile/" + m[1], Kind: forum.KindProfile, ID: m[1]}, true
	}
	if strings.Count(base, "/") == 3 {
		return hosted(folder, script)
	}
	return forum.Link{}, false
}

// hosted reads the addresses of Forumotion's hosts.
func hosted(folder, script string) (forum.Link, bool) {
	if m := reHostedOne.FindStringSubmatch(script); m != nil {
		return forum.Link{URL: folder + script, Key: "profile/" + m[1], Kind: forum.KindProfile, ID: m[1]}, true
	}
	m := reHosted.FindStringSubmatch(script)
	if m == nil {
		return forum.Link{}, false
	}
	kind := forum.KindThread
	if m[1] == "f" {
		kind = forum.KindBoard
	}
	l, ok := paged(kind, m[2], m[3], "")
	l.URL = folder + script
	if m[3] != "" && l.Page == 1 {
		l.URL = folder + strings.Replace(script, "p"+m[3], "", 1)
	}
	return l, ok
}

func rewrittenPage(kind forum.Kind, folder, script string, m []string) (forum.Link, bool) {
	l, ok := paged(kind, m[1], m[2], "")
	l.URL = folder + script
	if m[2] != "" && l.Page == 1 {
		l.URL = folder + strings.Replace(script, "-"+m[2]+".", ".", 1)
	}
	return l, ok
}

// perPage is what fresh boards show on a page.
func perPage(k forum.Kind) int {
	if k == forum.KindBoard {
		return 50
	}
	return 15
}

func paged(kind forum.Kind, id, start, first string) (forum.Link, bool) {
	n := 0
	if start != "" {
		v, err := strconv.Atoi(start)
		if err != nil || v < 0 {
			return forum.Link{}, false
		}
		n = v
	}
	if !isID(id) {
		return forum.Link{}, false
	}
	l := forum.Link{URL: first, Key: string(kind) + "/" + id + "/1", Kind: kind, ID: id, Page: 1}
	if n > 0 {
		l.Key = string(kind) + "/" + id + "/s" + strconv.Itoa(n)
		l.URL += "&start=" + strconv.Itoa(n)
		l = l.Skipping(n)
	}
	return l, true
}

func isID(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

// idOf is the id of a kind in a link, whatever else the link asks for.
func idOf(kind forum.Kind, href string) string {
	if l, ok := linkOf(href); ok {
		if l.Kind == kind {
			return l.ID
		}
		return ""
	}
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	q, script := dom.QueryOf(u), path.Base(u.Path)
	switch {
	case kind == forum.KindThread && script == "viewtopic.php" && isID(q.Get("t")):
		return q.Get("t")
	case kind == forum.KindBoard && script == "viewforum.php" && isID(q.Get("f")):
		return q.Get("f")
	}
	return ""
}

// startOf is the offset in a link to a page of a thread or board.
func startOf(href string) int {
	u, err := url.Parse(href)
	if err != nil {
		return 0
	}
	s := dom.QueryOf(u).Get("start")
	for _, re := range [...]*regexp.Regexp{reTopicPath, reForumPath} {
		if m := re.FindStringSubmatch(path.Base(u.Path)); m != nil {
			s = m[2]
		}
	}
	if m := reHosted.FindStringSubmatch(strings.TrimPrefix(u.Path, "/")); m != nil {
		s = m[3]
	}
	n, _ := strconv.Atoi(s)
	return max(n, 0)
}

// first is the address of the first page of a thread or board.
func first(kind forum.Kind, href, id string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return ""
	}
	base, script := u.Scheme+"://"+strings.ToLower(u.Host)+u.EscapedPath(), path.Base(u.Path)
	switch script {
	case "viewtopic.php":
		return base + "?t=" + id
	case "viewforum.php":
		return base + "?f=" + id
	}
	if l, ok := linkOf(href); ok && l.Kind == kind {
		if m := reHosted.FindStringSubmatch(script); m != nil && m[3] != "" {
			return strings.Replace(l.URL, "p"+m[3], "", 1)
		}
		if l.Page > 1 {
			return strings.Replace(l.URL, "-"+strconv.Itoa(startOf(href))+".", ".", 1)
		}
		return l.URL
	}
	return ""
}

func linkedPost(href string) string {
	if m := rePost.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}

func root(u *url.URL) string {
	if u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.Path[:strings.LastIndexByte("/"+u.Path, '/')]
}
