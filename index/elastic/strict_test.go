package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
)

// testEveryField loads a document of each kind that has every field there is,
// and the documents of testdata/search, into indices that refuse any field which
// their mapping does not name.
func testEveryField(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "strict")
	strict := map[string]json.RawMessage{}
	for name, raw := range index.Templates(index.TemplateOptions{Prefix: e.prefix}) {
		changed := bytes.Replace(raw, []byte(`"mappings":{"_meta"`), []byte(`"mappings":{"dynamic":"strict","_meta"`), 1)
		changed = bytes.Replace(changed, []byte(`"dynamic":false,`), nil, 1)
		if bytes.Equal(changed, raw) || !bytes.Contains(changed, []byte(`"dynamic":"strict"`)) {
			t.Fatalf("the template %s could not be made strict: %.300s", name, raw)
		}
		strict[name] = changed
	}
	if _, err := e.direct.Setup(t.Context(), strict); err != nil {
		t.Fatal(err)
	}
	docs := corpus(t)
	for kind, doc := range map[forum.DocKind]any{
		forum.DocPost: &index.PostDoc{}, forum.DocThread: &index.ThreadDoc{}, forum.DocAuthor: &index.AuthorDoc{}, forum.DocRevision: &index.RevisionDoc{},
	} {
		fill(reflect.ValueOf(doc).Elem())
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, index.Document{ID: "all-" + string(kind), Kind: kind, Version: 1, Body: body})
	}
	odd := len(docs)
	docs = append(docs, post("odd", 1, `{"doc_kind":"post","nosuch":1}`))
	verdicts, err := e.direct.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range verdicts {
		if want := i != odd; (v.Result == index.Stored) != want {
			t.Errorf("%s: %s %s", v.ID, v.Result, v.Reason)
		}
	}
}

// fill gives every field of a document a value.
func fill(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = time.Date(2026, 4, 5, 6, 7, 8, 0, time.UTC)
		return
	case *map[string]int64:
		*at = map[string]int64{"like": 3}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a_slug": "a value"}).Convert(v.Type()))
	case reflect.String:
		v.SetString("some words")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	default:
		v.SetInt(7)
	}
}

// testLanguages has a server find words by their stems in the languages that are
// configured, and by nothing else.
func testLanguages(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "languages")
	languages := []string{"en", "de", "ru", "ar", "zh"}
	if _, err := e.direct.Setup(t.Context(), index.Templates(index.TemplateOptions{Prefix: e.prefix, Languages: languages, Shards: 3})); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ lang, text, asked string }{
		{"en", "Two aerials on the roof", "aerial"},
		{"de", "Antennen auf alten Häusern", "haus"},
		{"ru", "вечер с книгами", "книга"},
		{"ar", "قرأت الكتاب", "كتاب"},
		{"zh", "室内天线很好", "天线"},
	}
	var docs []index.Document
	for _, c := range cases {
		docs = append(docs, post(c.lang, 1, fmt.Sprintf(`{"doc_kind":"post","body":{"text":%q}}`, c.text)))
	}
	if vs, err := e.direct.Deliver(t.Context(), docs); err != nil || results(vs) != allStored(docs) {
		t.Fatalf("%v %v", results(vs), err)
	}
	if err := e.direct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		_, answer := srv.Do("POST", "/"+e.prefix+"-posts/_search", fmt.Sprintf(`{"_source":false,"query":{"match":{"body.text.%s":%q}}}`, c.lang, c.asked))
		if !strings.Contains(answer, `"_id":"`+c.lang+`"`) || !strings.Contains(answer, `"total":{"value":1,`) {
			t.Errorf("%s by %q: %s", c.lang, c.asked, answer)
		}
	}
	if _, settings := srv.Do("GET", "/"+e.prefix+"-posts/_settings", ""); !strings.Contains(settings, `"number_of_shards":"3"`) {
		t.Errorf("settings: %s", settings)
	}
}
