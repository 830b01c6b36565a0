package elastic

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"forumine/extract/forum"
	"forumine/index"
	"forumine/index/elastic/estest"
)

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
	withheld := rev(7, `{"n":7}`)
	withheld[0].Rewrites = true
	for i, want := range []string{"r1@7 stored", "r1@7 stale"} {
		got, err := e.direct.Deliver(t.Context(), withheld)
		if err != nil || results(got) != want {
			t.Errorf("delivery %d of a revision whose words are withheld: %s %v, want %s", i, results(got), err, want)
		}
	}
	if _, body := srv.Do("GET", "/"+e.prefix+"-post-revisions/_doc/r1", ""); !strings.Contains(body, `"n":7`) {
		t.Errorf("the revision keeps its words: %s", body)
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
