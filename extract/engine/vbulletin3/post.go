package vbulletin3

import (
	"fmt"
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/dom/vbmarkup"
	"forumine/extract/dom/vburl"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selThead      = dom.Sel(".thead")
	selUserName   = dom.Sel("a.bigusername, .bigusername, a[href*='member.php'], a[href*='members/']")
	selTextCell   = dom.Sel("[id^='td_post_'] > div:not(.smallfont):not([style]):not([id])")
	selSmall      = dom.Sel(".smallfont")
	selMenuPopup  = dom.Sel(".vbmenu_popup, script, select")
	selAvatar     = dom.Sel("img[src*='avatar'], img[src*='image.php?'][src*='u='], img[data-original*='avatar'], img[data-src*='avatar']")
	selStrong     = dom.Sel("strong, b")
	selEditNote   = dom.Sel("em")
	selFieldset   = dom.Sel("fieldset")
	selUserLink   = dom.Sel("a[href*='u='], a[href*='userid=']")
	selBigName    = dom.Sel(".bigusername")
	selThanksBox  = dom.Sel("[id^='post_thanks_box_']")
	selLiked      = dom.Sel(".vbseo_liked")
	selDate       = dom.Sel("[id^='post_date_'], .postdate, .date")
	selPostAnchor = dom.Sel("a[name^='post']")
	selIgnored    = dom.Sel("a[href*='userlist=ignore'], a[href*='do=ignorelist']")
	selHiddenName = dom.Sel("td.alt2")
	selDateOwn    = dom.Sel(".thead [itemprop=dateCreated], .thead [itemprop=datePublished], [id^='post_date_']")
)

// message is one post on the page: the node that holds the whole of it, its
// id, and its text, nil for a post that is hidden.
type message struct {
	id   string
	box  *goquery.Selection
	text *html.Node
}

// messages are the posts of the page in order. The text's own id is what every
// theme keeps, because quick edit needs it; deleted and ignored posts have none
// and are found by the box around them.
func (r *reader) messages() []message {
	var out []message
	seen := map[string]bool{}
	posts := r.doc.FirstOf(selPosts)
	if posts.Length() == 0 {
		posts = r.doc.Selection
	}
	add := func(id string, box, text *html.Node) {
		if id != "" && dom.Digits(id) == id && !seen[id] {
			seen[id] = true
			out = append(out, message{id, goquery.NewDocumentFromNode(box).Selection, text})
		}
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			id := dom.Attr(c, "id")
			switch {
			case dom.IDAfter(id, "post_message_") != "":
				add(dom.IDAfter(id, "post_message_"), boxOf(c, dom.IDAfter(id, "post_message_")), c)
			case isBox(id) != "":
				text := textIn(c)
				if text != nil || dom.Find(c, selThead) != nil || dom.Find(c, selPostAnchor) != nil {
					add(isBox(id), c, text)
				}
			default:
				walk(c)
			}
		}
	}
	walk(posts.Nodes[0])
	return r.onlyWithText(out)
}

// textIn is a post's text, else the first part of its cell that is neither
// small print nor a list of files.
func textIn(box *html.Node) *html.Node {
	if text := dom.Find(box, selMessage); text != nil {
		return text
	}
	for _, n := range goquery.NewDocumentFromNode(box).FindMatcher(selTextCell).Nodes {
		if dom.Find(n, selFieldset) == nil {
			return n
		}
	}
	return nil
}

// onlyWithText drops what is no thread's page: boxes alone make none.
func (r *reader) onlyWithText(all []message) []message {
	for _, m := range all {
		if m.text != nil {
			return all
		}
	}
	return nil
}

// isBox is the post's id in the id of the element around it: "edit12", "post12".
func isBox(id string) string {
	for _, prefix := range []string{"edit", "post"} {
		if n := dom.IDAfter(id, prefix); n != "" && prefix+n == id {
			return n
		}
	}
	return ""
}

// boxOf climbs from a text without a known box to the row or list item that
// holds the post's menu too.
func boxOf(n *html.Node, id string) *html.Node {
	menu := dom.Sel("#postmenu_" + id + ", #postcount" + id)
	for p := n.Parent; p != nil && p.DataAtom != atom.Body; p = p.Parent {
		if dom.Find(p, menu) != nil {
			return p
		}
	}
	return n.Parent
}

