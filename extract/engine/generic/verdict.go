package generic

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// secondView tells print views and searches, which repeat what threads' own
// pages show.
func secondView(u *url.URL) bool {
	for _, w := range words(u.Path + " " + u.RawQuery) {
		switch w {
		case "print", "printpage", "printthread", "printview", "printable", "search", "searchresults":
			return true
		}
	}
	return false
}

// frontPage tells the address of a whole site: what recurs there are the
// heads of many pages, never the posts of one thread.
func frontPage(u *url.URL) bool {
	if u.Host == "" || u.RawQuery != "" {
		return false
	}
	segs := strings.Split(strings.Trim(strings.ToLower(u.Path), "/"), "/")
	return len(segs) == 1 && (segs[0] == "" || withoutExtension(segs[0]) == "index")
}

// forumLike tells addresses that speak of people who talk: comments below an
// article look like a thread in all but that.
func forumLike(u *url.URL) bool {
	if threadLike(u) || numberAfter(u, []string{"post", "posts", "msg", "message"}) != "" {
		return true
	}
	segs := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	if len(segs) > 0 && segs[len(segs)-1] == "item" && isNumber(queryOf(u).get("id")) {
		return true
	}
	for _, part := range append(segs, strings.Split(u.Host, ".")...) {
		list := words(withoutExtension(part))
		if len(list) < 4 && slices.ContainsFunc(list, forumWord) { // a title may be about anything
			return true
		}
	}
	return false
}

// ofForum tells pages of a forum by their address, or by the program that they say
// has made them.
func (r *reader) ofForum() bool {
	return forumLike(r.doc.URL) || reForumProgram.MatchString(r.doc.Meta("generator"))
}

// reForumProgram finds forum programs, and programs for sites that are boards, by the
// names that they give themselves.
var reForumProgram = regexp.MustCompile(`(?i)rhymix|xpressengine|phpwind|esotalk|phorum|jforum|mvnforum|yabb|ubb\.?threads|yetanotherforum|burning board|misago|my little forum|forum`)

func forumWord(w string) bool {
	switch w {
	case "forum", "forums", "foren", "foro", "foros", "board", "boards", "bbs", "community", "talk", "discuss", "discussions", "messageboard", "viewthread", "guestbook", "phorum":
		return true
	}
	return false
}

// belowForum tells pages whose path leads over a place that is named for a
// forum.
func (r *reader) belowForum(l *linkedData) bool {
	for _, c := range r.namedPath(l) {
		name, address := words(c.Name), ""
		if u, err := url.Parse(c.URL); err == nil {
			address = u.Path
		}
		if len(name) < 5 && slices.ContainsFunc(name, forumName) || slices.ContainsFunc(words(address), forumName) {
			return true
		}
	}
	return false
}

// forumName tells the words by which pages call their forum.
func forumName(w string) bool {
	switch w {
	case "форум", "форумы", "форуми", "fórum", "fóruns", "fórumok", "forumet", "foorumi", "keskustelu", "论坛", "論壇", "掲示板", "게시판", "포럼", "φόρουμ", "forumları", "đàn", "المنتدى", "منتدى", "منتديات", "פורום", "פורומים", "انجمن":
		return true
	}
	return w != "community" && w != "talk" && w != "board" && forumWord(w)
}

var selFeed = dom.Sel("body > feed, body > rss, body > urlset, body > sitemapindex, body > rdf\\:rdf")

// isThread asks whether a set can be a thread's posts at all: two records with
// times and words, or one that the page itself calls a posting.
func (r *reader) isThread(s *set, l *linkedData) bool {
	if s.n < 2 && s.key.kind != 'm' {
		return false
	}
	if l.article && !l.thread && s.key.kind != 'm' && s.share < 0.5 {
		return false
	}
	return s.cover >= 0.5 && (s.share >= 0.08 || s.share >= 0.01 && r.out.numbered(s))
}

// numbered tells records that are numbered and named as posts: those may be short
// by themselves and beside the rest of their page.
func (o *outline) numbered(s *set) bool {
	n := 0
	for i := range s.records {
		if s.good[i] && namedPost(o.items[s.records[i].from].n) {
			n++
		}
	}
	return n > 1 && 10*n >= 8*s.n
}

