package demoforum

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reply is one answer before it is written.
type reply struct {
	status   int
	ctype    string
	body     []byte
	location string // of a redirect, relative to the base
	modified time.Time
}

// request is one question, with what every route needs of it.
type request struct {
	base  string
	path  string   // decoded, without the leading slash
	seg   []string // of path
	query url.Values
	raw   string // the raw query
}

func (q request) at(i int) string {
	if i < len(q.seg) {
		return q.seg[i]
	}
	return ""
}

// ServeHTTP answers as a guest sees the forum. It sets no cookie; the Date of
// an answer is Options.Now, so that relative times count from the same moment.
func (f *Forum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := f.ask(r)
	f.mu.RLock()
	var a reply
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		f.count(r.URL.RequestURI())
		a = f.route(q)
	} else {
		a = f.wall(q)
	}
	f.mu.RUnlock()
	f.write(w, r, q, a)
}

func (f *Forum) ask(r *http.Request) request {
	base := f.opts.BaseURL
	if base == "" {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		base = scheme + "://" + r.Host + "/"
	}
	path := strings.TrimPrefix(r.URL.Path, "/")
	q := request{base: base, path: path, query: r.URL.Query(), raw: r.URL.RawQuery}
	if trimmed := strings.Trim(path, "/"); trimmed != "" {
		q.seg = strings.Split(trimmed, "/")
	}
	return q
}

func (f *Forum) count(uri string) {
	f.logMu.Lock()
	defer f.logMu.Unlock()
	f.log[uri]++
}

