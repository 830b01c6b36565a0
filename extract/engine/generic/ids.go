package generic

import (
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

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
					v = &idVote{last: -1, values: map[string]bool{}}
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
	for _, role := range order {
		v := votes[role]
		if v.records*10 >= 8*len(c.entries) && len(v.values) == v.records && !counting(v.values, len(c.entries)) {
			return role
		}
	}
	return idRole{path: -1}
}

// counting tells numbers that just count the records of the page.
func counting(values map[string]bool, n int) bool {
	for v := range values {
		if i, err := strconv.Atoi(v); err != nil || i > n+1 {
			return false
		}
	}
	return n > 1
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
		return ""
	}
	ce, ok := e.find(role.path)
	if !ok {
		return ""
	}
	form, num := numbered(dom.Attr(c.out.items[ce.item].n, role.attr))
	if form != role.form {
		return ""
	}
	return num
}

// permalink is the link of an entry that carries its number, one with a
// fragment first; links that act on the post are none.
func (r *reader) permalink(c *cluster, e *entry, id string, date int32) string {
	best := ""
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if n.DataAtom != atom.A || c.inBody(e, ce.item) {
			continue
		}
		href := dom.Attr(n, "href")
		holdsDate := date >= 0 && (c.out.within(date, ce.item) || c.out.within(ce.item, date))
		if id != "" && !strings.Contains(href, id) && !holdsDate || id == "" && !holdsDate || acts(href) || profileHint(href) > 0 {
			continue
		}
		abs := r.resolveFragment(href)
		if abs == "" || !r.doc.SameHost(abs) {
			continue
		}
		if strings.Contains(href, "#") || holdsDate {
			return abs
		}
		if best == "" {
			best = abs
		}
	}
	return best
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
	for _, w := range words(href) {
		switch w {
		case "reply", "replyto", "quote", "report", "edit", "delete", "vote", "like", "share", "flag", "login", "signin", "register", "newreply", "print", "warn", "react", "submit", "revisions":
			return true
		}
	}
	return false
}

// numberPath is the path of "#12" or "12" that counts up by one.
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
			n, ok := ordinalText(c.out.items[ce.item].own)
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
		if run := runs[p]; len(run) == len(c.entries) && consecutive(run) {
			return p
		}
	}
	return -1
}

func ordinalText(s string) (int, bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "#"), "№")
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n > 0 && n < 1e7
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
	if n, ok := ordinalText(c.out.items[ce.item].own); ok {
		post.Position, post.PositionSource = int64(n), forum.PositionShown
	}
}
