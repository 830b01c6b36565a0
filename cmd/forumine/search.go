package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic"
	"forumine/index/local"
	"forumine/index/query"

	"github.com/spf13/cobra"
)

// searcher is what `search` and `show` ask of an index.
type searcher interface {
	Search(ctx context.Context, q query.Query) (found, error)
	Get(ctx context.Context, name string) (json.RawMessage, forum.DocKind, error)
	Thread(ctx context.Context, name string) ([]json.RawMessage, error)
	Close() error
}

// found is one page of hits, whatever index gave them.
type found struct {
	total int64
	hits  []local.Hit
}

// openSearcher opens the embedded index for reading, or connects to
// Elasticsearch.
func openSearcher(ctx context.Context, s streams, data string, f indexFlags) (searcher, error) {
	if f.url != "" {
		client, err := openElastic(ctx, f, newLog(s, false))
		if err != nil {
			return nil, err
		}
		return elasticSearcher{client}, nil
	}
	if err := dataFolder(data); err != nil {
		return nil, err
	}
	x, err := local.Open(data, local.Options{ReadOnly: true})
	if errors.Is(err, local.ErrNoIndex) {
		return nil, fmt.Errorf("%w: what this folder holds was delivered to Elasticsearch, or nothing was crawled yet; `forumine reindex` fills the embedded index", err)
	}
	if err != nil {
		return nil, err
	}
	return localSearcher{x}, nil
}

type localSearcher struct{ *local.Index }

func (l localSearcher) Search(ctx context.Context, q query.Query) (found, error) {
	r, err := l.Index.Search(ctx, q)
	return found{r.Total, r.Hits}, err
}

func (l localSearcher) Get(ctx context.Context, name string) (json.RawMessage, forum.DocKind, error) {
	d, err := l.Index.Get(ctx, name)
	return d.Body, d.Kind, err
}

func (l localSearcher) Thread(ctx context.Context, name string) ([]json.RawMessage, error) {
	docs, err := l.Index.Thread(ctx, name)
	out := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		out[i] = d.Body
	}
	return out, err
}

type elasticSearcher struct{ *elastic.Client }

func (e elasticSearcher) Search(ctx context.Context, q query.Query) (found, error) {
	r, err := e.Client.Search(ctx, q)
	out := found{total: r.Total}
	for _, h := range r.Hits {
		out.hits = append(out.hits, local.Hit{ID: h.ID, Kind: h.Kind, Score: h.Score, Document: h.Document, Fragments: h.Fragments})
	}
	return out, err
}

func (e elasticSearcher) Get(ctx context.Context, name string) (json.RawMessage, forum.DocKind, error) {
	d, err := e.Client.Get(ctx, name)
	return d.Body, d.Kind, err
}

func (e elasticSearcher) Thread(ctx context.Context, name string) ([]json.RawMessage, error) {
	docs, err := e.Client.Thread(ctx, name)
	out := make([]json.RawMessage, len(docs))
	for i, d := range docs {
		out[i] = d.Body
	}
	return out, err
}

type searchFlags struct {
	data   string
	filter query.Filter
	kind   string
	limit  int
	sort   string
	json   bool
	index  indexFlags
}

