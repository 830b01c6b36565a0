package discuz

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// target is what a link of the forum leads to, whatever its form.
type target struct {
	kind forum.Kind
	id   string // digits; a board's short name where the forum gives it one
	page int
	post string // of links to single posts
	dir  string // path of the forum's folder, with a final slash
	file string // last step of the path
	only bool   // nothing but this page: no filter, order or action
}

// The addresses that the program's rewriting gives, as it sets them up:
// thread-12-3-1.html (thread, page, page of the board), forum-2-1.html,
// group-4-1.html, space-uid-5.html. Some forums shorten the words.
var (
	reThread = regexp.MustCompile(`^(?:thread|topic|t)-(\d+)(?:-(\d+))?(-\d+)?\.html?$`)
	reBoard  = regexp.MustCompile(`^(?:forum|group|f)-(\w+)-(\d+)\.html?$`)
	reMember = regexp.MustCompile(`^space-uid-(\d+)\.html?$`)
)

// noise are parameters that change nothing of what a guest sees, or only the
// clothes that the page wears (mobile).
var noise = map[string]bool{
	"extra": true, "fromuid": true, "fromuser": true, "highlight": true, "mobile": true, "sid": true, "simpletype": true, "styleid": true, "_dsign": true, "t": true,
	"fbclid": true, "gclid": true, "utm_source": true, "utm_medium": true, "utm_campaign": true, "utm_content": true, "utm_term": true, "spm": true,
}

func params(raw string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(strings.ReplaceAll(raw, "&amp;", "&"), "&") {
		key, value, _ := strings.Cut(pair, "=")
		if _, seen := out[key]; !seen && key != "" && !noise[key] {
			out[key] = value
		}
	}
	return out
}

func parse(u *url.URL) (target, bool) {
	p := u.EscapedPath()
	t := target{page: 1, only: true, dir: p[:strings.LastIndexByte("/"+p, '/')], file: path.Base("/" + p)}
	if p == "" || strings.HasSuffix(p, "/") {
		t.file = ""
	}
	if t.dir == "" {
		t.dir = "/"
	}
	q := params(u.RawQuery)
	if !t.rewritten() && !t.script(q) {
		return t, false
	}
	t.query(q)
	return t, true
}

func (t *target) rewritten() bool {
	if m := reThread.FindStringSubmatch(t.file); m != nil {
		t.kind, t.id = forum.KindThread, m[1]
		t.setPage(m[2])
		return true
	}
	if m := reBoard.FindStringSubmatch(t.file); m != nil {
		t.kind, t.id = forum.KindBoard, m[1]
		t.setPage(m[2])
		return true
	}
	if m := reMember.FindStringSubmatch(t.file); m != nil {
		t.kind, t.id = forum.KindProfile, m[1]
		return true
	}
	return false
}

func (t *target) setPage(s string) {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		t.page = n
	}
}

// script reads the addresses of the scripts: forum.php and home.php of X, and
// those of 6 and 7, which had one for each page.
func (t *target) script(q map[string]string) bool {
	take := func(kind forum.Kind, key string) bool {
		t.kind, t.id = kind, q[key]
		delete(q, key)
		return t.id != ""
	}
	mod := q["mod"]
	delete(q, "mod")
	switch t.file {
	case "forum.php":
		return t.forumScript(mod, q, take)
	case "home.php":
		return mod == "space" && t.space(q, take)
	case "viewthread.php":
		return take(forum.KindThread, "tid")
	case "forumdisplay.php":
		return take(forum.KindBoard, "fid")
	case "space.php":
		return t.space(q, take)
	case "redirect.php":
		return t.redirect(q)
	case "index.php", "":
		return mod == "" && t.index(q, take)
	}
	return false
}

// index reads the list of boards; a part of it, one category, is none.
func (t *target) index(q map[string]string, take func(forum.Kind, string) bool) bool {
	t.kind = forum.KindIndex
	return q["gid"] == "" || take(forum.KindOther, "gid")
}

func (t *target) forumScript(mod string, q map[string]string, take func(forum.Kind, string) bool) bool {
	switch mod {
	case "viewthread":
		return take(forum.KindThread, "tid")
	case "forumdisplay", "group":
		return take(forum.KindBoard, "fid")
	case "redirect":
		return t.redirect(q)
	case "":
		return t.index(q, take)
	}
	return false
}

// space reads a member's page; its parts other than the profile are none.
func (t *target) space(q map[string]string, take func(forum.Kind, string) bool) bool {
	if do := q["do"]; do != "" && do != "profile" {
		t.only = false
	}
	delete(q, "do")
	return take(forum.KindProfile, "uid")
}

