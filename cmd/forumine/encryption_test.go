package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"forumine/cmd/forumine/demoforum"
	"forumine/crawler/archive"
)

// keyPair makes an identity file, and gives it with its recipient.
func keyPair(t *testing.T) (file, recipient string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "study.key")
	return file, strings.TrimSpace(succeed(t, "archive", "keygen", file))
}

// sentence stands in a post of the demo forum and nowhere else.
const sentence = "Loft dipole: the whole build"

// inArchive tells whether words stand anywhere in the bytes of an archive's files,
// gzip members unpacked.
func inArchive(t *testing.T, data, words string) bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(data, "archive", "*"))
	noError(t, err)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		noError(t, err)
		if zr, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
			plain, _ := io.ReadAll(zr)
			raw = append(raw, plain...)
		}
		if bytes.Contains(raw, []byte(words)) {
			return true
		}
	}
	return false
}

// keyOfPost gives a post that speaks of dipoles.
func keyOfPost(t *testing.T, data string) string {
	t.Helper()
	for _, d := range ofKind(export(t, data, "--query", "dipole"), "post") {
		if key, ok := d["post"].(map[string]any)["key"].(string); ok {
			return key
		}
	}
	t.Fatal("there is no such post")
	return ""
}

// refused carries out a command line that has to fail and gives what it says.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	r := forumine(t, args...)
	if r.code == exitOK {
		t.Fatalf("forumine %s succeeded:\n%s", strings.Join(args, " "), r.out)
	}
	return r.stderr
}

func mustSay(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// TestEncryptedCrawl crawls with the recipient alone; what needs the pages says so
// without the identity, and works with it.
func TestEncryptedCrawl(t *testing.T) {
	_, url := serveDemo(t)
	want := undisturbed(t, url+"/")
	identity, to := keyPair(t)
	if info, err := os.Stat(identity); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the identity's file: %v %v", info.Mode(), err)
	}
	data := t.TempDir()
	said := forumine(t, "crawl", url+"/", "--data", data, "--allow-private", "--delay", "0", "--encrypt-to", to)
	if said.code != exitOK || len(comparableLines(t, data)) != len(want) {
		t.Fatalf("%s\n%d documents, want %d", said.stderr, len(comparableLines(t, data)), len(want))
	}
	mustSay(t, said.stderr, "wait to be read again: `forumine reindex` with the identity does that")
	crawlLocal(t, data, url+"/threads/loft-dipole-the-whole-build.42/") // remembers
	if names, _ := filepath.Glob(filepath.Join(data, "archive", "*.gz")); len(names) > 0 || inArchive(t, data, sentence) || inArchive(t, data, "127.0.0.1") {
		t.Errorf("something stands in the archive in plain: %v", names)
	}
	id := keyOfPost(t, data)
	mustSay(t, refused(t, "archive", "list", "--data", data), "the archive is encrypted", "--identity FILE", envIdentity)
	mustSay(t, refused(t, "reindex", "--all", "--data", data), "archived pages were not read again, and what they said is kept", "--identity FILE")
	mustSay(t, refused(t, "provenance", id, "--page", filepath.Join(t.TempDir(), "p.html"), "--data", data), "the archive is encrypted")
	mustSay(t, refused(t, "forget", "--author", "solderfumes", "--data", data), "--identity FILE")
	mustSay(t, succeed(t, "archive", "check", "--data", data), "encrypted captures by their checksums alone", "encrypted and not opened: whole")
	mustSay(t, succeed(t, "provenance", id, "--data", data), "the archive is encrypted")

	other, _ := keyPair(t)
	mustSay(t, refused(t, "archive", "list", "--data", data, "--identity", other), "the identity that was given does not open it")
	mustSay(t, refused(t, "archive", "list", "--data", data, "--identity", other+".none"), "bring the file there")
	if runtime.GOOS != "windows" {
		noError(t, os.Chmod(other, 0o640))
		mustSay(t, refused(t, "archive", "list", "--data", data, "--identity", other), "chmod 600")
	}

	t.Setenv(envIdentity, identity)
	mustSay(t, succeed(t, "archive", "list", "--data", data), "/threads/loft-dipole-the-whole-build.42/")
	mustSay(t, succeed(t, "archive", "check", "--data", data), "captures named by the state: whole")
	mustSay(t, succeed(t, "reindex", "--all", "--data", data), " pages read again")
	page := filepath.Join(t.TempDir(), "page.html")
	succeed(t, "provenance", id, "--page", page, "--data", data)
	if raw, err := os.ReadFile(page); err != nil || !strings.Contains(strings.ToLower(string(raw)), "dipole") {
		t.Errorf("the page of %s: %v", id, err)
	}
	cut := filepath.Join(t.TempDir(), "cut.warc.gz")
	succeed(t, "archive", "export", "--thread", "42", "--out", cut, "--data", data)
	mustSay(t, succeed(t, "archive", "list", cut), "/threads/loft-dipole-the-whole-build.42/")
	compareLines(t, comparableLines(t, data), want)
	succeed(t, "forget", "--author", "solderfumes", "--data", data)
	if n := len(export(t, data, "--query", "author:solderfumes")); n > 0 {
		t.Errorf("%d documents of somebody who is forgotten", n)
	}
	if names, _ := filepath.Glob(filepath.Join(data, "archive", "*.gz")); len(names) > 0 {
		t.Errorf("forgetting wrote plain files: %v", names)
	}
}

