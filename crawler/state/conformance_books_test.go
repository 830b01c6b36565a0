package state

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"forumine/extract/forum"
)

func bookCases() []conformanceCase {
	return []conformanceCase{
		{"outbox coalesces", outboxCoalesces},
		{"outbox bounds", outboxBounds},
		{"dead letters", deadLetters},
		{"dead letter of an old version", deadLetterOldVersion},
		{"requeue", requeueAll},
		{"sequences", sequences},
		{"sites and facts", sitesAndFacts},
		{"runs count", runsCount},
		{"status", statusCounts},
		{"urls", urlQueries},
		{"files", filesApart},
		{"meta", metaValues},
	}
}

func outboxCoalesces(r *rig) {
	r.page("t1", thread(1, "a"))
	old := r.pending()[0]
	r.page("t2", thread(2, "x"))
	r.page("t1", thread(1, "b"))
	rows := r.pending()
	wantEqual(r.t, "order", []string{rows[0].Key, rows[1].Key}, []string{threadKey(2), threadKey(1)})
	if len(rows) != 2 || rows[1].Version <= old.Version || rows[1].Seq <= rows[0].Seq || !strings.Contains(string(rows[1].Body), `"title":"b"`) {
		r.t.Fatalf("rows: %+v", rows)
	}
	r.must(r.Acknowledge(r.ctx, []Ack{{old.ID, old.Version}})) // the newer one stays
	wantEqual(r.t, "rows", len(r.pending()), 2)
	r.must(r.Acknowledge(r.ctx, []Ack{{rows[1].ID, rows[1].Version}, {rows[1].ID, rows[1].Version}}))
	wantEqual(r.t, "rows", len(r.pending()), 1)
	if err := r.Acknowledge(r.ctx, []Ack{{DocumentID("nothing"), 1}}); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("Acknowledge of an unknown document: %v", err)
	}
}

func outboxBounds(r *rig) {
	for i := range 5 {
		r.page(fmt.Sprint("t", i), thread(i, "same length"))
	}
	rows, size, err := r.OutboxSize(r.ctx)
	r.must(err)
	wantEqual(r.t, "rows", rows, int64(5))
	one := size / 5
	for _, c := range []struct {
		limit int
		bytes int64
		want  int
	}{{10, 1 << 20, 5}, {3, 1 << 20, 3}, {10, 2 * one, 2}, {10, 1, 1}, {0, 1 << 20, 0}} {
		got, err := r.Pending(r.ctx, 0, c.limit, c.bytes)
		r.must(err)
		wantEqual(r.t, fmt.Sprintf("Pending(%d, %d)", c.limit, c.bytes), len(got), c.want)
	}
}

func deadLetters(r *rig) {
	r.add(1, signed("t1", "s1"))
	r.settle(r.next("t1"), Settlement{Outcome: OK, ETag: `"e"`, BodyHash: "h", ObservedAt: r.Observe(), Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "text")}})
	bad := r.pending()[1]
	r.must(r.DeadLetter(r.ctx, Refusal{bad.ID, bad.Version, "mapper_parsing_exception"}))
	var got []DeadLetter
	list := func() int {
		got = nil
		r.must(r.DeadLetters(r.ctx, func(d DeadLetter) error { got = append(got, d); return nil }))
		return len(got)
	}
	wantEqual(r.t, "dead letters", list(), 1)
	wantEqual(r.t, "dead letter", []any{got[0].ID, got[0].Key, got[0].Reason, got[0].Version}, []any{bad.ID, bad.Key, "mapper_parsing_exception", bad.Version})
	d, err := r.DeadLetterByID(r.ctx, bad.ID)
	r.must(err)
	wantEqual(r.t, "body", string(d.Body), string(bad.Body))
	wantEqual(r.t, "outbox", len(r.pending()), 1)

	r.add(1, signed("t1", "s1")) // the page has forgotten its signature
	l := r.next("t1")
	wantEqual(r.t, "validators", []string{l.ETag, l.BodyHash}, []string{"", ""})
	r.drainOutbox()
	r.clock.add(time.Second)
	r.settle(l, Settlement{Outcome: OK, ObservedAt: r.Observe(), Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "text")}})
	wantEqual(r.t, "delivered although unchanged", r.drainOutbox(), []string{postKey(1)})
	wantEqual(r.t, "dead letters once a newer version got through", list(), 0)

	r.must(r.Requeue(r.ctx))
	bad = r.pending()[0]
	r.must(r.DeadLetter(r.ctx, Refusal{bad.ID, bad.Version, "no"}))
	if _, err := r.ReplayDeadLetters(r.ctx, DocumentID(threadKey(1))); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("replay of a document that is not dead: %v", err)
	}
	n, err := r.ReplayDeadLetters(r.ctx)
	r.must(err)
	wantEqual(r.t, "replayed, dead, pending", []int{n, list(), len(r.pending())}, []int{1, 0, 2})
	r.must(r.DeadLetter(r.ctx, Refusal{bad.ID, bad.Version, "no"}))
	n, err = r.DropDeadLetters(r.ctx, bad.ID)
	r.must(err)
	wantEqual(r.t, "dropped, dead, pending", []int{n, list(), len(r.pending())}, []int{1, 0, 1})
}

