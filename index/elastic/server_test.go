package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
)

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