func (f *Forum) write(w http.ResponseWriter, r *http.Request, q request, a reply) {
	h := w.Header()
	h.Set("Date", f.opts.Now.Format(http.TimeFormat))
	h.Set("X-Content-Type-Options", "nosniff")
	if a.status >= 300 && a.status < 400 {
		h.Set("Location", q.base+a.location)
		w.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", a.ctype)
	if a.status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		tag := `"` + hex.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, no-cache, max-age=0")
		if !a.modified.IsZero() {
			h.Set("Last-Modified", a.modified.UTC().Format(http.TimeFormat))
		}
		if matches(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		// The client has gone when this fails, and there is nobody to tell.
		_, _ = w.Write(a.body)
	}
}

// matches reads If-None-Match by the weak comparison of RFC 9110 section 13.1.2.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

func redirect(status int, location string) reply { return reply{status: status, location: location} }

func (f *Forum) route(q request) reply {
	switch q.at(0) {
	case "", "index.php":
		return f.indexPage(q)
	case "forums", "categories":
		return f.forums(q)
	case "threads":
		return f.threadRoutes(q)
	case "posts", "goto":
		return f.postRoutes(q)
	case "members":
		return f.memberRoutes(q)
	case "attachments", "data", "styles", "css.php", "js", "favicon.ico":
		return f.fileRoutes(q)
	case "tags":
		return f.tagPage(q)
	case "find-new", "recent-activity", "search":
		return f.findRoutes(q)
	case "login", "register", "lost-password":
		return f.loginPage(q)
	case "online", "help", "misc":
		return f.miscRoutes(q)
	case "robots.txt", "sitemap.xml", "sitemap.php":
		return f.robotRoutes(q)
	case "account", "conversations", "inline-mod", "watched", "spam-cleaner", "logout":
		return f.wall(q)
	}
	return f.missing(q, "The requested page could not be found.")
}

// idOf reads the number at the end of "slug.ID" or of "ID".
func idOf(segment string) int {
	id, err := strconv.Atoi(segment[strings.LastIndexByte(segment, '.')+1:])
	if err != nil {
		return 0
	}
	return id
}

// pageOf reads "page-N"; ok is false for anything else, and N is at least 1.
func pageOf(segment string) (n int, ok bool) {
	digits, found := strings.CutPrefix(segment, "page-")
	if segment == "" {
		return 1, true
	}
	n, err := strconv.Atoi(digits)
	if !found || err != nil {
		return 0, false
	}
	return max(1, n), true
}

// canonical answers with a permanent redirect unless the request already names
// the path in full: the right slug, a page that exists, and no page-1.
func canonical(q request, path string) (reply, bool) {
	decoded, err := url.PathUnescape(path)
	if err != nil || decoded == q.path {
		return reply{}, false
	}
	if q.raw != "" {
		path += "?" + q.raw
	}
	return redirect(http.StatusMovedPermanently, path), true
}

func (f *Forum) forums(q request) reply {
	if q.at(1) == "" {
		return redirect(http.StatusMovedPermanently, "")
	}
	if q.at(1) == "-" && q.at(2) == "index.rss" {
		return f.feed(q, nil)
	}
	b := f.m.boardByID(idOf(q.at(1)))
	if b == nil {
		return f.missing(q, "The requested forum could not be found.")
	}
	if b.isCategory() {
		return redirect(http.StatusMovedPermanently, "#"+slug(b.title, b.id))
	}
	if b.membersOnly {
		return f.wall(q)
	}
	switch q.at(2) {
	case "index.rss":
		return f.feed(q, b)
	case "create-thread", "watch", "mark-read":
		return f.wall(q)
	}
	n, ok := pageOf(q.at(2))
	if !ok {
		return f.missing(q, "The requested page could not be found.")
	}
	return f.boardPage(q, b, n)
}

func (f *Forum) threadRoutes(q request) reply {
	t := f.m.threads[idOf(q.at(1))]
	if t == nil {
		return f.missing(q, "The requested thread could not be found.")
	}
	if t.board.membersOnly {
		return f.wall(q)
	}
	if t.movedTo != 0 {
		return redirect(http.StatusMovedPermanently, f.m.threads[t.movedTo].path())
	}
	switch q.at(2) {
	case "latest":
		return redirect(http.StatusSeeOther, f.postPath(t.last()))
	case "unread":
		return redirect(http.StatusSeeOther, t.path())
	case "preview":
		return f.plainPage(q, t.title, ownText(parse(t.first().text)))
	case "reply", "watch", "poll", "draft", "tags", "edit":
		return f.wall(q)
	}
	n, ok := pageOf(q.at(2))
	if !ok {
		return f.missing(q, "The requested page could not be found.")
	}
	return f.threadPage(q, t, n)
}

// postPath is where a post stands, with the fragment that finds it.
func (f *Forum) postPath(p *post) string {
	n := (p.thread.position(p)-1)/f.opts.PostsPerPage + 1
	return p.thread.path() + pageSuffix(n) + "#post-" + strconv.Itoa(p.id)
}

func (f *Forum) postRoutes(q request) reply {
	id := idOf(q.at(1))
	if q.at(0) == "goto" {
		id, _ = strconv.Atoi(q.query.Get("id"))
	}
	p := f.m.posts[id]
	if p == nil {
		return f.missing(q, "The requested post could not be found.")
	}
	if p.thread.board.membersOnly {
		return f.wall(q)
	}
	switch q.at(2) {
	case "permalink":
		return f.plainPage(q, "Permalink for Post #"+strconv.Itoa(p.thread.position(p)), q.base+f.postPath(p))
	case "likes":
		return f.likersPage(q, p)
	case "":
		return redirect(http.StatusMovedPermanently, f.postPath(p))
	}
	return f.wall(q)
}

func (f *Forum) memberRoutes(q request) reply {
	if q.at(1) == "" || q.at(1) == "list" {
		return f.membersPage(q)
	}
	u := f.m.userByID(idOf(q.at(1)))
	if u == nil {
		return f.missing(q, "The specified member cannot be found. Please enter a member's entire name.")
	}
	switch q.at(2) {
	case "":
		return f.memberPage(q, u)
	case "recent-activity", "recent-content":
		return f.resultsPage(q, "Recent Content by "+u.name, u)
	case "trophies":
		return f.plainPage(q, "Trophies Awarded to "+u.name, num(u.trophies)+" points.")
	}
	return f.wall(q)
}

func (f *Forum) findRoutes(q request) reply {
	switch q.at(0) {
	case "find-new":
		if q.at(1) == "profile-posts" {
			return f.plainPage(q, "New Profile Posts", "There are no new profile posts.")
		}
		return f.newThreadsPage(q)
	case "recent-activity":
		return f.resultsPage(q, "Recent Activity", nil)
	}
	if q.at(1) == "member" {
		id, _ := strconv.Atoi(q.query.Get("user_id"))
		if u := f.m.userByID(id); u != nil {
			return f.resultsPage(q, "Search Results", u)
		}
	}
	return f.plainPage(q, "Search", "Enter your search above: everything, or the threads and posts of one member.")
}

func (f *Forum) miscRoutes(q request) reply {
	switch q.at(0) + "/" + q.at(1) {
	case "misc/quick-navigation-menu":
		return f.quickNav(q)
	case "misc/contact":
		return f.plainPage(q, "Contact Us", "Write to the secretary, or leave a note with the library.")
	case "help/terms":
		return f.plainPage(q, "Terms and Rules", "Be kind, be brief on Sundays, and return borrowed tools.")
	case "online/":
		return f.plainPage(q, "Current Visitors", "There are no members online at this moment.")
	case "misc/location-info", "misc/lightbox":
		return f.plainPage(q, "Location", q.query.Get("location"))
	}
	return f.plainPage(q, "Help", "Smilies, BB codes, trophies and cookies are explained by whoever is at the kettle.")
}
