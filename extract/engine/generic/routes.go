package generic

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"forumine/extract/forum"
)

// route is a form of addresses that a forum has for its boards or its threads, as its
// listings show it: "/s/@/*". A part is taken literally, or it stands for any number
// (#), for a number in front of or behind a slug (#-, -#), for the page's id (@), or
// for anything (*). One that begins with a slash is known to mean something else than
// the words in it say on other forums; all of it is the id where no part is.
type route struct {
	kind  forum.Kind
	parts []string
	first bool // before the words
}

// String is a route as Facts.Routes keeps it.
func (w route) String() string {
	if w.first {
		return string(w.kind) + "=/" + strings.Join(w.parts, "/")
	}
	return string(w.kind) + "=" + strings.Join(w.parts, "/")
}

// routesOf reads the routes among a forum's facts.
func routesOf(facts string) []route {
	var out []route
	for pair := range strings.FieldsSeq(facts) {
		kind, form, _ := strings.Cut(pair, "=")
		if form, first := strings.CutPrefix(form, "/"); first || strings.ContainsAny(form, "#@") {
			out = append(out, route{forum.Kind(kind), strings.Split(form, "/"), first})
		}
	}
	return out
}

// partsOf are the segments of an address's path without those that count pages, and
// the pairs of its query.
func partsOf(u *url.URL) []string {
	segs := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	for n := len(segs) - 1; n > 0; n = len(segs) - 1 {
		last := strings.ReplaceAll(withoutExtension(strings.ToLower(segs[n])), ":", "-")
		switch {
		case pageSegment(last) > 0 || last[0] == 'p' && isNumber(last[1:]):
		case n > 1 && isNumber(last) && pageWord(strings.ToLower(segs[n-1])):
			segs = segs[:n]
		default:
			n = 0
		}
		if n == 0 {
			break
		}
		segs = segs[:len(segs)-1]
	}
	for _, pair := range queryOf(u) {
		if !pageKey(pair[0]) && withoutNoise(pair[0]+"=x") != "" {
			segs = append(segs, "?"+url.QueryEscape(pair[0])+":"+url.QueryEscape(pair[1]))
		}
	}
	return segs
}

// formOf is what addresses of one form have in common: how many parts they have, and
// the keys of their queries.
func formOf(u *url.URL) string {
	var b strings.Builder
	for _, p := range partsOf(u) {
		b.WriteByte('/')
		if key, _, ok := strings.Cut(p, ":"); ok && p[0] == '?' {
			b.WriteString(key)
		}
	}
	return b.String()
}

// wild tells a part that stands for many.
func wild(token string) bool {
	_, token, _ = cutKey(token)
	return token == "#" || token == "#-" || token == "-#" || token == "@" || token == "*"
}

// cutKey parts the value of a query's pair from its key; a segment has none.
func cutKey(part string) (key, value string, query bool) {
	if strings.HasPrefix(part, "?") {
		key, value, query = strings.Cut(part, ":")
		return key + ":", value, query
	}
	return "", part, false
}

// class is what a value may be taken for: a number, a slug with one, or anything.
func class(value string) string {
	head, rest, dashed := strings.Cut(value, "-")
	switch {
	case isNumber(value):
		return "#"
	case dashed && isNumber(head) && rest != "":
		return "#-"
	case slugNumber(value) != "":
		return "-#"
	}
	return "@"
}

// routeOf is the form of addresses that lead to pages of one kind. Parts in which they
// differ stand for many, likewise those which the page's own address is known to share
// with others; of these the last with a number is the id, else the last that is not
// the title in other words.
func routeOf(kind forum.Kind, urls []*url.URL, names []string, own map[string]bool) route {
	all := make([][]string, len(urls))
	for i, u := range urls {
		all[i] = partsOf(u)
	}
	w := route{kind: kind, parts: make([]string, len(all[0]))}
	id, numbered := -1, false
	for k := range w.parts {
		key, first, _ := cutKey(all[0][k])
		same, form, titles := true, class(first), 0
		for i := range all {
			_, value, _ := cutKey(all[i][k])
			same = same && value == first
			if class(value) != form {
				form = "@"
			}
			if fingerprint(strings.Map(spaced, value), 60) == fingerprint(names[i], 60) {
				titles++
			}
		}
		switch {
		case same && !own[all[0][k]]:
			w.parts[k] = all[0][k]
			continue
		case same:
			w.parts[k] = key + "*"
			continue
		}
		w.parts[k] = key + "*"
		if number := form != "@"; number || !numbered && (id < 0 || 2*titles < len(all)) {
			if id >= 0 && number == numbered && !number && 2*titles >= len(all) {
				continue
			}
			if id >= 0 {
				oldKey, _, _ := cutKey(w.parts[id])
				w.parts[id] = oldKey + "*"
			}
			id, numbered = k, number
			w.parts[k] = key + form
		}
	}
	return w
}

