package main

import (
	"fmt"
	"testing"
	"time"

	"forumine/crawler/state"
)

// TestSimulatedMonthOfRecordedSites carries out a study of three recorded forums,
// once a week, and of the demo forum, every day, for thirty days under a clock that
// leaps. The recorded ones never change: all of their posts are new in the first
// run, and nothing is afterwards, at the cost of their listings. The demo forum
// gets a post every third day. The process dies in the first week; at the end
// everything is read again by a newer program, and under pseudonyms.
func TestSimulatedMonthOfRecordedSites(t *testing.T) {
	if underRace {
		t.Skip("too slow under the race detector; TestRunSitesTogether has more at work at once there")
	}
	start := time.Date(2037, 11, 1, 0, 0, 0, 0, time.UTC) // a Sunday, after the machine's own time: see TestSimulatedMonth
	sites := map[string]*replay{}
	text := "defaults: {delay: 0, allow_private: true, audit: {share: 0}}\nsites:\n"
	for i, name := range []string{"fluxbb", "phpbb", "smf"} {
		sites[name] = openReplay(t, name, "")
		text += fmt.Sprintf("  - {name: %s, start: %q, schedule: {cron: \"%d 4 * * mon\"}}\n", name, sites[name].address(), 10*i)
	}
	demo := newSimForum(t)
	text += fmt.Sprintf("  - {name: demo, start: %s/, schedule: {every: 24h}}\n", demo.url)
	m := newMonth(t, text, start)
	replies, next := 0, start.Add(36*time.Hour)
	m.clock.leapt = func(_, now time.Time) {
		for ; !next.After(now); next = next.Add(72 * time.Hour) {
			replies++
			_, err := demo.forum.AddReply(42, "Hester Quill", fmt.Sprintf("Said at %s.", next), demoNow.Add(time.Duration(replies)*time.Minute))
			noError(t, err)
		}
	}
	demo.dieAt(80, m.die) // a first crawl takes fewer requests
	m.live(start.AddDate(0, 0, 30), nil)
	if runs := m.records("demo"); runs[len(runs)-1].Status != state.RunRunning || m.clock.now.After(start.AddDate(0, 0, 7)) {
		t.Fatalf("after its death at %s: %+v", m.clock.now, runs[len(runs)-1])
	}
	m.clock.now = m.clock.now.Add(time.Hour)
	m.live(start.AddDate(0, 0, 30), func(r *runner) {
		noError(t, r.p.endDelivery())
		noError(t, r.p.sender.Drain(t.Context()))
	})

	for name, site := range sites {
		checkWeeks(t, name, m.records(name), len(site.truth(t)))
	}
	days, interrupted := finished(m.records("demo"))
	if interrupted != 1 {
		t.Errorf("%d runs are said to have been interrupted", interrupted)
	}
	if len(days) != 31 || sum(days, "posts_new") != int64(demoPosts+replies) || replies != 10 {
		t.Errorf("the demo forum had %d runs with %d new posts, after %d replies", len(days), sum(days, "posts_new"), replies)
	}
	checkDays(t, days)
	store, err := state.OpenReadOnly(t.Context(), m.cfg.Storage.Data)
	noError(t, err)
	defer store.Close()
	st, err := store.Status(t.Context())
	noError(t, err)
	if st.OutboxRows != 0 || st.DeadLetters != 0 || len(st.Sites) != 4 {
		t.Errorf("at the end %d documents wait, %d were refused, %d sites are known", st.OutboxRows, st.DeadLetters, len(st.Sites))
	}
	noError(t, store.Close())
	m.upgrade()
	m.clock.leapt = func(_, _ time.Time) {} // nobody writes any more
	m.pseudonymise("demo", start.AddDate(0, 0, 30))
}

// finished gives the runs that came to their end, and how many did not.
func finished(runs []state.Run) (ended []state.Run, interrupted int) {
	for _, r := range runs {
		if r.Status == state.RunInterrupted {
			interrupted++
			continue
		}
		ended = append(ended, r)
	}
	return ended, interrupted
}

// checkWeeks holds the runs over a forum that never changes.
func checkWeeks(t *testing.T, name string, runs []state.Run, posts int) {
	t.Helper()
	if len(runs) != 5 { // the Mondays from 2 to 30 November
		t.Errorf("%s: %d runs on the five Mondays", name, len(runs))
		return
	}
	first := runs[0].Counts
	if posts == 0 || first["posts_new"] != int64(posts) || first["posts_changed"] != 0 {
		t.Errorf("%s: %d posts new, %d changed in the first run; the forum has %d", name, first["posts_new"], first["posts_changed"], posts)
	}
	for _, r := range runs {
		if r.Status != runComplete || r.DueAt.Weekday() != time.Monday || !r.StartedAt.Equal(r.DueAt) {
			t.Errorf("%s: run %d of %s, due %s, ended as %s", name, r.ID, r.StartedAt, r.DueAt, r.Status)
		}
	}
	for _, r := range runs[1:] {
		if n := r.Counts; n["posts_new"]+n["posts_changed"]+n["posts_missing"] != 0 || n["requests"] >= first["requests"]/2 {
			t.Errorf("%s: run %d found %v, the first took %d requests", name, r.ID, n, first["requests"])
		}
	}
}

// checkDays holds the daily runs to what changed: new posts on every third day
// alone.
func checkDays(t *testing.T, runs []state.Run) {
	t.Helper()
	for i, r := range runs {
		want := int64(0)
		switch {
		case i == 0:
			want = demoPosts
		case i%3 == 2:
			want = 1
		}
		if r.Counts["posts_new"] != want || r.Status != runComplete {
			t.Errorf("day %d: %d posts new, want %d; it ended as %s", i, r.Counts["posts_new"], want, r.Status)
		}
	}
}
