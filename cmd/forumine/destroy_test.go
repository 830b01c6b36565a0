package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/crawler/archive"
	"forumine/crawler/state"
)

// TestArchiveDestroy destroys the captures of a crawl: nothing of a page is left in
// the archive, all documents stay, and what needs a capture says when it was
// destroyed.
func TestArchiveDestroy(t *testing.T) {
	_, url := serveDemo(t)
	identity, to := keyPair(t)
	for name, how := range map[string]struct{ crawl, read []string }{
		"plain":     {},
		"encrypted": {[]string{"--encrypt-to", to, "--identity", identity}, []string{"--identity", identity}},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			crawlLocal(t, data, url+"/", how.crawl...)
			docs, post := comparableLines(t, data), keyOfPost(t, data)
			mustSay(t, refused(t, "archive", "destroy", "--data", data), "say with --before")
			mustSay(t, succeed(t, "archive", "destroy", "--before", "2020-01-01", "--data", data), "0 captures, 0 bytes destroyed")
			const named = 66 // as `archive check` counts them: the newest of each page
			mustSay(t, succeed(t, "archive", "destroy", "--before", "2199-01-01", "--dry-run", "--data", data), " would go")
			mustSay(t, succeed(t, append([]string{"archive", "check", "--data", data}, how.read...)...), fmt.Sprintf("%d captures named by the state: whole", named))

			said := succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data) // without the identity
			mustSay(t, said, "captures, ", " bytes, fetched from "+time.Now().UTC().Format("2006"), "destroyed")
			if inArchive(t, data, sentence) || inArchive(t, data, "sha1:") || inArchive(t, data, "/threads/") {
				t.Error("something of a page, or its digest, is still in the archive")
			}
			if left, _ := filepath.Glob(filepath.Join(data, "archive", "*.gz*")); len(left) > 0 {
				t.Errorf("files are left: %v", left)
			}
			compareLines(t, comparableLines(t, data), docs)
			today := time.Now().UTC().Format(time.DateOnly)
			gone := "the capture was destroyed on " + today[:7]
			mustSay(t, succeed(t, "provenance", post, "--data", data), gone)
			mustSay(t, refused(t, "provenance", post, "--page", filepath.Join(t.TempDir(), "p.html"), "--data", data), gone)
			mustSay(t, succeed(t, "reindex", "--all", "--data", data), "0 pages read again", fmt.Sprintf("%d captures were destroyed: what they said is kept", named))
			compareLines(t, comparableLines(t, data), docs)
			mustSay(t, succeed(t, "archive", "check", "--data", data), fmt.Sprintf("%d captures named by the state, %d of them destroyed as asked: whole", named, named))
			mustSay(t, succeed(t, "archive", "destroyed", "--data", data), "archive destroy --before 2199-01-01T00:00:00Z", "forumine/"+version, "2199-01-01")
			mustSay(t, succeed(t, "archive", "destroyed", "--json", "--data", data), `"files_removed":1`)
			mustSay(t, succeed(t, "runs", "--data", data), "archive destroy")
			mustSay(t, succeed(t, "privacy", "audit", "--data", data), "0 archived pages read", "68 captures were destroyed")
			cut := forumine(t, "archive", "export", "--thread", "42", "--out", filepath.Join(t.TempDir(), "cut.warc.gz"), "--data", data)
			mustSay(t, cut.stderr, "were destroyed, and left out")
			succeed(t, "history", post, "--data", data)
			succeed(t, "coverage", "--data", data)
			mustSay(t, succeed(t, "export", "--format", "csv", "--out", filepath.Join(t.TempDir(), "set"), "--as-of", "2199-01-01", "--data", data), "posts")
			compareLines(t, comparableLines(t, data), docs)
			mustSay(t, succeed(t, "reindex", "--authors", "drop", "--data", data), "what 63 pages said was changed in its place")
			mustSay(t, refused(t, "reindex", "--authors", "keep", "--data", data), "captures were destroyed", "--authors keep (it is drop) cannot be met", "nothing was changed")
		})
	}
}

// TestDestroyedFolderGoesOn: a crawl goes on where captures were destroyed, and
// what it archives then is all there is.
func TestDestroyedFolderGoesOn(t *testing.T) {
	f, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"/")
	succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data)
	posts := len(ofKind(export(t, data), "post"))
	_, err := f.AddReply(42, "Hester Quill", "Written after the pages were destroyed.", demoNow.Add(time.Hour))
	noError(t, err)
	crawlLocal(t, data, url+"/")
	if n := len(ofKind(export(t, data), "post")); n != posts+1 {
		t.Errorf("%d posts, want one more than %d", n, posts)
	}
	if !inArchive(t, data, "Written after the pages were destroyed.") {
		t.Error("what was fetched since is not in the archive")
	}
	mustSay(t, succeed(t, "archive", "check", "--data", data), "destroyed as asked: whole")
	mustSay(t, succeed(t, "reindex", "--all", "--data", data), "captures were destroyed: what they said is kept")
	if n := len(ofKind(export(t, data), "post")); n != posts+1 {
		t.Errorf("%d posts after reading again, want %d", n, posts+1)
	}
}

