package privacy

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"forumine/extract/forum"
)

// Originals are the people of one site as its pages show them: what an audit
// looks for behind the step.
type Originals struct {
	site      string
	canonical Canonical
	names     map[string]string // as shown, by FoldName
	slugs     map[string]bool
	ids       map[string]bool
	keys      map[string]bool
	profiles  map[string]bool // by ProfileOf, else by plain address

	folds map[string]bool // first words of names, to look for names in texts
	most  int             // words of the longest name
}

// NewOriginals begins a collection.
func NewOriginals(site string, c Canonical) *Originals {
	return &Originals{site: site, canonical: c, names: map[string]string{}, slugs: map[string]bool{}, ids: map[string]bool{},
		keys: map[string]bool{}, profiles: map[string]bool{}, folds: map[string]bool{}}
}

// People is how many names and ids are known.
func (o *Originals) People() (names, ids int) { return len(o.names), len(o.ids) }

// Add takes down whom a page names, as it was read without a step.
func (o *Originals) Add(p *forum.Page) {
	if p.Thread != nil {
		o.author(p.Thread.Author)
		o.author(p.Thread.LastAuthor)
	}
	for i := range p.Listing {
		o.author(p.Listing[i].Author)
		o.author(p.Listing[i].LastAuthor)
	}
	o.author(p.Profile)
	for i := range p.Posts {
		o.post(&p.Posts[i])
	}
	for _, l := range p.Links {
		if l.Kind == forum.KindProfile {
			o.profile(l.URL)
			o.id(l.ID)
		}
	}
}

func (o *Originals) post(p *forum.Post) {
	o.author(p.Author)
	o.name(p.EditedBy)
	for _, q := range p.Quotes {
		o.name(q.Author)
		o.id(q.AuthorID)
	}
	for _, m := range p.Mentions {
		o.name(m.Name)
		o.id(m.ID)
	}
	if p.Reactions != nil {
		for _, name := range p.Reactions.Users {
			o.name(name)
		}
	}
}

func (o *Originals) author(a *forum.Author) {
	if a == nil {
		return
	}
	o.name(a.Name)
	o.id(a.ID)
	o.profile(a.URL)
	if key := forum.AuthorKey(o.site, a); key != "" {
		o.keys[key] = true
	}
}

func (o *Originals) name(name string) {
	f := FoldName(name)
	if f == "" {
		return
	}
	o.names[f] = strings.TrimSpace(name)
	o.slugs[Slug(name)] = true
	o.folds[strings.Fields(f)[0]] = true
	o.most = max(o.most, len(strings.Fields(f)))
}

func (o *Originals) id(id string) {
	if id != "" {
		o.ids[id] = true
		o.keys[forum.Key(o.site, forum.KeyUser, id)] = true
	}
}

func (o *Originals) profile(raw string) {
	if raw != "" {
		o.profiles[cmp.Or(ProfileOf(raw, o.canonical), plainURL(raw))] = true
	}
}

// What an audit finds.
const (
	FoundName    = "name"    // in a field that names people
	FoundID      = "id"      // a native id, or a key made of it
	FoundLink    = "link"    // an address that leads to an account, or bears a name
	FoundMention = "mention" // "@name" in a text
	FoundWord    = "word"    // a name among the words of a text, where it may be a word like any other
)

// Hit is one trace of one person.
type Hit struct {
	Field string // path of the field, without indexes
	What  string // one of the Found words
	Trace string // as it stands there
}

// IsWord tells hits that are listed apart: the words of texts.
func (h Hit) IsWord() bool { return h.What == FoundWord }

// Document looks through a document, as decoded from JSON.
func (o *Originals) Document(doc any) []Hit {
	var hits []Hit
	o.walk("", doc, &hits)
	return hits
}

func (o *Originals) walk(path string, v any, hits *[]Hit) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			o.walk(strings.TrimPrefix(path+"."+name, "."), v[name], hits)
		}
	case []any:
		for _, inner := range v {
			o.walk(path, inner, hits)
		}
	case string:
		*hits = append(*hits, o.Field(path, v)...)
	}
}

// class says what a field holds.
type class int

const (
	classPerson class = iota // who somebody is
	classLink                // an address of somebody's choosing
	classPage                // the address of a page of the forum
	classText                // what people wrote
	classHTML
	classPlain // anything else: ids, numbers, states
)

// classOf goes by the last names of a field's path, so that it holds for
// documents, contributions and exports alike.
func classOf(path string) class {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "doc."), "document.")
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case strings.HasSuffix(path, "body.html"):
		return classHTML
	case strings.HasPrefix(path, "body."), strings.HasPrefix(path, "poll."), strings.HasPrefix(path, "extra."), strings.HasPrefix(path, "signature."),
		strings.Contains(path, "author.fields."), strings.Contains(path, "author.field_labels."),
		slices.Contains([]string{"title", "prefix", "tags", "excerpt", "edit_reason", "about", "location", "gender", "banners", "roles", "field_pairs", "filename", "breadcrumbs", "path"}, last),
		path == "forum.name":
		return classText
	case slices.Contains([]string{"post.url", "thread.url", "forum.url", "crawl.url", "redirect_to"}, path):
		return classPage
	case last == "url" || last == "avatar_url" || last == "websites":
		return classLink
	case strings.Contains(path, "author") || strings.HasPrefix(path, "mentions") || last == "edited_by" || last == "users" || last == "name_history":
		return classPerson
	}
	return classPlain
}

