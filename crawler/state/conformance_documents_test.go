package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"forumine/extract/forum"
)

func documentCases() []conformanceCase {
	return []conformanceCase{
		{"page becomes documents", pageBecomesDocuments},
		{"unchanged digest writes nothing", unchangedDigest},
		{"thread's change reaches its posts", threadChangeReachesPosts},
		{"newer observation wins", newerObservationWins},
		{"versions rise", versionsRise},
		{"revision", revisionKeepsOldBody},
		{"older snapshot makes a revision", olderSnapshotMakesRevision},
		{"another extractor makes no revision", noRevisionAcrossExtractors},
		{"another reading makes no revision", noRevisionOfAnotherReading},
		{"edits that another reading shows", func(r *rig) { editsOfAnotherReading(r, "t1", "t1p2", "t1p3") }},
		{"edits that another reading shows, newest first", func(r *rig) { editsOfAnotherReading(r, "t1p3", "t1p2", "t1") }},
		{"edits that another reading shows, mixed", func(r *rig) { editsOfAnotherReading(r, "t1p3", "t1", "t1p2") }},
		{"absence on a live page", absenceOnLivePage},
		{"re-settling a capture retracts", resettlingRetracts},
		{"drop absent", dropAbsent},
		{"reread", rereadReplaces},
		{"reread of an older capture", rereadOlderCapture},
		{"saying everything anew", restated},
		{"missing posts", missingPosts},
		{"deleted posts, redacted", func(r *rig) { deletedPosts(r, RedactDeleted) }},
		{"deleted posts, dropped", func(r *rig) { deletedPosts(r, DropDeleted) }},
		{"deleted posts, kept until now", deletedPostsKeptUntilNow},
		{"authors", authorsAreFolded},
		{"capture from the future", captureFromFuture},
		{"last seen", lastSeen},
		{"captures", capturesForReindex},
		{"documents in key order", documentsInOrder},
		{"large bodies", largeBodies},
	}
}

func pageBecomesDocuments(r *rig) {
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"), post(2, 1, 8, "second"))
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{threadKey(1), postKey(1), postKey(2)})
	d, body := r.doc(postKey(2))
	wantEqual(r.t, "body", body.says, says{Text: "second", Thread: threadKey(1), Author: userKey(8), At: 2000})
	wantEqual(r.t, "title copied from the thread", body.ThreadTitle, "Hops")
	wantEqual(r.t, "document", []any{d.ID, d.Kind, d.Site, d.Parent, d.Revision, d.Version == body.Version},
		[]any{DocumentID(postKey(2)), forum.DocPost, siteID, threadKey(1), 1, true})
	if len(d.ID) != 40 || d.Version < r.clock.Now().UnixMicro() {
		r.t.Fatalf("id %q, version %d", d.ID, d.Version)
	}
	cs, err := r.ContributionsTo(r.ctx, forum.DocRef{Kind: forum.DocPost, Key: postKey(2)})
	r.must(err)
	if len(cs) != 1 || cs[0].Page != "t1" || cs[0].Extractor != 1 {
		r.t.Fatalf("contributions: %+v", cs)
	}
}

func unchangedDigest(r *rig) {
	views := func(n int) forum.Contribution {
		return say(forum.DocThread, threadKey(1), forum.RankPage, says{Title: "Hops", Views: n})
	}
	r.page("t1", views(10), post(1, 1, 7, "first"))
	before, _ := r.doc(threadKey(1))
	r.drainOutbox()
	r.page("t1", views(11), post(1, 1, 7, "first"))
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{})
	after, _ := r.doc(threadKey(1))
	wantEqual(r.t, "version", after.Version, before.Version)
	if !after.LastSeenAt.After(before.LastSeenAt) {
		r.t.Fatalf("last seen stays at %v", after.LastSeenAt)
	}
}