// TestDestroyKilled kills a destruction as soon as it has begun, several times; any
// next command that writes finishes it.
func TestDestroyKilled(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the program is started many times")
	}
	_, url := serveDemo(t)
	killedSome := false
	for i := range 6 {
		data := t.TempDir()
		crawlLocal(t, data, url+"/")
		docs := comparableLines(t, data)
		record := filepath.Join(data, "archive", "destroyed.jsonl")
		cmd := exec.CommandContext(t.Context(), os.Args[0], "archive", "destroy", "--before", "2199-01-01", "--data", data)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		noError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		var err error
		for begun, over := false, false; !begun && !over; {
			select {
			case err = <-ended:
				over = true
			default:
				raw, _ := os.ReadFile(record)
				begun = bytes.Contains(raw, []byte([]string{"{", "file"}[i%2]))
			}
			if begun {
				_ = cmd.Process.Kill()
				err = <-ended
			}
		}
		killedSome = killedSome || killed(err)
		crawlLocal(t, data, url+"/threads/loft-dipole-the-whole-build.42/", "--max-pages", "1")
		all, err := archive.Destructions(filepath.Join(data, "archive"))
		if err == nil && len(all) == 0 { // it had not noted yet that it begins
			succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data)
			all, err = archive.Destructions(filepath.Join(data, "archive"))
		}
		if err != nil || len(all) != 1 || all[0].Ended.IsZero() || all[0].Captures == 0 {
			t.Fatalf("the record after a kill: %+v, %v\n%s", all, err, out.String())
		}
		mustSay(t, succeed(t, "archive", "check", "--data", data), "destroyed as asked: whole")
		if n := len(comparableLines(t, data)); n != len(docs) {
			t.Errorf("%d documents, want %d", n, len(docs))
		}
	}
	if !killedSome {
		t.Error("no destruction was killed: each was over before")
	}
}

// TestMonthOfDestroyedCaptures carries out a study that encrypts, has no identity,
// and destroys captures after a week: the documents are those of any other study.
func TestMonthOfDestroyedCaptures(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestRunSitesTogether has more at work at once there")
	}
	_, to := keyPair(t)
	demo := newSimForum(t)
	start := time.Now().UTC().Truncate(24 * time.Hour)
	m := newMonth(t, fmt.Sprintf(`
storage: {destroy_captures: after 7d, encryption: {recipients: [%s]}}
defaults: {delay: 0, allow_private: true, audit: {share: 0}}
sites:
  - {name: demo, start: %s/, schedule: {every: 24h}}
`, to, demo.url), start)
	replies, next := 0, start.Add(36*time.Hour)
	m.clock.leapt = func(_, now time.Time) {
		for ; !next.After(now); next = next.Add(72 * time.Hour) {
			replies++
			_, err := demo.forum.AddReply(42, "Hester Quill", fmt.Sprintf("Said at %s.", next), demoNow.Add(time.Duration(replies)*time.Minute))
			noError(t, err)
		}
	}
	m.live(start.AddDate(0, 0, 30), func(r *runner) {
		noError(t, r.p.endDelivery())
		noError(t, r.p.sender.Drain(t.Context()))
	})
	data := m.cfg.Storage.Data
	if n := len(ofKind(export(t, data), "post")); n != demoPosts+replies || replies != 10 {
		t.Errorf("%d posts after %d replies, want %d", n, replies, demoPosts+replies)
	}
	for _, run := range m.records("demo") {
		if run.Status != runComplete && run.Status != runStopped {
			t.Errorf("run %d ended as %s", run.ID, run.Status)
		}
	}
	store, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer store.Close()
	runs, err := store.Runs(t.Context(), unlimited(0))
	noError(t, err)
	destroyed := int64(0)
	for _, run := range runs {
		if run.Command == "archive destroy" {
			destroyed += run.Counts["captures_destroyed"]
			if run.Reason != "storage.destroy_captures: after 7d" || !strings.Contains(run.Asked, `"newest"`) || run.Config != m.cfg.Hash() {
				t.Errorf("the record of run %d: %+v", run.ID, run)
			}
		}
	}
	all, err := archive.Destructions(filepath.Join(data, "archive"))
	noError(t, err)
	recorded := int64(0)
	for _, d := range all {
		recorded += d.Captures
	}
	if destroyed < 60 || recorded != destroyed {
		t.Errorf("%d captures were destroyed by the runs, %d by the archive's record", destroyed, recorded)
	}
	mustSay(t, succeed(t, "archive", "check", "--data", data), "destroyed as asked: whole")
}
