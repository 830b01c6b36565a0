package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// Forgetting is the second half of the step: whatever the policy is, some people
// are left out with all that they wrote. They are known by marks, which are keyed:
// a mark recognises a name or an id where a page shows it, and cannot be read back.

// forgottenMark stands in texts for the name, and for the title, of who is
// forgotten.
const forgottenMark = "[forgotten]"

// What a mark may be made of.
const (
	markName   = "name"
	markID     = "id"
	markThread = "thread" // that one has started: its title is theirs
	markPost   = "post"   // whose author is no longer known
	markURL    = "url"    // pseudonym of a profile or a picture
)

// Forgotten are people who are to be left out.
type Forgotten struct {
	key   Key
	marks map[string]bool
	names []string // in the clear, where they are known: for their texts' sake alone
}

// IsZero tells whether nobody is to be forgotten.
func (f Forgotten) IsZero() bool { return len(f.marks) == 0 }

// Forget gives the step that leaves out the people with these marks, too. Names
// may be given in the clear: then they go wherever a text has them as words.
func (s Step) Forget(k Key, marks []string, names ...string) Step {
	s.gone = Forgotten{key: k, marks: map[string]bool{}, names: names}
	for _, m := range marks {
		s.gone.marks[m] = true
	}
	return s
}

// Person is what a forum knows one person by.
type Person struct {
	Names, IDs []string
	Threads    []string // native ids of those that the person started
	Posts      []string // native ids, where what is kept of them names nobody
	URLs       []string // pseudonyms of addresses
}

// Pseudonyms is the person as a step that pseudonymises shows them.
func (p Person) Pseudonyms(k Key, site string) Person {
	out := p
	out.Names, out.IDs = nil, nil
	for _, name := range p.Names {
		out.Names = append(out.Names, k.Name(site, name))
	}
	for _, id := range p.IDs {
		out.IDs = append(out.IDs, k.ID(site, id))
	}
	return out
}

// Marks are the keyed marks that a person leaves on a site.
func (p Person) Marks(k Key, site string) []string {
	var out []string
	add := func(kind string, values []string, fold func(string) string) {
		for _, v := range values {
			if v = fold(v); v != "" {
				out = append(out, k.Mark(site, kind, v))
			}
		}
	}
	add(markName, p.Names, FoldName)
	add(markID, p.IDs, strings.TrimSpace)
	add(markThread, p.Threads, strings.TrimSpace)
	add(markPost, p.Posts, strings.TrimSpace)
	add(markURL, p.URLs, strings.TrimSpace)
	slices.Sort(out)
	return slices.Compact(out)
}

func (f Forgotten) has(site, kind, value string) bool {
	return value != "" && len(f.marks) > 0 && f.marks[f.key.Mark(site, kind, value)]
}

// A mark may have been made of a pseudonym, where no more was known of a person:
// it recognises whom that stands for.

func (f Forgotten) name(site, name string) bool {
	folded := FoldName(name)
	return f.has(site, markName, folded) || folded != "" && len(f.marks) > 0 && f.has(site, markName, f.key.Name(site, name))
}

func (f Forgotten) id(site, id string) bool {
	return f.has(site, markID, id) || id != "" && len(f.marks) > 0 && f.has(site, markID, f.key.ID(site, id))
}

func (f Forgotten) author(site string, a *forum.Author) bool {
	return a != nil && (f.name(site, a.Name) || f.id(site, a.ID))
}

// Lost gives the names of those of a page who are forgotten, beside the names that
// were given in the clear; found tells whether the page shows any of them in
// another place than its texts.
func (s Step) Lost(site string, p *forum.Page, c Canonical) (names []string, found bool) {
	if s.gone.IsZero() {
		return nil, false
	}
	t := s.turn(site, c, p)
	found = t.lost.seen || slices.ContainsFunc(p.Links, func(l forum.Link) bool {
		return l.Kind == forum.KindProfile && s.gone.id(site, l.ID)
	}) || slices.ContainsFunc(p.Listing, func(r forum.Row) bool { return r.ID == "" && t.isLostURL(r.URL) })
	return t.lost.names, found
}

// Only is the step that forgets the same people and keeps all others.
func (s Step) Only() Step { return Step{gone: s.gone} }

// lost are the forgotten people of one page.
type lost struct {
	names   []string // to go from texts
	posts   map[string]bool
	urls    map[string]bool // of their pictures and files
	threads map[string]bool
	seen    bool
}

// lose finds out who of some pages is forgotten.
func (t *turn) lose(pages []*forum.Page) lost {
	l := lost{names: slices.Clone(t.gone.names), posts: map[string]bool{}, urls: map[string]bool{}, threads: map[string]bool{}}
	if t.gone.IsZero() {
		return l
	}
	for _, name := range t.people.names {
		if t.gone.name(t.site, name) {
			l.name(name)
		}
	}
	for _, p := range pages {
		t.loseOf(p, &l)
	}
	delete(l.urls, "")
	delete(l.posts, "")
	return l
}