func threadChangeReachesPosts(r *rig) {
	r.page("t1p2", post(2, 1, 8, "second")) // before its thread is known
	_, body := r.doc(postKey(2))
	wantEqual(r.t, "title", body.ThreadTitle, "")
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"))
	_, body = r.doc(postKey(2))
	wantEqual(r.t, "title", body.ThreadTitle, "Hops")
	r.drainOutbox()
	r.page("t1", thread(1, "Hops (moved)"), post(1, 1, 7, "first"))
	wantEqual(r.t, "outbox", len(r.drainOutbox()), 3)
	d, body := r.doc(postKey(2))
	wantEqual(r.t, "title", body.ThreadTitle, "Hops (moved)")
	wantEqual(r.t, "revision", d.Revision, 1)
}

func newerObservationWins(r *rig) {
	r.clock.add(time.Hour)
	old, mid, young := r.Observe(), r.Observe(), r.Observe()
	r.settlePage("b1", Settlement{ObservedAt: mid, Contributions: []forum.Contribution{say(forum.DocThread, threadKey(1), forum.RankListing, says{Title: "mid"})}})
	r.settlePage("t1", Settlement{ObservedAt: old, Contributions: []forum.Contribution{thread(1, "old")}})
	_, body := r.doc(threadKey(1))
	wantEqual(r.t, "title", body.Title, "mid")
	r.settlePage("t1", Settlement{ObservedAt: young, Contributions: []forum.Contribution{thread(1, "young")}})
	r.settlePage("t1", Settlement{ObservedAt: old, Contributions: []forum.Contribution{thread(1, "late"), thread(2, "only then")}})
	_, body = r.doc(threadKey(1))
	wantEqual(r.t, "title", body.Title, "young")
	d, body := r.doc(threadKey(2))
	wantEqual(r.t, "title", body.Title, "only then")
	wantEqual(r.t, "first seen", d.FirstSeenAt, old)
}

func versionsRise(r *rig) {
	r.page("t1", thread(1, "a"))
	before, _ := r.doc(threadKey(1))
	r.clock.add(-24 * time.Hour)
	r.page("t1", thread(1, "b"))
	after, body := r.doc(threadKey(1))
	if body.Title != "b" || after.Version <= before.Version {
		r.t.Fatalf("version %d, then %d with title %q", before.Version, after.Version, body.Title)
	}
}

func revisionKeepsOldBody(r *rig) {
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"))
	seen, _ := r.doc(postKey(1))
	r.drainOutbox()
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first, edited"))
	key := RevisionKey(postKey(1), seen.FirstSeenAt)
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{key, postKey(1)})
	d, body := r.doc(postKey(1))
	wantEqual(r.t, "post", []any{d.Revision, body.Revision, body.Text}, []any{2, 2, "first, edited"})
	old, body := r.doc(key)
	wantEqual(r.t, "revision", []any{old.Kind, old.Parent, body.Revision, body.Text}, []any{forum.DocRevision, postKey(1), 1, "first"})
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"))
	d, _ = r.doc(postKey(1))
	wantEqual(r.t, "revision of the undone edit", d.Revision, 3)
}

func olderSnapshotMakesRevision(r *rig) {
	r.clock.add(time.Hour)
	oldest, old, mid, young := r.Observe(), r.Observe(), r.Observe(), r.Observe()
	seen := func(page string, at time.Time, text string) {
		r.settlePage(page, Settlement{ObservedAt: at, Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, text)}})
	}
	seen("t1", young, "third")
	seen("t1", old, "first")
	r.drainOutbox()
	seen("t1p2", mid, "second") // on another page then
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{RevisionKey(postKey(1), mid), postKey(1)})
	seen("t1", oldest, "first")
	seen("t1", young.Add(-time.Microsecond/2), "third")
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{})
	d, body := r.doc(postKey(1))
	wantEqual(r.t, "post", []any{d.Revision, body.Revision, body.Text}, []any{3, 3, "third"})
	var texts []string
	r.must(r.Documents(r.ctx, DocumentFilter{Kind: forum.DocRevision}, func(d Document) error {
		var body testDoc
		err := json.Unmarshal(d.Body, &body)
		texts = append(texts, fmt.Sprint(body.Revision, " ", body.Text))
		return err
	}))
	wantEqual(r.t, "revisions in the order of time", texts, []string{"1 first", "2 second"})
}

