package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"forumine/crawler/state"
)

// recall gives what an earlier crawl has kept under a name; zero where nothing is
// kept. What names it in errors.
func recall[T any](ctx context.Context, r *state.Reader, name, what string) (v T, err error) {
	raw, err := r.Meta(ctx, name)
	if errors.Is(err, state.ErrNotFound) || err == nil && raw == "" {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return v, fmt.Errorf("decoding %s: %w", what, err)
	}
	return v, nil
}

// remember keeps a value under a name, for recall.
func (c *Crawler) remember(ctx context.Context, name, what string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", what, err)
	}
	return c.store.SetMeta(ctx, name, string(raw))
}
