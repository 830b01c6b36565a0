package discourse

import (
	"fmt"
	"strconv"

	"forumine/extract/dom"
	"forumine/extract/forum"
)

// The post types of the data.
const (
	typeModeratorAction = 2
	typeSmallAction     = 3
	typeWhisper         = 4
)

func (r *reader) post(j dom.JSON, i int) forum.Post {
	gap := func(field, reason string) { r.gaps.Add(fmt.Sprintf("posts[%d].%s", i, field), reason) }
	p := forum.Post{ID: j.At("id").Text(), State: forum.PostVisible, Page: r.page.Thread.Page, Extra: map[string]string{}}
	if n := j.At("post_number").Number(); n != nil {
		p.Position, p.PositionSource = *n, forum.PositionPostNumber
	}
	p.URL = r.permalink(j, p.Position)
	if p.Author = r.author(j); p.Author == nil {
		gap("author", "the post's data names nobody")
	}
	if p.Published = r.clock.Machine(j.At("created_at").Text(), ""); !p.Published.Known() {
		gap("published_at", "the post's data has no readable time")
	}
	r.edits(&p, j)
	r.state(&p, j)
	r.parent(&p, j)
	p.IsSolution = j.At("accepted_answer").True()
	p.Reactions = reactions(j)
	if n := j.At("post_voting_vote_count").Number(); n != nil {
		p.Votes = &forum.Votes{Score: n}
	}
	if text := dom.FragmentText(j.At("user_signature").Text()); text != "" {
		p.Signature = &forum.Signature{Text: text}
	}
	r.extra(&p, j)
	return p
}

func (r *reader) permalink(j dom.JSON, number int64) string {
	if href := j.At("post_url").Text(); href != "" {
		return r.absolute(href)
	}
	return r.page.Thread.URL + "/" + strconv.FormatInt(number, 10)
}

// edits: version counts from 1; the time of the last edit is the post's own
// update time.
func (r *reader) edits(p *forum.Post, j dom.JSON) {
	v := j.At("version").Int()
	if v < 2 {
		return
	}
	p.EditCount = v - 1
	p.Edited = r.clock.Machine(j.At("updated_at").Text(), "")
	p.EditReason = j.At("edit_reason").Text()
}

// state reads the body of a post that shows one. The engine's own lines, of
// moves and closings, and its notices in the place of hidden and withdrawn
// posts are nobody's words.
func (r *reader) state(p *forum.Post, j dom.JSON) {
	cooked := j.At("cooked").Text()
	switch {
	case j.At("post_type").Int() == typeSmallAction:
		p.State = forum.PostEvent
		p.Extra["event_text"] = dom.FragmentText(cooked)
	case j.At("user_deleted").True() || j.At("deleted_at").Exists():
		p.State = forum.PostDeleted
	case j.At("hidden").True() || j.At("cooked_hidden").True():
		p.State = forum.PostModerated
	default:
		r.body(p, dom.Fragment(cooked))
	}
}

func (r *reader) parent(p *forum.Post, j dom.JSON) {
	n := j.At("reply_to_post_number").Number()
	if n == nil {
		return
	}
	number := strconv.FormatInt(*n, 10)
	p.Extra["reply_to_post_number"] = number
	p.ParentID = r.postID(r.topic, number)
}

func (r *reader) extra(p *forum.Post, j dom.JSON) {
	p.Extra["action_code"] = j.At("action_code").Text()
	if j.At("wiki").True() {
		p.Extra["wiki"] = "true"
	}
	switch j.At("post_type").Int() {
	case typeModeratorAction:
		p.Extra["post_type"] = "moderator_action"
	case typeWhisper:
		p.Extra["post_type"] = "whisper"
	}
	for k, v := range p.Extra {
		if v == "" {
			delete(p.Extra, k)
		}
	}
	if len(p.Extra) == 0 {
		p.Extra = nil
	}
}

// author reads the account of a post. A deleted account leaves no name.
func (r *reader) author(j dom.JSON) *forum.Author {
	a := r.user(j)
	if a == nil {
		if j.Has("username") && j.Has("cooked") {
			return &forum.Author{IsDeleted: true}
		}
		return nil
	}
	a.Title = j.At("user_title").Text()
	roles(a, j)
	for _, key := range [...]string{"primary_group_name", "flair_name"} {
		if name := j.At(key).Text(); name != "" && (len(a.Banners) == 0 || a.Banners[0] != name) {
			a.Banners = append(a.Banners, name)
		}
	}
	accountFields(a, j, "user_id")
	return a
}

func roles(a *forum.Author, j dom.JSON) {
	admin, moderator := j.At("admin").True(), j.At("moderator").True() || j.At("group_moderator").True()
	if admin {
		a.Roles = append(a.Roles, "admin")
	}
	if moderator {
		a.Roles = append(a.Roles, "moderator")
	}
	if j.At("staff").True() && !admin && !moderator {
		a.Roles = append(a.Roles, "staff")
	}
	if j.At("user_suspended").True() || j.At("suspended_till").Exists() {
		a.Roles = append(a.Roles, "banned")
	}
}

// accountFields keeps what has no field of its own: the full name, the number
// of the account, its trust level.
func accountFields(a *forum.Author, j dom.JSON, idKey string) {
	set := func(key, value string) {
		if value == "" {
			return
		}
		if a.Fields == nil {
			a.Fields = map[string]string{}
		}
		a.Fields[key] = value
	}
	if name := j.At("name").Text(); name != a.Name {
		set("name", name)
	}
	set("user_id", j.At(idKey).Text())
	set("trust_level", j.At("trust_level").Text())
}

// reactions reads the likes, which are left out where there are none, and the
// kinds that the reactions plugin tells apart.
func reactions(j dom.JSON) *forum.Reactions {
	out := &forum.Reactions{}
	for _, a := range j.At("actions_summary").List() {
		if n := a.At("count").Number(); a.At("id").Int() == 2 && n != nil && *n > 0 {
			out.Like, out.Total = n, *n
		}
	}
	kinds(out, j.At("reactions").List())
	if n := j.At("reaction_users_count").Number(); n != nil && *n > out.Total {
		out.Total = *n
	}
	if out.Total == 0 {
		return nil
	}
	if len(out.ByType) == 0 {
		like := out.Total
		out.Like, out.Types, out.ByType = &like, []string{"like"}, map[string]int64{"like": like}
	}
	return out
}

func kinds(out *forum.Reactions, list []dom.JSON) {
	var total int64
	for _, k := range list {
		n := k.At("count").Number()
		if n == nil || *n < 1 {
			continue
		}
		kind := reactionKind(k.At("id").Text())
		if out.ByType == nil {
			out.ByType = map[string]int64{}
		}
		out.ByType[kind] += *n
		out.Types = append(out.Types, kind)
		total += *n
	}
	if total > 0 {
		out.Total = total
		if like, ok := out.ByType["like"]; ok {
			out.Like = &like
		} else {
			out.Like = nil
		}
	}
}

// reactionKind is the slug of an emoji's name.
func reactionKind(id string) string {
	switch id {
	case "heart":
		return "like"
	case "+1":
		return "thumbsup"
	case "-1":
		return "thumbsdown"
	}
	if kind := dom.Slug(id); kind != "" {
		return kind
	}
	return "other"
}
