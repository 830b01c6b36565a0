package generic

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"golang.org/x/net/html"
)

// posts reads the page's posts, with the confidence and the strategy of the
// reading; none where the page is no thread.
func (r *reader) posts(l *linkedData) ([]forum.Post, float64, string) {
	if !l.thread && (frontPage(r.doc.URL) || l.product && !forumLike(r.doc.URL) || r.boardsPage()) {
		return nil, 0, ""
	}
	s, posts := r.firstCredible(l)
	r.numberedWithin(posts)
	strategy := "repeated"
	if s != nil && s.key.kind == 'm' {
		strategy = "microdata"
	}
	if len(posts) == 0 && !l.article {
		if p := r.single(); len(p) > 0 && r.enrich(p, l) != nil || len(p) > 0 && !l.thread {
			return p, 0.4, "repeated"
		}
	}
	rest := r.enrich(posts, l)
	if l.thread && len(rest) > 0 {
		switch matched := len(l.posts) - len(rest); {
		case len(posts) == 0 || matched == 0 && len(l.posts) > len(posts):
			if stated := r.stated(l.posts); len(stated) > 0 {
				return stated, 0.6, "jsonld"
			}
		case rest[0].kind != "Comment" && pageOf(r.doc.URL) < 2:
			n := len(posts)
			posts = r.prepend(posts, rest[0])
			r.lead = r.lead || len(posts) > n
		}
	}
	if len(posts) == 0 {
		return nil, 0, ""
	}
	return posts, r.confidence(s, l, posts), strategy
}

// firstCredible reads the likeliest set that turns out to be posts. A listing
// ends the search: what else recurs on such a page is no thread either.
func (r *reader) firstCredible(l *linkedData) (*set, []forum.Post) {
	sets := r.out.ranked()
	sets = sets[:min(len(sets), 8)]
	for i, s := range sets {
		if !r.isThread(s, l) || i > 0 && s.share < 0.2 && s.key.kind != 'm' {
			continue
		}
		posts, verdict := r.fromSet(s, l)
		switch {
		case verdict == isPosts && !r.listed(s, sets):
			return s, posts
		case verdict != isNothing:
			return r.discussed(sets[i+1:], l)
		}
	}
	return nil, nil
}

// discussed reads the one thread that a page's vocabulary states beside a
// longer listing of others: one question or posting, and what answers it.
func (r *reader) discussed(sets []*set, l *linkedData) (*set, []forum.Post) {
	for _, s := range sets {
		if s.key.kind != 'm' || s.n < 2 || s.signed < 0.8 || s.share < 0.08 || !r.out.stated(s) {
			continue
		}
		openings := 0
		for i := range s.records {
			t := dom.Attr(r.out.items[s.records[i].from].n, "itemtype")
			if strings.HasSuffix(t, "/Question") || strings.HasSuffix(t, "/DiscussionForumPosting") {
				openings++
			}
		}
		if openings > 1 {
			continue
		}
		if posts, verdict := r.fromSet(s, l); verdict == isPosts {
			return s, posts
		}
	}
	return nil, nil
}

// listed tells records that are parts of a listing's rows: another set that
// holds about the same words is one.
func (r *reader) listed(s *set, sets []*set) bool {
	if s.key.kind == 'm' || r.out.stated(s) {
		return false
	}
	for _, t := range sets {
		if t == s || t.key.kind == 'm' || 10*t.n < 8*s.n || t.share < 0.6*s.share || r.out.stated(t) || r.out.numbered(s) && r.partsOf(t, s) {
			continue
		}
		if list := r.out.clusters(t); alike(list) && r.teasers(list) {
			return true
		}
	}
	return false
}

// partsOf tells records that lie in those of another set, as the cards about the
// authors of posts do.
func (r *reader) partsOf(t, s *set) bool {
	inside, k := 0, 0 // records stand in the order of the page
	for _, part := range t.records {
		for k+1 < len(s.records) && s.records[k+1].from < part.from {
			k++
		}
		if w := s.records[k].from; w < part.from && part.from < r.out.items[w].end {
			inside++
		}
	}
	return 10*inside >= 8*len(t.records)
}

