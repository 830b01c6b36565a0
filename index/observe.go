package index

import (
	"encoding/json"
	"fmt"

	"forumine/extract/forum"
)

// Observation is what one page shows of a document. One of the documents is set,
// with the fields that the page shows.
type Observation struct {
	Source string // first, page, listing, card or cell: the sort of page element
	Post   *PostDoc
	Thread *ThreadDoc
	Author *AuthorDoc
}

// Observe reads a contribution that Contributions has made.
func Observe(c forum.Contribution) (Observation, error) {
	var o Observation
	var err error
	switch c.Doc.Kind {
	case forum.DocPost, forum.DocRevision:
		o.Post, o.Source, err = observed[PostDoc](c)
	case forum.DocThread:
		o.Thread, o.Source, err = observed[ThreadDoc](c)
	case forum.DocAuthor:
		o.Author, o.Source, err = observed[AuthorDoc](c)
	default:
		err = fmt.Errorf("%q is no kind of document", c.Doc.Kind)
	}
	if err != nil {
		return Observation{}, fmt.Errorf("reading what %s says of %s: %w", c.Page, c.Doc.Key, err)
	}
	return o, nil
}

func observed[D any](c forum.Contribution) (*D, string, error) {
	var b body[D]
	err := json.Unmarshal(c.Body, &b)
	return &b.Doc, string(b.Source), err
}

// ParsePost reads a rendered post or revision. Of a revision, replacedAt is when
// a crawl saw what came after it.
func ParsePost(raw []byte) (*RevisionDoc, error) {
	var d RevisionDoc
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("reading a post: %w", err)
	}
	return &d, nil
}

// ParseAuthor reads a rendered author.
func ParseAuthor(raw []byte) (*AuthorDoc, error) {
	var d AuthorDoc
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("reading an author: %w", err)
	}
	return &d, nil
}

// Common is the part that documents of every kind have: of an observation, site,
// crawl and extract.
func (o Observation) Common() Common {
	if c := o.common(); c != nil {
		return *c
	}
	return Common{}
}

func (o Observation) common() *Common {
	switch {
	case o.Post != nil:
		return &o.Post.Common
	case o.Thread != nil:
		return &o.Thread.Common
	case o.Author != nil:
		return &o.Author.Common
	}
	return nil
}

// Doc is the document that is set.
func (o Observation) Doc() any {
	switch {
	case o.Post != nil:
		return o.Post
	case o.Thread != nil:
		return o.Thread
	case o.Author != nil:
		return o.Author
	}
	return nil
}
