package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forumine/crawler/archive"
	"forumine/crawler/state"
	"forumine/index/elastic/estest"
)

// everyByte gives all that the files of a data folder hold, with archive members
// and coded bodies unpacked, by file.
func everyByte(t *testing.T, data string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(data, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(data, path)
		out[name] = string(raw)
		if strings.HasSuffix(name, ".warc.gz") {
			z, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				return err
			}
			plain, err := io.ReadAll(z)
			out[name+" unpacked"] = string(plain)
			return err
		}
		return nil
	})
	noError(t, err)
	r, err := state.OpenReadOnly(t.Context(), data)
	noError(t, err)
	defer r.Close()
	noError(t, r.EachStored(t.Context(), func(d state.Stored) error {
		out["state.db "+d.What] += d.Key + " " + string(d.Body) + "\n"
		return nil
	}))
	return out
}

// isForgotten looks for a person in every byte of a data folder.
func isForgotten(t *testing.T, data string, traces ...string) {
	t.Helper()
	for where, text := range everyByte(t, data) {
		for _, trace := range traces {
			if i := strings.Index(strings.ToLower(text), strings.ToLower(trace)); i >= 0 {
				t.Errorf("%s holds %q: …%q…", where, trace, text[max(0, i-60):min(len(text), i+60)])
			}
		}
	}
}

// lina is a member of the demo forum: her name, her profile, her signature of
// words that nobody else has written.
func lina() []string { return []string{"lina.haddad", "lina-haddad", "/members/7/"} }

// withLina crawls the demo forum, has her edit a post, and crawls again.
func withLina(t *testing.T, mode string) (url, data string) {
	t.Helper()
	f, url := serveDemo(t)
	data = t.TempDir()
	crawlLocal(t, data, url, "--authors", mode)
	noError(t, f.Edit(661, "Words that lina.haddad wrote and no other.", demoNow))
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/")
	return url, data
}

// others gives the posts that she did not write, without what quotes and times
// differ in.
func others(t *testing.T, data string) []string {
	t.Helper()
	var out []string
	for _, d := range ofKind(export(t, data), "post") {
		if str(d, "author.name") != "lina.haddad" && at(d, "retracted") == nil {
			out = append(out, str(d, "post.key")+" "+str(d, "author.name")+" "+str(d, "published_at")+" "+strings.ReplaceAll(str(d, "body.text"), "lina.haddad", "[forgotten]"))
		}
	}
	return out
}

// mend puts the mark in the place of mentions with and without an at sign.
func mend(posts []string) []string {
	out := slices.Clone(posts)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "@[forgotten]", "[forgotten]")
	}
	return out
}

func TestForget(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	url, data := withLina(t, "keep")
	before := others(t, data)
	if r := forumine(t, "forget", "--author", "nobody at all", "--data", data); r.code != exitFailed || !strings.Contains(r.stderr, "nothing was changed") {
		t.Errorf("somebody unknown: exit status %d\n%s", r.code, r.stderr)
	}
	out := succeed(t, "forget", "--author", "LINA.haddad", "--data", data)
	if !strings.Contains(out, "captures redacted") || strings.HasPrefix(out, "0 captures") {
		t.Error(out)
	}
	check := func(when string) {
		t.Helper()
		isForgotten(t, data, append(lina(), "and no other")...)
		if after := others(t, data); !slices.Equal(mend(after), mend(before)) {
			t.Errorf("%s: others have lost something: %d posts, had %d\n%s", when, len(after), len(before), firstDifference(mend(before), mend(after)))
		}
		if out := succeed(t, "index", "verify", "--every", "1", "--data", data); !strings.Contains(out, " 0 differ, 0 only in the index") {
			t.Errorf("%s: %s", when, out)
		}
		if problems, err := archive.Check(t.Context(), filepath.Join(data, "archive"), nil); err != nil || len(problems) > 0 {
			t.Errorf("%s: the archive has problems: %v %v", when, problems, err)
		}
	}
	check("forgotten")
	if number(data, "state.db", `SELECT count(*) FROM runs WHERE command = 'forget' AND status = 'complete' AND version = '`+version+`'`) != 1 {
		t.Error("no run says that somebody was forgotten")
	}
	crawlLocal(t, data, url)
	_, err := os.Stat(filepath.Join(data, "index.db"))
	noError(t, err)
	check("crawled again")
	succeed(t, "retry", "ok", "--data", data)
	succeed(t, "reindex", "--all", "--data", data)
	check("read again")
	succeed(t, "index", "rebuild", "--from", "archive", "--data", data)
	check("rebuilt")
	succeed(t, "reindex", "--data", data, "--authors", "pseudonymise")
	isForgotten(t, data, lina()...)
	if out := succeed(t, "privacy", "audit", "--data", data); !strings.Contains(out, "\n0 traces") {
		t.Error(out)
	}
}

