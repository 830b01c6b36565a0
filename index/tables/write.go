package tables

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"forumine/extract/forum"
	"forumine/index"
)

// Formats lists the formats of tables.
func Formats() []string { return []string{"csv", "parquet"} }

// rowWriter writes the rows of one table.
type rowWriter interface {
	write(row []any) error
	close() error
}

// File is one written table.
type File struct {
	Table  Table
	Name   string // posts.csv
	Rows   int64
	Bytes  int64
	SHA256 string
}

// Set writes documents into tables, one file each.
type Set struct {
	format string
	tables []*output
	Newest time.Time // fetch of the newest page that a document rests on
}

// output is one table on its way into its file.
type output struct {
	table Table
	name  string
	file  io.WriteCloser
	sum   hash.Hash
	bytes int64
	rows  int64
	to    rowWriter
}

// Write passes bytes to the file and counts them.
func (o *output) Write(b []byte) (int, error) {
	n, err := o.file.Write(b)
	o.sum.Write(b[:n])
	o.bytes += int64(n)
	return n, err
}

// NewSet begins the tables in a format; create makes a file by its name.
func NewSet(format string, create func(name string) (io.WriteCloser, error)) (*Set, error) {
	s := &Set{format: format}
	for _, t := range Tables() {
		o := &output{table: t, name: t.Name + "." + format, sum: sha256.New()}
		var err error
		if o.file, err = create(o.name); err != nil {
			return nil, errors.Join(err, s.abandon())
		}
		s.tables = append(s.tables, o)
		if format == "parquet" {
			o.to, err = newParquet(o, t)
		} else {
			o.to, err = newCSV(o, t)
		}
		if err != nil {
			return nil, errors.Join(err, s.abandon())
		}
	}
	return s, nil
}

func (s *Set) abandon() error {
	var err error
	for _, o := range s.tables {
		err = errors.Join(err, o.file.Close())
	}
	return err
}

// Add writes one rendered document: a post with its quotes, a thread or an
// author. Revisions are passed over.
func (s *Set) Add(kind forum.DocKind, body json.RawMessage) error {
	switch kind {
	case forum.DocPost:
		return addTo(s, 0, body, func(d *index.PostDoc) error {
			s.note(d.Crawl.FetchedAt)
			for _, q := range quotesOf(d) {
				if err := s.tables[3].add(reflect.ValueOf(q)); err != nil {
					return err
				}
			}
			return nil
		})
	case forum.DocThread:
		return addTo(s, 1, body, func(d *index.ThreadDoc) error { s.note(d.Crawl.FetchedAt); return nil })
	case forum.DocAuthor:
		return addTo(s, 2, body, func(d *index.AuthorDoc) error { s.note(d.Crawl.FetchedAt); return nil })
	}
	return nil
}

func (s *Set) note(at time.Time) {
	if at.After(s.Newest) {
		s.Newest = at.UTC()
	}
}

func addTo[D any](s *Set, table int, body json.RawMessage, also func(*D) error) error {
	var d D
	if err := json.Unmarshal(body, &d); err != nil {
		return fmt.Errorf("reading a document: %w", err)
	}
	if err := s.tables[table].add(reflect.ValueOf(d)); err != nil {
		return err
	}
	return also(&d)
}

func (o *output) add(doc reflect.Value) error {
	row, err := o.table.Row(doc)
	if err == nil {
		err = o.to.write(row)
	}
	if err != nil {
		return fmt.Errorf("writing a row of %s: %w", o.table.Name, err)
	}
	o.rows++
	return nil
}

// Close ends the tables and tells what was written.
func (s *Set) Close() ([]File, error) {
	var files []File
	var err error
	for _, o := range s.tables {
		err = errors.Join(err, o.to.close(), o.file.Close())
		files = append(files, File{Table: o.table, Name: o.name, Rows: o.rows, Bytes: o.bytes, SHA256: hex.EncodeToString(o.sum.Sum(nil))})
	}
	if err != nil {
		return nil, fmt.Errorf("writing tables: %w", err)
	}
	return files, nil
}

// csvWriter writes RFC 4180 with LF: a header, empty cells for what is not
// known, times as RFC 3339, lists as JSON.
type csvWriter struct{ w *csv.Writer }

func newCSV(w io.Writer, t Table) (rowWriter, error) {
	c := csvWriter{csv.NewWriter(w)}
	names := make([]string, len(t.Columns))
	for i, col := range t.Columns {
		names[i] = col.Name
	}
	return c, c.w.Write(names)
}

func (c csvWriter) write(row []any) error {
	cells := make([]string, len(row))
	for i, v := range row {
		var err error
		if cells[i], err = cell(v); err != nil {
			return err
		}
	}
	return c.w.Write(cells)
}

func cell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return strings.ReplaceAll(v, "\x00", ""), nil // no reader of CSV takes it
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case time.Time:
		return v.Format("2006-01-02T15:04:05.999999Z07:00"), nil
	}
	text, err := jsonOf(v)
	return fmt.Sprint(text), err
}

func (c csvWriter) close() error {
	c.w.Flush()
	return c.w.Error()
}
