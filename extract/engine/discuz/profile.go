package discuz

import (
	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selName      = dom.Sel("#uhd h2.mt, .u_profile h2.mbn, .user_avatar .name")
	selNameExtra = dom.Sel("span, img")
	selUID       = dom.Sel(".u_profile h2 span.xw0")
	selFace      = dom.Sel("#uhd .avt img, .u_profile .avt img, #pcd .avt img, .icn.avt img")
	selPair      = dom.Sel(".pf_l li")
	selPairLabel = dom.Sel("em")
	selGroup     = dom.Sel(".u_profile a[href*='ac=usergroup'][href*='gid=']")
	selReplies   = dom.Sel(".u_profile a[href*='do=thread'][href*='type=reply']")
	selThreadsOf = dom.Sel(".u_profile a[href*='do=thread'][href*='type=thread']")
	selOwnLink   = dom.Sel("#uhd a[href], .u_profile a[href*='do=thread']")
)

// profile reads a member's page: labels in em, each before its value.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	r.page.Profile = a
	a.Name = dom.TextWithout(r.doc.FirstOf(selName), selNameExtra)
	r.profileID(a)
	a.AvatarURL = r.face()
	if link := r.doc.FirstOf(selGroup); link.Length() > 0 {
		a.Title = dom.Text(link)
		a.Roles = roles(dom.Param(link.AttrOr("href", ""), "gid"))
	}
	card := dom.Card{Author: a, Clock: r.clock}
	r.doc.FindMatcher(selPair).Each(func(_ int, li *goquery.Selection) {
		card.Add("", dom.Text(li.ChildrenMatcher(selPairLabel).First()), dom.TextWithout(li, selPairLabel))
	})
	replies, threads := dom.Count(dom.Text(r.doc.FirstOf(selReplies))), dom.Count(dom.Text(r.doc.FirstOf(selThreadsOf)))
	if replies != nil && threads != nil { // the program subtracts the one from the whole
		a.PostCount = new(*replies + *threads)
	}
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's heading")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor the heading has the account's number")
	}
}

func (r *reader) profileID(a *forum.Author) {
	address := r.doc.URL.String()
	if a.ID = r.linked(address, forum.KindProfile); a.ID == "" {
		a.ID = dom.Digits(dom.Text(r.doc.FirstOf(selUID)))
	}
	if a.ID == "" {
		r.doc.FindMatcher(selOwnLink).EachWithBreak(func(_ int, link *goquery.Selection) bool {
			a.ID = r.linked(link.AttrOr("href", ""), forum.KindProfile)
			return a.ID == ""
		})
	}
	if r.linked(address, forum.KindProfile) != "" {
		a.URL = r.pageAddress(address, 0)
	} else if a.ID != "" && r.page.Root != "" {
		a.URL = r.page.Root + "home.php?mod=space&uid=" + a.ID
	}
}

func (r *reader) face() string {
	pic := r.doc.FirstOf(selFace)
	if pic.Length() == 0 {
		return ""
	}
	return r.doc.Resolve(picture(pic.Nodes[0]))
}
