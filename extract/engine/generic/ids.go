package generic

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// idRole is where the records of a cluster carry their own number.
type idRole struct {
	path int32
	attr string
	form string // the attribute's pattern, "post-#"
}

type idVote struct {
	records int
	first   int
	last    int
	values  map[string]bool
}

// idRole finds the attribute that numbers the records: an id, name or data
// attribute with one number, there in nearly all of them and never twice. The
// outermost one wins.
func (c *cluster) idRole() idRole {
	votes := map[idRole]*idVote{}
	var order []idRole
	for k, e := range c.entries {
		for _, ce := range e.cells {
			n := c.out.items[ce.item].n
			for _, a := range n.Attr {
				if !idKey(a.Key, n.DataAtom) {
					continue
				}
				form, num := numbered(a.Val)
				if num == "" {
					continue
				}
				role := idRole{ce.path, a.Key, form}
				v := votes[role]
				if v == nil {
					v = &idVote{first: k, last: -1, values: map[string]bool{}}
					votes[role] = v
					order = append(order, role)
				}
				if v.last != k {
					v.last, v.records = k, v.records+1
					v.values[num] = true
				}
			}
		}
	}
	few := idRole{path: -1} // of all but the first record, which may be another kind of box
	for _, role := range order {
		v := votes[role]
		if len(v.values) != v.records || c.out.counting(v.values, len(c.entries)) && !c.addressed(role) {
			continue
		}
		if v.records*10 >= 8*len(c.entries) {
			return role
		}
		if few.path < 0 && v.first > 0 && v.records > 1 && v.records == len(c.entries)-1 {
			few = role
		}
	}
	if role := c.hrefRole(); role.path >= 0 {
		return role
	}
	if role := c.anchorRole(); role.attr != "" {
		return role
	}
	if role := c.namedRole(); role.path >= 0 {
		return role
	}
	return few
}

// addressed tells whether links of the records ask for a post by its number: a
// forum's first posts are numbered like the places on its first page.
func (c *cluster) addressed(role idRole) bool {
	if strings.Count(role.attr, "-") > 1 && strings.HasSuffix(role.attr, "-id") {
		return true // "data-post-id"
	}
	for _, e := range c.entries {
		id := c.nativeID(e, role)
		if id == "" || !slices.ContainsFunc(e.cells, func(ce cell) bool { return asksForPost(dom.Attr(c.out.items[ce.item].n, "href"), id) }) {
			return false
		}
	}
	return len(c.entries) > 0
}

// asksForPost tells an address with a post's number in it: "pid=12", "-post-12.html",
// "topic=5.msg12".
func asksForPost(href, id string) bool {
	href, _, _ = strings.Cut(href, "#")
	path, query, _ := strings.Cut(href, "?")
	if m := rePostStep.FindStringSubmatch(path); m != nil && m[1] == id {
		return true
	}
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' }) {
		key, value, _ := strings.Cut(pair, "=")
		switch strings.ToLower(key) {
		case "pid", "p", "post", "postid", "post_id", "msg", "msgid":
			if value == id {
				return true
			}
		case "topic":
			if strings.HasSuffix(value, ".msg"+id) {
				return true
			}
		}
	}
	return false
}

var rePostStep = regexp.MustCompile(`[/_-](?:posts?|msg|message|comment|reply)[/_-](\d+)(?:\.\w+|/)?$`)

// anchorRole finds the empty elements right before the records that number
// them: "<a name=msg-12></a>". Its path is none, as they lie outside.
func (c *cluster) anchorRole() idRole {
	role, values, from := idRole{path: -1}, map[string]bool{}, 0
	for k, e := range c.entries {
		attr, form, num := c.anchorBefore(e)
		if num == "" && k == 0 {
			from = 1 // the first post may have none
		}
		if num == "" || role.attr != "" && (attr != role.attr || form != role.form) {
			continue
		}
		role.attr, role.form, values[num] = attr, form, true
	}
	if len(values) < 2 || 10*len(values) < 8*(len(c.entries)-from) || c.out.counting(values, len(c.entries)) {
		return idRole{path: -1}
	}
	return role
}

// anchorBefore reads the empty element before an entry.
func (c *cluster) anchorBefore(e *entry) (attr, form, num string) {
	o := c.out
	i := e.from - 1
	if i < 0 || !o.isAnchor(i) || o.items[i].parent != o.items[e.from].parent {
		return "", "", ""
	}
	for _, a := range o.items[i].n.Attr {
		if idKey(a.Key, o.items[i].n.DataAtom) {
			if form, num = numbered(a.Val); num != "" {
				return a.Key, form, num
			}
		}
	}
	return "", "", ""
}

// isAnchor tells empty elements that are there for their name alone.
func (o *outline) isAnchor(i int32) bool {
	n := o.items[i].n
	return n.FirstChild == nil && (n.DataAtom == atom.A || n.DataAtom == atom.Span || n.DataAtom == atom.Div) && (dom.HasAttr(n, "id") || dom.HasAttr(n, "name"))
}

