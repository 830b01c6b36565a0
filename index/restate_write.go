package index

import (
	"slices"
	"strings"

	"forumine/extract/forum"
)

// From nouns into the documents that they were made of. What a noun cannot hold
// stays in its document as it was; what a document does not tell stays untold.

func putCommon(c *Common, part *forum.Page) {
	c.Crawl.URL, c.Extract.Warnings = part.URL, texts(part.Extract.Warnings)
}

func putThread(site string, d *ThreadDoc, part *forum.Page) {
	putCommon(&d.Common, part)
	t := part.Thread
	d.Thread.Title, d.Author = strings.TrimSpace(t.Title), authorRef(site, t.Author)
	if t.Poll == nil {
		d.Poll = Poll{}
		return
	}
	d.Poll.Question, d.Poll.Options = t.Poll.Question, nil
	d.Poll.Results = slices.Clone(d.Poll.Results)
	for i, o := range t.Poll.Options {
		d.Poll.Options = append(d.Poll.Options, o.Text)
		d.Poll.Results[i].Text = o.Text
	}
	d.Poll.Options = texts(d.Poll.Options)
}

func putPost(site string, d *PostDoc, part *forum.Page) {
	p := &part.Posts[0]
	putCommon(&d.Common, part)
	d.Author = authorRef(site, p.Author)
	d.Post.URL, d.Extra = p.URL, slugged(p.Extra)
	if p.ParentID == "" {
		d.Post.ParentKey = ""
	}
	if d.Post.IsSolution != nil {
		d.Post.IsSolution = &p.IsSolution
	}
	d.EditedBy, d.EditReason, d.EditCount = p.EditedBy, p.EditReason, small(p.EditCount)
	d.Signature.Text = ""
	if p.Signature != nil {
		d.Signature.Text = p.Signature.Text
	}
	if p.Votes == nil {
		d.Votes = Votes{}
	}
	putReactions(&d.Reactions, p.Reactions)
	putContent(site, &d.Content, part)
}

func putReactions(d *Reactions, r *forum.Reactions) {
	if r == nil {
		*d = Reactions{}
		return
	}
	d.Users, d.UsersComplete = texts(r.Users), &r.UsersComplete
}

func putContent(site string, d *Content, part *forum.Page) {
	p := &part.Posts[0]
	b := p.Body
	d.Title = p.Title
	d.Body.Text, d.Body.FullText, d.Body.HTML, d.Body.QuotedText = b.Text, b.FullText, b.HTML, b.QuotedText
	d.Body.SpoilerText, d.Body.Code = b.SpoilerText, b.Code
	for to, n := range map[**int]int{
		&d.Body.Chars: b.Chars, &d.Body.Words: b.Words, &d.AttachmentCount: p.AttachmentCount,
		&d.ImageCount: p.ImageCount, &d.LinkCount: p.LinkCount, &d.QuoteCount: p.QuoteCount,
	} {
		if *to != nil {
			*to = counted(n)
		}
	}
	d.Quotes, d.Mentions, d.Links, d.Media, d.Attachments = nil, nil, nil, nil, nil
	for _, q := range p.Quotes {
		edge := Quote{Author: q.Author, PostID: q.PostID, IsExternal: q.IsExternal, Depth: q.Depth}
		if !q.IsExternal {
			edge.AuthorKey, edge.PostKey = forum.Key(site, keyUser, q.AuthorID), part.PostKey(site, q.PostID)
		}
		d.Quotes = append(d.Quotes, edge)
	}
	for _, m := range p.Mentions {
		d.Mentions = append(d.Mentions, Mention{Name: m.Name, AuthorKey: forum.Key(site, keyUser, m.ID)})
	}
	for _, l := range p.Links {
		d.Links = append(d.Links, PostLink{URL: l.URL, Domain: l.Domain, IsInternal: l.IsInternal})
	}
	for _, m := range p.Media {
		d.Media = append(d.Media, Media(m))
	}
	for _, a := range p.Attachments {
		d.Attachments = append(d.Attachments, Attachment(a))
	}
}
