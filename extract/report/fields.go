package report

import (
	"cmp"
	"slices"
	"strings"

	"forumine/extract/forum"
)

// The things that have fields.
const (
	thingPost   = "post"
	thingThread = "thread"
	thingRow    = "row"
	thingBoard  = "board"
)

// order is the order in which fields are listed: as they are asked for.
var order = map[string][]string{
	thingPost:   {"id", "url", "position", "author", "author.id", "published_at", "body.text", "title", "author.avatar_url", "author.joined_at", "author.post_count", "edited_at", "edited_by", "signature", "quotes", "quotes.author", "attachments", "reactions"},
	thingThread: {"id", "title", "path", "page_count", "author", "started_at", "reply_count"},
	thingRow:    {"id", "title", "author", "reply_count", "view_count", "started_at", "last_post_at", "last_post_id", "last_author"},
	thingBoard:  {"id", "name", "description", "thread_count", "post_count", "last_post_at"},
}

// tally counts one thing's fields.
type tally struct {
	b             *builder
	engine, thing string
}

func (t tally) has(name string, have bool) {
	key := Field{Engine: t.engine, Thing: t.thing, Name: name}
	if t.b.fields[key] == nil {
		t.b.fields[key] = &Field{Engine: t.engine, Thing: t.thing, Name: name}
	}
	t.b.fields[key].Of++
	if have {
		t.b.fields[key].Have++
	}
}

func (b *builder) fill(p *forum.Page) {
	for i := range p.Posts {
		fillPost(tally{b, p.Engine, thingPost}, &p.Posts[i])
	}
	if p.Thread != nil {
		fillThread(tally{b, p.Engine, thingThread}, p)
	}
	for i := range p.Listing {
		fillRow(tally{b, p.Engine, thingRow}, &p.Listing[i])
	}
	for i := range p.Boards {
		fillBoard(tally{b, p.Engine, thingBoard}, &p.Boards[i])
	}
}

func fillPost(t tally, p *forum.Post) {
	t.has("id", p.ID != "")
	t.has("url", p.URL != "")
	t.has("position", p.Position > 0)
	t.has("author", p.Author != nil && p.Author.Name != "")
	t.has("published_at", p.Published.Known())
	t.has("body.text", p.Body.Text != "" || p.Body.QuotedText != "" || len(p.Media) > 0 || p.State != forum.PostVisible && p.State != "")
	t.has("title", p.Title != "")
	t.has("edited_at", p.Edited.Known())
	t.has("edited_by", p.EditedBy != "")
	t.has("signature", p.Signature != nil)
	t.has("quotes", len(p.Quotes) > 0)
	t.has("attachments", len(p.Attachments) > 0)
	t.has("reactions", p.Reactions != nil)
	for _, q := range p.Quotes {
		t.has("quotes.author", q.Author != "")
	}
	if a := p.Author; a != nil && !a.IsGuest && !a.IsDeleted {
		t.has("author.id", a.ID != "")
		t.has("author.avatar_url", a.AvatarURL != "")
		t.has("author.joined_at", a.Joined.Known())
		t.has("author.post_count", a.PostCount != nil)
	}
}

// fillThread leaves out what only a thread's first page shows on the others.
func fillThread(t tally, p *forum.Page) {
	t.has("id", p.Thread.ID != "")
	t.has("title", p.Thread.Title != "")
	t.has("path", len(p.Path) > 0)
	t.has("page_count", p.Thread.PageCount > 0)
	t.has("reply_count", p.Thread.ReplyCount != nil)
	if p.Thread.Page <= 1 {
		t.has("author", p.Thread.Author != nil)
		t.has("started_at", p.Thread.Started.Known())
	}
}

// fillRow leaves out of moved threads' stubs what these do not show.
func fillRow(t tally, r *forum.Row) {
	t.has("title", r.Title != "")
	t.has("author", r.Author != nil)
	t.has("started_at", r.Started.Known())
	if r.IsMoved {
		return
	}
	t.has("id", r.ID != "")
	t.has("reply_count", r.ReplyCount != nil)
	t.has("view_count", r.ViewCount != nil)
	t.has("last_post_at", r.LastPost.Known())
	t.has("last_post_id", r.LastPostID != "")
	t.has("last_author", r.LastAuthor != nil)
}

// fillBoard leaves out of links what only boards have, and of boards without a
// post the time of the last.
func fillBoard(t tally, b *forum.Board) {
	t.has("name", b.Name != "")
	t.has("description", b.Description != "")
	if b.IsLink {
		return
	}
	t.has("id", b.ID != "")
	t.has("thread_count", b.ThreadCount != nil)
	t.has("post_count", b.PostCount != nil)
	if b.ThreadCount == nil || *b.ThreadCount > 0 {
		t.has("last_post_at", b.LastPost.Known())
	}
}

// report puts the numbers into their order.
func (b *builder) report() Report {
	r := Report{Pages: b.pages, Errors: b.errors}
	for k, n := range b.kinds {
		k.Pages = n
		r.Kinds = append(r.Kinds, k)
	}
	slices.SortFunc(r.Kinds, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Kind, b.Kind))
	})
	r.Posts, r.Off = compare(b.threads)
	for _, f := range b.fields {
		r.Fields = append(r.Fields, *f)
	}
	slices.SortFunc(r.Fields, compareFields)
	for _, g := range b.gaps {
		r.Gaps = append(r.Gaps, *g)
	}
	slices.SortFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Engine, b.Engine), cmp.Compare(b.Times, a.Times), strings.Compare(a.Path, b.Path))
	})
	for _, d := range b.drift {
		r.Drift = append(r.Drift, *d)
	}
	slices.SortFunc(r.Drift, func(a, b Drift) int {
		return cmp.Or(cmp.Compare(a.Engine, b.Engine), cmp.Compare(b.Pages, a.Pages), strings.Compare(a.What, b.What))
	})
	return r
}

var things = []string{thingThread, thingPost, thingRow, thingBoard}

func compareFields(a, b Field) int {
	return cmp.Or(cmp.Compare(a.Engine, b.Engine),
		cmp.Compare(slices.Index(things, a.Thing), slices.Index(things, b.Thing)),
		cmp.Compare(slices.Index(order[a.Thing], a.Name), slices.Index(order[b.Thing], b.Name)))
}
