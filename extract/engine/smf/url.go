package smf

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// address is what a link's query says. SMF separates parameters with ";" and
// "&", and with "," and "/" where it writes search-friendly addresses
// (index.php/topic,12.15.html).
type address struct {
	base   string // path up to index.php, or to the folder
	params params
	msg    string // of the fragment #msgN
}

// params are an address's parameters, the first of each name.
type params [][2]string

// get is the value of a parameter, or "".
func (p params) get(name string) string {
	for i := range p {
		if p[i][0] == name {
			return p[i][1]
		}
	}
	return ""
}

func (p params) has(name string) bool {
	return slices.ContainsFunc(p, func(one [2]string) bool { return one[0] == name })
}

// without drops parameters by their names, in place.
func (p params) without(names ...string) params {
	return slices.DeleteFunc(p, func(one [2]string) bool { return slices.Contains(names, one[0]) })
}

var reHTML = regexp.MustCompile(`\.html?$`)

func parseAddress(u *url.URL) address {
	a := address{base: u.EscapedPath()}
	query := u.RawQuery
	if before, after, ok := strings.Cut(a.base, "index.php/"); ok {
		a.base = before + "index.php"
		query = reHTML.ReplaceAllString(strings.Trim(after, "/"), "") + ";" + query
	}
	if query != "" {
		a.params = make(params, 0, 4)
	}
	for query != "" {
		pair := query
		if i := strings.IndexAny(query, ";&/"); i >= 0 {
			pair, query = query[:i], query[i+1:]
		} else {
			query = ""
		}
		a.params = a.params.and(pair)
	}
	a.msg = dom.IDAfter(u.Fragment, "msg")
	return a
}

// and adds a parameter, unless there is one of its name.
func (p params) and(pair string) params {
	key, value, ok := strings.Cut(pair, "=")
	if !ok {
		key, value, _ = strings.Cut(pair, ",")
	}
	key = strings.ToLower(strings.TrimPrefix(key, "amp;"))
	if key == "" || p.has(key) {
		return p
	}
	return append(p, [2]string{key, value})
}

// parseNaming is parseHref of a link that names something, in whatever case: of
// any other, nothing.
func parseNaming(word, href string) address {
	if !strings.Contains(href, word) && !strings.Contains(strings.ToLower(href), word) {
		return address{}
	}
	return parseHref(href)
}

func parseHref(href string) address {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil {
		return address{}
	}
	return parseAddress(u)
}

// noise are parameters that change nothing of what a guest sees.
var noise = map[string]bool{
	"phpsessid": true, "topicseen": true, "boardseen": true, "highlight": true, "theme": true, "language": true, "nowap": true, "sesc": true,
	"fbclid": true, "gclid": true, "srsltid": true, "utm_source": true, "utm_medium": true, "utm_campaign": true, "utm_content": true, "utm_term": true,
	"variant": true, "msgs": true, "ref": true,
}

// indexFolders are names of folders whose bare address is a board index.
var indexFolders = map[string]bool{"": true, "forum": true, "forums": true, "foro": true, "smf": true, "community": true, "board": true, "boards": true, "bbs": true}

func canonical(u *url.URL) (forum.Link, bool) {
	a := parseAddress(u)
	a.params = slices.DeleteFunc(a.params, func(one [2]string) bool { return noise[one[0]] })
	if !strings.HasSuffix(a.base, "/index.php") && !strings.HasSuffix(a.base, "/") && a.base != "" {
		return forum.Link{}, false
	}
	action := a.params.get("action")
	a.params = a.params.without("action")
	switch {
	case action == "profile":
		return profileLink(u, a)
	case action == "forum" || action == "" && len(a.params) == 0:
		return indexLink(u, a, action != "")
	case action != "":
		return forum.Link{}, false
	}
	return listLink(u, a)
}

func indexLink(u *url.URL, a address, named bool) (forum.Link, bool) {
	if len(a.params) > 0 {
		return forum.Link{}, false
	}
	if folder := strings.Trim(a.base, "/"); !strings.HasSuffix(a.base, "/index.php") && !indexFolders[strings.ToLower(folder)] {
		return forum.Link{}, false
	}
	query := ""
	if named {
		query = "action=forum"
	}
	return forum.Link{URL: build(u, a, query), Key: "index", Kind: forum.KindIndex}, true
}

