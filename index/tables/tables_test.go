package tables

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/index"

	"github.com/parquet-go/parquet-go"
)

// files are files in memory.
type files map[string]*bytes.Buffer

type memory struct{ *bytes.Buffer }

func (memory) Close() error { return nil }

func (f files) create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return memory{f[name]}, nil
}

const (
	fullPost = `{"doc_kind":"post","site":{"id":"forum.example.org"},"forum":{"breadcrumbs":["A","B \"b\""]},"crawl":{"fetched_at":"2026-03-01T10:00:00Z","warc":"x:1","run_id":"7"},
"post":{"id":"9","key":"forum.example.org|post|9","position":3,"is_first":false},"thread":{"key":"forum.example.org|thread|4","title":"Sour, dough"},
"author":{"key":"forum.example.org|user|2","name":"Ada \"Q\"","post_count":0,"fields":{"oven":"stone"}},"published_at":"2026-02-28T09:08:07.654321Z",
"body":{"text":"one,\ntwo \"three\"\r\nfour","lang_confidence":0.5},"links":[{"url":"https://example.org/a?b&c","is_internal":false}],
"quotes":[{"author":"Ben","post_id":"8","depth":0},{"author":"Cy","is_external":true,"depth":1}]}`
	barePost = `{"doc_kind":"post","site":{"id":"forum.example.org"},"post":{"key":"forum.example.org|post|10"}}`
)

func write(t *testing.T, format string, docs ...string) (files, []File) {
	t.Helper()
	out := files{}
	s, err := NewSet(format, out.create)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		var kind struct {
			Kind forum.DocKind `json:"doc_kind"`
		}
		if err := json.Unmarshal([]byte(d), &kind); err != nil {
			t.Fatal(err)
		}
		if err := s.Add(kind.Kind, json.RawMessage(d)); err != nil {
			t.Fatal(err)
		}
	}
	written, err := s.Close()
	if err != nil {
		t.Fatal(err)
	}
	return out, written
}

