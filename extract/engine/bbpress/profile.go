package bbpress

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selCardLink     = dom.Sel("#bbp-user-avatar a[title], .bbp-user-profile-link a[title]")
	selCardAvatar   = dom.Sel("#bbp-user-avatar img")
	selNiceName     = dom.Sel("#bbp-user-profile h2.entry-title, .bbp-user-profile .entry-title")
	selUserLine     = dom.Sel("#bbp-user-profile p, .bbp-user-section p")
	selUserAbout    = dom.Sel(".bbp-user-description")
	selUserSite     = dom.Sel(".bbp-user-website a[href]")
	selUserSeen     = dom.Sel(".bbp-user-last-activity")
	selUserTopics   = dom.Sel(".bbp-user-topic-count")
	selUserReplies  = dom.Sel(".bbp-user-reply-count")
	selUserRole     = dom.Sel(".bbp-user-forum-role")
	selUserPageHead = dom.Sel("h1.entry-title, h1")
)

// profile reads a member page. It shows the account's name and the word of its
// address, but not its number.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = strings.TrimSpace(r.doc.FirstOf(selCardLink).AttrOr("title", ""))
	if a.Name == "" {
		a.Name = dom.Text(r.doc.FirstOf(selUserPageHead, selNiceName))
	}
	for _, href := range []string{r.doc.Resolve(r.doc.FirstOf(selCardLink).AttrOr("href", "")), r.doc.URL.String()} {
		if l, ok := linkOf(href); ok && l.Kind == forum.KindProfile && a.URL == "" {
			a.URL = l.URL
		}
	}
	a.AvatarURL = r.doc.Resolve(r.doc.FirstOf(selCardAvatar).AttrOr("src", ""))
	a.About = dom.Text(r.doc.FirstOf(selUserAbout))
	r.doc.FindMatcher(selUserSite).Each(func(_ int, s *goquery.Selection) {
		a.Websites = append(a.Websites, r.doc.Resolve(s.AttrOr("href", "")))
	})
	if _, value, ok := dom.CutLabel(dom.Text(r.doc.FirstOf(selUserSeen))); ok {
		a.LastActive = r.clock.Text(value)
	}
	r.counts(a)
	if a.Name == "" {
		r.gaps.Add("profile.name", "nothing on the page names the account")
	}
	r.gaps.Add("profile.id", "the page does not show the account's number")
}

// counts reads the lines of labels and values. Topics and replies make the
// posts; the first role line of a profile is the date of registration.
func (r *reader) counts(a *forum.Author) {
	topics, replies := dom.Count(dom.Text(r.doc.FirstOf(selUserTopics))), dom.Count(dom.Text(r.doc.FirstOf(selUserReplies)))
	if topics != nil && replies != nil {
		n := *topics + *replies
		a.PostCount = &n
	}
	r.doc.FindMatcher(selUserRole).Each(func(_ int, s *goquery.Selection) {
		_, value, ok := dom.CutLabel(dom.Text(s))
		if !ok {
			return
		}
		if st := r.clock.Text(value); st.Known() && a.Joined.IsZero() {
			a.Joined = st
			return
		}
		r.role(a, value)
	})
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selUserLine).Each(func(_ int, s *goquery.Selection) {
		if strings.Contains(s.AttrOr("class", ""), "bbp-user-") {
			return
		}
		if label, value, ok := dom.CutLabel(dom.Text(s)); ok && len(label) < 60 {
			card.Add("", label, value)
		}
	})
}
