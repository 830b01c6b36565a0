// Package discourse reads Discourse 1.x to 3.x and its yearly releases.
//
// A topic has two faces. Browsers get the data of the page as JSON in an
// attribute (#data-preloaded); readers without scripts get plain HTML, in a
// noscript element beside that data or, when the user agent is none of a
// browser, as the whole page. Its steps: Read takes the JSON where it is
// (topic.go, post.go, lists.go, profile.go) and the plain HTML where it is not
// (crawler.go), else what scripts have drawn (rendered.go), and reads bodies, which are the same in both, after rewriting
// what the engine has put in for authors' bare links and pictures (body.go).
//
// The same data answers addresses with ".json" added (api.go), which a page
// without content names as the place where its scripts get it.
//
// Two facts shape the ids. The plain HTML names a post by its number in the
// topic only, so there the post's id is "TOPIC/NUMBER", the engine's own way to
// address it; the data's native id is used where it is given. A post's key is
// made of topic and number in either case. Accounts are
// known by their user name, which is unique and the one key that both faces,
// quotes, mentions and addresses have in common.
package discourse

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads Discourse.
type Engine struct{}

// Name is "discourse".
func (Engine) Name() string { return "discourse" }

var (
	selGenerator   = dom.Sel("meta[name=generator i]")
	selPreloaded   = dom.Sel("#data-preloaded")
	selSetup       = dom.Sel("#data-discourse-setup")
	selMain        = dom.Sel("section#main")
	selScript      = dom.Sel("script:not([src])")
	selConfig      = dom.Sel("meta[name^='discourse/config'], meta[name='discourse_theme_id'], meta[name='discourse-base-uri'], meta[name='discourse_current_homepage']")
	selCrawlerMark = dom.Sel(".crawler-post[id^='post_'], .crawler-post[itemprop='comment']")                                                                                                                       // the pager has the class too
	selCrawlerPost = dom.Sel(".crawler-post[id^='post_'], .crawler-post[itemprop='comment'], [itemscope]:haschild(.creator), [itemscope]:haschild(.post), [itemtype$='DiscussionForumPosting']:haschild(.creator)") // the last up to version 2.0
	selPosting2    = dom.Sel("[itemtype$='DiscussionForumPosting']:haschild(.creator)")
	selPowered     = dom.Sel("footer a[href='https://www.discourse.org'], footer a[href='http://www.discourse.org']")
	selDrawnStream = dom.Sel(".topic-post article[id^='post_'][data-post-id] .cooked")
	selCrawlerList = dom.Sel("#main-outlet table.topic-list .topic-list-item, #main-outlet table.category-list")
	selNotFound    = dom.Sel(".page-not-found")
	selLogin       = dom.Sel("#login-form, .login-welcome, .login-modal, .login-fullpage")
)

// marks are the generator, which no site is known to remove, then the carriers
// of the application's data, then the list markup of the plain HTML.
var marks = []dom.Mark{
	{Name: "meta generator Discourse", Weight: 80, Match: selGenerator, Attr: "content", Text: "discourse "},
	{Name: "#data-preloaded", Weight: 40, Match: selPreloaded},
	{Name: "#data-discourse-setup", Weight: 40, Match: selSetup},
	{Name: "discourse/config meta", Weight: 30, Match: selConfig},
	{Name: ".crawler-post", Weight: 50, Match: selCrawlerMark},
	{Name: "posting with its .creator", Weight: 30, Match: selPosting2},
	{Name: "the footer's link to Discourse", Weight: 30, Match: selPowered},
	{Name: "post as the scripts draw it", Weight: 50, Match: selDrawnStream},
	{Name: "topic list in #main-outlet", Weight: 20, Match: selCrawlerList},
	{Name: "PreloadStore", Weight: 60, Test: func(d *dom.Document) bool { return d.Has(selMain) && storesData(d) }},
}

// Detect lists the marks that are on the page, or in an answer of the engine's
// API.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if d.Data.Exists() {
		return apiSignals(d.Data)
	}
	return d.Signals(marks)
}