func TestCSV(t *testing.T) {
	out, written := write(t, "csv", fullPost, barePost)
	rows, err := csv.NewReader(out["posts.csv"]).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	cell := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{
		"post_key": "forum.example.org|post|9", "post_is_first": "false", "author_post_count": "0", "author_name": `Ada "Q"`,
		"body_text": "one,\ntwo \"three\"\nfour", "published_at": "2026-02-28T09:08:07.654321Z", "forum_breadcrumbs": `["A","B \"b\""]`,
		"author_fields": `{"oven":"stone"}`, "links": `[{"url":"https://example.org/a?b&c","is_internal":false}]`, "body_lang_confidence": "0.5",
		"post_position": "3", "edited_at": "",
	} {
		if got := cell(1, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for i, v := range rows[2] {
		if known := slices.Contains([]string{"post_key", "site_id"}, rows[0][i]); (v != "") != known {
			t.Errorf("of a post that nothing is known of, %s is %q", rows[0][i], v)
		}
	}
	quoted, err := csv.NewReader(out["quotes.csv"]).ReadAll()
	if err != nil || len(quoted) != 3 || quoted[2][6] != "2" || quoted[2][7] != "Cy" || quoted[2][11] != "true" || quoted[1][11] != "false" {
		t.Errorf("quotes: %v %v", quoted, err)
	}
	if written[0].Rows != 2 || written[3].Rows != 2 || written[1].Rows != 0 {
		t.Errorf("rows: %+v", written)
	}
}

// The schema is the same whatever the data holds, and a null is no zero.
func TestParquetSchemaDoesNotMove(t *testing.T) {
	schema := func(docs ...string) (string, *parquet.File) {
		out, _ := write(t, "parquet", docs...)
		raw := out["posts.parquet"].Bytes()
		f, err := parquet.OpenFile(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		return f.Schema().String(), f
	}
	empty, _ := schema()
	bare, _ := schema(barePost)
	full, f := schema(fullPost, barePost)
	if empty != full || bare != full {
		t.Errorf("the schema moves:\n%s\n%s\n%s", empty, bare, full)
	}
	for _, want := range []string{"optional int64 published_at (TIMESTAMP(isAdjustedToUTC=true,unit=MICROS))", "optional binary post_key (STRING)",
		"optional boolean post_is_first", "optional double body_lang_confidence", "optional group forum_breadcrumbs (LIST)"} {
		if !strings.Contains(full, want) {
			t.Errorf("no %q in\n%s", want, full)
		}
	}
	var names []string
	for _, c := range f.Schema().Fields() {
		names = append(names, c.Name())
	}
	var want []string
	for _, c := range posts().Columns {
		want = append(want, c.Name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("the columns stand in another order: %v", names)
	}
	rows := make([]parquet.Row, 2)
	r := f.RowGroups()[0].Rows()
	defer r.Close()
	if n, err := r.ReadRows(rows); n != 2 || err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%d rows: %v", n, err)
	}
	first := slices.Index(names, "post_is_first")
	for i, null := range []bool{false, true} {
		for _, v := range rows[i] {
			if v.Column() == first && v.IsNull() != null {
				t.Errorf("row %d: post_is_first is null: %v", i, v.IsNull())
			}
		}
	}
}

// Equal data gives equal bytes, and the list of files tells them truly.
func TestSameBytes(t *testing.T) {
	var docs []string
	for i := range 3 * rowGroup / 2 {
		docs = append(docs, strings.Replace(fullPost, "post|9", fmt.Sprintf("post|%d", i), 1))
	}
	for _, format := range Formats() {
		a, listed := write(t, format, docs...)
		b, _ := write(t, format, docs...)
		for _, f := range listed {
			if !bytes.Equal(a[f.Name].Bytes(), b[f.Name].Bytes()) {
				t.Errorf("%s differs between two exports of the same data", f.Name)
			}
			sum := sha256.Sum256(a[f.Name].Bytes())
			if f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(a[f.Name].Len()) {
				t.Errorf("%s: the list says %s, %d bytes", f.Name, f.SHA256, f.Bytes)
			}
		}
	}
}

// Every column is described, under a name of its own, and every field of a post
// has one or is left out on purpose.
func TestColumns(t *testing.T) {
	for _, table := range Tables() {
		names := map[string]bool{}
		for _, c := range table.Columns {
			if names[c.Name] || c.Doc == "" {
				t.Errorf("%s.%s: there twice, or without a meaning: %q", table.Name, c.Name, c.Doc)
			}
			names[c.Name] = true
			if strings.ContainsAny(c.Name, ".@| ") {
				t.Errorf("%s.%s is no plain name", table.Name, c.Name)
			}
		}
		if !names[table.Key] {
			t.Errorf("%s has no column %s", table.Name, table.Key)
		}
	}
	var missing []string
	for _, path := range pathsOf(reflect.TypeFor[index.PostDoc](), "") {
		if !slices.ContainsFunc(posts().Columns, func(c Column) bool { return c.Source == path }) {
			missing = append(missing, path)
		}
	}
	want := []string{"sequence", "@timestamp", "schema_version", "doc_kind", "retracted", "crawl.run_id", "crawl.warc", "extract.facts_version", "changed_at", "quotes"}
	if !slices.Equal(missing, want) {
		t.Errorf("without a column: %v", missing)
	}
}

func pathsOf(t reflect.Type, prefix string) []string {
	var out []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "":
			out = append(out, pathsOf(f.Type, prefix)...)
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[time.Time]():
			out = append(out, pathsOf(f.Type, prefix+name+".")...)
		default:
			out = append(out, prefix+name)
		}
	}
	return out
}

func TestDescription(t *testing.T) {
	_, listed := write(t, "csv", fullPost)
	d := Description{Name: "bread", License: "https://example.org/licence", Program: "forumine 1", Extractor: 3,
		AsOf: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Newest: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), Files: listed}
	text := string(d.Dictionary())
	for _, want := range []string{"# bread", "As of 2026-03-02T00:00:00Z", "| posts.csv | 1 |", listed[0].SHA256, "| post_key | string | post.key | site\\|post\\|id"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the dictionary", want)
		}
	}
	raw, err := d.Croissant()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		ConformsTo   string `json:"conformsTo"`
		Distribution []struct {
			Name   string `json:"name"`
			SHA256 string `json:"sha256"`
		} `json:"distribution"`
		RecordSet []struct {
			Field []struct {
				Source struct {
					FileObject map[string]string `json:"fileObject"`
					Extract    map[string]string `json:"extract"`
				} `json:"source"`
			} `json:"field"`
		} `json:"recordSet"`
		Published string `json:"datePublished"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.ConformsTo != "http://mlcommons.org/croissant/1.0" || len(doc.Distribution) != 4 || doc.Distribution[0].SHA256 != listed[0].SHA256 || doc.Published != "2026-03-02" {
		t.Errorf("%+v", doc)
	}
	for i, set := range doc.RecordSet {
		if len(set.Field) != len(listed[i].Table.Columns) || set.Field[0].Source.FileObject["@id"] != listed[i].Name {
			t.Errorf("record set %d: %+v", i, set.Field[0])
		}
	}
}
