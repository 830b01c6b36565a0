// Package invision2 reads Invision Power Board 1.3 and 2 and what descends from
// them.
//
// Its steps: Detect looks for the classes of posts and the names of scripts;
// Read tells the kind by what is on the page and reads thread and posts
// (thread.go, post.go), texts (body.go), listings (listing.go) or a member
// (profile.go). All pages are tables; a post is the smallest element that holds
// a text with a number of its own and a name. Times are text in the board's
// zone, which the clock at the foot of the page tells.
package invision2

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads Invision Power Board 1.3 and 2.
type Engine struct{}

// Name is "invision2".
func (Engine) Name() string { return "invision2" }

var (
	selFoot     = dom.Sel("#gfooter td")
	selError    = dom.Sel(".errorwrap, .b-error-description, .tablefill .postcolor .postcolor, .tablepad .postcolor")
	selSignIn   = dom.Sel("input[type=password][name=PassWord]")
	selMember   = dom.Sel("#profilename, .profile-name")
	selBoardRow = dom.Sel("a[href*='showforum=']")
	selVersion  = dom.Sel(".copyright, #copyright")
)

// marks are the classes of posts, then scripts and addresses.
var marks = []dom.Mark{
	{Name: "a text .postcolor that is a post's", Weight: 60, Match: dom.Sel(".postcolor[id^='post-'], [id^='post-main-'] .postcolor, .normalname ~ .postcolor, .b-post .postcolor, .post1 > .postcolor, .post2 > .postcolor")},
	{Name: "scripts ipb_*.js", Weight: 60, Match: dom.Sel("script[src*='jscripts/ipb_'], script[src*='jscripts/ips_']")},
	{Name: "names .normalname of showuser", Weight: 40, Match: dom.Sel(".normalname a[href*='showuser='], .b-post__author a[href*='showuser=']")},
	{Name: "tables .ipbtable with topics or boards of the query", Weight: 40, Match: dom.Sel(".ipbtable a[href*='showtopic='], .ipbtable a[href*='showforum='], .tableborder a[href*='showtopic='], .tableborder a[href*='showforum=']")},
	{Name: "actions of index.php?act=", Weight: 15, Match: dom.Sel("a[href*='act=Login'], a[href*='act=idx'], a[href*='act=Reg']")},
	{Name: "footer names Invision Power Board", Weight: 20, Match: dom.Sel(".copyright a[href*='invisionboard.com'], #copyright a[href*='invisionboard.com'], .copyright a[href*='invisionpower']")},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar that all generations share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return ipsurl.Canonical(u) }

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
	r := &reader{doc: d, facts: f, page: &forum.Page{}}
	r.clock = dom.PageClock(c, f, d, time.Time{}, r.shownTimes()...)
	r.page.EngineVersion = r.version()
	r.page.Root = r.root()
	r.page.Kind = r.kind(c.Status)
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

// shownTimes are candidates for the board's own time, at the foot of the page.
func (r *reader) shownTimes() []string {
	var out []string
	r.doc.FindMatcher(selFoot).Each(func(_ int, td *goquery.Selection) {
		if _, at, ok := dom.CutLabel(dom.Text(td)); ok {
			out = append(out, at)
		}
	})
	return out
}

var reVersion = regexp.MustCompile(`(?:Board|IP\.Board|IPB)\W*v?([123]\.\d(?:\.\d+)?)`)

func (r *reader) version() string {
	if m := reVersion.FindStringSubmatch(dom.Text(r.doc.FirstOf(selVersion))); m != nil {
		return m[1]
	}
	return ""
}

// root is the folder of index.php, by the address or by a link of the page.
func (r *reader) root() string {
	if ref, ok := ipsurl.Parse(r.doc.URL); ok && r.doc.URL.Host != "" {
		return r.doc.URL.Scheme + "://" + r.doc.URL.Host + ref.Root
	}
	href := r.doc.Resolve(r.doc.FirstOf(selBoardRow).AttrOr("href", ""))
	if i := strings.Index(href, "index.php?"); i > 0 {
		return href[:i]
	}
	return ""
}

func (r *reader) kind(status int) forum.Kind {
	ref, known := ipsurl.Parse(r.doc.URL)
	boards, topics := r.rows()
	switch {
	case len(r.messages()) > 0:
		return forum.KindThread
	case r.doc.Has(selMember):
		return forum.KindProfile
	case r.doc.Has(selError):
		text := dom.Text(dom.First(r.doc.Selection, selError))
		if status == 403 || dom.SaysDenied(text) {
			return forum.KindDenied
		}
		return forum.KindMissing
	case known && ref.Kind == forum.KindBoard:
		return forum.KindBoard
	case len(topics) > 0 && (!known || ref.Kind != forum.KindIndex):
		return forum.KindSearch
	case len(boards) > 0:
		return forum.KindIndex
	case r.doc.FindMatcher(selSignIn).Length() > 1:
		return forum.KindLogin
	}
	return forum.KindOther
}
