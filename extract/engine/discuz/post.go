package discuz

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	selBody      = dom.Sel(".t_f, .t_msgfont, .message, ul.authi ~ div:not([id])")
	selDate      = dom.Sel("[id^='authorposton'], .authi .mtime, .plc .authi em, .authorinfo em")
	selTitleSpan = dom.Sel("span[title]")
	selNumber    = dom.Sel("[id^='postnum'], .pi > strong > a, .plc strong > a:not([href*='viewratings']), .postinfo > strong > a, .authi .mtit > .y, .authi li.grey > em")
	selNumberEm  = dom.Sel("em")
	selSubject   = dom.Sel(".pcb > h2, .message > h2, .postmessage > h2")
	selSign      = dom.Sel(".sign, .signatures")
	selHidden    = dom.Sel(".pcb > .locked, .message > .locked, .message > .grey.quote, .message > .quote")
	selLocked    = dom.Sel(".locked")
	selPlainEm   = dom.Sel("em:not([class])")
	selNoFiles   = dom.Sel(".attach_nopermission")
	selFloat     = dom.Sel("span.y")
)

// box is one post on the page: the element that holds the whole of it, its id,
// and its text, nil for a post that shows none.
type box struct {
	id   string
	s    *goquery.Selection
	text *html.Node
}

// boxes are the posts of the page in order. Every post stands in an element
// "post_N" or "pidN", whatever the theme; the touch templates have the second
// alone.
func (r *reader) boxes() []box {
	var out []box
	seen := map[string]bool{}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			id := boxID(c)
			if id == "" || seen[id] {
				walk(c)
				continue
			}
			if b := r.newBox(id, c); b.text != nil || dom.Has(b.s, selNumber) {
				seen[id] = true
				out = append(out, b)
			}
		}
	}
	for _, n := range r.doc.Nodes {
		walk(n)
	}
	return out
}

func boxID(n *html.Node) string {
	id := dom.Attr(n, "id")
	for _, prefix := range []string{"post_", "pid", "postmessage_"} {
		if number := dom.IDAfter(id, prefix); number != "" && prefix+number == id {
			return number
		}
	}
	return ""
}

func (r *reader) newBox(id string, n *html.Node) box {
	b := box{id: id, s: goquery.NewDocumentFromNode(n).Selection}
	if dom.Attr(n, "id") == "postmessage_"+id {
		b.text = n
		return b
	}
	if text := b.first("postmessage_", selBody); text.Length() > 0 {
		b.text = text.Nodes[0]
	}
	if b.text == nil && !dom.Has(b.s, selOwnParts) {
		b.text = r.textBeside(b)
	}
	return b
}

// first is the part of a box that has its number behind this prefix as its id,
// else the first that matches.
func (b box) first(prefix string, or goquery.Matcher) *goquery.Selection {
	if s := dom.ByID(b.s, prefix+b.id); s.Length() > 0 {
		return s
	}
	return dom.First(b.s, or)
}

func (r *reader) posts(boxes []box) {
	for i, b := range r.inOrder(boxes) {
		p := forum.Post{ID: b.id, State: forum.PostVisible, Page: r.page.Thread.Page}
		r.post(&p, b, i)
		r.page.Posts = append(r.page.Posts, p)
	}
	dom.FillPositions(r.page, r.facts.PostsPerPage, &r.gaps)
}

func (r *reader) post(p *forum.Post, b box, i int) {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	r.position(p, b)
	if r.page.Root != "" && r.page.Thread.ID != "" {
		p.URL = r.page.Root + "forum.php?mod=redirect&goto=findpost&ptid=" + r.page.Thread.ID + "&pid=" + p.ID
	}
	if r.isDeleted(b) {
		p.State = forum.PostDeleted
		return
	}
	p.Author = r.author(b)
	switch {
	case p.Author == nil:
		gap("author", "the post names nobody")
	case p.Author.ID == "" && !p.Author.IsGuest && !p.Author.IsDeleted:
		gap("author.id", "no link of the post leads to its author")
	}
	if p.Published = r.published(b); !p.Published.Known() {
		gap("published_at", "no readable time in the post's head")
	}
	r.content(p, b, gap)
	r.below(p, b)
}

// isDeleted tells the stub of a deleted post: a number and a sentence, with
// neither head nor text.
func (r *reader) isDeleted(b box) bool {
	return b.text == nil && !r.headTime(b).Known() && !dom.Has(b.s, selDate) && !dom.Has(b.s, selHidden) &&
		!dom.Has(b.s, selAvatarBox) && !dom.Has(b.s, selHead)
}

// content reads the text, and says what a guest is not shown of it.
func (r *reader) content(p *forum.Post, b box, gap func(field, reason string)) {
	hidden := b.s.FindMatcher(selHidden).FilterFunction(func(_ int, s *goquery.Selection) bool {
		return dom.Find(s.Nodes[0], selQuoteBox) == nil // the touch templates lend it the class of quotations
	}).First()
	if b.text == nil || hidden.Length() > 0 && hidden.HasClass("quote") {
		if dom.Has(hidden, selPlainEm) {
			p.State = forum.PostModerated // hidden by the moderators, with its author or alone
			return
		}
		gap("body", "its text is hidden from guests")
		return
	}
	p.Title = dom.Text(dom.First(b.s, selSubject))
	text := r.prepared(b.text)
	if dom.Find(text, selLocked) != nil || hidden.Length() > 0 {
		gap("body", "a part of its text is hidden from guests")
	}
	r.edit(p, text)
	r.doc.ReadBody(r.rules, text).Into(p)
	r.files(p, b)
	b.s.FindMatcher(selNoFiles).EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if within(s.Nodes[0], b.text) {
			return true // an invitation to register
		}
		gap("attachments", "files are hidden from guests")
		return false
	})
}

