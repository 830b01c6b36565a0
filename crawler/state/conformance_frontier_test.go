package state

import (
	"encoding/json"
	"errors"
	"time"

	"forumine/extract/forum"
)

func frontierCases() []conformanceCase {
	return []conformanceCase{
		{"order within a slot", orderWithinSlot},
		{"slots take turns", slotsTakeTurns},
		{"one lease a slot", oneLeaseASlot},
		{"waiting and empty", waitingAndEmpty},
		{"scope", scopeLimits},
		{"scope of many sites", scopeOfMany},
		{"known links", knownLinks},
		{"signature", signatureMakesDue},
		{"signature during a fetch", signatureDuringFetch},
		{"failed read keeps the signature", failedKeepsSignature},
		{"stale lease", staleLease},
		{"release", releaseUnharmed},
		{"leased together", leasedTogether},
		{"leased alone", leasedAlone},
		{"given back together", givenBackTogether},
		{"lease by name", leaseByName},
		{"pages of a parent", pagesOfAParent},
		{"retry until failed", retryUntilFailed},
		{"planned re-crawl", plannedRecrawl},
		{"pause and robots", pauseAndRobots},
		{"schedule", scheduleSelects},
		{"retry by outcome", retryByOutcome},
		{"clock steps back", clockStepsBack},
		{"bad input", badInput},
	}
}

func (r *rig) settle(l Lease, v Settlement) {
	r.t.Helper()
	r.must(r.Settle(r.ctx, l, v))
}

func orderWithinSlot(r *rig) {
	r.add(2, link("t1", 0), link("t2", 5))
	r.clock.add(time.Second)
	r.add(2, link("t3", 5), link("t4", 9))
	for _, key := range []string{"t4", "t2", "t3", "t1"} {
		r.settle(r.next(key), Settlement{Outcome: OK, Status: 200})
	}
	r.empty()
}

func slotsTakeTurns(r *rig) {
	b1, b2 := link("b1", 0), link("b2", 0)
	b1.Slot, b2.Slot = slotB, slotB
	r.add(4, link("a1", 9), link("a2", 9), b1, b2)
	for _, key := range []string{"a1", "b1", "a2", "b2"} {
		r.settle(r.next(key), Settlement{Outcome: OK, SlotNextAt: r.clock.Now()})
		r.clock.add(time.Millisecond)
	}
}

func oneLeaseASlot(r *rig) {
	r.add(2, link("t1", 0), link("t2", 0))
	l := r.next("t1")
	r.wait(10 * time.Minute)
	next := r.clock.Now().Add(3 * time.Second)
	r.settle(l, Settlement{Outcome: OK, SlotNextAt: next})
	r.wait(3 * time.Second)
	r.clock.add(3 * time.Second)
	r.next("t2")
	s, err := r.SlotState(r.ctx, slotA)
	r.must(err)
	wantEqual(r.t, "lease of the slot", s.LeasedUntil, r.clock.Now().Add(10*time.Minute))
}

func waitingAndEmpty(r *rig) {
	r.empty()
	r.add(1, link("t1", 0))
	r.settle(r.next("t1"), Settlement{Outcome: OK, SlotNextAt: r.clock.Now().Add(time.Hour)})
	r.empty() // the slot's pace does not matter when nothing is queued
	r.add(1, link("t2", 0))
	r.wait(time.Hour)
}

func scopeLimits(r *rig) {
	r.must(r.EnsureSite(r.ctx, Site{ID: "wine.example.org"}))
	wine := link("w1", 0)
	wine.Site, wine.Slot = "wine.example.org", slotB
	shared := link("w2", 0)
	shared.Site = "wine.example.org"
	r.add(3, link("t1", 9), wine, shared)
	for range 2 {
		l, err := r.Next(r.ctx, "wine.example.org")
		r.must(err)
		if l.Site != "wine.example.org" {
			r.t.Fatalf("Next left the scope: %+v", l)
		}
		r.settle(l, Settlement{Outcome: OK})
	}
	if _, err := r.Next(r.ctx, "wine.example.org"); !errors.Is(err, ErrEmpty) {
		r.t.Fatalf("Next in an empty scope: %v", err)
	}
	if _, err := r.Next(r.ctx, "nowhere.example.org"); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("Next in an unknown scope: %v", err)
	}
	r.next("t1")
}

