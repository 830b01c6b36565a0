package mybb

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
	id   string // digits, or the slug of a Google-SEO address
	slug bool
	page int
	post string // of links to single posts
	dir  string // path of the forum's folder, with a final slash
	file string // last step of the path
	only bool   // nothing but this page: no action, order or mode
	all  bool   // a board's link that asks for threads of any age: datecut=9999
}

// reFriendly are the search-friendly addresses: thread-12.html,
// thread-12-page-3.html, thread-12-post-7.html, thread-12-lastpost.html,
// forum-3-page-2.html, user-5.html, post-7.html, announcement-1.html.
var reFriendly = regexp.MustCompile(`^(thread|forum|user|post|announcement)-(\d+)(?:-(page|post)-(\d+))?(?:-([a-z]+))?\.html$`)

// reVanity are the default addresses of the Google SEO plugin.
var reVanity = regexp.MustCompile(`^(Thread|Forum|User)-([^/?#]+)$`)

// noise are parameters that change nothing of what a guest sees.
var noise = map[string]bool{
	"highlight": true, "theme": true, "language": true, "lang_select": true, "my_post_key": true, "fbclid": true, "gclid": true, "srsltid": true,
	"utm_source": true, "utm_medium": true, "utm_campaign": true, "utm_content": true, "utm_term": true, "sid": true, "ref": true, "s": true,
}

func parseTarget(u *url.URL) (target, bool) {
	p := u.EscapedPath()
	t := target{page: 1, only: true}
	t.dir, t.file = p[:strings.LastIndex(p, "/")+1], path.Base(p)
	if strings.HasSuffix(p, "/") || p == "" {
		t.file = ""
	}
	query := params(u.RawQuery)
	if m := reFriendly.FindStringSubmatch(t.file); m != nil {
		t.friendly(m)
	} else if m := reVanity.FindStringSubmatch(t.file); m != nil {
		t.kind, t.id, t.slug = kindOf(strings.ToLower(m[1])), m[2], true
	} else if !t.plain(query) {
		return t, false
	}
	t.query(query)
	return t, true
}

func params(raw string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.FieldsFunc(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		key = strings.ToLower(strings.TrimPrefix(key, "amp;"))
		if _, seen := out[key]; !seen && key != "" && !noise[key] {
			out[key] = value
		}
	}
	return out
}

func kindOf(word string) forum.Kind {
	switch word {
	case "thread", "post":
		return forum.KindThread
	case "forum":
		return forum.KindBoard
	case "user":
		return forum.KindProfile
	}
	return forum.KindOther
}

func (t *target) friendly(m []string) {
	t.kind, t.id = kindOf(m[1]), m[2]
	if m[1] == "post" {
		t.id, t.post = "", m[2]
	}
	switch m[3] {
	case "page":
		t.page, _ = strconv.Atoi(m[4])
	case "post":
		t.post = m[4]
	}
	if m[5] != "" { // lastpost, newpost, nextnewest, nextoldest, threaded
		t.only = false
	}
}

// plain reads the addresses with a script's name.
func (t *target) plain(q map[string]string) bool {
	take := func(kind forum.Kind, key string) bool {
		t.kind, t.id = kind, dom.Digits(q[key])
		delete(q, key)
		return true
	}
	switch t.file {
	case "showthread.php":
		return take(forum.KindThread, "tid")
	case "forumdisplay.php":
		return take(forum.KindBoard, "fid")
	case "member.php":
		if q["action"] != "profile" {
			return false
		}
		delete(q, "action")
		return take(forum.KindProfile, "uid")
	case "index.php", "":
		t.kind = forum.KindIndex
		return true
	}
	return false
}

// query reads what is left behind the id.
func (t *target) query(q map[string]string) {
	for key, value := range q {
		switch key {
		case "page":
			if n, err := strconv.Atoi(value); err == nil && n > 0 {
				t.page = n
			} else {
				t.only = false
			}
		case "pid":
			t.post = dom.Digits(value)
		case "prefix", "sortby", "order": // as a board has it without them
			t.only = t.only && t.kind == forum.KindBoard && (value == "0" || value == "" || value == "lastpost" || value == "desc")
		case "datecut":
			t.all = value == "9999" && t.kind == forum.KindBoard
			t.only = t.only && t.all
		case "mode":
			t.only = t.only && value == "linear"
		default:
			t.only = false
		}
	}
}

