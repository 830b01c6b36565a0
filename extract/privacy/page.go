package privacy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"forumine/extract/forum"
)

func (t *turn) thread(in *forum.Thread) *forum.Thread {
	if in == nil {
		return nil
	}
	out := *in
	out.Title = t.title(in.Title, in.ID, in.Author)
	out.Author, out.LastAuthor = t.author(in.Author), t.author(in.LastAuthor)
	out.Poll = t.poll(in.Poll)
	if out.Title == forgottenMark {
		out.Poll = nil
	}
	return &out
}

func (t *turn) poll(in *forum.Poll) *forum.Poll {
	if in == nil {
		return nil
	}
	out := *in
	out.Question, out.Options = t.text(in.Question), slices.Clone(in.Options)
	for i := range out.Options {
		out.Options[i].Text = t.text(out.Options[i].Text)
	}
	return &out
}

func (t *turn) rows(in []forum.Row) []forum.Row {
	out := make([]forum.Row, 0, len(in))
	for _, r := range in {
		if r.ID == "" && r.URL != "" { // of a sitemap, which names accounts, too
			if r.URL = t.linkURL(r.URL); r.URL == "" {
				continue
			}
		}
		r.Title = t.title(r.Title, r.ID, r.Author)
		r.Author, r.LastAuthor = t.author(r.Author), t.author(r.LastAuthor)
		out = append(out, r)
	}
	return out
}

// author gives what may be kept of an account or a guest.
func (t *turn) author(in *forum.Author) *forum.Author {
	if in == nil || t.policy.Authors == Drop || t.gone.author(t.site, in) {
		return nil
	}
	out := *in
	out.Fields, out.FieldLabels = t.fields(in)
	out.Banners, out.Roles, out.Websites = slices.Clone(in.Banners), slices.Clone(in.Roles), slices.Clone(in.Websites)
	out.About, out.Location, out.Title = t.masked(in.About), t.masked(in.Location), t.masked(in.Title)
	t.dropOwn(&out)
	if t.hides() {
		out.ID, out.Name = t.id(in.ID), t.name(in.Name)
		out.URL, out.AvatarURL = t.personURL(in.URL), t.whose(in.AvatarURL)
		out.Title = t.named(out.Title)
		out.About, out.Websites = "", nil
	}
	return &out
}

// dropOwn drops the parts of an author that the policy names.
func (t *turn) dropOwn(a *forum.Author) {
	for field, drop := range map[string]func(){
		"about":      func() { a.About = "" },
		"avatar":     func() { a.AvatarURL = "" },
		"banners":    func() { a.Banners = nil },
		"gender":     func() { a.Gender = "" },
		"joined":     func() { a.Joined = forum.Stamp{} },
		"location":   func() { a.Location = "" },
		"post_count": func() { a.PostCount = nil },
		"roles":      func() { a.Roles = nil },
		"title":      func() { a.Title = "" },
		"websites":   func() { a.Websites = nil },
	} {
		if t.dropped[field] {
			drop()
		}
	}
}

func (t *turn) fields(in *forum.Author) (values, labels map[string]string) {
	values, labels = maps.Clone(in.Fields), maps.Clone(in.FieldLabels)
	for slug, v := range values {
		if t.dropped["fields"] || t.dropped[slug] {
			delete(values, slug)
			delete(labels, slug)
			continue
		}
		values[slug] = t.named(t.text(v))
	}
	return values, labels
}

// posts gives what may be kept of a page's posts, and its gaps, which count them.
func (t *turn) posts(in []forum.Post, gaps []forum.Gap) ([]forum.Post, []forum.Gap) {
	var out []forum.Post
	place := map[int]int{} // of the posts that stay
	for i := range in {
		if p, ok := t.post(&in[i]); ok {
			place[i] = len(out)
			out = append(out, p)
		}
	}
	if len(out) == len(in) {
		return out, gaps
	}
	moved := []forum.Gap{}
	for _, g := range gaps {
		if g.Path = movedPath(g.Path, place); g.Path != "" {
			moved = append(moved, g)
		}
	}
	return out, moved
}

// movedPath is the path of a gap once posts have gone; empty where its own has.
func movedPath(path string, place map[int]int) string {
	rest, ok := strings.CutPrefix(path, "posts[")
	number, field, closed := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	if !ok || !closed || err != nil {
		return path
	}
	to, stays := place[i]
	if !stays {
		return ""
	}
	return "posts[" + strconv.Itoa(to) + "]" + field
}