// prepend puts the stated first post before the read ones, unless it is one of
// them: the same author at the same time.
func (r *reader) prepend(posts []forum.Post, p ldPost) []forum.Post {
	stated := r.stated([]ldPost{p})
	if len(stated) == 0 {
		return posts
	}
	lead := stated[0]
	for i := range posts {
		same := posts[i].Author != nil && lead.Author != nil && posts[i].Author.Name == lead.Author.Name
		if same && (!lead.Published.Known() || posts[i].Published.At.Sub(lead.Published.At).Abs().Hours() < 26) {
			return posts
		}
	}
	if lead.Published.Known() && posts[0].Published.Known() && lead.Published.At.After(posts[0].Published.At.AddDate(0, 0, 1)) {
		return posts
	}
	return append([]forum.Post{lead}, posts...)
}

// placed is a post with the place of its record.
type placed struct {
	post forum.Post
	from int32
	rec  int

	sign   int  // the number that it shows with a sign
	framed bool // marked up as a posting around others, without words of its own
}

// fromSet reads the records of a set, and the first post where it stands
// outside of the set.
func (r *reader) fromSet(s *set, l *linkedData) ([]forum.Post, verdict) {
	list := r.out.clusters(s)
	if !alike(list) {
		return nil, isNothing
	}
	if !r.out.stated(s) && r.teasers(list) {
		return nil, isListing
	}
	var all []placed
	for _, c := range list {
		all = append(all, r.cluster(c, s)...)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return int(a.from - b.from) })
	all = withoutScraps(withoutFrames(all, s))
	if v := r.credible(all, s, list, l); v != isPosts {
		return nil, v
	}
	signed(all, pageOf(r.doc.URL) < 2 && offsetOf(r.doc.URL) == 0)
	r.parents(all, s)
	r.indents(all, list)
	if lead := r.leadPost(s, all); lead != nil {
		if r.isArticle(lead, all, l) {
			return nil, isListing
		}
		all, r.lead = append(lead, all...), true
	}
	out := make([]forum.Post, 0, len(all))
	ids := map[string]bool{}
	for _, p := range all {
		if p.post.ID != "" && ids[p.post.ID] {
			p.post.ID = ""
		}
		ids[p.post.ID] = true
		out = append(out, p.post)
	}
	return out, isPosts
}

// withoutScraps leaves out records with neither name nor words where nearly all have
// names: parts of a post that shows more than the others.
func withoutScraps(all []placed) []placed {
	nameless := func(p placed) bool { return p.post.Author == nil || p.post.Author.Name == "" }
	n := 0
	for _, p := range all {
		if nameless(p) {
			n++
		}
	}
	if len(all) < 3 || 4*n > len(all) {
		return all
	}
	return slices.DeleteFunc(all, func(p placed) bool {
		b := &p.post
		hidden := b.State != "" && b.State != forum.PostVisible
		return nameless(p) && !hidden && b.Body.Text == "" && len(b.Media)+len(b.Attachments)+len(b.Quotes) == 0
	})
}

// withoutFrames leaves out records that only frame others: a thread that is
// marked up around its posts shows its first post's author and time again.
func withoutFrames(all []placed, s *set) []placed {
	at := map[int]int{}
	for i, p := range all {
		at[p.rec] = i
	}
	return slices.DeleteFunc(slices.Clone(all), func(p placed) bool {
		if p.framed {
			return true
		}
		for _, k := range s.records[p.rec].inner {
			i, ok := at[k]
			if !ok {
				continue
			}
			in := all[i].post
			return p.post.Author != nil && in.Author != nil && p.post.Author.Name == in.Author.Name && p.post.Published.At.Equal(in.Published.At) && p.post.Published.Known()
		}
		return false
	})
}

