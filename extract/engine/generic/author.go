package generic

import (
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// author reads the author of one entry.
func (r *reader) author(c *cluster, e *entry, paths ...int32) *forum.Author {
	if a := r.propAuthor(c, e); a != nil {
		return a
	}
	i := int32(-1)
	if _, ok := e.find(paths[0]); !ok && paths[0] >= 0 {
		i = c.inPlaceOf(e, paths[0])
	}
	if best := c.strongestHint(e); i < 0 && paths[0] < 0 && best >= 0 && c.out.hints[best] >= 4 {
		i = best
	}
	for _, p := range paths {
		if ce, ok := e.find(p); ok && i < 0 && p >= 0 && nameLine(c.out.items[ce.item].n) != "" {
			i = ce.item
		}
	}
	if i < 0 {
		i = c.strongestHint(e)
	}
	if i < 0 && paths[0] >= 0 {
		i = c.boldLike(e, paths[0])
	}
	if i < 0 {
		return nil
	}
	n := c.out.items[i].n
	a := &forum.Author{Name: nameLine(n)}
	if sum(c.out.dates, i, c.out.items[i].end) > 0 {
		a.Name = ownName(n)
	}
	if a.Name = withoutLead(a.Name); a.Name == "" {
		return nil
	}
	e.name, e.nameAt = n, i
	r.accountOf(a, n)
	return a
}

// withoutLead cuts the label off a name that stands behind one: "von: NAME".
func withoutLead(s string) string {
	lead, name, ok := strings.Cut(s, ": ")
	if !ok || strings.TrimSpace(name) == "" {
		return s
	}
	switch lead = strings.ToLower(lead); {
	case byName(lead+" x") != "", byName(lead+": x") != "", classHint(lead) > 2, lead == "name", lead == "posted by", lead == "geschrieben von", lead == "posté par", lead == "escrito por", lead == "написал":
		return strings.TrimSpace(name)
	}
	return s
}

// inPlaceOf is what stands where other records have their author's link: an
// element of the same class, or the text that the link would stand in.
func (c *cluster) inPlaceOf(e *entry, p int32) int32 {
	parent, name := c.paths[p].parent, c.nameOf(p)
	for _, ce := range e.cells {
		it := &c.out.items[ce.item]
		if name != "" && it.name == name && c.paths[ce.path].parent == parent && nameText(it.n) != "" {
			return ce.item
		}
	}
	if ce, ok := e.find(parent); ok && parent >= 0 && nameText(c.out.items[ce.item].n) != "" {
		return ce.item
	}
	return -1
}

// boldLike is the name before an entry's body that is bold as other records' names
// are, in an element of another kind: those who leave no address have no link.
func (c *cluster) boldLike(e *entry, p int32) int32 {
	if !slices.ContainsFunc(c.entries, func(o *entry) bool {
		ce, ok := o.find(p)
		return ok && (isBold(c.out.items[ce.item].n) || dom.Find(c.out.items[ce.item].n, selBold) != nil)
	}) {
		return -1
	}
	for _, ce := range e.cells {
		switch n := c.out.items[ce.item].n; {
		case c.inBody(e, ce.item):
			return -1
		case isBold(n) && nameText(n) != "":
			return ce.item
		}
	}
	return -1
}

var selBold = dom.Sel("b, strong")

func isBold(n *html.Node) bool { return n.DataAtom == atom.B || n.DataAtom == atom.Strong }

// nameOf is the class of the elements at a path.
func (c *cluster) nameOf(p int32) string {
	for _, e := range c.entries {
		if ce, ok := e.find(p); ok {
			return c.out.items[ce.item].name
		}
	}
	return ""
}

// nameLine is the first line of an element that holds a name: a rank or a role
// may stand below it.
func nameLine(n *html.Node) string {
	if nameText(n) == "" {
		return ownName(n)
	}
	for _, line := range dom.SplitLines(n, nil) {
		if line = strings.TrimPrefix(line, "@"); letters(line) > 0 || dom.Digits(line) != "" {
			return line
		}
	}
	return nameText(n)
}

func (c *cluster) strongestHint(e *entry) int32 {
	best, top := int32(-1), 1
	for _, ce := range e.cells {
		if h := c.out.hints[ce.item]; h > top && !c.constant(ce) && !c.inBody(e, ce.item) && sum(c.out.dates, ce.item, c.out.items[ce.item].end) == 0 {
			best, top = ce.item, h
		}
	}
	return best
}

// propAuthor reads microdata: itemprop=author with a name in it.
func (r *reader) propAuthor(c *cluster, e *entry) *forum.Author {
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		switch dom.Attr(n, "itemprop") {
		case "author", "creator":
		default:
			continue
		}
		name := n
		if f := dom.Find(n, selPropName); f != nil {
			name = f
		} else if dom.HasAttr(n, "itemscope") && nameText(n) == "" {
			continue
		}
		e.nameAt = ce.item
		a := &forum.Author{Name: dom.Attr(name, "content")}
		if a.Name == "" {
			a.Name = nameText(name)
		}
		if a.Name == "" {
			continue
		}
		r.accountOf(a, name)
		if a.URL == "" {
			if l := dom.Find(n, selLink); l != nil && profileHint(dom.Attr(l, "href")) > 0 {
				r.profileLink(a, l)
			}
		}
		return a
	}
	return nil
}

