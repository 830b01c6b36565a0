package vbulletin3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selName      = dom.Sel("#username_box h1, #main_userinfo h1")
	selNameCrumb = dom.Sel(".navbar strong")
	selUserTitle = dom.Sel("#username_box h2, #main_userinfo h2")
	selUserPhoto = dom.Sel("#user_avatar, #profilepic_cell img, #username_box img[src*='avatar'], img[src*='customavatars'], img[src*='image.php?u=']")
	selPairs     = dom.Sel("dl.profilefield_list dt, #collapseobj_aboutme dt, #collapseobj_stats dt")
	selStat      = dom.Sel("#collapseobj_stats li, fieldset.statistics_group li, #view-stats li, #collapseobj_aboutme li")
	selShade     = dom.Sel(".shade")
	selActivity  = dom.Sel("#activity_info, #last_online, #collapseobj_stats_mini")
	selOnline    = dom.Sel("img[src*='user_offline'], img[src*='user_online'], .inlineimg, h1 img")
)

// profile reads a member page of 3.7 and later; older ones have the same lines
// in a table.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selName, selNameCrumb), selOnline)
	a.ID = vburl.MemberID(r.doc.URL.String())
	if a.URL = canonicalMember(r.doc.URL.String()); a.ID == "" {
		a.ID = r.memberID()
	}
	a.Title = dom.Text(r.doc.FirstOf(selUserTitle))
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selPairs).Each(func(_ int, dt *goquery.Selection) {
		card.Add("", dom.Text(dt), dom.Text(dt.NextMatcher(cssDd)))
	})
	r.doc.FindMatcher(selStat).Each(func(_ int, li *goquery.Selection) {
		if label := dom.Text(dom.First(li, selShade)); label != "" && !dom.Has(li, cssDd) { // else a heading over pairs
			card.Add("", label, dom.TextWithout(li, selShade))
		}
	})
	if a.LastActive.IsZero() {
		for _, line := range r.activity() {
			if _, value, ok := strings.Cut(line, ":"); ok && a.LastActive.IsZero() {
				if st := r.clock.Text(value); st.Known() {
					a.LastActive = st
				}
			}
		}
	}
	a.AvatarURL = vburl.WithoutSession(r.doc.Resolve(r.doc.FirstOf(selUserPhoto).AttrOr("src", "")))
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "no link of the page carries the account's number")
	}
}

func (r *reader) activity() []string {
	s := r.doc.FirstOf(selActivity)
	if s.Length() == 0 {
		return nil
	}
	return vbmarkup.TextLines(s.Nodes[0])
}

// memberID is the account's number in a link of the member's tools.
func (r *reader) memberID() string {
	href := r.doc.FirstOf(cssAHrefDoFinduserHrefU).AttrOr("href", "")
	for _, key := range []string{"u", "userid"} {
		if id := dom.Param(href, key); id != "" && dom.Digits(id) == id {
			return id
		}
	}
	return ""
}
