package smf

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileName  = dom.Sel("#basicinfo .username h4, #basicinfo h4, #profileview h4")
	selProfileGroup = dom.Sel("#basicinfo .position, .position")
	selProfilePairs = dom.Sel("#detailedinfo dl dt, #profileview dl dt")
	selProfilePhoto = dom.Sel("#basicinfo img.avatar, #profileview img.avatar")
	selProfileLink  = dom.Sel("a[href*='action=profile'], a[href*='action,profile']")
	selInnerSpan    = dom.Sel("span")
	selLabelCell    = dom.Sel("td > b:first-child, td > strong:first-child")
)

// profile reads a member page: names and groups in #basicinfo, pairs in
// #detailedinfo; SMF 1.1 has a table of pairs only.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selProfileName), selInnerSpan)
	if group := dom.Text(r.doc.FirstOf(selProfileGroup)); group != "" {
		a.Title = group
	}
	r.profileID(a)
	a.AvatarURL = r.clean(r.doc.FirstOf(selProfilePhoto).AttrOr("src", ""))
	if strings.HasSuffix(a.AvatarURL, "/avatars/default.png") {
		a.AvatarURL = ""
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfilePairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	if a.Name == "" {
		r.oldPairs(a, card)
	}
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name on the member page")
	}
}

func (r *reader) profileID(a *forum.Author) {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String(), r.doc.FindMatcher(selProfileLink).Last().AttrOr("href", "")} {
		if a.ID = memberID(href); a.ID != "" {
			break
		}
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
		return
	}
	if r.page.Root != "" {
		a.URL = r.page.Root + "index.php?action=profile;u=" + a.ID
	}
}

// oldProfile are the labels of SMF 1.1's table: bold, with a colon, first in
// their cell.
func (r *reader) oldProfile() *goquery.Selection {
	return r.doc.FindMatcher(selLabelCell).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.HasSuffix(dom.Text(s), ":") && s.Parent().NextMatcher(cssTd).Length() > 0
	})
}

// oldPairs reads that table. The first pair is the name.
func (r *reader) oldPairs(a *forum.Author, card dom.Card) {
	r.oldProfile().Each(func(i int, s *goquery.Selection) {
		value := dom.Text(s.Parent().NextMatcher(cssTd))
		if i == 0 {
			a.Name = value
			return
		}
		card.Add("", dom.Text(s), value)
	})
}
