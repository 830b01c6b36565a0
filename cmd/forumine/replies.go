package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/query"
	"forumine/index/replies"

	"github.com/spf13/cobra"
)

type repliesFlags struct {
	data, format, by string
	filter           query.Filter
	kinds            []string
	nested           bool
	index            indexFlags
}

func newReplies(s streams) *cobra.Command {
	var f repliesFlags
	c := &cobra.Command{
		Use:   "replies",
		Short: "Tell who answered whom: one line an edge between posts, or a weight between authors",
		Long: `Tell who answered whom. An edge leads from a post to what it answers: the post
that the page says it replies to (kind parent), and the posts that it quotes
(kind quote). How the other end was found is said of each:

  id      the page names the post
  text    the latest earlier post in the thread, of the named author, that holds
          the quoted words
  author  the page names the author; which post is meant is not known
  none    the page gives a name that nobody in the thread has

--by author sums the edges up: one line a pair of authors. docs/replies.md
describes the fields.`,
		Example: `  forumine replies > edges.jsonl
  forumine replies --site forum.example.org --since 2024 --format csv > edges.csv
  forumine replies --by author --format graphml > people.graphml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runReplies(c.Context(), s, f) },
	}
	fl := c.Flags()
	dataFlag(fl, &f.data)
	fl.StringVar(&f.format, "format", "jsonl", "jsonl, csv or graphml")
	fl.StringVar(&f.by, "by", "post", "post: one line an edge; author: one line a pair of authors")
	fl.StringArrayVar(&f.kinds, "kind", nil, "parent, quote or mention; may be repeated (default: parent and quote)")
	fl.BoolVar(&f.nested, "nested", false, "quotes within quotes too")
	fl.StringArrayVar(&f.filter.Site, "site", nil, "only this site")
	fl.StringArrayVar(&f.filter.Board, "board", nil, "only this board, by name or id")
	fl.StringArrayVar(&f.filter.Thread, "thread", nil, "only this thread, by id, key or URL")
	fl.StringArrayVar(&f.filter.Author, "author", nil, "only answers by this author, by name or id")
	fl.StringVar(&f.filter.Since, "since", "", "only answers not older than this day, month or year")
	fl.StringVar(&f.filter.Until, "until", "", "only answers not newer than this day, month or year")
	f.index.add(fl)
	return c
}

func (f repliesFlags) options() (replies.Options, error) {
	o := replies.Options{Nested: f.nested}
	for _, k := range f.kinds {
		if !slices.Contains(replies.Kinds(), replies.Kind(k)) {
			return o, misuse("--kind %q is none of parent, quote, mention", k)
		}
		o.Kinds = append(o.Kinds, replies.Kind(k))
	}
	if f.by != "post" && f.by != "author" {
		return o, misuse("--by %q is none of post, author", f.by)
	}
	if !slices.Contains(replies.Formats(), f.format) {
		return o, misuse("--format %q is none of jsonl, csv, graphml", f.format)
	}
	return o, nil
}

func runReplies(ctx context.Context, s streams, f repliesFlags) (err error) {
	o, err := f.options()
	if err != nil {
		return err
	}
	ofPosts, err := f.filter.Node()
	if err != nil {
		return misuse("%w", err)
	}
	ofThreads, err := query.Filter{Site: f.filter.Site, Board: f.filter.Board, Thread: f.filter.Thread}.Node()
	if err != nil {
		return misuse("%w", err)
	}
	src, err := openReplySource(ctx, s, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	buffered := bufio.NewWriterSize(s.out, 1<<16)
	out, err := replies.NewWriter(buffered, f.format)
	if err != nil {
		return err
	}
	sum := &repliesSum{out: out, byAuthor: f.by == "author", table: replies.NewTable()}
	err = src.threads(ctx, ofThreads, func(thread string) error {
		docs, err := src.posts(ctx, thread)
		if err != nil {
			return err
		}
		edges, err := replies.Edges(ctx, docs, o, matching(ofPosts), src.post)
		if err != nil {
			return err
		}
		return sum.add(edges)
	})
	if err == nil {
		err = sum.end()
	}
	return errors.Join(err, buffered.Flush())
}

// matching tells documents that a query finds.
func matching(n query.Node) func(json.RawMessage) (bool, error) {
	if _, all := n.(query.All); all {
		return func(json.RawMessage) (bool, error) { return true, nil }
	}
	return func(raw json.RawMessage) (bool, error) {
		doc, err := query.Decode(raw)
		return err == nil && query.Matches(n, doc), err
	}
}

// repliesSum writes edges as they come, or what they come to.
type repliesSum struct {
	out      replies.Writer
	byAuthor bool
	table    *replies.Table
}

func (s *repliesSum) add(edges []replies.Edge) error {
	for _, e := range edges {
		if s.byAuthor {
			s.table.Add(e)
			continue
		}
		if err := s.out.Edge(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *repliesSum) end() error {
	for _, w := range s.table.Weights() {
		if err := s.out.Weight(w); err != nil {
			return err
		}
	}
	return s.out.Close()
}

// replySource is where the posts come from: the state of a data folder, which
// holds every document whatever index they go to, or Elasticsearch.
type replySource interface {
	threads(ctx context.Context, n query.Node, fn func(key string) error) error // in key order
	posts(ctx context.Context, thread string) ([]json.RawMessage, error)
	post(ctx context.Context, key string) (json.RawMessage, bool, error)
	Close() error
}

func openReplySource(ctx context.Context, s streams, f repliesFlags) (replySource, error) {
	if f.index.url != "" {
		client, err := openElastic(ctx, f.index, newLog(s, false))
		if err != nil {
			return nil, err
		}
		return elasticReplies{client}, nil
	}
	if err := dataFolder(f.data); err != nil {
		return nil, err
	}
	store, err := state.OpenReadOnly(ctx, f.data)
	if err != nil {
		return nil, err
	}
	return stateReplies{store}, nil
}

type stateReplies struct{ *state.Reader }

func (r stateReplies) threads(ctx context.Context, n query.Node, fn func(string) error) error {
	keep := matching(n)
	return r.Documents(ctx, state.DocumentFilter{Kind: forum.DocThread, LiveOnly: true}, func(d state.Document) error {
		ok, err := keep(d.Body)
		if err != nil || !ok {
			return err
		}
		return fn(d.Key)
	})
}

func (r stateReplies) posts(ctx context.Context, thread string) ([]json.RawMessage, error) {
	docs, err := r.ThreadPosts(ctx, thread)
	out := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		out[i] = d.Body
	}
	return out, err
}

func (r stateReplies) post(ctx context.Context, key string) (json.RawMessage, bool, error) {
	d, err := r.DocumentByKey(ctx, key)
	if errors.Is(err, state.ErrNotFound) || err == nil && d.Retracted {
		return nil, false, nil
	}
	return d.Body, err == nil, err
}

type elasticReplies struct{ *elastic.Client }

func (e elasticReplies) threads(ctx context.Context, n query.Node, fn func(string) error) error {
	return e.Threads(ctx, query.Query{Node: n}, func(d elastic.Document) error { return fn(d.Key) })
}

func (e elasticReplies) posts(ctx context.Context, thread string) ([]json.RawMessage, error) {
	docs, err := e.Thread(ctx, thread)
	if errors.Is(err, elastic.ErrNotFound) {
		return nil, nil // a thread of which only the listing is known
	}
	out := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		out[i] = d.Body
	}
	return out, err
}

func (e elasticReplies) post(ctx context.Context, key string) (json.RawMessage, bool, error) {
	d, err := e.Get(ctx, index.ID(key))
	if errors.Is(err, elastic.ErrNotFound) {
		return nil, false, nil
	}
	return d.Body, err == nil, err
}
