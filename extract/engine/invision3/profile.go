package invision3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileName  = dom.Sel("#user_info_cell h1, h1 .fn, .ipsUserProfile h1, h1.ipsType_pagetitle, h1")
	selProfilePhoto = dom.Sel("#profile_photo, img.ipsUserPhoto, .photo")
	selProfileRow   = dom.Sel(".ipsList_data li, .general_box li, dl.info")
	selRowTitle     = dom.Sel(".row_title, .ft, dt")
	selRowData      = dom.Sel(".row_data, .fc, dd")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.Text(r.doc.FirstOf(selProfileName))
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if id := ipsurl.MemberID(href); id != "" && a.ID == "" {
			a.ID, a.URL = id, href
			if strings.Contains(href, "/user/") {
				a.URL = ipsurl.MemberURL(href)
			}
		}
	}
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selProfilePhoto).AttrOr("src", ""))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfileRow).Each(func(_ int, li *goquery.Selection) {
		card.Add("", dom.Text(dom.First(li, selRowTitle)), dom.Text(dom.First(li, selRowData)))
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
}
