// Package vbulletin4 reads vBulletin 4.0 to 4.2.
//
// Its steps: Detect looks for the root's id and the page's own meta elements;
// Read learns the zone from the foot of the page, tells the kind by what is on
// the page, else by the address, and reads thread (thread.go), posts (post.go),
// listings (listing.go) or a member (profile.go). Posts, threads and boards are
// list items with an id; the two forms of a post, with the author beside the
// text or above it, share all classes that are read.
package vbulletin4

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"
)

// Engine reads vBulletin 4.
type Engine struct{}

// Name is "vbulletin4".
func (Engine) Name() string { return "vbulletin4" }

var (
	selGenerator = dom.Sel("meta[name=generator i]")
	selRoot      = dom.Sel("html#vbulletin_html")
	selMeta      = dom.Sel("meta[name='vb_meta_bburl']")
	selPost      = dom.Sel("li[id^='post_'], #posts > [id^='post_']")
	selThreadBit = dom.Sel("li.threadbit, [id^='thread_'].threadbit, #threads > li, #stickies > li")
	selForumBit  = dom.Sel("li.forumbit_post, li.forumbit_nopost, li[id^='forum'].forumbit_post")
	selError     = dom.Sel(".standard_error, form.block.vbform .blockrow.restore, .standard_error .blockrow")
	selPassword  = dom.Sel("input[type=password]")
	selErrorBox  = dom.Sel(".standard_error")
	selProfile   = dom.Sel("#userinfo, .profile_content, #view-aboutme, .member_content, #userprof_content_container, .member_summary")
	selBoardBody = dom.Sel("#threadlist, #forumtools, #forumdisplay_controls, .forum_info, #thread_inlinemod_form")
	selBase      = dom.Sel("meta[name='vb_meta_bburl'][content]")
	selScript    = dom.Sel("script[src*='vbulletin-core'], script[src*='vbulletin_read_marker'], link[href*='css.php?styleid']")
	selOneOfList = dom.Sel("#posts > li.postcontainer, li.postbit, li.postbitlegacy")
)

// marks are the root's id, meta elements and list markup.
var marks = []dom.Mark{
	{Name: "html#vbulletin_html", Weight: 70, Match: selRoot},
	{Name: "generator vBulletin 4", Weight: 70, Match: selGenerator, Attr: "content", Text: "vBulletin 4"},
	{Name: "meta vb_meta_bburl", Weight: 40, Match: selMeta},
	{Name: "vbulletin-core.js", Weight: 25, Match: selScript},
	{Name: "li.postbit or li.postbitlegacy", Weight: 40, Match: selOneOfList},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the grammar of vBulletin 3 and 4.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return vburl.Canonical(u) }

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
	return "4"
}

// root is what the page names as its board's address, else the base of its
// links, else the folder of its own address.
func (r *reader) root() string {
	if v := r.doc.FirstOf(selBase).AttrOr("content", ""); v != "" {
		if abs := r.doc.Resolve(v); abs != "" {
			return strings.TrimSuffix(abs, "/") + "/"
		}
	}
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
	case r.doc.Has(selErrorBox):
		box := r.doc.FirstOf(selErrorBox)
		return wallOf(dom.Has(box, selPassword), dom.Text(box))
	case r.doc.Has(selThreadBit):
		if vbmarkup.IsSearch(r.doc) || !(known && address.Kind == forum.KindBoard) && !r.doc.Has(selBoardBody) {
			return forum.KindSearch
		}
		return forum.KindBoard
	case r.doc.Has(selForumBit):
		if known && address.Kind == forum.KindBoard && address.ID != "" {
			return forum.KindBoard
		}
		return forum.KindIndex
	case r.doc.Has(selProfile):
		return forum.KindProfile
	case known && address.Kind == forum.KindBoard && r.doc.Has(selBoardBody):
		return forum.KindBoard
	}
	if box := r.doc.FindMatcher(selError); box.Length() > 0 && known {
		return wallOf(r.doc.FindMatcher(cssFormVbform).FindMatcher(selPassword).Length() > 0, dom.Text(box.First()))
	}
	return forum.KindOther
}

// deniedWords stand in the message that a member without rights is shown; to a
// guest the engine shows a form to log in with instead.
var deniedWords = []string{"permission", "rechte", "berechtigung", "permis", "autoris", "permess", "toegang", "rechten", "прав", "uprawnie", "behörig", "权限", "權限", "صلاحي"}

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
