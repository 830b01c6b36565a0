// Package punbb reads PunBB 1.3 and 1.4. (PunBB 1.2 has the markup that FluxBB
// keeps, and is read as such.)
//
// Its steps: Read tells the page's kind from the wrapper that is named after
// the page, then reads the thread (thread.go), its posts (post.go), listings
// (listing.go) or a member page (profile.go). A wrapper named after messages is
// a wall, whatever the status. Times are the board's own, without a zone.
package punbb

import (
	"net/url"
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"
)

// Engine reads PunBB.
type Engine struct{}

// Name is "punbb".
func (Engine) Name() string { return "punbb" }

var (
	selWrap     = dom.Sel("[id^='brd-'].brd-page, #brd-wrap > [id^='brd-']")
	selMain     = dom.Sel("#brd-main")
	selPostMark = dom.Sel(".posthead .post-ident")
	selListMark = dom.Sel(".main-item .item-subject")
	selFooter   = dom.Sel("#copyright a[href*='punbb'], #brd-about a[href*='punbb']")
	selHome     = dom.Sel("#brd-title a[href], #navindex a[href], .crumbfirst a[href]")
	selProfile  = dom.Sel(".profile.data-group, .profile .user-ident")
	selMessage  = dom.Sel(".main-message")
	selLogin    = dom.Sel("input[name=req_password]")
)

// marks are the wrappers, then the parts of posts and rows.
var marks = []dom.Mark{
	{Name: "#brd-wrap with a page of its own", Weight: 60, Match: selWrap},
	{Name: "#brd-main", Weight: 25, Match: selMain},
	{Name: ".posthead .post-ident", Weight: 35, Match: selPostMark},
	{Name: ".main-item .item-subject", Weight: 30, Match: selListMark},
	{Name: "footer names PunBB", Weight: 30, Match: selFooter},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar that PunBB and FluxBB share.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return punurl.Canonical(u) }

// reader reads one page.
type reader struct {
	doc    *dom.Document
	clock  *dom.Clock
	facts  forum.Facts
	status int
	page   *forum.Page
	gaps   dom.Gaps
	names  dom.Names // of those who post on the page
	wrote  string    // what follows the name in a quote's attribution
	edited string    // what stands before the name in a note on an edit
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, status: c.Status, page: &forum.Page{}}
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
	z := r.clock.Learned()
	z.PostsPerPage, z.Lang = r.page.Learned.PostsPerPage, d.Lang
	r.page.Learned = z
	return r.page, nil
}

// root is the folder that the board's title leads to.
func (r *reader) root() string {
	base := r.doc.Resolve(r.doc.FirstOf(selHome).AttrOr("href", ""))
	u, err := url.Parse(base)
	if base == "" || err != nil || u.Host == "" {
		u = r.doc.URL
	}
	if u.Host == "" {
		return ""
	}
	dir := u.Path
	if !strings.HasSuffix(dir, "/") {
		dir = strings.TrimSuffix(path.Dir(dir), "/") + "/"
	}
	return u.Scheme + "://" + u.Host + dir
}

// kind reads the wrapper's name, and what stands on the page where an
// extension has renamed it.
func (r *reader) kind() forum.Kind {
	name := strings.TrimPrefix(r.doc.FirstOf(selWrap).AttrOr("id", ""), "brd-")
	switch {
	case strings.HasPrefix(name, "search") && r.doc.Has(selItem):
		return forum.KindSearch
	case len(r.messages()) > 0 && !strings.HasPrefix(name, "search") && !strings.HasPrefix(name, "post"):
		return forum.KindThread
	case name == "maintenance":
		return forum.KindMaintenance
	case name == "redirect":
		return forum.KindMoved
	case name == "index":
		return forum.KindIndex
	case name == "viewforum", r.doc.Has(selTopicItem):
		return forum.KindBoard
	case r.doc.Has(selCategory):
		return forum.KindIndex
	case r.doc.Has(selProfile):
		return forum.KindProfile
	case name == "login", r.doc.Has(selLogin) && name != "register":
		return forum.KindLogin
	case name == "message", r.doc.Has(selMessage):
		return r.wall()
	}
	return forum.KindOther
}

// wall tells what a message refuses: its page answers 200 in any case, so that
// beside the status only the words are left.
func (r *reader) wall() forum.Kind {
	switch {
	case r.status == 401:
		return forum.KindLogin
	case r.status == 403:
		return forum.KindDenied
	case r.status == 404 || r.status == 410:
		return forum.KindMissing
	case r.status >= 500:
		return forum.KindMaintenance
	case dom.SaysDenied(dom.Text(r.doc.FirstOf(selMessage))):
		return forum.KindDenied
	}
	return forum.KindMissing
}
