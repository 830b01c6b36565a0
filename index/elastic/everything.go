package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
)

// scrollFor is how long the server keeps a walk over everything open between two
// batches.
const scrollFor = 2 * time.Minute

// Everything calls fn for every document of a kind in every index of the prefix,
// behind an alias or not, retracted ones included. An error of fn ends it and is
// returned as it is.
func (c *Client) Everything(ctx context.Context, kind forum.DocKind, fn func(name string, body json.RawMessage) error) (err error) {
	query, err := json.Marshal(map[string]any{"size": 500, "sort": []string{"_doc"}})
	if err != nil {
		return fmt.Errorf("writing the query: %w", err)
	}
	type batch struct {
		ID   string `json:"_scroll_id"`
		Hits struct {
			Hits []struct {
				Index  string          `json:"_index"`
				Source json.RawMessage `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
		Shards shards `json:"_shards"`
	}
	var w batch
	err = c.ask(ctx, "reading everything", esapi.SearchRequest{Index: []string{c.alias(kind) + "-v*"}, Body: bytes.NewReader(query), Scroll: scrollFor}, &w)
	for err == nil && len(w.Hits.Hits) > 0 {
		if err := w.Shards.check(c.where); err != nil {
			return err
		}
		for _, h := range w.Hits.Hits {
			if err := fn(h.Index, h.Source); err != nil {
				return err
			}
		}
		next := batch{}
		err = c.ask(ctx, "reading everything", esapi.ScrollRequest{ScrollID: w.ID, Scroll: scrollFor}, &next)
		w = next
	}
	if err != nil || w.ID == "" {
		return err
	}
	return c.command(ctx, "ending a walk", esapi.ClearScrollRequest{ScrollID: []string{w.ID}})
}
