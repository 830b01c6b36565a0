package crawler

import (
	"context"
	"errors"
	"slices"
	"strings"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

// echoes tells whether a page is another one under a higher number, as forums
// answer that give their last page for any number beyond it: following its links
// would never end. Its own number says so, unless its address counts posts, or that
// it shows exactly what the page before it shows.
func (b *linkBuilder) echoes(ctx context.Context, own forum.Link) (bool, error) {
	if own.Page <= 1 || b.lease.Parent == "" {
		return false, nil
	}
	shown := b.page.PageNumber
	if b.page.Thread != nil && b.page.Kind == forum.KindThread {
		shown = b.page.Thread.Page
	}
	if own.Skips == 0 && shown > 0 && shown < own.Page {
		return true, nil
	}
	before, err := b.c.store.LastPage(ctx, b.site.ID, b.lease.Parent, own.Page)
	if errors.Is(err, state.ErrNotFound) || (err == nil && own.Skips == 0 && before.Page != own.Page-1) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	kind, ids := b.mentions()
	if len(ids) == 0 {
		return false, nil
	}
	var earlier []string
	err = b.c.store.Mentioned(ctx, b.site.ID, before.Key, kind, func(key string) {
		earlier = append(earlier, key[strings.LastIndexByte(key, '|')+1:])
	})
	slices.Sort(earlier)
	return slices.Equal(ids, earlier), err
}

// mentions are the native ids of a thread page's posts, or of a listing's threads,
// sorted.
func (b *linkBuilder) mentions() (kind forum.DocKind, ids []string) {
	kind = forum.DocThread
	for _, r := range b.page.Listing {
		ids = append(ids, r.ID)
	}
	if b.page.Kind == forum.KindThread {
		kind, ids = forum.DocPost, nil
		for _, p := range b.page.Posts {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return kind, slices.Compact(ids)
}
