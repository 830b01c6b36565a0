// Package fluxbb reads FluxBB 1.4 and 1.5 and their ancestor PunBB 1.2, whose
// markup they keep.
//
// Its steps: Read tells the page's kind from the blocks that stand on it, then
// reads the thread (thread.go), its posts (post.go), listings (listing.go) or a
// member page (profile.go). A message block alone is a wall. Times are the
// board's own, without a zone: nothing on a page calibrates them.
package fluxbb

import (
	"net/url"
	"path"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"
)

// Engine reads FluxBB.
type Engine struct{}

// Name is "fluxbb".
func (Engine) Name() string { return "fluxbb" }

var (
	selWrap     = dom.Sel("div.pun[id^='pun']")
	selBlocks   = dom.Sel("#brdheader, #brdmain, #brdfooter")
	selPostMark = dom.Sel(".blockpost[id^='p'] .postmsg")
	selFooter   = dom.Sel("#brdfooter a[href*='fluxbb.'], #brdfooter a[href*='punbb.'], #poweredby")
	selTopics   = dom.Sel("#vf, #punviewforum .blocktable")
	selIndex    = dom.Sel("[id^='idx'].blocktable")
	selProfile  = dom.Sel("#viewprofile")
	selLogin    = dom.Sel("form#login")
	selMessage  = dom.Sel("#msg, #forumredirect, #maint, #maintenance")
	selHome     = dom.Sel("#brdtitle a[href], #navindex a[href], .crumbs li:first-child a[href]")
)

// marks are the wrapper that is named after the script, then the blocks.
var marks = []dom.Mark{
	{Name: "div.pun", Weight: 70, Match: selWrap},
	{Name: "#brdheader, #brdmain or #brdfooter", Weight: 20, Match: selBlocks},
	{Name: ".blockpost with .postmsg", Weight: 35, Match: selPostMark},
	{Name: "#vf.blocktable", Weight: 20, Match: dom.Sel("#vf.blocktable")},
	{Name: "#idx.blocktable", Weight: 20, Match: selIndex},
	{Name: "footer names FluxBB or PunBB", Weight: 30, Match: selFooter},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar that FluxBB and PunBB share.
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
	r.page.EngineVersion = version(d)
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

// version is the program that the footer names; neither shows its number to
// guests unless the board wants it so.
func version(d *dom.Document) string {
	link := d.FirstOf(selFooter)
	if strings.Contains(strings.ToLower(link.AttrOr("href", "")+dom.Text(link)), "punbb") {
		return "PunBB 1.2"
	}
	if _, after, ok := strings.Cut(dom.Text(d.FirstOf(selFooter)), "FluxBB "); ok {
		return strings.TrimRight(strings.SplitN(after, " ", 2)[0], ".,")
	}
	return ""
}

// root is the folder of the scripts: where the board's title leads to.
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

func (r *reader) kind() forum.Kind {
	wrap := r.doc.FirstOf(selWrap).AttrOr("id", "")
	switch {
	case wrap == "punmaint":
		return forum.KindMaintenance
	case wrap == "punredirect":
		return forum.KindMoved
	case wrap == "punsearch" && r.doc.Has(selTopics):
		return forum.KindSearch
	case len(r.messages()) > 0:
		return forum.KindThread
	case r.doc.Has(selTopics):
		return forum.KindBoard
	case r.doc.Has(selIndex):
		return forum.KindIndex
	case r.doc.Has(selProfile):
		return forum.KindProfile
	case r.doc.Has(selLogin):
		return forum.KindLogin
	case r.doc.Has(selMessage):
		return r.wall()
	}
	return forum.KindOther
}

// wall tells what a message block refuses. Later versions say so by the status;
// earlier ones answer 200, and only the words are left.
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
