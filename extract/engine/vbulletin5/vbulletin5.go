// Package vbulletin5 reads vBulletin 5 and 6.
//
// Its steps: Detect looks for the body's id, the generator and the list items
// of posts; Read tells the kind by what is on the page and reads thread
// (thread.go), posts (post.go), listings (listing.go) or a member (profile.go).
// Everything in this generation is a node with a number: data-node-id is the
// post's, data-channel-id the board's. Times are machine-readable microdata.
package vbulletin5

import (
	"net/url"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/forum"
)

// Engine reads vBulletin 5 and 6.
type Engine struct{}

// Name is "vbulletin5".
func (Engine) Name() string { return "vbulletin5" }

var (
	selBody      = dom.Sel("body#vb-page-body")
	selWidget    = dom.Sel(".canvas-widget, .b-module, #vb-page-body .js-canvas-container")
	selPost      = dom.Sel("li.b-post, .b-post[data-node-id], .conversation-list > li[itemtype]")
	selPostMark  = dom.Sel("li.b-post[data-node-id], .b-post[data-node-id]")
	selText      = dom.Sel(".js-post__content-text")
	selTextOther = dom.Sel(".b-post__content [itemprop=text]")
	selTextOuter = dom.Sel(".b-post__content")
	selTopic     = dom.Sel("tr.topic-item[data-node-id], .topic-item[data-node-id], .js-topic-item[data-node-id]")
	selStream    = dom.Sel(".activity-view")
	selFound     = dom.Sel(".activity-view > [data-node-id]")
	selForum     = dom.Sel("tr.forum-item, .forum-item[data-channel-id], .forum-item")
	selProfile   = dom.Sel(".profile-sidebar-widget, .member-info, #userprofile, .b-user-profile, .profile-info-widget, .profileTabs-widget")
	selError     = dom.Sel(".error-page, .b-error, .page-error, .main-error, .error-message-container, .js-error-page, #error-page")
	selMain      = dom.Sel("#content, .main-content, #main-content, main")
	selPassword  = dom.Sel("#content input[type=password], .main-content input[type=password], .loginbox input[type=password]")
)

// marks are the body's id, the generator and list markup.
var marks = []dom.Mark{
	{Name: "body#vb-page-body", Weight: 70, Match: selBody},
	{Name: "generator vBulletin 5 or 6", Weight: 70, Match: dom.Sel("meta[name=generator i][content^='vBulletin 5'], meta[name=generator i][content^='vBulletin 6']")},
	{Name: "li.b-post with data-node-id", Weight: 50, Match: selPostMark},
	{Name: "tr.topic-item with data-node-id", Weight: 40, Match: selTopic},
	{Name: "widgets of a canvas", Weight: 25, Match: selWidget},
}

// Detect lists the marks that are on the page.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

// Canonical maps links by the engine's routes.
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
	return "5"
}

func (r *reader) root() string {
	if r.doc.Base != r.doc.URL && r.doc.Base.Host != "" {
		return strings.TrimSuffix(r.doc.Base.String(), "/") + "/"
	}
	if r.doc.URL.Host == "" {
		return ""
	}
	root, _ := split(r.doc.URL.EscapedPath())
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + root
}

func (r *reader) kind() forum.Kind {
	l, known := linkOf(r.doc.URL.String())
	switch {
	case known && l.Kind == forum.KindProfile && !r.doc.Has(selError):
		return forum.KindProfile
	case len(r.messages()) > 0:
		return forum.KindThread
	case r.doc.Has(selTopic):
		if known && l.Kind == forum.KindIndex && r.doc.Has(selForum) {
			return forum.KindIndex
		}
		return forum.KindBoard
	case r.doc.Has(selForum):
		if known && l.Kind == forum.KindBoard {
			return forum.KindBoard
		}
		return forum.KindIndex
	case r.doc.Has(selProfile):
		return forum.KindProfile
	case r.doc.Has(selStream):
		return forum.KindSearch
	case r.doc.Has(selPassword):
		return forum.KindLogin
	}
	if e := r.doc.FirstOf(selError); e.Length() > 0 {
		return wallOf(dom.Text(e))
	}
	if known && (l.Kind == forum.KindThread || l.Kind == forum.KindBoard) {
		return wallOf(dom.Text(r.doc.FirstOf(selMain)))
	}
	return forum.KindOther
}

// deniedWords stand in the message of a page that the viewer may not see.
var deniedWords = []string{"permission", "rechte", "berechtigung", "permis", "autoris", "permess", "toegang", "прав", "uprawnie", "behörig", "权限", "權限", "صلاحي"}

func wallOf(text string) forum.Kind {
	text = strings.ToLower(text)
	for _, w := range deniedWords {
		if strings.Contains(text, w) {
			return forum.KindDenied
		}
	}
	return forum.KindMissing
}
