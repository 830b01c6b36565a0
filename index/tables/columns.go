// Package tables writes documents as tables for statistics: posts, threads,
// authors and quotes, as CSV or Parquet, with a description beside them.
//
// The columns are derived from the documents' structs, as the mapping is: a field
// that documents have has a column, with the same words about its meaning. Which
// columns there are, and of which types, does not depend on the data.
package tables

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"forumine/index"
)

// Type is what the values of a column are.
type Type string

// The types. A time is UTC, to the microsecond. Strings are a list; JSON is a
// list or map of something else, as JSON text.
const (
	String  Type = "string"
	Int     Type = "int64"
	Float   Type = "float64"
	Bool    Type = "boolean"
	Time    Type = "timestamp"
	Strings Type = "list of strings"
	JSON    Type = "json"
)

// Column is one column of a table. Every column may be empty where nothing is
// known.
type Column struct {
	Name   string // of the column: post_id
	Source string // the field of the document: post.id
	Type   Type
	Doc    string
	index  []int
}

// Table is one table.
type Table struct {
	Name    string // posts, threads, authors or quotes
	Doc     string
	Key     string // name of the column that tells rows apart; of quotes, together with ordinal
	Columns []Column
}

// Tables gives the tables in their order.
func Tables() []Table { return []Table{posts(), threads(), authors(), quotes()} }

func posts() Table {
	return Table{"posts", "one row a post, in its latest version", "post_key", columnsOf(reflect.TypeFor[index.PostDoc]())}
}

func threads() Table {
	return Table{"threads", "one row a thread", "thread_key", columnsOf(reflect.TypeFor[index.ThreadDoc]())}
}

func authors() Table {
	return Table{"authors", "one row an author", "author_key", columnsOf(reflect.TypeFor[index.AuthorDoc]())}
}

// leftOut are fields that no table has: what says the same for every row, where
// a row lies on the machine that crawled it, and the changes of the crawl's own
// books. The last are no part of what was said, and the same data crawled by
// two machines differs in them.
func leftOut(path string) bool {
	return slices.Contains([]string{
		"@timestamp", "schema_version", "doc_kind", "retracted", "crawl.run_id", "crawl.warc", "extract.facts_version", "changed_at", "listing_signature", "quotes", "sequence",
	}, path)
}

func columnsOf(t reflect.Type) []Column { return appendColumns(nil, t, "", nil) }

func appendColumns(out []Column, t reflect.Type, prefix string, at []int) []Column {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clone(at), i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		path := prefix + name
		switch {
		case f.Anonymous && name == "":
			out = appendColumns(out, f.Type, prefix, at)
		case name == "" || name == "-" || leftOut(path):
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[time.Time]():
			out = appendColumns(out, f.Type, path+".", at)
		default:
			out = append(out, Column{Name: columnName(path), Source: path, Type: typeOf(f.Type), Doc: docOf(f), index: at})
		}
	}
	return out
}

func columnName(path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, "@"), ".", "_")
}

func typeOf(t reflect.Type) Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[time.Time]() {
		return Time
	}
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Bool:
		return Bool
	case reflect.Int, reflect.Int64, reflect.Int32:
		return Int
	case reflect.Float64, reflect.Float32:
		return Float
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return Strings
		}
	}
	return JSON
}

// docOf is what is said of a field; of a list of objects, what is said of theirs.
func docOf(f reflect.StructField) string {
	if doc := f.Tag.Get("doc"); doc != "" {
		return doc
	}
	if f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.Struct {
		return ""
	}
	var parts []string
	for _, c := range columnsOf(f.Type.Elem()) {
		parts = append(parts, c.Source+": "+c.Doc)
	}
	return "list of objects; " + strings.Join(parts, "; ")
}

// Row gives a document's values in the order of a table's columns: nil, string,
// int64, float64, bool, time.Time or []string.
func (t Table) Row(doc reflect.Value) ([]any, error) {
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		v, err := valueOf(doc.FieldByIndex(c.index), c.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Source, err)
		}
		row[i] = v
	}
	return row, nil
}

// valueOf reads a field. Fields that know nothing are zero; those for which zero
// is knowledge are pointers.
func valueOf(v reflect.Value, t Type) (any, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	} else if v.IsZero() {
		return nil, nil
	}
	switch t {
	case String:
		return v.String(), nil
	case Bool:
		return v.Bool(), nil
	case Int:
		return v.Int(), nil
	case Float:
		return v.Float(), nil
	case Time:
		at, _ := reflect.TypeAssert[time.Time](v)
		return at.UTC().Truncate(time.Microsecond), nil
	case Strings:
		list, _ := reflect.TypeAssert[[]string](v)
		return list, nil
	}
	return jsonOf(v.Interface())
}

func jsonOf(v any) (any, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// quoteRow is one quote with the post that it stands in.
type quoteRow struct {
	Site      string    `json:"site_id" doc:"board root without scheme, host[/path]"`
	PostKey   string    `json:"post_key" doc:"key of the post that quotes"`
	ThreadKey string    `json:"thread_key" doc:"key of its thread"`
	ByKey     string    `json:"author_key" doc:"key of its author"`
	ByName    string    `json:"author_name" doc:"name of its author"`
	At        time.Time `json:"published_at" doc:"when it was written, UTC"`
	Ordinal   *int64    `json:"ordinal" doc:"place of the quote in the post, 1-based"`
	Author    string    `json:"quoted_author_name" doc:"name of who is quoted"`
	AuthorKey string    `json:"quoted_author_key" doc:"key of who is quoted"`
	PostID    string    `json:"quoted_post_id" doc:"the engine's id of the quoted post"`
	QuotedKey string    `json:"quoted_post_key" doc:"key of the quoted post"`
	External  *bool     `json:"is_external" doc:"quotes something outside this forum"`
	Depth     *int64    `json:"depth" doc:"0 = quoted by the post itself, 1 = within such a quote"`
}

func quotes() Table {
	return Table{"quotes", "one row a quote", "post_key", columnsOf(reflect.TypeFor[quoteRow]())}
}

func quotesOf(d *index.PostDoc) []quoteRow {
	out := make([]quoteRow, 0, len(d.Quotes))
	for i, q := range d.Quotes {
		ordinal, depth, external := int64(i+1), int64(q.Depth), q.IsExternal
		out = append(out, quoteRow{
			Site: d.Site.ID, PostKey: d.Post.Key, ThreadKey: d.Thread.Key, ByKey: d.Author.Key, ByName: d.Author.Name, At: d.PublishedAt,
			Ordinal: &ordinal, Author: q.Author, AuthorKey: q.AuthorKey, PostID: q.PostID, QuotedKey: q.PostKey, External: &external, Depth: &depth,
		})
	}
	return out
}