func knownLinks(r *rig) {
	r.add(2, link("t1", 0), link("t2", 1), link("t1", 3))
	r.next("t1") // took the higher priority
	again := link("t1", 0)
	again.URL = "https://brew.example.org/other-form"
	r.add(0, again)
	u, err := r.URLByKey(r.ctx, siteID, "t1")
	r.must(err)
	wantEqual(r.t, "URL of first contact", u.URL, "https://brew.example.org/t1")
}

func signed(key, signature string) NewLink {
	l := link(key, 0)
	l.Signature = signature
	return l
}

func signatureMakesDue(r *rig) {
	r.add(1, signed("t1", "7 replies"))
	r.settle(r.next("t1"), Settlement{Outcome: OK})
	r.add(0, signed("t1", "7 replies"))
	r.add(0, link("t1", 0))
	r.empty()
	r.add(1, signed("t1", "8 replies"))
	r.add(0, signed("t1", "8 replies")) // queued already
	r.settle(r.next("t1"), Settlement{Outcome: Unchanged})
	r.add(0, signed("t1", "8 replies"))
}

func signatureDuringFetch(r *rig) {
	r.add(1, signed("t1", "7 replies"))
	l := r.next("t1")
	r.add(0, signed("t1", "8 replies"))
	r.settle(l, Settlement{Outcome: OK})
	l = r.next("t1")
	wantEqual(r.t, "signature of the lease", l.Signature, "8 replies")
	r.settle(l, Settlement{Outcome: OK})
	r.empty()
}

func failedKeepsSignature(r *rig) {
	r.add(1, signed("t1", "7 replies"))
	r.settle(r.next("t1"), Settlement{Outcome: OK})
	r.add(1, signed("t1", "8 replies"))
	r.settle(r.next("t1"), Settlement{Outcome: Challenged})
	r.add(1, signed("t1", "8 replies")) // it was never read under that one
	r.settle(r.next("t1"), Settlement{Outcome: Retry, RetryAt: r.clock.Now().Add(time.Hour)})
	r.add(0, signed("t1", "8 replies")) // waits for its retry
	r.wait(time.Hour)
}

func staleLease(r *rig) {
	r.add(1, link("t1", 0))
	old := r.next("t1")
	r.clock.add(10*time.Minute + time.Microsecond)
	l := r.next("t1")
	if l.Token <= old.Token {
		r.t.Fatalf("tokens do not rise: %d, then %d", old.Token, l.Token)
	}
	stale := func(what string, err error) {
		r.t.Helper()
		if !errors.Is(err, ErrStaleLease) {
			r.t.Fatalf("%s with a stale lease: %v", what, err)
		}
	}
	stale("Settle", r.Settle(r.ctx, old, Settlement{Outcome: OK, Contributions: []forum.Contribution{thread(1, "never")}}))
	stale("Release", r.Release(r.ctx, old))
	if n := len(r.pending()); n != 0 {
		r.t.Fatalf("a stale Settle left %d outbox rows", n)
	}
	r.settle(l, Settlement{Outcome: OK})
	stale("Settle", r.Settle(r.ctx, l, Settlement{Outcome: OK}))
	stale("Settle", r.Settle(r.ctx, Lease{}, Settlement{Outcome: OK}))
}

func releaseUnharmed(r *rig) {
	r.add(1, link("t1", 0))
	r.must(r.Release(r.ctx, r.next("t1")))
	l := r.next("t1")
	wantEqual(r.t, "attempts", l.Attempts, 0)
	r.settle(l, Settlement{Outcome: Gone, Status: 404})
	l, err := r.LeaseURL(r.ctx, siteID, "t1")
	r.must(err)
	r.must(r.Release(r.ctx, l))
	r.empty() // settled it was, settled it is
}

