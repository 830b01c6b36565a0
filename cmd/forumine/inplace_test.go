package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/crawler/state"

	"github.com/google/go-cmp/cmp"
)

// edited crawls the demo forum, then again after people have edited posts and
// answered. It gives the moment between the crawls.
func edited(t *testing.T, mode string, more ...string) (url, data, between string) {
	t.Helper()
	f, url := serveDemo(t)
	data = t.TempDir()
	key := filepath.Join(t.TempDir(), "study.key") // the same pseudonyms everywhere
	noError(t, os.WriteFile(key, []byte(strings.Repeat("5c", 32)+"\n"), 0o600))
	crawlLocal(t, data, url, append([]string{"--authors", mode, "--privacy-key", key}, more...)...)
	between = time.Now().UTC().Format(time.RFC3339Nano)
	for post, text := range map[int]string{661: "Words that lina.haddad wrote and no other.", 660: "Mended since: ask @lina.haddad or @newbie_rae about the balun, bob@example.org."} {
		noError(t, f.Edit(post, text, demoNow))
	}
	_, err := f.AddReply(42, "lina.haddad", "One more thing, says\nlina.haddad.", demoNow.Add(time.Hour))
	noError(t, err)
	crawlLocal(t, data, url)
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/")
	noError(t, f.Edit(661, "Other words still, by the same hand.", demoNow.Add(2*time.Hour)))
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/")
	return url, data, between
}

// copyOf is a data folder like another one, less the captures from before a time.
func copyOf(t *testing.T, data, destroyBefore string) string {
	t.Helper()
	to := t.TempDir()
	noError(t, os.CopyFS(to, os.DirFS(data)))
	if destroyBefore != "" {
		if out := succeed(t, "archive", "destroy", "--before", destroyBefore, "--data", to); strings.HasPrefix(out, "0 captures") {
			t.Fatal(out)
		}
	}
	return to
}

// everyField gives all documents of a data folder, by kind and key.
func everyField(t *testing.T, data string) map[string]document {
	t.Helper()
	out := map[string]document{}
	for _, d := range append(export(t, data), export(t, data, "--kind", "revision")...) {
		kind := str(d, "doc_kind")
		key := map[string]string{"post": str(d, "post.key"), "thread": str(d, "thread.key"), "author": str(d, "author.key"), "revision": str(d, "post.key") + " " + str(d, "revision")}[kind]
		delete(d, "sequence") // of the delivery
		delete(d, "crawl")    // of the reading that last changed the document; one that is written in its place shows the newest
		if author, ok := d["author"].(map[string]any); ok && kind != "author" {
			delete(author, "post_count") // likewise: a counter alone causes no write
		}
		if kind == "author" {
			delete(d, "changed_at") // read anew, authors are folded all at once, and change with the newest page
		}
		out[kind+" "+key] = d
	}
	return out
}

// everySaid gives what the state says that pages have said, by document and body,
// less where and when they were fetched, which a redacted capture tells otherwise.
func everySaid(t *testing.T, data string) map[string]int {
	t.Helper()
	r, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer r.Close()
	out := map[string]int{}
	noError(t, r.EachStored(t.Context(), func(d state.Stored) error {
		if d.What == "contribution" {
			var said struct {
				Source string   `json:"source"`
				Doc    document `json:"doc"`
			}
			noError(t, json.Unmarshal(d.Body, &said))
			delete(said.Doc, "crawl")
			raw, err := json.Marshal(said)
			noError(t, err)
			out[d.Key+" "+string(raw)]++
		}
		return nil
	}))
	return out
}

func compareFields(t *testing.T, what string, want, got map[string]document) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("no documents")
	}
	for key, d := range want {
		if diff := cmp.Diff(d, got[key]); diff != "" {
			t.Errorf("%s: %s: read anew (-) and changed in its place (+):\n%s", what, key, diff)
		}
	}
	for key, d := range got {
		if want[key] == nil {
			raw, _ := json.Marshal(d)
			t.Errorf("%s: %s is there only where captures were destroyed: %s", what, key, raw)
		}
	}
}

// TestModeChangesInPlace holds a change of mode where captures were destroyed against
// the same change where they can be read again.
func TestModeChangesInPlace(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	for _, c := range []struct {
		from string
		to   []string
	}{
		{"keep", []string{"--authors", "pseudonymise"}},
		{"keep", []string{"--authors", "drop"}},
		{"pseudonymise", []string{"--authors", "drop"}},
		{"pseudonymise", []string{"--mask", "emails", "--drop-fields", "fields,joined"}},
		{"keep", []string{"--deleted", "redact", "--mask", "emails"}},
	} {
		t.Run(c.from+" "+strings.Join(c.to, " "), func(t *testing.T) {
			_, whole, between := edited(t, c.from)
			if n := len(export(t, whole, "--kind", "revision")); n != 3 {
				t.Fatalf("%d earlier versions, want 3", n)
			}
			destroyed := map[string]string{"all": copyOf(t, whole, "2199-01-01"), "some": copyOf(t, whole, between)}
			change := append([]string{"reindex", "--data"}, append([]string{whole}, c.to...)...)
			succeed(t, change...)
			want := everyField(t, whole)
			for what, data := range destroyed {
				change[2] = data
				mustSay(t, succeed(t, change...), "said was changed in its place (captures were destroyed)")
				compareFields(t, what, want, everyField(t, data))
				if diff := cmp.Diff(everySaid(t, whole), everySaid(t, data)); diff != "" {
					t.Errorf("%s: contributions read anew (-) and changed in their place (+):\n%s", what, diff)
				}
				if out := succeed(t, "index", "verify", "--every", "1", "--data", data); !strings.Contains(out, " 0 differ, 0 only in the index") {
					t.Errorf("%s: %s", what, out)
				}
				if what == "all" && c.to[0] == "--authors" { // no byte leads to an account
					isForgotten(t, data, "/members/", "|user|7", `"name":"lina.haddad`, `author":"lina.haddad`)
				}
			}
		})
	}
}

