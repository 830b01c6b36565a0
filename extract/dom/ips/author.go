package ips

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/ipsurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selPane       = dom.Sel("aside.cAuthorPane, aside.ipsComment_author, .ipsEntry__author-column, .cAuthorPane, .ipsEntry__header")
	selName       = dom.Sel("aside .cAuthorPane_author, .ipsEntry__username .ipsUsername")
	selNameOther  = dom.Sel(".cAuthorPane_author, .ipsEntry__username")
	selProfileRef = dom.Sel(".cAuthorPane_author a[href*='profile/'], .ipsEntry__username a[href*='profile/'], a.ipsUserPhoto[href*='profile/']")
	selGroup      = dom.Sel("[data-role='group'], .ipsEntry__group, [data-ips-hook='postUserGroup']")
	selRank       = dom.Sel("[data-role='rank-title']")
	selRankBadge  = dom.Sel("img.cAuthorPane_badge--rank[title], img.cAuthorPane_badge[title], .ipsEntry__authorBadge--rank [title]")
	selHighlight  = dom.Sel(".ipsBadge_highlightedGroup, .ipsBadge--highlightedGroup, .ipsEntry__moderatorBadge")
	selModerator  = dom.Sel(".ipsEntry__moderatorBadge, .ipsAvatarStack__badge--moderator, .cAuthorPane_badge--moderator")
	selAvatar     = dom.Sel(".ipsUserPhoto img[src], .ipsUserPhoto img")
	selPosts      = dom.Sel("[data-role='posts'], [data-i-el='posts'] [data-i-el='number']")
	selStats      = dom.Sel("[data-role='stats'] a[title], .cAuthorPane_stats a[title]")
	selReputation = dom.Sel("[data-role='reputation-badge'] .ipsRepBadge, [data-i-el='reputation'] [data-i-el='number'], .cAuthorPane_author .ipsRepBadge")
	selSolvedName = dom.Sel("[data-i-el='solutions'] [data-i-el='label']")
	selSolutions  = dom.Sel("[data-i-el='solutions'] [data-i-el='number']")
	selField      = dom.Sel("[data-role='custom-field']")
	selFieldName  = dom.Sel("[data-i-el='title'], .ft, strong")
	selFieldValue = dom.Sel("[data-i-el='value'], .fc")
	selJoined     = dom.Sel(".cAuthorPane_info time[datetime], [data-role='joined'] time[datetime]")
)

// author reads who wrote a post: the post's own data first, then the pane
// beside it. The pane stands twice on a page; its first form is the full one.
func (r *reader) author(s *goquery.Selection, q quoteData) *forum.Author {
	a := &forum.Author{Name: dom.Fold(q.UserName), ID: q.UserID.String()}
	if a.Name == "" {
		a.Name = dom.TextWithout(dom.First(s, selName, selNameOther), selGroup)
	}
	if a.Name == "" {
		return nil
	}
	href := r.doc.Resolve(dom.First(s, selProfileRef).AttrOr("href", ""))
	if id := ipsurl.MemberID(href); id != "" && (a.ID == "" || a.ID == id) {
		a.ID, a.URL = id, ipsurl.MemberURL(href)
	}
	a.IsGuest = a.ID == ""
	r.standing(a, s)
	r.counters(a, s)
	r.fields(a, s)
	r.pane(a, s)
	if src := r.doc.Resolve(dom.First(s, selAvatar).AttrOr("src", "")); !strings.Contains(src, "default_photo") {
		a.AvatarURL = src
	}
	return a
}

// standing reads rank, group and the badge of highlighted groups.
func (r *reader) standing(a *forum.Author, s *goquery.Selection) {
	group := dom.Text(dom.First(s, selGroup))
	a.Title = dom.Text(dom.First(s, selRank))
	if badge := dom.First(s, selRankBadge).AttrOr("title", ""); a.Title == "" && badge != "" {
		a.Title = rankName(badge)
	}
	r.group(a, group)
	if text := dom.Text(dom.First(s, selHighlight)); text != "" && text != a.Title && !slices.Contains(a.Banners, text) {
		a.Banners = append(a.Banners, text)
	}
	if dom.Has(s, selModerator) {
		a.Roles = append(a.Roles, "moderator")
	}
}

// rankName is the name in "Rank: Explorer (4/14)": between the colon and the
// bracket.
func rankName(badge string) string {
	if _, rest, ok := strings.Cut(badge, ":"); ok {
		badge = rest
	}
	if i := strings.LastIndex(badge, "("); i > 0 && strings.Contains(badge[i:], "/") {
		badge = badge[:i]
	}
	return strings.TrimSpace(badge)
}

func (r *reader) counters(a *forum.Author, s *goquery.Selection) {
	a.PostCount = r.count(dom.Text(dom.First(s, selPosts)))
	if a.PostCount == nil { // the number's tip is exact where the text is not
		s.FindMatcher(selStats).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if strings.Contains(e.AttrOr("href", ""), "/content") {
				a.PostCount = r.count(e.AttrOr("title", ""))
			}
			return a.PostCount == nil
		})
	}
	a.ReactionScore = r.count(dom.Text(dom.First(s, selReputation)))
	if at := dom.First(s, selJoined); at.Length() > 0 {
		a.Joined = r.time(at)
	}
	if n := dom.Text(dom.First(s, selSolutions)); n != "" {
		dom.Card{Author: a, Clock: r.clock}.Add("solutions", dom.Text(dom.First(s, selSolvedName)), n)
	}
}

// fields reads what a board has members fill in. Version 5 gives the field's
// own key.
func (r *reader) fields(a *forum.Author, s *goquery.Selection) {
	pane := dom.First(s, selPane)
	card := dom.Card{Author: a, Clock: r.clock}
	pane.FindMatcher(selField).Each(func(_ int, li *goquery.Selection) {
		label, value := dom.Text(dom.First(li, selFieldName)), dom.Text(dom.First(li, selFieldValue))
		if value == "" {
			text := dom.Text(li)
			if rest, ok := strings.CutPrefix(text, label); ok && label != "" {
				value = strings.TrimSpace(rest)
			} else if label, value, ok = strings.Cut(text, ":"); !ok {
				label, value = "", text
			}
		}
		if value = strings.TrimLeft(value, ": "); label == "" {
			card.Add("profile_field", "", value)
			return
		}
		addField(card, li.AttrOr("data-el", ""), label, value)
	})
}

// addField adds a field under its label where that names a common one, else
// under the engine's own key.
func addField(card dom.Card, key, label, value string) {
	probe := dom.Card{Author: &forum.Author{}, Clock: card.Clock}
	probe.Add("", label, value)
	if len(probe.Author.Fields) == 0 {
		key = ""
	}
	card.Add(key, label, value)
}
