package state

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"forumine/extract/forum"
)

// visit is one capture of a page at its moment.
type visit struct {
	key string
	at  time.Time
	v   Settlement
}

// randomVisits makes captures of a few pages over the same documents. A post's
// thread may change (it was moved), titles and texts too.
func randomVisits(random *rand.Rand, start time.Time) []visit {
	var out []visit
	for i := range 40 {
		at := start.Add(time.Duration(i) * time.Minute)
		v := Settlement{Extractor: 1, Capture: fmt.Sprintf("a.warc.gz:%d", i), ObservedAt: at}
		for range 1 + random.IntN(6) {
			id := random.IntN(8)
			word := fmt.Sprintf("word %d", random.IntN(4))
			switch random.IntN(4) {
			case 0:
				v.Contributions = append(v.Contributions, say(forum.DocThread, threadKey(id%3), forum.RankListing, says{Title: word}))
			case 1:
				v.Contributions = append(v.Contributions, card(id%4, word))
			default:
				v.Contributions = append(v.Contributions, post(id, random.IntN(3), id%4, word))
			}
		}
		out = append(out, visit{fmt.Sprintf("page%d", random.IntN(6)), at, v})
	}
	return out
}

func settleAll(t *testing.T, random *rand.Rand, visits []visit) map[string]testDoc {
	t.Helper()
	clock := newClock()
	clock.add(365 * 24 * time.Hour)
	s := mustOpen(t, t.TempDir(), Options{Now: clock.Now})
	r := &rig{t: t, ctx: t.Context(), clock: clock, store: s}
	r.must(s.EnsureSite(r.ctx, Site{ID: siteID}))
	for _, v := range visits {
		r.settlePage(v.key, v.v)
		if random.IntN(5) == 0 {
			r.must(s.FoldAuthors(r.ctx))
		}
	}
	r.must(s.FoldAuthors(r.ctx))
	checkInvariants(t, s)
	got := dump(t, s)
	r.must(s.Close())
	return got
}

// TestOrderDoesNotMatter settles the same captures in many orders, some of them
// twice, and wants the same documents every time.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 7))
		visits := randomVisits(random, newClock().Now())
		want := settleAll(t, random, visits)
		if len(want) < 10 {
			t.Fatalf("seed %d makes only %d documents", seed, len(want))
		}
		for range 3 {
			shuffled := append([]visit{}, visits...)
			for range 10 {
				shuffled = append(shuffled, visits[random.IntN(len(visits))])
			}
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			wantEqual(t, fmt.Sprintf("documents of seed %d", seed), settleAll(t, random, shuffled), want)
		}
	}
}
