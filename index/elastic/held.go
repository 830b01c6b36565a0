package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
	"forumine/index"
)

var _ index.Holder = (*Client)(nil)

// Held implements index.Holder. It reads by id, which sees every acknowledged
// document at once, refreshed or not.
func (c *Client) Held(ctx context.Context, kind forum.DocKind, ids []string, bodies bool) (map[string]index.Held, error) {
	body, err := json.Marshal(map[string]any{"ids": ids})
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	var w struct {
		Docs []struct {
			wireHit
			Found bool   `json:"found"`
			Error *cause `json:"error"`
		} `json:"docs"`
	}
	r := esapi.MgetRequest{Index: c.alias(kind), Body: bytes.NewReader(body)}
	if !bodies {
		r.Source = []string{"false"}
	}
	if err := c.ask(ctx, "reading documents", r, &w); err != nil {
		return nil, err
	}
	out := make(map[string]index.Held, len(w.Docs))
	for _, d := range w.Docs {
		if d.Error != nil {
			return nil, fmt.Errorf("reading document %s: %s", d.ID, d.Error)
		}
		if d.Found {
			out[d.ID] = index.Held{Version: d.Version, Body: d.Source}
		}
	}
	return out, nil
}

// Total implements index.Holder. It sees what has been refreshed.
func (c *Client) Total(ctx context.Context, kind forum.DocKind, site string) (int64, error) {
	names, err := c.concrete(ctx, kind)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, name := range names {
		n, err := c.CountIn(ctx, name, site)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// concrete is the index behind the alias of a kind: its filter hides retracted
// documents.
func (c *Client) concrete(ctx context.Context, kind forum.DocKind) ([]string, error) {
	var w map[string]json.RawMessage
	if err := c.ask(ctx, "reading the alias "+c.alias(kind), esapi.IndicesGetAliasRequest{Name: []string{c.alias(kind)}}, &w); err != nil {
		return nil, err
	}
	var names []string
	for name := range w {
		names = append(names, name)
	}
	return names, nil
}