// hrefRole finds the link whose address numbers the records: the one that
// replies to a post or quotes it, say. The form is the address's pattern with
// the place of the number behind it.
func (c *cluster) hrefRole() idRole {
	type seen struct {
		role    idRole
		numbers [][]string
	}
	at := map[idRole]*seen{}
	var order []*seen
	for k, e := range c.entries {
		for _, ce := range e.cells {
			n := c.out.items[ce.item].n
			if n.DataAtom != atom.A || ce.part <= partBody && c.inBody(e, ce.item) || len(dom.Attr(n, "href")) > 300 {
				continue
			}
			form := longPattern(dom.Attr(n, "href"))
			if !ofPost(form) {
				continue
			}
			role := idRole{ce.path, "href", form}
			v := at[role]
			if v == nil {
				v = &seen{role: role}
				at[role] = v
				order = append(order, v)
			}
			if len(v.numbers) < k+1 {
				v.numbers = append(v.numbers, reNumbers.FindAllString(dom.Attr(n, "href"), -1))
			}
		}
	}
	for _, v := range order {
		if len(v.numbers) < 2 || len(v.numbers) != len(c.entries) {
			continue
		}
		for i := range slices.Backward(v.numbers[0]) {
			values := map[string]bool{}
			for _, list := range v.numbers {
				values[list[i]] = true
			}
			if len(values) == len(c.entries) && !c.out.counting(values, len(c.entries)) {
				return idRole{v.role.path, "href", v.role.form + " " + strconv.Itoa(i)}
			}
		}
	}
	return idRole{path: -1}
}

var reNumbers = regexp.MustCompile(`[0-9]+`)

func longPattern(s string) string { return reNumbers.ReplaceAllString(s, "0") }

// ofPost tells addresses that do something with one post or lead to it.
func ofPost(form string) bool {
	for _, w := range words(form) {
		switch w {
		case "reply", "quote", "post", "posts", "msg", "message", "comment", "report", "edit", "replyto", "findpost", "pid", "goto", "permalink", "newreply", "replypage":
			return true
		}
	}
	return false
}

// namedRole finds the attribute of the records' own elements that tells them
// apart by short names that are no numbers.
func (c *cluster) namedRole() idRole {
	for _, key := range [...]string{"data-fullname", "data-id", "data-post-id", "data-comment-id", "id"} {
		values := map[string]bool{}
		for _, e := range c.entries {
			if v := shortName(dom.Attr(c.out.items[e.from].n, key)); v != "" {
				values[v] = true
			}
		}
		if len(values) == len(c.entries) && len(values) > 1 && c.entries[0].cells[0].path == c.entries[1].cells[0].path {
			return idRole{c.entries[0].cells[0].path, key, ""}
		}
	}
	return idRole{path: -1}
}

// shortName is what follows the last underscore of a name: "thing_t1_gh2".
func shortName(s string) string {
	i := strings.LastIndexAny(s, "_-")
	if i < 0 || len(s)-i < 3 || len(s)-i > 14 || strings.ContainsAny(s, " /:") {
		return ""
	}
	return s[i+1:]
}

// counting tells numbers that just count the records of the page: from nought, one,
// or where the first post is not counted two; on later pages without a gap, from no more
// than what pages before can hold. No post's own number is less than its place in the
// thread, and few are as small.
func (o *outline) counting(values map[string]bool, n int) bool {
	least, most := math.MaxInt, 0
	for v := range values {
		i, err := strconv.Atoi(v)
		if err != nil {
			return false
		}
		least, most = min(least, i), max(most, i)
	}
	if o.page > 1 && most-least == n-1 && least >= o.page && least <= 100*(o.page-1)+1 {
		return true
	}
	return most <= n && least < 3
}

func idKey(key string, tag atom.Atom) bool {
	switch key {
	case "id", "name":
		return key == "id" || tag == atom.A
	}
	if !strings.HasPrefix(key, "data-") || !strings.HasSuffix(key, "id") {
		return false
	}
	for _, w := range [...]string{"user", "author", "member", "owner", "thread", "topic", "parent"} {
		if strings.Contains(key, w) {
			return false
		}
	}
	return true
}

// numbered splits a value with exactly one run of digits into its pattern and
// the number.
func numbered(s string) (form, num string) {
	if len(s) > 60 {
		return "", ""
	}
	num = dom.Digits(s)
	form = pattern(s)
	if num == "" || strings.Count(form, "#") != 1 || len(num) > 19 || strings.Contains(strings.ToLower(form), "user") {
		return "", ""
	}
	return form, num
}

// nativeID is an entry's number by the cluster's role.
func (c *cluster) nativeID(e *entry, role idRole) string {
	if role.path < 0 {
		if _, form, num := c.anchorBefore(e); role.attr != "" && form == role.form {
			return num
		}
		return ""
	}
	ce, ok := e.find(role.path)
	if !ok {
		return ""
	}
	value := dom.Attr(c.out.items[ce.item].n, role.attr)
	if role.form == "" {
		return shortName(value)
	}
	if role.attr == "href" {
		form, place, _ := strings.Cut(role.form, " ")
		i, err := strconv.Atoi(place)
		if all := reNumbers.FindAllString(value, -1); err == nil && longPattern(value) == form && i < len(all) {
			return all[i]
		}
		return ""
	}
	form, num := numbered(value)
	if form != role.form {
		return ""
	}
	return num
}

