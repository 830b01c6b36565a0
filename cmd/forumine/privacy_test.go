package main

import (
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"forumine/index/elastic/estest"

	"github.com/google/go-cmp/cmp"
)

// structured gives all texts of a document but those that hold what people
// wrote: the place of each, and the text.
func structured(d document) map[string]string {
	out := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(strings.TrimPrefix(path+"."+name, "."), inner)
			}
		case []any:
			for _, inner := range v {
				walk(path, inner)
			}
		case string:
			out[path] += "\n" + v
		}
	}
	walk("", d)
	for path := range out {
		if strings.HasPrefix(path, "body.") || strings.HasPrefix(path, "thread.title") || path == "title" || path == "excerpt" || path == "thread.url" ||
			strings.HasPrefix(path, "forum.") || strings.HasPrefix(path, "poll.") || path == "crawl.url" || path == "edit_reason" {
			delete(out, path)
		}
	}
	return out
}

// TestCrawlKeepsNobody crawls the demo forum without its people.
func TestCrawlKeepsNobody(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	f, url := serveDemo(t)
	for _, mode := range []string{"pseudonymise", "drop"} {
		data := t.TempDir()
		crawlLocal(t, data, url, "--authors", mode)
		docs := append(export(t, data), export(t, data, "--kind", "revision")...)
		if posts := len(ofKind(docs, "post")); posts != len(f.Truth().Posts) {
			t.Errorf("%s: %d posts, want %d", mode, posts, len(f.Truth().Posts))
		}
		for _, d := range docs {
			for path, text := range structured(d) {
				for _, u := range f.Truth().Users {
					if strings.Contains(text, u.Name) || strings.Contains(text, "|user|"+u.ID+"\n") || strings.HasSuffix(text, "|user|"+u.ID) {
						t.Errorf("%s: %s of %s names %q: %s", mode, path, str(d, "post.key"), u.Name, text)
					}
				}
				if strings.Contains(text, "/members/") {
					t.Errorf("%s: %s of %s links a profile: %s", mode, path, str(d, "post.key"), text)
				}
			}
		}
		wrote := map[string]bool{}
		for _, p := range f.Truth().Posts {
			wrote[p.AuthorID+"|"+p.Author] = true
		}
		switch authors := len(ofKind(docs, "author")); {
		case mode == "drop" && authors != 0, mode != "drop" && authors != len(wrote):
			t.Errorf("%s: %d authors, %d people have written", mode, authors, len(wrote))
		}
	}
}

// TestPrivacyIsRemembered: what a folder was begun with holds for later commands,
// and another mode is refused with what to do.
func TestPrivacyIsRemembered(t *testing.T) {
	_, url := serveDemo(t)
	data := t.TempDir()
	thread := url + "threads/loft-dipole-the-whole-build.42/"
	crawlLocal(t, data, thread, "--authors", "pseudonymise", "--mask", "emails")
	key := filepath.Join(data, "privacy.key")
	info, err := os.Stat(key)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v", info.Mode().Perm())
	}
	before, _ := json.Marshal(export(t, data, "--kind", "author"))
	crawlLocal(t, data, thread)
	if after, _ := json.Marshal(export(t, data, "--kind", "author")); string(after) != string(before) {
		t.Errorf("the second crawl made other authors:\n%s\n%s", before, after)
	}
	for flag, value := range map[string]string{"--authors": "keep", "--mask": "none", "--drop-fields": "callsign", "--deleted": "drop"} {
		r := forumine(t, "crawl", thread, "--data", data, "--allow-private", "--delay", "0", flag, value)
		if r.code == exitOK || !strings.Contains(r.stderr, "forumine reindex --authors") {
			t.Errorf("%s %s: exit status %d\n%s", flag, value, r.code, r.stderr)
		}
	}
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if r := forumine(t, "reindex", "--data", data); r.code == exitOK || !strings.Contains(r.stderr, "--privacy-key") {
		t.Errorf("without its key: exit status %d\n%s", r.code, r.stderr)
	}
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := forumine(t, "reindex", "--data", data); r.code == exitOK || !strings.Contains(r.stderr, "another key") {
		t.Errorf("with another key: exit status %d\n%s", r.code, r.stderr)
	}
}

