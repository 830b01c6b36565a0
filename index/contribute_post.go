package index

import (
	"cmp"
	"fmt"

	"forumine/extract/forum"
)

// cutPosts takes the posts of a thread's page, or of a post's own page. A search
// shows excerpts, which are not posts.
func (c *cutter) cutPosts() {
	if c.page.Kind != forum.KindThread && c.page.Kind != forum.KindPost {
		return
	}
	for i := range c.page.Posts {
		p := &c.page.Posts[i]
		c.addAuthor(p.Author, sourceCard)
		c.add(forum.DocPost, c.postKey(i), forum.RankPage, body[PostDoc]{Source: sourcePage, Doc: c.postDoc(i)})
	}
}

func (c *cutter) postKey(i int) string {
	if id := c.page.Posts[i].ID; id != "" {
		return c.page.PostKey(c.site, id)
	}
	address := ""
	if c.page.Thread != nil {
		address = c.page.Thread.URL
	}
	return postKey(c.site, address, c.prov.PageKey, &c.page.Posts[i], i+1)
}

func (c *cutter) postDoc(i int) PostDoc {
	p := &c.page.Posts[i]
	doc := PostDoc{
		Common: c.shared(fmt.Sprintf("posts[%d].", i)),
		Post: PostRef{
			ID: p.ID, Key: c.postKey(i), URL: p.URL, Page: small(p.Page), State: p.State,
			PostPosition: PostPosition{Position: p.Position, PositionSource: p.PositionSource},
			IsFirst:      c.told(p.IsFirst), IsSolution: c.told(p.IsSolution),
			ParentKey: c.page.PostKey(c.site, p.ParentID),
		},
		Author: authorRef(c.site, p.Author),
		EditedTime: EditedTime{
			EditedBy: p.EditedBy, EditReason: p.EditReason, EditCount: small(p.EditCount),
		},
		Content:   c.content(p),
		Reactions: reactionsOf(p.Reactions),
	}
	doc.Extra = slugged(p.Extra)
	if t := c.page.Thread; t != nil {
		doc.Thread = ThreadRef{ID: t.ID, Key: c.threadKey(), URL: t.URL}
	}
	if p.Signature != nil {
		doc.Signature.Text = p.Signature.Text
	}
	if p.Votes != nil {
		doc.Votes = Votes{Score: p.Votes.Score, Up: p.Votes.Up, Down: p.Votes.Down}
	}
	put(p.Published, &doc.PublishedAt, &doc.PublishedRaw, &doc.PublishedPrecision, &doc.PublishedTZ)
	put(p.Edited, &doc.EditedAt, &doc.EditedRaw, &doc.EditedPrecision, &doc.EditedTZ)
	return doc
}

// told is a flag's value where a thread's page says it either way; a post's own
// page says only that it is set.
func (c *cutter) told(set bool) *bool {
	if set || c.page.Kind == forum.KindThread {
		return &set
	}
	return nil
}

func (c *cutter) content(p *forum.Post) Content {
	b := p.Body
	content := Content{
		Title: p.Title,
		Body: Body{
			Text: b.Text, FullText: b.FullText, HTML: b.HTML, QuotedText: b.QuotedText,
			SpoilerText: b.SpoilerText, Code: b.Code, Chars: counted(b.Chars), Words: counted(b.Words),
		},
		AttachmentCount: counted(p.AttachmentCount), ImageCount: counted(p.ImageCount),
		LinkCount: counted(p.LinkCount), QuoteCount: counted(p.QuoteCount),
	}
	for _, q := range p.Quotes {
		content.Quotes = append(content.Quotes, c.quote(q))
	}
	for _, m := range p.Mentions {
		content.Mentions = append(content.Mentions, Mention{Name: m.Name, AuthorKey: forum.Key(c.site, keyUser, m.ID)})
	}
	for _, l := range p.Links {
		content.Links = append(content.Links, PostLink{URL: l.URL, Domain: cmp.Or(l.Domain, domainOf(l.URL)), IsInternal: l.IsInternal})
	}
	for _, m := range p.Media {
		content.Media = append(content.Media, Media(m))
	}
	for _, a := range p.Attachments {
		content.Attachments = append(content.Attachments, Attachment(a))
	}
	return content
}

// quote is an edge of the quote graph. Ids of another forum name nothing here.
func (c *cutter) quote(q forum.Quote) Quote {
	edge := Quote{Author: q.Author, PostID: q.PostID, IsExternal: q.IsExternal, Depth: small(q.Depth)}
	if !q.IsExternal {
		edge.AuthorKey = forum.Key(c.site, keyUser, q.AuthorID)
		edge.PostKey = c.page.PostKey(c.site, q.PostID)
	}
	return edge
}

func reactionsOf(r *forum.Reactions) Reactions {
	if r == nil {
		return Reactions{}
	}
	total, complete := r.Total, r.UsersComplete
	out := Reactions{
		Total: &total, Like: r.Like, Dislike: r.Dislike,
		Types: texts(r.Types), Users: texts(r.Users), UsersComplete: &complete,
	}
	for kind, n := range r.ByType {
		if out.ByType == nil {
			out.ByType = map[string]int64{}
		}
		out.ByType[reactionSlug(kind)] += n
	}
	return out
}

// reactionSlug keeps a kind of reaction that can be a field's name: every kind
// becomes a field of the mapping.
func reactionSlug(kind string) string {
	if kind == "" || len(kind) > 64 {
		return "other"
	}
	for _, r := range kind {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return "other"
		}
	}
	return kind
}
