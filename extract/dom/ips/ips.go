// Package ips reads Invision Community 4 and 5, whose markup differs in class
// names while ids, data-* attributes and embedded data stay.
//
// Its steps: Read tells the kind by the controller that the body element names;
// a thread's posts are its numbered article elements, each with a JSON of its
// own (data-quotedata) that holds author, account, time, thread and post; the
// page's JSON-LD is held against the posts and fills what they lack. The engine
// packages detect the versions and hand over here.
package ips

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selBody    = dom.Sel("body")
	selArticle = dom.Sel("article[id^='elComment_']")
	selRow     = dom.Sel("li.ipsDataItem[data-rowid], .ipsData__item[data-rowid], .ipsDataItem[data-rowid], [data-rowid]")
	selBoard   = dom.Sel("[data-forumid]")
	selError   = dom.Sel("#elError, #elErrorMessage, .ipsError, [data-ips-hook='error'], section.ipsErrorPage")
	selLock    = dom.Sel(".fa-lock, .fa-ban")
	selSignIn  = dom.Sel("main input[type=password], #ipsLayout_body input[type=password], #ipsLayout_contentArea input[type=password], #elSignIn_submit")
	selProfile = dom.Sel("#elProfileHeader, .ipsProfileHeader, #elProfileInfoColumn, [data-controller*='core.front.profile.main'], .ipsProfile")
)

// reader reads one page.
type reader struct {
	doc      *dom.Document
	clock    *dom.Clock
	facts    forum.Facts
	page     *forum.Page
	gaps     dom.Gaps
	perPage  int
	embedded embedded
	warned   map[string]bool
}

// Read reads a page of any kind; version is the engine's major number.
func Read(c forum.Capture, f forum.Facts, d *dom.Document, version string) *forum.Page {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{EngineVersion: version}, warned: map[string]bool{}}
	r.page.Root = r.root()
	r.embedded = readEmbedded(d)
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
	return r.page
}

var reBaseURL = regexp.MustCompile(`baseURL:\s*["'](?:https?:)?(//[^"']+)["']`)

// root is the address that the page's own settings name, else the folder of
// the page's route.
func (r *reader) root() string {
	found := ""
	r.doc.FindMatcher(cssScript).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		text := s.Text()
		if len(text) > 1<<16 {
			return true
		}
		if m := reBaseURL.FindStringSubmatch(text); m != nil {
			found = strings.TrimSuffix(r.doc.Resolve(m[1]), "/") + "/"
		}
		return found == ""
	})
	if found != "" || r.doc.URL.Host == "" {
		return found
	}
	ref, ok := ipsurl.Parse(r.doc.URL)
	if !ok {
		return ""
	}
	return r.doc.URL.Scheme + "://" + r.doc.URL.Host + ref.Root
}

// kind reads the controller that every page names in its body element, in any
// language and theme, and falls back to what is on the page.
func (r *reader) kind(status int) forum.Kind {
	if e := r.doc.FindMatcher(selError); e.Length() > 0 && len(r.articles()) == 0 {
		return wallOf(status, e)
	}
	body := r.doc.FirstOf(selBody)
	module, controller := body.AttrOr("data-pagemodule", ""), body.AttrOr("data-pagecontroller", "")
	switch {
	case len(r.articles()) > 0 && (controller == "topic" || controller == ""):
		return forum.KindThread
	case controller == "login" || controller == "register" || controller == "lostpass":
		return forum.KindLogin
	case controller == "profile" && module == "members":
		return forum.KindProfile
	case module == "forums" && controller == "forums":
		return forum.KindBoard
	case module == "forums" && controller == "index":
		return forum.KindIndex
	case module == "search" || module == "discover":
		return forum.KindSearch
	}
	return r.kindByContent(module)
}

func (r *reader) kindByContent(module string) forum.Kind {
	ref, known := ipsurl.Parse(r.doc.URL)
	switch {
	case module != "" && module != "forums" && module != "members" && module != "system":
		return forum.KindOther
	case known && ref.Kind == forum.KindProfile && r.doc.Has(selProfile):
		return forum.KindProfile
	case r.doc.Has(selSignIn):
		return forum.KindLogin
	case len(r.rows()) > 0:
		return forum.KindBoard
	case r.doc.Has(selBoard):
		if known && ref.Kind == forum.KindBoard {
			return forum.KindBoard
		}
		return forum.KindIndex
	}
	return forum.KindOther
}

// wallOf reads an error page: its status, else the icon of a lock.
func wallOf(status int, e *goquery.Selection) forum.Kind {
	switch {
	case status == 403 || status == 401:
		return forum.KindDenied
	case status == 404 || status == 410:
		return forum.KindMissing
	case status == 429:
		return forum.KindRateLimited
	case status >= 500:
		return forum.KindMaintenance
	case dom.Has(e, selLock) || e.FilterMatcher(selLock).Length() > 0:
		return forum.KindDenied
	}
	return forum.KindMissing
}

func (r *reader) warn(slug string) {
	if !r.warned[slug] {
		r.warned[slug] = true
		r.page.Extract.Warnings = append(r.page.Extract.Warnings, slug)
	}
}