// together leases what comes after a lease.
func (r *rig) together(done Lease, most int, keys ...string) []Lease {
	r.t.Helper()
	all, err := r.NextAfter(r.ctx, done, most)
	r.must(err)
	var got []string
	for _, l := range all {
		got = append(got, l.Key)
	}
	wantEqual(r.t, "leased together", got, keys)
	return all
}

// Several URLs of a slot are leased at once, in their order. The last one holds the
// slot, whatever becomes of the others.
func leasedTogether(r *rig) {
	b := link("b", 9)
	b.Slot = slotB
	r.add(6, link("t1", 4), link("t2", 3), link("t3", 2), link("t4", 1), link("t5", 1), b)
	b1 := r.next("t1")
	b2 := r.next("b")
	all := r.together(b1, 3, "t2", "t3", "t4")
	r.settle(b1, Settlement{Outcome: OK})
	r.settle(all[0], Settlement{Outcome: OK})
	r.must(r.Release(r.ctx, all[1]))
	r.settle(b2, Settlement{Outcome: OK})
	r.wait(10 * time.Minute)
	r.settle(all[2], Settlement{Outcome: OK, SlotNextAt: r.clock.Now().Add(time.Second)})
	r.wait(time.Second)
	r.clock.add(time.Second)
	r.next("t3")
}

// Listings may change what comes next, and where requests keep a distance each asks
// for its own turn.
func leasedAlone(r *rig) {
	board := link("b1", 5)
	board.Kind = forum.KindBoard
	r.add(5, link("t1", 9), board, link("t2", 4), link("t3", 3), link("t4", 2))
	all := r.together(r.next("t1"), 8, "b1")
	all = r.together(all[0], 2, "t2", "t3")
	r.settle(all[1], Settlement{Outcome: OK, SlotGap: time.Second})
	r.clock.add(time.Second)
	r.add(1, link("t5", 1))
	r.together(Lease{}, 8, "t4")
}

// What is leased behind a URL goes back unharmed, and the URL holds the slot, so that
// its host's distance is kept.
func givenBackTogether(r *rig) {
	r.add(4, link("t1", 4), link("t2", 3), link("t3", 2), link("t4", 1))
	all := r.together(Lease{}, 4, "t1", "t2", "t3", "t4")
	keep, err := r.ReleaseRest(r.ctx, all[0], all[1:]...)
	r.must(err)
	r.wait(10 * time.Minute)
	r.settle(keep, Settlement{Outcome: OK, SlotNextAt: r.clock.Now().Add(time.Second)})
	r.wait(time.Second)
	r.clock.add(time.Second)
	all = r.together(Lease{}, 2, "t2", "t3")
	r.clock.add(10*time.Minute + time.Second) // both have expired
	all2 := r.together(Lease{}, 3, "t2", "t3", "t4")
	if _, err := r.ReleaseRest(r.ctx, all[0], all[1]); !errors.Is(err, ErrStaleLease) {
		r.t.Fatalf("ReleaseRest of leases that are over gives %v", err)
	}
	for _, l := range all2 {
		r.settle(l, Settlement{Outcome: OK})
	}
	r.empty()
}

// The pages of a thread are found by its name, whether their keys begin with it or not,
// and no others.
func pagesOfAParent(r *rig) {
	of := func(parent, key string, page int) NewLink {
		l := link(key, 0)
		l.Parent, l.Page = parent, page
		return l
	}
	r.add(8, of("thread/1", "thread/1/10", 10), of("thread/1", "thread/1/2", 2), of("thread/1", "thread/1", 1), of("thread/1", "odd?p=3", 3),
		of("thread/12", "thread/12/1", 1), of("thread/1/2", "thread/1/2/7", 7), of("thread", "thread/x", 1), of("", "thread/1/none", 0))
	var got []string
	r.must(r.URLs(r.ctx, URLFilter{Site: siteID, Parent: "thread/1"}, func(u URL) error {
		got = append(got, u.Key)
		return nil
	}))
	wantEqual(r.t, "pages", got, []string{"thread/1", "thread/1/2", "odd?p=3", "thread/1/10"})
	last, err := r.LastPage(r.ctx, siteID, "thread/1", 10)
	r.must(err)
	wantEqual(r.t, "last page before the tenth", last.Key, "odd?p=3")
}