// indexFolders are names of folders whose bare address is a board index.
var indexFolders = map[string]bool{"/": true, "": true, "/forum/": true, "/forums/": true, "/foro/": true, "/mybb/": true, "/community/": true, "/board/": true, "/boards/": true}

func canonical(u *url.URL) (forum.Link, bool) {
	t, ok := parseTarget(u)
	if !ok || !t.only || t.post != "" {
		return forum.Link{}, false
	}
	base := origin(u) + t.dir
	switch t.kind {
	case forum.KindIndex:
		if t.page > 1 || t.file == "" && !indexFolders[strings.ToLower(t.dir)] {
			return forum.Link{}, false
		}
		return forum.Link{URL: base + t.file, Key: "index", Kind: forum.KindIndex}, true
	case forum.KindThread, forum.KindBoard:
		if t.id == "" {
			return forum.Link{}, false
		}
		return forum.Link{URL: base + t.address(), Key: string(t.kind) + "/" + t.id + "/" + strconv.Itoa(t.page), Kind: t.kind, ID: t.id, Page: t.page}, true
	case forum.KindProfile:
		if t.id == "" || t.id == "0" {
			return forum.Link{}, false
		}
		return forum.Link{URL: base + t.address(), Key: "profile/" + t.id, Kind: t.kind, ID: t.id}, true
	}
	return forum.Link{}, false
}

// address is the link's own form without noise, page 1 without a number.
func (t target) address() string {
	out := t.plainAddress()
	switch {
	case !t.all:
		return out
	case strings.Contains(out, "?"):
		return out + "&" + allThreads
	}
	return out + "?" + allThreads
}

// allThreads asks a board for threads of any age.
const allThreads = "datecut=9999"

func (t target) plainAddress() string {
	paged := t.page > 1 && t.kind != forum.KindProfile
	n := strconv.Itoa(t.page)
	switch {
	case t.slug && paged:
		return t.file + "?page=" + n
	case t.slug:
		return t.file
	case strings.HasSuffix(t.file, ".html"):
		word := map[forum.Kind]string{forum.KindThread: "thread-", forum.KindBoard: "forum-", forum.KindProfile: "user-"}[t.kind]
		if paged {
			return word + t.id + "-page-" + n + ".html"
		}
		return word + t.id + ".html"
	}
	key := map[forum.Kind]string{forum.KindThread: "?tid=", forum.KindBoard: "?fid=", forum.KindProfile: "?action=profile&uid="}[t.kind]
	if paged {
		return t.file + key + t.id + "&page=" + n
	}
	return t.file + key + t.id
}

// read is the target of a link on the page.
func (r *reader) read(href string) (target, bool) {
	a := r.doc.Address(href)
	u := a.URL()
	if u == nil || a.Abs == "" || !r.doc.SameHost(a.Abs) {
		return target{}, false
	}
	t, ok := parseTarget(u)
	if t.post == "" {
		t.post = dom.IDAfter(u.Fragment, "pid")
	}
	return t, ok
}

// linked is the id of what a link leads to, when it is of that kind.
func (r *reader) linked(href string, kind forum.Kind) string {
	if t, ok := r.read(href); ok && t.kind == kind {
		return t.id
	}
	return ""
}

// firstPage is a link's canonical address, of its first page.
func (r *reader) firstPage(href string) string {
	a := r.doc.Address(href)
	u := a.URL()
	if u == nil || a.Abs == "" {
		return a.Abs
	}
	t, ok := parseTarget(u)
	if !ok || t.id == "" {
		return a.Abs
	}
	t.page = 1
	return origin(u) + t.dir + t.address()
}

// origin is what stands before an address's path; nothing where the page does not
// say whose it is.
func origin(u *url.URL) string {
	if u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
