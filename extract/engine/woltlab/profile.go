package woltlab

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileName  = dom.Sel(".userProfileUser .contentTitle .userProfileUsername, .userProfileUsername, .contentTitle, h1")
	selProfileTitle = dom.Sel(".userProfileUser .userTitleBadge, .contentTitle .userTitleBadge, .contentHeader .userTitleBadge")
	selProfilePhoto = dom.Sel(".userProfileUser .userAvatarImage, .contentHeader .userAvatarImage")
	selProfilePair  = dom.Sel(".contentHeader dl dt, #about dl dt, .userProfileUser dl dt, .section dl dt")
	selProfileLine  = dom.Sel(".contentHeaderDescription li, .userProfileUser .inlineList li")
	selProfileHead  = dom.Sel(".userProfileUser[data-object-id]")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selProfileName), selNotTitle)
	a.Title = dom.Text(r.doc.FirstOf(selProfileTitle))
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selProfilePhoto).AttrOr("src", ""))
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if id := idOf(forum.KindProfile, href); id != "" && a.ID == "" {
			a.ID, a.URL = id, href
		}
	}
	if a.ID == "" {
		a.ID = dom.Digits(r.doc.FirstOf(selProfileHead).AttrOr("data-object-id", ""))
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfilePair).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	r.doc.FindMatcher(selProfileLine).Each(func(_ int, li *goquery.Selection) {
		r.profileLine(a, li)
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
}

// profileLine reads an item of the lines below the name: "Last activity: TIME"
// with a colon, and "Member since DATE" without one, whose date is mere text.
func (r *reader) profileLine(a *forum.Author, li *goquery.Selection) {
	text := dom.Text(li)
	t := dom.First(li, selTime)
	_, _, labelled := dom.CutLabel(text)
	switch {
	case labelled && t.Length() > 0:
		a.LastActive = r.stamp(t)
	case labelled || !a.Joined.IsZero():
	case t.Length() > 0:
		a.Joined = r.stamp(t)
	default:
		if st, before, after := r.clock.Within(text); st.Known() && before != "" && after == "" {
			a.Joined = st
		}
	}
}