func (r *reader) posts(t *forum.Thread, perPage int) {
	r.doc.FindMatcher(selThanksBox).Each(func(_ int, s *goquery.Selection) {
		r.thanks[dom.IDAfter(s.AttrOr("id", ""), "post_thanks_box_")] = s
	})
	for i, m := range r.messages() {
		p := forum.Post{ID: m.id, State: forum.PostVisible, Page: t.Page}
		r.post(&p, m, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	r.positions(t, perPage)
}

func (r *reader) post(p *forum.Post, m message, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	r.position(p, m)
	p.Author = r.author(m)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest:
		gap("author.id", "the link to the account carries no number")
	}
	if p.Published = r.published(m); !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	if m.text == nil {
		p.State = forum.PostDeleted
		if dom.Has(m.box, selIgnored) {
			p.State = forum.PostModerated
		}
		return
	}
	p.Title = r.subject(m)
	r.doc.ReadBody(r.rules(m.text), m.text).Into(p)
	r.below(p, m)
	p.Reactions = r.reactions(m)
}

// rules are those of the family. A text that is known by its place alone holds
// the post's subject too, in small print.
func (r *reader) rules(text *html.Node) dom.Rules {
	rules := vbmarkup.Rules(r.doc)
	if selMessage.Match(text) {
		return rules
	}
	return func(n *html.Node) dom.Part {
		if n.Parent == text && selSmall.Match(n) {
			return dom.Part{Role: dom.Drop}
		}
		return rules(n)
	}
}

func (r *reader) position(p *forum.Post, m message) {
	count := dom.ByID(m.box, "postcount"+m.id)
	n := dom.Count(count.AttrOr("name", ""))
	if n == nil {
		n = dom.Count(dom.Text(count))
	}
	if n != nil && *n > 0 {
		p.Position, p.PositionSource = *n, forum.PositionShown
	}
	if r.page.Thread != nil && r.page.Root != "" {
		p.URL = r.page.Root + "showthread.php?p=" + m.id + "#post" + m.id
	}
}

// published is what the head marks as the date, else the text beside the post's
// anchor, else the first readable line of a head.
func (r *reader) published(m message) forum.Stamp {
	if st := r.clock.Text(dom.Text(dom.First(m.box, selDateOwn))); st.Known() {
		return st
	}
	if a := dom.ByAttr(m.box, "name", "post"+m.id); a.Length() > 0 {
		if st := r.clock.Text(dom.Text(a.Parent())); st.Known() {
			st.Raw = ownLine(a.Parent())
			return st
		}
	}
	var found forum.Stamp
	for _, sel := range []goquery.Matcher{selDate, selThead} {
		m.box.FindMatcher(sel).EachWithBreak(func(_ int, s *goquery.Selection) bool {
			for _, line := range vbmarkup.TextLines(s.Nodes[0]) {
				if st := r.clock.Text(line); st.Known() {
					found = st
					return false
				}
			}
			return true
		})
		if found.Known() {
			return found
		}
	}
	return found
}

// subject is the post's own title: strong small print that stands before the
// text in the post's cell.
func (r *reader) subject(m message) string {
	for s := m.text.PrevSibling; s != nil; s = s.PrevSibling {
		if s.Type != html.ElementNode || !selSmall.Match(s) {
			continue
		}
		if strong := dom.Find(s, selStrong); strong != nil {
			return dom.NodeText(strong)
		}
	}
	return ""
}

func (r *reader) author(m message) *forum.Author {
	menu := dom.ByID(m.box, "postmenu_"+m.id)
	link := dom.First(menu, selUserName)
	if link.Length() == 0 {
		link = dom.First(m.box, selBigName)
	}
	if link.Length() == 0 {
		link = dom.First(menu, selNavLink)
	}
	name := dom.Text(link)
	if name == "" {
		name = dom.Text(menu)
	}
	if name == "" && m.text == nil {
		link, name = placeholderName(m)
	}
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name}
	href := r.doc.Resolve(link.AttrOr("href", ""))
	if vburl.IsMember(href) {
		a.URL, a.ID = canonicalMember(href), vburl.MemberID(href)
	} else if a.IsGuest = !link.IsMatcher(cssA); !a.IsGuest && r.doc.SameHost(href) { // a guest's name is no link
		if a.ID = vburl.AccountID(href); a.ID != "" {
			a.URL = href
		}
	}
	if a.ID == "" && !a.IsGuest {
		a.ID = r.searchID(m)
	}
	r.card(a, menu)
	return a
}

// placeholderName is who wrote a post that is hidden: the row below the head
// names the account, and the row below that who hid it.
func placeholderName(m message) (link *goquery.Selection, name string) {
	cell := dom.First(m.box, selHiddenName)
	cell.FindMatcher(cssA).EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if dom.Closest(a.Nodes[0], selSmall) == nil { // else a link of the moderators
			link, name = a, dom.Text(a)
		}
		return name == ""
	})
	if name == "" {
		link, name = cell, dom.TextWithout(cell, selSmall)
	}
	return link, name
}

func canonicalMember(href string) string {
	u := parse(href)
	if u == nil {
		return href
	}
	if l, ok := vburl.Canonical(u); ok {
		return l.URL
	}
	return href
}

// searchID is the account's number in the menu's link to its posts, where the
// profile's address has a name instead.
func (r *reader) searchID(m message) string {
	popup := r.doc.ByID("postmenu_" + m.id + "_menu")
	if popup == nil {
		return ""
	}
	href := dom.Attr(dom.Find(popup, selUserLink), "href")
	for _, key := range []string{"u", "userid"} {
		if id := dom.Param(href, key); id != "" && dom.Digits(id) == id {
			return id
		}
	}
	return ""
}

