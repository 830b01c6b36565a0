package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
	"forumine/index"
)

// lines decodes JSON lines.
func lines[T any](t *testing.T, text string) []T {
	t.Helper()
	var out []T
	for line := range strings.Lines(text) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		out = append(out, v)
	}
	return out
}

// A post that is edited, deleted and never back, and its thread's counters, on
// the demo forum.
func TestHistoryOfTheDemoForum(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; nothing here is concurrent")
	}
	t.Parallel()
	d := newDaily(t)
	site := strings.TrimPrefix(d.url, "http://")
	thread := site + "|thread|42"
	var ids []int
	d.crawl(func() { ids = d.posts()[thread] })
	edited, gone := ids[3], ids[5]
	noError(t, d.forum.Edit(edited, "Very tidy masts, all of aluminium.", demoNow.Add(time.Hour)))
	noError(t, d.forum.Edit(gone, "A second thought.", demoNow.Add(time.Hour)))
	d.now = d.now.Add(24 * time.Hour)
	_, err := d.forum.AddReply(42, "Hester Quill", "Noted.", d.now.Add(-time.Hour))
	noError(t, err)
	for range 6 { // the audit lane comes by
		d.now = d.now.Add(2 * 24 * time.Hour)
		d.crawl(func() {})
	}
	noError(t, d.forum.Delete(gone))
	for range 8 {
		d.now = d.now.Add(2 * 24 * time.Hour)
		d.crawl(func() {})
	}
	history := func(key string, more ...string) string {
		return succeed(t, append([]string{"history", key, "--data", d.dir}, more...)...)
	}
	var what []string
	for _, e := range lines[historyEvent](t, history(site+"|post|"+strconv.Itoa(gone), "--json")) {
		what = append(what, e.What)
	}
	differ(t, "events of the deleted post", what, []string{"first seen", "edited", "not shown", "missing"})
	text := history(site+"|post|"+strconv.Itoa(edited), "--full")
	for _, want := range []string{"first seen · written 2026-", "edited, revision 2 · the page says: 2026-06-15 13:00", "{+", "aluminium", "[-"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("there is colour where no terminal is")
	}
	points := lines[counterPoint](t, history(thread, "--json"))
	var replies []int64
	for _, p := range points {
		if p.Replies != nil {
			replies = append(replies, *p.Replies-*points[0].Replies)
		}
	}
	differ(t, "the series of replies", replies, []int64{0, 1, 0})
	if text := history(thread); !strings.Contains(text, "replies") || !strings.Contains(text, "listing") {
		t.Errorf("the table of the series:\n%s", text)
	}
}

// A member who writes more, and under another name, on the demo forum.
func TestHistoryOfAMember(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; nothing here is concurrent")
	}
	t.Parallel()
	d := newDaily(t)
	d.crawl(func() {})
	for day, name := range []string{"Hester Quill", "Hester Marsh"} {
		if day == 1 {
			noError(t, d.forum.Rename("Hester Quill", name))
		}
		d.now = d.now.Add(24 * time.Hour)
		_, err := d.forum.AddReply(42, name, "Noted.", d.now.Add(-time.Hour))
		noError(t, err)
		d.crawl(func() { _, err = d.store.FoldAuthors(t.Context()); noError(t, err) })
	}
	key := strings.TrimPrefix(d.url, "http://") + "|user|"
	for _, u := range d.forum.Truth().Users {
		if u.Name == "Hester Marsh" {
			key += u.ID
		}
	}
	var posts []int64
	for _, p := range turns(lines[memberPoint](t, succeed(t, "history", key, "--data", d.dir, "--json"))) {
		if p.JoinedAt.IsZero() || p.Capture == "" {
			t.Errorf("a point lacks something: %+v", p)
		}
		posts = append(posts, *p.Posts)
	}
	if len(posts) < 3 || posts[len(posts)-1] != posts[0]+2 || !slices.IsSorted(posts) {
		t.Errorf("the series of posts: %v", posts)
	}
	text := succeed(t, "history", key, "--data", d.dir)
	for _, want := range []string{"name: Hester Marsh, before: Hester Quill", "first seen 2026-", ", joined 20", "posts held, written from", "seen  "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if r := forumine(t, "history", strings.TrimPrefix(d.url, "http://")+"|user|999", "--data", d.dir); r.code == exitOK {
		t.Error("nobody has a history")
	}
}

// What sightings come to, case by case.
func TestAppearances(t *testing.T) {
	at := func(hour int) time.Time { return demoNow.Add(time.Duration(hour) * time.Hour) }
	shown := func(hour int, page, state string) sighting {
		return sighting{At: at(hour), Page: page, Viewer: "guest", Whole: true,
			Shown: &index.Observation{Post: &index.PostDoc{Post: index.PostRef{State: state}}}}
	}
	absent := func(hour int, page, viewer string) sighting {
		return sighting{At: at(hour), Page: page, Viewer: viewer, Whole: true}
	}
	cut := absent(2, "p1", "guest")
	cut.Whole = false
	gone := absent(2, "p1", "guest")
	gone.Gone = true
	visible := forum.PostVisible
	for _, c := range []struct {
		name string
		seen []sighting
		want string
	}{
		{"always there", []sighting{shown(1, "p1", visible), shown(2, "p1", visible)}, ""},
		{"before it was written", []sighting{absent(1, "p1", "guest"), shown(2, "p1", visible)}, ""},
		{"gone and back", []sighting{shown(1, "p1", visible), absent(2, "p1", "guest"), absent(3, "p1", "guest"), shown(4, "p1", visible)}, "2 not shown, 4 shown again"},
		{"moved to another page", []sighting{shown(1, "p2", visible), shown(2, "p1", visible), absent(3, "p2", "guest")}, ""},
		{"another viewer does not see it", []sighting{shown(1, "p1", visible), absent(2, "p1", "someone")}, ""},
		{"a page cut short", []sighting{shown(1, "p1", visible), cut}, ""},
		{"its page is gone", []sighting{shown(1, "p1", visible), gone}, "2 not shown"},
		{"deleted with a note", []sighting{shown(1, "p1", visible), shown(2, "p1", forum.PostDeleted), shown(3, "p1", visible)}, "2 deleted, 3 shown again"},
	} {
		var got []string
		for _, e := range appearances(c.seen) {
			got = append(got, strconv.Itoa(int(e.At.Sub(demoNow).Hours()))+" "+e.What)
		}
		differ(t, c.name, strings.Join(got, ", "), c.want)
	}
}
