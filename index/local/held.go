package local

import (
	"context"
	"encoding/json"

	"forumine/extract/forum"
	"forumine/index"
)

var _ index.Holder = (*Index)(nil)

// Held implements index.Holder.
func (x *Index) Held(ctx context.Context, kind forum.DocKind, ids []string, bodies bool) (map[string]index.Held, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	found, err := x.documents(ctx, `WHERE d.kind = ? AND d.id IN (SELECT value FROM json_each(?))`, string(kind), string(list))
	if err != nil {
		return nil, x.explain("reading the index", err)
	}
	out := make(map[string]index.Held, len(found))
	for _, d := range found {
		held := index.Held{Version: d.Version}
		if bodies {
			held.Body = d.Body
		}
		out[d.ID] = held
	}
	return out, nil
}

// Total implements index.Holder.
func (x *Index) Total(ctx context.Context, kind forum.DocKind, site string) (n int64, err error) {
	err = x.read.QueryRowContext(ctx, `SELECT count(*) FROM docs WHERE kind = ? AND key >= ? AND key < ?`, string(kind), site+"|", site+"}").Scan(&n)
	return n, x.explain("counting documents", err)
}
