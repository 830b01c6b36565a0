package flarum

import (
	"strconv"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// perPage is how many posts the engine puts on a page for readers without
// scripts, and loads at first for those with.
const perPage = 20

func (r *reader) discussion(j dom.JSON) {
	r.page.Kind = forum.KindThread
	t := &forum.Thread{ID: j.At("id").Text(), Title: attr(j, "title"), URL: r.discussionURL(j), Type: "discussion"}
	r.page.Thread = t
	if t.Title == "" {
		r.gaps.Add("thread.title", "the discussion has no title")
	}
	r.discussionTags(t, j)
	r.discussionState(t, j)
	r.discussionPeople(t, j)
	posts := r.window(j)
	r.discussionPages(t, j, posts)
	for i, p := range posts {
		r.page.Posts = append(r.page.Posts, r.post(p, i))
	}
	if t.Poll = r.poll(j, posts); t.Poll != nil {
		t.Type = "poll"
	}
	if len(posts) == 0 {
		r.gaps.Add("posts", "the discussion's document holds no post")
	}
	r.page.Learned.PostsPerPage = perPage
}

// discussionTags: a primary tag is the board that the discussion stands in,
// below its parent; the others are tags.
func (r *reader) discussionTags(t *forum.Thread, j dom.JSON) {
	tags := r.many(j, "tags")
	r.page.Path, t.Tags = r.pathAndTags(tags)
	for _, tag := range tags {
		if tag.At("attributes", "isQnA").True() {
			t.Type, t.IsSolved = "question", new(false)
		}
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "the discussion has no tag")
	}
}

// pathAndTags parts the board that a discussion stands in from its other tags.
func (r *reader) pathAndTags(tags []dom.JSON) (path []forum.Crumb, others []string) {
	var board dom.JSON
	for _, tag := range tags {
		if isPrimary(tag) && (!board.Exists() || ref(tag.At("relationships", "parent", "data")) == ref(board)) {
			board = tag
		}
	}
	if !board.Exists() && len(tags) > 0 {
		board = tags[0]
	}
	path = r.tagPath(board)
	inPath := map[string]bool{}
	for _, c := range path {
		inPath[c.ID] = true
	}
	for _, tag := range tags {
		if !inPath[attr(tag, "slug")] {
			others = append(others, attr(tag, "name"))
		}
	}
	return path, others
}

// isPrimary tells tags that are ordered as boards; older versions say so by
// their place alone.
func isPrimary(tag dom.JSON) bool {
	if tag.At("attributes").Has("isPrimary") {
		return tag.At("attributes", "isPrimary").True()
	}
	return tag.At("attributes", "position").Exists() || tag.At("attributes", "isChild").True()
}

// tagPath leads from the outermost tag to this one.
func (r *reader) tagPath(tag dom.JSON) []forum.Crumb {
	var out []forum.Crumb
	for range 3 {
		slug := attr(tag, "slug")
		if slug == "" {
			break
		}
		out = append([]forum.Crumb{{Name: attr(tag, "name"), ID: slug, URL: r.page.Root + "t/" + slug}}, out...)
		tag = r.one(tag, "parent")
	}
	return out
}

func (r *reader) discussionState(t *forum.Thread, j dom.JSON) {
	state := func(key string) *bool {
		if a := j.At("attributes"); a.Has(key) {
			return new(a.At(key).True())
		}
		return nil
	}
	t.IsLocked, t.IsSticky = state("isLocked"), state("isSticky")
	a := j.At("attributes")
	if a.At("hasBestAnswer").True() || bestAnswer(j) != "" {
		t.Type, t.IsSolved, t.SolutionPostID = "question", new(true), bestAnswer(j)
	}
	if n := a.At("commentCount").Number(); n != nil && *n > 0 {
		replies := *n - 1
		t.ReplyCount = &replies
	}
	t.ParticipantCount, t.ViewCount = a.At("participantCount").Number(), views(a)
	t.Started = r.clock.Machine(attr(j, "createdAt"), "")
	t.LastPost = r.clock.Machine(attr(j, "lastPostedAt"), "")
}

// bestAnswer is the id of the post that answers: the relationship to it, else
// the attribute that tells whether there is one, which holds the id.
func bestAnswer(j dom.JSON) string {
	if id := j.At("relationships", "bestAnswerPost", "data", "id").Text(); id != "" {
		return id
	}
	if n := j.At("attributes", "hasBestAnswer").Number(); n != nil && *n > 1 {
		return strconv.FormatInt(*n, 10)
	}
	return ""
}

// views is the counter of the extensions that count readers.
func views(a dom.JSON) *int64 {
	for _, key := range [...]string{"views", "viewCount", "view_count"} {
		if n := a.At(key).Number(); n != nil {
			return n
		}
	}
	return nil
}