// cluster reads all posts of a cluster.
func (r *reader) cluster(c *cluster, s *set) []placed {
	roles := c.assign()
	for _, e := range c.entries {
		if e.author = r.author(c, e, roles.author, roles.signed); e.author != nil {
			r.names.Add(e.author.Name)
		}
	}
	var out []placed
	for _, e := range c.entries {
		p := r.post(c, e, roles, s)
		framed := false
		if t := dom.Attr(c.out.items[e.from].n, "itemtype"); e.rec >= 0 && len(s.records[e.rec].inner) > 0 && (strings.HasSuffix(t, "/DiscussionForumPosting") || strings.HasSuffix(t, "/Question")) {
			framed = (e.body == nil || !isBodyProp(e.body)) && !c.holdsStated(e, p.Body.Text)
		}
		out = append(out, placed{p, e.from, e.rec, e.sign, framed})
	}
	return out
}

// holdsStated tells whether an entry holds the words that its own metadata
// state, which are not just its headline.
func (c *cluster) holdsStated(e *entry, body string) bool {
	text, head := "", ""
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		switch dom.Attr(n, "itemprop") {
		case "text", "articleBody":
			text = fingerprint(dom.Attr(n, "content"), printLength)
		case "headline":
			head = fingerprint(dom.Attr(n, "content"), printLength)
		}
	}
	return text != "" && text != head && strings.Contains(fingerprint(body, 0), text)
}

func (r *reader) post(c *cluster, e *entry, roles roles, s *set) forum.Post {
	post := forum.Post{Author: e.author}
	var date int32
	post.Published, date = r.stamp(c, e, roles.date)
	e.stampAt = date
	r.extras(c, e, &post)
	if post.Author != nil {
		r.card(c, e, post.Author)
	}
	skip := map[*html.Node]bool{}
	if date >= 0 && roles.date >= 0 {
		end := c.out.items[date].end
		if n := c.out.items[date].n; n != e.body && sum(c.out.letters, date+1, end) == sum(c.out.linked, date+1, end) {
			skip[n] = true
		}
	}
	if e.name != nil && e.name != e.body && e.name != c.out.items[e.from].n && (nameText(e.name) != "" || ownName(e.name) != "") {
		skip[e.name] = true
	}
	if e.rec >= 0 {
		for _, k := range s.records[e.rec].inner {
			skip[c.out.items[s.records[k].from].n] = true
		}
	}
	r.body(c, e, skip).Into(&post)
	post.ID = c.nativeID(e, roles.id)
	post.URL = r.permalink(c, e, roles.id, date)
	if r.inThread() {
		post.ID = ""
	}
	r.position(c, e, roles.number, &post)
	post.ID = r.postID(post.ID)
	r.cited(c, e, &post)
	c.answer(e, &post)
	return post
}

// answer reads what questions and answers carry besides: votes, acceptance.
func (c *cluster) answer(e *entry, post *forum.Post) {
	root := c.out.items[e.from].n
	post.IsSolution = dom.Attr(root, "itemprop") == "acceptedAnswer" || solved(dom.Attr(root, "class"))
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if p := dom.Attr(n, "itemprop"); p != "upvoteCount" {
			continue
		}
		value := dom.Attr(n, "content")
		if value == "" {
			value = dom.NodeText(n)
		}
		if score := dom.Count(value); score != nil {
			post.Votes = &forum.Votes{Score: score}
		}
		return
	}
	c.shownVotes(e, post)
}

// solved tells the class of an answer that was accepted.
func solved(class string) bool {
	var room someWords
	for w := range strings.FieldsSeq(class) {
		list := appendWords(room[:0], w)
		for i, w := range list {
			if w == "accepted" || w == "solution" || w == "bestanswer" || w == "selected" && i > 0 && list[i-1] == "item" {
				return true
			}
		}
	}
	return false
}

