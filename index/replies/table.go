package replies

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Weight is how often one author answered another.
type Weight struct {
	Site          string    `json:"site"`
	FromAuthorKey string    `json:"from_author_key,omitempty"`
	FromAuthor    string    `json:"from_author,omitempty"`
	ToAuthorKey   string    `json:"to_author_key,omitempty"`
	ToAuthor      string    `json:"to_author,omitempty"`
	Posts         int       `json:"posts"`   // of the first, that answer the second
	Parents       int       `json:"parents"` // edges by kind
	Quotes        int       `json:"quotes"`
	Mentions      int       `json:"mentions"`
	Threads       int       `json:"threads"`
	FirstAt       time.Time `json:"first_at,omitzero"` // of the answers
	LastAt        time.Time `json:"last_at,omitzero"`
}

// Table sums edges up by author. It holds one row a pair of authors. The edges
// of one post come in a row, and so do those of one thread.
type Table struct {
	rows map[pair]*row
}

// pair names two authors by key, or by site and name where there is no key.
type pair struct{ from, to string }

type row struct {
	Weight
	post, thread string // counted last
}

// NewTable makes an empty table.
func NewTable() *Table { return &Table{rows: map[pair]*row{}} }

// Add counts an edge. What leads to nobody who is known is left out.
func (t *Table) Add(e Edge) {
	p := pair{who(e.Site, e.FromAuthorKey, e.FromAuthor), who(e.Site, e.ToAuthorKey, e.ToAuthor)}
	if p.from == "" || p.to == "" {
		return
	}
	r := t.rows[p]
	if r == nil {
		r = &row{}
		t.rows[p] = r
	}
	r.Site, r.FromAuthorKey, r.ToAuthorKey = e.Site, e.FromAuthorKey, e.ToAuthorKey
	r.FromAuthor, r.ToAuthor = cmp.Or(r.FromAuthor, e.FromAuthor), cmp.Or(r.ToAuthor, e.ToAuthor)
	if r.post != e.FromPostKey {
		r.post = e.FromPostKey
		r.Posts++
	}
	if r.thread != e.ThreadKey {
		r.thread = e.ThreadKey
		r.Threads++
	}
	r.count(e)
}

func (r *row) count(e Edge) {
	switch e.Kind {
	case Parent:
		r.Parents++
	case Quote:
		r.Quotes++
	case Mention:
		r.Mentions++
	}
	if e.FromAt.IsZero() {
		return
	}
	if r.FirstAt.IsZero() || e.FromAt.Before(r.FirstAt) {
		r.FirstAt = e.FromAt
	}
	if e.FromAt.After(r.LastAt) {
		r.LastAt = e.FromAt
	}
}

func who(site, key, name string) string {
	if key != "" || name == "" {
		return key
	}
	return site + "|name|" + foldName(name)
}

// Weights are the rows, the heaviest first, then by the authors' keys.
func (t *Table) Weights() []Weight {
	type keyed struct {
		pair
		Weight
	}
	list := make([]keyed, 0, len(t.rows))
	for p, r := range t.rows {
		list = append(list, keyed{p, r.Weight})
	}
	slices.SortFunc(list, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(b.Posts, a.Posts), strings.Compare(a.from, b.from), strings.Compare(a.to, b.to))
	})
	out := make([]Weight, len(list))
	for i := range list {
		out[i] = list[i].Weight
	}
	return out
}