// redirect reads the links that look a post up and then forward to its page.
func (t *target) redirect(q map[string]string) bool {
	t.kind, t.only = forum.KindPost, false
	t.post, t.id = q["pid"], q["ptid"]
	if t.id == "" {
		t.id = q["tid"]
	}
	return t.post != "" || t.id != ""
}

func (t *target) query(q map[string]string) {
	for key, value := range q {
		if n, err := strconv.Atoi(value); key == "page" && err == nil && n > 0 {
			t.page = n
			continue
		}
		t.only = false
	}
}

// canonical maps a link to the page it leads to. Keys are "thread/ID/PAGE",
// "board/ID/PAGE", "profile/ID" and "index". Filters, orders, single authors,
// single posts, categories and everything that is done rather than read are
// none.
func canonical(u *url.URL) (forum.Link, bool) {
	t, ok := parse(u)
	if !ok || !t.only || u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	l := forum.Link{URL: u.Scheme + "://" + strings.ToLower(u.Host) + t.dir + t.address(), Kind: t.kind}
	switch t.kind {
	case forum.KindIndex:
		l.Key = "index"
		return l, t.page == 1
	case forum.KindThread, forum.KindBoard:
		l.Key, l.ID, l.Page = string(t.kind)+"/"+t.id+"/"+strconv.Itoa(t.page), t.id, t.page
		return l, t.kind == forum.KindBoard || isNumber(t.id)
	case forum.KindProfile:
		l.Key, l.ID = "profile/"+t.id, t.id
		return l, isNumber(t.id)
	}
	return forum.Link{}, false
}

func isNumber(s string) bool {
	n, err := strconv.ParseUint(s, 10, 63)
	return err == nil && n > 0
}

// address is the link's own form without noise: the first page of a thread or
// board without its number where the form has room for that.
func (t target) address() string {
	n := strconv.Itoa(t.page)
	switch {
	case t.kind == forum.KindIndex:
		return t.file
	case strings.HasSuffix(t.file, ".html"), strings.HasSuffix(t.file, ".htm"):
		return t.rewrittenAddress(n)
	}
	query := map[string]string{
		"forum.phpthread": "?mod=viewthread&tid=", "forum.phpboard": "?mod=forumdisplay&fid=", "home.phpprofile": "?mod=space&uid=",
		"viewthread.phpthread": "?tid=", "forumdisplay.phpboard": "?fid=", "space.phpprofile": "?uid=",
	}[t.file+string(t.kind)]
	if t.page > 1 && t.kind != forum.KindProfile {
		return t.file + query + t.id + "&page=" + n
	}
	return t.file + query + t.id
}

func (t target) rewrittenAddress(n string) string {
	word, ext := t.file[:strings.IndexByte(t.file, '-')], path.Ext(t.file)
	switch t.kind {
	case forum.KindThread:
		if m := reThread.FindStringSubmatch(t.file); m != nil && m[2] == "" {
			return t.file
		} else if m != nil && m[3] == "" {
			return word + "-" + t.id + "-" + n + ext
		}
		return word + "-" + t.id + "-" + n + "-1" + ext
	case forum.KindBoard:
		return word + "-" + t.id + "-" + n + ext
	}
	return t.file
}

// read is the target of a link on the page.
func (r *reader) read(href string) (target, bool) {
	a := r.doc.Address(href)
	u := a.URL()
	if u == nil || a.Abs == "" {
		return target{}, false
	}
	return parse(u)
}

// linked is the id of what a link leads to, when it is of that kind, whatever
// else the link asks for.
func (r *reader) linked(href string, kind forum.Kind) string {
	if t, ok := r.read(href); ok && t.kind == kind {
		return t.id
	}
	return ""
}

// pageAddress is a link's canonical address with another page in it; 0 keeps
// the link's own. What is no link of the forum stays as it is.
func (r *reader) pageAddress(href string, page int) string {
	a := r.doc.Address(href)
	u := a.URL()
	if u == nil || a.Abs == "" {
		return a.Abs
	}
	t, ok := parse(u)
	if !ok || t.kind == forum.KindPost {
		return a.Abs
	}
	if page > 0 {
		t.page = page
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + t.dir + t.address()
}

// root is the folder of the forum: by the page's own address, else by what it
// says relative links count from.
func (r *reader) root() string {
	if t, ok := parse(r.doc.URL); ok && r.doc.URL.Host != "" {
		return r.doc.URL.Scheme + "://" + r.doc.URL.Host + t.dir
	}
	if r.doc.Base.Host == "" {
		return ""
	}
	return r.doc.Base.Scheme + "://" + r.doc.Base.Host + r.doc.Base.Path[:strings.LastIndexByte("/"+r.doc.Base.Path, '/')]
}

// postOf is the id of the post that a link leads to.
func (r *reader) postOf(href string) string {
	if t, ok := r.read(href); ok && t.kind == forum.KindPost {
		return dom.Digits(t.post)
	}
	return ""
}
