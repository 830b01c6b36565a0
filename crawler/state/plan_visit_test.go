package state

import (
	"cmp"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

func planCases() []conformanceCase {
	return []conformanceCase{
		{"intervals", intervals},
		{"walk over a listing", walkOverAListing},
		{"refresh of listings", refreshOfListings},
		{"strikes", strikes},
		{"gap after a death", gapAfterADeath},
		{"budget", budget},
		{"passes and what voids them", passes},
		{"thread gone twice", threadGoneTwice},
	}
}

func intervals(r *rig) {
	p := Plan{Min: 2 * time.Hour, Max: 10 * time.Hour, First: 4 * time.Hour}
	for i, c := range []struct {
		every, elapsed time.Duration
		changed, read  bool
		want           time.Duration
	}{
		{0, 0, false, true, 4 * time.Hour},
		{4 * time.Hour, 4 * time.Hour, false, false, 6 * time.Hour},
		{4 * time.Hour, 3 * time.Hour, false, false, 4 * time.Hour},
		{9 * time.Hour, 9 * time.Hour, false, false, 10 * time.Hour},
		{10 * time.Hour, time.Hour, true, false, 6 * time.Hour},
		{2 * time.Hour, time.Hour, true, false, 2 * time.Hour},
		{10 * time.Hour, 10 * time.Hour, false, true, 4 * time.Hour},
	} {
		if got := p.next(c.every, c.elapsed, c.changed, c.read); got != c.want {
			r.t.Errorf("case %d: %s, want %s", i, got, c.want)
		}
	}
}

// listingPage is page n of a board.
func listingPage(n int) NewLink {
	l := link("b1/"+itoa(n), 0)
	l.Kind, l.Parent, l.Page = forum.KindBoard, "board/1", n
	return l
}

func walkOverAListing(r *rig) {
	r.add(2, listingPage(1), listingPage(2))
	r.settle(r.next("b1/1"), Settlement{Outcome: OK})
	r.settle(r.next("b1/2"), Settlement{Outcome: OK})
	r.clock.add(time.Hour)
	on := listingPage(2)
	on.Walk = r.clock.Now()
	r.add(1, on)
	l := r.next("b1/2")
	wantEqual(r.t, "start of the walk", l.Walk, on.Walk)
	r.settle(l, Settlement{Outcome: Retry, RetryAt: r.clock.Now().Add(time.Minute)})
	r.clock.add(time.Minute)
	l = r.next("b1/2")
	wantEqual(r.t, "start of the walk after a retry", l.Walk, on.Walk)
	r.settle(l, Settlement{Outcome: OK})
	r.add(0, on) // was visited on this walk
	r.empty()
}

func (r *rig) refresh(due, later int) {
	r.t.Helper()
	d, l, err := r.Refresh(r.ctx, siteID)
	if err != nil || d != due || l != later {
		r.t.Fatalf("Refresh = %d, %d, %v; want %d, %d", d, l, err, due, later)
	}
}

func refreshOfListings(r *rig) {
	plan := &Plan{Feed: true, Min: time.Minute, Max: time.Hour, First: time.Hour}
	r.add(3, listingPage(1), listingPage(2), listingPage(3))
	for _, key := range []string{"b1/1", "b1/2", "b1/3"} {
		r.settle(r.next(key), Settlement{Outcome: OK, Order: OrderFalling, Plan: plan})
		plan = nil
	}
	r.refresh(0, 1) // planned in an hour
	r.clock.add(time.Hour)
	r.refresh(1, 0) // sorted and whole: its first page
	l, err := r.Listing(r.ctx, siteID, "board/1")
	r.must(err)
	wantEqual(r.t, "listing", l.Whole && l.Sorted, true)
	r.settle(r.next("b1/1"), Settlement{Outcome: OK, Order: OrderOther})
	r.refresh(3, 0) // not sorted any more: all of it
	r.settle(r.next("b1/1"), Settlement{Outcome: OK, Order: OrderFalling})
	r.settle(r.next("b1/2"), Settlement{Outcome: Failed})
	r.settle(r.next("b1/3"), Settlement{Outcome: OK})
	pass, err := r.Listing(r.ctx, siteID, "board/1")
	r.must(err)
	r.refresh(3, 0) // page 2 is not read: the pass goes on
	l, err = r.Listing(r.ctx, siteID, "board/1")
	r.must(err)
	wantEqual(r.t, "start of a pass that is not complete", l.PassAt, pass.PassAt)
	for _, key := range []string{"b1/1", "b1/2", "b1/3"} {
		r.settle(r.next(key), Settlement{Outcome: OK, Order: OrderFalling})
	}
	r.refresh(1, 0) // sorted again through a whole pass
	r.must(r.Refresh(r.ctx, siteID, "board/none"))
}

func strikes(r *rig) {
	strike := func(named, want time.Duration) {
		r.t.Helper()
		got, err := r.SlotStrike(r.ctx, slotA, named, "busy")
		r.must(err)
		wantEqual(r.t, "pause", got, want)
		s, err := r.SlotState(r.ctx, slotA)
		r.must(err)
		wantEqual(r.t, "paused until", s.PausedUntil, r.clock.Now().Add(want))
		r.clock.add(got)
	}
	strike(-1, time.Minute)
	strike(-1, 2*time.Minute)
	strike(90*time.Second, 90*time.Second)
	strike(-1, 8*time.Minute)
	r.clock.add(29 * time.Minute)
	strike(-1, 16*time.Minute)
	r.clock.add(31 * time.Minute)
	strike(-1, time.Minute)
	strike(0, time.Second)
	for range 12 {
		_, err := r.SlotStrike(r.ctx, slotA, -1, "busy")
		r.must(err)
	}
	strike(-1, 24*time.Hour)
	strike(48*time.Hour, 24*time.Hour)
}

// gapAfterADeath: a process that dies with a lease has asked the host; the next
// one waits the slot's gap.
func gapAfterADeath(r *rig) {
	r.add(2, link("t1", 0), link("t2", 0))
	r.settle(r.next("t1"), Settlement{Outcome: OK, SlotGap: 5 * time.Second, SlotNextAt: r.clock.Now()})
	l := r.next("t2")
	r.must(r.Release(r.ctx, l))
	r.wait(5 * time.Second)
}

func budget(r *rig) {
	spent := func(requests, bytes int64) {
		r.t.Helper()
		n, b, err := r.Spent(r.ctx, siteID, r.clock.Now())
		if err != nil || n != requests || b != bytes {
			r.t.Fatalf("Spent = %d, %d, %v; want %d, %d", n, b, err, requests, bytes)
		}
	}
	spent(0, 0)
	r.add(1, link("t1", 0))
	r.settle(r.next("t1"), Settlement{Outcome: OK, Requests: 2, Bytes: 300})
	r.must(r.Spend(r.ctx, siteID, 1, 50))
	spent(3, 350)
	r.clock.add(12 * time.Hour) // the next day
	spent(0, 0)
}

// threadPages adds a thread of two pages with a post on each.
func (r *rig) threadPages() {
	r.t.Helper()
	for n := 1; n <= 2; n++ {
		l := link("t7/"+itoa(n), 0)
		l.Parent, l.Page = "thread/7", n
		r.add(1, l)
		r.look(n, Settlement{Contributions: []forum.Contribution{thread(7, "seven"), post(70+n, 7, 1, "text")}})
	}
}

// look settles a live visit of a page of that thread.
func (r *rig) look(n int, v Settlement) {
	r.t.Helper()
	r.clock.add(time.Second)
	v.Outcome = Outcome(cmp.Or(string(v.Outcome), string(OK)))
	v.Live, v.Extractor = true, 1
	v.Plan = &Plan{Min: time.Hour, Max: time.Hour, First: time.Hour}
	r.settle(r.next("t7/"+itoa(n)), v)
}

// pass makes the thread due for an audit and settles its pages.
func (r *rig) pass(first, second Settlement) {
	r.t.Helper()
	r.clock.add(25 * time.Hour)
	n, err := r.Audit(r.ctx, siteID, AuditOptions{Limit: 10, PassEvery: time.Hour})
	if err != nil || n != 2 {
		r.t.Fatalf("Audit = %d, %v; want 2", n, err)
	}
	r.look(1, first)
	r.look(2, second)
}

func (r *rig) isMissing(key string) bool {
	r.t.Helper()
	d, _ := r.doc(key)
	return !d.MissingSince.IsZero()
}

func passes(r *rig) {
	r.threadPages()
	first := Settlement{Contributions: []forum.Contribution{thread(7, "seven"), post(71, 7, 1, "text")}}
	without := Settlement{Contributions: []forum.Contribution{thread(7, "seven")}}
	cut, drifted, other, imported := without, without, without, without
	cut.Truncated, drifted.Drifted, other.Viewer = true, true, "member"
	r.pass(first, without)
	for _, void := range []Settlement{cut, drifted, {Outcome: Walled}, {Outcome: Unreadable}, other} {
		r.pass(first, void)
		if r.isMissing(postKey(72)) {
			r.t.Fatalf("a pass with %+v counts", void)
		}
	}
	r.pass(Settlement{Outcome: Unchanged}, other) // the same viewer as before on page 2, another than on page 1
	if r.isMissing(postKey(72)) {
		r.t.Fatal("a pass of two viewers counts")
	}
	imported.Outcome = OK
	r.clock.add(25 * time.Hour)
	r.must(r.Audit(r.ctx, siteID, AuditOptions{Limit: 10, PassEvery: time.Hour}))
	r.look(1, first)
	l := r.next("t7/2")
	r.settle(l, imported) // not live
	if r.isMissing(postKey(72)) {
		r.t.Fatal("a capture of another time counts")
	}
	r.pass(first, without) // by the first viewer again: the first look of one viewer
	r.pass(first, without)
	if !r.isMissing(postKey(72)) || r.isMissing(postKey(71)) {
		r.t.Fatal("two complete passes do not make the absent post missing")
	}
}

func threadGoneTwice(r *rig) {
	r.threadPages()
	gone := Settlement{Outcome: Gone}
	r.pass(gone, gone)
	if r.isMissing(threadKey(7)) || r.isMissing(postKey(71)) {
		r.t.Fatal("one look counts")
	}
	r.pass(gone, gone)
	for _, key := range []string{threadKey(7), postKey(71), postKey(72)} {
		if !r.isMissing(key) {
			r.t.Errorf("%s is not missing after two looks", key)
		}
	}
	back := Settlement{Contributions: []forum.Contribution{thread(7, "seven"), post(71, 7, 1, "text")}}
	r.pass(back, gone)
	if r.isMissing(threadKey(7)) || r.isMissing(postKey(71)) || !r.isMissing(postKey(72)) {
		r.t.Error("the thread's first page is back, and its second one is not")
	}
}

// A data folder of the first schema is brought up to date with its plans.
func TestMigrateFromTheFirstSchema(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, stateFile)))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		schema1, `INSERT INTO meta VALUES ('schema', '1')`,
		`INSERT INTO sites VALUES (1, 'brew.example.org', '', '', '', '{}', 0, '[]')`,
		`INSERT INTO slots (id, name) VALUES (1, 'brew.example.org:443')`,
		`INSERT INTO lanes (id, slot, site) VALUES (1, 1, 1)`,
		`INSERT INTO urls (id, site, key, url, kind, lane, state, priority, due_at, depth, parent, page, wanted, outcome, content_at, settled_at)
		 VALUES (1, 1, 't1', 'https://brew.example.org/t1', 'thread', 1, 3, 0, 0, 0, 'thread/1', 1, 's', 'ok', 1000000, 1000000),
		        (2, 1, 'b1', 'https://brew.example.org/b1', 'board', 1, 3, 0, 0, 0, 'board/1', 1, '', 'ok', 1000000, 1000000)`,
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := OpenReadOnly(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "run `forumine reindex` once") {
		t.Errorf("reading an old folder: %v, %v", r, err)
	}
	s := mustOpen(t, dir, Options{})
	if n, err := s.Audit(t.Context(), siteID, AuditOptions{Limit: 10}); n != 1 || err != nil {
		t.Errorf("Audit of an old folder = %d, %v; want its thread", n, err)
	}
	if due, _, err := s.Refresh(t.Context(), siteID); due != 1 || err != nil {
		t.Errorf("Refresh of an old folder = %d, %v; want its board", due, err)
	}
	checkInvariants(t, s)
}
