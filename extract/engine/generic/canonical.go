package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// threadWords and boardWords are path segments and query keys after which
// forums of all kinds put the number of a thread or a board.
var (
	threadWords = []string{"thread", "threads", "topic", "topics", "t", "tid", "discussion", "discussions", "question", "questions", "showtopic", "threadid", "topicid", "discussionid", "questionid", "viewtopic", "viewthread", "showthread", "th", "d", "conversation", "documentsrl", "td-p", "m-p", "node",
		"tema", "temas", "temat", "thema", "themen", "sujet", "sujets", "hilo", "hilos", "topico", "topicos", "discussione", "discussioni", "onderwerp", "konu", "emne", "vlakno", "keskustelu"}
	boardWords = []string{"forum", "forums", "board", "boards", "f", "fid", "viewforum", "forumdisplay", "category", "c", "showforum", "forumid", "boardid", "frmid", "foro", "foros", "foren", "fora", "rubrique", "bereich", "foorumi"}
)

// otherWords are path segments behind which stands the number of something else than
// a thread or a board.
var otherWords = []string{"post", "posts", "user", "users", "member", "members", "profile", "profiles", "message", "comment", "attachment", "tag", "tags"}

// canonical maps links by the words that nearly all forums put into their
// addresses: with the number, else the name, that follows it. What carries no
// such word is not entered: nothing tells it from the rest of a site.
func canonical(u *url.URL) (forum.Link, bool) {
	if u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || acts(u.Path+"?"+u.RawQuery) || strings.Contains(strings.ToLower(u.RawQuery), "sort") {
		return forum.Link{}, false
	}
	query, segs := queryOf(u), segments(u)
	if link, ok := inBoard(u, query); ok {
		return link, true
	}
	kind, id := forum.KindThread, numberIn(query, segs, threadWords)
	if id == "" {
		kind, id = listed(u, segs)
	}
	if id == "" {
		kind, id = forum.KindBoard, numberIn(query, segs, boardWords)
	}
	if id == "" && u.RawQuery == "" {
		if kind, id = forum.KindThread, slugAfter(segs, threadSlugs, false); id == "" {
			kind, id = forum.KindBoard, slugAfter(segs, boardSlugs, true)
		}
	}
	if id == "" {
		kind, id = forum.KindBoard, nameUnder(segs, query)
	}
	if id == "" {
		return forum.Link{}, false
	}
	return linkTo(u, kind, id), true
}

// linkTo is the link to a page of a kind and an id.
func linkTo(u *url.URL, kind forum.Kind, id string) forum.Link {
	page := max(1, pageOf(u))
	if pageOf(u) > 0 && fromNought(u) {
		page++
	}
	if _, rest, ok := strings.Cut(u.RawQuery, ",page="); ok {
		page, _ = strconv.Atoi(dom.IDAfter(rest, ""))
		page = max(1, page)
	}
	place, skips := strconv.Itoa(page), 0
	if offset := offsetOf(u); offset > 0 && page == 1 {
		// How many posts a page has is not known here: the offset tells pages apart.
		place, skips = "s"+strconv.Itoa(offset), offset
	}
	v := *u
	v.Fragment, v.RawFragment, v.User = "", "", nil
	v.RawQuery = withoutNoise(v.RawQuery)
	l := forum.Link{URL: v.String(), Key: string(kind) + "/" + id + "/" + place, Kind: kind, ID: id, Page: page}
	if skips > 0 {
		l = l.Skipping(skips)
	}
	return l
}

// withoutNoise leaves out of a query what changes nothing of a page: sessions,
// marked words, where a visitor came from. All else stays as it is written: some
// programs have no keys ("read.php?3,812") or part them by semicolons.
func withoutNoise(query string) string {
	var b strings.Builder
	for len(query) > 0 {
		pair, rest, sep := query, "", ""
		if i := strings.IndexAny(query, "&;"); i >= 0 {
			pair, sep, rest = query[:i], query[i:i+1], query[i+1:]
		}
		query = rest
		key, _, _ := strings.Cut(pair, "=")
		switch strings.ToLower(key) {
		case "", "sid", "s", "phpsessid", "highlight", "hilit", "srsltid", "fbclid", "gclid", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term":
			continue
		}
		b.WriteString(pair + sep)
	}
	return strings.TrimRight(b.String(), "&;")
}

// fromNought tells addresses of a program whose pages count from nought:
// Drupal's "node/12?page=1" is the second one.
func fromNought(u *url.URL) bool {
	return queryOf(u).has("page") && slices.Contains(strings.Split(strings.ToLower(u.Path), "/"), "node")
}

// pairs are the keys and values of an address's query, in its order.
type pairs [][2]string

// queryOf reads an address's query as url.ParseQuery does: pairs that cannot be
// read are left out.
func queryOf(u *url.URL) pairs {
	if u.RawQuery == "" {
		return nil
	}
	out := make(pairs, 0, 4)
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if pair == "" || strings.Contains(pair, ";") {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			continue
		}
		if value, err = url.QueryUnescape(value); err == nil {
			out = append(out, [2]string{key, value})
		}
	}
	return out
}