var (
	selPropName = dom.Sel("[itemprop=name]")
	selLink     = dom.Sel("a[href]")
)

// accountOf takes the profile's address from the link that the name stands in
// or holds.
func (r *reader) accountOf(a *forum.Author, name *html.Node) {
	link := dom.Closest(name, selLink)
	if link == nil {
		link = dom.Find(name, selLink)
	}
	if link != nil {
		r.profileLink(a, link)
		if m := reMemberClass.FindStringSubmatch(dom.Attr(link, "class")); a.ID == "" && m != nil {
			a.ID, a.URL = m[1], ""
		}
	}
}

// reMemberClass finds the number of an account in the class of a link that opens its
// menu: "member_12".
var reMemberClass = regexp.MustCompile(`(?:^|\s)(?:member|user)[_-]([1-9]\d{0,9})(?:\s|$)`)

func (r *reader) profileLink(a *forum.Author, link *html.Node) {
	href := r.doc.Resolve(dom.Attr(link, "href"))
	if href == "" || !r.doc.SameHost(href) {
		return
	}
	a.URL, a.ID = href, accountID(href)
	for _, key := range [...]string{"data-user-id", "data-userid", "data-uid", "data-member-id"} {
		if v := dom.Attr(link, key); a.ID == "" && isNumber(v) && v != "0" {
			a.ID = v
		}
	}
}

// accountID is the number that a profile's address carries: the value of a
// query key, a path segment of digits, what stands before the first hyphen of a
// segment, or what follows a point at its end.
func accountID(href string) string {
	for _, key := range [...]string{"u", "uid", "user", "userid", "user_id", "id", "mid", "showuser", "member"} {
		if v := dom.Param(href, key); isNumber(v) {
			return v
		}
	}
	if _, rest, ok := strings.Cut(href, ";u="); ok {
		return dom.IDAfter(rest, "")
	}
	href, _, _ = strings.Cut(href, "#")
	path, query, _ := strings.Cut(href, "?")
	if !strings.Contains(query, "=") {
		path += "/" + query // "index.php?members/ann.12/"
	}
	segs := strings.Split(path, "/")[min(3, strings.Count(path, "/")):]
	for _, s := range segs {
		if isNumber(s) {
			return s
		}
		if i := strings.LastIndexByte(s, '.'); i > 0 && isNumber(s[i+1:]) {
			return s[i+1:]
		}
	}
	for _, s := range segs {
		s = strings.TrimSuffix(strings.TrimSuffix(s, ".html"), ".htm")
		if head, _, ok := strings.Cut(s, "-"); ok && isNumber(head) {
			return head
		}
		for _, p := range [...]string{"user-", "member-", "profile-", "space-uid-", "u-"} {
			if rest, ok := strings.CutPrefix(strings.ToLower(s), p); ok && isNumber(rest) {
				return rest
			}
		}
	}
	return ""
}

func isNumber(s string) bool {
	if s == "" || len(s) > 19 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