func deadLetterOldVersion(r *rig) {
	r.page("t1", thread(1, "a"))
	old := r.pending()[0]
	r.page("t1", thread(1, "b"))
	r.must(r.DeadLetter(r.ctx, Refusal{old.ID, old.Version, "no"}))
	n := 0
	r.must(r.DeadLetters(r.ctx, func(DeadLetter) error { n++; return nil }))
	wantEqual(r.t, "dead, pending", []int{n, len(r.pending())}, []int{0, 1})
}

func requeueAll(r *rig) {
	r.page("t1", thread(1, "a"), post(1, 1, 7, "x"), card(7, "Ada"))
	r.page("t1", thread(1, "a"), post(1, 1, 7, "y"), card(7, "Ada"))
	r.drainOutbox()
	n, err := r.Requeue(r.ctx)
	r.must(err)
	wantEqual(r.t, "requeued: thread, post and revision, the author is not folded yet", n, int64(3))
	n, err = r.Requeue(r.ctx)
	r.must(err)
	wantEqual(r.t, "requeued twice", n, int64(0))
	for _, row := range r.pending() {
		d, err := r.DocumentByID(r.ctx, row.ID)
		r.must(err)
		wantEqual(r.t, row.Key, []any{row.Version, string(row.Body)}, []any{d.Version, string(d.Body)})
	}
}

func sitesAndFacts(r *rig) {
	got, err := r.EnsureSite(r.ctx, Site{ID: siteID, Engine: "phpbb3", Aliases: []string{"www.brew.example.org"}, StartURLs: []string{"https://brew.example.org/"}})
	r.must(err)
	wantEqual(r.t, "site", got, Site{ID: siteID, Engine: "phpbb3", Aliases: []string{"www.brew.example.org"}, StartURLs: []string{"https://brew.example.org/"}})
	got, err = r.EnsureSite(r.ctx, Site{ID: "www.brew.example.org", Lang: "de", StartURLs: []string{"https://brew.example.org/", "https://brew.example.org/b2"}})
	r.must(err)
	wantEqual(r.t, "site by its alias", []any{got.ID, got.Engine, got.Lang, len(got.StartURLs)}, []any{siteID, "phpbb3", "de", 2})
	saved, err := r.SaveFacts(r.ctx, siteID, forum.Facts{Version: 2, Zone: "Europe/Berlin"})
	r.must(err)
	wantEqual(r.t, "saved", saved, true)
	saved, err = r.SaveFacts(r.ctx, siteID, forum.Facts{Version: 1, Zone: "UTC"})
	r.must(err)
	wantEqual(r.t, "older facts saved", saved, false)
	saved, err = r.SaveFacts(r.ctx, siteID, forum.Facts{Version: 2, Zone: "Europe/Berlin", ZonePages: 3})
	r.must(err)
	wantEqual(r.t, "more evidence saved", saved, true)
	got, err = r.Site(r.ctx, "www.brew.example.org")
	r.must(err)
	wantEqual(r.t, "facts", got.Facts, forum.Facts{Version: 2, Zone: "Europe/Berlin", ZonePages: 3})
	sites, err := r.Sites(r.ctx)
	r.must(err)
	wantEqual(r.t, "sites", len(sites), 1)
	if _, err := r.Site(r.ctx, "nowhere"); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("Site: %v", err)
	}
	if _, err := r.EnsureSite(r.ctx, Site{}); err == nil {
		r.t.Fatal("a site without id was taken")
	}
}

func runsCount(r *rig) {
	id, err := r.BeginRun(r.ctx, RunOrder{Command: "crawl"})
	r.must(err)
	r.page("t1", thread(1, "a"), post(1, 1, 7, "x"))
	r.page("t1", thread(1, "a"), post(1, 1, 7, "y"))
	r.settlePage("t2", Settlement{Outcome: Gone})
	r.must(r.EndRun(r.ctx, id, "done", map[string]int64{"requests": 4}))
	r.page("t3", thread(3, "c")) // belongs to no run
	runs, err := r.Runs(r.ctx, 5)
	r.must(err)
	wantEqual(r.t, "runs", len(runs), 1)
	wantEqual(r.t, "run", []any{runs[0].Command, runs[0].Status, runs[0].EndedAt.IsZero()}, []any{"crawl", "done", false})
	wantEqual(r.t, "counts", runs[0].Counts, map[string]int64{"ok": 2, "gone": 1, "documents": 4, "revisions": 1, "requests": 4, "posts_new": 1, "posts_changed": 1})
}