func leaseByName(r *rig) {
	if _, err := r.LeaseURL(r.ctx, siteID, "t1"); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("LeaseURL of an unknown URL: %v", err)
	}
	r.add(2, link("t1", 0), link("t2", 0))
	r.must(r.SlotPause(r.ctx, slotA, r.clock.Now().Add(time.Hour), "asked to"))
	l, err := r.LeaseURL(r.ctx, siteID, "t1")
	r.must(err)
	if _, err := r.LeaseURL(r.ctx, siteID, "t1"); !errors.Is(err, ErrLeased) {
		r.t.Fatalf("LeaseURL twice: %v", err)
	}
	r.settle(l, Settlement{Outcome: OK, ETag: `"a"`, LastModified: "Mon", BodyHash: "h1", ObservedAt: r.Observe()})
	l, err = r.LeaseURL(r.ctx, siteID, "t1")
	r.must(err)
	wantEqual(r.t, "what the last visit left", []string{l.ETag, l.LastModified, l.BodyHash, string(l.Outcome)}, []string{`"a"`, "Mon", "h1", "ok"})
	r.wait(10 * time.Minute) // t1's lease ends before the slot's pause
}

func retryUntilFailed(r *rig) {
	r.add(1, signed("t1", "s1"))
	for i := range 7 {
		l := r.next("t1")
		wantEqual(r.t, "attempts", l.Attempts, i)
		at := r.clock.Now().Add(time.Minute)
		if i%2 == 1 {
			at = time.Time{} // the store chooses
		}
		r.settle(l, Settlement{Outcome: Retry, Status: 503, Reason: "busy", RetryAt: at})
		_, err := r.Next(r.ctx)
		w, ok := errors.AsType[*WaitError](err)
		if !ok {
			r.t.Fatalf("Next after a retry: %v", err)
		}
		r.clock.add(w.Until.Sub(r.clock.Now()))
	}
	r.settle(r.next("t1"), Settlement{Outcome: Retry, Status: 503, Reason: "busy"})
	r.empty()
	u, err := r.URLByKey(r.ctx, siteID, "t1")
	r.must(err)
	wantEqual(r.t, "outcome", []string{string(u.Outcome), u.Reason, u.State}, []string{"failed", "8 attempts, the last: busy", "settled"})
	r.add(1, signed("t1", "s1")) // a listing asks again
	wantEqual(r.t, "attempts after a final outcome", r.next("t1").Attempts, 0)
}

func plannedRecrawl(r *rig) {
	r.add(1, signed("t1", "s1"))
	r.settle(r.next("t1"), Settlement{Outcome: OK, RetryAt: r.clock.Now().Add(24 * time.Hour)})
	r.wait(24 * time.Hour)
	r.add(1, signed("t1", "s2")) // a change does not wait for the plan
	r.settle(r.next("t1"), Settlement{Outcome: OK, RetryAt: r.clock.Now().Add(24 * time.Hour)})
	r.clock.add(24 * time.Hour)
	r.next("t1")
}

