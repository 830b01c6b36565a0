package state

import (
	"strings"
	"testing"
	"time"

	"forumine/extract/forum"
)

// TestFocus sets URLs aside and takes them back: a link to one does so too, what
// waits for its time goes on waiting, and the folder may be closed meanwhile.
func TestFocus(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{Folder: testFolder{}})
	if _, err := s.EnsureSite(t.Context(), Site{ID: "forum.example.org"}); err != nil {
		t.Fatal(err)
	}
	link := func(key string) NewLink {
		return NewLink{Link: forum.Link{URL: "https://forum.example.org/" + key, Key: key, Kind: forum.KindThread},
			Site: "forum.example.org", Slot: "forum.example.org:443", Parent: "thread/" + key}
	}
	if _, err := s.Add(t.Context(), link("a"), link("b"), link("c")); err != nil {
		t.Fatal(err)
	}
	l, err := s.LeaseURL(t.Context(), "forum.example.org", "c")
	if err == nil {
		err = s.Settle(t.Context(), l, Settlement{Outcome: Retry, RetryAt: time.Now().Add(time.Hour)})
	}
	if err != nil {
		t.Fatal(err)
	}
	focus := func(wanted string, parked int) {
		t.Helper()
		n, err := s.Focus(t.Context(), "forum.example.org", func(q Queued) bool { return strings.Contains(wanted, q.Key) })
		if err != nil || n != parked {
			t.Fatalf("%d set aside, want %d: %v", n, parked, err)
		}
	}
	states := func(want string) {
		t.Helper()
		var got []string
		if err := s.URLs(t.Context(), URLFilter{}, func(u URL) error { got = append(got, u.Key+" "+u.State); return nil }); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s, want %s", strings.Join(got, ", "), want)
		}
	}
	focus("b", 2)
	states("a parked, b ready, c parked")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{Folder: testFolder{}})
	if l, err := s.Next(t.Context(), "forum.example.org"); err != nil || l.Key != "b" {
		t.Fatalf("handed out %q: %v", l.Key, err)
	} else if err := s.Settle(t.Context(), l, Settlement{Outcome: OK, Links: []NewLink{link("a")}}); err != nil {
		t.Fatal(err)
	}
	states("a ready, b settled, c parked")
	focus("", 2)
	if _, err := s.Focus(t.Context(), "forum.example.org", nil); err != nil {
		t.Fatal(err)
	}
	states("a ready, b settled, c waiting")
}