func noRevisionAcrossExtractors(r *rig) {
	r.page("t1", post(1, 1, 7, "first"))
	r.clock.add(time.Second)
	r.settlePage("t1", Settlement{Extractor: 2, ObservedAt: r.Observe(), Contributions: []forum.Contribution{post(1, 1, 7, "first.")}})
	d, body := r.doc(postKey(1))
	wantEqual(r.t, "post", []any{d.Revision, body.Text}, []any{1, "first."})
}

// noRevisionOfAnotherReading: a capture that is read otherwise than before, as
// under another profile, is no edit, though its post was first seen earlier.
func noRevisionOfAnotherReading(r *rig) {
	for i := range 2 {
		r.settlePage("t1", Settlement{ObservedAt: r.Observe(), Capture: fmt.Sprintf("a.warc.gz:%d", i), Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "menu first")}})
		r.clock.add(time.Minute)
	}
	r.reread("t1", "a.warc.gz:1", post(1, 1, 7, "first"))
	d, body := r.doc(postKey(1))
	wantEqual(r.t, "post", []any{d.Revision, body.Text, r.revisions()}, []any{1, "first", []string(nil)})
	r.page("t1", post(1, 1, 7, "first, edited"))
	wantEqual(r.t, "after an edit", r.revisions(), []string{"first"})
}

// editsOfAnotherReading: three pages showed a post, edited in between, and the
// first reading could not tell the texts apart.
func editsOfAnotherReading(r *rig, pages ...string) {
	texts := map[string]string{"t1": "first", "t1p2": "second", "t1p3": "third"}
	for i, page := range []string{"t1", "t1p2", "t1p3"} {
		r.settlePage(page, Settlement{ObservedAt: r.Observe(), Capture: fmt.Sprintf("a.warc.gz:%d", i), Contributions: []forum.Contribution{post(1, 1, 7, "menu")}})
		r.clock.add(time.Minute)
	}
	for range 2 { // again, nothing is new
		for _, page := range pages {
			capture := map[string]string{"t1": "a.warc.gz:0", "t1p2": "a.warc.gz:1", "t1p3": "a.warc.gz:2"}[page]
			r.reread(page, capture, post(1, 1, 7, texts[page]))
		}
		d, body := r.doc(postKey(1))
		wantEqual(r.t, "post", []any{d.Revision, body.Text, r.revisions()}, []any{3, "third", []string{"first", "second"}})
	}
}

// reread reads a capture again under newer facts than any before.
func (r *rig) reread(page, capture string, cs ...forum.Contribution) {
	r.t.Helper()
	_, err := r.Reread(r.ctx, Reading{Site: siteID, Key: page, Capture: capture, Extractor: 1, FactsVersion: 1, Force: true, Contributions: cs})
	r.must(err)
}

// revisions gives the texts of all revisions, in order of time.
func (r *rig) revisions() (out []string) {
	r.t.Helper()
	r.must(r.Documents(r.ctx, DocumentFilter{Kind: forum.DocRevision}, func(d Document) error {
		var body testDoc
		err := json.Unmarshal(d.Body, &body)
		out = append(out, body.Text)
		return err
	}))
	return out
}

func absenceOnLivePage(r *rig) {
	row := func(id int) forum.Contribution {
		return say(forum.DocThread, threadKey(id), forum.RankListing, says{Title: fmt.Sprint("row ", id)})
	}
	r.page("b1", row(1), row(2))
	r.drainOutbox()
	r.page("b1", row(2), row(3)) // thread 1 has moved on to page 2
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{threadKey(3)})
	d, _ := r.doc(threadKey(1))
	wantEqual(r.t, "retracted", d.Retracted, false)
}

