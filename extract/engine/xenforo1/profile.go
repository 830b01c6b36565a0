package xenforo1

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfilePage   = dom.Sel(".profilePage")
	selProfileName   = dom.Sel(".profilePage h1[itemprop='name'], .mainProfileColumn h1, .profilePage h1, .titleBar h1")
	selProfileTitle  = dom.Sel(".userTitle")
	selProfilePairs  = dom.Sel(".profilePage .secondaryContent dl, .profilePage .infoBlock dl, .aboutPairs dl, .pairsColumns dl, .profilePage dl.pairsJustified")
	selProfileSeen   = dom.Sel(".lastActivity .DateTime, .activity .DateTime")
	selAboutText     = dom.Sel("#info .aboutMe, .profileContent .aboutMe, #info .baseHtml.ugc")
	selProfileChrome = dom.Sel(".messageSimple, .Menu, .followBlocks, #recentActivity")
	selProfilePhoto  = dom.Sel(".avatarScaler img, .profilePage .avatar img, a.Av1l img, span.avatar img")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	a.Name = dom.TextWithout(r.doc.FirstOf(selProfileName), selBanner)
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if a.ID = accountID(href); a.ID != "" {
			a.URL = href
			break
		}
	}
	box := r.doc.FirstOf(selProfilePage)
	a.Title = dom.Text(dom.First(box, selProfileTitle))
	box.FindMatcher(selBanner).Each(func(_ int, b *goquery.Selection) { a.Banners = append(a.Banners, dom.Text(b)) })
	r.card(a, box.FindMatcher(selProfilePairs).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return !dom.Is(s, "lastActivity") && dom.Closest(s.Nodes[0], selProfileChrome) == nil
	}))
	if seen := dom.First(box, selProfileSeen); seen.Length() > 0 {
		a.LastActive = r.clock.Element(seen)
	}
	if about := dom.First(box, selAboutText); about.Length() > 0 {
		a.About = r.doc.ReadBody(r.rules, about.Nodes[0]).Body.Text
	}
	a.AvatarURL = r.doc.Resolve(dom.First(box, selProfilePhoto).AttrOr("src", ""))
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
	r.page.Profile = a
}
