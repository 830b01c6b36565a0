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
	selUserSearch = dom.Sel("#viewprofile a[href*='user_id=']")
)

// profile reads a member page: groups of labels and values, the first of which
// begins with the name.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selGroupBox).Each(func(group int, dl *goquery.Selection) {
		dl.FindMatcher(selTerm).Each(func(i int, dt *goquery.Selection) {
			dd := dt.Next()
			switch {
			case group == 0 && i == 0:
				a.Name = dom.Text(dd)
			case dom.Has(dd, selSignature), dom.Has(dd, selText), dom.Has(dd, selProfileImg):
			case group == 0 && i == 1 && titleLabels[dom.Slug(dom.Text(dt))]:
				a.Title = dom.Text(dd)
			default:
				card.Add("", dom.Text(dt), dom.Text(dd))
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

// titleLabels are the words for a member's title in the translations.
var titleLabels = map[string]bool{"title": true, "titel": true, "titre": true, "titulo": true, "titolo": true, "tytuł": true, "tytul": true, "звание": true, "заголовок": true, "титул": true, "titul": true, "status": true, "статус": true, "ранг": true, "rang": true, "头衔": true, "头衔名称": true, "肩書き": true, "cim": true, "unvan": true}
