package index

import (
	"encoding/json"
	"errors"
	"fmt"

	"forumine/extract/forum"
)

// Withhold takes out of what a page says of a post or thread that its forum has
// deleted what people wrote and who they are. Its place and its times stay. What
// has been withheld once stays as it is.
func (f Folder) Withhold(ref forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	switch ref.Kind {
	case forum.DocPost:
		return rewritten(ref, said, func(d *PostDoc) { *d = placeOfPost(d) })
	case forum.DocThread:
		return rewritten(ref, said, func(d *ThreadDoc) { *d = placeOfThread(d) })
	}
	return said, nil
}

// WithholdOpening takes the beginning of a thread's first post out of what a page
// says of the thread.
func (f Folder) WithholdOpening(ref forum.DocRef, said json.RawMessage) (json.RawMessage, error) {
	return rewritten(ref, said, func(d *ThreadDoc) { d.Excerpt = "" })
}

func rewritten[D any](ref forum.DocRef, said json.RawMessage, fn func(*D)) (json.RawMessage, error) {
	var b body[D]
	if err := json.Unmarshal(said, &b); err != nil {
		return nil, fmt.Errorf("reading what a page says of %s: %w", ref.Key, err)
	}
	fn(&b.Doc)
	return marshal(b)
}

func placeOfPost(d *PostDoc) PostDoc {
	out := PostDoc{Common: d.Common, Post: d.Post, PublishedTime: d.PublishedTime, Revision: d.Revision}
	out.Post.ParentKey = ""
	out.Thread = d.Thread
	out.EditedAt, out.EditedRaw, out.EditedPrecision, out.EditedTZ = d.EditedAt, d.EditedRaw, d.EditedPrecision, d.EditedTZ
	return out
}

func placeOfThread(d *ThreadDoc) ThreadDoc {
	out := ThreadDoc{Common: d.Common, Thread: d.Thread, RedirectTo: d.RedirectTo, SolutionPostKey: d.SolutionPostKey, ListingSignature: d.ListingSignature}
	out.Thread.Title, out.Thread.Prefix, out.Thread.Tags = "", nil, nil
	out.Thread.LastAuthorKey = ""
	return out
}

// WithholdRevision takes the words and the author out of an earlier version of a
// post that its forum has deleted; of one that is to be dropped there stays which
// one it is, and that it is retracted.
func (f Folder) WithholdRevision(raw []byte, drop bool) ([]byte, error) {
	var d RevisionDoc
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("reading a revision: %w", err)
	}
	if d.DocKind != forum.DocRevision {
		return nil, errors.New("reading a revision: it is a " + string(d.DocKind))
	}
	out := RevisionDoc{PostDoc: placeOfPost(&d.PostDoc), ReplacedAt: d.ReplacedAt}
	if !drop {
		return marshal(out)
	}
	only := RevisionDoc{ReplacedAt: d.ReplacedAt}
	only.SchemaVersion, only.DocKind, only.Retracted = d.SchemaVersion, d.DocKind, true
	only.Timestamp, only.FirstSeenAt, only.ChangedAt = d.FirstSeenAt, d.FirstSeenAt, d.ChangedAt
	only.Site.ID, only.Post.Key, only.Revision = d.Site.ID, d.Post.Key, d.Revision
	return marshal(only)
}

// Withheld is what a page says without the words and authors of those posts and
// threads that their forum has deleted, and without the beginning of a thread
// whose first post is one of them.
func Withheld(cs []forum.Contribution, deleted func(key string) bool) ([]forum.Contribution, error) {
	out := make([]forum.Contribution, len(cs))
	opening := false
	for i, c := range cs {
		if c.Doc.Kind == forum.DocPost && deleted(c.Doc.Key) {
			var b body[PostDoc]
			if err := json.Unmarshal(c.Body, &b); err != nil {
				return nil, fmt.Errorf("reading what a page says of %s: %w", c.Doc.Key, err)
			}
			opening = opening || b.Doc.opens()
		}
		out[i] = c
	}
	for i := range out {
		c := &out[i]
		var err error
		switch {
		case deleted(c.Doc.Key):
			c.Body, err = Folder{}.Withhold(c.Doc, c.Body)
			c.Read = nil // which has the words still
		case opening && c.Doc.Kind == forum.DocThread:
			c.Body, err = Folder{}.WithholdOpening(c.Doc, c.Body)
			c.Read = nil
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// opens tells whether the post opens its thread.
func (d *PostDoc) opens() bool { return d.Post.IsFirst != nil && *d.Post.IsFirst }
