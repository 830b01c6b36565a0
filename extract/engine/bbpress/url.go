package bbpress

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/forum"
)

// words are the address words of the kinds: the plugin's own, those that sites
// set instead, and the usual translations. All are settings of the site.
var words = map[string]forum.Kind{
	"topic": forum.KindThread, "topics": forum.KindThread, "discussion": forum.KindThread, "thread": forum.KindThread, "thema": forum.KindThread, "themen": forum.KindThread, "sujet": forum.KindThread, "sujets": forum.KindThread, "tema": forum.KindThread, "temas": forum.KindThread,
	"debate": forum.KindThread, "onderwerp": forum.KindThread, "argomento": forum.KindThread, "topico": forum.KindThread, "wpis": forum.KindThread, "temat": forum.KindThread,
	"forum": forum.KindBoard, "foro": forum.KindBoard, "board": forum.KindBoard,
	"users": forum.KindProfile, "user": forum.KindProfile, "members": forum.KindProfile, "utilisateurs": forum.KindProfile, "usuarios": forum.KindProfile, "benutzer": forum.KindProfile,
}

// target is what a path leads to.
type target struct {
	kind forum.Kind
	root string // what stands before the word, with slashes
	word string
	slug string // of boards below boards the whole path, "a/b"
	page int
}

var rePage = regexp.MustCompile(`^(.*?/)page/(\d+)/?$`)

// parsePath reads "/forums/topic/SLUG/page/2/". The last word of the grammar
// counts that leaves a slug behind it, so that a root of that name stays one.
func parsePath(p string) (target, bool) {
	t := target{page: 1}
	if m := rePage.FindStringSubmatch(p); m != nil {
		p = m[1]
		t.page, _ = strconv.Atoi(m[2])
	}
	parts := strings.Split(strings.Trim(p, "/"), "/")
	for i := 0; i+1 < len(parts); i++ {
		word := strings.ToLower(parts[i])
		kind, ok := words[word]
		if !ok {
			continue
		}
		if next, isWord := words[strings.ToLower(parts[i+1])]; isWord && i+2 < len(parts) && (next == forum.KindThread || kind == next) {
			continue // a root with the name of a word
		}
		rest := parts[i+1:]
		if kind != forum.KindBoard && len(rest) > 1 {
			return t, false // below a thread or account: feeds, edit forms, lists
		}
		t.kind, t.word, t.slug = kind, parts[i], strings.ToLower(strings.Join(rest, "/"))
		t.root = "/" + strings.Join(append(parts[:i:i], ""), "/")
		if t.root == "//" {
			t.root = "/"
		}
		return t, t.page > 0 && !refused(rest)
	}
	return t, false
}

// refused tells what stands below a page and is none of its own.
func refused(rest []string) bool {
	switch strings.ToLower(rest[len(rest)-1]) {
	case "feed", "edit", "embed", "trackback", "rss", "atom", "all", "new", "subscriptions", "favorites", "replies", "topics", "engagements", "page":
		return true
	}
	return strings.HasSuffix(rest[0], ".php")
}

// canonical maps a link to the page it leads to. Keys are "thread/SLUG/PAGE",
// "board/PATH/PAGE", "profile/SLUG" and "index"; addresses show no ids. Links
// by id (?p=), to single replies, tags, views, searches and feeds are none.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return forum.Link{}, false
	}
	q := u.Query()
	for key := range q {
		switch key {
		case "p", "post_type", "action", "view", "_wpnonce", "bbp_reply_to", "replytocom", "s", "bbp_search", "ts", "rs", "feed", "sub_action", "add-to-cart", "preview", "order", "orderby":
			return forum.Link{}, false
		}
	}
	base := u.Scheme + "://" + strings.ToLower(u.Host)
	t, ok := plainTarget(q)
	if ok {
		return plainLink(base+u.EscapedPath(), t), true
	}
	p := u.EscapedPath()
	if isRoot(p) {
		return forum.Link{URL: base + strings.TrimSuffix(p, "/") + "/", Key: "index", Kind: forum.KindIndex}, true
	}
	if t, ok = parsePath(p); !ok {
		return forum.Link{}, false
	}
	if n, err := strconv.Atoi(q.Get("paged")); err == nil && n > 0 {
		t.page = n
	}
	l := t.link()
	l.URL = base + t.root + t.word + "/" + t.slug + "/"
	if l.Page > 1 {
		l.URL += "page/" + strconv.Itoa(l.Page) + "/"
	}
	return l, true
}

// isRoot tells the forum index by its usual name.
func isRoot(p string) bool {
	p = strings.ToLower(strings.TrimSuffix(p, "/"))
	return strings.HasSuffix(p, "/forums") || p == "/forum" || p == "/foros" || p == "/foren"
}

func (t target) link() forum.Link {
	l := forum.Link{Kind: t.kind, ID: t.slug, Key: string(t.kind) + "/" + t.slug}
	if t.kind != forum.KindProfile {
		l.Page = t.page
		l.Key += "/" + strconv.Itoa(t.page)
	}
	return l
}

// plainTarget reads the addresses of a site without rewriting.
func plainTarget(q url.Values) (target, bool) {
	t := target{page: 1}
	for _, form := range [...]struct {
		key  string
		kind forum.Kind
	}{{"topic", forum.KindThread}, {"forum", forum.KindBoard}, {"bbp_user", forum.KindProfile}} {
		if v := q.Get(form.key); v != "" {
			t.kind, t.word, t.slug = form.kind, form.key, strings.ToLower(strings.Trim(v, "/"))
		}
	}
	if n, err := strconv.Atoi(q.Get("paged")); err == nil && n > 0 {
		t.page = n
	}
	return t, t.slug != ""
}

func plainLink(base string, t target) forum.Link {
	l := t.link()
	l.URL = base + "?" + t.word + "=" + url.QueryEscape(t.slug)
	if l.Page > 1 {
		l.URL += "&paged=" + strconv.Itoa(l.Page)
	}
	return l
}

func linkOf(href string) (forum.Link, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return forum.Link{}, false
	}
	return canonical(u)
}

// firstPage is the address of the first page of a link's thread or board.
func firstPage(href string) string {
	l, ok := linkOf(href)
	if !ok {
		return ""
	}
	if m := rePage.FindStringSubmatch(l.URL); m != nil {
		return m[1]
	}
	base, _, _ := strings.Cut(l.URL, "&paged=")
	return base
}

var rePostHref = regexp.MustCompile(`#post-(\d+)$|/reply/(\d+)/?$|[?&]p=(\d+)$`)

// linkedPost is the post's id in a link to one.
func linkedPost(href string) string {
	if m := rePostHref.FindStringSubmatch(href); m != nil {
		return m[1] + m[2] + m[3]
	}
	return ""
}