func statusCounts(r *rig) {
	r.page("t1", thread(1, "a"), post(1, 1, 7, "x"), card(7, "Ada"))
	r.settlePage("b1", Settlement{Kind: forum.KindBoard, ObservedAt: r.Observe(), Gaps: map[string]int{"phpbb3 posts.author": 3}})
	r.settlePage("b1", Settlement{Kind: forum.KindBoard, ObservedAt: r.Observe(), Gaps: map[string]int{"phpbb3 posts.author": 2}})
	r.settlePage("t2", Settlement{Outcome: Walled})
	r.add(1, link("t3", 0))
	r.must(r.SlotPause(r.ctx, slotA, r.clock.Now().Add(time.Hour), "429"))
	got, err := r.Status(r.ctx)
	r.must(err)
	_, bytes, err := r.OutboxSize(r.ctx)
	r.must(err)
	want := Status{
		Sites:      []SiteStatus{{Site: siteID, URLs: 4, Boards: 1, Threads: 1, Posts: 1}},
		Queue:      map[string]int64{"settled": 3, "ready": 1},
		Outcomes:   map[Outcome]int64{OK: 2, Walled: 1},
		Files:      FileStatus{Queue: map[string]int64{}, Outcomes: map[Outcome]int64{}},
		Documents:  map[forum.DocKind]DocumentCount{forum.DocThread: {Live: 1}, forum.DocPost: {Live: 1}},
		OutboxRows: 2, OutboxBytes: bytes, OutboxOldest: got.OutboxOldest, DirtyAuthors: 1,
		Gaps:   []GapCount{{siteID, "phpbb3 posts.author", 2, 1}},
		Paused: []SlotState{{Slot: slotA, PausedUntil: r.clock.Now().Add(time.Hour), PauseReason: "429"}},
	}
	wantEqual(r.t, "status", got, want)
	if age := r.clock.Now().Sub(got.OutboxOldest); age < -time.Second || age > time.Hour {
		r.t.Errorf("the oldest row of the outbox has waited for %s", age)
	}
	queued, err := r.QueueSize(r.ctx)
	r.must(err)
	wantEqual(r.t, "queued", queued, int64(1))
}

// Files of posts are counted apart, keep no site busy and are never read again; one
// that is set aside waits for a Focus.
func filesApart(r *rig) {
	file := link("f1", 0)
	file.Kind = forum.KindFile
	r.add(1, file)
	if busy, err := r.Queued(r.ctx, siteID); err != nil || busy {
		r.t.Fatal(busy, err)
	}
	r.must(r.Park(r.ctx, r.next("f1")))
	if _, err := r.Next(r.ctx); !errors.Is(err, ErrEmpty) {
		r.t.Fatalf("Next = %v", err)
	}
	_, err := r.Focus(r.ctx, siteID, nil)
	r.must(err)
	r.must(r.Settle(r.ctx, r.next("f1"), Settlement{Outcome: OK, Capture: "a.warc.gz:0", ObservedAt: r.Observe(), Kind: forum.KindFile}))
	got, err := r.Status(r.ctx)
	r.must(err)
	wantEqual(r.t, "files", got.Files, FileStatus{Queue: map[string]int64{"settled": 1}, Outcomes: map[Outcome]int64{OK: 1}})
	wantEqual(r.t, "pages", got.Queue, map[string]int64{})
	r.must(r.Captures(r.ctx, CaptureFilter{}, func(c Capture) error { return errors.New(c.Key + " would be read again") }))
}

func urlQueries(r *rig) {
	for i := range 3 {
		l := link(fmt.Sprintf("t1p%d", 3-i), 0)
		l.Parent, l.Page = threadKey(1), 3-i
		r.add(1, l)
	}
	r.settlePage("t1p2", Settlement{Status: 200})
	keys := func(f URLFilter) []string {
		got := []string{}
		r.must(r.URLs(r.ctx, f, func(u URL) error { got = append(got, u.Key+" "+u.State); return nil }))
		return got
	}
	wantEqual(r.t, "all", keys(URLFilter{}), []string{"t1p3 ready", "t1p2 settled", "t1p1 ready"})
	wantEqual(r.t, "read", keys(URLFilter{Outcome: OK, Site: siteID}), []string{"t1p2 settled"})
	wantEqual(r.t, "of a thread", keys(URLFilter{Site: siteID, Parent: threadKey(1)}), []string{"t1p1 ready", "t1p2 settled", "t1p3 ready"})
	if _, err := r.URLByKey(r.ctx, siteID, "nothing"); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("URLByKey: %v", err)
	}
}

func metaValues(r *rig) {
	v, err := r.Meta(r.ctx, "sink")
	r.must(err)
	wantEqual(r.t, "before", v, "")
	r.must(r.SetMeta(r.ctx, "sink", "http://localhost:9200 c7"))
	v, err = r.Meta(r.ctx, "sink")
	r.must(err)
	wantEqual(r.t, "after", v, "http://localhost:9200 c7")
}
