package state

import "strings"

// bulk collects rows for one table, so that one statement stores many of them.
type bulk struct {
	head    string // INSERT … VALUES
	columns int
	args    []any
}

// The columns of the rows that are stored in bulk.
const (
	sayColumns     = 8
	newColumns     = 20
	bodyColumns    = 2
	enqueueColumns = 4
)

// bulkRows is how many rows one statement takes; fewer are stored one by one.
const bulkRows = 8

func (b *bulk) add(row ...any) { b.args = append(b.args, row...) }

// insertAll stores the rows of each bulk and empties it.
func (t *tx) insertAll(bulks ...*bulk) error {
	for _, b := range bulks {
		for len(b.args) > 0 {
			rows := bulkRows
			if len(b.args) < bulkRows*b.columns {
				rows = 1
			}
			if err := t.exec(b.statement(rows), b.args[:rows*b.columns]...); err != nil {
				return err
			}
			b.args = b.args[rows*b.columns:]
		}
	}
	return nil
}

func (b *bulk) statement(rows int) string {
	row := "(?" + strings.Repeat(", ?", b.columns-1) + ")"
	return b.head + row + strings.Repeat(", "+row, rows-1)
}
