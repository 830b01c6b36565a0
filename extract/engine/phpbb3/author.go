package phpbb3

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selProfile    = dom.Sel(".postprofile")
	selName       = dom.Sel(".username, .username-coloured, a[href*='viewprofile']")
	selDtStrong   = dom.Sel("dt > strong, dt > span, dt > a")
	selNameLike   = dom.Sel("a[href*='member']:not([href*='mode=']), a[href*='-u']")
	selHeadAuthor = dom.Sel("p.author .username, p.author .username-coloured, p.author strong, .author strong, .author .username")
	selCellAuthor = dom.Sel("b.postauthor, .postauthor")
	selBoldName   = dom.Sel("div > strong, div > b")
	selIgnored    = dom.Sel(".ignore a[href*='viewprofile'], .ignore a[href*='-u'], .postbody > div:only-child a[href*='viewprofile']")
	selAuthorHref = dom.Sel("a[href*='viewprofile'], a.username, a.username-coloured")
	selAuthorID   = dom.Sel("a[href*='author_id=']")
	selUID        = dom.Sel("[data-uid], [data-poster-id]")
	selAvatarImg  = dom.Sel(".avatar img, img.avatar, .avatar-container img, .profile-avatar img, dt img, td.profile img[src*='avatar'], img[src*='avatar=']")
	selAvatarIcon = dom.Sel("[style*='background-image']")
	selRank       = dom.Sel("dd.profile-rank, .profile-rank")
	selCardRow    = dom.Sel("dd")
	selLabel      = dom.Sel("strong, b, .label")
	selDetails    = dom.Sel("span.postdetails, div.postdetails")
	selRankCell   = dom.Sel("td.postdetails")
	selWebsite    = dom.Sel("a[href]:has(.phpbb_website-icon), .web-icon a[href], a.phpbb_website-icon[href]")
	selImg        = dom.Sel("img")
	selScript     = dom.Sel("script")
	reStyleURL    = regexp.MustCompile(`url\(\s*['"]?([^'")]+)`)
)

// author reads the card beside a post. A name without a link to an account is
// a guest's, or that of an account that is gone: the engine shows both alike.
func (r *reader) author(s *goquery.Selection, id string) *forum.Author {
	box := cardOf(s, id)
	name, link := r.authorName(s, box)
	if name == "" {
		return r.scriptAuthor(s, id)
	}
	a := &forum.Author{Name: name}
	r.account(a, s, box, link)
	a.IsGuest = a.ID == ""
	r.avatar(a, box, s)
	r.card(a, box, s)
	if a.IsGuest && (a.PostCount != nil || a.Joined.Known() || link.IsMatcher(cssAUsernameAUsernameColoured)) {
		a.IsGuest = false // guests have none of these
	}
	return a
}

// authorName is the name in the card, else in the post's head, with the
// element that shows it.
func (r *reader) authorName(s, box *goquery.Selection) (string, *goquery.Selection) {
	for _, try := range []struct {
		in *goquery.Selection
		m  goquery.Matcher
	}{{box, selName}, {box, selDtStrong}, {box, selNameLike}, {s, selHeadAuthor}, {s, selCellAuthor}, {s, selIgnored}, {s, selBoldName}} {
		var name string
		var at *goquery.Selection
		try.in.FindMatcher(try.m).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			if try.in == s && dom.Closest(e.Nodes[0], selNoTime) != nil {
				return true
			}
			name, at = dom.Text(e), e
			if strings.HasSuffix(name, ":") {
				name = "" // a label
			}
			return name == ""
		})
		if name != "" {
			return name, at
		}
	}
	return "", nil
}

// account finds the account's id: in the name's link, in any link of the card
// to the member page or to the member's posts, in a data attribute.
func (r *reader) account(a *forum.Author, s, box, name *goquery.Selection) {
	links := []*goquery.Selection{name, dom.First(name, cssAHref), name.ClosestMatcher(cssAHref)}
	area := box
	if box.Length() == 0 {
		area = s
	}
	area.FindMatcher(selAuthorHref).Each(func(_ int, e *goquery.Selection) {
		if dom.Closest(e.Nodes[0], selNotCard) == nil && !inOtherTable(e.Nodes[0], area) {
			links = append(links, e)
		}
	})
	for _, e := range links {
		href := e.AttrOr("href", "")
		if id := namedID(href); id != "" {
			a.ID, a.URL = id, r.resolve(href)
			return
		}
	}
	if id := dom.Param(dom.First(box, selAuthorID).AttrOr("href", ""), "author_id"); isID(id) && id != "1" {
		a.ID = id
		return
	}
	uid := box.AttrOr("data-uid", dom.First(s, selUID).AttrOr("data-uid", dom.First(s, selUID).AttrOr("data-poster-id", "")))
	if isID(uid) && uid != "1" {
		a.ID = uid
	}
}