func newSearch(s streams) *cobra.Command {
	var f searchFlags
	c := &cobra.Command{
		Use:   "search [QUERY]",
		Short: "Search what was crawled",
		Long: `Search posts, threads and authors. A query holds words (all must occur),
"phrases", -exclusions, OR, (groups), prefix* and field:value; docs/search.md
defines it. Matches are marked **like this**.`,
		Example: `  forumine search "first light"
  forumine search 'filter -infrared author:"Ada Quill"' --since 2024 --limit 20
  forumine search 'has:attachment board:"Clock repair"' --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return runSearch(c.Context(), s, f, strings.Join(args, " "))
		},
	}
	fl := c.Flags()
	dataFlag(fl, &f.data)
	fl.StringArrayVar(&f.filter.Site, "site", nil, "only this site")
	fl.StringArrayVar(&f.filter.Board, "board", nil, "only this board, by name or id")
	fl.StringArrayVar(&f.filter.Author, "author", nil, "only this author, by name or id")
	fl.StringArrayVar(&f.filter.Thread, "thread", nil, "only this thread, by id, key or URL")
	fl.StringArrayVar(&f.filter.Engine, "engine", nil, "only sites of this engine")
	fl.StringVar(&f.filter.Since, "since", "", "not older than this day, month or year")
	fl.StringVar(&f.filter.Until, "until", "", "not newer than this day, month or year")
	fl.StringVar(&f.kind, "kind", "post", "post, thread, author, revision, or all")
	fl.IntVar(&f.limit, "limit", query.DefaultLimit, "hits to show")
	fl.StringVar(&f.sort, "sort", "relevance", "relevance, newest or oldest")
	fl.BoolVar(&f.json, "json", false, "print one JSON line a hit")
	f.index.add(fl)
	return c
}

func (f searchFlags) query(words string) (query.Query, error) {
	q := query.Query{Limit: f.limit}
	node, err := query.Parse(words)
	if err != nil {
		return q, misuse("%w", err)
	}
	filter, err := f.filter.Node()
	if err != nil {
		return q, misuse("%w", err)
	}
	if f.kind == query.KindAuthor && words != "" && !strings.ContainsAny(words, ":()\"") {
		node = query.Or{Nodes: []query.Node{node, query.Keyword{Field: "author", Value: words}}} // a person is looked for by name
	}
	q.Node = query.Join(node, filter)
	if q.Sort, err = query.ParseSort(f.sort); err != nil {
		return q, misuse("%w", err)
	}
	switch f.kind {
	case query.KindPost, query.KindThread, query.KindAuthor, query.KindRevision:
		q.Kind = f.kind
	case "all":
	default:
		return q, misuse("--kind %q is none of post, thread, author, revision, all", f.kind)
	}
	if f.limit < 1 || f.limit > 10000 {
		return q, misuse("--limit must be between 1 and 10000")
	}
	return q, nil
}

func runSearch(ctx context.Context, s streams, f searchFlags, words string) (err error) {
	q, err := f.query(words)
	if err != nil {
		return err
	}
	x, err := openSearcher(ctx, s, f.data, f.index)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	r, err := x.Search(ctx, q)
	if err != nil {
		return err
	}
	if f.json {
		return printHitLines(s.out, r)
	}
	return printHits(s.out, r)
}

func printHitLines(out io.Writer, r found) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, h := range r.hits {
		if err := enc.Encode(h); err != nil {
			return fmt.Errorf("writing a hit: %w", err)
		}
	}
	return nil
}

func printHits(out io.Writer, r found) error {
	for _, h := range r.hits {
		o, err := index.ParseDocument(h.Document)
		if err != nil {
			return err
		}
		printOverview(out, o)
		if len(h.Fragments) == 0 && o.Text != "" {
			fmt.Fprintf(out, "    %s\n", shorten(o.Text, 160))
		}
		for _, fragment := range h.Fragments {
			fmt.Fprintf(out, "    %s\n", strings.Join(strings.Fields(fragment), " "))
		}
	}
	fmt.Fprintf(out, "%d of %d\n", len(r.hits), r.total)
	return nil
}

// printOverview prints one document in two lines: what it is, and where.
func printOverview(out io.Writer, o index.Overview) {
	head := []string{string(o.Kind)}
	if o.Title != "" {
		head = append(head, o.Title)
	}
	if o.Position > 0 {
		head = append(head, fmt.Sprintf("#%d", o.Position))
	}
	if o.Author != "" && o.Kind != forum.DocAuthor {
		head = append(head, "by "+o.Author)
	}
	if !o.Published.IsZero() {
		head = append(head, o.Published.Format("2006-01-02 15:04"))
	}
	if o.Board != "" {
		head = append(head, "in "+o.Board)
	}
	fmt.Fprintf(out, "%s\n    %s\n", strings.Join(head, " · "), strings.Join(nonEmpty(o.ID, o.URL), "  "))
}

func nonEmpty(parts ...string) []string {
	out := parts[:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func newShow(s streams) *cobra.Command {
	var data string
	var asJSON bool
	var f indexFlags
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Print a post, a thread with its posts, or an author",
		Long:  `Print one document, named by its id, key, native id or URL. A thread is printed with its posts.`,
		Example: `  forumine show https://forum.example.org/threads/first-light.12/
  forumine show "forum.example.org|post|345" --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runShow(c.Context(), s, data, f, args[0], asJSON) },
	}
	dataFlag(c.Flags(), &data)
	f.add(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print the documents as JSON lines")
	return c
}

func runShow(ctx context.Context, s streams, data string, f indexFlags, name string, asJSON bool) (err error) {
	x, err := openSearcher(ctx, s, data, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	doc, kind, err := x.Get(ctx, name)
	if err != nil {
		return err
	}
	docs := []json.RawMessage{doc}
	if kind == forum.DocThread {
		o, err := index.ParseDocument(doc)
		if err != nil {
			return err
		}
		posts, err := x.Thread(ctx, o.Key)
		if err != nil {
			return err
		}
		docs = append(docs, posts...)
	}
	for _, d := range docs {
		if asJSON {
			fmt.Fprintf(s.out, "%s\n", d)
			continue
		}
		if err := printDocument(s.out, d); err != nil {
			return err
		}
	}
	return nil
}

func printDocument(out io.Writer, doc json.RawMessage) error {
	o, err := index.ParseDocument(doc)
	if err != nil {
		return err
	}
	printOverview(out, o)
	if o.Text != "" && o.Kind != forum.DocThread {
		fmt.Fprintf(out, "\n%s\n\n", o.Text)
	}
	return nil
}