// TestArchiveEncrypt converts what was archived in plain: places stay, and
// decrypted it is byte for byte what it was.
func TestArchiveEncrypt(t *testing.T) {
	_, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"/")
	if !inArchive(t, data, sentence) {
		t.Fatal("the sentence is not in the plain archive: the test looks for the wrong one")
	}
	before := map[string]string{}
	names, _ := filepath.Glob(filepath.Join(data, "archive", "*.gz"))
	for _, name := range names {
		raw, err := os.ReadFile(name)
		noError(t, err)
		before[filepath.Base(name)] = string(raw)
	}
	docs := comparableLines(t, data)
	mustSay(t, refused(t, "archive", "encrypt", "--data", data), "say to whom")
	identity, to := keyPair(t)
	mustSay(t, succeed(t, "archive", "encrypt", "--to", to, "--data", data), "1 file, ", "encrypted to "+to)
	mustSay(t, succeed(t, "archive", "encrypt", "--data", data), "0 files")
	if inArchive(t, data, sentence) || inArchive(t, data, "sha1:") {
		t.Error("the archive still holds a page in plain, or the digest of one")
	}
	out := filepath.Join(t.TempDir(), "plain")
	succeed(t, "archive", "decrypt", "--out", out, "--data", data, "--identity", identity)
	for name, want := range before {
		raw, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || string(raw) != want {
			t.Errorf("%s is not what it was: %d bytes, want %d (%v)", name, len(raw), len(want), err)
		}
	}
	mustSay(t, succeed(t, "archive", "check", "--data", data, "--identity", identity), "captures named by the state: whole")
	succeed(t, "reindex", "--all", "--data", data, "--identity", identity)
	compareLines(t, comparableLines(t, data), docs)
	mustSay(t, succeed(t, "runs", "--data", data), "archive encrypt")

	fresh := t.TempDir()
	sealed, _ := filepath.Glob(filepath.Join(data, "archive", "*.age"))
	succeed(t, append([]string{"import", "--data", fresh, "--identity", identity}, sealed...)...)
	compareLines(t, comparableLines(t, fresh), docs)
}

