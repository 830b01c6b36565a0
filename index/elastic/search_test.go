package elastic

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
	"forumine/index/local"
	"forumine/index/query"
)

// corpus are the documents of testdata/search as they are delivered.
func corpus(t *testing.T) []index.Document {
	t.Helper()
	f, err := os.Open("../../testdata/search/documents.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var docs []index.Document
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct {
			ID, Key string
			Kind    forum.DocKind
			Version int64
			Body    json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, index.Document{ID: r.ID, Kind: r.Kind, Key: r.Key, Version: r.Version, Body: r.Body})
	}
	if err := lines.Err(); err != nil || len(docs) == 0 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	return docs
}

func corpusQueries(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/search/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "#") {
			queries = append(queries, line)
		}
	}
	return queries
}

// newCorpusEnv holds the corpus behind the project's own templates.
func newCorpusEnv(t *testing.T, srv *estest.Server, prefix string) (*env, []index.Document) {
	t.Helper()
	e := newEnv(t, srv, prefix)
	if _, err := e.direct.Setup(t.Context(), index.Templates(index.TemplateOptions{Prefix: e.prefix})); err != nil {
		t.Fatal(err)
	}
	docs := corpus(t)
	got, err := e.direct.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allStored(docs), results(got)); diff != "" {
		t.Fatalf("verdicts (-want +got):\n%s", diff)
	}
	if err := e.direct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e, docs
}

