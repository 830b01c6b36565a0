package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/crawler/state"
)

// The words of posts that go, each in a version of its own.
const (
	wordsFirst  = "Seven copper teaspoons were hidden below the northern greenhouse floor."
	wordsEdited = "Nine pewter ladles were hidden behind the southern boathouse wall."
	wordsThread = "Whoever finds eleven marzipan lanterns may keep them until spring."
)

// unkept are words of theirs that nobody else has.
func unkept() []string { return []string{"teaspoons", "ladles", "marzipan"} }

// TestDeletedPostsOfAMonth carries out a study for a month in which posts are
// edited, deleted and restored, and reads the archive again under other modes.
// Of what the forum has deleted there is no word outside of the archive, the
// earlier versions of posts and the beginning of a thread included; a post that
// is back is read again.
func TestDeletedPostsOfAMonth(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; the state's tests withhold posts there")
	}
	t.Parallel()
	start := time.Date(2040, 11, 1, 12, 0, 0, 0, time.UTC)
	f := newSimForum(t)
	m := newMonth(t, fmt.Sprintf(`
privacy: {deleted: redact}
defaults: {delay: 0, allow_private: true, audit: {share: 1, within: 4d}}
sites: [{name: demo, start: "%s/forums/7/", schedule: {every: 24h}}]
`, f.url), start)
	data := m.cfg.Storage.Data
	post, err := f.forum.AddReply(42, "Hester Quill", wordsFirst, demoNow)
	noError(t, err)
	opening := f.postsOf(43)[0]
	noError(t, f.forum.Edit(opening, wordsThread, time.Time{}))
	key := fmt.Sprintf("%s|post|%d", strings.TrimPrefix(f.url, "http://"), post)

	drain := func(r *runner) {
		noError(t, r.p.endDelivery())
		noError(t, r.p.sender.Drain(t.Context()))
	}
	m.live(start.AddDate(0, 0, 2), drain)
	noError(t, f.forum.Edit(post, wordsEdited, demoNow.Add(time.Minute)))
	m.live(start.AddDate(0, 0, 8), drain)
	wantWords(t, data, key, "while the posts are there", true, unkept()...)
	before := len(ofKind(export(t, data), "post"))
	old := filepath.Join(t.TempDir(), "before.jsonl")
	noError(t, os.WriteFile(old, []byte(succeed(t, "export", "--data", data)), 0o600))

	noError(t, f.forum.Delete(post))
	noError(t, f.forum.Delete(opening))
	m.live(start.AddDate(0, 0, 20), drain)
	wantWords(t, data, key, "redacted", false, unkept()...)
	differ(t, "posts, with those of which the place is left", len(ofKind(export(t, data), "post")), before)
	if r := forumine(t, "privacy", "audit", "--data", data, old); r.code != exitFailed || !strings.Contains(r.out, "deleted\t"+old+"\tbody.text") || !strings.Contains(r.out, "deleted\t"+old+"\texcerpt") {
		t.Errorf("an export from before: exit status %d\n%s", r.code, r.out)
	}
	d := byID(t, ofKind(export(t, data), "post"), "post.key")[key]
	if str(d, "post.state") != "missing" || str(d, "published_at") == "" || num(d, "post.position") == 0 || at(d, "author") != nil || num(d, "revision") != 2 {
		t.Errorf("what is left of the post: %v", d)
	}
	for _, mode := range []string{"drop", "keep", "redact"} {
		succeed(t, "reindex", "--data", data, "--deleted", mode)
		wantWords(t, data, key, mode, mode == "keep", unkept()...)
	}
	deletedInPlace(t, data, key)
	succeed(t, "reindex", "--data", data, "--all") // captures of before the deletion are among those that are read again
	wantWords(t, data, key, "read again", false, unkept()...)

	noError(t, f.forum.Restore(post))
	m.clock.now = start.AddDate(0, 0, 21)
	m.live(start.AddDate(0, 0, 30), drain)
	wantWords(t, data, key, "restored", true, "ladles")
	wantWords(t, data, key, "its earlier version, and the thread that is gone", false, "teaspoons", "marzipan")
}

// deletedInPlace holds what becomes of deleted posts where captures were destroyed
// against the same where they are read again.
func deletedInPlace(t *testing.T, data, key string) {
	t.Helper()
	succeed(t, "reindex", "--data", data, "--deleted", "keep")
	destroyed := copyOf(t, data, "2199-01-01")
	for _, mode := range []string{"redact", "drop"} {
		succeed(t, "reindex", "--data", data, "--deleted", mode)
		mustSay(t, succeed(t, "reindex", "--data", destroyed, "--deleted", mode), "changed in its place")
		compareFields(t, "deleted "+mode, stillThere(t, data, key), stillThere(t, destroyed, key))
		wantWords(t, destroyed, key, mode+" in its place", false, unkept()...)
	}
	succeed(t, "reindex", "--data", data, "--deleted", "redact")
}

// stillThere gives the documents of a folder but for two things that reading anew
// leaves out, as the posts are known as deleted from the first capture on: documents
// that are retracted, and that a deleted post has earlier versions. Changed in their
// place, both stay as they are where the forum deletes while a crawl goes on.
func stillThere(t *testing.T, data, deleted string) map[string]document {
	t.Helper()
	docs := everyField(t, data)
	for name, d := range docs {
		switch {
		case at(d, "retracted") != nil, str(d, "doc_kind") == "revision" && str(d, "post.key") == deleted:
			delete(docs, name)
		case str(d, "post.key") == deleted:
			delete(d, "revision")
		}
	}
	return docs
}

// wantWords looks for words in all that stands behind the archive, and in what
// commands make of it.
func wantWords(t *testing.T, data, key, when string, want bool, words ...string) {
	t.Helper()
	dir := t.TempDir()
	places := map[string]string{
		"state":     stored(t, data),
		"documents": succeed(t, "export", "--data", data),
		"revisions": succeed(t, "export", "--data", data, "--kind", "revision"),
		"as of":     succeed(t, "export", "--data", data, "--format", "jsonl", "--as-of", "2040-11-06"),
		"search":    succeed(t, "search", "--data", data, "--kind", "all", "teaspoons OR ladles OR marzipan"),
	}
	if when == "redacted" {
		places["history"] = succeed(t, "history", "--data", data, key, "--full")
		places["preview"] = succeed(t, "reindex", "--data", data, "--dry-run", "--all", "--json")
	}
	for place, text := range places {
		for _, w := range words {
			has := strings.Contains(text, w)
			switch {
			case place == "documents" && w == "teaspoons", place == "search" && w == "teaspoons", place == "revisions" && w != "teaspoons", place == "as of" && w == "teaspoons":
				if has && !want {
					t.Errorf("%s: %s holds %q", when, place, w)
				}
			case has != want:
				i := strings.Index(text, w)
				t.Errorf("%s: %s holds %q: %t …%s…", when, place, w, has, text[max(0, i-1500):min(len(text), max(i, 0)+60)])
			}
		}
	}
	if want {
		return
	}
	succeed(t, "export", "--data", data, "--format", "csv", "--out", filepath.Join(dir, "tables"))
	if r := forumine(t, "privacy", "audit", "--data", data, dir+"/tables"); strings.Contains(r.out, "deleted\t") {
		t.Errorf("%s: the audit finds\n%s", when, r.out)
	}
}

// stored is all that the state holds of documents.
func stored(t *testing.T, data string) string {
	t.Helper()
	store, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer store.Close()
	var all strings.Builder
	noError(t, store.EachStored(t.Context(), func(s state.Stored) error {
		all.Write(s.Body)
		return nil
	}))
	return all.String()
}
