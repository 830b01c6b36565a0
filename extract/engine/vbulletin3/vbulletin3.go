// Package vbulletin3 reads vBulletin 3.0 to 3.8, and the 3.9 that a publisher
// keeps alive with a grid of div elements in place of the tables.
//
// Its steps: Detect looks for the generator and for ids that scripts of the
// engine need; Read learns the zone from the foot of the page, tells the kind
// by what is on the page, else by the address, and reads thread (thread.go),
// posts (post.go), listings (listing.go) or a member (profile.go). Nearly every
// element of a page carries an id with the number of its post or thread; those
// are trusted before any class.
package vbulletin3

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads vBulletin 3.
type Engine struct{}

// Name is "vbulletin3".
func (Engine) Name() string { return "vbulletin3" }

var (
	selGenerator = dom.Sel("meta[name=generator i]")
	selStyle     = dom.Sel("style#vbulletin_css, link[href*='clientscript/vbulletin_important.css'], link[href*='clientscript/vbulletin_css']")
	selScript    = dom.Sel("script[src*='vbulletin_global'], script[src*='vbulletin_menu'], script[src*='vbulletin_md5']")
	selNewer     = dom.Sel("html#vbulletin_html, body#vb-page-body, li[id^='post_'].postcontainer")
	selMessage   = dom.Sel("[id^='post_message_']")
	selPosts     = dom.Sel("#posts")
	selThreadRow = dom.Sel("[id^='td_threadtitle_']")
	selPanel     = dom.Sel(".panelsurround .panel, .panelsurround, .standard_error")
	selPassword  = dom.Sel("input[type=password]")
	selProfile   = dom.Sel("#username_box, #main_userinfo, #collapseobj_aboutme, #collapseobj_stats, #view-aboutme, #profile_tabs")
)

// marks are assets and ids that only this generation has.
var marks = []dom.Mark{
	{Name: "generator vBulletin 3", Weight: 90, Match: selGenerator, Attr: "content", Text: "vBulletin 3"},
	{Name: "style sheet of vBulletin 3", Weight: 50, Match: selStyle},
	{Name: "vbulletin_global.js and kin", Weight: 30, Match: selScript},
	{Name: "post_message_N with #postmenu_N", Weight: 35, Match: dom.Sel("[id^='postmenu_']")},
	{Name: "td_threadtitle_N", Weight: 35, Match: selThreadRow},
}

// Detect lists the marks that are on the page; a mark of a later generation
// silences them, since 4 kept file names and ids of 3.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	if d.Has(selNewer) {
		return nil
	}
	return d.Signals(marks)
}

// Canonical maps links by the grammar of vBulletin 3 and 4.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return vburl.Canonical(u) }

// reader reads one page.
type reader struct {
	doc   *dom.Document
	clock *dom.Clock
	facts forum.Facts
	page  *forum.Page
	gaps  dom.Gaps

	thanks map[string]*goquery.Selection // boxes of the add-on that thanks, by post
}

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, thanks: map[string]*goquery.Selection{}}
	r.page.EngineVersion = version(d)
	r.page.Root = r.root()
	vbmarkup.LearnZone(d, r.clock)
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
	r.page.Learned.Lang, r.page.Learned.PostsPerPage = d.Lang, perPage
	return r.page, nil
}

var reVersion = regexp.MustCompile(`\d+(?:\.\d+)+`)

func version(d *dom.Document) string {
	if v := reVersion.FindString(d.Generator()); v != "" {
		return v
	}
	return "3"
}

func (r *reader) root() string {
	if r.doc.Base != r.doc.URL && r.doc.Base.Host != "" {
		return strings.TrimSuffix(r.doc.Base.String(), "/") + "/"
	}
	ref, ok := vburl.Parse(r.doc.URL)
	if !ok || r.doc.URL.Host == "" {
		return ""
	}
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + ref.Root
}

func (r *reader) kind() forum.Kind {
	address, known := vburl.Parse(r.doc.URL)
	switch {
	case len(r.messages()) > 0:
		return forum.KindThread
	case r.doc.Has(selThreadRow):
		if vbmarkup.IsSearch(r.doc) || !(known && address.Kind == forum.KindBoard) && !r.doc.Has(selForumTools) {
			return forum.KindSearch
		}
		return forum.KindBoard
	case len(r.boardCells()) > 0:
		if known && address.Kind == forum.KindBoard && address.ID != "" {
			return forum.KindBoard
		}
		return forum.KindIndex
	case r.doc.Has(selProfile):
		return forum.KindProfile
	}
	if panel := r.doc.FindMatcher(selPanel); panel.Length() > 0 && known {
		return wallOf(dom.Has(panel, selPassword), dom.Text(panel.First()))
	}
	if known && address.Kind == forum.KindBoard && r.doc.Has(selForumTools) {
		return forum.KindBoard // a board without threads
	}
	return forum.KindOther
}

var selForumTools = dom.Sel("#forumtools, #threadslist, #inlinemodform")

// deniedWords stand in the message that a member without rights is shown; to a
// guest the engine shows a form to log in with instead.
var deniedWords = []string{"permission", "rechte", "berechtigung", "permis", "autoris", "permess", "toegang", "rechten", "прав", "uprawnie", "behörig", "权限", "權限", "صلاحي"}

// wallOf tells the engine's message pages apart: a form with a password asks
// to log in, words of rights deny, everything else is about something that is
// not there.
func wallOf(form bool, text string) forum.Kind {
	if form {
		return forum.KindLogin
	}
	text = strings.ToLower(text)
	for _, w := range deniedWords {
		if strings.Contains(text, w) {
			return forum.KindDenied
		}
	}
	return forum.KindMissing
}
