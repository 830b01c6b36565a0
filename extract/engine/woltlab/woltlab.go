// Package woltlab reads WoltLab Burning Board 3 to 5 and WoltLab Suite Forum 6.
//
// Its steps: Read tells the page's kind from what stands on it and from the
// template's name on the body, then reads the thread (thread.go), its posts
// (post.go, body.go), listings (listing.go) or a member page (profile.go). Data
// attributes come first; where a copy of a page has lost them, anchors and
// links name the same things.
package woltlab

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads WoltLab.
type Engine struct{}

// Name is "woltlab".
func (Engine) Name() string { return "woltlab" }

var (
	selTemplate = dom.Sel("body[id^='tpl_wbb_'], body[data-application='wbb'], body[id^='tplThread'], body[id^='tplBoard']")
	selWCF      = dom.Sel("body[id^='tpl_wcf_'], body[data-application='wcf'], woltlab-core-date-time, woltlab-core-pagination, script[src*='WCF.Combined'], script[src*='WoltLabSuite'], script[src*='wcf/js/']")
	selPostMark = dom.Sel("article.wbbPost, li.wbbPost, .wbbPost.message, [id^='postRow'].message")
	selPostAny  = dom.Sel("article.wbbPost, li.wbbPost, .wbbPost.message, [id^='postRow'].message, article[data-post-id], article[data-object-type*='.wbb.'], .wbbThreadPostList article, .messageList > li[id^='post'] > article")
	selRowMark  = dom.Sel(".wbbThread, .wbbBoardList, .wbbBoardContainer, .wbbBoard")
	selFooter   = dom.Sel("#copyright a[href*='woltlab'], .copyright a[href*='woltlab'], #pageFooterCopyright a[href*='woltlab'], a[href*='woltlab.com'][rel]")
	selUserPage = dom.Sel("body[data-template='user'], body#tpl_wcf_user, body#tplUser, .userProfileUser, .contentHeader.userProfileUser")
	selLogin    = dom.Sel("body[data-template='login'], body#tpl_wcf_login, form#loginForm, #login form")
	selDenied   = dom.Sel("body[data-template='permissionDenied'], body#tpl_wcf_permissionDenied, body#tplPermissionDenied")
	selMissing  = dom.Sel("body[data-template='error'], body#tpl_wcf_error, body[data-template='userException'], body#tpl_wcf_userException, .error404, #errorMessage")
	selOffline  = dom.Sel("body[data-template='offline'], body#tpl_wcf_offline")
)

// marks are the template's name on the body, then the forum's own classes.
var marks = []dom.Mark{
	{Name: "body names a forum template", Weight: 60, Match: selTemplate},
	{Name: ".wbbPost", Weight: 55, Match: selPostMark},
	{Name: ".wbbThread or .wbbBoard", Weight: 50, Match: selRowMark},
	{Name: "WoltLab elements or scripts", Weight: 35, Match: selWCF},
	{Name: "footer names WoltLab", Weight: 25, Match: selFooter},
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
	gaps  dom.Gaps

	status int
	types  *dom.JSON // titles of reactions; nil until asked for
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}, status: c.Status}
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

func (r *reader) kind() forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	switch {
	case len(r.messages()) > 0 && !strings.Contains(strings.ToLower(r.template()), "search"):
		return forum.KindThread
	case has(selUserPage):
		return forum.KindProfile
	case has(selRow):
		if r.addressed(forum.KindBoard) || strings.EqualFold(r.template(), "board") {
			return forum.KindBoard
		}
		return forum.KindSearch // unread threads and the like
	case has(selBoard):
		if r.addressed(forum.KindBoard) {
			return forum.KindBoard
		}
		return forum.KindIndex
	case has(selDenied):
		if has(selLogin) {
			return forum.KindLogin
		}
		return forum.KindDenied
	case has(selOffline):
		return forum.KindMaintenance
	case has(selMissing):
		if r.status == 403 {
			return forum.KindDenied // since 6.0 one template shows every error
		}
		return forum.KindMissing
	case has(selLogin):
		return forum.KindLogin
	case r.addressed(forum.KindBoard):
		return forum.KindBoard
	}
	return forum.KindOther
}

// template is the name of the page's template, as the body has it.
func (r *reader) template() string {
	body := r.doc.FindMatcher(cssBody)
	if name := body.AttrOr("data-template", ""); name != "" {
		return name
	}
	id := body.AttrOr("id", "")
	return strings.TrimPrefix(id[strings.LastIndexByte(id, '_')+1:], "tpl")
}

func (r *reader) addressed(kind forum.Kind) bool {
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if l, ok := linkOf(href); ok && l.Kind == kind {
			return true
		}
	}
	return false
}

// root is what stands before the routes.
func (r *reader) root() string {
	u := r.doc.URL
	if u.Host == "" {
		return ""
	}
	p := u.EscapedPath()
	if m := rePath.FindStringSubmatch(p); m != nil {
		p = m[1]
	} else if i := strings.Index(p, "/index.php"); i >= 0 {
		p = p[:i+1]
	}
	if !strings.HasSuffix(p, "/") {
		p = p[:strings.LastIndexByte(p, '/')+1]
	}
	return u.Scheme + "://" + u.Host + strings.TrimSuffix(p, "index.php/")
}
