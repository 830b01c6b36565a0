package elastic

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

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