// card reads the small print of the cell that holds the menu: the account's
// title comes first, then lines "label: value".
func (r *reader) card(a *forum.Author, menu *goquery.Selection) {
	cell := menu.ClosestMatcher(cssTdAlt2TdAlt1TcellAlt2)
	if inner := cell.ClosestMatcher(cssTable); inner.Length() > 0 && inner.ClosestMatcher(cssTdAlt2TdAlt1).Length() > 0 && !dom.Is(cell, "alt2") {
		cell = inner.ClosestMatcher(cssTdAlt2TdAlt1) // the old horizontal postbit: a table in the cell
	}
	card := dom.Card{Author: a, Clock: r.clock}
	title := ""
	cell.FindMatcher(selSmall).Each(func(_ int, s *goquery.Selection) {
		if dom.Closest(s.Nodes[0], selMenuPopup) != nil || dom.Closest(s.Nodes[0], selMessage) != nil {
			return
		}
		for i, line := range vbmarkup.TextLines(s.Nodes[0]) {
			label, value, ok := strings.Cut(strings.ReplaceAll(line, "：", ":"), ":")
			switch {
			case ok && strings.EqualFold(strings.TrimSpace(value), "n/a"): // a guest's counter
			case ok && strings.TrimSpace(value) != "" && len(label) < 40:
				card.Add("", label, value)
			case i == 0 && title == "" && !ok && !dom.Is(s.Children().First(), "threadstarter"):
				title = line
			}
		}
	})
	a.Title = title
	img := dom.First(cell, selAvatar)
	for _, key := range []string{"data-original", "data-src", "src"} {
		if src := r.doc.Resolve(img.AttrOr(key, "")); src != "" && a.AvatarURL == "" {
			a.AvatarURL = vburl.WithoutSession(src)
		}
	}
}

// below reads what stands under the text in its cell: files, edit note,
// signature.
func (r *reader) below(p *forum.Post, m message) {
	for s := m.text.NextSibling; s != nil; s = s.NextSibling {
		if s.Type != html.ElementNode {
			continue
		}
		e := goquery.NewDocumentFromNode(s).Selection
		switch {
		case s.DataAtom == atom.Fieldset || dom.Find(s, selFieldset) != nil:
			vbmarkup.Files(r.doc, p, e)
		case selThanksBox.Match(s) || selLiked.Match(s):
		case dom.Find(s, selEditNote) != nil && isEditNote(dom.Find(s, selEditNote)) && p.Edited.IsZero():
			vbmarkup.ReadEdit(dom.Find(s, selEditNote), name(p.Author), r.clock).Into(p)
		case strings.HasPrefix(dom.NodeText(s), "____"):
			r.signature(p, s)
		}
	}
}

// isEditNote tells the note from emphasised words in a signature: it carries a
// clock, or a semicolon and a digit.
func isEditNote(n *html.Node) bool {
	text := dom.NodeText(n)
	return dom.Find(n, selClock) != nil || strings.Contains(text, ";") && dom.Digits(text) != ""
}

var selClock = dom.Sel(".time")

func name(a *forum.Author) string {
	if a == nil {
		return ""
	}
	return a.Name
}

func (r *reader) signature(p *forum.Post, n *html.Node) {
	text := r.doc.ReadBody(vbmarkup.Rules(r.doc), n).Body.Text
	if text = strings.TrimSpace(strings.TrimLeft(text, "_ \n")); text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
}

func (r *reader) reactions(m message) *forum.Reactions {
	if box := r.thanks[m.id]; box != nil {
		if got := vbmarkup.Thanks(box, "thanks"); got != nil {
			return got
		}
	}
	return vbmarkup.Thanks(dom.First(m.box, selLiked), "like")
}

// positions fills what the page does not show.
func (r *reader) positions(t *forum.Thread, perPage int) {
	if n := len(r.page.Posts); perPage == 0 && t.Page < t.PageCount && n > 0 {
		perPage = n
	}
	r.page.Learned.PostsPerPage = perPage
	if perPage == 0 {
		perPage = r.facts.PostsPerPage
	}
	before := dom.NumbersBefore(r.page.Posts, func(*forum.Post) bool { return true })
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		if p.Position > 0 {
			continue
		}
		if before >= 0 {
			p.Position, p.PositionSource = before+int64(i)+1, forum.PositionComputed
			continue
		}
		if t.Page > 1 && perPage == 0 {
			r.gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
			continue
		}
		p.Position, p.PositionSource = int64((t.Page-1)*perPage+i+1), forum.PositionComputed
	}
}

// ownLine is the date as the head shows it, without number and links.
func ownLine(s *goquery.Selection) string {
	if text := dom.TextWithout(s, selAnchor); text != "" {
		return text
	}
	return dom.Text(s)
}

var selAnchor = dom.Sel("a")

func parse(href string) *url.URL {
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}
