// Package xf2 holds what XenForo 2 and its forks share: the page's template and
// kind, breadcrumb, page navigation, account names, cards and profiles, post
// bodies, reactions, attachments, polls, structured data and listings.
//
// Its steps: New prepares a Reader for one page; an engine asks it for the kind,
// reads threads and posts by its own markup with the Reader's tools, and leaves
// listings and member pages to it. Selectors follow the stock templates of
// XenForo 2.0 to 2.3; ids and data attributes come first, classes second.
package xf2

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Reader reads one page.
type Reader struct {
	Doc    *dom.Document
	Clock  *dom.Clock
	Facts  forum.Facts
	Page   *forum.Page
	Gaps   dom.Gaps
	status int
	posted *Posting // cached by Posting
}

// New prepares a reader; the page's version, root and language are set.
func New(c forum.Capture, f forum.Facts, d *dom.Document) *Reader {
	r := &Reader{Doc: d, Clock: dom.NewClock(c, f, d), Facts: f, Page: &forum.Page{}, status: c.Status}
	r.Page.EngineVersion = version(d)
	r.Page.Root = r.root()
	return r
}

// Finish moves what was collected into the page. Every time carries its offset,
// so no zone is learned.
func (r *Reader) Finish() *forum.Page {
	r.Page.Gaps = r.Gaps
	perPage := r.Page.Learned.PostsPerPage
	r.Page.Learned = r.Clock.Learned()
	r.Page.Learned.PostsPerPage = perPage
	r.Page.Learned.Lang = r.Doc.Lang
	return r.Page
}

var (
	selHTML   = dom.Sel("html")
	selBody   = dom.Sel("body")
	selScript = dom.Sel("script:not([src])")
)

// version is what the page gives away: html[data-xf] since 2.3.
func version(d *dom.Document) string {
	if v := d.FindMatcher(selHTML).AttrOr("data-xf", ""); v != "" {
		return v
	}
	return "2"
}

var reFullBase = regexp.MustCompile(`fullBase["']?\s*:\s*["'](https?:[^"']+)["']`)

// root is the base that the page's own script configuration names, else what
// the address says.
func (r *Reader) root() string {
	found := ""
	r.Doc.FindMatcher(selScript).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if m := reFullBase.FindStringSubmatch(s.Text()); m != nil {
			found = strings.ReplaceAll(m[1], `\/`, "/")
		}
		return found == ""
	})
	if found != "" && r.Doc.SameHost(found) {
		return strings.TrimSuffix(found, "/") + "/"
	}
	if r.Doc.URL.Host == "" {
		return ""
	}
	if u := parse(r.Doc.Canonical()); u != nil && r.Doc.SameHost(u.String()) {
		if root, route, _ := xfurl.Split(u); route != "" {
			return u.Scheme + "://" + u.Host + root
		}
	}
	root, _, _ := xfurl.Split(r.Doc.URL)
	return r.Doc.URL.Scheme + "://" + r.Doc.URL.Host + root
}

