package flarum

import (
	"fmt"
	"strconv"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

func (r *reader) post(j dom.JSON, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	t := r.page.Thread
	p := forum.Post{ID: j.At("id").Text(), State: forum.PostVisible, Page: t.Page}
	if n := number(j); n > 0 {
		p.Position, p.PositionSource = int64(n), forum.PositionPostNumber
		p.URL = t.URL + "/" + strconv.Itoa(n)
	}
	if p.Author = r.author(j); p.Author.Name == "" && !p.Author.IsDeleted {
		gap("author.name", "the account that the post names is not in the document")
	}
	if p.Published = r.clock.Machine(attr(j, "createdAt"), ""); !p.Published.Known() {
		gap("published_at", "the post has no readable time")
	}
	if p.Edited = r.clock.Machine(attr(j, "editedAt"), ""); p.Edited.Known() {
		if editor := r.user(r.one(j, "editedUser")); editor != nil {
			p.EditedBy = editor.Name
		}
	}
	p.IsSolution = p.ID != "" && p.ID == t.SolutionPostID
	p.Reactions, p.Votes = r.reactions(j), votes(j)
	r.state(&p, j)
	return p
}

// state reads the body of a comment. Other posts are the engine's own lines of
// what was done: renamed, tagged, locked.
func (r *reader) state(p *forum.Post, j dom.JSON) {
	a := j.At("attributes")
	switch {
	case !isComment(j):
		p.State, p.Extra = forum.PostEvent, map[string]string{"action_code": attr(j, "contentType")}
		if text := eventText(a.At("content")); text != "" {
			p.Extra["event_text"] = text
		}
		return
	case a.At("isHidden").True() || a.At("hiddenAt").Exists():
		p.State = forum.PostDeleted
	case a.Has("isApproved") && !a.At("isApproved").True():
		p.State = forum.PostModerated
	}
	r.body(p, a.At("contentHtml").Text())
}

// eventText is what an event's data says in words: the old and the new title.
func eventText(j dom.JSON) string {
	var parts []string
	for _, item := range j.List() {
		if text := item.Text(); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " → ")
}

// The engine's own groups (Flarum\Group\Group).
const (
	groupAdmins     = "1"
	groupMembers    = "3"
	groupModerators = "4"
)

// author reads a post's account. A relationship to nobody, or none at all, is
// to an account that has been deleted.
func (r *reader) author(j dom.JSON) *forum.Author {
	u := r.one(j, "user")
	a := r.user(u)
	if a == nil {
		id := j.At("relationships", "user", "data", "id").Text()
		return &forum.Author{ID: id, IsDeleted: id == ""}
	}
	r.card(a, u)
	return a
}

func (r *reader) card(a *forum.Author, u dom.JSON) {
	at := u.At("attributes")
	a.Joined = r.clock.Machine(attr(u, "joinTime"), "")
	a.PostCount = at.At("commentCount").Number()
	a.ReactionScore = at.At("points").Number()
	for _, g := range r.many(u, "groups") {
		switch g.At("id").Text() {
		case groupMembers:
			continue
		case groupAdmins:
			a.Roles = append(a.Roles, "admin")
		case groupModerators:
			a.Roles = append(a.Roles, "moderator")
		}
		if name := attr(g, "nameSingular"); name != "" {
			a.Banners = append(a.Banners, name)
		}
	}
	if at.At("suspendedUntil").Exists() {
		a.Roles = append(a.Roles, "banned")
	}
	for _, rank := range r.many(u, "ranks") {
		if name := attr(rank, "name"); name != "" {
			a.Banners = append(a.Banners, name)
		}
	}
	card := dom.Card{Author: a, Clock: r.clock}
	card.Add("discussion_count", "", at.At("discussionCount").Text())
	for _, answer := range r.many(u, "bioFields") {
		card.Add("", r.fieldName(answer), attr(answer, "content"))
	}
}

// fieldName is the label of an answer to one of the forum's own profile fields:
// the field's resource has it, in version 1 the answer too.
func (r *reader) fieldName(answer dom.JSON) string {
	if name := attr(r.one(answer, "field"), "name"); name != "" {
		return name
	}
	return answer.At("attributes", "field", "name").Text()
}

// tally counts reactions by kind.
type tally struct{ *forum.Reactions }

func (t tally) add(kind string, n int64) {
	if n < 1 {
		return
	}
	if t.ByType[kind] == 0 {
		t.Types = append(t.Types, kind)
	}
	t.ByType[kind] += n
	t.Total += n
}

// one counts one reaction of an account, where that is known.
func (t tally) one(kind string, by *forum.Author) {
	t.add(kind, 1)
	if by != nil {
		t.Users = append(t.Users, by.Name)
	}
}

// reactions reads likes, of which newer versions send some accounts and the
// number, and the counts of the reactions extension.
func (r *reader) reactions(j dom.JSON) *forum.Reactions {
	out := tally{&forum.Reactions{ByType: map[string]int64{}}}
	for _, u := range r.many(j, "likes") {
		if a := r.user(u); a != nil {
			out.Users = append(out.Users, a.Name)
		}
	}
	likes := int64(len(j.At("relationships", "likes", "data").List()))
	if n := j.At("attributes", "likesCount").Number(); n != nil {
		likes = max(likes, *n)
	}
	out.add("like", likes)
	counts := j.At("attributes", "reactionCounts")
	for _, id := range counts.Keys() {
		if n := counts.At(id).Number(); n != nil {
			out.add(r.reactionKind(id), *n)
		}
	}
	if !counts.Exists() {
		for _, one := range r.many(j, "reactions") { // older versions list who gave which
			out.one(r.reactionKind(attr(one, "reactionId")), r.user(r.resources["users/"+attr(one, "userId")]))
		}
	}
	if out.Total == 0 {
		return nil
	}
	if n, ok := out.ByType["like"]; ok {
		out.Like = &n
	}
	out.UsersComplete = int64(len(out.Users)) == out.Total
	return out.Reactions
}

// reactionKind is the slug of one of the forum's reactions.
func (r *reader) reactionKind(id string) string {
	if kind := dom.Slug(attr(r.resources["reactions/"+id], "identifier")); kind != "" {
		return kind
	}
	return "other"
}

// votes reads the score of the voting extension.
func votes(j dom.JSON) *forum.Votes {
	if n := j.At("attributes", "votes").Number(); n != nil {
		return &forum.Votes{Score: n}
	}
	return nil
}
