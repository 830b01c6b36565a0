package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/local"
	"forumine/index/query"
)

func loadDocuments(t testing.TB) []index.Document {
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
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return docs
}

func open(t testing.TB, dir string, opt local.Options) *local.Index {
	t.Helper()
	x, err := local.Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func deliver(t testing.TB, x *local.Index, docs ...index.Document) []index.Verdict {
	t.Helper()
	verdicts, err := x.Deliver(context.Background(), docs)
	if err != nil {
		t.Fatal(err)
	}
	return verdicts
}

func parse(t testing.TB, s string) query.Node {
	t.Helper()
	n, err := query.Parse(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return n
}

func find(t testing.TB, x *local.Index, q query.Query) local.Results {
	t.Helper()
	found, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// post makes a small post document by hand.
func post(n int, version int64, text string) index.Document {
	key := fmt.Sprintf("a.example|post|%d", n)
	body, _ := json.Marshal(map[string]any{
		"doc_kind": "post", "@timestamp": "2024-01-02T03:04:05Z",
		"site":   map[string]any{"id": "a.example", "host": "a.example"},
		"post":   map[string]any{"id": strconv.Itoa(n), "key": key, "position": n},
		"thread": map[string]any{"id": "1", "key": "a.example|thread|1", "title": "Kettles"},
		"author": map[string]any{"id": "9", "key": "a.example|user|9", "name": "Ada"},
		"body":   map[string]any{"text": text},
	})
	return index.Document{ID: query.DocumentID(key), Kind: forum.DocPost, Key: key, Version: version, Body: body}
}

// Every query finds exactly the documents that the reference matcher names.
func TestSearchAgreesWithReference(t *testing.T) {
	docs := loadDocuments(t)
	x := open(t, t.TempDir(), local.Options{})
	deliver(t, x, docs...)
	b, err := os.ReadFile("../../testdata/search/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	asked, withHits := 0, 0
	for line := range strings.SplitSeq(string(b), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, q := range []query.Query{{}, {Kind: query.KindPost, Sort: query.Newest}, {Sort: query.Oldest}} {
			q.Node, q.Limit = parse(t, line), 1000
			want := reference(t, q, docs)
			found := find(t, x, q)
			var got []string
			for _, h := range found.Hits {
				got = append(got, h.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) || found.Total != int64(len(want)) {
				t.Errorf("%s (kind %q): total %d\n got %v\nwant %v", line, q.Kind, found.Total, names(got, docs), names(want, docs))
			}
			asked++
			if len(want) > 0 {
				withHits++
			}
		}
	}
	if asked < 40*3 || withHits < asked/2 {
		t.Errorf("%d queries asked, %d with hits: the list is too weak to prove anything", asked, withHits)
	}
}

// Combinations of the queries compile right as well, in whatever way they nest.
func TestRandomCombinationsAgreeWithReference(t *testing.T) {
	docs := loadDocuments(t)
	x := open(t, t.TempDir(), local.Options{})
	deliver(t, x, docs...)
	b, err := os.ReadFile("../../testdata/search/queries.txt")
	if err != nil {
		t.Fatal(err)
	}
	var leaves []query.Node
	for line := range strings.SplitSeq(string(b), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line != "" && !strings.HasPrefix(line, "#") {
			leaves = append(leaves, parse(t, line))
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		q := query.Query{Node: combine(r, leaves, 3), Limit: 1000}
		var got []string
		for _, h := range find(t, x, q).Hits {
			got = append(got, h.ID)
		}
		slices.Sort(got)
		if want := reference(t, q, docs); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", q.Node, names(got, docs), names(want, docs))
		}
	}
}

// combine nests leaves at random.
func combine(r *rand.Rand, leaves []query.Node, depth int) query.Node {
	if depth == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	var nodes []query.Node
	for range 2 + r.IntN(2) {
		nodes = append(nodes, combine(r, leaves, r.IntN(depth)))
	}
	switch r.IntN(4) {
	case 0:
		return query.Not{Node: nodes[0]}
	case 1:
		return query.Join(nodes...)
	}
	return query.Or{Nodes: nodes}
}

func reference(t *testing.T, q query.Query, docs []index.Document) []string {
	var ids []string
	for _, d := range docs {
		doc, err := query.Decode(d.Body)
		if err != nil {
			t.Fatal(err)
		}
		if q.Matches(doc) {
			ids = append(ids, d.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func names(ids []string, docs []index.Document) []string {
	var keys []string
	for _, d := range docs {
		if slices.Contains(ids, d.ID) {
			keys = append(keys, d.Key)
		}
	}
	return keys
}

func TestOrderAndPages(t *testing.T) {
	x := open(t, t.TempDir(), local.Options{})
	deliver(t, x, loadDocuments(t)...)
	ranked := find(t, x, query.Query{Node: parse(t, "porter kind:post")})
	if len(ranked.Hits) < 3 {
		t.Fatalf("got %d hits", len(ranked.Hits))
	}
	for i := 1; i < len(ranked.Hits); i++ {
		if ranked.Hits[i].Score > ranked.Hits[i-1].Score {
			t.Errorf("hit %d scores more than the one before", i)
		}
	}
	if !strings.Contains(string(ranked.Hits[0].Document), "Stout porter porter porter") || ranked.Hits[0].Score <= 0 {
		t.Errorf("best hit: score %v, %s", ranked.Hits[0].Score, ranked.Hits[0].Document)
	}
	mixed := find(t, x, query.Query{Node: parse(t, "porter OR likes:>=200"), Limit: 100})
	if mixed.Hits[0].Score <= 0 || mixed.Hits[len(mixed.Hits)-1].Score != 0 {
		t.Errorf("a hit by words must stand before a hit by number")
	}
	all := find(t, x, query.Query{Node: parse(t, "kind:post"), Sort: query.Oldest, Limit: 1000})
	var paged []string
	for offset := 0; offset < int(all.Total); offset += 7 {
		page := find(t, x, query.Query{Node: parse(t, "kind:post"), Sort: query.Oldest, Limit: 7, Offset: offset})
		if page.Total != all.Total {
			t.Fatalf("total %d on a page, %d at once", page.Total, all.Total)
		}
		for _, h := range page.Hits {
			paged = append(paged, h.ID)
		}
	}
	for i, h := range all.Hits {
		if paged[i] != h.ID {
			t.Fatalf("page order differs at %d", i)
		}
	}
}

func TestFragments(t *testing.T) {
	x := open(t, t.TempDir(), local.Options{Pre: "<", Post: ">"})
	deliver(t, x, loadDocuments(t)...)
	found := find(t, x, query.Query{Node: parse(t, `"stuck sparge" id:5501`)})
	want := []string{"My first all-grain batch ended in a <stuck sparge>. I milled at 0.9 mm and didn't use rice hulls. What went wrong?", "First all-grain batch: <stuck sparge>"}
	if len(found.Hits) != 1 || !slices.Equal(found.Hits[0].Fragments, want) {
		t.Errorf("got %+v", found.Hits)
	}
}

func TestVersions(t *testing.T) {
	x := open(t, t.TempDir(), local.Options{})
	steps := []struct {
		version int64
		text    string
		want    index.Result
		finds   string
	}{
		{10, "copper kettle", index.Stored, "copper"},
		{10, "brass kettle", index.Stale, "copper"},
		{9, "iron kettle", index.Stale, "copper"},
		{11, "steel kettle", index.Stored, "steel"},
	}
	for _, s := range steps {
		v := deliver(t, x, post(1, s.version, s.text))
		if v[0].Result != s.want || v[0].Version != s.version {
			t.Errorf("version %d: %+v", s.version, v[0])
		}
		for _, word := range []string{"copper", "brass", "iron", "steel"} {
			total := find(t, x, query.Query{Node: parse(t, word)}).Total
			if (total == 1) != (word == s.finds) {
				t.Errorf("after version %d: %s found %d times", s.version, word, total)
			}
		}
	}
}

func TestBatchWithDuplicatesAndRefusals(t *testing.T) {
	x := open(t, t.TempDir(), local.Options{})
	bad := post(2, 1, "x")
	bad.Body = []byte(`{"doc_kind":`)
	wrongKind := post(3, 1, "x")
	wrongKind.Kind = forum.DocThread
	v := deliver(t, x, post(1, 1, "first"), bad, post(1, 3, "third"), wrongKind, post(1, 2, "second"))
	want := []index.Result{index.Stored, index.Refused, index.Stored, index.Refused, index.Stale}
	for i, w := range want {
		if v[i].Result != w || (w == index.Refused) != (v[i].Reason != "") {
			t.Errorf("verdict %d: %+v, want %s", i, v[i], w)
		}
	}
	if n := find(t, x, query.Query{Node: parse(t, "third")}).Total; n != 1 {
		t.Errorf("third found %d times", n)
	}
	counts, err := x.Count(context.Background())
	if err != nil || counts[forum.DocPost] != 1 {
		t.Errorf("count %v, %v", counts, err)
	}
}

func TestRetractedIsHiddenAndComesBack(t *testing.T) {
	ctx := context.Background()
	x := open(t, t.TempDir(), local.Options{})
	gone := post(1, 2, "kettle")
	gone.Body = []byte(strings.Replace(string(gone.Body), `{`, `{"retracted":true,`, 1))
	deliver(t, x, post(1, 1, "kettle"))
	deliver(t, x, gone)
	for _, q := range []string{"kettle", "-nothing", "position:1", ""} {
		if n := find(t, x, query.Query{Node: parse(t, q)}).Total; n != 0 {
			t.Errorf("%q finds a retracted document", q)
		}
	}
	if counts, _ := x.Count(ctx); counts[forum.DocPost] != 0 {
		t.Errorf("counted: %v", counts)
	}
	if v := deliver(t, x, post(1, 1, "kettle")); v[0].Result != index.Stale {
		t.Errorf("a retracted document forgot its version: %+v", v[0])
	}
	deliver(t, x, post(1, 3, "kettle"))
	if n := find(t, x, query.Query{Node: parse(t, "kettle")}).Total; n != 1 {
		t.Errorf("found %d times after its return", n)
	}
}

func TestGet(t *testing.T) {
	ctx := context.Background()
	x := open(t, t.TempDir(), local.Options{})
	deliver(t, x, loadDocuments(t)...)
	key := "brew.example/forum|post|5502"
	for _, name := range []string{key, query.DocumentID(key), "5502", "https://brew.example/t/55#p5502"} {
		d, err := x.Get(ctx, name)
		if err != nil || d.Key != key || d.Kind != forum.DocPost || d.Version != 1000 || !json.Valid(d.Body) {
			t.Errorf("%s: %+v, %v", name, d.Key, err)
		}
	}
	if _, err := x.Get(ctx, "no-such"); !errors.Is(err, local.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := x.Get(ctx, "41"); err != nil { // one author has the id 41
		t.Errorf("got %v", err)
	}
	other := post(5502, 1, "another site's post of the same number")
	deliver(t, x, other)
	if _, err := x.Get(ctx, "5502"); !errors.Is(err, local.ErrAmbiguous) || !strings.Contains(err.Error(), other.Key) {
		t.Errorf("got %v", err)
	}
}

func TestThreadInOrder(t *testing.T) {
	ctx := context.Background()
	x := open(t, t.TempDir(), local.Options{})
	docs := loadDocuments(t)
	slices.Reverse(docs)
	deliver(t, x, docs...)
	key := "brew.example/forum|thread|55"
	for _, name := range []string{key, "55", "https://brew.example/t/55", query.DocumentID(key)} {
		posts, err := x.Thread(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range posts {
			ids = append(ids, d.Key[strings.LastIndex(d.Key, "|")+1:])
		}
		if got := strings.Join(ids, " "); got != "5501 5502 5503 5504 5505 5506" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if _, err := x.Thread(ctx, "nowhere"); !errors.Is(err, local.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDocumentsAndCount(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	docs := loadDocuments(t)
	deliver(t, open(t, dir, local.Options{}), docs...)
	x := open(t, dir, local.Options{ReadOnly: true})
	i := 0
	err := x.Documents(ctx, func(d local.Document) error {
		if d.ID != docs[i].ID || string(d.Body) != string(docs[i].Body) {
			t.Errorf("document %d is %s, want %s", i, d.Key, docs[i].Key)
		}
		i++
		return nil
	})
	if err != nil || i != len(docs) {
		t.Errorf("%d of %d documents, %v", i, len(docs), err)
	}
	enough := errors.New("enough")
	if err := x.Documents(ctx, func(local.Document) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	counts, err := x.Count(ctx)
	if err != nil || counts[forum.DocRevision] != 1 || counts[forum.DocThread] != 7 {
		t.Errorf("%v, %v", counts, err)
	}
	if _, err := x.Deliver(ctx, docs[:1]); !errors.Is(err, index.ErrStop) {
		t.Errorf("delivering read only: %v", err)
	}
}

func TestReadersWhileWriting(t *testing.T) {
	ctx := context.Background()
	x := open(t, t.TempDir(), local.Options{})
	deliver(t, x, post(0, 1, "kettle"))
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			last := int64(0)
			for {
				found, err := x.Search(ctx, query.Query{Node: query.Text{Text: "kettle"}})
				if err != nil || found.Total < last || found.Total%10 != 1 {
					t.Errorf("found %d after %d: %v", found.Total, last, err)
					return
				}
				last = found.Total
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for batch := range 20 {
		var docs []index.Document
		for i := range 10 {
			docs = append(docs, post(1+batch*10+i, 1, "another kettle"))
		}
		deliver(t, x, docs...)
	}
	close(done)
	wg.Wait()
	if n := find(t, x, query.Query{Node: parse(t, "kettle")}).Total; n != 201 {
		t.Errorf("found %d", n)
	}
}

func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, local.Options{MaxPages: 150})
	text := strings.Repeat("kettle boils water slowly ", 80)
	stored, version := 0, int64(1)
	var failed error
	for n := 0; failed == nil && n < 2000; n += 10 {
		var docs []index.Document
		for i := range 10 {
			docs = append(docs, post(n+i, version, text))
		}
		if _, failed = x.Deliver(context.Background(), docs); failed == nil {
			stored += 10
		}
	}
	if !errors.Is(failed, index.ErrStop) || !strings.Contains(failed.Error(), "free disk space") {
		t.Fatalf("got %v", failed)
	}
	if n := find(t, x, query.Query{Node: parse(t, "kettle")}).Total; stored == 0 || n != int64(stored) {
		t.Errorf("%d stored, %d found", stored, n)
	}
	x.Close()
	x = open(t, dir, local.Options{}) // with room again
	deliver(t, x, post(5000, 1, text))
	if n := find(t, x, query.Query{Node: parse(t, "kettle")}).Total; n != int64(stored)+1 {
		t.Errorf("%d found after room was made", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := local.Open(t.TempDir(), local.Options{ReadOnly: true}); !errors.Is(err, local.ErrNoIndex) {
		t.Errorf("no file: %v", err)
	}
	if _, err := local.Open(filepath.Join(t.TempDir(), "nowhere"), local.Options{}); !errors.Is(err, index.ErrStop) {
		t.Errorf("no folder: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, local.FileName), []byte(strings.Repeat("not a database. ", 512)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := local.Open(dir, local.Options{})
	if !errors.Is(err, local.ErrCorrupt) || !strings.Contains(err.Error(), "forumine reindex") {
		t.Errorf("no database: %v", err)
	}
	if err := local.Remove(dir); err != nil {
		t.Fatal(err)
	}
	open(t, dir, local.Options{})
}

func TestDamagedFileIsNamed(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir, local.Options{})
	for n := range 200 {
		deliver(t, x, post(n, 1, strings.Repeat("kettle ", 200)))
	}
	x.Close()
	path := filepath.Join(dir, local.FileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 8192; i < len(b); i++ {
		b[i] = 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	x, err = local.Open(dir, local.Options{})
	if err == nil {
		defer x.Close()
		_, err = x.Search(context.Background(), query.Query{Node: parse(t, "kettle")})
	}
	if !errors.Is(err, local.ErrCorrupt) || !errors.Is(err, index.ErrStop) {
		t.Errorf("got %v", err)
	}
}

func TestRebuild(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	x := open(t, dir, local.Options{})
	deliver(t, x, post(1, 5, "copper"), post(2, 5, "brass"))
	if err := x.StartRebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if on, err := x.Rebuilding(ctx); !on || err != nil {
		t.Errorf("rebuilding: %v, %v", on, err)
	}
	if v := deliver(t, x, post(1, 1, "copper")); v[0].Result != index.Stored {
		t.Errorf("an emptied index remembers versions: %+v", v[0])
	}
	if err := x.FinishRebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if on, err := x.Rebuilding(ctx); on || err != nil {
		t.Errorf("rebuilding: %v, %v", on, err)
	}
	for word, want := range map[string]int64{"copper": 1, "brass": 0} {
		if n := find(t, x, query.Query{Node: parse(t, word)}).Total; n != want {
			t.Errorf("%s: %d", word, n)
		}
	}
}

func TestCancelledSearch(t *testing.T) {
	x := open(t, t.TempDir(), local.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Search(ctx, query.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := x.Deliver(ctx, []index.Document{post(1, 1, "x")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
