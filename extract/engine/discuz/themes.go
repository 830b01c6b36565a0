package discuz

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Themes rename classes and move what they name. What stays is a post's id and
// where links lead, so that what the program's own classes do not find is looked
// for in the post's head: all that stands before the text, or beside it.

var (
	selNoHead = dom.Sel(".pattl, .sign, .signatures, .tip, .attach, .img_one, .img_list, .post_attlist, form, script, style, noscript, " +
		"[id^='userinfo'], [id^='comment_'], [id^='ratelog_'], [id^='post_rate'], .modact, .quote")
	selOwnParts  = dom.Sel(".locked, .authi, .pi, .pcb, .postinfo, .message, [id^='authorposton']")
	selCard      = dom.Sel("td.pls, .favatar, dl")
	selFacePic   = dom.Sel("img[src*='avatar'], img[data-src*='avatar'], img[src*='uc_server/']")
	selWriteLink = dom.Sel("a[href*='mod=post'], a[href*='mod=misc'], a[href*='mod=report'], [onclick*='mod=post']")
)

// inHead calls take for the elements of a post's head in order, until it says
// so: those before the text, or, after it, those behind.
func (b box) inHead(after bool, take func(*html.Node) bool) {
	passed := b.text == nil && !after
	var walk func(*html.Node) bool
	walk = func(n *html.Node) bool {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c == b.text:
				if !after {
					return true
				}
				passed = true
			case c.Type != html.ElementNode, selNoHead.Match(c):
			case (passed || !after) && !within(b.text, c) && take(c), walk(c):
				return true
			}
		}
		return false
	}
	walk(b.s.Nodes[0])
}

// headAuthor takes the first account that the head links to: a picture may
// stand before the name.
func (r *reader) headAuthor(a *forum.Author, b box) {
	for _, after := range []bool{false, true} {
		if a.Name != "" {
			return
		}
		b.inHead(after, func(n *html.Node) bool {
			if n.DataAtom != atom.A {
				return false
			}
			link := goquery.NewDocumentFromNode(n).Selection
			id := r.linked(dom.Attr(n, "href"), forum.KindProfile)
			if id == "" || id == "0" || a.ID != "" && a.ID != id {
				return a.ID != "" && id != ""
			}
			r.account(a, link)
			return a.Name != ""
		})
	}
}

// The program keeps accounts' pictures under their numbers:
// avatar.php?uid=5, data/avatar/000/00/00/05_avatar_middle.jpg.
var rePictured = regexp.MustCompile(`avatar\.php\?(?:[^#]*&)?uid=(\d+)|/avatar/(\d{3})/(\d\d)/(\d\d)/(\d\d)_`)

// pictured takes the number of an account without a link from its picture.
func (r *reader) pictured(a *forum.Author) {
	m := rePictured.FindStringSubmatch(a.AvatarURL)
	if m == nil {
		return
	}
	if id := strings.TrimLeft(m[1]+m[2]+m[3]+m[4]+m[5], "0"); id != "" && !a.IsDeleted {
		a.ID, a.IsGuest = id, false
		if r.page.Root != "" {
			a.URL = r.page.Root + "home.php?mod=space&uid=" + id
		}
	}
}

// headPicture is the picture of an account in the head.
func (r *reader) headPicture(b box) string {
	src := ""
	b.inHead(false, func(n *html.Node) bool {
		if n.DataAtom == atom.Img && selFacePic.Match(n) {
			src = r.doc.Resolve(picture(n))
		}
		return src != ""
	})
	if strings.Contains(src, "noavatar") || strings.Contains(src+"&", "uid=0&") { // a guest's
		return ""
	}
	return src
}

const longestTime = 48 // letters of a line that says when a post was written

// headTime is the first time of day in the head: days alone are those of
// joining and of visits.
func (r *reader) headTime(b box) forum.Stamp {
	var out forum.Stamp
	b.inHead(false, func(n *html.Node) bool {
		out = r.timeOf(n)
		return out.Known()
	})
	return out
}

func (r *reader) timeOf(n *html.Node) forum.Stamp {
	if !strings.ContainsAny(dom.NodeText(n), "0123456789") || utf8.RuneCountInString(dom.NodeText(n)) > longestTime || dom.Closest(n, selCard) != nil || dom.Find(n, selNoHead) != nil {
		return forum.Stamp{}
	}
	st := r.stamp(goquery.NewDocumentFromNode(n).Selection)
	switch st.Precision {
	case forum.PrecisionSecond, forum.PrecisionMinute, forum.PrecisionHour:
		return st
	}
	return forum.Stamp{}
}

// reFloor is a post's number with a word or a sign that says so: a bare number
// may count anything.
var reFloor = regexp.MustCompile(`^(?i:(?:第\s*)?(\d{1,7})\s*(?:#|楼|樓|层|層|floor)\s*#?|#\s*(\d{1,7}))$`)

// narrowest is the innermost element that has the time of this one.
func (r *reader) narrowest(n *html.Node) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && r.timeOf(c).Known() {
			return r.narrowest(c)
		}
	}
	return n
}

// headFloor is the number in the head, as it is written, else "".
func (b box) headFloor() string {
	found := ""
	b.inHead(false, func(n *html.Node) bool {
		text := dom.NodeText(n)
		if m := reFloor.FindStringSubmatch(text); m != nil {
			found = m[1] + m[2]
		} else if places[text] > 1 { // the first's name is lent to the thread's author
			found = text
		}
		return found != ""
	})
	return found
}

// textBeside is the text of a post that no class of the program's names: what
// follows the author and the time.
func (r *reader) textBeside(b box) *html.Node {
	var author, when *html.Node
	b.inHead(false, func(n *html.Node) bool {
		if author == nil && n.DataAtom == atom.A && r.linked(dom.Attr(n, "href"), forum.KindProfile) != "" {
			author = n
		}
		if when == nil && r.timeOf(n).Known() {
			when = r.narrowest(n)
		}
		return author != nil && when != nil
	})
	if when == nil {
		return nil
	}
	for n := when; n != nil && n != b.s.Nodes[0]; n = n.Parent {
		for c := n.NextSibling; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && isText(c) && !(author != nil && within(author, c)) {
				return narrowed(c)
			}
		}
	}
	return nil
}

// isText tells an element with words from a number and from tools.
func isText(n *html.Node) bool {
	text := dom.NodeText(n)
	return text != "" && n.DataAtom != atom.A && !reFloor.MatchString(text) && places[text] == 0 && !selNoHead.Match(n) && !selWriteLink.Match(n)
}

// narrowed leaves tools out that stand in one element with the text.
func narrowed(n *html.Node) *html.Node {
	var texts []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) != "":
			return n
		case c.Type == html.ElementNode && dom.NodeText(c) != "" && dom.Find(c, selWriteLink) == nil && !selWriteLink.Match(c):
			texts = append(texts, c)
		}
	}
	if dom.Find(n, selWriteLink) == nil || len(texts) != 1 {
		return n
	}
	return texts[0]
}