// alike gives what two data folders should agree on: exported documents
// without the times and runs of their making.
func alike(t *testing.T, data string) []string {
	t.Helper()
	var out []string
	for _, d := range append(export(t, data), export(t, data, "--kind", "revision")...) {
		for _, name := range []string{"first_seen_at", "changed_at", "crawl", "replaced_at", "sequence"} {
			delete(d, name)
		}
		if str(d, "doc_kind") != "post" { // whose time is that of the first crawl where no other is known
			delete(d, "@timestamp")
		}
		if str(d, "doc_kind") == "revision" { // its page was read before the forum's zone was known, and is read again knowing it
			for _, path := range []string{"published_at", "published_tz", "@timestamp", "extract", "site"} {
				delete(d, path)
			}
			maps.DeleteFunc(d["thread"].(map[string]any), func(name string, _ any) bool { return strings.HasPrefix(name, "started") })
			if author, ok := d["author"].(map[string]any); ok {
				maps.DeleteFunc(author, func(name string, _ any) bool { return strings.HasPrefix(name, "joined") })
			}
		}
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
	}
	return out
}

// TestReindexChangesPrivacy takes one data folder through all modes, and holds
// each against a crawl that was begun in it, revisions included.
func TestReindexChangesPrivacy(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	f, url := serveDemo(t)
	key := filepath.Join(t.TempDir(), "study.key")
	thread := url + "threads/loft-dipole-the-whole-build.42/"
	folders := map[string]string{"keep": t.TempDir(), "pseudonymise": t.TempDir(), "drop": t.TempDir()}
	for mode, data := range folders {
		crawlLocal(t, data, thread, "--authors", mode, "--privacy-key", key)
	}
	if err := f.Edit(661, "Edited since: ask @solderfumes about the balun.", demoNow); err != nil {
		t.Fatal(err)
	}
	changing := t.TempDir()
	for _, data := range folders {
		crawlLocal(t, data, thread)
	}
	if err := os.CopyFS(changing, os.DirFS(folders["keep"])); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(changing, 0o700); err != nil {
		t.Fatal(err)
	}
	if revisions := export(t, changing, "--kind", "revision"); len(revisions) == 0 {
		t.Fatal("the edit made no revision")
	}
	for _, mode := range []string{"pseudonymise", "drop", "keep", "drop", "pseudonymise"} {
		out := succeed(t, "reindex", "--data", changing, "--authors", mode)
		if !strings.Contains(out, "new index") {
			t.Errorf("%s: %s", mode, out)
		}
		if diff := cmp.Diff(alike(t, folders[mode]), alike(t, changing)); diff != "" {
			t.Errorf("%s: crawled so (-) and changed to it (+):\n%s", mode, diff)
		}
		if out := succeed(t, "index", "verify", "--every", "1", "--data", changing); !strings.Contains(out, " 0 differ, 0 only in the index") {
			t.Errorf("%s: %s", mode, out)
		}
		crawlLocal(t, changing, thread)
		if diff := cmp.Diff(alike(t, folders[mode]), alike(t, changing)); diff != "" {
			t.Errorf("%s: after another crawl:\n%s", mode, diff)
		}
	}
}

// TestInterruptedChangeOfPrivacy: a change that stopped half way lets nothing
// else write, and the same command ends it.
func TestInterruptedChangeOfPrivacy(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	_, url := serveDemo(t)
	data := t.TempDir()
	thread := url + "threads/loft-dipole-the-whole-build.42/"
	crawlLocal(t, data, thread)
	before := alike(t, data)
	p, err := openPipeline(t.Context(), pipelineOptions{data: data, change: true, privacy: privacyFlags{authors: "drop"}}, slog.New(slog.DiscardHandler))
	noError(t, err)
	_, err = p.beginRenewal(t.Context())
	noError(t, err)
	noError(t, p.store.Unread(t.Context()))
	noError(t, p.Close())
	for _, args := range [][]string{{"crawl", thread, "--allow-private"}, {"reindex"}, {"reindex", "--authors", "keep"}, {"index", "rebuild"}} {
		if r := forumine(t, append(args, "--data", data)...); r.code == exitOK || !strings.Contains(r.stderr, "forumine reindex --authors drop") {
			t.Errorf("%v: exit status %d\n%s", args, r.code, r.stderr)
		}
	}
	succeed(t, "reindex", "--data", data, "--authors", "drop")
	if authors := ofKind(export(t, data), "author"); len(authors) != 0 {
		t.Errorf("%d authors are left", len(authors))
	}
	succeed(t, "reindex", "--data", data, "--authors", "keep")
	if diff := cmp.Diff(before, alike(t, data)); diff != "" {
		t.Errorf("back again:\n%s", diff)
	}
}