func profileLink(u *url.URL, a address) (forum.Link, bool) {
	id, area := a.params.get("u"), a.params.get("area")
	a.params = a.params.without("u", "area")
	if dom.Digits(id) != id || id == "" || id == "0" || (area != "" && area != "summary") || len(a.params) > 0 {
		return forum.Link{}, false
	}
	return forum.Link{URL: build(u, a, "action=profile;u="+id), Key: "profile/" + id, Kind: forum.KindProfile, ID: id}, true
}

// listLink reads topic=ID.START and board=ID.START.
func listLink(u *url.URL, a address) (forum.Link, bool) {
	name, kind, label := "topic", forum.KindThread, "thread/"
	if !a.params.has("topic") {
		name, kind, label = "board", forum.KindBoard, "board/"
	}
	id, start, ok := idStart(a, name)
	a.params = a.params.without(name, "start")
	if !ok || len(a.params) > 0 {
		return forum.Link{}, false
	}
	l := forum.Link{Kind: kind, ID: id, Key: label + id + "/1", Page: 1}
	if start > 0 {
		l.Key = label + id + "/s" + strconv.Itoa(start)
		l = l.Skipping(start)
	}
	l.URL = build(u, a, name+"="+id+"."+strconv.Itoa(start))
	return l, true
}

// idStart is the id and the offset of "topic=ID.START" or "board=ID.START";
// false for starts that name a post (msgN), a time (fromN) or "new".
func idStart(a address, name string) (id string, start int, ok bool) {
	id, rest, _ := strings.Cut(a.params.get(name), ".")
	if rest == "" {
		rest = a.params.get("start")
	}
	if id == "" || dom.Digits(id) != id {
		return "", 0, false
	}
	if rest == "" {
		return id, 0, true
	}
	start, err := strconv.Atoi(rest)
	return id, start, err == nil && start >= 0
}

func build(u *url.URL, a address, query string) string {
	base := a.base
	if !strings.HasSuffix(base, "index.php") && query != "" {
		base = strings.TrimSuffix(base, "/") + "/index.php"
	}
	if base == "" {
		base = "/"
	}
	if query != "" {
		query = "?" + query
	}
	return u.Scheme + "://" + u.Host + base + query
}

// topicID is the thread that a link leads into, by any of its forms, or "".
func topicID(href string) string {
	id, _, _ := strings.Cut(parseNaming("topic", href).params.get("topic"), ".")
	if dom.Digits(id) != id {
		return ""
	}
	return id
}

// boardID is the board that a link leads to, or "".
func boardID(href string) string {
	a := parseNaming("board", href)
	id, _, _ := strings.Cut(a.params.get("board"), ".")
	if dom.Digits(id) != id || a.params.get("action") != "" {
		return ""
	}
	return id
}

// messageID is the post that a link leads to: ?msg=N, topic=T.msgN or #msgN.
func messageID(href string) string {
	a := parseNaming("msg", href)
	if id := a.params.get("msg"); id != "" && dom.Digits(id) == id {
		return id
	}
	_, start, _ := strings.Cut(a.params.get("topic"), ".")
	if id := dom.IDAfter(start, "msg"); id != "" {
		return id
	}
	return a.msg
}

// memberID is the account that a link leads to, or "".
func memberID(href string) string {
	a := parseNaming("profile", href)
	if a.params.get("action") != "profile" || a.params.get("u") == "0" {
		return ""
	}
	return dom.Digits(a.params.get("u"))
}

var reSession = regexp.MustCompile(`(?i)(PHPSESSID=[^&;#]*)[&;]?`)

// clean resolves a link and drops the session id that guests get in it.
func (r *reader) clean(href string) string {
	abs := r.doc.Resolve(href)
	if !strings.Contains(strings.ToUpper(abs), "PHPSESSID") {
		return abs
	}
	abs = reSession.ReplaceAllString(abs, "")
	return strings.TrimSuffix(strings.ReplaceAll(abs, "?#", "#"), "?")
}
