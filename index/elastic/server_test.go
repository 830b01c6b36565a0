package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
)

// template is a small index template in the shape that Setup reads.
func template(version int, properties string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"index_patterns":["x"],"priority":200,"template":{
		"settings":{"index":{"number_of_shards":1,"number_of_replicas":0,"refresh_interval":"30s"}},
		"mappings":{"dynamic":false,"_meta":{"schema_version":%d},"properties":{%s}}}}`, version, properties))
}

const testProperties = `"retracted":{"type":"boolean"},"n":{"type":"integer"},"note":{"type":"text"},"doc_kind":{"type":"keyword"},"site":{"properties":{"id":{"type":"keyword"}}}`

func testTemplates() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, name := range []string{"forum-posts", "forum-threads", "forum-authors", "forum-post-revisions"} {
		out[name] = template(1, testProperties)
	}
	return out
}

// env is one subtest's corner of a server: its own prefix, direct and through
// a fault proxy.
type env struct {
	srv    *estest.Server
	proxy  *estest.Proxy
	direct *Client
	faulty *Client // through the proxy, with a short timeout
	prefix string
}

func newEnv(t *testing.T, srv *estest.Server, prefix string) *env {
	t.Helper()
	prefix += fmt.Sprintf("-%x", time.Now().UnixNano())
	e := &env{srv: srv, proxy: estest.NewProxy(t, srv), prefix: prefix}
	e.direct = openTest(t, Config{URLs: []string{srv.URL}, Prefix: prefix})
	e.faulty = openTest(t, Config{URLs: []string{e.proxy.URL}, Prefix: prefix, RequestTimeout: 3 * time.Second})
	t.Cleanup(func() {
		clean(t, srv, prefix)
	})
	return e
}

// clean removes what a subtest made. Servers refuse patterns in deletions.
func clean(t *testing.T, srv *estest.Server, prefix string) {
	t.Helper()
	_, body := srv.Do("GET", "/"+prefix+"-*?allow_no_indices=true", "")
	var indices map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &indices); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/_index_template/" + prefix + "-*"}
	for name := range indices {
		paths = append(paths, "/"+name)
	}
	for _, path := range paths {
		if status, body := srv.Do("DELETE", path, ""); status >= 300 && status != 404 {
			t.Errorf("DELETE %s: %d %s", path, status, body)
		}
	}
}

func openTest(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (e *env) setup(t *testing.T) *env {
	t.Helper()
	if _, err := e.direct.Setup(t.Context(), testTemplates()); err != nil {
		t.Fatal(err)
	}
	return e
}

// stored gives _version and _source.n of a post, or zeros.
func (e *env) stored(t *testing.T, id string) (version, n int64) {
	t.Helper()
	_, body := e.srv.Do("GET", "/"+e.prefix+"-posts/_doc/"+id, "")
	var w struct {
		Version int64 `json:"_version"`
		Source  struct {
			N int64 `json:"n"`
		} `json:"_source"`
	}
	if err := json.Unmarshal([]byte(body), &w); err != nil {
		t.Fatal(err)
	}
	return w.Version, w.Source.N
}

func post(id string, version int64, body string) index.Document {
	return index.Document{ID: id, Kind: forum.DocPost, Version: version, Body: []byte(body)}
}

func posts(n int) []index.Document {
	var out []index.Document
	for i := range n {
		out = append(out, post(fmt.Sprintf("p%03d", i), 1, fmt.Sprintf(`{"n":%d}`, i)))
	}
	return out
}

func results(vs []index.Verdict) string {
	var out []string
	for _, v := range vs {
		out = append(out, fmt.Sprintf("%s@%d %s", v.ID, v.Version, v.Result))
	}
	return strings.Join(out, "\n")
}

func allStored(docs []index.Document) string {
	var out []string
	for _, d := range docs {
		out = append(out, fmt.Sprintf("%s@%d stored", d.ID, d.Version))
	}
	return strings.Join(out, "\n")
}

// TestServer runs everything that needs an open server against one.
func TestServer(t *testing.T) {
	srv := estest.Start(t, estest.Options{})
	tests := []struct {
		name string
		run  func(*testing.T, *estest.Server)
	}{
		{"Setup", testSetup},
		{"Migration", testMigration},
		{"SetupRefuses", testSetupRefuses},
		{"Verdicts", testVerdicts},
		{"OddIDs", testOddIDs},
		{"Revisions", testRevisions},
		{"Bisect", testBisect},
		{"TooLarge", testTooLarge},
		{"Faults", testFaults},
		{"Stops", testStops},
		{"Prepare", testPrepare},
		{"SenderThroughFaults", testSenderThroughFaults},
		{"Search", testSearch},
		{"SameAnswers", testSameAnswers},
		{"EveryField", testEveryField},
		{"Languages", testLanguages},
		{"Lookup", testLookup},
		{"LongThread", testLongThread},
		{"Retracted", testRetracted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, srv) })
	}
}

func testSetup(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "setup")
	created, err := e.direct.Setup(t.Context(), testTemplates())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{e.prefix + "-authors-v1", e.prefix + "-post-revisions-v1", e.prefix + "-posts-v1", e.prefix + "-threads-v1"}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	_, before := srv.Do("GET", "/"+e.prefix+"-*?flat_settings", "")
	if created, err = e.direct.Setup(t.Context(), testTemplates()); err != nil || len(created) != 0 {
		t.Errorf("second Setup: %v %v", created, err)
	}
	if _, after := srv.Do("GET", "/"+e.prefix+"-*?flat_settings", ""); after != before {
		t.Errorf("the second Setup changed something:\n%s", cmp.Diff(before, after))
	}
	tuned := testTemplates()
	for k, v := range tuned { // an operator's settings are no mapping change
		tuned[k] = bytes.Replace(v, []byte(`"30s"`), []byte(`"5s"`), 1)
	}
	if _, err = e.direct.Setup(t.Context(), tuned); err != nil {
		t.Errorf("Setup with another refresh interval: %v", err)
	}
	other := openTest(t, Config{URLs: []string{srv.URL}, Prefix: e.prefix + "x"})
	if e.direct.Identity() == other.Identity() || !strings.Contains(e.direct.Identity(), e.prefix) {
		t.Errorf("identities %q and %q", e.direct.Identity(), other.Identity())
	}
}

// testMigration moves an alias to a new index: what other folders have delivered
// comes along, readers see the old index until the swap, and Setup takes the new
// one from then on.
func testMigration(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "move").setup(t)
	if _, err := e.direct.Deliver(t.Context(), []index.Document{
		post("mine", 3, `{"n":1,"site":{"id":"a.example"}}`), post("theirs", 7, `{"n":2,"site":{"id":"b.example"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	next := map[string]json.RawMessage{"posts": template(2, testProperties+`,"extra":{"type":"keyword"}`)}
	if _, err := e.direct.Setup(t.Context(), next); !errors.Is(err, ErrMapping) || !strings.Contains(err.Error(), "forumine index migrate") {
		t.Fatalf("Setup with a new schema version: %v", err)
	}
	moves, err := e.direct.PlanMigration(t.Context(), next, false)
	want := []Move{{Kind: forum.DocPost, Alias: e.prefix + "-posts", From: e.prefix + "-posts-v1", To: e.prefix + "-posts-v2"}}
	if err != nil || !cmp.Equal(moves, want) {
		t.Fatalf("moves %v, %v", moves, err)
	}
	for range 2 { // the second time as after an interruption
		if err := e.direct.Prepare(t.Context(), next, moves); err != nil {
			t.Fatal(err)
		}
		vs, err := e.direct.DeliverInto(t.Context(), moves, []index.Document{post("mine", 4, `{"n":10,"site":{"id":"a.example"}}`)})
		if err != nil || len(vs) != 1 || vs[0].Result == index.Refused {
			t.Fatalf("DeliverInto: %v %v", vs, err)
		}
	}
	if version, n := e.stored(t, "mine"); version != 3 || n != 1 {
		t.Errorf("before the swap readers see version %d, n %d", version, n)
	}
	e.srv.Do("POST", "/"+e.prefix+"-*/_refresh", "")
	if n, err := e.direct.CopyOthers(t.Context(), moves[0], []string{"a.example"}); err != nil || n != 1 {
		t.Errorf("CopyOthers: %d, %v", n, err)
	}
	if err := errors.Join(e.direct.RefreshIndices(t.Context(), moves), e.direct.Swap(t.Context(), moves)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][2]int64{"mine": {4, 10}, "theirs": {7, 2}} {
		if version, n := e.stored(t, id); version != want[0] || n != want[1] {
			t.Errorf("%s after the swap: version %d, n %d", id, version, n)
		}
	}
	if created, err := e.direct.Setup(t.Context(), next); err != nil || len(created) != 0 {
		t.Errorf("Setup after the swap: %v %v", created, err)
	}
	if n, err := e.direct.CountIn(t.Context(), moves[0].To, "b.example"); err != nil || n != 1 {
		t.Errorf("CountIn: %d, %v", n, err)
	}
	again, err := e.direct.PlanMigration(t.Context(), next, true)
	if err != nil || len(again) != 1 || again[0].To != e.prefix+"-posts-v2-g2" {
		t.Errorf("another generation: %v %v", again, err)
	}
	_, err = e.direct.Setup(t.Context(), testTemplates())
	if !errors.Is(err, ErrMapping) || !strings.Contains(err.Error(), "newer version of this program") {
		t.Errorf("the older schema after the newer: %v", err)
	}
}

func testSetupRefuses(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "refuse").setup(t)
	changed := testTemplates()
	changed["forum-posts"] = template(1, testProperties+`,"extra":{"type":"keyword"}`)
	_, before := srv.Do("GET", "/_index_template/"+e.prefix+"-*", "")
	_, err := e.direct.Setup(t.Context(), changed)
	if !errors.Is(err, ErrMapping) || !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "which no other mapping may have") {
		t.Errorf("changed mapping: %v", err)
	}
	if _, after := srv.Do("GET", "/_index_template/"+e.prefix+"-*", ""); after != before {
		t.Error("a refused Setup changed the templates")
	}
	taken := newEnv(t, srv, "taken")
	srv.Do("PUT", "/"+taken.prefix+"-posts", "")
	if _, err := taken.direct.Setup(t.Context(), testTemplates()); !errors.Is(err, ErrMapping) || !strings.Contains(err.Error(), "has to be an alias") {
		t.Errorf("an index in the alias's place: %v", err)
	}
	foreign := newEnv(t, srv, "foreign")
	srv.Do("PUT", "/"+foreign.prefix+"-posts-v1", "")
	if _, err := foreign.direct.Setup(t.Context(), testTemplates()); !errors.Is(err, ErrMapping) || !strings.Contains(err.Error(), "did not make it") {
		t.Errorf("a foreign index: %v", err)
	}
	for name, raw := range map[string]string{"not JSON": `{`, "no mappings": `{"template":{}}`, "no version": `{"template":{"mappings":{}}}`} {
		if _, err := e.direct.Setup(t.Context(), map[string]json.RawMessage{"posts": json.RawMessage(raw)}); err == nil {
			t.Errorf("Setup took a template with %s", name)
		}
	}
}

