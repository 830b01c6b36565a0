// Package gnuboard reads Gnuboard 4, 5 and 6, whose boards hold articles with
// comments below them.
//
// Its steps: Detect looks for the ids that the program's skins and scripts
// share; Read tells the kind by what is on the page, then reads an article with
// its comments (thread.go, comment.go) or the rows of a board (listing.go). An
// article is the first post of a thread, its comments are the others. Numbers
// count within a board, so that ids bear the board's name.
package gnuboard

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// Engine reads Gnuboard.
type Engine struct{}

// Name is "gnuboard".
func (Engine) Name() string { return "gnuboard" }

var (
	selWall    = dom.Sel("#validation_check, #confirm_check")
	selLogin   = dom.Sel("form[name=flogin], #mb_login form")
	selArticle = dom.Sel("#bo_v_con, #writeContents, span.ct.lh")
	selTalk    = dom.Sel("#bo_vc, #commentContents, textarea[id^='save_comment_']")
	selList    = dom.Sel("#bo_list, #bo_gall, #bo_cate, form[name=fboardlist]")
)

// marks are what the skins keep for the program's own scripts.
var marks = []dom.Mark{
	{Name: "#bo_v", Weight: 40, Match: dom.Sel("#bo_v")},
	{Name: "#bo_v_con or #writeContents", Weight: 35, Match: dom.Sel("#bo_v_con, #writeContents")},
	{Name: "#bo_vc or #commentContents", Weight: 25, Match: dom.Sel("#bo_vc, #commentContents")},
	{Name: "#save_comment_N", Weight: 25, Match: selSaved},
	{Name: "#bo_list or #bo_gall", Weight: 40, Match: dom.Sel("#bo_list, #bo_gall")},
	{Name: "form fboardlist or fviewcomment", Weight: 35, Match: dom.Sel("form[name=fboardlist], form[name=fviewcomment]")},
	{Name: ".sv_member", Weight: 25, Match: dom.Sel(".sv_member, .sv_guest")},
	{Name: "#validation_check", Weight: 60, Match: dom.Sel("#validation_check")},
	{Name: "links with bo_table", Weight: 25, Match: dom.Sel("a[href*='bo_table='], input[name=bo_table]")},
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
	here  target
	gaps  dom.Gaps
}

// Read reads a page of any kind.
func (Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}}
	r.here = r.address()
	r.page.Root = r.root()
	r.zone()
	r.page.Kind = r.kind()
	switch r.page.Kind {
	case forum.KindThread:
		r.thread()
	case forum.KindBoard:
		r.listing()
	}
	r.page.Gaps = r.gaps
	learned := r.clock.Learned()
	learned.Lang = d.Lang
	r.page.Learned = learned
	return r.page, nil
}

func (r *reader) kind() forum.Kind {
	switch {
	case r.doc.Has(selArticle), r.here.kind == forum.KindThread && r.doc.Has(selTalk):
		return forum.KindThread
	case r.doc.Has(selWall):
		return wall(dom.Text(r.doc.FirstOf(selWall)))
	case r.doc.Has(selList), len(r.rows()) > 1 && r.here.kind == forum.KindBoard:
		return forum.KindBoard
	case r.doc.Has(selLogin):
		return forum.KindLogin
	}
	return forum.KindOther
}

// wall tells the program's messages apart, which it writes in Korean alone:
// one without the right to read, one that asks to log in, and one about what is
// not there.
func wall(text string) forum.Kind {
	switch {
	case strings.Contains(text, "로그인"), strings.Contains(text, "회원이시라면"):
		return forum.KindLogin
	case strings.Contains(text, "권한"), strings.Contains(text, "접근"):
		return forum.KindDenied
	}
	return forum.KindMissing
}

var selZoned = dom.Sel("time[datetime$='+09:00']")

// zone: the skins write Korea's with the comments' times.
func (r *reader) zone() {
	if r.doc.Has(selZoned) {
		r.clock.LearnZone(9 * 3600)
	}
}

// root is the folder of the scripts' own folder "bbs".
func (r *reader) root() string {
	if r.here.dir == "" || r.doc.URL.Host == "" {
		return ""
	}
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + r.here.dir
}