// TestKilledInPlace kills a change of mode at moments of its progress.
func TestKilledInPlace(t *testing.T) {
	if underRace || testing.Short() {
		t.Skip("kills processes, and is too slow under the race detector")
	}
	_, whole, between := edited(t, "keep")
	command := []string{"reindex", "--authors", "pseudonymise"}
	undisturbed := copyOf(t, whole, between)
	succeed(t, append(command, "--data", undisturbed)...)
	want, said := everyField(t, undisturbed), everySaid(t, undisturbed)
	deaths := 0
	for name, reached := range momentsInPlace() {
		data := copyOf(t, whole, between)
		if killedWhen(t, data, reached, command...) {
			deaths++
			if name != "the index is built" { // after which nothing may be left to do
				mustSay(t, refused(t, "reindex", "--authors", "drop", "--data", data), "forumine reindex --authors pseudonymise")
			}
		} else {
			t.Logf("%s: the command came to its end before", name)
		}
		succeed(t, append(command, "--data", data)...)
		compareFields(t, name, want, everyField(t, data))
		if diff := cmp.Diff(said, everySaid(t, data)); diff != "" {
			t.Errorf("%s: contributions undisturbed (-) and after a kill (+):\n%s", name, diff)
		}
		if out := succeed(t, "index", "verify", "--every", "1", "--data", data); !strings.Contains(out, " 0 differ, 0 only in the index") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if deaths == 0 {
		t.Error("no process was killed in time")
	}
}

// momentsInPlace are moments of everything being said anew.
func momentsInPlace() map[string]func(data string) bool {
	at := func(stage string) func(string) bool {
		return func(data string) bool {
			return number(data, "state.db", `SELECT count(*) FROM meta WHERE name = 'restating' AND value LIKE '`+stage+`'`) > 0
		}
	}
	return map[string]func(string) bool{
		"it has begun":       at("pages%"),
		"some pages":         at("pages __"),
		"all pages":          at("sweep%"),
		"threads":            at("threads%"),
		"posts are folded":   at("posts%"),
		"authors are folded": at("authors%"),
		"the index is built": func(data string) bool {
			return number(data, "state.db", `SELECT count(*) FROM meta WHERE name = 'user.privacy' AND value LIKE '%"step":"read"%'`) > 0
		},
	}
}

// everyRow gives every row of the state, but for what opening it counts and the
// record of runs, and every other file of a data folder.
func everyRow(t *testing.T, data string) map[string]string {
	t.Helper()
	out := map[string]string{}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(data, "state.db"))+"?mode=ro")
	noError(t, err)
	defer db.Close()
	for _, table := range []string{"contributions", "documents", "bodies", "outbox", "dead_letters", "dirty_authors", "captures", "urls", "meta WHERE name NOT IN ('epoch', 'observed')"} {
		out[table] = rowsOf(t, db, table)
	}
	noError(t, filepath.WalkDir(data, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "state.db") || e.Name() == "forumine.lock" || strings.HasSuffix(e.Name(), "-wal") || strings.HasSuffix(e.Name(), "-shm") {
			return err
		}
		raw, err := os.ReadFile(path)
		out[e.Name()] = string(raw)
		return err
	}))
	return out
}

func rowsOf(t *testing.T, db *sql.DB, table string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	noError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	noError(t, err)
	var text strings.Builder
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		noError(t, rows.Scan(values...))
		for i := range values {
			fmt.Fprintf(&text, "%v|", *values[i].(*any))
		}
		text.WriteByte('\n')
	}
	noError(t, rows.Err())
	return text.String()
}

// TestLooserPrivacyIsRefused: what only destroyed captures could bring back is
// refused, by name, and nothing is changed.
func TestLooserPrivacyIsRefused(t *testing.T) {
	_, url := serveDemo(t)
	for _, c := range []struct {
		has, wants []string
		cannot     string
	}{
		{[]string{"--authors", "pseudonymise"}, []string{"--authors", "keep"}, "--authors keep (it is pseudonymise)"},
		{[]string{"--authors", "drop"}, []string{"--authors", "pseudonymise"}, "--authors pseudonymise (it is drop)"},
		{[]string{"--mask", "emails,phones"}, []string{"--authors", "drop", "--mask", "emails"}, "--mask without phones"},
		{[]string{"--drop-fields", "joined,callsign"}, []string{"--drop-fields", "callsign"}, "--drop-fields without joined"},
		{[]string{"--deleted", "redact"}, []string{"--deleted", "keep", "--mask", "emails"}, "--deleted keep (it is redact)"},
	} {
		data := t.TempDir()
		crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/", c.has...)
		succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data)
		before := everyRow(t, data)
		said := refused(t, append([]string{"reindex", "--data", data}, c.wants...)...)
		mustSay(t, said, "were destroyed", c.cannot+" cannot be met; nothing was changed", "another data folder")
		if diff := cmp.Diff(before, everyRow(t, data)); diff != "" {
			t.Errorf("%v to %v: something was changed:\n%.2000s", c.has, c.wants, diff)
		}
		crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/") // as before
	}
}
