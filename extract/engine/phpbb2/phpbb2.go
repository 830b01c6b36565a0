// Package phpbb2 reads phpBB 2.0 in its style subSilver and those made from it.
//
// Its steps: Read tells the page's kind from what stands on it, then reads the
// thread (thread.go), its posts (post.go, body.go), listings (listing.go) or a
// member page (profile.go). Everything is a table: posts are found by their
// anchors, cells by the classes of the text in them. Times are the board's own;
// the line on its zone names GMT in every language and gives the offset.
package phpbb2

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Engine reads phpBB 2.
type Engine struct{}

// Name is "phpbb2".
func (Engine) Name() string { return "phpbb2" }

var (
	selForumLine = dom.Sel("table.forumline")
	selZoneText  = dom.Sel("span.gensmall, td.gensmall, .gensmall")
	selMessage   = dom.Sel("table.forumline th.thHead")
	selMessageIn = dom.Sel("table.forumline td.row1 .gen")
	selPassword  = dom.Sel("form[action*='login.php'] input[name=password]")
)

// marks: later versions keep some classes in their table style, but not the
// tables' own.
var marks = []dom.Mark{
	{Name: "table.forumline", Weight: 40, Match: selForumLine},
	{Name: "a.maintitle", Weight: 10, Match: dom.Sel("a.maintitle")},
	{Name: "span.postbody", Weight: 20, Match: dom.Sel("span.postbody, td.postbody")},
	{Name: "span.name with an anchor", Weight: 20, Match: dom.Sel("span.name a[name]")},
	{Name: ".forumline with topics or boards", Weight: 30, Match: dom.Sel("table.forumline .topictitle, table.forumline a.forumlink, table.forumline .cattitle")},
	{Name: "heads and categories of subSilver", Weight: 25, Match: dom.Sel("th.thCornerL, th.thLeft, th.thHead, td.catLeft, td.rowpic, td.row3Right")},
	{Name: "Forumotion's cards", Weight: 20, Match: dom.Sel("tr.post .postdetails.poster-profile")},
	{Name: "footer names phpBB", Weight: 15, Match: dom.Sel(".copyright a[href*='phpbb']")},
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
	names dom.Names // of those who post on the page
	wrote string    // what follows the name in a quote's attribution
	start int       // posts before the page's first
}

// Read reads a page of any kind.
func (e Engine) Read(c forum.Capture, f forum.Facts, d *dom.Document) (*forum.Page, error) {
	r := &reader{doc: d, clock: dom.NewClock(c, f, d), facts: f, page: &forum.Page{}}
	r.page.EngineVersion = "2"
	r.page.Root = root(d.URL)
	r.calibrate()
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
	z := r.clock.Learned()
	z.PostsPerPage, z.Lang = r.page.Learned.PostsPerPage, d.Lang
	r.page.Learned = z
	return r.page, nil
}

var reZone = regexp.MustCompile(`(?:GMT|UTC)\s*(?:([+\-−])\s*(\d{1,2})(?:[.:,](\d{1,2}))?)?`)

// calibrate reads the line that names the zone of all times on the page.
func (r *reader) calibrate() {
	r.doc.FindMatcher(selZoneText).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		text := dom.Text(s)
		m := reZone.FindStringSubmatch(text)
		if m == nil || len(text) > 120 {
			return true
		}
		hours, _ := strconv.Atoi(m[2])
		secs := hours * 3600
		if m[3] != "" { // "GMT + 5.5", "GMT + 3:30"
			part, _ := strconv.Atoi(m[3])
			if strings.Contains(m[0], ":") {
				secs += part * 60
			} else {
				secs += int(float64(part) / math.Pow10(len(m[3])) * 3600)
			}
		}
		if m[1] != "+" {
			secs = -secs
		}
		r.clock.LearnZone(secs)
		return false
	})
}

func (r *reader) kind(status int) forum.Kind {
	has := func(m goquery.Matcher) bool { return r.doc.Has(m) }
	address := r.doc.URL.String()
	switch {
	case len(r.messages()) > 0 && !strings.Contains(address, "search.php"):
		return forum.KindThread
	case has(selRow) && idOf(forum.KindBoard, address) == "" && strings.Contains(address, "search.php"):
		return forum.KindSearch
	case has(selRow):
		return forum.KindBoard
	case has(selBoard):
		return forum.KindIndex
	case idOf(forum.KindProfile, address) != "" && has(selPair):
		return forum.KindProfile
	case idOf(forum.KindBoard, address) != "" && has(selBoardTitle):
		return forum.KindBoard
	case has(selPassword):
		return forum.KindLogin
	case has(selMessage) && has(selMessageIn):
		if status == 403 || status != 404 && dom.SaysDenied(dom.Text(r.doc.FirstOf(selMessageIn))) {
			return forum.KindDenied
		}
		return forum.KindMissing
	}
	return forum.KindOther
}
