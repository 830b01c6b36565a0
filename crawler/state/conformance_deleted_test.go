package state

import (
	"encoding/json"
	"strings"
	"time"

	"forumine/extract/forum"
)

// deletedPosts: of a post that two passes do not find, and of one that a page
// shows as deleted, nothing that was written is left in contributions, documents,
// revisions and outbox, whatever is read again or imported later; a page that
// shows the post again brings it back.
func deletedPosts(r *rig, mode Deleted) {
	r.must(r.SetDeleted(r.ctx, mode))
	at := r.Observe()
	r.settlePage("t1", Settlement{ObservedAt: at, Capture: "a.warc.gz:0", Contributions: []forum.Contribution{
		thread(1, "Hops"), post(1, 1, 7, "kept"), post(2, 1, 8, "plaice, first"), post(3, 1, 8, "turbot, first")}})
	both := []forum.Contribution{thread(1, "Hops"), post(1, 1, 7, "kept"), post(2, 1, 8, "plaice, edited"), post(3, 1, 8, "turbot, edited")}
	r.page("t1", both...)
	wantEqual(r.t, "while they are there", r.written("plaice", "turbot"), 6) // as said, as a document, as a revision
	acknowledged := r.drainOutbox()
	wantEqual(r.t, "delivered", len(acknowledged) >= 6, true)

	gone := deletedPost(3, 1)
	for range 2 { // two passes: post 2 is not there, post 3 says that it is deleted
		r.clock.add(time.Minute)
		start := r.Observe()
		r.page("t1", both[0], both[1], gone)
		_, err := r.MarkMissing(r.ctx, threadKey(1), start)
		r.must(err)
	}
	wantEqual(r.t, "words", r.written("plaice", "turbot"), 0)
	wantDeleted(r, mode)
	keys, err := r.DeletedKeys(r.ctx)
	r.must(err)
	wantEqual(r.t, "deleted", keys, map[string]bool{postKey(2): true, postKey(3): true})

	// An old capture that is read again, and one that is imported, bring nothing back.
	_, err = r.Reread(r.ctx, Reading{Site: siteID, Key: "t1", Capture: "a.warc.gz:0", Extractor: 2, Contributions: both})
	r.must(err)
	r.settlePage("t1p2", Settlement{ObservedAt: at.Add(time.Millisecond), Contributions: []forum.Contribution{post(2, 1, 8, "plaice, between"), post(3, 1, 8, "turbot, between")}})
	wantEqual(r.t, "words after reading old pages", r.written("plaice", "turbot"), 0)
	r.drainOutbox()

	r.page("t1", both...)
	wantEqual(r.t, "back, once as said and once as a document", r.written("plaice, edited", "turbot, edited"), 4)
	wantEqual(r.t, "their earlier versions stay away", r.written("first", "between"), 0)
	for _, id := range []int{2, 3} {
		d, body := r.doc(postKey(id))
		wantEqual(r.t, "post that is back", []any{d.Retracted, d.MissingSince.IsZero(), d.State, body.Author}, []any{false, true, "visible", userKey(8)})
	}
}

// wantDeleted looks at what is left of posts 2 and 3, and at what is on its way to the index.
func wantDeleted(r *rig, mode Deleted) {
	r.t.Helper()
	for _, id := range []int{2, 3} {
		d, body := r.doc(postKey(id))
		wantEqual(r.t, "post", []any{d.Retracted, d.Author, body.Text}, []any{mode == DropDeleted, "", ""})
		if mode == RedactDeleted {
			wantEqual(r.t, "time and place", []any{body.At, body.Thread}, []any{int64(1000 * id), threadKey(1)})
		}
	}
	revisions := 0
	r.must(r.Documents(r.ctx, DocumentFilter{Kind: forum.DocRevision}, func(d Document) error {
		revisions++
		wantEqual(r.t, "revision", []any{d.Retracted, d.Author}, []any{mode == DropDeleted, ""})
		return nil
	}))
	waiting := map[string]bool{}
	for _, row := range r.pending() {
		waiting[row.Key] = true
	}
	if revisions < 2 || !waiting[postKey(2)] || !waiting[postKey(3)] || len(waiting) < 2+revisions {
		r.t.Errorf("%d revisions; on their way to the index: %v", revisions, waiting)
	}
}

// deletedPostsKeptUntilNow: another mode applies to what is known to be deleted.
func deletedPostsKeptUntilNow(r *rig) {
	r.page("t1", thread(1, "Hops"), post(1, 1, 7, "plaice"))
	r.page("t1", thread(1, "Hops"), say(forum.DocPost, postKey(1), forum.RankPage, says{State: forum.PostDeleted}))
	wantEqual(r.t, "words while deleted posts are kept", r.written("plaice") > 0, true)
	r.must(r.SetDeleted(r.ctx, RedactDeleted))
	wantEqual(r.t, "words", r.written("plaice"), 0)
	if err := r.SetDeleted(r.ctx, "burn"); err == nil {
		r.t.Error("an unknown mode is taken")
	}
}

// deletedPost is what a page says of a post that it shows as deleted.
func deletedPost(id, thread int) forum.Contribution {
	return say(forum.DocPost, postKey(id), forum.RankPage, says{State: forum.PostDeleted, Thread: threadKey(thread), At: int64(1000 * id)})
}

// written counts the places of the state that hold one of some words.
func (r *rig) written(words ...string) (n int) {
	r.t.Helper()
	r.must(r.EachStored(r.ctx, func(s Stored) error {
		for _, w := range words {
			if strings.Contains(string(s.Body), w) {
				n++
			}
		}
		return nil
	}))
	for _, row := range r.pending() {
		if !json.Valid(row.Body) {
			r.t.Errorf("%s waits with %q", row.Key, row.Body)
		}
	}
	return n
}