// Field looks through the value of one field.
func (o *Originals) Field(path, value string) []Hit {
	if value == "" {
		return nil
	}
	var hits []Hit
	add := func(what, trace string) { hits = append(hits, Hit{Field: path, What: what, Trace: trace}) }
	if o.keys[value] {
		add(FoundID, value)
		return hits
	}
	switch classOf(path) {
	case classPerson:
		o.person(path, value, add)
	case classLink:
		o.link(value, FoundLink, add)
	case classPage:
		o.link(value, FoundWord, add)
	case classText:
		o.text(value, add)
	case classHTML:
		o.html(value, add)
	case classPlain:
		if strings.HasPrefix(value, "http") {
			o.link(value, FoundWord, add)
		}
	}
	return hits
}

func (o *Originals) person(path, value string, add func(what, trace string)) {
	switch {
	case strings.HasSuffix(path, ".id") || strings.HasSuffix(path, "_id"):
		if o.ids[value] {
			add(FoundID, value)
		}
	case o.names[FoldName(value)] != "":
		add(FoundName, value)
	}
}

// link looks at an address. named is what it means when the address leads to no
// account and bears somebody's name.
func (o *Originals) link(raw, named string, add func(what, trace string)) {
	if id := ProfileOf(raw, o.canonical); id != "" && o.profiles[id] || o.profiles[plainURL(raw)] {
		add(FoundLink, raw)
		return
	}
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	parts := append(strings.Split(u.Path, "/"), u.Fragment)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	for _, part := range parts {
		if slug := Slug(reNumber.ReplaceAllString(part, "")); slug != "" && (o.slugs[slug] || o.slugs[Slug(part)]) {
			add(named, raw)
			return
		}
	}
}

// text looks through words: mentions and addresses count as fields do, a bare
// name is told apart.
func (o *Originals) text(s string, add func(what, trace string)) {
	for _, raw := range reURL.FindAllString(s, -1) {
		raw = strings.TrimRight(raw, ".,;:!?")
		o.link(raw, FoundWord, add)
	}
	before := ' '
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if n := o.nameAt(s[i:], r, before); n > 0 {
			what := FoundWord
			if before == '@' {
				what = FoundMention
			}
			add(what, s[i:i+n])
			i += n
			before = 'x'
			continue
		}
		before = r
		i += size
	}
}

// nameAt is the length of a name that a text begins with.
func (o *Originals) nameAt(s string, r, before rune) int {
	if isWord(before) || r == '@' {
		return 0
	}
	words, at, best := 0, 0, 0
	for at < len(s) && words < o.most {
		start := at
		for at < len(s) && !isSpace(s[at]) {
			at++
		}
		word := s[start:at]
		for cut := len(word); cut > 0; cut-- {
			if next, _ := utf8.DecodeRuneInString(word[cut:]); cut < len(word) && (isWord(next) || !utf8.RuneStart(word[cut])) {
				continue
			}
			if _, ok := o.names[FoldName(s[:start+cut])]; ok {
				best = start + cut
				break
			}
		}
		if words == 0 && !o.begins(word) {
			return best
		}
		words++
		for at < len(s) && isSpace(s[at]) {
			at++
		}
	}
	return best
}

// begins tells whether a name of more than one word may begin with a word.
func (o *Originals) begins(word string) bool { return o.folds[FoldName(word)] }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }

// reKey is the key of an author within a line.
var reKey = regexp.MustCompile(`[^\s"'<>,;=|]+\|(?:user|guest)\|[^\s"'<>,;|]+`)

// Line looks through a line of a log, of metrics, or of a file of unknown form.
// A name that fills quotes, an XML element or what follows an equals sign is one
// in a field of its own.
func (o *Originals) Line(s string) []Hit {
	var hits []Hit
	add := func(what, trace string) { hits = append(hits, Hit{What: what, Trace: trace}) }
	for _, key := range reKey.FindAllString(s, -1) {
		if o.keys[key] {
			add(FoundID, key)
		}
	}
	at := 0
	o.text(s, func(what, trace string) {
		if what == FoundWord && !strings.HasPrefix(trace, "http") {
			i := strings.Index(s[at:], trace)
			if i >= 0 {
				at += i + len(trace)
				if fills(s[:at-len(trace)], s[at:]) {
					what = FoundName
				}
			}
		}
		add(what, trace)
	})
	return hits
}

// fills tells whether nothing but a field's borders stand around a value.
func fills(before, after string) bool {
	if before == "" {
		return after == ""
	}
	switch before[len(before)-1] {
	case '"', '\'':
		return strings.HasPrefix(after, before[len(before)-1:]) || strings.HasPrefix(after, `\`)
	case '>':
		return strings.HasPrefix(after, "<")
	case '=':
		return after == "" || isSpace(after[0])
	}
	return false
}
