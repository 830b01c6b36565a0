// Package vanilla reads Vanilla Forums 2 and 3 as their servers render them.
//
// Its steps: Read tells the page's kind from what stands on it, then reads the
// thread (thread.go), its posts (post.go, body.go), listings (listing.go) or a
// member page (profile.go). Discussions and comments count their ids apart: a
// discussion's own post has "d" before its number. Themes that draw pages in
// the browser leave nothing to read here.
package vanilla

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads Vanilla.
type Engine struct{}

// Name is "vanilla".
func (Engine) Name() string { return "vanilla" }

var (
	selBody     = dom.Sel("body[id^='vanilla_'], body[id^='dashboard_'], body.Vanilla, body.Dashboard")
	selScript   = dom.Sel("script[src*='/applications/vanilla/'], script[src*='/applications/dashboard/'], link[href*='/applications/dashboard/'], meta[name=gdn], #Definitions")
	selComments = dom.Sel("[id^='Comment_'].Item, [id^='Discussion_'].Item, .ItemComment, .ItemDiscussion")
	selMessages = dom.Sel(".MessageList, .DataList.Discussions, .CategoryList, .DataTable.DiscussionsTable, .DataTable.CategoryTable")
	selProfile  = dom.Sel("body[id^='dashboard_profile'], body.Profile .About")
	selSignIn   = dom.Sel("body[id^='dashboard_entry'], body.Entry.signin")
	selMissing  = dom.Sel("body[id*='filenotfound'], body.filenotfound, .Section-Error")
	selDenied   = dom.Sel("body[id*='permission'], body.permission, body[id*='unauthorized']")
)

// marks are the ids and classes that the controllers put on the page.
var marks = []dom.Mark{
	{Name: "body#vanilla_ or #dashboard_", Weight: 45, Match: selBody},
	{Name: "gdn scripts", Weight: 25, Match: selScript},
	{Name: ".Item#Discussion_ or #Comment_", Weight: 40, Match: selComments},
	{Name: ".MessageList, .DataList or .DataTable", Weight: 15, Match: selMessages},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal {
	out := d.Signals(marks)
	if layoutCode(d) != "" {
		out = append(out, dom.Signal{Name: layoutVariable, Weight: 90})
	}
	return out
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
	names dom.Names // of those who post on the page
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}}
	r.page.Root = root(d.URL)
	r.calibrate()
	if !r.layout(layoutOf(d)) {
		r.markup()
	}
	r.page.Gaps = r.gaps
	z := r.clock.Learned()
	z.PostsPerPage, z.Lang = r.page.Learned.PostsPerPage, d.Lang
	r.page.Learned = z
	return r.page, nil
}

// markup reads a page that the server has drawn.
func (r *reader) markup() {
	r.page.Kind = r.kind()
	switch r.page.Kind {
	case forum.KindThread:
		r.thread()
	case forum.KindBoard, forum.KindIndex, forum.KindSearch:
		r.listings()
	case forum.KindProfile:
		r.profile()
	}
}

var selTime = dom.Sel("time[datetime][title]")

// calibrate learns the zone of shown times: titles are wall clock time beside a
// machine time with its offset.
func (r *reader) calibrate() {
	r.doc.FindMatcher(selTime).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		at := r.clock.Machine(s.AttrOr("datetime", ""), "")
		return !at.Known() || at.Zone == forum.ZoneAssumed || !r.clock.Calibrate(at.At, s.AttrOr("title", ""))
	})
}

func (r *reader) kind() forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	body := r.doc.FindMatcher(cssBody).AttrOr("id", "")
	switch {
	case strings.HasPrefix(body, "dashboard_profile"), has(selProfile):
		return forum.KindProfile
	case len(r.messages()) > 0:
		return forum.KindThread
	case has(selDenied):
		return forum.KindDenied
	case has(selMissing):
		return forum.KindMissing
	case has(selSignIn):
		return forum.KindLogin
	case r.addressed(forum.KindBoard):
		return forum.KindBoard
	case has(selCategory):
		return forum.KindIndex
	case has(selRow):
		return forum.KindSearch // the newest of all boards
	}
	return forum.KindOther
}

func (r *reader) addressed(kind forum.Kind) bool {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == kind {
			return true
		}
	}
	return false
}
