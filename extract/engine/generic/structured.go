package generic

import (
	"slices"
	"strings"
	"unicode"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// ldPost is one post as JSON-LD states it.
type ldPost struct {
	kind   string
	author string
	url    string // of the author
	at     string
	text   string
	link   string
	up     *int64
	best   bool
	depth  int
}

// linkedData is what a page's JSON-LD says.
type linkedData struct {
	posts   []ldPost
	title   string
	crumbs  []forum.Crumb
	thread  bool // it names a thread or a page of questions
	article bool // it names something else that carries comments
	product bool // it names goods, whose reviews are no thread
}

var selProduct = dom.Sel(`[itemtype$="/Product"], meta[property="og:type"][content*="product"]`)

var selLD = dom.Sel(`script[type="application/ld+json" i]`)

// structured reads all JSON-LD of the page. Broken blocks are passed over:
// the page itself says the same.
func (r *reader) structured() linkedData {
	l := linkedData{product: r.doc.Has(selProduct)}
	for _, n := range r.doc.FindMatcher(selLD).Nodes {
		if n.FirstChild == nil {
			continue
		}
		v, err := dom.ParseJSON(strings.TrimSpace(n.FirstChild.Data))
		if err != nil {
			continue
		}
		l.take(r, v, 0)
	}
	if l.thread && !slices.ContainsFunc(l.posts, func(p ldPost) bool { return p.author != "" || p.at != "" }) {
		l.thread, l.posts, l.title = false, nil, "" // frequent questions, which nobody asked
	}
	return l
}

func types(v dom.JSON) []string {
	t := v.At("@type")
	if s := t.Text(); s != "" {
		return []string{s}
	}
	var out []string
	for _, x := range t.List() {
		out = append(out, x.Text())
	}
	return out
}

func (l *linkedData) take(r *reader, v dom.JSON, depth int) {
	if depth > 20 || len(l.posts) > 5000 {
		return
	}
	for _, x := range v.List() {
		l.take(r, x, depth+1)
	}
	for _, x := range v.At("@graph").List() {
		l.take(r, x, depth+1)
	}
	for _, t := range types(v) {
		switch t {
		case "DiscussionForumPosting", "SocialMediaPosting", "Question":
			l.thread = true
			l.post(r, v, t, 0)
		case "QAPage":
			l.thread = true
			l.take(r, v.At("mainEntity"), depth+1)
		case "WebPage", "ItemPage", "CollectionPage":
			l.take(r, v.At("mainEntity"), depth+1)
		case "Article", "NewsArticle", "BlogPosting", "Recipe", "Product", "Review", "VideoObject", "TechArticle", "HowTo", "LiveBlogPosting":
			l.article = true
			l.product = l.product || t == "Product"
		case "BreadcrumbList":
			l.breadcrumb(r, v)
		default:
			continue
		}
		return
	}
}

func first(v dom.JSON, keys ...string) string {
	for _, k := range keys {
		if s := v.At(k).Text(); s != "" {
			return s
		}
	}
	return ""
}

// post takes a posting and, below it, its answers and comments.
func (l *linkedData) post(r *reader, v dom.JSON, kind string, depth int) {
	if depth > 30 || len(l.posts) > 5000 {
		return
	}
	p := ldPost{kind: kind, depth: depth, at: first(v, "datePublished", "dateCreated"), text: first(v, "text", "articleBody", "description"), link: r.doc.Resolve(first(v, "url", "@id")), up: v.At("upvoteCount").Number()}
	a := v.At("author")
	if list := a.List(); len(list) > 0 {
		a = list[0]
	}
	p.author, p.url = dom.FragmentText(a.At("name").Text()), r.doc.Resolve(a.At("url").Text())
	if p.author == "" {
		p.author = dom.FragmentText(a.Text())
	}
	if depth == 0 && l.title == "" {
		l.title = dom.FragmentText(first(v, "headline", "name"))
	}
	if p.text != "" || p.at != "" && p.author != "" {
		l.posts = append(l.posts, p)
	}
	for _, key := range [...]string{"acceptedAnswer", "suggestedAnswer", "comment"} {
		for _, x := range oneOrMore(v.At(key)) {
			before := len(l.posts)
			l.post(r, x, "Comment", depth+1)
			if key == "acceptedAnswer" && len(l.posts) > before {
				l.posts[before].best = true
			}
		}
	}
}

func oneOrMore(v dom.JSON) []dom.JSON {
	if list := v.List(); list != nil {
		return list
	}
	if v.Exists() {
		return []dom.JSON{v}
	}
	return nil
}

func (l *linkedData) breadcrumb(r *reader, v dom.JSON) {
	if len(l.crumbs) > 0 {
		return
	}
	for _, x := range v.At("itemListElement").List() {
		it := x.At("item")
		name, href := first(x, "name"), it.Text()
		if name == "" {
			name = it.At("name").Text()
		}
		if href == "" {
			href = first(it, "@id", "url")
		}
		if name != "" {
			l.crumbs = append(l.crumbs, forum.Crumb{Name: dom.FragmentText(name), URL: r.doc.Resolve(href)})
		}
	}
}

// fingerprint of a text: its first n letters and digits, all for 0, whatever the markup, the
// spaces and the signs between them.
func fingerprint(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
			if n--; n == 0 {
				break
			}
		}
	}
	return b.String()
}

