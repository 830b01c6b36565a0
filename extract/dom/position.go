package dom

import (
	"fmt"

	"forumine/extract/forum"
)

// FillPositions computes the positions that posts do not show: from the first
// one that is shown on the page, where one is. Else page one counts
// from 1; later pages need the posts per page, which a page that is not the
// last one teaches and facts may know (0: unknown). Extra posts that a page
// repeats above its own (a lead post) are the caller's to leave out.
func FillPositions(p *forum.Page, perPage int, gaps *Gaps) {
	t := p.Thread
	if t == nil {
		return
	}
	if n := len(p.Posts); t.Page < t.PageCount && n > 0 {
		perPage = n
		p.Learned.PostsPerPage = n
	}
	before := NumbersBefore(p.Posts, func(*forum.Post) bool { return true })
	for i := range p.Posts {
		post := &p.Posts[i]
		if post.Position > 0 {
			continue
		}
		if before >= 0 {
			post.Position, post.PositionSource = before+int64(i)+1, forum.PositionComputed
			continue
		}
		if t.Page > 1 && perPage == 0 {
			gaps.Add(fmt.Sprintf("posts[%d].position", i), "not shown, and the posts per page are not known")
			continue
		}
		post.Position, post.PositionSource = int64((t.Page-1)*perPage+i+1), forum.PositionComputed
	}
}

// StartFromFirst takes a thread's starter and start from its first post, where
// the page has it; else it records that they stand on the first page only.
func StartFromFirst(p *forum.Page, gaps *Gaps) {
	t := p.Thread
	if t == nil {
		return
	}
	if t.Page <= 1 && len(p.Posts) > 0 && p.Posts[0].Position <= 1 {
		first := p.Posts[0]
		if first.Author != nil && t.Author == nil {
			a := first.Author
			t.Author = &forum.Author{ID: a.ID, Name: a.Name, URL: a.URL, IsGuest: a.IsGuest, IsDeleted: a.IsDeleted}
		}
		if t.Started.IsZero() {
			t.Started = first.Published
		}
		return
	}
	if t.Author == nil {
		gaps.Add("thread.author", "shown on the first page only")
	}
	if t.Started.IsZero() {
		gaps.Add("thread.started_at", "shown on the first page only")
	}
}

// PromoteLocation makes a custom field the author's location: engines that
// write it before the date of registration, in a fixed order, give away what it
// is whatever the forum's language.
func PromoteLocation(a *forum.Author, label string) {
	key := labelSlug(label)
	value, ok := a.Fields[key]
	if !ok || a.Location != "" || a.Joined.IsZero() {
		return
	}
	a.Location = value
	delete(a.Fields, key)
	delete(a.FieldLabels, key)
	if len(a.Fields) == 0 {
		a.Fields, a.FieldLabels = nil, nil
	}
}
