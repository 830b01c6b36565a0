package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/cmd/forumine/demoforum"
	"forumine/index/elastic/estest"

	"github.com/google/go-cmp/cmp"
)

// TestDemoIntoElasticsearch crawls the demo forum into a real server and holds
// what it finds there against the forum's truth and the embedded index.
func TestDemoIntoElasticsearch(t *testing.T) {
	server := estest.Start(t, estest.Options{Own: true})
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f, err := demoforum.New(demoforum.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(502); err != nil { // the only reply to its thread
		t.Fatal(err)
	}
	site := httptest.NewServer(f)
	defer site.Close()
	data, local := t.TempDir(), t.TempDir()
	es := []string{"--elasticsearch", server.URL}
	cli(t, append([]string{"crawl", site.URL + "/", "--data", data, "--allow-private", "--delay", "0"}, es...)...)
	cli(t, "crawl", site.URL+"/", "--data", local, "--allow-private", "--delay", "0")

	server.Do("POST", "/forum-*/_refresh", "")
	if got, want := countIn(t, server, "forum-posts"), len(f.Truth().Posts); got != want {
		t.Errorf("%d posts in Elasticsearch, want %d", got, want)
	}
	for _, words := range []string{"dipole", `"water tank"`, "dipole -tank", "has:attachment", "author:lina.haddad", "has:quote since", "колесо OR часы"} {
		inES := ids(t, cli(t, append([]string{"search", words, "--json", "--limit", "500"}, es...)...))
		embedded := ids(t, cli(t, "search", words, "--json", "--limit", "500", "--data", local))
		if diff := cmp.Diff(embedded, inES); diff != "" {
			t.Errorf("%s: embedded and Elasticsearch differ:\n%s", words, diff)
		}
	}

	for _, sort := range []string{"newest", "oldest"} { // of all kinds, in one order
		args := []string{"search", "dipole OR kettle OR lina.haddad", "--sort", sort, "--json", "--limit", "200"}
		embedded := idsInOrder(t, cli(t, append(slices.Clone(args), "--data", local)...))
		if diff := cmp.Diff(embedded, idsInOrder(t, cli(t, append(args, es...)...))); diff != "" || len(embedded) < 20 {
			t.Errorf("sorted by %s, embedded and Elasticsearch differ in order (%d hits):\n%s", sort, len(embedded), diff)
		}
	}
	for _, how := range [][]string{{"replies"}, {"replies", "--by", "author", "--format", "csv"}, {"replies", "--board", "Loft and Balcony Aerials", "--kind", "mention", "--kind", "quote", "--nested"}} {
		embedded := cli(t, append(slices.Clone(how), "--data", local)...)
		if diff := cmp.Diff(embedded, cli(t, append(slices.Clone(how), es...)...)); diff != "" || embedded == "" {
			t.Errorf("%v: from the data folder and from Elasticsearch:\n%s", how, diff)
		}
	}
	testAnalysts(t, server, f.Truth())
	began := time.Now()
	id, err := f.AddReply(11, "Hester Quill", "Nobody has said anything yet.", now)
	if err != nil {
		t.Fatal(err)
	}
	cli(t, append([]string{"crawl", site.URL + "/", "--data", data, "--allow-private", "--delay", "0"}, es...)...)
	server.Do("POST", "/forum-*/_refresh", "")
	testNewSince(t, server, f.Truth(), began, []string{strconv.Itoa(id)})

	// An index that was deleted is filled again by the next run.
	server.Do("DELETE", "/forum-posts-v2", "")
	cli(t, append([]string{"crawl", site.URL + "/", "--data", data, "--allow-private", "--delay", "0"}, es...)...)
	server.Do("POST", "/forum-*/_refresh", "")
	if got, want := countIn(t, server, "forum-posts"), len(f.Truth().Posts); got != want {
		t.Errorf("%d posts after the index was deleted, want %d", got, want)
	}
	if !underRace {
		deletedPost(t, server)
	}
}

// deletedPost has a forum delete a post: it stays, as missing since the first of
// two complete passes without it.
func deletedPost(t *testing.T, server *estest.Server) {
	d := newDaily(t)
	var posts []int
	d.crawl(func() { posts = d.posts()[strings.TrimPrefix(d.url, "http://")+"|thread|42"] })
	noError(t, d.forum.Delete(posts[5]))
	for range 6 { // the audit lane comes by
		d.now = d.now.Add(2 * 24 * time.Hour)
		d.crawl(func() {})
	}
	server.Do("DELETE", "/forum-*", "")
	cli(t, "index", "rebuild", "--data", d.dir, "--elasticsearch", server.URL)
	server.Do("POST", "/forum-*/_refresh", "")
	testDeleted(t, server, d.forum.Truth(), []string{strconv.Itoa(posts[5])})
}

func cli(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(context.Background(), args, strings.NewReader(""), &out, &errs); code != exitOK {
		t.Fatalf("forumine %s: exit status %d\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String()
}

func ids(t *testing.T, lines string) []string {
	t.Helper()
	out := idsInOrder(t, lines)
	sort.Strings(out)
	return out
}

func idsInOrder(t *testing.T, lines string) []string {
	t.Helper()
	out := []string{}
	for line := range strings.Lines(lines) {
		var hit struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &hit); err != nil {
			t.Fatal(err)
		}
		out = append(out, hit.ID)
	}
	return out
}

func countIn(t *testing.T, server *estest.Server, alias string) int {
	t.Helper()
	_, text := server.Do("GET", "/"+alias+"/_count", "")
	var n struct {
		Count int `json:"count"`
	}
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Count
}

// TestIndexCommandsOnElasticsearch takes a document that the server refuses, a
// document that it lost and one that it got wrong through dead-letters, verify
// and migrate.
func TestIndexCommandsOnElasticsearch(t *testing.T) {
	server := estest.Start(t, estest.Options{Own: true})
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(f)
	defer site.Close()
	data, es := t.TempDir(), "--elasticsearch="+server.URL
	if out := cli(t, "index", "setup", es); !strings.Contains(out, "4 indices were created") {
		t.Errorf("setup: %s", out)
	}
	// A pipeline of the operator's refuses one post.
	must(t, server, "PUT", "/_ingest/pipeline/refuse", `{"processors":[{"fail":{"if":"ctx.post?.id == '501'","message":"not this one"}}]}`)
	must(t, server, "PUT", "/forum-posts-v2/_settings", `{"index.final_pipeline":"refuse"}`)
	cli(t, "crawl", site.URL+"/", "--data", data, "--allow-private", "--delay", "0", es)
	if out := cli(t, "dead-letters", "list", "--data", data); !strings.Contains(out, "|post|501\t") || !strings.Contains(out, "not this one") {
		t.Errorf("dead letters: %q", out)
	}
	must(t, server, "PUT", "/forum-posts-v2/_settings", `{"index.final_pipeline":"_none"}`)
	if out := cli(t, "dead-letters", "replay", "--all", "--data", data, es); !strings.Contains(out, "1 sent again, 0 refused again") {
		t.Errorf("replay: %q", out)
	}
	if out := cli(t, "index", "verify", "--every", "1", "--data", data, es); !strings.Contains(out, " 0 differ, 0 only in the index") {
		t.Errorf("verify: %q", out)
	}

	known := ids(t, cli(t, "search", "dipole", "--kind", "post", "--json", "--limit", "3", es))
	must(t, server, "DELETE", "/forum-posts-v2/_doc/"+known[0], "")
	must(t, server, "POST", "/forum-posts-v2/_update/"+known[1], `{"doc":{"title":"somebody wrote here"}}`)
	must(t, server, "POST", "/forum-posts-v2/_refresh", "")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"index", "verify", "--every", "1", "--data", data, es}, strings.NewReader(""), &out, &errs); code != exitFailed ||
		!strings.Contains(out.String(), "missing\tpost\t") || !strings.Contains(out.String(), "2 differ") {
		t.Errorf("verify of a damaged index: exit status %d\n%s%s", code, out.String(), errs.String())
	}
	if out := cli(t, "index", "verify", "--every", "1", "--repair", "--data", data, es); !strings.HasSuffix(out, "repaired\n") {
		t.Errorf("repair: %q", out)
	}

	// Other languages are another mapping: refused until migrated.
	german := []string{"--elasticsearch-languages=en,de", "--data", data, es}
	out.Reset()
	errs.Reset()
	if code := run(t.Context(), append([]string{"reindex"}, german...), strings.NewReader(""), &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "forumine index migrate") {
		t.Errorf("another mapping: exit status %d, %s", code, errs.String())
	}
	must(t, server, "PUT", "/forum-posts-v2/_doc/elsewhere?version=5&version_type=external", `{"doc_kind":"post","site":{"id":"other.example"},"post":{"key":"other.example|post|1"}}`)
	must(t, server, "POST", "/forum-posts-v2/_refresh", "")
	migrated := cli(t, append([]string{"index", "migrate"}, german...)...)
	if !strings.Contains(migrated, "forum-posts is forum-posts-v2-g2 now") || !strings.Contains(migrated, "1 documents of other data folders copied") {
		t.Errorf("migrate: %s", migrated)
	}
	if again := cli(t, append([]string{"index", "migrate"}, german...)...); !strings.Contains(again, "nothing to migrate") {
		t.Errorf("migrate again: %s", again)
	}
	if out := cli(t, append([]string{"index", "verify", "--every", "1"}, german...)...); !strings.Contains(out, " 0 differ, 0 only in the index") {
		t.Errorf("verify after the migration: %q", out)
	}
	if got, want := countIn(t, server, "forum-posts"), len(f.Truth().Posts)+1; got != want {
		t.Errorf("%d posts after the migration, want %d", got, want)
	}
}

func must(t *testing.T, server *estest.Server, method, path, body string) {
	t.Helper()
	if status, answer := server.Do(method, path, body); status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}