func firstDifference(want, got []string) string {
	for i := range want {
		if i >= len(got) || want[i] != got[i] {
			return "want " + want[i] + "\ngot  " + strings.Join(got[min(i, len(got)):min(i+1, len(got))], "")
		}
	}
	return ""
}

// TestForgottenStaysOut: a page that is fetched or imported afterwards reaches the
// archive without the person.
func TestForgottenStaysOut(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	f, url := serveDemo(t)
	data := t.TempDir()
	thread := url + "threads/loft-dipole-the-whole-build.42/"
	crawlLocal(t, data, thread)
	succeed(t, "forget", "--author", "lina.haddad", "--data", data)
	isForgotten(t, data, lina()...)
	if _, err := f.AddReply(42, "lina.haddad", "Nine purple turnips, and new words.", demoNow); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddReply(42, "solderfumes", "Welcome back, and new words of mine.", demoNow); err != nil {
		t.Fatal(err)
	}
	crawlLocal(t, data, thread)
	crawlLocal(t, data, url)
	isForgotten(t, data, append(lina(), "purple turnips")...)
	if !slices.ContainsFunc(others(t, data), func(p string) bool { return strings.Contains(p, "new words of mine") }) {
		t.Error("what another wrote on the same page is missing")
	}
}

// TestForgettingGoesOn stops a forgetting between any two of its stages.
func TestForgettingGoesOn(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	_, whole := withLina(t, "pseudonymise")
	for _, stage := range []string{forgetRewrite, forgetPlace, forgetRead, forgetIndex} {
		data := t.TempDir()
		noError(t, os.CopyFS(data, os.DirFS(whole)))
		noError(t, os.Chmod(filepath.Join(data, privacyKeyFile), 0o600))
		stopped := errors.New("stopped")
		f := forgetting{data: data, author: "lina.haddad", stop: func(at string) error {
			if at == stage {
				return stopped
			}
			return nil
		}}
		if err := f.run(t.Context(), streams{out: io.Discard, err: io.Discard, in: strings.NewReader("")}); !errors.Is(err, stopped) {
			t.Fatalf("%q: %v", stage, err)
		}
		for _, args := range [][]string{{"reindex"}, {"reindex", "--authors", "keep"}, {"index", "rebuild"}, {"forget", "--author", "solderfumes"}} {
			if r := forumine(t, append(args, "--data", data)...); r.code == exitOK {
				t.Errorf("%q: %v went through:\n%s", stage, args, r.out)
			}
		}
		succeed(t, "forget", "--author", "lina.haddad", "--data", data)
		isForgotten(t, data, lina()...)
		if n := len(ofKind(export(t, data), "post")); n == 0 {
			t.Errorf("%q: no post is left", stage)
		}
	}
}