func (t *turn) loseOf(p *forum.Page, l *lost) {
	eachAuthor(p, func(a *forum.Author) {
		if t.gone.author(t.site, a) {
			l.name(a.Name)
			l.urls[a.AvatarURL], l.urls[a.URL], l.seen = true, true, true
		}
	})
	for i := range p.Posts {
		post := &p.Posts[i]
		if t.isGone(post) {
			l.posts[post.ID] = true
			for _, a := range post.Attachments {
				l.urls[a.URL] = true
			}
		}
		for _, q := range post.Quotes {
			l.seen = l.seen || t.gone.id(t.site, q.AuthorID)
		}
	}
	if p.Thread != nil && t.gone.has(t.site, markThread, p.Thread.ID) || slices.ContainsFunc(p.Listing, func(r forum.Row) bool { return t.gone.has(t.site, markThread, r.ID) }) {
		l.seen = true
	}
}

// isGone tells posts of forgotten people.
func (t *turn) isGone(p *forum.Post) bool {
	return t.gone.author(t.site, p.Author) || t.gone.has(t.site, markPost, p.ID)
}

func (l *lost) name(name string) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	if name != "" && !slices.ContainsFunc(l.names, func(n string) bool { return strings.EqualFold(n, name) }) {
		l.names = append(l.names, name)
	}
	l.seen = true
	slices.SortStableFunc(l.names, func(a, b string) int { return len(b) - len(a) })
}

// eachAuthor calls fn for every author that a page shows.
func eachAuthor(p *forum.Page, fn func(*forum.Author)) {
	show := func(authors ...*forum.Author) {
		for _, a := range authors {
			if a != nil {
				fn(a)
			}
		}
	}
	if p.Thread != nil {
		show(p.Thread.Author, p.Thread.LastAuthor)
	}
	for i := range p.Listing {
		show(p.Listing[i].Author, p.Listing[i].LastAuthor)
	}
	show(p.Profile)
	for i := range p.Posts {
		show(p.Posts[i].Author)
	}
}

// title is the title of a thread: that of a forgotten person goes.
func (t *turn) title(title, id string, starter *forum.Author) string {
	if title != "" && (t.gone.author(t.site, starter) || t.gone.has(t.site, markThread, id)) {
		return forgottenMark
	}
	return t.text(title)
}

// forgotten takes the names of forgotten people out of a text.
func (t *turn) forgotten(s string) string {
	if len(t.lost.names) == 0 || s == "" {
		return s
	}
	var b strings.Builder
	before := ' '
	for i := 0; i < len(s); {
		if name := leading(s[i:], t.lost.names); name != "" && !isWord(before) {
			b.WriteString(forgottenMark)
			i += len(name)
			before = 'x'
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		b.WriteString(s[i : i+size])
		i += size
		before = r
	}
	return b.String()
}

// isLostQuote tells quotes of forgotten people.
func (t *turn) isLostQuote(q forum.Quote) bool {
	return t.gone.name(t.site, q.Author) || t.gone.id(t.site, q.AuthorID) || t.lost.posts[q.PostID]
}

// unquote takes the quotes of forgotten people out of a post. Which words of the
// quoted text are theirs is not known, so that it goes as a whole.
func (t *turn) unquote(p *forum.Post) {
	if t.gone.IsZero() || !slices.ContainsFunc(p.Quotes, t.isLostQuote) {
		return
	}
	p.Quotes = slices.DeleteFunc(slices.Clone(p.Quotes), t.isLostQuote)
	p.Body.QuotedText, p.Body.FullText = "", ""
	p.Body.HTML = t.withoutQuotes(p.Body.HTML)
}

// withoutQuotes leaves the quotes of forgotten people out of a cleaned fragment,
// with all that is quoted within them; quotes without a name or a post go too.
func (t *turn) withoutQuotes(fragment string) string {
	var b strings.Builder
	depth := 0 // of blockquotes within one that goes
	z := html.NewTokenizer(strings.NewReader(fragment))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		if kind == html.ErrorToken {
			return b.String()
		}
		tok := z.Token()
		quote := tok.Data == "blockquote"
		switch {
		case depth > 0 && quote && kind == html.StartTagToken:
			depth++
		case depth > 0 && quote && kind == html.EndTagToken:
			depth--
		case depth > 0:
		case quote && kind == html.StartTagToken && t.goesAsQuote(tok):
			depth = 1
		default:
			b.WriteString(raw)
		}
	}
}

func (t *turn) goesAsQuote(tok html.Token) bool {
	author, post := attribute(tok, "data-author"), attribute(tok, "data-post-id")
	return author == "" && post == "" || t.gone.name(t.site, author) || t.lost.posts[post]
}

// isLostURL tells addresses that lead to a forgotten person.
func (t *turn) isLostURL(raw string) bool {
	if t.gone.IsZero() || raw == "" {
		return false
	}
	if t.lost.urls[raw] || IsPseudonym(raw) && t.gone.has(t.site, markURL, raw) {
		return true
	}
	if l, ok := profileLink(raw, t.canonical); ok && t.gone.id(t.site, l.ID) {
		return true
	}
	slugs := people{slugs: map[string]bool{}}
	for _, n := range t.lost.names {
		slugs.slugs[Slug(n)] = true
	}
	return slices.ContainsFunc(strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune("/?&=#", r) }), slugs.isNamed)
}

// Scrub takes names out of every text of a decoded JSON value, whatever field it
// stands in.
func Scrub(v any, names []string) any {
	t := &turn{lost: lost{names: names}}
	return t.scrub(v)
}

func (t *turn) scrub(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = t.scrub(v[k])
		}
	case []any:
		for i := range v {
			v[i] = t.scrub(v[i])
		}
	case string:
		return t.forgotten(v)
	}
	return v
}