// storesData tells pages of version 1, whose scripts hand the data over.
func storesData(d *dom.Document) bool {
	for _, s := range d.FindMatcher(selScript).EachIter() {
		if strings.Contains(s.Text(), "PreloadStore.store(") {
			return true
		}
	}
	return false
}

// reader reads one page.
type reader struct {
	doc   *dom.Document
	clock *dom.Clock
	facts forum.Facts
	page  *forum.Page
	gaps  dom.Gaps
	data  dom.JSON // the preloaded data, by key; each value may be JSON in a string
	names map[string]string
	posts map[int64]string // ids of the topic's posts by number
	topic string           // id of the topic being read
	cats  map[string]category
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, names: map[string]string{}, posts: map[int64]string{}}
	r.page.EngineVersion = version(d.Generator())
	r.page.Root = r.root()
	r.read(c)
	r.page.PostKeyIDs = r.keyIDs()
	r.page.Gaps = r.gaps
	if r.page.Learned == (forum.Facts{}) {
		r.page.Learned = r.clock.Learned()
	}
	r.page.Learned.Lang = d.Lang
	return r.page, nil
}

// read takes the page's data where it is, else what readers without scripts get,
// else what the page says of what is not there.
func (r *reader) read(c forum.Capture) {
	if r.doc.Data.Exists() {
		r.data, r.page.Extract.Strategy, r.page.Kind = apiData(r.doc.Data), "api", forum.KindOther
		if !r.refused() {
			r.readData()
		}
		return
	}
	r.data, r.page.Extract.Strategy = preloaded(r.doc), "json_embedded"
	if r.readData() {
		return
	}
	r.page.Extract.Strategy = "dom"
	if !r.readPlain() && !r.shell(c) {
		r.page.Kind = forum.KindOther
	}
}

var reVersion = regexp.MustCompile(`(?i)^discourse (\d[\w.+-]*)`)

func version(generator string) string {
	if m := reVersion.FindStringSubmatch(generator); m != nil {
		return m[1]
	}
	return ""
}

// preloaded is the application's data: an object whose values are JSON in
// strings, in an attribute, or as an element's text.
func preloaded(d *dom.Document) dom.JSON {
	e := d.FirstOf(selPreloaded)
	source := e.AttrOr("data-preloaded", "")
	if source == "" {
		source = strings.TrimSpace(e.Text())
	}
	if source == "" {
		return stored(d)
	}
	j, err := dom.ParseJSON(source)
	if err != nil {
		return dom.JSON{}
	}
	return j
}

var reStored = regexp.MustCompile(`PreloadStore\.store\(\s*["']([\w/.-]+)["']\s*,\s*`)

// stored is the same data as version 1 hands it over: by one call for each key.
func stored(d *dom.Document) dom.JSON {
	members := map[string]dom.JSON{}
	d.FindMatcher(selScript).Each(func(_ int, s *goquery.Selection) {
		text := s.Text()
		for _, at := range reStored.FindAllStringSubmatchIndex(text, 100) {
			if j, err := dom.ParseJSON(text[at[1]:]); err == nil {
				members[text[at[2]:at[3]]] = j
			}
		}
	})
	return dom.Object(members)
}

