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

// cardPage is a page that phpBB's body id marks and no selector of phpBB's fits.
func cardPage(class, inner string) string {
	return `<html><body id="phpbb" class="` + class + `"><a href="./ucp.php">Sign in</a><a href="./viewforum.php?f=2">Lines</a>` + inner + `</body></html>`
}

const (
	cards = `<section class="card" data-n="7"><b class="nick">Ilse Thorn</b><p class="words">Bamboo splits.</p><section class="card" data-n="8"><b class="nick">Marek Dole</b><p class="words">So does ash.</p></section></section>`
	rows  = `<article class="strand"><a href="./viewtopic.php?t=31">Spars</a><i>19 May 2026</i></article>`
	mends = `site: kites.example
post: {each: section.card, id: {attr: data-n}, body: .words}
author: {name: .nick}
listing: {each: article.strand, title: a, link: a, started: i}
`
)

// TestProfileKinds tells what a page is by what the profile finds on it and by
// what the engine has found, walls before all.
func TestProfileKinds(t *testing.T) {
	for _, c := range []struct {
		name, page, more string
		kind             forum.Kind
		posts, rows      int
	}{
		{"posts", cardPage("", cards), "", forum.KindThread, 2, 0},
		{"rows", cardPage("", rows), "", forum.KindBoard, 0, 1},
		{"posts before rows", cardPage("", rows+cards), "", forum.KindThread, 2, 0},
		{"neither", cardPage("", "<p>About us</p>"), "", forum.KindOther, 0, 0},
		{"not a thread's page", cardPage("", cards), "thread: {when: .topic}", forum.KindOther, 0, 0},
		{"a thread's page", cardPage("topic", cards), "thread: {when: .topic}", forum.KindThread, 2, 0},
		{"a listing's page with posts", cardPage("board", rows+cards), "thread: {when: .topic}", forum.KindBoard, 0, 1},
		{"a message is a wall", cardPage("section-viewtopic", `<div id="message"><p>The requested topic does not exist.</p></div>`), "", forum.KindMissing, 0, 0},
		{"posts beside a login form", cardPage("section-viewtopic", `<form id="login"><input type="password"></form>`+cards), "", forum.KindThread, 2, 0},
		{"rows beside a login form", cardPage("section-viewforum", `<form id="login"><input type="password"></form>`+rows), "", forum.KindLogin, 0, 0},
		{"a guard's page", cardPage("", `<form id="challenge-form"></form>`+cards), "", forum.KindChallenge, 0, 0},
	} {
		own, err := extract.ParseProfile([]byte(mends + c.more))
		if err != nil {
			t.Fatal(err)
		}
		p, err := extract.Read(forum.Capture{URL: "https://kites.example/x.php", Status: 200, Body: []byte(c.page)}, forum.Facts{}, extract.Options{Profiles: profile.Set{own}})
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != c.kind || len(p.Posts) != c.posts || len(p.Listing) != c.rows {
			t.Errorf("%s: kind %s with %d posts and %d rows", c.name, p.Kind, len(p.Posts), len(p.Listing))
		}
		if c.posts == 2 && (p.Posts[0].Body.Text != "Bamboo splits." || p.Posts[1].Author == nil || p.Posts[1].Author.Name != "Marek Dole") {
			t.Errorf("%s: a post within a post: %q, %+v", c.name, p.Posts[0].Body.Text, p.Posts[1].Author)
		}
	}
}

// TestProfileGaps names what a profile names and the page does not show.
func TestProfileGaps(t *testing.T) {
	own, err := extract.ParseProfile([]byte(mends + "thread: {title: .headline}\n"))
	if err != nil {
		t.Fatal(err)
	}
	body := cardPage("", `<section class="card"><p class="words">Bamboo splits.</p></section><section class="card" data-n="9"><b class="nick">Odile</b></section>`)
	p, err := extract.Read(forum.Capture{URL: "https://kites.example/x.php", Status: 200, Body: []byte(body)}, forum.Facts{}, extract.Options{Profiles: profile.Set{own}})
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for _, g := range p.Gaps {
		if paths[g.Path] {
			t.Errorf("gap %s twice", g.Path)
		}
		paths[g.Path] = true
	}
	for _, want := range []string{"posts[0].id", "posts[0].author", "posts[1].body", "posts[1].author.id", "thread.title", "thread.id"} {
		if !paths[want] {
			t.Errorf("no gap %s in %v", want, p.Gaps)
		}
	}
	if p.Extract.Confidence >= 1 || p.Extract.Confidence <= 0 {
		t.Errorf("confidence %v", p.Extract.Confidence)
	}
}

// TestProfileAnywhere applies selectors that match far too much to pages of every
// engine: whatever it makes of them, no reading fails or breaks its own rules.
func TestProfileAnywhere(t *testing.T) {
	const greedy = `
path: a
thread: {title: h1, id: {select: a, attr: href, take: last-number}}
pages: {current: b, last: a, next: a}
post: {each: 'div, li, tr, article', id: {attr: id, take: last-number}, link: a, position: b, title: h3, parent: {attr: class}, published: 'span, time', edited: i, body: 'p, div, td', drop: b, signature: p, attachments: a}
author: {name: a, id: {attr: class, take: last-part}, link: a, avatar: img, title: b, fields: 'dl, li, dt'}
quote: {each: 'div, blockquote', author: 'a, cite', post_id: {attr: id, take: first-number}, content: p}
listing: {each: 'li, tr', title: a, link: a, author: b, replies: td, views: td, started: span, last_post: span, last_author: a, sticky: i, locked: img}
`
	for _, c := range allCases(t) {
		own, err := extract.ParseProfile([]byte("site: " + c.host + greedy))
		if err != nil {
			t.Fatal(err)
		}
		p, err := extract.Read(c.capture, factsOf(t, c.name), extract.Options{Profiles: profile.Set{own}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.Kind.IsWall() && len(p.Posts) > 0 {
			t.Errorf("%s: a wall with %d posts", c.name, len(p.Posts))
		}
		everything(t, p)
	}
}
