package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forumine/crawler/archive"

	"github.com/google/go-cmp/cmp"
)

// TestForgetInPlace holds a forgetting where captures were destroyed against one
// where they can be read again.
func TestForgetInPlace(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	for _, mode := range []string{"keep", "pseudonymise"} {
		t.Run(mode, func(t *testing.T) {
			url, whole, between := edited(t, mode)
			destroyed := map[string]string{"all": copyOf(t, whole, "2199-01-01"), "some": copyOf(t, whole, between)}
			succeed(t, "forget", "--author", "Lina.Haddad", "--data", whole)
			want, said := everyField(t, whole), everySaid(t, whole)
			without := func(docs map[string]document) map[string]document {
				for _, d := range docs {
					if str(d, "doc_kind") == "thread" {
						delete(d, "changed_at") // her answer has changed the thread, and nothing but that it was changed is left of it
					}
				}
				return docs
			}
			for what, data := range destroyed {
				out := succeed(t, "forget", "--author", "Lina.Haddad", "--data", data)
				mustSay(t, out, "said was changed in its place (captures were destroyed)")
				compareFields(t, what, without(want), without(everyField(t, data)))
				if diff := cmp.Diff(said, everySaid(t, data)); diff != "" {
					t.Errorf("%s: contributions read anew (-) and changed in their place (+):\n%s", what, diff)
				}
				stillForgotten(t, what, data)
				mustSay(t, succeed(t, "forget", "--author", "lina.haddad", "--data", data), "forgotten already")
				crawlLocal(t, data, url)
				stillForgotten(t, what+", crawled again", data)
			}
		})
	}
}

// stillForgotten looks for her in every byte of a data folder, and whether the rest
// is whole.
func stillForgotten(t *testing.T, when, data string) {
	t.Helper()
	isForgotten(t, data, append(lina(), "and no other", "by the same hand")...)
	if out := succeed(t, "index", "verify", "--every", "1", "--data", data); !strings.Contains(out, " 0 differ, 0 only in the index") {
		t.Errorf("%s: %s", when, out)
	}
	if problems, err := archive.Check(t.Context(), filepath.Join(data, "archive"), nil); err != nil || len(problems) > 0 {
		t.Errorf("%s: the archive has problems: %v %v", when, problems, err)
	}
}

// TestKilledForgettingInPlace kills a forgetting where captures were destroyed, at
// moments of its progress.
func TestKilledForgettingInPlace(t *testing.T) {
	if underRace || testing.Short() {
		t.Skip("kills processes, and is too slow under the race detector")
	}
	_, whole, between := edited(t, "pseudonymise")
	command := []string{"forget", "--author", "lina.haddad"}
	undisturbed := copyOf(t, whole, between)
	succeed(t, append(command, "--data", undisturbed)...)
	want, said := everyField(t, undisturbed), everySaid(t, undisturbed)
	moments := momentsInPlace()
	moments["new archive files are being written"] = func(data string) bool {
		m, _ := filepath.Glob(filepath.Join(data, "archive", "*.rewrite"))
		return len(m) > 0
	}
	moments["positions are committed"] = func(data string) bool {
		return number(data, "state.db", `SELECT count(*) FROM meta WHERE name = 'user.privacy' AND value LIKE '%"step":"`+forgetPlace+`"%'`) > 0
	}
	deaths := 0
	for _, name := range slices.Sorted(maps.Keys(moments)) {
		data := copyOf(t, whole, between)
		if killedWhen(t, data, moments[name], command...) {
			deaths++
		} else {
			t.Logf("%s: the command came to its end before", name)
		}
		succeed(t, append(command, "--data", data)...)
		compareFields(t, name, want, everyField(t, data))
		if diff := cmp.Diff(said, everySaid(t, data)); diff != "" {
			t.Errorf("%s: contributions undisturbed (-) and after a kill (+):\n%s", name, diff)
		}
		stillForgotten(t, name, data)
	}
	if deaths == 0 {
		t.Error("no process was killed in time")
	}
}

// TestForgetWhomOnlyDestroyedCapturesNamed: whoever is in no capture that is left is
// found in what was read, unless that names nobody.
func TestForgetWhomOnlyDestroyedCapturesNamed(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestPrivacyIsRemembered runs the same step there")
	}
	_, whole, between := edited(t, "keep")
	data := copyOf(t, whole, between)
	mustSay(t, refused(t, "forget", "--author", "nobody at all", "--data", data), "in the captures that are left, nor in what was read from the", "nothing was changed")
	name := ""
	for _, d := range ofKind(export(t, data), "author") {
		if n := str(d, "author.name"); len(n) > 6 && !inArchive(t, data, n) {
			name = n
		}
	}
	if name == "" {
		t.Fatal("the captures that are left name everybody")
	}
	succeed(t, "forget", "--author", name, "--data", data)
	for _, d := range append(export(t, data), export(t, data, "--kind", "revision")...) {
		if str(d, "author.name") == name || strings.Contains(str(d, "body.text"), name) {
			t.Errorf("%s is still there: %v", name, d)
		}
	}
	isForgotten(t, data, name)

	_, whole, between = edited(t, "drop")
	all, some := copyOf(t, whole, "2199-01-01"), copyOf(t, whole, between)
	before := everyRow(t, all)
	mustSay(t, refused(t, "forget", "--author", "lina.haddad", "--data", all), "names nobody (--authors drop)", "nothing was changed")
	after := everyRow(t, all)
	const marks = "meta WHERE name NOT IN ('epoch', 'observed')" // the key has been taken up
	delete(before, marks)
	delete(after, marks)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("something was changed:\n%.2000s", diff)
	}
	if r := forumine(t, "forget", "--author", "lina.haddad", "--data", some); r.code != exitOK || !strings.Contains(r.stderr, "posts that only they showed stay, without an author") {
		t.Errorf("exit status %d\n%s%s", r.code, r.out, r.stderr)
	}
	isForgotten(t, some, append(lina(), "and no other", "by the same hand")...)
}

// TestForgetWhereNobodyHasTheIdentity: captures that nobody opens can be destroyed,
// and what was read from them goes then.
func TestForgetWhereNobodyHasTheIdentity(t *testing.T) {
	_, url := serveDemo(t)
	_, to := keyPair(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/", "--encrypt-to", to)
	for _, command := range [][]string{{"forget", "--author", "lina.haddad"}, {"reindex", "--authors", "drop"}} {
		mustSay(t, refused(t, append(command, "--data", data)...), "the archive is encrypted", "--identity FILE", "nothing was changed", "`forumine archive destroy --before DATE`")
	}
	succeed(t, "archive", "destroy", "--before", "2199-01-01", "--data", data)
	succeed(t, "forget", "--author", "lina.haddad", "--data", data)
	isForgotten(t, data, lina()...)
}
