package demoforum

import (
	"fmt"
	"hash/crc32"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// page is what the frame around every page needs.
type page struct {
	Base, Path       string
	Title, OGTitle   string
	H1, Sub          template.HTML
	Class, BodyClass string
	Canonical        string
	Prev, Next       string
	Desc             string
	ForumRSS         string
	RSSTitle         string
	QuickNav         string
	NoIndex          bool
	Crumbs           []crumb
	Content          template.HTML
	Now, Today       int64
	Dow              int
}

type crumb struct{ Name, URL string }

// userView is a member, or with ID 0 somebody without a profile.
type userView struct {
	ID              int
	Name, URL       string
	Title, Banner   string
	Gender          string
	Location        string
	Homepage        string
	Joined          time.Time
	Likes, Trophies int
	Fields          []fieldView
	Member, Staff   bool
	avatar          bool
}

type fieldView struct{ Key, Label, Value string }

func viewUser(u *user) userView {
	v := userView{ID: u.id, Name: u.name, Member: u.id != 0, avatar: u.avatar, Gender: u.gender}
	if u.id == 0 {
		return userView{Name: u.name}
	}
	v.URL, v.Title, v.Banner, v.Location, v.Homepage = u.path(), u.title, u.banner, u.location, u.homepage
	v.Joined, v.Likes, v.Trophies, v.Staff = u.joined, u.likes, u.trophies, u.staff
	for _, fd := range u.fields {
		v.Fields = append(v.Fields, fieldView{fd.key, fd.label, fd.value})
	}
	return v
}

// funcs are the templates' helpers; now is the moment that recent times count to.
func funcs(now time.Time) template.FuncMap {
	return template.FuncMap{
		"board":     func() string { return BoardTitle },
		"num":       num,
		"day":       func(t time.Time) string { return t.In(boardZone()).Format(dayForm) },
		"date":      func(t time.Time, class, attrs string) template.HTML { return dateHTML(t, now, class, attrs) },
		"username":  func(u userView, attrs string) template.HTML { return usernameHTML(u, "username", attrs, false) },
		"author":    func(u userView) template.HTML { return usernameHTML(u, "username author", "", false) },
		"rich":      func(u userView) template.HTML { return usernameHTML(u, "username", ` itemprop="name"`, true) },
		"avatar":    avatarHTML,
		"avatarimg": func(u userView, size string) template.HTML { return template.HTML(avatarImage(u, size)) },
	}
}

// num writes thousands with commas.
func num(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const (
	dayForm  = "Jan 2, 2006"
	timeForm = "3:04 PM"
	// recent is how long the engine shows a time with its epoch.
	recent = 7 * 24 * time.Hour
)

// dateHTML is the engine's two forms of a time: with its epoch while it is
// recent, and in words alone, in the board's zone, after that.
func dateHTML(t, now time.Time, class, attrs string) template.HTML {
	local := t.In(boardZone())
	day, clock := local.Format(dayForm), local.Format(timeForm)
	diff := max(0, now.Sub(t))
	if diff < recent {
		return template.HTML(fmt.Sprintf(`<abbr class="DateTime%s" %sdata-time="%d" data-diff="%d" data-datestring="%s" data-timestring="%s">%s at %s</abbr>`,
			class, attrs, t.Unix(), int64(diff/time.Second), day, clock, day, clock))
	}
	attrs = strings.TrimPrefix(attrs, `title="" `)
	return template.HTML(fmt.Sprintf(`<span class="DateTime%s" %stitle="%s at %s">%s</span>`, class, attrs, day, clock, day))
}

func usernameHTML(u userView, class, attrs string, rich bool) template.HTML {
	name, href := esc(u.Name), ""
	if u.Member {
		href = ` href="` + u.URL + `"`
	}
	if rich && u.Staff {
		name = `<span class="style3">` + name + `</span>`
	}
	return template.HTML(fmt.Sprintf(`<a%s class="%s" dir="auto"%s>%s</a>`, href, class, attrs, name))
}

func avatarHTML(u userView, size string) template.HTML {
	href := ""
	if u.Member {
		href = ` href="` + u.URL + `"`
	}
	return template.HTML(fmt.Sprintf(`<a%s class="avatar Av%d%s" data-avatarhtml="true">%s</a>`, href, u.ID, size, avatarImage(u, size)))
}

func avatarImage(u userView, size string) string {
	px := map[string]int{"s": 48, "m": 96, "l": 192}[size]
	src := "styles/default/xenforo/avatars/avatar_" + size + ".png"
	if u.avatar {
		src = fmt.Sprintf("data/avatars/%s/0/%d.jpg?%d", size, u.ID, 1400000000+int64(u.ID)*86399)
	} else if g := strings.ToLower(u.Gender); g == "male" || g == "female" {
		src = "styles/default/xenforo/avatars/avatar_" + g + "_" + size + ".png"
	}
	return fmt.Sprintf(`<img src="%s" width="%d" height="%d" alt="%s" />`, src, px, px, esc(u.Name))
}

// pageNav is the engine's page list. Its attributes let a reader compute every
// page; the links show two pages around this one, the first and the last.
func pageNav(path, query string, cur, last int) template.HTML {
	if last <= 1 {
		return ""
	}
	start := max(2, cur-2)
	end := min(last-1, start+4)
	start = max(2, end-4)
	var b strings.Builder
	fmt.Fprintf(&b, "<div class=\"PageNav\"\n\tdata-page=\"%d\"\n\tdata-range=\"2\"\n\tdata-start=\"%d\"\n\tdata-end=\"%d\"\n\tdata-last=\"%d\"\n\tdata-sentinel=\"{{sentinel}}\"\n\tdata-baseurl=\"%spage-{{sentinel}}%s\">\n",
		cur, start, end, last, path, esc(query))
	fmt.Fprintf(&b, "\t<span class=\"pageNavHeader\">Page %d of %d</span>\n\t<nav>\n", cur, last)
	link := func(n int, class, text string) {
		rel := ""
		if n == 1 && class != "text" {
			rel = ` rel="start"`
		}
		fmt.Fprintf(&b, "\t\t<a href=\"%s%s%s\" class=\"%s\"%s>%s</a>\n", path, pageSuffix(n), esc(query), class, rel, text)
	}
	number := func(n int) {
		class := ""
		if n == cur {
			class = "currentPage "
		}
		link(n, class, strconv.Itoa(n))
	}
	if cur > 1 {
		link(cur-1, "text", "&lt; Prev")
	}
	number(1)
	if start > 2 {
		fmt.Fprintf(&b, "\t\t<a class=\"PageNavPrev \">&larr;</a> <span class=\"scrollable\"><span class=\"items\">\n")
	}
	for n := start; n <= end; n++ {
		number(n)
	}
	if start > 2 {
		fmt.Fprintf(&b, "\t\t</span></span>\n")
	}
	if end < last-1 {
		fmt.Fprintf(&b, "\t\t<a class=\"PageNavNext \">&rarr;</a>\n")
	}
	number(last)
	if cur < last {
		link(cur+1, "text", "Next &gt;")
	}
	b.WriteString("\t</nav>\n</div>")
	return template.HTML(b.String())
}

// prefixID numbers a prefix; prefixClass is its colour.
func prefixID(prefix string) int {
	if prefix == "" {
		return 0
	}
	return 1 + int(crc32.ChecksumIEEE([]byte(prefix))%90)
}

func prefixClass(prefix string) string {
	colours := []string{"prefixGreen", "prefixOrange", "prefixSkyBlue", "prefixRed"}
	return colours[prefixID(prefix)%len(colours)]
}

func prefixHTML(prefix string) template.HTML {
	if prefix == "" {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<span class="prefix %s">%s</span> `, prefixClass(prefix), esc(prefix)))
}

type messageView struct {
	ID, Number  int
	User        userView
	Messages    int
	Staff       bool
	Body        template.HTML
	Files       []fileView
	EditedShown bool
	Edited      time.Time
	ByMod       bool
	Signature   template.HTML
	Permalink   string
	At          time.Time
	Likes       template.HTML
}

type fileView struct {
	Name, URL, Thumb, Size string
	Views                  int
}

func (f *Forum) viewPost(base string, p *post) messageView {
	t, pos := p.thread, p.thread.position(p)
	v := messageView{ID: p.id, Number: pos, User: viewUser(p.user), Staff: p.user.staff && p.user.id != 0,
		Body: template.HTML(bodyHTML(f.m, base, p, p.text)), At: p.at,
		EditedShown: !p.edited.IsZero(), Edited: p.edited, ByMod: p.byMod}
	v.Permalink = t.path()
	if pos > 1 {
		v.Permalink += fmt.Sprintf("%s#post-%d", pageSuffix((pos-1)/f.opts.PostsPerPage+1), p.id)
	}
	if p.user.id != 0 {
		v.Messages = f.m.messageCount(p.user)
		if p.user.sig != "" {
			v.Signature = template.HTML(bodyHTML(f.m, base, nil, p.user.sig))
		}
	}
	for _, fl := range p.files {
		if inText(p, fl) {
			continue
		}
		fv := fileView{Name: fl.name, URL: fl.path(), Size: fl.size, Views: fl.views}
		if fl.isImage() {
			fv.Thumb = thumbPath(fl)
		}
		v.Files = append(v.Files, fv)
	}
	v.Likes = likesHTML(p)
	return v
}

// likesHTML is "A likes this.", "A and B like this." or "A, B and 3 others like this."
func likesHTML(p *post) template.HTML {
	var parts []string
	for _, u := range p.likes {
		parts = append(parts, string(usernameHTML(viewUser(u), "username", "", false)))
	}
	if p.more > 0 {
		word := "others"
		if p.more == 1 {
			word = "other person"
		}
		parts = append(parts, fmt.Sprintf(`<a href="posts/%d/likes" class="OverlayTrigger">%s %s</a>`, p.id, num(p.more), word))
	}
	switch len(parts) {
	case 0:
		return ""
	case 1:
		if p.more == 0 {
			return template.HTML(parts[0] + " likes this.")
		}
		return template.HTML(parts[0] + " like this.")
	}
	last := len(parts) - 1
	return template.HTML(strings.Join(parts[:last], ", ") + " and " + parts[last] + " like this.")
}

type rowView struct {
	ID, PrefixID             int
	URL, Title, Prefix       string
	PrefixClass, BoardURL    string
	InBoard                  string
	Locked, Sticky, Redirect bool
	Author, LastUser         userView
	Started, LastAt          time.Time
	LastPages                []pageLink
	FirstLikes               int
	Replies, Views           int
}

type pageLink struct {
	N   int
	URL string
}

func (f *Forum) viewRow(t *thread) rowView {
	v := rowView{ID: t.id, URL: t.path(), Title: t.title, Prefix: t.prefix, PrefixID: prefixID(t.prefix), PrefixClass: prefixClass(t.prefix),
		BoardURL: t.board.path(), Locked: t.locked, Sticky: t.sticky, Redirect: t.movedTo != 0, LastAt: t.lastAt()}
	src := t
	if v.Redirect {
		src = f.m.threads[t.movedTo]
	}
	v.Author, v.Started = viewUser(src.first().user), src.first().at
	if v.Redirect {
		return v
	}
	v.LastUser, v.Replies, v.Views = viewUser(t.last().user), len(t.posts)-1, t.views
	v.FirstLikes = len(t.first().likes) + t.first().more
	last := pageCount(len(t.posts), f.opts.PostsPerPage)
	for n := max(2, last-2); n <= last; n++ {
		v.LastPages = append(v.LastPages, pageLink{n, t.path() + pageSuffix(n)})
	}
	return v
}

type nodeView struct {
	Board                 boardView
	URL                   string
	Private, Last         bool
	Discussions, Messages int
	Subs                  []nodeView
	LastID                int
	LastTitle             string
	LastUser              userView
	LastAt                time.Time
}

type boardView struct {
	ID          int
	Title, Desc string
}

// viewNode is a board as its parent shows it: counts and the last post include
// the sub-boards', as in the engine.
func (f *Forum) viewNode(b *board) nodeView {
	v := nodeView{Board: boardView{b.id, b.title, b.desc}, URL: b.path(), Private: b.membersOnly}
	if v.Private {
		return v
	}
	for _, t := range f.m.boardThreads(b) {
		if t.movedTo != 0 {
			continue
		}
		v.Discussions++
		v.Messages += len(t.posts)
		if p := t.last(); !v.Last || p.at.After(v.LastAt) {
			v.Last, v.LastID, v.LastTitle, v.LastUser, v.LastAt = true, p.id, t.title, viewUser(p.user), p.at
		}
	}
	for _, kid := range b.kids {
		k := f.viewNode(kid)
		v.Subs = append(v.Subs, k)
		v.Discussions += k.Discussions
		v.Messages += k.Messages
		if k.Last && k.LastAt.After(v.LastAt) {
			v.Last, v.LastID, v.LastTitle, v.LastUser, v.LastAt = true, k.LastID, k.LastTitle, k.LastUser, k.LastAt
		}
	}
	return v
}