// shownVotes reads the counter of an element that is named for a score. Of
// several that scripts switch between, the one before voting counts.
func (c *cluster) shownVotes(e *entry, post *forum.Post) {
	var best *int64
	for _, ce := range e.cells {
		n := c.out.items[ce.item].n
		if ce.part == partCard || c.inBody(e, ce.item) || !c.out.items[ce.item].class.votes {
			continue
		}
		value, _ := labelled(strings.TrimPrefix(dom.NodeText(n), "+"))
		score := dom.Count(value)
		if score == nil {
			continue
		}
		if best == nil || dom.HasClass(n, "unvoted") {
			best = score
		}
	}
	if best != nil && post.Reactions == nil {
		post.Votes = &forum.Votes{Score: best}
	}
}

// votesName tells names like "score", "vote-count", "netvote-count-data".
func votesName(class string) bool {
	var room someWords
	for w := range strings.FieldsSeq(class) {
		list := appendWords(room[:0], w)
		for _, w := range list {
			switch w {
			case "score", "votes", "netvotes", "netvote", "upvotes", "votecount", "points":
				return true
			case "author", "user", "who":
				return false
			}
		}
		if len(list) > 1 && list[len(list)-2] == "vote" && list[len(list)-1] == "count" {
			return true
		}
	}
	return false
}

// parents gives nested records the post that they lie in.
func (r *reader) parents(all []placed, s *set) {
	id := make([]string, len(s.records))
	for _, p := range all {
		id[p.rec] = p.post.ID
	}
	for i := range all {
		for k := s.records[all[i].rec].parent; k >= 0; k = s.records[k].parent {
			if id[k] != "" {
				all[i].post.ParentID = id[k]
				break
			}
		}
	}
}

// confidence says how much of the page speaks for the reading.
func (r *reader) confidence(s *set, l *linkedData, posts []forum.Post) float64 {
	c := 0.2
	if s != nil {
		c += 0.2*s.cover + 0.2*math.Min(1, 1.5*s.share)
	}
	signed := 0
	for i := range posts {
		if posts[i].Author != nil && posts[i].Published.Known() {
			signed++
		}
	}
	c += 0.2 * float64(signed) / float64(len(posts))
	if l.thread || s != nil && s.key.kind == 'm' {
		c += 0.1
	}
	if posts[0].ID != "" {
		c += 0.05
	}
	return math.Round(math.Min(r.trust(s, l), c)*100) / 100
}

// trust is the most that a reading can be worth: half where neither the page's
// address nor its path nor what it states says that it is a forum's, as comments below an
// article and reviews of a product recur as posts do.
func (r *reader) trust(s *set, l *linkedData) float64 {
	if l.thread || r.ofForum() || r.ofThread() || r.doc.URL.Host == "" || r.belowForum(l) {
		return 0.9
	}
	if s != nil && s.key.kind == 'm' {
		for i := range s.records {
			switch t := dom.Attr(r.out.items[s.records[i].from].n, "itemtype"); t[strings.LastIndexByte(t, '/')+1:] {
			case "DiscussionForumPosting", "Question", "Answer":
				return 0.9
			}
		}
	}
	r.foreign = true
	return 0.5
}

// repliesAlone tells trees of replies to something that is no post, a link to
// another site say: the first of them is not the thread's first post.
func repliesAlone(posts []forum.Post, lead bool) bool {
	if lead || posts[0].Position == 1 {
		return false
	}
	roots := 0
	for i := range posts {
		if posts[i].ParentID == "" {
			roots++
		}
	}
	return roots > 1 && roots < len(posts)
}

// orderPositions takes positions back that do not rise.
func (r *reader) orderPositions() {
	last := int64(0)
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		if p.Position > 0 && p.Position <= last {
			p.Position, p.PositionSource = 0, ""
		}
		last = max(last, p.Position)
	}
}

func (r *reader) fieldGaps() {
	for i := range r.page.Posts {
		p := &r.page.Posts[i]
		if p.Author == nil {
			r.gaps.Add(fmt.Sprintf("posts[%d].author", i), "nothing beside the post reads as a name")
		}
		if !p.Published.Known() {
			r.gaps.Add(fmt.Sprintf("posts[%d].published_at", i), "no time that could be read")
		}
		if p.ID == "" {
			r.gaps.Add(fmt.Sprintf("posts[%d].id", i), "nothing numbers the post")
		}
	}
}
