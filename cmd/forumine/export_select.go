package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/query"

	"github.com/spf13/pflag"
)

// selection says which posts an export takes, as `search` would find them. With
// the posts go their threads and authors.
type selection struct {
	words  string
	filter query.Filter
}

func (sel *selection) add(fl *pflag.FlagSet) {
	fl.StringVar(&sel.words, "query", "", "only posts that this query finds, as in `forumine search`")
	fl.StringArrayVar(&sel.filter.Board, "board", nil, "only posts in this board, by name or id")
	fl.StringArrayVar(&sel.filter.Author, "author", nil, "only posts by this author, by name or id")
	fl.StringArrayVar(&sel.filter.Thread, "thread", nil, "only posts in this thread, by id, key or URL")
	fl.StringArrayVar(&sel.filter.Engine, "engine", nil, "only posts of sites of this engine")
	fl.StringVar(&sel.filter.Since, "since", "", "only posts not older than this day, month or year")
	fl.StringVar(&sel.filter.Until, "until", "", "only posts not newer than this day, month or year")
}

// node is the query that a post must match; nil when all do.
func (sel selection) node() (query.Node, error) {
	node, err := query.Parse(sel.words)
	if err != nil {
		return nil, misuse("%w", err)
	}
	filter, err := sel.filter.Node()
	if err != nil {
		return nil, misuse("%w", err)
	}
	joined := query.Join(node, filter)
	if _, all := joined.(query.All); all || joined == nil {
		return nil, nil
	}
	return joined, nil
}

// selected goes through the selected documents.
type selected struct {
	store *state.Reader
	site  string
	node  query.Node                                                                             // nil: everything of the site
	read  func(context.Context, state.Document) (body json.RawMessage, there bool, failed error) // nil: as stored

	threads, authors map[[8]byte]bool // of the posts that were taken; nil when everything is
}

// chosen is one document of an export.
type chosen struct {
	state.Document
	Body json.RawMessage
}

// each calls fn for the posts in the order of their keys, then for the threads,
// then for the authors. Without a query it needs memory for some documents
// only; with one, also some bytes for each thread and author that is taken.
func (sel *selected) each(ctx context.Context, fn func(chosen) error) error {
	if sel.node != nil {
		sel.threads, sel.authors = map[[8]byte]bool{}, map[[8]byte]bool{}
	}
	for _, kind := range []forum.DocKind{forum.DocPost, forum.DocThread, forum.DocAuthor} {
		if err := sel.ofKind(ctx, kind, fn); err != nil {
			return err
		}
	}
	return nil
}

// posts calls fn for the posts alone.
func (sel *selected) posts(ctx context.Context, fn func(chosen) error) error {
	sel.threads, sel.authors = map[[8]byte]bool{}, map[[8]byte]bool{}
	return sel.ofKind(ctx, forum.DocPost, fn)
}

func (sel *selected) ofKind(ctx context.Context, kind forum.DocKind, fn func(chosen) error) error {
	return sel.store.Documents(ctx, state.DocumentFilter{Kind: kind, Site: sel.site, LiveOnly: true}, func(d state.Document) error {
		if kind == forum.DocThread && sel.node != nil && !sel.threads[short(d.Key)] || kind == forum.DocAuthor && sel.node != nil && !sel.authors[short(d.Key)] {
			return nil
		}
		body := json.RawMessage(d.Body)
		if sel.read != nil {
			var there bool
			var err error
			if body, there, err = sel.read(ctx, d); err != nil || !there {
				return err
			}
		}
		if kind == forum.DocPost && sel.node != nil {
			if ok, err := sel.takes(body); err != nil || !ok {
				return err
			}
		}
		return fn(chosen{d, body})
	})
}

// takes tells whether a post is taken, and notes its thread and author.
func (sel *selected) takes(body json.RawMessage) (bool, error) {
	doc, err := query.Decode(body)
	if err != nil {
		return false, err
	}
	if !query.Matches(sel.node, doc) {
		return false, nil
	}
	p, err := index.ParsePost(body)
	if err != nil {
		return false, err
	}
	sel.threads[short(p.Thread.Key)], sel.authors[short(p.Author.Key)] = true, true
	for _, q := range p.Quotes {
		if q.AuthorKey != "" {
			sel.authors[short(q.AuthorKey)] = true
		}
	}
	return true, nil
}

// short is enough of a key's hash to tell keys apart.
func short(key string) [8]byte {
	sum := sha256.Sum256([]byte(key))
	return [8]byte(sum[:8])
}

// exportFormats lists the formats of `export`.
const exportFormats = "jsonl, csv, parquet or warc"

func unknownFormat(format string) error {
	return misuse("--format %q is not known: jsonl, csv, parquet and warc are", format)
}

// exported tells people what an export has written.
func exported(s streams, what string, n int, where string) {
	fmt.Fprintf(s.err, "%d %s written to %s\n", n, what, where)
}
