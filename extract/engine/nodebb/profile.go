package nodebb

import (
	"cmp"
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selAccount     = dom.Sel(".account")
	selFullName    = dom.Sel(".account .fullname, .account .account-username, .account .username")
	selAccountPic  = dom.Sel(".account .avatar-wrapper img, .account img.avatar, .account img.user-profile-picture, img[component='avatar/picture']")
	selAbout       = dom.Sel(".account .profile .text-center .lead, .aboutme, .account .bio")
	selStat        = dom.Sel(".account-stats .stat, .account-stats .inline-block")
	selStatLabel   = dom.Sel(".stat-label, .account-bio-label")
	selStatValue   = dom.Sel("[title], .stat-value, .human-readable-number, span, a")
	selOldLabel    = dom.Sel(".account-bio-label")
	selGroupBadges = dom.Sel(".account a[href*='/groups/'] .badge-text, .account .group-label")
)

// profile reads a member page, from its data, else from what it shows.
func (r *reader) profile() {
	j := r.data
	a := r.user(j)
	if a == nil {
		r.shownProfile()
		return
	}
	a.ProfileSource = "profile_page"
	r.page.Profile = a
	if username := text(j.At("username")); username != "" && username != a.Name {
		a.Fields = map[string]string{"username": username}
	}
	a.Joined = r.clock.Machine(j.At("joindateISO").Text(), "")
	a.LastActive = r.clock.Machine(j.At("lastonlineISO").Text(), "")
	a.PostCount, a.ReactionScore = j.At("postcount").Number(), j.At("reputation").Number()
	a.Location = text(j.At("location"))
	if site := text(j.At("website")); site != "" {
		a.Websites = append(a.Websites, site)
	}
	if about := j.At("aboutmeParsed").Text(); about != "" {
		a.About = r.doc.ReadBody(r.rules, dom.Fragment(about)).Body.Text
	}
	r.profileGroups(a)
	r.profileFields(a)
}

func (r *reader) profileGroups(a *forum.Author) {
	for _, g := range r.data.At("selectedGroup").List() {
		badge(a, "/groups/"+g.At("slug").Text(), cmp.Or(text(g.At("userTitle")), text(g.At("name"))))
	}
	if r.data.At("banned").True() {
		a.Roles = append(a.Roles, "banned")
	}
	if r.data.At("isTargetAdmin").True() && len(a.Roles) == 0 {
		a.Roles = append(a.Roles, "admin")
	}
}

// profileFields reads the forum's own fields; two of them have a place of
// their own.
func (r *reader) profileFields(a *forum.Author) {
	card := dom.Card{Author: a, Clock: r.clock}
	for _, f := range r.data.At("customUserFields").List() {
		key, value := f.At("key").Text(), text(f.At("value"))
		switch {
		case value == "":
		case key == "location":
			a.Location = value
		case key == "website":
			if len(a.Websites) == 0 {
				a.Websites = []string{value}
			}
		default:
			card.Add(key, text(f.At("name")), value)
		}
	}
}

// shownProfile reads the page without its data.
func (r *reader) shownProfile() {
	if !r.doc.Has(selAccount) {
		r.gaps.Add("profile", "neither data nor elements of a member page")
		return
	}
	a := &forum.Author{ProfileSource: "profile_page", Name: dom.Text(r.doc.FirstOf(selFullName))}
	u := *r.doc.URL
	u.RawQuery, u.Fragment = "", ""
	a.URL = u.String()
	pic := r.doc.FirstOf(selAccountPic)
	a.AvatarURL = r.doc.Resolve(pic.AttrOr("src", ""))
	a.ID = r.doc.FirstOf(cssAccountDataUID).AttrOr("data-uid", "")
	r.doc.FindMatcher(selGroupBadges).Each(func(_ int, s *goquery.Selection) { a.Banners = append(a.Banners, dom.Text(s)) })
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selStat).Each(func(_ int, s *goquery.Selection) {
		value := s.FindMatcher(selStatValue).FilterFunction(func(_ int, e *goquery.Selection) bool {
			return dom.Closest(e.Nodes[0], selStatLabel) == nil
		}).First()
		card.Add("", dom.Text(dom.First(s, selStatLabel)), cmp.Or(value.AttrOr("title", ""), dom.Text(value)))
	})
	r.doc.FindMatcher(selOldLabel).Each(func(_ int, s *goquery.Selection) {
		if value := s.Next(); value.IsMatcher(cssAccountBioValue) {
			card.Add("", dom.Text(s), cmp.Or(value.AttrOr("title", ""), dom.Text(value)))
		}
	})
	a.About = dom.Text(r.doc.FirstOf(selAbout))
	if a.ID == "" {
		r.gaps.Add("profile.id", "the page shows no number of the account")
	}
	r.page.Profile = a
}
