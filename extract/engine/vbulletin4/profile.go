package vbulletin4

import (
	"forumine/extract/dom"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selName       = dom.Sel("#userinfo .member_username, .member_username, #userinfo h1, .member_summary h1")
	selProfTitle  = dom.Sel("#userinfo .usertitle, .member_summary .usertitle, .usertitle")
	selProfPairs  = dom.Sel("#userinfo dt, .member_summary dt, #view-aboutme dt, .member_content .blockbody dt, .userprof_content dt")
	selProfImage  = dom.Sel("#userinfo .avatarcontainer img, .avatarcontainer img, #user_avatar, .member_summary img[src*='avatar']")
	selProfOnline = dom.Sel(".lastactivity, .userinfo .time")
	selPopup      = dom.Sel(".popupbody, img")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selName), selPopup)
	for _, href := range []string{r.doc.URL.String(), r.doc.Canonical()} {
		if vburl.IsMember(href) && a.URL == "" {
			a.ID, a.URL = vburl.MemberID(href), memberURL(href)
		}
	}
	if a.ID == "" {
		a.ID = searchID(r.doc.Selection)
	}
	a.Title = dom.Text(r.doc.FirstOf(selProfTitle))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfPairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	if a.LastActive.IsZero() {
		if st := r.clock.Text(dom.Text(r.doc.FirstOf(selProfOnline))); st.Known() {
			a.LastActive = st
		}
	}
	a.AvatarURL = vburl.WithoutSession(r.doc.Resolve(r.doc.FirstOf(selProfImage).AttrOr("src", "")))
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link of the page carries the account's number")
	}
}
