package state

import (
	"strings"
	"testing"
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
