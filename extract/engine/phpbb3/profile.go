package phpbb3

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

var (
	selProfileMark  = dom.Sel("dl.details, td.postdetails, a[href*='author_id='], .profile-details")
	selProfileBox   = dom.Sel("#viewprofile, #pagecontent")
	selProfileName  = dom.Sel("dl.profile-details dd > span, dl.left-box.details dd > span, dl.details dd > span")
	selTableName    = dom.Sel("td[align='center'] > b.gen")
	selProfileRank  = dom.Sel(".avatar-rank-container dd, dl.left-box:not(.details) dd, td.postdetails")
	selProfileImg   = dom.Sel(".profile-avatar img, dl.left-box dt img, img.avatar, img[src*='avatar']")
	selProfilePairs = dom.Sel("dl.details")
	selStatistics   = dom.Sel(".column2 dl.details")
	selForm         = dom.Sel("select, input")
	selTableRow     = dom.Sel("table table tr")
)

// profile reads a member page: lists of labels and values, in subsilver2 tables
// of them.
func (r *reader) profile() {
	a := &forum.Author{ProfileSource: "profile_page"}
	box := r.doc.FirstOf(selProfileBox)
	a.Name = dom.Text(dom.First(box, selProfileName, selTableName))
	r.profileID(a, box)
	a.Title = rank(dom.First(box, selProfileRank), dom.Text(dom.First(box, selProfileRank)))
	if src := r.resolve(dom.First(box, selProfileImg).AttrOr("src", "")); src != "" && !placeholder(src) {
		a.AvatarURL = src
	}
	c := dom.Card{Author: a, Clock: r.clock}
	box.FindMatcher(selProfilePairs).Each(func(_ int, dl *goquery.Selection) { r.pairs(c, dl) })
	r.tablePairs(c, box)
	r.statistics(a, box)
	r.looseProfile(a, c, box)
	if a.Name == "" {
		r.gaps.Add("profile.name", "no name in the page's first list")
	}
	if a.ID == "" {
		r.gaps.Add("profile.id", "neither the address nor a link names the account")
	}
	r.page.Profile = a
}

func (r *reader) profileID(a *forum.Author, box *goquery.Selection) {
	for _, href := range []string{r.doc.Canonical(), r.doc.URL.String()} {
		if a.ID = memberID(href); a.ID != "" {
			a.URL = r.resolve(href)
			if u := parse(href); u != nil {
				if l, ok := (Engine{}).Canonical(u); ok {
					a.URL = l.URL
				}
			}
			return
		}
	}
	if id := dom.Param(dom.First(box, selAuthorID).AttrOr("href", ""), "author_id"); isID(id) {
		a.ID = id
	}
}

// pairs adds the labels and values of one list. The first is the name; lists to
// choose from are the viewer's.
func (r *reader) pairs(c dom.Card, dl *goquery.Selection) {
	dl.FindMatcher(cssDt).Each(func(_ int, dt *goquery.Selection) {
		dd := dt.NextMatcher(cssDd)
		value := dom.Text(dd)
		if dd.Length() == 0 || dom.Has(dd, selForm) || c.Author.Name != "" && value == c.Author.Name {
			return
		}
		r.pair(c, dom.Text(dt), value, dd)
	})
}

func (r *reader) tablePairs(c dom.Card, box *goquery.Selection) {
	box.FindMatcher(selTableRow).Each(func(_ int, tr *goquery.Selection) {
		cells := tr.Children()
		if cells.Length() != 2 || dom.Has(cells, selForm) || !cells.Eq(0).IsMatcher(cssTdGen) {
			return
		}
		r.pair(c, dom.Text(cells.Eq(0)), dom.Text(dom.First(cells.Eq(1), selBold)), cells.Eq(1))
	})
}

var selBold = dom.Sel("b.gen, b.genmed, a")

func (r *reader) pair(c dom.Card, label, value string, at *goquery.Selection) {
	if dom.Has(at, selAuthorID) { // the number of posts, with a link to them
		if n := dom.Count(value); n != nil {
			c.Author.PostCount = n
			return
		}
	}
	link := dom.First(at, cssAHref)
	if href := r.doc.Resolve(link.AttrOr("href", "")); href != "" {
		if r.doc.SameHost(href) && strings.Contains(href, ".php") && !strings.Contains(href, "viewforum") && !strings.Contains(href, "viewtopic") {
			return // a way to reach the member, not what the page says of them
		}
		if !r.doc.SameHost(href) && !strings.Contains(value, "://") && link.Length() > 0 {
			value = href
		}
	}
	if strings.Trim(value, "- ") == "" {
		return
	}
	c.Add("", label, value)
}

// statistics fills date of joining and last visit by their place, whatever the
// language: the engine shows them first.
func (r *reader) statistics(a *forum.Author, box *goquery.Selection) {
	dl := dom.First(box, selStatistics)
	values := dl.FindMatcher(cssDd)
	if a.Joined.IsZero() && values.Length() > 0 {
		if st := r.clock.Text(dom.Text(values.Eq(0))); st.Known() {
			a.Joined = st
			dropField(a, dom.Slug(strings.Trim(dom.Text(dl.FindMatcher(cssDt).Eq(0)), ": ")))
		}
	}
	if a.LastActive.IsZero() && values.Length() > 1 {
		if st := r.clock.Text(dom.Text(values.Eq(1))); st.Known() {
			a.LastActive = st
			dropField(a, dom.Slug(strings.Trim(dom.Text(dl.FindMatcher(cssDt).Eq(1)), ": ")))
		}
	}
}