// credible looks at the posts as they were read: posts have words of their own
// and, nearly all, an author and a time; members' lists and boards do not.
func (r *reader) credible(all []placed, s *set, list []*cluster, l *linkedData) verdict {
	if len(all) == 0 {
		return isNothing
	}
	signed, dated, names := 0, 0, map[string]bool{}
	var sizes []int
	texts := map[string]bool{}
	for _, p := range all {
		if p.post.Author != nil {
			signed++
			names[p.post.Author.Name] = true
		}
		if !p.post.Published.IsZero() {
			dated++
		}
		size := int(letters(p.post.Body.Text))
		if len(p.post.Media) > 0 || p.post.QuoteCount > 0 {
			size += 20
		}
		sizes = append(sizes, size)
		texts[p.post.Body.Text] = true
	}
	slices.Sort(sizes)
	n := len(all)
	named := bodied(list)
	here, _ := r.here()
	if sizes[n-1] < 32 && !l.thread && !named && !r.out.stated(s) && here.Kind != forum.KindThread {
		return isListing // rows of a list of members hold a few words each
	}
	if signed*10 < 6*n || dated*10 < 6*n || sizes[n/2] < 10 && !named && !r.out.numbered(s) && here.Kind != forum.KindThread || len(texts)*2 < n && n > 2 {
		return isNothing
	}
	if s.signed < 0.5 && s.key.kind != 'm' && !l.thread && !r.timely(all) {
		return isNothing
	}
	if len(names) > 1 || n < 4 || l.thread || s.key.kind == 'm' || nobodies(names) && r.ofThread() {
		return isPosts
	}
	return isNothing
}

func nobodies(names map[string]bool) bool {
	for name := range names {
		if !dom.IsNobody(name) {
			return false
		}
	}
	return true
}

// bodied tells records that nearly all hold an element which is named as a
// body and which has words: in those, few words are a short post.
func bodied(list []*cluster) bool {
	entries, named := 0, 0
	for _, c := range list {
		for _, e := range c.entries {
			entries++
			if n := c.namedBody(e); n != nil && threadBody(n) {
				named++
			}
		}
	}
	return 10*named >= 8*entries
}

// threadBody tells the names of posts' bodies from those of any box.
func threadBody(n *html.Node) bool {
	var room someWords
	for _, w := range appendWords(appendWords(room[:0], dom.Attr(n, "class")), dom.Attr(n, "id")) {
		for _, p := range [...]string{"post", "message", "msg", "reply", "comment", "cmt", "usertext", "bbcode", "thread", "topic"} {
			if strings.HasPrefix(w, p) {
				return true
			}
		}
	}
	return false
}

// timely asks more of records whose names nothing marks as such: what reads as
// a time may be a version, and what reads as a name any short text. Posts have
// times of their own that run in one direction; a few of them count only where
// the address names a thread.
func (r *reader) timely(all []placed) bool {
	at := make([]int64, 0, len(all))
	distinct, shown := map[int64]bool{}, map[string]bool{}
	for _, p := range all {
		shown[p.post.Published.Raw] = true
		if p.post.Published.Known() {
			at = append(at, p.post.Published.At.Unix())
			distinct[at[len(at)-1]] = true
		}
	}
	if len(all) < 4 && !r.ofThread() {
		return false
	}
	if len(at) == 0 {
		return 2*len(shown) > len(all)
	}
	return 2*len(distinct) > len(at) && steady(at) > 0.6
}

// verdict is what a set turned out to be.
type verdict int

const (
	isNothing verdict = iota
	isListing
	isPosts
)

// alike asks whether the records show their times at the same place: parts of
// a page that merely share a parent do not.
func alike(list []*cluster) bool {
	entries, same := 0, 0
	for _, c := range list {
		for _, e := range c.entries {
			e.body = nil
		}
		p := c.datePath()
		for _, e := range c.entries {
			entries++
			if _, ok := e.find(p); ok && p >= 0 {
				same++
			}
		}
	}
	return 10*same >= 6*entries
}

// teasers tells listings: every record leads, by a text of its own, to a page
// of its own. Posts link to their authors, to themselves and to actions, none
// of which does that.
func (r *reader) teasers(list []*cluster) bool {
	entries, listed := 0, 0
	for _, c := range list {
		entries += len(c.entries)
		if len(c.entries) > 1 && r.teaserCluster(c) {
			listed += len(c.entries)
		}
	}
	return 2*listed > entries
}

// stated tells sets that need no such test: records that lie in one another,
// as replies do and list rows do not, and records that the page calls comments
// or answers. Several questions make a list.
func (o *outline) stated(s *set) bool {
	nested, replies := 0, 0
	frame := func(k int) bool { return 2*len(s.records[k].inner) > len(s.records) }
	for i := range s.records {
		if p := s.records[i].parent; s.good[i] && p >= 0 && !frame(p) && (s.records[p].parent >= 0 && !frame(s.records[p].parent) || len(s.records[p].inner) > 1) {
			nested++
		}
		if t := dom.Attr(o.items[s.records[i].from].n, "itemtype"); s.good[i] && t != "" && !strings.HasSuffix(t, "/Question") && !strings.HasSuffix(t, "/DiscussionForumPosting") {
			replies++
		}
	}
	return 5*nested >= s.n || s.key.kind == 'm' && 2*replies >= s.n
}

