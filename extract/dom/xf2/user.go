package xf2

import (
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/xfurl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// User reads an account's name: a link, or a plain name where the profile may
// not be seen (data-user-id stays) or the author is a guest (it is 0 or absent).
// It is nil when the element shows no name.
func (r *Reader) User(s *goquery.Selection) *forum.Author {
	if s.Length() == 0 {
		return nil
	}
	name := dom.Text(s)
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, Roles: roles(s.Nodes[0])}
	href := s.AttrOr("href", "")
	a.ID = userID(s.Nodes[0])
	if a.ID != "" && href != "" {
		a.URL = r.Doc.Resolve(href)
	}
	a.IsGuest = a.ID == ""
	return a
}

// userID is the account that an element names; 0 stands for a guest.
func userID(n *html.Node) string {
	if id := dom.Attr(n, "data-user-id"); id != "" && id != "0" && dom.Digits(id) == id {
		return id
	}
	return xfurl.MemberID(dom.Attr(n, "href"))
}

var selNameMark = dom.Sel("[class*='username--']")

// roleMarks are the groups whose names the engine writes into classes of the
// name and of banners.
var roleMarks = [...]struct{ class, role string }{
	{"username--staff", "staff"}, {"username--moderator", "moderator"}, {"username--admin", "admin"}, {"username--banned", "banned"},
}

func roles(n *html.Node) []string {
	var out []string
	add := func(n *html.Node) {
		for _, m := range roleMarks {
			if dom.HasClass(n, m.class) && !slices.Contains(out, m.role) {
				out = append(out, m.role)
			}
		}
	}
	add(n)
	for _, inner := range goquery.NewDocumentFromNode(n).FindMatcher(selNameMark).Nodes {
		add(inner)
	}
	return out
}

var (
	selAvatar    = dom.Sel("a.avatar, span.avatar, .avatar")
	selAvatarImg = dom.Sel("img")
	selAvatarU   = dom.Sel("[class*='avatar-u']")
	selBanner    = dom.Sel(".userBanner")
	selStrong    = dom.Sel("strong")
	reAvatarU    = regexp.MustCompile(`\bavatar-u(\d+)-`)
)

// Avatar reads the picture beside a post or on a profile, and the account's id
// where the name gives none: the picture's class has it (avatar-u12-m).
func (r *Reader) Avatar(a *forum.Author, s *goquery.Selection) {
	e := dom.First(s, selAvatar)
	if e.Length() == 0 {
		return
	}
	if a.ID == "" {
		a.ID = userID(e.Nodes[0])
	}
	if m := reAvatarU.FindStringSubmatch(dom.First(e, selAvatarU).AttrOr("class", "")); a.ID == "" && m != nil && m[1] != "0" {
		a.ID = m[1]
	}
	if href := e.AttrOr("href", ""); a.URL == "" && xfurl.MemberID(href) != "" {
		a.URL = r.Doc.Resolve(href)
	}
	a.IsGuest = a.ID == ""
	img := dom.First(e, selAvatarImg)
	for _, key := range [...]string{"data-src", "src"} {
		if src := r.Doc.Resolve(img.AttrOr(key, "")); src != "" && a.AvatarURL == "" {
			a.AvatarURL = src
		}
	}
}

// Banners reads the ribbons below a name; the staff's own says a role.
func (r *Reader) Banners(a *forum.Author, s *goquery.Selection) {
	s.FindMatcher(selBanner).Each(func(_ int, b *goquery.Selection) {
		text := dom.Text(dom.First(b, selStrong))
		if text == "" {
			text = dom.Text(b)
		}
		if text != "" && !slices.Contains(a.Banners, text) {
			a.Banners = append(a.Banners, text)
		}
		if dom.Is(b, "userBanner--staff") && !slices.Contains(a.Roles, "staff") {
			a.Roles = append(a.Roles, "staff")
		}
	})
}

var (
	selTerm     = dom.Sel("dt")
	selTitled   = dom.Sel("[title], [data-original-title], [aria-label]")
	selIcon     = dom.Sel("i[class*='fa-']")
	selTime     = dom.Sel("time")
	selOutLink  = dom.Sel("a[href^='http']")
	selOnlyText = dom.Sel(".u-srOnly")
)

// iconLabels stand in for labels that a theme shows as a bare icon.
var iconLabels = [...]struct{ icon, label string }{
	{"fa-user-clock", "Joined"}, {"fa-calendar", "Joined"}, {"fa-clock", "Joined"}, {"fa-user", "Joined"}, {"fa-comment", "Messages"}, {"fa-thumbs-up", "Reaction score"},
	{"fa-heart", "Reaction score"}, {"fa-trophy", "Points"}, {"fa-map-marker", "Location"}, {"fa-link", "Website"}, {"fa-globe", "Website"},
}

// Card reads label and value pairs. A custom field carries its own key as
// data-field; a label may be an icon with a title.
func (r *Reader) Card(a *forum.Author, pairs *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.Clock}
	pairs.Each(func(_ int, dl *goquery.Selection) {
		key := dl.AttrOr("data-field", "")
		dl.FindMatcher(selTerm).Each(func(_ int, dt *goquery.Selection) {
			dd := dt.NextMatcher(cssDd)
			joined, seen := a.Joined, a.LastActive
			card.Add(key, pairLabel(label(dt), dd), r.value(dd))
			t := dom.First(dd, selTime)
			if t.Length() == 0 {
				return
			}
			if a.Joined != joined {
				a.Joined = r.dated(t, a.Joined)
			}
			if a.LastActive != seen {
				a.LastActive = r.dated(t, a.LastActive)
			}
		})
	})
}

// pairLabel is the label of a pair, by the page that its value links to where
// the engine always links it: the words are the forum's language.
func pairLabel(text string, dd *goquery.Selection) string {
	switch {
	case dom.Has(dd, selPostsLink):
		return "Messages"
	case dom.Has(dd, selTrophyLink):
		return "Trophy Points"
	case dom.Has(dd, selPlaceLink):
		return "Location"
	}
	return Label(text)
}

var (
	selPostsLink  = dom.Sel("a[href*='search/member']")
	selTrophyLink = dom.Sel("a[href*='/trophies']")
	selPlaceLink  = dom.Sel("a[href*='location-info']")
)

// dated reads a time element, unless its text said as much.
func (r *Reader) dated(t *goquery.Selection, text forum.Stamp) forum.Stamp {
	if st := r.Clock.Element(t); st.Known() {
		return st
	}
	return text
}

func label(dt *goquery.Selection) string {
	if text := dom.Text(dt); text != "" {
		return text
	}
	e := dom.First(dt, selTitled)
	for _, key := range [...]string{"title", "data-original-title", "aria-label"} {
		for _, s := range []*goquery.Selection{dt, e} {
			if v := dom.Fold(s.AttrOr(key, "")); v != "" {
				return v
			}
		}
	}
	class := dom.First(dt, selIcon).AttrOr("class", "")
	for _, m := range iconLabels {
		if strings.Contains(class, m.icon) {
			return m.label
		}
	}
	return ""
}

// value is what a pair says: the time alone where there is one, and the address
// behind a link that leads out with words like "Visit site".
func (r *Reader) value(dd *goquery.Selection) string {
	if t := dom.First(dd, selTime); t.Length() > 0 {
		return dom.Text(t)
	}
	text := dom.TextWithout(dd, selOnlyText)
	link := dd.FindMatcher(selOutLink)
	if href := link.AttrOr("href", ""); link.Length() == 1 && dom.Text(link) == text && !r.Doc.SameHost(href) && !strings.Contains(text, ".") {
		return href
	}
	return text
}
