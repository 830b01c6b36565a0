package flarum

import (
	"forumine/extract/dom"
	"forumine/extract/forum"
)

// profile reads an account's page.
func (r *reader) profile(j dom.JSON) {
	r.page.Kind = forum.KindProfile
	a := r.user(j)
	if a == nil {
		r.gaps.Add("profile.name", "the account has no name")
		return
	}
	a.ProfileSource = "profile_page"
	r.card(a, j)
	a.LastActive = r.clock.Machine(attr(j, "lastSeenAt"), "")
	if a.About = attr(j, "bio"); a.About == "" {
		a.About = dom.FragmentText(attr(j, "bioHtml"))
	}
	r.page.Profile = a
}
