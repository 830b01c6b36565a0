// Package vburl holds the URL grammar of vBulletin 3 and 4 and of vBSEO, the
// add-on that rewrote the addresses of many of these boards.
//
// Forms read: "showthread.php?t=1&page=2", "showthread.php?1-slug/page2",
// "showthread.php/1-slug/page2", "threads/1-slug/page2" (4.0's friendly URLs),
// the presets of vBSEO (rewritten.go), and the same for boards and members.
package vburl

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// Ref is what a link points at.
type Ref struct {
	Kind  forum.Kind // index, board, thread, profile; post for a post whose page the link does not name
	ID    string     // "" for a member that the link names by a slug alone
	Slug  string
	Page  int
	Root  string // path of the board's root, with a final slash
	form  form
	file  string // path below the root, for rewritten addresses
	whole bool   // a board's link that asks for threads of any age: daysprune=-1
}

type form int

const (
	formScript   form = iota // showthread.php?t=1
	formQuery                // showthread.php?1-slug
	formPathInfo             // showthread.php/1-slug
	formFriendly             // threads/1-slug
	formRewrite              // vBSEO
)

var (
	idSlug   = regexp.MustCompile(`^(\d+)(?:-([^/]*))?(?:/page(\d+))?/?$`)
	friendly = regexp.MustCompile(`^(.*/)(threads|forums|members)/(\d+)(?:-([^/]*))?(?:/page(\d+))?/?$`)
)

// Parse reads an absolute or relative link; false when it is none of a board,
// thread, member or the index.
func Parse(u *url.URL) (Ref, bool) {
	path := u.EscapedPath()
	if strings.Contains(path, "/archive/") || strings.HasPrefix(path, "archive/") {
		return Ref{}, false
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if root, name, info, ok := scriptIn(path); ok {
		return parseScript(u, root, name, info)
	}
	if m := matchWith(friendly, path, "/threads/", "/forums/", "/members/"); m != nil {
		r := Ref{Kind: wordKind(m[2]), ID: m[3], Slug: m[4], Page: number(m[5]), Root: m[1], form: formFriendly}
		if u.RawQuery == "" {
			return r, true
		}
		if n := number(u.Query().Get("page")); n > 1 {
			r.Page = n
		}
		return r, true
	}
	return parseRewritten(path)
}

// scripts are the programs that links lead to.
var scripts = [...]string{"showthread", "forumdisplay", "member", "index", "forum"}

// scriptIn finds the last step of a path that is a script: what stands before it,
// its name, and what follows it.
func scriptIn(path string) (root, name, info string, ok bool) {
	if !strings.Contains(path, ".php") {
		return "", "", "", false
	}
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] != '/' {
			continue
		}
		for _, name := range scripts {
			rest, is := strings.CutPrefix(path[i+1:], name)
			if !is {
				continue
			}
			if rest, is = strings.CutPrefix(rest, ".php"); is && (rest == "" || rest[0] == '/') {
				return path[:i+1], name, strings.TrimPrefix(rest, "/"), true
			}
		}
	}
	return "", "", "", false
}

// matchWith matches an expression that needs one of these pieces: most links of
// a page have none, and looking for them costs little.
func matchWith(re *regexp.Regexp, s string, pieces ...string) []string {
	for _, piece := range pieces {
		if strings.Contains(s, piece) {
			return re.FindStringSubmatch(s)
		}
	}
	return nil
}

func parseScript(u *url.URL, root, name, info string) (Ref, bool) {
	r := Ref{Kind: wordKind(name), Root: root, Page: 1}
	if r.Kind == forum.KindIndex {
		r.file = name + ".php"
		return r, true
	}
	key := keyOf(r.Kind)
	bare, _, _ := strings.Cut(u.RawQuery, "&")
	bare = strings.TrimSuffix(bare, "=")
	for _, c := range []struct {
		text string
		form form
	}{{info, formPathInfo}, {bare, formQuery}} {
		if c.text == "" || c.text[0] < '0' || c.text[0] > '9' {
			continue
		}
		if m := idSlug.FindStringSubmatch(c.text); m != nil {
			r.ID, r.Slug, r.Page, r.form = m[1], m[2], number(m[3]), c.form
		}
	}
	for _, rest := range [...]string{"", "hreadid", "orumid", "serid"} {
		if id := param(u, key, rest); r.ID == "" && isNumber(id) {
			r.ID = id
		}
	}
	if n := number(param(u, "page", "")); n > 1 {
		r.Page = n
	}
	if r.ID == "" && r.Kind == forum.KindThread && PostID(u.String()) != "" {
		r.Kind = forum.KindPost
		return r, true
	}
	return r, r.ID != ""
}

