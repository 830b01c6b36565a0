package vbmarkup

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selTools     = dom.Sel("a[href*='newthread.php'][href*='f='], a[href*='do=markread'][href*='f='], a[href*='external.php'][href*='forumids='], link[href*='external.php'][href*='forumids='], input[name='f'][value], input[name='forumid'][value], input[name='forumchoice[]'][value]")
	selLinkImage = dom.Sel("img[src*='forum_link']")
	reToolID     = regexp.MustCompile(`[?&;](?:f|forumids|forumid)=(\d+)(?:$|[&;#])`)
	reHasClock   = regexp.MustCompile(`\d{1,2}[:.h]\d{2}`)
	reSearch     = regexp.MustCompile(`search\.php|/search/|/tags?\.php|/tags?/|do=(?:getnew|getdaily|process)`)
)

// BoardID is the number of the board that the page lists: that of its address,
// else of its tools, where the address has a name instead.
func BoardID(d *dom.Document) string {
	if id := vburl.BoardID(d.URL.String()); id != "" {
		return id
	}
	found := ""
	d.FindMatcher(selTools).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if m := reToolID.FindStringSubmatch(s.AttrOr("href", "")); m != nil {
			found = m[1]
		} else if v := s.AttrOr("value", ""); v != "" && dom.Digits(v) == v {
			found = v
		}
		return found == ""
	})
	return found
}

// IsSearch tells the pages that list what was found or is new.
func IsSearch(d *dom.Document) bool { return reSearch.MatchString(d.URL.String()) }

// IsLink tells a board that leads elsewhere: the engine gives it an icon of its
// own, and its address is another site's or that of something that is no board.
func IsLink(d *dom.Document, row *goquery.Selection, href string) bool {
	if dom.Has(row, selLinkImage) || !d.SameHost(href) {
		return true
	}
	return vburl.ThreadID(href) != "" || vburl.IsMember(href) || strings.Contains(href, "showgroups.php")
}

// LastTime is the time in a last post's cell: the line that holds one, a line
// with a clock before one without. One in words that nothing dates ("Today,
// 05:14 PM" on a saved page) is kept as shown.
func LastTime(k *dom.Clock, cell *goquery.Selection) forum.Stamp {
	var at, raw forum.Stamp
	for _, line := range TextLines(cell.Nodes[0]) {
		st := k.Text(line)
		switch {
		case st.Known() && (!at.Known() || st.Precision != forum.PrecisionDay):
			at = st
		case !st.Known() && raw.IsZero() && reHasClock.MatchString(line) && len(line) < 40:
			raw = st
		}
	}
	if at.Known() && (raw.IsZero() || at.Precision != forum.PrecisionDay) {
		if st, _, _ := k.Within(at.Raw); st.Known() {
			return st // without the words around it
		}
		return at
	}
	if !raw.IsZero() {
		return raw
	}
	return at
}
