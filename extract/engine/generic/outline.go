package generic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"forumine/extract/dom"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// item is one element of the page in document order. Its subtree is the run of
// items from its own place up to end.
type item struct {
	n      *html.Node
	parent int32
	end    int32
	name   string // first class word without digits
	own    string // its own text, where that is short
	class  *classMeaning
	look   look
	nth    int16 // place among its parent's elements of the same tag
}

// look is what elements have in common that are of one tag and name: their
// numbers on the page.
type look struct{ tag, name int32 }

// outline is the page as a list of elements with running sums over it, so that
// any run of elements can be weighed in constant time.
type outline struct {
	items   []item
	letters []int32 // sum of letters before item i
	linked  []int32 // sum of letters within links before item i
	dates   []int32 // sum of date marks before item i
	authors []int32 // sum of author marks before item i
	joins   []int32 // sum of the items before item i that say when an author joined
	marks   []dateMark
	dated   []int32                  // an item's place in marks, -1 for none
	hints   []int                    // how much an item looks like an author's name
	named   map[string]*classMeaning // by class: pages repeat few classes many times
	numbers map[string]int32         // of tags without an atom, and of names
	parts   map[string]part          // by name
	aside   []bool                   // the item lies in a page's navigation, margin or footer
	places  []int32                  // as cellPlaces gives them
	page    int                      // the page's number in its thread, by its address
}

// unread are elements whose text no reader sees as text of the page.
func unread(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Head, atom.Svg, atom.Select, atom.Textarea, atom.Iframe, atom.Canvas:
		return true
	case atom.Button:
		return dom.Find(n, selStamped) == nil // some have times for readers to press
	}
	return dom.HasAttr(n, "hidden")
}

var selStamped = dom.Sel("time, [itemprop=datePublished], [itemprop=dateCreated]")

// survey walks the page once.
func (r *reader) survey() {
	r.out = &outline{named: map[string]*classMeaning{}, parts: map[string]part{}, numbers: map[string]int32{}}
	here, _ := r.here()
	r.out.page = max(here.Page, pageOf(r.doc.URL))
	for _, root := range r.doc.Nodes {
		r.walk(root, -1, false, false)
	}
	r.out.close()
}

// tagCounts counts elements by their tags' numbers.
type tagCounts []struct {
	tag   int32
	count int16
}

// next is how many elements of a tag were counted before this one.
func (t *tagCounts) next(tag int32) int16 {
	for i := range *t {
		if c := &(*t)[i]; c.tag == tag {
			c.count++
			return c.count - 1
		}
	}
	*t = append(*t, struct {
		tag   int32
		count int16
	}{tag, 1})
	return 0
}

func (r *reader) walk(n *html.Node, parent int32, inLink, aside bool) {
	var nth tagCounts
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || unread(c) {
			continue
		}
		o := r.out
		i := int32(len(o.items))
		it := item{n: c, parent: parent, own: ownText(c), class: o.meaning(dom.Attr(c, "class"))}
		it.name, it.look = o.looks(c, it.class)
		if it.name == "" || c.DataAtom == atom.Td {
			it.nth = nth.next(it.look.tag)
		}
		o.items = append(o.items, it)
		link := inLink || c.DataAtom == atom.A
		margin := aside || isMargin(c)
		o.aside = append(o.aside, margin)
		n := ownLetters(c)
		o.letters = append(o.letters, n)
		o.linked = append(o.linked, 0)
		if link {
			o.linked[i] = n
		}
		o.dates, o.authors, o.joins = append(o.dates, 0), append(o.authors, 0), append(o.joins, 0)
		o.dated, o.hints = append(o.dated, -1), append(o.hints, 0)
		if r.dateMark(&it, i) {
			o.dates[i] = 1
		}
		if h := r.authorHint(c, it.class); h >= 2 {
			o.hints[i], o.authors[i] = h, 1
		}
		r.walk(c, i, link, margin)
		o.items[i].end = int32(len(o.items))
	}
}

// close turns the counts of each item into sums of all before it.
func (o *outline) close() {
	for _, list := range []*[]int32{&o.letters, &o.linked, &o.dates, &o.authors, &o.joins} {
		sums := make([]int32, len(*list)+1)
		for i, n := range *list {
			sums[i+1] = sums[i] + n
		}
		*list = sums
	}
}

