package discourse

import (
	"net/url"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// listData reads a list of topics or of boards; false when the data holds
// neither.
func (r *reader) listData() bool {
	found := false
	for _, key := range r.data.Keys() {
		value := r.data.At(key)
		switch {
		case key == "categories_list":
			list := value.Nested().At("category_list", "categories")
			r.categories(list)
			found = true
			r.listKind()
			r.boards(list.List(), "")
		case strings.HasPrefix(key, "topic_list"):
			j := value.Nested()
			if !j.At("topic_list", "topics").Exists() {
				continue
			}
			found = true
			r.listKind()
			r.rows(j)
		}
	}
	if found && r.page.Kind != forum.KindSearch && len(r.page.Boards) == 0 {
		r.siteBoards()
	}
	return found
}

// listKind tells whose list it is from the address: the data of a board's list
// and of the newest topics is the same.
func (r *reader) listKind() {
	_, segs := split(r.doc.URL.Path)
	r.page.PageNumber, _ = listPage(r.doc.URL.Query())
	r.page.PageNumber = max(r.page.PageNumber, 1)
	switch {
	case len(segs) == 0 || segs[0] == "latest" || segs[0] == "categories":
		r.page.Kind = forum.KindIndex
	case segs[0] == "c":
		r.page.Kind = forum.KindBoard
		r.page.Path = r.boardPath()
	default:
		r.page.Kind = forum.KindSearch
	}
}

func (r *reader) boardPath() []forum.Crumb {
	l, ok := Engine{}.Canonical(r.doc.URL)
	if !ok || l.Kind != forum.KindBoard {
		return nil
	}
	if path := r.categoryPath(l.ID); len(path) > 0 {
		return path
	}
	for id, c := range r.cats { // an address without the number
		if c.slug == l.ID[strings.LastIndex(l.ID, "/")+1:] && c.slug != "" {
			return r.categoryPath(id)
		}
	}
	return nil
}

func (r *reader) rows(j dom.JSON) {
	users := map[string]dom.JSON{}
	for _, u := range j.At("users").List() {
		users[u.At("id").Text()] = u
		r.know(u.At("username").Text())
	}
	list := j.At("topic_list")
	r.categories(list.At("categories"))
	for _, t := range list.At("topics").List() {
		if row := r.row(t, users); row.ID != "" {
			r.page.Listing = append(r.page.Listing, row)
		}
	}
	r.page.Next = r.doc.NextLink()
	if more := list.At("more_topics_url").Text(); r.page.Next == "" && more != "" {
		r.page.Next = r.canonicalOr(r.absolute(more))
	}
	if r.page.Next == "" {
		r.page.PageCount = r.page.PageNumber
	}
}

// canonicalOr is the canonical form of a link where it has one.
func (r *reader) canonicalOr(href string) string {
	if u, err := url.Parse(href); err == nil {
		if l, ok := (Engine{}).Canonical(u); ok {
			return l.URL
		}
	}
	return href
}

func (r *reader) row(j dom.JSON, users map[string]dom.JSON) forum.Row {
	row := forum.Row{ID: j.At("id").Text(), Title: j.At("title").Text(), Type: "discussion"}
	row.URL = r.topicURL(j.At("slug").Text(), row.ID)
	if row.Title == "" {
		row.Title = dom.FragmentText(j.At("fancy_title").Text())
	}
	for _, tag := range j.At("tags").List() {
		if name := tag.Text() + tag.At("name").Text(); name != "" {
			row.Tags = append(row.Tags, name)
		}
	}
	row.Started = r.clock.Machine(j.At("created_at").Text(), "")
	row.LastPost = r.clock.Machine(j.At("last_posted_at").Text(), "")
	row.Active = r.clock.Machine(j.At("bumped_at").Text(), "")
	if row.LastPost.IsZero() {
		row.LastPost = row.Active
	}
	if id := j.At("category_id").Text(); id != "" {
		row.Boards = []string{id}
	}
	if n := j.At("posts_count").Number(); n != nil && *n > 0 {
		replies := *n - 1
		row.ReplyCount, row.PageCount = &replies, int((*n+chunk-1)/chunk)
	}
	row.ViewCount = j.At("views").Number()
	row.IsSticky = j.At("pinned").True() || j.At("pinned_globally").True()
	row.IsLocked = j.At("closed").True() || j.At("archived").True()
	if row.IsSolved = j.At("has_accepted_answer").True(); row.IsSolved || j.At("can_have_answer").True() {
		row.Type = "question"
	}
	r.posters(&row, j, users)
	return row
}

// posters: the engine puts the starter first and marks the last author.
func (r *reader) posters(row *forum.Row, j dom.JSON, users map[string]dom.JSON) {
	for i, p := range j.At("posters").List() {
		u := p.At("user") // older lists carry the account itself
		if !u.Exists() {
			u = users[p.At("user_id").Text()]
		}
		if i == 0 {
			row.Author = r.user(u)
		}
		if strings.Contains(p.At("extras").Text(), "latest") {
			row.LastAuthor = r.user(u)
		}
	}
	if name := j.At("last_poster_username").Text(); name != "" && row.LastAuthor == nil {
		row.LastAuthor = &forum.Author{ID: name, Name: name, URL: r.userURL(name)}
	}
}

// boards reads categories with those in them.
func (r *reader) boards(list []dom.JSON, parent string) {
	for _, j := range list {
		c, ok := r.cats[j.At("id").Text()]
		if !ok {
			continue
		}
		if parent == "" {
			parent = c.parent
		}
		r.page.Boards = append(r.page.Boards, r.board(c, j))
		r.boards(j.At("subcategory_list").List(), c.id)
	}
}

func (r *reader) board(c category, j dom.JSON) forum.Board {
	b := forum.Board{ID: c.id, Name: c.name, URL: r.categoryURL(c), ParentID: c.parent}
	b.Description = dom.FragmentText(j.At("description_text").Text())
	if b.Description == "" {
		b.Description = dom.FragmentText(j.At("description").Text())
	}
	b.ThreadCount, b.PostCount = j.At("topic_count").Number(), j.At("post_count").Number()
	for _, t := range j.At("topics").List() {
		st := r.clock.Machine(t.At("last_posted_at").Text(), "")
		if st.At.After(b.LastPost.At) {
			b.LastPost = st
		}
	}
	return b
}

// siteBoards lists the boards that every page's data knows: all of them on the
// index, a board's own on its page.
func (r *reader) siteBoards() {
	r.categories()
	under := ""
	if n := len(r.page.Path); n > 0 {
		under = r.page.Path[n-1].ID
	}
	for _, j := range r.data.At("site").Nested().At("categories").List() {
		c := r.cats[j.At("id").Text()]
		if c.id != "" && (under == "" && r.page.Kind == forum.KindIndex || under != "" && c.parent == under) {
			r.page.Boards = append(r.page.Boards, r.board(c, j))
		}
	}
}
