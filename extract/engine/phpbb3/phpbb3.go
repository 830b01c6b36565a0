// Package phpbb3 reads phpBB 3.0 to 3.3 and 4: the styles prosilver and
// subsilver2, what descends from them, and the fork that hosts Tapatalk Groups.
//
// Its steps: Read learns the board's zone from the footer, tells the page's
// kind from the posts, rows, forms and messages that stand on it, then reads
// the thread (thread.go, pages.go), its posts (post.go, author.go, body.go,
// files.go), listings (listing.go, board.go) or a member page (profile.go).
// Links are told by the engine's own parameters and by the forms that its
// rewriting add-ons give them (url.go).
package phpbb3

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads phpBB 3.
type Engine struct{}

// Name is "phpbb3".
func (Engine) Name() string { return "phpbb3" }

var (
	selBodyID    = dom.Sel("body#phpbb")
	selErrorPage = dom.Sel("body#errorpage")
	selUcp       = dom.Sel("a[href*='ucp.php?mode='], form[action*='ucp.php?mode=']")
	selMember    = dom.Sel("a[href*='memberlist.php?mode=viewprofile']")
	selForumHref = dom.Sel("a[href*='viewforum.php?f='], a[href*='viewtopic.php?f='], a[href*='viewtopic.php?t='], a[href*='viewtopic.php?p=']")
	selTheme     = dom.Sel("link[href*='styles/'][href*='/theme/'], link[href*='style.php?id='], link[href*='style.php?sid=']")
	selPostMark  = dom.Sel(".postprofile, b.postauthor, ul.topiclist")
	selNavbarRef = dom.Sel("[data-navbar-reference]")
	selWrap      = dom.Sel("#wrapcentre, #wrapheader")
	selCredit    = dom.Sel("a[href*='phpbb.com']")
)

// marks are the body's id, which styles keep because the style sheets hang on
// it, then the scripts that only version 3 has, assets and list markup. What
// version 2 shares (viewforum.php, the credit line) never suffices.
var marks = []dom.Mark{
	{Name: "body#phpbb", Weight: 70, Match: selBodyID},
	{Name: "body#errorpage", Weight: 40, Match: selErrorPage},
	{Name: "ucp.php", Weight: 20, Match: selUcp},
	{Name: "memberlist.php?mode=viewprofile", Weight: 10, Match: selMember},
	{Name: "viewforum.php, viewtopic.php", Weight: 10, Match: selForumHref},
	{Name: "styles/…/theme", Weight: 25, Match: selTheme},
	{Name: ".postprofile, b.postauthor or ul.topiclist", Weight: 15, Match: selPostMark},
	{Name: "data-navbar-reference", Weight: 25, Match: selNavbarRef},
	{Name: "#wrapcentre", Weight: 20, Match: selWrap},
	{Name: "a link to phpbb.com", Weight: 15, Match: selCredit},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// reader reads one page.
type reader struct {
	doc    *dom.Document
	clock  *dom.Clock
	facts  forum.Facts
	status int
	page   *forum.Page
	gaps   dom.Gaps
	own    forum.Link // the page's own link, as far as it is known
	start  int        // offset of its first post or row; -1 when unknown
	per    int        // posts or rows per page; 0 when unknown
	sorted bool       // not in the order in which posts were written
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, status: c.Status, page: &forum.Page{}, start: -1}
	r.page.EngineVersion = version(d)
	r.page.Root = r.root()
	r.zone()
	r.address()
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
	r.page.Learned = learned
	r.page.Learned.Lang = d.Lang
	return r.page, nil
}

var selCorners = dom.Sel(".corners-top, link[href*='style.php?']")

// version is what the page gives away: 3.0 drew round corners with elements of
// its own and built its style sheet by script.
func version(d *dom.Document) string {
	if d.Has(selCorners) {
		return "3.0"
	}
	return "3"
}

var (
	selIndexLink  = dom.Sel("a[data-navbar-reference='index'][href]")
	selScriptLink = dom.Sel("a[href*='ucp.php'], a[href*='search.php'], a[href*='memberlist.php'], a[href*='viewforum.php'], a[href*='viewtopic.php'], form[action*='ucp.php'], form[action*='search.php']")
)