func pauseAndRobots(r *rig) {
	r.add(1, link("t1", 0))
	until := r.clock.Now().Add(time.Hour)
	r.must(r.SlotPause(r.ctx, slotA, until, "429"))
	r.wait(time.Hour)
	s, err := r.SlotState(r.ctx, slotA)
	r.must(err)
	wantEqual(r.t, "slot", s, SlotState{Slot: slotA, PausedUntil: until, PauseReason: "429"})
	r.must(r.SlotPause(r.ctx, slotA, time.Time{}, ""))
	r.next("t1")

	if _, _, err := r.Robots(r.ctx, slotA); !errors.Is(err, ErrNotFound) {
		r.t.Fatalf("Robots before any: %v", err)
	}
	r.must(r.SaveRobots(r.ctx, slotA, json.RawMessage(`{"delay":2}`), r.clock.Now().Add(time.Hour)))
	policy, at, err := r.Robots(r.ctx, slotA)
	r.must(err)
	wantEqual(r.t, "policy", string(policy), `{"delay":2}`)
	wantEqual(r.t, "fetched, never in the future", at, r.clock.Now())
}

func scheduleSelects(r *rig) {
	board := link("b1", 0)
	board.Kind = forum.KindBoard
	r.add(3, link("t1", 5), link("t2", 4), board)
	r.settle(r.next("t1"), Settlement{Outcome: OK})
	r.settle(r.next("t2"), Settlement{Outcome: Gone})
	r.settle(r.next("b1"), Settlement{Outcome: OK})
	schedule := func(want int, sel Selection, at time.Time) {
		r.t.Helper()
		n, err := r.Schedule(r.ctx, sel, at)
		if err != nil || n != want {
			r.t.Fatalf("Schedule = %d, %v; want %d", n, err, want)
		}
	}
	schedule(1, Selection{Kinds: []forum.Kind{forum.KindBoard}, Sites: []string{siteID}}, r.clock.Now().Add(time.Hour))
	schedule(0, Selection{Keys: []string{"b1"}}, r.clock.Now().Add(2*time.Hour)) // due earlier already
	r.wait(time.Hour)
	schedule(0, Selection{Outcomes: []Outcome{Gone}, SettledBefore: r.clock.Now().Add(-time.Hour)}, r.clock.Now())
	schedule(1, Selection{Outcomes: []Outcome{Gone}}, r.clock.Now())
	r.next("t2")
	schedule(1, Selection{Keys: []string{"b1", "t2"}}, time.Time{})
}

func clockStepsBack(r *rig) {
	at := r.Observe()
	r.add(2, link("t1", 1), link("t2", 0))
	r.settle(r.next("t1"), Settlement{Outcome: OK, RetryAt: r.clock.Now().Add(time.Hour), SlotNextAt: r.clock.Now().Add(5 * time.Second)})
	r.clock.add(-30 * 24 * time.Hour)
	r.wait(5 * time.Second)
	r.clock.add(5 * time.Second)
	l := r.next("t2")
	if again := r.Observe(); !again.After(at) {
		r.t.Fatalf("observations do not rise: %v, then %v", at, again)
	}
	r.settle(l, Settlement{Outcome: OK, ObservedAt: r.Observe()})
	r.wait(time.Hour - 5*time.Second)
}

func badInput(r *rig) {
	stranger := link("t1", 0)
	stranger.Site = "nowhere.example.org"
	for name, l := range map[string]NewLink{"no key": {Site: siteID, Slot: slotA}, "unknown site": stranger} {
		if n, err := r.Add(r.ctx, link("good", 0), l); err == nil || n != 0 {
			r.t.Errorf("%s: Add = %d, %v", name, n, err)
		}
	}
	r.empty() // the good link of a refused batch is not half there
	r.add(1, link("t1", 0))
	l := r.next("t1")
	for name, v := range map[string]Settlement{
		"unknown outcome":       {Outcome: "great"},
		"no outcome":            {},
		"content behind a wall": {Outcome: Walled, Contributions: []forum.Contribution{thread(1, "x")}},
		"capture reference":     {Outcome: OK, Capture: "somewhere"},
		"no document":           {Outcome: OK, Contributions: []forum.Contribution{{Body: json.RawMessage(`{}`)}}},
		"body is not JSON":      {Outcome: OK, Contributions: []forum.Contribution{{Doc: forum.DocRef{Kind: forum.DocPost, Key: "p"}, Body: json.RawMessage(`{`)}}},
		"fold fails":            {Outcome: OK, Contributions: []forum.Contribution{{Doc: forum.DocRef{Kind: forum.DocPost, Key: "p"}, Body: json.RawMessage(`[1]`)}}},
	} {
		if err := r.Settle(r.ctx, l, v); err == nil {
			r.t.Errorf("%s: settled", name)
		}
	}
	r.settle(l, Settlement{Outcome: OK}) // the lease outlived the refusals
}