func testVerdicts(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "verdicts").setup(t)
	if _, err := e.direct.Deliver(t.Context(), []index.Document{post("old", 9, `{"n":9}`)}); err != nil {
		t.Fatal(err)
	}
	docs := []index.Document{
		post("new", 1, `{"n":1}`),
		post("old", 8, `{"n":8}`),
		post("old", 9, `{"n":0}`),
		post("poison", 1, `{"n":"seven"}`),
		post("old", 10, `{"n":10}`),
		post("lines", 1, "{\n\"n\":\r\n 3}\n"),
		post("nojson", 1, `{"n":`),
		post("array", 1, `[1]`),
		post("", 1, `{}`),
		post("bad\xffid", 1, `{}`),
		post("negative", -1, `{}`),
		{ID: "kind", Kind: "poem", Version: 1, Body: []byte(`{}`)},
		{ID: "t", Kind: forum.DocThread, Version: 1, Body: []byte(`{"n":1}`)},
		{ID: "a", Kind: forum.DocAuthor, Version: 1, Body: []byte(`{"n":1}`)},
	}
	got, err := e.direct.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(`
new@1 stored
old@8 stale
old@9 stale
poison@1 refused
old@10 stored
lines@1 stored
nojson@1 refused
array@1 refused
@1 refused
bad` + "\xff" + `id@1 refused
negative@-1 refused
kind@1 refused
t@1 stored
a@1 stored`)
	if diff := cmp.Diff(want, results(got)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if r := got[3].Reason; !strings.Contains(r, "document_parsing_exception") || !strings.Contains(r, "seven") {
		t.Errorf("reason of the poison: %q", r)
	}
	for _, v := range got {
		if v.Result == index.Refused && v.Reason == "" {
			t.Errorf("%s is refused without a reason", v.ID)
		}
	}
	if version, n := e.stored(t, "old"); version != 10 || n != 10 {
		t.Errorf("old: version %d, n %d", version, n)
	}
	if _, n := e.stored(t, "lines"); n != 3 {
		t.Errorf("lines: n %d", n)
	}
}