// permalink is the link of an entry that carries its number: the one that its
// microdata calls its address, else one with a fragment or around the time,
// else any; links that act on the post are none. Where there is none, the anchor
// that carries the number leads to the post.
func (r *reader) permalink(c *cluster, e *entry, role idRole, date int32) string {
	id := c.nativeID(e, role)
	best, most := "", 0
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if n.DataAtom != atom.A || c.inBody(e, ce.item) {
			continue
		}
		holdsDate := date >= 0 && (c.out.within(date, ce.item) || c.out.within(ce.item, date) && dom.Digits(c.out.text(ce.item)) != "")
		if rank := linkRank(n, id, holdsDate); rank > most {
			if abs := r.resolveFragment(dom.Attr(n, "href")); abs != "" && r.doc.SameHost(abs) {
				best, most = abs, rank
			}
		}
	}
	return cmp.Or(best, r.anchor(c, e, role, id))
}

// linkRank tells how surely a link leads to the entry of that number, 0 for one
// that does not.
func linkRank(n *html.Node, id string, holdsDate bool) int {
	href := dom.Attr(n, "href")
	carries := id != "" && strings.Contains(href, id)
	switch {
	case !carries && !holdsDate, acts(href), profileHint(href) > 0:
		return 0
	case carries && dom.Attr(n, "itemprop") == "url":
		return 3
	case holdsDate, strings.Contains(href, "#"):
		return 2
	}
	return 1
}

// anchor is the page's address with the name of the element that carries an
// entry's number.
func (r *reader) anchor(c *cluster, e *entry, role idRole, id string) string {
	if id == "" || role.attr != "id" && role.attr != "name" {
		return ""
	}
	at := e.from - 1
	if ce, ok := e.find(role.path); ok {
		at = ce.item
	} else if role.path >= 0 {
		return ""
	}
	return r.resolveFragment("#" + dom.Attr(c.out.items[at].n, role.attr))
}

func (r *reader) resolveFragment(href string) string {
	if strings.HasPrefix(href, "#") {
		if len(href) < 2 {
			return ""
		}
		page, _, _ := strings.Cut(r.doc.URL.String(), "#")
		return page + href
	}
	return r.doc.Resolve(href)
}

// acts tells links that do something to a post.
func acts(href string) bool {
	var room [24]string
	for _, w := range appendWords(room[:0], href) {
		switch w {
		case "reply", "replyto", "replypage", "quote", "report", "edit", "delete", "vote", "like", "share", "flag", "login", "signin", "register", "newreply", "print", "warn", "react", "submit", "revisions", "timeline":
			return true
		}
	}
	return false
}

// numberPath is the path of "#12" or "12" that counts up by one, behind a first post
// that stands on every page, too.
func (c *cluster) numberPath() int32 {
	if len(c.entries) < 2 {
		return -1
	}
	runs := map[int32][]int{}
	var order []int32
	for _, e := range c.entries {
		for _, ce := range e.cells {
			if ce.hash == 0 || c.inBody(e, ce.item) {
				continue
			}
			n, ok := leadingOrdinal(c.out.items[ce.item].own)
			if !ok {
				continue
			}
			if runs[ce.path] == nil {
				order = append(order, ce.path)
			}
			runs[ce.path] = append(runs[ce.path], n)
		}
	}
	for _, p := range order {
		if run := runs[p]; len(run) == len(c.entries) && (consecutive(run) || run[0] == 1 && consecutive(run[1:]) && run[1] > 1) {
			return p
		}
	}
	return -1
}

func ordinalText(s string) (int, bool) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "#"), "№"))
	if s == "" || s[len(s)-1] < '0' || s[len(s)-1] > '9' { // an error costs more than a look
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n < 1e7
}

// leadingOrdinal is the number that a text is, or that it begins with by its
// sign: "#3 written on 12 May", "3 ：2012/05/12".
func leadingOrdinal(s string) (int, bool) {
	if head, _, ok := strings.Cut(s, "："); ok && len(head) < 7 {
		s = head
	}
	if head, _, more := strings.Cut(s, " "); more && (strings.HasPrefix(s, "#") || strings.HasPrefix(s, "№")) {
		s = head
	}
	return ordinalText(s)
}

func consecutive(run []int) bool {
	for i := 1; i < len(run); i++ {
		if run[i] != run[i-1]+1 {
			return false
		}
	}
	return true
}

func (r *reader) position(c *cluster, e *entry, p int32, post *forum.Post) {
	if p < 0 {
		return
	}
	ce, ok := e.find(p)
	if !ok {
		return
	}
	if n, ok := leadingOrdinal(c.out.items[ce.item].own); ok && strconv.Itoa(n) != post.ID {
		post.Position, post.PositionSource = int64(n), forum.PositionShown
	}
}
