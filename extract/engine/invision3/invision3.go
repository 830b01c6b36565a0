// Package invision3 reads IP.Board 3.
//
// Its steps: Detect looks for the body's id and the settings of its scripts;
// Read tells the kind by what is on the page and reads thread and posts
// (thread.go), texts (body.go), listings (listing.go) or a member (profile.go).
// Posts carry microformats with machine-readable times, quotes carry the time
// and the post that they come from.
package invision3

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads IP.Board 3.
type Engine struct{}

// Name is "invision3".
func (Engine) Name() string { return "invision3" }

var (
	selPost     = dom.Sel(".post_block[id^='post_id_'], .hentry[id^='post_id_'], [id^='post_id_']")
	selTopicRow = dom.Sel("tr[id^='trow_'], tr.__topic")
	selBoardRow = dom.Sel("table.ipb_table .col_c_forum, .col_c_forum")
	selProfile  = dom.Sel("#profile_id, .ipsUserProfile, #user_info_cell, #profile_panes_wrap, .vcard #user_utility_links")
	selError    = dom.Sel("#content .message.error, .message.error, #content .ipsBox .message, p.message.error")
	selSignIn   = dom.Sel("#content input[type=password], #login input[type=password], form#login input[type=password]")
)

// marks are the body's id and the microformat of posts.
var marks = []dom.Mark{
	{Name: "body#ipboard_body", Weight: 80, Match: dom.Sel("body#ipboard_body")},
	{Name: "posts of the hentry kind", Weight: 50, Match: dom.Sel(".post_block[id^='post_id_']")},
	{Name: "rows of topics", Weight: 40, Match: dom.Sel("tr.__topic[id^='trow_']")},
	{Name: "style sheets of public/style_css", Weight: 30, Match: dom.Sel("link[href*='public/style_css/'], link[href*='public/min/index.php'], script[src*='public/min/index.php']")},
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

	lead string // the words before a starter's name in a list
}

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{EngineVersion: "3"}}
	r.page.Root = r.root()
	r.calibrate()
	r.page.Kind = r.kind(c.Status)
	switch r.page.Kind {
	case forum.KindThread:
		r.thread()
	case forum.KindBoard, forum.KindIndex:
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

// calibrate learns the board's zone from times that the page gives twice: the
// title is machine-readable, the text is in the board's zone.
func (r *reader) calibrate() {
	r.doc.FindMatcher(selTime).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		at := r.clock.Machine(s.AttrOr("title", ""), "")
		return !at.Known() || !r.clock.Calibrate(at.At, dom.Text(s))
	})
}

var reBoardURL = regexp.MustCompile(`ipb\.vars\['(?:board_url|home_url)'\]\s*=\s*["']([^"']+)["']`)

// root is the address in the page's script settings, else the folder of the
// route.
func (r *reader) root() string {
	if m := reBoardURL.FindStringSubmatch(r.doc.FindMatcher(cssScript).Text()); m != nil {
		if abs := r.doc.Resolve(m[1]); abs != "" {
			return strings.TrimSuffix(abs, "/") + "/"
		}
	}
	ref, ok := ipsurl.Parse(r.doc.URL)
	if !ok || r.doc.URL.Host == "" {
		return r.doc.Resolve(r.doc.FindMatcher(selCrumb).First().AttrOr("href", "")) // the index
	}
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + ref.Root
}

func (r *reader) kind(status int) forum.Kind {
	ref, known := ipsurl.Parse(r.doc.URL)
	switch {
	case len(r.blocks()) > 0:
		return forum.KindThread
	case r.doc.Has(selTopicRow):
		return forum.KindBoard
	case r.doc.Has(selBoardRow):
		if known && ref.Kind == forum.KindBoard {
			return forum.KindBoard
		}
		return forum.KindIndex
	case r.doc.Has(selProfile) || known && ref.Kind == forum.KindProfile && !r.doc.Has(selError):
		return forum.KindProfile
	case r.doc.Has(selSignIn):
		return forum.KindLogin
	case r.doc.Has(selError):
		if status == 403 {
			return forum.KindDenied
		}
		return forum.KindMissing
	}
	return forum.KindOther
}