// withoutReply cuts "Re: " off a title, in any language.
func withoutReply(title string) string {
	if i := strings.IndexAny(title, ":：]"); i > 0 && i < 16 {
		return strings.TrimLeft(title[i:], ":：] ")
	}
	return title
}

var selHeading = dom.Sel("h1, h2, h3, h4, h5, h6")

type linkVote struct {
	records, last int
	hrefs, texts  map[string]bool
	letters       int
}

func (r *reader) teaserCluster(c *cluster) bool {
	author := int32(-1)
	if _, marked := c.markedAuthor(); !marked {
		author = c.unmarkedAuthor(c.datePath(), func(*entry, int32) bool { return false })
	}
	votes := map[int32]*linkVote{}
	here := strings.TrimSuffix(r.doc.URL.Path, "/")
	for k, e := range c.entries {
		for _, ce := range e.cells {
			n := c.out.items[ce.item].n
			if n.DataAtom != atom.A || ce.part > partBody && ce.part != partSubject || c.out.hints[ce.item] > 0 || sum(c.out.dates, ce.item, c.out.items[ce.item].end) > 0 {
				continue
			}
			if dom.Closest(n, selBlockquote) != nil {
				continue // to what is quoted
			}
			u, err := r.doc.Base.Parse(dom.Attr(n, "href"))
			if err != nil || acts(u.Path+u.RawQuery) || profileHint(u.String()) > 0 || u.RawQuery == "" && strings.TrimSuffix(u.Path, "/") == here || r.anchored(u.Fragment) {
				continue
			}
			text := c.out.text(ce.item)
			if ownLetters(n.Parent) > letters(text) && dom.Closest(n, selHeading) == nil && !ownLine(n) {
				continue // a link in running text: titles stand alone
			}
			v := votes[ce.path]
			if v == nil {
				v = &linkVote{last: -1, hrefs: map[string]bool{}, texts: map[string]bool{}}
				votes[ce.path] = v
			}
			if v.last == k {
				continue
			}
			v.last, v.records = k, v.records+1
			v.hrefs[u.Path+"?"+u.RawQuery] = true
			v.texts[pattern(withoutReply(text))] = true // "Post #2" is no title
			v.letters += int(letters(text))
			if ce.path == author && dom.Closest(n, selHeading) == nil {
				v.letters -= 9 // may be a name: titles are longer
			}
		}
	}
	for _, v := range votes {
		if v.records*10 >= 7*len(c.entries) && len(v.hrefs)*10 >= 5*v.records && len(v.texts)*10 >= 4*v.records && len(v.texts) > 1 && v.letters >= 5*v.records && v.records > 1 {
			return true
		}
	}
	return false
}

// ownLine tells a link that fills the first line of the element that it stands
// in.
func ownLine(a *html.Node) bool {
	for p := a.PrevSibling; p != nil; p = p.PrevSibling {
		if p.Type == html.ElementNode || p.Type == html.TextNode && strings.TrimSpace(p.Data) != "" {
			return false
		}
	}
	for n := a.NextSibling; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode || strings.TrimSpace(n.Data) != "" {
			return n.DataAtom == atom.Br
		}
	}
	return false
}

// anchored tells fragments that name a place on this page: a link with one
// leads to a post that stands here.
func (r *reader) anchored(fragment string) bool {
	if fragment == "" {
		return false
	}
	if r.anchors == nil {
		r.anchors = map[string]bool{}
		for i := range r.out.items {
			n := r.out.items[i].n
			r.anchors[dom.Attr(n, "id")] = true
			if n.DataAtom == atom.A {
				r.anchors[dom.Attr(n, "name")] = true
			}
		}
	}
	return r.anchors[fragment]
}

// isArticle tells an article with comments from a thread with its first post:
// the page says so, or the words above outweigh a few comments by far.
func (r *reader) isArticle(lead, all []placed, l *linkedData) bool {
	if l.thread {
		return false
	}
	above, below := int(letters(lead[0].post.Body.Text)), 0
	for _, p := range all {
		below += int(letters(p.post.Body.Text))
	}
	return l.article && above > below/4 || above > 2*below && len(all) < 6
}
