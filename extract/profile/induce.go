package profile

import (
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
)

// Selectors are found by trying: what the wanted elements have in common makes
// candidates, the plainest first, and the first that finds these elements and
// no other is taken.

// induceEach finds a selector for the page's containers, "" for none.
func induceEach(d *dom.Document, roots []*html.Node) string {
	want := setOf(roots)
	fits := func(css string) bool {
		m, err := dom.Compile(css)
		if err != nil {
			return false
		}
		found := d.FindMatcher(m).Nodes
		return len(found) == len(roots) && !slices.ContainsFunc(found, func(n *html.Node) bool { return !want[n] })
	}
	own := forms(roots)
	for _, css := range own {
		if fits(css) {
			return css
		}
	}
	for a := roots[0].Parent; a != nil && a.Type == html.ElementNode; a = a.Parent {
		for _, outer := range forms([]*html.Node{a}) {
			for _, css := range own {
				for _, with := range []string{outer + " > " + css, outer + " " + css} {
					if fits(with) {
						return with
					}
				}
			}
		}
	}
	return ""
}

// induceIn finds a selector that gives, as its first match in each container,
// the element that belongs there, and nothing where there is none. ok tells
// that there is one; "" is the container itself.
func induceIn(each string, roots, wanted []*html.Node) (css string, ok bool) {
	some, first := compact(wanted), 0
	if len(some) == 0 {
		return "", false
	}
	if slices.Equal(roots, wanted) {
		return "", true
	}
	for wanted[first] == nil {
		first++
	}
	apart := setOf(roots)
	fits := func(css string) bool { return findsIn(css, roots, wanted, apart) }
	own := forms(some)
	for _, css := range own {
		if fits(css) {
			return css, true
		}
	}
	for a := wanted[first].Parent; a != nil && a != roots[first]; a = a.Parent {
		for _, outer := range forms([]*html.Node{a}) {
			for _, css := range own {
				if with := outer + " " + css; fits(with) {
					return with, true
				}
			}
		}
	}
	if css := placeOf(each, roots[first], wanted[first]); fits(css) {
		return css, true
	}
	return induceKinds(each, roots, wanted)
}

// induceKinds finds a selector for each kind of the elements, a name with a
// link and one without say, which together find them all.
func induceKinds(each string, roots, wanted []*html.Node) (string, bool) {
	kinds := map[string][]*html.Node{}
	var order []string
	for i, n := range wanted {
		if n == nil {
			continue
		}
		kind := n.Data + "." + dom.Attr(n, "class") + "<" + n.Parent.Data
		if kinds[kind] == nil {
			kinds[kind] = make([]*html.Node, len(wanted))
			order = append(order, kind)
		}
		kinds[kind][i] = n
	}
	if len(order) < 2 || len(order) > 4 {
		return "", false
	}
	var parts []string
	for _, kind := range order {
		css, ok := induceIn(each, roots, kinds[kind])
		if !ok || css == "" {
			return "", false
		}
		parts = append(parts, css)
	}
	css := strings.Join(parts, ", ")
	return css, findsIn(css, roots, wanted, setOf(roots))
}

func compact(list []*html.Node) []*html.Node {
	return slices.DeleteFunc(slices.Clone(list), func(n *html.Node) bool { return n == nil })
}

func findsIn(css string, roots, wanted []*html.Node, apart nodes) bool {
	m, err := dom.Compile(css)
	if err != nil {
		return false
	}
	for i, root := range roots {
		found := within(root, m, apart)
		if wanted[i] == nil && len(found) > 0 || wanted[i] != nil && (len(found) == 0 || found[0] != wanted[i]) {
			return false
		}
	}
	return true
}

