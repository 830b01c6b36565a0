package invision2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPhoto = dom.Sel("#photowrap img[src], .photo img[src], img[src*='uploads/photo-'], img[src*='uploads/av-']")
	selNone  = dom.Sel("i")
)

// profile reads a member page: rows of a label and a value.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page", Name: dom.Text(r.doc.FirstOf(selMember))}
	r.page.Profile = a
	r.account(a, r.doc.URL.String())
	if a.ID == "" {
		r.doc.FindMatcher(cssAHrefMid).EachWithBreak(func(_ int, link *goquery.Selection) bool {
			a.ID = dom.Digits(dom.Param(link.AttrOr("href", ""), "mid"))
			return a.ID == ""
		})
		if a.ID != "" && r.page.Root != "" {
			a.URL = r.page.Root + "index.php?showuser=" + a.ID
		}
	}
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selPhoto).AttrOr("src", ""))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(cssTr).Each(func(_ int, tr *goquery.Selection) {
		cells := tr.ChildrenMatcher(cssTd)
		label := cells.Eq(0)
		if cells.Length() != 2 || !dom.Has(label, cssB) || dom.Has(tr, cssTr) {
			return
		}
		value := cells.Eq(1)
		if lines := dom.SplitLines(value.Nodes[0], nil); len(lines) > 0 && dom.Text(dom.First(value, selNone)) != strings.Join(lines, " ") {
			card.Add("", dom.Text(label), lines[0])
		}
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if ipsurl.MemberID(r.doc.URL.String()) == "" && a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link names an account")
	}
}