func resettlingRetracts(r *rig) {
	at := r.Observe()
	v := Settlement{ObservedAt: at, Capture: "a.warc.gz:0", Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "first"), post(2, 1, 7, "advert")}}
	r.settlePage("t1", v)
	r.drainOutbox()
	v.Contributions = v.Contributions[:2]
	r.settlePage("t1", v)
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{postKey(2)})
	d, body := r.doc(postKey(2))
	wantEqual(r.t, "advert", []any{d.Retracted, body.Retracted, body.Text}, []any{true, true, ""})
	v.Contributions = append(v.Contributions, post(2, 1, 7, "advert"))
	r.settlePage("t1", v)
	d, body = r.doc(postKey(2))
	wantEqual(r.t, "advert", []any{d.Retracted, body.Retracted, body.Text, d.Revision}, []any{false, false, "advert", 1})
}

func dropAbsent(r *rig) {
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"), post(2, 1, 7, "second"))
	r.page("p2", post(2, 1, 7, "second"))
	r.settlePage("t1", Settlement{ObservedAt: r.Observe(), DropAbsent: true})
	for key, want := range map[string]bool{threadKey(1): true, postKey(1): true, postKey(2): false} {
		d, _ := r.doc(key)
		wantEqual(r.t, key, d.Retracted, want)
	}
	_, body := r.doc(postKey(2))
	wantEqual(r.t, "title from a retracted thread", body.ThreadTitle, "")
}

func rereadReplaces(r *rig) {
	r.settlePage("t1", Settlement{ObservedAt: r.Observe(), Capture: "a.warc.gz:0", Gaps: map[string]int{"phpbb3 author": 2},
		Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "frist"), post(2, 1, 7, "menu")}})
	r.drainOutbox()
	v := Reading{Site: siteID, Key: "t1", Capture: "a.warc.gz:0", Extractor: 1, Contributions: []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "first")}}
	reread := func(want bool) {
		r.t.Helper()
		got, err := r.Reread(r.ctx, v)
		r.must(err)
		wantEqual(r.t, "replaced", got, want)
	}
	reread(false)
	v.Extractor = 2
	reread(true)
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{postKey(1), postKey(2)})
	d, body := r.doc(postKey(1))
	wantEqual(r.t, "post", []any{body.Text, d.Revision, d.MissingSince.IsZero()}, []any{"first", 1, true})
	d, _ = r.doc(postKey(2))
	wantEqual(r.t, "retracted", d.Retracted, true)
	reread(false)
	v.FactsVersion = 1
	reread(true)
	v.Force = true
	reread(true)
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{})
	s, err := r.Status(r.ctx)
	r.must(err)
	wantEqual(r.t, "gaps", len(s.Gaps), 0)
	v.Capture = "a.warc.gz:1"
	if _, err := r.Reread(r.ctx, v); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("Reread of an unknown capture: %v", err)
	}
}

func rereadOlderCapture(r *rig) {
	r.clock.add(time.Hour)
	first, second := r.Observe(), r.Observe()
	r.settlePage("b1", Settlement{ObservedAt: first, Capture: "a.warc.gz:0", Contributions: []forum.Contribution{thread(1, "one"), thread(2, "two")}})
	r.settlePage("b1", Settlement{ObservedAt: second, Capture: "a.warc.gz:9", Contributions: []forum.Contribution{thread(2, "two!")}})
	got, err := r.Reread(r.ctx, Reading{Site: siteID, Key: "b1", Capture: "a.warc.gz:0", Extractor: 2, Contributions: []forum.Contribution{thread(1, "One"), thread(2, "Two")}})
	r.must(err)
	wantEqual(r.t, "replaced", got, true)
	_, one := r.doc(threadKey(1))
	_, two := r.doc(threadKey(2))
	wantEqual(r.t, "titles", []string{one.Title, two.Title}, []string{"One", "two!"})
}