func (r *reader) discussionPeople(t *forum.Thread, j dom.JSON) {
	t.Author = r.user(r.one(j, "user"))
	t.LastAuthor = r.user(r.one(j, "lastPostedUser"))
	t.LastPostID = j.At("relationships", "lastPost", "data", "id").Text()
	if t.Author == nil && j.At("relationships").Has("user") && !j.At("relationships", "user", "data").Exists() {
		t.Author = &forum.Author{IsDeleted: true}
	}
}

// window is the page's posts: among all that the document has for one reason
// or another (mentioned, first, last), the longest run without a hole in the
// discussion's own list, cut to what the plain HTML shows.
func (r *reader) window(j dom.JSON) []dom.JSON {
	id := ref(j)
	loaded := map[string]dom.JSON{}
	var all []dom.JSON
	for _, p := range r.order {
		a := p.At("attributes")
		if p.At("type").Text() != "posts" || !a.Has("number") || (!a.Has("contentHtml") && !a.Has("content")) {
			continue
		}
		if d := p.At("relationships", "discussion", "data"); d.Exists() && ref(d) != id {
			continue
		}
		loaded[p.At("id").Text()] = p
		all = append(all, p)
	}
	list := j.At("relationships", "posts", "data").List()
	if len(list) == 0 {
		sortByNumber(all)
		return r.cut(all) // mentions of posts are later than these
	}
	return r.cut(longestRun(list, loaded))
}

// longestRun is the longest stretch of a list whose items are all loaded.
func longestRun(list []dom.JSON, loaded map[string]dom.JSON) []dom.JSON {
	var best, run []dom.JSON
	for _, d := range list {
		p, ok := loaded[d.At("id").Text()]
		if !ok {
			run = nil
			continue
		}
		if run = append(run, p); len(run) > len(best) {
			best = run
		}
	}
	return best
}

// cut drops what follows the last post that the plain HTML shows: it shows
// comments only.
func (r *reader) cut(posts []dom.JSON) []dom.JSON {
	shown := r.doc.FirstOf(selPlain, selPlainOther).FindMatcher(selArticle).Length()
	if shown == 0 {
		return posts
	}
	comments := 0
	for i, p := range posts {
		if isComment(p) {
			comments++
		}
		if comments > shown {
			return posts[:i]
		}
	}
	return posts
}

func sortByNumber(posts []dom.JSON) {
	for i := range posts {
		for k := i; k > 0 && number(posts[k]) < number(posts[k-1]); k-- {
			posts[k], posts[k-1] = posts[k-1], posts[k]
		}
	}
}

func number(p dom.JSON) int { return p.At("attributes", "number").Int() }

func isComment(p dom.JSON) bool {
	kind := attr(p, "contentType")
	return kind == "comment" || kind == ""
}

// discussionPages: the discussion lists all its posts; an address of a post
// shows those around it, and then the place of the first one counts.
func (r *reader) discussionPages(t *forum.Thread, j dom.JSON, posts []dom.JSON) {
	list := j.At("relationships", "posts", "data").List()
	t.PageCount = (max(len(list), j.At("attributes", "commentCount").Int()) + perPage - 1) / perPage
	t.Page = 1
	if n, ok := pageOf(r.doc.URL.Query()); ok && r.doc.URL.Query().Get("page") != "" {
		t.Page = n
	} else if len(posts) > 0 {
		for i, d := range list {
			if d.At("id").Text() == posts[0].At("id").Text() {
				t.Page = i/perPage + 1
			}
		}
	}
	t.PageCount = max(t.PageCount, t.Page)
	if r.page.Next = r.doc.NextLink(); r.page.Next == "" && r.doc.Data.Exists() && t.Page < t.PageCount {
		r.page.Next = t.URL + "?page=2"
	}
}

// poll reads the polls extension: a poll belongs to the first post, in older
// versions to the discussion.
func (r *reader) poll(j dom.JSON, posts []dom.JSON) *forum.Poll {
	owners := []dom.JSON{j}
	if len(posts) > 0 && number(posts[0]) == 1 {
		owners = append(owners, posts[0])
	}
	for _, owner := range owners {
		polls := append(r.many(owner, "polls"), r.one(owner, "poll"))
		for _, p := range polls {
			if p.Exists() {
				return r.pollOf(p)
			}
		}
	}
	return nil
}

func (r *reader) pollOf(j dom.JSON) *forum.Poll {
	p := &forum.Poll{Question: attr(j, "question"), Voters: j.At("attributes", "voteCount").Number()}
	if j.At("attributes").Has("hasEnded") {
		p.Closed = new(j.At("attributes", "hasEnded").True())
	}
	p.Closes = r.clock.Machine(attr(j, "endDate"), "")
	for _, o := range r.many(j, "options") {
		p.Options = append(p.Options, forum.PollOption{Text: attr(o, "answer"), Votes: o.At("attributes", "voteCount").Number()})
	}
	return p
}