func keyOf(k forum.Kind) string {
	switch k {
	case forum.KindThread:
		return "t"
	case forum.KindBoard:
		return "f"
	}
	return "u"
}

// param is a parameter as Query gives it, by the two halves of its key.
func param(u *url.URL, key, rest string) string {
	if strings.ContainsAny(u.RawQuery, "%+") {
		return Query(u).Get(key + rest)
	}
	for query := u.RawQuery; query != ""; {
		pair := query
		if i := strings.IndexAny(query, "&;"); i >= 0 {
			pair, query = query[:i], query[i+1:]
		} else {
			query = ""
		}
		if name, value, _ := strings.Cut(pair, "="); len(name) == len(key)+len(rest) && strings.HasPrefix(name, key) && name[len(key):] == rest {
			return value
		}
	}
	return ""
}

func wordKind(w string) forum.Kind {
	switch w {
	case "showthread", "threads":
		return forum.KindThread
	case "forumdisplay", "forums":
		return forum.KindBoard
	case "member", "members":
		return forum.KindProfile
	}
	return forum.KindIndex
}

// number is a page number: 1 where none is named.
func number(s string) int {
	if s == "" { // an error costs more than a look
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func isNumber(s string) bool {
	if s == "" {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// Query is a URL's query without the session id.
func Query(u *url.URL) url.Values {
	q, err := url.ParseQuery(strings.ReplaceAll(u.RawQuery, ";", "&"))
	if err != nil {
		return url.Values{}
	}
	q.Del("s")
	return q
}

// Canonical maps a link to the page it leads to. Other orders and filters of a
// listing, posts without their thread's page, and modes of display are never
// entered; page sizes and highlights are dropped.
func Canonical(u *url.URL) (forum.Link, bool) {
	r, ok := Parse(u)
	if !ok || r.Kind == forum.KindPost || refused(r.Kind, Query(u)) {
		return forum.Link{}, false
	}
	r.whole = r.Kind == forum.KindBoard && Query(u).Get("daysprune") == "-1"
	l := forum.Link{Kind: r.Kind, ID: r.ID, Page: r.Page}
	switch r.Kind {
	case forum.KindIndex:
		l.Key, l.Page = "index", 0
	case forum.KindProfile:
		l.Page = 0
		l.Key = "profile/" + r.name()
	default:
		l.Key = string(r.Kind) + "/" + r.name() + "/" + strconv.Itoa(r.Page)
	}
	l.URL = u.Scheme + "://" + strings.ToLower(u.Host) + r.address()
	return l, true
}

// name is the native id, else the slug that stands for it.
func (r Ref) name() string {
	if r.ID == "" {
		return "name:" + strings.ToLower(r.Slug)
	}
	return r.ID
}

// refused tells queries that show the same posts or rows in another way.
func refused(kind forum.Kind, q url.Values) bool {
	for key, vals := range q {
		v := vals[0]
		switch key {
		case "goto", "do", "postid", "p", "mode", "view", "find", "tab", "vmid", "searchid", "prefixid", "simple", "showall", "markread":
			if v != "" && (key != "mode" || v != "linear") {
				return true
			}
		case "order":
			if v == "asc" || (kind == forum.KindThread && v != "") {
				return true
			}
		case "sort":
			if v != "" && v != "lastpost" {
				return true
			}
		case "daysprune":
			if v != "" && v != "-1" {
				return true
			}
		case "page":
			if kind == forum.KindProfile || kind == forum.KindIndex {
				return true
			}
		}
	}
	return false
}

// allThreads asks a board for threads of any age.
const allThreads = "daysprune=-1"

func (r Ref) address() string {
	out := r.plainAddress()
	switch {
	case !r.whole:
		return out
	case strings.Contains(out, "?"):
		return out + "&" + allThreads
	}
	return out + "?" + allThreads
}

func (r Ref) plainAddress() string {
	name := map[forum.Kind]string{forum.KindThread: "showthread.php", forum.KindBoard: "forumdisplay.php", forum.KindProfile: "member.php"}[r.Kind]
	switch {
	case r.Kind == forum.KindIndex && r.file == "forum.php":
		return r.Root + r.file
	case r.Kind == forum.KindIndex:
		return r.Root
	case r.form == formRewrite:
		return r.Root + r.file
	}
	slug := r.ID
	if r.Slug != "" {
		slug += "-" + r.Slug
	}
	suffix := ""
	if r.Page > 1 {
		suffix = "/page" + strconv.Itoa(r.Page)
	}
	switch r.form {
	case formQuery:
		return r.Root + name + "?" + slug + suffix
	case formPathInfo:
		return r.Root + name + "/" + slug + suffix
	case formFriendly:
		word := map[forum.Kind]string{forum.KindThread: "threads/", forum.KindBoard: "forums/", forum.KindProfile: "members/"}[r.Kind]
		return r.Root + word + slug + suffix
	}
	out := r.Root + name + "?" + map[forum.Kind]string{forum.KindThread: "t=", forum.KindBoard: "f=", forum.KindProfile: "u="}[r.Kind] + r.ID
	if r.Page > 1 {
		out += "&page=" + strconv.Itoa(r.Page)
	}
	return out
}

// FirstPage is the address of page one of a thread or board, made from a link
// to any of its pages; "" for other links.
func FirstPage(href string) string {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return ""
	}
	r, ok := Parse(u)
	if !ok || r.ID == "" && r.Kind != forum.KindBoard {
		return ""
	}
	if r.form == formRewrite && r.Page > 1 {
		r.file = firstFile(r.file, strconv.Itoa(r.Page))
	}
	r.Page = 1
	return u.Scheme + "://" + strings.ToLower(u.Host) + r.address()
}

func parse(href string) (Ref, bool) {
	u, err := url.Parse(href)
	if err != nil {
		return Ref{}, false
	}
	return Parse(u)
}

func idOf(href string, kind forum.Kind) string {
	if r, ok := parse(href); ok && r.Kind == kind {
		return r.ID
	}
	return ""
}

// ThreadID is the native id in a link to a thread, or "".
func ThreadID(href string) string { return idOf(href, forum.KindThread) }

// BoardID is the native id in a link to a board, or "".
func BoardID(href string) string { return idOf(href, forum.KindBoard) }

// MemberID is the native id in a link to a member, or "".
func MemberID(href string) string { return idOf(href, forum.KindProfile) }

// IsBoard tells links to a board, whether they carry an id or a name.
func IsBoard(href string) bool {
	r, ok := parse(href)
	return ok && r.Kind == forum.KindBoard
}

// IsMember tells links to a member, whether they carry an id or a name.
func IsMember(href string) bool {
	r, ok := parse(href)
	return ok && r.Kind == forum.KindProfile
}

var (
	postParam    = regexp.MustCompile(`[?&;](?:p|postid)=(\d+)`)
	postFragment = regexp.MustCompile(`#post(\d+)`)
	postRewrite  = regexp.MustCompile(`/(\d+)-post\d*\.html`)
	postTail     = regexp.MustCompile(`-post(\d{2,})(?:\.html|/|$|[?#])`)
)

// PostID is the native id in a link to a post, or "".
func PostID(href string) string {
	for _, re := range []*regexp.Regexp{postFragment, postParam, postRewrite, postTail} {
		if m := re.FindStringSubmatch(href); m != nil {
			return m[1]
		}
	}
	return ""
}

// PageNumber is the page in a link to a thread or board: 1 when it names none.
func PageNumber(href string) int {
	if r, ok := parse(href); ok && r.Page > 1 {
		return r.Page
	}
	return 1
}

// WithoutSession drops the session's id, which guests get with every link.
func WithoutSession(href string) string {
	head, query, ok := strings.Cut(href, "?")
	if !ok {
		return href
	}
	query, fragment, _ := strings.Cut(query, "#")
	kept := []string{}
	for part := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(part, "s=") {
			kept = append(kept, part)
		}
	}
	if len(kept) > 0 {
		head += "?" + strings.Join(kept, "&")
	}
	if fragment != "" {
		head += "#" + fragment
	}
	return head
}

// Page is the canonical form of a link to a page, else the link without its
// session.
func Page(href string) string {
	if u, err := url.Parse(href); err == nil && u.Host != "" {
		if l, ok := Canonical(u); ok {
			return l.URL
		}
	}
	return WithoutSession(href)
}
