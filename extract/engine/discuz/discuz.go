// Package discuz reads Discuz! X (2 to 5), in its full and in its touch
// templates, and Discuz! 6 and 7 as far as they are alike.
//
// Its steps: Detect looks for the generator and for ids that the program's
// scripts need; Read learns the zone from the foot of the page, tells the kind
// by what is on the page, then reads thread (thread.go, poll.go), posts
// (post.go, author.go, body.go, files.go), listings (listing.go, boards.go) or
// a member (profile.go). Ids carry the numbers of posts and threads in every
// theme; words are the forum's own, in Chinese or any of a dozen languages, and
// decide nothing where an id, a class or a link can.
package discuz

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads Discuz!.
type Engine struct{}

// Name is "discuz".
func (Engine) Name() string { return "discuz" }

var (
	selGenerator = dom.Sel("meta[name=generator i]")
	selTeam      = dom.Sel("meta[name=author i][content^='Discuz! Team']")
	selTitleTag  = dom.Sel("title")
	selScript    = dom.Sel("script:not([src])")
	selRow       = dom.Sel("[id^='normalthread_'], [id^='stickthread_'], #waterfall > li")
	selMessage   = dom.Sel("#messagetext, .alert_error, .alert_info, .jump_c")
	selDone      = dom.Sel("#messagetext.alert_right")
	selLoginBox  = dom.Sel("#messagelogin")
	selPassword  = dom.Sel("input[type=password]")
	selQuickLog  = dom.Sel("#lsform")
	selLoginPage = dom.Sel("body.pg_logging, form[id^='loginform']")
	selProfile   = dom.Sel(".u_profile, #pbbs, #uhd ~ #ct .pf_l")
	selListPage  = dom.Sel("body.pg_forumdisplay, #threadlist, .threadlist")
	selFindPage  = dom.Sel("body#nv_search, body#search, body.pg_guide")
	selDebug     = dom.Sel("#debuginfo")
	selFootLine  = dom.Sel("#ft p, #footer p, .footer p")
)

// marks are what the program's own head and scripts need; the ids of posts and
// rows follow.
var marks = []dom.Mark{
	{Name: "generator Discuz!", Weight: 70, Match: selGenerator, Attr: "content", Text: "Discuz!"},
	{Name: "author Discuz! Team", Weight: 40, Match: selTeam},
	{Name: "title says Powered by Discuz!", Weight: 40, Match: selTitleTag, Text: "Powered by Discuz!"},
	{Name: "#append_parent", Weight: 20, Match: dom.Sel("#append_parent")},
	{Name: "#ajaxwaitid", Weight: 15, Match: dom.Sel("#ajaxwaitid")},
	{Name: "body.pg_…", Weight: 10, Match: dom.Sel("body[id^='nv_'][class^='pg_'], body[id=forum][class^='pg_']")},
	{Name: "#authorpostonN", Weight: 35, Match: dom.Sel("[id^='authorposton']")},
	{Name: "#pidN with #postmessage_N", Weight: 25, Match: dom.Sel("[id^='pid'] [id^='postmessage_']")},
	{Name: "#normalthread_N", Weight: 35, Match: dom.Sel("tbody[id^='normalthread_'], tbody[id^='stickthread_']")},
	{Name: "links to forum.php?mod=…", Weight: 20, Match: dom.Sel("a[href*='forum.php?mod='], a[href*='member.php?mod=logging']")},
	{Name: "touch template's icons", Weight: 35, Match: dom.Sel("img[src*='static/image/mobile/images/']")},
	{Name: ".fl_tb", Weight: 20, Match: dom.Sel("table.fl_tb")},
	{Name: "#messagetext.alert_…", Weight: 20, Match: dom.Sel("#messagetext[class^='alert_']")},
	{Name: "script sets discuz_uid", Weight: 45, Test: setsUser, Beside: true}, // that means reading scripts
}

// Detect lists the marks that are on the page. The variables that its scripts
// read are looked for only beside another mark.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

