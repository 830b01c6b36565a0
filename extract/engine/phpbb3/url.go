package phpbb3

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// The forms that rewriting add-ons give to links: "slug-t12.html",
// "slug-t12-s15.html", "topic12-15.html"; "slug-f3/", "slug-f3.html",
// "forum3-25.html", "slug-f3/page25.html", "slug-f3/index-s25.html"; "slug-u7.html", "member7.html".
var (
	reTopicPath  = regexp.MustCompile(`^(?:.+-t|(?:.+-)?topic)(\d+)(?:-s?(\d+))?(?:\.html?|/)?$`)
	reForumPath  = regexp.MustCompile(`^(?:.+-f|forum)(\d+)(?:-s?(\d+))?(?:\.html?|/)?$`)
	reMemberPath = regexp.MustCompile(`^(?:.+-u|member)(\d+)(?:\.html?|/)?$`)
	rePagePath   = regexp.MustCompile(`^(page|page-|index-s)(\d+)\.html?$`)
)

// target is what a link leads to, before it is judged.
type target struct {
	kind  forum.Kind
	id    string
	start int
	path  string // of a rewritten link: its path without the offset; "" for scripts
	html  bool   // the rewritten path ends in .html
	sep   string // what stands before the offset in a rewritten path
}

// Canonical maps a link to the page it leads to. Keys are "thread/ID/1" for
// the first page and "thread/ID/s30" for the page that begins after 30 posts;
// boards alike; "profile/ID"; "index". Posts' own links (p=) name no thread and
// are never entered, nor are other orders, views and actions.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	t, ok := parseTarget(u)
	if !ok {
		return forum.Link{}, false
	}
	l := forum.Link{Kind: t.kind, ID: t.id, Key: string(t.kind) + "/" + t.id, URL: t.address(u)}
	switch t.kind {
	case forum.KindIndex:
		l.Key, l.ID = "index", ""
	case forum.KindThread, forum.KindBoard:
		l.Page = 1
		if t.start == 0 {
			l.Key += "/1"
			break
		}
		l.Key += "/s" + strconv.Itoa(t.start)
		l = l.Skipping(t.start)
	}
	return l, true
}

func parseTarget(u *url.URL) (target, bool) {
	q := dom.QueryOf(u)
	if !plainView(q) {
		return target{}, false
	}
	t, ok := scriptTarget(path.Base(u.Path), q)
	if !ok {
		t, ok = pathTarget(u.EscapedPath())
		if !ok && strings.HasSuffix(u.Path, "/") && q.Get("sid") != "" && countKeys(q) == 1 {
			return target{kind: forum.KindIndex, path: u.EscapedPath()}, true
		}
		if s := q.Get("start"); ok && s != "" {
			t.start = offset(s)
		}
	}
	if !ok || t.start < 0 {
		return target{}, false
	}
	return t, true
}

// countKeys is how many different parameters there are.
func countKeys(q dom.Params) int {
	n := 0
	for i := range q {
		if !slices.ContainsFunc(q[:i], func(p [2]string) bool { return p[0] == q[i][0] }) {
			n++
		}
	}
	return n
}

// plainView tells the plain view of a page from other orders of the same rows
// and from actions. The default order may be spelled out.
func plainView(q dom.Params) bool {
	for i := range q {
		switch key := q[i][0]; key {
		case "p", "view", "mark", "mark_time", "hash", "watch", "unwatch", "bookmark", "bump", "e", "action", "print", "search_id", "keywords", "author_id", "c", "g", "i", "vote_id", "thanks", "rthanks", "amp":
			if q.Get(key) != "" {
				return false
			}
		}
	}
	if mode := q.Get("mode"); mode != "" && mode != "viewprofile" {
		return false
	}
	return (q.Get("st") == "" || q.Get("st") == "0") && (q.Get("sk") == "" || q.Get("sk") == "t") && (q.Get("sd") == "" || sortedAsUsual(q))
}

// sortedAsUsual: threads run from old to new, boards from new to old.
func sortedAsUsual(q dom.Params) bool {
	if q.Get("t") != "" {
		return q.Get("sd") == "a"
	}
	return q.Get("sd") == "d"
}

func scriptTarget(script string, q dom.Params) (target, bool) {
	switch {
	case strings.HasPrefix(script, "viewtopic.php") && isID(q.Get("t")):
		return target{kind: forum.KindThread, id: q.Get("t"), start: offset(q.Get("start"))}, true
	case strings.HasPrefix(script, "viewforum.php") && isID(q.Get("f")):
		return target{kind: forum.KindBoard, id: q.Get("f"), start: offset(q.Get("start"))}, true
	case strings.HasPrefix(script, "memberlist.php") && q.Get("mode") == "viewprofile" && isID(q.Get("u")) && q.Get("u") != "1":
		return target{kind: forum.KindProfile, id: q.Get("u")}, true
	case script == "index.php" && q.Get("f") == "" && q.Get("t") == "" && q.Get("mode") == "" && q.Get("page") == "":
		return target{kind: forum.KindIndex}, true
	}
	return target{}, false
}

// mayBeRewritten tells how the last steps of rewritten links end.
func mayBeRewritten(last string) bool {
	return strings.HasSuffix(last, ".html") || strings.HasSuffix(last, ".htm") || last != "" && last[len(last)-1] >= '0' && last[len(last)-1] <= '9'
}

