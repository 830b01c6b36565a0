package scrub

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

func attrOf(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// attr replaces an attribute's value by what the attribute is for; false drops
// the attribute.
func (s *Scrubber) attr(t html.Token, a html.Attribute) (string, bool) {
	key, v := a.Key, a.Val
	switch {
	case strings.TrimSpace(v) == "" || s.lists.plain[key]:
		return v, true
	case key == "integrity" || key == "nonce":
		return "", false
	case key == "class":
		return s.classes(v), true
	case key == "id" || key == "name" || key == "for" || key == "headers" || key == "slot" || strings.HasPrefix(key, "aria-") && !s.lists.text[key]:
		if key == "name" && t.Data == "a" && isDigits(v) && len(v) > 2 && attrOf(t, "href") == "" {
			return s.digits(v, asAny), true // an anchor that is called by an id; shorter ones count the posts of the page
		}
		if t.Data == "meta" || key == "id" && t.Data == "script" {
			return v, true
		}
		return s.ident(v), true
	case key == "style":
		return s.css(v), true
	case strings.HasPrefix(key, "on") && len(key) > 3:
		return s.code(v), true
	case key == "srcset" || key == "data-srcset" || key == "imagesrcset":
		return s.srcset(v), true
	case t.Data == "meta" && key == "content":
		return s.meta(t, v), true
	case key == "data-cfemail":
		return s.hiddenMail(v), true
	case s.lists.address[key]:
		return s.link(v), true
	case s.lists.text[key]:
		return s.shown(t, key, v), true
	}
	return s.other(key, v), true
}

// shown replaces text of attributes; numbers and machine times in value and
// content are data.
func (s *Scrubber) shown(t html.Token, key, v string) string {
	trimmed := strings.TrimSpace(v)
	switch {
	case isDigits(trimmed):
		as := asAny
		if key == "content" {
			as = keyRole(strings.ToLower(attrOf(t, "itemprop")))
		} else if t.Data == "input" || t.Data == "option" {
			as = keyRole(strings.ToLower(attrOf(t, "name")))
		}
		return s.digits(trimmed, as)
	case key == "value" && t.Data == "input" && attrOf(t, "type") == "hidden" && s.isAddressOnly(v):
		return s.fixed(v)
	case isLink(trimmed):
		return s.link(v)
	case (key == "content" || key == "value") && isJSON(trimmed):
		if out, ok := s.json(v); ok {
			return out
		}
	}
	return s.text(v)
}

func isJSON(v string) bool { return len(v) > 1 && (v[0] == '{' || v[0] == '[') }

// other replaces the value of an attribute that programs made up, by its look.
func (s *Scrubber) other(key, v string) string {
	trimmed := strings.TrimSpace(v)
	lower := strings.ToLower(trimmed)
	switch {
	case isDigits(trimmed):
		return s.digits(trimmed, keyRole(key))
	case key == "datetime" || reISODate.MatchString(trimmed):
		return s.text(v)
	case isLink(trimmed):
		return s.link(v)
	case isJSON(trimmed):
		if out, ok := s.json(v); ok {
			return out
		}
		return s.text(v)
	case s.isName(v) || s.slugs[strings.ReplaceAll(lower, " ", "-")] && !s.isAddressOnly(lower) && !s.stays(lower):
		return s.forced(v)
	case strings.Contains(v, "<") && strings.Contains(v, ">"):
		return s.markup(v)
	case reLabelledID.MatchString(trimmed):
		return s.ident(v)
	case strings.HasPrefix(key, "data-xf-") || strings.HasSuffix(key, "-init") || strings.HasSuffix(key, "controller") || strings.HasSuffix(key, "selector") || strings.HasSuffix(key, "target"):
		return s.code(v)
	case strings.HasSuffix(key, "class") || strings.HasSuffix(key, "classes"):
		return s.classes(v)
	case strings.ContainsAny(trimmed, " \n") || !isASCII(v) || namesPeople(key):
		return s.unseen(v)
	}
	return s.ident(v)
}

var reISODate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:[T ]|$)`)

// unseen replaces words that no reader sees: they are no proof that a class was
// made of the text.
func (s *Scrubber) unseen(v string) string {
	defer func(before bool) { s.hidden = before }(s.hidden)
	s.hidden = true
	return s.text(v)
}

// reLabelledID is an id with a word that says of what: XenForo's "post: 12".
var reLabelledID = regexp.MustCompile(`^[a-z_]+:\s*\d+$`)

// namesPeople tells attributes whose single word is somebody's name or a title.
func namesPeople(key string) bool {
	if isIDKey(key) || containsAny(key, "provider", "module", "theme", "template") {
		return false
	}
	return containsAny(key, "user", "author", "member", "owner", "editor", "name", "title", "label", "quote", "caption", "tag", "poster", "nick")
}

// metaPlain are the names of meta elements whose content is the program's.
var metaPlain = setOf(`generator viewport robots googlebot referrer theme-color color-scheme format-detection og:type og:locale twitter:card charset
content-type x-ua-compatible apple-mobile-web-app-capable mobile-web-app-capable apple-mobile-web-app-status-bar-style msapplication-tilecolor content-language
og:image:width og:image:height og:image:type rating distribution forumine discourse_theme_id discourse_theme_ids default-style`)

func (s *Scrubber) meta(t html.Token, v string) string {
	name := strings.ToLower(attrOf(t, "name") + attrOf(t, "property") + attrOf(t, "http-equiv"))
	trimmed := strings.TrimSpace(v)
	switch {
	case metaPlain[name] && (name == "generator" || !s.isContent(v)):
		return v
	case strings.HasPrefix(trimmed, "%7B"):
		return s.escapedJSON(v)
	case isDigits(trimmed):
		return s.digits(trimmed, keyRole(strings.ToLower(attrOf(t, "itemprop"))+name))
	case isLink(trimmed):
		return s.link(v)
	case isJSON(trimmed):
		if out, ok := s.json(v); ok {
			return out
		}
	}
	return s.text(v)
}

func (s *Scrubber) srcset(v string) string {
	parts := strings.Split(v, ", ")
	for i, p := range parts {
		from := len(p) - len(strings.TrimLeft(p, " \t\r\n"))
		link, size, ok := strings.Cut(p[from:], " ")
		parts[i] = p[:from] + s.link(link)
		if ok {
			parts[i] += " " + size
		}
	}
	return strings.Join(parts, ", ")
}

// ident replaces the ids in a name that programs made up: "post-12",
// "js-post-12", and a person's name at its end.
func (s *Scrubber) ident(v string) string {
	switch {
	case isDigits(v) && len(v) <= 3:
		return v
	case s.isContent(v):
		return s.mixed(v, false)
	}
	if out, ok := s.namedEnd(v, true); ok {
		return out
	}
	return s.identIDs(v)
}

// identIDs replaces the ids of a program's name, and tokens and hashes in it.
func (s *Scrubber) identIDs(v string) string {
	toks := tokens(v)
	for i := 0; i < len(toks); i++ {
		if toks[i].kind != word && toks[i].kind != number {
			continue
		}
		end := runOf(toks, i)
		whole := strings.ToLower(join(toks[i:end]))
		if end > i+1 && len(whole) >= 12 && !strings.ContainsAny(whole[:2], "_-") && mixesDigits(toks[i:end]) {
			s.replaceRun(toks[i:end]) // a token or a hash
			i = end - 1
			continue
		}
		for k := i; k < end; k++ {
			if toks[k].kind == number {
				toks[k].text = s.digits(asciiOf(toks[k].text), s.identRole(toks, k))
			}
		}
		i = end - 1
	}
	return join(toks)
}

// mixesDigits tells runs in which digits and letters take turns, as in a hash,
// from a word with a number at its end.
func mixesDigits(run []token) bool { return len(run) > 3 }

// identRole keeps the numbers of posts that Discourse writes into ids.
func (s *Scrubber) identRole(toks []token, k int) role {
	if s.numbered && k > 1 && strings.EqualFold(toks[k-2].text, "post") {
		return asPlace
	}
	if k > 1 && toks[k-1].text == "-" {
		switch strings.ToLower(toks[k-2].text) {
		case "page", "position", "item", "depth", "level", "index", "col", "row", "size":
			return asPlace
		}
	}
	if at := lastWord(toks, k); at != "" && !s.numbered && glued[at] {
		return asID
	}
	return asAny
}

// lastWord is the word that stands right before a token, or behind one sign.
func lastWord(toks []token, k int) string {
	if k > 0 && (toks[k-1].text == "-" || toks[k-1].text == "_") {
		k--
	}
	if k > 0 && toks[k-1].kind == word {
		return strings.ToLower(toks[k-1].text)
	}
	return ""
}

// beforeOwn are the beginnings of classes and ids behind which a name of a
// person, a board or a tag stands.
var beforeOwn = setOf(`category tag group user username forum node author by member topic thread title badge flair u c primary-group discourse-tag`)

// Of people, when anywhere is set, the exact name counts behind whatever stands
// before it: an id may be made of it, while a class that ends alike is the
// style sheet's.
func (s *Scrubber) namedEnd(v string, anywhere bool) (string, bool) {
	for i := 1; i < len(v); i++ {
		if v[i-1] != '-' && v[i-1] != '_' && v[i-1] != ':' {
			continue
		}
		end := strings.ToLower(v[i:])
		own := s.slugs[end] && beforeOwn[strings.ToLower(v[:i-1])] || anywhere && len(end) > 3 && s.people[end]
		if own && !s.isAddressOnly(end) {
			return s.identIDs(v[:i-1]) + v[i-1:i] + s.mixed(v[i:], false), true
		}
	}
	return "", false
}

func (s *Scrubber) classes(v string) string {
	var b strings.Builder
	for _, t := range splitKeeping(v) {
		b.WriteString(s.class(t))
	}
	return b.String()
}

// splitKeeping splits a list of classes so that joining gives it again.
func splitKeeping(v string) []string {
	var out []string
	from := 0
	for i := 1; i <= len(v); i++ {
		if i == len(v) || (v[i] == ' ') != (v[i-1] == ' ') {
			out = append(out, v[from:i])
			from = i
		}
	}
	return out
}

// Classes in which an id of any length stands (bbPress, phpBB, XenForo).
var reIDClass = regexp.MustCompile(`^((?:[a-z]+-)*(?:post|postid|user-id|forum|topic|category|reply|author|user|avatar-u|node|bbp-parent-forum|bbp-parent-topic|bbp-forum|u|m)-?)(\d+)(.*)$`)

func (s *Scrubber) class(v string) string {
	if s.isContent(v) {
		return s.mixed(v, false)
	}
	if m := reIDClass.FindStringSubmatch(v); m != nil && (!s.numbered || strings.HasSuffix(m[1], "topic-") || strings.HasSuffix(m[1], "category-")) && !strings.Contains(m[1], "position") {
		return m[1] + s.digits(m[2], asID) + m[3]
	}
	if strings.ContainsAny(v, "0123456789[:#") && !strings.Contains(v, "-") || strings.ContainsAny(v, "[]()/:#.") {
		return v // a colour or a measure
	}
	if out, ok := s.namedEnd(v, false); ok {
		return out
	}
	return s.identIDs(v)
}

var reString = regexp.MustCompile(`'[^'\n]*'|"[^"\n]*"|` + "`[^`]*`")

// code replaces the strings within a handler, and the ids around them.
func (s *Scrubber) code(v string) string {
	var b strings.Builder
	from := 0
	for _, span := range reString.FindAllStringIndex(v, -1) {
		b.WriteString(s.ident(v[from:span[0]]))
		b.WriteString(v[span[0] : span[0]+1])
		b.WriteString(s.literal(v[span[0]+1 : span[1]-1]))
		b.WriteString(v[span[1]-1 : span[1]])
		from = span[1]
	}
	b.WriteString(s.ident(v[from:]))
	return b.String()
}

func (s *Scrubber) literal(v string) string {
	switch {
	case strings.ContainsAny(v, "/?") && !strings.Contains(v, " "):
		return s.link(v)
	case s.isAddressOnly(v) || strings.ContainsAny(v, "#[") && !strings.Contains(v, " "):
		return s.ident(v)
	}
	return s.text(v)
}
