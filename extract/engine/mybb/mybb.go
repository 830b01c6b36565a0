// Package mybb reads MyBB 1.4 to 1.8, with plain, search-friendly (SEF) and
// Google-SEO addresses, in the vertical and the classic post layout.
//
// Its steps: Read learns the forum's clock and the order of its dates from the
// footer, tells the page's kind from what stands on it, then reads the thread
// (thread.go), its posts (post.go, card.go, body.go), listings (listing.go), the
// index (boards.go) or a member page (profile.go). Posts are found by the ids
// that the engine's scripts need (post_N, pid_N, edited_by_N), which themes
// keep. Addresses are read in url.go.
package mybb

import (
	"net/url"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads MyBB.
type Engine struct{}

// Name is "mybb".
func (Engine) Name() string { return "mybb" }

var (
	selScripts   = dom.Sel("script")
	selThemeCSS  = dom.Sel("link[href*='cache/themes/theme'], link[href*='css.php?stylesheet']")
	selPostPid   = dom.Sel("#posts [id^='post_'] [id^='pid_'], .post_body[id^='pid_']")
	selRowMark   = dom.Sel("[id^='tid_'], .thread_status, .forum_status, img.ajax_mark_read")
	selCopyright = dom.Sel("#copyright a[href*='mybb.com'], #footer a[href*='mybb.com'], a[href='http://www.mybboard.net'], a[href^='https://mybb.com'], a[href^='http://mybb.com'], a[href^='http://www.mybb.com']")
	selGeneralJS = dom.Sel("script[src*='jscripts/general.js'], script[src*='jscripts/thread.js'], script[src*='jscripts/report.js'], script[src*='jscripts/rating.js']")
	selTaskImage = dom.Sel("img[src$='task.php'][width='1']")
	selQuickForm = dom.Sel("input[name='my_post_key']")
)

var marks = []dom.Mark{
	{Name: "stylesheets of cache/themes", Weight: 35, Match: selThemeCSS},
	{Name: "post_N with pid_N", Weight: 35, Match: selPostPid},
	{Name: "jscripts/general.js or thread.js", Weight: 25, Match: selGeneralJS},
	{Name: "input my_post_key", Weight: 35, Match: selQuickForm},
	{Name: "footer link to MyBB", Weight: 25, Match: selCopyright},
	{Name: "image that runs tasks", Weight: 35, Match: selTaskImage},
	{Name: "rows of forumdisplay", Weight: 15, Match: selRowMark},
	{Name: "script variable my_post_key", Weight: 60, Test: func(d *dom.Document) bool { return scriptHas(d, "my_post_key") }},
}

// Detect lists the marks that are on the page; the script variable that every
// form of the engine needs is there in every theme.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

func scriptHas(d *dom.Document, word string) bool {
	found := false
	d.FindMatcher(selScripts).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		for c := s.Nodes[0].FirstChild; c != nil && !found; c = c.NextSibling {
			found = strings.Contains(c.Data, word)
		}
		return !found
	})
	return found
}

// Canonical maps a link to the page it leads to; see url.go.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return canonical(u) }

// reader reads one page.
type reader struct {
	doc    *dom.Document
	status int
	clock  *dom.Clock
	facts  forum.Facts
	page   *forum.Page
	gaps   dom.Gaps
	names  dom.Names // of the authors on the page
	wrote  string    // what follows the name in a quote's attribution
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, facts: f, page: &forum.Page{}, status: c.Status}
	r.clock = r.pageClock(c, f)
	r.page.Root = r.root()
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
	learned := r.clock.Learned()
	learned.PostsPerPage = r.page.Learned.PostsPerPage
	learned.Lang = d.Lang
	r.page.Learned = learned
	return r.page, nil
}

var selOwnTime = dom.Sel("#current_time, #panel > span, #panel span[style*='float'], #welcomeblock span, .current_time, #footer .lower > .wrapper > span:first-child")

// pageClock reads the forum's own time, in the footer of 1.8 and in the
// header's panel of 1.6, against the time of the capture.
func (r *reader) pageClock(c forum.Capture, f forum.Facts) *dom.Clock {
	var shown []string
	r.doc.FindMatcher(selOwnTime).Each(func(_ int, s *goquery.Selection) {
		_, value, _ := dom.CutLabel(dom.Text(s))
		if value != "" && len(value) < 60 {
			shown = append(shown, value)
		}
	})
	return dom.PageClock(c, f, r.doc, time.Time{}, shown...)
}

var selHomeLinks = dom.Sel("a[href$='index.php'], link[href*='syndication.php'], link[href*='cache/themes/'], script[src*='jscripts/']")

