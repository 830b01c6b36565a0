package generic

import (
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// card reads what stands beside a post about its author: picture, title, and
// pairs of label and value.
func (r *reader) card(c *cluster, e *entry, a *forum.Author) {
	r.face(c, e, a)
	for _, n := range c.cardNodes(e) {
		r.avatar(n, a)
		r.pairs(n, a)
		r.rank(c, n, a, e)
	}
	for _, ce := range e.cells {
		if n := c.out.items[ce.item].n; n.DataAtom == atom.Img && a.AvatarURL == "" && !c.inBody(e, ce.item) && ce.part <= partCard {
			r.setAvatar(n, a)
		}
	}
}

// face takes the first picture of an entry whose words for those who do not see it
// call it the account's, before the small ones that stand in names.
func (r *reader) face(c *cluster, e *entry, a *forum.Author) {
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if n.DataAtom != atom.Img || a.AvatarURL != "" || c.inBody(e, ce.item) {
			continue
		}
		switch alt := strings.ToLower(dom.Attr(n, "alt")); alt {
		case "profile_image", "profile image", "profile picture", "avatar", "user avatar", "프로필 이미지", "프로필 사진", "头像", "頭像", "大頭貼照":
			if src := r.doc.Resolve(dom.Attr(n, "src")); src != "" && !strings.HasPrefix(src, "data:") && !standIn(src) {
				a.AvatarURL = src
			}
		}
	}
}

// cardNodes are the elements about a post's author: those that are named so,
// else the widest one around the name that holds neither words nor the time of
// the post.
func (c *cluster) cardNodes(e *entry) []*html.Node {
	o := c.out
	var out []*html.Node
	until := int32(-1)
	for _, ce := range e.cells {
		if ce.item < until || ce.part != partCard && ce.part != partRank {
			continue
		}
		until = o.items[ce.item].end
		out = append(out, o.items[ce.item].n)
	}
	if e.nameAt < 0 {
		return out
	}
	best := int32(-1)
	for i := o.items[e.nameAt].parent; i > e.from; i = o.items[i].parent {
		if e.body != nil && c.holds(i, e.body) || sum(o.letters, i, o.items[i].end) > 400 || c.holdsStamp(e, i) {
			break
		}
		best = i
	}
	if best < 0 || e.body == nil {
		return out
	}
	if slices.Contains(out, o.items[best].n) {
		return out
	}
	return append(out, o.items[best].n)
}

// holds tells whether an element lies below item i.
func (c *cluster) holds(i int32, n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == c.out.items[i].n {
			return true
		}
	}
	return false
}

func (c *cluster) holdsStamp(e *entry, i int32) bool {
	return e.stampAt >= 0 && c.out.within(e.stampAt, i)
}

// avatar is the picture that a card shows of the author: one that is named so,
// or that leads to the account.
func (r *reader) avatar(n *html.Node, a *forum.Author) {
	if a.AvatarURL != "" {
		return
	}
	if n.DataAtom == atom.Img {
		r.setAvatar(n, a)
	}
	for c := range dom.Below(n) {
		if c.DataAtom == atom.Img && a.AvatarURL == "" {
			r.setAvatar(c, a)
		}
	}
}

func (r *reader) setAvatar(img *html.Node, a *forum.Author) {
	src := r.doc.Resolve(dom.Attr(img, "src"))
	if lazy := r.doc.Resolve(firstLong(img, "data-src", "data-lazy-src", "data-original")); lazy != "" {
		src = lazy
	}
	if src == "" || strings.HasPrefix(src, "data:") || standIn(src) {
		return
	}
	link := dom.Closest(img, selLink)
	named := false
	for n, depth := img, 0; n != nil && depth < 3; n, depth = n.Parent, depth+1 {
		named = named || slices.ContainsFunc(avatarWords, func(w string) bool { return strings.Contains(strings.ToLower(dom.Attr(n, "class")), w) })
	}
	if named || pictured(src) || link != nil && a.URL != "" && !isButton(src) && r.doc.Resolve(dom.Attr(link, "href")) == a.URL {
		a.AvatarURL = src
	}
}

func firstLong(n *html.Node, keys ...string) string {
	for _, k := range keys {
		if v := dom.Attr(n, k); v != "" {
			return v
		}
	}
	return ""
}

var avatarWords = []string{"avatar", "userpic", "photo", "gravatar", "usericon"}

// standIn tells the picture that boards show for those who have none.
func standIn(src string) bool {
	src = strings.ToLower(src[strings.LastIndexByte(src, '/')+1:])
	src, _, _ = strings.Cut(src, "?")
	for _, w := range [...]string{"default", "noavatar", "no_avatar", "no-avatar", "nophoto", "no_photo", "blank", "spacer", "anonymous", "unknown", "guest"} {
		if strings.Contains(src, w) {
			return true
		}
	}
	return false
}