func sum(sums []int32, from, to int32) int { return int(sums[to] - sums[from]) }

// isMargin tells the parts of a page that frame its content.
func isMargin(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Aside:
		return true
	}
	switch dom.Attr(n, "role") {
	case "navigation", "complementary", "contentinfo", "search", "dialog":
		return true
	}
	if n.DataAtom == atom.Html || n.DataAtom == atom.Body {
		return false
	}
	return dom.Attr(n, "id") == "sidebar" || dom.HasClass(n, "sidebar") || dom.HasClass(n, "breadcrumb")
}

func ownLetters(n *html.Node) int32 {
	total := int32(0)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			total += letters(c.Data)
		}
	}
	return total
}

func letters(s string) int32 {
	total := int32(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return total + wideLetters(s[i:])
		}
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			total++
		}
	}
	return total
}

func wideLetters(s string) int32 {
	total := int32(0)
	for _, r := range s {
		if unicode.IsLetter(r) {
			total++
			if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
				total += 2 // one such character says as much as a few letters
			}
		}
	}
	return total
}

// striped tells the words of classes that turn from record to record: "odd",
// "post--even", "is-first".
func striped(class string) bool {
	tail := class[strings.LastIndexAny(class, "-_")+1:]
	return tail == "odd" || tail == "even" || tail == "first" || tail == "last"
}

// unstriped is the one of two names that the page showed first where they tell nothing
// but every other record: "tablea", "tableb".
func (o *outline) unstriped(name string) string {
	n := len(name) - 1
	if n < 4 || name[n] != 'a' && name[n] != 'b' {
		return name
	}
	if _, known := o.numbers[name]; known {
		return name
	}
	other := name[:n] + string('a'+'b'-name[n])
	if _, known := o.numbers[other]; known {
		return other
	}
	return name
}

// looks is an element's name and look: the name is the first class word that carries no digit and no word for a
// state that changes from record to record.
func (o *outline) looks(n *html.Node, class *classMeaning) (string, look) {
	tag := int32(n.DataAtom)
	if tag == 0 {
		tag = -1 - o.number(n.Data)
	}
	if n.DataAtom == atom.Div {
		return class.firstOfDiv, look{tag, class.numberOfDiv}
	}
	return class.first, look{tag, class.number}
}

// number is a word's number on the page.
func (o *outline) number(word string) int32 {
	n, known := o.numbers[word]
	if !known {
		n = int32(len(o.numbers))
		o.numbers[word] = n
	}
	return n
}

// firstOf is the first class of an element, and that of a div: what tells the
// cells of a record apart.
func firstOf(class string) (name, ofDiv string) {
	for w := range strings.FieldsSeq(class) {
		if strings.ContainsAny(w, "0123456789") || striped(w) || w == "ui" {
			continue // "ui" is what one framework begins each class with
		}
		if name == "" {
			name = w
			continue
		}
		if strings.HasPrefix(w, name) && strings.HasPrefix(w[len(name):], "--") {
			return name, w
		}
	}
	return name, name
}

// words splits names as markup writes them, "js-userName post_author", into
// lower-case words.
func words(s string) []string { return appendWords(nil, s) }

// appendWords appends them to a list: most callers have room for a few.
func appendWords(out []string, s string) []string {
	start, low := -1, false // low: the character before is a small letter
	for i, r := range s {
		letter, upper := r|0x20 >= 'a' && r|0x20 <= 'z', r >= 'A' && r <= 'Z'
		if r >= utf8.RuneSelf {
			letter, upper = unicode.IsLetter(r), unicode.IsUpper(r)
		}
		if start >= 0 && (!letter || upper && low) {
			out = append(out, strings.ToLower(s[start:i]))
			start = -1
		}
		if letter && start < 0 {
			start = i
		}
		low = letter && !upper && (r < utf8.RuneSelf || unicode.IsLower(r))
	}
	if start >= 0 {
		out = append(out, strings.ToLower(s[start:]))
	}
	return out
}

// someWords is room for the words of most names.
type someWords [12]string

// text is the text of an item on one line.
func (o *outline) text(i int32) string { return dom.NodeText(o.items[i].n) }

// within tells whether item i lies in the subtree of item top, or is it.
func (o *outline) within(i, top int32) bool { return i >= top && i < o.items[top].end }