// inOtherTable tells what stands in a table within subsilver2's post: files,
// the note of an edit.
func inOtherTable(n *html.Node, post *goquery.Selection) bool {
	return post.IsMatcher(cssTable) && dom.Closest(n, selTable) != post.Nodes[0]
}

var selNotCard = dom.Sel(".content, .signature, .notice, div.postbody, span.gensmall, blockquote, [id^='list_thanks']")

func (r *reader) avatar(a *forum.Author, box, s *goquery.Selection) {
	area := box
	if box.Length() == 0 {
		area = s
	}
	area.FindMatcher(selAvatarImg).EachWithBreak(func(_ int, img *goquery.Selection) bool {
		if dom.Closest(img.Nodes[0], selNotCard) != nil {
			return true
		}
		src := r.resolve(img.AttrOr("data-src", img.AttrOr("src", "")))
		if src != "" && !placeholder(src) {
			a.AvatarURL = src
		}
		return a.AvatarURL == ""
	})
	if a.AvatarURL != "" || box.Length() == 0 {
		return
	}
	if m := reStyleURL.FindStringSubmatch(dom.First(box, selAvatarIcon).AttrOr("style", "")); m != nil && !placeholder(m[1]) {
		a.AvatarURL = r.resolve(m[1])
	}
}

// placeholder tells the picture of those who have set none.
func placeholder(src string) bool {
	src = strings.ToLower(src)
	return strings.Contains(src, "no_avatar") || strings.Contains(src, "noavatar") || strings.Contains(src, "/guest.") || strings.Contains(src, "default_avatar")
}

// card reads the rows beside a post: by their classes, which 3.1 brought, else
// by their labels. A custom field's class carries its key.
func (r *reader) card(a *forum.Author, box, s *goquery.Selection) {
	c := dom.Card{Author: a, Clock: r.clock}
	var labelled []string
	rows := 0 // but for one that repeats the name
	box.FindMatcher(selCardRow).Each(func(_ int, dd *goquery.Selection) {
		label := dom.Text(dom.First(dd, selLabel))
		value := afterLabel(dd, label)
		switch {
		case value == a.Name && label == "":
			return
		case selRank.Match(dd.Nodes[0]) || label == "" && rows == 0 && a.Title == "" && !dom.Is(dd, "avatar") && !r.clock.Text(value).Known():
			a.Title = cmp.Or(rank(dd, value), a.Title)
		case dom.Is(dd, "profile-posts"):
			a.PostCount = dom.Count(value)
		case dom.Is(dd, "profile-joined"):
			a.Joined = r.clock.Text(value)
		case dom.Is(dd, "profile-contact") || dom.Has(dd, cssUl):
			r.website(a, dd)
		case label != "":
			c.Add(fieldKey(dd), label, value)
			labelled = append(labelled, label, value)
		}
		rows++
	})
	switch {
	case box.Length() == 0:
		labelled = r.cellCard(a, c, s)
	case !dom.Has(box, selCardRow):
		labelled = frameCard(c, box)
	}
	r.unlabelled(a, labelled)
	if a.PostCount == nil || a.Joined.IsZero() {
		r.looseCard(a, c, box, s)
	}
}

// frameCard reads the card of styles without a list: labels in bold type, each
// with its value up to the end of the line, in the frame or in one around it
// that holds nothing of the text.
func frameCard(c dom.Card, box *goquery.Selection) []string {
	if around := box.Parent(); !dom.Has(around, selPostPart) {
		box = around
	}
	pairs := labelPairs{card: c}
	var last *html.Node
	box.FindMatcher(selLabel).Each(func(_ int, label *goquery.Selection) {
		if frame := label.Nodes[0].Parent; frame != last && strings.HasSuffix(dom.Text(label), ":") {
			pairs.read(frame)
			last = frame
		}
	})
	return pairs.out
}

// unlabelled takes post count and date of joining by their place where the
// labels are in a language that nobody knows: the engine shows them first, and
// both or neither. A number alone is a field of the board's own.
func (r *reader) unlabelled(a *forum.Author, pairs []string) {
	count, joined := "", ""
	var st forum.Stamp
	for i := 0; i+1 < len(pairs) && i < 4; i += 2 {
		key, value := dom.Slug(strings.Trim(pairs[i], ": ")), pairs[i+1]
		if _, custom := a.Fields[key]; !custom {
			continue
		}
		if count == "" && reWholeNumber.MatchString(strings.NewReplacer(",", "", ".", "", " ", "").Replace(value)) {
			count = key
		} else if at := r.clock.Text(value); joined == "" && at.Known() {
			joined, st = key, at
		}
	}
	if a.PostCount == nil && count != "" && (joined != "" || a.Joined.Known()) {
		a.PostCount = dom.Count(a.Fields[count])
		dropField(a, count)
	}
	if a.Joined.IsZero() && joined != "" && a.PostCount != nil {
		a.Joined = st
		dropField(a, joined)
	}
}