// TestPrivacyOnElasticsearch changes the mode of a folder that delivers to a
// server: new indices take the place of the old ones, which go.
func TestPrivacyOnElasticsearch(t *testing.T) {
	server := estest.Start(t, estest.Options{Own: true})
	_, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/", "--elasticsearch", server.URL)
	if r := forumine(t, "reindex", "--data", data, "--authors", "pseudonymise"); r.code == exitOK || !strings.Contains(r.stderr, "--elasticsearch") {
		t.Errorf("without the server: exit status %d\n%s", r.code, r.stderr)
	}
	server.Do("POST", "/forum-*/_refresh", "")
	posts := countIn(t, server, "forum-posts")
	if r := forumine(t, "privacy", "audit", "--data", data, "--elasticsearch", server.URL); r.code != exitFailed || !strings.Contains(r.out, "name\tindex: forum-posts-v2\tauthor.name") {
		t.Errorf("the audit of a server that knows people: exit status %d\n%s%s", r.code, r.out, r.stderr)
	}
	succeed(t, "reindex", "--data", data, "--authors", "pseudonymise", "--elasticsearch", server.URL)
	server.Do("POST", "/forum-*/_refresh", "")
	if out := succeed(t, "privacy", "audit", "--data", data, "--elasticsearch", server.URL); !strings.Contains(out, "\n0 traces") {
		t.Errorf("the audit afterwards:\n%s", out)
	}
	if n := countIn(t, server, "forum-posts"); n != posts || n == 0 {
		t.Errorf("%d posts, want %d", n, posts)
	}
	if _, all := server.Do("GET", "/forum-*/_search?size=1000", ""); strings.Contains(all, `"name":"solderfumes"`) || !strings.Contains(all, `"name":"author-`) {
		t.Errorf("the server still knows people:\n%.2000s", all)
	}
	if status, _ := server.Do("GET", "/forum-posts-v2", ""); status != 404 {
		t.Errorf("the old index answers %d, want 404", status)
	}
	succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data)
	mustSay(t, succeed(t, "reindex", "--data", data, "--authors", "drop", "--elasticsearch", server.URL), "was changed in its place")
	server.Do("POST", "/forum-*/_refresh", "")
	if _, all := server.Do("GET", "/forum-*/_search?size=1000&expand_wildcards=all", ""); strings.Contains(all, "author-") || !strings.Contains(all, `"doc_kind":"post"`) {
		t.Errorf("the server still holds pseudonyms, or no posts:\n%.2000s", all)
	}
	if n := countIn(t, server, "forum-posts"); n != posts {
		t.Errorf("%d posts after captures were destroyed, want %d", n, posts)
	}
	if _, err := os.Stat(filepath.Join(data, "index.db")); err == nil {
		t.Error("an embedded index is left beside the server")
	}
}

// TestRenewalMakesNoDocumentsOfFeeds: a forum's feed, which is in the archive, says
// nothing of its own when everything is read again.
func TestRenewalMakesNoDocumentsOfFeeds(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	f, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url)
	if !slices.ContainsFunc(slices.Collect(maps.Keys(f.Requests())), func(path string) bool { return strings.HasSuffix(path, "index.rss") }) {
		t.Fatal("the crawl has not asked for the feed")
	}
	before := len(export(t, data))
	succeed(t, "reindex", "--data", data, "--deleted", "redact")
	if after := len(export(t, data)); after != before {
		t.Errorf("%d documents, and %d before", after, before)
	}
}