func parse(href string) *url.URL {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// Template is the name of the page's content template: html[data-template] and
// body[data-template], else the class template-NAME of the root.
func (r *Reader) Template() string {
	root := r.Doc.FirstOf(selHTML)
	for _, name := range []string{root.AttrOr("data-template", ""), r.Doc.FindMatcher(selBody).AttrOr("data-template", "")} {
		if name != "" {
			return name
		}
	}
	for class := range strings.FieldsSeq(root.AttrOr("class", "")) {
		if name, ok := strings.CutPrefix(class, "template-"); ok {
			return name
		}
	}
	return ""
}

var (
	selNode        = dom.Sel(".node[class*='node--']")
	selRow         = dom.Sel(".structItem--thread, [class*='js-threadListItem-'], .message--article:has(.article-title)")
	selMember      = dom.Sel(".memberHeader, .memberTooltip")
	selError       = dom.Sel(".p-body-pageContent > .blockMessage, .p-body-content > .blockMessage, .blockMessage--error")
	selLoginForm   = dom.Sel(".p-body form[action*='login/login'], .p-body form[action$='/login/'], form.block[action*='login']")
	selThreadTitle = dom.Sel("[data-lb-id^='thread-'], .block--messages[data-type='post']")
)

// Kind is the page's kind by its template's name, else by what is on it.
// Whether it holds posts is the engine's to say.
func (r *Reader) Kind(posts bool) forum.Kind {
	name := r.Template()
	if posts && !strings.HasPrefix(name, "forum_view") {
		return forum.KindThread
	}
	switch {
	case strings.HasPrefix(name, "thread_view"):
		return forum.KindThread
	case strings.HasPrefix(name, "forum_view"), name == "category_view":
		return forum.KindBoard
	case name == "forum_list", name == "forum_new_posts", name == "forum_overview_wrapper":
		return r.kindOfOverview()
	case name == "member_view", name == "member_about", name == "member_tooltip":
		return forum.KindProfile
	case strings.HasPrefix(name, "search_results"), strings.HasPrefix(name, "whats_new"), name == "tag_view", name == "watched_threads_list":
		return forum.KindSearch
	case strings.HasPrefix(name, "login"):
		return forum.KindLogin
	case strings.HasPrefix(name, "error"):
		return r.errorKind()
	case name != "" && !r.known():
		return forum.KindOther
	}
	return r.kindByContent()
}

// known tells whether something on the page shows its kind in spite of an
// unknown template: add-ons rename them.
func (r *Reader) known() bool {
	return r.rows().Length() > 0 || r.nodes().Length() > 0 || r.Doc.Has(selMember)
}

func (r *Reader) kindOfOverview() forum.Kind {
	if r.nodes().Length() == 0 && r.rows().Length() > 0 {
		return forum.KindSearch
	}
	return forum.KindIndex
}

func (r *Reader) kindByContent() forum.Kind {
	switch {
	case r.Doc.Has(selMember):
		return forum.KindProfile
	case r.rows().Length() > 0:
		return forum.KindBoard
	case r.nodes().Length() > 0:
		return forum.KindIndex
	case r.Doc.Has(selThreadTitle):
		return forum.KindThread
	case r.Doc.Has(selLoginForm):
		return forum.KindLogin
	case r.Doc.Has(selError):
		return r.errorKind()
	}
	return forum.KindOther
}

// reDenied finds the word for permission in the languages that the engine is
// translated to: its error page tells the reason in words only.
var reDenied = regexp.MustCompile(`(?i)permission|berechtig|rechte|autoris|permiso|permess|permiss|toestemming|bevoegd|uprawn|прав|разреш|дозв|oprávn|behörighet|tilladelse|tillatelse|oikeu|jogosult|yetki|izin|権限|权限|權限|권한|صلاحي|quyền|δικαί`)

// errorKind reads the error template: the status tells, and behind a 200 the
// message's words must.
func (r *Reader) errorKind() forum.Kind {
	switch {
	case r.status == 404 || r.status == 410:
		return forum.KindMissing
	case r.status == 401:
		return forum.KindLogin
	case r.status == 403:
		return forum.KindDenied
	case r.status == 429:
		return forum.KindRateLimited
	case r.status >= 500:
		return forum.KindMaintenance
	case r.Doc.Has(selLoginForm):
		return forum.KindLogin
	case reDenied.MatchString(dom.Text(r.Doc.FirstOf(selError))):
		return forum.KindDenied
	}
	return forum.KindMissing
}

var (
	selCrumbs    = dom.Sel(".p-breadcrumbs")
	selCrumbLink = dom.Sel("li a[href]")
	selCrumbName = dom.Sel("[itemprop='name']")
)

// Path is the first breadcrumb without the links to the site and to the board
// index, which name no board. Forums may rename the route of their boards: what
// stands in the breadcrumb and ends in an id is one.
func (r *Reader) Path() []forum.Crumb {
	var out []forum.Crumb
	r.Doc.FirstOf(selCrumbs).FindMatcher(selCrumbLink).Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		name := dom.Text(dom.First(a, selCrumbName))
		if name == "" {
			name = dom.Text(a)
		}
		id := BoardID(href)
		if id == "" {
			id = xfurl.LastID(href)
		}
		if name != "" && id != "" {
			out = append(out, forum.Crumb{Name: name, URL: r.Doc.Resolve(href), ID: id})
		}
	})
	return out
}

// BoardID is the id of the board or category that a link leads to: its number,
// else the name that the board has in its address, or "".
func BoardID(href string) string {
	if id := xfurl.ForumID(href); id != "" {
		return id
	}
	return xfurl.ForumName(href)
}

var (
	selNavCurrent = dom.Sel(".pageNav-page--current")
	selNavLink    = dom.Sel(".pageNav-main a[href], a.pageNavSimple-el[href], a.pageNav-jump[href], .california-page-nav a[href]")
	selNavJump    = dom.Sel("input.js-pageJumpPage[max]")
	selNavNext    = dom.Sel("a.pageNav-jump--next[href], a.pageNavSimple-el--next[href]")
	selNavOuter   = dom.Sel(".pageNavWrapper, .pageNav, .pageNavSimple")
	selAside      = dom.Sel("[data-widget-id], [data-widget-key], .p-body-sidebar, .p-body-sideNav, .block--similarContents, .menu--account, .message")
	selPageURL    = dom.Sel("[data-page-url*='page-%page%']")
)

// Pages reads the page navigation of the content: widgets beside it have their
// own. Without one there is a single page.
func (r *Reader) Pages(current, last *int) {
	*current, *last = xfurl.PageNumber(r.Doc.URL.String()), 1
	nav := r.Doc.FindMatcher(selNavOuter).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return dom.Closest(s.Nodes[0], selAside) == nil
	}).First()
	if n := dom.Count(dom.Text(dom.First(nav, selNavCurrent))); n != nil && *n > 0 {
		*current = int(*n)
	}
	nav.FindMatcher(selNavLink).Each(func(_ int, a *goquery.Selection) {
		*last = max(*last, xfurl.PageNumber(a.AttrOr("href", "")))
	})
	nav.FindMatcher(selNavJump).Each(func(_ int, s *goquery.Selection) {
		if n := dom.Count(s.AttrOr("max", "")); n != nil {
			*last = max(*last, int(*n))
		}
	})
	*last = max(*last, *current)
	r.Page.Next = r.nextPage(nav, *current, *last)
}

func (r *Reader) nextPage(nav *goquery.Selection, current, last int) string {
	if next := r.Doc.NextLink(); next != "" {
		return next
	}
	if current >= last {
		return ""
	}
	if href := dom.First(nav, selNavNext).AttrOr("href", ""); href != "" {
		return r.Doc.Resolve(href)
	}
	found := ""
	nav.FindMatcher(selNavLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if href := a.AttrOr("href", ""); xfurl.PageNumber(href) == current+1 {
			found = r.Doc.Resolve(href)
		}
		return found == ""
	})
	if pattern := dom.First(nav, selPageURL).AttrOr("data-page-url", ""); found == "" && pattern != "" {
		found = r.Doc.Resolve(strings.ReplaceAll(pattern, "%page%", itoa(current+1)))
	}
	return found
}