// placeOf is the way from a container to an element by places alone.
func placeOf(each string, root, n *html.Node) string {
	var steps []string
	for ; n != nil && n != root; n = n.Parent {
		nth := 1
		for s := n.PrevSibling; s != nil; s = s.PrevSibling {
			if s.Type == html.ElementNode && s.Data == n.Data {
				nth++
			}
		}
		steps = append(steps, n.Data+":nth-of-type("+strconv.Itoa(nth)+")")
	}
	slices.Reverse(steps)
	return each + " > " + strings.Join(steps, " > ")
}

// forms are selectors that match all of the elements: by class, by the
// beginning of ids, by attributes, by tag.
func forms(list []*html.Node) []string {
	tag := list[0].Data
	for _, n := range list {
		if n.Data != tag {
			tag = ""
		}
	}
	var out []string
	classes := shared(list, func(n *html.Node) []string { return strings.Fields(dom.Attr(n, "class")) })
	for _, c := range classes {
		if tag != "" {
			out = append(out, tag+"."+c)
		}
		out = append(out, "."+c)
	}
	for i, a := range classes {
		for _, b := range classes[i+1:] {
			out = append(out, tag+"."+a+"."+b)
		}
	}
	out = append(out, attributeForms(tag, list)...)
	if tag != "" {
		out = append(out, tag)
	}
	return out
}

func attributeForms(tag string, list []*html.Node) []string {
	var out []string
	if p := idPrefix(list); p != "" {
		out = append(out, tag+"[id^='"+p+"']")
	}
	for _, key := range []string{"itemprop", "itemtype", "rel", "role"} {
		for _, v := range shared(list, func(n *html.Node) []string { return []string{dom.Attr(n, key)} }) {
			out = append(out, tag+"["+key+"='"+v+"']")
		}
	}
	keys := func(n *html.Node) []string {
		var keys []string
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "data-") || a.Key == "datetime" {
				keys = append(keys, a.Key)
			}
		}
		return keys
	}
	for _, key := range shared(list, keys) {
		out = append(out, tag+"["+key+"]")
	}
	for _, part := range shared(list, func(n *html.Node) []string { return addressParts(dom.Attr(n, "href")) }) {
		out = append(out, tag+"[href*='"+part+"']")
	}
	return out
}

// idPrefix is what stands before the number in the ids of all elements; the id
// itself where one element is looked for and its id has no number.
func idPrefix(list []*html.Node) string {
	prefix := ""
	for i, n := range list {
		id := dom.Attr(n, "id")
		at := strings.IndexAny(id, "0123456789")
		switch {
		case id == "" || at == 0 || at < 0 && len(list) > 1:
			return ""
		case at > 0:
			id = id[:at]
		}
		if i > 0 && id != prefix || !plainName(id) {
			return ""
		}
		prefix = id
	}
	return prefix
}

// addressParts are the parts of an address without numbers that may tell what
// it leads to: folders and parameters.
func addressParts(href string) []string {
	path, query, _ := strings.Cut(href, "?")
	var out []string
	for s := range strings.SplitSeq(path, "/") {
		if s != "" && plainName(strings.TrimSuffix(s, ".php")) && !strings.ContainsAny(s, "0123456789") {
			out = append(out, s)
		}
	}
	for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
		key, v, _ := strings.Cut(pair, "=")
		if !plainName(key) {
			continue
		}
		if plainName(v) && !strings.ContainsAny(v, "0123456789") {
			out = append(out, key+"="+v)
		}
		out = append(out, key+"=")
	}
	return out
}

// shared are the values that all elements have, in the order of the first. What
// has to be quoted in CSS is left out.
func shared(list []*html.Node, of func(*html.Node) []string) []string {
	var out []string
	for _, v := range of(list[0]) {
		plain := plainName(strings.NewReplacer("=", "", ".", "", "/", "", ":", "").Replace(v))
		if v == "" || !plain || slices.Contains(out, v) {
			continue
		}
		if !slices.ContainsFunc(list, func(n *html.Node) bool { return !slices.Contains(of(n), v) }) {
			out = append(out, v)
		}
	}
	return out
}

// plainName tells names that are written in a selector as they are.
func plainName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' || s[0] == '-' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}
