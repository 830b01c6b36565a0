package phpbb2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPair     = dom.Sel("table.forumline table tr")
	selHeading  = dom.Sel("table.forumline th.thHead")
	selRankCell = dom.Sel("table.forumline td.row1 > span.postdetails")
	selAvatar   = dom.Sel("table.forumline td.row1 > img[src*='avatar']")
	selValue    = dom.Sel("b")
)

// profile reads a member page: the name after "::" in its heading, then rows of
// labels and values.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	heading := dom.Text(r.doc.FirstOf(selHeading))
	if i := strings.LastIndex(heading, "::"); i >= 0 {
		a.Name = strings.TrimSpace(heading[i+2:])
	} else {
		a.Name = heading
	}
	if a.ID = idOf(forum.KindProfile, r.doc.URL.String()); a.ID != "" {
		l, _ := linkOf(r.doc.URL.String())
		a.URL = l.URL
	}
	if rank := r.doc.FirstOf(selRankCell); rank.Length() > 0 {
		if lines := dom.SplitLines(rank.Nodes[0], nil); len(lines) > 0 {
			a.Title = lines[0]
		}
	}
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selAvatar).AttrOr("src", ""))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selPair).Each(func(_ int, tr *goquery.Selection) {
		cells := tr.ChildrenMatcher(cssTd)
		label := dom.Text(cells.Eq(0))
		if cells.Length() == 2 && strings.HasSuffix(label, ":") {
			card.Add("", label, dom.Text(cells.Eq(1).FindMatcher(selValue).First()))
		}
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "the address names no account")
	}
}
