package xf2

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileName  = dom.Sel(".memberHeader-name .username, .memberTooltip-name .username")
	selProfileNames = dom.Sel(".memberHeader-name, .memberTooltip-name")
	selProfileTitle = dom.Sel(".userTitle")
	selProfilePairs = dom.Sel(".memberHeader-blurb dl, .memberHeader-stats dl, .memberTooltip-blurb dl, .memberTooltip-stats dl, .js-memberTabPanes dl[data-field], .block-row dl.pairs--columns, dl.pairs--customField")
	selLocation     = dom.Sel("a[href*='location-info']")
	selAboutText    = dom.Sel(".js-memberTabPanes .block-row > .bbWrapper, .block-row > .bbWrapper")
	selProfileHead  = dom.Sel(".memberHeader-avatar, .memberTooltip-avatar")
)

// Profile reads a member page or the card that floats over a name.
func (r *Reader) Profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	name := r.Doc.FirstOf(selProfileName, selProfileNames)
	a.Name = dom.TextWithout(name, selBanner)
	if name.Length() > 0 {
		a.ID, a.Roles = userID(name.Nodes[0]), roles(name.Nodes[0])
	}
	for _, href := range []string{r.Doc.Canonical(), r.Doc.URL.String()} {
		if id := xfurl.MemberID(href); id != "" && (a.ID == "" || a.ID == id) {
			a.ID = id
			a.URL, _, _ = strings.Cut(href, "about")
			break
		}
	}
	box := r.Doc.FirstOf(selMember)
	a.Title = dom.Text(dom.First(box, selProfileTitle))
	a.Location = dom.Text(dom.First(box, selLocation))
	r.Avatar(a, r.Doc.FirstOf(selProfileHead, selMember))
	a.IsGuest = false
	r.Banners(a, box)
	r.Card(a, r.Doc.FindMatcher(selProfilePairs).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return dom.Closest(s.Nodes[0], selWidget) == nil
	}))
	if about := r.Doc.FirstOf(selAboutText); about.Length() > 0 && a.About == "" {
		a.About = r.Text(about.Nodes[0])
	}
	if a.Name == "" {
		r.Gaps.Add("profile.name", "no name in the member's header")
	}
	if a.ID == "" {
		r.Gaps.Add("profile.id", "neither the header nor the address names an account")
	}
	r.Page.Profile = a
}
