// Package nodebb reads NodeBB 1 to 4 with the themes Persona and Harmony and
// those that are made from them.
//
// Every page carries twice what it shows: as elements, which the engine marks
// by component and data attributes that themes must keep, and as the data that
// its scripts start from (#ajaxify-data). Its steps: Read tells the page's kind
// from the template that the data names, then reads elements and data side by
// side (topic.go, post.go, lists.go, profile.go): the elements say what is shown
// and in what order, the data is exact where they round or leave out. Either
// one suffices. Bodies are read from the elements, else from the data (body.go).
package nodebb

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads NodeBB.
type Engine struct{}

// Name is "nodebb".
func (Engine) Name() string { return "nodebb" }

var (
	selData     = dom.Sel("script#ajaxify-data")
	selAssets   = dom.Sel("script[src*='nodebb.min.js'], link[href*='nodebb.min.js']")
	selTopic    = dom.Sel("[component='topic'][data-tid]")
	selPost     = dom.Sel("[component='post'][data-pid], [data-pid][data-index][data-timestamp]")
	selRow      = dom.Sel("[component='category/topic'][data-tid]")
	selCategory = dom.Sel("[component='categories/category'][data-cid], [component='categories/category']")
	selBody     = dom.Sel("body")
	selFooter   = dom.Sel("footer a[href*='nodebb.org'], #footer a[href*='nodebb.org']")
	selScript   = dom.Sel("script:not([src])")
	selLogin    = dom.Sel("form#login-form")
)

// marks are the data, then what only the engine's own templates write.
var marks = []dom.Mark{
	{Name: "script#ajaxify-data", Weight: 60, Match: selData},
	{Name: "nodebb.min.js", Weight: 50, Match: selAssets},
	{Name: "component topic", Weight: 50, Match: selTopic},
	{Name: "component post", Weight: 40, Match: selPost},
	{Name: "component category/topic", Weight: 50, Match: selRow},
	{Name: "component categories/category", Weight: 40, Match: selCategory},
	{Name: "footer names NodeBB", Weight: 20, Match: selFooter},
}

// Detect lists the marks that are on the page, or in an answer of the engine's
// API: the data of a page, to its address behind /api.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if !d.Data.Exists() {
		return d.Signals(marks)
	}
	if d.Data.At("template", "name").Exists() && d.Data.Has("relative_path") && d.Data.Has("loggedIn") {
		return []dom.Signal{{Name: "data of a template", Weight: 80}}
	}
	return nil
}

// reader reads one page.
type reader struct {
	doc     *dom.Document
	clock   *dom.Clock
	facts   forum.Facts
	page    *forum.Page
	gaps    dom.Gaps
	data    dom.JSON
	perPage int
	uids    map[string]string // account ids by slug and by "@name", as the page's posts show them
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, uids: map[string]string{}}
	if r.data = d.Data; r.data.Exists() {
		r.page.Extract.Strategy = "api"
	} else if j, err := dom.ParseJSON(d.FirstOf(selData).Text()); err == nil {
		r.data = j
	}
	r.page.Root = r.root()
	r.config()
	r.page.Kind = r.kind()
	switch r.page.Kind {
	case forum.KindThread:
		r.topic()
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		r.lists()
	case forum.KindProfile:
		r.profile()
	}
	r.page.Gaps = r.gaps
	learned := r.clock.Learned()
	learned.Lang, learned.PostsPerPage = d.Lang, r.perPage
	r.page.Learned = learned
	return r.page, nil
}

// root is the forum's root: the base path that the data gives, else what
// stands before the engine's own path segment in the address.
func (r *reader) root() string {
	u := r.doc.URL
	if u.Host == "" {
		return ""
	}
	base := r.data.At("relative_path").Text()
	if !r.data.Has("relative_path") {
		base, _ = split(u.Path)
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(base, "/") + "/"
}

var rePerPage = regexp.MustCompile(`"postsPerPage":\s*"?(\d{1,4})`)

// config reads the posts per page from the settings that the page's scripts
// start with.
func (r *reader) config() {
	r.doc.FindMatcher(selScript).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if s.IsMatcher(cssAjaxifyData) {
			return true
		}
		m := rePerPage.FindStringSubmatch(s.Text())
		if m == nil {
			return true
		}
		r.perPage, _ = strconv.Atoi(m[1])
		return false
	})
}

// template is the name of the template that made the page, from the data, else
// from the classes of body.
func (r *reader) template() string {
	if name := r.data.At("template", "name").Text(); name != "" {
		return name
	}
	for class := range strings.FieldsSeq(r.doc.FirstOf(selBody).AttrOr("class", "")) {
		if name, ok := strings.CutPrefix(class, "template-"); ok {
			return strings.ReplaceAll(name, "account-", "account/")
		}
	}
	return ""
}

func (r *reader) kind() forum.Kind {
	switch r.template() {
	case "topic":
		return forum.KindThread
	case "category":
		return forum.KindBoard
	case "categories":
		return forum.KindIndex
	case "account/profile":
		return forum.KindProfile
	case "recent", "popular", "top", "unread", "tag", "search", "world", "users", "account/posts", "account/topics":
		return forum.KindSearch
	case "login", "register", "registerComplete":
		return forum.KindLogin
	case "403":
		return forum.KindDenied
	case "404":
		return forum.KindMissing
	case "500", "503", "504":
		return forum.KindMaintenance
	}
	return r.kindByContent()
}

func (r *reader) kindByContent() forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	switch {
	case has(selPost):
		return forum.KindThread
	case has(selRow):
		return forum.KindBoard
	case has(selCategory):
		return forum.KindIndex
	case has(selLogin):
		return forum.KindLogin
	}
	return forum.KindOther
}

// text is a string of the data as a reader sees it: the data is escaped for
// HTML. Keys of translations ("[[global:guest]]") are no text.
func text(j dom.JSON) string {
	s := j.Text()
	if strings.HasPrefix(s, "[[") && strings.HasSuffix(s, "]]") {
		return ""
	}
	return dom.FragmentText(s)
}

// shown tells elements that themes leave in place and hide.
func shown(s *goquery.Selection) bool {
	return s.Length() > 0 && !dom.Is(s, "hidden") && !dom.Is(s, "hide")
}
