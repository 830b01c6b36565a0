package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/query"
)

// What callers branch on.
var (
	ErrNotFound  = errors.New("no such document")
	ErrAmbiguous = errors.New("several documents have this name")
)

// maxWindow is the deepest hit that a search reaches, Elasticsearch's
// index.max_result_window.
const maxWindow = 10_000

// Results are the hits of one page of a search.
type Results struct {
	Total int64 // all hits, not only these
	Hits  []Hit
}

// Hit is one found document. Score grows with relevance and is 0 in a query
// without words; Fragments are lines of text with the matches marked.
type Hit struct {
	ID        string          `json:"id"`
	Kind      forum.DocKind   `json:"kind"`
	Score     float64         `json:"score"`
	Document  json.RawMessage `json:"document"`
	Fragments []string        `json:"fragments"`
}

// Search finds documents: those that package local finds, in the same order but
// for differences in relevance. Retracted documents are never found. It reaches
// the first 10,000 hits.
func (c *Client) Search(ctx context.Context, q query.Query) (Results, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = query.DefaultLimit
	}
	if q.Offset+limit > maxWindow {
		return Results{}, fmt.Errorf("searching Elasticsearch: it reaches the first %d hits only, not %d; narrow the query", maxWindow, q.Offset+limit)
	}
	w, err := c.search(ctx, q.Kind, query.SearchBody(q))
	if err != nil {
		return Results{}, err
	}
	out := Results{Total: w.Hits.Total.Value}
	options := query.HighlightOptions{Pre: c.cfg.Pre, Post: c.cfg.Post}
	for _, h := range w.Hits.Hits {
		doc, err := query.Decode(h.Source)
		if err != nil {
			return Results{}, fmt.Errorf("reading document %s: %w", h.ID, err)
		}
		kind, _ := doc["doc_kind"].(string)
		hit := Hit{ID: h.ID, Kind: forum.DocKind(kind), Document: h.Source, Fragments: query.Highlight(q.Node, doc, options)}
		if h.Score != nil {
			hit.Score = *h.Score
		}
		out.Hits = append(out.Hits, hit)
	}
	return out, nil
}

// searched are the aliases to ask for a kind; an empty kind means all.
func (c *Client) searched(kind string) []string {
	if alias := c.alias(forum.DocKind(kind)); alias != "" {
		return []string{alias}
	}
	var all []string
	for _, kind := range index.DocKinds() {
		all = append(all, c.alias(kind))
	}
	return all
}

type wireHit struct {
	ID      string            `json:"_id"`
	Version int64             `json:"_version"`
	Score   *float64          `json:"_score"`
	Source  json.RawMessage   `json:"_source"`
	Sort    []json.RawMessage `json:"sort"`
}

type wireSearch struct {
	TimedOut bool   `json:"timed_out"`
	Shards   shards `json:"_shards"`
	Hits     struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []wireHit `json:"hits"`
	} `json:"hits"`
	Aggregations struct {
		Keys struct {
			Buckets []struct {
				Key string `json:"key"`
			} `json:"buckets"`
		} `json:"keys"`
	} `json:"aggregations"`
}

// shards tells whether all of an index took part in an answer.
type shards struct {
	Failed   int `json:"failed"`
	Failures []struct {
		Index  string `json:"index"`
		Reason *cause `json:"reason"`
	} `json:"failures"`
}

// check refuses a partial answer: fewer hits than there are, without a word.
func (s shards) check(where string) error {
	if s.Failed == 0 {
		return nil
	}
	why := "no reason given"
	if len(s.Failures) > 0 {
		why = s.Failures[0].Index + ": " + s.Failures[0].Reason.String()
	}
	return fmt.Errorf("%w: searching %s: %d shards gave no answer: %s", index.ErrUnavailable, where, s.Failed, why)
}

func (c *Client) search(ctx context.Context, kind string, request map[string]any) (wireSearch, error) {
	request["version"] = true
	body, err := json.Marshal(request)
	if err != nil {
		return wireSearch{}, fmt.Errorf("writing the query: %w", err)
	}
	var w wireSearch
	r := esapi.SearchRequest{Index: c.searched(kind), Body: bytes.NewReader(body)}
	if err := c.ask(ctx, "searching", r, &w); err != nil {
		return wireSearch{}, err
	}
	if w.TimedOut {
		return wireSearch{}, fmt.Errorf("%w: searching %s: it ran out of time", index.ErrUnavailable, c.where)
	}
	return w, w.Shards.check(c.where)
}

// ask sends a request and decodes its answer.
func (c *Client) ask(ctx context.Context, what string, r esapi.Request, out any) error {
	a, err := c.do(ctx, r)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if f := a.failure(); f != nil && f.Type == "index_not_found_exception" {
		return c.noIndices(what)
	}
	if a.status == http.StatusBadRequest && a.isES() {
		return fmt.Errorf("%s: Elasticsearch does not take the question: %s", what, a.why())
	}
	if !a.ok() {
		return fmt.Errorf("%s: %w", what, c.refusal(a))
	}
	if !a.isES() {
		return fmt.Errorf("%s: %w", what, c.notElasticsearch(a, banner{}))
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return fmt.Errorf("%s: reading the answer of %s: %w", what, c.where, err)
	}
	return nil
}

func (c *Client) noIndices(what string) error {
	return fmt.Errorf("%s: %w: %s has no indices with the prefix %q yet; deliver documents first", what, index.ErrStop, c.where, c.cfg.Prefix)
}
