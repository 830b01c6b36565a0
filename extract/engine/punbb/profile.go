package punbb

import (
	"forumine/extract/dom"
	"forumine/extract/dom/punurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selUser        = dom.Sel(".user-ident .username, .profile .username")
	selUserRank    = dom.Sel(".user-ident .usertitle")
	selUserPicture = dom.Sel(".user-ident .useravatar img, .profile .useravatar img")
	selData        = dom.Sel(".data-list li")
	selUserSearch  = dom.Sel("a[href*='user_id=']")
	selUserSite    = dom.Sel(".data-list a.url, .data-list a.external[href], .url a[href]")
)

// profile reads a member page: the name, then lines of labels and values.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name, a.Title = dom.Text(r.doc.FirstOf(selUser)), dom.Text(r.doc.FirstOf(selUserRank))
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selUserPicture).AttrOr("src", ""))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selData).Each(func(_ int, li *goquery.Selection) {
		if dom.Has(li, selUserSite) {
			a.Websites = append(a.Websites, r.doc.Resolve(dom.First(li, selUserSite).AttrOr("href", "")))
			return
		}
		if label, value, ok := dom.CutLabel(dom.Text(li)); ok && len(label) < 60 {
			card.Add("", label, value)
		}
	})
	if a.ID = punurl.ID(forum.KindProfile, r.doc.URL.String()); a.ID != "" {
		a.URL = r.doc.URL.String()
	} else {
		a.ID = dom.Param(r.doc.FirstOf(selUserSearch).AttrOr("href", ""), "user_id")
	}
	if a.Name == "" {
		r.gaps.Add("profile.name", "the profile begins with no name")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link names the account")
	}
}
