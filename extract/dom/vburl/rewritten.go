package vburl

import (
	"regexp"
	"strings"

	"forumine/extract/forum"
)

// The addresses that vBSEO and its successors write, by their presets:
//
//	thread  slug/1-title-2.html, f9/title-1-2.html, f9/title-1/index2.html, slug/title-1-2.html, slug-9/title-1/, t1-title-2.html, thread1-2.html
//	board   f9/, forum9/, slug-9/, 9-slug/, slug/, each with index2.html; f9-slug, f9-slug-2.html
//	member  members/name.html, members/name-5/, member5.html
//
// A board or member that goes by its name alone has no id in its address.
var rewritten = []struct {
	re               *regexp.Regexp
	shape            shape
	kind             forum.Kind
	id, slug, p1, p2 int // groups of the pattern, 0 for none; 1 is the root, 2 what stands below it
}{
	{regexp.MustCompile(`^(.*/)(members/([^/]+)\.html)$`), shape{"members/", ".html", false}, forum.KindProfile, 0, 3, 0, 0},
	{regexp.MustCompile(`^(.*/)(members/([^/]+?)-(\d+)/?)$`), shape{"members/", "", true}, forum.KindProfile, 4, 3, 0, 0},
	{regexp.MustCompile(`^(.*/)(member-?(\d+)\.html)$`), shape{"member", ".html", true}, forum.KindProfile, 3, 0, 0, 0},
	{regexp.MustCompile(`^(.*/)(f(?:orum)?-?(\d+)(?:-([^/.]*?))?(?:-(\d+)\.html|\.html)?)$`), shape{"/f", "", true}, forum.KindBoard, 3, 4, 5, 0},
	{regexp.MustCompile(`^(.*/)(f\d+/([^/]*?)-(\d+)(?:/(?:(?:index|page)(\d+)\.html)?|(?:-(\d+))?\.html))$`), shape{"/f", "./", true}, forum.KindThread, 4, 3, 5, 6},
	{regexp.MustCompile(`^(.*/)([^/]+/(\d+)-([^/]*?)(?:-(\d+))?\.html)$`), shape{"/", ".html", true}, forum.KindThread, 3, 4, 5, 0},
	{regexp.MustCompile(`^(.*/)(t(\d+)(?:-([^/]*?))?(?:-(\d+))?\.html)$`), shape{"/t", ".html", true}, forum.KindThread, 3, 4, 5, 0},
	{regexp.MustCompile(`^(.*/)(thread-?(\d+)(?:-(?:page)?(\d+))?\.html)$`), shape{"/thread", ".html", true}, forum.KindThread, 3, 0, 4, 0},
	{regexp.MustCompile(`^(.*/)([a-z0-9_-]+/([^/]*[^/\d-][^/]*?)-(\d{2,})(?:-(\d{1,3}))?\.html)$`), shape{"-", ".html", true}, forum.KindThread, 4, 3, 5, 0},
	{regexp.MustCompile(`^(.*/)([a-z0-9-]+-\d+/([^/]*?)-(\d+)/(?:(?:index|page)(\d+)\.html)?)$`), shape{"-", "./", true}, forum.KindThread, 4, 3, 5, 0},
	{regexp.MustCompile(`^(.*/)((\d+)-([^/]+)/(?:(?:index|page)(\d+)\.html)?)$`), shape{"-", "./", true}, forum.KindBoard, 3, 4, 5, 0},
	{regexp.MustCompile(`^(.*/)((?:f|forum|[a-z0-9][a-z0-9-]*-)(\d+)/(?:(?:index|page)(\d+)\.html)?)$`), shape{"/", "./", true}, forum.KindBoard, 3, 0, 4, 0},
	{regexp.MustCompile(`^(.*/)(([a-z0-9][a-z0-9_-]*)/(?:index(\d+)\.html)?)$`), shape{"/", "./", false}, forum.KindBoard, 0, 3, 4, 0},
}

