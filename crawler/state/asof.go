package state

import (
	"cmp"
	"context"
	"slices"
	"time"

	"forumine/extract/forum"
)

// AuthorTotalsAt is what the state holds of an author's posts, those alone that
// had been seen at a moment.
func (r *Reader) AuthorTotalsAt(ctx context.Context, author string, at time.Time) (AuthorTotals, error) {
	var a AuthorTotals
	var first, last int64
	err := r.one(ctx, sqlAuthorTotalsAt, []any{author, micros(at)}, &a.ObservedPostCount, &first, &last)
	a.FirstPostAt, a.LastPostAt = optional(first), optional(last)
	return a, wrap(err, "counting the posts of %s", author)
}

// Folding gives those of a document's contributions that its fold takes: all,
// but of an author the author's own pages and the newest cards.
func Folding(kind forum.DocKind, cs []forum.Contribution) []forum.Contribution {
	cs = slices.Clone(cs)
	if kind == forum.DocAuthor && len(cs) > maxCards {
		slices.SortStableFunc(cs, func(a, b forum.Contribution) int {
			return cmp.Or(own(b)-own(a), b.ObservedAt.Compare(a.ObservedAt), b.Rank-a.Rank, cmp.Compare(b.Page, a.Page))
		})
		cs = cs[:maxCards]
	}
	slices.SortStableFunc(cs, func(a, b forum.Contribution) int {
		return cmp.Or(a.ObservedAt.Compare(b.ObservedAt), a.Rank-b.Rank, cmp.Compare(a.Page, b.Page))
	})
	return cs
}

// own is 1 for what a document's own page says.
func own(c forum.Contribution) int {
	if c.Rank >= forum.RankPage {
		return 1
	}
	return 0
}