func missingPosts(r *rig) {
	both := []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "first"), post(2, 1, 7, "second")}
	r.page("t1", both...)
	pass := func(want int, cs ...forum.Contribution) {
		r.t.Helper()
		r.clock.add(time.Minute)
		start := r.Observe()
		if cs == nil {
			r.settlePage("t1", Settlement{Outcome: Unchanged, ObservedAt: r.Observe()})
		} else {
			r.page("t1", cs...)
		}
		n, err := r.MarkMissing(r.ctx, threadKey(1), start)
		if err != nil || n != want {
			r.t.Fatalf("MarkMissing = %d, %v; want %d", n, err, want)
		}
		again, err := r.MarkMissing(r.ctx, threadKey(1), start)
		if err != nil || again != 0 {
			r.t.Fatalf("MarkMissing of the same pass = %d, %v", again, err)
		}
	}
	r.drainOutbox()
	pass(0, both[:2]...)
	wantEqual(r.t, "outbox after one miss", r.drainOutbox(), []string{})
	pass(0, both...) // seen again: the count starts anew
	pass(0, both[:2]...)
	pass(1) // unchanged page: the second miss
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{postKey(2)})
	d, body := r.doc(postKey(2))
	if d.MissingSince.IsZero() || body.MissingSince == 0 || body.Text != "second" {
		r.t.Fatalf("missing post: %+v %+v", d, body)
	}
	pass(0, both...)
	wantEqual(r.t, "outbox", r.drainOutbox(), []string{postKey(2)})
	d, body = r.doc(postKey(2))
	wantEqual(r.t, "missing since", []any{d.MissingSince.IsZero(), body.MissingSince}, []any{true, int64(0)})
}

func authorsAreFolded(r *rig) {
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "first"), card(7, "Ada"), post(2, 1, 8, "second"), card(8, "Bob"))
	r.drainOutbox()
	fold := func(want ...string) {
		r.t.Helper()
		_, err := r.FoldAuthors(r.ctx)
		r.must(err)
		wantEqual(r.t, "outbox", r.drainOutbox(), append([]string{}, want...))
	}
	fold(userKey(7), userKey(8))
	fold()
	r.page("t2", thread(2, "Malt"), post(3, 2, 7, "third"), card(7, "Ada"), card(7, "Ada"))
	r.drainOutbox()
	fold(userKey(7))
	_, body := r.doc(userKey(7))
	var totals AuthorTotals
	r.must(json.Unmarshal(body.Totals, &totals))
	wantEqual(r.t, "posts", []int64{totals.ObservedPostCount, totals.FirstPostAt.Unix(), totals.LastPostAt.Unix()}, []int64{2, 1000, 3000})
	r.settlePage("t2", Settlement{ObservedAt: r.Observe(), DropAbsent: true}) // post 3 and a card go
	r.drainOutbox()
	fold(userKey(7))
	r.page("t3", post(4, 2, 8, "fourth")) // no card: the post alone changes the totals
	r.drainOutbox()
	fold(userKey(8))
	r.page("t3", post(4, 2, 7, "fourth")) // the post turns out to be another's
	r.drainOutbox()
	fold(userKey(7), userKey(8))
}

func captureFromFuture(r *rig) {
	r.settlePage("t1", Settlement{ObservedAt: r.clock.Now().AddDate(30, 0, 0), Contributions: []forum.Contribution{thread(1, "future")}})
	r.page("t1", thread(1, "present"))
	_, body := r.doc(threadKey(1))
	wantEqual(r.t, "title", body.Title, "present")
}

func lastSeen(r *rig) {
	r.page("t1", post(1, 1, 7, "first"), post(2, 1, 7, "second"))
	r.page("t1", post(1, 1, 7, "first"))
	_, err := r.Add(r.ctx, link("t1", 0))
	r.must(err)
	r.clock.add(time.Hour)
	at := r.Observe()
	r.settlePage("t1", Settlement{Outcome: Unchanged, ObservedAt: at})
	d, _ := r.doc(postKey(1))
	wantEqual(r.t, "last seen", d.LastSeenAt, at)
	d, _ = r.doc(postKey(2))
	if d.LastSeenAt.After(at.Add(-time.Hour)) {
		r.t.Fatalf("a post that is gone from the page was seen at %v", d.LastSeenAt)
	}
}

