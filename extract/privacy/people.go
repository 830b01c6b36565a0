package privacy

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"forumine/extract/forum"
)

// people are those whom a page names.
type people struct {
	names   []string        // as shown, the longest first
	folded  map[string]bool // by FoldName
	slugs   map[string]bool // as addresses write names
	avatars map[string]bool
	urls    map[string]bool // of profiles, by plain address
}

// meet collects whom pages name in fields of their own.
func (t *turn) meet(pages []*forum.Page) people {
	m := people{folded: map[string]bool{}, slugs: map[string]bool{}, avatars: map[string]bool{}, urls: map[string]bool{}}
	for _, p := range pages {
		m.page(p)
	}
	slices.SortFunc(m.names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return m
}

func (m *people) page(p *forum.Page) {
	if p.Thread != nil {
		m.author(p.Thread.Author)
		m.author(p.Thread.LastAuthor)
	}
	for i := range p.Listing {
		m.author(p.Listing[i].Author)
		m.author(p.Listing[i].LastAuthor)
	}
	m.author(p.Profile)
	for i := range p.Posts {
		m.post(&p.Posts[i])
	}
}

func (m *people) post(p *forum.Post) {
	m.author(p.Author)
	m.name(p.EditedBy)
	for _, q := range p.Quotes {
		m.name(q.Author)
	}
	for _, o := range p.Mentions {
		m.name(o.Name)
	}
	if p.Reactions != nil {
		for _, name := range p.Reactions.Users {
			m.name(name)
		}
	}
}

func (m *people) author(a *forum.Author) {
	if a == nil {
		return
	}
	m.name(a.Name)
	if a.AvatarURL != "" {
		m.avatars[a.AvatarURL] = true
	}
	if a.URL != "" {
		m.urls[plainURL(a.URL)] = true
	}
}

func (m *people) name(name string) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "@")
	f := FoldName(name)
	if f == "" || m.folded[f] {
		return
	}
	m.folded[f], m.slugs[Slug(name)] = true, true
	m.names = append(m.names, name)
}

// Slug is a name as addresses write it: letters and digits, all else one hyphen.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range FoldName(name) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// plainURL leaves out what may differ between two addresses of one page.
func plainURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	u.Scheme, u.Fragment, u.RawFragment, u.Host = "", "", "", forum.FoldHost(u.Host)
	return strings.TrimSuffix(strings.TrimPrefix(u.String(), "//"), "/")
}

// ProfileOf is the one identity that all addresses of an account's pages share;
// empty for any other address. What lies below a profile, as its list of posts,
// is the account's too.
func ProfileOf(raw string, c Canonical) string {
	l, ok := profileLink(raw, c)
	if !ok {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return forum.FoldHost(u.Host) + " " + l.Key
}

// profileLink is the link to the account that an address leads to or below.
func profileLink(raw string, c Canonical) (forum.Link, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || c == nil {
		return forum.Link{}, false
	}
	u.Fragment, u.RawFragment = "", ""
	for range 6 {
		if l, ok := c(u); ok {
			return l, l.Kind == forum.KindProfile
		}
		path := strings.TrimSuffix(u.EscapedPath(), "/")
		cut := strings.LastIndexByte(path, '/')
		if cut <= 0 {
			break
		}
		up := *u
		up.Path, up.RawPath, up.RawQuery = "", "", ""
		if u = up.ResolveReference(&url.URL{Path: path[:cut] + "/"}); u.Path == "/" {
			break
		}
	}
	return forum.Link{}, false
}

// rePerson tells the parameters of a query that name a person.
var rePerson = regexp.MustCompile(`(?i)^(u|uid|user|userid|user_id|username|member|memberid|author|authorid|author_id|starteronly|searchuser|showuser|un)$`)

// personURL is the address of an account, or what stands for it.
func (t *turn) personURL(raw string) string {
	if raw == "" {
		return ""
	}
	if id := ProfileOf(raw, t.canonical); id != "" {
		return t.whose(id)
	}
	return t.whose(plainURL(raw))
}

// ownURL is the address of a page of the forum: only one that leads to an account
// is replaced.
func (t *turn) ownURL(raw string) string {
	if t.bearsPseudonym(raw) {
		return t.whose(raw)
	}
	if id := ProfileOf(raw, t.canonical); id != "" {
		return t.whose(id)
	}
	return raw
}

// permalink is the address of a post.
func (t *turn) permalink(raw string) string {
	if t.tells(raw) {
		return t.whose(plainURL(raw))
	}
	return raw
}

// linkURL is an address that somebody wrote, or that an attachment has.
func (t *turn) linkURL(raw string) string {
	if t.isLostURL(raw) {
		return ""
	}
	if strings.HasPrefix(raw, "mailto:") || strings.HasPrefix(raw, "tel:") {
		return t.masked(raw)
	}
	if !t.hides() || !t.tells(raw) {
		return raw
	}
	return t.personURL(raw)
}

// tells tells whether an address says who somebody is: it leads to an account,
// shows its picture, or names one of the people of the page.
func (t *turn) tells(raw string) bool {
	u, err := url.Parse(raw)
	switch {
	case raw == "" || err != nil:
		return false
	case t.bearsPseudonym(raw) || t.people.urls[plainURL(raw)] || t.people.avatars[raw] || ProfileOf(raw, t.canonical) != "":
		return true
	}
	if slices.ContainsFunc(strings.Split(u.Path, "/"), t.people.isNamed) {
		return true
	}
	for key, values := range u.Query() {
		for _, v := range values {
			if v != "" && rePerson.MatchString(key) && forum.FoldHost(u.Host) == t.host || t.people.isNamed(v) {
				return true
			}
		}
	}
	return t.people.isNamed(u.Fragment)
}

// reNumber is an id before or behind a name in an address.
var reNumber = regexp.MustCompile(`^\d+-|[.-]\d+$`)

// isNamed tells parts of addresses that are somebody's name.
func (m *people) isNamed(part string) bool {
	if part == "" {
		return false
	}
	slug := Slug(part)
	return slug != "" && (m.slugs[slug] || m.slugs[Slug(reNumber.ReplaceAllString(part, ""))])
}