const printLength = 40

// enrich fills what the read posts lack from the stated ones, which are
// matched by their words. It returns the stated posts that were not matched.
func (r *reader) enrich(posts []forum.Post, l *linkedData) []ldPost {
	by := map[string][]int{}
	for i := range posts {
		for _, t := range [...]string{posts[i].Body.Text, posts[i].Body.FullText} {
			if k := fingerprint(t, printLength); k != "" {
				by[k] = append(by[k], i)
			}
		}
	}
	var rest []ldPost
	for _, p := range l.posts {
		k := fingerprint(dom.FragmentText(p.text), printLength)
		list := by[k]
		if k == "" || len(list) == 0 {
			rest = append(rest, p)
			continue
		}
		i := list[0]
		if len(list) > 2 {
			by[k] = slices.Clone(list[1:])
		}
		r.fill(&posts[i], p)
	}
	return rest
}

func (r *reader) fill(post *forum.Post, p ldPost) {
	if at := r.clock.Machine(p.at, post.Published.Raw); at.Known() && (!post.Published.Known() || post.Published.Precision != forum.PrecisionSecond) {
		post.Published = at
	}
	if p.author != "" && (post.Author == nil || post.Author.Name == "") {
		post.Author = r.ldAuthor(p)
	}
	if post.URL == "" && strings.Contains(p.link, "#") {
		post.URL = p.link
	}
	post.IsSolution = post.IsSolution || p.best
}

func (r *reader) ldAuthor(p ldPost) *forum.Author {
	if p.author == "" {
		return nil
	}
	a := &forum.Author{Name: p.author}
	if p.url != "" && r.doc.SameHost(p.url) {
		a.URL, a.ID = p.url, accountID(p.url)
	}
	return a
}

// stated makes posts of JSON-LD alone.
func (r *reader) stated(list []ldPost) []forum.Post {
	var out []forum.Post
	for _, p := range list {
		post := forum.Post{Author: r.ldAuthor(p), URL: p.link, IsSolution: p.best}
		post.Published = r.clock.Machine(p.at, "")
		if _, frag, ok := strings.Cut(p.link, "#"); ok {
			_, post.ID = numbered(frag)
		}
		if p.up != nil {
			post.Votes = &forum.Votes{Score: p.up}
		}
		r.ldBody(p).Into(&post)
		if post.Body.Text == "" && post.Body.FullText == "" {
			continue
		}
		out = append(out, post)
	}
	return out
}

// ldBody is the element that holds the stated words, where the page has it, as
// it keeps quotes and links; else the stated words themselves.
func (r *reader) ldBody(p ldPost) dom.Content {
	b := &bodyReader{r: r, drop: map[*html.Node]bool{}}
	text := p.text
	plain := dom.FragmentText(text)
	if n := r.locate(plain); n != nil {
		return r.doc.ReadBody(b.rules, n)
	}
	if !strings.Contains(text, "<") {
		text = strings.ReplaceAll(text, "\n", "<br>")
	}
	return r.doc.ReadBody(b.rules, dom.Fragment(text))
}

// locate finds the innermost element whose text is about the given one.
func (r *reader) locate(text string) (found *html.Node) {
	want := int(letters(text))
	key := fingerprint(text, printLength)
	if want < 20 {
		return nil
	}
	o := r.out
	tries := 0
	for i := range o.items {
		have := sum(o.letters, int32(i), o.items[i].end)
		if have*10 < 9*want || have*10 > 12*want {
			continue
		}
		if tries++; tries > 400 {
			return found
		}
		if fingerprint(o.text(int32(i)), printLength) == key {
			found = o.items[i].n
		}
	}
	return found
}