func (t *turn) post(in *forum.Post) (forum.Post, bool) {
	p := *in
	if t.isGone(in) {
		return p, false
	}
	if in.State == forum.PostDeleted && t.policy.Deleted != KeepDeleted {
		redact(&p) // what is dropped, too, has to be known as deleted
	}
	t.unquote(&p)
	w := t.wordsOf(&p)
	p.Author = t.author(p.Author)
	p.Title, p.EditReason = w.text(p.Title), w.text(p.EditReason)
	p.Body = w.body(p.Body)
	p.Signature = t.signature(p.Signature)
	p.Quotes, p.Mentions = t.quotes(p.Quotes), t.mentions(p.Mentions)
	p.Links, p.Media = t.links(p.Links), t.media(p.Media)
	p.Attachments, p.Reactions = t.attachments(p.Attachments), t.reactions(p.Reactions)
	p.Extra = t.extra(p.Extra)
	p.EditedBy = t.name(p.EditedBy)
	if t.hides() {
		p.URL = t.permalink(p.URL)
	}
	return p, true
}

// redact takes the words and the author of a post that its forum deleted.
func redact(p *forum.Post) {
	*p = forum.Post{
		ID: p.ID, Key: p.Key, URL: p.URL, Position: p.Position, PositionSource: p.PositionSource, Page: p.Page,
		IsFirst: p.IsFirst, State: p.State, Published: p.Published, Edited: p.Edited,
	}
}

func (t *turn) signature(in *forum.Signature) *forum.Signature {
	if in == nil || t.hides() || t.dropped["signature"] {
		return nil
	}
	return &forum.Signature{Text: t.text(in.Text)}
}

func (t *turn) quotes(in []forum.Quote) []forum.Quote {
	out := slices.Clone(in)
	for i := range out {
		q := &out[i]
		q.Author, q.AuthorID, q.AuthorKey = t.name(q.Author), t.id(q.AuthorID), ""
	}
	return out
}

func (t *turn) mentions(in []forum.Mention) []forum.Mention {
	if t.policy.Authors == Drop {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(in), func(m forum.Mention) bool {
		return t.gone.name(t.site, m.Name) || t.gone.id(t.site, m.ID)
	})
	for i := range out {
		m := &out[i]
		m.Name, m.ID, m.AuthorKey = t.name(m.Name), t.id(m.ID), ""
	}
	return out
}

func (t *turn) links(in []forum.PostLink) []forum.PostLink {
	var out []forum.PostLink
	for _, l := range in {
		if l.URL = t.linkURL(l.URL); l.URL != "" {
			out = append(out, l)
		}
	}
	return out
}

func (t *turn) media(in []forum.Media) []forum.Media {
	out := slices.Clone(in)
	for i := range out {
		out[i].URL = t.linkURL(out[i].URL)
	}
	return out
}

func (t *turn) attachments(in []forum.Attachment) []forum.Attachment {
	out := slices.Clone(in)
	for i := range out {
		out[i].URL, out[i].Filename = t.linkURL(out[i].URL), t.named(out[i].Filename)
	}
	return out
}

func (t *turn) reactions(in *forum.Reactions) *forum.Reactions {
	if in == nil {
		return nil
	}
	out := *in
	out.Users = slices.Clone(in.Users)
	for i, name := range out.Users {
		out.Users[i] = t.name(name)
	}
	if all := len(out.Users); all > 0 {
		out.Users = slices.DeleteFunc(out.Users, func(name string) bool { return name == "" })
		out.UsersComplete = in.UsersComplete && len(out.Users) == all
	}
	if t.policy.Authors == Drop {
		out.Users, out.UsersComplete = nil, false
	}
	return &out
}

func (t *turn) extra(in map[string]string) map[string]string {
	out := maps.Clone(in)
	for k, v := range out {
		out[k] = t.named(t.text(v))
	}
	return out
}

// body gives what may be kept of a body, in all its forms.
func (w *words) body(in forum.Body) forum.Body {
	out := in
	out.Text, out.FullText, out.QuotedText = w.text(in.Text), w.text(in.FullText), w.text(in.QuotedText)
	out.SpoilerText, out.Code = w.text(in.SpoilerText), w.text(in.Code)
	out.HTML = w.html(in.HTML)
	if out.FullText == out.Text {
		out.FullText = ""
	}
	out.Chars = utf8.RuneCountInString(out.Text)
	return out
}