// get is the first value of a key, or "".
func (p pairs) get(key string) string {
	for i := range p {
		if p[i][0] == key {
			return p[i][1]
		}
	}
	return ""
}

// has tells whether there is a pair with a key.
func (p pairs) has(key string) bool {
	return slices.ContainsFunc(p, func(pair [2]string) bool { return pair[0] == key })
}

// number is the first number under a key, however that is written: "TOPIC_ID" and
// "topicid" are one. What stands behind a point or a slash counts posts.
func (p pairs) number(key string) string {
	for i := range p {
		if !sameKey(p[i][0], key) {
			continue
		}
		v := p[i][1]
		if end := strings.IndexAny(v, "./"); end > 0 {
			v = v[:end]
		}
		if isNumber(v) {
			return v
		}
	}
	return ""
}

// sameKey compares a key with a word in small letters, whatever the key's case and
// underscores.
func sameKey(key, word string) bool {
	k := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == '_' && i > 0 {
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if k >= len(word) || word[k] != c {
			return false
		}
		k++
	}
	return k == len(word)
}

// leads tells whether a pair is the first of its key.
func (p pairs) leads(i int) bool {
	return !slices.ContainsFunc(p[:i], func(pair [2]string) bool { return pair[0] == p[i][0] })
}

// segments are the parts of an address's path in lower case, and of a route that
// stands in its query: "index.php?threads/slug.12/", "showthread.php?12-slug".
func segments(u *url.URL) []string {
	path := strings.Trim(u.Path, "/")
	if route, _, _ := strings.Cut(u.RawQuery, "&"); route != "" && !strings.ContainsAny(route, "=,;") && (strings.Contains(route, "/") || isDigit(route[0]) && strings.Contains(route, "-")) {
		path += "/" + strings.Trim(route, "/")
	}
	return strings.Split(strings.ToLower(path), "/")
}

// listed reads addresses that give numbers in a fixed order, "read.php?3,812,813"
// (board, thread, post) and "list.php?3", and those that give a short name:
// "comments/k3f9a1".
func listed(u *url.URL, segs []string) (forum.Kind, string) {
	numbers := strings.Split(u.RawQuery, ",")
	switch last := segs[len(segs)-1]; {
	case last == "read.php" && len(numbers) > 1 && isNumber(numbers[0]) && isNumber(numbers[1]):
		return forum.KindThread, numbers[1]
	case last == "list.php" && isNumber(numbers[0]):
		return forum.KindBoard, numbers[0]
	}
	if num := queryOf(u).number("num"); len(num) > 8 && strings.HasSuffix(segs[len(segs)-1], ".pl") {
		return forum.KindThread, num
	}
	if kind, numbers := action(segs); len(numbers) > 0 {
		return kind, numbers[len(numbers)-1]
	}
	if id := below(segs); id != "" {
		return forum.KindThread, id
	}
	if i := slices.Index(segs, "comments"); i >= 0 && i+1 < len(segs) && len(segs[i+1]) > 4 && len(segs[i+1]) < 13 && dom.Digits(segs[i+1]) != "" && !strings.ContainsAny(segs[i+1], "-_.") {
		return forum.KindThread, segs[i+1]
	}
	return "", ""
}

// action reads addresses that say what is done: "posts/list/812", "forums/show/3", and
// in front of the number how much stands before the page: "posts/list/20/812".
func action(segs []string) (kind forum.Kind, numbers []string) {
	for i, s := range segs[:len(segs)-1] {
		switch s + "/" + segs[i+1] {
		case "posts/list", "topics/show":
			kind = forum.KindThread
		case "forums/show":
			kind = forum.KindBoard
		default:
			continue
		}
		for _, n := range segs[i+2:] {
			if n = withoutExtension(n); !isNumber(n) {
				return "", nil
			}
			numbers = append(numbers, n)
		}
		if len(numbers) > 2 {
			return "", nil
		}
		return kind, numbers
	}
	return "", nil
}

// below is the number of a thread whose address goes through its board's:
// "forum/3-general/812-oak-beams".
func below(segs []string) string {
	for i, s := range segs {
		if i+2 >= len(segs) || !slices.Contains(boardSlugs, s) {
			continue
		}
		board, _, named := strings.Cut(segs[i+1], "-")
		thread, title, titled := strings.Cut(segs[i+2], "-")
		if named && titled && isNumber(board) && isNumber(thread) && letters(title) > 0 {
			return thread
		}
	}
	return ""
}

// nameUnder is the short name of a board under a key that is named for one:
// "board=general", and with how many threads stand before the page, "board=general/40";
// under "id" where the script is one that lists: "zboard.php?id=general".
func nameUnder(segs []string, query pairs) string {
	keys := []string{"board", "forum", "bo_table"}
	switch segs[len(segs)-1] {
	case "zboard.php", "lists":
		keys = append(keys, "id")
	case "index.php", "":
		keys = append(keys, "mid")
	case "f":
		keys = append(keys, "kw")
	}
	for _, w := range keys {
		name, _, _ := strings.Cut(query.get(w), "/")
		if letters(name) > 1 && len(name) < 41 && !strings.ContainsAny(name, ".:;, ") && !slices.Contains(noSlugs, name) {
			return name
		}
	}
	return ""
}

