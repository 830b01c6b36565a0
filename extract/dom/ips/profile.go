package ips

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileName  = dom.Sel("#elProfileHeader h1, .cProfileHeader_name h1, .ipsProfile__header h1, .ipsProfileHeader h1, .ipsPageHeader h1, h1")
	selProfileGroup = dom.Sel(".cProfileHeader_name [data-role='group'], .ipsProfile__group, [data-role='memberGroup'], #elProfileHeader [data-role='group']")
	selProfilePhoto = dom.Sel("#elProfilePhoto img, .ipsProfile__photo img, .cProfileHeader_photo img, .ipsUserPhoto img")
	selProfileStat  = dom.Sel("#elProfileStats li, .cProfileStats li, .ipsProfile__stats li, .ipsProfileStats li")
	selStatLabel    = dom.Sel("h4, .ipsProfile__stats-label, strong")
	selProfileRow   = dom.Sel("#elProfileInfoColumn .ipsDataItem, .ipsProfile__fields li, #elProfileInfoColumn .ipsData__item, .ipsProfile dl > div")
	selRowLabel     = dom.Sel(".ipsDataItem_size3 strong, .ipsDataItem_generic strong, strong, dt, [data-i-el='title']")
	selRowValue     = dom.Sel(".ipsDataItem_main, dd, [data-i-el='value']")
	selProfileRep   = dom.Sel(".cProfileRepScore_points, .ipsProfileRepScore_points, .ipsProfile__reputation-number")
)

// profile reads a member page.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selProfileName), selNoTitle)
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if id := ipsurl.MemberID(href); id != "" && a.ID == "" {
			a.ID, a.URL = id, ipsurl.MemberURL(href)
		}
	}
	a.Title = dom.Text(r.doc.FirstOf(selProfileGroup))
	if src := r.doc.Resolve(r.doc.FirstOf(selProfilePhoto).AttrOr("src", "")); !strings.Contains(src, "default_photo") {
		a.AvatarURL = src
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selProfileStat).Each(func(_ int, li *goquery.Selection) {
		label := dom.Text(dom.First(li, selStatLabel))
		if at := dom.First(li, selHeaderTime); at.Length() > 0 {
			r.memberTime(a, label, at)
			return
		}
		card.Add("", label, dom.TextWithout(li, selStatLabel))
	})
	r.doc.FindMatcher(selProfileRow).Each(func(_ int, li *goquery.Selection) {
		addField(card, li.AttrOr("data-el", ""), dom.Text(dom.First(li, selRowLabel)), dom.Text(dom.First(li, selRowValue)))
	})
	if n := dom.Count(dom.Text(r.doc.FirstOf(selProfileRep))); n != nil {
		a.ReactionScore = n
	}
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the canonical link nor the address names an account")
	}
}

// memberTime sorts a time of the header: the label tells join and visit apart
// where a translation is known, else their order does, joined first.
func (r *reader) memberTime(a *forum.Author, label string, at *goquery.Selection) {
	probe := &forum.Author{}
	dom.Card{Author: probe, Clock: r.clock}.Add("", label, at.AttrOr("datetime", ""))
	st := r.time(at)
	switch {
	case !probe.LastActive.IsZero():
		a.LastActive = st
	case !probe.Joined.IsZero() || a.Joined.IsZero():
		a.Joined = st
	case a.LastActive.IsZero():
		a.LastActive = st
	}
}
