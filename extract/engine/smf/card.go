package smf

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selName      = dom.Sel(".poster h4, .poster .username, .poster h3, .poster h5, td[rowspan] > b, td[width='16%'] > b, td[rowspan] > strong, td[width='16%'] > strong")
	selLooseName = dom.Sel("h3, h4")
	selNotName   = dom.Sel(".profile, ul ul")
	selMember    = dom.Sel("a[href*='profile']")
	selOwnField  = dom.Sel(".custom, img, .on, .off")
	selItems     = dom.Sel(".poster li, ul[id$='_extra_info'] li, .poster > div[class], .poster > span[class], .poster > p[class]")
	selClassed   = dom.Sel("a, img, li, input")
	selOldCard   = dom.Sel("td[rowspan] > div.smalltext, td[rowspan] > span.smalltext, td[width='16%'] > div.smalltext, td[width='16%'] > span.smalltext")
	selAvatar    = dom.Sel(".poster img.avatar, .poster .avatar img, td[rowspan] img.avatar, td[rowspan] div div img, td[width='16%'] img.avatar, td[width='16%'] div div img")
	selCardImage = dom.Sel("img[src]")
	selTitled    = dom.Sel("[title], [alt]")
	selOutLink   = dom.Sel("a[href^='http']")
)

// author reads who wrote a post. Guests and deleted accounts have no link; the
// engine shows both alike.
func (r *reader) author(s *goquery.Selection) *forum.Author {
	box := dom.First(s, selName)
	link := memberLink(box)
	if link == nil && box.Length() == 0 {
		box = looseName(s)
		link = titledMember(s)
	}
	if link == nil && box.Length() == 0 {
		link = memberLink(dom.First(s, selPoster))
	}
	a := &forum.Author{}
	if link != nil {
		a.Name, a.ID, a.URL = dom.Text(link), memberID(link.AttrOr("href", "")), r.clean(link.AttrOr("href", ""))
	} else {
		a.Name, a.IsGuest = dom.TextWithout(box, selOwnField), !dom.Has(box, cssA)
	}
	if a.Name == "" {
		return nil
	}
	a.AvatarURL = r.avatar(s)
	r.items(a, s)
	r.oldCard(a, s)
	if a.PostCount == nil && !a.IsGuest {
		r.cardLines(a, s)
	}
	if a.ID == "" && !a.IsGuest {
		r.account(a, dom.First(s, selPoster))
	}
	return a
}

// account takes the account from any link of the card, the picture's or that
// of the member page, where the name's own leads nowhere.
func (r *reader) account(a *forum.Author, card *goquery.Selection) {
	card.FindMatcher(selMember).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		href := e.AttrOr("href", "")
		if a.ID = memberID(href); a.ID != "" {
			a.URL = r.clean(href)
		}
		return a.ID == ""
	})
}

// titledMember is the link that the engine makes of a name, outside of the
// text: its title is a phrase of the language that ends with the name.
func titledMember(s *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	s.FindMatcher(selMember).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		name := dom.Text(e)
		title := dom.Fold(e.AttrOr("title", ""))
		if name != "" && title != name && strings.Contains(title, name) && memberID(e.AttrOr("href", "")) != "" && dom.Closest(e.Nodes[0], selBody) == nil {
			found = e
		}
		return found == nil
	})
	return found
}

// looseName is the heading of a post that is neither in its text nor its
// subject, where a theme has the name outside of the card.
func looseName(s *goquery.Selection) *goquery.Selection {
	return s.FindMatcher(selLooseName).FilterFunction(func(_ int, e *goquery.Selection) bool {
		n := e.Nodes[0]
		return dom.Closest(n, selBody) == nil && dom.Closest(n, selSubject) == nil && !dom.Has(e, selSubject) && dom.Closest(n, selKeyInfo) == nil && !dom.Has(e, selMessageLink)
	}).First()
}

// memberLink is the first link to an account that carries a name.
func memberLink(box *goquery.Selection) *goquery.Selection {
	var found *goquery.Selection
	box.FindMatcher(selMember).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if memberID(s.AttrOr("href", "")) != "" && dom.Text(s) != "" && dom.Closest(s.Nodes[0], selNotName) == nil {
			found = s
		}
		return found == nil
	})
	return found
}

// avatar leaves out the picture that stands for none.
func (r *reader) avatar(s *goquery.Selection) string {
	src := r.clean(dom.First(s, selAvatar).AttrOr("src", ""))
	if strings.HasSuffix(src, "/avatars/default.png") || strings.Contains(src, "/icons/") {
		return ""
	}
	return src
}

// items reads the list beside a post by the classes that the engine gives its
// items; a custom field's second class is its key.
func (r *reader) items(a *forum.Author, s *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	postgroup := ""
	var bare []string
	s.FindMatcher(selItems).Each(func(_ int, li *goquery.Selection) {
		text := dom.Text(li)
		switch {
		case inOther(li.Nodes[0], s.Nodes[0]): // of a post that a theme has left open
		case dom.Is(li, "custom"):
			customField(card, li)
		case dom.Is(li, "title"):
			a.Title = text
		case dom.Is(li, "membergroup"):
			if !a.IsGuest { // of guests it says that they are
				banner(a, text)
			}
		case dom.Is(li, "postgroup"):
			postgroup = text
		case dom.Is(li, "icons"), dom.Is(li, "stars"):
			roles(a, li)
		case dom.Is(li, "postcount"):
			a.PostCount = dom.Count(text)
		case dom.Is(li, "karma"):
			a.ReactionScore = karma(text)
		case dom.Is(li, "gender"):
			a.Gender = titled(li)
		case dom.Is(li, "blurb"):
			a.About = text
		case dom.Is(li, "profile"):
			r.website(a, li)
		case li.AttrOr("class", "") == "" && !dom.Has(li, selClassed):
			bare = append(bare, text)
		}
	})
	if a.PostCount == nil {
		bareItems(a, card, bare)
	}
	if postgroup == "" {
		return
	}
	if a.Title == "" && len(a.Banners) == 0 {
		a.Title = postgroup
		return
	}
	banner(a, postgroup)
}

