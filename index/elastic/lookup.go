package elastic

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/query"
)

// threadBatch is the number of posts that Thread asks for at once.
const threadBatch = 1000

// maxNames is the number of documents of one name that an error lists.
const maxNames = 20

// Document is a stored document. The Key of a revision is its post's.
type Document struct {
	ID, Key string
	Kind    forum.DocKind
	Version int64
	Body    json.RawMessage
}

// Get finds a document by its id or key, else by native id or URL. By id or key
// it sees what was delivered a moment ago, otherwise what Search sees. Errors:
// ErrNotFound, and ErrAmbiguous when several documents share a native id; it
// names their keys.
func (c *Client) Get(ctx context.Context, name string) (Document, error) {
	if name == "" {
		return Document{}, fmt.Errorf("%w: the name is empty", ErrNotFound)
	}
	id := name
	if strings.Contains(name, "|") {
		id = index.ID(name)
	}
	doc, found, err := c.byID(ctx, id, c.searched(""))
	if err != nil || found {
		return doc, err
	}
	q := query.Query{Node: query.Keyword{Field: "id", Value: name}, Limit: maxNames, Sort: query.Oldest}
	w, err := c.search(ctx, "", query.SearchBody(q))
	if err != nil {
		return Document{}, err
	}
	docs, err := w.documents()
	switch {
	case err != nil:
		return Document{}, err
	case len(docs) == 0:
		return Document{}, fmt.Errorf("%w: %q is no id, key, native id or URL in the index", ErrNotFound, name)
	case len(docs) == 1:
		return docs[0], nil
	}
	var keys []string
	for _, d := range docs {
		keys = append(keys, d.Key)
	}
	return Document{}, ambiguous(name, keys)
}

func ambiguous(name string, keys []string) error {
	return fmt.Errorf("%w: %q: give one of the keys %s", ErrAmbiguous, name, strings.Join(keys, ", "))
}

// byID reads a document from the first of the aliases that holds it. Reading by
// id does not pass through an alias's filter, so that retracted documents have
// to be left out here.
func (c *Client) byID(ctx context.Context, id string, aliases []string) (Document, bool, error) {
	var docs []map[string]string
	for _, alias := range aliases {
		docs = append(docs, map[string]string{"_index": alias, "_id": id})
	}
	body, err := json.Marshal(map[string]any{"docs": docs})
	if err != nil {
		return Document{}, false, fmt.Errorf("writing the request: %w", err)
	}
	var w struct {
		Docs []struct {
			wireHit
			Found bool   `json:"found"`
			Error *cause `json:"error"`
		} `json:"docs"`
	}
	if err := c.ask(ctx, "reading a document", esapi.MgetRequest{Body: bytes.NewReader(body)}, &w); err != nil {
		return Document{}, false, err
	}
	for _, d := range w.Docs {
		switch {
		case d.Error != nil && d.Error.Type == "index_not_found_exception":
			return Document{}, false, c.noIndices("reading a document")
		case d.Error != nil:
			return Document{}, false, fmt.Errorf("reading document %s: %s", id, d.Error)
		case !d.Found:
			continue
		}
		if doc, retracted, err := d.document(); err != nil || !retracted {
			return doc, err == nil, err
		}
	}
	return Document{}, false, nil
}

// document reads a hit; the key is in the body of each kind.
func (h wireHit) document() (d Document, retracted bool, err error) {
	type ref struct {
		Key string `json:"key"`
	}
	var w struct {
		Kind      forum.DocKind `json:"doc_kind"`
		Retracted bool          `json:"retracted"`
		Post      ref           `json:"post"`
		Thread    ref           `json:"thread"`
		Author    ref           `json:"author"`
	}
	if err := json.Unmarshal(h.Source, &w); err != nil {
		return Document{}, false, fmt.Errorf("reading document %s: %w", h.ID, err)
	}
	d = Document{ID: h.ID, Kind: w.Kind, Version: h.Version, Body: h.Source}
	switch w.Kind {
	case forum.DocThread:
		d.Key = w.Thread.Key
	case forum.DocAuthor:
		d.Key = w.Author.Key
	default:
		d.Key = cmp.Or(w.Post.Key, w.Thread.Key, w.Author.Key)
	}
	return d, w.Retracted, nil
}

