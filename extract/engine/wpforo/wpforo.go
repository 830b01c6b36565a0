// Package wpforo reads wpForo 1 to 3, a forum plugin of WordPress, in its five
// layouts (extended, simplified, questions and answers, threaded, boxed).
//
// Its steps: Read takes the kind from what stands in the plugin's wrapper, whose
// class names the template in every theme; then it reads the thread (thread.go),
// its posts (post.go, body.go), listings (listing.go) or a member (profile.go).
// Posts carry their number and their author's as data for the plugin's scripts,
// in every layout. Addresses hold words alone, below a page that sites name as
// they like (url.go).
package wpforo

import (
	"net/url"
	"regexp"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads wpForo.
type Engine struct{}

// Name is "wpforo".
func (Engine) Name() string { return "wpforo" }

var (
	selPowered   = dom.Sel("#bywpforo, #wpforo-poweredby a")
	selAsset     = dom.Sel("link[href*='/plugins/wpforo/'], script[src*='/plugins/wpforo/']")
	selTitle     = dom.Sel("#wpforo-title")
	selPostPage  = dom.Sel(".wpft-post")
	selTopicPage = dom.Sel(".wpft-topic")
	selIndexPage = dom.Sel(".wpft-forum")
	selFindPage  = dom.Sel(".wpft-search, .wpft-recent, .wpft-tags, .wpft-members, .wpforo-recent-content, .wpforo-search-content")
	selProfile   = dom.Sel(".wpforo-profile")
	selNotFound  = dom.Sel(".wpforo-404-wrap, .wpf-404")
	selLogin     = dom.Sel("form[name=wpflogin], .wpforo-login-wrap input[type=password]")
	selRefusal   = dom.Sel("p.wpf-p-error")
	selHeadBar   = dom.Sel(".wpf-head-bar")
	selHomeLink  = dom.Sel(".wpf-breadcrumb .wpf-root a[href]:not([href='#'])")
	selPassword  = dom.Sel(".wpforo-content form.post-password-form")
)

// marks are the plugin's own wrapper and what its scripts need; its style sheets
// alone may be on any page of the site.
var marks = []dom.Mark{
	{Name: "#wpforo-wrap", Weight: 50, Match: dom.Sel("#wpforo-wrap")},
	{Name: "#wpforo", Weight: 30, Match: dom.Sel("#wpforo")},
	{Name: ".wpft-… of the template", Weight: 35, Match: dom.Sel("[class*='wpft-'][class*='wpf-theme-'], [class*='wpft-'][class*='is_wpforo_page-1']")},
	{Name: "Powered by wpForo", Weight: 35, Match: selPowered},
	{Name: ".wpforo-main", Weight: 20, Match: dom.Sel(".wpforo-main, .wpforo-content")},
	{Name: ".wpfl-N", Weight: 30, Match: dom.Sel(".wpfl-1 .wpforo-post, .wpfl-2 .wpforo-post, .wpfl-3 .wpforo-post, .wpfl-4 .wpforo-post, .wpforo-section, .topic-wrap .wpforo-topic, .forum-wrap .wpforo-forum")},
	{Name: "plugins/wpforo/", Weight: 15, Match: selAsset},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps a link to the page it leads to (url.go).
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return canonical(u) }

// reader reads one page.
type reader struct {
	doc   *dom.Document
	clock *dom.Clock
	facts forum.Facts
	page  *forum.Page
	gaps  dom.Gaps
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, facts: f, page: &forum.Page{}}
	all := r.messages()
	r.clock = r.newClock(c, f, all)
	r.page.Root = r.root()
	r.page.EngineVersion = r.version()
	r.page.Kind = r.kind(len(all))
	switch r.page.Kind {
	case forum.KindThread:
		r.thread(all)
	case forum.KindBoard, forum.KindIndex:
		r.listings()
	case forum.KindProfile:
		r.profile()
	}
	r.page.Gaps = r.gaps
	z := r.clock.Learned()
	z.PostsPerPage, z.Lang = r.page.Learned.PostsPerPage, d.Lang
	r.page.Learned = z
	return r.page, nil
}

var rePlainDate = regexp.MustCompile(`\b\d\d/(\d\d)/\d{4} \d{1,2}:\d\d [AaPp][Mm]\b`)

// newClock knows the plugin's own form "04/10/2025 6:05 pm", which has the day
// first in every language; only where a date of the page has its month in front
// has the site set another one.
func (r *reader) newClock(c forum.Capture, f forum.Facts, all []*message) *dom.Clock {
	if f.DateOrder == "" {
		f.DateOrder = r.order(all)
	}
	return dom.NewClock(c, f, r.doc)
}

func (r *reader) order(all []*message) string {
	order := ""
	for _, m := range all {
		d := rePlainDate.FindStringSubmatch(m.date())
		if d == nil {
			continue
		}
		if d[1] > "12" {
			return "mdy"
		}
		order = "dmy"
	}
	return order
}

// root is the forum's own page, from the breadcrumb, else from the address.
func (r *reader) root() string {
	if href := r.doc.Resolve(r.doc.FindMatcher(selHomeLink).First().AttrOr("href", "")); href != "" && r.doc.SameHost(href) {
		if u, err := url.Parse(href); err == nil && u.RawQuery == "" {
			return slashed(u.Scheme + "://" + u.Host + u.EscapedPath())
		}
	}
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		u, err := url.Parse(href)
		if err != nil || u.Host == "" {
			continue
		}
		if t, ok := parsePath(u.EscapedPath()); ok && t.kind != forum.KindProfile {
			return u.Scheme + "://" + u.Host + t.root
		}
	}
	return ""
}

func slashed(s string) string {
	if s[len(s)-1] == '/' {
		return s
	}
	return s + "/"
}

var reVersion = regexp.MustCompile(`\d+(?:\.\d+)+`)

func (r *reader) version() string {
	if v := reVersion.FindString(dom.Text(r.doc.FindMatcher(selPowered).First())); v != "" {
		return v
	}
	version := ""
	r.doc.FindMatcher(selAsset).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		version = reVersion.FindString(dom.Param(s.AttrOr("href", "")+s.AttrOr("src", ""), "ver"))
		return version == ""
	})
	return version
}

// kind tells by what is on the page; the wrapper's class names the template
// where that is nothing.
func (r *reader) kind(posts int) forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.FindMatcher(m).Length() > 0 }
	switch {
	case has(selNotFound):
		return forum.KindMissing
	case has(selProfile):
		return forum.KindProfile
	case has(selFindPage):
		return forum.KindSearch
	case posts > 0:
		return forum.KindThread
	case has(selLogin):
		return forum.KindLogin
	case has(selPassword):
		return forum.KindDenied
	case has(selRow) && !r.isIndex():
		return forum.KindBoard
	case has(selBoard):
		if r.isIndex() {
			return forum.KindIndex
		}
		return forum.KindBoard
	case has(selTopicPage) && has(selHeadBar):
		return forum.KindBoard // without threads
	case has(selRefusal) && (has(selPostPage) || has(selTopicPage)):
		return forum.KindDenied
	case has(selIndexPage):
		return forum.KindIndex
	}
	return forum.KindOther
}

// isIndex tells the list of all boards: its breadcrumb has one step, which is
// the page itself.
func (r *reader) isIndex() bool {
	if l, ok := linkOf(r.doc.URL.String()); ok && l.Kind != forum.KindProfile {
		return l.Kind == forum.KindIndex
	}
	if r.doc.FindMatcher(selIndexPage).Length() > 0 {
		return len(r.crumbs()) == 0 && r.doc.FindMatcher(selHomeLink).Length() == 0
	}
	return false
}
