package wpforo

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selOwnName   = dom.Sel(".wpfp-name")
	selHeadName  = dom.Sel(".wpf-profile-details, .wpforo-profile-head-data")
	selFace      = dom.Sel(".wpf-profile-avatar img")
	selSince     = dom.Sel(".wpfp-joined")
	selStatField = dom.Sel(".wpf-statbox")
	selStatLabel = dom.Sel(".wpf-statbox-title")
	selStatValue = dom.Sel(".wpf-statbox-value")
	selField     = dom.Sel(".wpforo-profile-content .wpf-field")
	selFieldName = dom.Sel(".wpf-label-wrap")
	selFieldText = dom.Sel(".wpf-field-wrap")
)

// profile reads a member's page, which shows no number.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(dom.First(r.doc.Selection, selOwnName, selHeadName), selNicename)
	if at := strings.LastIndex(a.Name, " @"); at > 0 && !strings.Contains(a.Name[at+2:], " ") {
		a.Name = a.Name[:at] // followed by the name to mention it by
	}
	if l, ok := linkOf(r.doc.URL.String()); ok && l.Kind == forum.KindProfile {
		a.URL = l.URL
	}
	if pic := r.doc.FindMatcher(selFace).First(); pic.Length() > 0 {
		a.AvatarURL = r.doc.Resolve(pic.AttrOr("src", ""))
	}
	r.titles(a, &message{s: r.doc.FindMatcher(selProfile).First()})
	card := dom.Card{Author: a, Clock: r.clock}
	if since := r.doc.FindMatcher(selSince).First(); since.Length() > 0 {
		for _, line := range dom.SplitLines(since.Nodes[0], nil) {
			if label, value, ok := dom.CutLabel(line); ok {
				card.Add("", label, value)
			}
		}
	}
	r.doc.FindMatcher(selStatField).Each(func(i int, s *goquery.Selection) {
		label, value := dom.Text(s.FindMatcher(selStatLabel).First()), dom.Text(s.FindMatcher(selStatValue).First())
		if n := dom.Count(value); i == 0 && n != nil {
			a.PostCount = n
			return
		}
		if !strings.Contains(value, "/") { // a level out of ten
			card.Add("", label, value)
		}
	})
	r.doc.FindMatcher(selField).Each(func(_ int, s *goquery.Selection) {
		card.Add("", strings.TrimRight(dom.Text(s.FindMatcher(selFieldName).First()), ": "), dom.Text(s.FindMatcher(selFieldText).First()))
	})
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's head")
	}
	r.gaps.Add("profile.id", "the page does not show the account's number")
}
