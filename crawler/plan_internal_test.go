package crawler

import (
	"testing"
	"time"

	"forumine/crawler/state"
	"forumine/extract/forum"
)

func TestDrifted(t *testing.T) {
	t.Parallel()
	count := func(n int64) *int64 { return &n }
	posts := make([]forum.Post, 3)
	cases := []struct {
		name string
		page forum.Page
		want bool
	}{
		{"as many as counted", forum.Page{Posts: posts, Thread: &forum.Thread{ReplyCount: count(2)}}, false},
		{"fewer than counted", forum.Page{Posts: posts, Thread: &forum.Thread{ReplyCount: count(3)}}, true},
		{"counted in thousands", forum.Page{Posts: posts, Thread: &forum.Thread{ReplyCount: count(3), CountsRounded: true}}, false},
		{"one page of several", forum.Page{Posts: posts, Thread: &forum.Thread{ReplyCount: count(30), PageCount: 2}}, false},
		{"no post at all", forum.Page{Thread: &forum.Thread{}}, true},
		{"a guess", forum.Page{Posts: posts, Thread: &forum.Thread{}, Extract: forum.Extract{Warnings: []string{"selector_fallback"}}}, true},
	}
	for _, c := range cases {
		c.page.Kind = forum.KindThread
		if got := drifted(&c.page); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFirstAudit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	plan := state.Plan{Min: 24 * time.Hour, Max: 60 * 24 * time.Hour, First: 60 * 24 * time.Hour}
	aged := func(days ...int) *forum.Page {
		p := &forum.Page{}
		for _, d := range days {
			p.Posts = append(p.Posts, forum.Post{Published: forum.Stamp{At: now.AddDate(0, 0, -d)}})
		}
		return p
	}
	for _, c := range []struct {
		page *forum.Page
		days int
	}{{aged(), 60}, {aged(900, 0), 1}, {aged(900, 20), 10}, {aged(900), 60}} {
		if got := firstAudit(c.page, plan, now); got != time.Duration(c.days)*24*time.Hour {
			t.Errorf("%d posts: %s, want %d days", len(c.page.Posts), got, c.days)
		}
	}
}

func TestRowOrder(t *testing.T) {
	t.Parallel()
	at := func(minutes ...int) []forum.Row {
		var rows []forum.Row
		for _, m := range minutes {
			r := forum.Row{LastPostID: "x"}
			if m >= 0 {
				r.LastPost.At = time.Unix(int64(m)*60, 0)
			}
			rows = append(rows, r)
		}
		return rows
	}
	sticky := at(1, 9, 8, 8, 7)
	sticky[0].IsSticky = true
	byID := []forum.Row{{LastPostID: "12"}, {LastPostID: "9"}, {LastPostID: "3"}}
	for i, c := range []struct {
		rows []forum.Row
		want state.Order
	}{
		{at(9, 8, 8, 7), state.OrderFalling}, {at(9, 7, 8), state.OrderOther}, {at(8, 8), state.OrderUnknown}, {at(8), state.OrderUnknown},
		{at(-1, -1), state.OrderUnknown}, {at(9, -1, 8), state.OrderFalling}, {sticky, state.OrderFalling}, {byID, state.OrderFalling},
	} {
		if got := rowOrder(c.rows); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
}