// pathTarget reads the forms of rewritten links.
func pathTarget(p string) (target, bool) {
	trimmed := strings.TrimSuffix(p, "/")
	dir, last := path.Split(trimmed)
	if !mayBeRewritten(last) {
		return target{}, false
	}
	if m := rePagePath.FindStringSubmatch(last); m != nil {
		t, ok := pathTarget(dir)
		t.start = offset(m[2])
		t.sep = m[1]
		return t, ok && t.kind == forum.KindBoard && t.start > 0
	}
	kinds := [...]struct {
		re   *regexp.Regexp
		kind forum.Kind
	}{{reTopicPath, forum.KindThread}, {reForumPath, forum.KindBoard}, {reMemberPath, forum.KindProfile}}
	for _, k := range kinds {
		m := k.re.FindStringSubmatch(last)
		if m == nil || !isID(m[1]) {
			continue
		}
		t := target{kind: k.kind, id: m[1], path: p, html: strings.Contains(last, ".htm")}
		if k.kind == forum.KindThread && !t.html {
			continue // a folder of that name is anything
		}
		if len(m) > 2 && m[2] != "" {
			t.start = offset(m[2])
			t.sep = "-"
			if strings.Contains(last, "-s"+m[2]) {
				t.sep = "-s"
			}
			t.path = dir + strings.Replace(last, t.sep+m[2], "", 1) + p[len(trimmed):]
		}
		return t, true
	}
	return target{}, false
}

// address is the canonical URL: of scripts the parameters that matter, of
// rewritten links their path with the offset where it stood.
func (t target) address(u *url.URL) string {
	base := u.Scheme + "://" + strings.ToLower(u.Host)
	if t.path != "" {
		return base + t.rewritten()
	}
	base += u.EscapedPath()
	switch t.kind {
	case forum.KindThread:
		base += "?t=" + t.id
	case forum.KindBoard:
		base += "?f=" + t.id
	case forum.KindProfile:
		return base + "?mode=viewprofile&u=" + t.id
	}
	if t.start > 0 {
		base += "&start=" + strconv.Itoa(t.start)
	}
	return base
}

func (t target) rewritten() string {
	switch {
	case t.start == 0:
		return t.path
	case t.sep == "":
		return t.path + "?start=" + strconv.Itoa(t.start)
	case t.sep[0] != '-':
		return strings.TrimSuffix(t.path, "/") + "/" + t.sep + strconv.Itoa(t.start) + ".html"
	}
	ext := path.Ext(t.path)
	if !t.html {
		ext = t.path[len(strings.TrimSuffix(t.path, "/")):]
	}
	return strings.TrimSuffix(t.path, ext) + t.sep + strconv.Itoa(t.start) + ext
}

func isID(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0
}

// offset reads a start parameter: none is 0, nonsense is -1.
func offset(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// link is where a link on the page leads to, whatever its order or view.
func (r *reader) link(href string) (forum.Link, bool) {
	if href == "" {
		return forum.Link{}, false
	}
	return r.doc.Address(href).Link(Engine{})
}

// named is the id of a kind in a link: also of links that are never entered,
// as "viewtopic.php?f=3&t=12&p=45#p45".
func (r *reader) named(kind forum.Kind, href string) string {
	if l, ok := r.link(href); ok {
		if l.Kind == kind {
			return l.ID
		}
		return ""
	}
	script, key := "viewtopic.php", "t"
	switch kind {
	case forum.KindBoard:
		script, key = "viewforum.php", "f"
	case forum.KindProfile:
		return memberID(href)
	}
	if id := dom.Param(href, key); strings.Contains(href, script) && isID(id) {
		return id
	}
	return ""
}

var reUser = regexp.MustCompile(`[?&;]u=(\d+)`)

// memberID is the account's id in a link to a member page; 1 is the guest's.
func memberID(href string) string {
	if strings.Contains(href, "viewprofile") {
		if m := reUser.FindStringSubmatch(href); m != nil {
			if m[1] == "1" {
				return ""
			}
			return m[1]
		}
	}
	last := path.Base(strings.SplitN(strings.SplitN(href, "#", 2)[0], "?", 2)[0])
	if !mayBeRewritten(last) {
		return ""
	}
	if m := reMemberPath.FindStringSubmatch(last); m != nil {
		return m[1]
	}
	return ""
}

// reMemberWord is a member page's address with the word for it in the board's
// language: "membre54.html". Only where a name stands can it be told from the
// addresses of boards and threads.
var reMemberWord = regexp.MustCompile(`^\pL{4,14}(\d+)\.html?$`)

// namedID is the account's id in the link of a name.
func namedID(href string) string {
	if id := memberID(href); id != "" || strings.ContainsAny(href, "?#") {
		return id
	}
	last := path.Base(href)
	if !mayBeRewritten(last) {
		return ""
	}
	if m := reMemberWord.FindStringSubmatch(last); m != nil && !reTopicPath.MatchString(last) && !reForumPath.MatchString(last) && !strings.HasPrefix(last, "post") {
		return m[1]
	}
	return ""
}

var rePostHref = regexp.MustCompile(`[?&;]p=(\d+)|#p(\d+)|(?:^|/)post(\d+)\.html`)

// linkedPost is the post's id in a link to a post.
func linkedPost(href string) string {
	if !strings.Contains(href, "p=") && !strings.Contains(href, "#p") && !strings.Contains(href, "post") {
		return ""
	}
	if m := rePostHref.FindStringSubmatch(href); m != nil {
		return m[1] + m[2] + m[3]
	}
	return ""
}