func within(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// below reads what stands under the text.
func (r *reader) below(p *forum.Post, b box) {
	if s := dom.First(b.s, selSign); s.Length() > 0 {
		if text := r.doc.ReadBody(r.rules, r.prepared(s.Nodes[0])).Body.Text; text != "" {
			p.Signature = &forum.Signature{Text: text}
		}
	}
	p.Reactions = r.ratings(b)
	p.Votes = votes(b)
}

// published is the time in the post's head. The touch templates write counters
// into the same line.
func (r *reader) published(b box) forum.Stamp {
	s := b.first("authorposton", selDate)
	if s.Length() > 0 {
		if st := r.stamp(s); st.Known() {
			return st
		}
	}
	return r.headTime(b)
}

// stamp reads a time: the program writes recent ones as words, with the date as
// the title of a span, which in listings is without the time of day.
func (r *reader) stamp(s *goquery.Selection) forum.Stamp {
	span := dom.First(s, selTitleSpan)
	if span.Length() == 0 {
		st, _, _ := r.clock.Within(dom.TextWithout(s, selFloat))
		return st
	}
	st := r.clock.Element(span)
	if st.Known() && st.Precision != forum.PrecisionDay {
		return st
	}
	text, title := dom.Text(span), dom.Fold(span.AttrOr("title", ""))
	if strings.Contains(text, ":") { // "yesterday 18:07", with the day as title
		return r.clock.Text(title + " " + text)
	}
	if words := r.clock.Text(text); words.Known() && words.Precision != forum.PrecisionDay {
		return words
	}
	return st
}

// places are the names that the program gives the first posts of a thread where
// the forum leaves its own setting as it is: the thread's author, the sofa, the
// bench, the floor.
var places = map[string]int64{"楼主": 1, "樓主": 1, "沙发": 2, "沙發": 2, "板凳": 3, "板櫈": 3, "地板": 4}

// position reads the number in the post's corner.
func (r *reader) position(p *forum.Post, b box) {
	if n, _ := number(b); n > 0 {
		p.Position, p.PositionSource = n, forum.PositionShown
	}
}

// number is a post's number, 0 for one that bears a name which is not known;
// named tells those from posts that bear nothing.
func number(b box) (n int64, named bool) {
	text := numberText(b)
	if place, ok := places[text]; ok {
		return place, false
	}
	if shown := dom.Count(text); shown != nil && *shown > 0 {
		return *shown, false
	}
	return 0, text != ""
}

func numberText(b box) string {
	s := b.first("postnum", selNumber)
	if s.Length() == 0 {
		return b.headFloor()
	}
	if em := dom.First(s, selNumberEm); em.Length() > 0 {
		return dom.Text(em)
	}
	return dom.Text(s)
}

// pinned tells a reply that moderators keep on top of the first page.
func pinned(b box) bool {
	s := b.first("postnum", selNumber)
	return s.Length() > 0 && dom.Find(s.Nodes[0], selPin) != nil
}

var selPin = dom.Sel("img[src*='settop']")

// inOrder puts the replies back that the first page shows ahead of their turn,
// pinned or found good: numbers of posts grow, so that they tell the place. One
// from a later page is a copy, and left out.
func (r *reader) inOrder(boxes []box) []box {
	early := ahead(boxes)
	if len(early) == 0 {
		return boxes
	}
	last := uint64(0)
	for i, b := range boxes {
		if !early[i] {
			last = max(last, serial(b))
		}
	}
	var out []box
	for i, b := range boxes {
		if !early[i] || r.page.Thread.PageCount == 1 || serial(b) < last {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b box) int { return cmp.Compare(serial(a), serial(b)) })
	return out
}

func serial(b box) uint64 {
	n, _ := strconv.ParseUint(b.id, 10, 64)
	return n
}

// ahead finds the posts that stand before their turn: those with a pin or with
// a number above a later one, and those with a name that leaves no room for them
// before the next number. Where that is most of a page, it counts backwards.
func ahead(boxes []box) map[int]bool {
	out := map[int]bool{}
	var names []int
	for i, b := range boxes {
		n, named := number(b)
		switch {
		case pinned(b), n > 0 && n > lowestFrom(boxes[i+1:]):
			out[i] = true
		case named && i > 0:
			names = append(names, i)
		case n > 0 && n < int64(i+1-len(out)):
			for _, at := range names {
				out[at] = true
			}
			names = nil
		case n > 0:
			names = nil
		}
	}
	if len(out) > len(boxes)/2 {
		return nil
	}
	return out
}

// lowestFrom is the lowest number of some posts; without any it is above all.
func lowestFrom(boxes []box) int64 {
	low := int64(math.MaxInt64)
	for _, b := range boxes {
		if n, _ := number(b); n > 0 {
			low = min(low, n)
		}
	}
	return low
}

// isBlank tells a node that shows nothing.
func isBlank(n *html.Node) bool {
	return n.Type == html.CommentNode || n.Type == html.TextNode && strings.TrimSpace(n.Data) == "" || n.DataAtom == atom.Br
}