// threadLike tells addresses that name a thread, be it without a number.
func threadLike(u *url.URL) bool {
	if link, ok := canonical(u); ok && link.Kind == forum.KindThread {
		return true
	}
	for _, w := range words(u.Path + " " + u.RawQuery) {
		switch w {
		case "thread", "threads", "topic", "topics", "discussion", "question", "questions", "showthread", "viewtopic", "comments":
			return true
		}
	}
	return false
}

// ofThread tells a page whose address names a thread.
func (r *reader) ofThread() bool {
	here, _ := r.here()
	return here.Kind == forum.KindThread || threadLike(r.doc.URL)
}

// numberAfter is the number that follows one of the words: as the value of a
// query key, or in the next path segment, alone or with a slug around it.
func numberAfter(u *url.URL, list []string) string { return numberIn(queryOf(u), segments(u), list) }

func numberIn(query pairs, segs, list []string) string {
	if len(query) > 0 {
		for _, w := range list {
			if v := query.number(w); v != "" {
				return v
			}
		}
	}
	for i, s := range segs {
		if id := glued(s, list); id != "" {
			return id
		}
		if s = withoutExtension(s); i == len(segs)-1 {
			if k := strings.LastIndexByte(s, '_'); len(s)-k > 5 {
				s = s[k+1:] // "forum_viewtopic"
			}
		}
		for _, w := range list {
			if s != w {
				continue
			}
			if v := query.get("id"); isNumber(v) && i == len(segs)-1 {
				return v
			}
			for _, next := range segs[min(i+1, len(segs)):min(i+4, len(segs))] {
				if next == "page" || slices.Contains(otherWords, next) {
					break
				}
				if id := slugNumber(next); id != "" {
					return id
				}
			}
		}
	}
	return ""
}

// rePart is what stands behind the number of a thread in "t55p15-title": how many
// posts stand before the page.
var rePart = regexp.MustCompile(`^p(\d{1,6})(?:-|$)`)

// glued is the number of a segment that begins with a word: "thread-12.html",
// "topic12", "t12-title", "forum_3".
func glued(s string, list []string) string {
	for _, w := range list {
		rest, ok := strings.CutPrefix(s, w)
		if !ok || rest == "" {
			continue
		}
		id := dom.IDAfter(strings.TrimLeft(rest, "-_,"), "")
		if id == "" {
			continue
		}
		switch tail := strings.TrimPrefix(strings.TrimLeft(rest, "-_,"), id); {
		case len(w) == 1 && rePart.MatchString(tail):
			return id
		case len(w) == 1 && (tail == "" || tail[0] != '-' && tail[0] != '.'):
		case tail == "", tail[0] == '-', tail[0] == '.', tail[0] == ',', tail[0] == '_':
			return id
		}
	}
	return ""
}

// slugWords are the words after which forums that give their pages no numbers
// put a name.
var (
	threadSlugs = []string{"topic", "topics", "thread", "threads", "discussion", "discussions", "question", "questions"}
	boardSlugs  = []string{"forum", "forums", "board", "boards", "category", "categories"}
	noSlugs     = []string{"login", "register", "search", "members", "member", "user", "users", "latest", "new", "newest", "unread", "unanswered", "top", "hot", "tags", "tag", "rss", "feed", "help", "faq", "rules", "page", "add", "create", "ask", "index.php", "topic", "topics", "thread", "threads", "post", "posts", "reply", "replies", "profile", "all", "mine", "bookmarked", "admin", "all-topics", "log-in", "sign-in", "sign-up"}
)

// slugAfter is the name that ends an address after one of the words.
func slugAfter(segs, list []string, nested bool) string {
	for i, s := range segs {
		if !slices.Contains(list, s) {
			continue
		}
		rest := segs[i+1:]
		if k := slices.Index(rest, "page"); k >= 0 {
			rest = rest[:k]
		}
		if n := len(rest) - 1; n > 0 && pageSegment(rest[n]) > 0 {
			rest = rest[:n]
		}
		if len(rest) == 0 || len(rest) > 1 && !nested || len(rest) > 4 {
			continue
		}
		for _, r := range rest {
			if slices.Contains(noSlugs, r) || letters(r) < 2 || strings.Contains(r, ".") {
				return ""
			}
		}
		return rest[len(rest)-1]
	}
	return ""
}

// slugNumber is the number of a path segment: all of it, before the first
// hyphen, or behind the last point or hyphen.
func slugNumber(s string) string {
	s = strings.TrimSuffix(s, ".html")
	if isNumber(s) {
		return s
	}
	if head, _, ok := strings.Cut(s, "-"); ok && isNumber(head) {
		return head
	}
	if i := strings.LastIndexAny(s, ".-"); i > 0 && isNumber(s[i+1:]) && !strings.HasPrefix(s, "page-") {
		return s[i+1:]
	}
	return ""
}