// newLocal is the embedded index with the same documents.
func newLocal(t *testing.T, docs []index.Document) *local.Index {
	t.Helper()
	x, err := local.Open(t.TempDir(), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := x.Deliver(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	return x
}

// testSameAnswers asks every query of testdata/search here and of the embedded
// index and expects the documents for which query.Matches holds, no more and no
// fewer, with the same fragments.
func testSameAnswers(t *testing.T, srv *estest.Server) {
	e, docs := newCorpusEnv(t, srv, "same")
	embedded := newLocal(t, docs)
	decoded := map[string]map[string]any{}
	for _, d := range docs {
		doc, err := query.Decode(d.Body)
		if err != nil {
			t.Fatal(err)
		}
		decoded[d.ID] = doc
	}
	found := 0
	for _, text := range corpusQueries(t) {
		node, err := query.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		q := query.Query{Node: node, Limit: 1000}
		var want []string
		for _, d := range docs {
			if q.Matches(decoded[d.ID]) && decoded[d.ID]["retracted"] != true {
				want = append(want, d.Key)
			}
		}
		q.Sort = query.Newest
		res, err := e.direct.Search(t.Context(), q)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		same, err := embedded.Search(t.Context(), q)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got, here, there []string
		for _, h := range res.Hits {
			got = append(got, keyOf(docs, h.ID))
			here = append(here, fmt.Sprint(keyOf(docs, h.ID), h.Kind, h.Score, h.Fragments))
		}
		for _, h := range same.Hits {
			there = append(there, fmt.Sprint(keyOf(docs, h.ID), h.Kind, h.Score, h.Fragments))
		}
		if diff := cmp.Diff(there, here); diff != "" {
			t.Errorf("%s (-embedded +Elasticsearch):\n%s", text, diff)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		n, err := e.direct.Matching(t.Context(), q)
		if err != nil || n != int64(len(want)) || res.Total != n {
			t.Errorf("%s: counted %d, total %d, want %d, %v", text, n, res.Total, len(want), err)
		}
		found += len(got)
	}
	if found == 0 {
		t.Error("no query found anything")
	}
}

func keyOf(docs []index.Document, id string) string {
	for _, d := range docs {
		if d.ID == id {
			return d.Key
		}
	}
	return "unknown " + id
}

func testSearch(t *testing.T, srv *estest.Server) {
	e, docs := newCorpusEnv(t, srv, "search")
	ctx := t.Context()
	first, err := e.direct.Search(ctx, query.Query{Kind: query.KindPost, Limit: 2, Sort: query.Newest})
	if err != nil || len(first.Hits) != 2 || first.Total <= 2 {
		t.Fatalf("first page: %+v %v", first, err)
	}
	second, err := e.direct.Search(ctx, query.Query{Kind: query.KindPost, Limit: 1, Offset: 1, Sort: query.Newest})
	if err != nil || len(second.Hits) != 1 || second.Hits[0].ID != first.Hits[1].ID {
		t.Errorf("second page: %+v %v", second, err)
	}
	embedded := newLocal(t, docs)
	for _, sort := range []query.Sort{query.Newest, query.Oldest, query.Relevance} {
		q := query.Query{Kind: query.KindPost, Limit: 1000, Sort: sort}
		here, errHere := e.direct.Search(ctx, q)
		there, errThere := embedded.Search(ctx, q)
		if diff := cmp.Diff(ids(docs, there.Hits), ids(docs, here.Hits)); diff != "" || errHere != nil || errThere != nil {
			t.Errorf("%s: %v %v (-embedded +Elasticsearch):\n%s", sort, errThere, errHere, diff)
		}
	}
	words, err := query.Parse("sparge")
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.direct.Search(ctx, query.Query{Node: words})
	if err != nil || len(res.Hits) == 0 {
		t.Fatalf("sparge: %+v %v", res, err)
	}
	top := res.Hits[0]
	if top.Score <= 0 || len(top.Fragments) == 0 || !strings.Contains(strings.ToLower(top.Fragments[0]), "**sparge**") {
		t.Errorf("first hit: score %v, fragments %q", top.Score, top.Fragments)
	}
	if _, err := e.direct.Search(ctx, query.Query{Offset: 9_999, Limit: 2}); err == nil || !strings.Contains(err.Error(), "narrow the query") {
		t.Errorf("beyond the window: %v", err)
	}
	bare := newEnv(t, srv, "bare")
	if _, err := bare.direct.Search(ctx, query.Query{}); err == nil || !strings.Contains(err.Error(), "deliver documents first") {
		t.Errorf("search before Setup: %v", err)
	}
}

// testLookup asks for documents and threads by every name that they have, here
// and of the embedded index.
func testLookup(t *testing.T, srv *estest.Server) {
	e, docs := newCorpusEnv(t, srv, "lookup")
	embedded := newLocal(t, docs)
	names := map[string]bool{"none": true, "": true, "a|post|none": true, "../_search": true, "a/b?c": true, "*": true}
	for _, d := range docs {
		var w map[string]json.RawMessage
		if err := json.Unmarshal(d.Body, &w); err != nil {
			t.Fatal(err)
		}
		if d.Kind == forum.DocRevision || string(w["retracted"]) == "true" {
			continue
		}
		names[d.ID], names[d.Key] = true, true
		for _, part := range []string{"post", "thread", "author"} {
			var ref struct{ ID, URL, Key string }
			if w[part] == nil {
				continue
			}
			if err := json.Unmarshal(w[part], &ref); err != nil {
				t.Fatal(err)
			}
			names[ref.ID], names[ref.URL], names[ref.Key] = true, true, true
		}
	}
	outcome := func(err error, notFound, ambiguous error) string {
		switch {
		case err == nil:
			return "found"
		case errors.Is(err, notFound):
			return "not found"
		case errors.Is(err, ambiguous):
			return "ambiguous"
		}
		return err.Error()
	}
	outcomes := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		here, errHere := e.direct.Get(t.Context(), name)
		there, errThere := embedded.Get(t.Context(), name)
		got := outcome(errHere, ErrNotFound, ErrAmbiguous)
		outcomes["get "+got]++
		if want := outcome(errThere, local.ErrNotFound, local.ErrAmbiguous); got != want {
			t.Errorf("Get(%q): %v, the embedded index: %v", name, errHere, errThere)
		}
		if diff := cmp.Diff(here.Key, there.Key); diff != "" || here.Version != there.Version || here.ID != there.ID || here.Kind != there.Kind {
			t.Errorf("Get(%q): %+v, the embedded index: %+v", name, here, there)
		}
		posts, errHere := e.direct.Thread(t.Context(), name)
		same, errThere := embedded.Thread(t.Context(), name)
		got = outcome(errHere, ErrNotFound, ErrAmbiguous)
		outcomes["thread "+got]++
		if want := outcome(errThere, local.ErrNotFound, local.ErrAmbiguous); got != want {
			t.Errorf("Thread(%q): %v, the embedded index: %v", name, errHere, errThere)
		}
		if diff := cmp.Diff(documentKeys(same), documentKeys(posts)); diff != "" {
			t.Errorf("Thread(%q) (-embedded +Elasticsearch):\n%s", name, diff)
		}
	}
	for _, o := range []string{"get found", "get not found", "thread found", "thread not found"} {
		if outcomes[o] == 0 {
			t.Errorf("no name came to %q: %v", o, outcomes)
		}
	}
	here, errHere := e.direct.Count(t.Context())
	there, errThere := embedded.Count(t.Context())
	if diff := cmp.Diff(there, here); diff != "" || errHere != nil || errThere != nil {
		t.Errorf("Count: %v %v (-embedded +Elasticsearch):\n%s", errThere, errHere, diff)
	}
}

// documentKeys are the keys of documents of either index.
func documentKeys[D Document | local.Document](docs []D) []string {
	var out []string
	for _, d := range docs {
		out = append(out, Document(d).Key)
	}
	return out
}

// ids are the keys of the hits of either index.
func ids[H Hit | local.Hit](docs []index.Document, hits []H) []string {
	var out []string
	for _, h := range hits {
		out = append(out, keyOf(docs, Hit(h).ID))
	}
	return out
}

// testLongThread pages through a thread that no single answer holds.
func testLongThread(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "long")
	if _, err := e.direct.Setup(t.Context(), index.Templates(index.TemplateOptions{Prefix: e.prefix})); err != nil {
		t.Fatal(err)
	}
	const n = 2*threadBatch + 7
	var docs []index.Document
	for i := range n {
		key := index.Key("s", "post", strconv.Itoa(i))
		docs = append(docs, index.Document{ID: index.ID(key), Kind: forum.DocPost, Key: key, Version: 1,
			Body: fmt.Appendf(nil, `{"doc_kind":"post","post":{"key":%q,"position":%d},"thread":{"key":"s|thread|1"}}`, key, n-i)})
	}
	if _, err := e.direct.Deliver(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if err := e.direct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	hits, err := e.direct.Thread(t.Context(), "s|thread|1")
	if err != nil || len(hits) != n {
		t.Fatalf("%d posts, %v", len(hits), err)
	}
	for i, h := range hits {
		if want := index.Key("s", "post", strconv.Itoa(n-1-i)); h.Key != want {
			t.Fatalf("post %d is %s, want %s", i, h.Key, want)
		}
	}
}

// testRetracted holds that a retracted document is found by no way of reading.
func testRetracted(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "retracted")
	if _, err := e.direct.Setup(t.Context(), index.Templates(index.TemplateOptions{Prefix: e.prefix})); err != nil {
		t.Fatal(err)
	}
	deliver := func(version int64, retracted bool) {
		t.Helper()
		body := fmt.Appendf(nil, `{"doc_kind":"post","retracted":%v,"post":{"key":"s|post|1"},"thread":{"key":"s|thread|1"}}`, retracted)
		_, err := e.direct.Deliver(t.Context(), []index.Document{{ID: index.ID("s|post|1"), Kind: forum.DocPost, Version: version, Body: body}})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.direct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, retracted := range []bool{false, true, false} {
		deliver(int64(i+1), retracted)
		n, err := e.direct.Matching(t.Context(), query.Query{})
		if err != nil || (n == 0) != retracted {
			t.Errorf("retracted %v: counted %d, %v", retracted, n, err)
		}
		if _, err := e.direct.Get(t.Context(), "s|post|1"); errors.Is(err, ErrNotFound) != retracted {
			t.Errorf("retracted %v: Get: %v", retracted, err)
		}
		if _, err := e.direct.Thread(t.Context(), "s|thread|1"); errors.Is(err, ErrNotFound) != retracted {
			t.Errorf("retracted %v: Thread: %v", retracted, err)
		}
	}
}