func dropField(a *forum.Author, key string) {
	delete(a.Fields, key)
	delete(a.FieldLabels, key)
	if len(a.Fields) == 0 {
		a.Fields, a.FieldLabels = nil, nil
	}
}

// fieldKey is the engine's own key of a custom field: the class profile-KEY.
// The place of residence, a field of the engine's own, is a common one.
func fieldKey(dd *goquery.Selection) string {
	for class := range strings.FieldsSeq(dd.AttrOr("class", "")) {
		key, ok := strings.CutPrefix(class, "profile-")
		switch {
		case !ok || key == "custom-field":
		case key == "phpbb_location":
			return "location"
		case key == "phpbb_occupation":
			return "occupation"
		default:
			return key
		}
	}
	return ""
}

// rank is a rank's title, else the name of its picture.
func rank(dd *goquery.Selection, text string) string {
	if text != "" {
		return text
	}
	img := dom.First(dd, selImg)
	return dom.Fold(img.AttrOr("alt", img.AttrOr("title", "")))
}

func afterLabel(dd *goquery.Selection, label string) string {
	text := dom.Text(dd)
	if rest, ok := strings.CutPrefix(text, label); ok && label != "" {
		return strings.TrimLeft(rest, ":： ")
	}
	return text
}

func (r *reader) website(a *forum.Author, dd *goquery.Selection) {
	dd.FindMatcher(selWebsite).Each(func(_ int, e *goquery.Selection) {
		if href := r.doc.Resolve(e.AttrOr("href", "")); href != "" && !r.doc.SameHost(href) {
			a.Websites = append(a.Websites, href)
		}
	})
}

// cellCard reads the card of subsilver2 and its descendants: the rank in a cell
// of its own, then labels in bold type, each followed by its value, all in one
// element or each in its own.
func (r *reader) cellCard(a *forum.Author, c dom.Card, s *goquery.Selection) []string {
	a.Title = dom.Text(dom.First(s, selRankCell))
	pairs := labelPairs{card: c}
	s.FindMatcher(selDetails).Each(func(_ int, details *goquery.Selection) {
		pairs.read(details.Nodes[0])
	})
	return pairs.out
}

// labelPairs collects labels in bold type, each with what follows it up to the
// end of the line.
type labelPairs struct {
	card         dom.Card
	label, value string
	out          []string
}

func (p *labelPairs) flush() {
	if p.label != "" {
		p.card.Add("", p.label, p.value)
		p.out = append(p.out, p.label, dom.Fold(p.value))
	}
	p.label, p.value = "", ""
}

func (p *labelPairs) read(details *html.Node) {
	for n := details.FirstChild; n != nil; n = n.NextSibling {
		switch {
		case n.Type == html.ElementNode && (n.DataAtom == atom.B || n.DataAtom == atom.Strong):
			p.flush()
			p.label = dom.NodeText(n)
		case n.Type == html.ElementNode && n.DataAtom == atom.Br:
			p.flush()
		default:
			p.value += dom.NodeText(n) + " "
		}
	}
	p.flush()
}

// scriptData is what Tapatalk Groups write for their scripts beside each post;
// the card itself is left out where one author writes twice in a row.
type scriptData struct {
	Name   string          `json:"POST_AUTHOR"`
	ID     json.RawMessage `json:"POSTER_ID"`
	URL    string          `json:"U_POST_AUTHOR"`
	Posts  json.RawMessage `json:"POSTER_POSTS"`
	Joined json.RawMessage `json:"POSTER_JOINED"`
}

var reTitle = regexp.MustCompile(`title="([^"]+)"`)

func (r *reader) scriptAuthor(s *goquery.Selection, id string) *forum.Author {
	var a *forum.Author
	s.FindMatcher(selScript).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		text := e.Text()
		i, j := strings.Index(text, "post_data_"+id+" = {"), strings.LastIndex(text, "}")
		if id == "" || i < 0 || j < i {
			return true
		}
		var d scriptData
		i += len("post_data_" + id + " = ")
		if json.Unmarshal([]byte(text[i:j+1]), &d) != nil || d.Name == "" {
			return true
		}
		a = r.fromScript(d)
		return false
	})
	return a
}

func (r *reader) fromScript(d scriptData) *forum.Author {
	a := &forum.Author{Name: html.UnescapeString(d.Name)}
	if id := strings.Trim(string(d.ID), `"`); isID(id) && id != "1" {
		a.ID = id
		a.URL = r.resolve(html.UnescapeString(d.URL))
		a.PostCount = dom.Count(string(d.Posts))
	}
	a.IsGuest = a.ID == ""
	var joined string
	if json.Unmarshal(d.Joined, &joined) == nil {
		if m := reTitle.FindStringSubmatch(joined); m != nil {
			a.Joined = r.clock.Text(m[1])
		}
	}
	return a
}
