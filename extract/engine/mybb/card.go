package mybb

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selCard       = dom.Sel(".post_author, .author_information, .author_statistics, .post_author_info")
	selAuthorPart = dom.Sel(".author_information")
	selAnyAvatar  = dom.Sel("img[src*='avatars/']")
	selAuthorBox  = dom.Sel(".post_author")
	selNameBox    = dom.Sel(".author_information .largetext, .post_author .largetext, .deleted_post_author .largetext, .largetext, .author_information strong, .post-author, [class*='username']")
	selInfoDrop   = dom.Sel("img[title]:not(.buddy_status), .team-role, .usergroup, .popup_menu, [id$='_popup']")
	selInfo       = dom.Sel(".author_information .smalltext, .author_information .small, .author_information small, td.post_author .smalltext")
	selPopupMenu  = dom.Sel(".popup_menu, [id$='_popup']")
	selHidden     = dom.Sel("[style*='display:none'], [style*='display: none'], [hidden], .popup_menu, [id$='_popup'], [class*='avatar']")
	selToolsName  = dom.Sel("a[id^='username_tools_']")
	selStats      = dom.Sel(".author_statistics, .post_author_info, .author_stats, .post-author-stats, .user_details")
	selAvatar     = dom.Sel(".author_avatar img, .post_avatar img, .useravatar img, .post_author img[src*='avatar']")
	selGroup      = dom.Sel("img[title]:not(.buddy_status), .team-role, .usergroup")
	selBanned     = dom.Sel("s, strike, del")
	selRepLink    = dom.Sel("a[href*='reputation.php'], [class^='reputation_']")
	selRepMark    = dom.Sel("[class^='reputation_']")
	selWarning    = dom.Sel("a[href*='warnings.php']")
	selWebsite    = dom.Sel("a.postbit_website[href], a[href].postbit_www")
	selClassicTD  = dom.Sel("td > .smalltext")
)

// author reads who wrote a post. Guests and deleted accounts have a name
// without a link; the engine shows both alike.
func (r *reader) author(s *goquery.Selection) *forum.Author {
	body := bodyOf(s)
	box := &goquery.Selection{}
	s.FindMatcher(selNameBox).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		if dom.Text(e) != "" && !inside(e.Nodes[0], body) && dom.Closest(e.Nodes[0], selEditBox) == nil {
			box = e
		}
		return box.Length() == 0
	})
	link := r.profileLink(box, body)
	if box.Length() == 0 {
		link = r.profileLink(cardOf(s), body)
	}
	a := r.named(s, box, link)
	if a.Name == "" {
		return nil
	}
	if dom.Has(box, selBanned) {
		a.Roles = []string{"banned"}
	}
	r.card(a, s, body)
	if a.PostCount != nil || a.Joined.Known() {
		a.IsGuest = false // guests have neither
	}
	if a.ID == "" && !a.IsGuest {
		a.ID = r.uid(cardOf(s))
	}
	return a
}

// named reads the name from the link to the account, else from the link that
// opens the account's menu, else from its box or the first line of the card.
func (r *reader) named(s, box, link *goquery.Selection) *forum.Author {
	a := &forum.Author{}
	menu := dom.First(s, selToolsName)
	switch {
	case link != nil:
		href := link.AttrOr("href", "")
		a.Name, a.ID, a.URL = dom.Text(link), r.linked(href, forum.KindProfile), r.doc.Resolve(href)
		if a.ID != "" && dom.Digits(a.ID) != a.ID {
			a.ID = r.uid(s)
		}
	case menu.Length() > 0:
		a.Name, a.ID = dom.Text(menu), r.uid(s)
		a.IsGuest = a.ID == ""
	case box.Length() > 0:
		a.Name, a.IsGuest = dom.Text(box), !dom.Has(box, cssA)
	default:
		a.IsGuest, a.Name = true, r.guestLine(s)
	}
	return a
}

// guestLine is the name of a guest in a card without known parts: the first of at
// least two lines of words, the other one the title. What members' cards on the
// page show as well is the theme's.
func (r *reader) guestLine(s *goquery.Selection) string {
	theme := map[string]bool{}
	for _, card := range r.doc.FindMatcher(selAuthorBox).EachIter() {
		if r.profileLink(card, nil) != nil {
			for _, line := range dom.SplitLines(card.Nodes[0], nil) {
				theme[line] = true
			}
		}
	}
	name, words := "", 0
	for _, line := range firstCardLines(s) {
		if _, _, labelled := dom.CutLabel(line); theme[line] || labelled || strings.Trim(line, "0123456789.,") == "" {
			continue
		}
		if words++; words == 1 {
			name = line
		}
	}
	if words < 2 {
		return ""
	}
	return name
}

