package crawler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"forumine/crawler"
)

// audited is a crawl whose old pages come back after an hour or two.
func audited(t *testing.T, pages map[string]string) (*moving, setup, *site, string) {
	t.Helper()
	clock := newMoving()
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Audit: crawler.Audit{Bounds: crawler.Bounds{Min: time.Hour, Max: 2 * time.Hour}}}}
	s := serve(t, pages)
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	return clock, o, s, dir
}

// missing are the native ids of the posts that count as missing.
func (b *bench) missing() string {
	b.t.Helper()
	var out []string
	for id := range b.posts() {
		d, err := b.store.DocumentByKey(b.t.Context(), b.siteID+"|post|"+id)
		if err != nil {
			b.t.Fatal(err)
		}
		if !d.MissingSince.IsZero() {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func missingIn(t *testing.T, dir string, s *site, o setup) string {
	t.Helper()
	b := open(t, dir, o)
	defer b.close()
	b.siteID = s.id()
	return b.missing()
}

// An edit that no listing shows is found by the audit lane within its bound.
func TestAuditFindsAnEdit(t *testing.T) {
	t.Parallel()
	clock, o, s, dir := audited(t, small())
	s.set("/t/5/2", "kind thread\npost 51 edited\nlink /t/5/3\n")
	clock.add(2 * time.Hour)
	recrawl(t, dir, s, o)
	b := open(t, dir, o)
	if got := b.posts()["51"]; got != "edited" {
		t.Errorf("post 51 is %q", got)
	}
}

// Of a thread of three pages one post disappears. One complete pass is not
// enough; a second one says that it is missing, and when a page shows the post
// again it is back.
func TestPostIsMissingAfterTwoPasses(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/t/5/2"] += "post 55 another\n"
	clock, o, s, dir := audited(t, pages)
	s.set("/t/5/2", "kind thread\npost 55 another\nlink /t/5/3\n")
	for i, want := range []string{"", "51", "51"} {
		clock.add(25 * time.Hour)
		recrawl(t, dir, s, o)
		if got := missingIn(t, dir, s, o); got != want {
			t.Fatalf("after pass %d missing posts are %q, want %q", i+1, got, want)
		}
	}
	s.set("/t/5/2", small()["/t/5/2"])
	clock.add(25 * time.Hour)
	recrawl(t, dir, s, o)
	if got := missingIn(t, dir, s, o); got != "" {
		t.Errorf("missing posts are %q although the page shows them", got)
	}
}

// What cannot vouch for an absence says nothing of one: a wall, a response cut
// short, a page that fails.
func TestIncompletePassesShowNoAbsence(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"wall":      "kind denied\n",
		"challenge": "kind challenge\n",
		"no forum":  "nothing\n",
		"no post":   "kind thread\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages := small()
			pages["/t/5/2"] += "post 55 another\n"
			clock, o, s, dir := audited(t, pages)
			s.set("/t/5/2", "kind thread\npost 55 another\nlink /t/5/3\n")
			s.set("/t/5/3", page)
			for range 3 {
				clock.add(25 * time.Hour)
				recrawl(t, dir, s, o)
			}
			if got := missingIn(t, dir, s, o); got != "" {
				t.Errorf("missing posts are %q", got)
			}
		})
	}
}

// A thread that answers 404 twice is gone with all of its posts, and comes back
// when it is shown again.
func TestThreadIsGoneAfterTwoLooks(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"5", "6"} { // of three pages, of one
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			clock, o, s, dir := audited(t, small())
			for _, path := range []string{"", "/2", "/3"} {
				s.set("/t/"+id+path, "HTTP 404\n\nkind missing\n")
			}
			want := map[string]string{"5": "50 51 52", "6": "60"}[id]
			for i, want := range []string{"", want, want} {
				clock.add(25 * time.Hour)
				recrawl(t, dir, s, o)
				if got := missingIn(t, dir, s, o); got != want {
					t.Fatalf("after look %d missing posts are %q, want %q", i+1, got, want)
				}
			}
			for path, page := range small() {
				s.set(path, page)
			}
			clock.add(25 * time.Hour)
			recrawl(t, dir, s, o)
			if got := missingIn(t, dir, s, o); got != "" {
				t.Errorf("missing posts are %q although the thread is back", got)
			}
		})
	}
}

// A thread that lost its last page goes on growing on the page before.
func TestShrunkThreadGoesOnGrowing(t *testing.T) {
	t.Parallel()
	pages := small()
	pages["/b/1"] = "kind board\nrow /t/5 9\nrow /t/6 8\nrow /t/7 7\n"
	clock, o, s, dir := audited(t, pages)
	clock.add(time.Minute)
	s.set("/t/5/3", "HTTP 404\n\nkind missing\n")
	s.set("/t/5/2", "kind thread\npost 51 two\npost 55 new\n")
	s.set("/b/1", "kind board\nrow /t/5 10\nrow /t/6 8\nrow /t/7 7\n")
	got := recrawl(t, dir, s, o)
	b := open(t, dir, o)
	if b.posts()["55"] != "new" {
		t.Errorf("the new post was not found; asked for %s", got)
	}
}

// The audit takes its share of the budget and no more, and goes on where it
// stopped.
func TestAuditKeepsToItsShare(t *testing.T) {
	t.Parallel()
	clock := newMoving()
	pages := map[string]string{"/": "kind index\nboard /b/1\n"}
	var rows []string
	for i := range 40 {
		rows = append(rows, fmt.Sprintf("%d %d", 100+i, 900-i))
	}
	listed(pages, rows...)
	o := setup{now: clock.Now, Options: crawler.Options{Workers: 1, Budget: crawler.Budget{Requests: 100},
		Audit: crawler.Audit{Share: 0.1, Bounds: crawler.Bounds{Min: time.Hour, Max: 2 * time.Hour}}}}
	s := serve(t, pages)
	dir := t.TempDir()
	recrawl(t, dir, s, o)
	seen := map[string]bool{}
	for day := range 6 {
		clock.add(24 * time.Hour)
		recrawl(t, dir, s, o)
		n := 0
		for _, path := range s.requests() {
			if path != "/" && path != "/b/1" && path != "/robots.txt" {
				n++
				seen[path] = true
			}
		}
		if n > 10 {
			t.Fatalf("day %d: the audit asked for %d pages, its share is 10", day, n)
		}
	}
	if len(seen) != 40+13 { // threads and deep pages of the listing
		t.Errorf("after six days the audit has seen %d of 53 pages", len(seen))
	}
}
