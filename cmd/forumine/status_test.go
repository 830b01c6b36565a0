package main

import (
	"strings"
	"testing"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/index"
)

// TestStatusListsEveryOutcome settles one address with each outcome and lists
// each by its name.
func TestStatusListsEveryOutcome(t *testing.T) {
	data := t.TempDir()
	s, err := state.Open(t.Context(), data, state.Options{Folder: folder{index.NewFolder()}})
	if err != nil {
		t.Fatal(err)
	}
	const site = "forum.example.org"
	if _, err := s.EnsureSite(t.Context(), state.Site{ID: site}); err != nil {
		t.Fatal(err)
	}
	for _, o := range state.Outcomes() {
		link := forum.Link{URL: "https://" + site + "/" + string(o), Key: string(o), Kind: forum.KindThread}
		if _, err := s.Add(t.Context(), state.NewLink{Link: link, Site: site, Slot: site + ":443"}); err != nil {
			t.Fatal(err)
		}
		l, err := s.LeaseURL(t.Context(), site, link.Key)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context(), l, state.Settlement{Outcome: o, Reason: "because of " + string(o)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, o := range state.Outcomes() {
		want := "https://" + site + "/" + string(o) + "\tbecause of " + string(o) + "\n"
		if got := succeed(t, "status", "--data", data, "--urls", string(o)); got != want {
			t.Errorf("--urls %s: %q, want %q", o, got, want)
		}
		if all := succeed(t, "status", "--data", data); !strings.Contains(all, string(o)+" 1") {
			t.Errorf("the status does not count %s:\n%s", o, all)
		}
	}
}
