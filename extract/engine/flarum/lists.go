package flarum

import (
	"forumine/extract/dom"
	"forumine/extract/forum"
)

// lists reads a list of discussions, of all or of a tag, or the list of tags.
func (r *reader) lists(data []dom.JSON) {
	r.listKind()
	if len(data) > 0 && data[0].At("type").Text() == "users" {
		r.page.Kind = forum.KindOther
		return
	}
	if len(data) == 0 && r.forum().At("attributes").Has("canViewForum") && !r.forum().At("attributes", "canViewForum").True() {
		r.page.Kind = forum.KindLogin
		return
	}
	for _, j := range data {
		if j.At("type").Text() == "discussions" {
			r.page.Listing = append(r.page.Listing, r.row(j))
		}
	}
	r.boards()
	r.listPages()
}

func (r *reader) listPages() {
	r.page.PageNumber, _ = pageOf(r.doc.URL.Query())
	r.page.PageNumber = max(1, r.page.PageNumber)
	if r.page.Next = r.doc.NextLink(); r.page.Next == "" {
		r.page.PageCount = r.page.PageNumber
	}
}

// listKind tells whose list it is from the address: the documents are alike.
func (r *reader) listKind() {
	_, segs := split(r.doc.URL.Path)
	_, plain := pageOf(r.doc.URL.Query())
	switch {
	case len(segs) == 2 && segs[0] == "t":
		r.page.Kind = forum.KindBoard
		for _, tag := range r.tags {
			if attr(tag, "slug") == segs[1] {
				r.page.Path = r.tagPath(tag)
			}
		}
		if len(r.page.Path) == 0 {
			r.gaps.Add("path", "the address's tag is not in the document")
		}
	case !plain || (len(segs) > 0 && segs[0] != "all" && segs[0] != "tags"):
		r.page.Kind = forum.KindSearch
	default:
		r.page.Kind = forum.KindIndex
	}
}

func (r *reader) row(j dom.JSON) forum.Row {
	a := j.At("attributes")
	row := forum.Row{ID: j.At("id").Text(), URL: r.discussionURL(j), Title: attr(j, "title"), Type: "discussion"}
	row.Author, row.LastAuthor = r.user(r.one(j, "user")), r.user(r.one(j, "lastPostedUser"))
	row.Started = r.clock.Machine(attr(j, "createdAt"), "")
	row.LastPost = r.clock.Machine(attr(j, "lastPostedAt"), "")
	row.LastPostID = j.At("relationships", "lastPost", "data", "id").Text()
	if n := a.At("commentCount").Number(); n != nil && *n > 0 {
		replies := *n - 1
		row.ReplyCount = &replies
		row.PageCount = int((*n + perPage - 1) / perPage)
	}
	row.ViewCount = views(a)
	row.IsSticky, row.IsLocked = a.At("isSticky").True(), a.At("isLocked").True()
	if bestAnswer(j) != "" || a.At("hasBestAnswer").True() {
		row.IsSolved, row.Type = true, "question"
	}
	tags := r.many(j, "tags")
	_, row.Tags = r.pathAndTags(tags)
	for _, tag := range tags {
		row.Boards = append(row.Boards, attr(tag, "slug"))
	}
	return row
}

// boards lists the tags: all that the page knows on the index, a tag's own
// children on its page.
func (r *reader) boards() {
	under := ""
	if n := len(r.page.Path); n > 0 {
		under = r.page.Path[n-1].ID
	}
	if r.page.Kind == forum.KindSearch {
		return
	}
	for _, tag := range r.tags {
		parent := attr(r.one(tag, "parent"), "slug")
		if r.page.Kind == forum.KindBoard && parent != under || attr(tag, "slug") == "" {
			continue
		}
		b := forum.Board{ID: attr(tag, "slug"), Name: attr(tag, "name"), Description: attr(tag, "description"), ParentID: parent}
		b.URL = r.page.Root + "t/" + b.ID
		b.ThreadCount = tag.At("attributes", "discussionCount").Number()
		b.LastPost = r.clock.Machine(attr(tag, "lastPostedAt"), "")
		r.page.Boards = append(r.page.Boards, b)
	}
}
