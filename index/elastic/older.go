package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"forumine/extract/forum"
)

// PurgeOlder takes documents of some sites out of all indices of a kind that no
// longer stand behind its alias: earlier migrations leave these for a person to
// delete. One that holds nothing of other sites is deleted as a whole; it gives
// the names of those that were. Of the others the segments are merged, so that
// deleted documents leave the disk.
func (c *Client) PurgeOlder(ctx context.Context, kind forum.DocKind, sites []string) (deleted []string, err error) {
	older, err := c.older(ctx, kind)
	if err != nil {
		return nil, err
	}
	own := map[string]any{"terms": map[string]any{"site.id": sites}}
	for _, name := range older {
		others, err := c.countWhere(ctx, name, map[string]any{"bool": map[string]any{"must_not": own}})
		if err != nil {
			return deleted, err
		}
		if others == 0 {
			if err := c.DeleteOld(ctx, Move{From: name}); err != nil {
				return deleted, err
			}
			deleted = append(deleted, name)
			continue
		}
		if err := c.purge(ctx, name, own); err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// older gives the indices of a kind that its alias does not stand for.
func (c *Client) older(ctx context.Context, kind forum.DocKind) ([]string, error) {
	var w map[string]struct {
		Aliases map[string]json.RawMessage `json:"aliases"`
	}
	if err := c.ask(ctx, "listing indices", esapi.IndicesGetAliasRequest{Index: []string{c.alias(kind) + "-v*"}}, &w); err != nil {
		return nil, err
	}
	maps.DeleteFunc(w, func(name string, i struct {
		Aliases map[string]json.RawMessage `json:"aliases"`
	}) bool {
		return i.Aliases[c.alias(kind)] != nil
	})
	return slices.Sorted(maps.Keys(w)), nil
}

func (c *Client) countWhere(ctx context.Context, name string, query any) (int64, error) {
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		return 0, fmt.Errorf("writing the query: %w", err)
	}
	if err := c.command(ctx, "refreshing "+name, esapi.IndicesRefreshRequest{Index: []string{name}}); err != nil {
		return 0, err
	}
	var w struct {
		Count  int64  `json:"count"`
		Shards shards `json:"_shards"`
	}
	if err := c.ask(ctx, "counting documents in "+name, esapi.CountRequest{Index: []string{name}, Body: bytes.NewReader(body)}, &w); err != nil {
		return 0, err
	}
	return w.Count, errors.Join(w.Shards.check(c.where))
}

// purge deletes the documents that a query finds in an index.
func (c *Client) purge(ctx context.Context, name string, query any) error {
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		return fmt.Errorf("writing the query: %w", err)
	}
	yes := true
	var w struct {
		Failures []json.RawMessage `json:"failures"`
	}
	r := esapi.DeleteByQueryRequest{Index: []string{name}, Body: strings.NewReader(string(body)), Refresh: &yes, Conflicts: "proceed"}
	if err := c.ask(ctx, "deleting documents in "+name, r, &w); err != nil {
		return err
	}
	if len(w.Failures) > 0 {
		return fmt.Errorf("deleting documents in %s: %d stay, the first: %s", name, len(w.Failures), excerpt(string(w.Failures[0]), 300))
	}
	return c.command(ctx, "merging "+name, esapi.IndicesForcemergeRequest{Index: []string{name}, OnlyExpungeDeletes: &yes})
}
