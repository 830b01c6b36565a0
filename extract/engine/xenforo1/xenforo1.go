// Package xenforo1 reads XenForo 1.0 to 1.5 and its common themes.
//
// Its steps: Read tells the page's kind from the content template that the
// engine names in #content and from what stands on the page, then reads the
// thread (thread.go), its posts (post.go), listings (listing.go) or a member
// page (profile.go). Selectors follow the engine's stock templates; themes that
// wrap or move elements are covered by second choices.
package xenforo1

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads XenForo 1.
type Engine struct{ xfurl.Routes }

// Name is "xenforo1".
func (Engine) Name() string { return "xenforo1" }

var (
	selRoot      = dom.Sel("html#XenForo")
	selScript    = dom.Sel("script[src*='js/xenforo/'], link[href*='css.php?css=xenforo']")
	selDateTime  = dom.Sel(".DateTime")
	selMessage   = dom.Sel("li.message[data-author], ol.messageList > li.message, li.message[id^='post-']")
	selCopyright = dom.Sel("#copyright, .footerLegal")
	selContent   = dom.Sel("#content")
	selError     = dom.Sel(".errorOverlay, .errorPanel, .error_with_login, #content.error, .pageLogin, .messageBody .OverlayCloser")
	selErrorText = dom.Sel("#content .errorOverlay, #content .errorPanel, #content .baseHtml")
	selLoginForm = dom.Sel("#content form.xenForm[action*='login'], #content #pageLogin, #content.error_with_login form, form#pageLogin")
)

// marks are the root's id, which themes keep, then assets and list markup.
var marks = []dom.Mark{
	{Name: "html#XenForo", Weight: 90, Match: selRoot},
	{Name: "js/xenforo or css.php?css=xenforo", Weight: 30, Match: selScript},
	{Name: "li.message of a message list", Weight: 20, Match: selMessage},
	{Name: "footer names XenForo", Weight: 20, Match: selCopyright, Text: "XenForo"},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar that both XenForos share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return xfurl.Canonical(u) }

// reader reads one page.
type reader struct {
	doc   *dom.Document
	clock *dom.Clock
	facts forum.Facts
	page  *forum.Page
	gaps  dom.Gaps

	status int
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, status: c.Status}
	r.page.EngineVersion = version(d)
	r.page.Root = r.root()
	r.calibrate()
	r.page.Kind = r.kind()
	switch r.page.Kind {
	case forum.KindThread:
		r.thread()
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		r.listings()
	case forum.KindProfile:
		r.profile()
	}
	r.page.Gaps = r.gaps
	perPage := r.page.Learned.PostsPerPage
	r.page.Learned = r.clock.Learned()
	r.page.Learned.PostsPerPage = perPage
	r.page.Learned.Lang = d.Lang
	return r.page, nil
}

// version is what the page gives away: the footer names years only, so this is
// the major version.
func version(*dom.Document) string { return "1" }

func (r *reader) root() string {
	if r.doc.Base != r.doc.URL && r.doc.Base.Host != "" {
		return strings.TrimSuffix(r.doc.Base.String(), "/") + "/"
	}
	root, _, _ := xfurl.Split(r.doc.URL)
	if r.doc.URL.Host == "" {
		return ""
	}
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + root
}

// calibrate learns the forum's zone from recent times, which carry an epoch
// beside the date and time as the forum shows them.
func (r *reader) calibrate() {
	r.doc.FindMatcher(selEpoch).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		n := s.Nodes[0]
		at := r.clock.Machine(dom.Attr(n, "data-time"), "").At
		shown := dom.Attr(n, "data-datestring") + " " + dom.Attr(n, "data-timestring")
		return !r.clock.Calibrate(at, shown)
	})
}

var selEpoch = dom.Sel("abbr.DateTime[data-time][data-datestring][data-timestring]")

// kind reads the template name that the engine writes as the class of
// #content, and falls back to what is on the page.
func (r *reader) kind() forum.Kind {
	content := r.doc.FirstOf(selContent)
	if len(r.messages()) > 0 {
		return forum.KindThread
	}
	switch class := content.AttrOr("class", ""); {
	case strings.Contains(class, "thread_view"):
		return forum.KindThread
	case strings.Contains(class, "forum_list"):
		return forum.KindIndex
	case strings.Contains(class, "forum_view") || strings.Contains(class, "category_view"):
		return forum.KindBoard
	case strings.Contains(class, "member_view"):
		return forum.KindProfile
	case strings.Contains(class, "search_results") || strings.Contains(class, "find_new"):
		return forum.KindSearch
	case strings.Contains(class, "login"), r.doc.Has(selLoginForm) && !r.isPortal(class) && !r.isGone():
		return forum.KindLogin
	case strings.Contains(class, "error"):
		return r.errorKind()
	}
	return r.kindByContent()
}

// isPortal tells a page of news at the root, which may hold the form that every
// page has: its template is neither the engine's error nor its login.
func (r *reader) isPortal(class string) bool {
	l, ok := xfurl.Canonical(r.doc.URL)
	return ok && l.Kind == forum.KindIndex && !strings.Contains(class, "error")
}

// isGone tells a page that is no more: the page template gives guests the login
// bar's form within the content, on the error page too.
func (r *reader) isGone() bool { return r.status == 404 || r.status == 410 }

// reDenied finds the word for permission in the languages that the engine is
// translated to: its error page tells the reason in words only.
var reDenied = regexp.MustCompile(`(?i)permission|berechtig|rechte|autoris|permiso|permess|permiss|toestemming|bevoegd|uprawn|прав|разреш|дозв|oprávn|behörighet|tilladelse|tillatelse|oikeu|jogosult|yetki|izin|権限|权限|權限|권한|صلاحي|quyền|δικαί`)

// errorKind reads the error template: the status tells, and behind a 200 the
// message's words must.
func (r *reader) errorKind() forum.Kind {
	switch {
	case r.isGone():
		return forum.KindMissing
	case r.status == 401:
		return forum.KindLogin
	case r.status == 403:
		return forum.KindDenied
	case r.status == 429:
		return forum.KindRateLimited
	case r.status >= 500:
		return forum.KindMaintenance
	case reDenied.MatchString(dom.Text(r.doc.FirstOf(selErrorText, selContent))):
		return forum.KindDenied
	}
	return forum.KindMissing
}

func (r *reader) kindByContent() forum.Kind {
	switch {
	case r.doc.Has(selRow):
		return forum.KindBoard
	case r.doc.Has(selNode):
		return forum.KindIndex
	case r.doc.Has(selProfilePage):
		return forum.KindProfile
	case r.doc.Has(selError):
		return r.errorKind()
	}
	return forum.KindOther
}
