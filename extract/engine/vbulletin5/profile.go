package vbulletin5

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selName      = dom.Sel(".profile-sidebar-widget .username, .profileContainer .username, .profile-acct .username, .member-info .username, .b-user-profile__username, #userprofile .username, h1.username")
	selNameH1    = dom.Sel("h1:not(.main-title)")
	selOnline    = dom.Sel(".online-status, .b-icon")
	selProfItem  = dom.Sel(".profile-info-item")
	selProfTitle = dom.Sel(".profile-sidebar-widget .usertitle, .usertitle, .member-title")
	selProfImage = dom.Sel(".profile-sidebar-widget .avatar img, .b-avatar img, a.avatar img, .profile-photo img, img.profile-photo")
	selProfPairs = dom.Sel(".profile-info-widget dt, .about-list dt, .section-info dt, #about-tab dt, .member-info dt")
	selProfRows  = dom.Sel(".profile-sidebar-widget li, .member-info li, .b-userinfo__additional-info")
)

var reMember = regexp.MustCompile(`/member/(\d+)(?:-[^/]*)?/`)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selName, selNameH1), selOnline)
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile && a.ID == "" {
			a.ID, a.URL = l.ID, l.URL
		}
	}
	if m := reMember.FindStringSubmatch(r.doc.URL.Path); a.ID == "" && m != nil {
		a.ID = m[1] // a page of the member's own, behind the profile
	}
	a.Title = dom.Text(r.doc.FirstOf(selProfTitle))
	if src := r.doc.Resolve(r.doc.FirstOf(selProfImage).AttrOr("src", "")); !strings.Contains(src, "default_avatar") {
		a.AvatarURL = src
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfPairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	r.card(a, r.doc.FindMatcher(selProfRows))
	r.doc.FindMatcher(selProfItem).Each(func(_ int, s *goquery.Selection) {
		if label, value, ok := strings.Cut(strings.ReplaceAll(dom.Text(s), "：", ":"), ":"); ok {
			card.Add("", label, value)
		}
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
}
