package extract_test

import (
	"fmt"
	"slices"
	"testing"

	"forumine/extract"
	"forumine/extract/forum"
)

// The lists of APIs that serve as feeds say which thread was active last, when and
// in which boards, newest first.
func TestFeedsOfAPIs(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"discourse/feed_latest_api":   {"4 [1]", "951 [9]", "930 [7]"},
		"nodebb/feed_recent_api":      {"88 [4]", "61 [4]", "45 [2]"},
		"flarum/feed_discussions_api": {"44 [stones]", "31 [stones care]", "7 [rocks]"},
	}
	for _, f := range allCases(t) {
		rows, ok := want[f.name]
		if !ok {
			continue
		}
		delete(want, f.name)
		page, err := extract.Read(f.capture, forum.Facts{}, extract.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := activeThreads(page.Listing); !slices.Equal(got, rows) {
			t.Errorf("%s lists %q, want %q", f.name, got, rows)
		}
		fallsByActivity(t, f.name, page.Listing)
	}
	for name := range want {
		t.Errorf("there is no fixture %s", name)
	}
}

func activeThreads(rows []forum.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %v", r.ID, r.Boards))
	}
	return out
}

// fallsByActivity wants the entries, sticky ones aside, in the order of a feed.
func fallsByActivity(t *testing.T, name string, rows []forum.Row) {
	t.Helper()
	var last forum.Stamp
	for _, r := range rows {
		at := r.Active
		if !at.Known() {
			at = r.LastPost
		}
		if !at.Known() || !r.IsSticky && last.Known() && at.At.After(last.At) {
			t.Errorf("%s: thread %s was active at %v, below one at %v", name, r.ID, at.At, last.At)
		}
		if !r.IsSticky {
			last = at
		}
	}
}