// root is the folder of the board's scripts: the index link names it, else any
// link to a script of the board does, else the page's own address.
func (r *reader) root() string {
	var found string
	r.doc.FindMatcher(selIndexLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		found = r.folder(a.AttrOr("href", ""))
		return found == ""
	})
	if found != "" {
		return found
	}
	r.doc.FindMatcher(selScriptLink).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		href := a.AttrOr("href", a.AttrOr("action", ""))
		if i := strings.IndexByte(href, '?'); i >= 0 && !strings.Contains(href[:i], ".php") {
			return true // a script's name in the parameters of another page
		}
		found = r.folder(href)
		return found == ""
	})
	if found != "" {
		return found
	}
	return r.folder(r.doc.URL.String())
}

func (r *reader) folder(href string) string {
	a := r.doc.Address(href)
	u := a.URL()
	if u == nil || u.Host == "" || !r.doc.SameHost(a.Abs) {
		return ""
	}
	p := u.EscapedPath()
	return u.Scheme + "://" + u.Host + p[:strings.LastIndexByte("/"+p, '/')] + rootSlash(p)
}

// rootSlash closes the folder of an address without a path.
func rootSlash(p string) string {
	if p == "" {
		return "/"
	}
	return ""
}

// resolve makes a link absolute and frees it of the session id.
func (r *reader) resolve(href string) string {
	abs := r.doc.Resolve(href)
	if !strings.Contains(abs, "sid=") {
		return abs
	}
	u, err := url.Parse(abs)
	if err != nil {
		return abs
	}
	u.RawQuery = withoutSession(u.RawQuery)
	return u.String()
}

func withoutSession(query string) string {
	kept := make([]string, 0, 4)
	for pair := range strings.SplitSeq(query, "&") {
		if pair != "" && !strings.HasPrefix(pair, "sid=") {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

var (
	selZoneTitle = dom.Sel("#page-footer span[title], #nav-footer span[title], p.datetime span[title], li.rightside span[title], footer span[title]")
	selZoneText  = dom.Sel("#nav-footer li, #page-footer li, p.datetime, #page-footer .page-number, li.rightside, footer li, .timezone")
	selNow       = dom.Sel("#page-body p.time, p.time, #datebar td, .current-time")
	selTimes     = dom.Sel("time[datetime]")
	reZone       = regexp.MustCompile(`(?:UTC|GMT)(?:\s*([+\-−])\s*(\d{1,2})(?:[:.](\d{2}))?)?`)
	reDST        = regexp.MustCompile(`\[[^\[\]\d]+\]`)
)

// zone learns the board's zone: from the footer, which names it ("All times are
// UTC+02:00", its IANA name in the title) in every language, else from the
// clock on the index, else from times that stand on the page twice. phpBB 3.0
// writes "UTC + 1 hour [ DST ]" and adds that hour to every time of the year.
func (r *reader) zone() {
	named := false
	r.doc.FindMatcher(selZoneTitle).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		named = reZone.MatchString(dom.Text(s)) && r.clock.LearnZoneName(s.AttrOr("title", ""))
		return !named
	})
	if named || r.zoneText() {
		return
	}
	if r.looseZone() {
		return
	}
	calibrated := false
	r.doc.FindMatcher(selNow).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		calibrated = r.clock.Calibrate(r.clock.Now(), dom.Text(s))
		return !calibrated
	})
	if calibrated {
		return
	}
	r.doc.FindMatcher(selTimes).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		return !r.clock.Calibrate(r.clock.Machine(s.AttrOr("datetime", ""), "").At, dom.Text(s))
	})
}

func (r *reader) zoneText() bool {
	found := false
	r.doc.FindMatcher(selZoneText).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		found = r.learnZone(dom.Text(s))
		return !found
	})
	return found
}

func (r *reader) learnZone(text string) bool {
	m := reZone.FindStringSubmatch(text)
	if m == nil || len(text) > 200 {
		return false
	}
	secs := number(m[2])*3600 + number(m[3])*60
	if m[1] == "-" || m[1] == "−" {
		secs = -secs
	}
	if reDST.MatchString(text) {
		secs += 3600
	}
	r.clock.LearnZone(secs)
	return true
}