func spaced(r rune) rune {
	if r == '-' || r == '_' || r == '+' {
		return ' '
	}
	return r
}

// certain tells forms that name something beside the id: one of nothing but slugs
// would take in any page of a site.
func (w route) certain() bool {
	literal, numbered, id := 0, false, false
	for _, p := range w.parts {
		_, value, _ := cutKey(p)
		switch value {
		case "#", "#-", "-#":
			numbered, id = true, true
		case "@":
			id = true
		case "*":
		default:
			literal++
		}
	}
	return id && (numbered || literal > 0)
}

// match gives the id of an address of this form, "" for any other.
func (w route) match(u *url.URL) string {
	parts := partsOf(u)
	if len(parts) != len(w.parts) {
		return ""
	}
	for i, token := range w.parts {
		key, want, _ := cutKey(token)
		have, value, _ := cutKey(parts[i])
		switch {
		case key != have:
			return ""
		case want == "*" || want == "@" && value != "":
			if key == "" && slices.Contains(noSlugs, strings.ToLower(value)) {
				return ""
			}
		case want == "#" || want == "#-" || want == "-#":
			if class(value) != want {
				return ""
			}
		case want != value:
			return ""
		}
	}
	return w.id(u)
}

// id is the part of an address that tells it from others of its form.
func (w route) id(u *url.URL) string {
	parts := partsOf(u)
	for i, p := range parts {
		_, value, _ := cutKey(p)
		_, token, _ := cutKey(w.parts[i])
		switch token {
		case "#", "@":
			return value
		case "#-", "-#":
			return slugNumber(value)
		}
	}
	if w.first {
		return strings.Join(parts, "/")
	}
	return ""
}

// literals is how many parts of a form are taken literally.
func (w route) literals() int {
	n := 0
	for _, p := range w.parts {
		if !wild(p) {
			n++
		}
	}
	return n
}

// matchRoute is the narrowest of some forms that an address has.
func matchRoute(ways []route, u *url.URL) (route, bool) {
	best, found := route{}, false
	for _, w := range ways {
		if w.match(u) != "" && (!found || w.literals() > best.literals()) {
			best, found = w, true
		}
	}
	return best, found
}

// meaning is what an address means by the words of all forums, else by the forms that
// were learned of this one; some of those come first.
func meaning(ways []route, u *url.URL) (forum.Link, bool) {
	link, ok := canonical(u)
	if len(ways) == 0 || u.Host == "" || acts(u.Path+"?"+u.RawQuery) || strings.Contains(strings.ToLower(u.RawQuery), "sort") {
		return link, ok
	}
	if w, known := matchRoute(ways, u); known && (!ok || w.first) && profileHint(u.String()) == 0 {
		return linkTo(u, w.kind, w.match(u)), true
	}
	return link, ok
}

func (r *reader) meaning(u *url.URL) (forum.Link, bool) { return meaning(r.routes, u) }

// OwnWord is always "": the forms of a forum's addresses are learned from its listings
// as a whole.
func (Engine) OwnWord(string, forum.Kind, string) string { return "" }

// Own maps a link with the help of the forms that were learned.
func (Engine) Own(u *url.URL, words map[string]forum.Kind, _ func(*url.URL) (forum.Link, bool)) (forum.Link, bool) {
	var ways []route
	for _, form := range slices.Sorted(maps.Keys(words)) {
		ways = append(ways, routesOf(string(words[form])+"="+form)...)
	}
	return meaning(ways, u)
}
