// Package smf reads Simple Machines Forum 1.1, 2.0, 2.1 and the 3.0 that keeps
// 2.1's markup, with the themes that derive from their default ones.
//
// Its steps: Read learns the forum's clock from the header, tells the page's
// kind from what stands on it, then reads the thread (thread.go), its posts
// (post.go, card.go, body.go), listings (listing.go), the board index
// (boards.go) or a member page (profile.go). Posts are found by the ids that
// the engine's scripts need (subject_N, msg_N), so that a theme can move
// everything around them. Addresses are read in url.go.
package smf

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads SMF.
type Engine struct{}

// Name is "smf".
func (Engine) Name() string { return "smf" }

var (
	selScripts   = dom.Sel("script")
	selPostForm  = dom.Sel("#quickModForm [id^='subject_'], #forumposts [id^='subject_'], #forumposts [id^='msg_']")
	selCopyright = dom.Sel("a[href*='simplemachines.org'], a[title='Simple Machines']")
	selHelp      = dom.Sel("link[rel='help'][href*='action=help'], link[rel='search'][href*='action=search']")
	selTheme     = dom.Sel("link[href*='/Themes/'][rel*='stylesheet'], script[src*='/Themes/default/']")
	selLists     = dom.Sel("#boardindex_table, #messageindex, #topic_container, #main_content_section")
	selVersion   = dom.Sel("li.copyright, #footer, #footerarea, #footer_section")
)

var marks = []dom.Mark{
	{Name: "posts of #forumposts or #quickModForm", Weight: 25, Match: selPostForm},
	{Name: "link to simplemachines.org", Weight: 25, Match: selCopyright},
	{Name: "link[rel=help] to action=help", Weight: 15, Match: selHelp},
	{Name: "files of /Themes/", Weight: 15, Match: selTheme},
	{Name: "lists of the default theme", Weight: 10, Match: selLists},
	{Name: "script variable smf_scripturl", Weight: 80, Test: func(d *dom.Document) bool {
		return scriptVar(d, "smf_scripturl") != "" || scriptVar(d, "smf_theme_url") != ""
	}},
}

// Detect lists the marks that are on the page; the variables that the engine's
// scripts need are there in every theme.
func (Engine) Detect(d *dom.Document) []dom.Signal { return d.Signals(marks) }

var reScriptVar = regexp.MustCompile(`\b(smf_scripturl|smf_theme_url)\s*=\s*["']([^"']+)["']`)

// scriptVar is the value that a script of the page gives to one of the
// engine's variables, or "".
func scriptVar(d *dom.Document, name string) string {
	found := ""
	d.FindMatcher(selScripts).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		for c := s.Nodes[0].FirstChild; c != nil; c = c.NextSibling {
			if !strings.Contains(c.Data, name) { // far cheaper than the pattern, on every page of any engine
				continue
			}
			for _, m := range reScriptVar.FindAllStringSubmatch(c.Data, -1) {
				if m[1] == name {
					found = m[2]
					return false
				}
			}
		}
		return true
	})
	return found
}

// Canonical maps a link to the page it leads to; see url.go.
func (Engine) Canonical(u *url.URL) (forum.Link, bool) { return canonical(u) }

// reader reads one page.
type reader struct {
	doc   *dom.Document
	clock *dom.Clock
	facts forum.Facts
	page  *forum.Page
	gaps  dom.Gaps
	names dom.Names // of the authors on the page

	startedBy string // what stands before a starter's name in a listing
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, facts: f, page: &forum.Page{}}
	r.clock = r.pageClock(c, f)
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
	learned := r.clock.Learned()
	learned.PostsPerPage = r.page.Learned.PostsPerPage
	learned.Lang = d.Lang
	r.page.Learned = learned
	return r.page, nil
}

var reVersion = regexp.MustCompile(`SMF (\d+(?:\.\d+)*)`)

// version is what the footer names; forums may hide it.
func version(d *dom.Document) string {
	if m := reVersion.FindStringSubmatch(dom.Text(d.FindMatcher(selVersion).Last())); m != nil {
		return m[1]
	}
	return ""
}