// root is the forum's root: the base path that the page names, else what stands
// before the engine's own path segment in the address.
func (r *reader) root() string {
	u := r.doc.URL
	if u.Host == "" {
		return ""
	}
	base, ok := r.doc.FirstOf(selSetup).Attr("data-base-uri")
	if !ok {
		base = r.doc.Meta("discourse-base-uri")
		if base == "" {
			base, _ = split(u.Path)
		}
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(base, "/") + "/"
}

// absolute makes a path of the application absolute. Those in the data carry
// the base path already.
func (r *reader) absolute(href string) string {
	if href == "" {
		return ""
	}
	return r.doc.Resolve(href)
}

func (r *reader) topicURL(slug, id string) string {
	if slug == "" {
		return r.page.Root + "t/" + id
	}
	return r.page.Root + "t/" + escape(slug) + "/" + id
}

// escape gives a path segment its one canonical form, be it escaped already.
func escape(segment string) string {
	if raw, err := url.PathUnescape(segment); err == nil {
		segment = raw
	}
	return url.PathEscape(segment)
}

var reTopicKey = regexp.MustCompile(`^topic_(\d+)$`)

// readData reads the page from its preloaded data; false when it holds none of
// a page: the data of walls and of stripped captures.
func (r *reader) readData() bool {
	for _, key := range r.data.Keys() {
		value := r.data.At(key)
		switch {
		case reTopicKey.MatchString(key):
			if j := value.Nested(); j.At("post_stream").Exists() {
				r.topicPage(j)
				return true
			}
		case strings.HasPrefix(key, "user_"):
			if j := value.Nested().At("user"); j.At("username").Text() != "" {
				r.page.Kind = forum.KindProfile
				r.profile(j)
				return true
			}
		}
	}
	return r.listData()
}

// readPlain reads the HTML for readers without scripts; false when there is none.
func (r *reader) readPlain() bool {
	_, segs := split(r.doc.URL.Path)
	first := ""
	if len(segs) > 0 {
		first = segs[0]
	}
	switch {
	case r.doc.Has(selCrawlerPost):
		r.plainTopic()
	case r.doc.Has(selDrawnPost):
		r.drawnTopic()
	case r.doc.Has(selNotFound):
		r.page.Kind = forum.KindMissing
	case first == "login" || first == "session" || r.doc.Has(selLogin):
		r.page.Kind = forum.KindLogin
	case r.plainLists():
	case (first == "u" || first == "users") && len(segs) > 1:
		r.plainProfile(segs[1])
	default:
		return false
	}
	return true
}

// dataSuffix makes of a page's address that of its data.
const dataSuffix = ".json"

// split cuts an address's path, be it of a page or of its data, into the forum's
// base path and the segments from the engine's own first one on.
func split(p string) (base string, segs []string) {
	segs = strings.FieldsFunc(strings.TrimSuffix(p, dataSuffix), func(r rune) bool { return r == '/' })
	for i, s := range segs {
		switch s {
		case "t", "c", "u", "users", "latest", "top", "categories", "login", "session", "tag", "tags", "search", "g", "badges", "p", "posts", "new", "unread", "hot", "about", "faq", "guidelines", "tos", "privacy", "signup", "my", "raw":
			if i <= 2 {
				return strings.TrimSuffix("/"+path.Join(segs[:i]...), "/"), segs[i:]
			}
		}
	}
	return "", nil
}

// avatar is an account's picture from a template with a place for its size;
// letters on a coloured ground are none of the account's own.
func (r *reader) avatar(template string) string {
	if template == "" || strings.Contains(template, "letter_avatar") {
		return ""
	}
	return r.doc.Resolve(strings.ReplaceAll(template, "{size}", "96"))
}

// name remembers an account's spelling, and gives the known one of a name that
// somebody has typed.
func (r *reader) name(typed string) string {
	if known := r.names[strings.ToLower(typed)]; known != "" {
		return known
	}
	return typed
}

func (r *reader) know(username string) {
	if username != "" {
		r.names[strings.ToLower(username)] = username
	}
}

func (r *reader) userURL(username string) string {
	if username == "" {
		return ""
	}
	return r.page.Root + "u/" + escape(username)
}

// user describes an account by one of the data's user objects.
func (r *reader) user(j dom.JSON) *forum.Author {
	username := j.At("username").Text()
	if username == "" {
		return nil
	}
	r.know(username)
	return &forum.Author{ID: username, Name: username, URL: r.userURL(username), AvatarURL: r.avatar(j.At("avatar_template").Text())}
}

// texts gives the text of every match.
func texts(s *goquery.Selection, m goquery.Matcher) []string {
	var out []string
	s.FindMatcher(m).Each(func(_ int, e *goquery.Selection) {
		if text := dom.Text(e); text != "" {
			out = append(out, text)
		}
	})
	return out
}