// TestKilledForgetting kills the process at moments of its progress.
func TestKilledForgetting(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	if testing.Short() {
		t.Skip("kills processes")
	}
	_, whole := withLina(t, "keep")
	step := func(data, want string) bool {
		return number(data, "state.db", `SELECT count(*) FROM meta WHERE name = 'user.privacy' AND value LIKE '%"step":"`+want+`"%'`) > 0
	}
	deaths := 0
	for name, reached := range map[string]func(data string) bool{
		"new archive files are being written": func(data string) bool {
			m, _ := filepath.Glob(filepath.Join(data, "archive", "*.rewrite"))
			return len(m) > 0
		},
		"positions are committed": func(data string) bool { return step(data, forgetPlace) },
		"new files are in place":  func(data string) bool { return step(data, forgetRead) },
		"pages are being read": func(data string) bool {
			return step(data, forgetRead) && number(data, "state.db", `SELECT count(*) FROM bodies`) < 100
		},
		"the index is being built": func(data string) bool { return step(data, forgetIndex) },
		"the new index has content": func(data string) bool {
			return step(data, forgetIndex) && number(data, "index.db", `SELECT count(*) FROM docs`) > 0
		},
	} {
		data := t.TempDir()
		noError(t, os.CopyFS(data, os.DirFS(whole)))
		if killedWhen(t, data, reached, "forget", "--author", "lina.haddad") {
			deaths++
		} else {
			t.Logf("%s: the command came to its end before", name)
		}
		succeed(t, "forget", "--author", "lina.haddad", "--data", data)
		isForgotten(t, data, lina()...)
		if out := succeed(t, "index", "verify", "--every", "1", "--data", data); !strings.Contains(out, " 0 differ, 0 only in the index") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if deaths == 0 {
		t.Error("no process was killed in time")
	}
}

// killedWhen runs a command on a data folder as a process of its own that dies once
// a moment has come. False says that it came to its end before.
func killedWhen(t *testing.T, data string, reached func(string) bool, command ...string) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], append(command, "--data", data)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	noError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !reached(data) {
		select {
		case err := <-ended:
			noError(t, err)
			return false
		default:
		}
	}
	_ = cmd.Process.Kill()
	return killed(<-ended)
}

// TestForgetOnElasticsearch forgets a person in a folder that delivers to a server
// on which earlier migrations have left indices, one of them with documents of
// another data folder. Afterwards an old snapshot is imported, pages are read
// again, and the index is built anew from either end: the person stays away.
func TestForgetOnElasticsearch(t *testing.T) {
	server := estest.Start(t, estest.Options{Own: true})
	es := []string{"--elasticsearch", server.URL}
	_, url := serveDemo(t)
	_, elsewhere := serveDemo(t)
	data, neighbour := t.TempDir(), t.TempDir()
	thread := "threads/loft-dipole-the-whole-build.42/"
	crawlLocal(t, data, url+thread, es...)
	crawlLocal(t, neighbour, elsewhere+thread, es...)
	snapshot := filepath.Join(t.TempDir(), "old.warc.gz")
	succeed(t, "archive", "export", "--data", data, "--out", snapshot)
	for range 2 {
		succeed(t, append([]string{"index", "migrate", "--all", "--data", data}, es...)...)
	}
	site := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	clean := func(when string) {
		t.Helper()
		server.Do("POST", "/forum-*/_refresh", "")
		_, all := server.Do("GET", "/forum-*/_search?size=5000&expand_wildcards=all", `{"query":{"term":{"site.id":"`+site+`"}}}`)
		if !strings.Contains(all, "solderfumes") {
			t.Errorf("%s: the others are gone, too:\n%.500s", when, all)
		}
		for _, trace := range lina() {
			if i := strings.Index(strings.ToLower(all), trace); i >= 0 {
				t.Errorf("%s: the server holds %q: …%s…", when, trace, all[max(0, i-300):min(len(all), i+60)])
			}
		}
		isForgotten(t, data, lina()...)
	}
	if out := succeed(t, append([]string{"forget", "--author", "lina.haddad", "--data", data}, es...)...); !strings.Contains(out, "captures redacted") {
		t.Error(out)
	}
	clean("forgotten")
	if _, all := server.Do("GET", "/forum-*/_search?size=5000", `{"query":{"term":{"site.id":"`+strings.TrimSuffix(strings.TrimPrefix(elsewhere, "http://"), "/")+`"}}}`); !strings.Contains(all, "lina.haddad") {
		t.Error("another data folder's documents went with them")
	}
	succeed(t, append([]string{"import", snapshot, "--data", data}, es...)...)
	clean("an old snapshot imported")
	succeed(t, append([]string{"reindex", "--all", "--data", data}, es...)...)
	for _, from := range []string{"state", "archive"} {
		succeed(t, append([]string{"index", "rebuild", "--from", from, "--data", data}, es...)...)
		clean("rebuilt from the " + from)
	}
	crawlLocal(t, data, url+thread, es...)
	clean("crawled again")
}
