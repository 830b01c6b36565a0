// Package bbpress reads bbPress 2, the forum of WordPress.
//
// Its steps: Read tells the page's kind from what stands in the plugin's own
// wrapper, then reads the thread (thread.go), its posts (post.go, body.go),
// listings (listing.go) or a member page (profile.go). Themes bring templates of
// their own: what they keep are the classes that the plugin computes for each
// post (post-N, user-id-N, bbp-reply-position-N), so posts are found by these.
// Threads and boards have addresses without ids: keys hold the words (url.go).
package bbpress

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads bbPress.
type Engine struct{}

// Name is "bbpress".
func (Engine) Name() string { return "bbpress" }

var (
	selBody       = dom.Sel("body.bbpress")
	selWrap       = dom.Sel("#bbpress-forums")
	selParts      = dom.Sel(".bbp-reply-content, ul.bbp-topics, ul.bbp-forums, #bbp-user-wrapper, .bbp-lead-topic")
	selBreadcrumb = dom.Sel(".bbp-breadcrumb")
	selRootCrumb  = dom.Sel(".bbp-breadcrumb a.bbp-breadcrumb-root[href]")
	selSearch     = dom.Sel("#bbp-search-results")
	selUserPage   = dom.Sel("#bbp-user-wrapper, #bbp-user-profile, #bbp-single-user-details")
	selSingle     = dom.Sel("body.single-reply")
	selPrivate    = dom.Sel("#forum-private, #bbpress-forums .bbp-protected, #bbpress-forums form.post-password-form")
	selLoginForm  = dom.Sel("#bbpress-forums .bbp-login-form")
	selNotice     = dom.Sel("#bbpress-forums .bbp-template-notice")
)

// marks are the classes and ids that the plugin puts on its own pages; its
// style sheet alone may be on any page of the site.
var marks = []dom.Mark{
	{Name: "body.bbpress", Weight: 55, Match: selBody},
	{Name: "#bbpress-forums", Weight: 55, Match: selWrap},
	{Name: "bbp- lists and contents", Weight: 40, Match: selParts},
	{Name: ".bbp-breadcrumb", Weight: 20, Match: selBreadcrumb},
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

	rows, boards []*goquery.Selection // of a page of lists

	lead  bool // the topic's own post stands apart, above the replies
	dated bool // times have the plugin's classes, or those of many themes
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}}
	r.page.Root = r.root()
	all := r.messages()
	if len(all) == 0 {
		r.lists()
	}
	r.page.Kind = r.kind(len(all))
	switch r.page.Kind {
	case forum.KindThread, forum.KindPost:
		r.thread(all)
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
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

// root is what stands in the addresses of threads and boards before the first
// word of the grammar; the breadcrumb's own index where no address tells.
func (r *reader) root() string {
	u := r.doc.URL
	if u.Host == "" {
		return ""
	}
	base := u.Scheme + "://" + u.Host
	paths := []string{u.EscapedPath()}
	for _, m := range []goquery.Matcher{selBoardTitle, selRowTitle, selAccount} {
		if link, err := url.Parse(r.doc.Resolve(r.doc.FirstOf(m).AttrOr("href", ""))); err == nil {
			paths = append(paths, link.EscapedPath())
		}
	}
	for _, p := range paths {
		if t, ok := parsePath(p); ok {
			return base + t.root
		}
	}
	if href := r.doc.Resolve(r.doc.FirstOf(selRootCrumb).AttrOr("href", "")); href != "" {
		return strings.TrimSuffix(href, "/") + "/"
	}
	if isRoot(u.EscapedPath()) {
		return base + strings.TrimSuffix(u.EscapedPath(), "/") + "/"
	}
	return base + "/"
}

func (r *reader) kind(posts int) forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	switch {
	case has(selSearch):
		return forum.KindSearch
	case has(selUserPage):
		return forum.KindProfile
	case posts == 1 && has(selSingle):
		return forum.KindPost
	case posts > 0:
		return forum.KindThread
	case has(selPrivate):
		return forum.KindDenied
	case len(r.rows) > 0:
		return r.listKind()
	case len(r.boards) > 0:
		if crumbs := r.crumbs(); len(crumbs) > 0 || r.addressed(forum.KindBoard) {
			return forum.KindBoard
		}
		return forum.KindIndex
	case has(selLoginForm) && !r.addressed(forum.KindBoard):
		return forum.KindLogin
	case r.addressed(forum.KindBoard) && has(selWrap), has(selBoardBody):
		return forum.KindBoard
	case r.addressed(forum.KindThread) && has(selNotice):
		return forum.KindDenied
	}
	return forum.KindOther
}

var selBoardBody = dom.Sel("body.single-forum")

// listKind tells a board's threads from those of a view or a tag.
func (r *reader) listKind() forum.Kind {
	if r.addressed(forum.KindBoard) || r.doc.Has(selBoardBody) || len(r.crumbs()) > 0 {
		return forum.KindBoard
	}
	if len(r.boards) > 0 {
		return forum.KindIndex
	}
	return forum.KindSearch
}

// addressed tells whether the page's own address is that of a kind.
func (r *reader) addressed(kind forum.Kind) bool {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == kind {
			return true
		}
	}
	return false
}