func capturesForReindex(r *rig) {
	refs := func(f CaptureFilter) []string {
		r.t.Helper()
		got := []string{}
		r.must(r.Captures(r.ctx, f, func(c Capture) error {
			got = append(got, c.Key+" "+strings.TrimPrefix(c.Ref, "a.warc.gz:"))
			return nil
		}))
		return got
	}
	settle := func(key string, at int, o Outcome, cs ...forum.Contribution) {
		r.settlePage(key, Settlement{Outcome: o, ObservedAt: r.Observe(), Capture: fmt.Sprintf("a.warc.gz:%d", at), FactsVersion: at, Contributions: cs})
	}
	settle("t1", 1, OK, thread(1, "a"))
	settle("t1", 2, OK, thread(1, "b"))
	settle("t1", 3, Gone)
	settle("b1", 4, OK, thread(2, "a"), thread(3, "a"))
	settle("b1", 5, OK, thread(3, "b"))
	settle("t9", 6, Walled)
	settle("t9", 7, Challenged)
	wantEqual(r.t, "captures", refs(CaptureFilter{}), []string{"t1 2", "b1 4", "b1 5", "t9 7"})
	wantEqual(r.t, "of a site", refs(CaptureFilter{Site: "nowhere"}), []string{})
	wantEqual(r.t, "older facts", refs(CaptureFilter{FactsBelow: 5}), []string{"t1 2", "b1 4"})
	wantEqual(r.t, "older facts, walls too", refs(CaptureFilter{FactsBelow: 8, AnyOutcome: true}), []string{"t1 2", "b1 4", "b1 5", "t9 7"})
	for ref, want := range map[string]bool{"a.warc.gz:3": true, "a.warc.gz:30": false, "b.warc.gz:3": false} {
		got, err := r.HasCapture(r.ctx, ref)
		r.must(err)
		wantEqual(r.t, ref, got, want)
	}
	at, ok, err := r.LastCapture(r.ctx, "a.warc.gz")
	r.must(err)
	wantEqual(r.t, "last capture", []any{at, ok}, []any{int64(7), true})
	_, ok, err = r.LastCapture(r.ctx, "b.warc.gz")
	r.must(err)
	wantEqual(r.t, "last capture of an unknown file", ok, false)
}

func documentsInOrder(r *rig) {
	n := documentBatch*2 + 7
	for i := range n {
		if i%50 == 0 {
			r.page(fmt.Sprint("t", i), thread(i, "t"))
		}
		r.page(fmt.Sprint("p", i), post(i, i/50*50, 7, "text"), card(7, "Ada"))
	}
	seen, last := 0, ""
	f := DocumentFilter{Kind: forum.DocPost, Site: siteID}
	r.must(r.Documents(r.ctx, f, func(d Document) error {
		if d.Key <= last || d.Kind != forum.DocPost {
			r.t.Fatalf("%s after %s", d.Key, last)
		}
		seen, last = seen+1, d.Key
		return nil
	}))
	wantEqual(r.t, "posts", seen, n)
	stop := errors.New("enough")
	if err := r.Documents(r.ctx, DocumentFilter{}, func(Document) error { return stop }); !errors.Is(err, stop) {
		r.t.Fatalf("Documents hides the caller's error: %v", err)
	}
	seen = 0
	r.must(r.Documents(r.ctx, DocumentFilter{Parent: threadKey(50), LiveOnly: true}, func(Document) error { seen++; return nil }))
	wantEqual(r.t, "posts of a thread", seen, 50)
	posts, err := r.ThreadPosts(r.ctx, threadKey(50))
	r.must(err)
	wantEqual(r.t, "posts of a thread at once", []any{len(posts), posts[0].Key, posts[49].Key}, []any{50, postKey(50), postKey(99)})
	if _, err := r.DocumentByKey(r.ctx, "nothing"); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("DocumentByKey: %v", err)
	}
	if _, err := r.DocumentByID(r.ctx, "not hex"); err == nil {
		r.t.Fatal("DocumentByID takes what is no id")
	}
}

func largeBodies(r *rig) {
	long := strings.Repeat("Prost! «Hefe» 酒 ", 20_000)
	r.page("t1", post(1, 1, 7, long))
	_, body := r.doc(postKey(1))
	wantEqual(r.t, "text survives storage", body.Text == long, true)
}
