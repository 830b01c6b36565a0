package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"sort"
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
	f, err := demoforum.New(demoforum.Options{Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)})
	if err != nil {
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

	// An index that was deleted is filled again by the next run.
	server.Do("DELETE", "/forum-posts-v1", "")
	cli(t, append([]string{"crawl", site.URL + "/", "--data", data, "--allow-private", "--delay", "0"}, es...)...)
	server.Do("POST", "/forum-*/_refresh", "")
	if got, want := countIn(t, server, "forum-posts"), len(f.Truth().Posts); got != want {
		t.Errorf("%d posts after the index was deleted, want %d", got, want)
	}
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
	sort.Strings(out)
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
