package index

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

var update = flag.Bool("update", false, "write generated files and goldens anew")

// generated lists the files that are made from the documents' structs.
func generated(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{filepath.Join("..", "docs", "schema.md"): SchemaMarkdown()}
	for name, raw := range Templates(TemplateOptions{}) {
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", " "); err != nil {
			t.Fatal(err)
		}
		b.WriteByte('\n')
		files[filepath.Join("templates", name+".json")] = b.Bytes()
	}
	return files
}

func TestGenerated(t *testing.T) {
	for path, want := range generated(t) {
		checkFile(t, path, want)
	}
}

func checkFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale: run go test ./index -update and look at the difference\n%s", path, firstDifference(have, want))
	}
}

func firstDifference(have, want []byte) string {
	a, b := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\nhave %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("have %d lines, want %d", len(a), len(b))
}

// Every leaf of every document has an es tag of a type that its Go type can fill,
// and a meaning.
func TestEveryFieldIsMapped(t *testing.T) {
	for _, kind := range DocKinds() {
		checkTags(t, reflect.TypeOf(emptyDoc(kind)), string(kind))
	}
}

func checkTags(t *testing.T, doc reflect.Type, path string) {
	for f := range doc.Fields() {
		at := path + "." + fieldName(f)
		tag, mapped := f.Tag.Lookup("es")
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if !mapped {
			if !isObject(inner) {
				t.Errorf("%s has no es tag", at)
				continue
			}
			checkTags(t, inner, at)
			continue
		}
		if why := misfit(f.Type, tag); why != "" {
			t.Errorf("%s: %s", at, why)
		}
		if f.Tag.Get("doc") == "" {
			t.Errorf("%s has no meaning", at)
		}
		if f.Type.Kind() != reflect.Bool && f.Type.Kind() != reflect.Int && !strings.Contains(f.Tag.Get("json"), ",omit") {
			t.Errorf("%s would be written when it is empty", at)
		}
	}
}

// misfit tells why a Go type cannot fill an Elasticsearch type; empty if it can.
func misfit(t reflect.Type, tag string) string {
	name, _, _ := strings.Cut(strings.Split(tag, ";")[0], ",")
	for t.Kind() == reflect.Pointer || (t.Kind() == reflect.Slice && name != "object") {
		t = t.Elem()
	}
	fits := false
	switch name {
	case "keyword", "text":
		fits = t.Kind() == reflect.String
	case "date":
		fits = t == reflect.TypeFor[time.Time]()
	case "boolean":
		fits = t.Kind() == reflect.Bool
	case "long":
		fits = t.Kind() == reflect.Int64
	case "integer", "short":
		fits = t.Kind() == reflect.Int
	case "half_float":
		fits = t.Kind() == reflect.Float64
	case "flattened":
		fits = t.Kind() == reflect.Map && t.Elem().Kind() == reflect.String
	case "object":
		fits = t.Kind() == reflect.Map || t.Kind() == reflect.Slice
	}
	if !fits {
		return fmt.Sprintf("a Go %s cannot fill an Elasticsearch %s", t, name)
	}
	return ""
}

// A dotted name occurs once: two structs that give one name would hide each other
// in the JSON.
func TestFieldNamesAreUnique(t *testing.T) {
	for _, kind := range DocKinds() {
		seen := map[string]bool{}
		for _, f := range Fields(emptyDoc(kind)) {
			if seen[f.Name] {
				t.Errorf("%s has %s twice", kind, f.Name)
			}
			seen[f.Name] = true
		}
	}
}

// The mapping that a real server accepted is a subset of the generated one.
func TestTemplatesHoldTheReference(t *testing.T) {
	for _, name := range []string{"forum-posts", "forum-threads", "forum-authors"} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "shared", "reference", name+".json"))
		if err != nil {
			t.Skipf("the reference mappings are not here: %v", err)
		}
		want, have := leaves(t, raw), leaves(t, Templates(TemplateOptions{})[name])
		for path, kind := range want {
			if strings.HasPrefix(path, "last_seen_at") {
				continue // exact in the state, absent from the index
			}
			if have[path] != kind {
				t.Errorf("%s %s is %q, the reference has %q", name, path, have[path], kind)
			}
		}
		if sw, sh := setting(t, raw), setting(t, Templates(TemplateOptions{})[name]); !reflect.DeepEqual(sw, sh) {
			t.Errorf("%s settings\nhave %v\nwant %v", name, sh, sw)
		}
	}
}

func setting(t *testing.T, raw []byte) any {
	t.Helper()
	var doc struct{ Template struct{ Settings any } }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Template.Settings
}

// leaves maps each mapped path, sub-fields included, to its type and analyzer.
func leaves(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	var doc struct {
		Template struct{ Mappings map[string]any }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	addLeaves(out, "", doc.Template.Mappings["properties"].(map[string]any))
	return out
}

func addLeaves(out map[string]string, prefix string, properties map[string]any) {
	for name, p := range properties {
		prop := p.(map[string]any)
		if inner, ok := prop["properties"].(map[string]any); ok {
			addLeaves(out, prefix+name+".", inner)
			continue
		}
		out[prefix+name] = fmt.Sprint(prop["type"], " ", prop["analyzer"], prop["index"], prop["enabled"], prop["normalizer"])
		if subs, ok := prop["fields"].(map[string]any); ok {
			addLeaves(out, prefix+name+".", subs)
		}
	}
}

func TestTemplateOptions(t *testing.T) {
	all := Templates(TemplateOptions{Prefix: "lab", Shards: 3, Replicas: 2, Languages: []string{"de", "fr"}})
	raw, ok := all["lab-post-revisions"]
	if !ok || len(all) != 4 {
		t.Fatalf("templates: %v", slices.Sorted(maps.Keys(all)))
	}
	for _, want := range []string{
		`"index_patterns":["lab-post-revisions-v*"]`, `"number_of_shards":3`, `"number_of_replicas":2`,
		`"de":{"analyzer":"german","type":"text"}`, `"fr":{"analyzer":"french","type":"text"}`, `"replaced_at"`,
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s", want)
		}
	}
	if err := (TemplateOptions{Languages: []string{"en", "tlh"}}).Validate(); err == nil || !strings.Contains(err.Error(), `"tlh"`) {
		t.Errorf("an unknown language: %v", err)
	}
	if err := (TemplateOptions{Languages: AnalyzedLanguages()}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestAlias(t *testing.T) {
	for kind, want := range map[forum.DocKind]string{
		forum.DocPost: "forum-posts", forum.DocThread: "forum-threads",
		forum.DocAuthor: "forum-authors", forum.DocRevision: "forum-post-revisions",
	} {
		if have := Alias("", kind); have != want {
			t.Errorf("%s: %s, want %s", kind, have, want)
		}
	}
	if !json.Valid(AliasFilter()) {
		t.Error("the filter is no JSON")
	}
}