// retryByOutcome puts back what failed, with its attempts counted anew, and
// nothing else.
func retryByOutcome(r *rig) {
	outcomes := map[string]Outcome{"a": Failed, "b": OK, "c": Challenged, "d": Retry, "e": Failed}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		r.add(1, link(key, 0))
		r.settle(r.next(key), Settlement{Outcome: outcomes[key]})
	}
	n, err := r.Retry(r.ctx, siteID)
	r.must(err)
	wantEqual(r.t, "failed ones", n, 2)
	for _, key := range []string{"a", "e"} {
		r.settle(r.next(key), Settlement{Outcome: OK})
	}
	r.wait(time.Minute) // d keeps its time
	n, err = r.Retry(r.ctx, "", Challenged, Retry)
	r.must(err)
	wantEqual(r.t, "challenged and waiting ones", n, 2)
	r.settle(r.next("c"), Settlement{Outcome: OK})
	l := r.next("d")
	wantEqual(r.t, "attempts of a URL that was put back", l.Attempts, 0)
	r.settle(l, Settlement{Outcome: OK})
	r.empty()
	if n, err := r.Retry(r.ctx, "nowhere.example.org"); n != 0 || err != nil {
		r.t.Errorf("Retry of an unknown site: %d, %v", n, err)
	}
}

// scopeOfMany asks for more sites than are looked up one by one.
func scopeOfMany(r *rig) {
	var scope []string
	for i := range 2 * fewSites {
		site := "s" + itoa(i) + ".example.org"
		scope = append(scope, site)
		r.must(r.EnsureSite(r.ctx, Site{ID: site}))
		l := link("t1", 0)
		l.Site, l.Slot = site, site+":443"
		r.add(1, l)
	}
	r.add(1, link("other", 9))
	seen := map[string]bool{}
	for range scope {
		l, err := r.Next(r.ctx, scope...)
		r.must(err)
		seen[l.Site] = true
		if l.Site == scope[3] {
			r.settle(l, Settlement{Outcome: Retry, RetryAt: r.clock.Now().Add(time.Minute)})
			continue
		}
		if l.Site != scope[5] {
			r.settle(l, Settlement{Outcome: OK})
		}
	}
	wantEqual(r.t, "sites in scope", len(seen), len(scope))
	_, err := r.Next(r.ctx, scope...)
	wait, ok := errors.AsType[*WaitError](err)
	if !ok || wait.Until.Sub(r.clock.Now()) != time.Minute {
		r.t.Fatalf("Next: %v; want to wait for the retry in a minute", err)
	}
	r.clock.add(time.Hour) // the lease has expired too
	for range 2 {
		l, err := r.Next(r.ctx, scope...)
		r.must(err)
		r.settle(l, Settlement{Outcome: OK, SlotNextAt: r.clock.Now().Add(time.Hour)})
	}
	if _, err := r.Next(r.ctx, scope...); !errors.Is(err, ErrEmpty) {
		r.t.Fatalf("Next: %v; want ErrEmpty", err)
	}
	again := link("t2", 0)
	again.Site, again.Slot = scope[3], scope[3]+":443"
	r.add(1, again)
	_, err = r.Next(r.ctx, scope...)
	if wait, ok = errors.AsType[*WaitError](err); !ok || wait.Until.Sub(r.clock.Now()) != time.Hour {
		r.t.Fatalf("Next: %v; want to wait for the slot for an hour", err)
	}
	r.next("other")
}