var (
	selHeaderTime = dom.Sel(".user time[datetime], #inner_wrap time[datetime], #top_section time[datetime]")
	selHeaderText = dom.Sel(".user time, .user li:last-child, #userarea, #upshrinkHeader .smalltext, #upshrinkHeader .middletext, td.titlebg2 .smalltext, #current_time, #time")
)

// pageClock reads the forum's own time in the page's header: SMF 2.1 gives it
// as a machine time too, older ones as text, which the capture's time matches.
func (r *reader) pageClock(c forum.Capture, f forum.Facts) *dom.Clock {
	var at time.Time
	var shown []string
	if s := r.doc.FirstOf(selHeaderTime); s.Length() > 0 {
		at = dom.NewClock(c, f, r.doc).Machine(s.AttrOr("datetime", ""), "").At
		shown = append(shown, dom.Text(s))
	} else {
		r.doc.FindMatcher(selHeaderText).Each(func(_ int, s *goquery.Selection) {
			if text := dom.Text(s); text != "" && len(text) < 80 {
				shown = append(shown, text)
			}
		})
	}
	return dom.PageClock(c, f, r.doc, at, shown...)
}

// root is the address of the forum's folder, as the page's scripts or its own
// address give it.
func (r *reader) root() string {
	for _, href := range []string{scriptVar(r.doc, "smf_scripturl"), r.doc.URL.String()} {
		u, err := url.Parse(href)
		if err != nil || u.Host == "" {
			continue
		}
		dir := u.Path
		if i := strings.Index(dir, "/index.php"); i >= 0 {
			dir = dir[:i]
		} else {
			dir = dir[:strings.LastIndex(dir, "/")+1]
		}
		return u.Scheme + "://" + u.Host + strings.TrimSuffix(dir, "/") + "/"
	}
	return ""
}

var (
	selRecent      = dom.Sel("#recent, #unread, #unreadreplies, .search_results_posts")
	selProfileView = dom.Sel("#profileview, #basicinfo")
	selFatal       = dom.Sel("#fatal_error")
	selLogin       = dom.Sel("form[action*='action=login2'] input[name='passwrd'], form[action*='login2'] input[type='password']")
	selLoginBox    = dom.Sel("#frmLogin, form[name='frmLogin'], .login")
	selMaintenance = dom.Sel("#maintenance_mode")
	selErrorCode   = dom.Sel("#fatal_error .padding[id], #fatal_error .windowbg [id]")
	selIndexTable  = dom.Sel("#boardindex_table, .boardindex_table")
	selTopics      = dom.Sel("#messageindex, #topic_container")
)

// kind tells the page by what stands on it; the address settles only what the
// content leaves open.
func (r *reader) kind() forum.Kind {
	link, known := canonical(r.doc.URL)
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	switch {
	case has(selFatal):
		return r.errorKind()
	case has(selMaintenance):
		return forum.KindMaintenance
	case has(selRecent):
		return forum.KindSearch
	case len(r.messages()) > 0:
		return forum.KindThread
	case has(selTopics) || len(r.rows()) > 0:
		return forum.KindBoard
	case has(selProfileView):
		return forum.KindProfile
	case len(r.boardAnchors()) > 0:
		if known && link.Kind == forum.KindBoard {
			return forum.KindBoard
		}
		return forum.KindIndex
	case has(selIndexTable):
		return forum.KindIndex
	case has(selLoginBox) && has(selLogin):
		return forum.KindLogin
	case known && link.Kind == forum.KindProfile && r.oldProfile().Length() > 0:
		return forum.KindProfile
	}
	return forum.KindOther
}

// errorKind tells errors by the code that SMF 2.1 writes as an id beside the
// message: topic_gone, no_board, no_access, cannot_….
func (r *reader) errorKind() forum.Kind {
	code := r.doc.FirstOf(selErrorCode).AttrOr("id", "")
	if code == "no_access" || strings.HasPrefix(code, "cannot_") || strings.Contains(code, "ban") || strings.Contains(code, "permission") {
		return forum.KindDenied
	}
	return forum.KindMissing
}
