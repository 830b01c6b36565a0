package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
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
