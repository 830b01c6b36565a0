package discourse

import (
	"slices"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// chunk is how many posts the engine puts on a page unless the data says.
const chunk = 20

// topicPage reads a topic from its data.
func (r *reader) topicPage(j dom.JSON) {
	r.page.Kind = forum.KindThread
	r.topic = apiTopic(j)
	r.categories(j.At("categories"))
	t := &forum.Thread{ID: r.topic, Title: j.At("title").Text(), Type: "discussion"}
	r.page.Thread = t
	items := j.At("post_stream", "posts").List()
	slices.SortStableFunc(items, func(a, b dom.JSON) int { return a.At("post_number").Int() - b.At("post_number").Int() }) // some answers begin with the newest
	t.URL = r.topicURL(topicSlug(j, items), t.ID)
	if t.Title == "" {
		t.Title = dom.FragmentText(j.At("fancy_title").Text())
	}
	if t.Title == "" {
		r.gaps.Add("thread.title", "the topic's data has no title")
	}
	r.page.Path = r.categoryPath(j.At("category_id").Text())
	if len(r.page.Path) == 0 {
		r.page.Path = r.plainPath()
	}
	if len(r.page.Path) == 0 {
		r.gaps.Add("path", "the data names the topic's board by its number at most")
	}
	r.topicState(t, j)
	r.topicPeople(t, j)
	r.numbers(j, items)
	r.topicPages(t, j, items)
	for i, p := range items {
		r.page.Posts = append(r.page.Posts, r.post(p, i))
	}
	r.topicPosts(t, items)
	r.accepted(t, j)
	r.topicVotes(j)
	r.answers(t)
}

// accepted reads what the plugin for solved topics says of the topic: the number
// of the post that answers it, which may be on another page. Newer versions know
// several answers.
func (r *reader) accepted(t *forum.Thread, j dom.JSON) {
	answers := append(j.At("accepted_answers").List(), j.At("accepted_answer"))
	for _, a := range answers {
		number := a.At("post_number").Text()
		if number == "" {
			continue
		}
		t.IsSolved = new(true)
		if t.Type == "discussion" {
			t.Type = "question"
		}
		if t.SolutionPostID == "" {
			t.SolutionPostID = r.postID(r.topic, number)
		}
		for i := range r.page.Posts {
			if p := &r.page.Posts[i]; strconv.FormatInt(p.Position, 10) == number {
				p.IsSolution = true
			}
		}
	}
}

// topicVotes: the plugin for voting on topics counts for the topic as a whole,
// which is its first post.
func (r *reader) topicVotes(j dom.JSON) {
	n := j.At("vote_count").Number()
	if n == nil || *n == 0 && !j.At("can_vote").True() {
		return
	}
	for i := range r.page.Posts {
		if p := &r.page.Posts[i]; p.Position == 1 && p.Votes == nil {
			p.Votes = &forum.Votes{Score: n}
		}
	}
}

// topicSlug is the topic's name in addresses, which the posts have too.
func topicSlug(j dom.JSON, items []dom.JSON) string {
	if slug := j.At("slug").Text(); slug != "" || len(items) == 0 {
		return slug
	}
	return items[0].At("topic_slug").Text()
}

func (r *reader) topicState(t *forum.Thread, j dom.JSON) {
	for _, tag := range j.At("tags").List() {
		name := tag.Text()
		if name == "" {
			name = tag.At("name").Text()
		}
		if name != "" {
			t.Tags = append(t.Tags, name)
		}
	}
	if j.Has("closed") || j.Has("archived") {
		t.IsLocked = new(j.At("closed").True() || j.At("archived").True())
	}
	if j.Has("pinned") || j.Has("pinned_globally") {
		t.IsSticky = new(j.At("pinned").True() || j.At("pinned_globally").True())
	}
	if n := j.At("posts_count").Number(); n != nil && *n > 0 {
		replies := *n - 1
		t.ReplyCount = &replies
	}
	t.ViewCount, t.ParticipantCount = j.At("views").Number(), j.At("participant_count").Number()
	t.Started = r.clock.Machine(j.At("created_at").Text(), "")
	t.LastPost = r.clock.Machine(j.At("last_posted_at").Text(), "")
}

// topicPeople reads starter and last author, and learns how the names that
// appear on the page are spelt.
func (r *reader) topicPeople(t *forum.Thread, j dom.JSON) {
	t.Author = r.user(j.At("details", "created_by"))
	t.LastAuthor = r.user(j.At("details", "last_poster"))
	for _, u := range j.At("details", "participants").List() {
		r.know(u.At("username").Text())
	}
	for _, p := range j.At("post_stream", "posts").List() {
		r.know(p.At("username").Text())
		for _, u := range p.At("mentioned_users").List() {
			r.know(u.At("username").Text())
		}
	}
}

// numbers learns which post has which number: those on the page say so, and a
// topic that has as many posts as its highest number has lost none, so that its
// list of ids is in the order of the numbers.
func (r *reader) numbers(j dom.JSON, items []dom.JSON) {
	stream := j.At("post_stream", "stream").List()
	if len(stream) > 0 && len(stream) == j.At("highest_post_number").Int() {
		for i, id := range stream {
			r.posts[int64(i+1)] = id.Text()
		}
	}
	if last := j.At("highest_post_number").Number(); last != nil && len(stream) > 0 {
		r.posts[*last] = stream[len(stream)-1].Text()
	}
	for _, p := range items {
		if n := p.At("post_number").Number(); n != nil {
			r.posts[*n] = p.At("id").Text()
		}
	}
}

// keyIDs gives, by native id, the form of a post's id that every face of the
// topic shows.
func (r *reader) keyIDs() map[string]string {
	if r.topic == "" || len(r.posts) == 0 {
		return nil
	}
	out := make(map[string]string, len(r.posts))
	for n, id := range r.posts {
		out[id] = plainID(r.topic, strconv.FormatInt(n, 10))
	}
	return out
}

// topicPages tells where in the topic the page stands. An address of a post
// shows the posts around it: there the place of the first one counts.
func (r *reader) topicPages(t *forum.Thread, j dom.JSON, items []dom.JSON) {
	size := j.At("chunk_size").Int()
	if size < 1 {
		size = chunk
	}
	stream := j.At("post_stream", "stream").List()
	count := len(stream)
	if count == 0 {
		count = j.At("posts_count").Int()
	}
	if count == 0 {
		return // some posts of the topic, which need not be a page
	}
	t.PageCount = max(1, (count+size-1)/size)
	t.Page = 1
	if n, err := strconv.Atoi(r.doc.URL.Query().Get("page")); err == nil && n > 0 {
		t.Page = n
	} else if len(items) > 0 {
		t.Page = placeOf(stream, items[0].At("id").Text())/size + 1
	}
	t.PageCount = max(t.PageCount, t.Page)
	r.page.Learned.PostsPerPage = size
	if n := len(stream); n > 0 {
		t.LastPostID = stream[n-1].Text()
	}
	r.page.Next = r.doc.NextLink()
	if r.page.Next == "" && t.Page < t.PageCount {
		r.page.Next = t.URL + "?page=" + strconv.Itoa(t.Page+1)
	}
}

func placeOf(stream []dom.JSON, id string) int {
	for i, s := range stream {
		if s.Text() == id {
			return i
		}
	}
	return 0
}

// topicPosts takes from the posts what the topic's own data lacks.
func (r *reader) topicPosts(t *forum.Thread, items []dom.JSON) {
	for i, p := range r.page.Posts {
		if p.Position == 1 {
			if t.Author == nil {
				t.Author = p.Author
			}
			if t.Poll = r.poll(items[i].At("polls").List()); t.Poll != nil {
				t.Type = "poll"
			}
		}
		if p.IsSolution {
			t.IsSolved, t.SolutionPostID = new(true), p.ID
			if t.Type == "discussion" {
				t.Type = "question"
			}
		}
	}
	for i := len(r.page.Posts) - 1; i > 0 && r.page.Posts[i].ID == t.LastPostID && r.page.Posts[i].State == forum.PostEvent; i-- {
		t.LastPostID = r.page.Posts[i-1].ID // the time of the last post counts none of the engine's own lines
	}
	if len(items) == 0 {
		r.gaps.Add("posts", "the topic's data holds no post")
	}
}

// poll reads the first poll of a post. Results of some stay hidden until it is
// closed: then options have no votes.
func (r *reader) poll(polls []dom.JSON) *forum.Poll {
	if len(polls) == 0 {
		return nil
	}
	j := polls[0]
	p := &forum.Poll{Question: dom.FragmentText(j.At("title").Text()), Voters: j.At("voters").Number()}
	if p.Question == "" && j.At("name").Text() != "poll" {
		p.Question = j.At("name").Text()
	}
	if status := j.At("status").Text(); status != "" {
		p.Closed = new(status == "closed")
	}
	p.Closes = r.clock.Machine(j.At("close").Text(), "")
	for _, o := range j.At("options").List() {
		p.Options = append(p.Options, forum.PollOption{Text: dom.FragmentText(o.At("html").Text()), Votes: o.At("votes").Number()})
	}
	return p
}

// category is one of the forum's boards as the site's data lists them.
type category struct {
	id, name, slug, parent string
}

// categories reads the site's boards, and those that a list brings along.
func (r *reader) categories(more ...dom.JSON) {
	if r.cats == nil {
		r.cats = map[string]category{}
		r.learnCategories(r.data.At("site").Nested().At("categories"))
	}
	for _, list := range more {
		r.learnCategories(list)
	}
}

func (r *reader) learnCategories(list dom.JSON) {
	for _, j := range list.List() {
		c := category{id: j.At("id").Text(), name: j.At("name").Text(), slug: j.At("slug").Text(), parent: j.At("parent_category_id").Text()}
		if c.id != "" && c.name != "" {
			r.cats[c.id] = c
		}
		r.learnCategories(j.At("subcategory_list"))
	}
}

// categoryPath leads from the outermost board to the one of this id.
func (r *reader) categoryPath(id string) []forum.Crumb {
	r.categories()
	var out []forum.Crumb
	for range 5 {
		c, ok := r.cats[id]
		if !ok {
			break
		}
		out = append([]forum.Crumb{{Name: c.name, ID: c.id, URL: r.categoryURL(c)}}, out...)
		id = c.parent
	}
	return out
}

func (r *reader) categoryURL(c category) string {
	slugs := []string{escape(c.slug), c.id}
	for range 5 {
		parent, ok := r.cats[c.parent]
		if !ok {
			break
		}
		slugs = append([]string{escape(parent.slug)}, slugs...)
		c = parent
	}
	return r.page.Root + "c/" + strings.Join(slugs, "/")
}