// shape is what a form always has; most addresses are out after a look for it.
type shape struct {
	has      string
	end      string // ".html", "./" for that or a slash
	numbered bool
}

func (s shape) fits(path string, numbered bool) bool {
	if s.numbered && !numbered || !strings.Contains(path, s.has) {
		return false
	}
	return s.end == "" || strings.HasSuffix(path, ".html") || s.end == "./" && strings.HasSuffix(path, "/")
}

var (
	notThread = regexp.MustCompile(`^(post\d*|print|.*-(print|new-post|last-post|newpost|lastpost|post\d+|prev-thread|next-thread))$`)
	memberTab = regexp.MustCompile(`^(albums?|list|index)$|-(albums?|friends|recent|comments)\b`)

	// roots are last steps of the addresses that boards live at.
	roots = wordSet("forum forums foro foros forumo forumas forumz f fora board boards community communities vb vb3 vb4 vbulletin vbforum bb bbs b talk discuss discussion discussions messageboard home main en de fr es it ru pt www public mobile")
	// parts are steps that lead to other parts of a site than its boards.
	parts = wordSet("members member users archive blog blogs gallery images image img clientscript articles content cms portal groups calendar chat arcade wiki reviews review shop store help about contact contact-us " +
		"tags tag search usercp register login rss feed feeds downloads download links photos photopost album albums video videos sitemap sitemaps customavatars attachments attachment external faq terms privacy " +
		"classifieds classified events threads showthread ads media admincp modcp includes misc cgi-bin static assets js css")
)

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

func parseRewritten(path string) (Ref, bool) {
	if strings.HasSuffix(path, ".php") {
		return Ref{}, false // none of the forms, and the commonest links of a page
	}
	group := func(m []string, i int) string {
		if i == 0 {
			return ""
		}
		return m[i]
	}
	numbered := strings.ContainsAny(path, "0123456789")
	for i := range rewritten {
		form := &rewritten[i]
		if !form.shape.fits(path, numbered) {
			continue
		}
		m := form.re.FindStringSubmatch(path)
		if m == nil {
			continue
		}
		r := Ref{Kind: form.kind, ID: group(m, form.id), Slug: group(m, form.slug), Root: m[1], form: formRewrite, file: m[2]}
		if form.kind != forum.KindProfile {
			r.Page = max(number(group(m, form.p1)), number(group(m, form.p2)))
		}
		first, _, _ := strings.Cut(r.file, "/")
		switch {
		case form.kind == forum.KindThread && (parts[first] || notThread.MatchString(r.Slug)), form.kind == forum.KindProfile && r.ID == "" && memberTab.MatchString(r.Slug):
			return Ref{}, false
		case form.kind == forum.KindBoard && r.ID == "" && (roots[r.Slug] || parts[r.Slug] || strings.Count(path, "/") > 4):
			continue
		}
		return r, true
	}
	if path == "" || strings.HasSuffix(path, "/") {
		return Ref{Kind: forum.KindIndex, Root: path, Page: 1}, true
	}
	return Ref{}, false
}

var reAccount = regexp.MustCompile(`/(?:(\d+)-[^/]+\.html|(?:u|user|profile|member|members)[-/](\d+)(?:[-/.][^/]*)?)/?$`)

// AccountID is the number in the address behind a name, where an add-on writes
// addresses of members that might lead to anything: "7-anna.html" at the root.
func AccountID(href string) string {
	href, _, _ = strings.Cut(href, "?")
	if m := reAccount.FindStringSubmatch(href); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// firstFile is the first page's file in that of page n.
func firstFile(file, n string) string {
	for _, cut := range []string{"index" + n + ".html", "page" + n + ".html"} {
		file = strings.TrimSuffix(file, cut)
	}
	for _, cut := range []string{"-" + n + ".html", "-page" + n + ".html"} {
		if rest, ok := strings.CutSuffix(file, cut); ok {
			return rest + ".html"
		}
	}
	return file
}