func (w wireSearch) documents() ([]Document, error) {
	var out []Document
	for _, h := range w.Hits.Hits {
		d, _, err := h.document()
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Thread gives a thread's posts in the order of their positions; those without
// one come last, by time. The thread is named by key, native id, URL, or the id
// of its document. Errors: ErrNotFound, ErrAmbiguous.
func (c *Client) Thread(ctx context.Context, name string) ([]Document, error) {
	if name == "" {
		return nil, fmt.Errorf("%w: the name is empty", ErrNotFound)
	}
	key, err := c.threadKey(ctx, name)
	if err != nil {
		return nil, err
	}
	body := map[string]any{
		"query": map[string]any{"term": map[string]any{"thread.key": key}},
		"size":  threadBatch,
		"sort": []any{
			ascending("post.position", "long"),
			ascending("@timestamp", "date"),
			ascending("post.key", "keyword"),
		},
	}
	var out []Document
	for {
		w, err := c.search(ctx, query.KindPost, body)
		if err != nil {
			return nil, err
		}
		docs, err := w.documents()
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
		if len(docs) < threadBatch {
			break
		}
		body["search_after"] = w.Hits.Hits[len(docs)-1].Sort
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no post of a thread %q is in the index", ErrNotFound, name)
	}
	return out, nil
}

// Threads calls fn for every thread that answers a query, in the order of their
// keys; the query's Kind, Limit, Offset and Sort are not looked at. An error of
// fn ends it and is returned as it is.
func (c *Client) Threads(ctx context.Context, q query.Query, fn func(Document) error) error {
	q.Kind = query.KindThread
	body := map[string]any{
		"query": query.DSL(q.Root()),
		"size":  threadBatch,
		"sort":  []any{ascending("thread.key", "keyword")},
	}
	for {
		w, err := c.search(ctx, query.KindThread, body)
		if err != nil {
			return err
		}
		docs, err := w.documents()
		if err != nil {
			return err
		}
		for _, d := range docs {
			if err := fn(d); err != nil {
				return err
			}
		}
		if len(docs) < threadBatch {
			return nil
		}
		body["search_after"] = w.Hits.Hits[len(docs)-1].Sort
	}
}

func ascending(field, kind string) map[string]any {
	return map[string]any{field: map[string]any{"order": "asc", "missing": "_last", "unmapped_type": kind}}
}

// threadKey finds the one thread that has a name, or whose document has it as
// id.
func (c *Client) threadKey(ctx context.Context, name string) (string, error) {
	w, err := c.search(ctx, query.KindPost, map[string]any{
		"query": query.DSL(query.Keyword{Field: "thread", Value: name}),
		"size":  0,
		"aggs": map[string]any{"keys": map[string]any{
			"terms": map[string]any{"field": "thread.key", "size": maxNames, "order": map[string]any{"_key": "asc"}},
		}},
	})
	if err != nil {
		return "", err
	}
	var keys []string
	for _, b := range w.Aggregations.Keys.Buckets {
		keys = append(keys, b.Key)
	}
	switch len(keys) {
	case 0:
		doc, found, err := c.byID(ctx, name, c.searched(query.KindThread))
		if err != nil || found {
			return doc.Key, err
		}
		return "", fmt.Errorf("%w: no post of a thread %q is in the index", ErrNotFound, name)
	case 1:
		return keys[0], nil
	}
	return "", ambiguous(name, keys)
}

// Count gives the number of documents of each kind, retracted ones left out and
// kinds without documents too.
func (c *Client) Count(ctx context.Context) (map[forum.DocKind]int64, error) {
	out := map[forum.DocKind]int64{}
	for _, kind := range index.DocKinds() {
		n, err := c.Matching(ctx, query.Query{Kind: string(kind)})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[kind] = n
		}
	}
	return out, nil
}

// Matching is the number of documents that answer a query, whatever its Limit,
// Offset and Sort.
func (c *Client) Matching(ctx context.Context, q query.Query) (int64, error) {
	body, err := json.Marshal(map[string]any{"query": query.DSL(q.Root())})
	if err != nil {
		return 0, fmt.Errorf("writing the query: %w", err)
	}
	var w struct {
		Count  int64  `json:"count"`
		Shards shards `json:"_shards"`
	}
	err = c.ask(ctx, "counting documents", esapi.CountRequest{Index: c.searched(q.Kind), Body: bytes.NewReader(body)}, &w)
	if err != nil {
		return 0, err
	}
	return w.Count, w.Shards.check(c.where)
}