// isButton tells pictures of buttons that lead to an account: "profile.gif".
func isButton(src string) bool {
	src = src[strings.LastIndexByte(src, '/')+1:]
	name, _, _ := strings.Cut(src, ".")
	for _, w := range words(name) {
		switch w {
		case "profile", "button", "btn", "icon", "find", "view", "www", "pm":
			return true
		}
	}
	return false
}

func pictured(src string) bool {
	src = strings.ToLower(src)
	for _, w := range [...]string{"avatar", "gravatar", "userpic", "profile_photo", "/photo-"} {
		if strings.Contains(src, w) {
			return true
		}
	}
	return false
}

// pairs reads "Posts: 41", "41 posts", and lists of terms and values.
func (r *reader) pairs(n *html.Node, a *forum.Author) {
	card := dom.Card{Author: a, Clock: r.clock}
	term := ""
	for c := range dom.Below(n) {
		switch c.DataAtom {
		case atom.Dt:
			term = dom.NodeText(c)
			if term == "" {
				term = titleIn(c)
			}
		case atom.Dd:
			if v := dom.NodeText(c); term != "" && dom.KnownLabel(term) {
				card.Add("", term, v)
			}
			term = ""
		}
	}
	for _, line := range dom.SplitLines(n, selTerms) {
		r.pair(card, line)
	}
	for c := range dom.Below(n) {
		if c.Type == html.ElementNode && leafish(c) {
			r.pair(card, dom.NodeText(c))
		}
	}
}

var selTerms = dom.Sel("dt, dd")

// leafish tells elements that hold a label and its value and no more.
func leafish(n *html.Node) bool {
	size, elements := 0, 0
	for c := range dom.Below(n) {
		if c.Type == html.ElementNode {
			elements++
		}
	}
	return elements <= 3 && textWithin(n, &size, 80)
}

func titleIn(n *html.Node) string {
	for c := range dom.Below(n) {
		if c.Type != html.ElementNode {
			continue
		}
		if t := firstAttr(c, "title", "aria-label", "data-original-title"); t != "" {
			return t
		}
	}
	return ""
}

func (r *reader) pair(card dom.Card, line string) {
	if len(line) > 120 {
		return
	}
	label, value, ok := dom.CutLabel(line)
	if ok && value != "" && dom.KnownLabel(label) {
		card.Add("", label, value)
		return
	}
	if ok {
		return
	}
	fields := strings.Fields(line)
	if len(fields) < 2 || len(fields) > 5 {
		return
	}
	first, rest := fields[0], strings.Join(fields[1:], " ")
	last, lead := fields[len(fields)-1], strings.Join(fields[:len(fields)-1], " ")
	switch {
	case counter(first) && dom.KnownLabel(rest):
		card.Add("", rest, first)
	case counter(last) && dom.KnownLabel(lead):
		card.Add("", lead, last)
	case dom.KnownLabel(first) && r.clock.Text(rest).Known():
		card.Add("", first, rest)
	}
}

// counter tells a number with its grouping, or an abbreviated one.
func counter(s string) bool {
	return s != "" && s[0] >= '0' && s[0] <= '9' && strings.Trim(s, "0123456789.,kKmM") == ""
}

// rank is the title below a name: an element that is named so, else the first
// line of the card that is neither the name nor a pair.
func (r *reader) rank(c *cluster, n *html.Node, a *forum.Author, e *entry) {
	if a.Title != "" {
		return
	}
	o := c.out
	for _, ce := range e.cells {
		x := o.items[ce.item].n
		if o.part(x) != partRank || !within(x, n) {
			continue
		}
		if t := dom.NodeText(x); t != "" && len(t) < 60 && t != a.Name {
			a.Title = t
			return
		}
	}
	lines := dom.SplitLines(n, selTerms)
	for i, line := range lines {
		if line != a.Name {
			continue
		}
		if i+1 < len(lines) && titleLine(lines[i+1]) && !looksTimed(lines[i+1]) {
			a.Title = lines[i+1]
		}
		return
	}
}

// replyStems begin the lines that say whom a post answers.
var replyStems = stemsOf("in reply to", "replying to", "replied to", "antwort an", "en réponse à", "en respuesta a", "in risposta a", "em resposta a", "в ответ")

func titleLine(s string) bool {
	if says(s, replyStems) {
		return false
	}
	return len(s) < 50 && letters(s) > 1 && !strings.ContainsAny(s, ":：#@") && dom.Digits(s) == ""
}

func within(n, top *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == top {
			return true
		}
	}
	return false
}
