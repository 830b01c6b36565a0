package extract_test

import (
	"os"
	"path/filepath"
	"testing"

	"forumine/extract"
	"forumine/extract/check"
	"forumine/extract/forum"
	"forumine/extract/profile"

	"github.com/google/go-cmp/cmp"
)

const profileFixtures = "../testdata/profiles"

// TestProfiles reads the cases under testdata/profiles: pages whose theme has
// broken their engine's selectors, each with the profile that mends it.
func TestProfiles(t *testing.T) {
	fsys := os.DirFS(profileFixtures)
	cases, err := check.Cases(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			r := check.Run(fsys, name)
			if *update && r.Got != nil {
				if err := os.WriteFile(filepath.Join(profileFixtures, name, "want.json"), r.Got, 0o644); err != nil {
					t.Fatal(err)
				}
				r = check.Run(fsys, name)
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			if len(r.Diffs) > 0 {
				t.Error("\n" + check.Describe(r))
			}
			if r.Page.Extract.Profile == "" {
				t.Error("read without a profile")
			}
			holds(t, r.Page, r.Have)
		})
	}
}

// readFixture reads an engine's fixture with a profile.
func readFixture(t *testing.T, name, yaml string) (with, without *forum.Page) {
	t.Helper()
	for _, c := range allCases(t) {
		if c.name != name {
			continue
		}
		facts := factsOf(t, name)
		without, err := extract.Read(c.capture, facts, extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		own, err := extract.ParseProfile([]byte("site: " + c.host + "\n" + yaml))
		if err != nil {
			t.Fatal(err)
		}
		with, err := extract.Read(c.capture, facts, extract.Options{Profiles: profile.Set{own}})
		if err != nil {
			t.Fatal(err)
		}
		return with, without
	}
	t.Fatalf("no fixture %s", name)
	return nil, nil
}

// TestProfileKeeps takes from a profile what it names and leaves the rest as
// the engine reads it, gaps included.
func TestProfileKeeps(t *testing.T) {
	with, without := readFixture(t, "xenforo1/awkward", "post:\n  each: 'ol.messageList > li.message'\n  id: {attr: id, take: last-number}\nauthor:\n  title: .nothing-has-this\n")
	if with.Extract.Profile == "" || with.Extract.Strategy != "profile" || len(with.Posts) < 2 {
		t.Fatalf("%d posts, %+v", len(with.Posts), with.Extract)
	}
	sameReading(t, with, without)
}

// TestProfileOverrides reads the one field that a profile names from where it
// says, and records a gap where that has nothing and the engine neither.
func TestProfileOverrides(t *testing.T) {
	with, without := readFixture(t, "xenforo1/first", "post:\n  each: li.message\nauthor:\n  name: {attr: data-author}\n  title: .userText a\n")
	if len(with.Posts) != len(without.Posts) {
		t.Fatalf("%d posts, want %d", len(with.Posts), len(without.Posts))
	}
	for i, p := range with.Posts {
		q := without.Posts[i]
		if p.Author.Name != q.Author.Name || p.Author.Title != p.Author.Name || p.Body.Text != q.Body.Text || p.Author.ID != q.Author.ID {
			t.Errorf("posts[%d]: %+v", i, p.Author)
		}
	}
}

// TestProfileWalls leaves walls walls, and pages on which the profile finds
// nothing as they are without it.
func TestProfileWalls(t *testing.T) {
	const mends = "post:\n  each: .card\n  body: .words\nauthor: {name: .nick}\n"
	for _, name := range []string{"xenforo1/denied", "phpbb3/login-wall", "mybb/board", "smf/index-21", "xenforo1/member", "xenforo1/first"} {
		with, without := readFixture(t, name, mends)
		t.Run(name, func(t *testing.T) { sameReading(t, with, without) })
	}
}

// sameReading fails readings that differ in more than that a profile was used.
func sameReading(t *testing.T, with, without *forum.Page) {
	t.Helper()
	with.Extract, with.Learned.Profile = without.Extract, ""
	if diff := cmp.Diff(without, with); diff != "" {
		t.Errorf("the profile changes more than it names:\n%s", diff)
	}
}
