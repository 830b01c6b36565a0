package state

import "strings"

// bulk collects rows for one table, so that one statement stores many of them.
type bulk struct {
	head    string // INSERT … VALUES
	tail    string // ON CONFLICT …
	columns int
	args    []any
}

// The columns of the rows that are stored in bulk.
const (
	sayColumns     = 8
	newColumns     = 20
	bodyColumns    = 2
	enqueueColumns = 4
	authorColumns  = 5
	dirtyColumns   = 1
	countColumns   = 3
	ackColumns     = 2
)

// bulkRows is how many rows one statement takes. Fewer are cut into powers of two,
// so that there are not too many statements to keep prepared.
const bulkRows = 32

func (b *bulk) add(row ...any) { b.args = append(b.args, row...) }

// insertAll stores the rows of each bulk and empties it.
func (t *tx) insertAll(bulks ...*bulk) error {
	for _, b := range bulks {
		for rows := bulkRows; len(b.args) > 0; {
			if len(b.args) < rows*b.columns {
				rows /= 2
				continue
			}
			if err := t.exec(t.s.rowsOf(b, rows), b.args[:rows*b.columns]...); err != nil {
				return err
			}
			b.args = b.args[rows*b.columns:]
		}
		b.args = nil
	}
	return nil
}

// rowsKey names the statement that stores a number of rows.
type rowsKey struct {
	head string
	rows int
}

// rowsOf gives the statement that stores a number of rows.
func (s *Store) rowsOf(b *bulk, rows int) string {
	k := rowsKey{b.head, rows}
	if _, ok := s.rows[k]; !ok {
		row := "(?" + strings.Repeat(", ?", b.columns-1) + ")"
		s.rows[k] = b.head + row + strings.Repeat(", "+row, rows-1) + b.tail
	}
	return s.rows[k]
}

// list is a list of n parameters, n being raised to a power of two of at most
// bulkRows; the arguments have to be filled up by repeating one.
func list(n int) (marks string, size int) {
	for size = 1; size < n; {
		size *= 2
	}
	return "(?" + strings.Repeat(", ?", size-1) + ")", size
}
