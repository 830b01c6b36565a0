package crawler_test

import (
	"strings"
	"testing"
	"time"

	"forumine/crawler"
)

// A plan names what the audit lane would read again once that has come due, after
// what leads to news; a crawl of one thread has no such lane.
func TestPlanNamesTheAudit(t *testing.T) {
	clock := newMoving()
	s := serve(t, board("1 a", "2 a"))
	b := open(t, t.TempDir(), setup{now: clock.Now})
	b.crawl(s)
	planned := func(address string) (audits int, first string) {
		plan, _, known, err := crawler.NewPlanner(b.store.Reader, lineReader{}, clock.Now).Address(t.Context(), s.url(address))
		if err != nil || !known || len(plan) == 0 {
			t.Fatal(plan, known, err)
		}
		for _, p := range plan {
			if strings.HasPrefix(p.Why, "the audit lane") {
				audits++
			}
		}
		return audits, plan[0].Why
	}
	if n, _ := planned("/"); n != 0 {
		t.Errorf("%d pages of the audit right after the crawl", n)
	}
	clock.add(61 * 24 * time.Hour)
	if n, first := planned("/"); n != 2 || !strings.HasPrefix(first, "may lead to news") {
		t.Errorf("%d pages of the audit after two months; first %q", n, first)
	}
	if n, _ := planned("/t/1"); n != 0 {
		t.Errorf("%d pages of the audit for a thread", n)
	}
}