// testOddIDs delivers ids that a careless writer of JSON would spoil.
func testOddIDs(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "ids").setup(t)
	var docs []index.Document
	for _, id := range []string{"a\x07b", "del\x7f", "tag\U000e0001", `q"uote\`, "<&>", "line\nbreak", "\u2028", "Ж", "{\"index\":{}}"} {
		docs = append(docs, post(id, 1, `{"n":1}`))
	}
	got, err := e.direct.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allStored(docs), results(got)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func testRevisions(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "revisions").setup(t)
	rev := func(version int64, body string) []index.Document {
		return []index.Document{{ID: "r1", Kind: forum.DocRevision, Version: version, Body: []byte(body)}}
	}
	for i, want := range []string{"r1@5 stored", "r1@6 stale"} {
		got, err := e.direct.Deliver(t.Context(), rev(int64(5+i), fmt.Sprintf(`{"n":%d}`, i)))
		if err != nil || results(got) != want {
			t.Errorf("delivery %d: %s %v, want %s", i, results(got), err, want)
		}
	}
	if _, body := srv.Do("GET", "/"+e.prefix+"-post-revisions/_doc/r1", ""); !strings.Contains(body, `"n":0`) {
		t.Errorf("the revision changed: %s", body)
	}
}

// testBisect holds that a document for which the server refuses the whole
// request (an id above 512 bytes) does not take its neighbours with it.
func testBisect(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "bisect").setup(t)
	docs := posts(20)
	for _, i := range []int{3, 4, 19} {
		docs[i].ID = strings.Repeat("x", 600) + strconv.Itoa(i)
	}
	got, err := e.direct.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		want := index.Stored
		if len(docs[i].ID) > 512 {
			want = index.Refused
		}
		if i == 19 && !strings.Contains(v.Reason, "512 bytes") {
			t.Errorf("reason: %q", v.Reason)
		}
		if v.Result != want {
			t.Errorf("%d: %s %s", i, v.Result, v.Reason)
		}
	}
}

func testTooLarge(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "large").setup(t)
	docs := posts(8)
	docs[5].Body = fmt.Appendf(nil, `{"note":%q}`, noise(4000))
	e.proxy.Next(estest.Repeat(e.proxy.TooLarge(1500), 20)...)
	got, err := e.faulty.Deliver(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(allStored(docs), "p005@1 stored", "p005@1 refused", 1)
	if diff := cmp.Diff(want, results(got)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if !strings.Contains(got[5].Reason, "http.max_content_length") {
		t.Errorf("reason: %q", got[5].Reason)
	}
}

// noise is text that gzip cannot shrink much.
func noise(n int) string {
	var b strings.Builder
	x := uint32(1)
	for b.Len() < n {
		x = x*1664525 + 1013904223
		fmt.Fprintf(&b, "%c", 'a'+x>>24%26)
	}
	return b.String()
}

func testFaults(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "faults").setup(t)
	const items429 = `{"items":[{"index":{"_id":"p000","status":201}},{"index":{"_id":"p001","status":429,"error":{"type":"es_rejected_execution_exception","reason":"queue full"}}},{"index":{"_id":"p002","status":503,"error":{"type":"unavailable_shards_exception","reason":"primary gone"}}}]}`
	const blocked = `{"items":[{"index":{"_id":"p000","status":403,"error":{"type":"cluster_block_exception","reason":"disk"}}},{"index":{"_id":"p001","status":201}},{"index":{"_id":"p002","status":201}}]}`
	tests := []struct {
		name   string
		fault  estest.Fault
		want   string // verdicts, or the text of the error
		failed error
	}{
		{name: "429", fault: estest.ElasticSays(429, `{"error":{"type":"es_rejected_execution_exception","reason":"full"}}`), failed: index.ErrUnavailable, want: "es_rejected_execution_exception"},
		{name: "429 of a proxy", fault: estest.Says(429, "slow down"), failed: index.ErrUnavailable, want: "slow down"},
		{name: "503", fault: estest.Says(503, ""), failed: index.ErrUnavailable, want: "status 503"},
		{name: "reset", fault: estest.Reset, failed: index.ErrUnavailable, want: "connecting to"},
		{name: "hang", fault: estest.Hang, failed: index.ErrUnavailable, want: "no answer from"},
		{name: "torn answer", fault: e.proxy.Torn, failed: index.ErrUnavailable, want: "reading the bulk answer"},
		{name: "foreign 200", fault: estest.Says(200, "<html>log in</html>"), failed: index.ErrUnavailable, want: "does not come from Elasticsearch"},
		{name: "too few items", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"p000","status":201}}]}`), failed: index.ErrUnavailable, want: "1 results for 3 documents"},
		{name: "no items", fault: estest.ElasticSays(200, `{}`), failed: index.ErrUnavailable, want: "0 results for 3"},
		{name: "an empty item", fault: estest.ElasticSays(200, `{"items":[{},{},{}]}`), failed: index.ErrUnavailable, want: "result 0 is empty"},
		{name: "items of others", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"z","status":201}},{"index":{"_id":"z","status":201}},{"index":{"_id":"z","status":201}}]}`), failed: index.ErrUnavailable, want: `for "z"`},
		{name: "items again", fault: estest.ElasticSays(200, items429), want: "p000@1 stored\np001@1 retry\np002@1 retry"},
		{name: "a blocked item", fault: estest.ElasticSays(200, blocked), want: "p000@1 retry\np001@1 stored\np002@1 stored"},
		{name: "blocked cluster", fault: estest.ElasticSays(403, `{"error":{"type":"cluster_block_exception","reason":"read only"}}`), failed: index.ErrUnavailable, want: "read only"},
		{name: "400 of a proxy", fault: estest.Says(400, "plain HTTP sent to HTTPS port"), failed: index.ErrStop, want: "something other than Elasticsearch"},
		{name: "400 for the headers", fault: estest.ElasticSays(400, `{"error":{"type":"media_type_header_exception","reason":"Invalid media-type"}}`), failed: index.ErrStop, want: "media_type_header_exception"},
		{name: "403", fault: estest.ElasticSays(403, `{"error":{"type":"security_exception","reason":"action [indices:data/write/bulk] is unauthorized"}}`), failed: index.ErrStop, want: "is unauthorized"},
		{name: "no write index", fault: estest.ElasticSays(200, `{"items":[{"index":{"_id":"p000","status":400,"error":{"type":"illegal_argument_exception","reason":"no write index is defined for alias [a]"}}},{"index":{"_id":"p001","status":201}},{"index":{"_id":"p002","status":201}}]}`), failed: index.ErrStop, want: "no write index"},
	}
	docs := posts(3)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e.proxy.Next(tt.fault)
			got, err := e.faulty.Deliver(t.Context(), docs)
			if tt.failed == nil {
				if err != nil || results(got) != tt.want {
					t.Errorf("verdicts %q %v, want %q", results(got), err, tt.want)
				}
				return
			}
			if !errors.Is(err, tt.failed) || !strings.Contains(err.Error(), tt.want) || got != nil {
				t.Errorf("got %v, error %v\nwant %v and %q", got, err, tt.failed, tt.want)
			}
			other := map[error]error{index.ErrStop: index.ErrUnavailable, index.ErrUnavailable: index.ErrStop}[tt.failed]
			if errors.Is(err, other) {
				t.Errorf("the error wraps both sentinels: %v", err)
			}
		})
	}
	t.Run("half of a split fails", func(t *testing.T) {
		e.proxy.Next(estest.Says(413, ""), nil, estest.Says(503, "")) // 3 = 1 + 2
		got, err := e.faulty.Deliver(t.Context(), docs)
		if want := "p000@1 stale\np001@1 retry\np002@1 retry"; err != nil || results(got) != want {
			t.Errorf("verdicts %q %v, want %q", results(got), err, want)
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e.proxy.Next(estest.Hang)
		go func() {
			for e.proxy.Count() == 0 {
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := e.faulty.Deliver(ctx, docs); !errors.Is(err, context.Canceled) || errors.Is(err, index.ErrUnavailable) {
			t.Errorf("Deliver: %v", err)
		}
	})
}

// testStops holds that nothing is written where no alias is: neither by
// accident nor into an index that Elasticsearch would make up.
func testStops(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "stops")
	_, err := e.direct.Deliver(t.Context(), posts(2))
	if !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "is not an alias") {
		t.Errorf("without Setup: %v", err)
	}
	if status, body := srv.Do("GET", "/"+e.prefix+"-*?allow_no_indices=true", ""); status != 200 || body != "{}" {
		t.Errorf("an index appeared: %d %s", status, body)
	}
	e.setup(t)
	srv.Do("POST", "/"+e.prefix+"-posts-v1/_close", "")
	if _, err := e.direct.Deliver(t.Context(), posts(2)); !errors.Is(err, index.ErrStop) || !strings.Contains(err.Error(), "index_closed_exception") {
		t.Errorf("closed index: %v", err)
	}
	srv.Do("POST", "/"+e.prefix+"-posts-v1/_open", "")
	srv.Do("PUT", "/"+e.prefix+"-posts-v1/_settings", `{"index.blocks.write":true}`)
	got, err := e.direct.Deliver(t.Context(), posts(1))
	if err != nil || results(got) != "p000@1 retry" {
		t.Errorf("blocked index: %s %v", results(got), err)
	}
}

// testPrepare delivers to a server that is away at first and has to be set up
// when it comes.
func testPrepare(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "prepare")
	calls := 0
	c, err := New(Config{URLs: []string{srv.URL}, Prefix: e.prefix, Prepare: func(ctx context.Context, c *Client) error {
		if calls++; calls == 1 {
			return fmt.Errorf("%w: not yet", index.ErrUnavailable)
		}
		_, err := c.Setup(ctx, testTemplates())
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Identity() != "" {
		t.Errorf("identity before the check: %q", c.Identity())
	}
	if _, err := c.Deliver(t.Context(), posts(2)); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("first delivery: %v", err)
	}
	for range 2 {
		if _, err := c.Deliver(t.Context(), posts(2)); err != nil {
			t.Errorf("later delivery: %v", err)
		}
	}
	if calls != 2 || c.Identity() == "" {
		t.Errorf("prepared %d times, identity %q", calls, c.Identity())
	}
}

// memOutbox is an outbox in memory.
type memOutbox struct {
	mu   sync.Mutex
	rows []index.Document
	dead []string
}

func newMemOutbox(docs ...index.Document) *memOutbox {
	o := &memOutbox{}
	for i, d := range docs {
		d.Seq = int64(i + 1)
		o.rows = append(o.rows, d)
	}
	return o
}

func (o *memOutbox) Pending(_ context.Context, after int64, limit, maxBytes int) ([]index.Document, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []index.Document
	size := 0
	for _, d := range o.rows {
		if d.Seq <= after {
			continue
		}
		if size += len(d.Body); len(out) == limit || len(out) > 0 && size > maxBytes {
			break
		}
		out = append(out, d)
	}
	return out, nil
}

func (o *memOutbox) Acknowledge(_ context.Context, vs []index.Verdict) error {
	gone := map[string]bool{}
	for _, v := range vs {
		gone[fmt.Sprint(v.ID, v.Version)] = true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = slices.DeleteFunc(o.rows, func(d index.Document) bool { return gone[fmt.Sprint(d.ID, d.Version)] })
	return nil
}

func (o *memOutbox) DeadLetter(ctx context.Context, vs []index.Verdict) error {
	o.mu.Lock()
	for _, v := range vs {
		o.dead = append(o.dead, v.ID)
	}
	o.mu.Unlock()
	return o.Acknowledge(ctx, vs)
}

// testSenderThroughFaults drives the sender through every kind of fault and
// expects each document in the index in its newest version, but for the poison.
func testSenderThroughFaults(t *testing.T, srv *estest.Server) {
	e := newEnv(t, srv, "sender").setup(t)
	docs := posts(300)
	for i := range 50 {
		docs = append(docs, post(fmt.Sprintf("p%03d", i*3), 2, fmt.Sprintf(`{"n":%d}`, 1000+i*3)))
	}
	outbox := newMemOutbox(append(docs, post("poison", 1, `{"n":"x"}`), post("p001", 5, `{"n":5001}`))...)
	e.proxy.Next(estest.Reset, e.proxy.Lost, e.proxy.Torn, estest.Says(429, ""), e.proxy.TooLarge(200), estest.Says(503, ""),
		estest.ElasticSays(200, `{"items":[]}`), e.proxy.Lost, e.proxy.Torn, estest.Reset)
	sender := index.NewSender(outbox, e.faulty, index.SenderOptions{
		MaxDocs: 100, InFlight: 2, Log: slog.New(slog.DiscardHandler),
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err := sender.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := sender.Stats()
	if st.Sent != st.Stored+st.Stale+st.Retried+st.Dead || st.Retried == 0 || st.Stale == 0 {
		t.Errorf("counters: %+v", st)
	}
	if len(outbox.rows) != 0 || len(outbox.dead) != 1 || outbox.dead[0] != "poison" {
		t.Errorf("outbox: %d rows, dead %v", len(outbox.rows), outbox.dead)
	}
	for i := range 300 {
		wantVersion, wantN := int64(1), int64(i)
		if i%3 == 0 && i < 150 {
			wantVersion, wantN = 2, int64(1000+i)
		}
		if i == 1 {
			wantVersion, wantN = 5, 5001
		}
		if version, n := e.stored(t, fmt.Sprintf("p%03d", i)); version != wantVersion || n != wantN {
			t.Errorf("p%03d: version %d n %d, want %d and %d", i, version, n, wantVersion, wantN)
		}
	}
}
