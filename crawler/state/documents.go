package state

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"forumine/extract/forum"
)

// Document is a stored document with its body as delivered.
type Document struct {
	ID           string
	Kind         forum.DocKind
	Key          string
	Site         string
	Parent       string // of a post: key of its thread; of a revision: key of its post
	Author       string // of a post: key of its author
	State        string
	Version      int64
	Sequence     int64 // grows with every delivery of any document: greater means later
	Revision     int
	Retracted    bool
	PublishedAt  time.Time
	FirstSeenAt  time.Time
	ChangedAt    time.Time
	LastSeenAt   time.Time // newest visit to a page that showed it
	MissingSince time.Time
	Body         []byte
}

// DocumentFilter selects documents. Zero fields select all.
type DocumentFilter struct {
	Kind     forum.DocKind
	Site     string
	Parent   string
	LiveOnly bool   // leave out retracted ones
	After    string // only keys behind this one: where an interrupted export goes on
}

// documentBatch is how many documents one query of Documents reads.
const documentBatch = 200

// Documents calls fn for the selected documents in key order, in constant memory.
// Each batch is a snapshot of its own. Documents that were never delivered, such
// as authors that FoldAuthors has yet to fold, are left out.
func (r *Reader) Documents(ctx context.Context, f DocumentFilter, fn func(Document) error) error {
	return r.batches(ctx, func(last Document) (string, []any) {
		return sqlDocuments, []any{max(f.After, last.Key), f.Kind, f.Kind, f.Site, f.Site, f.Parent, f.Parent, f.LiveOnly, documentBatch}
	}, fn)
}

// batches calls fn for the documents of one query after another; each goes on
// behind the last document of the one before.
func (r *Reader) batches(ctx context.Context, query func(last Document) (string, []any), fn func(Document) error) error {
	var last Document
	for {
		batch := make([]Document, 0, documentBatch)
		statement, args := query(last)
		err := r.each(ctx, statement, args, func(scan func(...any) error) error {
			d, err := r.scanDocument(scan)
			batch = append(batch, d)
			return err
		})
		if err != nil {
			return wrap(err, "reading documents")
		}
		for i := range batch {
			if err := fn(batch[i]); err != nil {
				return err
			}
		}
		if len(batch) < documentBatch {
			return nil
		}
		last = batch[len(batch)-1]
	}
}

// LastSequence gives the greatest sequence of any document, 0 when there are none.
func (r *Reader) LastSequence(ctx context.Context) (int64, error) {
	var n int64
	err := r.one(ctx, sqlLastSequence, nil, &n)
	return n, wrap(err, "reading the last sequence")
}

// Changes calls fn for the selected documents that were delivered after one
// sequence and up to another, in that order, each once and in its present
// version; DocumentFilter.After does not apply. Sequences are given out in
// transactions that follow one another, so that whoever has seen everything up to
// LastSequence misses nothing by asking for what came after it.
func (r *Reader) Changes(ctx context.Context, after, upTo int64, f DocumentFilter, fn func(Document) error) error {
	return r.batches(ctx, func(last Document) (string, []any) {
		return sqlChanges, []any{max(after, last.Sequence), upTo, f.Kind, f.Kind, f.Site, f.Site, f.Parent, f.Parent, f.LiveOnly, documentBatch}
	}, fn)
}

// ThreadPosts gives the posts of a thread, retracted ones left out, in key order:
// what one thread holds at once.
func (r *Reader) ThreadPosts(ctx context.Context, thread string) ([]Document, error) {
	var out []Document
	err := r.each(ctx, sqlThreadPosts, []any{thread}, func(scan func(...any) error) error {
		d, err := r.scanDocument(scan)
		out = append(out, d)
		return err
	})
	return out, wrap(err, "reading the posts of %s", thread)
}

// DocumentByID gives one document; ErrNotFound when there is none.
func (r *Reader) DocumentByID(ctx context.Context, id string) (Document, error) {
	b, err := hex.DecodeString(id)
	if err != nil {
		return Document{}, fmt.Errorf("document id %q: %w", id, err)
	}
	d, err := r.scanDocument(func(dst ...any) error { return r.one(ctx, sqlReadDocument, []any{b}, dst...) })
	return d, wrap(err, "reading document %s", id)
}

// DocumentByKey gives one document by its readable key.
func (r *Reader) DocumentByKey(ctx context.Context, key string) (Document, error) {
	return r.DocumentByID(ctx, DocumentID(key))
}

func (r *Reader) scanDocument(scan func(...any) error) (Document, error) {
	var d Document
	var id, body []byte
	var published, first, changed, last, missing int64
	err := scan(&id, &d.Kind, &d.Key, &d.Site, &d.Parent, &d.Author, &d.State, &d.Version, &d.Revision, &d.Retracted,
		&published, &first, &changed, &missing, &d.Sequence, &last, &body)
	if err != nil {
		return d, err
	}
	d.ID = hex.EncodeToString(id)
	d.PublishedAt, d.FirstSeenAt, d.ChangedAt = timeOf(published), timeOf(first), timeOf(changed)
	d.MissingSince, d.LastSeenAt = timeOf(missing), timeOf(last)
	d.Body, err = r.codec.decode(body)
	return d, err
}

// ContributionsTo gives what all pages say of a document, oldest first: the
// answer to "why does it look like that?".
func (r *Reader) ContributionsTo(ctx context.Context, ref forum.DocRef) ([]forum.Contribution, error) {
	var out []forum.Contribution
	err := r.each(ctx, sqlContributionsByKey, []any{ref.Key}, func(scan func(...any) error) error {
		c := forum.Contribution{Doc: ref}
		var at int64
		var body []byte
		if err := scan(&c.Page, &c.Rank, &at, &c.Extractor, &c.FactsVersion, &body); err != nil {
			return err
		}
		c.ObservedAt = timeOf(at)
		var err error
		c.Body, err = r.codec.decode(body)
		out = append(out, c)
		return err
	})
	return out, wrap(err, "reading contributions to %s", ref.Key)
}
