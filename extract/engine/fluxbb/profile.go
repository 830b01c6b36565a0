package fluxbb

import (
	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selGroupBox   = dom.Sel("#viewprofile dl")
	selTerm       = dom.Sel("dt")
	selProfileImg = dom.Sel("#viewprofile img[src*='avatars/']")
	selOwnPosts   = dom.Sel("a[href*='user_id=']")
	selOwnSite    = dom.Sel(".website a[href]")
	selUserSearch = dom.Sel("#viewprofile a[href*='user_id=']")
)

// profile reads a member page: groups of labels and values, the first of which
// begins with the name and the title.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	card := dom.Card{Author: a, Clock: r.clock}
	all := r.doc.FindMatcher(selGroupBox)
	groups := all.Length()
	all.Each(func(group int, dl *goquery.Selection) {
		dl.FindMatcher(selTerm).Each(func(i int, dt *goquery.Selection) {
			dd := dt.Next()
			switch {
			case group == 0 && i == 0:
				a.Name = dom.Text(dd)
			case dom.Has(dd, selSignature), dom.Has(dd, selText), dom.Has(dd, selProfileImg):
			case dom.Has(dd, selOwnSite):
				a.Websites = append(a.Websites, r.doc.Resolve(dom.First(dd, selOwnSite).AttrOr("href", "")))
			case group == 0 && i == 1 && !dom.KnownLabel(dom.Text(dt)):
				a.Title = dom.Text(dd)
			default:
				card.AddProfile(dom.Text(dt), dom.Text(dd), place(groups, group, dt, dd))
			}
		})
	})
	a.URL = r.doc.URL.String()
	if a.ID = punurl.ID(forum.KindProfile, a.URL); a.ID == "" {
		a.URL = ""
		a.ID = dom.Param(r.doc.FirstOf(selUserSearch).AttrOr("href", ""), "user_id")
	}
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selProfileImg).AttrOr("src", ""))
	if a.Name == "" {
		r.gaps.Add("profile.name", "the profile's first line is no name")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link names the account")
	}
}

// place tells what a line is by its place: the last group ends with the day of
// registration.
func place(groups, group int, dt, dd *goquery.Selection) dom.Place {
	switch {
	case dom.Has(dd, selOwnPosts):
		return dom.PlacePosts
	case group == groups-1 && dt.NextAll().Length() == 1:
		return dom.PlaceJoined
	}
	return dom.PlaceAny
}