// firstCardLines are the lines that a card without known parts shows.
func firstCardLines(s *goquery.Selection) []string {
	card := dom.First(s, selAuthorBox)
	if card.Length() == 0 || dom.Text(dom.First(card, selAuthorPart)) != "" {
		return nil
	}
	return dom.SplitLines(card.Nodes[0], selHidden)
}

// cardOf is the part of a post that shows its author; the whole post in themes
// that give it no class.
func cardOf(s *goquery.Selection) *goquery.Selection {
	if card := s.FindMatcher(selCard); card.Length() > 0 {
		return card
	}
	return s
}

// profileLink is the first link to an account with a name, outside the body.
func (r *reader) profileLink(box *goquery.Selection, body *html.Node) *goquery.Selection {
	var found *goquery.Selection
	box.FindMatcher(selAnchors).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		n := a.Nodes[0]
		if dom.Text(a) != "" && !inside(n, body) && dom.Closest(n, selPopupMenu) == nil && dom.Closest(n, selEditBox) == nil && r.linked(a.AttrOr("href", ""), forum.KindProfile) != "" {
			found = a
		}
		return found == nil
	})
	return found
}

var selUID = dom.Sel("a[href*='uid=']")

// uid is the account's number where profile addresses carry a name instead.
func (r *reader) uid(s *goquery.Selection) string {
	id := dom.Digits(dom.Param(dom.First(s, selUID).AttrOr("href", ""), "uid"))
	if id == "0" { // nobody's
		return ""
	}
	return id
}

func (r *reader) card(a *forum.Author, s *goquery.Selection, body *html.Node) {
	a.AvatarURL = r.avatar(s, body)
	if www := r.doc.Resolve(dom.First(s, selWebsite).AttrOr("href", "")); www != "" {
		a.Websites = append(a.Websites, www)
	}
	info, stats := dom.First(s, selInfo), dom.First(s, selStats)
	if info.Length() == 0 && stats.Length() == 0 { // the classic layout of 1.6 has one block
		info = dom.First(s, selClassicTD)
		stats = info
	}
	if info.Length() > 0 && !inside(info.Nodes[0], body) {
		r.info(a, info, stats)
	}
	if part := dom.First(s, selAuthorPart); a.Title == "" && part.Length() > 0 {
		r.rank(a, part)
	}
	if stats.Length() > 0 {
		r.stats(a, stats)
	} else if box := dom.First(s, selAuthorBox); box.Length() > 0 {
		r.freeCard(a, box)
	}
	if a.ReactionScore == nil {
		a.ReactionScore = reputation(s)
	}
}

// rank is the first line beside the name that is no label and no number, in
// themes that have it elsewhere than in the small print.
func (r *reader) rank(a *forum.Author, part *goquery.Selection) {
	for _, line := range dom.SplitLines(part.Nodes[0], selInfoDrop) {
		if _, _, labelled := dom.CutLabel(line); !labelled && line != a.Name && !strings.ContainsAny(line, "0123456789") {
			a.Title = line
			return
		}
	}
}

// freeCard reads a card that has an author's box but none of its parts: lines of
// label and value, and below the name the title, the first without a number.
func (r *reader) freeCard(a *forum.Author, box *goquery.Selection) {
	for i, line := range firstCardLines(box.Parent()) {
		_, _, labelled := dom.CutLabel(line)
		if i > 0 && a.Title == "" && !labelled && line != a.Name && !strings.ContainsAny(line, "0123456789") {
			a.Title = line
		}
	}
	r.stats(a, box)
}

// reputation is the account's reputation, which the engine marks by a class in
// whatever line a theme has it; without the class the link to its list is left.
func reputation(s *goquery.Selection) *int64 {
	if mark := dom.First(s, selRepMark); mark.Length() > 0 {
		return dom.Count(dom.Text(mark))
	}
	link := dom.First(s, selRepLink)
	if n := dom.Count(dom.Text(link)); n != nil || link.Length() == 0 {
		return n
	}
	_, value, _ := dom.CutLabel(dom.Text(link.Parent()))
	return dom.Count(value)
}

