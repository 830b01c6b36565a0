package state

import (
	"strings"
	"testing"

	"forumine/extract/forum"
)

// TestLinksMetAgain adds links that the frontier has: they change nothing, unless
// they stand higher now, or what they lead to was set aside meanwhile.
func TestLinksMetAgain(t *testing.T) {
	r := newRig(t, openTemp)
	s := storeOf(t, r)
	priority := func(want int) {
		t.Helper()
		if u, err := r.URLByKey(r.ctx, siteID, "a"); err != nil || u.Priority != want {
			t.Errorf("a has priority %d, want %d: %v", u.Priority, want, err)
		}
	}
	r.add(2, link("a", 1), link("b", 1))
	r.add(0, link("a", 1), link("b", 0))
	r.add(0, link("a", 5))
	priority(5)
	r.add(0, link("a", 4))
	priority(5)
	parked, err := s.Focus(r.ctx, siteID, func(q Queued) bool { return q.Key != "a" })
	if err != nil || parked != 1 {
		t.Fatalf("%d set aside: %v", parked, err)
	}
	r.add(1, link("a", 1), link("b", 1))
	r.next("a")
}

func storeOf(t *testing.T, r *rig) *Store {
	t.Helper()
	s, ok := r.store.(*Store)
	if !ok {
		t.Fatal("the rig is no Store")
	}
	return s
}

// TestAcknowledgeMany acknowledges many rows at once: those that wait in that version
// leave the outbox, whatever else is among them.
func TestAcknowledgeMany(t *testing.T) {
	r := newRig(t, openTemp)
	s := storeOf(t, r)
	for i := range 90 {
		r.page("p"+strings.Repeat("x", i), post(i, 1, i, "words"))
	}
	var acks []Ack
	for i, row := range r.pending() {
		if i == 7 {
			row.Version--
		}
		acks = append(acks, Ack{row.ID, row.Version})
	}
	acks = append(acks, acks[0])
	for range 2 { // again changes nothing
		r.must(s.Acknowledge(r.ctx, acks))
		left, bytes, err := s.OutboxSize(r.ctx)
		if b := s.Backlog(); err != nil || left != 1 || b.Rows != left || b.Bytes != bytes {
			t.Errorf("%d rows of %d bytes are left, %+v by the count, want 1: %v", left, bytes, b, err)
		}
	}
	if err := s.Acknowledge(r.ctx, []Ack{{DocumentID("unheard of"), 1}}); err == nil {
		t.Error("a document is acknowledged that is not there")
	}
}

// TestSiteIsFresh asks for a site again after it has changed.
func TestSiteIsFresh(t *testing.T) {
	r := newRig(t, openTemp)
	s := storeOf(t, r)
	for version := 1; version < 4; version++ {
		site, err := s.Site(r.ctx, siteID)
		r.must(err)
		if site.Facts.Version != version-1 {
			t.Errorf("facts of version %d, want %d", site.Facts.Version, version-1)
		}
		site.Facts.Version = version
		_, err = s.SaveFacts(r.ctx, siteID, site.Facts)
		r.must(err)
	}
	r.must(s.EnsureSite(r.ctx, Site{ID: siteID, Engine: "smf"}))
	if site, err := s.Site(r.ctx, siteID); err != nil || site.Engine != "smf" {
		t.Errorf("engine %q: %v", site.Engine, err)
	}
}

// A state of schema 6 guessed which page it is that skips so many posts.
func TestSkippingPagesOfAnOldState(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Folder: testFolder{}})
	r := &rig{t: t, ctx: t.Context(), clock: newClock(), store: s}
	r.must(r.EnsureSite(r.ctx, Site{ID: siteID}))
	for key, page := range map[string]int{"thread/1/1": 1, "thread/1/s20": 3, "thread/1/s40": 3, "board/s/1": 1} {
		kind, _, _ := strings.Cut(key, "/")
		r.must(r.Add(r.ctx, NewLink{Site: siteID, Slot: "h", Parent: key[:strings.LastIndexByte(key, '/')], Page: page,
			Link: forum.Link{URL: "https://h.example/" + key, Key: key, Kind: forum.Kind(kind), Page: page}}))
	}
	r.must(s.conn.ExecContext(r.ctx, `UPDATE meta SET value = '6' WHERE name = 'schema'`))
	r.must(s.Close())
	s = mustOpen(t, dir, Options{Folder: testFolder{}})
	for key, page := range map[string]int{"thread/1/1": 1, "thread/1/s20": 21, "thread/1/s40": 41, "board/s/1": 1} {
		u, err := s.URLByKey(t.Context(), siteID, key)
		if err != nil || u.Page != page {
			t.Errorf("%s: page %d, want %d; %v", key, u.Page, page, err)
		}
	}
}
