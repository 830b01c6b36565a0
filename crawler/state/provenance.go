package state

import (
	"context"

	"forumine/extract/forum"
)

// Source is what one page says of a document, with the capture that it was read
// from.
type Source struct {
	forum.Contribution
	Capture Capture // its Ref is empty for a page that was never archived
}

// Sources gives what all pages say of a document, oldest first: the chain that
// leads from the document to the archive.
func (r *Reader) Sources(ctx context.Context, ref forum.DocRef) ([]Source, error) {
	var out []Source
	err := r.each(ctx, sqlSources, []any{ref.Key}, func(scan func(...any) error) error {
		s := Source{Contribution: forum.Contribution{Doc: ref}}
		var at int64
		var body []byte
		if err := scan(&s.Capture.Site, &s.Page, &s.Capture.URL, &s.Capture.Ref, &s.Capture.Outcome, &s.Rank, &at,
			&s.Extractor, &s.FactsVersion, &body); err != nil {
			return err
		}
		s.ObservedAt = timeOf(at)
		s.Capture.Key, s.Capture.ObservedAt = s.Page, s.ObservedAt
		s.Capture.Extractor, s.Capture.FactsVersion = s.Extractor, s.FactsVersion
		var err error
		s.Body, err = r.codec.decode(body)
		out = append(out, s)
		return err
	})
	return out, wrap(err, "reading the sources of %s", ref.Key)
}

// PageCaptures gives every settled capture of a page, oldest first, also those
// that nothing rests on any more.
func (r *Reader) PageCaptures(ctx context.Context, site, key string) ([]Capture, error) {
	var out []Capture
	err := r.each(ctx, sqlPageCaptures, []any{site, key}, func(scan func(...any) error) error {
		var c Capture
		var at int64
		err := scan(&c.Site, &c.Key, &c.URL, &c.Ref, &at, &c.Outcome, &c.Extractor, &c.FactsVersion)
		c.ObservedAt = timeOf(at)
		out = append(out, c)
		return err
	})
	return out, wrap(err, "reading the captures of %s", key)
}

// Revisions gives the older versions of a post, oldest first.
func (r *Reader) Revisions(ctx context.Context, post string) ([]Document, error) {
	var out []Document
	err := r.each(ctx, sqlRevisions, []any{post}, func(scan func(...any) error) error {
		d, err := r.scanDocument(scan)
		out = append(out, d)
		return err
	})
	return out, wrap(err, "reading the revisions of %s", post)
}

// Said gives what a page says of each document at present, in the order of their
// keys.
func (r *Reader) Said(ctx context.Context, site, page string) ([]forum.Contribution, error) {
	var out []forum.Contribution
	err := r.each(ctx, sqlSaid, []any{site, page}, func(scan func(...any) error) error {
		c := forum.Contribution{Page: page}
		var at int64
		var body []byte
		if err := scan(&c.Doc.Kind, &c.Doc.Key, &c.Rank, &at, &c.Extractor, &c.FactsVersion, &body); err != nil {
			return err
		}
		c.ObservedAt = timeOf(at)
		var err error
		c.Body, err = r.codec.decode(body)
		out = append(out, c)
		return err
	})
	return out, wrap(err, "reading what %s says", page)
}
