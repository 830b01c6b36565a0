package vanilla

import (
	"fmt"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// record reads a discussion or a comment as the site's data have it.
func (r *reader) record(j dom.JSON, id string, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p := forum.Post{ID: id, State: forum.PostVisible, Page: r.page.Thread.Page, URL: r.doc.Resolve(j.At("url").Text())}
	if p.Author = r.account(j.At("insertUser")); p.Author == nil {
		gap("author", "the data name nobody")
	}
	if p.Published = r.clock.Machine(j.At("dateInserted").Text(), ""); !p.Published.Known() {
		gap("published_at", "no readable time in the data")
	}
	if p.Edited = r.clock.Machine(j.At("dateUpdated").Text(), ""); p.Edited.Known() {
		p.EditedBy = j.At("updateUser", "name").Text()
	}
	if body := j.At("body").Text(); body != "" {
		r.doc.ReadBody(r.rules, fragment(body)).Into(&p)
	} else {
		gap("body", "the data have no text")
	}
	if parent := j.At("parentCommentID").Text(); parent != "0" {
		p.ParentID = parent
	}
	if text := dom.FragmentText(j.At("insertUser", "signature", "body").Text()); text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
	if n := j.At("score").Number(); n != nil {
		p.Votes = &forum.Votes{Score: n}
	}
	p.IsSolution = j.At("attributes", "answer", "status").Text() == "accepted"
	p.Reactions = recordReactions(j.At("reactions").List())
	dom.CountContent(&p)
	return p
}

// account reads a user's fragment. Names of deleted accounts stand in brackets.
func (r *reader) account(j dom.JSON) *forum.Author {
	name := j.At("name").Text()
	if name == "" {
		return nil
	}
	a := &forum.Author{Name: name, ID: j.At("userID").Text(), URL: r.doc.Resolve(j.At("url").Text()), AvatarURL: r.doc.Resolve(j.At("photoUrl").Text())}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") || a.ID == "0" {
		a.IsDeleted, a.ID, a.URL = true, "", ""
	}
	if strings.Contains(a.AvatarURL, "vanillicon.com") || strings.Contains(a.AvatarURL, "defaulticon") {
		a.AvatarURL = ""
	}
	if a.Title = dom.FragmentText(j.At("title").Text()); a.Title == "" {
		a.Title = dom.FragmentText(j.At("label").Text())
	}
	for _, role := range j.At("roles").List() {
		if text := role.At("name").Text(); text != "" {
			a.Banners = append(a.Banners, text)
		}
	}
	if j.At("banned").True() {
		a.Roles = append(a.Roles, "banned")
	}
	return a
}

func recordReactions(list []dom.JSON) *forum.Reactions {
	out := &forum.Reactions{ByType: map[string]int64{}}
	for _, k := range list {
		n, kind := k.At("count").Number(), dom.Slug(k.At("urlcode").Text())
		if n == nil || *n < 1 || kind == "" {
			continue
		}
		out.ByType[kind] += *n
		out.Types = append(out.Types, kind)
		out.Total += *n
	}
	if out.Total == 0 {
		return nil
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	return out
}

// layoutTypes are the program's types of discussions that are types of threads.
var layoutTypes = map[string]string{"question": "question", "poll": "poll", "idea": "suggestion"}

func typeOf(j dom.JSON) string {
	if t := layoutTypes[j.At("type").Text()]; t != "" {
		return t
	}
	return "discussion"
}

// solved tells questions whose answer has been accepted, by the status that the
// plugin for questions gives them; nil for all else.
func solved(j dom.JSON) *bool {
	if typeOf(j) != "question" {
		return nil
	}
	return new(j.At("attributes", "question", "status").Text() == "accepted")
}

func (r *reader) layoutState(t *forum.Thread, d dom.JSON) {
	t.Type, t.IsSolved = typeOf(d), solved(d)
	if d.Has("closed") {
		t.IsLocked = new(d.At("closed").True())
	}
	if d.Has("pinned") {
		t.IsSticky = new(d.At("pinned").True())
	}
	t.ReplyCount, t.ViewCount = d.At("countComments").Number(), d.At("countViews").Number()
	t.LastPost, t.LastAuthor = r.clock.Machine(d.At("dateLastComment").Text(), ""), r.account(d.At("lastUser"))
	t.Tags = tagsOf(d)
}

// tagsOf are the tags that people gave; others tell of a state.
func tagsOf(d dom.JSON) []string {
	var out []string
	for _, tag := range d.At("tags").List() {
		if name := tag.At("name").Text(); name != "" && tag.At("type").Text() != "Status" {
			out = append(out, name)
		}
	}
	return out
}

func (r *reader) layoutRow(d dom.JSON) forum.Row {
	row := forum.Row{ID: d.At("discussionID").Text(), Title: dom.FragmentText(d.At("name").Text()), Type: typeOf(d)}
	row.URL = firstPage(r.doc.Resolve(d.At("url").Text()))
	row.Author, row.LastAuthor = r.account(d.At("insertUser")), r.account(d.At("lastUser"))
	row.Started, row.LastPost = r.clock.Machine(d.At("dateInserted").Text(), ""), r.clock.Machine(d.At("dateLastComment").Text(), "")
	row.ReplyCount, row.ViewCount = d.At("countComments").Number(), d.At("countViews").Number()
	row.IsSticky, row.IsLocked = d.At("pinned").True(), d.At("closed").True()
	if s := solved(d); s != nil {
		row.IsSolved = *s
	}
	row.LastPostID = d.At("lastCommentID").Text()
	row.Tags = tagsOf(d)
	if l, ok := linkOf(r.doc.Resolve(d.At("category", "url").Text())); ok && l.Kind == forum.KindBoard {
		row.Boards = []string{l.ID}
	}
	return row
}