// avatar is the picture of the author's box, else one from the engine's folder
// that stands outside the body.
func (r *reader) avatar(s *goquery.Selection, body *html.Node) string {
	img := dom.First(s, selAvatar)
	for _, e := range s.FindMatcher(selAnyAvatar).EachIter() {
		if img.Length() == 0 && !inside(e.Nodes[0], body) {
			img = e
		}
	}
	src := r.doc.Resolve(img.AttrOr("src", ""))
	if strings.Contains(src, "default_avatar.") {
		return ""
	}
	return src
}

// info reads the lines below the name: the title, the stars, the group's
// picture.
func (r *reader) info(a *forum.Author, box, stats *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	for _, line := range dom.SplitLines(box.Nodes[0], selInfoDrop) {
		label, value, ok := dom.CutLabel(line)
		switch {
		case ok && !same(box, stats):
			card.Add("", label, value)
		case !ok && a.Title == "" && line != a.Name:
			a.Title = line
		}
	}
	box.FindMatcher(selGroup).Each(func(_ int, g *goquery.Selection) {
		text := dom.Text(g)
		if text == "" {
			text = strings.TrimSpace(g.AttrOr("title", ""))
		}
		if text != "" && text != a.Title && text != "*" {
			a.Banners = append(a.Banners, text)
		}
	})
}

// stats reads the lines of label and value. The first two that every version
// shows, posts and the month of joining, are known by their place where their
// words are not.
func (r *reader) stats(a *forum.Author, box *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	i := -1
	for _, line := range dom.SplitNodes(box.Nodes[0], nil) {
		label, value := r.pair(line)
		if label == "" {
			continue
		}
		i++
		switch {
		case has(line, selRepLink):
			continue // read by its own mark
		case has(line, selWarning):
			card.Add("warning_level", label, value)
			continue
		}
		if value == a.ID && a.ID != "" && i == 0 {
			i-- // a theme's own line with the account's number stands before them
			card.Add("", label, value)
			continue
		}
		before := a.PostCount
		card.Add("", label, value)
		if slug := dom.Slug(label); i == 1 && a.Fields[slug] == value && strings.Trim(value, "0123456789., ") == "" {
			forget(a, label) // the templates since 1.8 have the threads between the two
			card.Add("threads", label, value)
		}
		if i == 0 && before == nil && a.PostCount == nil && dom.Count(value) != nil {
			a.PostCount = dom.Count(value)
			forget(a, label)
		}
		if i > 0 && i < 3 && a.Joined.IsZero() && dom.Count(value) != nil {
			if st := r.clock.Text(value); st.Known() {
				a.Joined = st
				forget(a, label)
			}
		}
	}
}

func same(a, b *goquery.Selection) bool {
	return a.Length() > 0 && b.Length() > 0 && a.Nodes[0] == b.Nodes[0]
}

func forget(a *forum.Author, label string) {
	delete(a.Fields, dom.Slug(label))
	delete(a.FieldLabels, dom.Slug(label))
	if len(a.Fields) == 0 {
		a.Fields, a.FieldLabels = nil, nil
	}
}

func has(line []*html.Node, m goquery.Matcher) bool {
	for _, n := range line {
		if n.Type == html.ElementNode && (m.Match(n) || dom.Find(n, m) != nil) {
			return true
		}
	}
	return false
}

// pair is a line's label and value: around a colon, or in two elements of which
// one is the number's.
func (r *reader) pair(line []*html.Node) (label, value string) {
	var parts []string
	var b strings.Builder
	for _, n := range line {
		text := dom.NodeText(n)
		if n.Type == html.ElementNode && n.DataAtom != atom.A && text != "" {
			parts = append(parts, text)
		}
		b.WriteString(text)
		b.WriteByte(' ')
	}
	if l, v, ok := dom.CutLabel(dom.Fold(b.String())); ok && l != "" {
		return l, v
	}
	if len(parts) == 2 {
		return parts[0], parts[1]
	}
	return r.bare(dom.Fold(b.String()))
}

var reBare = regexp.MustCompile(`^(\pL[^\d:]{0,40}?)\s+(-?\d[\d., ]*)$`)

// bare is a line of label and value in translations that write no colon between
// them: words and a number, or words and a month.
func (r *reader) bare(text string) (label, value string) {
	m := reBare.FindStringSubmatch(text)
	if m == nil {
		return "", ""
	}
	if st, before, _ := r.clock.Within(text); st.Known() && before != "" && st.Precision != forum.PrecisionYear {
		return before, strings.TrimSpace(strings.TrimPrefix(text, before))
	}
	return m[1], m[2]
}
