package scrub

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// learnNames takes the names of people from a reading of the page. A name is
// replaced word by word like all text; what is learned here are names that
// would stay, because they are words of the interface, and the forms in which
// names stand in classes and addresses.
func (s *Scrubber) learnNames(p *forum.Page) {
	people := authors(p)
	for i := range p.Posts {
		people = append(people, postNames(&p.Posts[i])...)
	}
	for _, name := range people {
		s.learnName(name)
	}
	for _, c := range p.Path {
		s.learnSlug(c.Name)
	}
	if t := p.Thread; t != nil {
		s.learnSlug(t.Title)
		for _, tag := range t.Tags {
			s.learnSlug(tag)
		}
	}
}

func authors(p *forum.Page) []string {
	list := []*forum.Author{p.Profile}
	if p.Thread != nil {
		list = append(list, p.Thread.Author, p.Thread.LastAuthor)
	}
	for i := range p.Posts {
		list = append(list, p.Posts[i].Author)
	}
	for i := range p.Listing {
		list = append(list, p.Listing[i].Author, p.Listing[i].LastAuthor)
	}
	var out []string
	for _, a := range list {
		if a != nil && !a.IsGuest && !a.IsDeleted {
			out = append(out, a.Name, a.Fields["username"], a.Fields["name"])
		}
	}
	return out
}

func postNames(p *forum.Post) []string {
	out := []string{p.EditedBy}
	for _, q := range p.Quotes {
		out = append(out, q.Author)
	}
	for _, m := range p.Mentions {
		out = append(out, m.Name)
	}
	if p.Reactions != nil {
		out = append(out, p.Reactions.Users...)
	}
	return out
}

func (s *Scrubber) learnName(name string) {
	parts := letterRuns(name)
	if len(parts) == 0 || len(name) > 80 || dom.IsNobody(name) || strings.EqualFold(name, "guest") {
		return
	}
	s.learnSlug(name)
	for _, t := range tokens(name) {
		if t.kind == number && len(t.text) > 1 && isDigits(t.text) {
			s.nameNumbers[t.text] = true
			s.ids.learn(t.text)
		}
	}
	if reNumberedName.MatchString(name) {
		return // the program's own name for an account: its number is replaced
	}
	if !s.stays(strings.ToLower(name)) {
		s.people[strings.ToLower(name)] = true
	}
	if slices.ContainsFunc(parts, s.tables.isInterface) {
		s.names[strings.ToLower(strings.TrimSpace(name))] = true
		s.nameParts[strings.Join(parts, " ")] = len(parts)
		s.longest = max(s.longest, len(parts))
		return
	}
}

var reNumberedName = regexp.MustCompile(`(?i)^(?:user|member|guest)[-_ ]?\d{3,}$`)

// learnSlug learns a name or a title in the forms in which addresses and
// classes write it.
func (s *Scrubber) learnSlug(name string) {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !isLetter(r) && !unicode.IsDigit(r) })
	if slug := strings.Join(parts, "-"); len(slug) >= 4 && len(slug) < 120 {
		s.slugs[slug] = true
		s.slugs[strings.Join(parts, "_")] = true
		s.slugs[strings.Join(parts, "")] = true
	}
}

// isName tells a text that is nothing but a name which holds a word of the
// interface.
func (s *Scrubber) isName(raw string) bool {
	return len(raw) < 120 && len(s.names) > 0 && s.names[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(raw), "@")))]
}

// forceNames replaces names within text that hold words of the interface. A
// name that is one such word counts behind an @ and at the start of a short
// sentence that ends with a colon.
func (s *Scrubber) forceNames(toks []token) {
	if s.longest == 0 {
		return
	}
	at := wordsAt(toks)
	for i := range at {
		for n := min(s.longest, len(at)-i); n > 0; n-- {
			from, to := at[i], at[i+n-1]
			if s.nameParts[spelled(toks, at[i:i+n])] != n || n == 1 && !addressed(toks, from, len(at)) {
				continue
			}
			s.replaceAll(toks[from : to+1])
			break
		}
	}
}

func wordsAt(toks []token) []int {
	var out []int
	for i := range toks {
		if toks[i].kind == word && !toks[i].done {
			out = append(out, i)
		}
	}
	return out
}

func spelled(toks []token, at []int) string {
	if len(at) > 1 && at[len(at)-1]-at[0] > 3*len(at) {
		return ""
	}
	parts := make([]string, len(at))
	for i, n := range at {
		parts[i] = strings.ToLower(toks[n].text)
	}
	return strings.Join(parts, " ")
}

func addressed(toks []token, i, words int) bool {
	if i > 0 && toks[i-1].text == "@" {
		return true
	}
	last := len(toks) - 1
	for last > 0 && toks[last].kind == space {
		last--
	}
	return i <= 1 && words <= 4 && strings.ContainsAny(toks[last].text, ":：")
}

// learnRuns takes down every three consecutive words of the text: where a name
// of a program holds three of them, it was made of the text.
func (s *Scrubber) learnRuns(toks []token) {
	for i := range toks {
		if toks[i].kind != word {
			continue
		}
		s.tail[0], s.tail[1], s.tail[2] = s.tail[1], s.tail[2], strings.ToLower(toks[i].text)
		if !s.stays(s.tail[0]) || !s.stays(s.tail[1]) || !s.stays(s.tail[2]) {
			s.runs[s.tail] = true
		}
	}
}

// isContent tells names and parts of addresses that hold three consecutive
// words of the text.
func (s *Scrubber) isContent(v string) bool {
	if len(v) < 5 {
		return false
	}
	parts := letterRuns(v)
	for i := 0; i+3 <= len(parts); i++ {
		if s.runs[[3]string(parts[i:i+3])] {
			return true
		}
	}
	return false
}