// root is the address of the forum's folder, by the files that every page
// loads from it, else by its own address.
func (r *reader) root() string {
	root := ""
	r.doc.FindMatcher(selHomeLinks).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		for _, attr := range [...]string{"href", "src"} {
			abs := r.doc.Resolve(s.AttrOr(attr, ""))
			for _, mark := range [...]string{"index.php", "syndication.php", "cache/themes/", "jscripts/"} {
				if i := strings.Index(abs, mark); i > 0 && r.doc.SameHost(abs) {
					root = abs[:i]
				}
			}
		}
		return root == ""
	})
	if root == "" && r.doc.URL.Host != "" {
		path := r.doc.URL.EscapedPath()
		root = r.doc.URL.Scheme + "://" + r.doc.URL.Host + path[:strings.LastIndex(path, "/")+1]
	}
	return root
}

var (
	selPassword  = dom.Sel("input[name='pwverify']")
	selLoginForm = dom.Sel("form input[name='action'][value='do_login']")
	selQuick     = dom.Sel("#quick_login, #quicklogin, .modal")
	selErrorBox  = dom.Sel("td.trow1, .trow1, .error")
	selErrorList = dom.Sel("ol li a[href*='action=login'], ol li a[href*='action=register'], ol li a[href*='action=resendactivation']")
	selRefresh   = dom.Sel("meta[http-equiv='refresh' i]")
	selBoardFeed = dom.Sel("link[href*='syndication.php'][href*='fid=']")
	selFind      = dom.Sel("a[href*='action=finduser&'], a[href*='action=finduser;'], a[href*='reputation.php?uid=']")
	selThreadRow = dom.Sel("#tid_0, .forumdisplay_regular")
	selSeparator = dom.Sel(".tborder .trow_sep") // the calendar and others have it too
)

// kind tells the page by what stands on it; the address settles what content
// leaves open.
func (r *reader) kind() forum.Kind {
	link, known := canonical(r.doc.URL)
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	rows := r.rows()
	switch {
	case len(r.postNodes()) > 0:
		return forum.KindThread
	case len(rows) > 0 && (strings.Contains(r.doc.URL.Path, "search.php") || strings.Contains(r.doc.URL.Path, "portal.php")):
		return forum.KindSearch
	case len(rows) > 0 || has(selThreadRow) || has(selSeparator) && (known && link.Kind == forum.KindBoard || has(selBoardFeed)):
		return forum.KindBoard
	case len(r.boardRows()) > 0 && (known && link.Kind == forum.KindBoard || has(selBoardFeed)):
		return forum.KindBoard
	case len(r.boardRows()) > 0:
		return forum.KindIndex
	case has(selPassword):
		return forum.KindDenied
	case known && link.Kind == forum.KindProfile && has(selFind) && r.profilePairs().Length() > 1:
		return forum.KindProfile
	case r.pageLogin():
		return forum.KindLogin
	case has(selFind) && r.profilePairs().Length() > 0:
		return forum.KindProfile
	}
	return r.wall(known && link.Kind == forum.KindBoard && has(selBoardFeed))
}

// pageLogin tells the login page from the login form that every page hides in
// its header.
func (r *reader) pageLogin() bool {
	found := false
	if r.linksThreads() { // a portal with a login box
		return false
	}
	r.doc.FindMatcher(selLoginForm).Each(func(_ int, s *goquery.Selection) {
		found = found || dom.Closest(s.Nodes[0], selQuick) == nil && !strings.HasPrefix(s.ParentsMatcher(cssForm).AttrOr("id", ""), "quick")
	})
	return found
}

func (r *reader) linksThreads() bool {
	for _, a := range r.doc.FindMatcher(selAnchors).EachIter() {
		if r.linked(a.AttrOr("href", ""), forum.KindThread) != "" {
			return true
		}
	}
	return false
}

// wall tells the engine's error page: one table with one heading and one cell.
// The page without permission lists reasons with a way to log in; every other
// message says that something is not there. What the status says of it counts
// more.
func (r *reader) wall(emptyBoard bool) forum.Kind {
	if r.doc.Has(selErrorList) {
		return forum.KindDenied
	}
	if emptyBoard {
		return forum.KindBoard
	}
	if r.status >= 400 {
		return forum.KindOther
	}
	if s := r.doc.FindMatcher(selRefresh); s.Length() > 0 && strings.Contains(strings.ToLower(s.AttrOr("content", "")), "url=") {
		return forum.KindMoved
	}
	if r.doc.FindMatcher(selErrorBox).NotMatcher(selInQuick).Length() == 1 || r.bareThread() {
		return forum.KindMissing
	}
	return forum.KindOther
}

// bareThread tells a thread's address that shows nothing of a thread, in themes
// that have the error page in a form of their own.
func (r *reader) bareThread() bool {
	link, known := canonical(r.doc.URL)
	return known && link.Kind == forum.KindThread && !r.doc.Has(selThreadPart) && !r.linksThreads()
}

var selThreadPart = dom.Sel("[id^='post_'], [id^='pid'], a[href*='newreply.php'], #posts, [id^='edited_by_'], [class*='post_body']")

var selInQuick = dom.Sel("#quick_login *, .modal *")