func setsUser(d *dom.Document) bool {
	for _, n := range d.FindMatcher(selScript).Nodes {
		if text := n.FirstChild; text != nil && strings.Contains(text.Data, "discuz_uid") {
			return true
		}
	}
	return false
}

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
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}}
	r.page.EngineVersion = version(d)
	r.page.Root = r.root()
	r.zone()
	posts := r.boxes()
	r.page.Kind = r.kind(len(posts))
	switch r.page.Kind {
	case forum.KindThread:
		r.thread(posts)
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		r.listings()
	case forum.KindProfile:
		r.profile()
	}
	r.page.Gaps = r.gaps
	learned := r.clock.Learned()
	learned.PostsPerPage, learned.Lang = r.page.Learned.PostsPerPage, d.Lang
	r.page.Learned = learned
	return r.page, nil
}

// version is what the generator says behind the name: "X3.4", "7.2".
func version(d *dom.Document) string {
	_, v, _ := strings.Cut(d.Generator(), "Discuz!")
	v, _, _ = strings.Cut(strings.TrimSpace(v), " ")
	return v
}

// reZone is the zone in the page's foot: "GMT+8, 2026-4-1 09:30", "GMT".
var reZone = regexp.MustCompile(`^GMT\s*([+-]\d+(?:\.\d+)?)?\s*,`)

// zone learns the forum's zone from the foot of the page, which the program
// writes itself, in every language alike.
func (r *reader) zone() {
	r.doc.FindMatcher(selFootLine).AddSelection(r.doc.FindMatcher(selDebug).Parent()).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		m := reZone.FindStringSubmatch(dom.Text(s))
		if m == nil {
			return true
		}
		hours := 0.0
		if m[1] != "" {
			hours, _ = strconv.ParseFloat(m[1], 64)
		}
		if hours >= -14 && hours <= 14 {
			r.clock.LearnZone(int(hours * 3600))
		}
		return false
	})
}

func (r *reader) kind(posts int) forum.Kind {
	address, _ := parse(r.doc.URL)
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	board := address.kind == forum.KindBoard
	switch {
	case posts > 0:
		return forum.KindThread
	case has(selRow) || len(r.touchRows()) > 0:
		if !board && has(selFindPage) {
			return forum.KindSearch
		}
		return forum.KindBoard
	case has(selProfile):
		return forum.KindProfile
	case has(selMessage) && !has(selDone):
		return r.wall()
	case board && len(r.threadLinks()) > 1:
		return forum.KindBoard // of a theme with rows of its own
	case len(r.boardLinks()) > 0:
		if board || has(selListPage) {
			return forum.KindBoard
		}
		return forum.KindIndex
	case has(selLoginPage):
		return forum.KindLogin
	case board && has(selListPage):
		return forum.KindBoard // a board without threads
	}
	return forum.KindOther
}

// deniedWords stand in the messages for members who lack a right, besides those
// that all engines share; a guest is asked to log in instead.
var deniedWords = []string{"用户组", "用戶組", "特定用户", "特定用戶", "usergroup", "user group"}

// wall tells the program's message pages apart: one with a place for the form
// to log in asks for that, words of rights deny, everything else is about
// something that is not there.
func (r *reader) wall() forum.Kind {
	box := r.doc.FirstOf(selMessage)
	if r.doc.Has(selLoginBox) {
		return forum.KindLogin
	}
	asked := false
	r.doc.FindMatcher(selPassword).Each(func(_ int, s *goquery.Selection) {
		asked = asked || dom.Closest(s.Nodes[0], selQuickLog) == nil
	})
	if asked {
		return forum.KindLogin
	}
	text := strings.ToLower(dom.Text(box))
	if dom.SaysDenied(text) {
		return forum.KindDenied
	}
	for _, w := range deniedWords {
		if strings.Contains(text, w) {
			return forum.KindDenied
		}
	}
	return forum.KindMissing
}