// bareItems reads the items of SMF 2.0's theme "core", which have no classes:
// groups stand before the counter of posts, the only one.
func bareItems(a *forum.Author, card dom.Card, items []string) {
	var groups []string
	for _, text := range items {
		label, value, ok := dom.CutLabel(text)
		switch {
		case ok && a.PostCount == nil && dom.Count(value) != nil:
			a.PostCount = dom.Count(value)
		case ok:
			card.Add("", label, value)
		case a.PostCount == nil && text != "":
			groups = append(groups, text)
		}
	}
	if a.PostCount == nil {
		return // groups cannot be told from what else stands there
	}
	for _, group := range groups {
		if a.Title == "" {
			a.Title = group
			continue
		}
		banner(a, group)
	}
}

// inOther tells an element of another post within a post's element.
func inOther(n, post *html.Node) bool {
	w := dom.Closest(n, selWrapper)
	return w != nil && w != post && selWrapper.Match(post)
}

func banner(a *forum.Author, text string) {
	if text != "" {
		a.Banners = append(a.Banners, text)
	}
}

// roles reads the group's icons, whose file names are the engine's own.
func roles(a *forum.Author, li *goquery.Selection) {
	role := ""
	li.FindMatcher(selCardImage).Each(func(_ int, img *goquery.Selection) {
		src := strings.ToLower(img.AttrOr("src", ""))
		switch {
		case strings.Contains(src, "iconadmin"), strings.Contains(src, "staradmin"):
			role = "admin"
		case strings.Contains(src, "icongmod"), strings.Contains(src, "iconmod"), strings.Contains(src, "stargmod"), strings.Contains(src, "starmod"):
			role = "moderator"
		}
	})
	if role != "" && len(a.Roles) == 0 {
		a.Roles = []string{role}
	}
}

// customField reads "Label: value", or an icon whose title is the value.
func customField(card dom.Card, li *goquery.Selection) {
	key := ""
	for class := range strings.FieldsSeq(li.AttrOr("class", "")) {
		if class != "custom" {
			key = class
		}
	}
	label, value, ok := dom.CutLabel(dom.Text(li))
	if !ok && value == "" {
		value = titled(li)
	}
	switch key {
	case "cust_loca", "cust_locate":
		key = "location"
	case "cust_gender":
		key = "gender"
	}
	card.Add(key, label, value)
}

// titled is the title or the alternative text of the first element that has one.
func titled(li *goquery.Selection) string {
	e := dom.First(li, selTitled)
	if title := strings.TrimSpace(e.AttrOr("title", "")); title != "" {
		return title
	}
	return strings.TrimSpace(e.AttrOr("alt", ""))
}

// karma is "Karma: 12" or "Karma: +5/-2".
func karma(text string) *int64 {
	up, down, both := strings.Cut(text, "/")
	n := dom.Count(strings.ReplaceAll(up, "+", " "))
	if n == nil || !both {
		return n
	}
	if m := dom.Count(strings.NewReplacer("-", "", "−", "").Replace(down)); m != nil {
		sum := *n - *m
		return &sum
	}
	return n
}

func (r *reader) website(a *forum.Author, li *goquery.Selection) {
	li.FindMatcher(selOutLink).Each(func(_ int, s *goquery.Selection) {
		href := s.AttrOr("href", "")
		if abs := r.doc.Resolve(href); abs != "" && parseHref(href).params.get("action") == "" {
			a.Websites = append(a.Websites, abs)
		}
	})
}

// cardLines reads the labels that a card's lines begin with, in themes that
// give them neither items nor classes.
func (r *reader) cardLines(a *forum.Author, s *goquery.Selection) {
	box := dom.First(s, selPoster)
	if box.Length() == 0 || inOther(box.Nodes[0], s.Nodes[0]) {
		return
	}
	card := dom.Card{Author: a, Clock: r.clock}
	for _, line := range dom.SplitLines(box.Nodes[0], selClassedItem) {
		if label, value, ok := dom.CutLabel(line); ok && dom.KnownLabel(label) {
			card.Add("", label, value)
		}
	}
}

var selClassedItem = dom.Sel("li[class]")

// oldCard reads the lines of SMF 1.1, which have no classes: pairs by their
// label, groups by standing without one.
func (r *reader) oldCard(a *forum.Author, s *goquery.Selection) {
	box := dom.First(s, selOldCard)
	if box.Length() == 0 {
		return
	}
	roles(a, box)
	card := dom.Card{Author: a, Clock: r.clock}
	counted := false
	for _, line := range dom.SplitLines(box.Nodes[0], nil) {
		label, value, ok := dom.CutLabel(line)
		switch {
		case ok && !counted && a.PostCount == nil && dom.Count(value) != nil:
			card.Add("", label, value)
			counted = a.PostCount != nil
		case ok:
			card.Add("", label, value)
		case counted: // the personal text and buttons stand below the counter
		case a.Title == "":
			a.Title = line
		default:
			banner(a, line)
		}
	}
}