// TestEncryptedKilled kills crawls that can open nothing. What they left unread is
// told, waits, and is read by the first command that has the identity.
func TestEncryptedKilled(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector: the program is started many times")
	}
	f, err := demoforum.New(demoforum.Options{Now: demoNow})
	noError(t, err)
	site := &counted{forum: f}
	site.reset()
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	want := undisturbed(t, server.URL+"/")
	identity, to := keyPair(t)
	random := rand.New(rand.NewPCG(7, 7))
	waited := 0
	for range 5 {
		data := t.TempDir()
		for range 3 {
			m := stages()[random.IntN(4)]
			m.n = 1 + random.Int64N(m.n)
			if !crawlKilledAt(t, site, m, "crawl", server.URL+"/", "--allow-private", "--delay", "0", "--encrypt-to", to, "--data", data) {
				break
			}
		}
		site.reset()
		r := forumine(t, "crawl", server.URL+"/", "--data", data, "--allow-private", "--delay", "0")
		if r.code != exitOK {
			t.Fatalf("the crawl without the identity: %s", r.stderr)
		}
		if strings.Contains(r.stderr, "wait for the identity") {
			waited++
			mustSay(t, succeed(t, "status", "--data", data), "encrypted captures of a process that died wait for the identity")
			before := number(data, "state.db", `SELECT count(*) FROM captures`)
			crawlLocal(t, data, server.URL+"/", "--identity", identity)
			if after := number(data, "state.db", `SELECT count(*) FROM captures`); after <= before {
				t.Errorf("%d captures are settled, as many as without the identity", after)
			}
			if strings.Contains(succeed(t, "status", "--data", data), "wait for the identity") {
				t.Error("the status still speaks of captures that wait")
			}
		}
		crawlLocal(t, data, server.URL+"/", "--identity", identity) // reads again what more is known of now
		checkFolder(t, data)
		compareLines(t, comparableLines(t, data), want)
		mustSay(t, succeed(t, "archive", "check", "--data", data, "--identity", identity), ": whole")
	}
	if waited == 0 {
		t.Error("no kill struck between archive and state: nothing was left to wait")
	}
}

// TestEncryptKilled kills `archive encrypt` after each file; any number of times,
// the same command goes on.
func TestEncryptKilled(t *testing.T) {
	_, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"/")
	identity, to := keyPair(t)
	noError(t, os.WriteFile(filepath.Join(data, "archive", "forumine-20200101000000-00000.warc.gz.age.rewrite"), []byte("half"), 0o600))
	succeed(t, "archive", "encrypt", "--to", to, "--data", data)
	if left, _ := filepath.Glob(filepath.Join(data, "archive", "*.rewrite")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if problems, err := archive.Check(t.Context(), filepath.Join(data, "archive"), identityIn(identity)); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestStudyEncryption: a study says to whom captures are encrypted and when they
// are destroyed, and config check says what will come of it.
func TestStudyEncryption(t *testing.T) {
	_, url := serveDemo(t)
	identity, to := keyPair(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "forumine.yaml")
	write := func(storage string) {
		text := "storage: {" + storage + "}\ndefaults: {delay: 0, allow_private: true}\nsites:\n  - {name: demo, start: " + url + "/threads/loft-dipole-the-whole-build.42/}\n"
		noError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	write("encryption: {recipients: [you@example.org]}")
	mustSay(t, refused(t, "config", "check", "--offline", "-c", file), "storage.encryption.recipients", "is no age recipient")
	write("destroy_captures: 365d")
	mustSay(t, refused(t, "config", "check", "--offline", "-c", file), "storage.destroy_captures", "as after 365d")
	write("data: data")
	mustSay(t, succeed(t, "config", "check", "--offline", "-c", file), "captures are kept in plain\n")
	write("encryption: {recipients: [" + to + "]}, destroy_captures: after 365d")
	mustSay(t, succeed(t, "config", "check", "--offline", "-c", file), "captures are kept encrypted to "+to,
		"no identity is named: they are written, and cannot be read again here", "captures are destroyed after 365d from fetching")
	write("encryption: {recipients: [" + to + "], identity_file: " + identity + "}, destroy_captures: 2199-01-01")
	mustSay(t, succeed(t, "config", "check", "--offline", "-c", file), "the identity in "+identity+" opens them", "on 2199-01-01 all captures fetched before it are destroyed")
	succeed(t, "run", "--once", "-c", file)
	data := filepath.Join(dir, "forumine-data")
	if inArchive(t, data, sentence) {
		t.Error("a page stands in the archive in plain")
	}
	mustSay(t, succeed(t, "archive", "list", "--data", data), "/threads/loft-dipole-the-whole-build.42/") // by the identity that the study named
	write("destroy_captures: 2020-01-01")
	mustSay(t, succeed(t, "config", "check", "--offline", "-c", file), "encrypted to "+to+", as the data folder remembers", "the date has passed")
	write("encryption: {recipients: none}")
	mustSay(t, succeed(t, "config", "check", "--offline", "-c", file), "captures are kept in plain\n")
}
