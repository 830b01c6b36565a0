package vanilla

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selUserName  = dom.Sel(".Profile h1.H, h1.H, .User h1, main h1")
	selNotName   = dom.Sel(".Gloss, .Rank, .Options")
	selUserRank  = dom.Sel(".User .Rank, h1 .Rank, .UserTitle")
	selPair      = dom.Sel("dl.About dt, .About dt")
	selUserPhoto = dom.Sel(".PhotoWrapLarge img, .ProfilePhotoLarge, .Photo img.ProfilePhoto")
	selUserTime  = dom.Sel("time")
	selUserID    = dom.Sel(".User [data-userid], .Profile [data-userid]")
)

// profile reads a member page: pairs of labels and values, each with a class of
// its own beside the words of the forum's language.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selUserName), selNotName)
	a.Title = dom.Text(r.doc.FirstOf(selUserRank))
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selUserPhoto).AttrOr("src", ""))
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile && a.URL == "" {
			a.URL, a.ID = l.URL, l.ID
		}
	}
	if a.ID == "" {
		a.ID = dom.Digits(r.doc.FirstOf(selUserID).AttrOr("data-userid", ""))
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selPair).Each(func(_ int, dt *goquery.Selection) { r.pair(a, card, dt) })
	if a.Name == "" {
		r.gaps.Add("profile.name", "no heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither an address nor an attribute names the account's number")
	}
}

func (r *reader) pair(a *forum.Author, card dom.Card, dt *goquery.Selection) {
	dd := dt.Next()
	class := dt.AttrOr("class", "") + " " + dd.AttrOr("class", "")
	switch {
	case strings.Contains(class, "Joined"):
		a.Joined = r.clock.Element(dom.First(dd, selUserTime))
		if a.Joined.IsZero() {
			a.Joined = r.clock.Text(dom.Text(dd))
		}
	case strings.Contains(class, "LastActive"):
		if a.LastActive = r.clock.Element(dom.First(dd, selUserTime)); a.LastActive.IsZero() {
			a.LastActive = r.clock.Text(dom.Text(dd))
		}
	case strings.Contains(class, "Name") && !strings.Contains(class, "UserName"), strings.Contains(class, "Visits"), strings.Contains(class, "Roles"), strings.Contains(class, "Email"):
		if strings.Contains(class, "Roles") {
			a.Banners = append(a.Banners, strings.Split(dom.Text(dd), ", ")...)
		}
	case strings.Contains(class, "Points"):
		a.TrophyPoints = dom.Count(dom.Text(dd))
	default:
		card.Add("", dom.Text(dt), dom.Text(dd))
	}
}
