package vbulletin5

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selName      = dom.Sel(".profile-sidebar-widget .username, .member-info .username, .b-user-profile__username, #userprofile .username, h1.username, h1")
	selProfTitle = dom.Sel(".profile-sidebar-widget .usertitle, .usertitle, .member-title")
	selProfImage = dom.Sel(".profile-sidebar-widget .avatar img, .b-avatar img, a.avatar img, .profile-photo img")
	selProfPairs = dom.Sel(".profile-info-widget dt, .about-list dt, .section-info dt, #about-tab dt, .member-info dt")
	selProfRows  = dom.Sel(".profile-sidebar-widget li, .member-info li, .b-userinfo__additional-info")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.Text(dom.First(r.doc.Selection, selName))
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile && a.ID == "" {
			a.ID, a.URL = l.ID, l.URL
		}
	}
	a.Title = dom.Text(dom.First(r.doc.Selection, selProfTitle))
	a.AvatarURL = r.doc.Resolve(dom.First(r.doc.Selection, selProfImage).AttrOr("src", ""))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfPairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextFiltered("dd")))
	})
	r.card(a, r.doc.FindMatcher(selProfRows))
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
}
