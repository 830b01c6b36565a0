package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"forumine/extract/forum"
)

// digest is the sha256 of a document's canonical JSON without what is not worth
// a write alone: crawl.*, what the page's other parts say of the reading, the
// author's snapshot but for who it is, view counts, values computed from others,
// and words such as "yesterday" where the time could be read.
func digest(doc any) (string, error) {
	var slim any
	switch d := doc.(type) {
	case *PostDoc:
		slim = slimPost(*d)
	case *ThreadDoc:
		slim = slimThread(*d)
	case *AuthorDoc:
		slim = slimAuthor(*d)
	default:
		return "", fmt.Errorf("digesting a %T: not a document", doc)
	}
	raw, err := marshal(slim)
	if err != nil {
		return "", fmt.Errorf("digesting a document: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d|%T|", SchemaVersion, doc)
	h.Write(raw)
	return hex.EncodeToString(h.Sum(nil)), nil
}

func slimCommon(c *Common) {
	c.Crawl, c.Sequence = Crawl{}, 0
	c.Extract.Confidence, c.Extract.Warnings, c.Extract.Gaps = 0, nil, nil
}

func slimPost(d PostDoc) PostDoc {
	slimCommon(&d.Common)
	d.Author = AuthorRef{Key: d.Author.Key, IsOP: d.Author.IsOP}
	d.Body.Hash, d.Body.Simhash, d.Signature.Hash = "", "", ""
	d.Attachments = slices.Clone(d.Attachments)
	for i := range d.Attachments {
		d.Attachments[i].ViewCount = nil
	}
	dropRaw(d.PublishedAt, &d.PublishedRaw)
	dropRaw(d.EditedAt, &d.EditedRaw)
	dropRaw(d.Thread.StartedAt, &d.Thread.StartedRaw)
	return d
}

func slimThread(d ThreadDoc) ThreadDoc {
	slimCommon(&d.Common)
	d.Author = AuthorRef{Key: d.Author.Key}
	d.Thread.ViewCount, d.Thread.CountsRounded, d.ListingSignature = nil, false, ""
	dropRaw(d.Thread.StartedAt, &d.Thread.StartedRaw)
	dropRaw(d.Thread.LastPostAt, &d.Thread.LastPostRaw)
	dropRaw(d.Poll.ClosesAt, &d.Poll.ClosesRaw)
	return d
}

func slimAuthor(d AuthorDoc) AuthorDoc {
	slimCommon(&d.Common)
	d.Author.FieldPairs = nil
	dropRaw(d.Author.JoinedAt, &d.Author.JoinedRaw)
	dropRaw(d.LastActiveAt, &d.LastActiveRaw)
	return d
}

func dropRaw(at time.Time, raw *string) {
	if !at.IsZero() {
		*raw = ""
	}
}

// contentDigest changes when the title or the words of a post do. White space and
// markup make no revision.
func contentDigest(d *PostDoc) string {
	var b strings.Builder
	for _, s := range []string{d.Title, d.Body.Text, d.Body.QuotedText} {
		b.WriteString(strings.Join(strings.Fields(s), " "))
		b.WriteByte(0)
	}
	return hexHash(b.String())
}

// Render writes a folded document as one line of JSON for the indices. A field
// of which nothing is known is absent.
func (f Folder) Render(folded Folded, meta Meta) ([]byte, error) {
	switch d := folded.Doc.(type) {
	case *PostDoc:
		return marshal(f.renderedPost(*d, forum.DocPost, meta))
	case *ThreadDoc:
		doc := *d
		takeMeta(&doc.Common, forum.DocThread, meta, doc.Thread.StartedAt)
		return marshal(doc)
	case *AuthorDoc:
		doc := *d
		takeMeta(&doc.Common, forum.DocAuthor, meta, doc.Author.JoinedAt)
		return marshal(doc)
	}
	return nil, fmt.Errorf("rendering a %T: not a document", folded.Doc)
}

func (f Folder) renderedPost(d PostDoc, kind forum.DocKind, meta Meta) PostDoc {
	takeMeta(&d.Common, kind, meta, d.PublishedAt)
	d.Revision = meta.Revision
	d.Body.Lang, d.Body.LangConfidence = f.language(prose(d.Body.Text, d.Body.Code))
	if !meta.MissingSince.IsZero() && d.Post.State == forum.PostVisible {
		d.Post.State = forum.PostMissing
	}
	return d
}

func takeMeta(c *Common, kind forum.DocKind, meta Meta, at time.Time) {
	c.SchemaVersion, c.DocKind, c.Retracted = SchemaVersion, kind, meta.Retracted
	c.FirstSeenAt, c.ChangedAt = goodTime(meta.FirstSeenAt), goodTime(meta.ChangedAt)
	c.MissingSince = goodTime(meta.MissingSince)
	c.Timestamp = at
	if at.IsZero() {
		c.Timestamp = c.FirstSeenAt
	}
}

// Revise turns the rendered body of a post into that of the revision that it
// becomes when a crawl sees another version.
func (f Folder) Revise(body []byte, replacedAt time.Time) ([]byte, error) {
	var doc RevisionDoc
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("reading a post: %w", err)
	}
	doc.DocKind, doc.ReplacedAt = forum.DocRevision, goodTime(replacedAt)
	return marshal(doc)
}
