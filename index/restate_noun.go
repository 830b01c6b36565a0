package index

import (
	"reflect"
	"strings"
	"time"

	"forumine/extract/forum"
)

// From documents back to nouns.

// idIn is the native id within a key of some kind, "" where it is another key.
func idIn(site, kind, key string) string {
	id, ok := strings.CutPrefix(key, Key(site, kind, "-")[:len(site)+len(kind)+2])
	if !ok {
		return ""
	}
	return id
}

func stampFrom(at time.Time, raw string, precision forum.Precision, zone forum.Zone) forum.Stamp {
	return forum.Stamp{At: at, Raw: raw, Precision: precision, Zone: zone}
}

// authorOf is nil where no author is shown.
func authorOf(r AuthorRef) *forum.Author {
	if reflect.ValueOf(r).IsZero() {
		return nil
	}
	return &forum.Author{
		ID: r.ID, Name: r.Name, URL: r.URL, AvatarURL: r.AvatarURL,
		IsGuest: isTrue(r.IsGuest), IsDeleted: isTrue(r.IsDeleted), Title: r.Title, Banners: r.Banners, Roles: r.Roles,
		Joined:    stampFrom(r.JoinedAt, r.JoinedRaw, r.JoinedPrecision, r.JoinedTZ),
		PostCount: r.PostCount, ReactionScore: r.ReactionScore, TrophyPoints: r.TrophyPoints,
		Location: r.Location, Gender: r.Gender, Fields: r.Fields, FieldLabels: r.FieldLabels,
	}
}

func profileOf(d *AuthorDoc) *forum.Author {
	a := authorOf(d.Author)
	if a == nil {
		a = &forum.Author{}
	}
	a.About, a.Websites, a.ProfileSource = d.About, d.Websites, d.ProfileSource
	return a
}

func isTrue(b *bool) bool { return b != nil && *b }

func numberIn(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

func threadOf(d *ThreadDoc) *forum.Thread {
	return &forum.Thread{ID: d.Thread.ID, Title: d.Thread.Title, Author: authorOf(d.Author), Poll: pollFrom(d.Poll)}
}

func pollFrom(p Poll) *forum.Poll {
	if reflect.ValueOf(p).IsZero() {
		return nil
	}
	out := &forum.Poll{Question: p.Question}
	for _, r := range p.Results {
		out.Options = append(out.Options, forum.PollOption{Text: r.Text})
	}
	return out
}

func postOf(site string, d *PostDoc) forum.Post {
	p := forum.Post{
		ID: d.Post.ID, URL: d.Post.URL, Position: d.Post.Position, PositionSource: d.Post.PositionSource, Page: d.Post.Page,
		IsFirst: d.opens(), IsSolution: isTrue(d.Post.IsSolution), State: d.Post.State, ParentID: idIn(site, keyPost, d.Post.ParentKey),
		Author: authorOf(d.Author), Title: d.Title,
		Published: stampFrom(d.PublishedAt, d.PublishedRaw, d.PublishedPrecision, d.PublishedTZ),
		Edited:    stampFrom(d.EditedAt, d.EditedRaw, d.EditedPrecision, d.EditedTZ),
		EditedBy:  d.EditedBy, EditReason: d.EditReason, EditCount: d.EditCount,
		Body: forum.Body{
			Text: d.Body.Text, FullText: d.Body.FullText, HTML: d.Body.HTML, QuotedText: d.Body.QuotedText,
			SpoilerText: d.Body.SpoilerText, Code: d.Body.Code, Chars: numberIn(d.Body.Chars), Words: numberIn(d.Body.Words),
		},
		AttachmentCount: numberIn(d.AttachmentCount), ImageCount: numberIn(d.ImageCount),
		LinkCount: numberIn(d.LinkCount), QuoteCount: numberIn(d.QuoteCount),
		Reactions: reactionsFrom(d.Reactions), Extra: d.Extra,
	}
	if d.Signature.Text != "" {
		p.Signature = &forum.Signature{Text: d.Signature.Text}
	}
	if d.Votes != (Votes{}) {
		p.Votes = &forum.Votes{Score: d.Votes.Score, Up: d.Votes.Up, Down: d.Votes.Down}
	}
	takeParts(site, &p, d)
	return p
}

// takeParts gives a post the parts of its body.
func takeParts(site string, p *forum.Post, d *PostDoc) {
	for _, q := range d.Quotes {
		p.Quotes = append(p.Quotes, forum.Quote{Author: q.Author, AuthorID: idIn(site, keyUser, q.AuthorKey), PostID: q.PostID, IsExternal: q.IsExternal, Depth: q.Depth})
	}
	for _, m := range d.Mentions {
		p.Mentions = append(p.Mentions, forum.Mention{Name: m.Name, ID: idIn(site, keyUser, m.AuthorKey)})
	}
	for _, l := range d.Links {
		p.Links = append(p.Links, forum.PostLink{URL: l.URL, Domain: l.Domain, IsInternal: l.IsInternal})
	}
	for _, m := range d.Media {
		p.Media = append(p.Media, forum.Media(m))
	}
	for _, a := range d.Attachments {
		p.Attachments = append(p.Attachments, forum.Attachment(a))
	}
}

func reactionsFrom(r Reactions) *forum.Reactions {
	if r.Total == nil {
		return nil
	}
	return &forum.Reactions{
		Total: *r.Total, Like: r.Like, Dislike: r.Dislike, ByType: r.ByType, Types: r.Types,
		Users: r.Users, UsersComplete: isTrue(r.UsersComplete),
	}
}

// keyIDs gives what keys of posts are made of where that is another id.
func keyIDs(site string, d *PostDoc) map[string]string {
	out := map[string]string{}
	for _, q := range d.Quotes {
		if id := idIn(site, keyPost, q.PostKey); id != "" && id != q.PostID {
			out[q.PostID] = id
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
