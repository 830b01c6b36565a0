package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exports writes all that a data folder gives away into a folder, and the log of
// a crawl.
func exports(t *testing.T, data, url string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("all.jsonl", succeed(t, "export", "--data", data))
	write("revisions.jsonl", succeed(t, "export", "--data", data, "--kind", "revision"))
	write("replies.csv", succeed(t, "replies", "--data", data, "--format", "csv"))
	write("replies.jsonl", succeed(t, "replies", "--data", data))
	write("weights.csv", succeed(t, "replies", "--data", data, "--by", "author", "--format", "csv"))
	write("graph.graphml", succeed(t, "replies", "--data", data, "--by", "author", "--format", "graphml"))
	write("search.txt", succeed(t, "search", "--data", data, "--json", "--kind", "all", "--limit", "1000", "dipole OR clock OR beans"))
	write("status.txt", succeed(t, "status", "--data", data))
	log := forumine(t, "crawl", url, "--data", data, "--allow-private", "--delay", "0", "--verbose")
	write("crawl.log", log.out+log.stderr)
	return dir
}

// TestPrivacyAudit crawls the demo forum in every mode: the audit finds people in
// a folder that keeps them, in each place, and none in the others.
func TestPrivacyAudit(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	f, url := serveDemo(t)
	for _, mode := range []string{"keep", "pseudonymise", "drop"} {
		data := t.TempDir()
		crawlLocal(t, data, url, "--authors", mode)
		if err := f.Edit(661, "Edited under "+mode+", says @lina.haddad.", demoNow); err != nil {
			t.Fatal(err)
		}
		crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/")
		r := forumine(t, "privacy", "audit", exports(t, data, url), "--data", data)
		if mode != "keep" {
			if r.code != exitOK || !strings.Contains(r.out, "\n0 traces of people") {
				t.Errorf("%s: exit status %d\n%s%s", mode, r.code, r.out, r.stderr)
			}
			continue
		}
		if r.code != exitFailed {
			t.Errorf("keep: exit status %d", r.code)
		}
		for _, place := range []string{
			"name\tindex\tauthor.name", "id\tindex\tauthor.id", "link\tindex\tauthor.url", "name\tindex\tquotes.author", "mention\tindex\tbody.text", "name\tindex\tbody.html",
			"mention\tindex\tbody.spoiler_text", "name\tstate: contribution\tdoc.author.name", "name\tstate: document\tauthor.name", "id\tstate: document\tkey",
			"all.jsonl\tauthor.name", "revisions.jsonl\tauthor.name", "replies.csv\tfrom_author\t", "replies.jsonl\tfrom_author_key", "weights.csv\tfrom_author", "graph.graphml\t", "search.txt\t",
		} {
			if !strings.Contains(r.out, place) {
				t.Errorf("keep: nothing is found under %q:\n%s", place, r.out)
			}
		}
		if strings.Contains(r.out, "word\t") {
			t.Errorf("words are listed without being asked for:\n%s", r.out)
		}
		if r := forumine(t, "privacy", "audit", "--words", "--data", data); !strings.Contains(r.out, "word\tindex\tbody.text") {
			t.Errorf("words are not listed:\n%s", r.out)
		}
	}
}
