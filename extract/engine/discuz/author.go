package discuz

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selSide      = dom.Sel(".favatar, td.pls, td.postauthor")
	selSideName  = dom.Sel(".pi, .postinfo, .postauthor > .avatar")
	selHead      = dom.Sel(".plc .authi, ul.authi, .pti > .authi, .postcontent .authorinfo")
	selHeadName  = dom.Sel(".mtit .z, li.grey b")
	selHeadLine  = dom.Sel(".mtit")
	selAvatarBox = dom.Sel(".avatar, .avtm")
	selAvatarPic = dom.Sel(".avatar img, .avtm img")
	selPopup     = dom.Sel("[id^='userinfo']")
	selPopupName = dom.Sel("strong a[href]")
	selNoLink    = dom.Sel("a[href^='javascript']")
	selAnchor    = dom.Sel("a")
	selEm        = dom.Sel("em")
	selPairs     = dom.Sel("dl.pil dt, dl.cl dt, dl.profile dt")
	selNumbers   = dom.Sel(".tns th, .tns td")
	selNumberTag = dom.Sel("p")
	selRank      = dom.Sel("em a[href*='ac=usergroup'], p > em, a[href*='ac=usergroup']")
	selRankLink  = dom.Sel("a[href*='gid=']")
	selStatus    = dom.Sel("p.xg1, p.customstatus")
)

// author reads who wrote a post. The name stands over the picture beside the
// post, or, where a forum turns that off, in its head; a box that opens over
// the picture has it again.
func (r *reader) author(b box) *forum.Author {
	side := b.first("favatar", selSide)
	popup := dom.First(b.s, selPopup)
	head := dom.First(b.s, selHead)
	a := &forum.Author{}
	for _, s := range []*goquery.Selection{side.FindMatcher(selSideName), head} {
		r.named(a, s)
	}
	if link := dom.First(popup, selPopupName); link.Length() > 0 {
		r.account(a, link)
	}
	r.avatar(a, b, side)
	if a.Name == "" {
		r.headAuthor(a, b)
	}
	if a.ID == "" {
		r.nameless(a, side, head)
	}
	if a.ID == "" && a.Name != "" {
		r.pictured(a)
	}
	if a.Name == "" {
		return nil
	}
	r.card(a, side)
	if popup.Length() > 0 {
		r.pairs(a, popup)
	}
	return a
}

// named takes the first link to an account.
func (r *reader) named(a *forum.Author, s *goquery.Selection) {
	s.FindMatcher(selAnchor).EachWithBreak(func(_ int, link *goquery.Selection) bool {
		r.account(a, link)
		return a.Name == ""
	})
}

// account takes name and id from a link, as far as they are missing.
func (r *reader) account(a *forum.Author, link *goquery.Selection) {
	href := link.AttrOr("href", "")
	id := r.linked(href, forum.KindProfile)
	if id == "0" { // a guest's
		return
	}
	plain := !dom.HasAttr(link.Nodes[0], "href") && (link.HasClass("xw1") || link.HasClass("xi2"))
	if id == "" && !plain {
		return
	}
	if name := dom.Text(link); a.Name == "" && name != "" {
		a.Name = name
	}
	if id != "" && a.ID == "" {
		a.ID, a.URL = id, r.pageAddress(href, 0)
	}
}

// avatar reads the picture, whose link leads to the account too.
func (r *reader) avatar(a *forum.Author, b box, side *goquery.Selection) {
	pic := dom.First(side, selAvatarPic)
	if pic.Length() == 0 {
		pic = dom.First(b.s, selAvatarPic)
	}
	if pic.Length() == 0 {
		a.AvatarURL = r.headPicture(b)
		return
	}
	if src := r.doc.Resolve(picture(pic.Nodes[0])); src != "" && !strings.Contains(src, "noavatar") && !strings.Contains(src+"&", "uid=0&") {
		a.AvatarURL = src
	}
	for n := pic.Nodes[0].Parent; n != nil && n != b.s.Nodes[0]; n = n.Parent {
		if n.Data == "a" {
			r.account(a, goquery.NewDocumentFromNode(n).Selection)
			return
		}
	}
}

func picture(img *html.Node) string {
	for _, key := range [...]string{"data-src", "file", "src"} {
		if v := dom.Attr(img, key); v != "" {
			return v
		}
	}
	return ""
}

// nameless reads a name without an account: a guest's or an anonymous author's,
// which the post's head repeats, or that of an account which is gone, with a
// word about that behind it.
func (r *reader) nameless(a *forum.Author, side, head *goquery.Selection) {
	if a.Name != "" {
		return
	}
	line := dom.First(side, selSideName)
	touch := dom.First(head, selHeadName, selHeadLine)
	if line.Length() == 0 {
		line = touch
	}
	if link := dom.First(line, selNoLink); link.Length() > 0 {
		a.Name, a.IsGuest = dom.TextWithout(link, selEm), true
		return
	}
	shown := bareName(head)
	if a.Name = dom.TextWithout(line, selNotName); a.Name == "" {
		a.Name = shown
	}
	a.IsGuest = a.Name != "" && (a.Name == shown || line.Length() == 0)
	a.IsDeleted = !a.IsGuest && dom.Has(line, selEm)
	if a.IsDeleted || a.IsGuest {
		return
	}
	if touch.Length() > 0 { // the touch templates name nobody twice
		a.IsGuest = true
	}
}

var selNotName = dom.Sel("em, a, span.y, .y, img, strong")

// bareName is the name in a post's head, where it is no link: the first words
// of the line.
func bareName(head *goquery.Selection) string {
	if head.Length() == 0 {
		return ""
	}
	for c := head.Nodes[0].FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			if text := dom.Fold(c.Data); text != "" {
				return text
			}
			continue
		}
		if c.Type == html.ElementNode && c.Data != "img" && dom.NodeText(c) != "" {
			return ""
		}
	}
	return ""
}

// card reads what stands beside a post.
func (r *reader) card(a *forum.Author, side *goquery.Selection) {
	if side.Length() == 0 {
		return
	}
	a.Title = dom.Text(dom.First(side, selRank))
	if link := dom.First(side, selRankLink); link.Length() > 0 {
		a.Roles = roles(dom.Param(link.AttrOr("href", ""), "gid"))
	}
	if s := dom.First(side, selStatus); s.Length() > 0 && a.ID != "" {
		dom.Card{Author: a, Clock: r.clock}.Add("custom_status", "", dom.Text(s))
	}
	r.pairs(a, side)
}

// pairs reads labels and values: a row of counters with their labels below, and
// a list.
func (r *reader) pairs(a *forum.Author, s *goquery.Selection) {
	card := dom.Card{Author: a, Clock: r.clock}
	s.FindMatcher(selNumbers).Each(func(_ int, cell *goquery.Selection) {
		n := exact(dom.First(cell, selNumberTag))
		if n == nil {
			return
		}
		card.Add("", dom.TextWithout(cell, selNumberTag), shownCount(dom.First(cell, selNumberTag)))
	})
	s.FindMatcher(selPairs).Each(func(_ int, dt *goquery.Selection) {
		if label := dom.Text(dt); label != "UID" { // known, and no word of a language
			card.Add("", label, dom.Text(dt.NextMatcher(cssDd)))
		}
	})
}

// shownCount is a counter's exact form, where its title has one.
func shownCount(s *goquery.Selection) string {
	if inner := dom.First(s, selTitled); inner.Length() > 0 && dom.Digits(inner.AttrOr("title", "")) != "" {
		return inner.AttrOr("title", "")
	}
	return dom.Text(s)
}

// roles are what the numbers of the program's own groups stand for.
func roles(group string) []string {
	switch group {
	case "1":
		return []string{"admin", "staff"}
	case "2", "3":
		return []string{"moderator", "staff"}
	case "4", "5", "6":
		return []string{"banned"}
	}
	return nil
}

var (
	selRates     = dom.Sel("[id^='ratelog_']")
	selRateTotal = dom.Sel("a[href*='action=viewratings'] .xi1, dt strong a[href*='action=viewratings']")
	selRate      = dom.Sel("tr[id^='rate_'], p[id^='rate_'], .mli")
	selRater     = dom.Sel("a[href]")
	selUp        = dom.Sel("[id^='review_support_'], #recommendv_add")
	selDown      = dom.Sel("[id^='review_against_'], #recommendv_subtract")
)

// ratings reads the table of those who rated a post: how many did, and the
// names of the latest.
func (r *reader) ratings(b box) *forum.Reactions {
	log := dom.First(b.s, selRates)
	if log.Length() == 0 {
		return nil
	}
	out := &forum.Reactions{}
	log.FindMatcher(selRate).Each(func(_ int, row *goquery.Selection) {
		if row.IsMatcher(cssP) { // the picture's line: the name is in the next one
			row = row.Next()
		}
		name := ""
		row.FindMatcher(selRater).Each(func(_ int, link *goquery.Selection) {
			if r.linked(link.AttrOr("href", ""), forum.KindProfile) != "" && dom.Text(link) != "" {
				name = dom.Text(link)
			}
		})
		if name != "" {
			out.Users = append(out.Users, name)
		}
	})
	out.Total = int64(len(out.Users))
	if n := dom.Count(dom.Text(dom.First(log, selRateTotal))); n != nil && *n >= out.Total {
		out.Total = *n
	}
	if out.Total == 0 {
		return nil
	}
	out.UsersComplete = out.Total == int64(len(out.Users))
	return out
}

// votes reads the counters of those for and against a post.
func votes(b box) *forum.Votes {
	up, down := exact(dom.First(b.s, selUp)), exact(dom.First(b.s, selDown))
	if up == nil && down == nil {
		return nil
	}
	v := &forum.Votes{Up: up, Down: down}
	if up != nil && down != nil {
		v.Score = new(*up - *down)
	}
	return v
}
